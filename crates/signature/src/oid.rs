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
    EC_PUBLIC_KEY = b"\x2a\x86\x48\xce\x3d\x02\x01", "1.2.840.10045.2.1";
    ECDSA_SHA1 = b"\x2a\x86\x48\xce\x3d\x04\x01", "1.2.840.10045.4.1";
    ECDSA_SHA256 = b"\x2a\x86\x48\xce\x3d\x04\x03\x02", "1.2.840.10045.4.3.2";
    ECDSA_SHA384 = b"\x2a\x86\x48\xce\x3d\x04\x03\x03", "1.2.840.10045.4.3.3";
    ECDSA_SHA512 = b"\x2a\x86\x48\xce\x3d\x04\x03\x04", "1.2.840.10045.4.3.4";
    ED25519 = b"\x2b\x65\x70", "1.3.101.112";

    COMMON_NAME = b"\x55\x04\x03", "2.5.4.3";
    SURNAME = b"\x55\x04\x04", "2.5.4.4";
    SERIAL_NUMBER = b"\x55\x04\x05", "2.5.4.5";
    COUNTRY = b"\x55\x04\x06", "2.5.4.6";
    ORGANIZATION = b"\x55\x04\x0a", "2.5.4.10";
    GIVEN_NAME = b"\x55\x04\x2a", "2.5.4.42";
    ORGANIZATION_IDENTIFIER = b"\x55\x04\x61", "2.5.4.97";

    SUBJECT_KEY_IDENTIFIER = b"\x55\x1d\x0e", "2.5.29.14";
    KEY_USAGE = b"\x55\x1d\x0f", "2.5.29.15";
    EXTENDED_KEY_USAGE = b"\x55\x1d\x25", "2.5.29.37";
    TIME_STAMPING = b"\x2b\x06\x01\x05\x05\x07\x03\x08", "1.3.6.1.5.5.7.3.8, RFC 3161 §2.3";
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dotted_forms() {
        assert_eq!(dotted(SIGNING_CERTIFICATE_V2), "1.2.840.113549.1.9.16.2.47");
        assert_eq!(dotted(VALIDITY_ASSURED), "0.4.0.194121.2.1");
        assert_eq!(dotted(SHA256), "2.16.840.1.101.3.4.2.1");
        assert_eq!(dotted(ALGORITHM_PROTECTION), "1.2.840.113549.1.9.52");
        assert_eq!(dotted(TIME_STAMPED_DATA), "1.2.840.113549.1.9.16.1.31");
        assert_eq!(dotted(SHA512), "2.16.840.1.101.3.4.2.3");
        assert_eq!(dotted(&[0xff; 100]), "");
    }
}
