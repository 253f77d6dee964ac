//! The job that makes a receipt: once per event, holder and language, after the first checkpoint that covers the
//! event; sealed, stored, and the same bytes as long as it lives.

mod card;
mod delegation;
mod evidence;
mod facts;
mod message;
mod outage;
mod page;
mod register;
#[cfg(test)]
pub(crate) mod samples;

use plico_archive::outbox::Ended;
use plico_archive::read::receipt::Order;
use plico_archive::{ActError, Work, hex};
use plico_crypto::DataKey;
use plico_database::args;
use plico_locale::{Args, Lang};
use plico_pdf::paper::render;
use plico_vault::Place;

use self::evidence::Evidence;
use self::facts::Facts;
use self::page::sheet;
use crate::paper::Words;
use crate::refusal::fault;
use crate::{Desk, Outcome};

const THERE: &str =
    "select count(*) from receipt where log = $1 and idx = $2 and holder = $3 and language = $4";
const INSERT: &str =
    "insert into receipt (id, log, idx, kind, administration, message, holder, language, name, size,
    sha256, blob, issued_ms) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
const DESTROYED: &str = "select count(*) from message where id = $1 and destruction is not null";
const GRANT: &str = "insert into access_grant (thing, holder, administration, epoch, wrapped, blob)
    values ($1, 'body', $2, $3, $4, $5)";

impl Desk {
    /// Makes the receipt a job asks for; `Later` while no checkpoint covers the event.
    pub async fn issue_receipt(&self, administration: &str, payload: &str) -> Outcome<Ended> {
        let Ok(order) = serde_json::from_str::<Order>(payload) else {
            return Ok(Ended::GiveUp("the job's payload is not an order for a receipt".into()));
        };
        let Some(lang) = Lang::from_code(&order.language).filter(|lang| Lang::RECEIPTS.contains(lang)) else {
            return Ok(Ended::GiveUp(format!("no receipt is issued in {:?}", order.language)));
        };
        let database = self.archive.database();
        let known = args![order.log, order.index, &order.holder, lang.code()];
        if database.scalar_i64(THERE, known).await? > 0 {
            return Ok(Ended::Done);
        }
        let logs = self.archive.logs().await?;
        let Some(log) = logs.into_iter().find(|log| log.id == order.log) else {
            return Ok(Ended::GiveUp(format!("there is no log {}", order.log)));
        };
        let Some(checkpoint) = self.archive.checkpoint_covering(order.log, order.index).await? else {
            if log.closed {
                let why = "no checkpoint covers event";
                return Ok(Ended::GiveUp(format!(
                    "{why} {} of {}: it was restored",
                    order.index, log.origin
                )));
            }
            return Ok(Ended::Later(300));
        };
        let Some(facts) = self.facts(administration, &order, &log.origin, checkpoint.size).await? else {
            return Ok(Ended::GiveUp("what this receipt is about is missing".into()));
        };
        let evidence = self.evidence(&order, &log, &checkpoint, facts.names_actor).await?;
        let id = facts.id.clone();
        let name = self.file_name(&facts, lang);
        let sealed = self.lay_out(facts, evidence, lang).await?;
        self.keep(administration, &order, lang, id, name, &sealed).await?;
        Ok(Ended::Done)
    }

    /// `ricevuta-presentation-0000123-2026.pdf`.
    fn file_name(&self, facts: &Facts, lang: Lang) -> String {
        let prefix = self.catalogue.text(lang, "receipt-file", &Args::new());
        format!("{prefix}-{}-{}.pdf", facts.kind.code(), facts.subject.name(&facts.id))
    }

    async fn lay_out(&self, facts: Facts, evidence: Evidence, lang: Lang) -> Outcome<Vec<u8>> {
        let catalogue = self.catalogue.clone();
        let press = self.press()?;
        tokio::task::spawn_blocking(move || {
            let words = Words(&catalogue, lang);
            let pdf = render(&sheet(&words, &facts, evidence)).map_err(fault)?;
            let Some(press) = press else { return Ok(pdf) };
            press.set(&words, &facts.body, &words.t("receipt-seal-reason"), &pdf)
        })
        .await
        .map_err(fault)?
    }

    async fn keep(
        &self,
        administration: &str,
        order: &Order,
        lang: Lang,
        id: String,
        name: String,
        pdf: &[u8],
    ) -> Outcome<()> {
        let key = DataKey::new(self.archive.entropy().bytes());
        let stored = self
            .archive
            .vault()
            .store(&key, self.archive.entropy().bytes(), pdf)
            .await
            .map_err(plico_archive::ArchiveError::from)?;
        let thing = format!("receipt:{id}");
        let (epoch, wrapped) = self.archive.wrap(administration, &thing, key.expose()).await?;
        let (order, administration) = (order.clone(), administration.to_owned());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let known = args![order.log, order.index, &order.holder, lang.code()];
                    // Destroyed while it was made: nothing of it comes back.
                    if work.tx.scalar_i64(THERE, known).await? > 0
                        || work.tx.scalar_i64(DESTROYED, args![&order.message]).await? > 0
                    {
                        return Ok(());
                    }
                    if let Place::Row(bytes) = &stored.place {
                        work.insert_blob(&stored.blob, bytes)?;
                    }
                    let now = work.now_ms();
                    work.tx
                        .execute(
                            INSERT,
                            args![
                                id,
                                order.log,
                                order.index,
                                order.kind,
                                &administration,
                                order.message,
                                order.holder,
                                lang.code(),
                                name,
                                stored.size,
                                hex(&stored.sha256),
                                stored.blob,
                                now
                            ],
                        )
                        .await?;
                    work.tx.execute(GRANT, args![thing, administration, epoch, wrapped, stored.blob]).await?;
                    Ok::<_, ActError<crate::Refusal>>(())
                })
            })
            .await
    }
}
