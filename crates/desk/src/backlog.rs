//! What waits at the actor's offices, and the names that its lines need.

use plico_archive::read::backlog::{self, Backlog};
use plico_archive::read::message::{self, MessageRow};
use plico_archive::read::{body, order};
use plico_record::actor::Who;
use plico_record::day::LegalDay;
use plico_record::message::State;
use plico_registry::Order;

use crate::refusal::refuse;
use crate::{Actor, Desk, Outcome, Refusal};

/// A term that ends within so many days is soon.
const SOON_DAYS: i64 = 7;

impl Desk {
    /// How many messages each view of the actor's queue shows.
    pub async fn backlog(&self, actor: &Actor) -> Outcome<Backlog> {
        let offices = Self::seen_offices(actor)?;
        let database = self.archive.database();
        let soon = self.soon();
        Ok(backlog::counts(database, &actor.administration, offices.as_deref(), &actor.account, &soon)
            .await?)
    }

    /// The last day, `YYYY-MM-DD`, that counts as soon.
    pub fn soon(&self) -> String {
        LegalDay::at(self.archive.now_ms() + SOON_DAYS * 86_400_000).to_string()
    }

    /// Today, `YYYY-MM-DD`, in Rome.
    pub fn today(&self) -> String {
        LegalDay::at(self.archive.now_ms()).to_string()
    }

    /// The other side of a message that the actor sees: who sent it, or to whom it went.
    pub async fn counterpart(&self, row: &MessageRow) -> Outcome<String> {
        if !row.from_office.is_empty() {
            return Ok(row.from_name.clone().unwrap_or_default());
        }
        if row.direction == "in" {
            return Ok(row.sender_name.clone().unwrap_or_default());
        }
        if row.state == State::Prepared.code() {
            // Nothing was delivered yet; what was ordered says to whom it goes.
            let ordered = order::order(self.archive.database(), &row.id).await?;
            let order = ordered.and_then(|row| serde_json::from_str::<Order>(&row.what).ok());
            let names =
                order.map(|order| order.parties.into_iter().map(|party| party.name).collect::<Vec<_>>());
            return Ok(names.unwrap_or_default().join(", "));
        }
        let deliveries = message::deliveries(self.archive.database(), &row.id).await?;
        let names: Vec<String> = deliveries.into_iter().map(|delivery| delivery.recipient_name).collect();
        Ok(names.join(", "))
    }

    /// The name of whoever has a message; nothing of the inner life of the body for a person.
    pub async fn colleague(&self, actor: &Actor, account: &str) -> Outcome<Option<String>> {
        if !matches!(actor.who, Who::Staff { .. }) {
            return refuse(Refusal::NotFound);
        }
        let row = body::operator(self.archive.database(), account).await?;
        Ok(row.filter(|row| row.administration == actor.administration).map(|row| row.name))
    }

    /// The offices that are open today, each with account and name of whoever works there.
    pub async fn assignees(&self, actor: &Actor) -> Outcome<Vec<(body::Office, Vec<(String, String)>)>> {
        if !matches!(actor.who, Who::Staff { .. }) {
            return refuse(Refusal::NotFound);
        }
        let staff = body::staff(self.archive.database(), &actor.administration).await?;
        let offices = self.open_offices(&actor.administration).await?;
        let of = |office: &str| {
            let there = staff.iter().filter(|(at, ..)| at == office);
            there.map(|(_, account, name)| (account.clone(), name.clone())).collect()
        };
        Ok(offices.into_iter().map(|office| (office.clone(), of(&office.id))).collect())
    }

    /// Whether somebody works in the queue at all.
    pub fn works_here(&self, actor: &Actor) -> Outcome<()> {
        Self::seen_offices(actor).map(|_| ())
    }

    /// Name, registry area and IPA code of the actor's administration.
    pub async fn body(&self, actor: &Actor) -> Outcome<body::Body> {
        match body::body(self.archive.database(), &actor.administration).await? {
            Some(body) => Ok(body),
            None => refuse(Refusal::NotFound),
        }
    }
}
