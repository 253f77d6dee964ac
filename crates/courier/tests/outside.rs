//! Addresses that strangers wrote, against servers that lead elsewhere.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use plico_courier::http::{Http, HttpError, Outside};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// A server that answers a path with a whole answer, and counts who came.
async fn server(answers: &[(&str, String)]) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answers: HashMap<String, String> =
        answers.iter().map(|(path, answer)| ((*path).to_owned(), answer.clone())).collect();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::Relaxed);
            let mut buffer = [0; 4096];
            let read = stream.read(&mut buffer).await.unwrap_or(0);
            let head = String::from_utf8_lossy(&buffer[..read]).into_owned();
            // To a proxy the whole address is written.
            let target = head.split(' ').nth(1).unwrap_or_default();
            let path =
                target.split_once("//").map_or(target, |(_, rest)| &rest[rest.find('/').unwrap_or(0)..]);
            let answer = answers
                .get(path)
                .cloned()
                .unwrap_or_else(|| "HTTP/1.1 404 -\r\ncontent-length: 0\r\n\r\n".into());
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    (address, asked)
}

fn moved(to: &str) -> String {
    format!("HTTP/1.1 302 -\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
}

fn text(body: &str) -> String {
    format!("HTTP/1.1 200 -\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

/// A client that may ask 127.0.0.1 and nobody else of the house.
fn client(proxy: &str, inside: bool) -> Http {
    let home = IpAddr::from([127, 0, 0, 1]);
    let inside = Arc::new(move |address| inside && address == home);
    let outside = Outside { proxy: proxy.into(), hosts: Vec::new(), inside };
    Http::to_strangers(Duration::from_secs(2), outside).unwrap()
}

#[tokio::test]
async fn nobody_of_the_house_is_connected_to() {
    let (address, asked) = server(&[("/", text("segreto"))]).await;
    let http = client("", false);
    let port = address.port();
    // Written as an address, and as a name that leads to one.
    for url in [format!("http://127.0.0.1:{port}/"), format!("http://localhost:{port}/")] {
        let error = http.get(&url, None, 100).await.unwrap_err();
        assert!(matches!(error, HttpError::Forbidden(_)), "{url}: {error:?}");
        let error = http.post(&url, "text/plain", b"x".to_vec(), 100).await.unwrap_err();
        assert!(matches!(error, HttpError::Forbidden(_)), "{url}: {error:?}");
    }
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    // Where the configuration allows it, it is.
    let answer = client("", true).get(&format!("http://localhost:{port}/"), None, 100).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, b"segreto".as_slice()));
}

#[tokio::test]
async fn a_redirection_leads_nowhere_where_one_may_not_go_and_not_for_ever() {
    let (inner, asked) = server(&[("/", text("segreto"))]).await;
    // The same machine by another of its addresses, which is not allowed.
    let hidden = format!("http://127.0.0.2:{}/", inner.port());
    let answers = [
        ("/good", moved("/there")),
        ("/there", text("lista")),
        ("/loop", moved("/loop")),
        ("/in", moved(&hidden)),
        ("/file", moved("file:///etc/passwd")),
        ("/far", moved("http://10.0.0.1/")),
    ];
    let (address, _) = server(&answers).await;
    let http = client("", true);
    let get = async |path: &str| http.get(&format!("http://{address}{path}"), None, 100).await;
    assert_eq!(get("/good").await.unwrap().body, b"lista");
    // Not followed at all.
    assert_eq!(get("/file").await.unwrap().status, 302);
    for path in ["/loop", "/in", "/far"] {
        let error = get(path).await.unwrap_err();
        assert!(matches!(error, HttpError::Forbidden(_)), "{path}: {error:?}");
    }
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    assert!(matches!(
        http.get(&format!("http://{address}/there"), None, 2).await,
        Err(HttpError::TooLong(2))
    ));
}

#[tokio::test]
async fn a_proxy_of_the_house_is_asked_and_not_about_the_house() {
    let (proxy, asked) = server(&[("/ca.crl", text("lista"))]).await;
    let http = client(&format!("http://localhost:{}", proxy.port()), false);
    let answer = http.get("http://crl.example/ca.crl", None, 100).await.unwrap();
    assert_eq!(answer.body, b"lista");
    assert!(matches!(http.get("http://127.0.0.1/ca.crl", None, 100).await, Err(HttpError::Forbidden(_))));
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}
