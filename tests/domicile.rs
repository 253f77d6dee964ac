//! Registers of digital domiciles: asked when an operator says so, kept with the letter, and never taken for what they did not say.

use plico_courier::domicile::simulator::{Elected, Fault, Registers, Reply};
use plico_courier::witness::simulator::Reply as Sent;
use plico_record::act::DomicileAsked;
use plico_signature::certificate::Certificate;
use plico_signature::forge::{KeyKind, Pki, Subject};
use plico_testkit::http::Service;

use super::letter_mail::Office;
use super::staff::Desk;
use super::support::{MORNING, code};

/// A description of the registers at an address, beside their keys.
fn described(folder: &std::path::Path, url: &str) -> (plico::config::Config, Vec<u8>) {
    let subject = Subject {
        given_name: "Plico",
        surname: "Prova",
        fiscal_code: "",
        organization: "",
        from_ms: MORNING - 86_400_000,
        to_ms: MORNING + 86_400_000,
    };
    let signer = Pki::new("Domicili", MORNING).unwrap().signer(&subject, KeyKind::Rsa2048).unwrap();
    std::fs::write(folder.join("chiave.pem"), signer.key_pem().unwrap()).unwrap();
    std::fs::write(folder.join("certificato.pem"), signer.certificates_pem().unwrap()).unwrap();
    std::fs::write(folder.join("ipa.secret"), "codice-segreto\n").unwrap();
    let text = format!(
        "timeout_seconds = 1\n\
         [inad]\nurl = '{url}/inad'\ntoken_url = '{url}/token.oauth2'\naudience = 'auth.interop.example/client-assertion'\n\
         client_id = 'plico'\nkey_id = 'k1'\npurpose = 'f1'\nkey = 'chiave.pem'\n\
         [inipec]\nurl = '{url}/infocamere'\nclient_id = 'plico'\nkey = 'chiave.pem'\ncertificate = 'certificato.pem'\n\
         [ipa]\nurl = '{url}'\nauth_id = 'file:{}'\n",
        folder.join("ipa.secret").display()
    );
    std::fs::write(folder.join("domicili.toml"), text).unwrap();
    let mut config = plico::config::Config::default();
    config.domicile.file = Some(folder.join("domicili.toml"));
    (config, Certificate::read(signer.certificate_der()).unwrap().spki.to_vec())
}

async fn served(office: &Office) -> Service<Registers> {
    let folder = tempfile::tempdir().unwrap();
    let answer = |state: &mut Registers, head: &str, target: &str, body: &[u8]| {
        let says = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("authorization").then_some(value)
        });
        let method = head.split(' ').next().unwrap_or_default();
        match state.answer(method, target, says.unwrap_or_default(), body, MORNING) {
            Reply::Answer(status, kind, body) => Sent::Answer(status, kind, body),
            Reply::HangUp => Sent::HangUp,
            Reply::Stall => Sent::Stall,
        }
    };
    let service = Service::start_whole(Registers::default(), answer).await.unwrap();
    let (config, spki) = described(folder.path(), &service.url());
    *service.state() = Registers::new("plico", &spki, "codice-segreto");
    office.town.app.desk.ask_domiciles_of(plico::domiciles::read(&config).unwrap());
    service
}

fn anna() -> String {
    code("BSSNNA80A41H501")
}

const KEY: &str = "letteradomicilio00000001";

fn path() -> String {
    format!("/ufficio/lettere/{KEY}?scopo=message")
}

fn typed<'a>(office: &'a Office, code: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("office", office.town.building.as_str()),
        ("fiscal_code", code),
        ("name", "Anna Bassi"),
        ("subject", "Esito"),
        ("text", "Si comunica l’esito."),
        ("effect", "notification"),
    ];
    fields.extend_from_slice(more);
    fields
}

async fn asked_of(office: &Office, message: &str) -> Vec<DomicileAsked> {
    let clerk = office.town.as_operator(&office.town.building_operator).await;
    office.town.app.desk.domiciles_of_letter(&clerk, message).await.unwrap()
}

#[tokio::test]
async fn an_address_is_asked_for_and_its_answer_goes_with_the_letter() {
    let office = Office::open().await;
    let mut clerk = Desk::of(&office.town, &office.town.building_operator).await;
    let anna = anna();
    let page = clerk.see("/ufficio/nuovo").await;
    assert!(!page.contains("Chiedi a INAD"), "without configuration there is no button");
    let service = served(&office).await;
    let elected =
        Elected { address: "anna@pec.example".into(), profession: "Avvocato".into(), ..Elected::default() };
    service.state().inad.insert(anna.clone(), vec![elected]);
    let page = clerk.see("/ufficio/nuovo").await;
    assert!(page.contains("Chiedi a INAD") && page.contains("Chiedi a INI-PEC"), "{page}");

    // Lost: told, and asked again only when somebody says so.
    service.state().fault = Some(Fault::HangsUp);
    let answer = clerk.send(&path(), &typed(&office, &anna, &[("look", "inad")]), &[]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let page = clerk.see(&format!("/ufficio/lettere/{KEY}")).await;
    assert!(page.contains("risposta persa") && page.contains("Non si ripete da sola"), "{page}");
    assert_eq!(service.state().heard.len(), 1, "showing it asks nothing");

    clerk.send(&path(), &typed(&office, &anna, &[("look", "inad")]), &[]).await;
    let page = clerk.see(&format!("/ufficio/lettere/{KEY}")).await;
    assert!(page.contains("value=\"anna@pec.example\"") && page.contains("Avvocato"), "{page}");
    // It prepares its answer, and then has none.
    service.state().preparing = 1;
    let fields = typed(&office, &anna, &[("pec", "anna@pec.example"), ("look", "inipec")]);
    clerk.send(&path(), &fields, &[]).await;
    let page = clerk.see(&format!("/ufficio/lettere/{KEY}")).await;
    assert!(page.contains("Prendi la risposta di INI-PEC"), "{page}");
    // A fetch that fails asks nothing anew.
    service.state().fault = Some(Fault::Fails);
    clerk.send(&path(), &fields, &[]).await;
    let page = clerk.see(&format!("/ufficio/lettere/{KEY}")).await;
    assert!(page.contains("Prendi la risposta di INI-PEC") && page.contains("non risponde"), "{page}");
    clerk.send(&path(), &fields, &[]).await;
    let page = clerk.see(&format!("/ufficio/lettere/{KEY}")).await;
    assert!(page.contains("nessun domicilio") && page.contains("su carta"), "{page}");
    let heard = service.state().heard.clone();
    assert_eq!(heard.iter().map(|one| one.0).collect::<Vec<_>>(), ["inad", "inad", "inipec"]);

    let review = typed(&office, &anna, &[("pec", "anna@pec.example"), ("act", "review")]);
    let answer = clerk.send(&path(), &review, &[]).await;
    assert_eq!(answer.header("location"), Some(format!("/ufficio/lettere/{KEY}/controlla").as_str()));
    let page = clerk.see(&format!("/ufficio/lettere/{KEY}/controlla")).await;
    assert!(page.contains("quello che ha indicato INAD"), "{page}");
    let sent = clerk.led(&format!("/ufficio/lettere/{KEY}/invia"), &[]).await;
    let message = sent.trim_start_matches("/ufficio/messaggi/").split('?').next().unwrap().to_owned();
    let asked = asked_of(&office, &message).await;
    let outcomes: Vec<_> = asked.iter().map(|one| (one.register.as_str(), one.outcome.as_str())).collect();
    assert_eq!(outcomes, [("inad", "lost"), ("inad", "found"), ("inipec", "none"), ("inipec", "failed")]);
    assert_eq!(asked[1].at, "2026-03-10T05:19:58Z");
    assert_eq!(
        (asked[1].addresses[0].of.as_str(), asked[1].by.as_str()),
        ("Avvocato", office.town.building_operator.as_str())
    );
    let page = office.page(&message).await;
    assert!(page.contains("quello che ha indicato INAD") && page.contains("nessun domicilio"), "{page}");
    assert!(page.contains("Domicilio digitale chiesto"), "in its history: {page}");
    office.sound().await;
    assert_eq!(service.state().heard.len(), 3, "nothing asks by itself");
}

#[tokio::test]
async fn what_was_asked_about_somebody_else_does_not_go_with_a_letter() {
    let office = Office::open().await;
    let service = served(&office).await;
    let (anna, bruno) = (anna(), code("CNTBRN75C12F205"));
    let mut clerk = Desk::of(&office.town, &office.town.building_operator).await;
    clerk.see("/ufficio/nuovo").await;
    let elected = Elected { address: "anna@pec.example".into(), ..Elected::default() };
    service.state().inad.insert(anna.clone(), vec![elected]);
    clerk.send(&path(), &typed(&office, &anna, &[("look", "inad")]), &[]).await;
    let fields = typed(&office, &bruno, &[("act", "review")]);
    clerk.send(&path(), &fields, &[]).await;
    let page = clerk.see(&format!("/ufficio/lettere/{KEY}/controlla")).await;
    assert!(!page.contains("anna@pec.example"), "{page}");
    let sent = clerk.led(&format!("/ufficio/lettere/{KEY}/invia"), &[]).await;
    let message = sent.trim_start_matches("/ufficio/messaggi/").split('?').next().unwrap().to_owned();
    assert_eq!(asked_of(&office, &message).await, []);
    // Without a code nobody is asked.
    let other = "letteradomicilio00000002";
    let path = format!("/ufficio/lettere/{other}?scopo=message");
    let answer =
        clerk.send(&path, &typed(&office, "", &[("pec", "x@pec.example"), ("look", "inad")]), &[]).await;
    assert!(answer.text().contains("serve il codice fiscale"), "{}", answer.text());
    assert_eq!(service.state().heard.len(), 1);
}

#[tokio::test]
async fn the_list_of_public_bodies_is_looked_into_first() {
    let office = Office::open().await;
    let service = served(&office).await;
    let list = "Codice_IPA,Denominazione_ente,Codice_fiscale_ente,Mail1,Tipo_Mail1\n\
        c_x,Comune di Esempio,90042100330,comune@pec.esempio.example,Pec\n";
    // Many share this installation: it is the hub's to read.
    let hub = plico_desk::Actor::console(super::support::BODY, "test");
    office.town.app.desk.read_ipa(&hub, list, "2026-03-01").await.unwrap();
    let mut clerk = Desk::of(&office.town, &office.town.building_operator).await;
    clerk.see("/ufficio/nuovo").await;
    clerk.send(&path(), &typed(&office, "90042100330", &[("look", "ipa")]), &[]).await;
    let page = clerk.see(&format!("/ufficio/lettere/{KEY}")).await;
    assert!(page.contains("comune@pec.esempio.example") && page.contains("Elenco del 2026-03-01"), "{page}");
    assert_eq!(service.state().heard, []);
    let elsewhere = ("c_y".to_owned(), "Comune Y".to_owned(), "y@pec.example".to_owned());
    service.state().ipa.insert("01234567897".into(), elsewhere);
    clerk.send(&path(), &typed(&office, "01234567897", &[("look", "ipa")]), &[]).await;
    let page = clerk.see(&format!("/ufficio/lettere/{KEY}")).await;
    assert!(page.contains("y@pec.example"), "{page}");
    assert_eq!(service.state().heard.len(), 1, "what is not listed is asked");
}

#[test]
fn a_description_that_is_no_good_says_why_and_shows_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let (config, _) = described(folder.path(), "https://registri.example");
    let domiciles = plico::domiciles::read(&config).unwrap();
    assert!(!format!("{domiciles:?} {:?}", domiciles.ipa).contains("codice-segreto"));
    let file = folder.path().join("domicili.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    for (from, to, said) in [
        (
            "https://registri.example/inad",
            "http://registri.example/inad",
            "inad.url must begin with https://",
        ),
        ("chiave.pem", "certificato.pem", "is not an RSA key"),
        ("purpose = 'f1'", "purpose = ''", "inad.purpose must say something"),
        ("[ipa]", "[ippa]", "is not a description"),
        ("'certificato.pem'", "'chiave.pem'", "holds no certificate"),
    ] {
        std::fs::write(&file, text.replace(from, to)).unwrap();
        let error = plico::domiciles::read(&config).unwrap_err().to_string();
        assert!(error.contains(said), "{to}: {error}");
    }
}
