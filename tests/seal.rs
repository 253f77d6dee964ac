//! The body's own seal: from PKCS#12 and from a token, stamped where an authority answers, accepted by others, and what
//! happens when it cannot be used.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use plico::config::{Config, Secret};
use plico_archive::ActError;
use plico_desk::Refusal;
use plico_desk::letter::Typed;
use plico_desk::seal::{Grade, Standing, Trouble};
use plico_signature::forge::{KeyKind, Pki, Signer, Subject};
use plico_signature::report::Format;
use plico_signature::{Options, inspect};
use plico_testkit::http::Service;
use plico_testkit::real::tsa::Authority;
use plico_testkit::real::{or_say, pyhanko, softhsm};

use crate::api::{ALL, get, token};
use crate::staff::Desk;
use crate::support::{MORNING, Town, code};
use crate::visitor;
use crate::vouch::{Stamping, file, machine_ms};

const DAY: i64 = 86_400_000;

/// Who issues seals, and a seal from a day to a day.
fn issued(kind: KeyKind, from_ms: i64, to_ms: i64) -> (Pki, Signer) {
    let mut pki = Pki::new("Sigilli di prova", from_ms).unwrap();
    let body = Subject {
        given_name: "",
        surname: "",
        fiscal_code: "",
        organization: "Comune di Borgo",
        from_ms,
        to_ms,
    };
    let signer = pki.signer(&body, kind).unwrap();
    (pki, signer)
}

/// The same as a PKCS#12 file, as an issuer hands it out.
fn pkcs12(folder: &Path, signer: &Signer, password: &str) -> PathBuf {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("key.pem"), signer.key_pem().unwrap()).unwrap();
    std::fs::write(folder.join("own.pem"), signer.certificates_pem().unwrap()).unwrap();
    let line = "pkcs12 -export -inkey key.pem -in own.pem -out seal.p12 -passout";
    let mut command = Command::new("openssl");
    command.current_dir(folder).args(line.split(' ')).arg(format!("pass:{password}"));
    assert!(command.status().unwrap().success());
    folder.join("seal.p12")
}

async fn receipt(town: &Town, bearer: &str, key: &str) -> Vec<u8> {
    let id = file(town, bearer, key).await.remove(0);
    get(town, bearer, &format!("/receipts/{id}")).await.body
}

fn level(pdf: &[u8]) -> Format {
    let report = inspect(pdf, &Options::at(machine_ms(), None));
    let [seal] = &report.signatures[..] else { panic!("{report:#?}") };
    assert!(seal.intact, "{seal:#?}");
    seal.format
}

/// Whether a text stands in the file as a string of a dictionary: plain, or in UTF-16.
fn says(pdf: &[u8], text: &str) -> bool {
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let hex = plico_archive::hex(&wide).into_bytes();
    let lower: Vec<u8> = pdf.iter().map(u8::to_ascii_lowercase).collect();
    let has = |held: &[u8], what: &[u8]| held.windows(what.len()).any(|window| window == what);
    has(pdf, text.as_bytes()) || has(pdf, &wide) || has(&lower, &hex)
}

/// What poppler says of it.
fn pdfsig(pdf: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.pdf");
    std::fs::write(&path, pdf).unwrap();
    let run = Command::new("pdfsig").arg("-nocert").arg(&path).output().unwrap();
    String::from_utf8_lossy(&run.stdout).into_owned()
}

fn accepted(pdf: &[u8], roots: &[u8], now: i64, stamped: bool) {
    let said = pdfsig(pdf);
    assert!(said.contains("Signature is Valid") && said.contains("Total document signed"), "{said}");
    let Some(judged) = or_say(pyhanko::judge(pdf, roots, now)) else { return };
    assert_eq!(judged, [(true, "ENTIRE_FILE".to_owned(), stamped.then_some(true))]);
    let mut changed = pdf.to_vec();
    changed[2000] ^= 1;
    let judged = pyhanko::judge(&changed, roots, now);
    assert!(judged.is_err() || judged.is_ok_and(|all| all.iter().all(|one| !one.0)), "a changed byte");
}

#[tokio::test]
async fn a_seal_from_pkcs12_is_stamped_and_others_accept_it() {
    let now = machine_ms();
    for kind in [KeyKind::Rsa2048, KeyKind::P256] {
        let (pki, seal) = issued(kind, now - 10 * DAY, now + 400 * DAY);
        let mut marks = Pki::new("Marche", now - 10 * DAY).unwrap();
        let whose = Subject {
            given_name: "",
            surname: "",
            fiscal_code: "",
            organization: "Marche di prova",
            from_ms: now - DAY,
            to_ms: now + 10 * DAY,
        };
        let stamper = marks.stamper(&whose, KeyKind::P256, true).unwrap();
        let pem = stamper.certificates_pem().unwrap();
        let Some(authority) = or_say(Authority::new(&pem, &pem, &stamper.key_pem().unwrap())) else { return };
        let service = Service::start(Stamping { authority, instead: None, asked: 0 }, Stamping::answer);
        let service = service.await.unwrap();
        let roots = [pki.anchors_pem().unwrap(), marks.anchors_pem().unwrap()].concat();
        let policy = format!("quorum none\n{}", String::from_utf8(marks.anchors_pem().unwrap()).unwrap());
        let url = service.url();
        let town = Town::with(|config| {
            let folder = config.data_dir.parent().unwrap().to_owned();
            config.seal.file = Some(pkcs12(&folder.join("seal"), &seal, "segreta"));
            config.seal.password = Secret::new("segreta");
            std::fs::write(folder.join("evidence.policy"), policy).unwrap();
            config.evidence.policy = Some(folder.join("evidence.policy"));
            config.evidence.timestamp_url = url;
            config.evidence.timeout_seconds = 2;
        })
        .await;
        // A little behind the machine's, within what clocks may differ.
        town.clock.advance(Duration::from_millis((now - MORNING - 400_000).try_into().unwrap()));
        let anna = token(&town, &town.anna, &ALL).await;
        let stamped = receipt(&town, &anna, "uno").await;
        assert_eq!(level(&stamped), Format::PadesT);
        assert!(says(&stamped, "sigillo non qualificato") && !says(&stamped, "senza marca temporale"));
        accepted(&stamped, &roots, machine_ms(), true);
        // The published policy believes it, and what the key file's seal sealed before.
        let policy = town.send("GET", "/log/policy", &[], b"").await.text();
        let seals = policy.split("roots seal").nth(1).unwrap().split("roots timestamp").next().unwrap();
        assert!(seals.matches("BEGIN CERTIFICATE").count() > 2 && !policy.contains("PRIVATE"));

        // The authority is silent: without a stamp, which is said, and it is left alone for a while.
        service.state().instead = Some(b"<html>503</html>".to_vec());
        let bare = receipt(&town, &anna, "due").await;
        assert_eq!(level(&bare), Format::PadesB);
        assert!(says(&bare, "senza marca temporale"));
        accepted(&bare, &roots, machine_ms(), false);
        let asked = service.state().asked;
        assert_eq!(level(&receipt(&town, &anna, "tre").await), Format::PadesB);
        assert_eq!(service.state().asked, asked, "left alone");
        let Standing::Ready(ready) = town.app.desk.seal_standing().await else { panic!() };
        assert!(ready.silent.is_some() && ready.grade == Grade::None, "{ready:?}");
        let mut gaia = Desk::of(&town, &town.administrator).await;
        let page = gaia.see("/amministrazione").await;
        assert!(page.contains("sigillo non qualificato") && page.contains("senza marca temporale"), "{page}");
        service.state().instead = None;
        town.clock.advance(Duration::from_mins(11));
        assert_eq!(level(&receipt(&town, &anna, "quattro").await), Format::PadesT, "asked again");
        let Standing::Ready(ready) = town.app.desk.seal_standing().await else { panic!() };
        assert_eq!(ready.silent, None);
        assert_eq!(ready.trouble(now, 60), None);
        assert_eq!(ready.trouble(ready.not_after_ms - 3 * DAY, 60), Some(Trouble::Ends(3)));
        assert_eq!(ready.trouble(ready.not_after_ms + 1, 60), Some(Trouble::Ended));
        assert_eq!(ready.trouble(ready.not_before_ms - 1, 60), Some(Trouble::NotYet));
    }
}

#[tokio::test]
async fn a_seal_that_cannot_be_used_stops_no_filing() {
    let (_, seal) = issued(KeyKind::P256, MORNING - DAY, MORNING + DAY);
    let mut file = PathBuf::new();
    let town = visitor::town_with(|config| {
        file = pkcs12(&config.data_dir.parent().unwrap().join("seal"), &seal, "segreta");
        config.seal.file = Some(file.clone());
        config.seal.password = Secret::new("altra");
    })
    .await;
    let Standing::Unusable(why) = town.app.desk.seal_standing().await else { panic!() };
    assert!(why.contains("seal.p12") && !why.contains("altra"), "{why}");
    let bearer = token(&town, &town.anna, &ALL).await;
    let sent = crate::api::send(&town, &bearer, "uno", "Tettoia", &[]).await;
    assert_eq!(sent.status, 201, "{}", sent.text());
    // A letter is not sent without its seal; what was written stays.
    let clerk = town.as_operator(&town.building_operator).await;
    let typed = Typed {
        purpose: "message".into(),
        office: town.building.clone(),
        fiscal_code: code("BSSNNA80A41H501"),
        subject: "Convocazione".into(),
        text: "La aspettiamo.".into(),
        effect: "communication".into(),
        ..Typed::default()
    };
    let desk = &town.app.desk;
    let key = desk.letter_key();
    desk.keep_letter(&clerk, &key, &typed).await.unwrap();
    let refused = desk.send_letter(&clerk, typed.letter(plico_desk::answer::Act::Message, &key)).await;
    assert!(matches!(refused, Err(ActError::Refused(Refusal::SealUnusable))), "{refused:?}");
    assert!(matches!(desk.kept_letter(&clerk, &key).await.unwrap(), plico_desk::letter::Kept::Typed(_)));
    let mut gaia = Desk::of(&town, &town.administrator).await;
    assert!(gaia.see("/amministrazione").await.contains("ciò che va sigillato aspetta"));
}

/// Signs with a key that never leaves its token.
#[test]
fn a_seal_in_a_token() {
    let now = machine_ms();
    let name = "seal::a_seal_in_a_token";
    if softhsm::inside().is_none() {
        if let Some(token) = or_say(softhsm::Token::start()) {
            token.again(name);
        }
        return;
    }
    let folder = softhsm::inside().unwrap();
    let (_, seal) = issued(KeyKind::Rsa2048, now - DAY, now + DAY);
    let path = folder.join("key.pem");
    std::fs::write(&path, seal.key_pem().unwrap()).unwrap();
    std::fs::write(folder.join("own.pem"), seal.certificates_pem().unwrap()).unwrap();
    let mut command = Command::new("softhsm2-util");
    command.arg("--import").arg(&path).args(["--token", softhsm::LABEL, "--label", "sigillo", "--id", "05"]);
    assert!(command.args(["--pin", softhsm::PIN]).status().unwrap().success());
    let mut config = Config::default().seal;
    config.module = Some(softhsm::module().unwrap());
    config.token = softhsm::LABEL.into();
    config.pin_file = Some(folder.join("pin"));
    config.key = "sigillo".into();
    let said = plico::seal::read(&config).unwrap().unwrap_err().to_string();
    assert!(said.contains("seal.certificates"), "{said}");
    config.certificates = Some(folder.join("own.pem"));
    let sealer = plico::seal::read(&config).unwrap().unwrap();
    assert_eq!(sealer.about().unwrap().subject, "Comune di Borgo");
    let grade = plico_desk::seal::prove(&sealer, &plico_desk::verdict::Trust::default(), now);
    assert_eq!(grade.unwrap(), Grade::None);
    config.key = "altro".into();
    let said = plico::seal::configured(&config).unwrap()().unwrap_err().to_string();
    assert!(said.contains("altro"), "{said}");
}
