//! Carrying out an order: one step after the other, each recorded before it is asked and after it was answered. Whatever is
//! not known is looked up; what cannot be looked up is held for a person.

use std::time::Duration;

use bytes::Bytes;
use plico_archive::read::message;
use plico_archive::read::order::{self, OrderRow};
use plico_archive::{ActError, Archive, ArchiveError, NewEvent, Work};
use plico_database::args;
use plico_record::act::{RegistrationAnswered, RegistrationAttempted};
use plico_record::part::registration_number;
use plico_registry::progress::{Do, Last, State, decide};
use plico_registry::{Contents, File, Found, Numbered, Order, SoFar, Step, Talk, Trouble, Way};

use plico_vault::VaultError;

use crate::outside::{Outside, carry_out};
use crate::refusal::fault;
use crate::{Actor, Desk, Outcome, Refusal};

/// After so long a run lets go of its job, and goes on with a new lease (milliseconds).
const RUN_MS: i64 = 30_000;
/// Longest file that is sent to a registry: it is held in memory, and once more in base64 (bytes).
const LONGEST_FILE: u64 = 256 * 1024 * 1024;

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ran {
    /// There is nothing to do, until a person decides or for ever.
    Done,
    /// Go on after so many milliseconds.
    Later(i64),
}

const STILL: &str =
    "select count(*) from registry_order where message = $1 and asked = $2 and changed_ms = $3
    and open = $4";
const TAKEN: &str = "select message from registration where administration = $1 and area = $2 and year = $3
    and number = $4 and message <> $5";
/// Files of a message that are still to be looked at by the scanner.
const UNSEEN: &str = "select count(*) from job j join document d on j.unique_key = 'scan/' || d.id
    where d.message = $1 and j.state = 'waiting'";
/// How often an answer may take its whole time within one step: signing in, the step, chunks of a file.
const STEP_TIMES: i64 = 5;
/// So long a scanner that does not answer holds up an order (milliseconds).
const SCAN_MS: i64 = 60 * 60_000;

/// An order as it is worked on.
struct Task {
    row: OrderRow,
    order: Order,
    so_far: SoFar,
    last: Option<(Step, Last)>,
}

impl Task {
    fn read(row: OrderRow) -> Outcome<Self> {
        let order: Order = serde_json::from_str(&row.what).map_err(fault)?;
        let so_far: SoFar = serde_json::from_str(&row.so_far).unwrap_or_default();
        let last = row.step.as_deref().and_then(|step| Step::parse(step, row.file.as_deref()));
        let last = last.map(|step| (step, last_of(&row.last)));
        Ok(Self { row, order, so_far, last })
    }
}

/// What a step came to.
#[derive(Clone)]
struct Answer {
    outcome: &'static str,
    code: String,
    words: String,
    last: Last,
    so_far: SoFar,
}

impl Answer {
    fn of(trouble: Trouble, so_far: &SoFar) -> Self {
        let outcome = trouble.code();
        let (last, code, words) = match trouble {
            Trouble::Refused { code, words } => (Last::Refused, code, words),
            Trouble::Doubt(words) => (Last::Doubt, String::new(), words),
            // Nothing was done: it is asked again.
            Trouble::NotAsked(words) | Trouble::Later { words, .. } => (Last::Fine, String::new(), words),
            Trouble::Unable => (Last::Refused, String::new(), Trouble::Unable.to_string()),
            Trouble::Ours(words) => (Last::Refused, String::new(), words),
        };
        Self { outcome, code, words, last, so_far: so_far.clone() }
    }
}

impl Desk {
    /// Carries out the order of a message, as far as it goes now.
    pub async fn carry_out_order(&self, message: &str) -> Outcome<Ran> {
        let until_ms = self.archive.now_ms() + RUN_MS;
        loop {
            let Some(row) = order::order(self.archive.database(), message).await? else {
                return Ok(Ran::Done);
            };
            let Some(system) = self.system(&row.administration, &row.system) else {
                tracing::warn!(system = %row.system, "an order waits for a registry that is not configured");
                return Ok(Ran::Later(60 * 60_000));
            };
            let mut task = Task::read(row)?;
            let now = self.archive.now_ms();
            if now >= until_ms {
                return Ok(Ran::Later(0));
            }
            if self.is_being_scanned(&task).await? {
                return Ok(Ran::Later(10_000));
            }
            self.leave_out_sealed(&mut task).await?;
            if task.row.open {
                let given_up_ms = task.row.changed_ms + system.timeout_ms * STEP_TIMES + 5_000;
                if now < given_up_ms {
                    // Somebody else may still be asking.
                    return Ok(Ran::Later(given_up_ms - now));
                }
                let Some((step, _)) = task.last.clone() else { return Ok(Ran::Done) };
                let words = "the program stopped before the answer came".to_owned();
                let answer = Answer::of(Trouble::Doubt(words), &task.so_far);
                self.answered(&system, &task, &step, answer, Vec::new()).await?;
                continue;
            }
            let paused_ms = system.paused_ms(now);
            if paused_ms > 0 {
                return Ok(Ran::Later(paused_ms));
            }
            let last = task.last.as_ref().map(|(step, last)| (step, *last));
            match decide(&task.order, system.client.can(), &task.so_far, last) {
                Do::Rest | Do::Hold => return Ok(Ran::Done),
                Do::Ask(step) => {
                    if let Some(later) = self.ask(&system, task, step).await? {
                        return Ok(later);
                    }
                }
                Do::Look(step) => {
                    let settled_ms = task.row.changed_ms + system.settle_ms;
                    if now < settled_ms {
                        return Ok(Ran::Later(settled_ms - now));
                    }
                    if let Some(later) = self.look_for(&system, &task, step).await? {
                        return Ok(later);
                    }
                }
            }
        }
    }

    /// What is not looked at yet waits, for a while.
    async fn is_being_scanned(&self, task: &Task) -> Outcome<bool> {
        if task.row.asked > 0 {
            return Ok(false);
        }
        self.being_scanned(&task.row.message, task.row.ordered_ms).await
    }

    /// Whether files of a message that is to leave are still to be looked at: for a while that is waited for.
    pub(crate) async fn being_scanned(&self, message: &str, ordered_ms: i64) -> Outcome<bool> {
        if self.archive.now_ms() > ordered_ms + SCAN_MS {
            return Ok(false);
        }
        let waiting = self.archive.database().scalar_i64(UNSEEN, args![message]).await;
        Ok(waiting.map_err(plico_archive::ArchiveError::from)? > 0)
    }

    /// Malware is not sent to anybody.
    async fn leave_out_sealed(&self, task: &mut Task) -> Outcome<()> {
        let documents = message::documents(self.archive.database(), &task.row.message).await?;
        let sealed = |id: &str| documents.iter().any(|document| document.id == id && document.sealed);
        task.order.documents.retain(|file| !sealed(&file.id));
        Ok(())
    }

    async fn ask(&self, system: &Outside, task: Task, step: Step) -> Outcome<Option<Ran>> {
        let act = RegistrationAttempted {
            message: task.row.message.clone(),
            step: step.code().into(),
            file: step.file().map(str::to_owned),
            state: State::during(&step).code().into(),
        };
        let Some(row) = self.record(&task.row, act).await? else {
            // Another worker has it.
            return Ok(Some(Ran::Later(system.timeout_ms)));
        };
        let task = Task { row, ..task };
        let mut talk = Talk::default();
        let mut after = task.so_far.clone();
        let most = Duration::from_millis((system.timeout_ms * STEP_TIMES).cast_unsigned());
        let asked = self.step(system, &task.order, &mut after, &step, &mut talk);
        // Whoever gives it up as lost may be sure that nobody is asking any more.
        let asked = tokio::time::timeout(most, asked).await;
        let asked = asked.unwrap_or_else(|_| Err(Trouble::Doubt("it took too long".into())));
        let now = self.archive.now_ms();
        let (answer, later) = match asked {
            Ok(()) => {
                system.answers();
                let fine = Answer {
                    outcome: "done",
                    code: String::new(),
                    words: String::new(),
                    last: Last::Fine,
                    so_far: after,
                };
                (fine, None)
            }
            Err(trouble) => {
                let pause_ms = match &trouble {
                    Trouble::NotAsked(_) => Some(system.pause(now, 0)),
                    Trouble::Later { after_s, .. } => Some(system.pause(now, after_s.cast_signed() * 1000)),
                    _ => None,
                };
                (Answer::of(trouble, &task.so_far), pause_ms.map(Ran::Later))
            }
        };
        self.answered(system, &task, &step, answer, talk.exchanges).await?;
        Ok(later)
    }

    async fn step(
        &self,
        system: &Outside,
        order: &Order,
        so_far: &mut SoFar,
        step: &Step,
        talk: &mut Talk,
    ) -> Result<(), Trouble> {
        let contents = Documents(self.archive.clone());
        let named = |id: &str| {
            let file = order.documents.iter().find(|file| file.id == id);
            file.ok_or_else(|| Trouble::Ours("the document is not in the order".into()))
        };
        match step {
            Step::Prepare => so_far.prepared = Some(system.client.prepare(order, talk).await?),
            Step::Upload { file } => {
                let bytes = contents.read(named(file)?).await?;
                let reference = system.client.upload(order, so_far, named(file)?, bytes, talk).await?;
                so_far.uploaded.insert(file.clone(), reference);
            }
            Step::Number => {
                so_far.numbered = Some(system.client.number(order, so_far, &contents, talk).await?);
                if system.client.can().way == Way::AllAtOnce {
                    so_far.attached.extend(order.documents.iter().map(|file| file.id.clone()));
                }
            }
            Step::Attach { file } => {
                let bytes = contents.read(named(file)?).await?;
                system.client.attach(order, so_far, named(file)?, bytes, talk).await?;
                so_far.attached.insert(file.clone());
            }
        }
        Ok(())
    }

    async fn look_for(&self, system: &Outside, task: &Task, step: Step) -> Outcome<Option<Ran>> {
        let mut talk = Talk::default();
        let found = system.client.find(&task.order, &task.so_far, &mut talk).await;
        let mut answer = Answer {
            outcome: "absent",
            code: String::new(),
            words: String::new(),
            last: Last::NotThere,
            so_far: task.so_far.clone(),
        };
        match found {
            Ok(Found::There(found)) => {
                let there = match &step {
                    Step::Prepare => found.prepared.is_some(),
                    Step::Upload { file } | Step::Attach { file } => found.has(file),
                    Step::Number => found.numbered.is_some(),
                };
                if there {
                    (answer.outcome, answer.last) = ("found", Last::Fine);
                }
                answer.so_far = *found;
            }
            Ok(Found::Nothing) => {}
            Ok(Found::Several(several)) => {
                (answer.outcome, answer.last) = ("several", Last::Several);
                let numbers: Vec<String> =
                    several.iter().map(|one| registration_number(one.number, one.year)).collect();
                answer.words = numbers.join(", ");
            }
            // That nobody may look does not say that it is not there: a person does.
            Ok(Found::CannotLook) => (answer.outcome, answer.last) = ("cannot-look", Last::Several),
            Err(trouble @ (Trouble::Refused { .. } | Trouble::Unable)) => {
                (answer.outcome, answer.last) = ("cannot-look", Last::Several);
                answer.words = trouble.to_string();
            }
            // Nothing is known that was not known before: it is looked for later.
            Err(trouble) => {
                tracing::warn!(message = %task.row.message, why = %trouble, "an order in doubt cannot be looked up");
                return Ok(Some(Ran::Later(system.pause(self.archive.now_ms(), 0))));
            }
        }
        system.answers();
        self.answered(system, task, &step, answer, talk.exchanges).await?;
        Ok(None)
    }

    /// Records an attempt, unless somebody else changed the order meanwhile; answers the order as the attempt left it.
    async fn record(&self, row: &OrderRow, act: RegistrationAttempted) -> Outcome<Option<OrderRow>> {
        let mut own = row.clone();
        let (message, asked, changed_ms) = (row.message.clone(), row.asked, row.changed_ms);
        let actor = Actor::system(&row.administration);
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let still = work.tx.scalar_i64(STILL, args![&message, asked, changed_ms, false]).await?;
                    if still == 0 {
                        return Ok(None);
                    }
                    own.changed_ms = work.append(NewEvent::by(&actor, message, act)).await?.instant_ms;
                    own.asked += 1;
                    own.open = true;
                    Ok(Some(own))
                })
            })
            .await
    }

    /// Records an answer, and the registration when it brought a number.
    async fn answered(
        &self,
        system: &Outside,
        task: &Task,
        step: &Step,
        mut answer: Answer,
        exchanges: Vec<plico_registry::Exchange>,
    ) -> Outcome<()> {
        let (row, can, again) = (&task.row, system.client.can(), answer.clone());
        let number = match (&task.so_far.numbered, &answer.so_far.numbered) {
            (None, Some(number)) => Some(number.clone()),
            _ => None,
        };
        if let Some(number) = &number
            && let Some(subject) = self.given_to_another(system, number, &row.message).await?
        {
            // It gave this number before: a person must find out whose it is.
            answer.outcome = "taken";
            answer.words = format!("{}: «{subject}»", registration_number(number.number, number.year));
            answer.last = Last::Several;
            answer.so_far.numbered = None;
        }
        let number = number.filter(|_| answer.so_far.numbered.is_some());
        let state = match answer.outcome {
            // Nothing was asked: it waits.
            "not-asked" | "later" if answer.so_far.numbered.is_none() => State::Queued,
            _ => State::after(&task.order, can, &answer.so_far, step, answer.last),
        };
        let act = RegistrationAnswered {
            message: row.message.clone(),
            step: step.code().into(),
            file: step.file().map(str::to_owned),
            outcome: answer.outcome.into(),
            code: answer.code,
            words: answer.words.chars().take(2000).collect(),
            last: code_of(answer.last).into(),
            state: state.code().into(),
            so_far: serde_json::to_value(&answer.so_far).map_err(fault)?,
            exchanges: exchanges.iter().filter_map(|exchange| serde_json::to_value(exchange).ok()).collect(),
        };
        let registration = match &number {
            Some(number) => {
                Some(self.registration_of(row, Some(((&system.name, &system.area), number))).await?)
            }
            None => None,
        };
        let (message, asked) = (row.message.clone(), row.asked);
        let (changed_ms, open) = (row.changed_ms, row.open);
        let (actor, area) = (Actor::system(&row.administration), system.area.clone());
        let given = number.map(|number| (number.number, number.year));
        let recorded = self
            .archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let still = work.tx.scalar_i64(STILL, args![&message, asked, changed_ms, open]).await?;
                    if still == 0 && !open {
                        // Somebody else looked at the same time.
                        return Ok(());
                    }
                    if still == 0 {
                        // Given up, decided by a person or asked again meanwhile: what was said is kept.
                        let mut act = act;
                        let number = given.map(|(number, year)| registration_number(number, year));
                        let words = [act.outcome, act.words, number.unwrap_or_default()];
                        let told = words.iter().map(String::as_str).filter(|word| !word.is_empty());
                        act.words = told.collect::<Vec<_>>().join(" ");
                        act.outcome = "late".into();
                        work.append(NewEvent::by(&actor, &message, act)).await?;
                        let turn = work.now_ms();
                        return carry_out(work, &actor.administration, &message, turn);
                    }
                    if let Some((number, year)) = given {
                        let key = args![&actor.administration, &area, year, number, &message];
                        if work.tx.scalar_text(TAKEN, key).await?.is_some() {
                            return Err(ActError::Refused(Refusal::Exists));
                        }
                    }
                    work.append(NewEvent::by(&actor, &message, act)).await?;
                    if let Some(registration) = registration {
                        registration.enter(work, &actor, &message).await?;
                    }
                    Ok(())
                })
            })
            .await;
        match recorded {
            // Another got the same number at this very moment: now it is seen.
            Err(ActError::Refused(Refusal::Exists)) => {
                Box::pin(self.answered(system, task, step, again, exchanges)).await
            }
            other => other,
        }
    }

    /// The subject of the message that has a number already, when it is another.
    async fn given_to_another(
        &self,
        system: &Outside,
        number: &Numbered,
        message: &str,
    ) -> Outcome<Option<String>> {
        let key = args![&system.administration, &system.area, number.year, number.number, message];
        let database = self.archive.database();
        match database.scalar_text(TAKEN, key).await.map_err(plico_archive::ArchiveError::from)? {
            Some(other) => {
                let of = message::message(database, &other).await?;
                Ok(Some(of.map_or_else(String::new, |of| of.subject)))
            }
            None => Ok(None),
        }
    }
}

/// The documents of an order, opened when they are sent.
pub(crate) struct Documents(pub(crate) Archive);

#[async_trait::async_trait]
impl Contents for Documents {
    async fn read(&self, file: &File) -> Result<Bytes, Trouble> {
        let trouble = |error: ArchiveError| match error {
            ArchiveError::Corrupt(_) | ArchiveError::Stream(_) | ArchiveError::Key(_) => {
                Trouble::Ours(format!("{}: {error}", file.name))
            }
            ArchiveError::Vault(
                VaultError::Missing { .. } | VaultError::Damaged { .. } | VaultError::TooLarge { .. },
            ) => Trouble::Ours(format!("{}: {error}", file.name)),
            // The store does not answer now: nothing was asked of the registry.
            error => Trouble::NotAsked(format!("{}: {error}", file.name)),
        };
        let reader = self.0.open_document(&file.id).await.map_err(trouble)?;
        let bytes = reader.read_all(LONGEST_FILE).await.map_err(|error| trouble(error.into()))?;
        Ok(bytes.into())
    }
}

/// The stable name of how a step ended.
pub(crate) fn code_of(last: Last) -> &'static str {
    match last {
        Last::Doubt => "doubt",
        Last::NotThere => "not_there",
        Last::Several => "several",
        Last::Refused => "refused",
        Last::Fine => "fine",
    }
}

fn last_of(code: &str) -> Last {
    let all = [Last::Doubt, Last::NotThere, Last::Several, Last::Refused];
    all.into_iter().find(|last| code_of(*last) == code).unwrap_or(Last::Fine)
}
