//! A small town on a real archive.

use std::sync::Arc;

use plico::clock::SystemClock;
use plico_archive::{Archive, Begin, Paths};
use plico_desk::account::Identity;
use plico_desk::admin::OfficeForm;
use plico_desk::draft::{Purpose, Words};
use plico_desk::kind::Kind;
use plico_desk::upload::Scan;
use plico_desk::{Actor, Desk, Limits};
use plico_locale::Catalogue;
use plico_record::fiscal::FiscalCode;
use plico_record::part::LoginPart;

pub const BODY: &str = "borgo";
pub struct Town {
    pub desk: Desk,
    pub citizen: Actor,
    pub office: String,
    pub folder: tempfile::TempDir,
}

pub fn login() -> LoginPart {
    LoginPart { v: 1, method: "demo".into(), level: "L2".into(), at: 0, evidence: serde_json::Value::Null }
}

pub async fn town() -> Town {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name);
    let paths = Paths {
        data: at("data"),
        database: Paths::file_in(&at("data")),
        key_file: at("keys"),
        unlock: plico_archive::keys::Unlock::default(),
        signer: at("signer"),
        stores: plico_vault::Stores::default(),
    };
    let begin = Begin {
        domain: "bench.example".into(),
        administrations: vec![(BODY.into(), "Comune di Borgo".into(), "c_x000".into())],
        demo: false,
        seal_pem: None,
        keys: plico_archive::keys::Wanted::Clear,
    };
    let archive = Archive::init(&paths, begin, Arc::new(SystemClock), plico::app::entropy())
        .await
        .expect("an archive begins");
    let catalogue = Arc::new(Catalogue::load().expect("catalogues"));
    let desk = Desk::new(archive, catalogue, Limits::default(), "http://127.0.0.1");
    let console = Actor::console(BODY, "bench");
    let form = OfficeForm {
        name: "Tributi".into(),
        responsible: "Rosa Neri".into(),
        from: "2020-01-01".into(),
        protocol: true,
        ..OfficeForm::default()
    };
    let office = desk.save_office(&console, form).await.expect("an office");
    let kind = Kind {
        code: "istanza".into(),
        name: "Istanza".into(),
        name_en: "Application".into(),
        help: String::new(),
        document_type: "istanza".into(),
        office: None,
        term_days: Some(30),
        silence: "none".into(),
        remedies: String::new(),
        retention_years: 10,
        confidential: false,
        offered: true,
        class: String::new(),
    };
    desk.save_kind(&console, kind).await.expect("a kind");
    let first15 = "RSSMRA80A41H501";
    let code = format!("{first15}{}", FiscalCode::check_of(first15).expect("a check character"));
    let identity = Identity {
        fiscal_code: FiscalCode::parse(&code).expect("a fiscal code"),
        name: "Maria Rossi".into(),
        email: None,
    };
    let person = desk.person_signs_in(BODY, identity, login()).await.expect("a person");
    let citizen =
        desk.person_actor(&person, None, Some(login())).await.expect("an actor").expect("a person is there");
    Town { desk, citizen, office, folder }
}

/// A draft with one attachment, ready to be sent.
pub async fn draft(desk: &Desk, citizen: &Actor, office: &str, bytes: &[u8]) -> String {
    let words = Words {
        kind: "istanza".into(),
        office: office.into(),
        subject: "Rimborso".into(),
        text: "Chiedo il rimborso.".into(),
    };
    let draft = desk.begin_draft(citizen, Purpose::Filing, None, words).await.expect("a draft");
    let (owner, _) = desk.draft_files(citizen, &draft).await.expect("its files");
    let mut upload = desk.begin_upload(citizen, &owner, "allegato.bin").await.expect("an upload");
    upload.write(bytes).await.expect("its bytes");
    desk.finish_upload(upload, async |_| Scan::Off).await.expect("it is stored");
    draft
}
