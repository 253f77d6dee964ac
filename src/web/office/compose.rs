//! Writing to a person. What is typed is kept at each step; nothing leaves before the page that follows.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use plico_archive::read::inbox::UploadRow;
use plico_courier::domicile::Register;
use plico_desk::certificate::{FIELDS, Filled};
use plico_desk::letter::{CATEGORIES, Kept, Typed};
use plico_desk::{Actor, FieldError};
use plico_locale::Lang;
use serde::{Deserialize, Serialize};

use super::domicile::{Domicile, of_typed, offered, told};
use crate::app::App;
use crate::http::render::Page;
use crate::http::upload::Piece;
use crate::http::{Context, Error, Path, Query, Refusal, Upload};
use crate::mailboxes::sends;
use crate::web::actor;
use crate::web::file::File;
use crate::web::list::{Choice, address};
use crate::web::receive::receive;
use crate::web::words::{Words, Wrong, invalid};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/ufficio/nuovo", get(async |s, c| begin(s, c, None, "message").await))
        .route("/ufficio/rilascia", get(async |s, c| begin(s, c, None, "issue").await))
        .route("/ufficio/messaggi/{id}/scrivi", get(async |s, c, p| begin(s, c, Some(p), "message").await))
        .route(
            "/ufficio/messaggi/{id}/integrazione",
            get(async |s, c, p| begin(s, c, Some(p), "supplement").await),
        )
        .route("/ufficio/messaggi/{id}/risposta", get(async |s, c, p| begin(s, c, Some(p), "answer").await))
        .route("/ufficio/messaggi/{id}/rilascia", get(async |s, c, p| begin(s, c, Some(p), "issue").await))
        .route("/ufficio/certificati/{code}", get(certify))
        .route("/ufficio/lettere/{key}", get(go_on).post(save))
}

#[derive(Serialize)]
struct WritePage {
    purpose: String,
    about: Option<About>,
    recipient: Option<Recipient>,
    sender_offices: Vec<Choice>,
    action: String,
    form: Typed,
    outcomes: Vec<Choice>,
    effects: Vec<Choice>,
    categories: Vec<Choice>,
    certificate: Option<CertificateForm>,
    languages: Vec<Choice>,
    files: Vec<Attached>,
    limit: u64,
    key: String,
    errors: Vec<Wrong>,
    sends: bool,
    domicile: Option<Domicile>,
    registers: Vec<Choice>,
}

/// What an office fills in of a certificate.
#[derive(Serialize)]
struct CertificateForm {
    name: String,
    text: String,
    fields: Vec<CertificateField>,
    abroad: bool,
    exemption: String,
    filled: Filled,
}

#[derive(Serialize)]
struct CertificateField {
    name: &'static str,
    label: String,
    value: String,
}

impl Page for WritePage {
    const TEMPLATE: &'static str = "page/office/write.html";
    const NAV: &'static str = "write";
}

/// The message that a letter answers.
#[derive(Serialize)]
pub(super) struct About {
    subject: String,
    number: Option<String>,
    url: String,
}

/// To whom a letter goes.
#[derive(Serialize)]
pub(super) struct Recipient {
    pub(super) name: String,
    pub(super) fiscal_code: Option<String>,
}

#[derive(Serialize)]
struct Attached {
    id: String,
    #[serde(flatten)]
    file: File,
}

/// What a form says of the letter besides its fields.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    scopo: String,
    m: String,
    c: String,
}

async fn begin(
    State(app): State<App>,
    context: Context,
    about: Option<Path<String>>,
    purpose: &'static str,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let about = about.map(|Path(id)| id);
    let mut typed = Typed {
        purpose: purpose.into(),
        about: about.clone(),
        effect: if purpose == "message" { "courtesy" } else { "communication" }.into(),
        ..Typed::default()
    };
    if let Some(id) = &about {
        let row = app.desk.message(&actor, id).await?.message;
        // Whoever wrote by certified mail is answered by it.
        if row.channel == "pec" && sends(&app, &actor) {
            let to = app.desk.addressee(&actor, &typed).await?;
            let shown = app.desk.answered_at(&to.person).await?;
            typed.pec = shown.or(to.email).unwrap_or_default();
        }
        typed.subject = row.subject;
    }
    let key = app.desk.letter_key();
    page(&app, &context, &actor, &key, typed, Vec::new()).await
}

/// Filling in a certificate, unasked or about a message.
async fn certify(
    State(app): State<App>,
    context: Context,
    Path(code): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let about = Some(asked.m).filter(|id| !id.is_empty());
    let official = match &about {
        Some(id) => app.desk.message(&actor, id).await?.message.responsible.unwrap_or_default(),
        None => String::new(),
    };
    let typed = Typed {
        purpose: "certificate".into(),
        about,
        effect: "communication".into(),
        certificate: Some(Filled { code, official, ..Filled::default() }),
        ..Typed::default()
    };
    let key = app.desk.letter_key();
    page(&app, &context, &actor, &key, typed, Vec::new()).await
}

/// The type that is filled in, and how far.
async fn certificate(app: &App, actor: &Actor, typed: &Typed) -> Result<Option<CertificateForm>, Error> {
    let Some(filled) = typed.certificate.clone().filter(|_| typed.purpose == "certificate") else {
        return Ok(None);
    };
    let kind = app.desk.offered_certificate(actor, &filled.code).await?;
    let fields = kind.fields.into_iter().zip(FIELDS).map(|(field, name)| CertificateField {
        name,
        value: filled.values.get(&field.code).cloned().unwrap_or_default(),
        label: field.label,
    });
    Ok(Some(CertificateForm {
        fields: fields.collect(),
        name: kind.name,
        text: kind.text,
        abroad: kind.abroad,
        exemption: kind.stamp_exemption,
        filled,
    }))
}

async fn go_on(State(app): State<App>, context: Context, Path(key): Path<String>) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    match app.desk.kept_letter(&actor, &key).await? {
        Kept::Typed(typed) => page(&app, &context, &actor, &key, *typed, Vec::new()).await,
        Kept::Waiting(message) => Ok(Redirect::to(&format!("/ufficio/firma/{message}")).into_response()),
        Kept::Sent(message) => Ok(Redirect::to(&format!("/ufficio/messaggi/{message}")).into_response()),
    }
}

/// The message that a letter answers, for the page.
pub(super) async fn about(app: &App, actor: &Actor, typed: &Typed) -> Result<Option<About>, Error> {
    about_message(app, actor, typed.about.as_deref()).await
}

/// A message that something is written about.
pub(super) async fn about_message(
    app: &App,
    actor: &Actor,
    id: Option<&str>,
) -> Result<Option<About>, Error> {
    let Some(id) = id else { return Ok(None) };
    let row = app.desk.message(actor, id).await?.message;
    Ok(Some(About {
        number: row.registration_number(),
        url: format!("/ufficio/messaggi/{}", row.id),
        subject: row.subject,
    }))
}

async fn page(
    app: &App,
    context: &Context,
    actor: &Actor,
    key: &str,
    mut typed: Typed,
    errors: Vec<Wrong>,
) -> Result<Response, Error> {
    let words = Words::of(app, context);
    let recipient = match &typed.about {
        Some(_) => {
            let party = app.desk.addressee(actor, &typed).await?;
            Some(Recipient { name: party.name, fiscal_code: party.fiscal_code })
        }
        None => None,
    };
    let sender_offices: Vec<Choice> = app
        .desk
        .own_offices(actor)
        .await?
        .into_iter()
        .map(|office| {
            if typed.office.is_empty() {
                typed.office.clone_from(&office.id);
            }
            Choice::new(office.id, office.name)
        })
        .collect();
    let (_, files) = app.desk.letter_files(actor, key).await?;
    let choice = |group: &str, value: &str| Choice::new(value, words.t(&format!("{group}-{value}")));
    let wrong = !errors.is_empty();
    let sends = sends(app, actor);
    let asked = of_typed(app, actor, &typed).await?;
    let page = WritePage {
        registers: if sends { offered(app, &words, &asked).await? } else { Vec::new() },
        domicile: told(asked, &typed.pec),
        about: about(app, actor, &typed).await?,
        recipient,
        sender_offices,
        action: address(
            &format!("/ufficio/lettere/{key}"),
            &[
                ("scopo", &typed.purpose),
                ("m", typed.about.as_deref().unwrap_or_default()),
                ("c", typed.certificate.as_ref().map_or("", |filled| &filled.code)),
            ],
        ),
        outcomes: ["granted", "denied", "information"].map(|value| choice("outcome", value)).into(),
        effects: ["courtesy", "communication", "notification"]
            .map(|value| choice("effect", value).hint(words.t(&format!("effect-{value}-text"))))
            .into(),
        categories: CATEGORIES.map(|value| choice("category", value)).into(),
        certificate: certificate(app, actor, &typed).await?,
        languages: Lang::RECEIPTS.map(|lang| Choice::new(lang.code(), lang.own_name())).into(),
        files: attached(&files),
        limit: app.desk.limits(&actor.administration).file_bytes,
        key: key.into(),
        sends,
        purpose: typed.purpose.clone(),
        form: typed,
        errors,
    };
    app.shell.form(context, &page, wrong)
}

fn attached(files: &[UploadRow]) -> Vec<Attached> {
    files.iter().map(|row| Attached { id: row.id.clone(), file: File::of_upload(row) }).collect()
}

/// What the form wants besides keeping what was typed.
#[derive(Default)]
struct Wish {
    review: bool,
    remove: Option<String>,
    /// A register that is to be asked.
    look: Option<Register>,
    /// An address that one named.
    chosen: Option<String>,
    refused: Option<Refusal>,
}

async fn save(
    State(app): State<App>,
    context: Context,
    Path(key): Path<String>,
    Query(asked): Query<Asked>,
    mut form: Upload,
) -> Result<Response, Error> {
    let actor = actor(&app, &context).await?;
    let mut typed =
        Typed { purpose: asked.scopo, about: Some(asked.m).filter(|id| !id.is_empty()), ..Typed::default() };
    let names = if typed.purpose == "certificate" {
        let kind = app.desk.offered_certificate(&actor, &asked.c).await?;
        typed.effect = "communication".into();
        typed.certificate = Some(Filled { code: asked.c, ..Filled::default() });
        kind.fields.into_iter().map(|field| field.code).collect()
    } else {
        Vec::new()
    };
    if !["message", "supplement", "answer", "issue", "certificate"].contains(&typed.purpose.as_str()) {
        return Err(Refusal::not_found().into());
    }
    let (owner, _) = app.desk.letter_files(&actor, &key).await?;
    let mut wish = Wish::default();
    loop {
        let piece = match form.next().await {
            Ok(Some(piece)) => piece,
            Ok(None) => break,
            // What was typed stands before the files in the form: it is kept, whatever becomes of them.
            Err(Error::Refusal(refusal)) if refusal.code != "form-expired" => {
                wish.refused = Some(refusal);
                break;
            }
            Err(error) => return Err(error),
        };
        match piece {
            Piece::Text { name, value } => take(&mut typed, &mut wish, &names, &name, value),
            Piece::File(file) => match receive(&app, &actor, &owner, file).await {
                Ok(_) => {}
                Err(Error::Refusal(refusal)) => {
                    wish.refused = Some(refusal);
                    break;
                }
                Err(error) => return Err(error),
            },
        }
    }
    if !sends(&app, &actor) {
        (wish.look, wish.chosen) = (None, None);
        typed.pec.clear();
    }
    if let Some(address) = wish.chosen.take() {
        typed.pec = address;
    }
    app.desk.keep_letter(&actor, &key, &typed).await?;
    if let Some(refusal) = &wish.refused {
        let wrong = vec![Words::of(&app, &context).refused("files", refusal)];
        return page(&app, &context, &actor, &key, typed, wrong).await;
    }
    if let Some(id) = &wish.remove {
        app.desk.remove_upload(&owner, id).await?;
    }
    if let Some(register) = wish.look {
        let asked = match invalid(app.desk.look_up(&actor, &key, register).await)? {
            Ok(asked) => asked,
            Err(errors) => {
                let wrong = Words::of(&app, &context).wrong(&errors);
                return page(&app, &context, &actor, &key, typed, wrong).await;
            }
        };
        if let ([only], true) = (asked.addresses.as_slice(), typed.pec.trim().is_empty()) {
            typed.pec.clone_from(&only.address);
            app.desk.keep_letter(&actor, &key, &typed).await?;
        }
        return Ok(Redirect::to(&format!("/ufficio/lettere/{key}#domicile")).into_response());
    }
    if !wish.review {
        return Ok(Redirect::to(&format!("/ufficio/lettere/{key}")).into_response());
    }
    let errors = check(&app, &actor, &key, &typed).await?;
    if errors.is_empty() {
        return Ok(Redirect::to(&format!("/ufficio/lettere/{key}/controlla")).into_response());
    }
    let wrong = Words::of(&app, &context).wrong(&errors);
    page(&app, &context, &actor, &key, typed, wrong).await
}

/// `fields`: the codes of the certificate's fields, in the order of the form's.
fn take(typed: &mut Typed, wish: &mut Wish, fields: &[String], name: &str, value: String) {
    if let Some(filled) = &mut typed.certificate {
        if let Some((code, _)) = fields.iter().zip(FIELDS).find(|(_, field)| *field == name) {
            filled.values.insert(code.clone(), value);
            return;
        }
        match name {
            "use" => return filled.abroad = value == "abroad",
            "stamp" => return filled.stamp = value,
            "official" => return filled.official = value,
            _ => {}
        }
    }
    match name {
        "office" => typed.office = value,
        "fiscal_code" => typed.fiscal_code = value,
        "name" => typed.name = value,
        "email" => typed.email = value,
        "copies" => typed.copies = value,
        "pec" => typed.pec = value,
        "subject" => typed.subject = value,
        "text" => typed.text = value,
        "effect" => typed.effect = value,
        "language" => typed.language = value,
        "outcome" => typed.outcome = value,
        "category" => typed.category = value,
        "act" => wish.review = value == "review",
        "remove" => wish.remove = Some(value),
        "look" => wish.look = Register::parse(&value),
        "use" => wish.chosen = Some(value),
        _ => {}
    }
}

/// What does not fit yet.
pub(super) async fn check(
    app: &App,
    actor: &Actor,
    key: &str,
    typed: &Typed,
) -> Result<Vec<FieldError>, Error> {
    let act = typed.act();
    let probe = act.unwrap_or(plico_desk::answer::Act::Information);
    let mut errors = app.desk.check_letter(actor, &typed.letter(probe, key)).await?;
    if act.is_none() {
        errors.insert(0, FieldError::required("outcome"));
    }
    if typed.purpose == "issue" && !CATEGORIES.contains(&typed.category.as_str()) {
        errors.push(FieldError::of("category", "unknown"));
    }
    Ok(errors)
}
