//! CAdES (ETSI EN 319 122-1 §6.3): what is signed, and the envelope.

use std::io::Write;

use plico_crypto::verify::Hash;

use super::{Making, SealError, Sealer, stamped};
use crate::der::sorted;
use crate::digest::{Digests, digest};
use crate::source::Source;
use crate::write::{self, DataParts, SignerParts};
use crate::{oid, signer};

/// How much of a content is copied at once.
const CHUNK: usize = 256 * 1024;

impl Sealer {
    /// CMS over bytes known by their SHA-256 and kept elsewhere: what the `/Contents` of a PAdES signature holds.
    /// Without signing time, which in a PDF stands in the dictionary (ETSI EN 319 142-1 §6.3).
    pub fn sign_detached(&self, sha256: &[u8]) -> Result<Vec<u8>, SealError> {
        self.cades_detached(sha256, &Making::default())
    }

    /// Detached CAdES (`.p7s`) over bytes known by their SHA-256. Without a claimed time it is what a PDF embeds.
    pub fn cades_detached(&self, sha256: &[u8], making: &Making<'_>) -> Result<Vec<u8>, SealError> {
        Ok(self.parts(sha256, making)?.der(None))
    }

    /// CAdES around a content (`.p7m`) in DER.
    pub fn cades_enveloping(&self, content: &[u8], making: &Making<'_>) -> Result<Vec<u8>, SealError> {
        Ok(self.parts(&digest(Hash::Sha256, content), making)?.der(Some(content)))
    }

    /// The same around a content of any size, which is read twice and never held.
    pub fn cades_source(
        &self,
        content: &mut dyn Source,
        making: &Making<'_>,
        out: &mut dyn Write,
    ) -> Result<(), SealError> {
        let digests = Digests::of(content, &[])?;
        let sha256 = digests.get(Hash::Sha256).unwrap_or_default();
        let (before, after) = self.parts(sha256, making)?.around(content.size());
        out.write_all(&before)?;
        let mut buffer = vec![0; CHUNK];
        let mut at = 0;
        while at < content.size() {
            let read = content.fill_at(at, &mut buffer)?;
            if read == 0 {
                return Err(SealError::Io(std::io::ErrorKind::UnexpectedEof.into()));
            }
            out.write_all(&buffer[..read])?;
            at += read as u64;
        }
        Ok(out.write_all(&after)?)
    }

    /// Everything but the content.
    fn parts(&self, sha256: &[u8], making: &Making<'_>) -> Result<DataParts<'static>, SealError> {
        if sha256.len() != 32 {
            return Err(SealError::Digest);
        }
        let certificate = self.own()?;
        let digest_algorithm = write::algorithm(oid::SHA256);
        let algorithm = signer::written(self.algorithm()?);
        let mut attributes = vec![
            write::content_type(oid::DATA),
            write::message_digest(sha256),
            write::signing_certificate_v2(&digest(Hash::Sha256, certificate.der)),
            write::algorithm_protection(&digest_algorithm, &algorithm),
        ];
        attributes.extend(making.at_ms.map(write::signing_time));
        attributes.sort();
        let signed_bytes = sorted(0x31, &attributes.concat()).unwrap_or_default();
        let signature = self.raw(&signed_bytes)?;
        let mut unsigned = Vec::new();
        if let Some(stamper) = making.stamper {
            let token = stamped(stamper, &signature)?;
            unsigned.push(write::attribute(oid::SIGNATURE_TIME_STAMP, vec![token]));
        }
        let signer = write::signer_info(&SignerParts {
            certificate: &certificate,
            digest: &digest_algorithm,
            signed: Some(&attributes),
            algorithm: &algorithm,
            signature: &signature,
            unsigned: &unsigned,
        });
        Ok(DataParts {
            digests: vec![digest_algorithm],
            content_type: oid::DATA,
            certificates: self.certificates.clone(),
            revocations: Vec::new(),
            signers: vec![signer],
        })
    }
}
