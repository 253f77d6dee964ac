//! Codes that let whoever holds one check a document: random, printed with the document, kept only as a hash. A code
//! belongs to a message that went out; it answers for the documents that came with it, and only to somebody who
//! has the very file. That of a certificate opens the certificate too: it is printed on it, to be compared on paper.

use plico_archive::read::message::{DocumentRow, MessageRow};
use plico_archive::read::{body, message};
use plico_archive::{ArchiveError, Work};
use plico_crypto::digest::{Digest, sha256, to_hex};
use plico_database::args;
use plico_record::message::State;
use plico_vault::BlobReader;

use crate::{Desk, Outcome};

/// Random bytes of a code.
const BYTES: usize = 16;
/// Letters and digits of a code: 128 bits in base32.
const LETTERS: usize = 26;

/// What is said of a document to whoever has it and its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Who issued it.
    pub body: String,
    /// By which office.
    pub office: String,
    /// Its name.
    pub name: String,
    /// Registration number of the message.
    pub number: Option<String>,
    /// When it went out (UTC milliseconds).
    pub instant_ms: i64,
    /// Withdrawn since (UTC milliseconds): it stands no longer.
    pub withdrawn_ms: Option<i64>,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

const INSERT: &str = "insert into access_code (code_hash, document, created_ms) values ($1, $2, $3)";
const DOCUMENT: &str = "select document from access_code where code_hash = $1";

/// A code as it is printed: in groups, so that it can be typed.
pub(crate) fn printed(code: &[u8; BYTES]) -> String {
    let text = plico_crypto::totp::base32(code);
    let groups: Vec<&str> = (0..text.len()).step_by(5).map(|at| &text[at..text.len().min(at + 5)]).collect();
    groups.join("-")
}

/// What is looked up; `None` for what cannot be a code. Digits that look like letters are read as these.
fn hash_of(typed: &str) -> Option<Digest> {
    let letters: String = typed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| match c.to_ascii_uppercase() {
            '0' => 'O',
            '1' => 'I',
            '8' => 'B',
            other => other,
        })
        .take(LETTERS + 1)
        .collect();
    (letters.len() == LETTERS).then(|| sha256(letters.as_bytes()))
}

/// Keeps a code's hash, in the transaction that makes its document known.
pub(crate) fn keep(work: &mut Work, printed: &str, document: &str) -> Result<(), ArchiveError> {
    let Some(hash) = hash_of(printed) else { return Ok(()) };
    let now = work.now_ms();
    work.tx.write(INSERT, args![hash, document, now])?;
    Ok(())
}

impl Desk {
    /// A fresh code, to be printed.
    pub(crate) fn fresh_code(&self) -> String {
        printed(&self.archive.entropy().bytes())
    }

    /// The certificate that a code was printed on, and its bytes unless it no longer holds. Other documents are never
    /// opened by a code alone.
    pub async fn original(&self, typed: &str) -> Outcome<Option<(Known, Option<BlobReader>)>> {
        let database = self.archive.database();
        let Some(hash) = hash_of(typed) else { return Ok(None) };
        let Some(id) = database.scalar_text(DOCUMENT, args![hash]).await? else { return Ok(None) };
        let Some(document) = message::document(database, &id).await? else { return Ok(None) };
        let is_certificate =
            document.role == "primary" && document.category.as_deref() == Some("certificate");
        let (true, Some(message)) = (is_certificate, self.sent(&document.message).await?) else {
            return Ok(None);
        };
        let reader = match document.withdrawn_ms {
            None => Some(self.archive.open_document(&document.id).await?),
            Some(_) => None,
        };
        Ok(Some((self.known(document, message).await?, reader)))
    }

    /// What is known of a file with a code; nothing without both.
    pub async fn check_code(&self, typed: &str, digest: &Digest) -> Outcome<Option<Known>> {
        let database = self.archive.database();
        let Some(hash) = hash_of(typed) else { return Ok(None) };
        let Some(id) = database.scalar_text(DOCUMENT, args![hash]).await? else { return Ok(None) };
        let Some(first) = message::document(database, &id).await? else { return Ok(None) };
        let sha256 = to_hex(digest);
        let documents = message::documents(database, &first.message).await?;
        let found = documents.into_iter().find(|document| document.sha256 == sha256 && !document.sealed);
        let (Some(document), Some(message)) = (found, self.sent(&first.message).await?) else {
            return Ok(None);
        };
        Ok(Some(self.known(document, message).await?))
    }

    /// A message that went out: one that still waits for its number is nobody's to know of.
    async fn sent(&self, id: &str) -> Outcome<Option<MessageRow>> {
        let message = message::message(self.archive.database(), id).await?;
        Ok(message.filter(|message| message.state != State::Prepared.code()))
    }

    async fn known(&self, document: DocumentRow, message: MessageRow) -> Outcome<Known> {
        let body = body::body(self.archive.database(), &message.administration).await?;
        Ok(Known {
            body: body.map_or_else(String::new, |body| body.name),
            number: message.registration_number(),
            office: message.office_name,
            name: document.name,
            instant_ms: message.instant_ms,
            withdrawn_ms: document.withdrawn_ms,
            sha256: document.sha256,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_it_is_typed() {
        let code = printed(&[0x5a; BYTES]);
        assert_eq!(code.len(), LETTERS + 5);
        let hash = hash_of(&code);
        assert!(hash.is_some());
        for typed in [code.to_lowercase(), code.replace('-', " "), code.replace('O', "0").replace('B', "8")] {
            assert_eq!(hash_of(&typed), hash, "{typed}");
        }
        for wrong in ["", "abc", &code[1..], &format!("{code}A")] {
            assert_eq!(hash_of(wrong), None, "{wrong}");
        }
    }
}
