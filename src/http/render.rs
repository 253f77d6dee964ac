//! Pages: minijinja templates, strict, one environment for each language.
//!
//! One environment a language because a macro that is imported from another template sees no variable of the page: `t`
//! must know its language by itself.

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use minijinja::value::{Kwargs, Object, Serde, Value, ValueKind, merge_maps};
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior};
use plico_locale::{Arg, Args, Catalogue, Lang};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::login::returning;
use super::{Context, Error, assets};

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
    pub(super) static ALL: &[(&str, &str)] = TEMPLATES;
    pub(in crate::http) static FILES: &[(&str, &[u8])] = ASSETS;
}
pub(super) use embedded::FILES;

/// The context of one template: its fields are what the comment at the template's top lists.
pub trait Page: Serialize {
    /// Name of the template below `templates/`, e.g. `page/citizen/desk.html`.
    const TEMPLATE: &'static str;
    /// Which entry of the navigation is the current one; empty = none.
    const NAV: &'static str = "";
}

/// The public body whose pages these are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Body {
    /// Name, e.g. `Comune di Borgo San Plico`.
    pub name: String,
    /// E-mail address of its help desk.
    pub email: Option<String>,
    /// Telephone of its help desk.
    pub phone: Option<String>,
    /// Its accessibility declaration, if it has its own.
    pub accessibility_url: Option<String>,
}

/// Who is signed in, as pages show him.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Me {
    /// Name.
    pub name: String,
    /// `citizen`, `office`, `auditor` or `admin`: which navigation he gets.
    pub role: &'static str,
    /// Name of the person he acts for.
    pub acting_for: Option<String>,
    /// Name of the office he works in.
    pub office: Option<String>,
    /// Where his area begins.
    pub home: &'static str,
    /// May do what only the records manager may.
    pub records_manager: bool,
    /// Reads for another, and may do nothing else for him.
    pub reads_only: bool,
    /// Messages he has not opened.
    pub unread: i64,
}

/// A message at the top of a page, after an act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Flash {
    /// `info`, `good`, `warn` or `bad`.
    pub kind: &'static str,
    /// The message, in the language of the page.
    pub text: String,
}

/// The token of the forms on a page, made only when a template writes it: making one is a promise to set a cookie.
#[derive(Debug)]
struct FormToken(Context);

impl Object for FormToken {
    fn render(self: &Arc<Self>, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.form_token())
    }
}

/// Templates and catalogues.
pub struct Pages {
    catalogue: Arc<Catalogue>,
    environments: BTreeMap<Lang, Environment<'static>>,
    /// By administration; the first one speaks where nobody is signed in.
    bodies: RwLock<Vec<(String, Body)>>,
    demo: bool,
}

impl Pages {
    /// Reads catalogues and templates. `vouched`: others are asked to vouch for the logs, so receipts have later evidence.
    pub fn new(demo: bool, vouched: bool) -> Result<Self, Error> {
        let catalogue = Arc::new(Catalogue::load().map_err(Error::fault)?);
        let mut environments = BTreeMap::new();
        for lang in Lang::COMPLETE {
            let mut environment = environment(lang, &catalogue).map_err(Error::fault)?;
            // What an imported macro sees is global.
            environment.add_global("vouched", vouched);
            environments.insert(lang, environment);
        }
        Ok(Self { catalogue, environments, bodies: RwLock::default(), demo })
    }

    /// The catalogues, for texts outside of templates.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Sets names and addresses of the bodies by administration, at start and when an administrator changes them.
    pub fn set_bodies(&self, bodies: Vec<(String, Body)>) {
        *self.bodies.write().unwrap_or_else(PoisonError::into_inner) = bodies;
    }

    /// The body whose page it is: that of who is signed in, else the first.
    fn body(&self, context: &Context) -> Body {
        let bodies = self.bodies.read().unwrap_or_else(PoisonError::into_inner);
        let own = context.actor().and_then(|actor| bodies.iter().find(|(id, _)| *id == actor.administration));
        own.or_else(|| bodies.first()).map(|(_, body)| body.clone()).unwrap_or_default()
    }

    /// The help desk's e-mail address of the body whose page it is.
    pub fn contact(&self, context: &Context) -> Option<String> {
        self.body(context).email
    }

    /// Renders a page.
    pub fn respond(
        &self,
        context: &Context,
        template: &str,
        nav: &str,
        page: &impl Serialize,
    ) -> Result<Response, Error> {
        let html = self.html(context, template, nav, page).map_err(Error::fault)?;
        Ok(([(CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response())
    }

    fn html(
        &self,
        context: &Context,
        template: &str,
        nav: &str,
        page: &impl Serialize,
    ) -> Result<String, minijinja::Error> {
        let lang = context.lang();
        let environment =
            self.environments.get(&lang).or_else(|| self.environments.get(&Lang::It)).ok_or_else(|| {
                minijinja::Error::new(ErrorKind::TemplateNotFound, "no language has templates")
            })?;
        let langs: Vec<_> = Lang::COMPLETE
            .into_iter()
            .map(|lang| {
                let url = returning(&format!("/lingua/{}", lang.code()), context);
                minijinja::context! { code => lang.code(), name => lang.own_name(), url => url }
            })
            .collect();
        let template = environment.get_template(template)?;
        let frame = minijinja::context! {
            lang => lang.code(),
            langs => langs,
            body => Value::from(Serde(self.body(context))),
            me => Value::from(Serde(context.me())),
            csrf => Value::from_object(FormToken(context.clone())),
            demo => self.demo,
            nav => nav,
            flash => Value::from(Serde(context.flash())),
            session_seconds => Value::from(Serde(context.session_seconds())),
            request_id => context.id(),
        };
        template.render(merge_maps([Value::from(Serde(page)), frame]))
    }
}

fn environment(lang: Lang, catalogue: &Arc<Catalogue>) -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    // From disk while developing, so that a template can be edited without compiling; what was embedded otherwise.
    let disk = concat!(env!("CARGO_MANIFEST_DIR"), "/templates");
    if cfg!(debug_assertions) && std::path::Path::new(disk).is_dir() {
        environment.set_loader(minijinja::path_loader(disk));
    } else {
        for (name, source) in embedded::ALL {
            environment.add_template(name, source)?;
        }
    }

    let texts = Arc::clone(catalogue);
    environment.add_function("t", move |key: &str, values: Kwargs| -> Result<String, minijinja::Error> {
        let mut args = Args::new();
        for name in values.args() {
            args = args.with(name, arg(values.get(name)?));
        }
        values.assert_all_used()?;
        // A missing text is a mistake of ours that a test finds; a visitor still gets his page.
        Ok(texts.text(lang, key, &args))
    });
    let texts = Arc::clone(catalogue);
    environment.add_function("date", move |ms: i64| texts.date(lang, ms));
    let texts = Arc::clone(catalogue);
    environment.add_function("date_short", move |ms: i64| texts.date_short(lang, ms));
    let texts = Arc::clone(catalogue);
    environment.add_function("datetime", move |ms: i64| texts.datetime(lang, ms));
    let texts = Arc::clone(catalogue);
    environment.add_function("size", move |bytes: u64| texts.size(lang, bytes));
    // Our own address, written as it is: escaping would turn each slash into six bytes.
    environment.add_function("asset", |name: &str| Value::from_safe_string(assets::url(name)));
    Ok(environment)
}

/// Whole numbers choose the plural; everything else is words.
#[expect(clippy::needless_pass_by_value, reason = "minijinja hands values over")]
fn arg(value: Value) -> Arg {
    match (value.kind(), i64::try_from(value.clone())) {
        (ValueKind::Number, Ok(number)) => number.into(),
        _ => value.to_string().into(),
    }
}
