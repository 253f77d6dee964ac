//! What was missing for longer than it may, recorded once it is over: the one way to an event `service.outage`.

use plico_record::act::ServiceOutage;
use plico_record::actor::Actor;

use crate::append::{EventRef, NewEvent, Work};
use crate::error::ArchiveError;

impl Work {
    /// Records an outage in the installation's log. Called in the transaction that ends it, so that it is recorded once.
    pub async fn service_outage(&mut self, outage: ServiceOutage) -> Result<EventRef, ArchiveError> {
        self.append(NewEvent::by(&Actor::system(""), "outage", outage)).await
    }
}
