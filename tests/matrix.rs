//! Every route × every role: what each is answered stands in `matrix.txt`, one line a route. A route that is not in the
//! table fails, and so does a line whose route is gone. `WRITE_MATRIX=1` writes the table anew, to be read before
//! it is kept: the borders below hold whatever the table says.

use std::collections::BTreeSet;
use std::fmt::Write as _;

mod routes;

use plico::http::session::SignIn;
use plico_archive::{ActError, NewEvent};
use plico_desk::Actor;
use plico_desk::addressee::Recipient;
use plico_desk::admin::OperatorForm;
use plico_desk::answer::{Act, Letter};
use plico_desk::card::CardType;
use plico_desk::card_issue::CardForm;
use plico_desk::certificate::CertificateType;
use plico_desk::delegation::MandateForm;
use plico_desk::deposit::DepositForm;
use plico_desk::draft::{Purpose, Words};
use plico_desk::token::TokenForm;
use plico_desk::upload::Scan;
use plico_record::act::DestructionProposed;

use self::routes::{Route, declared, root};
use crate::support::{BODY, Town, code};

/// The columns, those who may least first: what one of them changes, the next may find changed.
const ROLES: [&str; 9] =
    ["nobody", "stranger", "neighbour", "owner", "administrator", "auditor", "clerk", "protocol", "manager"];

/// Things that the routes name.
struct Things {
    message: String,
    document: String,
    receipt: String,
    draft: String,
    upload: String,
    delivery: String,
    case: String,
    /// An operator that may be changed or shut out.
    account: String,
    /// What Anna granted, a title, and a program of hers.
    delegation: String,
    mandate: String,
    program: String,
    card: String,
    /// A proposal of destruction.
    destruction: String,
    deposit: String,
}

/// The operations that the published document lists.
async fn operations(town: &Town) -> BTreeSet<Route> {
    let document = town.send("GET", "/api/v1/openapi.json", &[], b"").await.json();
    let mut routes = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("operations").keys().filter(|key| key.len() <= 6) {
            let path = if path.starts_with("/api") { path.clone() } else { format!("/api/v1{path}") };
            routes.insert((method.to_uppercase(), path));
        }
    }
    routes
}

async fn things(town: &Town, round: usize) -> Things {
    let desk = &town.app.desk;
    let form = OperatorForm {
        login: format!("iole{round}"),
        name: "Iole".into(),
        email: "iole@borgo.example".into(),
        active: true,
        roles: vec!["operator".into()],
        offices: vec![town.building.clone()],
        ..OperatorForm::default()
    };
    let console = Actor::console(BODY, "test");
    let account = desk.save_operator(&console, form).await.unwrap();
    let certificate = CertificateType {
        code: "residenza".into(),
        name: "Certificato di residenza".into(),
        text: "{nome} risiede qui.".into(),
        retention_years: 10,
        offered: true,
        ..CertificateType::default()
    };
    desk.save_certificate_type(&console, certificate).await.unwrap();
    let series = plico_desk::series::Series {
        code: "decreti".into(),
        title: "Decreti".into(),
        from: "2026-01-01".into(),
        until: None,
    };
    desk.save_series(&console, series).await.unwrap();
    let anna = town.as_person(&town.anna).await;
    let clerk = town.as_operator(&town.building_operator).await;
    let kind = CardType {
        code: "sosta".into(),
        name: "Permesso di sosta".into(),
        office: town.building.clone(),
        months: 12,
        colour: "blue".into(),
        symbol: "it-card".into(),
        offered: true,
        ..CardType::default()
    };
    desk.save_card_type(&console, kind).await.unwrap();
    for row in desk.own_cards(&anna).await.unwrap() {
        desk.revoke_card(&clerk, &row.id, "prova").await.unwrap();
    }
    let form = CardForm { fiscal_code: code("BSSNNA80A41H501"), ..CardForm::default() };
    let card = desk.issue_card(&clerk, "sosta", form).await.unwrap();
    let words = || Words {
        kind: "istanza".into(),
        office: town.building.clone(),
        subject: "Permesso".into(),
        text: "Chiedo il permesso.".into(),
    };
    let draft = desk.begin_draft(&anna, Purpose::Filing, None, words()).await.unwrap();
    let filed = desk.present(&anna, &draft).await.unwrap();
    let letter = Letter {
        act: Act::Message,
        about: Some(filed.message.clone()),
        office: town.building.clone(),
        recipient: Recipient::default(),
        copies: String::new(),
        effect: "courtesy".into(),
        subject: "Riscontro".into(),
        text: "Si comunica.".into(),
        category: "letter".into(),
        certificate: None,
        language: plico_locale::Lang::It,
        token: format!("t{round}"),
    };
    let sent = desk.send_letter(&clerk, letter).await.unwrap();
    let case = desk.open_case(&clerk, &town.building, "Pratica", "").await.unwrap();
    let draft = desk.begin_draft(&anna, Purpose::Filing, None, words()).await.unwrap();
    let (owner, _) = desk.draft_files(&anna, &draft).await.unwrap();
    let mut upload = desk.begin_upload(&anna, &owner, "a.txt").await.unwrap();
    upload.write(b"allegato").await.unwrap();
    let upload = desk.finish_upload(upload, async |_| Scan::Clean).await.unwrap().id;
    if round == 0 {
        // Receipts are looked at, never changed: those of the first round do.
        town.settle().await;
    }
    let view = desk.message(&anna, &filed.message).await.unwrap();
    // Somebody new each time, for whoever has one delegation gets no second.
    let somebody = code(&format!("VRDLCU{:02}C10H{:03}", round % 90 + 10, round % 900 + 100));
    let delegation = desk.grant_delegation(&anna, &somebody, "2027-12-31").await.unwrap();
    let mandate = MandateForm {
        holder_code: "90042100330".into(),
        delegate_code: somebody,
        delegate_name: "Luca Verdi".into(),
        title: "attorney".into(),
        evidence: "procura".into(),
        ..MandateForm::default()
    };
    let mandate = desk.record_mandate(&Actor::console(BODY, "test"), mandate).await.unwrap();
    let program = TokenForm {
        name: "Prova".into(),
        scopes: vec!["messages:read".into()],
        days: 1,
        ..TokenForm::default()
    };
    let (_, program) = desk.make_token(&anna, program).await.unwrap();
    let deposit = DepositForm {
        office: town.building.clone(),
        name: "Avvisi".into(),
        effect: "communication".into(),
        source: "page",
    };
    let deposit = desk.begin_deposit(&clerk, deposit).await.unwrap();
    // As if its years were over.
    let proposed =
        DestructionProposed { destruction: format!("scarto{round}"), messages: vec![filed.message.clone()] };
    let destruction = proposed.destruction.clone();
    let propose = desk.archive().act(move |work| {
        Box::pin(async move {
            let subject = proposed.destruction.clone();
            work.append(NewEvent::by(&Actor::system(BODY), subject, proposed)).await?;
            Ok::<_, ActError<()>>(())
        })
    });
    propose.await.unwrap();
    Things {
        message: filed.message,
        document: view.documents[0].id.clone(),
        receipt: view.receipts.first().map(|receipt| receipt.id.clone()).unwrap_or_default(),
        draft,
        upload,
        delivery: sent.delivery.unwrap(),
        case,
        account,
        delegation,
        mandate,
        program: program.id,
        card,
        destruction,
        deposit,
    }
}

/// The route with real things in it.
fn concrete(town: &Town, things: &Things, route: &str) -> String {
    let id = [
        ("/deleghe/", &things.delegation),
        ("/titoli/", &things.mandate),
        ("/scarto/", &things.destruction),
        ("/programmi/", &things.program),
        ("/tessere/", &things.card),
        ("/scrivi/", &things.draft),
        ("/bozze/", &things.draft),
        ("/ufficio/consegne/", &things.delivery),
        ("/deliveries/", &things.delivery),
        ("/fascicoli/", &things.case),
        ("/ricevute/", &things.receipt),
        ("/receipts/", &things.receipt),
        ("/documenti/", &things.document),
        ("/documents/", &things.document),
        ("/amministrazione/uffici/", &town.building),
        ("/lavori/", &things.case),
        ("/depositi/", &things.deposit),
        ("/deposits/", &things.deposit),
    ];
    let id = id.iter().find(|(part, _)| route.contains(part)).map_or(&things.message, |(_, id)| id);
    route
        .replace("{id}", id)
        .replace("{file}", &things.upload)
        .replace("{year}", if route.contains("stampa") { "2026.pdf" } else { "2026" })
        .replace("stampa/{name}", "stampa/2026-1.pdf")
        .replace("{day}", "2026-03-10")
        .replace("{number}", "1")
        .replace("{account}", &things.account)
        .replace("{act}", "revoca")
        .replace("plico-cards/{ipa}", "plico-cards/c_b999")
        .replace("{key}", "chiave")
        .replace("{token}", "nessuno")
        .replace(
            "{code}",
            match route {
                kind if kind.contains("tipi") => "istanza",
                card if card.contains("tessere") => "sosta",
                certificate if certificate.contains("certificati") => "residenza",
                series if series.contains("repertori") => "decreti",
                _ => "en",
            },
        )
        .replace("{ipa}/{n}", "c_b999/1")
        .replace("entries/{*path}", "entries/000.p/1")
        .replace("{*path}", "0/000.p/1")
        .replace("{*name}", "nothing.css")
}

/// A role's session: its cookie and the token of its forms.
async fn session(town: &Town, account: &str) -> (String, String) {
    let sign_in = SignIn {
        account: account.into(),
        kind: "local",
        level: "L2".into(),
        acting_for: None,
        evidence: b"{}".to_vec(),
        locale: None,
    };
    let now = town.app.shell.now_ms();
    let token = town.app.shell.sessions().open(sign_in, None, now).await.unwrap();
    let session = town.app.shell.sessions().find(&token, now).await.unwrap().unwrap();
    (format!("plico={token}"), session.forms.token())
}

/// What somebody is answered: the status, and `>` with the first step of where he is led.
async fn answer(town: &Town, account: &str, method: &str, path: &str) -> String {
    let (cookie, token) =
        if account.is_empty() { <(String, String)>::default() } else { session(town, account).await };
    let headers = [("cookie", cookie.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let body = format!("_csrf={token}");
    let body = if method == "GET" { &b""[..] } else { body.as_bytes() };
    let answer = town.send(method, path, &headers, body).await;
    match answer.header("location") {
        Some(place) if (300..400).contains(&answer.status) => {
            let place = place.split('?').next().unwrap_or_default();
            format!("{}>/{}", answer.status, place.split('/').nth(1).unwrap_or_default())
        }
        _ => answer.status.to_string(),
    }
}

fn is_no(answer: &str) -> bool {
    answer.starts_with('4') || answer.ends_with(">/accedi")
}

/// Who must be told no, whatever the table says.
fn must_be_no(role: &str, method: &str, route: &str) -> bool {
    let within = |places: &[&str]| {
        places.iter().any(|place| route == *place || route.starts_with(&format!("{place}/")))
    };
    let citizens = within(&[
        "/area-personale",
        "/messaggi",
        "/pratiche",
        "/documenti",
        "/tessere",
        "/ricevute",
        "/bozze",
        "/scrivi",
        "/profilo",
        "/recapiti",
        "/deleghe",
        "/per-conto",
        "/programmi",
    ]);
    let named = route.contains('{');
    // Old addresses, and what only takes a form, lead to the page that looks.
    let leads_on = ["/recapiti", "/per-conto", "/tessere/sw.js"].contains(&route)
        || route.starts_with("/profilo/")
        || route.starts_with("/area-personale/")
        || ["/accetta", "/apri", "/rispondi", "/integra", "/elimina", "/avanti", "/invia", "/lingua"]
            .iter()
            .any(|end| route.ends_with(end));
    // Jobs that gave up are shown at the office's address to the administrator too.
    if role == "administrator" && route.contains("/lavori") {
        return false;
    }
    if role == "owner" && route == "/messaggi/{id}/tutto.zip" {
        return false;
    }
    let office = within(&["/ufficio"]);
    match role {
        _ if route.starts_with("/api/v1/")
            && !route.ends_with("openapi.json")
            && !route.ends_with("status") =>
        {
            // A browser's session is nothing to the API.
            true
        }
        "nobody" => {
            (citizens && !leads_on && method == "GET" && !named)
                || office
                || within(&["/revisore", "/amministrazione"])
        }
        "stranger" | "neighbour" => {
            (citizens && named && (!leads_on || method == "POST"))
                || office
                || within(&["/revisore", "/amministrazione"])
        }
        "owner" => office || within(&["/revisore", "/amministrazione"]),
        "administrator" => (office && named && !route.contains("lavori")) || within(&["/revisore"]),
        "auditor" => within(&["/amministrazione"]) || (office && method == "POST" && named),
        "clerk" | "protocol" => within(&["/amministrazione", "/revisore"]),
        "manager" => within(&["/amministrazione"]),
        _ => false,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_answers_every_role_as_the_table_says() {
    let town = Town::start().await;
    let mut things = self::things(&town, 0).await;
    let receipt = things.receipt.clone();
    let mut routes = declared();
    routes.extend(operations(&town).await);
    let accounts = [
        "",
        &town.stranger,
        &town.bruno,
        &town.anna,
        &town.administrator,
        &town.auditor,
        &town.building_operator,
        &town.protocol_operator,
        &town.records_manager,
    ];
    let mut table = format!("# {:<4} {:<52} {}\n", "", "route", ROLES.join(" "));
    let mut crossed = Vec::new();
    for (place, (method, route)) in routes.iter().enumerate() {
        if method == "POST" && route.contains('{') {
            // There is a limit to what one may have.
            let anna = town.as_person(&town.anna).await;
            town.app.desk.revoke_delegation(&anna, &things.delegation).await.unwrap();
            let _ = town.app.desk.revoke_token(&anna, &things.program).await;
            let _ = town.app.desk.discard_draft(&anna, &things.draft).await;
            things = Things { receipt: receipt.clone(), ..self::things(&town, place + 1).await };
        }
        let path = concrete(&town, &things, route);
        let _ = write!(table, "{method:<6} {route:<52}");
        for (role, account) in ROLES.iter().zip(accounts) {
            let told = answer(&town, account, method, &path).await;
            if told.starts_with('5') {
                crossed.push(format!("{method} {route}: {role} is answered {told}"));
            }
            if must_be_no(role, method, route) && !is_no(&told) {
                crossed.push(format!("{method} {route}: {role} must be told no, and is answered {told}"));
            }
            let _ = write!(table, " {told}");
        }
        table.push('\n');
    }
    assert!(crossed.is_empty(), "{}\n\n{table}", crossed.join("\n"));
    let file = root().join("tests/matrix.txt");
    if std::env::var_os("WRITE_MATRIX").is_some() {
        std::fs::write(&file, &table).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    let differing: Vec<String> = table
        .lines()
        .filter(|line| !kept.lines().any(|known| known == *line))
        .map(|line| format!("is       {line}"))
        .chain(
            kept.lines()
                .filter(|line| !table.lines().any(|now| now == *line))
                .map(|line| format!("expected {line}")),
        )
        .collect();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}
