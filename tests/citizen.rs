//! The citizen's way through the pages, as a browser without script goes it: sign in, write, send, read what came,
//! verify what he got.

use plico_crypto::totp;
use plico_desk::addressee::Recipient;
use plico_desk::answer::{Act, Letter};
use plico_testkit::real::clamav::Clamav;
use plico_testkit::real::or_say;

use crate::support::{code, multipart};
use crate::visitor::{Browser, town, town_with, unbase32};

fn anna() -> String {
    code("BSSNNA80A41H501")
}

#[tokio::test]
async fn every_page_for_anybody_is_there() {
    let town = town().await;
    let mut browser = Browser::new(&town);
    for path in ["/", "/accedi", "/verifica", "/stato", "/privacy", "/accessibilita"] {
        browser.see(path).await;
    }
    for path in ["/area-personale", "/messaggi", "/scrivi", "/messaggi/01JD8X2K7M4Q9W3T6Y5B0C1V8ZH"] {
        let answer = browser.request("GET", path, &[], &[]).await;
        assert_eq!(answer.status, 303, "{path}");
        assert!(answer.header("location").unwrap().starts_with("/accedi?return="), "{path}");
    }
    let answer = browser.request("GET", "/lingua/en?return=%2Fverifica", &[], &[]).await;
    assert_eq!(answer.header("location"), Some("/verifica"));
    assert!(browser.see("/verifica").await.contains("lang=\"en\""));
}

#[tokio::test]
async fn writes_sends_once_and_finds_everything_again() {
    let town = town().await;
    let mut browser = Browser::signed_in(&town, &anna(), "").await;
    for path in ["/area-personale", "/messaggi", "/pratiche", "/documenti", "/ricevute", "/bozze", "/profilo"]
    {
        browser.see(path).await;
    }
    browser.see("/scrivi").await;
    assert_eq!(browser.post("/scrivi", &[("kind", "nulla")]).await.status, 422);
    let kind = format!("{}.istanza", town.building);
    let text = browser.led("/scrivi", &[("kind", &kind), ("behalf", "")]).await;
    browser.see(&text).await;
    // What is typed stays, whatever is wrong with it.
    let answer = browser.post(&text, &[("subject", ""), ("text", "Il testo che resta")]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("Il testo che resta"));
    let files =
        browser.led(&text, &[("subject", "Rifare il muro"), ("text", "Chiedo di rifare il muro.")]).await;
    browser.see(&files).await;
    let answer = browser.upload(&files, &[("vuoto.pdf", &b""[..])]).await;
    assert_eq!(answer.status, 422, "{}", answer.text());
    let two: [(&str, &[u8]); 2] = [("../pianta.pdf", b"%PDF-1.7 pianta"), ("rotto.p7m", b"non e una firma")];
    assert_eq!(browser.upload(&files, &two).await.status, 303);
    let page = browser.see(&files).await;
    assert!(page.contains("pianta.pdf") && !page.contains("../pianta") && page.contains("rotto.p7m"));
    let remove = page.split("action=\"").find(|rest| rest.contains("/elimina\"")).unwrap();
    let remove = remove.split('"').next().unwrap().to_owned();
    assert_eq!(browser.led(&remove, &[]).await, files);
    let next = files.replace("allegati", "avanti");
    let review = browser.led(&next, &[]).await;
    let page = browser.see(&review).await;
    assert!(page.contains("Rifare il muro") && page.contains(&anna()));
    browser.see("/bozze").await;
    let send = review.replace("riepilogo", "invia");
    let sent = browser.led(&send, &[("key", "x")]).await;
    assert_eq!(browser.led(&send, &[("key", "x")]).await, sent, "a second click is the same filing");
    assert!(browser.see(&sent).await.contains("0000001/2026"));
    assert_eq!(browser.request("GET", &files, &[], &[]).await.header("location"), Some(sent.as_str()));
    town.settle().await;

    let message = sent.replace("/inviata", "");
    let page = browser.see(&message).await;
    assert!(page.contains("0000001/2026") && page.contains("/scarica"));
    for path in ["/area-personale", "/messaggi?q=muro", "/messaggi?vista=inviati", "/pratiche?vista=aperte"] {
        assert!(browser.see(path).await.contains("Rifare il muro"), "{path}");
    }
    assert!(!browser.see("/messaggi?q=cancello").await.contains("Rifare il muro"));
    assert!(!browser.see("/messaggi?vista=nuovi").await.contains("Rifare il muro"));

    // Everything as one zip, and one receipt, which verifies.
    let zip = browser.request("GET", &format!("{message}/tutto.zip"), &[], &[]).await;
    assert_eq!(zip.status, 200);
    assert!(zip.body.starts_with(b"PK") && zip.body.windows(11).any(|eleven| eleven == b"manifest-sh"));
    let page = browser.see("/ricevute").await;
    assert!(page.contains("0000001/2026"));
    // Among the receipts of her titles, which bear the same instant, that of what she sent.
    let links =
        page.split("href=\"").filter(|rest| rest.starts_with("/ricevute/") && rest.contains("/scarica"));
    let links: Vec<String> = links.map(|rest| rest.split('"').next().unwrap().to_owned()).collect();
    let mut presented = None;
    for link in links.iter().filter(|link| link.ends_with("/scarica")) {
        let pdf = browser.request("GET", link, &[], &[]).await;
        let name = pdf.header("content-disposition").unwrap().to_owned();
        assert!(name.starts_with("attachment; filename=\"ricevuta-"), "{name}");
        if name.contains("presentation") {
            presented = Some((link.clone(), pdf));
        }
    }
    let (receipt, pdf) = presented.expect("a receipt of presentation");
    browser.see("/verifica").await;
    let (kind, body) = receipt_form(&browser.token, &pdf.body, &[]);
    let answer = browser.request("POST", "/verifica", &[("content-type", kind.as_str())], &body).await;
    assert_eq!(answer.status, 200);
    assert!(
        answer.text().contains("Rifare il muro") && answer.text().contains("È autentico"),
        "{}",
        answer.text()
    );
    // A document to compare may stay with whoever has it: its digest is enough.
    let stranger = format!("{}  estraneo.pdf", "0".repeat(64));
    let (kind, body) = receipt_form(&browser.token, &pdf.body, &[("digest", &stranger)]);
    let answer = browser.request("POST", "/verifica", &[("content-type", kind.as_str())], &body).await;
    assert!(answer.text().contains("Non è autentico"), "{}", answer.text());
    let (kind, body) = receipt_form(&browser.token, b"%PDF-1.7 something else", &[]);
    let answer = browser.request("POST", "/verifica", &[("content-type", kind.as_str())], &body).await;
    assert_eq!(answer.status, 422);

    // Adds to it, thinks better of it, withdraws.
    browser.see(&message).await;
    let add = browser.led(&format!("{message}/integra"), &[]).await;
    assert_eq!(browser.led(&format!("{message}/integra"), &[]).await, add, "one addition, not two");
    browser.see(&add).await;
    let discard = add.replace("/scrivi/", "/bozze/").replace("/testo", "/elimina");
    browser.see(&discard).await;
    assert_eq!(browser.led(&discard, &[]).await, "/bozze");
    browser.see(&format!("{message}/ritira")).await;
    assert_eq!(browser.led(&format!("{message}/ritira"), &[("reason", "Non serve più")]).await, message);
    browser.see(&message).await;

    // To anybody else none of it exists.
    let mut other = Browser::signed_in(&town, &code("CNTBRN75C12F205"), "").await;
    other.see("/scrivi").await;
    for path in
        [message.clone(), receipt, sent, files, format!("{message}/tutto.zip"), format!("{message}/ritira")]
    {
        assert_eq!(other.request("GET", &path, &[], &[]).await.status, 404, "{path}");
    }
    assert_eq!(other.post(&send, &[]).await.status, 404);
}

fn receipt_form(token: &str, pdf: &[u8], told: &[(&str, &str)]) -> (String, Vec<u8>) {
    let fields = [&[("_csrf", token)], told].concat();
    let (kind, body) = multipart(&fields, &[("ricevuta.pdf", pdf)]);
    // The receipt has a field of its own.
    let at = body.windows(7).position(|seven| seven == b"\"files\"").unwrap();
    let renamed = [&body[..at], b"\"receipt\"", &body[at + 7..]].concat();
    (kind, renamed)
}

#[tokio::test]
async fn opens_what_came_and_answers_it() {
    let town = town().await;
    let operator = town.as_operator(&town.building_operator).await;
    let letter = Letter {
        act: Act::Message,
        about: None,
        office: town.building.clone(),
        recipient: Recipient { fiscal_code: anna(), ..Recipient::default() },
        copies: String::new(),
        effect: "communication".into(),
        subject: "Sopralluogo".into(),
        text: "Verremo giovedì.".into(),
        category: String::new(),
        certificate: None,
        language: plico_locale::Lang::It,
        token: "uno".into(),
    };
    let sent = town.app.desk.send_letter(&operator, letter).await.unwrap();
    town.settle().await;
    // The link of a notice leads, after sign-in, to exactly this message.
    let mut browser = Browser::signed_in(&town, &anna(), &format!("/messaggi/{}", sent.message)).await;
    let path = format!("/messaggi/{}", sent.message);
    let page = browser.see(&path).await;
    assert!(page.contains("Sopralluogo") && !page.contains("Verremo"), "only who and what about");
    assert!(browser.see("/area-personale").await.contains("Sopralluogo"));
    assert_eq!(browser.request("GET", &format!("{path}/tutto.zip"), &[], &[]).await.status, 403);
    let by_delivery =
        browser.request("GET", &format!("/messaggi/{}", sent.delivery.as_deref().unwrap()), &[], &[]).await;
    assert_eq!(by_delivery.header("location"), Some(path.as_str()));
    browser.see(&path).await;
    assert_eq!(browser.led(&format!("{path}/apri"), &[]).await, path);
    town.settle().await;
    let page = browser.see(&path).await;
    assert!(page.contains("Verremo"));
    let document = page.split("href=\"").find(|rest| rest.starts_with("/documenti/")).unwrap();
    let document = document.split('"').next().unwrap().to_owned();
    let pdf = browser.request("GET", &document, &[], &[]).await;
    assert!(pdf.body.starts_with(b"%PDF") && pdf.header("x-content-type-options") == Some("nosniff"));
    let answer = browser.led(&format!("{path}/rispondi"), &[]).await;
    assert!(browser.see(&answer).await.contains("Sopralluogo"));

    // The code printed in the letter answers for this very file, and for no other.
    let words = plico_pdf::read::text(&pdf.body, 100_000).unwrap().text;
    let printed = words.split_once("Codice di verifica: ").unwrap().1;
    let printed = printed.split(". ").next().unwrap().split_whitespace().collect::<String>().to_lowercase();
    browser.see("/verifica").await;
    for (content, status) in [(pdf.body.clone(), 200), ([&pdf.body[..], b" "].concat(), 422)] {
        let (kind, body) = multipart(
            &[("_csrf", browser.token.as_str()), ("code", printed.as_str())],
            &[("lettera.pdf", content.as_slice())],
        );
        let kind = [("content-type", kind.as_str())];
        let answer = browser.request("POST", "/verifica/documento", &kind, &body).await;
        assert_eq!(answer.status, status, "{printed}");
    }

    // Its digest says the same as the file, told as `sha256sum` writes it.
    let digest = |bytes: &[u8]| plico_archive::hex(&plico_crypto::digest::sha256(bytes));
    for (told, status) in [
        (format!("{}  lettera.pdf", digest(&pdf.body)), 200),
        (format!("{}  lettera.pdf", digest(b"another")), 422),
        (digest(&pdf.body), 422),
        ("niente".to_owned(), 422),
    ] {
        let fields =
            [("_csrf", browser.token.as_str()), ("code", printed.as_str()), ("digest", told.as_str())];
        let (kind, body) = multipart(&fields, &[]);
        let kind = [("content-type", kind.as_str())];
        let answer = browser.request("POST", "/verifica/documento", &kind, &body).await;
        assert_eq!(answer.status, status, "{told}");
    }

    // A file alone is never answered, nor one with a code that is not its own.
    browser.see("/verifica").await;
    let (kind, body) = multipart(
        &[("_csrf", browser.token.as_str()), ("code", "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA-A")],
        &[("lettera.pdf", pdf.body.as_slice())],
    );
    let answer =
        browser.request("POST", "/verifica/documento", &[("content-type", kind.as_str())], &body).await;
    assert_eq!(answer.status, 422);
}

#[tokio::test]
async fn acts_for_a_company_only_with_a_mandate() {
    let town = town().await;
    let mut browser = Browser::signed_in(&town, &anna(), "").await;
    assert!(browser.see("/scrivi").await.contains("Fornace Bassi"));
    let kind = format!("{}.istanza", town.building);
    let form = |behalf: &'static str| [("kind", kind.clone()), ("behalf", behalf.to_owned())];
    let stranger = form("01JD8X2K7M4Q9W3T6Y5B0C1V8ZH");
    let stranger: Vec<(&str, &str)> = stranger.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(browser.post("/scrivi", &stranger).await.status, 422);
    let text = browser.led("/scrivi", &[("kind", &kind), ("behalf", &town.company)]).await;
    let page = browser.see(&text).await;
    assert!(page.contains("per Fornace Bassi") || page.contains("Fornace Bassi"));
    let files = browser.led(&text, &[("subject", "Forno"), ("text", "Per la fornace.")]).await;
    let review = browser.see(&files.replace("allegati", "riepilogo")).await;
    assert!(review.contains("90042100330"), "the company's code, not the delegate's");
    let sent = browser.led(&files.replace("allegati", "invia"), &[]).await;
    assert!(browser.see(&sent).await.contains("0000001/2026"));
    // For himself he sees none of it.
    let mut own = Browser::signed_in(&town, &anna(), "").await;
    assert!(!own.see("/messaggi").await.contains("Forno"));
}

#[tokio::test]
async fn malware_is_sealed_and_a_scanner_that_is_down_stops_nobody() {
    let Some(scanner) = or_say(Clamav::start()) else { return };
    let address = scanner.address();
    let town = town_with(|config| {
        config.clamd.address = address;
    })
    .await;
    let mut browser = Browser::signed_in(&town, &anna(), "").await;
    browser.see("/scrivi").await;
    let kind = format!("{}.istanza", town.building);
    let text = browser.led("/scrivi", &[("kind", &kind)]).await;
    browser.see(&text).await;
    let files = browser.led(&text, &[("subject", "Allegati"), ("text", "Eccoli.")]).await;
    browser.see(&files).await;
    let eicar = plico_courier::malware::simulator::eicar();
    let two = [("virus.txt", eicar.as_bytes()), ("buono.txt", &b"niente di male"[..])];
    assert_eq!(browser.upload(&files, &two).await.status, 303);
    drop(scanner);
    assert_eq!(browser.upload(&files, &[("dopo.txt", &b"scanner spento"[..])]).await.status, 303);
    let page = browser.see(&files).await;
    assert!(page.contains("virus.txt") && page.contains("buono.txt") && page.contains("dopo.txt"));
    let sent = browser.led(&files.replace("allegati", "invia"), &[]).await;
    let page = browser.see(&sent.replace("/inviata", "")).await;
    // The paper we made and the two harmless files; never the sealed one.
    assert_eq!(page.matches("/scarica\" download").count(), 3);
}

#[tokio::test]
async fn what_the_scanner_missed_is_sealed_when_it_answers() {
    use plico_courier::malware::simulator::{Fault, eicar};
    let scanner = plico_testkit::clamd::Scanner::start().await.unwrap();
    let address = scanner.address().to_string();
    let town = town_with(|config| {
        config.clamd.address = address;
    })
    .await;
    scanner.clamd().fault = Some(Fault::HangUp);
    let mut browser = Browser::signed_in(&town, &anna(), "").await;
    browser.see("/scrivi").await;
    let kind = format!("{}.istanza", town.building);
    let text = browser.led("/scrivi", &[("kind", &kind)]).await;
    browser.see(&text).await;
    let files = browser.led(&text, &[("subject", "Allegati"), ("text", "Eccoli.")]).await;
    browser.see(&files).await;
    assert_eq!(browser.upload(&files, &[("tardi.txt", eicar().as_bytes())]).await.status, 303);
    browser.see(&files).await;
    let sent = browser.led(&files.replace("allegati", "invia"), &[]).await;
    let message = sent.replace("/inviata", "");
    assert_eq!(browser.see(&message).await.matches("/scarica\" download").count(), 2);
    scanner.clamd().fault = None;
    town.settle().await;
    // Only the paper we made is served now; the number stays.
    let page = browser.see(&message).await;
    assert_eq!(page.matches("/scarica\" download").count(), 1);
    assert!(page.contains("0000001/2026"));
}

#[tokio::test]
async fn what_was_typed_outlives_the_session() {
    let town = town().await;
    let mut browser = Browser::signed_in(&town, &anna(), "").await;
    browser.see("/scrivi").await;
    let kind = format!("{}.istanza", town.building);
    let text = browser.led("/scrivi", &[("kind", &kind)]).await;
    browser.see(&text).await;
    assert_eq!(browser.led("/esci", &[]).await, "/");
    // The old form's token is of the old session: the answer gives back what was typed, with a fresh token.
    let typed = [("subject", "Il muro"), ("text", "Parole lunghe")];
    let answer = browser.post(&text, &typed).await;
    assert_eq!(answer.status, 403);
    assert!(answer.text().contains("Parole lunghe"));
    // Sent again without signing in: not lost on the way to the sign-in.
    let answer = browser.post(&text, &typed).await;
    assert_eq!(answer.status, 403);
    assert!(answer.text().contains("Parole lunghe"));
    let again = Browser::signed_in(&town, &anna(), "").await;
    browser.cookies = again.cookies;
    let answer = browser.post(&text, &typed).await;
    assert!(answer.text().contains("Parole lunghe"));
    assert!(browser.led(&text, &typed).await.ends_with("/allegati"));
    // Without the gateway's secret nobody is vouched for.
    let forged = [("x-spid-fiscalnumber", "BSSNNA80A41H501Z"), ("x-spid-level", "L2")];
    let answer = Browser::new(&town).request("GET", "/accedi/identita", &forged, &[]).await;
    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn an_operator_chooses_his_secrets_once() {
    let town = town().await;
    let secret = town.app.desk.invite(&town.building_operator).await.unwrap();
    let link = plico::web::sign_in::invitation("", &secret);
    let mut browser = Browser::new(&town);
    let page = browser.see(&link).await;
    let shown = page.split("plico-mono\">").nth(1).unwrap().split('<').next().unwrap().replace(' ', "");
    let factor = unbase32(&shown);
    let now = plico::clock::Clock::now_ms(&*town.clock);
    let right = totp::code(&factor, totp::step(now));
    assert_eq!(browser.post(&link, &[("password", "corta"), ("code", &right)]).await.status, 422);
    let password = "una lunga frase segreta";
    assert_eq!(browser.led(&link, &[("password", password), ("code", &right)]).await, "/ufficio");
    assert_eq!(browser.request("GET", &link, &[], &[]).await.status, 404, "a link counts once");
    let mut fresh = Browser::new(&town);
    fresh.see("/accedi?return=%2Fufficio%2Fregistro").await;
    let form = |code: &str| {
        [("username", "dino.edilizia"), ("password", password), ("return", "/ufficio/registro")]
            .map(|(name, value)| (name, value.to_owned()))
            .into_iter()
            .chain([("code", code.to_owned())])
            .collect::<Vec<_>>()
    };
    let used: Vec<_> = form(&right);
    let used: Vec<(&str, &str)> = used.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = fresh.post("/accedi", &used).await;
    assert_eq!(answer.status, 401, "a code counts once");
    assert!(answer.text().contains("dino.edilizia"));
    town.clock.advance(std::time::Duration::from_mins(1));
    let next = totp::code(&factor, totp::step(plico::clock::Clock::now_ms(&*town.clock)));
    let good: Vec<_> = form(&next);
    let good: Vec<(&str, &str)> = good.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(fresh.led("/accedi", &good).await, "/ufficio/registro");
    // The pages of citizens do not exist for him.
    assert_eq!(fresh.request("GET", "/messaggi", &[], &[]).await.status, 404);
}

#[tokio::test]
async fn what_an_office_typed_comes_back_when_its_session_is_over() {
    let town = town().await;
    let mut browser = Browser::new(&town);
    browser.see("/accedi").await;
    let typed = [("note", "telefonare al tecnico")];
    let answer = browser.post("/ufficio/messaggi/01JD8X2K7M4Q9W3T6Y5B0C1V8ZH/nota", &typed).await;
    assert_eq!(answer.status, 403);
    assert!(answer.text().contains("telefonare al tecnico"), "{}", answer.text());
}

#[tokio::test]
async fn drafts_are_counted() {
    let town = town_with(|config| config.limits.drafts_per_person = 2).await;
    let mut browser = Browser::signed_in(&town, &anna(), "/scrivi").await;
    browser.see("/scrivi").await;
    let kind = format!("{}.istanza", town.building);
    let form = [("kind", kind.as_str()), ("behalf", "")];
    for _ in 0..2 {
        browser.led("/scrivi", &form).await;
    }
    let answer = browser.post("/scrivi", &form).await;
    assert_eq!(answer.status, 409);
    assert!(answer.text().contains("Hai già 2 bozze"), "{}", answer.text());
    let list = browser.see("/bozze").await;
    let remove = list.split("/bozze/").find(|rest| rest.contains("/elimina\"")).unwrap();
    let remove = format!("/bozze/{}", remove.split('"').next().unwrap());
    browser.led(&remove, &[]).await;
    browser.led("/scrivi", &form).await;
}
