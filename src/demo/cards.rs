//! The town's cards: parking permits, and those of the library.

use plico_desk::card::{CardField, CardType};
use plico_desk::card_issue::CardForm;
use plico_desk::{Actor, Desk};

use super::DemoError;
use super::town::{Office, PEOPLE, operators};

/// Who issues which card to whom: place in the town's people, and what the fields say.
const PERMITS: [(usize, [&str; 2]); 3] =
    [(0, ["GA482LK", "Centro"]), (1, ["FX107BD", "Pozzo"]), (3, ["EB930TT", "Fornace"])];
const READERS: [usize; 2] = [0, 2];

fn kind(code: &str, names: (&str, &str), office: &str) -> CardType {
    CardType {
        code: code.into(),
        name: names.0.into(),
        name_en: names.1.into(),
        office: office.into(),
        offered: true,
        ..CardType::default()
    }
}

/// Types and cards; one is suspended, one revoked.
pub(super) async fn issue(desk: &Desk, staff: &[Actor], offices: &[String]) -> Result<(), DemoError> {
    let of = |office: Office| {
        let place = Office::ALL.iter().position(|one| *one == office).unwrap_or_default();
        (&offices[place], &staff[operators(office)[0]])
    };
    let (technical, engineer) = of(Office::Technical);
    let (citizens, clerk) = of(Office::Citizens);
    let field = |label: &str, bytes| CardField { label: label.into(), bytes };
    let permit = CardType {
        fields: vec![field("Targa", 10), field("Zona", 12)],
        months: 24,
        colour: "blue".into(),
        symbol: "it-map-marker".into(),
        ..kind("sosta", ("Permesso di sosta residenti", "Residents’ parking permit"), technical)
    };
    let library = CardType {
        months: 36,
        colour: "green".into(),
        symbol: "it-bookmark".into(),
        ..kind("biblioteca", ("Tessera della biblioteca", "Library card"), citizens)
    };
    for kind in [permit, library] {
        desk.save_card_type(&staff[0], kind).await?;
    }
    let mut permits = Vec::new();
    for (place, values) in PERMITS {
        let form = CardForm { values: values.map(str::to_owned).into(), ..of_person(place)? };
        permits.push(desk.issue_card(engineer, "sosta", form).await?);
    }
    for place in READERS {
        desk.issue_card(clerk, "biblioteca", of_person(place)?).await?;
    }
    desk.suspend_card(engineer, &permits[1], "Targa in corso di verifica").await?;
    Ok(desk.revoke_card(engineer, &permits[2], "Trasferito in un altro comune").await?)
}

fn of_person(place: usize) -> Result<CardForm, DemoError> {
    let code = PEOPLE[place].fiscal_code().ok_or(DemoError::Story("a fiscal code"))?;
    Ok(CardForm { fiscal_code: code.as_str().to_owned(), ..CardForm::default() })
}
