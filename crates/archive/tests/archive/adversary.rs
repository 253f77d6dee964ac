//! Whoever runs the server has every right and every key of it, but no witness's. Each row is what he does with them, by
//! the real program on a copy of the archive, so that nothing in it is wrong in itself; and who sees it all the same: the
//! holder of one checkpoint that was vouched for before. The last rows are what nobody sees.

use plico_archive::fsck::Check;
use plico_journal::note::VerifierKey;
use plico_journal::witness::{Refusal, Request, decide};
use plico_journal::{Checkpoint, merkle};

use crate::ground::{Ground, LOG};

const HOUR: i64 = 3_600_000;

/// What is done with an archive, one after the other.
#[derive(Clone, Copy)]
enum Step {
    /// Files a message with this content.
    File(&'static str, &'static [u8]),
    /// Moves the clock, forwards or back.
    Clock(i64),
}
use Step::{Clock, File};

/// Where the adversary takes his copy of everything, keys and signer's state with it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    /// Before anything that concerns anybody.
    Beginning,
    /// When the checkpoint was vouched for.
    Vouched,
}

struct Row {
    name: &'static str,
    from: From,
    steps: &'static [Step],
    /// What `fsck` says when it is given the checkpoint; none: nothing.
    fsck: Option<&'static str>,
    /// What a witness says that remembers it.
    witness: Says,
}

#[derive(Debug, PartialEq, Eq)]
enum Says {
    Cosigns,
    /// That it is no extension of what was cosigned.
    OtherHistory,
    /// That it has cosigned a longer one.
    Shorter,
}

const OTHER: Option<&str> = Some("it is another history");

// What was vouched for: m1 at 0 h, m2 at 1 h, m3 at 2 h.
const ROWS: &[Row] = &[
    Row {
        name: "leaves an event out",
        from: From::Beginning,
        steps: &[Clock(2 * HOUR), File("m3", b"tre"), File("m4", b"quattro")],
        fsck: OTHER,
        witness: Says::OtherHistory,
    },
    Row {
        name: "leaves it out and has fewer",
        from: From::Beginning,
        steps: &[Clock(2 * HOUR), File("m3", b"tre")],
        fsck: Some("it ends before"),
        witness: Says::Shorter,
    },
    Row {
        name: "changes the order",
        from: From::Beginning,
        steps: &[Clock(HOUR), File("m3", b"tre"), Clock(HOUR), File("m2", b"due"), File("m4", b"quattro")],
        fsck: OTHER,
        witness: Says::OtherHistory,
    },
    Row {
        name: "changes when something happened",
        from: From::Beginning,
        steps: &[Clock(HOUR / 2), File("m2", b"due"), Clock(HOUR + HOUR / 2), File("m3", b"tre")],
        fsck: OTHER,
        witness: Says::OtherHistory,
    },
    Row {
        name: "changes what was filed",
        from: From::Beginning,
        steps: &[Clock(HOUR), File("m2", b"altro"), Clock(HOUR), File("m3", b"tre")],
        fsck: OTHER,
        witness: Says::OtherHistory,
    },
    Row {
        name: "backdates something before the checkpoint",
        from: From::Beginning,
        steps: &[Clock(HOUR), File("m2", b"due"), File("x", b"retrodatato"), Clock(HOUR), File("m3", b"tre")],
        fsck: OTHER,
        witness: Says::OtherHistory,
    },
    Row {
        name: "forks, and goes on with a longer history",
        from: From::Beginning,
        steps: &[File("a", b"a"), File("b", b"b"), File("c", b"c"), File("d", b"d"), File("e", b"e")],
        fsck: OTHER,
        witness: Says::OtherHistory,
    },
    Row {
        name: "rolls back data and signer's state together",
        from: From::Beginning,
        steps: &[],
        fsck: Some("it ends before"),
        witness: Says::Shorter,
    },
    // What he can do. Of an act that was never recorded nobody but its sender knows, who has no receipt.
    Row {
        name: "never records an act",
        from: From::Vouched,
        steps: &[Clock(HOUR), File("m5", b"un altro atto")],
        fsck: None,
        witness: Says::Cosigns,
    },
    Row {
        name: "records an act late",
        from: From::Vouched,
        steps: &[Clock(48 * HOUR), File("m4", b"quattro")],
        fsck: None,
        witness: Says::Cosigns,
    },
    // His clock says what he wants. The next checkpoint says that it was *shown* afterwards, and no more.
    Row {
        name: "backdates something after the checkpoint",
        from: From::Vouched,
        steps: &[Clock(1), File("m5", b"scritto il giorno dopo")],
        fsck: None,
        witness: Says::Cosigns,
    },
    Row {
        name: "drops what nobody has vouched for yet",
        from: From::Vouched,
        steps: &[],
        fsck: None,
        witness: Says::Cosigns,
    },
];

async fn play(ground: &Ground, steps: &[Step]) {
    for step in steps {
        match step {
            File(id, content) => drop(ground.file(id, content).await),
            Clock(ms) => ground.later(*ms),
        }
    }
    while ground.archive.sign_checkpoints().await.expect("the key signs whatever its holder wants") {}
}

/// A copy of everything, with a clock of its own.
async fn copy(ground: &Ground, seed: u64) -> Ground {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};
    let (root, paths) = ground.copied().await;
    let clock = Arc::new(crate::ground::Fixed(AtomicI64::new(ground.clock.0.load(Ordering::SeqCst))));
    let entropy = crate::ground::entropy(seed);
    let archive = plico_archive::Archive::open(&paths, clock.clone(), entropy).await.expect("a copy opens");
    Ground { root, paths, clock, archive }
}

async fn newest(ground: &Ground) -> Checkpoint {
    let row = ground.archive.last_checkpoint(LOG).await.unwrap().unwrap();
    Checkpoint::parse_note(row.note.as_bytes()).unwrap().0
}

/// What a witness says that cosigned `kept`, when it is shown what the archive has now.
async fn shown(ground: &Ground, kept: &Checkpoint) -> Says {
    let archive = &ground.archive;
    let log = archive.logs().await.unwrap().remove(1);
    let keys = [archive.verifier_key(&log.origin).unwrap()];
    let row = archive.last_checkpoint(LOG).await.unwrap().unwrap();
    let Some(request) = archive.show(&log, &row, kept.size).await.unwrap() else {
        // The honest program does not even ask. A false proof, or an older start, does not help either.
        assert!(row.size.cast_unsigned() < kept.size);
        for old in 0..=kept.size {
            let request = archive.show(&log, &row, old.min(row.size.cast_unsigned())).await.unwrap().unwrap();
            assert!(refused(&keys, kept, &Request { old, ..request }));
        }
        return Says::Shorter;
    };
    match decide(&keys, (kept.size, kept.root), &request) {
        Ok(()) => Says::Cosigns,
        Err(Refusal::OtherRoot(_) | Refusal::Inconsistent(_)) => {
            // Nor does any other proof that he can make of his own tree.
            for old in 0..=request.checkpoint.size {
                let other = archive.show(&log, &row, old).await.unwrap().unwrap();
                assert!(refused(&keys, kept, &Request { old: kept.size, ..other }), "a proof from {old}");
            }
            Says::OtherHistory
        }
        Err(other) => panic!("{other}"),
    }
}

fn refused(keys: &[VerifierKey], kept: &Checkpoint, request: &Request) -> bool {
    decide(keys, (kept.size, kept.root), request).is_err()
}

#[tokio::test]
async fn whoever_has_every_key_but_the_witnesses_is_seen() {
    let honest = Ground::new().await;
    honest.office("tributi").await;
    play(&honest, &[File("m1", b"uno")]).await;
    let beginning = copy(&honest, 41).await;
    play(&honest, &[Clock(HOUR), File("m2", b"due"), Clock(HOUR), File("m3", b"tre")]).await;
    let vouched = copy(&honest, 42).await;
    let kept = newest(&honest).await;
    play(&honest, &[Clock(HOUR), File("m4", b"quattro")]).await;
    assert_eq!(shown(&honest, &kept).await, Says::Cosigns, "an honest log goes on");
    assert_ne!(kept.root, merkle::empty_root());

    let mut wrong = Vec::new();
    for (seed, row) in (100u64..).zip(ROWS) {
        let ground = copy(if row.from == From::Beginning { &beginning } else { &vouched }, seed).await;
        play(&ground, row.steps).await;
        let alone = ground.archive.fsck().await.unwrap().findings;
        let against = ground
            .archive
            .fsck_as(&Check { kept: std::slice::from_ref(&kept), ..Check::default() })
            .await
            .unwrap()
            .findings;
        let says = shown(&ground, &kept).await;
        let seen = against.iter().any(|found| row.fsck.is_some_and(|what| found.what.contains(what)));
        // He knows his trade: alone the archive looks whole.
        if !alone.is_empty()
            || seen != row.fsck.is_some()
            || !seen && !against.is_empty()
            || says != row.witness
        {
            wrong.push(format!("{}: alone {alone:?}; with the checkpoint {against:?}; {says:?}", row.name));
        }
        ground.archive.database().close().await;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn of_two_histories_each_holder_sees_the_other() {
    let honest = Ground::new().await;
    honest.office("tributi").await;
    play(&honest, &[File("m1", b"uno")]).await;
    let other = copy(&honest, 43).await;
    play(&honest, &[File("m2", b"due")]).await;
    play(&other, &[File("m2", b"due, ma diverso")]).await;
    let (mine, his) = (newest(&honest).await, newest(&other).await);
    assert_eq!(mine.size, his.size);
    for (ground, kept) in [(&honest, &his), (&other, &mine)] {
        let found = ground
            .archive
            .fsck_as(&Check { kept: std::slice::from_ref(kept), ..Check::default() })
            .await
            .unwrap()
            .findings;
        assert!(found.iter().any(|found| found.what.contains("another history")), "{found:?}");
        assert_eq!(shown(ground, kept).await, Says::OtherHistory);
    }
}
