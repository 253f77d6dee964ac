//! Issuing cards: one, or a file of them. All of a file or none of it.

use std::collections::HashMap;

use plico_archive::read::body;
use plico_archive::{ActError, NewEvent, Work};
use plico_card::card::{Card, shortened};
use plico_card::keyset::Kid;
use plico_crypto::p256::PublicKey;
use plico_database::args;
use plico_record::act::CardIssued;
use plico_record::authority::Deed;
use plico_record::day::LegalDay;
use plico_record::part::Party;

use crate::addressee::Recipient;
use crate::card::{CardType, FIELDS};
use crate::csv;
use crate::delegation::settle;
use crate::refusal::{fault, permit, refuse};
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// Cards of one file.
pub const MOST: usize = 500;
/// What a number is made of: no letter looks like a digit.
const NUMBER: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

const SAME: &str =
    "select count(*) from card where administration = $1 and kind = $2 and holder = $3 and fields = $4
    and status <> 'revoked' and valid_until >= $5";
const NEXT: &str = "select coalesce(max(idx) + 1, 0) from card where administration = $1";

/// A card as an office fills it in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CardForm {
    /// Fiscal code of whose it is.
    pub fiscal_code: String,
    /// His name, for one not known yet.
    pub name: String,
    /// First day; empty: today.
    pub from: String,
    /// The type's fields, in its order.
    pub values: Vec<String>,
}

/// What does not fit in a line of a file; lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineError {
    /// The line.
    pub line: usize,
    /// What is wrong there: `fiscal_code`, `name`, `from`, `f0` …, or `line` for all of it.
    pub error: FieldError,
}

/// A card that was looked at and fits.
struct Ready {
    party: Party,
    from: LegalDay,
    until: LegalDay,
    fields: Vec<(String, String)>,
}

/// How the code of a card is made.
pub(crate) struct Signing {
    pub(crate) administration: String,
    pub(crate) issuer: String,
    pub(crate) key: PublicKey,
}

impl Signing {
    /// The signed text.
    pub(crate) fn code(&self, work: &Work, card: &Card) -> Outcome<String> {
        let sign = |bytes: &[u8]| work.sign_card(&self.administration, &self.key, bytes).ok();
        card.issue(Kid::of(&self.key), sign).ok_or_else(|| fault("a card could not be signed"))
    }
}

/// Seconds at which a day begins, and at which the one after it does.
pub(crate) fn span(from: LegalDay, until: LegalDay) -> (i64, i64) {
    (from.start_ms() / 1000, until.end_ms().div_euclid(1000))
}

impl CardType {
    fn misfilled(&self, form: &CardForm) -> Vec<FieldError> {
        let mut errors = Vec::new();
        for ((field, name), value) in self.fields.iter().zip(FIELDS).zip(&form.values) {
            if value.trim().is_empty() {
                errors.push(FieldError::required(name));
            } else if value.trim().len() > field.bytes {
                errors.push(FieldError::too_long(name, field.bytes));
            }
        }
        if form.values.len() != self.fields.len() {
            errors.push(FieldError::of("line", "card_columns"));
        }
        errors
    }
}

impl Desk {
    /// The type that the actor issues.
    pub async fn issued_type(&self, actor: &Actor, code: &str) -> Outcome<CardType> {
        let Some(kind) = self.card_type(&actor.administration, code).await?.filter(|kind| kind.offered)
        else {
            return refuse(Refusal::NotFound);
        };
        permit(actor, Deed::IssueCard, &kind.thing(actor))?;
        Ok(kind)
    }

    pub(crate) async fn signing(&self, administration: &str) -> Outcome<Signing> {
        let body = body::body(self.archive.database(), administration).await?;
        let Some(body) = body else { return refuse(Refusal::NotFound) };
        let key = self.archive.card_key(administration).await?;
        Ok(Signing { administration: administration.into(), issuer: body.ipa_code, key })
    }

    /// Issues a card; answers its identifier.
    pub async fn issue_card(&self, actor: &Actor, code: &str, form: CardForm) -> Outcome<String> {
        match self.issue_cards(actor, code, vec![(1, form)]).await? {
            Ok(mut ids) => ids.pop().ok_or_else(|| fault("no card was issued")),
            Err(lines) => refuse(Refusal::Invalid(lines.into_iter().map(|line| line.error).collect())),
        }
    }

    /// Issues the cards of a file, or says of each line what is wrong and issues none.
    pub async fn issue_cards(
        &self,
        actor: &Actor,
        code: &str,
        forms: Vec<(usize, CardForm)>,
    ) -> Outcome<Result<Vec<String>, Vec<LineError>>> {
        let kind = self.issued_type(actor, code).await?;
        let (mut ready, mut errors, mut seen) = (Vec::new(), Vec::new(), HashMap::new());
        for (line, form) in forms {
            let at = |error| LineError { line, error };
            match self.ready(actor, &kind, &form).await? {
                Err(unfit) => errors.extend(unfit.into_iter().map(at)),
                Ok(card) => {
                    let same = (card.party.fiscal_code.clone(), card.fields.clone());
                    if seen.insert(same, line).is_some() {
                        errors.push(at(FieldError::of("fiscal_code", "card_same")));
                    }
                    ready.push((line, card));
                }
            }
        }
        if !errors.is_empty() {
            return Ok(Err(errors));
        }
        let signing = self.signing(&actor.administration).await?;
        let (actor, today) = (actor.clone(), self.today());
        let done = self.archive.act(move |work: &mut Work| {
            Box::pin(async move {
                let mut ids = Vec::new();
                for (line, card) in ready {
                    let issued = append(work, &actor, &kind, &signing, card, &today).await;
                    ids.push(issued.map_err(|error| match error {
                        ActError::Refused(error) => ActError::Refused(LineError { line, error }),
                        ActError::Fault(fault) => ActError::Fault(fault),
                    })?);
                }
                Ok(ids)
            })
        });
        match done.await {
            Ok(ids) => Ok(Ok(ids)),
            Err(ActError::Refused(line)) => Ok(Err(vec![line])),
            Err(ActError::Fault(fault)) => Err(ActError::Fault(fault)),
        }
    }

    /// Whose card it is to be and until when, or what does not fit.
    async fn ready(
        &self,
        actor: &Actor,
        kind: &CardType,
        form: &CardForm,
    ) -> Outcome<Result<Ready, Vec<FieldError>>> {
        let mut errors = kind.misfilled(form);
        let recipient = Recipient {
            fiscal_code: form.fiscal_code.trim().to_uppercase(),
            name: form.name.clone(),
            ..Recipient::default()
        };
        let party = match self.recipient(actor, None, &recipient).await {
            Ok(party) => Some(Party { role: "holder".into(), email: None, ..party }),
            Err(ActError::Refused(Refusal::Invalid(unfit))) => {
                errors.extend(unfit);
                None
            }
            Err(error) => return Err(error),
        };
        if party.as_ref().is_some_and(|party| party.name.is_empty()) {
            errors.push(FieldError::required("name"));
        }
        let from = match form.from.trim() {
            "" => Some(LegalDay::at(self.archive.now_ms())),
            day => LegalDay::parse(day),
        };
        let until = from.map(|from| from.months_after(kind.months));
        // One that is over when it is issued was mistyped.
        if until.is_none_or(|until| until.to_string() < self.today()) {
            errors.push(FieldError::of("from", "date"));
        }
        let (Some(party), Some(from), Some(until), true) = (party, from, until, errors.is_empty()) else {
            return Ok(Err(errors));
        };
        let values = form.values.iter().map(|value| value.trim().to_owned());
        let fields = kind.fields.iter().map(|field| field.label.clone()).zip(values).collect();
        Ok(Ok(Ready { party, from, until, fields }))
    }
}

async fn append(
    work: &mut Work,
    actor: &Actor,
    kind: &CardType,
    signing: &Signing,
    ready: Ready,
    today: &str,
) -> Result<String, ActError<FieldError>> {
    let Ready { mut party, from, until, fields } = ready;
    settle(work, &actor.administration, &mut party).await.map_err(only_fault)?;
    let written = serde_json::to_string(&fields).map_err(|error| only_fault(fault(error)))?;
    let same = args![&actor.administration, &kind.code, &party.person, written, today];
    if work.tx.scalar_i64(SAME, same).await.map_err(plico_archive::ArchiveError::from)? > 0 {
        return Err(ActError::Refused(FieldError::of("fiscal_code", "card_same")));
    }
    let index = work.tx.scalar_i64(NEXT, args![&actor.administration]).await;
    let index = index.map_err(plico_archive::ArchiveError::from)? as u32;
    let id = work.new_id();
    let number = number(&work.random());
    let (from_s, until_s) = span(from, until);
    let card = Card {
        issuer: signing.issuer.clone(),
        kind: kind.code.clone(),
        number: number.clone(),
        name: (!kind.opaque).then(|| shortened(&party.name)),
        values: if kind.opaque {
            Vec::new()
        } else {
            fields.iter().map(|(_, value)| value.clone()).collect()
        },
        from: from_s,
        until: until_s,
        status: (0, index),
        photo: None,
    };
    let act = CardIssued {
        card: id.clone(),
        kind: kind.code.clone(),
        name: kind.name.clone(),
        office: kind.office.clone(),
        number,
        holder: party.person.clone(),
        fields,
        from: from.to_string(),
        until: until.to_string(),
        index,
        code: signing.code(work, &card).map_err(only_fault)?,
    };
    let mut event = NewEvent::by(actor, &id, act);
    event.receipts = vec![(party.person.clone(), String::new())];
    event.parties = vec![party];
    work.append(event).await?;
    Ok(id)
}

/// Ten characters that say nothing of whose card it is, nor how many there are.
fn number(random: &[u8; 10]) -> String {
    random.iter().map(|byte| char::from(NUMBER[usize::from(byte & 31)])).collect()
}

fn only_fault(error: ActError<Refusal>) -> ActError<FieldError> {
    match error {
        ActError::Fault(fault) => ActError::Fault(fault),
        ActError::Refused(refusal) => {
            ActError::Fault(plico_archive::ArchiveError::Corrupt(refusal.to_string()))
        }
    }
}

/// A file of cards: a line of headings, then a line a card: fiscal code, name, first day, the type's fields. Commas or
/// semicolons, as the first line has them; quotes as spreadsheets write them.
pub fn parse_file(text: &str) -> Result<Vec<(usize, CardForm)>, LineError> {
    let line = |line, code, limit| LineError { line, error: FieldError { field: "line", code, limit } };
    let mut forms = Vec::new();
    for (at, row) in csv::rows(text).into_iter().skip(1) {
        if row.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let mut cells = row.into_iter();
        let (Some(fiscal_code), Some(name), Some(from)) = (cells.next(), cells.next(), cells.next()) else {
            return Err(line(at, "card_columns", None));
        };
        forms.push((at, CardForm { fiscal_code, name, from, values: cells.collect() }));
        if forms.len() > MOST {
            return Err(line(at, "card_lines", Some(MOST as u64)));
        }
    }
    if forms.is_empty() {
        return Err(line(1, "card_empty", None));
    }
    Ok(forms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_a_spreadsheet_is_read() {
        let text = "\u{feff}codice;nome;dal;targa\r\nA;\"Rossi; \"\"Mario\"\"\";2026-01-01;AB123\r\n;;;\r\nB;Bianchi;;C\n";
        let forms = parse_file(text).unwrap();
        assert_eq!(forms.len(), 2);
        assert_eq!((forms[0].0, forms[0].1.name.as_str()), (2, "Rossi; \"Mario\""));
        assert_eq!((forms[1].0, &forms[1].1.values), (4, &vec!["C".to_owned()]));
        assert_eq!(parse_file("codice,nome,dal\n").unwrap_err().error.code, "card_empty");
        assert_eq!(parse_file("codice,nome,dal\nA,B\n").unwrap_err().error.code, "card_columns");
        let many = format!("codice,nome,dal\n{}", "A,B,C\n".repeat(MOST + 1));
        assert_eq!(parse_file(&many).unwrap_err().error.limit, Some(MOST as u64));
    }

    proptest::proptest! {
        #[test]
        fn no_file_makes_it_panic(text: String) {
            let _ = parse_file(&text);
        }
    }
}
