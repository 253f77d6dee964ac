//! The same files before `openssl cms -verify`. Where the two differ, the reason is written here and we hold the line.

use std::process::Command;

use plico_signature::forge::{Flaw, Recipe, Writing, attributes_confusion, cades};

use crate::town::{CONTENT, NOW, look, recipe, town};

/// What openssl says of the mathematics alone.
struct Verdict {
    /// The content it takes out, when it accepts.
    content: Option<Vec<u8>>,
}

/// `None` when openssl is not installed.
fn openssl(file: &[u8], form: &str) -> Option<Verdict> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.p7m");
    std::fs::write(&path, file).unwrap();
    let run = Command::new("openssl")
        .args(["cms", "-verify", "-noverify", "-binary", "-inform", form, "-in"])
        .arg(&path)
        .output();
    if run.is_err() {
        eprintln!("openssl is not installed: its verdict was not compared");
    }
    run.ok().map(|run| Verdict { content: run.status.success().then_some(run.stdout) })
}

#[test]
fn good_files_are_good_to_both() {
    let town = town();
    for signers in [vec![&town.rsa], vec![&town.p256], vec![&town.p384], vec![&town.rsa, &town.p256]] {
        for (writing, form) in [(Writing::Der, "DER"), (Writing::Ber(13), "DER"), (Writing::Pem, "PEM")] {
            let file = cades(&signers, CONTENT, &Recipe { writing, ..recipe() }).unwrap();
            let Some(said) = openssl(&file, form) else { return };
            assert_eq!(said.content.as_deref(), Some(CONTENT), "{writing:?}");
            assert!(look(&file).signatures.iter().all(|found| found.intact));
        }
    }
}

#[test]
fn bad_files_agree_but_where_openssl_errs() {
    // (flaw, openssl accepts, we say intact)
    let table = [
        (Flaw::NoContentType, false, false),
        (Flaw::NoMessageDigest, false, false),
        (Flaw::TwoMessageDigests, false, false),
        (Flaw::BrokenSignature, false, false),
        (Flaw::AlteredContent, false, false),
        (Flaw::NoSigningCertificate, true, true),
        (Flaw::NoCertificate, false, false),
        // It does not compare the attribute with the type of the content.
        (Flaw::OtherContentType, true, false),
        // It does not know RFC 6211.
        (Flaw::OtherProtection, true, false),
        // It takes the digest from one place and ignores the other.
        (Flaw::DigestNamedTwice, true, false),
        // A signature over bare content may be one over attributes.
        (Flaw::NoSignedAttributes, true, false),
        // RFC 5652 §5.4 has the attributes sorted before they are digested, however they are stored.
        (Flaw::StoredUnsorted, false, true),
        (Flaw::SignedUnsorted, true, false),
        // RFC 8017 §9.2 has both encodings accepted.
        (Flaw::WithoutNull, false, true),
    ];
    for (flaw, theirs, ours) in table {
        let file = cades(&[&town().rsa], CONTENT, &Recipe { flaws: &[flaw], ..recipe() }).unwrap();
        let Some(said) = openssl(&file, "DER") else { return };
        assert_eq!(said.content.is_some(), theirs, "openssl on {flaw:?}");
        assert_eq!(look(&file).signatures[0].intact, ours, "we on {flaw:?}");
    }
}

#[test]
fn the_confusion_that_openssl_accepts_is_refused() {
    let file = attributes_confusion(&town().rsa, CONTENT, NOW).unwrap();
    let Some(said) = openssl(&file, "DER") else { return };
    assert!(said.content.is_some(), "openssl has learnt to refuse it: say so here");
    assert!(!look(&file).signatures[0].intact);
}

#[test]
fn files_signed_by_openssl_are_intact() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("content"), CONTENT).unwrap();
    for signer in [&town().rsa, &town().p256] {
        std::fs::write(path("signer.pem"), signer.certificates_pem().unwrap()).unwrap();
        std::fs::write(path("key.pem"), signer.key_pem().unwrap()).unwrap();
        for extra in [
            &["-outform", "DER"][..],
            &["-outform", "DER", "-stream"],
            &["-outform", "PEM"],
            &["-outform", "SMIME"],
        ] {
            let run = Command::new("openssl")
                .current_dir(folder.path())
                .args(["cms", "-sign", "-cades", "-binary", "-nodetach", "-md", "sha256"])
                .args(["-in", "content", "-signer", "signer.pem", "-inkey", "key.pem", "-out", "signed"])
                .args(extra)
                .output();
            let Ok(run) = run else {
                eprintln!("openssl is not installed: its files were not read");
                return;
            };
            assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
            let report = look(&std::fs::read(path("signed")).unwrap());
            assert!(report.signatures[0].intact, "{extra:?} {report:?}");
            assert_eq!(report.content.unwrap().size, CONTENT.len() as u64);
        }
    }
}
