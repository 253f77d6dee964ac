//! The town before its first message: offices, operators, kinds, and the people who sign in for the first time.

use std::sync::Arc;

use futures_util::future::try_join_all;
use plico_desk::account::Identity;
use plico_desk::admin::{OfficeForm, OperatorForm};
use plico_desk::delegation::MandateForm;
use plico_desk::{Actor, Desk};
use plico_record::day::LegalDay;
use plico_record::part::LoginPart;

use super::DemoError;
use super::files::Hands;
use super::play::World;
use super::town::{CODE, MANAGER, Office, PEOPLE, Person, READS, SCHEME, STAFF, certificates, code, kinds};

/// Evidence of the test login: it proves nobody's identity, and says so.
fn login(desk: &Desk, account: &str) -> LoginPart {
    let warning = "test login of a demonstration: proves nobody's identity";
    LoginPart {
        v: 1,
        method: "demo".into(),
        level: "L2".into(),
        at: desk.archive().now_ms(),
        evidence: serde_json::json!({"v": 1, "kind": "demo", "warning": warning, "account": account}),
    }
}

/// Sets everything up; `first_day` is the first day of the offices.
pub async fn settle(desk: &Desk, hands: Arc<Hands>, first_day: &str) -> Result<World, DemoError> {
    let missing = || DemoError::Story("an account that was just made is missing");
    let console = Actor::console(CODE, "demo");
    let mut offices = Vec::new();
    let mut staff = Vec::new();
    for (place, one) in STAFF.iter().enumerate() {
        // The first is the administrator: whatever follows is his act.
        let by = staff.first().unwrap_or(&console);
        if place == 1 {
            offices = set_up(desk, by, first_day).await?;
        }
        let office_of =
            |office: &Office| Office::ALL.iter().position(|o| o == office).map(|p| offices[p].clone());
        let form = OperatorForm {
            account: String::new(),
            login: one.login.into(),
            name: one.name.into(),
            email: format!("{}@borgosanplico.example", one.login),
            active: true,
            fiscal_code: code(one.code).map(String::from).unwrap_or_default(),
            roles: one.roles.iter().map(|role| (*role).to_owned()).collect(),
            offices: one.offices.iter().filter_map(office_of).collect(),
        };
        let account = desk.save_operator(by, form).await?;
        let evidence = login(desk, &account);
        staff.push(desk.operator_actor(&account, Some(evidence)).await?.ok_or_else(missing)?);
    }
    let ids = try_join_all(PEOPLE.iter().map(async |one| {
        let identity = Identity {
            fiscal_code: one.fiscal_code().ok_or(DemoError::Story("a fiscal code"))?,
            name: one.name(),
            email: Some(one.email.to_owned()).filter(|email| !email.is_empty()),
        };
        Ok::<_, DemoError>(desk.person_signs_in(CODE, identity, login(desk, one.email)).await?)
    }))
    .await?;
    let (mut people, mut delegates) = (Vec::new(), Vec::new());
    for (place, one) in PEOPLE.iter().enumerate() {
        for other in one.acts_for {
            record_mandate(desk, &staff[MANAGER], one, &PEOPLE[*other]).await?;
        }
        let evidence = login(desk, &ids[place]);
        people.push(desk.person_actor(&ids[place], None, Some(evidence.clone())).await?.ok_or_else(missing)?);
        for other in one.acts_for {
            let actor = desk.person_actor(&ids[place], Some(&ids[*other]), Some(evidence.clone())).await?;
            delegates.push((place, *other, actor.ok_or_else(missing)?));
        }
    }
    for (who, whom) in READS {
        let granted =
            desk.grant_delegation(&people[whom], &code_of(&PEOPLE[who])?, &in_three_years(desk)).await?;
        desk.accept_delegation(&people[who], &granted).await?;
    }
    super::cards::issue(desk, &staff, &offices).await?;
    Ok(World { desk: desk.clone(), hands, staff, people, delegates, offices })
}

fn code_of(person: &Person) -> Result<String, DemoError> {
    Ok(person.fiscal_code().ok_or(DemoError::Story("a fiscal code"))?.as_str().to_owned())
}

/// The last day of the third year from now.
fn in_three_years(desk: &Desk) -> String {
    format!("{}-12-31", LegalDay::at(desk.archive().now_ms()).year() + 3)
}

/// A title to act, with the document that shows it.
async fn record_mandate(desk: &Desk, manager: &Actor, who: &Person, whom: &Person) -> Result<(), DemoError> {
    let (title, evidence) = if whom.is_company() {
        ("legal_representative", "visura camerale esibita allo sportello")
    } else {
        ("attorney", "procura generale, copia agli atti")
    };
    let form = MandateForm {
        holder_code: code_of(whom)?,
        delegate_code: code_of(who)?,
        title: title.into(),
        evidence: evidence.into(),
        ..MandateForm::default()
    };
    let mandate = desk.record_mandate(manager, form).await?;
    Ok(desk.confirm_mandate(manager, &mandate).await?)
}

async fn set_up(desk: &Desk, administrator: &Actor, first_day: &str) -> Result<Vec<String>, DemoError> {
    let mut offices = Vec::new();
    for office in Office::ALL {
        let (name, responsible, email) = office.facts();
        let form = OfficeForm {
            id: String::new(),
            name: name.into(),
            responsible: responsible.into(),
            email: email.into(),
            protocol: office == Office::Protocol,
            from: first_day.into(),
            until: String::new(),
        };
        offices.push(desk.save_office(administrator, form).await?);
    }
    // Before its manager is there: the kinds name its classes.
    let brought = desk.import_scheme(&Actor::console(CODE, "demo"), SCHEME).await?;
    brought.map_err(|_| DemoError::Story("a class of the scheme does not fit"))?;
    try_join_all(kinds().into_iter().map(async |mut kind| {
        let office = match kind.code.as_str() {
            "scia" => Some(Office::Technical),
            "tari" => Some(Office::Citizens),
            _ => Some(Office::Protocol),
        };
        let place = office.and_then(|office| Office::ALL.iter().position(|one| *one == office));
        kind.office = place.map(|place| offices[place].clone());
        Ok::<_, DemoError>(desk.save_kind(administrator, kind).await?)
    }))
    .await?;
    desk.save_arms(administrator, &plico_pdf::forge::arms()).await?;
    desk.save_setting(administrator, "body.pec", "comune.borgosanplico@pec.example".into()).await?;
    for kind in certificates() {
        desk.save_certificate_type(administrator, kind).await?;
    }
    Ok(offices)
}
