//! The dossier of a case file: documents, receipts, marks, the whole history with its proofs, and indexes for people and
//! for preservers, as one file that stands alone. The same case file gives the same bytes: proofs go to the first
//! checkpoint that covers its last event, whenever it is exported.

mod index;
mod keep;
mod metadata;
mod pack;
mod plan;
#[cfg(test)]
pub(crate) mod samples;

use plico_archive::read::{dossier as read, queue};
use plico_archive::{NewEvent, Work};
use plico_record::act::DossierExported;
use plico_record::actor::Role;
use plico_record::authority::Deed;

pub use pack::{Packed, Progress};
pub use plan::Plan;

use crate::refusal::refuse;
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

impl Desk {
    /// What goes into the dossier of a case file that the actor may read; whoever reads by a mandate states his reason,
    /// and it is recorded for every message.
    pub async fn dossier(&self, actor: &Actor, case: &str, reason: &str) -> Outcome<Plan> {
        let row = self.case(actor, Deed::ReadMetadata, case).await?;
        let auditor = actor.has(Role::Auditor);
        if auditor && reason.trim().chars().count() < 5 {
            return refuse(Refusal::Invalid(vec![FieldError::required("reason")]));
        }
        for message in read::messages(self.archive.database(), &row.id).await? {
            if auditor {
                self.state_reason(actor, &message.id, reason).await?;
            }
            // One that is confidential, or another office's, is not handed out beside the others.
            if !self.message(actor, &message.id).await?.content {
                return refuse(Refusal::Forbidden);
            }
        }
        self.plan(row).await
    }

    /// The same for whoever is at the keyboard of the machine, who holds its keys; by identifier, or by year and number as
    /// pages show them (`2026/12`; the other way round does as well) within an administration.
    pub async fn dossier_at_console(&self, administration: &str, case: &str) -> Outcome<Plan> {
        let id = match case.split_once('/') {
            Some((year, number)) => {
                let (Ok(year), Ok(number)) = (year.parse::<i32>(), number.parse::<i32>()) else {
                    return refuse(Refusal::NotFound);
                };
                let database = self.archive.database();
                match queue::case_by_number(database, administration, year, number.into()).await? {
                    None => queue::case_by_number(database, administration, number, year.into()).await?,
                    found => found,
                }
            }
            None => Some(case.to_owned()),
        };
        let Some(id) = id else { return refuse(Refusal::NotFound) };
        match queue::case(self.archive.database(), &id).await? {
            Some(row) if row.administration == administration => self.plan(row).await,
            _ => refuse(Refusal::NotFound),
        }
    }

    /// Records that a dossier was handed out.
    pub async fn dossier_exported(
        &self,
        actor: &Actor,
        case: &str,
        packed: &Packed,
        reason: &str,
    ) -> Outcome<()> {
        let act = DossierExported {
            case_file: case.to_owned(),
            sha256: plico_archive::hex(&packed.sha256),
            size: packed.size,
            reason: reason.trim().chars().take(2000).collect(),
        };
        let event = NewEvent::by(actor, case, act);
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    work.append(event).await?;
                    Ok(())
                })
            })
            .await
    }
}
