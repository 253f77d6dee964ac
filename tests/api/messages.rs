//! Sending, reading, opening, downloading.

use plico_desk::addressee::Recipient;
use plico_desk::answer::{Act, Letter};
use plico_desk::draft::{Purpose, Words};
use plico_package::sniff;

use super::{ALL, get, is_problem, send, token, token_of};
use crate::support::{OTHER, Town, multipart};

const PDF: &[u8] = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n";

#[tokio::test]
async fn a_message_with_files_is_registered_read_and_downloaded() {
    let town = Town::start().await;
    let anna = token(&town, &town.anna, &ALL).await;
    let sent =
        send(&town, &anna, "uno", "Tettoia", &[("pianta.pdf", PDF), ("../../nota.txt", b"ciao")]).await;
    assert_eq!(sent.status, 201, "{}", sent.text());
    let (id, number) = (sent.json()["id"].clone(), sent.json()["registration_number"].clone());
    let id = id.as_str().unwrap();
    assert_eq!(number, "0000001/2026");
    assert_eq!(sent.header("location"), Some(&*format!("/api/v1/messages/{id}")));

    let message = get(&town, &anna, &format!("/messages/{id}")).await;
    assert_eq!(message.status, 200, "{}", message.text());
    let read = message.json();
    assert_eq!(read["subject"], "Tettoia");
    assert_eq!(read["text"], "Chiedo il permesso.");
    assert_eq!(read["direction"], "in");
    assert_eq!(read["status"]["registration"]["number"], number);
    assert_eq!(read["status"]["state"], "registered");
    assert_eq!(read["presented_at"], "2026-03-10T08:00:00.000Z");
    let documents = read["documents"].as_array().unwrap();
    assert_eq!(documents.len(), 3);
    assert_eq!(documents[0]["role"], "primary");
    assert_eq!(documents[1]["media_type"], sniff::sniff(PDF).media_type());
    assert!(!documents[2]["name"].as_str().unwrap().contains('/'));

    // What is downloaded is what was sent.
    let document = documents[1]["id"].as_str().unwrap();
    let bytes = get(&town, &anna, &format!("/documents/{document}")).await;
    assert_eq!((bytes.status, &*bytes.body), (200, PDF));
    assert_eq!(bytes.header("content-type"), Some("application/octet-stream"));
    assert!(bytes.header("repr-digest").unwrap().starts_with("sha-256=:"));
    assert!(bytes.header("content-disposition").unwrap().contains("pianta.pdf"));

    // The same tag, the same content: nothing is sent again.
    let tag = message.header("etag").unwrap();
    let bearer = format!("Bearer {anna}");
    let path = format!("/api/v1/messages/{id}");
    let again = town.send("GET", &path, &[("authorization", &bearer), ("if-none-match", tag)], b"").await;
    assert_eq!((again.status, again.body.len()), (304, 0));

    // Receipts follow.
    town.settle().await;
    let status = get(&town, &anna, &format!("/messages/{id}/status")).await.json();
    assert_eq!(status["receipts_pending"], 0);
    let receipts = status["receipts"].as_array().unwrap();
    assert!(receipts.len() >= 2, "{status}");
    let receipt = get(&town, &anna, &format!("/receipts/{}", receipts[0]["id"].as_str().unwrap())).await;
    assert_eq!(receipt.status, 200);
    assert!(receipt.body.starts_with(b"%PDF"));

    // To others it is not there, whoever they are.
    let others = [
        token(&town, &town.bruno, &ALL).await,
        token_of(&town, OTHER, &town.stranger, &ALL).await,
        token(&town, &town.administrator, &ALL).await,
    ];
    for other in &others {
        for path in [path.trim_start_matches("/api/v1"), &format!("/documents/{document}")] {
            assert!(is_problem(&get(&town, other, path).await, 404, "not-found"), "{path}");
        }
    }
    let office = token(&town, &town.building_operator, &ALL).await;
    assert_eq!(get(&town, &office, path.trim_start_matches("/api/v1")).await.status, 200);
}

#[tokio::test]
async fn a_key_is_one_filing() {
    let town = Town::start().await;
    let anna = token(&town, &town.anna, &ALL).await;
    let first = send(&town, &anna, "k1", "Tettoia", &[("a.pdf", PDF)]).await;
    assert_eq!(first.status, 201);
    let again = send(&town, &anna, "k1", "Tettoia", &[("a.pdf", PDF)]).await;
    assert_eq!((again.status, again.json()), (201, first.json()));
    // Another word, another file, another name: each is another request.
    assert!(is_problem(&send(&town, &anna, "k1", "Cancello", &[("a.pdf", PDF)]).await, 422, "key-reused"));
    assert!(is_problem(
        &send(&town, &anna, "k1", "Tettoia", &[("a.pdf", b"%PDF-")]).await,
        422,
        "key-reused"
    ));
    assert!(is_problem(&send(&town, &anna, "k1", "Tettoia", &[("b.pdf", PDF)]).await, 422, "key-reused"));
    // Keys belong to whoever uses them.
    let bruno = token(&town, &town.bruno, &ALL).await;
    assert_eq!(
        send(&town, &bruno, "k1", "Tettoia", &[("a.pdf", PDF)]).await.json()["registration_number"],
        "0000002/2026"
    );

    // Sent eight times at once.
    let sends = (0..8).map(|_| send(&town, &anna, "k2", "Insieme", &[("a.pdf", PDF)]));
    let mut numbers = Vec::new();
    for answer in futures_util::future::join_all(sends).await {
        // Whoever lost the race while the winner was at it may be told to come again.
        assert!([201, 409].contains(&answer.status), "{}", answer.text());
        if answer.status == 201 {
            numbers.push(answer.json()["registration_number"].to_string());
        }
    }
    numbers.dedup();
    assert_eq!(numbers, ["\"0000003/2026\""]);
    let list = get(&town, &anna, "/messages").await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    assert!(town.app.desk.drafts(&town.as_person(&town.anna).await).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_was_filed_is_answered_again_even_where_nothing_more_may_begin() {
    let town = Town::start().await;
    let anna = token(&town, &town.anna, &ALL).await;
    let first = send(&town, &anna, "k1", "Tettoia", &[("a.pdf", PDF)]).await;
    assert_eq!(first.status, 201);
    let person = town.as_person(&town.anna).await;
    let begin = async || town.app.desk.begin_draft(&person, Purpose::Filing, None, Words::default()).await;
    while begin().await.is_ok() {}
    let again = send(&town, &anna, "k1", "Tettoia", &[("a.pdf", PDF)]).await;
    assert_eq!((again.status, again.json()), (201, first.json()));
    // Another is not begun, and its file does not stay.
    let other = send(&town, &anna, "k2", "Cancello", &[("b.pdf", PDF)]).await;
    assert!(is_problem(&other, 409, "too-many-drafts"), "{} {}", other.status, other.text());
    let uploads = "select count(*) from upload";
    assert_eq!(town.app.desk.archive().database().scalar_i64(uploads, vec![]).await.unwrap(), 0);
}

#[tokio::test]
async fn what_was_refused_can_be_mended_with_the_same_key() {
    let town = Town::start().await;
    let anna = token(&town, &town.anna, &ALL).await;
    let refused = send(&town, &anna, "k", "", &[("a.pdf", PDF)]).await;
    assert!(is_problem(&refused, 422, "invalid"), "{}", refused.text());
    let errors = refused.json()["errors"].clone();
    assert_eq!(errors.as_array().unwrap().len(), 1);
    assert_eq!((&errors[0]["field"], &errors[0]["code"]), (&"subject".into(), &"required".into()));
    assert!(town.app.desk.drafts(&town.as_person(&town.anna).await).await.unwrap().is_empty());
    assert_eq!(send(&town, &anna, "k", "Tettoia", &[("a.pdf", PDF)]).await.status, 201);
}

#[tokio::test]
async fn json_suffices_without_files_and_bad_requests_are_told_apart() {
    let town = Town::start().await;
    let anna = token(&town, &town.anna, &ALL).await;
    let bearer = format!("Bearer {anna}");
    let post = async |kind: &str, key: Option<&str>, body: &[u8]| {
        let mut headers = vec![("authorization", &*bearer), ("content-type", kind)];
        headers.extend(key.map(|key| ("idempotency-key", key)));
        town.send("POST", "/api/v1/messages", &headers, body).await
    };
    let message =
        serde_json::json!({"kind": "istanza", "office": town.building, "subject": "a", "text": "b"});
    let sent = post("application/json; charset=utf-8", Some("k"), message.to_string().as_bytes()).await;
    assert_eq!(sent.status, 201, "{}", sent.text());

    let mut unknown = message.clone();
    unknown["color"] = "red".into();
    let unknown = unknown.to_string();
    for (kind, key, body, status, code) in [
        ("application/json", None, "{}", 400, "key-needed"),
        ("application/json", Some("two words"), "{}", 400, "key-needed"),
        ("application/json", Some("j"), "{", 400, "unreadable"),
        ("application/json", Some("j"), &*unknown, 400, "unreadable"),
        ("text/plain", Some("j"), "ciao", 415, "media-type"),
        ("multipart/form-data; boundary=x", Some("j"), "--x\r\n", 408, "broken-off"),
        ("application/json", Some("j"), "{}", 422, "invalid"),
    ] {
        let answer = post(kind, key, body.as_bytes()).await;
        assert!(is_problem(&answer, status, code), "{code}: {} {}", answer.status, answer.text());
    }
    // An office of another administration is no office, and an empty file no file.
    let (kind, body) =
        multipart(&[("kind", "istanza"), ("office", &town.elsewhere), ("subject", "a"), ("text", "b")], &[]);
    assert_eq!(post(&kind, Some("j"), &body).await.json()["errors"][0]["field"], "office");
    let (kind, body) = multipart(&[("kind", "istanza")], &[("vuoto.pdf", b"")]);
    assert!(is_problem(&post(&kind, Some("j"), &body).await, 422, "empty-file"));
}

#[tokio::test]
async fn a_delivery_is_opened_by_its_recipient_alone_and_never_by_reading() {
    let town = Town::start().await;
    let operator = town.as_operator(&town.building_operator).await;
    let letter = Letter {
        act: Act::Message,
        about: None,
        office: town.building.clone(),
        recipient: Recipient {
            fiscal_code: crate::support::code("BSSNNA80A41H501"),
            name: "Anna Bassi".into(),
            email: String::new(),
            ..Recipient::default()
        },
        copies: String::new(),
        effect: "communication".into(),
        subject: "Sopralluogo".into(),
        text: "Verremo martedì.".into(),
        category: String::new(),
        certificate: None,
        language: plico_locale::Lang::It,
        token: "lettera".into(),
    };
    let letter = town.app.desk.send_letter(&operator, letter).await.unwrap();
    let anna = token(&town, &town.anna, &ALL).await;
    let path = format!("/messages/{}", letter.message);

    let line = get(&town, &anna, "/messages").await.json()["items"][0].clone();
    assert_eq!(
        (&line["id"], &line["delivery"]),
        (&letter.message.clone().into(), &letter.delivery.clone().into())
    );
    let closed = get(&town, &anna, &path).await.json();
    assert_eq!(
        (&closed["text"], closed["documents"].as_array().unwrap().len()),
        (&serde_json::Value::Null, 0)
    );
    assert_eq!(closed["deliveries"][0]["opened_at"], serde_json::Value::Null);

    let open = async |token: &str| {
        let bearer = format!("Bearer {token}");
        let path = format!("/api/v1/deliveries/{}/open", letter.delivery.as_deref().unwrap());
        town.send("POST", &path, &[("authorization", &bearer)], b"").await
    };
    let reader = token(&town, &town.anna, &["messages:read"]).await;
    assert!(is_problem(&open(&reader).await, 403, "scope"));
    for stranger in [&town.bruno, &town.building_operator, &town.auditor] {
        let stranger = token(&town, stranger, &ALL).await;
        assert!(is_problem(&open(&stranger).await, 404, "not-found"));
    }
    assert_eq!(get(&town, &anna, &path).await.json()["deliveries"][0]["opened_at"], serde_json::Value::Null);

    let opened = open(&anna).await;
    assert_eq!(opened.status, 200, "{}", opened.text());
    assert_eq!(opened.json()["opened_at"], "2026-03-10T08:00:00.000Z");
    town.clock.advance(std::time::Duration::from_mins(1));
    assert_eq!(open(&anna).await.json(), opened.json(), "the first instant stands");
    let read = get(&town, &anna, &path).await.json();
    assert_eq!(read["text"], "Verremo martedì.");
    let document = format!("/documents/{}", read["documents"][0]["id"].as_str().unwrap());
    assert_eq!(get(&town, &anna, &document).await.status, 200);
}

#[tokio::test]
async fn lists_are_read_page_by_page() {
    let town = Town::start().await;
    let anna = token(&town, &town.anna, &ALL).await;
    for at in 0..5 {
        town.clock.advance(std::time::Duration::from_millis(at % 2));
        assert_eq!(send(&town, &anna, &format!("k{at}"), &format!("Numero {at}"), &[]).await.status, 201);
    }
    let (mut seen, mut path) = (Vec::new(), "/messages?limit=2".to_owned());
    loop {
        let page = get(&town, &anna, &path).await;
        let json = page.json();
        seen.extend(
            json["items"].as_array().unwrap().iter().map(|line| line["registration_number"].to_string()),
        );
        let Some(next) = json["next"].as_str() else {
            assert_eq!(page.header("link"), None);
            break;
        };
        assert!(page.header("link").unwrap().contains("rel=\"next\""));
        path = format!("/messages?limit=2&cursor={next}");
    }
    seen.sort();
    let all: Vec<String> = (1..=5).map(|number| format!("\"000000{number}/2026\"")).collect();
    assert_eq!(seen, all);
    // The office sees them in its queue, an administrator has none.
    let office = token(&town, &town.building_operator, &ALL).await;
    assert_eq!(get(&town, &office, "/messages").await.json()["items"].as_array().unwrap().len(), 5);
    let administrator = token(&town, &town.administrator, &ALL).await;
    assert!(is_problem(&get(&town, &administrator, "/messages").await, 403, "forbidden"));
}
