//! Trusted lists of the European Union (ETSI TS 119 612): from the list of lists to the services of each country, each
//! list signed by exactly whom the one before it points to.
//!
//! Nothing is fetched: whoever verifies gives the files, and the certificates that sign the list of lists.

mod authentic;
mod compiled;
mod directory;
mod list;
mod read;

use std::collections::BTreeMap;

use openssl::x509::X509;
use serde::{Deserialize, Serialize};

pub use directory::{Directory, Edition, edition};
pub(crate) use list::{EIDAS_MS, Kind, List, Period, Service, identifiers};

use crate::instant::rfc3339;
use crate::xml::{self, Limits};
use read::{Pointer, Written};

/// The last word of the type of the list of lists.
const LIST_OF_LISTS: &str = "EUlistofthelists";

/// Lists whose signatures were checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedLists {
    /// The list of lists first.
    lists: Vec<List>,
    refused: Vec<RefusedList>,
}

/// A file that says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedList {
    /// What it is called.
    pub name: String,
    /// Why it is not believed.
    pub why: ListFault,
}

/// Why a file is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListFault {
    /// Not XML, or more of it than is read.
    Unreadable,
    /// XML, but not a trusted list.
    NotAList,
    /// The list of lists does not point to it.
    NotPointedTo,
    /// Signed by nobody who may, or not at all.
    Signer,
    /// Its signature is not over all of it, or not in the form that a list must have.
    Form,
    /// It is not what was signed.
    Altered,
    /// There is a newer one of the same country.
    Older,
}

/// Lists cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TrustedListError {
    /// No certificates of who signs the list of lists.
    #[error("there are no certificates in PEM of who signs the list of lists")]
    NoSigners,
    /// No list of lists that one of them signed.
    #[error("there is no list of lists that these certificates have signed")]
    NoListOfLists,
}

/// What is said of one list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListReport {
    /// Country of the scheme; `EU` for the list of lists.
    pub territory: String,
    /// Who publishes it.
    pub operator: String,
    /// Number of this edition.
    pub sequence: u64,
    /// When it was issued, RFC 3339.
    pub issued: String,
    /// When a newer one was due, RFC 3339; absent when the scheme is closed.
    pub next_update: Option<String>,
    /// A newer one was due before the time of validation.
    pub expired: bool,
}

impl TrustedLists {
    /// Checks files, named by whoever gives them, against the certificates (PEM) that sign the list of lists, as the
    /// Official Journal publishes them.
    pub fn verify(files: &[(String, Vec<u8>)], signers: &[u8]) -> Result<Self, TrustedListError> {
        let mut found = Self::default();
        let (list, pointers) = believed_list_of_lists(files, signers, &mut found.refused)?;
        found.lists.push(list);
        for (name, bytes) in files {
            match national(bytes, &pointers) {
                Ok(Some(list)) => found.take(name, list),
                Ok(None) => {}
                Err(why) => found.refused.push(RefusedList { name: name.clone(), why }),
            }
        }
        Ok(found)
    }

    /// Takes the list of a country, if it is the newest.
    fn take(&mut self, name: &str, list: List) {
        let older = RefusedList { name: name.to_owned(), why: ListFault::Older };
        match self.lists.iter_mut().find(|other| other.territory == list.territory) {
            Some(other) if other.sequence >= list.sequence => self.refused.push(older),
            Some(other) => {
                // The file that it was read from is not known any more: what is older is said of its edition.
                let name = format!("{} {}", other.territory, other.sequence);
                self.refused.push(RefusedList { name, ..older });
                *other = list;
            }
            None => self.lists.push(list),
        }
    }

    /// Files that are not believed, and why.
    pub fn refused(&self) -> &[RefusedList] {
        &self.refused
    }

    /// What is said of each list, the list of lists first.
    pub fn reports(&self, at_ms: i64) -> Vec<ListReport> {
        self.lists.iter().map(|list| report(list, at_ms)).collect()
    }

    pub(crate) fn list_of_lists(&self) -> Option<&List> {
        self.lists.first()
    }

    pub(crate) fn list(&self, number: usize) -> &List {
        &self.lists[number]
    }

    /// Every certificate of a service that matters, with the places of its list and of itself.
    pub(crate) fn by_certificate(&self) -> BTreeMap<&[u8], Vec<(usize, usize)>> {
        let mut found: BTreeMap<&[u8], Vec<(usize, usize)>> = BTreeMap::new();
        for (number, list) in self.lists.iter().enumerate() {
            for (place, service) in list.services.iter().enumerate() {
                for der in &service.certificates {
                    found.entry(der).or_default().push((number, place));
                }
            }
        }
        found
    }

    /// SHA-256 that tells these files from any others.
    pub fn fingerprint(files: &[(String, Vec<u8>)], signers: &[u8]) -> Vec<u8> {
        authentic::fingerprint(files, signers)
    }

    /// What was checked, to be read back without checking it again. It is as much to be trusted as the place where it
    /// lies.
    pub fn compiled(&self, fingerprint: &[u8]) -> Vec<u8> {
        compiled::write(self, fingerprint)
    }

    /// Reads back what [`Self::compiled`] made of the same files; `None` when it is of others, or of another version.
    pub fn from_compiled(bytes: &[u8], fingerprint: &[u8]) -> Option<Self> {
        compiled::read(bytes, fingerprint)
    }
}

/// The newest list of lists, and whom it points to. Older ones hand over from one set of signers to the next (pivots):
/// each is believed by what the one before it says.
fn believed_list_of_lists(
    files: &[(String, Vec<u8>)],
    signers: &[u8],
    refused: &mut Vec<RefusedList>,
) -> Result<(List, Vec<Pointer>), TrustedListError> {
    let signers = X509::stack_from_pem(signers).map_err(|_| TrustedListError::NoSigners)?;
    let mut signers: Vec<Vec<u8>> = signers.iter().filter_map(|one| one.to_der().ok()).collect();
    if signers.is_empty() {
        return Err(TrustedListError::NoSigners);
    }
    let mut all = Vec::new();
    for (name, bytes) in files.iter().filter(|(_, bytes)| may_be_list_of_lists(bytes)) {
        let Ok(document) = xml::parse(bytes, Limits::LIST) else { continue };
        if let Some(written) = read::read(document.root()).filter(|read| read.kind == LIST_OF_LISTS) {
            all.push((name, document, written));
        }
    }
    all.sort_by_key(|(_, _, written)| written.list.sequence);
    let mut newest = None;
    for (name, document, written) in all {
        if let Err(why) = authentic::check(&document, &signers) {
            refused.push(RefusedList { name: name.clone(), why });
            continue;
        }
        let own = written.pointers.iter().filter(|one| one.is_xml && one.kind == LIST_OF_LISTS);
        let next: Vec<Vec<u8>> = own.flat_map(|pointer| pointer.certificates.clone()).collect();
        // One that names no successors is signed by the same.
        signers = if next.is_empty() { signers } else { next };
        newest = Some(written);
    }
    let Written { list, pointers, .. } = newest.ok_or(TrustedListError::NoListOfLists)?;
    Ok((list, pointers))
}

pub(crate) fn report(list: &List, at_ms: i64) -> ListReport {
    ListReport {
        territory: list.territory.clone(),
        operator: list.operator.clone(),
        sequence: list.sequence,
        issued: rfc3339(list.issued_ms),
        next_update: list.next_update_ms.map(rfc3339),
        expired: list.is_expired(at_ms),
    }
}

/// A list of another kind that points back to the list of lists may be one too: it is read to be told.
fn may_be_list_of_lists(bytes: &[u8]) -> bool {
    crate::sniff::find(bytes, LIST_OF_LISTS.as_bytes()).is_some()
}

/// The list of a country; nothing when it is a list of lists.
fn national(bytes: &[u8], pointers: &[Pointer]) -> Result<Option<List>, ListFault> {
    let document = xml::parse(bytes, Limits::LIST).map_err(|_| ListFault::Unreadable)?;
    let written = read::read(document.root()).ok_or(ListFault::NotAList)?;
    if written.kind == LIST_OF_LISTS {
        return Ok(None);
    }
    let to = |pointer: &&Pointer| {
        pointer.is_xml && pointer.territory == written.list.territory && pointer.kind == written.kind
    };
    let signers: Vec<Vec<u8>> =
        pointers.iter().filter(to).flat_map(|pointer| pointer.certificates.clone()).collect();
    if signers.is_empty() {
        return Err(ListFault::NotPointedTo);
    }
    authentic::check(&document, &signers)?;
    Ok(Some(written.list))
}
