//! Who signs in whose place, from a day to a day.

use plico_archive::read::body;
use plico_archive::read::signing::{self, SubstitutionRow};
use plico_archive::{NewEvent, Work};
use plico_record::act::{SubstituteEnded, SubstituteNamed};
use plico_record::authority::{Deed, Thing};
use plico_record::day::LegalDay;

use crate::refusal::{permit, refuse};
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// A substitution with the names of both.
#[derive(Debug, Clone)]
pub struct Substitution {
    /// How it stands.
    pub row: SubstitutionRow,
    /// In whose place.
    pub officer: String,
    /// Who signs.
    pub substitute: String,
    /// Whether the actor may end it.
    pub may_end: bool,
}

fn officer(actor: &Actor, account: &str) -> Thing {
    Thing::Officer { administration: actor.administration.clone(), account: account.into() }
}

impl Desk {
    /// Whether the actor may name who signs in the place of anybody, or in his own alone.
    pub fn names_substitutes_of(&self, actor: &Actor, account: &str) -> bool {
        permit(actor, Deed::NameSubstitute, &officer(actor, account)).is_ok()
    }

    /// Who may be named, and in whose place.
    pub async fn substitution_signers(&self, actor: &Actor) -> Outcome<Vec<body::Operator>> {
        permit(actor, Deed::NameSubstitute, &officer(actor, &actor.account))?;
        self.signing_operators(&actor.administration).await
    }

    /// The substitutions that last today or later, of those whose the actor may name.
    pub async fn substitutions(&self, actor: &Actor) -> Outcome<Vec<Substitution>> {
        permit(actor, Deed::NameSubstitute, &officer(actor, &actor.account))?;
        let database = self.archive.database();
        let operators = body::operators(database, &actor.administration).await?;
        let name = |account: &str| {
            let found = operators.iter().find(|operator| operator.account == account);
            found.map_or_else(|| account.to_owned(), |operator| operator.name.clone())
        };
        let rows = signing::substitutions(database, &actor.administration, &self.today()).await?;
        let mine = |row: &SubstitutionRow| {
            self.names_substitutes_of(actor, &row.officer) || row.substitute == actor.account
        };
        Ok(rows
            .into_iter()
            .filter(mine)
            .map(|row| Substitution {
                officer: name(&row.officer),
                substitute: name(&row.substitute),
                may_end: self.names_substitutes_of(actor, &row.officer),
                row,
            })
            .collect())
    }

    /// Names who signs in an officer's place.
    pub async fn name_substitute(
        &self,
        actor: &Actor,
        account: &str,
        substitute: &str,
        from: &str,
        until: &str,
    ) -> Outcome<()> {
        permit(actor, Deed::NameSubstitute, &officer(actor, account))?;
        let operators = self.signing_operators(&actor.administration).await?;
        let signs = |account: &str| operators.iter().any(|operator| operator.account == account);
        let mut errors = Vec::new();
        if !signs(account) {
            errors.push(FieldError::of("officer", "unknown"));
        }
        if !signs(substitute) || substitute == account {
            errors.push(FieldError::of("substitute", "unknown"));
        }
        let (first, last) = (LegalDay::parse(from.trim()), LegalDay::parse(until.trim()));
        if first.is_none() {
            errors.push(FieldError::of("from", "date"));
        }
        if last.is_none() || last < first || last < LegalDay::parse(&self.today()) {
            errors.push(FieldError::of("until", "date"));
        }
        let (Some(first), Some(last), true) = (first, last, errors.is_empty()) else {
            return refuse(Refusal::Invalid(errors));
        };
        let act = SubstituteNamed {
            substitution: self.fresh_id(),
            officer: account.into(),
            substitute: substitute.into(),
            from: first.to_string(),
            until: last.to_string(),
        };
        let event = NewEvent::by(actor, account, act);
        self.append_one(event).await
    }

    /// Ends a substitution at once.
    pub async fn end_substitution(&self, actor: &Actor, id: &str) -> Outcome<()> {
        let Some(row) = signing::substitution(self.archive.database(), id).await? else {
            return refuse(Refusal::NotFound);
        };
        if row.administration != actor.administration {
            return refuse(Refusal::NotFound);
        }
        permit(actor, Deed::NameSubstitute, &officer(actor, &row.officer))?;
        let act = SubstituteEnded { substitution: id.into() };
        self.append_one(NewEvent::by(actor, &row.officer, act)).await
    }

    pub(crate) async fn append_one(&self, event: NewEvent) -> Outcome<()> {
        let appended = self.archive.act(move |work: &mut Work| {
            Box::pin(async move {
                work.append(event).await?;
                Ok(())
            })
        });
        appended.await
    }
}
