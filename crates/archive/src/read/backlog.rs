//! What waits at the offices, counted for the views of the queue.

use plico_database::{Database, args};

use super::queue::list_of;
use crate::error::ArchiveError;

/// How many messages each view of the queue shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, plico_database::Record)]
pub struct Backlog {
    /// Registered, still with the protocol office.
    pub to_assign: i64,
    /// Registered, nobody has it.
    pub to_take: i64,
    /// Assigned to the account that asks, or in its charge.
    pub mine: i64,
    /// The office waits for the person.
    pub waiting: i64,
    /// The term ends soon or has ended.
    pub due: i64,
    /// The person answered, and nobody has looked.
    pub new: i64,
}

impl Backlog {
    /// The views by name, in the order they are shown.
    pub fn views(&self) -> [(&'static str, i64); 6] {
        [
            ("to_assign", self.to_assign),
            ("to_take", self.to_take),
            ("mine", self.mine),
            ("waiting", self.waiting),
            ("due", self.due),
            ("new", self.new),
        ]
    }
}

const COUNTS: &str = "select
    coalesce(sum(case when m.state = 'registered' and o.protocol then 1 else 0 end), 0) as to_assign,
    coalesce(sum(case when m.state = 'registered' and not o.protocol then 1 else 0 end), 0) as to_take,
    coalesce(sum(case when m.operator = $3 then 1 else 0 end), 0) as mine,
    coalesce(sum(case when m.state = 'supplement_requested' then 1 else 0 end), 0) as waiting,
    coalesce(sum(case when m.due <= $4 then 1 else 0 end), 0) as due,
    coalesce(sum(case when m.reply_to is not null and m.state = 'registered' then 1 else 0 end), 0) as \"new\"
    from message m left join office o on o.id = m.office
    where m.administration = $1 and m.direction = 'in'
        and m.state in ('registered', 'taken_in_charge', 'supplement_requested')
        and (cast($2 as text) is null
            or m.office in (select f.id from office f where f.administration = $1 and $2 like '%,' || f.id || ',%')
            or m.id in (select k.message from knowledge k where k.office in
                (select f.id from office f where f.administration = $1 and $2 like '%,' || f.id || ',%')))";

/// What waits at offices (`None`: all) for an account; `soon` is the last day, `YYYY-MM-DD`, that counts as soon.
pub async fn counts(
    database: &Database,
    administration: &str,
    offices: Option<&[String]>,
    account: &str,
    soon: &str,
) -> Result<Backlog, ArchiveError> {
    let offices = offices.map(|offices| list_of(offices.iter()));
    Ok(database.one(COUNTS, args![administration, offices, account, soon]).await?)
}
