//! The body's settings: name, offices, operators, kinds of message, mail, limits. Each change is an event; secrets
//! are never in one.

use plico_archive::read::body;
use plico_archive::{ActError, NewEvent, Work};
use plico_database::args;
use plico_record::act::{Act, OfficeChanged, RoleChanged, SettingChanged, UserChanged};
use plico_record::actor::{Role, Who};
use plico_record::authority::{Deed, Thing};
use plico_record::day::LegalDay;
use plico_record::fiscal::FiscalCode;

use crate::kind::Kind;
use crate::refusal::{permit, refuse};
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// An office as the administrator writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfficeForm {
    /// Identifier; empty for a new one.
    pub id: String,
    /// Name.
    pub name: String,
    /// Responsible person.
    pub responsible: String,
    /// E-mail.
    pub email: String,
    /// The protocol office.
    pub protocol: bool,
    /// First day.
    pub from: String,
    /// Last day; empty while it is open.
    pub until: String,
}

/// An operator as the administrator writes him.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OperatorForm {
    /// Account; empty for a new one.
    pub account: String,
    /// Login name.
    pub login: String,
    /// Name.
    pub name: String,
    /// E-mail.
    pub email: String,
    /// May sign in.
    pub active: bool,
    /// Tax code; empty when it is not known.
    pub fiscal_code: String,
    /// Roles.
    pub roles: Vec<String>,
    /// Offices.
    pub offices: Vec<String>,
}

/// Characters of what is said of remedies.
const REMEDIES_CHARS: usize = 1_000;
const LOGIN_TAKEN: &str =
    "select count(*) from operator where administration = $1 and login = $2 and account <> $3";

impl Desk {
    pub(crate) fn administers(actor: &Actor) -> Result<(), ActError<Refusal>> {
        permit(actor, Deed::Administer, &Thing::Administration { id: actor.administration.clone() })
    }

    pub(crate) async fn append_all(&self, events: Vec<NewEvent>) -> Outcome<()> {
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    for event in events {
                        work.append(event).await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    /// Adds or changes an office; answers its identifier.
    pub async fn save_office(&self, actor: &Actor, form: OfficeForm) -> Outcome<String> {
        Self::administers(actor)?;
        let mut errors = Vec::new();
        for (field, text) in [("name", &form.name), ("responsible", &form.responsible)] {
            if text.trim().is_empty() {
                errors.push(FieldError::required(field));
            } else if text.chars().count() > 200 {
                errors.push(FieldError::too_long(field, 200));
            }
        }
        if !form.email.is_empty() && !form.email.contains('@') {
            errors.push(FieldError::of("email", "email"));
        }
        let from = LegalDay::parse(form.from.trim());
        let until = Some(form.until.trim()).filter(|t| !t.is_empty()).map(LegalDay::parse);
        if from.is_none() {
            errors.push(FieldError::of("from", "date"));
        }
        if until.is_some_and(|until| until.is_none() || until < from) {
            errors.push(FieldError::of("until", "date"));
        }
        let mut known = None;
        if !form.id.is_empty() {
            known = body::office(self.archive.database(), &form.id).await?;
            if known.as_ref().is_none_or(|office| office.administration != actor.administration) {
                return refuse(Refusal::NotFound);
            }
        }
        // Where it stands in the chart is said by the chart.
        let (place, above) = known.map_or_else(Default::default, |office| (office.code, office.parent));
        if !errors.is_empty() {
            return refuse(Refusal::Invalid(errors));
        }
        let id = if form.id.is_empty() { self.fresh_id() } else { form.id };
        let act = OfficeChanged {
            office: id.clone(),
            name: form.name.trim().into(),
            responsible: form.responsible.trim().into(),
            email: form.email.trim().into(),
            protocol: form.protocol,
            from: from.map_or_else(String::new, |day| day.to_string()),
            until: until.flatten().map(|day| day.to_string()),
            code: place,
            parent: above,
        };
        self.append_all(vec![NewEvent::by(actor, "settings", act)]).await?;
        Ok(id)
    }

    /// Adds or changes an operator; answers the account.
    pub async fn save_operator(&self, actor: &Actor, form: OperatorForm) -> Outcome<String> {
        Self::administers(actor)?;
        let mut errors = Vec::new();
        for (field, text) in [("login", &form.login), ("name", &form.name)] {
            if text.trim().is_empty() {
                errors.push(FieldError::required(field));
            } else if text.chars().count() > 100 {
                errors.push(FieldError::too_long(field, 100));
            }
        }
        if !form.email.contains('@') {
            errors.push(FieldError::of("email", "email"));
        }
        let code = form.fiscal_code.trim();
        let code =
            if code.is_empty() { Ok(String::new()) } else { FiscalCode::parse(code).map(String::from) };
        if code.is_err() {
            errors.push(FieldError::of("fiscal_code", "fiscal_code"));
        }
        let roles: Vec<Role> = form.roles.iter().filter_map(|code| Role::parse(code)).collect();
        // The hub's own role is given at the command line alone.
        let hub = roles.contains(&Role::HubAdministrator) && !matches!(actor.who, Who::Console);
        if roles.len() != form.roles.len() || roles.is_empty() || hub {
            errors.push(FieldError::of("roles", "unknown"));
        }
        let offices = body::offices(self.archive.database(), &actor.administration).await?;
        if form.offices.iter().any(|id| !offices.iter().any(|office| office.id == *id)) {
            errors.push(FieldError::of("offices", "unknown"));
        }
        if !form.account.is_empty() {
            let known = body::operator(self.archive.database(), &form.account).await?;
            if known.is_none_or(|operator| operator.administration != actor.administration) {
                return refuse(Refusal::NotFound);
            }
        }
        if !errors.is_empty() {
            return refuse(Refusal::Invalid(errors));
        }
        let account = if form.account.is_empty() { self.fresh_id() } else { form.account };
        let login = form.login.trim().to_lowercase();
        let events = [
            Act::from(UserChanged {
                account: account.clone(),
                login: login.clone(),
                name: form.name.trim().into(),
                email: form.email.trim().into(),
                active: form.active,
                fiscal_code: code.unwrap_or_default(),
            }),
            RoleChanged { account: account.clone(), roles: form.roles, offices: form.offices }.into(),
        ]
        .map(|act| NewEvent::by(actor, &account, act));
        let (administration, own) = (actor.administration.clone(), account.clone());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    if work.tx.scalar_i64(LOGIN_TAKEN, args![administration, login, own]).await? > 0 {
                        return refuse(Refusal::Invalid(vec![FieldError::of("login", "taken")]));
                    }
                    for event in events {
                        work.append(event).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        Ok(account)
    }

    /// Adds or changes a kind of message.
    pub async fn save_kind(&self, actor: &Actor, kind: Kind) -> Outcome<()> {
        Self::administers(actor)?;
        let mut errors = Vec::new();
        if !crate::kind::good_code(&kind.code) {
            errors.push(FieldError::of("code", "code"));
        }
        if kind.name.trim().is_empty() {
            errors.push(FieldError::required("name"));
        }
        if !["istanza", "dichiarazione", "segnalazione", "comunicazione"]
            .contains(&kind.document_type.as_str())
        {
            errors.push(FieldError::of("document_type", "unknown"));
        }
        if !["assent", "denial", "none"].contains(&kind.silence.as_str()) {
            errors.push(FieldError::of("silence", "unknown"));
        }
        let class = self.class(&actor.administration, &kind.class).await?;
        if !kind.class.is_empty() && class.is_none() {
            errors.push(FieldError::of("class", "unknown"));
        }
        if kind.remedies.chars().count() > REMEDIES_CHARS {
            errors.push(FieldError::too_long("remedies", REMEDIES_CHARS));
        }
        if kind.term_days.is_some_and(|days| days == 0 || days > 730) {
            errors.push(FieldError::of("term_days", "number"));
        }
        if !errors.is_empty() {
            return refuse(Refusal::Invalid(errors));
        }
        let name = format!("kind.{}", kind.code);
        let value = serde_json::to_value(&kind).map_err(crate::refusal::fault)?;
        self.save_setting(actor, &name, value).await
    }

    /// Changes a setting: `body.name`, `mail.*`, `limits` …
    pub async fn save_setting(&self, actor: &Actor, name: &str, new: serde_json::Value) -> Outcome<()> {
        Self::administers(actor)?;
        if name == "body.name" && new.as_str().is_none_or(|name| name.trim().is_empty() || name.len() > 200) {
            return refuse(Refusal::Invalid(vec![FieldError::required("name")]));
        }
        let old = body::setting(self.archive.database(), &actor.administration, name).await?;
        if old.as_ref() == Some(&new) {
            return Ok(());
        }
        let act = SettingChanged { name: name.into(), old, new };
        self.append_all(vec![NewEvent::by(actor, "settings", act)]).await
    }

    /// Everything the administrator may see of the body.
    pub async fn settings(&self, actor: &Actor) -> Outcome<Vec<(String, serde_json::Value)>> {
        Self::administers(actor)?;
        Ok(body::settings(self.archive.database(), &actor.administration, "").await?)
    }

    /// Offices, closed ones included.
    pub async fn all_offices(&self, actor: &Actor) -> Outcome<Vec<body::Office>> {
        Self::administers(actor)?;
        Ok(body::offices(self.archive.database(), &actor.administration).await?)
    }

    /// Operators with their offices.
    pub async fn operators(&self, actor: &Actor) -> Outcome<Vec<(body::Operator, Vec<String>)>> {
        Self::administers(actor)?;
        let mut list = Vec::new();
        for operator in body::operators(self.archive.database(), &actor.administration).await? {
            let offices = body::offices_of(self.archive.database(), &operator.account).await?;
            list.push((operator, offices));
        }
        Ok(list)
    }

    /// Jobs that failed or gave up.
    pub async fn failing_jobs(&self, actor: &Actor) -> Outcome<Vec<plico_archive::outbox::JobRow>> {
        if !actor.has(Role::Operator) && !actor.has(Role::RecordsManager) {
            Self::administers(actor)?;
        }
        Ok(self.archive.failing_jobs(&actor.administration).await?)
    }

    /// Gives a job that gave up another life.
    pub async fn replay_job(&self, actor: &Actor, id: &str) -> Outcome<()> {
        if !actor.has(Role::Operator) && !actor.has(Role::RecordsManager) {
            Self::administers(actor)?;
        }
        if self.archive.replay(&actor.administration, id).await? { Ok(()) } else { refuse(Refusal::NotFound) }
    }

    pub(crate) fn fresh_id(&self) -> String {
        plico_record::id::PublicId::new(self.archive.now_ms(), self.archive.entropy().bytes()).to_string()
    }
}
