//! Receipts of whoever runs the log: he has its key and the seal's, but no witness's. Each row is another history than the one
//! that was vouched for, and what whoever verifies with a policy of his own is told. The last is what nobody sees.

use plico_journal::{Note, Proof};

use super::touched::Maker;
use super::*;

struct Row {
    name: &'static str,
    history: fn(u64) -> u64,
}

// The checkpoint that was vouched for before holds the events 0 to 2.
const ROWS: [Row; 5] = [
    Row { name: "an event is left out", history: |place| if place == 0 { 0 } else { place + 1 } },
    Row {
        name: "two events change places",
        history: |place| [0, 2, 1].get(place as usize).copied().unwrap_or(place),
    },
    Row { name: "an event is changed", history: |place| if place == 1 { 1000 } else { place } },
    Row {
        name: "an event is put before the checkpoint",
        history: |place| if place < 2 { place } else { 1000 + place },
    },
    Row { name: "it forks at the beginning", history: |place| 1000 + place },
];

/// The same keys, and a history of his own.
fn rewritten(history: fn(u64) -> u64) -> World {
    let mut world = World { history, witnessed: false, ..World::new() };
    world.issue();
    world
}

/// The lines by which others vouched for something, under what they did not vouch for.
fn borrowed(world: &World, of: &Note, by: &Note) -> String {
    let (of, by) = (of.to_string(), by.to_string());
    let signatures = by.split_once("\n\n").unwrap().1;
    let cosignatures = signatures.lines().filter(|line| !line.contains(world.log_key().name()));
    format!("{of}{}\n", cosignatures.collect::<Vec<_>>().join("\n"))
}

pub(super) fn histories(maker: &mut Maker<'_>) {
    let honest = maker.world;
    let vouched = Proof::parse(honest.enclosure.proof.as_ref().unwrap()).unwrap();
    for Row { name, history } in ROWS {
        let his = rewritten(history).enclosure;
        let file = maker.enclosed(&his);
        maker.add(&format!("incomplete:{name}, and nobody vouches for it"), file, |_| {});

        let file = maker.enclosed(&Enclosure { earlier: honest.enclosure.earlier.clone(), ..his.clone() });
        maker.add(&format!("failed:{name}, under the checkpoint that was vouched for"), file, |_| {});

        let proof = String::from_utf8(his.proof.clone().unwrap()).unwrap();
        let note = Proof::parse(proof.as_bytes()).unwrap().note;
        let proof = proof.replace(&note.to_string(), &borrowed(honest, &note, &vouched.note));
        let file = maker.enclosed(&Enclosure { proof: Some(proof.into_bytes()), ..his });
        maker.add(&format!("failed:{name}, with the cosignatures of the other history"), file, |_| {});
    }
    // He goes on from what was vouched for, with another event than the one that everybody saw afterwards.
    let fork = rewritten(|place| if place > EARLIER_SIZE { 1000 + place } else { place }).enclosure;
    let file = maker.enclosed(&Enclosure { earlier: honest.enclosure.earlier.clone(), ..fork });
    maker.add("incomplete:it forks after the checkpoint, and nobody vouches for it", file, |_| {});

    let file = maker.enclosed(&dated_back().enclosure);
    maker.add("ok:an event is dated back after the checkpoint", file, |_| {});
}

fn dated_back() -> World {
    let mut world = World { instant_ms: NOW - 86_400_000, ..World::new() };
    world.issue();
    world
}

/// What he can do: the instant is his word. The bounds are the witnesses', and say that it was shown later.
#[test]
fn a_date_of_his_own_stands_outside_of_the_bounds() {
    let world = dated_back();
    let report = verify(&world.receipt(), &world.documents(), Some(&world.policy()), NOW);
    assert_eq!(report.verdict, Verdict::Ok, "{report:#?}");
    let facts = &report.facts;
    assert!(facts.instant < facts.not_before, "{facts:#?}");
}
