//! Which log this one goes on from, as its own first event says.

use plico_journal::leaf::part_commitment;
use plico_journal::merkle::{leaf_hash, verify_inclusion};
use plico_journal::proof::parse_hashes;
use plico_journal::{Leaf, Proof};
use serde_json::Value;

use crate::enclosure::Enclosure;
use crate::parts;
use crate::report::{SuccessionFact, full};

/// The kind of a log's first event.
const OPENED: &str = "log.opened";

/// What the enclosed first event of the log says, once it is shown to stand at the beginning of the tree of `proof`;
/// `None` when none is enclosed.
pub(crate) fn read(enclosure: &Enclosure, proof: &Proof) -> Result<Option<SuccessionFact>, String> {
    let (opening, opened, path) =
        match (&enclosure.opening, &enclosure.opening_parts, &enclosure.opening_path) {
            (None, None, None) => return Ok(None),
            (Some(opening), Some(opened), Some(path)) => (opening, opened, path),
            _ => return Err("the log's first event comes with its part and its path or not at all".into()),
        };
    let wrong = |what: String| format!("the log's first event: {what}");
    let leaf = Leaf::parse(opening).map_err(|error| wrong(full(&error)))?;
    let checkpoint = &proof.checkpoint;
    if leaf.index != 0 || leaf.kind != OPENED || leaf.origin != checkpoint.origin {
        return Err(wrong("it is not that of this log".into()));
    }
    let path = parse_hashes(path).ok_or_else(|| wrong("its path is malformed".into()))?;
    verify_inclusion(&leaf_hash(opening), 0, checkpoint.size, &checkpoint.root, &path)
        .map_err(|error| wrong(error.to_string()))?;
    let opened = parts::parse(opened).map_err(|error| wrong(full(&error)))?;
    let act = opened
        .get("act")
        .filter(|act| leaf.parts.get("act") == Some(&part_commitment(&act.salt, &act.bytes)))
        .and_then(|act| parts::object(&act.bytes))
        .ok_or_else(|| wrong("its act is not what the leaf commits to".into()))?;
    let Some(before) = act.get("predecessor") else { return Ok(None) };
    let text = |name: &str| before.get(name).and_then(Value::as_str).map(str::to_owned);
    let (Some(origin), Some(size), Some(root)) =
        (text("origin"), before.get("size").and_then(Value::as_u64), text("root"))
    else {
        return Err(wrong("it does not say which log it goes on from".into()));
    };
    Ok(Some(SuccessionFact { origin, size, root }))
}
