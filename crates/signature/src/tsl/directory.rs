//! Where lists are to be had, as a list of lists says that was checked; and whether what was had there may be believed.

use super::read::Pointer;
use super::{
    LIST_OF_LISTS, ListFault, RefusedList, TrustedListError, believed_list_of_lists, national, read,
};
use crate::xml::{self, Limits};

/// Older editions of a list of lists that are asked for.
const MAX_BEFORE: usize = 8;

/// What the newest list of lists says of the others.
#[derive(Debug)]
pub struct Directory {
    sequence: u64,
    pointers: Vec<Pointer>,
    refused: Vec<RefusedList>,
}

/// One edition of a list, as it says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// Country of the scheme; `EU` for the list of lists.
    pub territory: String,
    /// Its number.
    pub sequence: u64,
    /// Addresses that it names for itself: among those of a list of lists the editions in which its signers changed,
    /// the newest first.
    pub before: Vec<String>,
}

/// Reads what a list says of itself. Who signed it is not asked.
pub fn edition(bytes: &[u8]) -> Option<Edition> {
    let document = xml::parse(bytes, Limits::LIST).ok()?;
    let written = read::read(document.root())?;
    let before = written.about.into_iter().filter(|uri| uri.to_ascii_lowercase().ends_with(".xml"));
    let before = if written.kind == LIST_OF_LISTS { before.take(MAX_BEFORE).collect() } else { Vec::new() };
    Some(Edition { territory: written.list.territory, sequence: written.list.sequence, before })
}

impl Directory {
    /// As [`super::TrustedLists::verify`], of the lists of lists among the files alone.
    pub fn read(files: &[(String, Vec<u8>)], signers: &[u8]) -> Result<Self, TrustedListError> {
        let mut refused = Vec::new();
        let (list, pointers) = believed_list_of_lists(files, signers, &mut refused)?;
        Ok(Self { sequence: list.sequence, pointers, refused })
    }

    /// Number of the edition.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Whether a list of lists among the files is not believed.
    pub fn refuses(&self, name: &str) -> bool {
        self.refused.iter().any(|refused| refused.name == name)
    }

    /// Country and address of each list of a country.
    pub fn places(&self) -> Vec<(String, String)> {
        let lists = self.pointers.iter().filter(|one| one.is_xml && one.kind != LIST_OF_LISTS);
        lists.map(|one| (one.territory.clone(), one.location.clone())).collect()
    }

    /// Whether bytes are the list of a country, signed by whom the list of lists names; answers its edition.
    pub fn check(&self, territory: &str, bytes: &[u8]) -> Result<u64, ListFault> {
        match national(bytes, &self.pointers)? {
            Some(list) if list.territory == territory => Ok(list.sequence),
            _ => Err(ListFault::NotPointedTo),
        }
    }
}
