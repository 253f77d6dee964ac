//! The layers around every page, over pages made for these tests.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{self, HeaderMap};
use axum::http::{Method, Request, Response, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use http_body_util::BodyExt as _;
use plico::clock::FixedClock;
use plico::config::Config;
use plico::http::request::Peer;
use plico::http::session::SignIn;
use plico::http::upload::Piece;
use plico::http::{Context, Error, Form, Path, Query, Refusal, Shell, Upload, server, visitor};
use plico_database::{Database, args};
use serde::Deserialize;
use tower::ServiceExt as _;

const NOW: i64 = 1_795_000_000_000;
const SESSION: &str = "create table session (token_hash blob primary key, account text not null, kind text not null, \
    level text not null, acting_for text, csrf blob not null, created_ms integer not null, seen_ms integer not null, \
    expires_ms integer not null, evidence blob not null, locale text) strict";

#[derive(Deserialize)]
struct Note {
    text: String,
    #[serde(default)]
    tag: Vec<String>,
}

async fn token(context: Context) -> String {
    format!("{} {}", context.form_token(), context.lang())
}

async fn write(Form(note): Form<Note>) -> String {
    format!("{} {:?}", note.text, note.tag)
}

async fn receive(mut upload: Upload) -> Result<String, Error> {
    let mut said = Vec::new();
    while let Some(piece) = upload.next().await? {
        match piece {
            Piece::Text { name, value } => said.push(format!("{name}={value}")),
            Piece::File(mut file) => {
                let size = file.pour(async |_| Ok(())).await?;
                said.push(format!("{}:{size}", file.file_name.chars().count()));
            }
        }
    }
    Ok(said.join(" "))
}

async fn headers(headers: HeaderMap, context: Context) -> String {
    format!(
        "{} {:?} {}",
        headers.keys().any(|name| name.as_str().starts_with("x-")),
        context.assertion(),
        context.client()
    )
}

async fn fault() -> Result<(), Error> {
    Err(Error::fault("the secret plan failed"))
}

async fn who(context: Context) -> Result<String, Error> {
    Ok(context.signed_in()?.account.clone())
}

async fn number(Path(number): Path<u32>, Query(note): Query<Note>) -> String {
    format!("{number} {}", note.text)
}

async fn long(State(_): State<Shell>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/html")], "plico ".repeat(1000))
}

struct Town {
    shell: Shell,
    app: Router,
}

async fn town(change: impl FnOnce(&mut Config)) -> Town {
    let database = Database::memory().unwrap();
    database.execute(SESSION, args![]).await.unwrap();
    let mut config = Config::default();
    config.limits.upload_max_bytes = 1000;
    config.limits.message_max_bytes = 1500;
    config.limits.files_per_message = 3;
    config.limits.upload_idle_seconds = 1;
    change(&mut config);
    let shell = Shell::new(config, false, Arc::new(FixedClock::at(NOW)), database).unwrap();
    let pages = Router::new()
        .route("/token", get(token))
        .route("/write", post(write))
        .route("/receive", post(receive))
        .route("/headers", get(headers))
        .route("/fault", get(fault))
        .route("/api/v1/fault", get(fault))
        .route("/who", get(who))
        .route("/api/v1/who", get(who))
        .route("/number/{number}", get(number))
        .route("/long", get(long))
        .merge(visitor::routes())
        .with_state(shell.clone());
    let app = server::router(&shell, pages);
    Town { shell, app }
}

impl Town {
    async fn send(&self, mut request: Request<Body>) -> Response<Body> {
        request.extensions_mut().insert(Peer(IpAddr::from([203, 0, 113, 5])));
        self.app.clone().oneshot(request).await.unwrap()
    }

    async fn get(&self, path: &str, with: &[(&str, &str)]) -> Response<Body> {
        self.send(request(Method::GET, path, with, Body::empty())).await
    }

    /// A visitor's form token and the cookie it belongs to.
    async fn form(&self) -> (String, String) {
        let response = self.get("/token", &[]).await;
        let cookie =
            response.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
        let token = text(response).await.split(' ').next().unwrap().to_owned();
        (token, cookie)
    }

    async fn upload(&self, parts: &[(&str, Option<&str>, &str)]) -> Response<Body> {
        let (token, cookie) = self.form().await;
        let mut body = String::new();
        let token_part = [("_csrf", None, token.as_str())];
        for (name, file_name, content) in token_part.iter().chain(parts) {
            let file = file_name.map_or(String::new(), |name| format!("; filename=\"{name}\""));
            let _ = write!(
                body,
                "--b\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{content}\r\n"
            );
        }
        body += "--b--\r\n";
        let with = [("cookie", cookie.as_str()), ("content-type", "multipart/form-data; boundary=b")];
        self.send(request(Method::POST, "/receive", &with, Body::from(body))).await
    }
}

fn request(method: Method, path: &str, with: &[(&str, &str)], body: Body) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in with {
        request = request.header(*name, *value);
    }
    request.body(body).unwrap()
}

async fn text(response: Response<Body>) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().into()).unwrap()
}

#[tokio::test]
async fn every_answer_has_an_id_and_the_security_headers() {
    let town = town(|_| {}).await;
    for path in ["/token", "/nowhere", "/fault", "/api/v1/fault"] {
        let response = town.get(path, &[]).await;
        let headers = response.headers();
        assert_eq!(headers["request-id"].len(), 16, "{path}");
        assert!(
            headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"),
            "{path}"
        );
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["cache-control"], "no-store", "{path}");
        assert!(!headers.contains_key("strict-transport-security"), "{path}");
    }
}

#[tokio::test]
async fn a_fault_tells_its_id_and_nothing_else() {
    let town = town(|_| {}).await;
    let response = town.get("/fault", &[("accept-language", "en")]).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let id = response.headers()["request-id"].to_str().unwrap().to_owned();
    let page = text(response).await;
    assert!(page.contains(&id) && page.contains("<html lang=\"en\""), "{page}");
    assert!(!page.contains("secret plan"), "{page}");

    let response = town.get("/api/v1/fault", &[]).await;
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let problem: serde_json::Value = serde_json::from_str(&text(response).await).unwrap();
    assert_eq!(problem["status"], 500);
    assert!(problem["type"].as_str().unwrap().ends_with("/fault"), "{problem}");
    assert!(!problem.to_string().contains("secret plan"), "{problem}");
}

#[tokio::test]
async fn a_form_needs_its_token_and_its_own_origin() {
    let town = town(|_| {}).await;
    let (token, cookie) = town.form().await;
    let body = format!("_csrf={token}&text=ciao&tag=a&tag=b");
    let form = ("content-type", "application/x-www-form-urlencoded");
    let post = |with: Vec<(&'static str, String)>, body: String| {
        let with: Vec<(&str, &str)> =
            with.iter().map(|(name, value)| (*name, value.as_str())).chain([form]).collect();
        request(Method::POST, "/write", &with, Body::from(body))
    };
    let response = town.send(post(vec![("cookie", cookie.clone())], body.clone())).await;
    assert_eq!(text(response).await, "ciao [\"a\", \"b\"]");

    for (with, body, why) in [
        (vec![], body.clone(), "no cookie"),
        (vec![("cookie", cookie.clone())], "text=quello+scritto".into(), "no token"),
        (vec![("cookie", "plico-form=AAAA".into())], body.clone(), "another cookie"),
        (
            vec![("cookie", cookie.clone()), ("origin", "https://evil.example".into())],
            body.clone(),
            "foreign origin",
        ),
        (
            vec![("cookie", cookie.clone()), ("sec-fetch-site", "cross-site".into())],
            body.clone(),
            "cross-site",
        ),
    ] {
        let response = town.send(post(with, body)).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{why}");
        let page = text(response).await;
        if why == "no token" {
            assert!(page.contains("quello scritto"), "what was typed comes back: {page}");
        }
    }
    let own = vec![("cookie", cookie), ("origin", "http://127.0.0.1:8080".into())];
    assert_eq!(town.send(post(own, body)).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn files_come_in_within_limits() {
    let town = town(|_| {}).await;
    let long = "è".repeat(5000);
    let response = town
        .upload(&[
            ("text", None, "ciao"),
            ("files", Some("a.pdf"), "12345"),
            ("files", Some(""), ""),
            ("files", Some(&long), ""),
        ])
        .await;
    assert_eq!(text(response).await, "text=ciao 5:5 5000:0");

    let big = "x".repeat(1001);
    let half = "x".repeat(800);
    for (parts, status) in [
        (vec![("f", Some("a"), big.as_str())], 413),
        (vec![("f", Some("a"), &half), ("f", Some("b"), &half)], 413),
        (vec![("f", Some("a"), ""), ("f", Some("b"), ""), ("f", Some("c"), ""), ("f", Some("d"), "")], 413),
        (vec![("_csrf", None, "wrong")], 403),
    ] {
        let response = town.upload(&parts).await;
        assert_eq!(response.status().as_u16(), status, "{}", parts.len());
        assert!(text(response).await.contains("<html"));
    }
}

#[tokio::test]
async fn an_upload_that_stops_is_told_so() {
    let town = town(|_| {}).await;
    let (token, cookie) = town.form().await;
    let with = [("cookie", cookie.as_str()), ("content-type", "multipart/form-data; boundary=b")];
    let begun = format!(
        "--b\r\nContent-Disposition: form-data; name=_csrf\r\n\r\n{token}\r\n--b\r\nContent-Disposition: form-data; \
         name=f; filename=a\r\n\r\nhalf a fi"
    );
    let cut = town.send(request(Method::POST, "/receive", &with, Body::from(begun.clone()))).await;
    assert_eq!(cut.status(), StatusCode::REQUEST_TIMEOUT);

    let first = futures_util::stream::iter([Ok::<_, std::io::Error>(begun)]);
    let silent = futures_util::StreamExt::chain(first, futures_util::stream::pending());
    let silent = town.send(request(Method::POST, "/receive", &with, Body::from_stream(silent))).await;
    assert_eq!(silent.status(), StatusCode::REQUEST_TIMEOUT);

    let first = "--b\r\nContent-Disposition: form-data; name=f; filename=a\r\n\r\nx\r\n--b--";
    let no_token = town.send(request(Method::POST, "/receive", &with, Body::from(first))).await;
    assert_eq!(no_token.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn forged_gateway_headers_never_arrive() {
    let forged = [
        ("x-spid-fiscalnumber", "TINIT-VRDGPP80A01H501X"),
        ("x-spid-name", "Giuseppe"),
        ("x-spid-familyname", "Verdi"),
        ("x-spid-level", "L3"),
        ("x-forwarded-for", "10.0.0.1"),
    ];
    let secret = "0123456789abcdef0123456789abcdef";
    let trusting = |config: &mut Config, peer: &str| {
        config.proxy.peers = vec![peer.parse().unwrap()];
        config.proxy.secret = plico::config::Secret::new(secret);
    };
    let without = town(|_| {}).await;
    assert_eq!(text(without.get("/headers", &forged).await).await, "false None 203.0.113.5");
    let with_secret: Vec<_> = forged.into_iter().chain([("x-plico-gateway", secret)]).collect();
    let stranger = town(|config| trusting(config, "10.0.0.0/8")).await;
    assert_eq!(text(stranger.get("/headers", &with_secret).await).await, "false None 203.0.113.5");
    let gateway = town(|config| trusting(config, "203.0.113.0/24")).await;
    assert_eq!(text(gateway.get("/headers", &forged).await).await, "false None 203.0.113.5");
    let believed = text(gateway.get("/headers", &with_secret).await).await;
    assert!(believed.starts_with("false Some(") && believed.ends_with(" 10.0.0.1"), "{believed}");
}

#[tokio::test]
async fn whoever_must_sign_in_is_led_there_and_back() {
    let town = town(|_| {}).await;
    let response = town.get("/who?of=a%26b&which=c", &[]).await;
    assert_eq!(response.headers()["location"], "/accedi?return=%2Fwho%3Fof%3Da%2526b%26which%3Dc");
    assert_eq!(town.get("/api/v1/who", &[]).await.status(), StatusCode::UNAUTHORIZED);

    let sign_in = SignIn {
        account: "anna".into(),
        kind: "local",
        level: "local".into(),
        acting_for: None,
        evidence: Vec::new(),
        locale: None,
    };
    let token = town.shell.sessions().open(sign_in, None, NOW).await.unwrap();
    let cookie = format!("plico={token}");
    assert_eq!(text(town.get("/who", &[("cookie", &cookie)]).await).await, "anna");

    // Leaving ends the session, whoever kept the cookie.
    let page = text(town.get("/token", &[("cookie", &cookie)]).await).await;
    let form = page.split(' ').next().unwrap();
    let with = [("cookie", cookie.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let left = town.send(request(Method::POST, "/esci", &with, Body::from(format!("_csrf={form}")))).await;
    assert_eq!(left.headers()["location"], "/");
    assert_eq!(town.get("/who", &[("cookie", &cookie)]).await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_language_is_the_chosen_one_then_the_browsers() {
    let town = town(|_| {}).await;
    let spoken = async |with: &[(&str, &str)]| {
        text(town.get("/token", with).await).await.split(' ').nth(1).unwrap().to_owned()
    };
    assert_eq!(spoken(&[]).await, "it");
    assert_eq!(spoken(&[("accept-language", "en-GB,it;q=0.5")]).await, "en");
    let chosen = town.get("/lingua/it?return=%2Ftoken", &[]).await;
    assert_eq!(chosen.headers()["location"], "/token");
    let cookie = chosen.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap();
    assert_eq!(spoken(&[("accept-language", "en"), ("cookie", cookie)]).await, "it");
    assert_eq!(town.get("/lingua/xx", &[]).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(town.get("/lingua/en?return=//evil.example", &[]).await.headers()["location"], "/");
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_plainly() {
    let town = town(|_| {}).await;
    assert_eq!(text(town.get("/number/7?text=x", &[]).await).await, "7 x");
    assert_eq!(town.get("/number/seven?text=x", &[]).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(town.get("/number/7", &[]).await.status(), StatusCode::BAD_REQUEST);
    let refusal = Refusal::too_often(30).into_response();
    assert_eq!(refusal.status(), StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn text_is_compressed_and_readiness_is_told() {
    let town = town(|_| {}).await;
    for (accepted, coding) in [("br, gzip", "br"), ("gzip", "gzip")] {
        let response = town.get("/long", &[("accept-encoding", accepted)]).await;
        assert_eq!(response.headers()["content-encoding"], coding);
    }
    assert_eq!(town.get("/healthz", &[]).await.status(), StatusCode::OK);
    assert_eq!(town.get("/readyz", &[]).await.status(), StatusCode::OK);
    let blocked = Arc::new(AtomicBool::new(true));
    let asked = Arc::clone(&blocked);
    let why = move || asked.load(Ordering::SeqCst).then(|| "is read-only".to_owned());
    town.shell.readiness().watch("database", why);
    let response = town.get("/readyz", &[]).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(text(response).await.contains("is read-only"));
    blocked.store(false, Ordering::SeqCst);
    assert_eq!(town.get("/readyz", &[]).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn assets_are_kept_for_ever_and_pages_never() {
    if !plico::http::assets::is_built() {
        eprintln!("skipped: this build has no assets; run make assets");
        return;
    }
    let town = town(|_| {}).await;
    let url = plico::http::assets::url("plico.css");
    let response = town.get(&url, &[("accept-encoding", "br")]).await;
    assert_eq!(response.headers()["cache-control"], "public, max-age=31536000, immutable");
    let tag = response.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(town.get(&url, &[("if-none-match", &tag)]).await.status(), StatusCode::NOT_MODIFIED);
    let old = town.get("/assets/0000000000000000/plico.css", &[]).await;
    assert_eq!(old.headers()["cache-control"], "no-cache");
    assert_eq!(town.get("/assets/x/../../Cargo.toml", &[]).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_stop_lets_what_is_under_way_end() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (entered, mut is_in) = tokio::sync::mpsc::channel::<()>(1);
    let slow = move || {
        let entered = entered.clone();
        async move {
            entered.send(()).await.unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            "done"
        }
    };
    let app = Router::new().route("/slow", get(slow));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let grace = std::time::Duration::from_secs(10);
    let server = tokio::spawn(server::serve(listener, app, 10, grace, async { drop(stopped.await) }));
    let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
    connection.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    is_in.recv().await.unwrap();
    stop.send(()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("done"), "{answer}");
    server.await.unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[test]
fn a_pdf_is_read_in_a_process_that_may_do_nothing_else() {
    use std::fmt::Write as _;
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    // The question for text, then a file: arrays two hundred thousand deep in the content of its page.
    let deep = format!("BT /F 1 Tf {}(x){} TJ ET", "[".repeat(200_000), "]".repeat(200_000));
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>".to_owned(),
        format!("<</Length {}>>\nstream\n{deep}\nendstream", deep.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
    ];
    let mut pdf = "%PDF-1.7\n".to_owned();
    for (nth, object) in objects.iter().enumerate() {
        write!(pdf, "{} 0 obj\n{object}\nendobj\n", nth + 1).unwrap();
    }
    pdf += "trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n0\n%%EOF\n";
    let mut child = Command::new(env!("CARGO_BIN_EXE_plico"))
        .arg("read-pdf")
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(&[b't', 0, 0, 0, 0, 0, 0, 0x10, 0]).unwrap();
    input.write_all(pdf.as_bytes()).unwrap();
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    drop(input);
    for (name, most) in [
        ("Max open files", "3"),
        ("Max file size", "0"),
        ("Max cpu time", "5"),
        ("Max address space", "536870912"),
    ] {
        let line = limits.lines().find(|line| line.starts_with(name)).unwrap();
        assert_eq!(line[name.len()..].split_whitespace().next(), Some(most), "{line}");
    }
    // It answers or it dies; it does not hang.
    child.wait_with_output().unwrap();
}
