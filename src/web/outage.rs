//! Times without service, as pages list them.

use plico_desk::outage::Outage;
use serde::Serialize;

use crate::app::App;
use crate::http::Error;
use crate::web::words::Words;

/// A time without service.
#[derive(Debug, Serialize)]
pub struct Shown {
    from: i64,
    to: i64,
    /// What was not available.
    parts: Vec<String>,
    note: String,
    detected: bool,
    papers: Vec<Paper>,
}

/// Its attestation in one language.
#[derive(Debug, Serialize)]
struct Paper {
    lang: String,
    language: &'static str,
    url: String,
}

/// Those of an administration, newest first.
pub async fn outages(app: &App, words: &Words<'_>, administration: &str) -> Result<Vec<Shown>, Error> {
    let outages = app.desk.outages(administration).await?;
    Ok(outages.into_iter().map(|outage| shown(words, outage)).collect())
}

fn shown(words: &Words<'_>, outage: Outage) -> Shown {
    let Outage { act, papers } = outage;
    Shown {
        from: act.from,
        to: act.to,
        parts: act.parts.iter().map(|part| words.t(&format!("service-part-{part}"))).collect(),
        note: act.note,
        detected: act.detected,
        papers: papers
            .into_iter()
            .map(|row| Paper {
                language: plico_locale::Lang::from_code(&row.language).unwrap_or_default().own_name(),
                lang: row.language,
                url: format!("/stato/attestazioni/{}", row.id),
            })
            .collect(),
    }
}
