//! The office's lists: queue, case files, people.

use plico_database::{Database, args};

use super::Cursor;
use super::message::{MessageRow, message_columns};
use crate::error::ArchiveError;

/// Which lines of the queue.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only this office; otherwise all of `offices`.
    pub office: Option<String>,
    /// Only this state.
    pub state: Option<String>,
    /// Only what this account has in charge.
    pub operator: Option<String>,
    /// Outgoing instead of incoming.
    pub outgoing: bool,
    /// Only this kind.
    pub kind: Option<String>,
    /// From (UTC milliseconds, included).
    pub from_ms: Option<i64>,
    /// Until (UTC milliseconds, excluded).
    pub until_ms: Option<i64>,
    /// In subject, sender's name or fiscal code, or the registration number.
    pub words: Option<String>,
    /// Only what nobody has.
    pub nobody: bool,
    /// Only what came one of these ways; the empty one is the portal.
    pub channels: Option<Vec<String>>,
    /// Only what still waits and is due on this day (`YYYY-MM-DD`) or later.
    pub due_from: Option<String>,
    /// Only what still waits and is due before this day.
    pub due_before: Option<String>,
    /// One of [`super::backlog`]'s views; the account it is for and the last day that is soon.
    pub view: Option<(String, String, String)>,
}

/// Conditions of both statements from `$9` on.
macro_rules! narrowing {
    () => {
        " and (cast($9 as text) is null or m.kind = $9)
        and m.instant_ms >= $10 and m.instant_ms < $11
        and (cast($12 as text) is null or lower(m.subject) like lower($12) or lower(p.name) like lower($12)
            or lower(p.fiscal_code) like lower($12)
            or cast(m.number as text) = $13)
        and (cast($14 as text) is null
            or ($14 = 'to_assign' and m.state = 'registered' and o.protocol)
            or ($14 = 'to_take' and m.state = 'registered' and not o.protocol)
            or ($14 = 'mine' and m.operator = $15
                and m.state in ('registered', 'taken_in_charge', 'supplement_requested'))
            or ($14 = 'waiting' and m.state = 'supplement_requested')
            or ($14 = 'due' and m.due <= $16
                and m.state in ('registered', 'taken_in_charge', 'supplement_requested'))
            or ($14 = 'new' and m.reply_to is not null and m.state = 'registered'))
        and (cast($17 as text) is null or m.operator is null)
        and (cast($18 as text) is null or $18 like '%,' || m.channel || ',%')
        and (cast($19 as text) is null or (m.due >= $19
            and m.state in ('registered', 'taken_in_charge', 'supplement_requested')))
        and (cast($20 as text) is null or (m.due < $20
            and m.state in ('registered', 'taken_in_charge', 'supplement_requested')))
    order by m.instant_ms desc, m.id desc limit $8"
    };
}

const QUEUE: &str = concat!(
    "select ",
    message_columns!(),
    " where m.administration = $1 and m.direction = $2
        and (m.office in (select f.id from office f where f.administration = $1 and $3 like '%,' || f.id || ',%')
            or m.id in (select k.message from knowledge k where k.office in (select f.id from office f where f.administration = $1 and $3 like '%,' || f.id || ',%')))
        and (cast($4 as text) is null or m.state = $4) and (cast($5 as text) is null or m.operator = $5)
        and (m.instant_ms < $6 or (m.instant_ms = $6 and m.id < $7))",
    narrowing!()
);
const QUEUE_ALL: &str = concat!(
    "select ",
    message_columns!(),
    " where m.administration = $1 and m.direction = $2
        and (cast($3 as text) is null or m.office = $3)
        and (cast($4 as text) is null or m.state = $4) and (cast($5 as text) is null or m.operator = $5)
        and (m.instant_ms < $6 or (m.instant_ms = $6 and m.id < $7))",
    narrowing!()
);

/// A page of the queue, newest first. `offices` are those whose messages may be seen; `None` is all of them.
pub async fn lines(
    database: &Database,
    administration: &str,
    offices: Option<&[String]>,
    filter: &Filter,
    cursor: &Cursor,
    most: usize,
) -> Result<(Vec<MessageRow>, Option<Cursor>), ArchiveError> {
    let direction = if filter.outgoing { "out" } else { "in" };
    let (state, operator) = (filter.state.clone(), filter.operator.clone());
    let (view, account, soon) = match &filter.view {
        Some((view, account, soon)) => (Some(view.clone()), account.as_str(), soon.as_str()),
        None => (None, "", ""),
    };
    let words = filter.words.as_deref().map(|words| words.replace(['%', '_'], " ").trim().to_owned());
    let number = words.as_deref().map_or("", |words| words.split('/').next().unwrap_or_default());
    let number = number.trim_start_matches('0').to_owned();
    let narrowing = args![
        filter.kind.clone(),
        filter.from_ms.unwrap_or(0),
        filter.until_ms.unwrap_or(i64::MAX),
        words.map(|words| format!("%{words}%")),
        number,
        view,
        account,
        soon,
        filter.nobody.then_some("nobody").map(str::to_owned),
        filter.channels.as_ref().map(|channels| list_of(channels.iter())),
        filter.due_from.clone(),
        filter.due_before.clone()
    ];
    let mut lines: Vec<MessageRow> = match offices {
        None => {
            let list = args![
                administration,
                direction,
                filter.office.clone(),
                state,
                operator,
                cursor.instant_ms,
                &cursor.id,
                most + 1
            ];
            database.all(QUEUE_ALL, [list, narrowing].concat()).await?
        }
        Some(offices) => {
            let chosen: Vec<&String> = offices
                .iter()
                .filter(|office| filter.office.as_ref().is_none_or(|one| one == *office))
                .collect();
            let chosen = list_of(chosen.into_iter());
            let list = args![
                administration,
                direction,
                chosen,
                state,
                operator,
                cursor.instant_ms,
                &cursor.id,
                most + 1
            ];
            database.all(QUEUE, [list, narrowing].concat()).await?
        }
    };
    let more = lines.len() > most;
    lines.truncate(most);
    let next =
        lines.last().filter(|_| more).map(|line| Cursor { instant_ms: line.instant_ms, id: line.id.clone() });
    Ok((lines, next))
}

/// Identifiers as `,a,b,`, which both engines can search with `like`; an identifier has no comma.
pub(super) fn list_of<'a>(ids: impl Iterator<Item = &'a String>) -> String {
    ids.fold(String::from(","), |list, id| list + id + ",")
}

/// A case file.
#[derive(Debug, Clone, plico_database::Record)]
pub struct CaseRow {
    /// Identifier.
    pub id: String,
    /// Administration.
    pub administration: String,
    /// Office.
    pub office: String,
    /// Its name.
    pub office_name: String,
    /// Legal year.
    pub year: i32,
    /// Number in the year.
    pub number: i64,
    /// Title.
    pub title: String,
    /// Code of its class in the classification scheme; empty where it has none.
    pub class: String,
    /// UTC milliseconds.
    pub opened_ms: i64,
    /// UTC milliseconds.
    pub closed_ms: Option<i64>,
    /// Its number in the system that kept it before; empty where none did.
    pub former: String,
    /// The day it was opened there, `YYYY-MM-DD`; empty where none was.
    pub former_opened: String,
    /// The day it was closed there; empty where it was not.
    pub former_closed: String,
    /// How many messages are in it.
    pub messages: i64,
}

macro_rules! case_rows {
    ($where:literal) => {
        concat!(
            "select c.id, c.administration, c.office, coalesce(o.name, c.office) as office_name, c.year, c.number,
            c.title, c.class, c.opened_ms, c.closed_ms, c.former, c.former_opened, c.former_closed,
            (select count(*) from message m where m.case_file = c.id) as messages
            from case_file c left join office o on o.id = c.office ",
            $where
        )
    };
}

const CASES: &str = case_rows!(
    "where c.administration = $1 and (cast($2 as text) is null or c.office in (select f.id from office f where f.administration = $1 and $2 like '%,' || f.id || ',%'))
    and (cast($3 as text) = '' or c.office = $3)
    and (cast($4 as text) = '' or ($4 = 'closed' and c.closed_ms is not null) or ($4 = 'open' and c.closed_ms is null))
    and (cast($5 as text) = '' or lower(c.title) like lower($5) or lower(c.former) like lower($5) or c.year || '/' || c.number = $6)
    and (c.opened_ms < $7 or (c.opened_ms = $7 and c.id < $8))
    order by c.opened_ms desc, c.id desc limit $9"
);
const CASE: &str = case_rows!("where c.id = $1");
const CASE_BY_FORMER: &str = "select id from case_file where administration = $1 and former = $2";

/// Which case files.
#[derive(Debug, Clone, Default)]
pub struct CaseFilter {
    /// In the title or the former number, or the number (`2026/15`).
    pub words: String,
    /// The office; empty for all.
    pub office: String,
    /// `open`, `closed`; empty for both.
    pub state: String,
    /// The last one seen: when it was opened, its identifier.
    pub after: Option<(i64, String)>,
}
const CASE_BY_NUMBER: &str =
    "select id from case_file where administration = $1 and year = $2 and number = $3";
const CASE_MESSAGES: &str =
    concat!("select ", message_columns!(), " where m.case_file = $1 order by m.instant_ms, m.id limit 500");

/// Case files of offices (`None`: all), newest first.
pub async fn cases(
    database: &Database,
    administration: &str,
    offices: Option<&[String]>,
    filter: &CaseFilter,
    most: usize,
) -> Result<Vec<CaseRow>, ArchiveError> {
    let offices = offices.map(|offices| list_of(offices.iter()));
    let words = filter.words.replace(['%', '_'], " ").trim().to_owned();
    let pattern = if words.is_empty() { String::new() } else { format!("%{words}%") };
    let (below, id) = filter.after.clone().unwrap_or((i64::MAX, String::new()));
    let of = (&filter.office, &filter.state);
    Ok(database
        .all(CASES, args![administration, offices, of.0, of.1, pattern, words, below, id, most])
        .await?)
}

/// The identifier of the case file that had this number in the system that kept it before.
pub async fn case_by_former(
    database: &Database,
    administration: &str,
    former: &str,
) -> Result<Option<String>, ArchiveError> {
    Ok(database.scalar_text(CASE_BY_FORMER, args![administration, former]).await?)
}

/// A case file by its identifier.
pub async fn case(database: &Database, id: &str) -> Result<Option<CaseRow>, ArchiveError> {
    Ok(database.optional(CASE, args![id]).await?)
}

/// The identifier of a case file by its number.
pub async fn case_by_number(
    database: &Database,
    administration: &str,
    year: i32,
    number: i64,
) -> Result<Option<String>, ArchiveError> {
    Ok(database.scalar_text(CASE_BY_NUMBER, args![administration, year, number]).await?)
}

/// The messages in a case file, oldest first.
pub async fn case_messages(database: &Database, id: &str) -> Result<Vec<MessageRow>, ArchiveError> {
    Ok(database.all(CASE_MESSAGES, args![id]).await?)
}

/// A person.
#[derive(Debug, Clone, plico_database::Record)]
pub struct PersonRow {
    /// Identifier.
    pub id: String,
    /// Administration.
    pub administration: String,
    /// Name.
    pub name: String,
    /// Fiscal code.
    pub fiscal_code: Option<String>,
    /// E-mail for courtesy notices.
    pub email: Option<String>,
    /// A company or body.
    pub organisation: bool,
}

const PERSON: &str =
    "select id, administration, name, fiscal_code, email, organisation from person where id = $1";
const PERSON_BY_CODE: &str = "select id, administration, name, fiscal_code, email, organisation from person
    where administration = $1 and fiscal_code = $2";
const PERSON_BY_EMAIL: &str = "select id, administration, name, fiscal_code, email, organisation from person
    where administration = $1 and lower(email) = lower($2) and fiscal_code is not null order by id limit 2";
const PEOPLE: &str = "select id, administration, name, fiscal_code, email, organisation from person
    where administration = $1 and (lower(name) like lower($2) or lower(fiscal_code) like lower($2)) order by name limit 20";

/// A person by identifier.
pub async fn person(database: &Database, id: &str) -> Result<Option<PersonRow>, ArchiveError> {
    Ok(database.optional(PERSON, args![id]).await?)
}

/// A person by fiscal code.
pub async fn person_by_code(
    database: &Database,
    administration: &str,
    code: &str,
) -> Result<Option<PersonRow>, ArchiveError> {
    Ok(database.optional(PERSON_BY_CODE, args![administration, code]).await?)
}

/// The one person with a fiscal code who is known by an e-mail address; none where several share it.
pub async fn person_by_email(
    database: &Database,
    administration: &str,
    email: &str,
) -> Result<Option<PersonRow>, ArchiveError> {
    let mut found: Vec<PersonRow> =
        database.all(PERSON_BY_EMAIL, args![administration, email.trim()]).await?;
    Ok(if found.len() == 1 { found.pop() } else { None })
}

/// People whose name or code contains a text, 20 at most.
pub async fn people(
    database: &Database,
    administration: &str,
    text: &str,
) -> Result<Vec<PersonRow>, ArchiveError> {
    let text: String = text.chars().filter(|c| !"%_".contains(*c)).take(60).collect();
    Ok(database.all(PEOPLE, args![administration, format!("%{text}%")]).await?)
}

const WAITING: &str = "select office, count(*) from message where administration = $1 and direction = 'in'
    and state in ('registered', 'taken_in_charge', 'supplement_requested') group by office";

/// How much waits in each office, be it taken in charge or not.
pub async fn waiting_by_office(
    database: &Database,
    administration: &str,
) -> Result<Vec<(String, i64)>, ArchiveError> {
    Ok(database.all(WAITING, args![administration]).await?)
}
