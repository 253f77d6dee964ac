//! RSA signatures whose DigestInfo lacks the NULL parameters (RFC 8017 §9.2 note 2 has verifiers accept them).
//!
//! The block is never parsed, which is how signatures with exponent 3 have been forged: the whole of it is compared
//! with the one encoding that is allowed.

use openssl::pkey::PKey;
use openssl::rsa::Padding;
use plico_crypto::verify::Hash;

use crate::der::{sequence, tlv};
use crate::digest::digest;
use crate::{signer, write};

/// Whether `signature` over `message` is good once the NULL is left out.
pub(crate) fn fits_without_null(spki: &[u8], hash: Hash, message: &[u8], signature: &[u8]) -> bool {
    let check = || {
        let key = PKey::public_key_from_der(spki).ok()?.rsa().ok()?;
        let size = key.size() as usize;
        let mut block = vec![0; size];
        let length = key.public_decrypt(signature, &mut block, Padding::NONE).ok()?;
        Some(length == size && Some(block) == block_without_null(hash, message, size))
    };
    // openssl leaves its errors behind for whoever asks next.
    let fits = check();
    drop(openssl::error::ErrorStack::get());
    fits.unwrap_or(false)
}

/// EMSA-PKCS1-v1_5 (RFC 8017 §9.2) of `size` bytes, without the NULL.
pub(crate) fn block_without_null(hash: Hash, message: &[u8], size: usize) -> Option<Vec<u8>> {
    let info = sequence(&[&write::algorithm(signer::hash_oid(hash)), &tlv(0x04, &digest(hash, message))]);
    let padding = size.checked_sub(info.len() + 3).filter(|&padding| padding >= 8)?;
    Some([&[0x00, 0x01][..], &vec![0xff; padding], &[0x00], &info].concat())
}
