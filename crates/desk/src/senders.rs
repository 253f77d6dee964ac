//! Who else sent what is taken in at the counter or gets a letter for his knowledge, and whom an office may pick instead of typing: whoever it knows already,
//! and the bodies of the index.

use plico_archive::read::contact::Contact;
use plico_archive::read::ipa::IpaBody;
use plico_archive::read::queue::{self, PersonRow};
use plico_record::authority::{Deed, Thing};
use plico_record::fiscal::FiscalCode;
use plico_record::part::Party;

use crate::refusal::permit;
use crate::{Actor, Desk, FieldError, Outcome};

/// Senders besides the first.
const MOST: usize = 30;
/// Characters of a name.
const NAME: usize = 200;

/// A sender as he was typed.
pub(crate) type Typed = (String, Option<FiscalCode>);

/// The senders of a text, one a line: the name and, after a semicolon, the fiscal code where it is known.
pub(crate) fn typed(text: &str, first: Option<&FiscalCode>) -> Result<Vec<Typed>, FieldError> {
    let mut senders: Vec<Typed> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, code) = line.split_once(';').unwrap_or((line, ""));
        let (name, code) = (name.trim(), code.trim());
        let parsed = FiscalCode::parse(code).ok();
        let twice = |parsed: &FiscalCode| {
            first == Some(parsed) || senders.iter().any(|(_, known)| known.as_ref() == Some(parsed))
        };
        let wrong = name.is_empty()
            || name.chars().count() > NAME
            || (!code.is_empty() && parsed.is_none())
            || parsed.as_ref().is_some_and(twice)
            || senders.len() == MOST;
        if wrong {
            return Err(FieldError::of("others", "senders"));
        }
        senders.push((name.to_owned(), parsed));
    }
    Ok(senders)
}

/// Who gets a letter for his knowledge, of a text like that; each by his code, by which he finds it when he signs in.
pub(crate) fn copies(text: &str, first: Option<&FiscalCode>) -> Result<Vec<Typed>, FieldError> {
    let known = typed(text, first).ok().filter(|typed| typed.iter().all(|(_, code)| code.is_some()));
    known.ok_or(FieldError::of("copies", "copies"))
}

impl Desk {
    /// People and bodies that the administration knows already, by name or code, for whoever writes or takes in.
    pub async fn people(&self, actor: &Actor, text: &str) -> Outcome<Vec<PersonRow>> {
        Self::may_pick(actor)?;
        if text.trim().chars().count() < 3 {
            return Ok(Vec::new());
        }
        Ok(queue::people(self.archive.database(), &actor.administration, text.trim()).await?)
    }

    /// Bodies of the index by name, code or fiscal code.
    pub async fn ipa(&self, actor: &Actor, text: &str) -> Outcome<Vec<IpaBody>> {
        Self::may_pick(actor)?;
        if text.trim().chars().count() < 3 {
            return Ok(Vec::new());
        }
        Ok(plico_archive::read::ipa::found(self.archive.database(), text).await?)
    }

    /// Parties that another system knew, by name or code.
    pub async fn picked_contacts(&self, actor: &Actor, text: &str) -> Outcome<Vec<Contact>> {
        Self::may_pick(actor)?;
        if text.trim().chars().count() < 3 {
            return Ok(Vec::new());
        }
        Ok(plico_archive::read::contact::found(self.archive.database(), &actor.administration, text).await?)
    }

    fn may_pick(actor: &Actor) -> Outcome<()> {
        let body = Thing::Administration { id: actor.administration.clone() };
        permit(actor, Deed::Answer, &body).or_else(|_| permit(actor, Deed::TakeIn, &body))
    }

    /// Senders, or whoever else was typed so, as parties: known by their codes, or new. Whoever has no code is a person of this one message.
    pub(crate) async fn parties(&self, actor: &Actor, typed: Vec<Typed>, role: &str) -> Outcome<Vec<Party>> {
        let mut parties = Vec::with_capacity(typed.len());
        for (name, code) in typed {
            let known = match &code {
                Some(code) => {
                    let database = self.archive.database();
                    queue::person_by_code(database, &actor.administration, code.as_str()).await?
                }
                None => None,
            };
            parties.push(Party {
                v: 1,
                role: role.into(),
                organisation: code.as_ref().is_some_and(|code| !code.is_person()),
                fiscal_code: code.map(Into::into),
                person: known.as_ref().map_or_else(|| self.fresh_id(), |known| known.id.clone()),
                name: known
                    .as_ref()
                    .filter(|known| known.fiscal_code.as_ref() != Some(&known.name))
                    .map_or(name, |known| known.name.clone()),
                email: known.and_then(|known| known.email),
            });
        }
        Ok(parties)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sender_a_line_and_nobody_twice() {
        let senders = typed(" Bruno Conti ; 90042100330\n\nAnna\n", None).unwrap();
        assert_eq!(senders.len(), 2);
        assert_eq!((senders[0].0.as_str(), senders[1].1.as_ref()), ("Bruno Conti", None));
        for wrong in ["; 90042100330", "Bruno; XYZ", "A; 90042100330\nB; 90042100330"] {
            assert!(typed(wrong, None).is_err(), "{wrong}");
        }
        assert!(copies("Anna", None).is_err(), "without a code nobody finds it");
        assert!(typed("Bruno; 90042100330", senders[0].1.as_ref()).is_err(), "the first sender again");
    }
}
