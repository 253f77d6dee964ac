//! The public verification of a document with the code that was printed with it. A digest alone is never answered:
//! it would tell who guesses what somebody got.

use axum::extract::State;
use axum::response::Response;

use super::verify::{digest, show, told};
use super::verify_shown::{Check, Fact, Shown};
use crate::app::App;
use crate::http::upload::Piece;
use crate::http::{Context, Error, Upload};
use crate::web::words::{Words, Wrong};

/// `POST /verifica/documento`.
pub async fn verify(State(app): State<App>, context: Context, mut upload: Upload) -> Result<Response, Error> {
    crate::web::greet(&app, &context).await?;
    let words = Words::of(&app, &context);
    let (mut document, mut code) = (None, String::new());
    while let Some(piece) = upload.next().await? {
        match piece {
            Piece::Text { name, value } if name == "code" => code = value.chars().take(100).collect(),
            Piece::Text { name, value } if name == "digest" => document = told(&value),
            Piece::Text { .. } => {}
            Piece::File(mut file) => {
                let name = plico_package::name::clean(&file.file_name);
                document = Some((name, digest(&mut file).await?));
            }
        }
    }
    let required = |field: &str| Wrong { field: field.into(), text: words.t("field-required") };
    let mut errors = Vec::new();
    if document.is_none() {
        errors.push(required("document"));
    }
    if code.trim().is_empty() {
        errors.push(required("code"));
    }
    let (Some((name, digest)), true) = (document, errors.is_empty()) else {
        return show(&app, &context, errors, code, None);
    };
    let Some(known) = app.desk.check_code(&code, &digest).await? else {
        let wrong = Wrong { field: "code".into(), text: words.t("verify-no-match") };
        return show(&app, &context, vec![wrong], code, None);
    };
    let mut facts = vec![
        Fact::new(words.t("fact-issued-by"), format!("{}, {}", known.body, known.office)),
        Fact::new(words.t("fact-when"), words.datetime(known.instant_ms)),
        Fact::new(words.t("fact-document-name"), known.name),
    ];
    facts.extend(known.number.map(|number| Fact::new(words.t("fact-number"), number)));
    facts.push(Fact::mono(words.t("fact-digest"), known.sha256));
    let (verdict, result, detail) = match known.withdrawn_ms {
        None => ("ok", "ok", None),
        Some(at) => {
            let args = plico_locale::Args::new().with("at", words.datetime(at));
            ("failed", "failed", Some(words.with("verify-withdrawn", &args)))
        }
    };
    let checks = vec![Check { name: "documents".into(), result, detail }];
    show(&app, &context, Vec::new(), String::new(), Some(Shown { verdict, name, facts, checks }))
}
