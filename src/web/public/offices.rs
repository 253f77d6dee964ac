//! Which office is the right one: what each takes in, until when it answers, and how it is reached.

use axum::extract::State;
use axum::response::Response;
use plico_desk::kind::Kind;
use serde::{Deserialize, Serialize};

use super::home::{begins, offered};
use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Query};
use crate::web::sign_in::bodies;
use crate::web::words::Words;

#[derive(Serialize)]
struct OfficesPage {
    words: String,
    bodies: Vec<Body>,
    /// Offices that are shown.
    count: usize,
}

impl Page for OfficesPage {
    const TEMPLATE: &'static str = "page/public/offices.html";
}

#[derive(Serialize)]
struct Body {
    /// Said where there are several.
    name: Option<String>,
    offices: Vec<Office>,
}

#[derive(Serialize)]
struct Office {
    name: String,
    responsible: String,
    email: String,
    /// Where what concerns no other office is taken in.
    protocol: bool,
    kinds: Vec<Offered>,
}

#[derive(Serialize)]
struct Offered {
    name: String,
    help: String,
    url: String,
    term: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    q: String,
}

/// `GET /uffici`, `?q=` what one needs.
pub async fn page(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    crate::web::greet(&app, &context).await?;
    let words = Words::of(&app, &context);
    let asked: String = asked.q.trim().chars().take(100).collect();
    let wanted: Vec<String> = asked.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let all = bodies(&app).await?;
    let several = all.len() > 1;
    let mut shown = Vec::new();
    for body in all {
        let takes = offered(&app, &body.id).await?;
        let mut offices = Vec::new();
        for office in app.desk.open_offices(&body.id).await? {
            let kinds = takes.iter().find(|(one, _)| one.id == office.id).map(|(_, kinds)| kinds.as_slice());
            // An office is meant as a whole, or one thing that it takes.
            let whole = meant(&wanted, &[&office.name, &office.responsible]);
            let kinds: Vec<&Kind> = kinds
                .unwrap_or_default()
                .iter()
                .filter(|kind| whole || meant(&wanted, &[&office.name, &words.kind_name(kind), &kind.help]))
                .collect();
            if !whole && kinds.is_empty() {
                continue;
            }
            offices.push(Office {
                kinds: kinds
                    .into_iter()
                    .map(|kind| Offered {
                        name: words.kind_name(kind),
                        help: kind.help.clone(),
                        url: begins(several.then_some(&body.id), &office.id, &kind.code),
                        term: kind.term_days,
                    })
                    .collect(),
                name: office.name,
                responsible: office.responsible,
                email: office.email,
                protocol: office.protocol,
            });
        }
        shown.push(Body { name: several.then_some(body.name), offices });
    }
    let count = shown.iter().map(|body| body.offices.len()).sum();
    app.shell.page(&context, &OfficesPage { words: asked, bodies: shown, count })
}

/// Whether every word that is wanted begins a word of the texts.
fn meant(wanted: &[String], texts: &[&str]) -> bool {
    let texts: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
    let begins = |word: &String| {
        let mut known = texts.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
        known.any(|known| known.starts_with(word.as_str()))
    };
    wanted.iter().all(begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_must_be_meant() {
        let wanted = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert!(meant(&[], &["Ufficio Tributi"]));
        assert!(meant(&wanted("trib rim"), &["Ufficio Tributi", "Richiesta di rimborso"]));
        assert!(!meant(&wanted("tributi scuola"), &["Ufficio Tributi"]));
        assert!(!meant(&wanted("buti"), &["Ufficio Tributi"]));
    }
}
