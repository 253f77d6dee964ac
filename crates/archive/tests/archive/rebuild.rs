//! What is derived can be derived again: rebuilt equals live over random sequences of acts.

use plico_archive::{ArchiveError, NewEvent, Work};
use plico_database::args;
use plico_record::act::{
    Act, ArchiveRead, CaseFileClosed, CaseFileFiled, CaseFileOpened, DelegationAccepted, DelegationGranted,
    DelegationRevoked, DeliveryMadeAvailable, DeliveryOpened, DeliveryUnavailable, DocumentIssued,
    DocumentQuarantined, DocumentWithdrawn, MandateGranted, MessageAddedTo, MessageAnswered, MessageAssigned,
    MessageAssignmentRefused, MessageNoted, MessageRegistered, MessageSupplementRequested,
    MessageTakenInCharge, MessageWithdrawn, NoticeFailed, NoticeSent, RegistrationAnnulled,
    RegistrationRectified, RoleChanged, SettingChanged, UserChanged,
};
use plico_record::actor::Actor;
use plico_record::part::{RegisterPart, RegisteredDocument};
use proptest::prelude::*;

use crate::ground::{BODY, Ground, act, content, document, formation, office, present};

const DUMPS: [&str; 5] = [
    "select id || state || office || coalesce(number, 0) || coalesce(operator, '-') from message order by id",
    "select number || subject || parties || coalesce(annulled_ms, 0) from registration order by year, number",
    "select id || coalesce(opened_ms, 0) || coalesce(withdrawn_ms, 0) || coalesce(notice, '') from delivery order by id",
    "select owner || name || value from tally order by owner, name",
    "select area || year || ' ' || next from register_head order by area, year",
];

/// What already exists, so that an act has something to happen to.
#[derive(Default)]
struct Town {
    messages: Vec<String>,
    deliveries: Vec<(String, String)>,
    cases: Vec<String>,
    events: u32,
}

fn pick<T: Clone>(list: &[T], which: u8) -> Option<T> {
    list.get(usize::from(which) % list.len().max(1)).cloned()
}

async fn outgoing(ground: &Ground, id: String, delivery: String, who: Actor) -> Result<(), ArchiveError> {
    let paper = document(&ground.archive, &format!("{id}-1"), id.as_bytes()).await;
    act(&ground.archive, move |work: &mut Work| {
        Box::pin(async move {
            let number = work.next_number(BODY).await?;
            let documents = vec![RegisteredDocument {
                name: paper.entry.name.clone(),
                sha256: paper.entry.sha256.clone(),
            }];
            let mut event = NewEvent::by(
                &who,
                &id,
                MessageRegistered {
                    message: id.clone(),
                    area: number.area.clone(),
                    year: number.year,
                    number: number.number,
                    direction: "out".into(),
                    outgoing: Some(content(&id)),
                    formation: Some(formation()),
                    from_office: None,
                },
            );
            event.documents = vec![paper];
            event.register = Some(RegisterPart {
                v: 1,
                area: number.area,
                year: number.year,
                number: number.number,
                direction: "out".into(),
                at: work.now_ms(),
                presented: None,
                parties: vec!["Maria Rossi".into()],
                subject: "Risposta".into(),
                office: "tributi".into(),
                documents,
                outside: None,
            });
            work.append(event).await?;
            let available = DeliveryMadeAvailable {
                delivery: delivery.clone(),
                message: id,
                recipient: "maria".into(),
                copy: false,
            };
            work.append(NewEvent::by(&who, delivery, available)).await?;
            Ok(())
        })
    })
    .await
}

/// The act that a byte stands for, on something a second byte chooses; its subject beside it.
fn acted(town: &Town, step: u8, which: u8) -> Option<(String, Act)> {
    let message = pick(&town.messages, which)?;
    let delivery = || pick(&town.deliveries, which);
    let reason = "prova".to_owned();
    let other = if which.is_multiple_of(2) { "anagrafe" } else { "tributi" }.to_owned();
    let fresh = format!("e{}", town.events);
    Some(match step % 22 {
        2 => (
            message.clone(),
            MessageAssigned { message, office: other, operator: None, purpose: "competence".into() }.into(),
        ),
        3 => (
            message.clone(),
            MessageAssigned { message, office: other, operator: None, purpose: "knowledge".into() }.into(),
        ),
        4 => (
            message.clone(),
            MessageAssignmentRefused { message, office: other, reason, purpose: String::new() }.into(),
        ),
        5 => (
            message.clone(),
            MessageTakenInCharge { message, operator: "bruno".into(), responsible: "Anna".into() }.into(),
        ),
        6 => (message.clone(), MessageSupplementRequested { message, by_message: fresh }.into()),
        7 => (message.clone(), MessageAddedTo { message, by_message: fresh }.into()),
        8 => (
            message.clone(),
            MessageAnswered { message, by_message: fresh, outcome: "granted".into() }.into(),
        ),
        9 => (message.clone(), MessageWithdrawn { message, reason }.into()),
        10 => (message.clone(), MessageNoted { message, note: fresh }.into()),
        11 => (
            message.clone(),
            RegistrationRectified {
                message,
                field: if which.is_multiple_of(2) { "subject" } else { "parties" }.into(),
                old: "a".into(),
                new: fresh,
                reason,
            }
            .into(),
        ),
        12 => {
            (message.clone(), RegistrationAnnulled { message, reason, authorisation: "Atto 1".into() }.into())
        }
        13 => {
            let (d, _) = delivery()?;
            (
                d.clone(),
                DeliveryOpened { delivery: d, opened_as: "recipient".into(), by: "page".into() }.into(),
            )
        }
        14 => {
            let (d, _) = delivery()?;
            (d.clone(), DeliveryUnavailable { delivery: d, reason }.into())
        }
        15 => {
            let (d, _) = delivery()?;
            (d.clone(), NoticeSent { delivery: d, channel: "email".into(), answer: "250".into() }.into())
        }
        16 => {
            let (d, _) = delivery()?;
            (d.clone(), NoticeFailed { delivery: d, channel: "email".into(), answer: "550".into() }.into())
        }
        17 => {
            let (_, m) = delivery()?;
            let document = format!("{m}-1");
            (document.clone(), DocumentIssued { document, message: m, category: "certificate".into() }.into())
        }
        18 => {
            let (_, m) = delivery()?;
            let document = format!("{m}-1");
            (document.clone(), DocumentWithdrawn { document, message: m, reason }.into())
        }
        19 => {
            let document = format!("{message}-1");
            (document.clone(), DocumentQuarantined { document, found: "Eicar".into() }.into())
        }
        20 => {
            let case = pick(&town.cases, which)?;
            (case.clone(), CaseFileFiled { case_file: case, message }.into())
        }
        _ => {
            let case = pick(&town.cases, which)?;
            (case.clone(), CaseFileClosed { case_file: case }.into())
        }
    })
}

fn granted(n: u32) -> DelegationGranted {
    DelegationGranted {
        delegation: format!("g{n}"),
        holder: "anna".into(),
        delegate: "bruno".into(),
        until: "2027-12-31".into(),
    }
}

fn mandated(n: u32) -> MandateGranted {
    MandateGranted {
        mandate: format!("g{n}"),
        holder: "fornace".into(),
        delegate: "anna".into(),
        title: "attorney".into(),
        evidence: format!("procura n. {n}"),
        until: None,
    }
}

fn settled(step: u8, n: u32) -> Act {
    match step % 9 {
        5 => granted(n).into(),
        6 => DelegationAccepted { delegation: format!("g{}", n / 2) }.into(),
        7 => DelegationRevoked { delegation: format!("g{}", n / 3) }.into(),
        8 => mandated(n).into(),
        0 => UserChanged {
            account: "bruno".into(),
            login: format!("bruno{n}"),
            name: "Bruno".into(),
            email: "b@example.org".into(),
            active: n.is_multiple_of(2),
            fiscal_code: if n.is_multiple_of(3) { String::new() } else { "RNLNDA80A41L378N".into() },
        }
        .into(),
        1 => RoleChanged {
            account: "bruno".into(),
            roles: vec!["operator".into()],
            offices: vec!["tributi".into(), "anagrafe".into()][..(n % 3) as usize].to_vec(),
        }
        .into(),
        2 => SettingChanged {
            name: if n.is_multiple_of(2) { "body.name" } else { "limits" }.into(),
            old: None,
            new: serde_json::json!(format!("valore {n}")),
        }
        .into(),
        3 => {
            ArchiveRead { what: "message".into(), thing: format!("m{n}"), reason: "controllo".into() }.into()
        }
        _ => office(if n.is_multiple_of(2) { "anagrafe" } else { "tributi" }).into(),
    }
}

async fn step(ground: &Ground, town: &mut Town, step: u8, which: u8) {
    town.events += 1;
    let n = town.events;
    ground.later(i64::from(which) * 1000 - 20_000);
    let system = Actor::system(BODY);
    match step % 30 {
        0 | 22 | 23 => {
            ground.file(&format!("m{n}"), format!("contenuto {n}").as_bytes()).await;
            town.messages.push(format!("m{n}"));
        }
        1 | 24 => {
            let (id, delivery) = (format!("o{n}"), format!("d{n}"));
            outgoing(ground, id.clone(), delivery.clone(), system).await.unwrap();
            town.messages.push(id.clone());
            town.deliveries.push((delivery, id));
        }
        25 => {
            let number = act(&ground.archive, move |work: &mut Work| {
                Box::pin(async move {
                    let number = work.next_case_number(BODY).await?;
                    let opened = CaseFileOpened {
                        case_file: format!("c{n}"),
                        office: "tributi".into(),
                        year: number.year,
                        number: number.number,
                        title: "Pratica".into(),
                        class: String::new(),
                        former: None,
                    };
                    work.append(NewEvent::by(&Actor::system(BODY), format!("c{n}"), opened)).await?;
                    Ok(number)
                })
            });
            number.await.unwrap();
            town.cases.push(format!("c{n}"));
        }
        26..=29 => {
            let act = settled(which, n);
            let subject = match &act {
                Act::DelegationGranted(act) => act.delegation.clone(),
                Act::DelegationAccepted(act) => act.delegation.clone(),
                Act::DelegationRevoked(act) => act.delegation.clone(),
                Act::MandateGranted(act) => act.mandate.clone(),
                Act::UserChanged(act) => act.account.clone(),
                Act::RoleChanged(act) => act.account.clone(),
                _ => "settings".into(),
            };
            ground.append(NewEvent::by(&system, subject, act)).await.unwrap();
        }
        other => {
            if let Some((subject, done)) = acted(town, other, which) {
                let mut event = NewEvent::by(&system, subject, done);
                if matches!(event.act, Act::MessageNoted(_)) {
                    event.internal = Some(serde_json::json!({"v": 1, "text": "fra noi"}));
                }
                ground.append(event).await.unwrap();
            }
        }
    }
}

async fn dump(ground: &Ground) -> Vec<Vec<(String,)>> {
    let mut all = Vec::new();
    for sql in DUMPS {
        all.push(ground.archive.database().all(sql, args![]).await.unwrap());
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn rebuilt_equals_live(steps in proptest::collection::vec((any::<u8>(), any::<u8>()), 10..50)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let ground = Ground::new().await;
            ground.office("tributi").await;
            ground.office("anagrafe").await;
            let mut town = Town::default();
            step(&ground, &mut town, 0, 0).await;
            step(&ground, &mut town, 1, 0).await;
            for (what, which) in steps {
                step(&ground, &mut town, what, which).await;
            }
            assert_eq!(ground.archive.compare_rebuilt().await.unwrap(), []);
            let live = dump(&ground).await;
            ground.archive.rebuild().await.unwrap();
            assert_eq!(dump(&ground).await, live);
            // Its numbers go on where they were.
            let before = ground.archive.database().scalar_i64(
                "select coalesce(max(number), 0) from registration where year = 2026", args![]).await.unwrap();
            assert_eq!(ground.file("last", b"ultimo").await.cast_signed(), before + 1);
            while ground.archive.sign_checkpoints().await.unwrap() {}
            assert_eq!(ground.archive.fsck().await.unwrap().findings, vec![]);
        });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_check_or_a_rebuild_in_the_middle_of_filings_is_right() {
    let ground = Ground::new().await;
    ground.office("tributi").await;
    let mut tasks = Vec::new();
    for task in 0..8 {
        let archive = ground.archive.clone();
        tasks.push(tokio::spawn(async move {
            for n in 0..10 {
                let id = format!("m{task}-{n}");
                let paper = document(&archive, &format!("{id}-1"), id.as_bytes()).await;
                act(&archive, move |work| Box::pin(async move { Ok(present(work, &id, paper).await?) }))
                    .await
                    .unwrap();
            }
        }));
    }
    for _ in 0..4 {
        assert_eq!(ground.archive.compare_rebuilt().await.unwrap(), []);
        ground.archive.rebuild().await.unwrap();
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(ground.archive.compare_rebuilt().await.unwrap(), []);
    let messages =
        ground.archive.database().scalar_i64("select count(*) from message", args![]).await.unwrap();
    assert_eq!(messages, 80);
}
