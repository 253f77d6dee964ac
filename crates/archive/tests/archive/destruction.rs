//! Erasing: nothing of a message is left anywhere below the data, everything else stands as it was, and a rebuild makes the
//! same.

use std::collections::BTreeSet;
use std::hash::{BuildHasher as _, RandomState};

use plico_archive::{Archive, Authorisation, NewDocument, NewEvent, Rotation, Work, backup};
use plico_crypto::DataKey;
use plico_database::args;
use plico_record::act::Basis;
use plico_record::act::{
    CaseFileFiled, CaseFileOpened, DeliveryMadeAvailable, DestructionAuthorised, DestructionProposed,
    MessageHeld, MessageNoted, MessagePresented, MessageRegistered, NoticeFailed, RegistrationRectified,
};
use plico_record::actor::Actor;
use plico_record::part::{Party, RegisterPart, RegisteredDocument};
use plico_testkit::real::postgres;

use crate::ground::{BODY, Ground, LOG, act, citizen, content, document, entropy, formation, paths};
use crate::places::{found, places, server_forgets};

/// How many others share a blob with whom it is about; `ERASURE_OTHERS=100000` for the large run.
fn others() -> usize {
    std::env::var("ERASURE_OTHERS").ok().and_then(|text| text.parse().ok()).unwrap_or(2_000)
}

/// Documents of one event: as many as a leaf names.
const AT_ONCE: usize = 500;
const YEARS_MS: i64 = 12 * 366 * 86_400_000;

/// In her texts, files, names, notes and notices; the first ones stand in the clear in the lists.
const WORDS: [&str; 10] =
    ["TOPAZIO", "ONICE", "GRANATO", "DIASPRO", "OPALE", "VTLNLD", "nilde.", "SMERALDO", "AMETISTA", "RUBINO"];
const IN_THE_CLEAR: usize = 7;

/// Something of hers that is in no other place: its bytes as they would stand in a file.
struct Traces {
    /// Plain words and numbers, hers alone in this run: tests share a server.
    words: Vec<Vec<u8>>,
    /// Data keys, salts, wrapped keys, ciphertexts.
    secrets: Vec<Vec<u8>>,
}

/// A word of this archive alone: the tests share a server, and leave things there.
fn mark(ground: &Ground) -> String {
    let digest = plico_crypto::digest::sha256(ground.root.path().to_string_lossy().as_bytes());
    digest[..6].iter().map(|byte| char::from(b'A' + byte % 26)).collect()
}

fn party(person: &str, mark: &str) -> Party {
    Party {
        v: 1,
        role: "sender".into(),
        person: person.into(),
        name: "Nilde Vitali".into(),
        fiscal_code: Some(format!("VTLNLD{mark}")),
        email: Some(format!("nilde.{mark}@posta.example")),
        organisation: false,
    }
}

fn register(
    number: &plico_archive::register::Number,
    direction: &str,
    at: i64,
    of: &[NewDocument],
) -> RegisterPart {
    RegisterPart {
        v: 1,
        area: number.area.clone(),
        year: number.year,
        number: number.number,
        direction: direction.into(),
        at,
        presented: (direction == "in").then_some(at),
        parties: vec!["Nilde Vitali".into()],
        subject: "Rimborso".into(),
        office: "tributi".into(),
        documents: of
            .iter()
            .map(|d| RegisteredDocument { name: d.entry.name.clone(), sha256: d.entry.sha256.clone() })
            .collect(),
        outside: None,
    }
}

/// A document that somebody has under his own name: the same content, key and all, as another.
fn shared(id: String, of: &NewDocument) -> NewDocument {
    let mut entry = of.entry.clone();
    entry.id = id;
    NewDocument { entry, blob: of.blob, key: DataKey::new(*of.key.expose()), row: of.row.clone() }
}

/// What she filed, an answer to her, a note about her, a notice that failed; a rectification and a case file.
async fn nilde(ground: &Ground, common: &NewDocument) {
    let mark = mark(ground);
    let mut small =
        document(&ground.archive, "hers-1", format!("%PDF contenuto SMERALDO{mark}").as_bytes()).await;
    small.entry.name = format!("domanda-ONICE{mark}.pdf");
    let large: Vec<u8> = format!("AMETISTA{mark} ").bytes().cycle().take(400_000).collect();
    let large = document(&ground.archive, "hers-2", &large).await;
    assert!(large.row.is_none(), "a file of the vault");
    let papers = vec![small, large, shared("hers-3".into(), common)];
    let answer = document(&ground.archive, "answer-1", format!("risposta con RUBINO{mark}").as_bytes()).await;
    act(&ground.archive, move |work: &mut Work| {
        Box::pin(async move {
            let (who, office) = (citizen(), Actor::system(BODY));
            let mut words = content("hers");
            words.text = format!("Il mio segreto si chiama TOPAZIO{mark}.");
            let presented = MessagePresented {
                content: words,
                sender: "nilde".into(),
                basis: Basis::Identity,
                formation: formation(),
                due: None,
                arrival: None,
                others: vec![],
            };
            let number = work.next_number(BODY).await?;
            let part = register(&number, "in", work.now_ms(), &papers);
            let mut event = NewEvent::by(&who, "hers", presented);
            event.parties = vec![party("nilde", &mark)];
            event.documents = papers;
            work.append(event).await?;
            let registered = |message: &str, direction: &str, number: &plico_archive::register::Number| {
                MessageRegistered {
                    message: message.into(),
                    area: number.area.clone(),
                    year: number.year,
                    number: number.number,
                    direction: direction.into(),
                    outgoing: None,
                    formation: None,
                    from_office: None,
                }
            };
            let mut event = NewEvent::by(&who, "hers", registered("hers", "in", &number));
            event.register = Some(part);
            work.append(event).await?;
            let noted = MessageNoted { message: "hers".into(), note: "note".into() };
            let mut event = NewEvent::by(&office, "hers", noted);
            event.internal = Some(serde_json::json!({"v": 1, "text": format!("appunto DIASPRO{mark}")}));
            work.append(event).await?;
            let rectified = RegistrationRectified {
                message: "hers".into(),
                field: "subject".into(),
                old: "Rimborso".into(),
                new: "Rimborso corretto".into(),
                reason: "errore".into(),
            };
            work.append(NewEvent::by(&office, "hers", rectified)).await?;
            let opened = CaseFileOpened {
                case_file: "fascicolo".into(),
                office: "tributi".into(),
                year: 2026,
                number: work.next_case_number(BODY).await?.number,
                title: "Rimborsi".into(),
                class: String::new(),
                former: None,
            };
            work.append(NewEvent::by(&office, "fascicolo", opened)).await?;
            let filed = CaseFileFiled { case_file: "fascicolo".into(), message: "hers".into() };
            work.append(NewEvent::by(&office, "fascicolo", filed)).await?;
            let mut words = content("answer");
            words.text = format!("Le rispondo: GRANATO{mark}.");
            let number = work.next_number(BODY).await?;
            let part = register(&number, "out", work.now_ms(), std::slice::from_ref(&answer));
            let mut act = registered("answer", "out", &number);
            (act.outgoing, act.formation) = (Some(words), Some(formation()));
            let mut event = NewEvent::by(&office, "answer", act);
            event.parties = vec![party("nilde", &mark)];
            event.documents = vec![answer];
            event.register = Some(part);
            work.append(event).await?;
            let available = DeliveryMadeAvailable {
                delivery: "delivery".into(),
                message: "answer".into(),
                recipient: "nilde".into(),
                copy: false,
            };
            work.append(NewEvent::by(&office, "delivery", available)).await?;
            let failed = NoticeFailed {
                delivery: "delivery".into(),
                channel: "email".into(),
                answer: format!("550 OPALE{mark}"),
            };
            work.append(NewEvent::by(&office, "delivery", failed)).await?;
            Ok(())
        })
    })
    .await
    .unwrap();
}

/// Many others, each with a grant of his own to the same content.
async fn crowd(ground: &Ground, common: &NewDocument) {
    let wanted = others();
    let mut made = 0;
    while made < wanted {
        let count = AT_ONCE.min(wanted - made);
        let papers: Vec<NewDocument> =
            (made..made + count).map(|n| shared(format!("other-{n}"), common)).collect();
        let id = format!("others-{made}");
        act(&ground.archive, move |work: &mut Work| {
            Box::pin(async move {
                let presented = MessagePresented {
                    content: content(&id),
                    sender: "maria".into(),
                    basis: Basis::Identity,
                    formation: formation(),
                    due: None,
                    arrival: None,
                    others: vec![],
                };
                let mut event = NewEvent::by(&citizen(), &id, presented);
                event.documents = papers;
                work.append(event).await?;
                Ok(())
            })
        })
        .await
        .unwrap();
        made += count;
    }
}

const GRANTS: &str = "select thing, epoch, wrapped from access_grant where administration = 'borgo'";
const PARTS: &str = "select 'part:' || log || '/' || idx || '/' || name, sealed from part where log = $1";

async fn traces(ground: &Ground, gone: &BTreeSet<String>) -> Traces {
    let mark = mark(ground);
    let words = WORDS.map(|word| format!("{word}{mark}").into_bytes());
    let mut secrets = Vec::new();
    let grants: Vec<(String, i64, Vec<u8>)> = ground.archive.database().all(GRANTS, args![]).await.unwrap();
    for (thing, epoch, wrapped) in grants.into_iter().filter(|(thing, ..)| gone.contains(thing)) {
        let secret = ground.archive.unwrap(BODY, epoch as u32, &thing, &wrapped).await.unwrap();
        // Of the shared content the key is everybody's; the grant is her own.
        if thing != "document:hers-3" {
            secrets.extend(secret.chunks(32).map(<[u8]>::to_vec));
        }
        secrets.push(wrapped);
    }
    let parts: Vec<(String, Vec<u8>)> = ground.archive.database().all(PARTS, args![LOG]).await.unwrap();
    secrets.extend(
        parts
            .into_iter()
            .filter(|(thing, _)| gone.contains(thing))
            .map(|(_, sealed)| sealed[16..48].to_vec()),
    );
    Traces { words: words.into(), secrets }
}

fn authorisation() -> Authorisation {
    Authorisation {
        destruction: "scarto".into(),
        administration: BODY.into(),
        authority: "Soprintendenza".into(),
        number: "1842".into(),
        date: "2038-01-12".into(),
    }
}

async fn propose(ground: &Ground) {
    let office = Actor::system(BODY);
    let messages = vec!["hers".to_owned(), "answer".to_owned()];
    let proposed = DestructionProposed { destruction: "scarto".into(), messages };
    ground.append(NewEvent::by(&office, "scarto", proposed)).await.unwrap();
    let Authorisation { destruction, authority, number, date, .. } = authorisation();
    let authorised = DestructionAuthorised { destruction, authority, number, date, struck: vec![] };
    ground.append(NewEvent::by(&office, "scarto", authorised)).await.unwrap();
}

/// The whole way, as the desk's job goes it.
async fn destroy(ground: &Ground) {
    let messages = vec!["hers".to_owned(), "answer".to_owned()];
    let done = ground.archive.erase(&authorisation(), messages.clone()).await.unwrap();
    assert_eq!(done.erased, messages);
    ground.archive.forget_persons(BODY, "scarto").await.unwrap();
    ground.archive.forget_words().await.unwrap();
    let target = ground.archive.epoch_state(BODY).await.unwrap().newest + 1;
    while ground.archive.rotate(BODY, target).await.unwrap() == Rotation::Pending {}
    ground.archive.sweep_blobs().await.unwrap();
    assert!(ground.archive.database().rewrite().await.unwrap());
    ground.archive.sign_checkpoints().await.unwrap();
}

async fn settled() -> (Ground, NewDocument) {
    let ground = Ground::seeded(RandomState::new().hash_one(0)).await;
    ground.office("tributi").await;
    let common = document(&ground.archive, "common", b"%PDF avviso a tutti: CORALLO").await;
    let first = shared("first".into(), &common);
    act(&ground.archive, |work: &mut Work| {
        Box::pin(async move { Ok(crate::ground::present(work, "first", first).await?) })
    })
    .await
    .unwrap();
    nilde(&ground, &common).await;
    crowd(&ground, &common).await;
    ground.archive.index_events().await.unwrap();
    ground.archive.sign_checkpoints().await.unwrap();
    (ground, common)
}

/// Everything that opens something of hers.
async fn things(ground: &Ground) -> BTreeSet<String> {
    const OF: &str = "select 'part:' || e.log || '/' || e.idx || '/' || p.name from event e
        join part p on p.log = e.log and p.idx = e.idx join subject s on s.log = e.log and s.log_id = e.subject
        where s.id in ('hers', 'answer', 'delivery') and p.name <> 'register'
            and e.kind <> 'registration.rectified' and e.kind <> 'part.erased'";
    let rows: Vec<(String,)> = ground.archive.database().all(OF, args![]).await.unwrap();
    let mut things: BTreeSet<String> = rows.into_iter().map(|row| row.0).collect();
    things.extend(["hers-1", "hers-2", "hers-3", "answer-1"].map(|id| format!("document:{id}")));
    things
}

#[tokio::test]
async fn nothing_of_hers_is_left_and_everything_else_stands() {
    let (ground, _) = settled().await;
    propose(&ground).await;
    ground.later(YEARS_MS);
    let gone = things(&ground).await;
    let traces = traces(&ground, &gone).await;
    ground.archive.database().checkpoint_wal().await.unwrap();
    if ground.paths.database.file().is_none() {
        postgres::flush().unwrap();
    }
    // A search that finds nothing before would prove nothing after.
    let before: Vec<_> = places(&ground).iter().flat_map(|place| found(place, &traces.words)).collect();
    let seen: BTreeSet<usize> = before.iter().map(|hit| hit.1).collect();
    for (n, word) in WORDS.iter().enumerate().take(IN_THE_CLEAR) {
        assert!(seen.contains(&n), "{word} stands in the clear before");
    }
    let places_of_secrets: Vec<_> = places(&ground).iter().flat_map(|p| found(p, &traces.secrets)).collect();
    assert!(places_of_secrets.len() > 20, "wrapped keys and ciphertexts are found before");

    destroy(&ground).await;
    let left = || -> Vec<String> {
        let named = |(path, n): (_, usize), list: &[Vec<u8>]| {
            format!("{path:?}: {}", String::from_utf8_lossy(&list[n]))
        };
        let places = places(&ground);
        let words =
            places.iter().flat_map(|place| found(place, &traces.words)).map(|hit| named(hit, &traces.words));
        let secrets = places
            .iter()
            .flat_map(|place| found(place, &traces.secrets))
            .map(|hit| named(hit, &traces.secrets));
        words.chain(secrets).collect()
    };
    // The cluster is shared: its log goes when nobody else's transaction needs it any more.
    for _ in 0..40 {
        server_forgets(&ground);
        if left().is_empty() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(500));
    }
    assert_eq!(left(), Vec::<String>::new());
    assert!(
        ground
            .archive
            .search()
            .search(&plico_search::Query {
                administration: BODY.into(),
                text: format!("topazio{}", mark(&ground)),
                limit: 5,
                ..plico_search::Query::default()
            })
            .unwrap()
            .hits
            .is_empty()
    );
    stands(&ground).await;
}

/// The others read what they shared with her, the register has its entries, everything verifies and is rebuilt the same.
async fn stands(ground: &Ground) {
    let archive = &ground.archive;
    for id in ["first".to_owned(), "other-0".into(), format!("other-{}", others() - 1)] {
        let bytes = archive.open_document(&id).await.unwrap().read_all(1000).await.unwrap();
        assert_eq!(bytes, b"%PDF avviso a tutti: CORALLO", "{id}");
    }
    assert!(archive.open_document("hers-3").await.is_err());
    let entries: Vec<(String, String, String)> = archive
        .database()
        .all("select message, subject, parties from registration where message in ('answer', 'hers') order by message", args![])
        .await
        .unwrap();
    let entry =
        |message: &str, subject: &str| (message.to_owned(), subject.to_owned(), "Nilde Vitali".to_owned());
    assert_eq!(entries, [entry("answer", "Rimborso"), entry("hers", "Rimborso corretto")]);
    let outcome = archive.fsck().await.unwrap();
    assert!(outcome.clean, "{:?}", outcome.findings);
}

#[tokio::test]
async fn a_crash_after_any_step_leaves_nothing_half() {
    let (ground, _) = settled().await;
    propose(&ground).await;
    ground.later(YEARS_MS);
    let archive = &ground.archive;
    let check = async || {
        archive.sign_checkpoints().await.unwrap();
        let outcome = archive.fsck().await.unwrap();
        assert!(outcome.clean, "{:?}", outcome.findings);
    };
    archive.erase(&authorisation(), vec!["hers".into()]).await.unwrap();
    // Known again as far as something else of hers is there: the two events of her answer.
    archive.forget_persons(BODY, "scarto").await.unwrap();
    check().await;
    let person = "select count(*) from person where id = 'nilde'";
    assert_eq!(archive.database().scalar_i64(person, args![]).await.unwrap(), 1);
    // Done twice is done once.
    let again = archive.erase(&authorisation(), vec!["hers".into(), "answer".into()]).await.unwrap();
    assert_eq!(again.erased, ["answer"]);
    archive.forget_persons(BODY, "scarto").await.unwrap();
    assert_eq!(archive.database().scalar_i64(person, args![]).await.unwrap(), 0);
    check().await;
    let rebuilt = archive.rebuild().await.unwrap();
    assert!(rebuilt > 5);
    check().await;
}

#[tokio::test]
async fn under_a_hold_nothing_goes() {
    let (ground, _) = settled().await;
    propose(&ground).await;
    let held = MessageHeld { message: "hers".into(), reason: "causa pendente".into() };
    ground.append(NewEvent::by(&Actor::system(BODY), "hers", held)).await.unwrap();
    let done = ground.archive.erase(&authorisation(), vec!["hers".into(), "answer".into()]).await.unwrap();
    assert_eq!((done.held, done.erased), (vec!["hers".to_owned()], vec!["answer".to_owned()]));
    assert!(ground.archive.open_document("hers-1").await.is_ok());
}

#[tokio::test]
async fn what_was_destroyed_stays_destroyed_in_an_old_backup() {
    let (ground, _) = settled().await;
    let at = |name: &str| ground.root.path().join(name);
    ground.archive.back_up(&ground.paths, &at("old.tar"), &at("old.keys")).await.unwrap();
    propose(&ground).await;
    ground.later(YEARS_MS);
    let gone = things(&ground).await;
    let traces = traces(&ground, &gone).await;
    destroy(&ground).await;
    ground.archive.back_up(&ground.paths, &at("new.tar"), &at("new.keys")).await.unwrap();
    for (data, name) in [("old.tar", "old"), ("new.tar", "new")] {
        let root = tempfile::tempdir().unwrap();
        let into = paths(root.path());
        backup::restore(&at(data), &at("new.keys"), &into, ground.clock.clone(), entropy(80)).await.unwrap();
        let archive = Archive::open_beside(&into, ground.clock.clone(), entropy(81)).await.unwrap();
        for id in ["hers-1", "hers-2", "hers-3", "answer-1"] {
            assert!(archive.open_document(id).await.is_err(), "{name}: {id}");
        }
        assert_eq!(archive.compare_rebuilt().await.unwrap(), [], "{name}");
        let findings = archive.fsck().await.unwrap().findings;
        let other: Vec<_> = findings.iter().filter(|f| !f.what.contains("read-only")).collect();
        assert!(other.is_empty(), "{name}: {other:?}");
        archive.close().await;
        if into.database.file().is_some() {
            let words = found(&into.data, &traces.words);
            assert!(words.is_empty(), "{name}: {words:?}");
        }
    }
}
