//! Delegations (reading for another), granted by the person himself and in force once accepted; and mandates (acting for
//! another), recorded by the records manager with the document that shows them and in force once confirmed. Either
//! ends at once: whoever acts is looked up at each request.

use plico_archive::read::delegation::{self, DelegationRow};
use plico_archive::read::queue;
use plico_archive::{NewEvent, Work};
use plico_database::args;
use plico_record::act::{
    Act, DelegationAccepted, DelegationGranted, DelegationRevoked, MandateConfirmed, MandateGranted,
    MandateRevoked,
};
use plico_record::actor::Who;
use plico_record::authority::{Deed, Thing};
use plico_record::day::LegalDay;
use plico_record::part::Party;

use crate::addressee::Recipient;
use crate::refusal::{permit, refuse};
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// Years that a delegation lasts at most.
const MOST_YEARS: i64 = 5;
/// Delegations of one person that stand at one time.
const MOST: i64 = 20;
/// Characters of the words that say which document shows a title.
const EVIDENCE_CHARS: usize = 300;
/// The titles: `title-<code>` in the catalogues.
pub const TITLES: [&str; 5] = ["legal_representative", "attorney", "guardian", "parent", "other"];

const STANDING: &str =
    "select count(*) from delegation where holder = $1 and kind = $2 and revoked_ms is null
    and (until is null or until >= $3) and (cast($4 as text) is null or delegate = $4)";
const WAITING: &str =
    "select count(*) from delegation where id = $1 and in_force_ms is null and revoked_ms is null
    and (until is null or until >= $2)";
const NOT_REVOKED: &str = "select count(*) from delegation where id = $1 and revoked_ms is null";

/// What concerns one person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delegations {
    /// Who reads for him, or may once he accepts.
    pub granted: Vec<DelegationRow>,
    /// For whom the one who is signed in reads.
    pub received: Vec<DelegationRow>,
    /// For whom the one who is signed in acts.
    pub mandates: Vec<DelegationRow>,
    /// Who acts for him.
    pub acted_for: Vec<DelegationRow>,
    /// The acts on all of these, oldest first.
    pub history: Vec<delegation::Happened>,
}

/// A title to act, as it is recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MandateForm {
    /// Fiscal code of whom one acts for.
    pub holder_code: String,
    /// His name, for one not known yet.
    pub holder_name: String,
    /// Fiscal code of who acts.
    pub delegate_code: String,
    /// His name, for one not known yet.
    pub delegate_name: String,
    /// One of [`TITLES`].
    pub title: String,
    /// The document that shows it.
    pub evidence: String,
    /// Last day, `YYYY-MM-DD`; empty when it has none.
    pub until: String,
}

const STANDS: &str = "select count(*) from delegation where delegate = $1 and holder = $2 and kind = $3
    and in_force_ms is not null and revoked_ms is null and (until is null or until >= $4)";

const BY_CODE: &str = "select id from person where administration = $1 and fiscal_code = $2";

/// Who became known under this fiscal code since it was looked up: two grants to one stranger are to one person.
pub(crate) async fn settle(work: &mut Work, administration: &str, party: &mut Party) -> Outcome<()> {
    if let Some(known) =
        work.tx.scalar_text(BY_CODE, args![administration, party.fiscal_code.clone()]).await?
    {
        party.person = known;
    }
    Ok(())
}

/// Whether whoever works for another may still do so, asked in the transaction that records what he does: a revocation
/// recorded before it holds.
pub(crate) async fn stands(work: &mut Work, actor: &Actor) -> Outcome<()> {
    let Who::Person { person, acts_for, on_behalf_of: Some(holder), .. } = &actor.who else { return Ok(()) };
    if holder == person {
        return Ok(());
    }
    let kind = if acts_for.contains(holder) { "mandate" } else { "delegation" };
    let today = LegalDay::at(work.now_ms()).to_string();
    if work.tx.scalar_i64(STANDS, args![person, holder, kind, today]).await? == 0 {
        return refuse(Refusal::Forbidden);
    }
    Ok(())
}

/// A receipt for each of the two; it is about no message.
fn to_each<'a>(persons: impl IntoIterator<Item = &'a String>) -> Vec<(String, String)> {
    persons.into_iter().map(|person| (person.clone(), String::new())).collect()
}

fn account(actor: &Actor, person: &str) -> Thing {
    Thing::Person { administration: actor.administration.clone(), person: person.into() }
}

fn body(actor: &Actor) -> Thing {
    Thing::Administration { id: actor.administration.clone() }
}

impl Desk {
    /// What a person granted and was granted.
    pub async fn delegations(&self, actor: &Actor) -> Outcome<Delegations> {
        let holder = Self::own(actor)?;
        let Who::Person { person, .. } = &actor.who else { return refuse(Refusal::NotFound) };
        let (database, body) = (self.archive.database(), &actor.administration);
        let mut found = Delegations {
            received: delegation::of_delegate(database, body, person, "delegation").await?,
            mandates: delegation::of_delegate(database, body, person, "mandate").await?,
            ..Delegations::default()
        };
        // Whom else he trusts is not for a delegate to read.
        if permit(actor, Deed::ManageAccount, &account(actor, &holder)).is_ok() {
            found.granted = delegation::of_holder(database, body, &holder, "delegation").await?;
            found.acted_for = delegation::of_holder(database, body, &holder, "mandate").await?;
            found.history = delegation::history(database, body, &holder).await?;
        }
        Ok(found)
    }

    /// Lets the person of a fiscal code read what is the actor's, once he accepts. Answers the identifier; it does not
    /// say whether he is known here, nor his name.
    pub async fn grant_delegation(&self, actor: &Actor, fiscal_code: &str, until: &str) -> Outcome<String> {
        let holder = Self::own(actor)?;
        permit(actor, Deed::ManageAccount, &account(actor, &holder))?;
        // A delegation granted by whoever acts for another would outlive his title.
        if holder != actor.account {
            return refuse(Refusal::Forbidden);
        }
        let mut errors = Vec::new();
        let delegate = self.party_of("fiscal_code", actor, fiscal_code, "", &mut errors).await?;
        let until = self.term("until", until, &mut errors);
        let holder_party = self.party(&holder, "holder").await?;
        let himself = |party: &Party| party.person == holder || party.fiscal_code == holder_party.fiscal_code;
        if delegate.as_ref().is_some_and(|party| party.organisation || himself(party)) {
            errors.push(FieldError::of("fiscal_code", "delegate"));
        }
        let (Some(delegate), Some(until), true) = (delegate, until, errors.is_empty()) else {
            return refuse(Refusal::Invalid(errors));
        };
        let holder_party = vec![holder_party];
        let (actor, today) = (actor.clone(), self.today());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let mut delegate = delegate;
                    settle(work, &actor.administration, &mut delegate).await?;
                    let same = Some(delegate.person.clone());
                    let standing = args![&holder, "delegation", &today, same];
                    if work.tx.scalar_i64(STANDING, standing).await? > 0 {
                        return refuse(Refusal::Invalid(vec![FieldError::of("fiscal_code", "delegated")]));
                    }
                    let standing = args![&holder, "delegation", &today, None::<String>];
                    if work.tx.scalar_i64(STANDING, standing).await? >= MOST {
                        let limit = Some(MOST.unsigned_abs());
                        let error = FieldError { field: "fiscal_code", code: "too_many", limit };
                        return refuse(Refusal::Invalid(vec![error]));
                    }
                    let id = work.new_id();
                    let act = DelegationGranted {
                        delegation: id.clone(),
                        holder,
                        delegate: delegate.person.clone(),
                        until,
                    };
                    let mut event = NewEvent::by(&actor, &id, act);
                    event.parties = holder_party;
                    event.parties.push(delegate);
                    event.receipts = to_each(event.parties.iter().map(|party| &party.person));
                    work.append(event).await?;
                    Ok(id)
                })
            })
            .await
    }

    /// Accepts a delegation that one was granted.
    pub async fn accept_delegation(&self, actor: &Actor, id: &str) -> Outcome<()> {
        let row = self.of_kind(id, "delegation").await?;
        permit(actor, Deed::ManageAccount, &account(actor, &row.delegate))?;
        self.end_of_waiting(actor, DelegationAccepted { delegation: row.id.clone() }, &row.id).await
    }

    /// A delegation that the actor granted or was granted.
    pub async fn own_delegation(&self, actor: &Actor, id: &str) -> Outcome<DelegationRow> {
        let row = self.of_kind(id, "delegation").await?;
        permit(actor, Deed::ManageAccount, &account(actor, &row.holder))
            .or_else(|_| permit(actor, Deed::ManageAccount, &account(actor, &row.delegate)))?;
        Ok(row)
    }

    /// Ends a delegation, from either side.
    pub async fn revoke_delegation(&self, actor: &Actor, id: &str) -> Outcome<()> {
        let row = self.own_delegation(actor, id).await?;
        self.revoke(actor, DelegationRevoked { delegation: row.id.clone() }, row).await
    }

    /// Every title recorded with the administration, newest first.
    pub async fn mandates(&self, actor: &Actor) -> Outcome<Vec<DelegationRow>> {
        permit(actor, Deed::RecordMandate, &body(actor))?;
        Ok(delegation::mandates(self.archive.database(), &actor.administration).await?)
    }

    /// One title.
    pub async fn mandate(&self, actor: &Actor, id: &str) -> Outcome<DelegationRow> {
        permit(actor, Deed::RecordMandate, &body(actor))?;
        let row = self.of_kind(id, "mandate").await?;
        if row.administration == actor.administration { Ok(row) } else { refuse(Refusal::NotFound) }
    }

    /// Records a title; it is in force once it is confirmed.
    pub async fn record_mandate(&self, actor: &Actor, form: MandateForm) -> Outcome<String> {
        permit(actor, Deed::RecordMandate, &body(actor))?;
        let mut errors = Vec::new();
        let holder =
            self.party_of("holder_code", actor, &form.holder_code, &form.holder_name, &mut errors).await?;
        let delegate = self
            .party_of("delegate_code", actor, &form.delegate_code, &form.delegate_name, &mut errors)
            .await?;
        for (party, field) in [(&holder, "holder_name"), (&delegate, "delegate_name")] {
            if party.as_ref().is_some_and(|party| party.name.is_empty()) {
                errors.push(FieldError::required(field));
            }
        }
        if !TITLES.contains(&form.title.as_str()) {
            errors.push(FieldError::of("title", "unknown"));
        }
        let evidence = form.evidence.trim().to_owned();
        if evidence.is_empty() {
            errors.push(FieldError::required("evidence"));
        } else if evidence.chars().count() > EVIDENCE_CHARS {
            errors.push(FieldError::too_long("evidence", EVIDENCE_CHARS));
        }
        let until = match form.until.trim() {
            "" => None,
            day => {
                let day = LegalDay::parse(day).map(|day| day.to_string()).filter(|day| *day >= self.today());
                if day.is_none() {
                    errors.push(FieldError::of("until", "date"));
                }
                day
            }
        };
        if let (Some(holder), Some(delegate)) = (&holder, &delegate)
            && (delegate.organisation
                || holder.person == delegate.person
                || holder.fiscal_code == delegate.fiscal_code)
        {
            errors.push(FieldError::of("delegate_code", "delegate"));
        }
        let (Some(mut holder), Some(delegate), true) = (holder, delegate, errors.is_empty()) else {
            return refuse(Refusal::Invalid(errors));
        };
        holder.role = "holder".into();
        let (actor, today) = (actor.clone(), self.today());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let (mut holder, mut delegate) = (holder, delegate);
                    settle(work, &actor.administration, &mut holder).await?;
                    settle(work, &actor.administration, &mut delegate).await?;
                    let same = args![&holder.person, "mandate", &today, Some(delegate.person.clone())];
                    if work.tx.scalar_i64(STANDING, same).await? > 0 {
                        return refuse(Refusal::Invalid(vec![FieldError::of("delegate_code", "delegated")]));
                    }
                    let id = work.new_id();
                    let act = MandateGranted {
                        mandate: id.clone(),
                        holder: holder.person.clone(),
                        delegate: delegate.person.clone(),
                        title: form.title,
                        evidence,
                        until,
                    };
                    let mut event = NewEvent::by(&actor, &id, act);
                    event.parties = vec![holder, delegate];
                    event.receipts = to_each(event.parties.iter().map(|party| &party.person));
                    work.append(event).await?;
                    Ok(id)
                })
            })
            .await
    }

    /// Confirms a title: its document was seen.
    pub async fn confirm_mandate(&self, actor: &Actor, id: &str) -> Outcome<()> {
        let row = self.mandate(actor, id).await?;
        self.end_of_waiting(actor, MandateConfirmed { mandate: row.id.clone() }, &row.id).await
    }

    /// Ends a title.
    pub async fn revoke_mandate(&self, actor: &Actor, id: &str, reason: &str) -> Outcome<()> {
        let row = self.mandate(actor, id).await?;
        let reason: String = reason.trim().chars().take(EVIDENCE_CHARS).collect();
        if reason.is_empty() {
            return refuse(Refusal::Invalid(vec![FieldError::required("reason")]));
        }
        self.revoke(actor, MandateRevoked { mandate: row.id.clone(), reason }, row).await
    }

    async fn of_kind(&self, id: &str, kind: &str) -> Outcome<DelegationRow> {
        match delegation::one(self.archive.database(), id).await? {
            Some(row) if row.kind == kind => Ok(row),
            _ => refuse(Refusal::NotFound),
        }
    }

    async fn end_of_waiting(&self, actor: &Actor, act: impl Into<Act>, id: &str) -> Outcome<()> {
        let (actor, act, id, today) = (actor.clone(), act.into(), id.to_owned(), self.today());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    stands(work, &actor).await?;
                    if work.tx.scalar_i64(WAITING, args![&id, today]).await? == 0 {
                        return refuse(Refusal::Exists);
                    }
                    work.append(NewEvent::by(&actor, &id, act)).await?;
                    Ok(())
                })
            })
            .await
    }

    /// A second revocation is no event.
    async fn revoke(&self, actor: &Actor, act: impl Into<Act>, row: DelegationRow) -> Outcome<()> {
        let (actor, act) = (actor.clone(), act.into());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    stands(work, &actor).await?;
                    if work.tx.scalar_i64(NOT_REVOKED, args![&row.id]).await? > 0 {
                        let mut event = NewEvent::by(&actor, &row.id, act);
                        event.receipts = to_each([&row.holder, &row.delegate]);
                        work.append(event).await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    /// The last day of a delegation: today or later, and not for ever.
    fn term(&self, field: &'static str, day: &str, errors: &mut Vec<FieldError>) -> Option<String> {
        let last = LegalDay::at(self.archive.now_ms() + MOST_YEARS * 366 * 86_400_000).to_string();
        let until = LegalDay::parse(day.trim()).map(|day| day.to_string());
        let until = until.filter(|day| *day >= self.today() && *day <= last);
        if until.is_none() {
            let limit = Some(MOST_YEARS.unsigned_abs());
            errors.push(FieldError { field, code: "term", limit });
        }
        until
    }

    /// The person of a fiscal code, known or not, as a delegate.
    async fn party_of(
        &self,
        field: &'static str,
        actor: &Actor,
        code: &str,
        name: &str,
        errors: &mut Vec<FieldError>,
    ) -> Outcome<Option<Party>> {
        let code = code.trim().to_uppercase();
        // Until he signs in, whom one only knows by his code is called by it.
        let name = if field == "fiscal_code" { &code } else { name };
        let recipient =
            Recipient { fiscal_code: code.clone(), name: name.to_owned(), ..Recipient::default() };
        match self.recipient(actor, None, &recipient).await {
            Ok(party) => Ok(Some(Party { role: "delegate".into(), email: None, ..party })),
            Err(plico_archive::ActError::Refused(Refusal::Invalid(_))) => {
                errors.push(FieldError::of(field, "fiscal_code"));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    async fn party(&self, person: &str, role: &str) -> Outcome<Party> {
        let Some(row) = queue::person(self.archive.database(), person).await? else {
            return refuse(Refusal::NotFound);
        };
        Ok(Party {
            v: 1,
            role: role.into(),
            person: row.id,
            name: row.name,
            fiscal_code: row.fiscal_code,
            email: None,
            organisation: row.organisation,
        })
    }
}
