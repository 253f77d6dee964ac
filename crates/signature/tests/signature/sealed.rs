use openssl::pkcs12::Pkcs12;
use openssl::pkey::PKey;
use openssl::stack::Stack;
use openssl::x509::X509;
use plico_signature::report::{Format, Indication};
use plico_signature::{Making, Options, SealError, Sealer, inspect_detached};
use sha2::{Digest as _, Sha256};

use crate::town::{CONTENT, NOW, YEAR, look, town};

#[test]
fn sealed_by_pem_and_by_pkcs12() {
    for signer in [&town().rsa, &town().p256, &town().p384] {
        let key = signer.key_pem().unwrap();
        let certificates = signer.certificates_pem().unwrap();
        let from_pem = Sealer::from_pem(&key, &certificates).unwrap();
        let mut builder = Pkcs12::builder();
        let chain = X509::stack_from_pem(&certificates).unwrap();
        let mut above = Stack::new().unwrap();
        above.push(chain[1].clone()).unwrap();
        let pkey = PKey::private_key_from_pem(&key).unwrap();
        let file = builder.pkey(&pkey).cert(&chain[0]).ca(above).build2("segreta").unwrap().to_der().unwrap();
        let from_file = Sealer::from_pkcs12(&file, "segreta").unwrap();
        assert_eq!(from_pem.chain_der(), from_file.chain_der());
        let again = from_file.to_pem().unwrap();
        assert_eq!(Sealer::from_pem(&again, &again).unwrap().chain_der(), from_pem.chain_der());
        let about = from_pem.about().unwrap();
        assert_eq!((about.not_after_ms, about.may_sign), (NOW + YEAR, true));
        assert_eq!(from_pem.prove(&Options::at(NOW, None)).unwrap(), None, "nobody lists who issued it");
        assert_eq!(from_pem.chain_pem().unwrap().matches("BEGIN").count(), from_pem.chain_der().len());
        assert!(matches!(Sealer::from_pkcs12(&file, "altra"), Err(SealError::Pkcs12(_))));

        for sealer in [from_pem, from_file] {
            let report = look(&sealer.cades_enveloping(CONTENT, &Making::at(NOW)).unwrap());
            assert!(report.signatures[0].intact);
            assert_eq!(report.signatures[0].format, Format::CadesB);
            let detached = sealer.sign_detached(&Sha256::digest(CONTENT)).unwrap();
            let options = Options::at(NOW, None);
            let report = inspect_detached(&detached, CONTENT, &options);
            assert!(report.signatures[0].intact);
            assert_eq!(report.signatures[0].claimed_signing_time, None);
            assert_eq!(inspect_detached(&detached, b"x", &options).indication, Indication::TotalFailed);
            assert!(matches!(sealer.sign_detached(b"short"), Err(SealError::Digest)));
        }
    }
}

#[test]
fn keys_that_may_not_seal() {
    let town = town();
    let made = |key: &plico_signature::forge::Signer, certificate: &plico_signature::forge::Signer| {
        Sealer::from_pem(&key.key_pem().unwrap(), &certificate.certificates_pem().unwrap())
    };
    assert!(matches!(made(&town.rsa, &town.p256), Err(SealError::Mismatch)));
    assert!(matches!(made(&town.short, &town.short), Err(SealError::KeyKind)));
    assert!(matches!(made(&town.brainpool, &town.brainpool), Err(SealError::KeyKind)));
    assert!(matches!(Sealer::from_pem(b"", b""), Err(SealError::Key(_))));
}

#[test]
fn what_a_server_shares_between_threads_may_be_shared() {
    fn shared<T: Send + Sync>() {}
    shared::<plico_signature::Anchors>();
    shared::<Sealer>();
    shared::<plico_signature::forge::Signer>();
}
