//! Readers that others wrote, of what was recorded.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plico_registry::agid::{
    About, Annulment, AnnulmentAnomaly, Anomaly, By, Confirmation, Identifier, Notice, Refusal, Root, sealed,
};
use plico_registry::exchange::{Generation, Letter, Side, letter, notice};
use plico_registry::soap::{self, Node};
use plico_registry::{Access, File, Flow, Order, dime, multipart};
use plico_signature::Sealer;
use plico_testkit::real::xmlsec::Xmlsec;
use plico_testkit::real::{installed, or_say, python};

use crate::{recorded, specification};

#[test]
fn zeep_reads_every_request_and_answer_by_the_vendors_descriptions() {
    let Some(interpreter) = or_say(python::interpreter(&["zeep", "lxml"])) else { return };
    let all = [
        ("docarea-classic", "docarea-datagraph"),
        ("docarea-mime", "docarea-datagraph"),
        ("docarea-prisma", "docarea-ads-prisma"),
        ("docarea-halley", "docarea-halley"),
        ("docarea-tinn", "docarea-tinn"),
        ("iride", "jiride-wsProtocolloDm"),
        ("iride-after", "jiride-wsProtocolloDm"),
        ("sicraweb", "maggioli-sicraweb-ProWSApi"),
    ];
    for (system, description) in all {
        let Some(wsdl) = specification(&format!("protocollo/{description}.wsdl")) else { return };
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judges/read.py");
        let folder = recorded().join(system);
        let output = Command::new(&interpreter).arg(script).arg(wsdl).arg(&folder).output().expect("a run");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{system}: {said} {errors}");
        assert_eq!(said.lines().count(), std::fs::read_dir(folder).expect("a folder").count());
    }
}

/// Every piece of XML in what was recorded: envelopes, profiles beside them, and what stands as text in either.
fn pieces() -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    let folders = std::fs::read_dir(recorded()).expect("fixtures").filter_map(Result::ok);
    for folder in folders.filter(|entry| entry.path().is_dir()) {
        for file in std::fs::read_dir(folder.path()).expect("a folder").filter_map(Result::ok) {
            let bytes = std::fs::read(file.path()).expect("a file");
            let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let kind = head.lines().find_map(|line| line.strip_prefix("content-type: "));
            let kind = kind.unwrap_or_default();
            let body = &bytes[end + 4..];
            let parts = match kind.split(';').next().unwrap_or_default() {
                "multipart/related" => multipart::read(Some(kind), body).expect("parts"),
                dime::KIND => dime::read(body).expect("parts"),
                _ => vec![multipart::Part { content: body.to_vec(), ..multipart::Part::default() }],
            };
            let name =
                format!("{}-{}", folder.file_name().to_string_lossy(), file.file_name().to_string_lossy());
            for part in parts.into_iter().filter(|part| part.kind != "application/pdf") {
                inside(&soap::read(&part.content).expect("XML"), &name, &mut all);
                all.push((name.clone(), part.content));
            }
        }
    }
    all
}

/// XML that stands in another as text, or in base64.
fn inside(node: &Node, name: &str, all: &mut Vec<(String, Vec<u8>)>) {
    let text = node.text.trim();
    if text.starts_with('<') && text.ends_with('>') {
        all.push((format!("{name}-{}", node.name), text.as_bytes().to_vec()));
    } else if node.is("FileXML") {
        all.push((format!("{name}-FileXML"), STANDARD.decode(text).expect("base64")));
    }
    node.children.iter().for_each(|child| inside(child, name, all));
}

fn xmllint(schema: Option<&Path>, files: &[PathBuf]) {
    let mut command = Command::new("xmllint");
    command.args(["--nonet", "--noout"]);
    if let Some(schema) = schema {
        command.arg("--schema").arg(schema);
    }
    let output = command.args(files).output().expect("a run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn written(folder: &Path, all: &[(String, Vec<u8>)]) -> Vec<PathBuf> {
    let write = |(index, (name, bytes)): (usize, &(String, Vec<u8>))| {
        let path = folder.join(format!("{index:03}-{name}.xml"));
        std::fs::write(&path, bytes).expect("a file");
        path
    };
    all.iter().enumerate().map(write).collect()
}

#[test]
fn xmllint_reads_every_xml() {
    if or_say(installed("/usr/bin/xmllint", "libxml2-utils")).is_none() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let all = pieces();
    // Profiles: five of DocArea and one of Sicr@web; texts: two of J-Iride in each way, and those of its files.
    let profiles = all.iter().filter(|(_, bytes)| bytes.windows(10).any(|ten| ten == b"<Segnatura")).count();
    assert!(profiles >= 6 && all.len() > 80, "{profiles} {}", all.len());
    xmllint(None, &written(folder.path(), &all));
}

/// What stands between two marks, both included.
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let start = text.find(start).expect("a beginning");
    let over = text[start..].find(end).expect("an end") + end.len();
    &text[start..start + over]
}

#[test]
fn what_goes_to_other_bodies_is_valid_by_its_schemas() {
    if or_say(installed("/usr/bin/xmllint", "libxml2-utils")).is_none() {
        return;
    }
    let Some(schemas) = specification("agid-segnatura") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let read = |name: &str| std::fs::read_to_string(recorded().join("agid").join(name)).expect("a file");
    let message = read("01-MessaggioInoltro.request");
    // The services' schemas stand inside of their descriptions.
    let schema = |service: &str| {
        let wsdl =
            std::fs::read_to_string(schemas.join(format!("interfaces_SOAP/protocollo-{service}.wsdl")));
        let wsdl = wsdl.expect("a description").replace("../", &format!("{}/", schemas.display()));
        let path = folder.path().join(format!("{service}.xsd"));
        std::fs::write(&path, between(&wsdl, "<xs:schema", "</xs:schema>")).expect("a file");
        path
    };
    let request = between(&message, "<dest:RequestMessageInoltro", "</dest:RequestMessageInoltro>");
    let answer = read("01-MessaggioInoltro.answer");
    let answer = between(&answer, "<dest:Response", "</dest:ResponseMessageInoltro>");
    let refusal = Refusal::Anomaly {
        from: Box::new(identifier()),
        anomaly: Anomaly::Digests,
        info: "perché & <no>".into(),
    };
    let refusal = refusal.answer();
    let refusal = between(&refusal, "<dest:Response", "</dest:ResponseMessageInoltro>");
    let named = |text: &str| ("message".to_owned(), text.as_bytes().to_vec());
    let mut annulment = Annulment {
        by: By::Sender,
        sender: identifier(),
        recipient: identifier(),
        act: "Determina 7".into(),
        note: String::new(),
    };
    let annulled = |annulment: &Annulment| {
        let anomaly = Some((AnnulmentAnomaly::NotReceivable, "no"));
        [annulment.write(), annulment.answer(None), annulment.answer(anomaly)].map(|text| {
            let inside = between(&text, "<an:", "</soapenv:Body>");
            named(inside.trim_end_matches("</soapenv:Body>"))
        })
    };
    let mut all = vec![named(request), named(answer), named(refusal)];
    all.extend(annulled(&annulment));
    xmllint(Some(&schema("destinatario")), &written(folder.path(), &all));

    let mut confirmation =
        Confirmation { from: identifier(), outcome: Ok(identifier()), info: String::new() };
    let request = |confirmation: &Confirmation| {
        between(&confirmation.write(), "<mitt:", "</mitt:RequestConfermaMessaggioInoltro>").to_owned()
    };
    let good = request(&confirmation);
    let answer = confirmation.answer();
    let answer = between(&answer, "<mitt:", "</mitt:ResponseConfermaMessaggioInoltro>");
    confirmation.outcome = Err(Anomaly::DocumentStamp.code().into());
    confirmation.info = "la marca & il \"sigillo\"".into();
    let mut all = vec![named(&good), named(answer), named(&request(&confirmation))];
    annulment.by = By::Recipient;
    all.extend(annulled(&annulment));
    xmllint(Some(&schema("mittente")), &written(folder.path(), &all));

    let about = About::Registered(identifier());
    let notices = [
        Notice::Confirmation { as_what: identifier(), about: about.clone() },
        Notice::Update { as_what: identifier(), about: About::Described("una mail".into()) },
        Notice::Exception { as_what: None, about, reason: "illeggibile".into() },
        Notice::Annulment { what: identifier(), reason: "errore".into(), act: "Determina 7".into() },
    ];
    let all: Vec<_> = notices.iter().map(|notice| named(&notice.write())).collect();
    xmllint(Some(&schemas.join("pec_message.xsd")), &written(folder.path(), &all));
}

/// By a document type: xmllint wants it named for each file.
fn by_type(dtd: &Path, file: &Path) {
    let output =
        Command::new("xmllint").args(["--nonet", "--noout", "--dtdvalid"]).arg(dtd).arg(file).output();
    let output = output.expect("a run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_goes_by_mail_is_valid_by_the_rules_of_its_shape() {
    if or_say(installed("/usr/bin/xmllint", "libxml2-utils")).is_none() {
        return;
    }
    let Some(schemas) = specification("agid-segnatura") else { return };
    let Some(seedoo) = specification("protocollo/segnatura-seedoo.dtd") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let circular =
        |name: &str| schemas.join("previous_schemas").join(format!("segnatura_protocollo_circolare {name}"));
    // Its comments are in another encoding than it says.
    let latin = std::fs::read(circular("28_2001.dtd")).expect("a document type");
    let later = folder.path().join("later.dtd");
    std::fs::write(&later, latin.iter().map(|byte| char::from(*byte)).collect::<String>()).expect("a file");
    for generation in Generation::ALL {
        let ours = match generation {
            Generation::Y2001 => Identifier { register: String::new(), ..identifier() },
            _ => identifier(),
        };
        let about = About::Registered(ours.clone());
        let side = |name: &str, area: &str| Side {
            name: name.into(),
            administration: "c_x000".into(),
            area: area.into(),
            address: "a@x.example".into(),
        };
        let file = |name: &str, sha256: String| (name.to_owned(), "application/pdf".to_owned(), sha256);
        let mut said = Letter {
            ours: ours.clone(),
            from: side("Noi & voi", "AOO1"),
            to: side("Loro", ""),
            subject: "Perché <sì>".into(),
            files: vec![file("perché.pdf", "ab".repeat(32)), file("b\".pdf", String::new())],
        };
        let mut all: Vec<(String, Vec<u8>)> = [
            Notice::Confirmation { as_what: ours.clone(), about: about.clone() },
            Notice::Update { as_what: ours.clone(), about: About::Described("una mail".into()) },
            Notice::Exception { as_what: None, about: about.clone(), reason: "no & <no>".into() },
            Notice::Exception { as_what: Some(ours.clone()), about, reason: "no".into() },
            Notice::Annulment { what: ours, reason: "errore".into(), act: "Determina 7".into() },
        ]
        .iter()
        .map(|one| (one.file_name().to_owned(), notice(generation, one).into_bytes()))
        .collect();
        if generation != Generation::V3 {
            all.push(("Segnatura".into(), letter(generation, &said).into_bytes()));
            said.files.clear();
            all.push(("Segnatura".into(), letter(generation, &said).into_bytes()));
        }
        let files = written(folder.path(), &all);
        match generation {
            Generation::Y2001 => files.iter().for_each(|file| by_type(&seedoo, file)),
            Generation::Y2001Register => files.iter().for_each(|file| by_type(&later, file)),
            Generation::Y2013 => xmllint(Some(&circular("60_2013.xsd")), &files),
            Generation::V3 => xmllint(Some(&schemas.join("pec_message.xsd")), &files),
        }
    }
}

#[test]
fn a_mark_is_valid_by_its_schema_and_its_seal_holds() {
    let pki = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/pki");
    let pem = std::fs::read(pki.join("anna-rsa.pem")).expect("a key");
    let sealer = Sealer::from_pem(&pem, &pem).expect("a seal");
    let options = [
        ("aoo", "AOO1"),
        ("register", "PG"),
        ("registration_number", "12"),
        ("registration_date", "2026-11-23"),
        ("email", "protocollo@esempio.it"),
        ("recipient_administration", "p_tn"),
    ];
    let access = Access {
        administration: "c_x000".into(),
        options: options.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        ..Access::default()
    };
    let file = |name: &str| File {
        id: name.into(),
        name: name.into(),
        media_type: "application/pdf".into(),
        size: 1,
        sha256: "ab".repeat(32),
    };
    let order = Order {
        key: "PLICO-1".into(),
        flow: Flow::Out,
        subject: "Oggetto & \"altro\" <qui>".into(),
        presented_ms: 1_795_428_000_000,
        day: "2026-11-23".into(),
        parties: Vec::new(),
        office: "Ufficio".into(),
        office_code: "UO1".into(),
        classification: String::new(),
        case_file: String::new(),
        documents: vec![file("perché.pdf"), file("b\".pdf")],
        options: BTreeMap::new(),
    };
    let mark = |root| sealed(root, &order, &access, &sealer).expect("a mark");
    let (alone, pec) = (mark(Root::File), mark(Root::Pec));
    if let Some(xmlsec) = or_say(Xmlsec::new()) {
        let ids = ["http://uri.etsi.org/01903/v1.3.2#:SignedProperties"];
        for mark in [&alone, &pec, &mark(Root::Message)] {
            assert!(xmlsec.verifies(mark.as_bytes(), &pem, &ids).expect("a verdict"));
            let touched = mark.replace("altro", "Altro");
            assert!(!xmlsec.verifies(touched.as_bytes(), &pem, &ids).expect("a verdict"));
        }
    }
    let Some(schemas) = specification("agid-segnatura") else { return };
    if or_say(installed("/usr/bin/xmllint", "libxml2-utils")).is_none() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    for (text, schema) in [(alone, "segnatura_protocollo.xsd"), (pec, "pec_message.xsd")] {
        let files = written(folder.path(), &[("mark".to_owned(), text.into_bytes())]);
        xmllint(Some(&schemas.join(schema)), &files);
    }
}

fn identifier() -> Identifier {
    Identifier {
        administration: "p_tn".into(),
        area: "AOO9".into(),
        register: "R.1".into(),
        number: 42,
        date: "2026-11-23".into(),
    }
}
