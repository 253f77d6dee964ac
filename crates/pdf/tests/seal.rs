//! A sealed paper, checked with tools that are not ours.

use std::convert::Infallible;
use std::path::Path;
use std::process::{Command, Stdio};

use plico_pdf::paper::{Block, Header, Sheet, render};
use plico_pdf::read;
use plico_pdf::seal::{RESERVE, Seal, SealError, seal};
use sha2::{Digest, Sha256};

fn paper() -> Vec<u8> {
    render(&Sheet {
        language: "it".into(),
        title: "Ricevuta".into(),
        header: Header { administration: "Comune".into(), ..Header::default() },
        blocks: vec![Block::Title("Ricevuta".into())],
        ..Sheet::default()
    })
    .expect("a paper")
}

fn what(reserve: usize) -> Seal<'static> {
    Seal {
        name: "Comune di Borgo San Plico",
        reason: "Sigillo della ricevuta",
        at_ms: 1_795_286_761_123,
        reserve,
    }
}

#[test]
fn earlier_bytes_stay_and_the_digest_is_of_everything_else() {
    let before = paper();
    let mut signed = [0; 32];
    let after = seal(&before, &what(100), |digest| {
        signed = *digest;
        Ok::<_, Infallible>(vec![0xab; 100])
    })
    .unwrap();
    assert_eq!(after[..before.len()], before);
    let room =
        after.windows(202).position(|window| window == format!("<{}>", "ab".repeat(100)).as_bytes()).unwrap();
    let mut hash = Sha256::new();
    hash.update(&after[..room]);
    hash.update(&after[room + 202..]);
    assert_eq!(<[u8; 32]>::from(hash.finalize()), signed);
    let range = format!("/ByteRange[0 {room} {} {}", room + 202, after.len() - room - 202);
    assert!(after.windows(range.len()).any(|window| window == range.as_bytes()), "{range}");
    let found = read::inspect(&after).unwrap();
    assert_eq!((found.signatures, found.revisions, found.repaired), (1, 2, false));
}

#[test]
fn a_second_seal_has_a_name_of_its_own() {
    let sign = |_: &[u8; 32]| Ok::<_, Infallible>(vec![1; 10]);
    let once = seal(&paper(), &what(64), sign).unwrap();
    let twice = seal(&once, &what(64), sign).unwrap();
    assert_eq!(read::inspect(&twice).unwrap().signatures, 2);
    let count = |name: &[u8]| twice.windows(name.len()).filter(|window| *window == name).count();
    assert_eq!((count(b"/T(Seal1)"), count(b"/T(Seal2)")), (1, 1));
    assert_eq!(twice[..once.len()], once);
}

#[test]
fn what_does_not_fit_or_is_no_pdf_is_refused() {
    let big = seal(&paper(), &what(10), |_| Ok::<_, Infallible>(vec![0; 11]));
    assert!(matches!(big, Err(SealError::TooSmall { size: 11, reserve: 10 })));
    let no = seal(b"hello", &what(10), |_| Ok::<_, Infallible>(vec![]));
    assert!(matches!(no, Err(SealError::Unreadable(_))));
    let broken = std::io::Error::other("no key");
    assert!(matches!(seal(&paper(), &what(10), |_| Err(broken)), Err(SealError::Signer(_))));
}

/// `openssl cms` signs, poppler's `pdfsig` looks.
#[test]
fn pdfsig_finds_the_whole_document_signed() {
    let dir = std::env::temp_dir().join(format!("plico-seal-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    if !(ran(Command::new("openssl").arg("version")) && ran(Command::new("pdfsig").arg("-v"))) {
        eprintln!("skipped: openssl or pdfsig (poppler-utils) is not installed");
        return;
    }
    let request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=Seal -keyout key.pem -out cert.pem";
    assert!(ran(Command::new("openssl").args(request.split(' ')).current_dir(&dir)));
    // The closure gets a digest, the command wants the bytes: so it signs what a first pass has laid out.
    let mut bytes = seal(&paper(), &what(RESERVE), |_| Ok::<_, Infallible>(Vec::new())).unwrap();
    let open = bytes.windows(12).position(|window| window == b"/Contents<00").unwrap() + 9;
    let close = open + 2 * RESERVE + 2;
    std::fs::write(dir.join("signed"), [&bytes[..open], &bytes[close..]].concat()).unwrap();
    let sign = "cms -sign -cades -binary -in signed -signer cert.pem -inkey key.pem -outform DER -out cms.der -md sha256";
    assert!(ran(Command::new("openssl").args(sign.split(' ')).current_dir(&dir)));
    let cms = std::fs::read(dir.join("cms.der")).unwrap();
    let done = seal(&paper(), &what(RESERVE), |_| Ok::<_, Infallible>(cms)).unwrap();
    std::fs::write(dir.join("sealed.pdf"), &done).unwrap();
    let verdict = pdfsig(&dir.join("sealed.pdf"));
    assert!(verdict.contains("Signature is Valid") && verdict.contains("Total document signed"), "{verdict}");
    bytes = done;
    bytes[200] ^= 1;
    std::fs::write(dir.join("changed.pdf"), &bytes).unwrap();
    let verdict = pdfsig(&dir.join("changed.pdf"));
    assert!(!verdict.contains("Signature is Valid"), "{verdict}");
    std::fs::remove_dir_all(dir).unwrap();
}

fn ran(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

fn pdfsig(file: &Path) -> String {
    let output = Command::new("pdfsig").arg(file).output().expect("pdfsig runs");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
