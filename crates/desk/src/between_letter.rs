//! Letters that go to another body's registry by web service in place of certified mail, and what is said of them afterwards.

use plico_archive::read::exchange::{self, AnswerRow};
use plico_archive::read::pec::LetterMailRow;
use plico_archive::read::{body, ipa, message};
use plico_record::day::LegalDay;
use plico_registry::agid::{Annulment, By, Identifier};
use plico_registry::{Contents, File, Flow, Order};

use crate::between::{NextTelling, Telling, of_service, service};
use crate::exchange::Speaks;
use crate::outside_work::Documents;
use crate::pec::RECEIPT;
use crate::refusal::fault;
use crate::{Desk, Outcome};

/// What is sent in one message at most, before it is encoded (bytes).
const MOST_BYTES: u64 = 70 * 1024 * 1024;

impl Desk {
    /// Says to which bodies letters go by web service: identifier of our administration, and the other's code.
    pub fn speak_to(&self, services: Vec<(String, String)>) {
        *self.services.write().unwrap_or_else(std::sync::PoisonError::into_inner) = services;
    }

    /// Where a letter for this address goes: to the service of the body that the index lists with it, where that is known.
    pub(crate) async fn goes_to(&self, administration: &str, address: &str) -> Outcome<String> {
        let database = self.archive.database();
        if let Some(listed) = ipa::of_pec(database, address).await? {
            let all = self.services.read().unwrap_or_else(std::sync::PoisonError::into_inner);
            let known = |(ours, theirs): &(String, String)| {
                ours == administration && theirs.eq_ignore_ascii_case(&listed.code)
            };
            if all.iter().any(known) {
                return Ok(service(&listed.code));
            }
        }
        Ok(address.to_owned())
    }

    /// The contents of documents, for whoever sends them.
    pub fn contents(&self) -> impl Contents + use<> {
        Documents(self.archive.clone())
    }

    /// What is to be done now with a letter.
    pub(crate) async fn letter_telling(
        &self,
        row: Box<LetterMailRow>,
        speaks: &Speaks,
    ) -> Outcome<NextTelling> {
        let database = self.archive.database();
        let sent = message::delivery(database, &row.delivery).await?;
        if sent.is_none_or(|sent| sent.withdrawn_ms.is_some()) {
            return Ok(NextTelling::Never(row, "the letter was withdrawn before it left"));
        }
        if self.being_scanned(&row.message, row.ordered_ms).await? {
            return Ok(NextTelling::Unnumbered);
        }
        let Some(letter) = message::message(database, &row.message).await? else {
            return Err(fault("a letter that is to be sent is not there"));
        };
        let Some(ours) = self.our_registration(&letter, speaks).await? else {
            return Ok(NextTelling::Unnumbered);
        };
        let documents = message::documents(database, &row.message).await?;
        let documents: Vec<File> = documents
            .into_iter()
            .filter(|one| one.role != RECEIPT && !one.sealed && one.withdrawn_ms.is_none())
            .map(|one| File {
                id: one.id,
                name: one.name,
                media_type: one.media_type,
                size: one.size.cast_unsigned(),
                sha256: one.sha256,
            })
            .collect();
        if documents.iter().map(|one| one.size).sum::<u64>() > MOST_BYTES {
            return Ok(NextTelling::Never(row, "its files are too large for the web service"));
        }
        let code = of_service(&row.recipient).unwrap_or_default().to_owned();
        let name = ipa::one(database, &code).await?.map_or_else(|| code.clone(), |body| body.name);
        let office = body::office(database, &letter.office).await?.map_or_else(String::new, |one| one.name);
        let at_ms = letter.registered_ms.unwrap_or(row.ordered_ms);
        let options = [
            ("registration_number", ours.number.to_string()),
            ("registration_date", ours.date),
            ("aoo", ours.area),
            ("register", ours.register),
            ("name", self.body_name(&row.administration).await?),
            ("recipient_administration", code),
            ("recipient_name", name),
        ];
        let order = Order {
            key: format!("PLICO-{}", row.delivery),
            flow: Flow::Out,
            subject: letter.subject,
            presented_ms: at_ms,
            day: LegalDay::at(at_ms).to_string(),
            parties: Vec::new(),
            office,
            office_code: String::new(),
            classification: String::new(),
            case_file: String::new(),
            documents,
            options: options.map(|(name, value)| (name.to_owned(), value)).into(),
        };
        Ok(NextTelling::Tell(row, Box::new(Telling::Letter(order))))
    }

    /// What is said of a letter that went there.
    pub(crate) async fn annulled_letter(
        &self,
        row: Box<LetterMailRow>,
        answer: &AnswerRow,
        ours: Identifier,
    ) -> Outcome<NextTelling> {
        let heard = exchange::notices(self.archive.database(), &row.message).await?;
        let theirs = heard.into_iter().rev().find(|one| one.kind == "confirmation" && one.number > 0);
        let Some(theirs) = theirs else {
            return Ok(NextTelling::Never(
                row,
                "the other body has not said as what it registered the letter",
            ));
        };
        let annulment = Annulment {
            by: By::Sender,
            sender: ours,
            recipient: Identifier {
                administration: theirs.body,
                area: theirs.area,
                register: theirs.register,
                number: theirs.number.cast_unsigned(),
                date: theirs.day,
            },
            act: answer.act.clone(),
            note: answer.reason.clone(),
        };
        Ok(NextTelling::Tell(row, Box::new(Telling::Annulment(annulment))))
    }
}
