//! RSA blocks that are not padded as they should be.

use openssl::rsa::Padding;
use plico_crypto::verify::Hash;

use super::pki::Signer;
use crate::der::{sequence, tlv};
use crate::digest::digest;
use crate::seal::SealError;
use crate::signer::hash_oid;
use crate::write;

/// An RSA signature over a block as it is.
pub(super) fn block_signature(
    signer: &Signer,
    block: impl FnOnce(usize) -> Option<Vec<u8>>,
) -> Result<Vec<u8>, SealError> {
    let key = signer.key.rsa().map_err(SealError::Key)?;
    let mut signature = vec![0; key.size() as usize];
    let block = block(signature.len()).ok_or(SealError::KeyKind)?;
    key.private_encrypt(&block, &mut signature, Padding::NONE).map_err(SealError::Sign)?;
    Ok(signature)
}

/// EMSA-PKCS1-v1_5 with less padding than there is room for, and `after` zeros, or as many as fit, at the end.
pub(super) fn loose_block(hash: Hash, bytes: &[u8], size: usize, after: usize) -> Option<Vec<u8>> {
    let algorithm = write::algorithm_null(hash_oid(hash));
    let info = sequence(&[&algorithm, &tlv(0x04, &digest(hash, bytes))]);
    let room = size.checked_sub(info.len() + 3)?;
    let after = after.min(room.checked_sub(8)?);
    Some([&[0x00, 0x01][..], &vec![0xff; room - after], &[0x00], &info, &vec![0; after]].concat())
}
