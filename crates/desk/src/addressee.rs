//! To whom a letter goes: the other side of the message that it answers, or the person with the fiscal code that was
//! typed, whether he has ever signed in or not.

use plico_archive::ActError;
use plico_archive::read::{message, queue};
use plico_record::authority::Deed;
use plico_record::fiscal::FiscalCode;
use plico_record::part::Party;

use crate::letter::Typed;
use crate::refusal::refuse;
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// To whom, when it is not an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recipient {
    /// Fiscal code.
    pub fiscal_code: String,
    /// Name, for a person not known yet.
    pub name: String,
    /// E-mail for the notice, if known.
    pub email: String,
    /// Address of certified mail that it goes to as well; may be empty.
    pub pec: String,
}

impl Recipient {
    /// He is known by his certified address alone.
    pub(crate) fn has_only_address(&self) -> bool {
        self.fiscal_code.trim().is_empty() && !self.pec.trim().is_empty()
    }
}

impl Desk {
    /// To whom a letter goes: the other side of the message it answers, or the person with the code that was typed.
    pub async fn addressee(&self, actor: &Actor, typed: &Typed) -> Outcome<Party> {
        let about = match &typed.about {
            Some(id) => Some(self.allowed_message(actor, Deed::Answer, id).await?),
            None => None,
        };
        let recipient = Recipient {
            fiscal_code: typed.fiscal_code.clone(),
            name: typed.name.clone(),
            email: typed.email.clone(),
            pec: typed.pec.clone(),
        };
        self.recipient(actor, about.as_ref(), &recipient).await
    }

    pub(crate) async fn recipient(
        &self,
        actor: &Actor,
        about: Option<&message::MessageRow>,
        recipient: &Recipient,
    ) -> Outcome<Party> {
        let database = self.archive.database();
        let person = if let Some(about) = about {
            let id = match &about.sender {
                Some(sender) => Some(sender.clone()),
                None => message::deliveries(database, &about.id).await?.first().map(|d| d.recipient.clone()),
            };
            let Some(id) = id else { return refuse(Refusal::NotFound) };
            let Some(person) = queue::person(database, &id).await? else { return refuse(Refusal::NotFound) };
            person
        } else if recipient.has_only_address() {
            // Whose address it is, as he showed himself, finds it in his inbox as well.
            match self.person_of_address(&actor.administration, &recipient.pec).await? {
                Some(person) => person,
                None => self.stranger(actor, recipient, None),
            }
        } else {
            let code = FiscalCode::parse(&recipient.fiscal_code).map_err(|_| {
                ActError::Refused(Refusal::Invalid(vec![FieldError::of("fiscal_code", "fiscal_code")]))
            })?;
            let known = queue::person_by_code(database, &actor.administration, code.as_str()).await?;
            let mut person = known.unwrap_or_else(|| self.stranger(actor, recipient, Some(code)));
            // Whom somebody else knew only by his code is called by it until an office says his name.
            if person.fiscal_code.as_ref() == Some(&person.name) && !recipient.name.trim().is_empty() {
                person.name = recipient.name.trim().chars().take(200).collect();
            }
            person
        };
        Ok(Party {
            v: 1,
            role: "recipient".into(),
            person: person.id,
            name: person.name,
            fiscal_code: person.fiscal_code,
            email: person.email,
            organisation: person.organisation,
        })
    }

    /// Somebody who never signed in: he finds what was sent to him when he does.
    fn stranger(&self, actor: &Actor, recipient: &Recipient, code: Option<FiscalCode>) -> queue::PersonRow {
        queue::PersonRow {
            id: self.fresh_id(),
            administration: actor.administration.clone(),
            name: recipient.name.trim().chars().take(200).collect(),
            organisation: code.as_ref().is_some_and(|code| !code.is_person()),
            fiscal_code: code.map(Into::into),
            email: Some(recipient.email.trim().to_owned()).filter(|email| email.contains('@')),
        }
    }
}
