//! What is said of a signature: when it comes, when it is registered, when more is known; to whom; and as what files.

use std::time::Duration;

use plico::work;
use plico_archive::read::message;
use plico_database::args;
use plico_desk::draft::{Purpose, Words};
use plico_desk::upload::Scan;
use plico_desk::verdict::{Class, Trust, Verdicts};
use plico_record::day::LegalDay;
use plico_signature::Anchors;
use plico_signature::forge::{Flaw, KeyKind, Period, Pki, Recipe, Signer, Subject, cades};
use plico_signature::revocation::Evidence;

use crate::staff::Desk;
use crate::support::{MORNING, Town};

const DAY: Duration = Duration::from_hours(24);
const DAY_MS: i64 = 86_400_000;

struct World {
    town: Town,
    pki: Pki,
    /// Whose certificate ends after ten days.
    anna: Signer,
}

impl World {
    async fn start() -> Self {
        let mut pki = Pki::new("Borgo", MORNING).unwrap();
        let subject = Subject {
            given_name: "Anna",
            surname: "Bassi",
            fiscal_code: "BSSNNA80A41H501X",
            organization: "",
            from_ms: MORNING - 300 * DAY_MS,
            to_ms: MORNING + 10 * DAY_MS,
        };
        let anna = pki.signer(&subject, KeyKind::P256).unwrap();
        let world = Self { town: Town::start().await, pki, anna };
        world.believe(&[]);
        world
    }

    fn believe(&self, lists: &[Vec<u8>]) {
        let mut evidence = Evidence::default();
        for list in lists {
            evidence.add_crl(list).unwrap();
        }
        let anchors = Some(Anchors::from_pem(&self.pki.anchors_pem().unwrap()).unwrap());
        let version = format!("{evidence:?}");
        self.town.app.desk.believe(Trust { anchors, evidence, version });
    }

    /// Lists that hold for thirty days; `revoked` since an instant for a reason.
    fn lists(&self, revoked: Option<(i64, u8)>) -> [Vec<u8>; 2] {
        let period = Period { from_ms: MORNING + DAY_MS / 2, to_ms: Some(MORNING + 30 * DAY_MS) };
        let named: Vec<_> = revoked.into_iter().map(|(since, reason)| (&self.anna, since, reason)).collect();
        [self.pki.crl(&named, period).unwrap(), self.pki.root_crl(None, period).unwrap()]
    }

    async fn signed(&self) -> (String, String) {
        let file = cades(&[&self.anna], b"contenuto", &Recipe::good(MORNING - DAY_MS)).unwrap();
        self.filed("domanda.txt.p7m", &file).await
    }

    async fn filed(&self, name: &str, bytes: &[u8]) -> (String, String) {
        filed(&self.town, name, bytes).await
    }

    async fn known(&self, document: &str) -> Verdicts {
        known(&self.town, document).await
    }

    async fn classes(&self, document: &str) -> Vec<Class> {
        classes(&self.town, document).await
    }
}

/// Files a document with one attachment; answers the message and the attachment.
pub async fn filed(town: &Town, name: &str, bytes: &[u8]) -> (String, String) {
    let desk = &town.app.desk;
    let anna = town.as_person(&town.anna).await;
    let words = Words {
        kind: "istanza".into(),
        office: town.building.clone(),
        subject: "Permesso".into(),
        text: "Chiedo il permesso.".into(),
    };
    let draft = desk.begin_draft(&anna, Purpose::Filing, None, words).await.unwrap();
    let (owner, _) = desk.draft_files(&anna, &draft).await.unwrap();
    let mut upload = desk.begin_upload(&anna, &owner, name).await.unwrap();
    upload.write(bytes).await.unwrap();
    let received = desk.finish_upload(upload, async |_| Scan::Clean).await.unwrap();
    let filed = desk.present(&anna, &draft).await.unwrap();
    town.settle().await;
    (filed.message, received.id)
}

/// What its sender is told of a document.
pub async fn known(town: &Town, document: &str) -> Verdicts {
    let anna = town.as_person(&town.anna).await;
    town.app.desk.verdicts(&anna, document).await.unwrap()
}

/// What each verdict of a document comes to, the newest first.
pub async fn classes(town: &Town, document: &str) -> Vec<Class> {
    known(town, document).await.verdicts.iter().map(Class::of_all).collect()
}

/// What is done once a day.
async fn daily(town: &Town) {
    let archive = town.app.desk.archive();
    work::enqueue_sweep(archive, LegalDay::at(archive.now_ms())).await.unwrap();
    town.settle().await;
}

#[tokio::test]
async fn a_document_is_looked_at_again_when_somebody_else_is_believed() {
    let world = World::start().await;
    let (town, desk) = (&world.town, &world.town.app.desk);
    // Nobody is believed yet.
    desk.believe(Trust::default());
    let (_, document) = world.signed().await;
    let (_, second) = world.signed().await;
    assert_eq!(world.classes(&document).await, [Class::Untrusted]);
    daily(town).await;
    assert_eq!(world.classes(&document).await, [Class::Untrusted]);
    // A folder is set up; once a day what was looked at before is looked at with it.
    world.believe(&world.lists(None));
    town.clock.advance(DAY);
    town.settle().await;
    assert_eq!(world.classes(&document).await, [Class::Untrusted]);
    daily(town).await;
    for document in [&document, &second] {
        assert_eq!(world.classes(document).await, [Class::Valid, Class::Untrusted]);
    }
    // One that was valid is looked at as well: by now it is known that it was revoked before it came.
    world.believe(&world.lists(Some((MORNING - DAY_MS, 1))));
    town.clock.advance(DAY);
    daily(town).await;
    assert_eq!(world.classes(&document).await[0], Class::Revoked);
    // Where nothing changed nothing is looked at.
    let looked = async || {
        let rows: Vec<(i64,)> =
            desk.archive().database().all("select at_ms from looked", args![]).await.unwrap();
        rows
    };
    let before = looked().await;
    town.clock.advance(DAY);
    daily(town).await;
    assert_eq!(looked().await, before);
    assert_eq!(before.len(), 2);
}

#[tokio::test]
async fn two_who_look_at_one_time_keep_one_verdict() {
    let world = World::start().await;
    let (_, document) = world.signed().await;
    world.believe(&world.lists(None));
    world.town.clock.advance(DAY);
    let desk = &world.town.app.desk;
    let all = (0..6).map(|_| desk.renew_verdict(&document));
    for ended in futures_util::future::join_all(all).await {
        ended.unwrap();
    }
    assert_eq!(world.classes(&document).await, [Class::Valid, Class::Unchecked, Class::Unchecked]);
}

#[tokio::test]
async fn a_verdict_follows_what_is_known_and_none_is_lost() {
    let world = World::start().await;
    let (town, desk) = (&world.town, &world.town.app.desk);
    let (id, document) = world.signed().await;
    // When it came, and with its number: in neither case an authority had said anything.
    assert_eq!(world.classes(&document).await, [Class::Unchecked, Class::Unchecked]);
    let best = |verdicts: &Verdicts, place: usize| {
        let times = verdicts.verdicts[place].report.signatures[0].times.clone().unwrap();
        times.opposable.map(|best| best.name.unwrap())
    };
    let known = world.known(&document).await;
    let number = known.message.registration_number().unwrap();
    assert!(best(&known, 0).unwrap().ends_with(&number));
    assert_eq!(best(&known, 1), None);

    // A day later the same is known: nothing is kept. Then the list is there.
    town.clock.advance(DAY);
    town.settle().await;
    assert_eq!(world.classes(&document).await.len(), 2);
    world.believe(&world.lists(None));
    town.clock.advance(DAY);
    town.settle().await;
    assert_eq!(world.classes(&document).await, [Class::Valid, Class::Unchecked, Class::Unchecked]);

    // The certificate ends. Nothing looks again by itself; when the office asks, the number proves the signature.
    town.clock.advance(DAY * 12);
    town.settle().await;
    assert_eq!(world.classes(&document).await.len(), 3);
    let mut dino = Desk::of(town, &town.building_operator).await;
    let place = format!("/ufficio/documenti/{document}/firme");
    dino.see(&place).await;
    let led = dino.led(&format!("{place}/verifica"), &[]).await;
    let page = dino.see(&led).await;
    assert!(page.contains("Firma valida alla data provata"), "{page}");
    assert!(page.contains("Puoi trattarla come valida") && page.contains(&number), "{page}");
    assert_eq!(world.classes(&document).await[0], Class::Proven);
    let mut anna = Desk::of(town, &town.anna).await;
    let page = anna.see(&format!("/messaggi/{id}")).await;
    let told = "Il certificato è scaduto dopo.";
    assert!(page.contains("Firma valida.") && page.contains(told) && page.contains(&number), "{page}");
    assert!(page.contains(&format!("/documenti/{document}/firme")));

    // The journal says all of it: what is rebuilt is what is there, and nothing is amiss.
    assert_eq!(desk.archive().compare_rebuilt().await.unwrap(), []);
    let checked = desk.archive().fsck().await.unwrap();
    assert!(checked.clean, "{:?}", checked.findings);
}

#[tokio::test]
async fn suspended_is_not_revoked_and_an_altered_document_is_registered_all_the_same() {
    let world = World::start().await;
    let (_, document) = world.signed().await;
    world.believe(&world.lists(Some((MORNING - DAY_MS, 6))));
    world.town.clock.advance(DAY);
    world.town.settle().await;
    assert_eq!(world.classes(&document).await[0], Class::Suspended);
    // It waits: the hold may be lifted, or become final.
    world.believe(&world.lists(Some((MORNING - DAY_MS, 1))));
    world.town.clock.advance(DAY);
    world.town.settle().await;
    assert_eq!(world.classes(&document).await[0], Class::Revoked);

    let recipe = Recipe { flaws: &[Flaw::AlteredContent], ..Recipe::good(MORNING) };
    let altered = cades(&[&world.anna], b"contenuto", &recipe).unwrap();
    let (id, document) = world.filed("alterata.txt.p7m", &altered).await;
    assert_eq!(world.classes(&document).await[0], Class::Altered);
    let row = message::message(world.town.app.desk.archive().database(), &id).await.unwrap().unwrap();
    assert!(row.number.is_some());
    let mut dino = Desk::of(&world.town, &world.town.building_operator).await;
    let page = dino.see(&format!("/ufficio/documenti/{document}/firme")).await;
    assert!(page.contains("Documento modificato dopo la firma"), "{page}");
    assert!(page.contains("Non basarti su questo documento"), "{page}");
}

#[tokio::test]
async fn the_report_is_told_to_who_may_read_it_and_can_be_taken_away() {
    let world = World::start().await;
    let town = &world.town;
    let (id, document) = world.signed().await;
    let place = format!("/documenti/{document}/firme");
    let mut anna = Desk::of(town, &town.anna).await;
    let page = anna.see(&place).await;
    for told in ["Anna Bassi", "CA di prova per firme", "segnatura di protocollo", "Revoca non verificata"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(!page.contains("Che cosa fare"));
    let json = anna.get(&format!("{place}/dati.json")).await.json();
    assert_eq!(json["document"], document.as_str());
    assert_eq!(json["verdicts"].as_array().unwrap().len(), 2);
    assert_eq!(json["verdicts"][0]["report"]["signatures"][0]["signer"]["surname"], "Bassi");
    let pdf = anna.get(&format!("{place}/rapporto.pdf")).await;
    assert_eq!(pdf.header("content-type"), Some("application/pdf"));
    let about = plico_pdf::read::inspect(&pdf.body).unwrap();
    assert_eq!((about.pages, about.claims_pdfa.as_deref(), about.attachments), (1, Some("3A"), 1));
    let words = plico_pdf::read::text(&pdf.body, 10_000).unwrap().text;
    assert!(words.contains("Anna Bassi") && words.contains("Revoca non verificata"), "{words}");
    let xml = anna.get(&format!("{place}/rapporto.xml")).await.text();
    assert!(xml.contains("urn:etsi:019102:mainindication:indeterminate"), "{xml}");
    assert!(xml.contains("urn:etsi:019102:subindication:TRY_LATER"), "{xml}");
    if let Some(kept) = std::env::var_os("KEEP_REPORT") {
        std::fs::write(std::path::Path::new(&kept).join("rapporto.xml"), &xml).unwrap();
        std::fs::write(std::path::Path::new(&kept).join("rapporto.pdf"), &pdf.body).unwrap();
    }

    // Nobody else's: neither page nor file.
    let mut bruno = Desk::of(town, &town.bruno).await;
    for end in ["", "/dati.json", "/rapporto.pdf", "/rapporto.xml"] {
        assert_eq!(bruno.get(&format!("{place}{end}")).await.status, 404, "{end}");
    }

    // The auditor states a reason first; then every certificate with its source, and each look is an event.
    let mut furio = Desk::of(town, &town.auditor).await;
    let place = format!("/revisore/documenti/{document}/firme");
    assert_eq!(furio.get(&place).await.status, 403);
    furio.see(&format!("/revisore/messaggi/{id}")).await;
    furio.led(&format!("/revisore/messaggi/{id}/contenuto"), &[("reason", "controllo a campione")]).await;
    let page = furio.see(&place).await;
    assert!(page.contains("autorità di cui il servizio si fida") && !page.contains("<details"), "{page}");
    let furio = town.as_operator(&town.auditor).await;
    let log = town.app.desk.access_log(&furio, &plico_archive::read::Cursor::newest(), 50).await.unwrap();
    assert!(log.iter().any(|look| (look.what.as_str(), look.thing.as_str()) == ("document", &document)));

    // A program of the person's.
    let token = crate::api::token(town, &town.anna, &["documents:read"]).await;
    let answer = crate::api::get(town, &token, &format!("/documents/{document}/signatures")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["verdicts"][0]["indication"], "INDETERMINATE");
}

#[tokio::test]
async fn a_format_that_is_not_fit_to_be_kept_is_told_and_filed() {
    let world = World::start().await;
    let mut anna = Desk::of(&world.town, &world.town.anna).await;
    let (id, _) = world.filed("contratto.pdf", b"Buongiorno, questo e' un testo.").await;
    let page = anna.see(&format!("/messaggi/{id}")).await;
    assert!(page.contains("il nome del file indica un formato diverso da quello vero."), "{page}");
    // What is in an envelope counts, by the name that it has inside.
    let page = b"<!doctype html><html><script>1</script></html>";
    let file = cades(&[&world.anna], page, &Recipe::good(MORNING - DAY_MS)).unwrap();
    let (id, document) = world.filed("modulo.html.p7m", &file).await;
    let page = anna.see(&format!("/messaggi/{id}")).await;
    assert!(page.contains("contiene istruzioni che si eseguono aprendolo."), "{page}");
    assert!(!page.contains("un formato diverso"), "{page}");
    // It was looked at when it came, and is still told after the signatures were looked at again.
    assert_eq!(world.known(&document).await.verdicts.len(), 2);
}
