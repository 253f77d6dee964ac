//! Counter-signatures of XAdES (ETSI EN 319 132-1 §5.2.7.2): signatures over the value of another, kept in its unsigned
//! properties.

use super::{Context, one};
use crate::report::SignatureReport;
use crate::xml::DSIG;
use crate::xml::properties::Properties;
use crate::xml::signature::Signature;

/// Counter-signatures of counter-signatures are followed so far.
const MAX_DEPTH: u32 = 3;

/// What a signature must be over to count as whole.
#[derive(Clone, Copy)]
pub(super) enum Over {
    /// The file.
    File,
    /// The value of another signature: the node of that element, and how many signatures it is away from the file's.
    Value(usize, u32),
}

/// The counter-signatures of one signature, each judged as a signature over its value; and whether there are more that were
/// not looked at.
pub(super) fn all(
    signature: &Signature<'_>,
    properties: &Properties<'_>,
    over: Over,
    context: &Context<'_>,
) -> (Vec<SignatureReport>, bool) {
    let depth = match over {
        Over::File => 0,
        Over::Value(_, depth) => depth,
    };
    if depth >= MAX_DEPTH {
        return (Vec::new(), properties.counters().next().is_some());
    }
    let over = Over::Value(signature.value_at.node, depth + 1);
    let (mut found, mut more) = (Vec::new(), false);
    for counter in properties.counters() {
        let left = context.counters.get();
        match counter.only(DSIG, "Signature").filter(|_| left > 0) {
            Some(at) => {
                context.counters.set(left - 1);
                found.push(one(at, over, context));
            }
            None => more = true,
        }
    }
    (found, more)
}
