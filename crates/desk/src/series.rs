//! Series (*repertori*): decrees, ordinances, contracts, certificates, each numbered by the year beside the register. The
//! administrator says which there are (settings `series.<code>`); an office enters what is registered already, or what has
//! no number but that of its series.

use plico_archive::read::{body, series};
use plico_archive::{ActError, NewEvent, Work};
use plico_database::args;
use plico_record::act::{
    Content, Formation, FormationChecks, SeriesAnnulled, SeriesEntered, SettingChanged, series_area,
};
use plico_record::authority::{Deed, Thing};
use plico_record::day::LegalDay;
use plico_record::message::Unfit;
use plico_record::part::{RegisterPart, RegisteredDocument};
use serde::{Deserialize, Serialize};

use crate::entry_form::{Brought, EntryForm};
use crate::internal::{InternalPaper, internal_sheet};
use crate::issue::registered;
use crate::kind::{PERMANENT, good_code};
use crate::paper::PaperFile;
use crate::present::{Filed, signed};
use crate::refusal::{fault, permit, refuse};
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

const PREFIX: &str = "series.";
const TITLE_CHARS: usize = 200;
const PARTIES_CHARS: usize = 2_000;

/// A series.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// `decreti`; never changed.
    pub code: String,
    /// What belongs to it.
    pub title: String,
    /// First day of its use, `YYYY-MM-DD`.
    pub from: String,
    /// Last day of its use, where it is not used any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

impl Series {
    /// Whether something may be entered on a day (`YYYY-MM-DD`).
    pub fn in_use(&self, day: &str) -> bool {
        self.from.as_str() <= day && self.until.as_deref().is_none_or(|until| day <= until)
    }
}

/// A document that has no number but that of its series, as it was typed; its files are those of the form.
#[derive(Debug, Clone, Default)]
pub struct SeriesForm {
    /// Code of the series.
    pub series: String,
    /// The office that enters it.
    pub office: String,
    /// Subject.
    pub subject: String,
    /// With whom, one a line; may be empty.
    pub parties: String,
    /// Text: it is the document where no file is.
    pub text: String,
    /// The form's own token: entering twice is one entry.
    pub token: String,
}

impl Desk {
    /// The series of an administration, those out of use included.
    pub async fn all_series(&self, administration: &str) -> Outcome<Vec<Series>> {
        let settings = body::settings(self.archive.database(), administration, PREFIX).await?;
        Ok(settings.into_iter().filter_map(|(_, value)| serde_json::from_value(value).ok()).collect())
    }

    /// One series.
    pub async fn series(&self, administration: &str, code: &str) -> Outcome<Option<Series>> {
        let value =
            body::setting(self.archive.database(), administration, &format!("{PREFIX}{code}")).await?;
        Ok(value.and_then(|value| serde_json::from_value(value).ok()))
    }

    /// Adds a series, or changes its title and when it is used: the administrator's.
    pub async fn save_series(&self, actor: &Actor, form: Series) -> Outcome<()> {
        permit(actor, Deed::Administer, &Thing::Administration { id: actor.administration.clone() })?;
        let mut errors = Vec::new();
        if !good_code(form.code.trim()) {
            errors.push(FieldError::of("code", "code"));
        }
        let title = form.title.trim();
        if title.is_empty() {
            errors.push(FieldError::required("title"));
        } else if title.chars().count() > TITLE_CHARS {
            errors.push(FieldError::too_long("title", TITLE_CHARS));
        }
        let from = LegalDay::parse(form.from.trim());
        let until = form.until.as_deref().map(str::trim).filter(|day| !day.is_empty()).map(LegalDay::parse);
        if from.is_none() {
            errors.push(FieldError::of("from", "date"));
        }
        if until.is_some_and(|until| until.is_none() || until < from) {
            errors.push(FieldError::of("until", "date"));
        }
        let Some(from) = from.filter(|_| errors.is_empty()) else {
            return refuse(Refusal::Invalid(errors));
        };
        let code = form.code.trim();
        let new = Series {
            code: code.into(),
            title: title.into(),
            from: from.to_string(),
            until: until.flatten().map(|day| day.to_string()),
        };
        let old = self.series(&actor.administration, code).await?;
        if old.as_ref() == Some(&new) {
            return Ok(());
        }
        let act = SettingChanged {
            name: format!("{PREFIX}{code}"),
            old: old.map(serde_json::to_value).transpose().map_err(fault)?,
            new: serde_json::to_value(&new).map_err(fault)?,
        };
        self.append_all(vec![NewEvent::by(actor, "settings", act)]).await
    }

    /// The series with how many entries each has this year.
    pub async fn series_of(&self, actor: &Actor) -> Outcome<Vec<(Series, i64)>> {
        Self::may_read_register(actor)?;
        let year = LegalDay::at(self.archive.now_ms()).year();
        let counts = series::counts(self.archive.database(), &actor.administration, year).await?;
        let all = self.all_series(&actor.administration).await?;
        let count = |code: &str| counts.iter().find(|(known, _)| known == code).map_or(0, |(_, many)| *many);
        Ok(all.into_iter().map(|one| (count(&one.code), one)).map(|(many, one)| (one, many)).collect())
    }

    /// A series, its entries of a year below a number (highest first), and the years that have any.
    pub async fn series_rows(
        &self,
        actor: &Actor,
        (code, year): (&str, i32),
        below: i64,
        most: usize,
    ) -> Outcome<(Series, Vec<series::SeriesRow>, Vec<i32>)> {
        Self::may_read_register(actor)?;
        let Some(found) = self.series(&actor.administration, code).await? else {
            return refuse(Refusal::NotFound);
        };
        let database = self.archive.database();
        let rows = series::rows(database, &actor.administration, (code, year), below, most).await?;
        let years = series::years(database, &actor.administration, code).await?;
        Ok((found, rows, years))
    }

    /// The numbers that a message has in series, each with the title of its series.
    pub async fn in_series(
        &self,
        administration: &str,
        message: &str,
    ) -> Outcome<Vec<(series::SeriesRow, String)>> {
        let mut list = Vec::new();
        for row in series::of_message(self.archive.database(), message).await? {
            let title = self.series(administration, &row.series).await?.map(|series| series.title);
            list.push((row.clone(), title.unwrap_or(row.series)));
        }
        Ok(list)
    }

    /// The series into which something may be entered today.
    pub async fn open_series(&self, administration: &str) -> Outcome<Vec<Series>> {
        let today = self.today();
        let mut all = self.all_series(administration).await?;
        all.retain(|series| series.in_use(&today));
        Ok(all)
    }

    async fn usable_series(&self, administration: &str, code: &str) -> Outcome<Result<Series, FieldError>> {
        if code.trim().is_empty() {
            return Ok(Err(FieldError::required("series")));
        }
        let found = self.series(administration, code.trim()).await?;
        let found = found.filter(|series| series.in_use(&self.today()));
        Ok(found.ok_or_else(|| FieldError::of("series", "unknown")))
    }

    /// Enters a message that has its number of the register into a series as well; answers its number there.
    pub async fn enter_series(&self, actor: &Actor, message: &str, code: &str) -> Outcome<String> {
        let row = self.allowed_message(actor, Deed::Answer, message).await?;
        let series = match self.usable_series(&actor.administration, code).await? {
            Ok(series) => series,
            Err(error) => return refuse(Refusal::Invalid(vec![error])),
        };
        let view = self.message(actor, message).await?;
        let Some(entry) = view.entry else { return refuse(Refusal::Unfit(Unfit::NotRegistered)) };
        let part = part(
            &series,
            entry.parties.lines().map(str::to_owned).collect(),
            (&entry.subject, &row.office_name),
            view.documents
                .into_iter()
                .map(|document| RegisteredDocument { name: document.name, sha256: document.sha256 })
                .collect(),
        );
        let actor = actor.clone();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    if work.tx.scalar_i64(ENTERED, args![&row.id, &series.code]).await? > 0 {
                        return refuse(Refusal::Invalid(vec![FieldError::of("series", "series_entered")]));
                    }
                    let annulled = work.message(&row.id).await?.is_none_or(|message| message.annulled);
                    if annulled {
                        return refuse(Refusal::Unfit(Unfit::Annulled));
                    }
                    enter(work, &actor, &row.id, series, part, Carried::default()).await
                })
            })
            .await
    }

    /// An entry of a series, and whether the actor may annul it.
    pub async fn series_entry(
        &self,
        actor: &Actor,
        (code, year, number): (&str, i32, i64),
    ) -> Outcome<(series::SeriesRow, bool)> {
        Self::may_read_register(actor)?;
        let database = self.archive.database();
        let row = series::one(database, &actor.administration, (code, year, number)).await?;
        let Some(row) = row else { return refuse(Refusal::NotFound) };
        let may =
            row.annulled_ms.is_none() && self.allowed_message(actor, Deed::Annul, &row.message).await.is_ok();
        Ok((row, may))
    }

    /// Annuls a number of a series: it stays, and is not given again. The document stays as well, and may be entered anew.
    pub async fn annul_in_series(
        &self,
        actor: &Actor,
        place: (&str, i32, i64),
        reason: &str,
        authorisation: &str,
    ) -> Outcome<()> {
        let (row, _) = self.series_entry(actor, place).await?;
        self.allowed_message(actor, Deed::Annul, &row.message).await?;
        let errors = crate::registry::annulment_errors(reason, authorisation);
        if !errors.is_empty() {
            return refuse(Refusal::Invalid(errors));
        }
        let act = SeriesAnnulled {
            message: row.message.clone(),
            series: row.series,
            year: row.year,
            number: row.number.cast_unsigned(),
            reason: reason.trim().chars().take(2000).collect(),
            authorisation: authorisation.trim().chars().take(500).collect(),
        };
        let actor = actor.clone();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let place = args![&actor.administration, &act.series, act.year, act.number];
                    if work.tx.scalar_i64(COUNTS, place).await? == 0 {
                        return refuse(Refusal::Unfit(Unfit::Annulled));
                    }
                    work.append(NewEvent::by(&actor, &row.message, act)).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Numbers of a year of a series that are left out because a lost log may have given them: first and last.
    pub async fn series_gaps(&self, actor: &Actor, code: &str, year: i32) -> Outcome<Vec<(String, String)>> {
        Self::may_read_register(actor)?;
        let gaps = series::gaps(self.archive.database(), &actor.administration, (code, year)).await?;
        let text = |number: i64| format!("{number}/{year}");
        Ok(gaps.into_iter().map(|(first, last)| (text(first), text(last))).collect())
    }

    /// Enters a document that has no number but that of its series.
    pub async fn register_in_series(&self, actor: &Actor, form: SeriesForm) -> Outcome<Filed> {
        let own = self.writing_offices(actor).await?;
        let words = [&form.series, &form.office, &form.subject, &form.parties, &form.text];
        let sent = EntryForm::new("series", &form.token, &words.map(String::as_str));
        if let Some(filed) = self.entered_before(actor, &sent).await? {
            return Ok(filed);
        }
        self.archive.need_room()?;
        let mut errors = self.wrong_words(actor, &form.subject, &form.text);
        let series = self.usable_series(&actor.administration, &form.series).await?;
        errors.extend(series.as_ref().err().cloned());
        let office = own.into_iter().find(|office| office.id == form.office);
        if office.is_none() {
            let empty = form.office.is_empty();
            errors.push(if empty {
                FieldError::required("office")
            } else {
                FieldError::of("office", "unknown")
            });
        }
        if form.parties.chars().count() > PARTIES_CHARS {
            errors.push(FieldError::too_long("parties", PARTIES_CHARS));
        }
        let (owner, uploads) = self.form_files(actor, &form.token).await?;
        if uploads.is_empty() && form.text.trim().is_empty() {
            errors.push(FieldError::of("files", "series_document"));
        }
        let (Ok(series), Some(office), true) = (series, office, errors.is_empty()) else {
            return refuse(Refusal::Invalid(errors));
        };
        let id = self.fresh_id();
        let content = Content {
            message: id.clone(),
            kind: String::new(),
            office: office.id.clone(),
            subject: form.subject.trim().to_owned(),
            text: form.text.trim().to_owned(),
            thread: id.clone(),
            reply_to: None,
            effect: None,
        };
        let mut documents = Vec::with_capacity(uploads.len() + 1);
        for upload in &uploads {
            // The first file is the document itself; what comes after it came with it.
            let role = if documents.is_empty() { "primary" } else { "attachment" };
            documents.push(self.document_of(&actor.administration, upload, role).await?);
        }
        if documents.is_empty() {
            let paper = InternalPaper {
                administration: self.body_name(&actor.administration).await?,
                from: office.name.clone(),
                to: String::new(),
                kind: series.title.clone(),
                author: actor.name.clone(),
                content: content.clone(),
                created_ms: self.archive.now_ms(),
                files: uploads.iter().map(PaperFile::of_upload).collect(),
                demo: self.archive.is_demo().await?,
            };
            let name = format!("{}.pdf", series.title);
            documents.push(self.store_sheet(name, None, move |words| internal_sheet(words, &paper)).await?);
        }
        let signed = signed(&uploads);
        let formation = Formation {
            document_type: series.code.clone(),
            mode: if uploads.is_empty() { "a" } else { "b" }.into(),
            confidential: false,
            format: documents[0].entry.media_type.clone(),
            verification: FormationChecks { signed: !signed.is_empty(), ..FormationChecks::default() },
            // A body keeps its decrees and contracts for ever.
            retention_years: PERMANENT,
        };
        let parties = form.parties.lines().map(str::trim).filter(|line| !line.is_empty());
        let part = part(
            &series,
            parties.map(str::to_owned).collect(),
            (&content.subject, &office.name),
            registered(&documents),
        );
        let carried = Carried { content: Some((content, formation)), documents };
        let brought = Brought { owner, signed, message: id.clone() };
        self.enter_form(actor, sent, brought, move |work, actor| {
            Box::pin(async move { enter(work, actor, &id, series, part, carried).await.map(Some) })
        })
        .await
    }
}

const ENTERED: &str =
    "select count(*) from series_entry where message = $1 and series = $2 and annulled_ms is null";
const COUNTS: &str = "select count(*) from series_entry
    where administration = $1 and series = $2 and year = $3 and number = $4 and annulled_ms is null";

/// What begins with its number in a series.
#[derive(Default)]
struct Carried {
    content: Option<(Content, Formation)>,
    documents: Vec<plico_archive::NewDocument>,
}

fn part(
    series: &Series,
    parties: Vec<String>,
    (subject, office): (&str, &str),
    documents: Vec<RegisteredDocument>,
) -> RegisterPart {
    RegisterPart {
        v: 1,
        area: series_area(&series.code),
        year: 0,
        number: 0,
        direction: String::new(),
        at: 0,
        presented: None,
        parties,
        subject: subject.into(),
        office: office.into(),
        documents,
        outside: None,
    }
}

/// Takes the next number of a series in the transaction of the act; answers `12/2026`.
async fn enter(
    work: &mut Work,
    actor: &Actor,
    message: &str,
    series: Series,
    mut part: RegisterPart,
    carried: Carried,
) -> Result<String, ActError<Refusal>> {
    let number = work.next_series_number(&actor.administration, &series.code).await?;
    (part.year, part.number, part.at) = (number.year, number.number, work.now_ms());
    let (content, formation) = carried.content.unzip();
    let act = SeriesEntered {
        message: message.into(),
        series: series.code,
        title: series.title,
        year: number.year,
        number: number.number,
        content,
        formation,
    };
    let mut event = NewEvent::by(actor, message, act);
    event.register = Some(part);
    event.documents = carried.documents;
    work.append(event).await?;
    Ok(format!("{}/{}", number.number, number.year))
}
