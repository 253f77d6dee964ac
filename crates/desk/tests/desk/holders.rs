//! Receipts that are of no message: of delegations and titles, one for each of the two; of times without service, for
//! everybody. And the same receipt in another language.

use plico_archive::ActError;
use plico_desk::delegation::MandateForm;
use plico_desk::outage::{OutageForm, SILENCE_MS};
use plico_desk::{Actor, Outcome, Refusal};
use plico_evidence::{CheckName, CheckResult, Given, Report, Verdict, verify};
use plico_locale::Lang;
use plico_pdf::read::attachments;
use plico_record::actor::Role;
use plico_record::fiscal::FiscalCode;

use crate::ground::{BODY, Ground, OTHER, refused, staff};
use crate::receipts::{NOW_MS, policy};

const LOG: &str = "archivio.example/c_x000/1";
const INSTALLATION: &str = "archivio.example/installation/1";

fn neighbour() -> String {
    format!("NRECRL75C12F205{}", FiscalCode::check_of("NRECRL75C12F205").unwrap())
}

/// The bytes and the kind of each of an actor's receipts in a language.
async fn held(ground: &Ground, actor: &Actor, language: &str) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for row in ground.desk.receipts(actor).await.unwrap() {
        if row.language == language {
            let (row, reader) = ground.desk.receipt(actor, &row.id).await.unwrap();
            all.push((row.kind, reader.read_all(16 << 20).await.unwrap()));
        }
    }
    all.sort();
    all
}

fn holds(ground: &Ground, origin: &str, pdf: &[u8]) -> Report {
    let report = verify(pdf, &Given::default(), Some(&policy(ground, origin)), NOW_MS);
    assert_eq!(report.verdict, Verdict::Ok, "{:#?}", report.checks);
    let mut changed = pdf.to_vec();
    changed[pdf.len() / 3] ^= 1;
    let broken = verify(&changed, &Given::default(), Some(&policy(ground, origin)), NOW_MS);
    assert_ne!(broken.verdict, Verdict::Ok, "one byte is changed");
    report
}

/// Everything that is embedded, as one text: base64 of the parts opened.
fn opened(report: &Report) -> String {
    serde_json::to_string(&report.facts).unwrap()
}

async fn id_of(ground: &Ground) -> String {
    ground.desk.delegations(&ground.citizen).await.unwrap().granted[0].id.clone()
}

#[tokio::test]
async fn each_of_the_two_gets_a_receipt_and_learns_nothing_of_the_other() {
    let ground = Ground::new().await;
    ground.desk.grant_delegation(&ground.citizen, &neighbour(), "2027-11-21").await.unwrap();
    let id = id_of(&ground).await;
    ground.settle().await;
    let hers = held(&ground, &ground.citizen, "it").await;
    let his = held(&ground, &ground.neighbour, "it").await;
    assert_eq!((hers.len(), his.len()), (1, 1));
    assert_eq!((hers[0].0.as_str(), his[0].0.as_str()), ("delegation-granted", "delegation-granted"));
    let (hers, his) = (holds(&ground, LOG, &hers[0].1), holds(&ground, LOG, &his[0].1));
    assert!(opened(&hers).contains("Maria Rossi") && !opened(&hers).contains("Carlo Neri"), "{hers:#?}");
    assert!(
        opened(&his).contains("Carlo Neri") && opened(&his).contains("Maria Rossi"),
        "who granted is named"
    );
    assert!(!opened(&his).contains("RSSMRA80A41H501"), "{his:#?}");

    // Whoever declines without having accepted stays unnamed to her.
    ground.later(1000);
    ground.desk.revoke_delegation(&ground.neighbour, &id).await.unwrap();
    ground.settle().await;
    let hers = held(&ground, &ground.citizen, "it").await;
    assert_eq!(hers[1].0, "delegation-revoked");
    let hers = holds(&ground, LOG, &hers[1].1);
    assert!(!opened(&hers).contains("Carlo Neri"), "{hers:#?}");
    let his = held(&ground, &ground.neighbour, "it").await;
    assert!(opened(&holds(&ground, LOG, &his[1].1)).contains("Carlo Neri"));
    assert_eq!(held(&ground, &ground.stranger, "it").await, vec![]);
    ground.is_whole().await;
}

#[tokio::test]
async fn a_delegate_who_accepted_is_named_and_reads_no_receipt_of_delegations() {
    let ground = Ground::new().await;
    let id = ground.desk.grant_delegation(&ground.citizen, &neighbour(), "2027-11-21").await.unwrap();
    ground.desk.accept_delegation(&ground.neighbour, &id).await.unwrap();
    ground.filed(&ground.citizen, "Rimborso").await;
    ground.settle().await;
    let account = ground.neighbour.account.clone();
    let holder = ground.citizen.account.clone();
    let reads = ground.desk.person_actor(&account, Some(&holder), None).await.unwrap().unwrap();
    let kinds = |all: Vec<(String, Vec<u8>)>| all.into_iter().map(|(kind, _)| kind).collect::<Vec<_>>();
    assert_eq!(kinds(held(&ground, &reads, "it").await), ["presentation", "registration"]);
    let own = ground.desk.receipts(&ground.citizen).await.unwrap();
    let granted = own.iter().find(|row| row.kind == "delegation-granted").unwrap();
    assert!(matches!(no(ground.desk.receipt(&reads, &granted.id).await), Refusal::NotFound));

    ground.later(1000);
    ground.desk.revoke_delegation(&ground.neighbour, &id).await.unwrap();
    ground.settle().await;
    let hers = held(&ground, &ground.citizen, "it").await;
    let (_, revoked) = hers.iter().find(|(kind, _)| kind == "delegation-revoked").unwrap();
    assert!(opened(&holds(&ground, LOG, revoked)).contains("Carlo Neri"), "who ended it is told");
}

fn no<T>(outcome: Outcome<T>) -> Refusal {
    match outcome {
        Err(ActError::Refused(refusal)) => refusal,
        Err(ActError::Fault(fault)) => panic!("{fault}"),
        Ok(_) => panic!("not refused"),
    }
}

#[tokio::test]
async fn a_title_gives_both_a_receipt_when_it_is_recorded_and_when_it_ends() {
    let ground = Ground::new().await;
    let form = MandateForm {
        holder_code: ground.desk.whose(&ground.citizen).await.unwrap().unwrap().fiscal_code.unwrap(),
        delegate_code: neighbour(),
        title: "attorney".into(),
        evidence: "procura notarile rep. 1234".into(),
        ..MandateForm::default()
    };
    let id = ground.desk.record_mandate(&ground.manager, form).await.unwrap();
    ground.desk.confirm_mandate(&ground.manager, &id).await.unwrap();
    ground.desk.revoke_mandate(&ground.manager, &id, "procura scaduta").await.unwrap();
    ground.settle().await;
    for (actor, other_code) in [(&ground.citizen, neighbour()), (&ground.neighbour, "RSSMRA80A41H501".into())]
    {
        let all = held(&ground, actor, "it").await;
        let kinds: Vec<&str> = all.iter().map(|(kind, _)| kind.as_str()).collect();
        assert_eq!(kinds, ["mandate-granted", "mandate-revoked"]);
        for (kind, pdf) in &all {
            let report = holds(&ground, LOG, pdf);
            assert!(!opened(&report).contains(&other_code), "{kind}: {report:#?}");
        }
    }
}

#[tokio::test]
async fn a_receipt_in_english_is_issued_when_asked_once_and_of_the_same_event() {
    let ground = Ground::new().await;
    ground.filed(&ground.citizen, "Rimborso").await;
    ground.settle().await;
    let italian = held(&ground, &ground.citizen, "it").await;
    assert_eq!(held(&ground, &ground.citizen, "en").await, vec![], "nobody asked");
    let rows = ground.desk.receipts(&ground.citizen).await.unwrap();
    let row = rows.iter().find(|row| row.kind == "presentation").unwrap();
    for actor in [&ground.neighbour, &ground.stranger, &ground.clerk, &Actor::anybody(BODY)] {
        assert_eq!(refused(ground.desk.order_translation(actor, &row.id, Lang::En).await), Refusal::NotFound);
    }
    let refused = refused(ground.desk.order_translation(&ground.citizen, &row.id, Lang::Fr).await);
    assert_eq!(refused, Refusal::NotFound, "no receipt is half in French");
    ground.desk.order_translation(&ground.citizen, &row.id, Lang::En).await.unwrap();
    ground.desk.order_translation(&ground.citizen, &row.id, Lang::En).await.unwrap();
    let orders = ground.desk.receipts_ordered(&ground.citizen).await.unwrap();
    assert_eq!(orders.iter().map(|order| order.language.as_str()).collect::<Vec<_>>(), ["en"]);
    ground.settle().await;
    let english = held(&ground, &ground.citizen, "en").await;
    assert_eq!(english.len(), 1);
    holds(&ground, LOG, &english[0].1);
    let embedded = |pdf: &[u8], name: &str| {
        attachments(pdf).unwrap().into_iter().find(|(known, _)| known == name).unwrap().1
    };
    for name in ["leaf.json", "parts.json", "proof.tlog-proof"] {
        assert_eq!(embedded(&english[0].1, name), embedded(&italian[0].1, name), "{name}");
    }
    assert_ne!(english[0].1, italian[0].1);
    // The same bytes for ever, and the Italian ones with them.
    ground.desk.order_translation(&ground.citizen, &row.id, Lang::En).await.unwrap();
    ground.settle().await;
    assert_eq!(held(&ground, &ground.citizen, "en").await, english);
    assert_eq!(held(&ground, &ground.citizen, "it").await, italian);
    ground.is_whole().await;
}

fn outage(from: &str, to: &str) -> OutageForm {
    OutageForm {
        from: from.into(),
        to: to.into(),
        parts: vec!["filing".into()],
        note: "Aggiornamento".into(),
        everywhere: false,
    }
}

#[tokio::test]
async fn an_outage_is_declared_once_and_attested_to_everybody_without_a_name() {
    let ground = Ground::new().await;
    let administrator = staff(BODY, "Ada Neri", &[Role::Administrator], &[], false);
    let form = outage("2026-11-21T08:00", "2026-11-21T09:30");
    for actor in [&ground.citizen, &ground.clerk, &ground.auditor, &Actor::anybody(BODY)] {
        assert!(matches!(
            refused(ground.desk.declare_outage(actor, form.clone()).await),
            Refusal::Forbidden | Refusal::NotFound
        ));
    }
    let wrong = [
        outage("", "2026-11-21T09:30"),
        outage("2026-11-21T10:00", "2026-11-21T09:30"),
        outage("2026-11-21T08:00", "2026-11-22T09:30"),
        OutageForm { parts: vec!["everything".into()], ..form.clone() },
        OutageForm { parts: vec![], ..form.clone() },
        OutageForm { note: "x".repeat(201), ..form.clone() },
    ];
    for form in wrong {
        let refused = refused(ground.desk.declare_outage(&administrator, form.clone()).await);
        assert!(matches!(refused, Refusal::Invalid(_)), "{form:?}");
    }
    let everywhere = OutageForm { everywhere: true, ..form.clone() };
    assert_eq!(
        refused(ground.desk.declare_outage(&administrator, everywhere.clone()).await),
        Refusal::Forbidden,
        "for all speaks who runs the installation"
    );
    ground.desk.declare_outage(&administrator, form.clone()).await.unwrap();
    assert!(matches!(refused(ground.desk.declare_outage(&administrator, form).await), Refusal::Invalid(_)));
    ground.settle().await;
    assert_eq!(ground.desk.outages(OTHER).await.unwrap().len(), 0, "it is another's");
    let listed = ground.desk.outages(BODY).await.unwrap();
    assert_eq!(listed.len(), 1);
    let languages: Vec<&str> = listed[0].papers.iter().map(|row| row.language.as_str()).collect();
    assert!(languages.len() == 2 && languages.contains(&"it") && languages.contains(&"en"));
    for paper in &listed[0].papers {
        let (_, reader) = ground.desk.receipt(&Actor::anybody(""), &paper.id).await.unwrap();
        let report = holds(&ground, INSTALLATION, &reader.read_all(16 << 20).await.unwrap());
        assert_eq!(report.facts.parts.keys().collect::<Vec<_>>(), ["act"], "and nothing of who declared it");
        assert!(!opened(&report).contains("Ada"), "{report:#?}");
        assert_eq!(report.result(CheckName::Seal), CheckResult::Ok);
    }
    let hub = staff(BODY, "Ugo", &[Role::Administrator, Role::HubAdministrator], &[], false);
    ground.desk.declare_outage(&hub, everywhere).await.unwrap();
    assert_eq!(ground.desk.outages(OTHER).await.unwrap().len(), 1);
    ground.settle().await;
    ground.is_whole().await;
}

#[tokio::test]
async fn a_silence_is_an_outage_and_a_restart_is_none() {
    let ground = Ground::new().await;
    ground.desk.stay_alive(&["filing"]).await.unwrap();
    assert_eq!(ground.desk.outages(BODY).await.unwrap().len(), 0, "there is nothing to compare with");
    ground.later(SILENCE_MS);
    ground.desk.stay_alive(&["filing"]).await.unwrap();
    assert_eq!(ground.desk.outages(BODY).await.unwrap().len(), 0, "a restart");
    let last = ground.desk.archive().now_ms();
    ground.later(SILENCE_MS + 1);
    ground.desk.stay_alive(&["filing", "reading"]).await.unwrap();
    ground.desk.stay_alive(&["filing"]).await.unwrap();
    let found = ground.desk.outages(OTHER).await.unwrap();
    assert_eq!(found.len(), 1);
    let act = &found[0].act;
    assert!(act.detected && act.administration.is_none() && act.parts == ["filing", "reading"]);
    assert_eq!((act.from, act.to), (last, last + SILENCE_MS + 1));
    ground.settle().await;
    assert_eq!(ground.desk.outages(BODY).await.unwrap()[0].papers.len(), 2);
}

#[tokio::test]
async fn the_limits_of_one_administration_are_not_anothers() {
    let ground = Ground::new().await;
    let own = plico_desk::Limits { files: 1, ..ground.desk.limits(BODY) };
    ground.desk.set_limits(BODY, own);
    let draft = ground.written(&ground.citizen, "Uno", &[("uno.txt", b"uno")]).await;
    let (owner, _) = ground.desk.draft_files(&ground.citizen, &draft).await.unwrap();
    let second = ground.desk.begin_upload(&ground.citizen, &owner, "due.txt").await;
    assert!(matches!(second, Err(ActError::Refused(Refusal::TooManyFiles(1)))));
    assert_eq!(ground.desk.limits(OTHER).files, plico_desk::Limits::default().files);
    let draft = ground.written(&ground.stranger, "Due", &[("uno.txt", b"uno"), ("due.txt", b"due")]).await;
    assert_eq!(ground.desk.draft_files(&ground.stranger, &draft).await.unwrap().1.len(), 2);
}
