//! Times without service: the one way to an event `service.outage`, declared by somebody or found by the program. Its
//! attestations are everybody's, and so nobody can ask for one in his language later: they are made in each at once.

use plico_database::args;
use plico_record::act::ServiceOutage;
use plico_record::actor::Actor;
use plico_record::event::ReceiptKind;

use crate::append::{NewEvent, Work};
use crate::error::ArchiveError;
use crate::read::receipt::Order;

/// Languages of the attestations, besides Italian.
pub const ALSO_IN: [&str; 1] = ["en"];

const RECORDED: &str = "select count(*) from subject s join log l on l.id = s.log
    where l.administration = '' and s.kind = 'installation' and s.id = $1";

impl Work {
    /// Records an outage in the installation's log and orders its attestations; whether it was new.
    pub async fn service_outage(
        &mut self,
        actor: &Actor,
        outage: ServiceOutage,
    ) -> Result<bool, ArchiveError> {
        let whose = outage.administration.as_deref().unwrap_or_default();
        let mut id = format!("outage/{whose}/{}/{}", outage.from, outage.to);
        // Of one time, what was declared is one; what was found missing is told apart by what it was.
        if outage.detected {
            id = format!("{id}/{}/{}", outage.parts.join("+"), outage.note);
        }
        if self.tx.scalar_i64(RECORDED, args![&id]).await? > 0 {
            return Ok(false);
        }
        let mut event = NewEvent::by(actor, &id, outage);
        event.administration = String::new();
        event.receipts = vec![(String::new(), String::new())];
        let at = self.append(event).await?;
        for language in ALSO_IN {
            let order = Order {
                log: at.log,
                index: at.index,
                kind: ReceiptKind::Outage.code().into(),
                holder: String::new(),
                message: String::new(),
                language: language.into(),
            };
            self.order_receipt("", &order)?;
        }
        Ok(true)
    }
}
