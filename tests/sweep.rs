//! The daily sweep: what nobody needs goes, and nothing that anybody still names.

use std::time::Duration;

use plico::work;
use plico_database::args;
use plico_desk::draft::{Purpose, Words};
use plico_desk::upload::{Owner, Scan};
use plico_record::day::LegalDay;

use super::support::Town;

const DAY: Duration = Duration::from_hours(24);
/// Larger than what is kept as a row.
const LARGE: usize = 400_000;

async fn draft(town: &Town, subject: &str) -> String {
    let anna = town.as_person(&town.anna).await;
    let words = Words {
        kind: "istanza".into(),
        office: town.building.clone(),
        subject: subject.into(),
        text: "Chiedo il rimborso.".into(),
    };
    town.app.desk.begin_draft(&anna, Purpose::Filing, None, words).await.unwrap()
}

async fn attach(town: &Town, draft: &str, bytes: usize) -> Vec<u8> {
    let anna = town.as_person(&town.anna).await;
    let (owner, _) = town.app.desk.draft_files(&anna, draft).await.unwrap();
    put(town, &owner, bytes).await
}

/// Uploads a file; answers the name of its content.
async fn put(town: &Town, owner: &Owner, bytes: usize) -> Vec<u8> {
    let anna = town.as_person(&town.anna).await;
    let desk = &town.app.desk;
    let mut upload = desk.begin_upload(&anna, owner, "pianta.bin").await.unwrap();
    upload.write(&vec![7; bytes]).await.unwrap();
    let received = desk.finish_upload(upload, async |_| Scan::Off).await.unwrap();
    let sql = "select blob from upload where id = $1";
    let (blob,): (Vec<u8>,) = desk.archive().database().one(sql, args![received.id]).await.unwrap();
    blob
}

/// The sweep of today, as the worker runs it.
async fn sweep(town: &Town) {
    let archive = town.app.desk.archive();
    work::enqueue_sweep(archive, LegalDay::at(archive.now_ms())).await.unwrap();
    town.settle().await;
    let sql = "select count(*) from job where kind = 'sweep' and state <> 'done'";
    assert_eq!(archive.database().scalar_i64(sql, args![]).await.unwrap(), 0);
}

async fn count(town: &Town, sql: &'static str) -> i64 {
    town.app.desk.archive().database().scalar_i64(sql, args![]).await.unwrap()
}

/// Whether content of this name is there, as a row or as a file; files are made to look old.
async fn is_there(town: &Town, blob: &[u8]) -> bool {
    let row = "select count(*) from blob where digest = $1";
    let rows = town.app.desk.archive().database().scalar_i64(row, args![blob]).await.unwrap();
    rows > 0 || file_of(town, blob).exists()
}

fn file_of(town: &Town, blob: &[u8]) -> std::path::PathBuf {
    let name = plico_archive::hex(blob);
    town.folder().join("data/blobs").join(&name[..2]).join(&name[2..4]).join(&name)
}

/// As if it had been written before the town's clock began.
fn age(town: &Town, blob: &[u8]) {
    let file = std::fs::File::options().append(true).open(file_of(town, blob)).unwrap();
    file.set_modified(std::time::UNIX_EPOCH + Duration::from_secs(1)).unwrap();
}

#[tokio::test]
async fn forgotten_drafts_go_with_their_files() {
    let town = Town::with(|config| config.limits.draft_days = 30).await;
    let (old, touched, fresh) =
        (draft(&town, "Vecchia").await, draft(&town, "Ripresa").await, draft(&town, "Oggi").await);
    let (small, large) = (attach(&town, &old, 10).await, attach(&town, &old, LARGE).await);
    age(&town, &large);
    town.clock.advance(20 * DAY);
    // A file is a touch as a word is.
    let kept = attach(&town, &touched, LARGE).await;
    age(&town, &kept);
    town.clock.advance(9 * DAY);
    let anna = town.as_person(&town.anna).await;
    let words = Words { subject: "Oggi".into(), ..Words::default() };
    town.app.desk.save_draft(&anna, &fresh, words).await.unwrap();
    town.clock.advance(2 * DAY);
    sweep(&town).await;
    assert!(town.app.desk.draft(&anna, &old).await.is_err());
    assert!(town.app.desk.draft(&anna, &touched).await.is_ok());
    assert!(town.app.desk.draft(&anna, &fresh).await.is_ok());
    assert!(!is_there(&town, &small).await && !is_there(&town, &large).await);
    assert!(is_there(&town, &kept).await);
    assert_eq!(count(&town, "select count(*) from upload").await, 1);
}

#[tokio::test]
async fn content_that_a_filed_document_shares_stays() {
    let town = Town::with(|config| config.limits.draft_days = 30).await;
    let anna = town.as_person(&town.anna).await;
    for bytes in [10, LARGE] {
        let filed = draft(&town, "Presentata").await;
        let blob = attach(&town, &filed, bytes).await;
        // Another draft's file is the very same stored content.
        let other = draft(&town, "Dimenticata").await;
        let sql = "insert into upload (id, administration, owner, position, name, media_type, size, sha256, blob,
            epoch, wrapped, verification, sealed, scanned, created_ms) select id || 'x', administration, $1, position,
            name, media_type, size, sha256, blob, epoch, wrapped, verification, sealed, scanned, created_ms
            from upload where owner = $2";
        town.app.desk.archive().database().execute(sql, args![&other, &filed]).await.unwrap();
        town.app.desk.present(&anna, &filed).await.unwrap();
        if bytes == LARGE {
            age(&town, &blob);
        }
        town.clock.advance(31 * DAY);
        sweep(&town).await;
        assert!(town.app.desk.draft(&anna, &other).await.is_err());
        assert!(is_there(&town, &blob).await, "{bytes}");
    }
    let outcome = town.app.desk.archive().fsck().await.unwrap();
    assert!(outcome.clean, "{:?}", outcome.findings);
}

#[tokio::test]
async fn files_of_a_form_that_nobody_sent_go_after_a_week() {
    let town = Town::start().await;
    let operator = town.as_operator(&town.building_operator).await;
    let (owner, _) = town.app.desk.form_files(&operator, "modulo1").await.unwrap();
    let blob = put(&town, &owner, 10).await;
    town.clock.advance(6 * DAY);
    sweep(&town).await;
    assert!(is_there(&town, &blob).await);
    town.clock.advance(2 * DAY);
    sweep(&town).await;
    assert_eq!(count(&town, "select count(*) from upload").await, 0);
    assert!(!is_there(&town, &blob).await);
}

#[tokio::test]
async fn sessions_jobs_keys_and_leftovers_go_in_their_time() {
    let town = Town::start().await;
    let database = town.app.desk.archive().database();
    let session =
        "insert into session (token_hash, account, kind, level, csrf, created_ms, seen_ms, expires_ms,
        evidence) values ($1, 'anna', 'person', 'L2', $1, $2, $2, $3, $1)";
    let now = town.app.desk.archive().now_ms();
    for (token, ends) in [(1u8, now + 1000), (2, now + 400 * 86_400_000)] {
        database.execute(session, args![vec![token; 32], now, ends]).await.unwrap();
    }
    let key =
        "insert into idempotency (account, key, request, answer, created_ms) values ('a', $1, $2, 'm', $3)";
    for (name, age) in [("old", 91), ("young", 80)] {
        database.execute(key, args![name, vec![0u8; 32], now - age * 86_400_000]).await.unwrap();
    }
    let data = town.folder().join("data");
    for name in ["tmp/old", "tmp/young", "rebuilt-0011.db", "rebuilt-0022.db"] {
        let file = std::fs::File::create(data.join(name)).unwrap();
        let hours = if name.contains("old") || name.contains("0011") { 25 } else { 1 };
        let at = now.cast_unsigned() - hours * 3_600_000;
        file.set_modified(std::time::UNIX_EPOCH + Duration::from_millis(at)).unwrap();
    }
    sweep(&town).await;
    assert_eq!(count(&town, "select count(*) from idempotency").await, 1);
    assert!(!data.join("tmp/old").exists() && data.join("tmp/young").exists());
    assert!(!data.join("rebuilt-0011.db").exists() && data.join("rebuilt-0022.db").exists());
    assert_eq!(count(&town, "select count(*) from session").await, 2, "both go on");
    town.clock.advance(Duration::from_mins(31));
    town.clock.advance(DAY);
    sweep(&town).await;
    assert_eq!(count(&town, "select count(*) from session").await, 0, "ended, and idle");
    let done = count(&town, "select count(*) from job where state = 'done' and kind = 'sweep'").await;
    assert_eq!(done, 2, "both sweeps are remembered");
    town.clock.advance(90 * DAY);
    sweep(&town).await;
    let kinds = count(&town, "select count(*) from job where kind = 'sweep'").await;
    assert!(kinds <= 2, "{kinds}: done ones are forgotten");
    assert!(town.app.desk.archive().fsck().await.unwrap().clean);
}

#[tokio::test]
async fn a_sweep_that_fails_is_seen_by_the_administrator() {
    let town = Town::start().await;
    let archive = town.app.desk.archive();
    work::enqueue_sweep(archive, LegalDay::at(archive.now_ms())).await.unwrap();
    let jobs = archive.claim("test", 16, plico_archive::outbox::Wanted::All).await.unwrap();
    let job = jobs.into_iter().find(|job| job.kind == "sweep").unwrap();
    archive.finish("test", &job, plico_archive::outbox::Ended::GiveUp("no".into())).await.unwrap();
    let gaia = town.as_operator(&town.administrator).await;
    let (failing, counts) = town.app.desk.failing(&gaia).await.unwrap();
    assert_eq!((failing[0].kind.as_str(), counts.failed), ("sweep", 1));
    assert!(archive.replay(super::support::BODY, &job.id).await.unwrap());
}

#[tokio::test]
async fn what_a_disk_lost_is_red_before_anybody_asks_for_it() {
    let town = Town::start().await;
    let draft = draft(&town, "Tettoia").await;
    let blob = attach(&town, &draft, LARGE).await;
    let administrator = town.as_operator(&town.administrator).await;
    let events = "select count(*) from event where kind = 'integrity.checked'";
    let read = async || work::go_on_reading(&town.app, async |_| ()).await.unwrap();

    assert!(read().await, "a first pass is due");
    let health = town.app.desk.health(&administrator).await.unwrap();
    assert!(health.content.as_ref().is_some_and(|check| check.clean) && health.content_wrong == 0);
    assert!(!read().await, "the next one is not");
    assert_eq!(count(&town, events).await, 1);

    let name = plico_archive::hex(&blob);
    let path = town.folder().join(format!("data/blobs/{}/{}/{name}", &name[..2], &name[2..4]));
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[LARGE / 2] ^= 1;
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, &bytes).unwrap();
    town.clock.advance(DAY * 8);
    assert!(read().await);
    let health = town.app.desk.health(&administrator).await.unwrap();
    let check = health.content.unwrap();
    assert!(!check.clean && check.findings[0].contains(&name), "{check:?}");
    assert_eq!((health.content_wrong, count(&town, events).await), (1, 2));

    // A pass that broke off goes on from where it stood, and what is missing is found, too.
    std::fs::remove_file(&path).unwrap();
    town.clock.advance(DAY * 8);
    let archive = town.app.desk.archive();
    let mut pass = plico_archive::scrub::Pass::begin(archive.now_ms());
    for _ in 0..16 {
        archive.scrub(&mut pass, async |_| ()).await.unwrap();
    }
    assert_eq!(archive.pass().await.unwrap().as_ref(), Some(&pass));
    assert!(read().await);
    assert_eq!(archive.pass().await.unwrap().unwrap().began_ms, pass.began_ms);
    let sql = "delete from upload where owner is not null";
    archive.database().execute(sql, args![]).await.unwrap();
    // Nothing names it any more, so nothing is missing.
    town.clock.advance(DAY * 8);
    assert!(read().await);
    assert_eq!(town.app.desk.health(&administrator).await.unwrap().content_wrong, 0);
    assert_eq!(count(&town, events).await, 4);
}

/// What is stored while its shard is read is not missing.
#[tokio::test]
async fn what_comes_while_content_is_read_is_there() {
    let town = Town::start().await;
    let draft = draft(&town, "Tettoia").await;
    let blob = attach(&town, &draft, 20).await;
    let archive = town.app.desk.archive();
    // In the same shard, and before the one that is being read.
    let mut other = vec![0; blob.len()];
    other[0] = blob[0];
    let copy = "insert into upload (id, administration, owner, position, name, media_type, size, sha256, blob, epoch, wrapped,
        verification, sealed, scanned, created_ms) select 'other', administration, owner, 9, name, media_type, size, sha256,
        $1, epoch, wrapped, verification, sealed, scanned, created_ms from upload";
    let stored = std::sync::atomic::AtomicBool::new(false);
    let mut pass = plico_archive::scrub::Pass::begin(archive.now_ms());
    while !pass.is_over() {
        let store = async |_| {
            let none: i64 =
                archive.database().scalar_i64("select count(*) from upload", args![]).await.unwrap();
            if none == 1 && !stored.swap(true, std::sync::atomic::Ordering::Relaxed) {
                let row = "insert into blob (digest, bytes) values ($1, $2)";
                archive.database().execute(row, args![&other, vec![1u8]]).await.unwrap();
                archive.database().execute(copy, args![&other]).await.unwrap();
            }
        };
        archive.scrub(&mut pass, store).await.unwrap();
    }
    let missing: Vec<_> = pass.findings.iter().filter(|finding| finding.what.contains("not there")).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(stored.into_inner());
}
