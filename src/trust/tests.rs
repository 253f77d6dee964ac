use super::*;
use plico_signature::forge::{KeyKind, ListRecipe, Listed, Period, Pki, Subject, trusted_list};

const NOW: i64 = 1_795_262_400_000;

fn trusting(folder: &Path) -> Signatures {
    Signatures { trust: Some(folder.to_owned()), ..Signatures::default() }
}

#[test]
fn the_folder_says_whom_to_believe_and_what_is_wrong_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let settings = trusting(folder.path());
    let read = || read(&settings, Vec::new());
    let wrong = || read().unwrap_err().to_string();
    assert!(wrong().contains("holds no certificate"));
    let pki = Pki::new("Borgo", NOW).unwrap();
    std::fs::write(at("radice.pem"), pki.anchors_pem().unwrap()).unwrap();
    std::fs::write(at("leggimi.txt"), "una nota").unwrap();
    let first = look(&settings).unwrap();
    assert_eq!(first.len(), 1);
    let trust = read().unwrap();
    assert!(trust.anchors.is_some() && trust.evidence.is_empty());
    let period = Period { from_ms: NOW, to_ms: None };
    std::fs::write(at("ca.crl"), pki.crl(&[], period).unwrap()).unwrap();
    let with = read().unwrap();
    assert!(!with.evidence.is_empty() && with.version != trust.version);
    assert_eq!(with.version, read().unwrap().version);
    assert_ne!(look(&settings).unwrap(), first);
    std::fs::write(at("ca.crl"), "no").unwrap();
    assert!(wrong().contains("ca.crl"));
    std::fs::remove_file(at("ca.crl")).unwrap();
    std::fs::write(at("altra.crt"), "no").unwrap();
    assert!(wrong().contains("altra.crt"));
    let absent = super::read(&trusting(&at("assente")), Vec::new()).unwrap_err().to_string();
    assert!(absent.contains("check the path"), "{absent}");
    let nobody = super::read(&Signatures::default(), Vec::new()).unwrap();
    assert!(nobody.anchors.is_none() && nobody.version.is_empty());
}

#[test]
fn lists_are_read_beside_it_and_without_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let settings = Signatures { lists: Some(folder.path().to_owned()), ..Signatures::default() };
    let wrong = |settings: &Signatures| crate::work::describe(&read(settings, Vec::new()).unwrap_err());
    assert!(wrong(&settings).contains("signers.pem"), "{}", wrong(&settings));

    let mut pki = Pki::new("Borgo", NOW).unwrap();
    let subject = Subject {
        given_name: "Operatore",
        surname: "Di Prova",
        fiscal_code: "",
        organization: "",
        from_ms: NOW - 1000,
        to_ms: NOW + 1_000_000,
    };
    let operator = pki.signer(&subject, KeyKind::P256).unwrap();
    std::fs::write(at("signers.pem"), operator.certificates_pem().unwrap()).unwrap();
    assert!(wrong(&settings).contains("eu-lotl.xml"), "{}", wrong(&settings));
    // Where they are fetched there need be none yet.
    let fetching = Signatures { fetch: true, ..settings.clone() };
    assert!(read(&fetching, Vec::new()).unwrap().anchors.is_none());

    let pointers: [(&str, &[&[u8]]); 1] = [("IT", &[operator.certificate_der()])];
    let list =
        ListRecipe { sequence: 1, issued_ms: NOW, next_update_ms: Some(NOW + 1000), ..ListRecipe::default() };
    let lotl = ListRecipe { territory: "EU", pointers: &pointers, ..list };
    let lotl = trusted_list(&operator, &lotl).unwrap();
    let service = Listed {
        kind: "CA/QC",
        certificate: pki.issuer_der(),
        periods: &[("granted", NOW - 1000)],
        uses: &[],
        qualifiers: &[],
    };
    let italy = ListRecipe { territory: "IT", services: &[service], ..list };
    let italy = trusted_list(&operator, &italy).unwrap();
    std::fs::write(at("eu-lotl.xml"), &lotl).unwrap();
    let one = read(&settings, Vec::new()).unwrap();
    let count = |trust: &Trust| trust.anchors.as_ref().unwrap().lists().unwrap().reports(NOW).len();
    assert_eq!(count(&one), 1);
    assert!(at("lists.compiled").is_file());
    // What was fetched counts like what lies there.
    let both = read(&settings, vec![("https://lists.example/IT.xml".into(), italy.clone())]).unwrap();
    assert_eq!(count(&both), 2);
    assert_ne!(one.version, both.version);
    let seen = look(&settings).unwrap();
    std::fs::write(at("IT.xml"), italy).unwrap();
    assert_ne!(look(&settings).unwrap(), seen);
    assert_eq!(count(&read(&settings, Vec::new()).unwrap()), 2);

    // Beside lists a folder may hold revocation lists alone.
    let revocations = tempfile::tempdir().unwrap();
    let period = Period { from_ms: NOW, to_ms: None };
    std::fs::write(revocations.path().join("ca.crl"), pki.crl(&[], period).unwrap()).unwrap();
    let settings = Signatures { trust: Some(revocations.path().to_owned()), ..settings };
    let trust = read(&settings, Vec::new()).unwrap();
    assert!(trust.anchors.is_some() && !trust.evidence.is_empty());
}
