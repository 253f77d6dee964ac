//! Where the recipient of a letter is to be written to: a register of digital domiciles is asked when an operator says so, about
//! the person whom the letter names. What it said stays with the letter; nothing is asked again by itself.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use plico_archive::read::{history, ipa};
use plico_archive::{ArchiveError, Work};
use plico_courier::domicile::{Answer, DomicileError, Domiciles, Moment, Register, Said};
use plico_database::args;
use plico_record::act::{Act, DomicileAsked, NamedAddress};
use plico_record::authority::Deed;

use crate::letter::{Kept, Typed};
use crate::refusal::{fault, refuse};
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// Questions that one letter keeps.
const MOST: usize = 30;
/// A first answer of INI-PEC is often there at once.
const BREATH: Duration = Duration::from_millis(700);

const LOAD: &str = "select text from draft where id = $1 and author = $2 and purpose = 'letter'";
const SAVE: &str = "update draft set text = $3 where id = $1 and author = $2 and purpose = 'letter'";

/// What is kept of a question that has no answer: what came of it, and the register's own words.
fn unanswered(error: DomicileError) -> (&'static str, String) {
    match error {
        error if error.is_lost() => ("lost", String::new()),
        DomicileError::Busy => ("busy", String::new()),
        DomicileError::Client(words) | DomicileError::Refused(words) => ("refused", words),
        DomicileError::Failed(status) => ("failed", status.to_string()),
        DomicileError::Http(_) | DomicileError::Garbage(_) => ("failed", String::new()),
    }
}

fn answered(asked: &mut DomicileAsked, answer: Answer) {
    asked.outcome = if answer.domiciles.is_empty() { "none" } else { "found" }.into();
    asked.at = answer.at;
    asked.words.clear();
    asked.addresses = answer
        .domiciles
        .into_iter()
        .map(|one| NamedAddress { address: one.address, of: one.of, until: one.until })
        .collect();
}

/// What a register is still preparing about a code: it is fetched, and not asked anew.
pub fn waiting<'a>(looked: &'a [DomicileAsked], register: Register, code: &str) -> Option<&'a DomicileAsked> {
    let lost = ["asked", "lost", "busy", "failed"];
    let same = |one: &&DomicileAsked| {
        one.register == register.code() && one.code == code && !lost.contains(&one.outcome.as_str())
    };
    looked.iter().rev().find(same).filter(|one| one.outcome == "waits")
}

impl Desk {
    /// Sets which registers may be asked.
    pub fn ask_domiciles_of(&self, domiciles: Domiciles) {
        *self.domiciles.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(domiciles);
    }

    fn domiciles(&self) -> Arc<Domiciles> {
        self.domiciles.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The registers that can be asked here. Of public bodies the list at hand is enough.
    pub async fn registers_to_ask(&self) -> Outcome<Vec<Register>> {
        let (domiciles, listed) = (self.domiciles(), self.ipa_standing().await?.1 > 0);
        let can = |one: &Register| domiciles.has(*one) || (listed && *one == Register::Ipa);
        Ok(Register::ALL.into_iter().filter(can).collect())
    }

    /// Asks a register about the recipient of a letter in the making, or fetches what it was preparing. The question is kept
    /// before it is asked, its answer after.
    pub async fn look_up(&self, actor: &Actor, key: &str, register: Register) -> Outcome<DomicileAsked> {
        let Kept::Typed(typed) = self.kept_letter(actor, key).await? else {
            return refuse(Refusal::Exists);
        };
        let Some(code) = self.addressee(actor, &typed).await?.fiscal_code else {
            return refuse(Refusal::Invalid(vec![FieldError::of("fiscal_code", "domicile_code")]));
        };
        if !self.registers_to_ask().await?.contains(&register) {
            return refuse(Refusal::NotFound);
        }
        if let Some(waits) = waiting(&typed.looked, register, &code).cloned() {
            return self.fetched(actor, key, waits).await;
        }
        let mut asked = DomicileAsked {
            register: register.code().into(),
            code: code.clone(),
            by: actor.account.clone(),
            asked_ms: self.archive.now_ms(),
            outcome: "asked".into(),
            ..DomicileAsked::default()
        };
        if register == Register::Ipa
            && let Some(body) = ipa::of_code(self.archive.database(), &code).await?
        {
            asked.register = "ipa_list".into();
            let named = NamedAddress { address: body.pec, of: body.name, until: String::new() };
            asked.outcome = if named.address.is_empty() { "none" } else { "found" }.into();
            asked.addresses = Some(named).filter(|one| !one.address.is_empty()).into_iter().collect();
            asked.at = body.listed;
            self.keep_looked(actor, key, &asked, true).await?;
            return Ok(asked);
        }
        let domiciles = self.domiciles();
        if !domiciles.has(register) {
            // Only the list could be asked, and it has no such body.
            asked.register = "ipa_list".into();
            asked.outcome = "none".into();
            asked.at = self.ipa_standing().await?.0;
            self.keep_looked(actor, key, &asked, true).await?;
            return Ok(asked);
        }
        self.keep_looked(actor, key, &asked, true).await?;
        let reference = typed.about.as_deref().unwrap_or(key);
        match domiciles.ask(register, &code, reference, &self.moment()).await {
            Ok(Some(Said::Answer(answer))) => answered(&mut asked, answer),
            Ok(Some(Said::Later(name))) => {
                asked.outcome = "waits".into();
                asked.words = name;
                self.keep_looked(actor, key, &asked, false).await?;
                tokio::time::sleep(BREATH).await;
                return self.fetched(actor, key, asked).await;
            }
            Ok(None) => return refuse(Refusal::NotFound),
            Err(error) => Self::not_answered(&mut asked, error),
        }
        self.keep_looked(actor, key, &asked, false).await?;
        Ok(asked)
    }

    /// Fetches what a register was preparing. A fetch that fails leaves it to be fetched: it asks nothing anew.
    async fn fetched(&self, actor: &Actor, key: &str, mut asked: DomicileAsked) -> Outcome<DomicileAsked> {
        match self.domiciles().fetch(&asked.code, &asked.words, &self.moment()).await {
            Ok(Some(answer)) => answered(&mut asked, answer),
            Ok(None) => return Ok(asked),
            // It does not know, or does not give, what it prepared: whoever wants it asks anew.
            Err(error @ (DomicileError::Refused(_) | DomicileError::Garbage(_))) => {
                Self::not_answered(&mut asked, error);
            }
            // What it prepared is still there to be fetched.
            Err(error) => {
                let mut again = DomicileAsked { asked_ms: self.archive.now_ms(), ..asked };
                Self::not_answered(&mut again, error);
                self.keep_looked(actor, key, &again, true).await?;
                return Ok(again);
            }
        }
        self.keep_looked(actor, key, &asked, false).await?;
        Ok(asked)
    }

    fn not_answered(asked: &mut DomicileAsked, error: DomicileError) {
        tracing::warn!(register = asked.register, %error, "a register of digital domiciles gave no answer");
        let (outcome, words) = unanswered(error);
        (asked.outcome, asked.words) = (outcome.into(), words);
    }

    fn moment(&self) -> Moment {
        Moment { now_ms: self.archive.now_ms(), once: self.fresh_id() }
    }

    /// Keeps a question with the letter in the making: `anew`, or in the place of what was known of it before.
    async fn keep_looked(&self, actor: &Actor, key: &str, asked: &DomicileAsked, anew: bool) -> Outcome<()> {
        let (account, key, asked) = (actor.account.clone(), key.to_owned(), asked.clone());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let Some(text) = work.tx.scalar_text(LOAD, args![&key, &account]).await? else {
                        return refuse(Refusal::Exists);
                    };
                    let mut typed: Typed = serde_json::from_str(&text).map_err(fault)?;
                    let same = |one: &DomicileAsked| {
                        let open = ["asked", "waits"].contains(&one.outcome.as_str());
                        open && one.asked_ms == asked.asked_ms && one.register == asked.register
                    };
                    match typed.looked.iter().rposition(same) {
                        Some(at) if !anew => typed.looked[at] = asked,
                        _ if typed.looked.len() >= MOST => {
                            return refuse(Refusal::Invalid(vec![FieldError::of("pec", "domicile_many")]));
                        }
                        _ => typed.looked.push(asked),
                    }
                    let text = serde_json::to_string(&typed).map_err(fault)?;
                    work.tx.write(SAVE, args![key, account, text])?;
                    Ok(())
                })
            })
            .await
    }

    /// What was asked about this person while a letter was made: what was asked about somebody else does not go with it.
    pub(crate) async fn looked_of(
        &self,
        actor: &Actor,
        token: &str,
        code: Option<&str>,
    ) -> Outcome<Vec<DomicileAsked>> {
        let text: Option<(String,)> = self
            .archive
            .database()
            .optional(LOAD, args![token, &actor.account])
            .await
            .map_err(ArchiveError::from)?;
        let typed = text.and_then(|(text,)| serde_json::from_str::<Typed>(&text).ok()).unwrap_or_default();
        Ok(typed.looked.into_iter().filter(|one| Some(one.code.as_str()) == code).collect())
    }

    /// What registers said of the recipient of a letter that left.
    pub async fn domiciles_of_letter(&self, actor: &Actor, message: &str) -> Outcome<Vec<DomicileAsked>> {
        self.allowed_message(actor, Deed::ReadContent, message).await?;
        let mut asked = Vec::new();
        for event in history::of_message(self.archive.database(), message).await? {
            if event.kind != "domicile.asked" {
                continue;
            }
            if let Some(Act::DomicileAsked(act)) =
                self.archive.entry(event.log, event.idx).await?.map(|entry| entry.act)
            {
                asked.push(act);
            }
        }
        Ok(asked)
    }
}
