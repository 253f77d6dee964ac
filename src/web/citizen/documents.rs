//! The documents that offices issued to the person.

use axum::extract::State;
use axum::response::Response;
use plico_archive::read::inbox::Owned;
use serde::{Deserialize, Serialize};

use super::row::{Choice, cut};
use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Query};
use crate::web::file::File;
use crate::web::list::Pager;
use crate::web::words::Words;

/// Rows of a page.
const MOST: usize = 20;

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    q: String,
    categoria: String,
    pagina: usize,
}

#[derive(Serialize)]
struct Filters {
    words: String,
    category: String,
}

#[derive(Serialize)]
struct Row {
    file: File,
    category: Option<String>,
    office: String,
    at: i64,
    message: String,
    withdrawn: bool,
}

#[derive(Serialize)]
struct Documents {
    filters: Filters,
    categories: Vec<Choice>,
    filtered: bool,
    cards: Vec<super::card::Row>,
    rows: Vec<Row>,
    page: Pager,
}

impl Page for Documents {
    const TEMPLATE: &'static str = "page/citizen/documents.html";
    const NAV: &'static str = "documents";
}

const CATEGORIES: [&str; 3] = ["certificate", "permit", "letter"];

fn category(words: &Words<'_>, code: &str) -> Option<String> {
    CATEGORIES.contains(&code).then(|| words.t(&format!("category-{code}")))
}

fn row(words: &Words<'_>, owned: &Owned) -> Row {
    // Where it is not opened yet, the link leads to the message, where it can be.
    let served = owned.opened_ms.is_some() && owned.withdrawn_ms.is_none();
    let url = served.then(|| format!("/documenti/{}/scarica", owned.id));
    Row {
        file: File { url, ..File::new(&owned.name, &owned.media_type, owned.size, "", None) },
        category: owned.category.as_deref().and_then(|code| category(words, code)),
        office: owned.office_name.clone(),
        at: owned.instant_ms,
        message: format!("/messaggi/{}", owned.delivery),
        withdrawn: owned.withdrawn_ms.is_some(),
    }
}

/// `GET /documenti`.
pub async fn page(
    State(app): State<App>,
    context: Context,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let actor = super::citizen(&app, &context).await?;
    let words = Words::of(&app, &context);
    let sought = asked.q.trim().to_lowercase();
    let fits = |owned: &Owned| {
        (sought.is_empty() || owned.name.to_lowercase().contains(&sought))
            && (asked.categoria.is_empty() || owned.category.as_deref() == Some(&asked.categoria))
    };
    let all: Vec<Owned> = app.desk.documents(&actor).await?.into_iter().filter(fits).collect();
    let (some, pages) = cut(all, asked.pagina, MOST, |page| {
        let mut query = form_urlencoded::Serializer::new(String::from("/documenti?"));
        query.append_pair("q", &asked.q).append_pair("categoria", &asked.categoria);
        query.append_pair("pagina", &page.to_string()).finish()
    });
    let page = Documents {
        categories: CATEGORIES
            .into_iter()
            .filter_map(|code| Some(Choice { value: code.into(), name: category(&words, code)? }))
            .collect(),
        cards: super::card::rows(&app, &context).await?,
        filtered: !sought.is_empty() || !asked.categoria.is_empty(),
        rows: some.iter().map(|owned| row(&words, owned)).collect(),
        page: pages,
        filters: Filters { words: asked.q.clone(), category: asked.categoria.clone() },
    };
    app.shell.page(&context, &page)
}
