//! The index for people: a page that opens everywhere, and a paper.

use std::fmt::{self, Write as _};

use plico_locale::{Args, Catalogue, Lang};
use plico_pdf::paper::{Block, Orientation, Sheet, Table, TableColumn, Text};

use super::plan::{About, Line};
use crate::paper::{PaperFile, Words};

/// What opens it.
fn opening(about: &About, words: &Words<'_>) -> Vec<(String, String)> {
    let day = |ms: i64| words.0.date(words.1, ms);
    let mut facts = vec![
        (words.t("dossier-number"), about.number.clone()),
        (words.t("dossier-body"), about.body.clone()),
        (words.t("paper-office"), about.office.clone()),
        (words.t("dossier-opened"), day(about.opened_ms)),
    ];
    facts.extend(about.closed_ms.map(|ms| (words.t("dossier-closed"), day(ms))));
    facts.push((words.t("dossier-instant"), words.0.datetime(words.1, about.instant_ms)));
    facts.push((words.t("dossier-log"), about.origin.clone()));
    facts
}

fn event(words: &Words<'_>, kind: &str) -> String {
    words.t(&format!("event-{}", kind.replace('.', "-")))
}

/// The paper.
pub(super) fn sheet(about: &About, catalogue: &Catalogue, lang: Lang) -> Sheet {
    let words = Words(catalogue, lang);
    let title = words.with("dossier-title", &Args::new().with("title", about.title.clone()));
    let id = format!("{}-{}", about.origin, about.number);
    let mut sheet = words.sheet(&about.body, &about.office, &title, &id, about.instant_ms);
    sheet.orientation = Orientation::Portrait;
    let facts =
        opening(about, &words).into_iter().map(|(name, value)| plico_pdf::paper::Fact::new(name, value));
    sheet.blocks = vec![
        Block::Title(title),
        Block::Facts(facts.collect()),
        Block::Paragraph(words.t("dossier-how").into()),
    ];
    for message in &about.messages {
        let direction = words.t(&format!("paper-direction-{}", message.direction));
        sheet.blocks.push(Block::Heading(format!("{} {}", message.number, message.subject)));
        let said = [direction, words.0.datetime(words.1, message.instant_ms), message.party.clone()];
        sheet.blocks.push(Block::Paragraph(said.join(" · ").into()));
        let files: Vec<PaperFile> = message.documents.iter().map(|line| listed(&words, line)).collect();
        sheet.blocks.push(words.listed(&files));
    }
    if !about.receipts.is_empty() {
        sheet.blocks.push(Block::Heading(words.t("dossier-receipts")));
        let files: Vec<PaperFile> = about.receipts.iter().map(|line| listed(&words, line)).collect();
        sheet.blocks.push(words.listed(&files));
    }
    sheet.blocks.push(Block::Heading(words.t("dossier-events")));
    let rows = about.events.iter().map(|(kind, ms)| -> Vec<Text> {
        vec![words.0.datetime(words.1, *ms).into(), event(&words, kind).into()]
    });
    let columns =
        vec![TableColumn::new(words.t("register-date"), 3), TableColumn::new(words.t("dossier-event"), 7)];
    sheet.blocks.push(Block::Table(Table { columns, rows: rows.collect() }));
    if about.demo {
        sheet.watermark = Some(words.t("paper-prova"));
        sheet.blocks.push(words.demo());
    }
    sheet
}

fn listed(words: &Words<'_>, line: &Line) -> PaperFile {
    let kind = line.path.clone().unwrap_or_else(|| words.t("dossier-not-here"));
    PaperFile { name: line.name.clone(), media_type: kind, size: line.size, sha256: line.sha256.clone() }
}

/// The page. It asks for nothing from anywhere, so that it opens from a disk as it does from a site.
pub(super) fn html(about: &About, catalogue: &Catalogue, lang: Lang) -> String {
    let words = Words(catalogue, lang);
    let title = words.with("dossier-title", &Args::new().with("title", about.title.clone()));
    let mut page = format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n<main>\n<h1>{}</h1>\n",
        lang.code(),
        escaped(&title),
        escaped(&title),
    );
    if about.demo {
        put(&mut page, format_args!("<p><strong>{}</strong></p>\n", escaped(&words.t("paper-demo-title"))));
    }
    page.push_str("<dl>\n");
    for (name, value) in opening(about, &words) {
        put(&mut page, format_args!("<dt>{}</dt><dd>{}</dd>\n", escaped(&name), escaped(&value)));
    }
    put(&mut page, format_args!("</dl>\n<p>{}</p>\n", escaped(&words.t("dossier-how"))));
    put(&mut page, format_args!("<h2>{}</h2>\n", escaped(&words.t("dossier-messages"))));
    for message in &about.messages {
        let direction = words.t(&format!("paper-direction-{}", message.direction));
        put(
            &mut page,
            format_args!(
                "<h3>{} {}</h3>\n<p>{} · {} · {}</p>\n",
                escaped(&message.number),
                escaped(&message.subject),
                escaped(&direction),
                escaped(&words.0.datetime(lang, message.instant_ms)),
                escaped(&message.party),
            ),
        );
        list(&mut page, &words, &message.documents);
    }
    if !about.receipts.is_empty() {
        put(&mut page, format_args!("<h2>{}</h2>\n", escaped(&words.t("dossier-receipts"))));
        list(&mut page, &words, &about.receipts);
    }
    put(&mut page, format_args!("<h2>{}</h2>\n<ol>\n", escaped(&words.t("dossier-events"))));
    for (kind, ms) in &about.events {
        let at = words.0.datetime(lang, *ms);
        put(&mut page, format_args!("<li>{}: {}</li>\n", escaped(&at), escaped(&event(&words, kind))));
    }
    page.push_str("</ol>\n</main>\n</body>\n</html>\n");
    page
}

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;margin:0 auto;max-width:50rem;padding:1rem;color:#17324d}\
    dt{font-weight:600}dd{margin:0 0 .5rem}code{overflow-wrap:anywhere;font-size:.85em}a{color:#0066cc}";

fn list(page: &mut String, words: &Words<'_>, lines: &[Line]) {
    page.push_str("<ul>\n");
    for line in lines {
        let name = escaped(&line.name);
        let shown = match &line.path {
            Some(path) => format!("<a href=\"{}\">{name}</a>", escaped(&plico_package::pindex::uri(path))),
            None => format!("{name} ({})", escaped(&words.t("dossier-not-here"))),
        };
        let size = words.0.size(words.1, line.size);
        put(page, format_args!("<li>{shown}, {} <code>{}</code></li>\n", escaped(&size), line.sha256));
    }
    page.push_str("</ul>\n");
}

fn put(page: &mut String, text: fmt::Arguments<'_>) {
    let _ = page.write_fmt(text);
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use plico_locale::Catalogue;
    use plico_record::event::Kind;

    use super::*;

    #[test]
    fn every_kind_of_event_has_its_words() {
        let catalogue = Catalogue::load().expect("the texts are part of the program");
        for lang in [Lang::It, Lang::En] {
            let words = Words(&catalogue, lang);
            for kind in Kind::ALL {
                let text = event(&words, kind.name());
                assert!(!text.is_empty() && !text.starts_with("event-"), "{lang:?}: {}", kind.name());
            }
        }
    }
}
