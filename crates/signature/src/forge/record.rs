//! Evidence records (RFC 4998) from a recipe.

use plico_crypto::verify::Hash;

use super::authority::imprinted;
use super::pki::Signer;
use crate::der::{sequence, tlv};
use crate::seal::SealError;
use crate::signer::hash_oid;
use crate::write;

/// Whose stamp is over what, by which digest, and the time it says.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    /// Whose it is.
    pub authority: &'a Signer,
    /// The time it says, UTC milliseconds.
    pub at_ms: i64,
    /// The digest of the tree.
    pub hash: Hash,
}

/// A record that is made and renewed. A document is one of a tree with `others` beside it, each a level further up.
#[derive(Debug, Clone, Default)]
pub struct EvidenceRecord {
    /// `ArchiveTimeStamp`s of each chain, and of each its token.
    chains: Vec<Vec<(Vec<u8>, Vec<u8>)>>,
    digests: Vec<Hash>,
}

impl EvidenceRecord {
    /// A first stamp, or one by a new algorithm over the document and all that is there.
    pub fn chain(&mut self, document: &[u8], others: &[&[u8]], by: By<'_>) -> Result<(), SealError> {
        let mut leaf = by.hash.of(document);
        if !self.chains.is_empty() {
            let before = by.hash.of(&self.sequence());
            leaf = by.hash.of(&[leaf, before].concat());
        }
        let entry = entry(&leaf, others, by)?;
        self.chains.push(vec![entry]);
        self.digests.push(by.hash);
        Ok(())
    }

    /// A stamp over the last one.
    pub fn renew(&mut self, others: &[&[u8]], by: By<'_>) -> Result<(), SealError> {
        let chain = self.chains.last_mut().ok_or(SealError::Missing)?;
        let (_, token) = chain.last().ok_or(SealError::Missing)?;
        let entry = entry(&by.hash.of(token), others, by)?;
        chain.push(entry);
        Ok(())
    }

    /// With the renewals of another record's last chain instead of its own.
    #[must_use]
    pub fn followed_by(&self, other: &Self) -> Self {
        let mut mixed = self.clone();
        let renewals = other.chains.last().into_iter().flat_map(|chain| chain.iter().skip(1).cloned());
        if let Some(chain) = mixed.chains.last_mut() {
            chain.extend(renewals);
        }
        mixed
    }

    /// With the chains of another record after its own.
    #[must_use]
    pub fn with_chain_of(&self, other: &Self) -> Self {
        Self {
            chains: [self.chains.as_slice(), &other.chains].concat(),
            digests: [self.digests.as_slice(), &other.digests].concat(),
        }
    }

    /// Its DER.
    pub fn der(&self) -> Vec<u8> {
        let digests: Vec<u8> =
            self.digests.iter().flat_map(|hash| write::algorithm(hash_oid(*hash))).collect();
        sequence(&[&tlv(0x02, &[1]), &tlv(0x30, &digests), &self.sequence()])
    }

    fn sequence(&self) -> Vec<u8> {
        let chain = |chain: &Vec<(Vec<u8>, Vec<u8>)>| {
            tlv(0x30, &chain.iter().flat_map(|(entry, _)| entry.clone()).collect::<Vec<_>>())
        };
        tlv(0x30, &self.chains.iter().flat_map(chain).collect::<Vec<_>>())
    }
}

/// An `ArchiveTimeStamp` and its token.
fn entry(leaf: &[u8], others: &[&[u8]], by: By<'_>) -> Result<(Vec<u8>, Vec<u8>), SealError> {
    let (mut root, mut lists) = (leaf.to_vec(), Vec::new());
    for (level, other) in others.iter().enumerate() {
        let other = by.hash.of(other);
        let mut pair = [root.clone(), other.clone()];
        pair.sort();
        root = by.hash.of(&pair.concat());
        let list = if level == 0 { [tlv(0x04, leaf), tlv(0x04, &other)].concat() } else { tlv(0x04, &other) };
        lists.extend(tlv(0x30, &list));
    }
    let token = imprinted(by.authority, (by.hash, &root), by.at_ms, &[], &[])?;
    let named = tlv(0xa0, &write::algorithm(hash_oid(by.hash))[2..]);
    let tree = if lists.is_empty() { lists } else { tlv(0xa2, &lists) };
    Ok((sequence(&[&named, &tree, &token]), token))
}
