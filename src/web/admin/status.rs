//! What is red, why, and what to do.

mod trust;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use plico_archive::vouch::Service;
use plico_desk::health::Health;
use plico_desk::seal::{Standing, Trouble};
use plico_locale::Args;
use serde::Serialize;
use std::time::Duration;

use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error};
use crate::web::actor;
use crate::web::receive::scanner;
use crate::web::words::Words;

/// Free bytes below which it is time to add some, and below which nothing may be accepted soon.
const LITTLE: u64 = 5_000_000_000;
const TOO_LITTLE: u64 = 1_000_000_000;
/// How long a step of the clock stays red (milliseconds).
const ALARM_MS: i64 = 86_400_000;
/// How long events may wait for a checkpoint (milliseconds).
const CHECKPOINT_LATE_MS: i64 = 60_000;
/// How old the last check of the archive may be (milliseconds).
const CHECK_OLD_MS: i64 = 31 * 86_400_000;

pub(super) fn router() -> Router<App> {
    Router::new().route("/amministrazione", get(show))
}

#[derive(Serialize)]
struct StatusPage {
    version: &'static str,
    checked_ms: i64,
    lights: Vec<Lamp>,
    failed: i64,
}

impl Page for StatusPage {
    const TEMPLATE: &'static str = "page/admin/status.html";
    const NAV: &'static str = "status";
}

#[derive(Serialize)]
struct Lamp {
    name: String,
    light: &'static str,
    why: String,
    todo: Option<String>,
}

/// What each light says: `health-<check>`, `-<found>` and `-<found>-todo` in the catalogues.
struct Lights<'a> {
    words: Words<'a>,
    list: Vec<Lamp>,
}

impl Lights<'_> {
    fn add(&mut self, check: &str, light: &'static str, found: &str, args: &Args) {
        let todo = (light != "good").then(|| self.words.t(&format!("health-{check}-{found}-todo")));
        self.list.push(Lamp {
            name: self.words.t(&format!("health-{check}")),
            light,
            why: self.words.with(&format!("health-{check}-{found}"), args),
            todo,
        });
    }
}

async fn show(State(app): State<App>, context: Context) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let health = app.desk.health(&actor).await?;
    let mut lights = Lights { words: Words::of(&app, &context), list: Vec::new() };
    journal(&mut lights, &health, context.now_ms());
    work(&mut lights, &health);
    seal(&mut lights, &health, context.now_ms(), app.shell.config().seal.warn_days);
    disk(&mut lights, &app);
    stores(&mut lights, &app, &health);
    outside(&mut lights, &app).await;
    preserver(&mut lights, &app, &health);
    evidence(&mut lights, &app, &health);
    trust::light(&mut lights, &app, context.now_ms()).await.map_err(Error::fault)?;
    integrity(&mut lights, &health, context.now_ms());
    content(&mut lights, &health, app.shell.config().scrub.mib_per_second > 0);
    // What hurts comes first.
    lights.list.sort_by_key(|light| ["bad", "warn", "good"].iter().position(|known| *known == light.light));
    let page = StatusPage {
        version: env!("CARGO_PKG_VERSION"),
        checked_ms: context.now_ms(),
        lights: lights.list,
        failed: health.jobs.failed,
    };
    app.shell.page(&context, &page)
}

fn journal(lights: &mut Lights<'_>, health: &Health, now_ms: i64) {
    let none = Args::new();
    if let Some(why) = &health.stopped {
        lights.add("writer", "bad", "stopped", &Args::new().with("why", why.clone()));
    } else {
        let ms = i64::try_from(health.database_ms).unwrap_or(i64::MAX);
        lights.add("writer", "good", "runs", &Args::new().with("ms", ms));
    }
    clock(lights, health, now_ms);
    if health.read_only.is_empty() {
        lights.add("logs", "good", "continue", &none);
    } else {
        lights.add("logs", "bad", "stopped", &Args::new().with("logs", health.read_only.join(", ")));
    }
    match health.checkpoint_ms {
        _ if health.unsigned == 0 => lights.add("checkpoint", "good", "fresh", &none),
        Some(at) if now_ms - at < CHECKPOINT_LATE_MS => lights.add("checkpoint", "good", "fresh", &none),
        _ => lights.add("checkpoint", "bad", "late", &Args::new().with("count", health.unsigned)),
    }
}

/// A step is red for a day: whatever was dated meanwhile wants a look.
fn clock(lights: &mut Lights<'_>, health: &Health, now_ms: i64) {
    if let Some(off) = health.clock_refused {
        lights.add("clock", "bad", "refused", &Args::new().with("seconds", off / 1000));
        return;
    }
    match health.clock_alarmed {
        Some(at) if now_ms - at < ALARM_MS => {
            lights.add("clock", "bad", "stepped", &Args::new().with("at", lights.words.datetime(at)));
        }
        _ => lights.add("clock", "good", "right", &Args::new()),
    }
}

fn work(lights: &mut Lights<'_>, health: &Health) {
    if health.jobs.failed > 0 {
        lights.add("jobs", "bad", "failed", &Args::new().with("count", health.jobs.failed));
    } else if health.due > 100 {
        lights.add("jobs", "warn", "behind", &Args::new().with("count", health.due));
    } else {
        lights.add("jobs", "good", "done", &Args::new());
    }
    if health.orders_late > 0 {
        lights.add("orders", "bad", "late", &Args::new().with("count", health.orders_late));
    } else if health.orders_held > 0 {
        lights.add("orders", "warn", "held", &Args::new().with("count", health.orders_held));
    } else {
        lights.add("orders", "good", "none", &Args::new());
    }
    if health.letters_held > 0 {
        let count = i64::try_from(health.letters_held).unwrap_or(i64::MAX);
        lights.add("letters", "warn", "held", &Args::new().with("count", count));
    } else {
        lights.add("letters", "good", "none", &Args::new());
    }
    if health.search_lag > 1_000 {
        lights.add("search", "warn", "behind", &Args::new().with("count", health.search_lag));
    } else {
        lights.add("search", "good", "current", &Args::new());
    }
}

/// What seals, until when, and what it is worth.
fn seal(lights: &mut Lights<'_>, health: &Health, now_ms: i64, warn_days: u32) {
    let ready = match &health.seal {
        None | Some(Standing::Absent) => return lights.add("seal", "warn", "absent", &Args::new()),
        Some(Standing::Unusable(why)) => {
            return lights.add("seal", "bad", "unusable", &Args::new().with("why", why.clone()));
        }
        Some(Standing::Ready(ready)) => ready,
    };
    let args = Args::new()
        .with("name", ready.subject.clone())
        .with("issuer", ready.issuer.clone())
        .with("until", lights.words.datetime(ready.not_after_ms))
        .with("grade", lights.words.t(&format!("seal-grade-{}", ready.grade.code())));
    match ready.trouble(now_ms, warn_days) {
        Some(Trouble::Ended) => lights.add("seal", "bad", "ended", &args),
        Some(Trouble::NotYet) => lights.add("seal", "bad", "not-yet", &args),
        Some(Trouble::Use) => lights.add("seal", "bad", "use", &args),
        Some(Trouble::Ends(days)) => lights.add("seal", "warn", "ends", &args.with("days", days)),
        None => lights.add("seal", "good", "present", &args),
    }
    if let Some((since, why)) = &ready.silent {
        let args = Args::new().with("at", lights.words.datetime(*since)).with("why", why.clone());
        lights.add("seal-stamp", "warn", "silent", &args);
    } else if ready.stamped {
        lights.add("seal-stamp", "good", "present", &Args::new());
    }
}

fn disk(lights: &mut Lights<'_>, app: &App) {
    let Ok(Some(free)) = app.desk.archive().vault().free() else {
        return lights.add("disk", "warn", "unknown", &Args::new());
    };
    let args = Args::new().with("free", app.desk.catalogue().size(lights.words.lang(), free));
    match free {
        _ if free < app.shell.config().limits.reserve_bytes => lights.add("disk", "bad", "refused", &args),
        _ if free < TOO_LITTLE => lights.add("disk", "bad", "full", &args),
        _ if free < LITTLE => lights.add("disk", "warn", "little", &args),
        _ => lights.add("disk", "good", "enough", &args),
    }
}

/// The object store, where there is one, and the second copy.
fn stores(lights: &mut Lights<'_>, app: &App, health: &Health) {
    let config = app.shell.config();
    let args = |why: &Option<String>| Args::new().with("why", why.clone().unwrap_or_default());
    if !config.blobs.bucket.is_empty() {
        let (light, found) = if health.store.is_some() { ("bad", "fails") } else { ("good", "works") };
        lights.add("store", light, found, &args(&health.store));
    }
    if !app.desk.archive().vault().has_replica() {
        return;
    }
    if health.replica.is_some() {
        lights.add("replica", "warn", "fails", &args(&health.replica));
    } else {
        lights.add("replica", "good", "works", &Args::new());
    }
}

async fn outside(lights: &mut Lights<'_>, app: &App) {
    let config = app.shell.config();
    if config.smtp.host.is_empty() {
        lights.add("mail", "warn", "absent", &Args::new());
    } else {
        lights.add("mail", "good", "present", &Args::new().with("host", config.smtp.host.clone()));
    }
    if config.clamd.address.is_empty() {
        lights.add("malware", "warn", "absent", &Args::new());
        return;
    }
    let answer = tokio::time::timeout(Duration::from_secs(2), scanner(config).ping()).await;
    if matches!(answer, Ok(Ok(()))) {
        lights.add("malware", "good", "present", &Args::new());
    } else {
        lights.add("malware", "bad", "silent", &Args::new());
    }
}

/// The registers of closed days: red when no preserver keeps one whose term is over.
fn preserver(lights: &mut Lights<'_>, app: &App, health: &Health) {
    let (late, refused) = health.preserver;
    let count = |many: i64| Args::new().with("count", many);
    if crate::preserver::folder(app).is_none() {
        lights.add("preserver", "warn", "absent", &Args::new());
    } else if late > 0 {
        lights.add("preserver", "bad", "late", &count(late));
    } else if refused > 0 {
        lights.add("preserver", "warn", "refused", &count(refused));
    } else {
        lights.add("preserver", "good", "kept", &Args::new());
    }
}

/// Who vouches for the logs: red when evidence has been missing for too long, yellow when somebody does not answer well.
fn evidence(lights: &mut Lights<'_>, app: &App, health: &Health) {
    let witnesses: Vec<String> = app.vouchers.witnesses().iter().map(|(_, key, _)| key.to_string()).collect();
    let authority: Vec<String> = app.vouchers.authority().map(str::to_owned).into_iter().collect();
    for (check, service, asked) in
        [("witnesses", Service::Witnesses, witnesses), ("timestamps", Service::Timestamps, authority)]
    {
        let late = health.missing.iter().filter(|late| late.service == service && late.overdue);
        let problem = health.vouchers.iter().find(|one| asked.contains(&one.name) && one.problem.is_some());
        if asked.is_empty() {
            lights.add(check, "warn", "absent", &Args::new());
        } else if let Some(late) = late.min_by_key(|late| late.since_ms) {
            let since = lights.words.datetime(late.since_ms);
            lights.add(
                check,
                "bad",
                "late",
                &Args::new().with("since", since).with("log", late.origin.clone()),
            );
        } else if let Some((one, code)) = problem.and_then(|one| Some((one, one.problem.as_deref()?))) {
            let args = Args::new()
                .with("who", app.vouchers.name_of(&one.name))
                .with("why", lights.words.t(&format!("voucher-problem-{code}")))
                .with("detail", one.detail.clone().unwrap_or_default());
            lights.add(check, "warn", "problem", &args);
        } else {
            lights.add(check, "good", "present", &Args::new());
        }
    }
}

fn integrity(lights: &mut Lights<'_>, health: &Health, now_ms: i64) {
    match &health.checked {
        None => lights.add("integrity", "warn", "never", &Args::new()),
        Some(check) => {
            let at = lights.words.datetime(check.at);
            let args = Args::new().with("at", at);
            if !check.clean {
                lights.add("integrity", "bad", "wrong", &args);
            } else if now_ms - check.at > CHECK_OLD_MS {
                lights.add("integrity", "warn", "old", &args);
            } else {
                lights.add("integrity", "good", "clean", &args);
            }
        }
    }
}

/// What the background reading of stored content found: red at once, not only when the pass is over.
fn content(lights: &mut Lights<'_>, health: &Health, reads: bool) {
    let at = health.content.as_ref().map_or(0, |check| check.at);
    let args = Args::new().with("at", lights.words.datetime(at));
    let wrong = health.content_wrong > 0 || health.content.as_ref().is_some_and(|check| !check.clean);
    match &health.content {
        _ if wrong => lights.add("content", "bad", "wrong", &Args::new()),
        _ if !reads => lights.add("content", "warn", "off", &Args::new()),
        None => lights.add("content", "good", "first", &Args::new()),
        Some(_) if health.content_mended > 0 => {
            let count = i64::try_from(health.content_mended).unwrap_or(i64::MAX);
            lights.add("content", "warn", "mended", &args.with("count", count));
        }
        Some(_) => lights.add("content", "good", "clean", &args),
    }
}
