//! Others vouch for the logs: the real witness, one that misbehaves in every way, a real time-stamping authority; what
//! reaches receipts and whoever verifies them, and that nothing of it stops a filing.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use plico::http::server;
use plico::witness::{self, Witness};
use plico::work::ask_for_evidence;
use plico_archive::vouch::Voucher;
use plico_courier::witness::simulator::{self, Fault};
use plico_evidence::{CheckName, CheckResult, Given, Policy, Report, Verdict};
use plico_journal::note::{Algorithm, VerifierKey};
use plico_journal::{Checkpoint, Policy as LogPolicy};
use plico_signature::forge::{KeyKind, Pki, Subject};
use plico_testkit::http::Service;
use plico_testkit::real::{or_say, tsa::Authority};
use tokio::net::TcpListener;

use crate::api::{ALL, get, is_problem, send, token};
use crate::beside::{foreign_verifier, spoilt};
use crate::support::{BODY, MORNING, Town};

pub const LOG: &str = "archivio.borgo.example/c_b999/1";

/// A town whose policy is this text.
async fn town(policy: &str, change: impl FnOnce(&mut plico::config::Config)) -> Town {
    let policy = policy.to_owned();
    Town::with(|config| {
        let folder = config.data_dir.parent().unwrap().to_owned();
        let file = folder.join("evidence.policy");
        std::fs::write(&file, policy).unwrap();
        config.evidence.policy = Some(file);
        config.evidence.timeout_seconds = 1;
        change(config);
    })
    .await
}

async fn logs_of(town: &Town) -> Vec<VerifierKey> {
    let policy = town.send("GET", "/log/policy", &[], b"").await.text();
    let policy = policy.split("\nroots ").next().unwrap().to_owned();
    LogPolicy::parse(&policy).unwrap().logs().iter().map(|log| log.key.clone()).collect()
}

/// Files something; answers the identifiers of its receipts.
pub async fn file(town: &Town, bearer: &str, key: &str) -> Vec<String> {
    let sent = send(town, bearer, key, "Tettoia", &[]).await;
    assert_eq!(sent.status, 201, "{}", sent.text());
    town.settle().await;
    let id = sent.json()["id"].as_str().unwrap().to_owned();
    let status = get(town, bearer, &format!("/messages/{id}/status")).await.json();
    status["receipts"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

async fn judge(town: &Town, receipt: &[u8], evidence: &[Vec<u8>]) -> Report {
    let policy = town.send("GET", "/log/policy", &[], b"").await.body;
    let policy = Policy::parse(&policy).unwrap();
    let now = town.app.desk.archive().now_ms();
    plico_evidence::verify(receipt, &Given { documents: &[], evidence }, Some(&policy), now)
}

async fn voucher(town: &Town, key: &str) -> Voucher {
    let archive = town.app.desk.archive();
    let log = archive.log_at("c_b999/1").await.unwrap().unwrap();
    archive.voucher(log.id, key).await.unwrap().unwrap()
}

async fn outages(town: &Town) -> Vec<plico_record::act::ServiceOutage> {
    let archive = town.app.desk.archive();
    let found =
        plico_archive::read::ledger::newest(archive.database(), "", "service.outage", 50).await.unwrap();
    let mut list = Vec::new();
    for event in found {
        let entry = archive.entry(event.log, event.idx).await.unwrap().unwrap();
        let plico_record::act::Act::ServiceOutage(act) = entry.act else { panic!("{entry:?}") };
        list.push(act);
    }
    list
}

/// A town with a real witness, its key, and where that one keeps what it saw.
pub async fn witnessed() -> (Town, VerifierKey, tempfile::TempDir) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seed = plico_crypto::ed25519::SigningKey::from_seed([9; 32]);
    let key = VerifierKey::new("witness.example", Algorithm::Cosignature, seed.public_key()).unwrap();
    let town = town(&format!("witness uni {key} http://{address}\nquorum uni\n"), |_| {}).await;
    let memory = tempfile::tempdir().unwrap();
    let logs = logs_of(&town).await;
    let clock = town.clock.clone();
    let witness = Witness::open(memory.path(), Some("witness.example"), logs, clock, || [9; 32]).unwrap();
    assert_eq!(*witness.verifier_key(), key);
    let router = witness::router(Arc::new(witness));
    let forever = std::future::pending();
    tokio::spawn(server::serve(listener, router, 8, Duration::from_secs(1), forever));
    (town, key, memory)
}

#[tokio::test]
async fn the_real_witness_vouches_and_receipts_carry_it() {
    let (town, key, _memory) = witnessed().await;
    let anna = token(&town, &town.anna, &ALL).await;
    let first = file(&town, &anna, "uno").await.remove(0);
    let path = format!("/receipts/{first}/evidence");
    assert!(is_problem(&get(&town, &anna, &path).await, 404, "no-evidence-yet"));
    let receipt = get(&town, &anna, &format!("/receipts/{first}")).await.body;
    let report = judge(&town, &receipt, &[]).await;
    assert_eq!(
        (report.verdict, report.result(CheckName::Witnesses)),
        (Verdict::Incomplete, CheckResult::Absent)
    );

    town.clock.advance(Duration::from_mins(1));
    ask_for_evidence(&town.app).await.unwrap();
    let published = town.send("GET", "/log/c_b999/1/checkpoint", &[], b"").await.body;
    let (checkpoint, note) = Checkpoint::parse_note(&published).unwrap();
    let policy = town.app.desk.archive().own_policy(&format!("http://{}", town.address)).await.unwrap();
    assert!(LogPolicy::parse(&policy).unwrap().evaluate(&checkpoint, &note).is_met(), "{policy}");

    let evidence = get(&town, &anna, &path).await;
    assert_eq!(evidence.status, 200, "{}", evidence.text());
    let report = judge(&town, &receipt, std::slice::from_ref(&evidence.body)).await;
    assert_eq!(report.verdict, Verdict::Ok, "{report:#?}");
    assert_eq!(report.result(CheckName::Witnesses), CheckResult::Ok);
    assert!(report.facts.not_after.is_some() && report.facts.not_before.is_none(), "{:?}", report.facts);
    // To nobody else, and of nothing else.
    let bruno = token(&town, &town.bruno, &ALL).await;
    assert!(is_problem(&get(&town, &bruno, &path).await, 404, "not-found"));
    let mut changed = evidence.body.clone();
    for at in (0..changed.len()).step_by(13) {
        changed[at] ^= 1;
        let report = judge(&town, &receipt, std::slice::from_ref(&changed)).await;
        assert_ne!(report.verdict, Verdict::Ok, "byte {at}");
        changed[at] ^= 1;
    }

    foreign_verifier(&town, &evidence.body, &key).await;

    // The next receipt is bounded from below by what the witness saw before.
    town.clock.advance(Duration::from_mins(10));
    let second = file(&town, &anna, "due").await.remove(0);
    let next = get(&town, &anna, &format!("/receipts/{second}")).await.body;
    let report = judge(&town, &next, &[]).await;
    assert_eq!(report.result(CheckName::Continuity), CheckResult::Ok, "{report:#?}");
    let seen = report.facts.not_before.clone().unwrap();
    assert!(seen < report.facts.instant.clone().unwrap(), "{:?}", report.facts);
    // Evidence of another receipt is refused, and said to be.
    let report = judge(&town, &next, std::slice::from_ref(&evidence.body)).await;
    assert_eq!((report.verdict, report.result(CheckName::Witnesses)), (Verdict::Failed, CheckResult::Failed));

    // The program says the same.
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let (receipt, beside) = (put("r.pdf", &receipt), put("r.evidence", &evidence.body));
    let policy = put("own.policy", policy.as_bytes());
    let verify = |more: &[&std::ffi::OsStr]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_plico"));
        command.arg("verify").arg(&receipt).arg("--policy").arg(&policy).args(more);
        command.output().unwrap().status.code()
    };
    assert_eq!(verify(&[]), Some(2));
    assert_eq!(verify(&["--evidence".as_ref(), beside.as_os_str()]), Some(0));
}

/// A witness that misbehaves, behind a town that asks it.
async fn misled() -> (Town, Service<simulator::Witness>, String) {
    let mut simulated = simulator::Witness::new("witness.uni.example", [5; 32]);
    let key = simulated.verifier_key().to_string();
    simulated.fault = None;
    let service = Service::start(simulated, |witness, path, body| {
        assert_eq!(path, "/add-checkpoint");
        witness.add_checkpoint(body, MORNING / 1000)
    })
    .await
    .unwrap();
    let town = town(&format!("witness uni {key} {}\nquorum uni\n", service.url()), |config| {
        config.evidence.late_minutes = 30;
    })
    .await;
    let logs = logs_of(&town).await;
    service.state().logs = logs;
    (town, service, key)
}

#[tokio::test]
async fn whatever_a_witness_does_filing_goes_on_and_it_is_said() {
    let (town, service, key) = misled().await;
    let anna = token(&town, &town.anna, &ALL).await;
    let text = |status, text: &str| Fault::Say(status, "text/plain", text.into());
    for (n, (fault, problem)) in [
        (text(404, "no"), "unknown-log"),
        (text(403, "no"), "unknown-key"),
        (text(422, "no"), "inconsistent"),
        (text(500, "broken"), "refused"),
        (text(302, ""), "refused"),
        (text(409, "7\n"), "refused"),
        (Fault::Say(409, "text/x.tlog.size", "many\n".into()), "refused"),
        (Fault::Say(409, "text/x.tlog.size", "0\n".into()), "forked"),
        (Fault::Say(409, "text/x.tlog.size", "99999\n".into()), "ahead"),
        (Fault::Say(409, "text/x.tlog.size", "1\n".into()), "forked"),
        (text(200, ""), "garbage"),
        (text(200, "<html>welcome</html>"), "garbage"),
        (Fault::OtherKey, "false"),
        (Fault::OtherTree, "false"),
        (Fault::Off(86_400), "clock"),
        (Fault::HangUp, "unreachable"),
        (Fault::Endless, "garbage"),
        (Fault::Stall, "timeout"),
    ]
    .into_iter()
    .enumerate()
    {
        service.state().cosigned.clear();
        service.state().fault = Some(fault.clone());
        assert!(!file(&town, &anna, &format!("n{n}")).await.is_empty());
        ask_for_evidence(&town.app).await.unwrap();
        let said = voucher(&town, &key).await;
        assert_eq!(said.problem.as_deref(), Some(problem), "{fault:?}: {said:?}");
        assert_eq!(said.good_ms, None, "{fault:?}");
    }
    // Nothing of it was kept; and it is seen.
    let cosigned = "select count(*) from cosignature";
    let database = town.app.desk.archive().database();
    assert_eq!(database.scalar_i64(cosigned, plico_database::args![]).await.unwrap(), 0);
    let administrator = town.as_operator(&town.administrator).await;
    let health = town.app.desk.health(&administrator).await.unwrap();
    assert!(health.vouchers.iter().any(|one| one.problem.as_deref() == Some("timeout")), "{health:?}");

    // Back to its senses it goes on from what it knows: a log that forgot where it stood is told.
    service.state().fault = None;
    ask_for_evidence(&town.app).await.unwrap();
    assert_eq!(voucher(&town, &key).await.problem, None);
    let size = voucher(&town, &key).await.size;
    let known = service.state().cosigned[LOG];
    assert_eq!(known.0, size.cast_unsigned());
    file(&town, &anna, "ancora").await;
    let forget = "update voucher set size = 0";
    database.execute(forget, plico_database::args![]).await.unwrap();
    ask_for_evidence(&town.app).await.unwrap();
    let said = voucher(&town, &key).await;
    assert!(said.problem.is_none() && said.size > size, "{said:?}");
    // It has seen a longer log than there is: our data and our memory were rolled back.
    service.state().cosigned.insert(LOG.into(), (99_999, known.1));
    ask_for_evidence(&town.app).await.unwrap();
    assert_eq!(voucher(&town, &key).await.problem.as_deref(), Some("ahead"));
}

#[tokio::test]
async fn missing_evidence_turns_red_and_its_return_is_one_event() {
    let (town, service, _) = misled().await;
    let anna = token(&town, &town.anna, &ALL).await;
    let overdue = async || {
        let missing = town.app.desk.archive().missing_evidence().await.unwrap();
        missing.iter().filter(|late| late.overdue && late.administration == BODY).count()
    };
    town.settle().await;
    ask_for_evidence(&town.app).await.unwrap();
    service.state().fault = Some(Fault::HangUp);
    file(&town, &anna, "uno").await;
    let began = town.app.desk.archive().now_ms();
    for _ in 0..4 {
        town.clock.advance(Duration::from_mins(8));
        ask_for_evidence(&town.app).await.unwrap();
    }
    assert_eq!(overdue().await, 1);
    let cookie = operator(&town, &town.administrator).await;
    let page = town.send("GET", "/amministrazione", &[("cookie", &cookie)], b"").await.text();
    assert!(page.contains("non è confermato dal") && page.contains(&LOG.replace('/', "&#x2f;")), "{page}");
    assert_eq!(outages(&town).await, []);

    service.state().fault = None;
    service.state().cosigned.clear();
    let state = town.app.desk.archive().now_ms() / 1000;
    // The simulator's clock stands in the morning: it is as near as it must be.
    assert!(state - MORNING / 1000 > plico_journal::witness::MAX_OFF);
    service.state().fault = Some(Fault::Off(state - MORNING / 1000));
    for _ in 0..3 {
        ask_for_evidence(&town.app).await.unwrap();
        town.settle().await;
    }
    assert_eq!(overdue().await, 0);
    let told: Vec<_> = outages(&town).await.into_iter().filter(|act| act.note == LOG).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].parts, ["witnesses"]);
    assert!(told[0].from <= began && told[0].to - told[0].from > 30 * 60_000, "{told:?}");
}

async fn operator(town: &Town, account: &str) -> String {
    let sign_in = plico::http::session::SignIn {
        account: account.into(),
        kind: "local",
        level: "L2".into(),
        acting_for: None,
        evidence: b"{}".to_vec(),
        locale: None,
    };
    let now = town.app.shell.now_ms();
    format!("plico={}", town.app.shell.sessions().open(sign_in, None, now).await.unwrap())
}

/// How the authority answers.
pub struct Stamping {
    pub authority: Authority,
    /// Put in the place of what it says.
    pub instead: Option<Vec<u8>>,
    pub asked: usize,
}

impl Stamping {
    pub fn answer(&mut self, _: &str, query: &[u8]) -> simulator::Reply {
        self.asked += 1;
        let answer = self.instead.clone().unwrap_or_else(|| self.authority.answer(query, &[]).unwrap());
        simulator::Reply::Answer(200, "application/timestamp-reply", answer)
    }
}

#[expect(clippy::disallowed_methods, reason = "the real authority reads the machine's clock")]
pub fn machine_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

#[tokio::test]
async fn a_real_authority_bounds_the_time() {
    const HOUR: i64 = 3_600_000;
    let now = machine_ms();
    let mut pki = Pki::new("Borgo", now).unwrap();
    let subject = Subject {
        given_name: "",
        surname: "",
        fiscal_code: "",
        organization: "Marche di prova",
        from_ms: now - 24 * HOUR,
        to_ms: now + 240 * HOUR,
    };
    let stamper = pki.stamper(&subject, KeyKind::P256, true).unwrap();
    let pem = stamper.certificates_pem().unwrap();
    let Some(authority) = or_say(Authority::new(&pem, &pem, &stamper.key_pem().unwrap())) else { return };
    let service = Service::start(Stamping { authority, instead: None, asked: 0 }, Stamping::answer);
    let service = service.await.unwrap();
    let roots = String::from_utf8(pki.anchors_pem().unwrap()).unwrap();
    let url = service.url();
    let town =
        town(&format!("quorum none\n{roots}"), |config| config.evidence.timestamp_url.clone_from(&url)).await;
    // A little behind the machine's, within what clocks may differ.
    town.clock.advance(Duration::from_millis((now - MORNING - 400_000).try_into().unwrap()));
    let anna = token(&town, &town.anna, &ALL).await;
    let first = file(&town, &anna, "uno").await.remove(0);

    // What is no stamp is not kept, and the authority is left alone for a while.
    service.state().instead = Some(b"<html>503</html>".to_vec());
    ask_for_evidence(&town.app).await.unwrap();
    assert_eq!(voucher(&town, &url).await.problem.as_deref(), Some("garbage"));
    let asked = service.state().asked;
    ask_for_evidence(&town.app).await.unwrap();
    assert_eq!(service.state().asked, asked);
    assert!(is_problem(
        &get(&town, &anna, &format!("/receipts/{first}/evidence")).await,
        404,
        "no-evidence-yet"
    ));

    service.state().instead = None;
    town.clock.advance(Duration::from_secs(500));
    ask_for_evidence(&town.app).await.unwrap();
    assert_eq!(voucher(&town, &url).await.problem.as_deref(), Some("garbage"), "still left alone");
    town.clock.advance(Duration::from_secs(110));
    ask_for_evidence(&town.app).await.unwrap();
    let said = voucher(&town, &url).await;
    assert_eq!(said.problem, None, "{said:?}");

    let receipt = get(&town, &anna, &format!("/receipts/{first}")).await.body;
    let evidence = get(&town, &anna, &format!("/receipts/{first}/evidence")).await.body;
    let report = judge(&town, &receipt, std::slice::from_ref(&evidence)).await;
    assert_eq!(report.result(CheckName::Timestamp), CheckResult::Ok, "{report:#?}");
    assert!(report.facts.not_after.is_some(), "{report:#?}");
    assert_eq!(judge(&town, &receipt, &[]).await.result(CheckName::Timestamp), CheckResult::Absent);
    // By a policy that does not know the authority, it is there and nobody vouches for it.
    let strange =
        format!("log {}\nquorum none\n", logs_of(&town).await.iter().find(|k| k.name() == LOG).unwrap());
    let strange = Policy::parse(strange.as_bytes()).unwrap();
    let given = Given { documents: &[], evidence: std::slice::from_ref(&evidence) };
    let report = plico_evidence::verify(&receipt, &given, Some(&strange), now);
    assert_eq!(report.result(CheckName::Timestamp), CheckResult::Absent);
    assert_eq!(report.facts.not_after, None);

    // The next receipt carries it as its lower bound; a day later the log is stamped again.
    let second = file(&town, &anna, "due").await.remove(0);
    let next = get(&town, &anna, &format!("/receipts/{second}")).await.body;
    let report = judge(&town, &next, &[]).await;
    assert!(report.facts.not_before.is_some(), "{report:#?}");
    let asked = service.state().asked;
    ask_for_evidence(&town.app).await.unwrap();
    assert_eq!(service.state().asked, asked, "not before it is time");

    // What was kept of it is looked after.
    let archive = town.app.desk.archive();
    assert_eq!(archive.fsck().await.unwrap().findings, []);
    assert!(spoilt(archive, "time_stamp", "at_ms = at_ms + 1").await.starts_with("time stamp "));
    spoilt(archive, "time_stamp", "at_ms = at_ms - 1").await;
    let rows: Vec<(Vec<u8>,)> = archive
        .database()
        .all("select token from time_stamp order by log", plico_database::args![])
        .await
        .unwrap();
    // In what is stamped and in the signature; whoever verifies looks at the certificates between them with roots of his own.
    for (mut token, from_end) in
        rows.into_iter().zip([false, true]).map(|((token,), from_end)| (token, from_end))
    {
        let place = if from_end { token.len() - 30 } else { 120 };
        let other = "update time_stamp set token = $1 where token = $2";
        let before = token.clone();
        token[place] ^= 1;
        archive
            .database()
            .execute(other, plico_database::args![token.clone(), before.clone()])
            .await
            .unwrap();
        let found = archive.fsck().await.unwrap().findings;
        assert!(found.iter().any(|one| one.place.starts_with("time stamp ")), "{found:?}");
        archive.database().execute(other, plico_database::args![before, token]).await.unwrap();
    }
}
