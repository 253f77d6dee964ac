//! Signatures by a key in a token: SoftHSM, a real one in software. Its module reads from the environment where the token is, so
//! the test starts itself again in a process that has it there.

#![expect(clippy::unwrap_used, reason = "the token is filled outside the test function")]

use std::process::Command;
use std::sync::Arc;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::object::{Attribute, CertificateType, ObjectClass};
use cryptoki::session::UserType;
use plico_crypto::sign::{SigningError, SigningKey as _};
use plico_crypto::verify::{Algorithm, Hash};
use plico_signature::forge::{KeyKind, Pki, Signer, Subject};
use plico_signature::report::{Format, Reason};
use plico_signature::{Anchors, Making, Options, SealError, Sealer, inspect};
use plico_testkit::real::{or_say, softhsm};
use plico_vault::{Token, TokenError, TokenPlace};

/// 21 November 2026, 12:00 UTC.
const NOW: i64 = 1_795_262_400_000;

/// The place of the token in the process that was started for it; `None` in the one that starts it.
fn place(test: &str) -> Option<TokenPlace> {
    if let Some(folder) = softhsm::inside() {
        let (module, token) = (softhsm::module().unwrap(), softhsm::LABEL.to_owned());
        return Some(TokenPlace { module, token, pin_file: folder.join("pin") });
    }
    if let Some(token) = or_say(softhsm::Token::start()) {
        token.again(test);
    }
    None
}

/// Puts a key and its certificate into the token, as whoever issued the device did.
fn import(place: &TokenPlace, signer: &Signer, label: &str, id: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    std::fs::write(&path, signer.key_pem().unwrap()).unwrap();
    let mut command = Command::new("softhsm2-util");
    command.args(["--import"]).arg(&path).args(["--token", &place.token, "--label", label, "--id", id]);
    let run = command.args(["--pin", softhsm::PIN]).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}

fn enclose(place: &TokenPlace, signer: &Signer, id: u8) {
    let context = Pkcs11::new(&place.module).unwrap();
    // The token that is being tested began the module already.
    let _ = context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK));
    let slots = context.get_slots_with_token().unwrap();
    let slot = slots
        .into_iter()
        .find(|&slot| context.get_token_info(slot).is_ok_and(|info| info.label().trim() == softhsm::LABEL));
    let session = context.open_rw_session(slot.unwrap()).unwrap();
    let _ = session.login(UserType::User, Some(&softhsm::PIN.into()));
    session
        .create_object(&[
            Attribute::Class(ObjectClass::CERTIFICATE),
            Attribute::CertificateType(CertificateType::X_509),
            Attribute::Token(true),
            Attribute::Id(vec![id]),
            Attribute::Subject(b"\x30\x00".to_vec()),
            Attribute::Value(signer.certificate_der().to_vec()),
        ])
        .unwrap();
}

#[test]
fn keys_in_a_token_sign() {
    let Some(place) = place("keys_in_a_token_sign") else { return };
    let mut pki = Pki::new("Borgo", NOW).unwrap();
    let anna = Subject {
        given_name: "Anna",
        surname: "Verdi",
        fiscal_code: "VRDNNA85C43Z999B",
        organization: "",
        from_ms: NOW - 1_000_000,
        to_ms: NOW + 1_000_000,
    };
    let anchors = Anchors::from_pem(&pki.anchors_pem().unwrap()).unwrap();
    let kinds =
        [("rsa", "01", KeyKind::Rsa2048), ("curva", "02", KeyKind::P256), ("lunga", "03", KeyKind::P384)];
    let signers = kinds.map(|(label, id, kind)| {
        let signer = pki.signer(&anna, kind).unwrap();
        import(&place, &signer, label, id);
        signer
    });
    let token = Arc::new(Token::open(&place).unwrap());
    for (signer, (label, id, _)) in signers.iter().zip(kinds) {
        enclose(&place, signer, id.parse().unwrap());
        let key = token.signing_key(label).unwrap();
        let own = key.certificates().unwrap();
        assert_eq!(own, [signer.certificate_der()]);
        let sealer = Sealer::with_key(Box::new(key), own).unwrap();
        let making = Making::at(NOW);
        for (file, format) in [
            (sealer.cades_enveloping(b"Buongiorno", &making).unwrap(), Format::CadesB),
            (sealer.xades_enveloped(b"<a>Buongiorno</a>", &making).unwrap(), Format::XadesB),
        ] {
            let found = inspect(&file, &Options::at(NOW, Some(&anchors))).signatures.remove(0);
            assert_eq!((found.intact, found.format), (true, format), "{label} {found:?}");
            // The token has the signer's certificate alone, not the authority's.
            assert_eq!(found.reasons, [Reason::NoPath]);
        }
    }
    // Another's certificate: the token signs, and nothing is handed out.
    let key = token.signing_key("curva").unwrap();
    let sealer = Sealer::with_key(Box::new(key), vec![signers[2].certificate_der().to_vec()]).unwrap();
    assert!(matches!(sealer.cades_enveloping(b"x", &Making::at(NOW)), Err(SealError::Mismatch)));
    let key = token.signing_key("rsa").unwrap();
    assert!(matches!(key.sign(Algorithm::Ecdsa(Hash::Sha256), b"x"), Err(SigningError::Unsupported)));
    assert!(!format!("{key:?}").contains(softhsm::PIN));
    assert!(matches!(token.signing_key("nessuna"), Err(TokenError::NoSigningKey(_))));
    import(&place, &signers[0], "rsa", "04");
    assert!(matches!(token.signing_key("rsa"), Err(TokenError::Ambiguous(_))));
}
