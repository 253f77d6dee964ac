//! One message at the office: what it says beside what is known and may be done.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use plico_archive::read::message::{DeliveryRow, MessageRow};
use plico_desk::Actor;
use plico_desk::view::MessageView;
use plico_record::authority::Deed;
use plico_record::day::LegalDay;
use serde::{Deserialize, Serialize};

use super::exchange::{Exchange, exchange};
use super::item_acts::{Acts, acts};
use super::letter_mail::{LetterMail, letter_mail};
use super::queue::overdue;
use crate::app::App;
use crate::http::render::Page;
use crate::http::{Context, Error, Path, Query, Refusal};
use crate::web::actor;
use crate::web::file::File;
use crate::web::list::{Choice, Event, MessageLine, assignees, classes, entry, say_done};
use crate::web::words::{Words, Wrong};

pub(super) fn router() -> Router<App> {
    Router::new().route("/ufficio/messaggi/{id}", get(show))
}

#[derive(Serialize)]
struct ItemPage {
    message: Message,
    twins: Vec<Twin>,
    preview: Option<super::files::Preview>,
    documents: Vec<File>,
    case: Option<Link>,
    class: Option<String>,
    /// Numbers in series, each with what the series is called, its address, and whether the number was annulled.
    series: Vec<(String, Link, bool)>,
    entry: Option<String>,
    counter: Option<Counter>,
    events: Vec<Event>,
    coming: Vec<Coming>,
    notes: Vec<Note>,
    thread: Vec<MessageLine>,
    links: Vec<Linked>,
    senders: Vec<Sender>,
    knowing: Vec<String>,
    deliveries: Vec<Delivery>,
    domicile: Option<super::domicile::Domicile>,
    exchange: Option<Exchange>,
    acts: Acts,
    offices: Vec<Choice>,
    cases: Vec<Choice>,
    classes: Vec<Choice>,
    all_series: Vec<Choice>,
    form: ItemForm,
    errors: Vec<Wrong>,
    opened: &'static str,
}

impl Page for ItemPage {
    const TEMPLATE: &'static str = "page/office/item.html";
    const NAV: &'static str = "queue";
}

#[derive(Serialize)]
struct Counter {
    channel: String,
    arrived: i64,
    label: Option<String>,
    receipts: Vec<Link>,
    scan: Option<String>,
}

#[derive(Serialize)]
struct Message {
    direction: String,
    subject: String,
    text: String,
    kind: String,
    office: String,
    sender: Sender,
    basis: Option<&'static str>,
    at: i64,
    number: Option<String>,
    registered_ms: Option<i64>,
    state: String,
    outcome: Option<String>,
    due: Option<String>,
    overdue: bool,
    operator: Option<String>,
    effect: Option<String>,
    annulled: bool,
}

#[derive(Serialize)]
struct Sender {
    name: String,
    fiscal_code: Option<String>,
}

/// A file that is registered already, with another message.
#[derive(Serialize)]
struct Twin {
    name: String,
    number: String,
    at: i64,
    url: String,
}

/// A message that somebody linked with this one.
#[derive(Serialize)]
struct Linked {
    name: String,
    number: Option<String>,
    reason: String,
    url: String,
    /// Where the link is taken back.
    unlink: Option<String>,
}

/// A name that leads somewhere.
#[derive(Serialize)]
struct Link {
    name: String,
    url: String,
}

#[derive(Serialize)]
struct Coming {
    kind: &'static str,
    at: Option<i64>,
}

#[derive(Serialize)]
struct Note {
    author: String,
    at: i64,
    text: String,
}

#[derive(Serialize)]
struct Delivery {
    recipient: String,
    /// For his knowledge, beside the one it is for.
    copy: bool,
    at: i64,
    opened_ms: Option<i64>,
    notice: Option<String>,
    unavailable: bool,
    withdraw: Option<String>,
    mail: Option<LetterMail>,
}

/// What was typed into the acts beside the message.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct ItemForm {
    pub(super) office: String,
    pub(super) purpose: String,
    pub(super) reason: String,
    pub(super) note: String,
    pub(super) why: String,
    pub(super) declined: String,
    pub(super) number: String,
    pub(super) link_reason: String,
    pub(super) case: String,
    pub(super) class: String,
    pub(super) series: String,
    pub(super) decision: String,
    /// Of which letter by certified mail it was decided.
    pub(super) delivery: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    documento: String,
    fatto: Option<String>,
}

async fn show(
    State(app): State<App>,
    context: Context,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    say_done(&app, &context, asked.fatto.as_deref());
    render(&app, &context, &actor, &id, &asked.documento, ItemForm::default(), Vec::new(), "").await
}

/// What was taken in at the counter: what can be printed of it, and the scan that may follow.
async fn counter(
    app: &App,
    words: &Words<'_>,
    actor: &Actor,
    row: &MessageRow,
) -> Result<Option<Counter>, Error> {
    if row.channel.is_empty() {
        return Ok(None);
    }
    let base = format!("/ufficio/messaggi/{}", row.id);
    // Whoever only knows of it prints nothing.
    let receipts = app.desk.counter_receipts(actor, &row.id).await.ok();
    let takes_in = receipts.is_some();
    Ok(Some(Counter {
        channel: row.channel.clone(),
        arrived: row.arrived_ms.unwrap_or(row.instant_ms),
        label: (takes_in && row.number.is_some()).then(|| format!("{base}/etichetta")),
        receipts: receipts
            .into_iter()
            .flatten()
            .map(|receipt| Link {
                name: words.t(&format!("receipt-{}", receipt.kind)),
                url: format!("{base}/ricevute/{}", receipt.id),
            })
            .collect(),
        scan: takes_in.then(|| format!("{base}/scansione")),
    }))
}

/// The page, again after a form that did not fit: `opened` names the act whose form stays open.
#[expect(clippy::too_many_arguments, reason = "a page and the form on it that did not fit")]
pub(super) async fn render(
    app: &App,
    context: &Context,
    actor: &Actor,
    id: &str,
    shown: &str,
    mut form: ItemForm,
    errors: Vec<Wrong>,
    opened: &'static str,
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let view = app.desk.message(actor, id).await?;
    // An auditor reads at his own desk, where the reason is asked for.
    if !view.content {
        return Err(Refusal::not_found().into());
    }
    if form.purpose.is_empty() {
        form.purpose = "competence".into();
    }
    let kinds = app.desk.kinds(&actor.administration).await?;
    let row = &view.message;
    let base = format!("/ufficio/messaggi/{id}");
    let mut documents = Vec::new();
    let copies = view.entry.is_some() && !row.annulled && view.may.contains(&Deed::Answer);
    for document in view.documents.iter().filter(|document| document.role != "pec") {
        let mut file = File::of_document(document, &format!("/ufficio/documenti/{}", document.id));
        if file.url.is_some() && super::files::look(document) != "other" {
            file.preview = Some(format!("{base}?documento={}", document.id));
            if copies && super::files::look(document) == "pages" {
                file.copy = Some(format!("/ufficio/documenti/{}/copia", document.id));
            }
        }
        documents.push(file);
    }
    let filed = match &row.case_file {
        Some(id) => app.desk.case(actor, Deed::ReadMetadata, id).await.ok(),
        None => None,
    };
    let case = filed.map(|case| Link {
        name: format!("{}/{} {}", case.year, case.number, case.title),
        url: format!("/ufficio/fascicoli/{}", case.id),
    });
    let cases = super::bulk::open_cases(app, actor).await?;
    let class = app.desk.class(&actor.administration, &row.class).await?;
    let class = class.map(|class| format!("{} {}", class.code, class.title));
    let classes = classes(app, actor).await?;
    if form.class.is_empty() {
        form.class.clone_from(&row.class);
    }
    let in_series = app.desk.in_series(&actor.administration, id).await?;
    // What was annulled may be entered again.
    let entered =
        |code: &str| in_series.iter().any(|(row, _)| row.series == code && row.annulled_ms.is_none());
    let open_series = app.desk.open_series(&actor.administration).await?;
    let all_series: Vec<Choice> = open_series
        .into_iter()
        .filter(|series| !entered(&series.code))
        .map(|series| Choice::new(series.code, series.title))
        .collect();
    let series = in_series
        .into_iter()
        .map(|(row, title)| {
            let url = format!("/ufficio/repertori/{}?anno={}", row.series, row.year);
            (row.text(), Link { name: title, url }, row.annulled_ms.is_some())
        })
        .collect();
    let mut thread = Vec::new();
    for other in view.thread.iter().filter(|other| other.id != row.id) {
        thread.push(MessageLine::of(app, other, "/ufficio/messaggi").await?);
    }
    let operator = match &row.operator {
        Some(account) => app.desk.colleague(actor, account).await?,
        None => None,
    };
    // Each question to an outside registry is told where its order is.
    let mut told = app.desk.chronicle(actor, &view).await?;
    told.retain(|event| !["registration.attempted", "registration.answered"].contains(&event.kind.as_str()));
    let events = Event::told(words, told);
    let beside = app.desk.beside_it(&view).await?;
    let mails = letter_mail(app, actor, &view).await?;
    let page = ItemPage {
        message: Message {
            direction: row.direction.clone(),
            subject: row.subject.clone(),
            text: row.text.clone(),
            kind: words.kind(&kinds, &row.kind),
            office: row.office_name.clone(),
            sender: Sender { name: app.desk.counterpart(row).await?, fiscal_code: row.sender_code.clone() },
            basis: row.basis.as_deref().map(|basis| match basis {
                "identity" => "identity",
                "signature" => "signature",
                "in_person" => "in-person",
                "identity_copy" => "identity-copy",
                _ => "unproven",
            }),
            at: row.instant_ms,
            number: row.registration_number(),
            registered_ms: row.registered_ms,
            state: row.state.clone(),
            outcome: row.outcome.clone(),
            due: row.due.as_deref().map(|day| words.day(day)),
            overdue: overdue(row, &app.desk.today()),
            operator,
            effect: row.effect.clone(),
            annulled: row.annulled,
        },
        twins: twins(app, actor, &view).await?,
        preview: super::files::shown(&view.documents, shown),
        documents,
        case,
        class,
        series,
        entry: entry(&view),
        counter: counter(app, &words, actor, row).await?,
        events,
        coming: coming(&view),
        notes: view
            .notes
            .iter()
            .map(|note| Note {
                author: note.author_name.clone(),
                at: note.instant_ms,
                text: note.text.clone(),
            })
            .collect(),
        thread,
        links: links(app, actor, &view, &base).await?,
        senders: beside.senders.into_iter().map(|(name, fiscal_code)| Sender { name, fiscal_code }).collect(),
        knowing: beside.knowing,
        domicile: super::domicile::of_letter(app, actor, row, &mails).await?,
        exchange: exchange(app, &words, actor, &view, &mails).await?,
        deliveries: view
            .deliveries
            .iter()
            .map(|row| {
                let mail = mails.iter().find(|mail| mail.is_of(&row.id)).cloned();
                Delivery { mail, ..delivery(actor, row) }
            })
            .collect(),
        acts: acts(&view, actor, &base, (!cases.is_empty(), !classes.is_empty(), !all_series.is_empty())),
        offices: assignees(app, actor).await?,
        cases,
        classes,
        all_series,
        form,
        errors,
        opened,
    };
    app.shell.page(context, &page)
}

async fn links(app: &App, actor: &Actor, view: &MessageView, base: &str) -> Result<Vec<Linked>, Error> {
    let may = view.may.contains(&Deed::Assign);
    let linked = app.desk.links(actor, view).await?;
    Ok(linked
        .into_iter()
        .map(|link| Linked {
            number: link.message.registration_number(),
            url: format!("/ufficio/messaggi/{}", link.message.id),
            unlink: may.then(|| format!("{base}/slega/{}", link.message.id)),
            name: link.message.subject,
            reason: link.reason,
        })
        .collect())
}

async fn twins(app: &App, actor: &Actor, view: &MessageView) -> Result<Vec<Twin>, Error> {
    let found = app.desk.twins(actor, view).await?;
    Ok(found
        .into_iter()
        .map(|twin| Twin {
            name: twin.name,
            number: twin.message.registration_number().unwrap_or_default(),
            at: twin.message.registered_ms.unwrap_or(twin.message.instant_ms),
            url: format!("/ufficio/messaggi/{}", twin.message.id),
        })
        .collect())
}

fn delivery(actor: &Actor, row: &DeliveryRow) -> Delivery {
    let mine = actor.in_office(&row.office) || actor.has(plico_record::actor::Role::RecordsManager);
    Delivery {
        recipient: row.recipient_name.clone(),
        copy: row.copy,
        at: row.available_ms,
        opened_ms: row.opened_ms,
        notice: row.notice.clone(),
        unavailable: row.withdrawn_ms.is_some(),
        withdraw: (mine && row.withdrawn_ms.is_none())
            .then(|| format!("/ufficio/consegne/{}/ritira", row.id)),
        mail: None,
    }
}

fn coming(view: &MessageView) -> Vec<Coming> {
    let row = &view.message;
    if row.direction != "in" || ["answered", "withdrawn"].contains(&row.state.as_str()) {
        return Vec::new();
    }
    let mut steps = Vec::new();
    if row.operator.is_none() {
        steps.push(Coming { kind: "message.taken_in_charge", at: None });
    }
    let due = row.due.as_deref().and_then(LegalDay::parse).map(LegalDay::start_ms);
    steps.push(Coming { kind: "message.answered", at: due });
    steps
}
