//! Case files: opened, filled, closed.

use plico_archive::read::queue;
use plico_archive::{ActError, NewEvent, Work};
use plico_database::args;
use plico_record::act::{CaseFileClosed, CaseFileFiled, CaseFileOpened};
use plico_record::authority::{Deed, Thing};

use crate::refusal::{permit, refuse};
use crate::scheme::classified;
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

const OPEN: &str = "select count(*) from case_file where id = $1 and closed_ms is null";

impl Desk {
    /// Opens a case file in an office of the actor's, of a class of the scheme or of none (empty).
    pub async fn open_case(&self, actor: &Actor, office: &str, title: &str, class: &str) -> Outcome<String> {
        let thing = Thing::CaseFile { administration: actor.administration.clone(), office: office.into() };
        permit(actor, Deed::CaseFile, &thing)?;
        if self.open_office(&actor.administration, office).await?.is_none() {
            return refuse(Refusal::Invalid(vec![FieldError::of("office", "unknown")]));
        }
        let title = title.trim().to_owned();
        if title.is_empty() {
            return refuse(Refusal::Invalid(vec![FieldError::required("title")]));
        }
        if title.chars().count() > self.limits(&actor.administration).subject_chars {
            return refuse(Refusal::Invalid(vec![FieldError::too_long(
                "title",
                self.limits(&actor.administration).subject_chars,
            )]));
        }
        let class = self.chosen_class(&actor.administration, class).await?;
        let (actor, office) = (actor.clone(), office.to_owned());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let number = work.next_case_number(&actor.administration).await?;
                    let id = work.new_id();
                    let act = CaseFileOpened {
                        case_file: id.clone(),
                        office,
                        year: number.year,
                        number: number.number,
                        title,
                        class,
                        former: None,
                    };
                    work.append(NewEvent::by(&actor, &id, act)).await?;
                    Ok(id)
                })
            })
            .await
    }

    /// A case file that the actor may see.
    pub async fn case(&self, actor: &Actor, deed: Deed, id: &str) -> Outcome<queue::CaseRow> {
        let Some(row) = queue::case(self.archive.database(), id).await? else {
            return refuse(Refusal::NotFound);
        };
        let thing =
            Thing::CaseFile { administration: row.administration.clone(), office: row.office.clone() };
        permit(actor, deed, &thing)?;
        Ok(row)
    }

    /// The identifier of a case file that was chosen, or whose number was typed (`2026/15`).
    async fn case_named(&self, actor: &Actor, typed: &str) -> Outcome<String> {
        let Some((year, number)) = typed.trim().split_once('/') else { return Ok(typed.to_owned()) };
        let wrong = || ActError::Refused(Refusal::Invalid(vec![FieldError::of("case", "unknown")]));
        let year = year.trim().parse().map_err(|_| wrong())?;
        let number = number.trim().parse().map_err(|_| wrong())?;
        let found =
            queue::case_by_number(self.archive.database(), &actor.administration, year, number).await?;
        found.ok_or_else(wrong)
    }

    /// Files a message into a case file, of whose class it then is.
    pub async fn file_into_case(&self, actor: &Actor, message: &str, case: &str) -> Outcome<()> {
        let row = self.allowed_message(actor, Deed::CaseFile, message).await?;
        let case = self.case(actor, Deed::CaseFile, &self.case_named(actor, case).await?).await?;
        let actor = actor.clone();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    if work.tx.scalar_i64(OPEN, args![&case.id]).await? == 0 {
                        return refuse(Refusal::CaseClosed);
                    }
                    let act = CaseFileFiled { case_file: case.id.clone(), message: row.id.clone() };
                    work.append(NewEvent::by(&actor, &case.id, act)).await?;
                    classified(work, &actor, &row.id, &case.class).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Closes a case file.
    pub async fn close_case(&self, actor: &Actor, id: &str) -> Outcome<()> {
        let case = self.case(actor, Deed::CaseFile, id).await?;
        let actor = actor.clone();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    if work.tx.scalar_i64(OPEN, args![&case.id]).await? == 0 {
                        return refuse(Refusal::CaseClosed);
                    }
                    let act = CaseFileClosed { case_file: case.id.clone() };
                    work.append(NewEvent::by(&actor, &case.id, act)).await?;
                    Ok(())
                })
            })
            .await
    }
}
