//! A dossier stands alone: it verifies without us, every harm to it is named, and the same case file gives it again.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use plico_archive::ActError;
use plico_desk::addressee::Recipient;
use plico_desk::answer::{Act, Letter};
use plico_desk::draft::{Purpose, Words};
use plico_desk::open::By;
use plico_desk::upload::Scan;
use plico_desk::{Actor, Refusal};
use plico_evidence::dossier::{DossierReport, verify};
use plico_evidence::{CheckName, CheckResult, Policy, Verdict};
use plico_package::bag::Zipped;
use zip::write::SimpleFileOptions;

use crate::kill::{DATABASE, plico};
use crate::support::{BODY, Town, code};

const NOW_MS: i64 = 1_795_300_000_000;

/// A writer that leaves what was written where one can take it.
#[derive(Clone, Default)]
pub struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    pub fn take(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

impl std::io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Anna files with a large attachment, the office answers, she opens; all of it lies in a case file.
pub async fn case(town: &Town) -> String {
    let desk = &town.app.desk;
    town.settle().await;
    let anna = town.as_person(&town.anna).await;
    let words = Words {
        kind: "istanza".into(),
        office: town.building.clone(),
        subject: "Rimborso & più".into(),
        text: "Chiedo il rimborso.".into(),
    };
    let draft = desk.begin_draft(&anna, Purpose::Filing, None, words).await.unwrap();
    let (owner, _) = desk.draft_files(&anna, &draft).await.unwrap();
    for (name, bytes) in [("pianta 100%.bin", vec![7; 700_000]), ("PIANTA 100%.bin", b"altra".to_vec())] {
        let mut upload = desk.begin_upload(&anna, &owner, name).await.unwrap();
        upload.write(&bytes).await.unwrap();
        desk.finish_upload(upload, async |_| Scan::Off).await.unwrap();
    }
    let filed = desk.present(&anna, &draft).await.unwrap().message;
    let clerk = town.as_operator(&town.building_operator).await;
    let case = desk.open_case(&clerk, &town.building, "Rimborsi", "").await.unwrap();
    desk.file_into_case(&clerk, &filed, &case).await.unwrap();
    let letter = Letter {
        act: Act::Granted,
        about: Some(filed),
        office: town.building.clone(),
        recipient: Recipient { fiscal_code: code("BSSNNA80A41H501"), ..Recipient::default() },
        copies: String::new(),
        effect: "communication".into(),
        subject: "Rimborso accordato".into(),
        text: "Si comunica.".into(),
        category: "letter".into(),
        certificate: None,
        language: plico_locale::Lang::It,
        token: "risposta".into(),
    };
    let sent = desk.send_letter(&clerk, letter).await.unwrap();
    desk.file_into_case(&clerk, &sent.message, &case).await.unwrap();
    town.settle().await;
    desk.open_delivery(&anna, sent.delivery.as_deref().unwrap(), By::Page).await.unwrap();
    town.settle().await;
    case
}

pub async fn export(town: &Town, actor: &Actor, case: &str) -> Vec<u8> {
    let plan = town.app.desk.dossier(actor, case, "controllo a campione").await.unwrap();
    let out = Kept::default();
    let (mut seen, mut last) = (0, None);
    let told = |progress: plico_desk::dossier::Progress| {
        seen += 1;
        last = Some(progress);
    };
    let packed = town.app.desk.pack_dossier(plan, out.clone(), told).await.unwrap();
    assert!(seen > 5 && last.is_some_and(|last| last.bytes == last.of_bytes + indexes(&out)));
    town.app.desk.dossier_exported(actor, case, &packed, "controllo").await.unwrap();
    let bytes = out.0.lock().unwrap().clone();
    assert_eq!(packed.size, bytes.len() as u64);
    bytes
}

/// Bytes of the indexes, which are not known before.
fn indexes(out: &Kept) -> u64 {
    let bytes = out.0.lock().unwrap().clone();
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    ["indice.html", "indice.pdf"]
        .map(|name| zip.by_name(&format!("fascicolo-2026-1/data/{name}")).unwrap().size())
        .iter()
        .sum()
}

fn policy(town: &Town) -> Policy {
    let archive = town.app.desk.archive();
    let key = archive.verifier_key("archivio.borgo.example/c_b999/1");
    let key = key.unwrap_or_else(|_| panic!("the town's log has another origin"));
    Policy::parse(format!("log {key}\nquorum none\n").as_bytes()).unwrap()
}

pub fn checked(bytes: &[u8], policy: Option<&Policy>) -> DossierReport {
    match Zipped::open(Cursor::new(bytes)) {
        Ok(mut bag) => verify(&mut bag, "fascicolo", policy, NOW_MS),
        Err(error) => plico_evidence::dossier::unreadable(&error.to_string()),
    }
}

/// The dossier's files, by their names.
pub fn unpacked(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = BTreeMap::new();
    for place in 0..zip.len() {
        let mut file = zip.by_index(place).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        files.insert(file.name().unwrap().into_owned(), content);
    }
    files
}

pub fn packed(files: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Manifests that fit again, as whoever changes a dossier on purpose would make them.
pub fn mended(files: &mut BTreeMap<String, Vec<u8>>) {
    let root = "fascicolo-2026-1/";
    let manifest = |files: &BTreeMap<String, Vec<u8>>, wanted: &dyn Fn(&str) -> bool| {
        let lines = files.iter().filter_map(|(name, content)| {
            let name = name.strip_prefix(root).filter(|name| wanted(name))?;
            let sha256 = plico_archive::hex(&plico_crypto::digest::sha256(content));
            Some(format!("{sha256}  {}\n", name.replace('%', "%25")))
        });
        lines.collect::<String>().into_bytes()
    };
    let (bytes, count) = files
        .iter()
        .filter(|(name, _)| name.starts_with("fascicolo-2026-1/data/"))
        .fold((0, 0), |(bytes, count), (_, content)| (bytes + content.len(), count + 1));
    files.insert(format!("{root}bag-info.txt"), format!("Payload-Oxum: {bytes}.{count}\n").into_bytes());
    let payload = manifest(files, &|name| name.starts_with("data/"));
    files.insert(format!("{root}manifest-sha256.txt"), payload);
    let tags = manifest(files, &|name| !name.contains('/') && !name.starts_with("tagmanifest"));
    files.insert(format!("{root}tagmanifest-sha256.txt"), tags);
}

#[tokio::test]
async fn a_dossier_verifies_alone_and_is_the_same_again() {
    let town = Town::start().await;
    let case = case(&town).await;
    let manager = town.as_operator(&town.records_manager).await;
    let bytes = export(&town, &manager, &case).await;
    let policy = policy(&town);
    let report = checked(&bytes, Some(&policy));
    assert_eq!(report.verdict, Verdict::Ok, "{:#?}", report.checks);
    assert_eq!(report.facts.messages.len(), 2);
    assert_eq!(report.facts.documents.len(), 4, "two papers and two attachments");
    assert!(report.facts.documents.iter().all(|document| document.file.is_some()), "{:#?}", report.facts);
    assert!(report.facts.receipts >= 4, "{}", report.facts.receipts);
    assert_eq!(checked(&bytes, None).verdict, Verdict::Incomplete);

    // Exported again, after the first export was recorded and other things happened: the same bytes.
    town.as_person(&town.bruno).await;
    town.settle().await;
    let auditor = town.as_operator(&town.auditor).await;
    assert!(export(&town, &auditor, &case).await == bytes, "the same case file gives the same dossier");

    // What colleagues told each other, and evidence of logins, stay closed.
    let files = unpacked(&bytes);
    let opened = files.iter().filter(|(name, _)| name.ends_with("parts.json"));
    assert!(opened.clone().count() > 8);
    for (name, parts) in opened {
        let text = String::from_utf8_lossy(parts);
        assert!(!text.contains("\"login\"") && !text.contains("\"internal\""), "{name}");
    }
    // The offline verifier lies beside the payload, and is held by the manifests like everything else.
    let verifier = "fascicolo-2026-1/verifica.html";
    let built = plico::http::assets::verifier().map(|file| file.bytes);
    assert!(files.get(verifier).map(Vec::as_slice) == built);
    if built.is_some() {
        let mut changed = files.clone();
        changed.insert(verifier.into(), b"<!doctype html>".to_vec());
        let report = checked(&packed(&changed), Some(&policy));
        assert_eq!(report.result(CheckName::Bag), CheckResult::Failed);
        assert!(report.checks[0].detail.contains("verifica.html"), "{}", report.checks[0].detail);
    }

    let outsider = town.as_person(&town.anna).await;
    let refused = town.app.desk.dossier(&outsider, &case, "mio").await;
    assert!(matches!(refused, Err(ActError::Refused(_))));
    let silent = town.app.desk.dossier(&auditor, &case, " ").await;
    assert!(matches!(silent, Err(ActError::Refused(Refusal::Invalid(_)))), "an auditor says why");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_has_it_packed_and_goes_on_where_his_download_broke_off() {
    let town = Town::start().await;
    let case = case(&town).await;
    let page = format!("/revisore/fascicoli/{case}");
    let mut furio = crate::staff::Desk::of(&town, &town.auditor).await;
    // Nothing is there yet: one is led back.
    let answer = furio.get(&format!("{page}/dossier")).await;
    assert_eq!((answer.status, answer.header("location")), (303, Some(page.as_str())));
    furio.see(&page).await;
    assert_eq!(furio.post(&format!("{page}/dossier"), &[("reason", "")]).await.status, 422);
    furio.led(&format!("{page}/dossier"), &[("reason", "controllo a campione")]).await;
    let mut ready = None;
    for _ in 0..200 {
        let text = furio.see(&format!("{page}/dossier")).await;
        if let Some((_, rest)) = text.split_once(&format!("href=\"{page}/dossier/")) {
            ready = Some(format!("{page}/dossier/{}", rest.split('"').next().unwrap()));
            break;
        }
        assert!(text.contains("<progress"), "{text}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let url = ready.expect("it is packed");
    assert!(furio.see(&page).await.contains(&format!("{page}/dossier\"")));

    let whole = furio.get(&url).await;
    assert_eq!(whole.status, 200);
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    let tag = whole.header("etag").unwrap().to_owned();
    assert_eq!(tag, format!("\"{}\"", plico_archive::hex(&plico_crypto::digest::sha256(&whole.body))));
    assert_eq!(checked(&whole.body, Some(&policy(&town))).verdict, Verdict::Ok);
    let size = whole.body.len();

    // It broke off in the middle of a sealed piece, and goes on; an end, a middle, and what is not there.
    let part = async |furio: &mut crate::staff::Desk<'_>, range: &str, same: &str| {
        furio.with("GET", &url, &[("range", range), ("if-range", same)], b"").await
    };
    let cut = 65_536 * 2 + 17;
    let rest = part(&mut furio, &format!("bytes={cut}-"), &tag).await;
    assert_eq!(rest.status, 206);
    assert_eq!(rest.header("content-range"), Some(format!("bytes {cut}-{}/{size}", size - 1).as_str()));
    assert_eq!(rest.header("content-length"), Some((size - cut).to_string().as_str()));
    assert!([&whole.body[..cut], &rest.body].concat() == whole.body);
    let middle = part(&mut furio, "bytes=65530-65545", &tag).await;
    assert_eq!((middle.status, &middle.body[..]), (206, &whole.body[65_530..65_546]));
    let last = part(&mut furio, "bytes=-100", &tag).await;
    assert_eq!((last.status, &last.body[..]), (206, &whole.body[size - 100..]));
    let beyond = part(&mut furio, &format!("bytes={size}-"), &tag).await;
    assert_eq!(beyond.status, 416);
    assert_eq!(beyond.header("content-range"), Some(format!("bytes */{size}").as_str()));
    // Of another file he is given the whole.
    let other = part(&mut furio, "bytes=100-", "\"another\"").await;
    assert_eq!((other.status, other.body.len()), (200, size));

    // It is his alone, and nobody else's address.
    let mut elena = crate::staff::Desk::of(&town, &town.records_manager).await;
    assert_eq!(elena.get(&url).await.status, 404);
    assert_eq!(furio.get(&format!("{page}/dossier/nothing")).await.status, 404);
    // Packed again it takes the old one's place.
    furio.see(&page).await;
    furio.led(&format!("{page}/dossier"), &[("reason", "secondo controllo")]).await;
    for _ in 0..200 {
        if furio.get(&url).await.status == 404 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(furio.get(&url).await.status, 404);
    let uploads = "select count(*) from upload where owner like 'dossier:%'";
    let database = town.app.desk.archive().database();
    assert_eq!(database.scalar_i64(uploads, plico_database::args![]).await.unwrap(), 1);
    // A week later it is gone.
    town.clock.advance(std::time::Duration::from_hours(8 * 24));
    town.app.desk.sweep(30).await.unwrap();
    assert_eq!(database.scalar_i64(uploads, plico_database::args![]).await.unwrap(), 0);
}

#[tokio::test]
async fn every_harm_to_a_dossier_is_named() {
    let town = Town::start().await;
    let case = case(&town).await;
    let manager = town.as_operator(&town.records_manager).await;
    let bytes = export(&town, &manager, &case).await;
    let policy = policy(&town);
    let files = unpacked(&bytes);
    assert_eq!(checked(&packed(&files), Some(&policy)).verdict, Verdict::Ok, "packing again is no harm");

    // One byte of any file, and nothing else: the bag says so.
    for name in files.keys() {
        let mut harmed = files.clone();
        let content = harmed.get_mut(name).unwrap();
        let middle = content.len() / 2;
        if let Some(byte) = content.get_mut(middle) {
            *byte ^= 1;
        }
        let report = checked(&packed(&harmed), Some(&policy));
        assert_eq!(report.verdict, Verdict::Failed, "{name}");
        // A tag file is no longer what the manifest of tags says; everything else no longer what the manifest says.
        assert_eq!(report.result(CheckName::Bag), CheckResult::Failed, "{name}");
    }

    // By whoever knows what he does: manifests and index fit again, the evidence does not.
    let find = |end: &str| files.keys().find(|name| name.ends_with(end)).unwrap().clone();
    let events: Vec<String> = files
        .keys()
        .filter(|name| name.ends_with("/leaf.json"))
        .map(|name| name.replace("leaf.json", ""))
        .collect();
    let (leaf, parts, proof) = (find("/leaf.json"), find("/parts.json"), find("/proof.tlog-proof"));
    let cases = [
        (leaf, CheckName::Inclusion),
        (parts, CheckName::Parts),
        (proof, CheckName::Inclusion),
        (find("/earlier.checkpoint"), CheckName::Continuity),
        (find("/consistency.txt"), CheckName::Continuity),
        (files.keys().find(|name| name.contains("/pianta ")).unwrap().clone(), CheckName::Documents),
        (files.keys().find(|name| name.contains("/ricevute/")).unwrap().clone(), CheckName::Receipts),
    ];
    for (name, check) in cases {
        let mut harmed = files.clone();
        let content = harmed.get_mut(&name).unwrap();
        let before = content.clone();
        // A digit or letter for another, so that the form stays what it was.
        let middle = content.len() / 2;
        let at = (middle..content.len()).find(|at| content[*at].is_ascii_alphanumeric()).unwrap_or(middle);
        content[at] = if content[at] == b'A' { b'B' } else { b'A' };
        if check == CheckName::Receipts {
            // This town has no seal, and what no seal covers is not bound: the half of a receipt is none.
            content.truncate(middle);
        }
        let after = content.clone();
        let index = harmed.get_mut("fascicolo-2026-1/data/PIndex.xml").unwrap();
        let hex = |bytes: &[u8]| plico_archive::hex(&plico_crypto::digest::sha256(bytes));
        *index = String::from_utf8(index.clone()).unwrap().replace(&hex(&before), &hex(&after)).into_bytes();
        mended(&mut harmed);
        let report = checked(&packed(&harmed), Some(&policy));
        assert_eq!(report.result(CheckName::Bag), CheckResult::Ok, "{name}: {:#?}", report.checks);
        assert_eq!(report.result(CheckName::Index), CheckResult::Ok, "{name}: {:#?}", report.checks);
        assert_eq!(report.verdict, Verdict::Failed, "{name}");
        let failed: Vec<_> = report.checks.iter().filter(|c| c.result == CheckResult::Failed).collect();
        assert!(failed.iter().any(|found| found.name == check), "{name}: {failed:#?}");
    }

    // An event goes that another names as the one before it, and with it everything that names its files.
    let previous = |folder: &String| -> Option<String> {
        let leaf: serde_json::Value = serde_json::from_slice(&files[&format!("{folder}leaf.json")]).unwrap();
        Some(format!("/storia/{:03}/{:012}/", leaf["p"][0].as_u64()?, leaf["p"][1].as_u64()?))
    };
    let named: Vec<String> = events.iter().filter_map(previous).collect();
    let gone: Vec<&String> =
        events.iter().filter(|event| named.iter().any(|one| event.ends_with(one))).collect();
    assert!(gone.len() >= 5, "{events:?} {named:?}");
    for gone in gone {
        let mut harmed = files.clone();
        harmed.retain(|name, _| !name.starts_with(gone.as_str()));
        without_in_index(&mut harmed, gone);
        mended(&mut harmed);
        let report = checked(&packed(&harmed), Some(&policy));
        assert_eq!(report.result(CheckName::Bag), CheckResult::Ok, "{:#?}", report.checks);
        assert_eq!(report.result(CheckName::Index), CheckResult::Ok, "{:#?}", report.checks);
        assert_eq!(report.result(CheckName::History), CheckResult::Failed, "{gone}: {:#?}", report.checks);
    }

    // Another log's key: whoever verifies brings his own policy.
    let other =
        town.app.desk.archive().logs().await.unwrap().into_iter().find(|log| log.administration != BODY);
    let key = town.app.desk.archive().verifier_key(&other.unwrap().origin).unwrap();
    let stranger = Policy::parse(format!("log {key}\nquorum none\n").as_bytes()).unwrap();
    assert_eq!(checked(&bytes, Some(&stranger)).result(CheckName::Checkpoint), CheckResult::Failed);
}

/// The index without the files of a folder.
fn without_in_index(files: &mut BTreeMap<String, Vec<u8>>, folder: &str) {
    let folder = folder.strip_prefix("fascicolo-2026-1/data/").unwrap();
    let index = files.get_mut("fascicolo-2026-1/data/PIndex.xml").unwrap();
    let text = String::from_utf8(index.clone()).unwrap();
    let (mut out, mut rest) = (String::new(), text.as_str());
    while let Some(start) = rest.find("<sincro:File ") {
        let end = rest[start..].find("</sincro:File>").unwrap() + start + "</sincro:File>".len();
        let file = &rest[start..end];
        out.push_str(&rest[..start]);
        if !file.contains(&format!("<sincro:Path>{folder}")) {
            out.push_str(file);
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    *index = out.into_bytes();
}

/// At the command line, and by programs that others wrote.
#[tokio::test(flavor = "multi_thread")]
async fn strangers_agree_with_it() {
    let town = Town::start().await;
    let case = case(&town).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("f.zip");
    let run = |arguments: &[&str]| {
        let url = town.app.shell.config().database.url.expose();
        let output = plico().env(DATABASE, url).args(arguments).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8_lossy(&text).into_owned())
    };
    let (data, out) = (town.folder().join("data").display().to_string(), file.display().to_string());
    let export = |name: &str| run(&["export", name, "-o", &out, "--data-dir", &data, "--body", "c_b999"]);
    let (code, text) = export("2026/99");
    assert!(code != 0 && !file.exists(), "{text}");
    let (code, text) = export("2026/1");
    assert_eq!(code, 0, "{text}");
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600, "it holds what people wrote");
    let (code, text) = export(&case);
    assert_eq!(code, 64, "a file that is there is kept: {text}");
    let (code, text) = run(&["verify", &out]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("ok     history"), "{text}");

    let unpacked = folder.path().join("u");
    zip::ZipArchive::new(fs::File::open(&file).unwrap()).unwrap().extract(&unpacked).unwrap();
    let bag = unpacked.join("fascicolo-2026-1");
    let (code, text) = run(&["verify", &bag.display().to_string(), "--json"]);
    assert_eq!(code, 2, "{text}");
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["verdict"], "incomplete");
    agrees(Command::new("sha256sum").args(["--quiet", "-c", "tagmanifest-sha256.txt"]).current_dir(&bag));
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/specs/sincro/Unisincro_PIndex.xsd");
    if schema.exists() {
        agrees(
            Command::new("xmllint")
                .arg("--noout")
                .arg("--schema")
                .args([schema, bag.join("data/PIndex.xml")]),
        );
    } else {
        println!("the schema of UNI 11386 is not beside the project: the index was not validated");
    }
    let mut metadata: Vec<PathBuf> =
        fs::read_dir(bag.join("data/metadati")).unwrap().map(|entry| entry.unwrap().path()).collect();
    metadata.push(bag.join("data/indice.html"));
    let (html, xml) = (metadata.pop().unwrap(), metadata);
    agrees(Command::new("xmllint").arg("--noout").args(xml));
    agrees(Command::new("xmllint").args(["--noout", "--html"]).arg(html));

    fs::write(&file, b"PK\x03\x04 and nothing else").unwrap();
    let (code, text) = run(&["verify", &out, "--json"]);
    assert_eq!(code, 1, "{text}");
}

#[expect(clippy::print_stdout, reason = "said aloud where a test is left out")]
fn agrees(command: &mut Command) {
    match command.output() {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
        Err(_) if std::env::var("REAL_SERVERS").as_deref() != Ok("required") => {
            println!("{} is not installed: not asked", command.get_program().display());
        }
        Err(error) => panic!("{}: {error}", command.get_program().display()),
    }
}
