//! Independent judges: clients that others wrote register with our simulators, a reader of SOAP that others wrote reads our
//! requests by the vendors' descriptions, and xmllint reads every XML that we emit. What is not at hand is said aloud.

mod clients;
mod readers;

use std::path::{Path, PathBuf};

/// Public specifications, beside the project where somebody put them.
#[expect(clippy::print_stdout, reason = "said aloud where a test is left out")]
fn specification(path: &str) -> Option<PathBuf> {
    let specification = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/specs").join(path);
    if specification.exists() {
        return Some(specification);
    }
    println!("NOT RUN: {path} is not beside the project");
    None
}

/// What was recorded.
fn recorded() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/soap")
}
