//! What a receipt carries: the names of its attachments, and their bytes.

use plico_pdf::aside::attachments;
use plico_pdf::read::ReadError;

/// The exact bytes of the leaf.
pub const LEAF: &str = "leaf.json";
/// The parts with their salts.
pub const PARTS: &str = "parts.json";
/// Index, path and checkpoint.
pub const PROOF: &str = "proof.tlog-proof";
/// A checkpoint from before the event.
pub const EARLIER: &str = "earlier.checkpoint";
/// A time stamp on it (RFC 3161 token).
pub const EARLIER_STAMP: &str = "earlier.tst";
/// The consistency proof from it.
pub const CONSISTENCY: &str = "consistency.txt";
/// The first leaf of a log that goes on from another.
pub const OPENING: &str = "opening.json";
/// Its `act` part with its salt, as in [`PARTS`].
pub const OPENING_PARTS: &str = "opening-parts.json";
/// Its path to the checkpoint of the proof.
pub const OPENING_PATH: &str = "opening.txt";
/// Where to look for a policy: for people, never read by the verifier.
pub const POLICY_HINT: &str = "policy.txt";

/// The attachments that the verifier reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Enclosure {
    /// [`LEAF`].
    pub leaf: Option<Vec<u8>>,
    /// [`PARTS`].
    pub parts: Option<Vec<u8>>,
    /// [`PROOF`].
    pub proof: Option<Vec<u8>>,
    /// [`EARLIER`].
    pub earlier: Option<Vec<u8>>,
    /// [`EARLIER_STAMP`].
    pub earlier_stamp: Option<Vec<u8>>,
    /// [`CONSISTENCY`].
    pub consistency: Option<Vec<u8>>,
    /// [`OPENING`].
    pub opening: Option<Vec<u8>>,
    /// [`OPENING_PARTS`].
    pub opening_parts: Option<Vec<u8>>,
    /// [`OPENING_PATH`].
    pub opening_path: Option<Vec<u8>>,
}

/// Why nothing was found in a file.
#[derive(Debug, thiserror::Error)]
pub enum EnclosureError {
    /// The PDF cannot be read.
    #[error("the receipt cannot be read")]
    Pdf(#[source] ReadError),
    /// Two attachments have one name: two readers could see two receipts.
    #[error("two attachments are called {0}")]
    Twice(String),
}

impl Enclosure {
    /// Reads the attachments of a receipt. Others than those above are ignored.
    pub fn read(pdf: &[u8]) -> Result<Self, EnclosureError> {
        let mut enclosure = Self::default();
        for (name, bytes) in attachments(pdf).map_err(EnclosureError::Pdf)? {
            let place = match name.as_str() {
                LEAF => &mut enclosure.leaf,
                PARTS => &mut enclosure.parts,
                PROOF => &mut enclosure.proof,
                EARLIER => &mut enclosure.earlier,
                EARLIER_STAMP => &mut enclosure.earlier_stamp,
                CONSISTENCY => &mut enclosure.consistency,
                OPENING => &mut enclosure.opening,
                OPENING_PARTS => &mut enclosure.opening_parts,
                OPENING_PATH => &mut enclosure.opening_path,
                _ => continue,
            };
            if place.replace(bytes).is_some() {
                return Err(EnclosureError::Twice(name));
            }
        }
        Ok(enclosure)
    }
}
