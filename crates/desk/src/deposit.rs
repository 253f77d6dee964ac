//! Letters by fiscal code, many at once: a list and its files are looked at first, then each line is sent as one letter, once. Whoever
//! has never signed in finds his when he does.

pub mod check;
mod run;
pub mod sheet;

use std::collections::BTreeSet;

use plico_archive::Work;
use plico_archive::read::inbox::UploadRow;
use plico_database::args;
use plico_record::authority::{Deed, Thing};
use plico_record::part::registration_number;

use crate::refusal::{fault, permit, refuse};
use crate::upload::Owner;
use crate::{Actor, Desk, FieldError, Outcome, Refusal};
use check::{Brought, Checked, Fault, Line, check};

/// Files of a deposit are uploads of this and its identifier.
pub(crate) const FILES: &str = "deposit:";
/// Bytes of all files of a deposit.
pub const MOST_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// Deposits of a list.
const LISTED: usize = 100;

/// What is asked to begin one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DepositForm {
    /// The office that sends.
    pub office: String,
    /// What it is called among deposits.
    pub name: String,
    /// Of each letter: `courtesy`, `communication`, `notification`.
    pub effect: String,
    /// `page` or `api`.
    pub source: &'static str,
}

/// A deposit in a list.
#[derive(Debug, Clone, plico_database::Record)]
pub struct DepositRow {
    /// Identifier.
    pub id: String,
    /// Administration.
    pub administration: String,
    /// The office that sends.
    pub office: String,
    /// Name of that office.
    pub office_name: String,
    /// Account of who made it.
    pub author: String,
    /// His name.
    pub author_name: String,
    /// What it is called.
    pub name: String,
    /// Of each letter.
    pub effect: String,
    /// `draft`, `sending`, `done`.
    pub state: String,
    /// How often it was started.
    pub turn: i64,
    /// UTC milliseconds.
    pub created_ms: i64,
    /// UTC milliseconds.
    pub started_ms: Option<i64>,
    /// UTC milliseconds.
    pub done_ms: Option<i64>,
    /// Lines.
    pub lines: i64,
    /// Lines that are letters.
    pub sent: i64,
    /// Lines that could not be sent.
    pub failed: i64,
    /// Lines that were left out.
    pub left_out: i64,
}

/// A line with what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineView {
    /// Its place in the list, from 1.
    pub position: i64,
    /// What it says.
    pub line: Line,
    /// `draft`, `left_out`, `waiting`, `sent`, `failed`.
    pub state: String,
    /// The letter that it is.
    pub message: Option<String>,
    /// The letter's number; none while an outside registry is asked for it.
    pub number: Option<String>,
    /// What is wrong with it.
    pub faults: Vec<Fault>,
}

/// A deposit with everything in it.
#[derive(Debug, Clone)]
pub struct DepositView {
    /// It.
    pub row: DepositRow,
    /// Its lines, in order.
    pub lines: Vec<LineView>,
    /// Files that were brought and not sent yet.
    pub files: Vec<UploadRow>,
    /// What is wrong, before it is sent.
    pub checked: Checked,
}

macro_rules! deposits {
    ($rest:literal) => {
        concat!(
            "select d.id, d.administration, d.office, coalesce(o.name, d.office) as office_name, d.author, d.author_name, d.name,
            d.effect, d.state, d.turn, d.created_ms, d.started_ms, d.done_ms,
            (select count(*) from deposit_line l where l.deposit = d.id) as lines,
            (select count(*) from deposit_line l where l.deposit = d.id and l.state = 'sent') as sent,
            (select count(*) from deposit_line l where l.deposit = d.id and l.state = 'failed') as failed,
            (select count(*) from deposit_line l where l.deposit = d.id and l.state = 'left_out') as left_out
            from deposit d left join office o on o.id = d.office ",
            $rest
        )
    };
}
const ONE: &str = deposits!("where d.id = $1");
const LIST: &str = deposits!("where d.administration = $1 order by d.created_ms desc, d.id limit $2");
const INSERT: &str =
    "insert into deposit (id, administration, office, author, author_name, name, effect, source, state, turn,
    created_ms) values ($1, $2, $3, $4, $5, $6, $7, $8, 'draft', 0, $9)";
const SOURCE: &str = "select source from deposit where id = $1";
const TOKENS: &str = "select token from deposit_line where deposit = $1 order by position";
const DRAFT: &str = "select count(*) from deposit where id = $1 and state = 'draft'";
const DROP_LINES: &str = "delete from deposit_line where deposit = $1";
const DROP_FILES: &str = "delete from upload where owner = $1";
const DROP: &str = "delete from deposit where id = $1";
const LINE: &str =
    "insert into deposit_line (deposit, position, token, fiscal_code, name, subject, text, files, state, why)
    values ($1, $2, $3, $4, $5, $6, $7, $8, 'draft', '[]')";
const LINES: &str = "select l.position, l.fiscal_code, l.name, l.subject, l.text, l.files, l.state, l.message, l.why, m.number, m.year
    from deposit_line l left join message m on m.id = l.message where l.deposit = $1 order by l.position";
const SETTLE: &str = "update deposit_line set state = $3, why = $4 where deposit = $1 and position = $2";
const START: &str = "update deposit set state = 'sending', turn = turn + 1, started_ms = coalesce(started_ms, $2), done_ms = null
    where id = $1";
const AGAIN: &str =
    "update deposit_line set state = 'waiting', why = '[]' where deposit = $1 and state = 'failed'";
const KNOWN: &str = "select fiscal_code from person where administration = $1 and fiscal_code = $2";

type LineRow =
    (i64, String, String, String, String, String, String, Option<String>, String, Option<i64>, Option<i32>);

fn owner(id: &str) -> Owner {
    Owner(format!("{FILES}{id}"))
}

/// What its letters will be: of the office that sends.
fn thing(administration: &str, office: &str) -> Thing {
    Thing::Message {
        administration: administration.into(),
        sender: None,
        recipients: Vec::new(),
        office: office.into(),
        knowledge: Vec::new(),
        reason_stated: false,
    }
}

impl Desk {
    /// Begins a deposit; answers its identifier.
    pub async fn begin_deposit(&self, actor: &Actor, form: DepositForm) -> Outcome<String> {
        permit(actor, Deed::Answer, &Thing::Administration { id: actor.administration.clone() })?;
        let mut errors = Vec::new();
        let open = self.open_office(&actor.administration, &form.office).await?.is_some();
        if !open || permit(actor, Deed::Answer, &thing(&actor.administration, &form.office)).is_err() {
            errors.push(FieldError::of("office", "unknown"));
        }
        if form.name.trim().is_empty() {
            errors.push(FieldError::required("name"));
        }
        if !["courtesy", "communication", "notification"].contains(&form.effect.as_str()) {
            errors.push(FieldError::of("effect", "unknown"));
        }
        if !errors.is_empty() {
            return refuse(Refusal::Invalid(errors));
        }
        let (id, actor) = (self.fresh_id(), actor.clone());
        let name: String = form.name.trim().chars().take(200).collect();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let (body, now) = (&actor.administration, work.now_ms());
                    let row = args![
                        &id,
                        body,
                        form.office,
                        &actor.account,
                        &actor.name,
                        name,
                        form.effect,
                        form.source,
                        now
                    ];
                    work.tx.write(INSERT, row)?;
                    Ok(id)
                })
            })
            .await
    }

    /// A deposit that the actor may see.
    async fn deposit_row(&self, actor: &Actor, id: &str) -> Outcome<DepositRow> {
        let row: Option<DepositRow> = self.archive.database().optional(ONE, args![id]).await?;
        let Some(row) = row else { return refuse(Refusal::NotFound) };
        permit(actor, Deed::Answer, &thing(&row.administration, &row.office))?;
        Ok(row)
    }

    async fn deposit_draft(&self, actor: &Actor, id: &str) -> Outcome<DepositRow> {
        let row = self.deposit_row(actor, id).await?;
        // What a program is bringing is not for people to start: it would bring it once more.
        let source = self.archive.database().scalar_text(SOURCE, args![id]).await;
        let brought = source.map_err(plico_archive::ArchiveError::from)?.as_deref() == Some("api");
        let program = actor.login.as_ref().is_some_and(|login| login.method == "token");
        if row.state == "draft" && brought == program { Ok(row) } else { refuse(Refusal::Exists) }
    }

    /// Deposits of the actor's offices, newest first.
    pub async fn deposits(&self, actor: &Actor) -> Outcome<Vec<DepositRow>> {
        permit(actor, Deed::Answer, &Thing::Administration { id: actor.administration.clone() })?;
        let rows: Vec<DepositRow> =
            self.archive.database().all(LIST, args![&actor.administration, LISTED]).await?;
        let own =
            |row: &DepositRow| permit(actor, Deed::Answer, &thing(&row.administration, &row.office)).is_ok();
        Ok(rows.into_iter().filter(own).collect())
    }

    /// Takes the list, instead of the one before.
    pub async fn deposit_list(&self, actor: &Actor, id: &str, bytes: &[u8]) -> Outcome<()> {
        self.deposit_draft(actor, id).await?;
        let lines = match sheet::read(bytes) {
            Ok(lines) => lines,
            Err(sheet::Unreadable(code)) => {
                return refuse(Refusal::Invalid(vec![FieldError::of("list", code)]));
            }
        };
        let id = id.to_owned();
        let mut rows = Vec::with_capacity(lines.len());
        for line in lines {
            rows.push((self.fresh_id(), serde_json::to_string(&line.files).map_err(fault)?, line));
        }
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    if work.tx.scalar_i64(DRAFT, args![&id]).await? == 0 {
                        return refuse(Refusal::Exists);
                    }
                    work.tx.write(DROP_LINES, args![&id])?;
                    for (position, (token, files, line)) in (1i64..).zip(rows) {
                        let Line { fiscal_code, name, subject, text, .. } = line;
                        let row = args![&id, position, token, fiscal_code, name, subject, text, files];
                        work.tx.write(LINE, row)?;
                    }
                    Ok(())
                })
            })
            .await
    }

    /// Whose its files are, to bring more.
    pub async fn deposit_files(&self, actor: &Actor, id: &str) -> Outcome<Owner> {
        self.deposit_draft(actor, id).await?;
        Ok(owner(id))
    }

    /// Takes away all files that were brought.
    pub async fn drop_deposit_files(&self, actor: &Actor, id: &str) -> Outcome<()> {
        let files = self.deposit_files(actor, id).await?;
        self.drop_files(&files).await
    }

    /// A deposit with its lines and what is wrong with them.
    pub async fn deposit(&self, actor: &Actor, id: &str) -> Outcome<DepositView> {
        let row = self.deposit_row(actor, id).await?;
        let database = self.archive.database();
        let rows: Vec<LineRow> = database.all(LINES, args![id]).await?;
        let files = self.uploads_of(&owner(id)).await?;
        let mut lines: Vec<LineView> = rows.into_iter().map(line_view).collect();
        let mut checked = Checked::default();
        if row.state == "draft" {
            let mut known = BTreeSet::new();
            for line in &lines {
                let code = &line.line.fiscal_code;
                if line.line.name.is_empty() && !known.contains(code) {
                    known.extend(database.scalar_text(KNOWN, args![&row.administration, code]).await?);
                }
            }
            let brought: Vec<Brought> = files
                .iter()
                .map(|file| Brought {
                    name: file.name.clone(),
                    size: file.size.cast_unsigned(),
                    sealed: file.sealed,
                })
                .collect();
            let said: Vec<Line> = lines.iter().map(|line| line.line.clone()).collect();
            checked = check(&said, &brought, &known, &self.limits(&row.administration));
            for (line, faults) in lines.iter_mut().zip(&checked.lines) {
                line.faults.clone_from(faults);
            }
        }
        Ok(DepositView { row, lines, files, checked })
    }

    /// Starts sending: every line that is good, when the others are to be left out; all of them otherwise.
    pub async fn start_deposit(&self, actor: &Actor, id: &str, leave_out: bool) -> Outcome<()> {
        self.deposit_draft(actor, id).await?;
        self.archive.need_room()?;
        let tokens = self.archive.database().all::<(String,)>(TOKENS, args![id]).await;
        let tokens = tokens.map_err(plico_archive::ArchiveError::from)?;
        let DepositView { lines, checked, .. } = self.deposit(actor, id).await?;
        if lines.is_empty() {
            return refuse(Refusal::Invalid(vec![FieldError::required("list")]));
        }
        if checked.wrong() == lines.len() {
            return refuse(Refusal::Invalid(vec![FieldError::of("leave_out", "deposit_none")]));
        }
        if !checked.clean() && !leave_out {
            return refuse(Refusal::Invalid(vec![FieldError::of("leave_out", "deposit_faults")]));
        }
        let mut settled = Vec::with_capacity(lines.len());
        for line in lines {
            let state = if line.faults.is_empty() { "waiting" } else { "left_out" };
            settled.push((line.position, state, serde_json::to_string(&line.faults).map_err(fault)?));
        }
        let (id, actor) = (id.to_owned(), actor.clone());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    // What was looked at is what leaves: another list may have been brought meanwhile.
                    let now: Vec<(String,)> = work.tx.all(TOKENS, args![&id]).await?;
                    if now != tokens || work.tx.scalar_i64(DRAFT, args![&id]).await? == 0 {
                        return refuse(Refusal::Exists);
                    }
                    for (position, state, why) in settled {
                        work.tx.write(SETTLE, args![&id, position, state, why])?;
                    }
                    run::start(work, &actor.administration, &id, 0)
                })
            })
            .await
    }

    /// Sends once more what could not be sent.
    pub async fn repeat_deposit(&self, actor: &Actor, id: &str) -> Outcome<()> {
        let row = self.deposit_row(actor, id).await?;
        if row.failed == 0 || row.state == "draft" {
            return refuse(Refusal::Exists);
        }
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    work.tx.write(AGAIN, args![&row.id])?;
                    run::start(work, &row.administration, &row.id, row.turn)
                })
            })
            .await
    }

    /// Throws away a deposit that was not started.
    pub async fn discard_deposit(&self, actor: &Actor, id: &str) -> Outcome<()> {
        self.deposit_draft(actor, id).await?;
        let id = id.to_owned();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    if work.tx.scalar_i64(DRAFT, args![&id]).await? == 0 {
                        return refuse(Refusal::Exists);
                    }
                    work.tx.write(DROP_LINES, args![&id])?;
                    work.tx.write(DROP_FILES, args![owner(&id).0])?;
                    work.tx.write(DROP, args![id])?;
                    Ok(())
                })
            })
            .await
    }
}

fn line_view(row: LineRow) -> LineView {
    let (position, fiscal_code, name, subject, text, files, state, message, why, number, year) = row;
    LineView {
        position,
        line: Line {
            fiscal_code,
            name,
            subject,
            text,
            files: serde_json::from_str(&files).unwrap_or_default(),
        },
        state,
        message,
        number: number.zip(year).map(|(number, year)| registration_number(number.cast_unsigned(), year)),
        faults: serde_json::from_str(&why).unwrap_or_default(),
    }
}
