//! A small town on a real server: an archive in a folder of its own, a clock that stands still until it is moved,
//! HTTP over a loopback socket. Each test starts its own; nothing is shared.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use plico::app::{self, App};
use plico::clock::FixedClock;
use plico::config::{Config, Secret};
use plico::http::server;
use plico_archive::Begin;
use plico_desk::account::Identity;
use plico_desk::admin::{OfficeForm, OperatorForm};
use plico_desk::delegation::MandateForm;
use plico_desk::kind::Kind;
use plico_desk::{Actor, Limits};
use plico_record::fiscal::FiscalCode;
use plico_record::part::LoginPart;
use plico_testkit::real::postgres;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Tuesday 10 March 2026, 09:00 in Rome.
pub const MORNING: i64 = 1_773_129_600_000;
/// The administration.
pub const BODY: &str = "borgo";
/// Another one on the same installation: nothing of it may be seen.
pub const OTHER: &str = "altrove";

/// Who works there and who writes to it; each is an account.
pub struct Town {
    pub app: App,
    pub clock: Arc<FixedClock>,
    pub address: SocketAddr,
    /// The protocol office and an ordinary one; and one of the other administration.
    pub protocol: String,
    pub building: String,
    pub elsewhere: String,
    pub protocol_operator: String,
    pub building_operator: String,
    pub records_manager: String,
    pub auditor: String,
    pub administrator: String,
    /// Two persons; Anna may act for the company.
    pub anna: String,
    pub bruno: String,
    pub company: String,
    /// A person of the other administration.
    pub stranger: String,
    folder: TempDir,
}

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}

impl Town {
    /// Founds it and opens its doors.
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// The same with other settings.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        plico_pdf::aside::use_program(env!("CARGO_BIN_EXE_plico").into());
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut config = Config {
            data_dir: folder.path().join("data"),
            public_url: format!("http://{address}"),
            origin_domain: "archivio.borgo.example".into(),
            ..Config::default()
        };
        // On the engine of this run.
        config.database.url = Secret::new(postgres::wanted(folder.path()).unwrap_or_default());
        change(&mut config);
        let clock = Arc::new(FixedClock::at(MORNING));
        let begin = Begin {
            domain: config.origin_domain.clone(),
            administrations: vec![
                (BODY.into(), "Comune di Borgo".into(), "c_b999".into()),
                (OTHER.into(), "Unione di Altrove".into(), "c_a999".into()),
            ],
            demo: false,
            seal_pem: Some(seal()),
            keys: plico_archive::keys::Wanted::Clear,
        };
        let paths = app::paths(&config);
        let archive =
            plico_archive::Archive::init(&paths, begin, clock.clone(), app::entropy()).await.unwrap();
        let app = app::assemble(config, false, &archive, clock.clone()).unwrap();
        let mut town = Self {
            app,
            clock,
            address,
            protocol: String::new(),
            building: String::new(),
            elsewhere: String::new(),
            protocol_operator: String::new(),
            building_operator: String::new(),
            records_manager: String::new(),
            auditor: String::new(),
            administrator: String::new(),
            anna: String::new(),
            bruno: String::new(),
            company: String::new(),
            stranger: String::new(),
            folder,
        };
        town.settle_people().await;
        let router = server::router(&town.app.shell, app::pages(&town.app));
        let forever = std::future::pending();
        tokio::spawn(server::serve(listener, router, 64, Duration::from_secs(1), forever));
        town
    }

    async fn settle_people(&mut self) {
        let console = Actor::console(BODY, "test");
        self.protocol = self.office(&console, "Ufficio Protocollo", true).await;
        self.building = self.office(&console, "Ufficio Edilizia", false).await;
        self.elsewhere = self.office(&Actor::console(OTHER, "test"), "Ufficio Anagrafe", true).await;
        for administration in [BODY, OTHER] {
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
            self.app.desk.save_kind(&Actor::console(administration, "test"), kind).await.unwrap();
        }
        let (protocol, building) = (self.protocol.clone(), self.building.clone());
        self.protocol_operator = self.operator("carla.protocollo", "operator", &[&protocol]).await;
        self.building_operator = self.operator("dino.edilizia", "operator", &[&building]).await;
        self.records_manager = self.operator("elena.archivio", "records_manager", &[]).await;
        self.auditor = self.operator("furio.revisore", "auditor", &[]).await;
        self.administrator = self.operator("gaia.amministra", "administrator", &[]).await;
        self.anna = self.person(BODY, "Anna Bassi", &code("BSSNNA80A41H501")).await;
        self.bruno = self.person(BODY, "Bruno Conti", &code("CNTBRN75C12F205")).await;
        self.company = self.person(BODY, "Fornace Bassi S.r.l.", "90042100330").await;
        self.stranger = self.person(OTHER, "Zeno Altrui", &code("LTRZNE82D20L219")).await;
        let mandate = MandateForm {
            holder_code: "90042100330".into(),
            delegate_code: code("BSSNNA80A41H501"),
            title: "legal_representative".into(),
            evidence: "visura camerale del 2 marzo 2026".into(),
            ..MandateForm::default()
        };
        let mandate = self.app.desk.record_mandate(&console, mandate).await.unwrap();
        self.app.desk.confirm_mandate(&console, &mandate).await.unwrap();
    }

    async fn office(&self, console: &Actor, name: &str, protocol: bool) -> String {
        let form = OfficeForm {
            id: String::new(),
            name: name.into(),
            responsible: "Dott.ssa Rosa Neri".into(),
            email: String::new(),
            protocol,
            from: "2026-01-01".into(),
            until: String::new(),
        };
        self.app.desk.save_office(console, form).await.unwrap()
    }

    async fn operator(&self, login: &str, role: &str, offices: &[&str]) -> String {
        let form = OperatorForm {
            account: String::new(),
            login: login.into(),
            name: login.replace('.', " "),
            email: format!("{login}@borgo.example"),
            active: true,
            fiscal_code: String::new(),
            roles: vec![role.into()],
            offices: offices.iter().map(|office| (*office).to_owned()).collect(),
        };
        self.app.desk.save_operator(&Actor::console(BODY, "test"), form).await.unwrap()
    }

    async fn person(&self, administration: &str, name: &str, code: &str) -> String {
        let identity =
            Identity { fiscal_code: FiscalCode::parse(code).unwrap(), name: name.into(), email: None };
        self.app.desk.person_signs_in(administration, identity, login()).await.unwrap()
    }

    /// The actor of a person's session.
    pub async fn as_person(&self, person: &str) -> Actor {
        self.app.desk.person_actor(person, None, Some(login())).await.unwrap().unwrap()
    }

    /// The actor of an operator's session.
    pub async fn as_operator(&self, account: &str) -> Actor {
        self.app.desk.operator_actor(account, Some(login())).await.unwrap().unwrap()
    }

    /// Bounds in force.
    pub fn limits(&self) -> Limits {
        self.app.desk.limits(BODY)
    }

    /// Folder that holds the archive (`data`), its keys and the signer's state.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Lets checkpoints, jobs and index follow until nothing is left to do.
    pub async fn settle(&self) {
        let archive = self.app.desk.archive();
        for _ in 0..100 {
            archive.sign_checkpoints().await.unwrap();
            archive.index_events().await.unwrap();
            // What said "later" is due later.
            if plico::work::drain(&self.app, "test").await.unwrap() == 0 {
                return;
            }
            self.clock.advance(Duration::from_secs(1));
        }
        panic!("jobs do not end");
    }

    /// One request on a connection of its own.
    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        send(self.address, method, path, headers, body).await
    }
}

/// Sends one request to whoever listens there.
pub async fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    for (name, value) in headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    if !body.is_empty() || method == "POST" {
        let _ = write!(head, "content-length: {}\r\n", body.len());
    }
    head.push_str("\r\n");
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    // The server may answer and close before it has read everything.
    let _ = stream.write_all(body).await;
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    answer(&bytes)
}

/// A login as evidence keeps it.
pub fn login() -> LoginPart {
    LoginPart {
        v: 1,
        method: "demo".into(),
        level: "L2".into(),
        at: MORNING,
        evidence: serde_json::json!({"test": true}),
    }
}

/// A valid invented fiscal code from its first 15 characters.
pub fn code(first15: &str) -> String {
    format!("{first15}{}", FiscalCode::check_of(first15).unwrap())
}

/// The seal that `plico init` makes.
fn seal() -> String {
    let sealer = plico_signature::seal::Sealer::self_signed("Comune di Borgo", MORNING).unwrap();
    String::from_utf8(sealer.to_pem().unwrap()).unwrap()
}

/// A `multipart/form-data` body and its content type: fields, then files under `files`.
pub fn multipart(fields: &[(&str, &str)], files: &[(&str, &[u8])]) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part = format!("--xXx\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    for (name, content) in files {
        let part =
            format!("--xXx\r\ncontent-disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\r\n");
        body.extend_from_slice(part.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--xXx--\r\n");
    ("multipart/form-data; boundary=xXx".into(), body)
}

fn answer(bytes: &[u8]) -> Answer {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer with a head");
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let raw = &bytes[end + 4..];
    let chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let body = if chunked { unchunked(raw) } else { raw.to_vec() };
    Answer { status, headers, body }
}

fn unchunked(mut raw: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(line) = raw.windows(2).position(|two| two == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&raw[..line]).unwrap(), 16).unwrap();
        if size == 0 {
            break;
        }
        body.extend_from_slice(&raw[line + 2..line + 2 + size]);
        raw = &raw[line + 2 + size + 2..];
    }
    body
}
