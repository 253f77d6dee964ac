//! Letters by fiscal code and letters with a number of their own, through the API.

use super::{ALL, get, is_problem, token};
use crate::support::{Answer, Town, code, multipart};

const LIST: &str =
    "fiscal_code;name;subject;files\nANNA;Anna Bassi;Avviso;uno.pdf\nGIULIA;Giulia Rossi;Avviso;due.pdf\n";

fn list() -> String {
    LIST.replace("ANNA", &code("BSSNNA80A41H501")).replace("GIULIA", &code("RSSGLI70A41F205"))
}

/// A form whose list comes first.
fn form(fields: &[(&str, &str)], list: &str, files: &[(&str, &[u8])]) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend_from_slice(
            format!("--xXx\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").as_bytes(),
        );
    }
    let head = "--xXx\r\ncontent-disposition: form-data; name=\"list\"; filename=\"list.csv\"\r\n\r\n";
    body.extend_from_slice(format!("{head}{list}\r\n").as_bytes());
    let (kind, rest) = multipart(&[], files);
    body.extend(rest);
    (kind, body)
}

async fn post(town: &Town, token: &str, path: &str, key: &str, form: &(String, Vec<u8>)) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", &*bearer), ("idempotency-key", key), ("content-type", &*form.0)];
    town.send("POST", &format!("/api/v1{path}"), &headers, &form.1).await
}

#[tokio::test]
async fn a_deposit_is_sent_once_for_each_key_and_not_while_a_line_is_wrong() {
    let town = Town::start().await;
    let clerk = token(&town, &town.building_operator, &ALL).await;
    let fields = [("office", &*town.building), ("name", "Avvisi"), ("effect", "communication")];
    let good = form(&fields, &list(), &[("uno.pdf", b"uno"), ("due.pdf", b"due")]);
    let lacking = form(&fields, &list(), &[("uno.pdf", b"uno"), ("tre.pdf", b"tre")]);
    let refused = post(&town, &clerk, "/deposits", "k1", &lacking).await;
    assert!(is_problem(&refused, 422, "invalid"), "{}", refused.text());
    let errors = refused.json()["errors"].clone();
    let told: Vec<(&str, &str)> = errors
        .as_array()
        .unwrap()
        .iter()
        .map(|error| (error["field"].as_str().unwrap(), error["code"].as_str().unwrap()))
        .collect();
    assert_eq!(told, [("list/2", "missing"), ("files", "unused")]);
    // The same key goes on with what was mended.
    let sent = post(&town, &clerk, "/deposits", "k1", &good).await;
    assert_eq!(sent.status, 202, "{}", sent.text());
    let again = post(&town, &clerk, "/deposits", "k1", &good).await;
    assert_eq!((again.status, &again.json()["id"]), (202, &sent.json()["id"]));
    assert!(is_problem(&post(&town, &clerk, "/deposits", "k1", &lacking).await, 422, "key-reused"));
    town.settle().await;
    let path = sent.header("location").unwrap().replace("/api/v1", "");
    let read = get(&town, &clerk, &path).await.json();
    assert_eq!((&read["state"], &read["sent"], &read["failed"]), (&"done".into(), &2.into(), &0.into()));
    assert_eq!(read["lines"][1]["registration_number"], "0000002/2026");
    let anna = token(&town, &town.anna, &ALL).await;
    assert!(is_problem(&post(&town, &anna, "/deposits", "k2", &good).await, 404, "not-found"));
    assert!(is_problem(&get(&town, &anna, &path).await, 404, "not-found"));
    let line = get(&town, &anna, "/messages").await.json()["items"][0]["subject"].clone();
    assert_eq!(line, "Avviso");
}

#[tokio::test]
async fn a_letter_with_the_number_of_another_registry_keeps_it_and_is_one_letter() {
    let town = Town::start().await;
    let clerk = token(&town, &town.building_operator, &ALL).await;
    let letter = |number: &str, area: &str| {
        let letter = serde_json::json!({
            "office": town.building, "tax_code": code("BSSNNA80A41H501"), "recipient_name": "Anna Bassi",
            "effect": "communication", "subject": "Verbale 7", "system": "tributi", "area": area, "number": number,
            "date": "2026-11-23", "reference": "X-7",
        });
        multipart(&[("letter", &letter.to_string())], &[("verbale.pdf", b"verbale")])
    };
    let own = town.app.desk.body(&town.as_operator(&town.building_operator).await).await.unwrap().area;
    let refused = post(&town, &clerk, "/registered-letters", "a", &letter("0", &own)).await;
    let errors = refused.json()["errors"].clone();
    let fields: Vec<&str> =
        errors.as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["area", "number"]);
    let sent = post(&town, &clerk, "/registered-letters", "a", &letter("77", "TRIBUTI")).await;
    assert_eq!(
        (sent.status, &sent.json()["registration_number"]),
        (201, &"0000077/2026".into()),
        "{}",
        sent.text()
    );
    let again = post(&town, &clerk, "/registered-letters", "a", &letter("77", "TRIBUTI")).await;
    assert_eq!(again.json(), sent.json());
    assert!(is_problem(
        &post(&town, &clerk, "/registered-letters", "a", &letter("78", "TRIBUTI")).await,
        422,
        "key-reused"
    ));
    // Called several times at once, too, it is one letter, and each call is told it.
    let other = letter("79", "TRIBUTI");
    let calls = (0..4).map(|_| post(&town, &clerk, "/registered-letters", "c", &other));
    let answers = futures_util::future::join_all(calls).await;
    for answer in &answers {
        assert_eq!((answer.status, answer.json()), (201, answers[0].json()), "{}", answer.text());
    }
    let taken = post(&town, &clerk, "/registered-letters", "b", &letter("77", "TRIBUTI")).await;
    assert_eq!(taken.json()["errors"][0]["code"], "registry_given");
    town.settle().await;
    let anna = token(&town, &town.anna, &ALL).await;
    let items = get(&town, &anna, "/messages").await.json()["items"].clone();
    assert_eq!((items.as_array().unwrap().len(), &items[0]["subject"]), (2, &"Verbale 7".into()));
    // The built-in register knows nothing of it.
    let manager = town.as_operator(&town.records_manager).await;
    assert_eq!(town.app.desk.register_years(&manager).await.unwrap(), Vec::<i32>::new());
    let archive = town.app.desk.archive();
    assert_eq!(archive.compare_rebuilt().await.unwrap(), []);
    let outcome = archive.fsck().await.unwrap();
    assert!(outcome.clean, "{outcome:?}");
}
