//! Small secrets (a data key, a salt) under the key of an epoch: XAES-256-GCM (C2SP), 24-byte random nonces.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cmac;
use zeroize::Zeroizing;

use crate::DataKey;

const VERSION: u8 = 1;
const NONCE: usize = 24;
const TAG: usize = 16;

/// The longest secret that is wrapped, in bytes; longer ones are blobs.
pub const MAX_SECRET: usize = 4096;

/// Why a secret could not be wrapped or unwrapped.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum WrapError {
    /// Longer than [`MAX_SECRET`].
    #[error("a wrapped secret has at most {MAX_SECRET} bytes")]
    TooLong,
    /// The bytes are not a wrapped secret of a version we know.
    #[error("not a wrapped secret of a known version")]
    Format,
    /// Altered, or wrapped under another key or for another purpose.
    #[error("the wrapped secret does not open: altered, another key, or another purpose")]
    Refused,
}

/// Wraps `secret` under `key` for the purpose named by `aad`; 24 bytes are taken from `random`.
pub fn wrap(
    key: &DataKey,
    random: &mut dyn FnMut(&mut [u8]),
    aad: &[u8],
    secret: &[u8],
) -> Result<Vec<u8>, WrapError> {
    if secret.len() > MAX_SECRET {
        return Err(WrapError::TooLong);
    }
    let mut nonce = [0; NONCE];
    random(&mut nonce);
    let mut sealed = Zeroizing::new(secret.to_vec());
    let (key, short) = derive(key, &nonce);
    let tag =
        key.seal_in_place_separate_tag(short, Aad::from(aad), &mut sealed).map_err(|_| WrapError::TooLong)?;
    Ok([&[VERSION][..], &nonce, &sealed, tag.as_ref()].concat())
}

/// Opens what [`wrap`] made with the same key and purpose.
pub fn unwrap(key: &DataKey, aad: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, WrapError> {
    let (version, rest) = wrapped.split_first().ok_or(WrapError::Format)?;
    let (nonce, sealed) = rest.split_first_chunk::<NONCE>().ok_or(WrapError::Format)?;
    if *version != VERSION || sealed.len() < TAG || sealed.len() > MAX_SECRET + TAG {
        return Err(WrapError::Format);
    }
    let mut bytes = Zeroizing::new(sealed.to_vec());
    let (key, short) = derive(key, nonce);
    let plain = key.open_in_place(short, Aad::from(aad), &mut bytes).map_err(|_| WrapError::Refused)?.len();
    bytes.truncate(plain);
    Ok(bytes)
}

/// Entry point for fuzzing: any bytes, never a panic.
pub fn fuzz_unwrap(bytes: &[u8]) {
    let _ = unwrap(&DataKey::new([7; 32]), b"", bytes);
}

/// The key and the short nonce that XAES-256-GCM derives from a key and 24 bytes: two AES-CMAC blocks.
fn derive(key: &DataKey, nonce: &[u8; NONCE]) -> (LessSafeKey, Nonce) {
    let mac = cmac::Key::new(cmac::AES_256, key.expose()).expect("32 bytes are an AES-256 key");
    let mut derived = Zeroizing::new([0; 32]);
    for (number, half) in (1u8..).zip(derived.chunks_exact_mut(16)) {
        let mut block = [0, number, b'X', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        block[4..].copy_from_slice(&nonce[..12]);
        half.copy_from_slice(cmac::sign(&mac, &block).expect("one block can be authenticated").as_ref());
    }
    let mut short = [0; 12];
    short.copy_from_slice(&nonce[12..]);
    let key = UnboundKey::new(&AES_256_GCM, &derived[..]).expect("32 bytes are an AES-256 key");
    (LessSafeKey::new(key), Nonce::assume_unique_for_key(short))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::to_hex;
    use proptest::prelude::*;

    fn letters(out: &mut [u8]) {
        out.copy_from_slice(b"ABCDEFGHIJKLMNOPQRSTUVWX");
    }

    #[test]
    fn published_vectors() {
        let cases: [(u8, &[u8], &str); 2] = [
            (1, b"", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"),
            (3, b"c2sp.org/XAES-256-GCM", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"),
        ];
        for (byte, aad, expected) in cases {
            let key = DataKey::new([byte; 32]);
            let wrapped = wrap(&key, &mut letters, aad, b"XAES-256-GCM").unwrap();
            assert_eq!(to_hex(&wrapped[1 + NONCE..]), expected);
            assert_eq!(&unwrap(&key, aad, &wrapped).unwrap()[..], b"XAES-256-GCM");
            assert_eq!(unwrap(&key, b"another purpose", &wrapped), Err(WrapError::Refused));
            assert_eq!(unwrap(&DataKey::new([9; 32]), aad, &wrapped), Err(WrapError::Refused));
        }
    }

    #[test]
    fn every_changed_byte_is_refused() {
        let key = DataKey::new([1; 32]);
        let wrapped = wrap(&key, &mut letters, b"aad", &[5; 64]).unwrap();
        for at in 0..wrapped.len() {
            let mut bad = wrapped.clone();
            bad[at] ^= 1;
            assert!(unwrap(&key, b"aad", &bad).is_err(), "byte {at}");
            assert!(unwrap(&key, b"aad", &wrapped[..at]).is_err(), "cut at {at}");
        }
        assert_eq!(wrap(&key, &mut letters, b"", &[0; MAX_SECRET + 1]), Err(WrapError::TooLong));
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            fuzz_unwrap(&bytes);
        }
    }
}
