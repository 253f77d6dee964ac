//! What authorities offer is fetched where that is wanted, from servers that keep state and misbehave; nothing of it makes a
//! signature valid or invalid by failing, and what came is enough for a later look without a network.

use std::collections::HashMap;
use std::time::Duration;

use plico::work::{believe_again, fetch_lists};
use plico_courier::witness::simulator::Reply;
use plico_desk::verdict::{Class, Trust};
use plico_signature::Anchors;
use plico_signature::forge::{
    KeyKind, ListRecipe, Listed, Period, Pki, Qualified, Recipe, Said, Signer, Subject, cades, trusted_list,
};
use plico_signature::qualification::Qualification;
use plico_signature::revocation::Evidence;
use plico_testkit::http::Service;

use crate::staff::Desk;
use crate::support::{MORNING, Town};
use crate::verdict::{classes, filed, known};

const DAY: Duration = Duration::from_hours(24);
const DAY_MS: i64 = 86_400_000;

/// What a server gives, by path, and who asked for what.
#[derive(Default)]
struct Shelf {
    gives: HashMap<String, Reply>,
    asked: Vec<String>,
}

type Server = Service<Shelf>;

async fn server() -> Server {
    let answer = |shelf: &mut Shelf, path: &str, _: &[u8]| {
        shelf.asked.push(path.to_owned());
        shelf.gives.get(path).cloned().unwrap_or(Reply::Answer(404, "text/html", b"<html/>".to_vec()))
    };
    Service::start(Shelf::default(), answer).await.unwrap()
}

fn give(server: &Server, path: &str, bytes: Vec<u8>) {
    put(server, path, Reply::Answer(200, "application/octet-stream", bytes));
}

fn put(server: &Server, path: &str, reply: Reply) {
    server.state().gives.insert(path.to_owned(), reply);
}

fn asked(server: &Server) -> Vec<String> {
    let mut asked = std::mem::take(&mut server.state().asked);
    asked.sort();
    asked
}

/// The operators of lists, and an authority whose certificates name the server.
struct World {
    server: Server,
    first: Signer,
    second: Signer,
    italy: Signer,
    pki: Pki,
    anna: Signer,
    town: Town,
}

fn person(surname: &str) -> Subject<'_> {
    let (from_ms, to_ms) = (MORNING - 300 * DAY_MS, MORNING + 300 * DAY_MS);
    Subject { given_name: "Anna", surname, fiscal_code: "", organization: "", from_ms, to_ms }
}

impl World {
    /// `change` may alter the configuration that fetches from this machine.
    async fn start(change: impl FnOnce(&mut plico::config::Config)) -> Self {
        let server = server().await;
        let mut operators = Pki::new("Operatori", MORNING).unwrap();
        let mut operator = |name| operators.signer(&person(name), KeyKind::P256).unwrap();
        let (first, second, italy) = (operator("Primo"), operator("Secondo"), operator("Italia"));
        let mut pki = Pki::new("Borgo", MORNING).unwrap();
        pki.offer_at(&server.url());
        let says = Qualified { device: true, seal: false };
        let anna = pki.qualified(&person("Bassi"), KeyKind::P256, says).unwrap();
        let (signers, url) = (first.certificates_pem().unwrap(), server.url());
        let town = Town::with(|config| {
            let folder = config.data_dir.parent().unwrap().join("lists");
            std::fs::create_dir(&folder).unwrap();
            std::fs::write(folder.join("signers.pem"), signers).unwrap();
            config.signatures.lists = Some(folder);
            config.signatures.fetch = true;
            config.signatures.lists_url = format!("{url}/eu-lotl.xml");
            config.outbound.networks = vec!["127.0.0.1".parse().unwrap()];
            config.outbound.timeout_seconds = 1;
            change(config);
        })
        .await;
        Self { server, first, second, italy, pki, anna, town }
    }

    fn lotl(&self, by: &Signer, next: &Signer, sequence: u64, before: &[&str]) -> Vec<u8> {
        let url = self.server.url();
        let pointers: [(&str, &[&[u8]]); 2] =
            [("EU", &[next.certificate_der()]), ("IT", &[self.italy.certificate_der()])];
        let recipe =
            ListRecipe { territory: "EU", sequence, pointers: &pointers, base: &url, before, ..LIST };
        trusted_list(by, &recipe).unwrap()
    }

    fn italian(&self, by: &Signer, sequence: u64, days: i64) -> Vec<u8> {
        let service = Listed {
            kind: "CA/QC",
            certificate: self.pki.issuer_der(),
            periods: &[("granted", MORNING - 400 * DAY_MS)],
            uses: &["ForeSignatures"],
            qualifiers: &[],
        };
        let next_update_ms = Some(MORNING + days * DAY_MS);
        let recipe = ListRecipe { territory: "IT", sequence, next_update_ms, services: &[service], ..LIST };
        trusted_list(by, &recipe).unwrap()
    }

    fn give_lists(&self) {
        give(&self.server, "/eu-lotl.xml", self.lotl(&self.first, &self.first, 5, &[]));
        give(&self.server, "/it.xml", self.italian(&self.italy, 7, 90));
    }

    async fn fetch(&self) {
        fetch_lists(&self.town.app).await.unwrap();
        believe_again(&self.town.app).await;
    }

    fn editions(&self) -> Vec<(String, u64)> {
        let lists = self.town.app.desk.believed().unwrap_or_default();
        lists.into_iter().map(|list| (list.territory, list.sequence)).collect()
    }

    async fn problems(&self) -> Vec<(String, String)> {
        let failed = self.town.app.desk.archive().unfetched(0).await.unwrap();
        let path = |source: &str| {
            let path = source.trim_start_matches("http://").split_once('/').map_or("", |(_, path)| path);
            path.split('#').next().unwrap_or_default().to_lowercase()
        };
        let mut all: Vec<_> = failed.iter().map(|one| (path(&one.source), one.problem.clone())).collect();
        all.sort();
        all
    }

    async fn list_problems(&self) -> Vec<(String, String)> {
        let all = self.problems().await;
        all.into_iter().filter(|(path, _)| path.contains(".xml")).collect()
    }

    async fn signed(&self) -> String {
        let file = cades(&[&self.anna], b"contenuto", &Recipe::good(MORNING - DAY_MS)).unwrap();
        filed(&self.town, "domanda.txt.p7m", &file).await.1
    }

    async fn look(&self, document: &str) -> Class {
        self.town.clock.advance(DAY);
        self.town.settle().await;
        classes(&self.town, document).await[0]
    }
}

fn period(from_day: i64) -> Period {
    Period { from_ms: MORNING + from_day * DAY_MS, to_ms: Some(MORNING + 60 * DAY_MS) }
}

const LIST: ListRecipe<'static> = ListRecipe {
    territory: "IT",
    sequence: 1,
    issued_ms: MORNING - DAY_MS,
    next_update_ms: Some(MORNING + 90 * DAY_MS),
    pointers: &[],
    base: "",
    before: &[],
    services: &[],
};

#[tokio::test]
async fn lists_and_answers_are_fetched_and_a_signature_becomes_a_qualified_one() {
    let world = World::start(|_| {}).await;
    let (town, server) = (&world.town, &world.server);
    world.give_lists();
    // Nobody was believed when it came; when somebody is, the daily look finds it.
    let document = world.signed().await;
    assert_eq!(classes(town, &document).await, [Class::Untrusted]);
    assert_eq!(asked(server), Vec::<String>::new(), "nothing is asked to file something");
    world.fetch().await;
    assert_eq!(world.editions(), [("EU".to_owned(), 5), ("IT".to_owned(), 7)]);
    assert_eq!(asked(server), ["/eu-lotl.xml", "/it.xml"]);
    // What came today is not asked again today.
    world.fetch().await;
    assert_eq!(asked(server), Vec::<String>::new());

    let good = world.pki.ocsp(&world.anna, Said::Good, period(1), None).unwrap();
    give(server, "/ocsp", good);
    town.clock.advance(DAY);
    daily(town).await;
    assert_eq!(classes(town, &document).await, [Class::Valid, Class::Untrusted]);
    assert_eq!(asked(server), ["/ocsp"], "the list is not fetched where an answer settles it");
    let told = &known(town, &document).await.verdicts[0];
    let qualification = told.report.signatures[0].qualification.clone().unwrap();
    assert_eq!(qualification.result, Qualification::Qesig);
    let mut anna = Desk::of(town, &town.anna).await;
    let page = anna.see(&format!("/documenti/{document}/firme")).await;
    assert!(page.contains("Firma elettronica qualificata"), "{page}");
    let place = format!("/documenti/{document}/firme");
    let xml = anna.get(&format!("{place}/rapporto.xml")).await.text();
    assert!(xml.contains("urn:cef:dss:signatureQualification:QESig"), "{xml}");
    let pdf = anna.get(&format!("{place}/rapporto.pdf")).await;
    let words = plico_pdf::read::text(&pdf.body, 10_000).unwrap().text;
    assert!(words.contains("Firma elettronica qualificata"), "{words}");
    let json = anna.get(&format!("{place}/dati.json")).await.json();
    assert_eq!(json["verdicts"][0]["report"]["signatures"][0]["qualification"]["result"], "QESIG");

    // Without a network: another document of the same signer is settled by what was kept when it comes.
    put(server, "/ocsp", Reply::HangUp);
    let other = world.signed().await;
    assert_eq!(classes(town, &other).await[0], Class::Valid);
    assert!(!asked(server).contains(&"/ca.crl".to_owned()));
    // The journal says what there is to say of it.
    assert_eq!(town.app.desk.archive().compare_rebuilt().await.unwrap(), []);
}

#[tokio::test]
async fn whoever_fails_makes_nothing_valid_or_invalid_and_is_seen() {
    let world = World::start(|_| {}).await;
    let (town, server) = (&world.town, &world.server);
    world.give_lists();
    world.fetch().await;
    let document = world.signed().await;
    assert_eq!(classes(town, &document).await[0], Class::Unchecked);
    let other = Pki::new("Borgo", MORNING).unwrap();
    let anothers = other.ocsp(&world.anna, Said::Good, period(1), None).unwrap();
    let unknown = world.pki.ocsp(&world.anna, Said::Unknown, period(1), None).unwrap();
    let give_up = |reply: Reply| {
        put(server, "/ocsp", reply.clone());
        put(server, "/ca.crl", reply);
    };
    let page = |bytes: &[u8]| Reply::Answer(200, "text/html", bytes.to_vec());
    for (reply, problem) in [
        (Reply::Answer(404, "text/html", b"<html/>".to_vec()), Some("refused")),
        (Reply::HangUp, Some("unreachable")),
        (Reply::Stall, Some("timeout")),
        (Reply::Endless, Some("too-long")),
        (page(b"<html>Accedi</html>"), Some("garbage")),
        (page(&[]), Some("garbage")),
        (page(&unknown), None),
        (page(&anothers), None),
    ] {
        give_up(reply);
        assert_eq!(world.look(&document).await, Class::Unchecked, "{problem:?}");
        let problems = world.problems().await;
        let of = |path| problems.iter().find(|(one, _)| one == path).map(|(_, problem)| problem.as_str());
        assert_eq!(of("ocsp"), problem);
        // An answer is no list.
        assert!(of("ca.crl").is_some(), "{problems:?}");
    }
    // The operator sees it.
    let mut gaia = Desk::of(town, &town.administrator).await;
    let status = gaia.see("/amministrazione").await;
    assert!(status.contains("Autorità delle firme") && status.contains("ha dato altro"), "{status}");

    // A revocation that is told is one; an older list that knew nothing of it is not taken after that.
    let revoked = [(&world.anna, MORNING - 2 * DAY_MS, 1)];
    put(server, "/ocsp", Reply::HangUp);
    give(server, "/ca.crl", world.pki.crl(&revoked, period(8)).unwrap());
    assert_eq!(world.look(&document).await, Class::Revoked);
    let other = world.signed().await;
    assert_eq!(classes(town, &other).await[0], Class::Revoked, "by what was kept");
}

#[tokio::test]
async fn an_older_list_is_refused_and_an_expired_one_said() {
    let world = World::start(|_| {}).await;
    let (town, server) = (&world.town, &world.server);
    world.give_lists();
    world.fetch().await;
    let document = world.signed().await;
    give(server, "/ocsp", world.pki.ocsp(&world.anna, Said::Good, period(1), None).unwrap());
    assert_eq!(world.look(&document).await, Class::Valid);
    let before = [("EU".to_owned(), 5), ("IT".to_owned(), 7)];

    // Replayed, altered, by a stranger, not a list: what is there stays.
    let mut altered = world.italian(&world.italy, 8, 90);
    let at = altered.windows(7).position(|seven| seven == b"granted").unwrap();
    altered[at] ^= 1;
    for (path, bytes, problem) in [
        ("/it.xml", world.italian(&world.italy, 6, 90), "older"),
        ("/it.xml", world.italian(&world.first, 8, 90), "signer"),
        ("/it.xml", altered, "false"),
        ("/it.xml", b"<html/>".to_vec(), "garbage"),
        ("/eu-lotl.xml", world.lotl(&world.first, &world.first, 4, &[]), "older"),
        ("/eu-lotl.xml", world.lotl(&world.italy, &world.italy, 6, &[]), "signer"),
        ("/eu-lotl.xml", world.italian(&world.first, 9, 90), "garbage"),
    ] {
        world.give_lists();
        give(server, path, bytes);
        town.clock.advance(DAY);
        world.fetch().await;
        assert_eq!(world.editions(), before, "{path} {problem}");
        assert_eq!(world.list_problems().await, [(path[1..].to_owned(), problem.to_owned())]);
    }
    world.give_lists();
    town.clock.advance(DAY);
    world.fetch().await;
    assert_eq!(world.list_problems().await, []);

    // The newer edition has ended already: what was proven before its end stays, what comes now is neither.
    give(server, "/it.xml", world.italian(&world.italy, 8, 5));
    town.clock.advance(DAY);
    world.fetch().await;
    assert_eq!(world.editions()[1], ("IT".to_owned(), 8));
    daily(town).await;
    assert_eq!(classes(town, &document).await[0], Class::Proven);
    let late = world.signed().await;
    assert_eq!(classes(town, &late).await[0], Class::Outdated);
    let mut anna = Desk::of(town, &town.anna).await;
    let page = anna.see(&format!("/documenti/{late}/firme")).await;
    assert!(page.contains("Elenco di fiducia IT scaduto il") && page.contains("Da confermare"), "{page}");
    let mut gaia = Desk::of(town, &town.administrator).await;
    let status = gaia.see("/amministrazione").await;
    assert!(status.contains("L’elenco di fiducia IT è scaduto"), "{status}");
    // The new one comes: what was open is looked at again by itself.
    give(server, "/it.xml", world.italian(&world.italy, 9, 90));
    give(server, "/ocsp", world.pki.ocsp(&world.anna, Said::Good, period(9), None).unwrap());
    town.clock.advance(DAY);
    world.fetch().await;
    daily(town).await;
    assert_eq!(classes(town, &late).await[0], Class::Valid);
}

#[tokio::test]
async fn signers_of_the_list_of_lists_hand_over_by_what_it_names() {
    let world = World::start(|_| {}).await;
    let server = &world.server;
    let pivot = format!("{}/pivot-5.xml", server.url());
    give(server, "/eu-lotl.xml", world.lotl(&world.second, &world.second, 6, &[&pivot]));
    give(server, "/it.xml", world.italian(&world.italy, 7, 90));
    world.fetch().await;
    assert_eq!(world.editions(), []);
    assert_eq!(
        world.problems().await,
        [("eu-lotl.xml".to_owned(), "signer".to_owned()), ("pivot-5.xml".to_owned(), "refused".to_owned())]
    );
    give(server, "/pivot-5.xml", world.lotl(&world.first, &world.second, 5, &[]));
    world.town.clock.advance(DAY);
    world.fetch().await;
    assert_eq!(world.editions(), [("EU".to_owned(), 6), ("IT".to_owned(), 7)]);
    assert_eq!(world.problems().await, []);
}

#[tokio::test]
async fn nobody_is_asked_where_that_is_not_wanted_or_not_allowed() {
    for (fetch, networks) in [(false, true), (true, false)] {
        let world = World::start(|config| {
            config.signatures.fetch = fetch;
            if !networks {
                config.outbound.networks = Vec::new();
            }
            if !fetch {
                // Whoever fetches nothing has the authority in his folder.
                config.signatures.lists = None;
            }
        })
        .await;
        world.give_lists();
        world.fetch().await;
        let document = world.signed().await;
        world.look(&document).await;
        assert_eq!(asked(&world.server), Vec::<String>::new());
        assert_eq!(world.editions(), []);
        let problems = world.problems().await;
        let forbidden = vec![("eu-lotl.xml".to_owned(), "forbidden".to_owned())];
        assert_eq!(problems, if fetch { forbidden } else { Vec::new() });
    }
}

#[tokio::test]
async fn a_missing_issuer_is_fetched() {
    let world = World::start(|_| {}).await;
    let (town, server) = (&world.town, &world.server);
    let mut evidence = Evidence::default();
    evidence.add_crl(&world.pki.root_crl(None, period(1)).unwrap()).unwrap();
    let anchors = Some(Anchors::from_pem(&world.pki.anchors_pem().unwrap()).unwrap());
    town.app.desk.believe(Trust { anchors, evidence, version: "radice".into() });
    // The signer's key and certificate, without that of who issued it.
    let pem = String::from_utf8(world.anna.to_pem().unwrap()).unwrap();
    let end = pem.find("-----END CERTIFICATE-----").unwrap() + "-----END CERTIFICATE-----\n".len();
    let alone = Signer::from_pem(&pem.as_bytes()[..end]).unwrap();
    let file = cades(&[&alone], b"contenuto", &Recipe::good(MORNING - DAY_MS)).unwrap();
    let (_, document) = filed(town, "domanda.txt.p7m", &file).await;
    assert_eq!(classes(town, &document).await[0], Class::Untrusted);
    assert_eq!(asked(server), ["/ca.crt"]);
    assert_eq!(world.problems().await, [("ca.crt".to_owned(), "refused".to_owned())]);
    // An address in a certificate that nobody vouches for is anybody's: it worries no operator.
    let mut gaia = Desk::of(town, &town.administrator).await;
    assert!(!gaia.see("/amministrazione").await.contains("ca.crt"));
    give(server, "/ca.crt", world.pki.issuer_der().to_vec());
    give(server, "/ocsp", world.pki.ocsp(&world.anna, Said::Good, period(1), None).unwrap());
    assert_eq!(world.look(&document).await, Class::Valid);
    assert_eq!(asked(server), ["/ca.crt", "/ocsp"]);
}

/// What is done once a day.
async fn daily(town: &Town) {
    let archive = town.app.desk.archive();
    let today = plico_record::day::LegalDay::at(archive.now_ms());
    plico::work::enqueue_sweep(archive, today).await.unwrap();
    town.settle().await;
}
