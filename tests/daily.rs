//! The daily register: closed when the day is over, once, with what was corrected since.

use std::time::Duration;

use plico_pdf::read;
use plico_record::actor::Role;

use crate::staff::{Desk, filed};
use crate::support::{BODY, Town};

const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn a_day_that_is_over_is_closed_once_and_its_paper_holds_the_data() {
    let town = Town::start().await;
    let desk = &town.app.desk;
    let first = filed(&town).await;
    filed(&town).await;
    assert_eq!(desk.close_register_days().await.unwrap(), 0, "the day is not over");
    let mut clerk = Desk::of(&town, &town.protocol_operator).await;
    assert!(clerk.see("/ufficio/registro/giornaliero").await.contains("Nessuna giornata chiusa"));

    town.clock.advance(DAY);
    assert_eq!(desk.close_register_days().await.unwrap(), 1);
    assert_eq!(desk.close_register_days().await.unwrap(), 0);
    town.settle().await;
    let mut clerk = Desk::of(&town, &town.protocol_operator).await;
    let page = clerk.see("/ufficio/registro/giornaliero").await;
    assert!(page.contains("0000001/2026 – 0000002/2026"), "{page}");
    let path = page.split("href=\"/ufficio/registro/giornaliero/").nth(1).unwrap().split('"').next().unwrap();
    let path = format!("/ufficio/registro/giornaliero/{path}");
    let pdf = clerk.get(&path).await.body;
    let text = read::text(&pdf, 100_000).unwrap().text;
    assert!(text.contains("Rimborso della tassa") && text.contains("0000002/2026"), "{text}");
    let inside = read::attachments(&pdf).unwrap();
    let (_, xml) = inside.iter().find(|(name, _)| name.starts_with("registro-")).unwrap();
    let register = plico_package::daily::DailyRegister::from_xml(xml).unwrap();
    assert_eq!(register.entries.len(), 2);
    assert_eq!(read::inspect(&pdf).unwrap().signatures, 1);
    // What is inside is what the event committed to.
    let digest = plico_crypto::digest::sha256(xml);
    let policy = town.send("GET", "/log/policy", &[], &[]).await.body;
    let policy = plico_evidence::Policy::parse(&policy).unwrap();
    let documents = [("registro.xml".to_owned(), digest)];
    let given = plico_evidence::Given { documents: &documents, evidence: &[] };
    let report = plico_evidence::verify(&pdf, &given, Some(&policy), town.app.shell.now_ms());
    assert!(report.facts.documents.iter().any(|document| document.given), "{report:?}");
    assert_ne!(report.verdict, plico_evidence::Verdict::Failed);

    // Nobody has it who may not read the register.
    let mut anna = Desk::of(&town, &town.anna).await;
    assert_eq!(anna.get(&path).await.status, 404);
    assert_eq!(anna.get("/ufficio/registro/giornaliero").await.status, 404);
    let id = path.rsplit('/').next().unwrap();
    assert_eq!(anna.get(&format!("/ricevute/{id}")).await.status, 404);

    // What is corrected later stands in a later day, and the closed one stays as it was.
    let manager = town.as_operator(&town.records_manager).await;
    assert!(manager.has(Role::RecordsManager));
    desk.rectify(&manager, &first, "subject", "Rimborso della TARI", "errore di battitura").await.unwrap();
    filed(&town).await;
    town.clock.advance(DAY);
    assert_eq!(desk.close_register_days().await.unwrap(), 1);
    let mut clerk = Desk::of(&town, &town.protocol_operator).await;
    let days = desk.closed_days(&manager).await.unwrap();
    assert_eq!((days[0].act.entries, days[0].act.changes, days[1].act.changes), (1, 1, 0));
    assert_eq!(clerk.get(&path).await.body, pdf);
    assert!(
        plico_archive::read::ledger::newest(desk.archive().database(), BODY, "register.day_closed", 9)
            .await
            .unwrap()
            .len()
            == 2
    );
}
