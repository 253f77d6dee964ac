//! pyHanko: what another program says of a signed PDF.

use std::process::Command;

use super::{Missing, failed, python, run};

const JUDGE: &str = r#"
import json, sys
from datetime import datetime, timezone
from asn1crypto import pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

file, roots, at = sys.argv[1:]
with open(roots, "rb") as held:
    anchors = [x509.Certificate.load(der) for _, _, der in pem.unarmor(held.read(), multiple=True)]
moment = datetime.fromtimestamp(int(at), timezone.utc)
context = lambda: ValidationContext(trust_roots=anchors, moment=moment, allow_fetching=False, revocation_mode="soft-fail")
said = []
with open(file, "rb") as held:
    for one in PdfFileReader(held).embedded_regular_signatures:
        status = validate_pdf_signature(one, signer_validation_context=context(), ts_validation_context=context())
        stamp = status.timestamp_validity
        said.append([status.bottom_line, status.coverage.name, None if stamp is None else bool(stamp.valid and stamp.trusted)])
print(json.dumps(said))
"#;

/// One signature: whether all of it holds and its path leads to a root; how much of the file it covers; whether the time
/// stamp in it holds, where there is one.
pub type Judged = (bool, String, Option<bool>);

/// What it says of each signature of a PDF, at an instant (UTC milliseconds), believing these roots (PEM).
pub fn judge(pdf: &[u8], roots: &[u8], at_ms: i64) -> Result<Vec<Judged>, Missing> {
    let interpreter = python::interpreter(&["pyhanko"])?;
    let folder = tempfile::tempdir().map_err(|error| failed(&error))?;
    for (name, bytes) in [("file.pdf", pdf), ("roots.pem", roots), ("judge.py", JUDGE.as_bytes())] {
        std::fs::write(folder.path().join(name), bytes).map_err(|error| failed(&error))?;
    }
    let mut command = Command::new(interpreter);
    command.current_dir(folder.path()).args(["judge.py", "file.pdf", "roots.pem"]);
    let said = run(command.arg((at_ms / 1000).to_string()))?;
    serde_json::from_slice(&said.stdout).map_err(|error| Missing(error.to_string()))
}
