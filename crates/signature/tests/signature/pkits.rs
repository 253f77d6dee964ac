//! NIST PKITS, the Public Key Interoperability Test Suite: every path's verdict, from all of its certificates and lists
//! at once.
//!
//! The certificate of each test says in its name whether it is valid. Those of the chapters on policies do not, or are
//! asked several times: they are in [`ASKED`].

use std::collections::BTreeMap;
use std::path::PathBuf;

use openssl::x509::X509;
use plico_signature::path::Demands;
use plico_signature::revocation::Evidence;
use plico_signature::{Anchors, Path};
use plico_testkit::real::{or_say, python};

/// 21 November 2026: within the dates of the suite (2010 to 2030).
const AT: i64 = crate::town::NOW;

/// Certificate, policies that are acceptable (1 is NIST-test-policy-1; none for any), `e`xplicit policy, inhibited
/// `m`apping and `a`ny policy, whether the path is valid. Chapters 4.8, 4.10 and 4.12 of the suite.
#[rustfmt::skip]
const ASKED: &[(&str, &[u8], &str, bool)] = &[
    ("ValidCertificatePathTest1EE", &[], "e", true),
    ("ValidCertificatePathTest1EE", &[1], "e", true),
    ("ValidCertificatePathTest1EE", &[2], "e", false),
    ("ValidCertificatePathTest1EE", &[1, 2], "e", true),
    ("AllCertificatesNoPoliciesTest2EE", &[], "", true),
    ("AllCertificatesNoPoliciesTest2EE", &[], "e", false),
    ("DifferentPoliciesTest3EE", &[], "", true),
    ("DifferentPoliciesTest3EE", &[], "e", false),
    ("DifferentPoliciesTest3EE", &[1, 2], "e", false),
    ("DifferentPoliciesTest4EE", &[], "", false),
    ("DifferentPoliciesTest5EE", &[], "", false),
    ("OverlappingPoliciesTest6EE", &[], "", true),
    ("OverlappingPoliciesTest6EE", &[1], "", true),
    ("OverlappingPoliciesTest6EE", &[2], "", false),
    ("DifferentPoliciesTest7EE", &[], "", false),
    ("DifferentPoliciesTest8EE", &[], "", false),
    ("DifferentPoliciesTest9EE", &[], "", false),
    ("AllCertificatesSamePoliciesTest10EE", &[], "", true),
    ("AllCertificatesSamePoliciesTest10EE", &[1], "", true),
    ("AllCertificatesSamePoliciesTest10EE", &[2], "", true),
    ("AllCertificatesanyPolicyTest11EE", &[], "", true),
    ("AllCertificatesanyPolicyTest11EE", &[1], "", true),
    ("DifferentPoliciesTest12EE", &[], "", false),
    ("AllCertificatesSamePoliciesTest13EE", &[1], "", true),
    ("AllCertificatesSamePoliciesTest13EE", &[2], "", true),
    ("AllCertificatesSamePoliciesTest13EE", &[3], "", true),
    ("AnyPolicyTest14EE", &[1], "", true),
    ("AnyPolicyTest14EE", &[2], "", false),
    ("UserNoticeQualifierTest15EE", &[], "", true),
    ("UserNoticeQualifierTest16EE", &[], "", true),
    ("UserNoticeQualifierTest17EE", &[], "", true),
    ("UserNoticeQualifierTest18EE", &[1], "", true),
    ("UserNoticeQualifierTest18EE", &[2], "", true),
    ("UserNoticeQualifierTest19EE", &[], "", true),
    ("CPSPointerQualifierTest20EE", &[], "e", true),
    ("ValidPolicyMappingTest1EE", &[1], "", true),
    ("ValidPolicyMappingTest1EE", &[2], "", false),
    ("ValidPolicyMappingTest1EE", &[], "m", false),
    ("InvalidPolicyMappingTest2EE", &[], "", false),
    ("InvalidPolicyMappingTest2EE", &[], "m", false),
    ("ValidPolicyMappingTest3EE", &[1], "", false),
    ("ValidPolicyMappingTest3EE", &[2], "", true),
    ("ValidPolicyMappingTest5EE", &[1], "", true),
    ("ValidPolicyMappingTest5EE", &[6], "", false),
    ("ValidPolicyMappingTest6EE", &[1], "", true),
    ("ValidPolicyMappingTest6EE", &[6], "", false),
    ("ValidPolicyMappingTest12EE", &[1], "", true),
    ("ValidPolicyMappingTest12EE", &[2], "", true),
    ("inhibitAnyPolicyTest3EE", &[], "", true),
    ("inhibitAnyPolicyTest3EE", &[], "a", false),
];

/// Tests whose target is an authority's certificate or has a name of its own (4.5.4, 4.5.5 share theirs with others).
const TARGETS: usize = 405;

struct Suite {
    certificates: BTreeMap<String, Vec<u8>>,
    evidence: Evidence,
    anchors: Anchors,
}

impl Suite {
    fn load() -> Option<Self> {
        let folder: PathBuf = or_say(python::package("cryptography_vectors"))?.join("x509/PKITS_data");
        let read = |name: &str| -> BTreeMap<String, Vec<u8>> {
            let files = std::fs::read_dir(folder.join(name)).unwrap().map(|entry| entry.unwrap().path());
            let stem = |file: &PathBuf| file.file_stem().unwrap().to_str().unwrap().to_owned();
            files.map(|file| (stem(&file), std::fs::read(file).unwrap())).collect()
        };
        let certificates = read("certs");
        let mut evidence = Evidence::default();
        let lists = read("crls");
        let refused = lists.iter().filter(|(_, list)| evidence.add_crl(list).is_err()).map(|(name, _)| name);
        // A signature that is no whole number of octets, and a critical extension that nobody knows.
        assert_eq!(refused.collect::<Vec<_>>(), ["BadCRLSignatureCACRL", "UnknownCRLExtensionCACRL"]);
        assert_eq!(lists.len(), 173);
        let root = X509::from_der(&certificates["TrustAnchorRootCertificate"]).unwrap();
        let anchors = Anchors::from_pem(&root.to_pem().unwrap()).unwrap();
        Some(Self { certificates, evidence, anchors })
    }

    fn judge(&self, name: &str, demands: &Demands) -> Path {
        let leaf = self.certificates[name].as_slice();
        let others = self.certificates.values().map(Vec::as_slice);
        let all: Vec<&[u8]> = std::iter::once(leaf).chain(others).collect();
        self.anchors.judge(&all, &self.evidence, demands.clone(), AT, AT)
    }
}

#[test]
fn every_path_has_its_verdict() {
    let Some(suite) = Suite::load() else { return };
    assert_eq!(suite.certificates.len(), TARGETS);
    let mut wrong = Vec::new();
    let mut judged = 0;
    for name in suite.certificates.keys().filter(|name| name.ends_with("EE")) {
        let expected = match () {
            () if name.starts_with("Valid") => true,
            () if name.starts_with("Invalid") => false,
            () => continue,
        };
        judged += 1;
        // The chapters on policies ask some of these for one policy only.
        let found = suite.judge(name, &Demands::default());
        if (found == Path::Found) != expected {
            wrong.push(format!("{name}: {found:?}"));
        }
    }
    for (name, policies, flags, expected) in ASKED {
        judged += 1;
        let demands = Demands {
            policies: policies
                .iter()
                .map(|&n| [b"\x60\x86\x48\x01\x65\x03\x02\x01\x30".as_slice(), &[n]].concat())
                .collect(),
            explicit: flags.contains('e'),
            inhibit_mapping: flags.contains('m'),
            inhibit_any: flags.contains('a'),
        };
        let found = suite.judge(name, &demands);
        if (found == Path::Found) != *expected {
            wrong.push(format!("{name} {policies:?} {flags:?}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {judged} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(judged, 253);
}
