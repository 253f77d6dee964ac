//! One-time codes for local accounts: RFC 6238 with SHA-1, six digits, thirty seconds, the settings that every
//! authenticator knows.

use aws_lc_rs::hmac;

use crate::secret::ct_eq;

/// Milliseconds in a step.
pub const STEP_MS: i64 = 30_000;
/// Bytes in a fresh secret: the length of the hash, as RFC 4226 recommends.
pub const SECRET: usize = 20;

/// The step an instant lies in; instants before 1970 count as 1970.
pub fn step(now_ms: i64) -> u64 {
    u64::try_from(now_ms / STEP_MS).unwrap_or(0)
}

/// The six digits of a step.
pub fn code(secret: &[u8], step: u64) -> String {
    format!("{:06}", truncated(secret, step) % 1_000_000)
}

/// Checks a code at `now_ms` (UTC), one step early or late allowed, and only later steps than `last_used`: a code is good
/// once. Answers the step that was used, which the caller must store before he lets the person in.
pub fn verify(secret: &[u8], given: &str, now_ms: i64, last_used: Option<u64>) -> Option<u64> {
    let now = step(now_ms);
    (now.saturating_sub(1)..=now + 1)
        .filter(|s| last_used.is_none_or(|used| *s > used))
        .find(|s| ct_eq(code(secret, *s).as_bytes(), given.as_bytes()))
}

/// The `otpauth:` address that authenticators read from a QR code. Both names must be free of `:`, `?`, `&` and `%`;
/// such characters are left out.
pub fn otpauth(issuer: &str, account: &str, secret: &[u8]) -> String {
    let clean = |s: &str| -> String {
        s.bytes()
            .filter(|b| !matches!(b, b':' | b'?' | b'&' | b'%'))
            .flat_map(|b| {
                let plain = b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'@');
                if plain { vec![b as char] } else { format!("%{b:02X}").chars().collect() }
            })
            .collect()
    };
    let (issuer, account) = (clean(issuer), clean(account));
    format!("otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}", base32(secret))
}

/// RFC 4648 base32 without padding: how a secret is shown to be typed.
pub fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut out, mut bits, mut have) = (String::new(), 0u32, 0);
    for byte in bytes {
        bits = bits << 8 | u32::from(*byte);
        have += 8;
        while have >= 5 {
            have -= 5;
            out.push(LETTERS[(bits >> have & 31) as usize] as char);
        }
    }
    if have > 0 {
        out.push(LETTERS[(bits << (5 - have) & 31) as usize] as char);
    }
    out
}

fn truncated(secret: &[u8], step: u64) -> u32 {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag[tag.len() - 1] & 15);
    u32::from_be_bytes([tag[at] & 0x7f, tag[at + 1], tag[at + 2], tag[at + 3]])
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: &[u8] = b"12345678901234567890";

    #[test]
    fn rfc6238_appendix_b() {
        let cases = [
            (59, 94_287_082),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000, 65_353_130),
        ];
        for (seconds, digits) in cases {
            assert_eq!(truncated(SEED, step(seconds * 1000)) % 100_000_000, digits);
            assert_eq!(code(SEED, step(seconds * 1000)), format!("{:06}", digits % 1_000_000));
        }
    }

    #[test]
    fn a_code_is_good_once_and_for_three_steps() {
        let now = 1_234_567_890_000;
        let this = step(now);
        for (ago, good) in [(2, false), (1, true), (0, true)] {
            let given = code(SEED, this - ago);
            assert_eq!(verify(SEED, &given, now, None).is_some(), good);
        }
        assert_eq!(verify(SEED, &code(SEED, this + 1), now, None), Some(this + 1));
        assert_eq!(verify(SEED, &code(SEED, this + 2), now, None), None);
        assert_eq!(verify(SEED, &code(SEED, this), now, Some(this)), None);
        assert_eq!(verify(SEED, &code(SEED, this), now, Some(this - 1)), Some(this));
        for bad in ["", "12345", "1234567", "abcdef"] {
            assert_eq!(verify(SEED, bad, now, None), None);
        }
        assert_eq!(verify(SEED, &code(SEED, 0), -5, None), Some(0));
    }

    #[test]
    fn base32_of_rfc4648() {
        let cases = [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
        ];
        for (plain, coded) in cases {
            assert_eq!(base32(plain.as_bytes()), coded);
        }
        assert_eq!(
            otpauth("Borgo San Plico", "anna:x", b"foo"),
            "otpauth://totp/Borgo%20San%20Plico:annax?secret=MZXW6&issuer=Borgo%20San%20Plico"
        );
    }
}
