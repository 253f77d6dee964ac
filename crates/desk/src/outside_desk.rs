//! Orders to outside registries as people see them: what is known, and what a person may decide when no machine can.

use plico_archive::read::order::OrderRow;
use plico_archive::read::{history, order};
use plico_archive::{ActError, NewEvent, Work};
use plico_database::args;
use plico_record::act::{Act, RegistrationResolved};
use plico_record::authority::Deed;
use plico_record::day::LegalDay;
use plico_record::part::registration_number;
use plico_registry::progress::{Last, State};
use plico_registry::{
    Abilities, Exchange, Finding, Found, Numbered, Order, Read, SoFar, Step, Talk, Trouble, Way,
};

use crate::outside::{Outside, carry_out};
use crate::outside_annul::Annulling;
use crate::outside_work::code_of;
use crate::refusal::{fault, refuse};
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// Lines of a list.
const LISTED: usize = 200;

/// Something that happened to an order.
#[derive(Debug, Clone)]
pub struct Tried {
    /// UTC milliseconds.
    pub at: i64,
    /// `ordered`, `attempted`, `answered`, `resolved`, `annulment-asked`, `annulment-answered`.
    pub what: &'static str,
    /// Step, where it is one.
    pub step: String,
    /// Name of the document that was sent.
    pub file: String,
    /// What it came to, or how it was resolved.
    pub outcome: String,
    /// The vendor's code.
    pub code: String,
    /// Words of the vendor, or the reason of a person.
    pub words: String,
    /// Who, when a person did it.
    pub who: Option<String>,
    /// What was said.
    pub exchanges: Vec<Exchange>,
}

/// An order with everything that is known.
#[derive(Debug, Clone)]
pub struct OrderView {
    /// The order.
    pub row: OrderRow,
    /// What was ordered.
    pub order: Order,
    /// How far it came.
    pub so_far: SoFar,
    /// What the system can do; `None` where it is not configured any more.
    pub can: Option<Abilities>,
    /// What happened, oldest first.
    pub tried: Vec<Tried>,
    /// It can be looked up once more.
    pub may_look: bool,
    /// A person may have it asked again.
    pub may_repeat: bool,
    /// A person may link it to a number.
    pub may_link: bool,
    /// A person may have it numbered by the built-in register.
    pub may_number: bool,
    /// What may be done about its annulment.
    pub annulling: Annulling,
}

/// What a person decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Look what became of it.
    Look,
    /// Ask again: whoever says so has seen that it is not there.
    Again {
        /// Why.
        reason: String,
    },
    /// It is there, under this number.
    Link {
        /// The number.
        number: u64,
        /// Its year.
        year: i32,
        /// Its date there, `YYYY-MM-DD`; may be empty.
        date: String,
        /// How it was found.
        reason: String,
        /// It is so although the registry names another subject, or could not be asked.
        sure: bool,
    },
    /// The built-in register numbers it: no number will come from there.
    Here {
        /// Why.
        reason: String,
        /// Whoever says so has seen that it is not there, as far as it was asked.
        sure: bool,
    },
}

/// A line of a day's comparison.
#[derive(Debug, Clone)]
pub struct Compared {
    /// The number as it is shown.
    pub number: String,
    /// `both`, `ours`, `theirs`.
    pub side: &'static str,
    /// Our message, where it is one of ours.
    pub message: Option<String>,
    /// Subject, as whoever has it says.
    pub subject: String,
}

impl Desk {
    /// Orders, newest first, each with whether the actor may see what happened to it; of one state where it is named.
    pub async fn orders(&self, actor: &Actor, state: &str) -> Outcome<Vec<(OrderRow, bool)>> {
        Self::may_read_register(actor)?;
        let database = self.archive.database();
        let mut rows = Vec::new();
        for row in order::orders(database, &actor.administration, state, "", LISTED).await? {
            let may = self.allowed_message(actor, Deed::ReadMetadata, &row.message).await.is_ok();
            rows.push((row, may));
        }
        Ok(rows)
    }

    /// How many orders stand how.
    pub async fn order_counts(&self, actor: &Actor) -> Outcome<Vec<(String, i64)>> {
        Self::may_read_register(actor)?;
        Ok(order::counts(self.archive.database(), &actor.administration).await?)
    }

    /// How many orders of earlier days still have no number: the dates of presentation and registration may not differ.
    pub async fn late_orders(&self, administration: &str) -> Outcome<i64> {
        let today = LegalDay::at(self.archive.now_ms());
        Ok(order::late(self.archive.database(), administration, today.start_ms()).await?)
    }

    /// How many orders wait for a person.
    pub async fn held_orders(&self, administration: &str) -> Outcome<i64> {
        let counts = order::counts(self.archive.database(), administration).await?;
        let held = ["in_doubt", "failed", "incomplete"];
        Ok(counts.iter().filter(|(state, _)| held.contains(&state.as_str())).map(|(_, many)| many).sum())
    }

    /// One order with what happened to it.
    pub async fn order(&self, actor: &Actor, message: &str) -> Outcome<OrderView> {
        Self::may_read_register(actor)?;
        self.allowed_message(actor, Deed::ReadMetadata, message).await?;
        let Some(row) = order::order(self.archive.database(), message).await? else {
            return refuse(Refusal::NotFound);
        };
        let order: Order = serde_json::from_str(&row.what).map_err(fault)?;
        let so_far: SoFar = serde_json::from_str(&row.so_far).unwrap_or_default();
        let can = self.system(&row.administration, &row.system).map(|system| system.client.can());
        let assigns = self.allowed_message(actor, Deed::Assign, message).await.is_ok();
        let held = !row.open && ["in_doubt", "failed", "incomplete"].contains(&row.state.as_str());
        let finds = can.is_some_and(|can| match can.finding {
            Finding::ByKey => true,
            Finding::ByNumber => so_far.numbered.is_some(),
            Finding::Never => false,
        });
        // Of a system that is there no more nobody waits for an answer.
        let gone = can.is_none() && !row.open && row.state != "registered";
        let decides = assigns && (held || gone);
        Ok(OrderView {
            tried: self.tried(actor, &row, &order).await?,
            may_look: decides && finds && row.last != "refused",
            may_repeat: decides && can.is_some(),
            may_link: decides && so_far.numbered.is_none(),
            may_number: decides && so_far.numbered.is_none(),
            annulling: self.annulling(actor, &row).await?,
            row,
            order,
            so_far,
            can,
        })
    }

    async fn tried(&self, actor: &Actor, row: &OrderRow, order: &Order) -> Outcome<Vec<Tried>> {
        let name = |file: Option<String>| {
            let file = file.and_then(|id| order.documents.iter().find(|known| known.id == id));
            file.map_or_else(String::new, |file| file.name.clone())
        };
        // What was said names people and their papers.
        let reads = self.allowed_message(actor, Deed::ReadContent, &row.message).await.is_ok();
        let mut tried = Vec::new();
        for event in history::of_message(self.archive.database(), &row.message).await? {
            if !event.kind.starts_with("registration.") {
                continue;
            }
            let Some(entry) = self.archive.entry(event.log, event.idx).await? else { continue };
            let who = Some(entry.actor.name).filter(|_| entry.actor.capacity != "system");
            let mut line = Tried {
                at: event.instant_ms,
                what: "ordered",
                step: String::new(),
                file: String::new(),
                outcome: String::new(),
                code: String::new(),
                words: String::new(),
                who: None,
                exchanges: Vec::new(),
            };
            match entry.act {
                Act::RegistrationOrdered(_) => {}
                Act::RegistrationAttempted(act) => {
                    (line.what, line.step, line.file) = ("attempted", act.step, name(act.file));
                }
                Act::RegistrationAnswered(act) => {
                    (line.what, line.step, line.file) = ("answered", act.step, name(act.file));
                    (line.outcome, line.code, line.words) = (act.outcome, act.code, act.words);
                    line.exchanges = if reads { exchanges(act.exchanges) } else { Vec::new() };
                }
                Act::RegistrationResolved(act) => {
                    (line.what, line.outcome, line.words, line.who) = ("resolved", act.how, act.reason, who);
                }
                Act::RegistrationAnnulmentAsked(act) => {
                    (line.what, line.who) = ("annulment-asked", who);
                    line.words = format!("{}. {}", act.authorisation, act.reason);
                }
                Act::RegistrationAnnulmentAnswered(act) => {
                    (line.what, line.outcome) = ("annulment-answered", act.outcome);
                    (line.code, line.words) = (act.code, act.words);
                    line.exchanges = exchanges(act.exchanges);
                }
                _ => continue,
            }
            tried.push(line);
        }
        Ok(tried)
    }

    /// Does what a person decided about an order that is held.
    pub async fn resolve_order(&self, actor: &Actor, message: &str, decision: Decision) -> Outcome<()> {
        self.allowed_message(actor, Deed::Assign, message).await?;
        let view = self.order(actor, message).await?;
        let allowed = match &decision {
            Decision::Look => view.may_look,
            Decision::Again { .. } => view.may_repeat,
            Decision::Link { .. } => view.may_link,
            Decision::Here { .. } => view.may_number,
        };
        if !allowed {
            return refuse(Refusal::Exists);
        }
        let system = self.system(&view.row.administration, &view.row.system);
        // The numbers of one that is not configured any more are told apart by its name.
        let area = system.as_ref().map_or(&view.row.system, |system| &system.area).clone();
        let reason = match &decision {
            Decision::Look => String::new(),
            Decision::Again { reason } | Decision::Link { reason, .. } | Decision::Here { reason, .. } => {
                if reason.trim().is_empty() {
                    return refuse(Refusal::Invalid(vec![FieldError::required("reason")]));
                }
                reason.trim().chars().take(2000).collect()
            }
        };
        let mut act = RegistrationResolved {
            message: message.into(),
            how: String::new(),
            reason,
            last: code_of(Last::Fine).into(),
            state: State::Queued.code().into(),
            so_far: serde_json::to_value(&view.so_far).map_err(fault)?,
        };
        let mut registration = None;
        match decision {
            Decision::Look => {
                act.how = "look".into();
                act.last = code_of(Last::Doubt).into();
                act.state = view.row.state.clone();
            }
            Decision::Again { .. } => act.how = "again".into(),
            Decision::Here { sure, .. } => {
                if view.row.asked > 0 && !sure {
                    return refuse(Refusal::Invalid(vec![FieldError::required("sure")]));
                }
                act.how = "here".into();
                act.state = State::Registered.code().into();
                registration = Some((self.registration_of(&view.row, None).await?, None));
            }
            Decision::Link { number, year, date, sure, .. } => {
                let date_is_one = date.is_empty() || LegalDay::parse(&date).is_some();
                if number == 0
                    || i64::try_from(number).is_err()
                    || !(2000..3000).contains(&year)
                    || !date_is_one
                {
                    let wrong = if date_is_one { ("number", "number") } else { ("date", "date") };
                    return refuse(Refusal::Invalid(vec![FieldError::of(wrong.0, wrong.1)]));
                }
                let read = match &system {
                    Some(system) => system.client.read(number, year, &mut Talk::default()).await,
                    None => Err(Trouble::Unable),
                };
                let mut linked =
                    Numbered { number, year, date, reference: String::new(), mark: String::new() };
                match read {
                    Ok(Some(read)) if read.annulled => {
                        let wrong = FieldError::of("number", "registry_annulled");
                        return refuse(Refusal::Invalid(vec![wrong]));
                    }
                    Ok(Some(read)) => {
                        let ours = read.key.as_deref() == Some(&view.row.key);
                        if !ours && !sure {
                            return refuse(Refusal::Invalid(vec![FieldError::of(
                                "number",
                                "registry_another",
                            )]));
                        }
                        linked = Numbered { date: linked.date, ..read.numbered.clone() };
                        if linked.date.is_empty() {
                            linked.date = read.numbered.date;
                        }
                    }
                    Ok(None) if !sure => {
                        return refuse(Refusal::Invalid(vec![FieldError::of("number", "registry_absent")]));
                    }
                    // It was not shown: the person answers for it, and says so.
                    Err(_) if !sure => {
                        return refuse(Refusal::Invalid(vec![FieldError::of("number", "registry_unasked")]));
                    }
                    _ => {}
                }
                let (so_far, last) = files_of(system.as_deref(), &view, &linked).await;
                act.how = "linked".into();
                act.last = code_of(last).into();
                act.state = view
                    .can
                    .map_or(State::Registered, |can| {
                        State::after(&view.order, can, &so_far, &Step::Number, last)
                    })
                    .code()
                    .into();
                act.so_far = serde_json::to_value(&so_far).map_err(fault)?;
                let there = ((view.row.system.as_str(), area.as_str()), &linked);
                let numbering = self.registration_of(&view.row, Some(there)).await?;
                registration = Some((numbering, Some(linked)));
            }
        }
        let (row, actor, whole) = (view.row, actor.clone(), act.state == State::Registered.code());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let still =
                        work.tx.scalar_i64(STILL, args![&row.message, row.asked, row.changed_ms]).await?;
                    if still == 0 {
                        // Somebody else decided, or the machine found it meanwhile.
                        return refuse(Refusal::Exists);
                    }
                    if let Some((_, Some(number))) = &registration {
                        not_given(work, &area, &row, number).await?;
                    }
                    work.append(NewEvent::by(&actor, &row.message, act)).await?;
                    if let Some((registration, _)) = registration {
                        registration.enter(work, &actor, &row.message).await?;
                    }
                    if !whole {
                        carry_out(work, &actor.administration, &row.message, work.now_ms())?;
                    }
                    Ok(())
                })
            })
            .await
    }

    /// Compares a day of a system with what we know of it. `None` where the system can list nothing.
    pub async fn compare_day(
        &self,
        actor: &Actor,
        system: &str,
        day: &str,
    ) -> Outcome<Option<Vec<Compared>>> {
        Self::may_read_register(actor)?;
        let Some(known) = self.system(&actor.administration, system) else {
            return refuse(Refusal::NotFound);
        };
        if LegalDay::parse(day).is_none() {
            return refuse(Refusal::Invalid(vec![FieldError::of("giorno", "date")]));
        }
        let ours = order::of_day(self.archive.database(), &actor.administration, system, day).await?;
        let theirs = match known.client.day(day, &mut Talk::default()).await {
            Ok(theirs) => theirs,
            Err(Trouble::Unable) => return Ok(None),
            Err(trouble) => {
                return Err(ActError::Refused(Refusal::NotAnswering(trouble.to_string())));
            }
        };
        let text = |read: &Read| registration_number(read.numbered.number, read.numbered.year);
        let mut lines = Vec::new();
        for row in &ours {
            let (Some(number), Some(year)) = (row.number, row.year) else { continue };
            let number = registration_number(number.cast_unsigned(), year);
            let there = theirs.iter().any(|read| text(read) == number);
            lines.push(Compared {
                side: if there { "both" } else { "ours" },
                number,
                message: Some(row.message.clone()),
                subject: row.subject.clone(),
            });
        }
        for read in theirs {
            let number = text(&read);
            if !lines.iter().any(|line| line.number == number) {
                let message = read.key.as_deref().and_then(|key| key.strip_prefix("PLICO-"));
                let message = message.map(str::to_owned);
                lines.push(Compared { number, side: "theirs", message, subject: read.subject });
            }
        }
        lines.sort_by(|a, b| a.number.cmp(&b.number));
        Ok(Some(lines))
    }
}

/// How far an order came under a number that a person found. Where files go after the number, the registry is asked which it
/// has: the number may be all that was done before the answer got lost.
async fn files_of(system: Option<&Outside>, view: &OrderView, linked: &Numbered) -> (SoFar, Last) {
    let mut so_far = view.so_far.clone();
    so_far.numbered = Some(linked.clone());
    let Some(system) = system.filter(|system| system.client.can().way == Way::FilesAfter) else {
        so_far.attached = view.order.documents.iter().map(|file| file.id.clone()).collect();
        return (so_far, Last::Fine);
    };
    let number = |found: &SoFar| found.numbered.as_ref().map(|there| (there.number, there.year));
    match system.client.find(&view.order, &so_far, &mut Talk::default()).await {
        Ok(Found::There(found)) if number(&found) == number(&so_far) => {
            so_far.attached = found.attached;
            (so_far, Last::Fine)
        }
        Ok(Found::Several(_) | Found::There(_)) => (so_far, Last::Several),
        _ => (so_far, Last::Doubt),
    }
}

/// A number of a registry is that of one message.
async fn not_given(
    work: &mut Work,
    area: &str,
    row: &OrderRow,
    number: &Numbered,
) -> Result<(), ActError<Refusal>> {
    let key = args![&row.administration, area, number.year, number.number, &row.message];
    match work.tx.scalar_text(GIVEN, key).await? {
        Some(_) => refuse(Refusal::Invalid(vec![FieldError::of("number", "registry_given")])),
        None => Ok(()),
    }
}

fn exchanges(kept: Vec<serde_json::Value>) -> Vec<Exchange> {
    kept.into_iter().filter_map(|one| serde_json::from_value(one).ok()).collect()
}

const STILL: &str =
    "select count(*) from registry_order where message = $1 and asked = $2 and changed_ms = $3";
const GIVEN: &str = "select message from registration where administration = $1 and area = $2 and year = $3
    and number = $4 and message <> $5";
