//! Courtesy notices: whom to tell what, and that he was told. A notice bears no content: not even the subject.

use plico_archive::read::{body, message, queue};
use plico_archive::{NewEvent, Work};
use plico_record::act::{Act, NoticeFailed, NoticeSent};
use plico_record::authority::{Deed, Thing};

use crate::refusal::{permit, refuse};
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// One test notice in this time (milliseconds).
const TEST_APART_MS: i64 = 600_000;

/// What a notice to a person says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonNotice {
    /// His address; `None` when he gave none.
    pub to: Option<String>,
    /// The body.
    pub body: String,
    /// The office that wrote.
    pub office: String,
    /// Where he reads it, after signing in.
    pub link: String,
}

/// What a notice to an office says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficeNotice {
    /// The office's address and those of its operators, each once.
    pub to: Vec<String>,
    /// The body.
    pub body: String,
    /// The office.
    pub office: String,
    /// `0000123/2026`, when it has one.
    pub number: String,
    /// Where they read it, after signing in.
    pub link: String,
}

impl Desk {
    /// What to tell the recipient of a delivery; `None` when there is nothing to tell: he was told, or has opened
    /// it, or it was withdrawn.
    pub async fn person_notice(&self, delivery: &str) -> Outcome<Option<PersonNotice>> {
        let database = self.archive.database();
        let Some(row) = message::delivery(database, delivery).await? else { return Ok(None) };
        let told = row.notice.as_deref() == Some("sent");
        if told || row.opened_ms.is_some() || row.withdrawn_ms.is_some() {
            return Ok(None);
        }
        let person = queue::person(database, &row.recipient).await?;
        let office = body::office(database, &row.office).await?;
        Ok(Some(PersonNotice {
            to: person.and_then(|person| person.email).filter(|email| !email.is_empty()),
            body: self.body_name(&row.administration).await?,
            office: office.map_or_else(String::new, |office| office.name),
            link: format!("{}/messaggi/{}", self.public_url, row.message),
        }))
    }

    /// What to tell an office of a message that came in; `None` when the message is not there.
    pub async fn office_notice(&self, message: &str) -> Outcome<Option<OfficeNotice>> {
        let database = self.archive.database();
        let Some(row) = message::message(database, message).await? else { return Ok(None) };
        let Some(office) = body::office(database, &row.office).await? else { return Ok(None) };
        let mut to = vec![office.email.clone()];
        // Whoever has charge of the matter is told by name.
        for operator in body::operators_of(database, &office.id).await? {
            if row.operator.as_ref() == Some(&operator.account) {
                to.push(operator.email);
            }
        }
        to.retain(|address| address.contains('@'));
        to.dedup();
        Ok(Some(OfficeNotice {
            to,
            body: self.body_name(&row.administration).await?,
            office: office.name,
            number: row.registration_number().unwrap_or_default(),
            link: format!("{}/ufficio/messaggi/{}", self.public_url, row.id),
        }))
    }

    /// Orders a test notice to the actor's own contact; more than one in ten minutes are the same.
    pub async fn order_test_notice(&self, actor: &Actor) -> Outcome<()> {
        let person = Self::own(actor)?;
        let account = Thing::Person { administration: actor.administration.clone(), person: person.clone() };
        permit(actor, Deed::ManageAccount, &account)?;
        if self.contact(actor).await?.is_none() {
            return refuse(Refusal::Invalid(vec![FieldError::required("email")]));
        }
        let administration = actor.administration.clone();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let key = format!("notice-test/{person}/{}", work.now_ms() / TEST_APART_MS);
                    let payload = serde_json::json!({"v": 1, "person": person});
                    work.enqueue("notice-test", &key, &administration, &payload)?;
                    Ok(())
                })
            })
            .await
    }

    /// Whom a test notice goes to and which body sends it; `None` when he has no contact any more.
    pub async fn test_notice(&self, person: &str) -> Outcome<Option<(String, String)>> {
        let Some(row) = queue::person(self.archive.database(), person).await? else { return Ok(None) };
        let Some(to) = row.email.filter(|email| !email.is_empty()) else { return Ok(None) };
        Ok(Some((to, self.body_name(&row.administration).await?)))
    }

    /// Records that a notice left.
    pub async fn notice_left(&self, administration: &str, delivery: &str, answer: &str) -> Outcome<()> {
        let act = NoticeSent {
            delivery: delivery.into(),
            channel: "email".into(),
            answer: answer.chars().take(500).collect(),
        };
        self.noticed(administration, delivery, act.into()).await
    }

    /// Records that a notice will not leave.
    pub async fn notice_lost(&self, administration: &str, delivery: &str, why: &str) -> Outcome<()> {
        let act = NoticeFailed {
            delivery: delivery.into(),
            channel: "email".into(),
            answer: why.chars().take(500).collect(),
        };
        self.noticed(administration, delivery, act.into()).await
    }

    async fn noticed(&self, administration: &str, delivery: &str, act: Act) -> Outcome<()> {
        let event = NewEvent::by(&Actor::system(administration), delivery, act);
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    work.append(event).await?;
                    Ok(())
                })
            })
            .await
    }
}
