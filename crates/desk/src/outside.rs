//! Outside registry systems: which there are, what goes to which, and the order to register.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError};

use plico_archive::read::body;
use plico_archive::{ActError, NewDocument, NewEvent, Work};
use plico_record::act::{Content, RegistrationOrdered};
use plico_record::day::LegalDay;
use plico_record::part::Party;
use plico_registry::{Correspondent, File, Flow, Order, Registry};
use serde::{Deserialize, Serialize};

use crate::refusal::{fault, refuse};
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// The setting with [`Routes`].
const ROUTES: &str = "registry";
/// First and longest pause after nobody answered (milliseconds).
const PAUSE_MS: i64 = 15_000;
const LONGEST_PAUSE_MS: i64 = 15 * 60_000;

/// A registry system of an administration, ready to be asked.
#[derive(Debug)]
pub struct Outside {
    /// Its name in the configuration.
    pub name: String,
    /// Whose it is.
    pub administration: String,
    /// The registry area that its numbers belong to: never the built-in register's own.
    pub area: String,
    /// The client.
    pub client: Arc<dyn Registry>,
    /// How long an answer may take (milliseconds).
    pub timeout_ms: i64,
    /// How long to wait after a doubt before looking (milliseconds): what was slow may still come to its end.
    pub settle_ms: i64,
    pause: Pause,
}

/// Until when a system that did not answer is left alone.
#[derive(Debug, Default)]
struct Pause {
    until_ms: AtomicI64,
    length_ms: AtomicI64,
}

impl Outside {
    /// A system.
    pub fn new(
        name: &str,
        administration: &str,
        area: &str,
        client: Arc<dyn Registry>,
        timeout_ms: i64,
        settle_ms: i64,
    ) -> Self {
        Self {
            name: name.into(),
            administration: administration.into(),
            area: area.into(),
            client,
            timeout_ms,
            settle_ms,
            pause: Pause::default(),
        }
    }

    /// How long it is still to be left alone (milliseconds).
    pub(crate) fn paused_ms(&self, now_ms: i64) -> i64 {
        (self.pause.until_ms.load(Ordering::Relaxed) - now_ms).max(0)
    }

    /// Nobody answered: left alone for a while, each time for longer. Answers how long (milliseconds).
    pub(crate) fn pause(&self, now_ms: i64, at_least_ms: i64) -> i64 {
        let last = self.pause.length_ms.load(Ordering::Relaxed);
        let length = (last * 2).clamp(PAUSE_MS, LONGEST_PAUSE_MS).max(at_least_ms);
        self.pause.length_ms.store(length, Ordering::Relaxed);
        self.pause.until_ms.store(now_ms + length, Ordering::Relaxed);
        length
    }

    pub(crate) fn answers(&self) {
        self.pause.length_ms.store(0, Ordering::Relaxed);
        self.pause.until_ms.store(0, Ordering::Relaxed);
    }
}

/// Where messages of a kind are registered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// The system; empty is the built-in register.
    #[serde(default)]
    pub system: String,
    /// Code in its classification scheme.
    #[serde(default)]
    pub classification: String,
    /// Its case file.
    #[serde(default)]
    pub case_file: String,
    /// What its vendor wants besides.
    #[serde(default)]
    pub options: BTreeMap<String, String>,
}

/// What an administration registers where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routes {
    /// Kinds that are named nowhere below.
    #[serde(default)]
    pub otherwise: Route,
    /// By code of the kind.
    #[serde(default)]
    pub kinds: BTreeMap<String, Route>,
    /// Letters of the offices.
    #[serde(default)]
    pub letters: Route,
    /// Certificates.
    #[serde(default)]
    pub certificates: Route,
    /// The registry's code of each office, by our identifier.
    #[serde(default)]
    pub offices: BTreeMap<String, String>,
}

/// What is to be numbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Going {
    /// What comes in: by its kind.
    In,
    /// A letter of an office.
    Letter,
    /// A certificate.
    Certificate,
}

impl Routes {
    /// Where a kind goes; `None` is the built-in register.
    pub fn of(&self, kind: &str) -> Option<&Route> {
        let route = self.kinds.get(kind).unwrap_or(&self.otherwise);
        Some(route).filter(|route| !route.system.is_empty())
    }

    fn going(&self, going: Going, kind: &str) -> Option<&Route> {
        let route = match going {
            Going::In => return self.of(kind),
            Going::Letter => &self.letters,
            Going::Certificate => &self.certificates,
        };
        Some(route).filter(|route| !route.system.is_empty())
    }
}

/// An order that is to be placed in the transaction of an act.
#[derive(Debug, Clone)]
pub(crate) struct Placing {
    system: String,
    order: Order,
}

impl Desk {
    /// Makes registry systems known, instead of those before.
    pub fn connect(&self, systems: Vec<Outside>) {
        let systems = systems.into_iter().map(Arc::new).collect();
        *self.outside.write().unwrap_or_else(PoisonError::into_inner) = systems;
    }

    /// The systems of an administration.
    pub fn systems(&self, administration: &str) -> Vec<Arc<Outside>> {
        let all = self.outside.read().unwrap_or_else(PoisonError::into_inner);
        all.iter().filter(|system| system.administration == administration).cloned().collect()
    }

    /// A system by its name.
    pub fn system(&self, administration: &str, name: &str) -> Option<Arc<Outside>> {
        self.systems(administration).into_iter().find(|system| system.name == name)
    }

    /// What an administration registers where.
    pub async fn routes(&self, administration: &str) -> Outcome<Routes> {
        let value = body::setting(self.archive.database(), administration, ROUTES).await?;
        Ok(value.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default())
    }

    /// Changes what is registered where.
    pub async fn save_routes(&self, actor: &Actor, routes: &Routes) -> Outcome<()> {
        let coming = routes.kinds.values().chain([&routes.otherwise]).map(|route| (route, false));
        for (route, out) in coming.chain([(&routes.letters, true), (&routes.certificates, true)]) {
            if route.system.is_empty() {
                continue;
            }
            match self.system(&actor.administration, &route.system) {
                None => return refuse(Refusal::Invalid(vec![FieldError::of("system", "unknown")])),
                Some(system) if out && !system.client.can().out => {
                    return refuse(Refusal::Invalid(vec![FieldError::of("system", "registry_no_out")]));
                }
                Some(_) => {}
            }
        }
        self.save_setting(actor, ROUTES, serde_json::to_value(routes).map_err(fault)?).await
    }

    /// The order for a message that an outside registry numbers; `None` where the built-in register numbers it.
    /// A system that is not configured any more still gets the order: it waits, and is said.
    pub(crate) async fn placing(
        &self,
        administration: &str,
        content: &Content,
        (going, parties, office): (Going, &[&Party], &body::Office),
        documents: &[NewDocument],
        presented_ms: i64,
    ) -> Outcome<Option<Placing>> {
        let routes = self.routes(administration).await?;
        let Some(route) = routes.going(going, &content.kind) else { return Ok(None) };
        let file = |document: &NewDocument| File {
            id: document.entry.id.clone(),
            name: document.entry.name.clone(),
            media_type: document.entry.media_type.clone(),
            size: document.entry.size,
            sha256: document.entry.sha256.clone(),
        };
        let order = Order {
            key: format!("PLICO-{}", content.message),
            flow: if going == Going::In { Flow::In } else { Flow::Out },
            subject: content.subject.clone(),
            presented_ms,
            day: LegalDay::at(presented_ms).to_string(),
            parties: parties
                .iter()
                .map(|party| Correspondent {
                    name: party.name.clone(),
                    organisation: party.organisation,
                    fiscal_code: party.fiscal_code.clone(),
                    email: party.email.clone(),
                })
                .collect(),
            office: office.name.clone(),
            office_code: routes.offices.get(&office.id).cloned().unwrap_or_default(),
            classification: route.classification.clone(),
            case_file: route.case_file.clone(),
            documents: documents.iter().map(file).collect(),
            options: route.options.clone(),
        };
        Ok(Some(Placing { system: route.system.clone(), order }))
    }
}

/// Places an order: an event, and the job that carries it out.
pub(crate) async fn place(
    work: &mut Work,
    actor: &Actor,
    message: &str,
    placing: &Placing,
) -> Result<(), ActError<Refusal>> {
    let act = RegistrationOrdered {
        message: message.into(),
        system: placing.system.clone(),
        key: placing.order.key.clone(),
        order: serde_json::to_value(&placing.order).map_err(fault)?,
    };
    work.append(NewEvent::by(actor, message, act)).await?;
    carry_out(work, &actor.administration, message, 0)
}

/// Enqueues the job. `turn` makes it another one than those before.
pub(crate) fn carry_out(
    work: &mut Work,
    administration: &str,
    message: &str,
    turn: i64,
) -> Result<(), ActError<Refusal>> {
    let payload = serde_json::json!({"v": 1, "message": message});
    work.enqueue("register", &format!("register/{message}/{turn}"), administration, &payload)?;
    Ok(())
}
