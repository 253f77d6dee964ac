//! Object identifiers, as the contents of their DER encoding.

macro_rules! oids {
    ($($name:ident = $bytes:expr, $what:literal;)*) => {
        $(#[doc = $what] pub const $name: &[u8] = $bytes;)*
    };
}

oids! {
    DATA = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01", "1.2.840.113549.1.7.1";
    SIGNED_DATA = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", "1.2.840.113549.1.7.2";
    ENVELOPED_DATA = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03", "1.2.840.113549.1.7.3";
    TIME_STAMPED_DATA = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x1f", "1.2.840.113549.1.9.16.1.31, RFC 5544";
    RECORD_INTERNAL = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x31", "1.2.840.113549.1.9.16.2.49, RFC 4998 §5.1";
    RECORD_EXTERNAL = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x32", "1.2.840.113549.1.9.16.2.50, RFC 4998 §5.1";
    TST_INFO = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x04", "1.2.840.113549.1.9.16.1.4, RFC 3161";

    CONTENT_TYPE = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03", "1.2.840.113549.1.9.3";
    MESSAGE_DIGEST = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04", "1.2.840.113549.1.9.4";
    SIGNING_TIME = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x05", "1.2.840.113549.1.9.5";
    COUNTER_SIGNATURE = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x06", "1.2.840.113549.1.9.6";
    ALGORITHM_PROTECTION = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x34", "1.2.840.113549.1.9.52, RFC 6211";
    SIGNING_CERTIFICATE = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x0c", "1.2.840.113549.1.9.16.2.12, RFC 2634";
    SIGNATURE_TIME_STAMP = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x0e", "1.2.840.113549.1.9.16.2.14";
    CONTENT_TIME_STAMP = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x14", "1.2.840.113549.1.9.16.2.20";
    SIGNING_CERTIFICATE_V2 = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x2f", "1.2.840.113549.1.9.16.2.47, RFC 5035";

    SHA1 = b"\x2b\x0e\x03\x02\x1a", "1.3.14.3.2.26";
    SHA224 = b"\x60\x86\x48\x01\x65\x03\x04\x02\x04", "2.16.840.1.101.3.4.2.4";
    SHA3_224 = b"\x60\x86\x48\x01\x65\x03\x04\x02\x07", "2.16.840.1.101.3.4.2.7";
    SHA3_256 = b"\x60\x86\x48\x01\x65\x03\x04\x02\x08", "2.16.840.1.101.3.4.2.8";
    SHA3_384 = b"\x60\x86\x48\x01\x65\x03\x04\x02\x09", "2.16.840.1.101.3.4.2.9";
    SHA3_512 = b"\x60\x86\x48\x01\x65\x03\x04\x02\x0a", "2.16.840.1.101.3.4.2.10";
    SHAKE256 = b"\x60\x86\x48\x01\x65\x03\x04\x02\x0c", "2.16.840.1.101.3.4.2.12";
    SHA256 = b"\x60\x86\x48\x01\x65\x03\x04\x02\x01", "2.16.840.1.101.3.4.2.1";
    SHA384 = b"\x60\x86\x48\x01\x65\x03\x04\x02\x02", "2.16.840.1.101.3.4.2.2";
    SHA512 = b"\x60\x86\x48\x01\x65\x03\x04\x02\x03", "2.16.840.1.101.3.4.2.3";

    RSA = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", "1.2.840.113549.1.1.1";
    SHA1_RSA = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05", "1.2.840.113549.1.1.5";
    MGF1 = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08", "1.2.840.113549.1.1.8";
    RSA_PSS = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a", "1.2.840.113549.1.1.10";
    SHA256_RSA = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b", "1.2.840.113549.1.1.11";
    SHA384_RSA = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c", "1.2.840.113549.1.1.12";
    SHA512_RSA = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d", "1.2.840.113549.1.1.13";
    SHA224_RSA = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0e", "1.2.840.113549.1.1.14";
    DSA_SHA224 = b"\x60\x86\x48\x01\x65\x03\x04\x03\x01", "2.16.840.1.101.3.4.3.1";
    DSA_SHA256 = b"\x60\x86\x48\x01\x65\x03\x04\x03\x02", "2.16.840.1.101.3.4.3.2";
    ECDSA_SHA3_224 = b"\x60\x86\x48\x01\x65\x03\x04\x03\x09", "2.16.840.1.101.3.4.3.9, RFC 9688";
    ECDSA_SHA3_256 = b"\x60\x86\x48\x01\x65\x03\x04\x03\x0a", "2.16.840.1.101.3.4.3.10";
    ECDSA_SHA3_384 = b"\x60\x86\x48\x01\x65\x03\x04\x03\x0b", "2.16.840.1.101.3.4.3.11";
    ECDSA_SHA3_512 = b"\x60\x86\x48\x01\x65\x03\x04\x03\x0c", "2.16.840.1.101.3.4.3.12";
    SHA3_224_RSA = b"\x60\x86\x48\x01\x65\x03\x04\x03\x0d", "2.16.840.1.101.3.4.3.13, RFC 9688";
    SHA3_256_RSA = b"\x60\x86\x48\x01\x65\x03\x04\x03\x0e", "2.16.840.1.101.3.4.3.14";
    SHA3_384_RSA = b"\x60\x86\x48\x01\x65\x03\x04\x03\x0f", "2.16.840.1.101.3.4.3.15";
    SHA3_512_RSA = b"\x60\x86\x48\x01\x65\x03\x04\x03\x10", "2.16.840.1.101.3.4.3.16";
    ECDSA_SHA224 = b"\x2a\x86\x48\xce\x3d\x04\x03\x01", "1.2.840.10045.4.3.1";
    EC_PUBLIC_KEY = b"\x2a\x86\x48\xce\x3d\x02\x01", "1.2.840.10045.2.1";
    ECDSA_SHA1 = b"\x2a\x86\x48\xce\x3d\x04\x01", "1.2.840.10045.4.1";
    ECDSA_SHA256 = b"\x2a\x86\x48\xce\x3d\x04\x03\x02", "1.2.840.10045.4.3.2";
    ECDSA_SHA384 = b"\x2a\x86\x48\xce\x3d\x04\x03\x03", "1.2.840.10045.4.3.3";
    ECDSA_SHA512 = b"\x2a\x86\x48\xce\x3d\x04\x03\x04", "1.2.840.10045.4.3.4";
    ED25519 = b"\x2b\x65\x70", "1.3.101.112";
    ED448 = b"\x2b\x65\x71", "1.3.101.113";

    USER_ID = b"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01", "0.9.2342.19200300.100.1.1";
    ORGANIZATIONAL_UNIT = b"\x55\x04\x0b", "2.5.4.11";
    COMMON_NAME = b"\x55\x04\x03", "2.5.4.3";
    SURNAME = b"\x55\x04\x04", "2.5.4.4";
    SERIAL_NUMBER = b"\x55\x04\x05", "2.5.4.5";
    COUNTRY = b"\x55\x04\x06", "2.5.4.6";
    ORGANIZATION = b"\x55\x04\x0a", "2.5.4.10";
    GIVEN_NAME = b"\x55\x04\x2a", "2.5.4.42";
    ORGANIZATION_IDENTIFIER = b"\x55\x04\x61", "2.5.4.97";

    EMAIL_ADDRESS = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01", "1.2.840.113549.1.9.1";

    REVOCATION_VALUES = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x18", "1.2.840.113549.1.9.16.2.24, ETSI EN 319 122-1 annex A.1.4";
    CERTIFICATE_VALUES = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x17", "1.2.840.113549.1.9.16.2.23";
    ADOBE_REVOCATION = b"\x2a\x86\x48\x86\xf7\x2f\x01\x01\x08", "1.2.840.113583.1.1.8, ISO 32000-1 §12.8.3.3.2";
    CERTIFICATE_REFERENCES = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x15", "1.2.840.113549.1.9.16.2.21, ETSI TS 101 733 §6.2.1";
    REVOCATION_REFERENCES = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x16", "1.2.840.113549.1.9.16.2.22, ETSI TS 101 733 §6.2.2";
    REFERENCES_TIME_STAMP = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x19", "1.2.840.113549.1.9.16.2.25, ETSI TS 101 733 §6.3.5";
    ARCHIVE_TIME_STAMP_V2 = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x30", "1.2.840.113549.1.9.16.2.48, ETSI TS 101 733 §6.4.1";
    ARCHIVE_TIME_STAMP_V3 = b"\x04\x00\x8d\x45\x02\x04", "0.4.0.1733.2.4, ETSI EN 319 122-1 §5.5.3";
    HASH_INDEX_V3 = b"\x04\x00\x8d\x45\x02\x05", "0.4.0.1733.2.5, ETSI EN 319 122-1 §5.5.2";
    OCSP = b"\x2b\x06\x01\x05\x05\x07\x30\x01", "1.3.6.1.5.5.7.48.1, RFC 5280 §4.2.2.1";
    CA_ISSUERS = b"\x2b\x06\x01\x05\x05\x07\x30\x02", "1.3.6.1.5.5.7.48.2, RFC 5280 §4.2.2.1";
    OCSP_BASIC = b"\x2b\x06\x01\x05\x05\x07\x30\x01\x01", "1.3.6.1.5.5.7.48.1.1, RFC 6960";
    OCSP_NO_CHECK = b"\x2b\x06\x01\x05\x05\x07\x30\x01\x05", "1.3.6.1.5.5.7.48.1.5, RFC 6960 §4.2.2.2.1";
    OCSP_ARCHIVE_CUTOFF = b"\x2b\x06\x01\x05\x05\x07\x30\x01\x06", "1.3.6.1.5.5.7.48.1.6, RFC 6960 §4.4.4";
    OCSP_IN_CMS = b"\x2b\x06\x01\x05\x05\x07\x10\x02", "1.3.6.1.5.5.7.16.2, RFC 5940";
    OCSP_SIGNING = b"\x2b\x06\x01\x05\x05\x07\x03\x09", "1.3.6.1.5.5.7.3.9";

    DSA = b"\x2a\x86\x48\xce\x38\x04\x01", "1.2.840.10040.4.1";
    DSA_SHA1 = b"\x2a\x86\x48\xce\x38\x04\x03", "1.2.840.10040.4.3";

    SUBJECT_ALTERNATIVE_NAME = b"\x55\x1d\x11", "2.5.29.17";
    ISSUER_ALTERNATIVE_NAME = b"\x55\x1d\x12", "2.5.29.18";
    BASIC_CONSTRAINTS = b"\x55\x1d\x13", "2.5.29.19";
    CRL_NUMBER = b"\x55\x1d\x14", "2.5.29.20";
    REASON_CODE = b"\x55\x1d\x15", "2.5.29.21";
    INVALIDITY_DATE = b"\x55\x1d\x18", "2.5.29.24";
    DELTA_CRL_INDICATOR = b"\x55\x1d\x1b", "2.5.29.27";
    ISSUING_DISTRIBUTION_POINT = b"\x55\x1d\x1c", "2.5.29.28";
    CERTIFICATE_ISSUER = b"\x55\x1d\x1d", "2.5.29.29";
    NAME_CONSTRAINTS = b"\x55\x1d\x1e", "2.5.29.30";
    CRL_DISTRIBUTION_POINTS = b"\x55\x1d\x1f", "2.5.29.31";
    CERTIFICATE_POLICIES = b"\x55\x1d\x20", "2.5.29.32";
    ANY_POLICY = b"\x55\x1d\x20\x00", "2.5.29.32.0";
    POLICY_MAPPINGS = b"\x55\x1d\x21", "2.5.29.33";
    AUTHORITY_KEY_IDENTIFIER = b"\x55\x1d\x23", "2.5.29.35";
    POLICY_CONSTRAINTS = b"\x55\x1d\x24", "2.5.29.36";
    FRESHEST_CRL = b"\x55\x1d\x2e", "2.5.29.46";
    INHIBIT_ANY_POLICY = b"\x55\x1d\x36", "2.5.29.54";
    EXPIRED_CERTIFICATES_ON_CRL = b"\x55\x1d\x3c", "2.5.29.60, X.509 §9.5.2.8";
    AUTHORITY_INFORMATION = b"\x2b\x06\x01\x05\x05\x07\x01\x01", "1.3.6.1.5.5.7.1.1";
    QC_STATEMENTS = b"\x2b\x06\x01\x05\x05\x07\x01\x03", "1.3.6.1.5.5.7.1.3, RFC 3739 §3.2.6";
    SUBJECT_INFORMATION = b"\x2b\x06\x01\x05\x05\x07\x01\x0b", "1.3.6.1.5.5.7.1.11";

    SUBJECT_KEY_IDENTIFIER = b"\x55\x1d\x0e", "2.5.29.14";
    KEY_USAGE = b"\x55\x1d\x0f", "2.5.29.15";
    EXTENDED_KEY_USAGE = b"\x55\x1d\x25", "2.5.29.37";
    TIME_STAMPING = b"\x2b\x06\x01\x05\x05\x07\x03\x08", "1.3.6.1.5.5.7.3.8, RFC 3161 §2.3";
    QC_COMPLIANCE = b"\x04\x00\x8e\x46\x01\x01", "0.4.0.1862.1.1, ETSI EN 319 412-5";
    QC_SSCD = b"\x04\x00\x8e\x46\x01\x04", "0.4.0.1862.1.4, ETSI EN 319 412-5";
    QC_TYPE = b"\x04\x00\x8e\x46\x01\x06", "0.4.0.1862.1.6, ETSI EN 319 412-5";
    QC_TYPE_SIGNATURE = b"\x04\x00\x8e\x46\x01\x06\x01", "0.4.0.1862.1.6.1";
    QC_TYPE_SEAL = b"\x04\x00\x8e\x46\x01\x06\x02", "0.4.0.1862.1.6.2";
    QC_LEGISLATION = b"\x04\x00\x8e\x46\x01\x07", "0.4.0.1862.1.7, ETSI EN 319 412-5";
    QCP_PUBLIC_SSCD = b"\x04\x00\x8b\x30\x01\x01", "0.4.0.1456.1.1, ETSI TS 101 456";
    QCP_PUBLIC = b"\x04\x00\x8b\x30\x01\x02", "0.4.0.1456.1.2, ETSI TS 101 456";
    VALIDITY_ASSURED = b"\x04\x00\x8b\xec\x49\x02\x01", "0.4.0.194121.2.1, ETSI EN 319 412-1 §5.2";
}

/// Dotted form, for telling a person which algorithm we do not know.
pub fn dotted(oid: &[u8]) -> String {
    let mut arcs: Vec<u64> = Vec::new();
    let mut arc = 0u64;
    for &octet in oid.iter().take(64) {
        arc = (arc << 7) | u64::from(octet & 0x7f);
        if octet & 0x80 == 0 {
            if arcs.is_empty() {
                let first = (arc / 40).min(2);
                arcs.extend([first, arc - first * 40]);
            } else {
                arcs.push(arc);
            }
            arc = 0;
        }
    }
    arcs.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}

/// The contents of the encoding of a dotted form; `None` when it is not one.
pub fn from_dotted(text: &str) -> Option<Vec<u8>> {
    let arcs: Vec<u64> = text.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
    let (&[first, second], rest) = arcs.split_first_chunk::<2>()?;
    if first > 2 || (first < 2 && second > 39) || arcs.len() > 32 {
        return None;
    }
    let mut out = Vec::new();
    for arc in std::iter::once(first.checked_mul(40)?.checked_add(second)?).chain(rest.iter().copied()) {
        let octets = (64 - arc.leading_zeros()).div_ceil(7).max(1);
        for place in (0..octets).rev() {
            let more = if place == 0 { 0 } else { 0x80 };
            out.push(more | (arc >> (7 * place)) as u8 & 0x7f);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dotted_forms() {
        for id in [SIGNING_CERTIFICATE_V2, VALIDITY_ASSURED, SHA256, ED25519, EXTENDED_KEY_USAGE] {
            assert_eq!(from_dotted(&dotted(id)).as_deref(), Some(id));
        }
        for bad in ["", "1", "3.1", "1.40", "1.2.x", "1..2", "1.2.99999999999999999999999"] {
            assert_eq!(from_dotted(bad), None, "{bad}");
        }
        assert_eq!(dotted(SIGNING_CERTIFICATE_V2), "1.2.840.113549.1.9.16.2.47");
        assert_eq!(dotted(ARCHIVE_TIME_STAMP_V2), "1.2.840.113549.1.9.16.2.48");
        assert_eq!(dotted(VALIDITY_ASSURED), "0.4.0.194121.2.1");
        assert_eq!(dotted(SHA256), "2.16.840.1.101.3.4.2.1");
        assert_eq!(dotted(ALGORITHM_PROTECTION), "1.2.840.113549.1.9.52");
        assert_eq!(dotted(TIME_STAMPED_DATA), "1.2.840.113549.1.9.16.1.31");
        assert_eq!(dotted(SHA512), "2.16.840.1.101.3.4.2.3");
        assert_eq!(dotted(&[0xff; 100]), "");
    }
}
