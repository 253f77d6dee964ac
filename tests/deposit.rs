//! Letters by fiscal code, many at once: looked at first, each line one letter and once, found by whoever signs in for the first time.

use plico_archive::ActError;
use plico_archive::read::inbox::Filter;
use plico_database::args;
use plico_desk::account::Identity;
use plico_desk::deposit::DepositForm;
use plico_desk::open::{By, Download};
use plico_desk::upload::Scan;
use plico_desk::{Actor, Refusal};
use plico_record::fiscal::FiscalCode;

use super::support::{BODY, Town, code, login};

async fn deposit(town: &Town, clerk: &Actor, list: &str, files: &[(&str, &[u8])]) -> String {
    let desk = &town.app.desk;
    let form = DepositForm {
        office: town.building.clone(),
        name: "TARI 2026".into(),
        effect: "communication".into(),
        source: "page",
    };
    let id = desk.begin_deposit(clerk, form).await.unwrap();
    desk.deposit_list(clerk, &id, list.as_bytes()).await.unwrap();
    let owner = desk.deposit_files(clerk, &id).await.unwrap();
    for (name, bytes) in files {
        let mut upload = desk.begin_upload(clerk, &owner, name).await.unwrap();
        upload.write(bytes).await.unwrap();
        desk.finish_upload(upload, async |_| Scan::Off).await.unwrap();
    }
    id
}

async fn letters(town: &Town) -> i64 {
    let database = town.app.desk.archive().database();
    database.scalar_i64("select count(*) from message where direction = 'out'", args![]).await.unwrap()
}

fn list(people: &[(&str, &str)]) -> String {
    let line = |(index, (code, name)): (usize, &(&str, &str))| {
        format!("{code};{name};Avviso TARI {index};{index}.pdf\n")
    };
    let lines: String = people.iter().enumerate().map(line).collect();
    format!("codice_fiscale;nome;oggetto;file\n{lines}")
}

#[tokio::test]
async fn nothing_leaves_while_lines_are_wrong_and_a_stranger_finds_his_when_he_signs_in() {
    let town = Town::start().await;
    let clerk = town.as_operator(&town.building_operator).await;
    let desk = &town.app.desk;
    let stranger = code("RSSGLI70A41F205");
    let anna = code("BSSNNA80A41H501");
    let list = list(&[(&anna, ""), (&stranger, "Giulia Rossi"), ("SBAGLIATO", "Nessuno")]);
    let id =
        deposit(&town, &clerk, &list, &[("0.pdf", b"zero"), ("1.pdf", b"uno"), ("9.pdf", b"nove")]).await;
    let view = desk.deposit(&clerk, &id).await.unwrap();
    let codes: Vec<Vec<&str>> = view
        .checked
        .lines
        .iter()
        .map(|line| line.iter().map(|fault| fault.code.as_str()).collect())
        .collect();
    assert_eq!(codes, [vec![], vec![], vec!["code", "missing"]]);
    assert_eq!(view.checked.unused, ["9.pdf"]);
    let refused = desk.start_deposit(&clerk, &id, false).await;
    let Err(ActError::Refused(Refusal::Invalid(errors))) = refused else { panic!("{refused:?}") };
    assert_eq!(errors[0].code, "deposit_faults");
    town.settle().await;
    assert_eq!(letters(&town).await, 0);
    // Others do not even see it.
    let other = town.as_operator(&town.administrator).await;
    assert!(desk.deposit(&other, &id).await.is_err());
    // What a program is still bringing is nobody's to start here.
    let source = |of: &'static str| plico_database::args![of];
    let database = desk.archive().database();
    database.execute("update deposit set source = $1", source("api")).await.unwrap();
    let early = desk.start_deposit(&clerk, &id, true).await;
    assert!(matches!(early, Err(ActError::Refused(Refusal::Exists))), "{early:?}");
    database.execute("update deposit set source = $1", source("page")).await.unwrap();
    desk.start_deposit(&clerk, &id, true).await.unwrap();
    let twice = desk.start_deposit(&clerk, &id, true).await;
    assert!(matches!(twice, Err(ActError::Refused(Refusal::Exists))), "{twice:?}");
    town.settle().await;
    let view = desk.deposit(&clerk, &id).await.unwrap();
    assert_eq!((view.row.state.as_str(), view.row.sent, view.row.left_out), ("done", 2, 1));
    assert_eq!(view.lines[1].number.as_deref(), Some("0000002/2026"));
    assert_eq!((letters(&town).await, view.files.len()), (2, 0));
    // She has never been here, and finds it on the day she comes.
    let identity = Identity {
        fiscal_code: FiscalCode::parse(&stranger).unwrap(),
        name: "Giulia Rossi".into(),
        email: None,
    };
    let person = desk.person_signs_in(BODY, identity, login()).await.unwrap();
    let giulia = town.as_person(&person).await;
    let (lines, _) = desk.inbox(&giulia, &Filter::default(), 10).await.unwrap();
    assert_eq!(lines.iter().map(|line| line.subject.as_str()).collect::<Vec<_>>(), ["Avviso TARI 1"]);
    let message = view.lines[1].message.clone().unwrap();
    let delivery = desk.message(&giulia, &message).await.unwrap().deliveries[0].id.clone();
    desk.open_delivery(&giulia, &delivery, By::Page).await.unwrap();
    let opened = desk.message(&giulia, &message).await.unwrap();
    assert_eq!(
        opened.documents.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(),
        ["Avviso TARI 1.pdf", "1.pdf"]
    );
    let (_, reader) = desk.document(&giulia, &opened.documents[1].id, Download::ByPerson).await.unwrap();
    assert_eq!(reader.read_all(100).await.unwrap(), b"uno");
}

#[tokio::test]
async fn each_line_is_one_letter_however_often_it_is_run_and_whoever_dies() {
    let town = Town::start().await;
    let clerk = town.as_operator(&town.building_operator).await;
    let people: Vec<String> = (10..22).map(|day| code(&format!("RSSGLI70A{day}F205"))).collect();
    let named: Vec<(&str, &str)> = people.iter().map(|code| (code.as_str(), "Giulio Rossi")).collect();
    let contents: Vec<(String, Vec<u8>)> =
        (0..12).map(|index| (format!("{index}.pdf"), format!("slip {index}").into_bytes())).collect();
    let files: Vec<(&str, &[u8])> =
        contents.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let id = deposit(&town, &clerk, &list(&named), &files).await;
    town.app.desk.start_deposit(&clerk, &id, false).await.unwrap();
    // It dies somewhere in the middle.
    let (app, one) = (town.app.clone(), id.clone());
    let dying = tokio::spawn(async move { app.desk.run_deposit(&one).await });
    while letters(&town).await < 3 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    dying.abort();
    let _ = dying.await;
    assert!(letters(&town).await < 12, "it was done before it died");
    // Then several go on at once, as when a lease ran out.
    let runs = (0..4).map(|_| town.app.desk.run_deposit(&id));
    futures_util::future::join_all(runs).await;
    town.settle().await;
    let view = town.app.desk.deposit(&clerk, &id).await.unwrap();
    assert_eq!(
        (view.row.state.as_str(), view.row.sent, view.row.failed),
        ("done", 12, 0),
        "{:?}",
        view.lines
    );
    assert_eq!(letters(&town).await, 12);
    let messages: std::collections::BTreeSet<_> =
        view.lines.iter().filter_map(|line| line.message.clone()).collect();
    assert_eq!(messages.len(), 12);
    let outcome = town.app.desk.archive().fsck().await.unwrap();
    assert!(outcome.clean, "{outcome:?}");
}
