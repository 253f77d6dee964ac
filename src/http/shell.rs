//! What every request can reach.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use plico_database::Database;
use tokio::sync::Semaphore;

use super::cookie::Cookies;
use super::health::Readiness;
use super::limiter::Limiter;
use super::metrics::Metrics;
use super::render::{Page, Pages};
use super::request::Context;
use super::session::Sessions;
use super::{Error, assets};
use crate::clock::Clock;
use crate::config::Config;

/// Passwords checked at one time.
const PASSWORDS_AT_ONCE: usize = 2;

/// The state of the web server, cheap to clone. The application's own state contains one and gives it by
/// [`axum::extract::FromRef`], so that the extractors work in every handler.
#[derive(Clone)]
pub struct Shell(Arc<Parts>);

struct Parts {
    config: Config,
    demo: bool,
    clock: Arc<dyn Clock>,
    sessions: Sessions,
    pages: Pages,
    cookies: Cookies,
    metrics: Metrics,
    readiness: Readiness,
    sign_ins: Limiter,
    uploads: Arc<Semaphore>,
    passwords: Arc<Semaphore>,
}

impl Shell {
    /// Puts the parts together. `database` must have been migrated.
    ///
    /// # Errors
    /// When templates or catalogues of this build are broken.
    pub fn new(config: Config, demo: bool, clock: Arc<dyn Clock>, database: Database) -> Result<Self, Error> {
        let vouched = config.evidence.policy.is_some() || !config.evidence.timestamp_url.is_empty();
        Ok(Self(Arc::new(Parts {
            demo,
            clock,
            sessions: Sessions::new(database, &config.session),
            pages: Pages::new(demo, vouched)?,
            cookies: Cookies::new(config.is_https()),
            metrics: Metrics::default(),
            readiness: Readiness::default(),
            sign_ins: Limiter::new(config.session.failed_sign_ins),
            uploads: Arc::new(Semaphore::new(config.limits.concurrent_uploads as usize)),
            passwords: Arc::new(Semaphore::new(PASSWORDS_AT_ONCE)),
            config,
        })))
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// True for the demonstration town: the test login exists, every page says so.
    pub fn is_demo(&self) -> bool {
        self.0.demo
    }

    /// Now, in milliseconds UTC.
    pub fn now_ms(&self) -> i64 {
        self.0.clock.now_ms()
    }

    /// The sessions.
    pub fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    /// Templates and catalogues.
    pub fn pages(&self) -> &Pages {
        &self.0.pages
    }

    /// Names and attributes of our cookies.
    pub fn cookies(&self) -> Cookies {
        self.0.cookies
    }

    /// Counters.
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// What is not ready.
    pub fn readiness(&self) -> &Readiness {
        &self.0.readiness
    }

    /// Failed sign-ins.
    pub fn sign_ins(&self) -> &Limiter {
        &self.0.sign_ins
    }

    /// Turns for receiving files.
    pub fn uploads(&self) -> Arc<Semaphore> {
        Arc::clone(&self.0.uploads)
    }

    /// Turns for checking passwords: each takes 19 MiB and a core.
    pub fn passwords(&self) -> Arc<Semaphore> {
        Arc::clone(&self.0.passwords)
    }

    /// Answers with a page.
    pub fn page<P: Page>(&self, context: &Context, page: &P) -> Result<Response, Error> {
        self.0.pages.respond(context, P::TEMPLATE, P::NAV, page)
    }

    /// Answers with a form's page: as what cannot be processed when something typed does not fit.
    pub fn form<P: Page>(&self, context: &Context, page: &P, wrong: bool) -> Result<Response, Error> {
        let mut response = self.page(context, page)?;
        if wrong {
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        }
        Ok(response)
    }

    /// True when this build has style sheets.
    pub fn has_assets(&self) -> bool {
        assets::is_built()
    }
}
