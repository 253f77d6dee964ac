//! What every request passes through, in one place and in order.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::header::{self, HeaderValue};
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use plico_desk::Actor;
use plico_locale::Lang;

use super::cookie::Name;
use super::csrf::FormSecret;
use super::error::Failed;
use super::login::proxy::{self, Assertion};
use super::render::{Flash, Me};
use super::session::Session;
use super::{Error, Refusal, Shell, headers, origin, problem};
use crate::clock;

/// Address at the other end of the connection; the server puts it into each request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// What is known of a request: an extractor for handlers, cheap to clone.
#[derive(Clone, Debug)]
pub struct Context(Arc<Known>);

#[derive(Debug)]
struct Known {
    id: String,
    now_ms: i64,
    client: IpAddr,
    lang: Lang,
    path: String,
    /// Path and query.
    target: String,
    session: Option<Session>,
    assertion: Option<Assertion>,
    forms: FormSecret,
    /// The form secret is fresh, and must reach the browser if a page uses it.
    forms_are_new: bool,
    forms_were_used: AtomicBool,
    /// Seconds until the session ends, if nothing more is asked.
    session_seconds: Option<i64>,
    actor: OnceLock<Actor>,
    me: OnceLock<Me>,
    flash: OnceLock<Flash>,
}

impl Context {
    /// Identity of the request, in logs and on error pages: 16 characters, nothing personal.
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// When the request came, milliseconds UTC. One instant for the whole request.
    pub fn now_ms(&self) -> i64 {
        self.0.now_ms
    }

    /// The visitor's address: the connection's, or what a trusted gateway says. Never logged.
    pub fn client(&self) -> IpAddr {
        self.0.client
    }

    /// Language of the answer.
    pub fn lang(&self) -> Lang {
        self.0.lang
    }

    /// Path of the request, without the query.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// Path and query of the request: what a sign-in or another language leads back to.
    pub fn target(&self) -> &str {
        &self.0.target
    }

    /// Who is signed in.
    pub fn session(&self) -> Option<&Session> {
        self.0.session.as_ref()
    }

    /// Who is signed in, or the refusal that leads to the sign-in.
    pub fn signed_in(&self) -> Result<&Session, Refusal> {
        self.0.session.as_ref().ok_or_else(Refusal::sign_in)
    }

    /// What the trusted gateway says of the visitor with this very request.
    pub fn assertion(&self) -> Option<&Assertion> {
        self.0.assertion.as_ref()
    }

    /// Seconds until the session ends, if nothing more is asked.
    pub fn session_seconds(&self) -> Option<i64> {
        self.0.session_seconds
    }

    /// Keeps who acts, so that one request looks him up once. The first word counts.
    pub fn set_actor(&self, actor: Actor) {
        let _ = self.0.actor.set(actor);
    }

    /// Who acts, once he was looked up.
    pub fn actor(&self) -> Option<&Actor> {
        self.0.actor.get()
    }

    /// Says who is signed in, as pages show him; the application knows, once it has looked up the account. The
    /// first word counts.
    pub fn set_me(&self, me: Me) {
        let _ = self.0.me.set(me);
    }

    /// Who is signed in, as pages show him.
    pub fn me(&self) -> Option<&Me> {
        self.0.me.get()
    }

    /// A message for the top of the page. The first word counts.
    pub fn set_flash(&self, flash: Flash) {
        let _ = self.0.flash.set(flash);
    }

    /// The message for the top of the page.
    pub fn flash(&self) -> Option<&Flash> {
        self.0.flash.get()
    }

    /// A token for a form on the page that is being made.
    pub fn form_token(&self) -> String {
        self.0.forms_were_used.store(true, Ordering::Relaxed);
        self.0.forms.token()
    }

    /// Whether a form's token is of this visitor.
    pub fn accepts(&self, token: &str) -> bool {
        !self.0.forms_are_new && self.0.forms.accepts(token)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Context {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Error::fault("a route outside of the layers"))
    }
}

/// The layer around every page and API operation.
pub async fn around(State(shell): State<Shell>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = route.unwrap_or_else(|| "unmatched".into());
    let method = request.method().clone();
    let api = problem::wants_json(request.uri().path(), request.headers());

    let context = match know(&shell, &mut request).await {
        Ok(context) => context,
        Err((context, error)) => {
            let response = answer(&shell, &context, api, error.into_response());
            return finish(&shell, &context, &route, method.as_str(), began, response);
        }
    };
    request.extensions_mut().insert(context.clone());
    // Tokens, not cookies, speak for callers of the API: another site cannot make a browser send them.
    let by_token = api && request.headers().contains_key(header::AUTHORIZATION);
    let foreign = origin::is_foreign(&method, request.headers(), &shell.config().public_url);
    let response = if foreign && !by_token {
        Refusal::foreign_origin().into_response()
    } else {
        // A bug in one page must not cost its visitor the answer, nor others their connection.
        match AssertUnwindSafe(next.run(request)).catch_unwind().await {
            Ok(response) => response,
            Err(_) => Error::fault("a page panicked; its message stands above in this log").into_response(),
        }
    };
    let response = answer(&shell, &context, api, response);
    finish(&shell, &context, &route, method.as_str(), began, response)
}

/// Finds out who asks, from where and in which language.
async fn know(shell: &Shell, request: &mut Request) -> Result<Context, (Context, Error)> {
    let peer = request.extensions().get::<Peer>().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.0);
    let gateway = proxy::take(&shell.config().proxy, peer, request.headers_mut());
    let now_ms = shell.now_ms();
    let cookies = shell.cookies();

    let (session, trouble) = match cookies.read(request.headers(), Name::Session) {
        Some(token) => match shell.sessions().find(token, now_ms).await {
            Ok(session) => (session, None),
            Err(error) => (None, Some(Error::from(error))),
        },
        None => (None, None),
    };
    let kept = match &session {
        Some(session) => Some(session.forms),
        None => cookies.read(request.headers(), Name::Form).and_then(FormSecret::from_cookie),
    };
    let context = Context(Arc::new(Known {
        id: id(),
        now_ms,
        client: gateway.client.unwrap_or(peer),
        lang: language(shell, request, session.as_ref()),
        path: request.uri().path().to_owned(),
        target: request.uri().path_and_query().map_or("/", PathAndQuery::as_str).to_owned(),
        assertion: gateway.assertion,
        forms: kept.unwrap_or_else(FormSecret::random),
        forms_are_new: kept.is_none(),
        forms_were_used: AtomicBool::new(false),
        session_seconds: session
            .as_ref()
            .map(|session| (shell.sessions().ends_ms(session, now_ms) - now_ms) / 1000),
        actor: OnceLock::new(),
        me: OnceLock::new(),
        flash: OnceLock::new(),
        session,
    }));
    match trouble {
        None => Ok(context),
        Some(error) => Err((context, error)),
    }
}

/// Account, then cookie, then browser, then the configured one.
fn language(shell: &Shell, request: &Request, session: Option<&Session>) -> Lang {
    let chosen = session.and_then(|session| session.locale.as_deref());
    let chosen = chosen.or_else(|| shell.cookies().read(request.headers(), Name::Language));
    if let Some(lang) = chosen.and_then(Lang::from_code).filter(|lang| Lang::COMPLETE.contains(lang)) {
        return lang;
    }
    match request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()) {
        Some(accepted) => Lang::from_accept_language(accepted),
        None => Lang::from_code(&shell.config().language).unwrap_or_default(),
    }
}

/// Makes a page or a problem document of a failure; logs a fault, once.
fn answer(shell: &Shell, context: &Context, api: bool, mut response: Response) -> Response {
    let Some(Failed(error)) = response.extensions_mut().remove::<Failed>() else { return response };
    if let Error::Fault(fault) = &*error {
        let mut causes = String::new();
        let mut cause = fault.source();
        while let Some(error) = cause {
            causes.push_str(": ");
            causes.push_str(&error.to_string());
            cause = error.source();
        }
        tracing::error!(request_id = context.id(), "fault: {fault}{causes}");
    }
    // Layers may have added to the failure: when to come again, which sign-in is wanted.
    let added = std::mem::take(response.headers_mut());
    let mut response = problem::respond(shell, context, api, &error);
    response.headers_mut().extend(added);
    response
}

fn finish(
    shell: &Shell,
    context: &Context,
    route: &str,
    method: &str,
    began: Instant,
    mut response: Response,
) -> Response {
    let known = &context.0;
    if known.forms_are_new && known.forms_were_used.load(Ordering::Relaxed) {
        let cookie = shell.cookies().set(Name::Form, &known.forms.to_cookie(), None);
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    headers::add(response.headers_mut(), shell.config().is_https());
    let id = HeaderValue::from_str(context.id()).expect("plain ASCII");
    response.headers_mut().insert("request-id", id);

    let took = began.elapsed();
    let status = response.status().as_u16();
    shell.metrics().request(method, route, status, took);
    // The pattern of the route, not the path: a path may hold a code that opens something.
    tracing::info!(
        target: "plico::access",
        request_id = context.id(),
        method,
        route,
        status,
        ms = milliseconds(took),
        signed_in = known.session.is_some(),
        "request"
    );
    response
}

fn milliseconds(took: Duration) -> f64 {
    (took.as_secs_f64() * 10_000.0).round() / 10.0
}

fn id() -> String {
    plico_crypto::digest::to_hex(&clock::random_bytes::<8>())
}
