//! Wycheproof: published cases that have fooled verifiers, for every algorithm that is accepted here.
//!
//! Where we answer otherwise than the vectors, the reason is in the code below and the number is exact.

use plico_crypto::verify::{Algorithm, Hash, Outcome, verify};
use wycheproof::TestResult::{self, Acceptable, Invalid, Valid};
use wycheproof::{HashFunction, dsa, ecdsa, eddsa, rsa_pkcs1_verify, rsa_pss_verify};

/// How many cases were run, and which of them came out wrong.
#[derive(Default)]
struct Count {
    run: usize,
    wrong: Vec<String>,
}

impl Count {
    fn case(&mut self, what: &str, id: usize, expected: TestResult, found: Outcome) {
        self.run += 1;
        let right = match expected {
            Valid => found == Outcome::Valid,
            Invalid => found != Outcome::Valid,
            // Right by the letter and left to the verifier: BER, missing NULL, weak digests.
            Acceptable => true,
        };
        if !right {
            self.wrong.push(format!("{what} {id}: {expected:?} is {found:?}"));
        }
    }

    fn end(self, least: usize) {
        assert!(self.wrong.is_empty(), "{} of {}:\n{}", self.wrong.len(), self.run, self.wrong.join("\n"));
        assert!(self.run >= least, "only {} cases were run", self.run);
    }
}

fn hash(function: HashFunction) -> Option<Hash> {
    Some(match function {
        HashFunction::Sha1 => Hash::Sha1,
        HashFunction::Sha2_224 => Hash::Sha224,
        HashFunction::Sha2_256 => Hash::Sha256,
        HashFunction::Sha2_384 => Hash::Sha384,
        HashFunction::Sha2_512 => Hash::Sha512,
        HashFunction::Sha3_224 => Hash::Sha3_224,
        HashFunction::Sha3_256 => Hash::Sha3_256,
        HashFunction::Sha3_384 => Hash::Sha3_384,
        HashFunction::Sha3_512 => Hash::Sha3_512,
        _ => return None,
    })
}

#[test]
fn rsa_pkcs1() {
    let mut count = Count::default();
    for name in rsa_pkcs1_verify::TestName::all() {
        let set = rsa_pkcs1_verify::TestSet::load(name).unwrap();
        for group in set.test_groups {
            let Some(hash) = hash(group.hash) else { continue };
            for test in group.tests {
                let found = verify(&group.der, Algorithm::RsaPkcs1(hash), &test.msg, &test.sig);
                count.case(&format!("{name:?}"), test.tc_id, test.result, found);
            }
        }
    }
    count.end(3000);
}

#[test]
fn rsa_pss() {
    let mut count = Count::default();
    for name in rsa_pss_verify::TestName::all() {
        let set = rsa_pss_verify::TestSet::load(name).unwrap();
        for group in set.test_groups {
            let (Some(hash), Some(mgf)) = (hash(group.hash), group.mgf_hash.and_then(hash)) else { continue };
            let algorithm = Algorithm::RsaPss { hash, mgf, salt: group.salt_size as u32 };
            for test in group.tests {
                let found = verify(&group.der, algorithm, &test.msg, &test.sig);
                count.case(&format!("{name:?}"), test.tc_id, test.result, found);
            }
        }
    }
    count.end(500);
}

#[test]
fn ecdsa() {
    let mut count = Count::default();
    for name in ecdsa::TestName::all() {
        let set = ecdsa::TestSet::load(name).unwrap();
        for group in set.test_groups {
            let shape = group.test_type;
            let (Some(hash), ecdsa::TestGroupTypeId::Ecdsa) = (hash(group.hash), shape) else { continue };
            for test in group.tests {
                let found = verify(&group.der, Algorithm::Ecdsa(hash), &test.msg, &test.sig);
                // Curves that are not accepted are never called wrong, and never right.
                if !matches!(found, Outcome::Unsupported(_)) {
                    count.case(&format!("{name:?}"), test.tc_id, test.result, found);
                }
            }
        }
    }
    count.end(5000);
}

#[test]
fn ed25519() {
    let mut count = Count::default();
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    for group in set.test_groups {
        for test in group.tests {
            let found = verify(&group.der, Algorithm::Ed25519, &test.msg, &test.sig);
            count.case("Ed25519", test.tc_id, test.result, found);
        }
    }
    count.end(100);
}

#[test]
fn ed448() {
    let mut count = Count::default();
    let set = eddsa::TestSet::load(eddsa::TestName::Ed448).unwrap();
    for group in set.test_groups {
        for test in group.tests {
            let found = verify(&group.der, Algorithm::Ed448, &test.msg, &test.sig);
            count.case("Ed448", test.tc_id, test.result, found);
        }
    }
    count.end(50);
}

#[test]
fn dsa_of_old_paths() {
    let mut count = Count::default();
    for name in dsa::TestName::all() {
        let set = dsa::TestSet::load(name).unwrap();
        for group in set.test_groups {
            let Some(hash) = hash(group.hash) else { continue };
            if format!("{name:?}").contains("P1363") {
                continue;
            }
            for test in group.tests {
                let found = verify(&group.der, Algorithm::Dsa(hash), &test.msg, &test.sig);
                count.case(&format!("{name:?}"), test.tc_id, test.result, found);
            }
        }
    }
    count.end(500);
}
