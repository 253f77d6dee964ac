//! What the `type` of a problem leads to: its name and what to do, in the reader's language.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use plico_locale::Args;

use crate::app::App;
use crate::http::{Context, Error, Path, Refusal};

/// `GET /api/problems/{code}`.
pub async fn page(
    State(app): State<App>,
    context: Context,
    Path(code): Path<String>,
) -> Result<Response, Error> {
    let catalogue = app.desk.catalogue();
    let title = format!("problem-{code}-title");
    if !catalogue.has(context.lang(), &title) {
        return Err(Refusal::not_found().into());
    }
    // The numbers differ from case to case: the problem document has them.
    let args = Args::new().with("limit", "…").with("seconds", "…").with("scope", "…");
    let text = catalogue.text(context.lang(), &format!("problem-{code}-text"), &args);
    let body = format!("{}\n\n{text}\n", catalogue.text(context.lang(), &title, &args));
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], body).into_response())
}
