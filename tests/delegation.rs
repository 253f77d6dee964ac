//! Reading for another, acting for another, and the programs of one's own: at the pages, as a browser without script
//! goes through them.

use plico_archive::ActError;
use plico_crypto::totp;
use plico_database::args;
use plico_desk::Refusal;
use plico_desk::addressee::Recipient;
use plico_desk::answer::{Act, Letter};
use plico_desk::draft::{Purpose, Words};
use plico_desk::open::By;

use crate::support::{Town, code};
use crate::visitor::{Browser, town};

fn anna() -> String {
    code("BSSNNA80A41H501")
}

fn bruno() -> String {
    code("CNTBRN75C12F205")
}

/// A letter of the building office to Anna.
async fn letter(town: &Town, token: &str) -> String {
    let clerk = town.as_operator(&town.building_operator).await;
    let letter = Letter {
        act: Act::Message,
        about: None,
        office: town.building.clone(),
        recipient: Recipient { fiscal_code: anna(), ..Recipient::default() },
        copies: String::new(),
        effect: "communication".into(),
        subject: "Rimborso accordato".into(),
        text: "Si comunica che il rimborso è accordato.".into(),
        category: "letter".into(),
        certificate: None,
        language: plico_locale::Lang::It,
        token: token.into(),
    };
    town.app.desk.send_letter(&clerk, letter).await.unwrap().message
}

/// The identifier in the address of a form or link: `/deleghe/<id>/<act>`.
fn id_before(page: &str, act: &str) -> String {
    let (before, _) = page.split_once(&format!("/{act}\"")).unwrap_or_else(|| panic!("no {act} on the page"));
    before.rsplit('/').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_delegate_reads_says_so_sends_nothing_and_is_out_at_once() {
    let town = town().await;
    let message = letter(&town, "uno").await;
    let mut mother = Browser::signed_in(&town, &anna(), "").await;
    let mut daughter = Browser::named(&town, &bruno(), ("Bruno", "Conti"), "").await;

    mother.see("/deleghe").await;
    let wrong = mother.post("/deleghe", &[("fiscal_code", &anna()), ("until", "2026-12-31")]).await;
    assert_eq!(wrong.status, 422, "nobody delegates himself");
    for until in ["", "2026-01-01", "2099-01-01", "domani"] {
        let wrong = mother.post("/deleghe", &[("fiscal_code", &bruno()), ("until", until)]).await;
        assert_eq!(wrong.status, 422, "{until}");
    }
    let grant = [("fiscal_code", bruno()), ("until", "2026-12-31".to_owned())];
    let grant: Vec<(&str, &str)> = grant.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(mother.led("/deleghe", &grant).await, "/deleghe?fatto=delegato");
    assert_eq!(mother.post("/deleghe", &grant).await.status, 422, "one at a time");
    let hers = mother.see("/deleghe").await;
    assert!(hers.contains(&bruno()) && !hers.contains("Bruno"), "a fiscal code gives away no name");

    // Nothing holds before it is accepted.
    let offered = daughter.see("/deleghe").await;
    let id = id_before(&offered, "accetta");
    assert_eq!(daughter.post("/per-conto", &[("person", &town.anna)]).await.status, 404);
    assert_eq!(daughter.request("GET", &format!("/messaggi/{message}"), &[], &[]).await.status, 404);
    let accept = format!("/deleghe/{id}/accetta");
    assert_eq!(mother.post(&accept, &[]).await.status, 404, "the other side accepts");
    assert_eq!(daughter.led(&accept, &[]).await, "/deleghe?fatto=accettato");
    assert!(mother.see("/deleghe").await.contains("Bruno Conti"));

    assert_eq!(daughter.led("/per-conto", &[("person", &town.anna)]).await, "/area-personale");
    let left_open = daughter.post("/profilo", &[("email", "b@posta.example")]).await;
    assert_eq!(left_open.status, 403, "a form from before was for somebody else");
    assert!(left_open.text().contains("b@posta.example"), "and what was typed is given back");
    let desk = daughter.see("/area-personale").await;
    assert!(desk.contains("leggi per Anna Bassi") && desk.contains("Rimborso accordato"), "{desk}");
    assert!(daughter.see(&format!("/messaggi/{message}")).await.contains("Apri"));
    daughter.led(&format!("/messaggi/{message}/apri"), &[]).await;
    assert!(daughter.see(&format!("/messaggi/{message}")).await.contains("il rimborso è accordato"));
    let opened = "select opened_as from delivery where message = $1";
    let opened = town.app.desk.archive().database().scalar_text(opened, args![&message]).await.unwrap();
    assert_eq!(opened.as_deref(), Some("delegate"), "the event says so");

    // Reading is all he may: neither send, nor answer, nor see drafts, nor touch contact and delegations.
    let kind = format!("{}.istanza", town.building);
    assert_eq!(daughter.request("GET", "/scrivi", &[], &[]).await.status, 403);
    assert_eq!(daughter.post("/scrivi", &[("kind", &kind)]).await.status, 403);
    assert!(!desk.contains("href=\"/scrivi\"") && !desk.contains("href=\"/profilo\">Agg"), "{desk}");
    let data = daughter.request("GET", "/profilo", &[], &[]).await;
    assert_eq!(data.header("location"), Some("/deleghe"));
    assert_eq!(daughter.post(&format!("/messaggi/{message}/rispondi"), &[]).await.status, 403);
    assert_eq!(daughter.post("/profilo", &[("email", "b@posta.example")]).await.status, 403);
    assert_eq!(daughter.post("/deleghe", &grant).await.status, 403);
    mother.see("/scrivi").await;
    mother.led("/scrivi", &[("kind", &kind), ("behalf", "")]).await;
    assert!(mother.see("/bozze").await.contains("/elimina"));
    assert!(!daughter.see("/bozze").await.contains("/elimina"), "what was not sent is nobody's to read");

    // The mother ends it: the very next request of the daughter finds nobody.
    let asked = mother.see(&format!("/deleghe/{id}/revoca")).await;
    assert!(asked.contains("Bruno Conti"));
    assert_eq!(mother.led(&format!("/deleghe/{id}/revoca"), &[]).await, "/deleghe?fatto=revocato");
    let told = daughter.request("GET", &format!("/messaggi/{message}"), &[], &[]).await;
    assert_eq!(told.status, 403);
    assert!(told.text().contains("Non lavori più per conto di un altro"), "{}", told.text());
    assert_eq!(daughter.request("GET", &format!("/messaggi/{message}"), &[], &[]).await.status, 404);
    assert!(!daughter.see("/area-personale").await.contains("Rimborso accordato"));
    daughter.see("/deleghe").await;
    assert_eq!(daughter.post("/per-conto", &[("person", &town.anna)]).await.status, 404);
    town.settle().await;
    assert_eq!(town.app.desk.archive().compare_rebuilt().await.unwrap(), []);
}

#[tokio::test]
async fn a_delegation_ends_with_its_last_day() {
    let town = town().await;
    let anna = town.as_person(&town.anna).await;
    let granted = town.app.desk.grant_delegation(&anna, &bruno(), "2026-03-11").await.unwrap();
    town.app.desk.accept_delegation(&town.as_person(&town.bruno).await, &granted).await.unwrap();
    let reads =
        async || town.app.desk.person_actor(&town.bruno, Some(&town.anna), None).await.unwrap().is_some();
    assert!(reads().await);
    town.clock.advance(std::time::Duration::from_hours(24));
    assert!(reads().await, "the last day counts whole");
    town.clock.advance(std::time::Duration::from_hours(24));
    assert!(!reads().await);
}

/// Signs an operator in, with fresh secrets.
pub async fn operator<'a>(town: &'a Town, account: &str) -> Browser<'a> {
    let secret = town.app.desk.invite(account).await.unwrap();
    let link = plico::web::sign_in::invitation("", &secret);
    let mut browser = Browser::new(town);
    let page = browser.see(&link).await;
    let shown = page.split("plico-mono\">").nth(1).unwrap().split('<').next().unwrap().replace(' ', "");
    let now = plico::clock::Clock::now_ms(&*town.clock);
    let right = totp::code(&crate::visitor::unbase32(&shown), totp::step(now));
    browser.led(&link, &[("password", "una lunga frase segreta"), ("code", &right)]).await;
    browser
}

#[tokio::test]
async fn a_title_holds_once_it_is_confirmed_and_ends_when_it_is_revoked() {
    let town = town().await;
    let mut manager = operator(&town, &town.records_manager).await;
    let acts =
        async || town.app.desk.person_actor(&town.bruno, Some(&town.company), None).await.unwrap().is_some();
    manager.see("/ufficio/titoli/nuovo").await;
    assert_eq!(manager.post("/ufficio/titoli/nuovo", &[("holder_code", "90042100330")]).await.status, 422);
    let bruno = bruno();
    let form = [
        ("holder_code", "90042100330"),
        ("delegate_code", &bruno),
        ("title", "attorney"),
        ("evidence", "procura notarile rep. 1234"),
    ];
    assert_eq!(manager.led("/ufficio/titoli/nuovo", &form).await, "/ufficio/titoli?fatto=salvato");
    assert!(!acts().await, "recorded is not confirmed");
    let list = manager.see("/ufficio/titoli").await;
    assert!(list.contains("procura notarile rep. 1234"));
    let id = id_before(&list, "conferma");
    manager.see(&format!("/ufficio/titoli/{id}/conferma")).await;
    assert_eq!(
        manager.led(&format!("/ufficio/titoli/{id}/conferma"), &[]).await,
        "/ufficio/titoli?fatto=confermato"
    );
    assert!(acts().await);
    let again = manager.post(&format!("/ufficio/titoli/{id}/conferma"), &[]).await;
    assert_eq!(again.status, 409, "once");

    let mut attorney = Browser::named(&town, &bruno, ("Bruno", "Conti"), "").await;
    attorney.see("/scrivi").await;
    let kind = format!("{}.istanza", town.building);
    let draft = attorney.led("/scrivi", &[("kind", &kind), ("behalf", &town.company)]).await;
    assert!(attorney.see(&draft).await.contains("per conto di Fornace Bassi"));

    manager.see(&format!("/ufficio/titoli/{id}/revoca")).await;
    assert_eq!(manager.post(&format!("/ufficio/titoli/{id}/revoca"), &[]).await.status, 422, "say why");
    let why = [("reason", "procura scaduta")];
    assert_eq!(
        manager.led(&format!("/ufficio/titoli/{id}/revoca"), &why).await,
        "/ufficio/titoli?fatto=revocato"
    );
    assert!(!acts().await);
    assert_eq!(attorney.request("GET", &draft, &[], &[]).await.status, 403, "at once");
}

/// Whoever was let in a moment before the revocation is stopped where the act would be recorded.
#[tokio::test]
async fn nothing_is_recorded_for_another_after_the_revocation() {
    let town = town().await;
    let desk = &town.app.desk;
    let message = letter(&town, "due").await;
    let anna = town.as_person(&town.anna).await;
    let bruno_alone = town.as_person(&town.bruno).await;
    let granted = desk.grant_delegation(&anna, &bruno(), "2026-12-31").await.unwrap();
    desk.accept_delegation(&bruno_alone, &granted).await.unwrap();
    let delivery = desk.own_delivery(&anna, &message).await.unwrap().unwrap();

    // At his own desk, and so with a program of his own, a delegate opens nothing of hers.
    let reads_at_will = town.as_person(&town.bruno).await;
    let refused = desk.open_delivery(&reads_at_will, &delivery.id, By::Api).await;
    assert!(matches!(refused, Err(ActError::Refused(Refusal::NotFound))), "{refused:?}");

    let late = desk.person_actor(&town.bruno, Some(&town.anna), None).await.unwrap().unwrap();
    desk.revoke_delegation(&anna, &granted).await.unwrap();
    let refused = desk.open_delivery(&late, &delivery.id, By::Page).await;
    assert!(matches!(refused, Err(ActError::Refused(Refusal::Forbidden))), "{refused:?}");
    let opened = desk.own_delivery(&anna, &message).await.unwrap().unwrap().opened_ms;
    assert_eq!(opened, None);

    // Whoever acts for another cannot make his title outlive its end.
    let for_company = desk.person_actor(&town.anna, Some(&town.company), None).await.unwrap().unwrap();
    let refused = desk.grant_delegation(&for_company, &bruno(), "2026-12-31").await;
    assert!(matches!(refused, Err(ActError::Refused(Refusal::Forbidden))), "{refused:?}");
    let refused = desk.grant_delegation(&anna, &self::anna().to_lowercase(), "2026-12-31").await;
    assert!(matches!(refused, Err(ActError::Refused(Refusal::Invalid(_)))), "{refused:?}");

    let words = Words {
        kind: "istanza".into(),
        office: town.building.clone(),
        subject: "Per la fornace".into(),
        text: "Si chiede.".into(),
    };
    let draft = desk.begin_draft(&for_company, Purpose::Filing, None, words).await.unwrap();
    let manager = town.as_operator(&town.records_manager).await;
    let title = desk.mandates(&manager).await.unwrap().remove(0);
    desk.revoke_mandate(&manager, &title.id, "procura scaduta").await.unwrap();
    let refused = desk.present(&for_company, &draft).await;
    assert!(matches!(refused, Err(ActError::Refused(Refusal::Forbidden))), "{refused:?}");
}

#[tokio::test]
async fn a_program_is_shown_its_secret_once_and_loses_it() {
    let town = town().await;
    let mut browser = Browser::signed_in(&town, &anna(), "/programmi").await;
    browser.see("/programmi").await;
    assert_eq!(browser.post("/programmi", &[("name", "Studio"), ("days", "9000")]).await.status, 422);
    let form = [("name", "Studio Bassi"), ("scopes", "messages:read"), ("days", "30")];
    let made = browser.post("/programmi", &form).await;
    assert_eq!(made.status, 200);
    let page = made.text();
    let secret = page.split("plico-mono\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let bearer = format!("Bearer {secret}");
    let call = async || town.send("GET", "/api/v1/messages", &[("authorization", &bearer)], b"").await.status;
    assert_eq!(call().await, 200);
    assert_eq!(browser.post("/programmi", &form).await.status, 422, "sent again, it makes no second one");
    let list = browser.see("/programmi").await;
    assert!(list.contains("Studio Bassi") && !list.contains(&secret));

    // The administrator sees whose it is, and ends it.
    let mut administrator = operator(&town, &town.administrator).await;
    let all = administrator.see("/programmi").await;
    assert!(all.contains("Anna Bassi") && all.contains("Studio Bassi"));
    let id = id_before(&all, "revoca");
    let mut neighbour = Browser::named(&town, &bruno(), ("Bruno", "Conti"), "").await;
    neighbour.see("/programmi").await;
    assert_eq!(neighbour.request("GET", &format!("/programmi/{id}/revoca"), &[], &[]).await.status, 404);
    assert_eq!(neighbour.post(&format!("/programmi/{id}/revoca"), &[]).await.status, 404);
    administrator.see(&format!("/programmi/{id}/revoca")).await;
    assert_eq!(administrator.led(&format!("/programmi/{id}/revoca"), &[]).await, "/programmi?fatto=revocato");
    assert_eq!(call().await, 401);
}

#[tokio::test]
async fn whoever_has_several_bodies_before_him_chooses_one() {
    let town = town().await;
    plico::web::show_bodies(&town.app).await.unwrap();
    let mut browser = Browser::new(&town);
    let page = browser.see("/accedi?return=%2Fmessaggi%3Fvista%3Dnuovi").await;
    assert!(page.contains("Comune di Borgo") && page.contains("Unione di Altrove"), "{page}");
    let code = anna();
    let headers = [
        ("x-plico-gateway", crate::visitor::SECRET),
        ("x-spid-fiscalnumber", code.as_str()),
        ("x-spid-name", "Anna"),
        ("x-spid-familyname", "Bassi"),
        ("x-spid-level", "https://www.spid.gov.it/SpidL2"),
    ];
    let landing = "/accedi/identita?return=%2Fmessaggi%3Fvista%3Dnuovi";
    let unchosen = browser.request("GET", landing, &headers, &[]).await;
    assert_eq!(unchosen.header("location"), Some("/accedi?return=%2Fmessaggi%3Fvista%3Dnuovi"));
    let chosen = browser.request("GET", &format!("{landing}&ente=altrove"), &headers, &[]).await;
    assert_eq!(chosen.header("location"), Some("/messaggi?vista=nuovi"), "and comes to the very page");
    assert!(browser.see("/messaggi").await.contains("Unione di Altrove"));
}
