//! The third way to sign: by a key that a provider keeps for the officer, who authorises it with a code. A digest goes out and a
//! signature comes back; it is verified before anything is made of it, and the signed file is looked at like one that was brought.

use std::sync::{Arc, PoisonError};

use plico_courier::csc::{Admitted, Credential, CscError, Provider, Typed};
use plico_crypto::digest::sha256;
use plico_crypto::sign::{SigningError, SigningKey};
use plico_crypto::verify::{self, Algorithm, Hash, KeyKind};
use plico_pdf::seal::{RESERVE, Seal, SealError as PdfError, seal};
use plico_record::authority::Deed;
use plico_signature::certificate::Certificate;
use plico_signature::{SealError, Sealer, oid};
use tokio::runtime::Handle;

use super::check::Unsigned;
use super::sign::{LARGEST, Signed};
use crate::refusal::{fault, refuse};
use crate::{Actor, Desk, Outcome, Refusal};

/// Why nothing came of a signature at a distance, for whoever asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remote {
    /// The code was not accepted.
    Otp,
    /// The PIN was not accepted.
    Pin,
    /// It took too long between code and signature.
    Expired,
    /// There is no such credential, it may not be used, or there are several and none was named.
    Credential,
    /// The provider does not answer, or failed: the code may be used up.
    Silent,
    /// The provider does not let this installation in.
    Client,
    /// What came back is not a signature by that certificate.
    Wrong,
    /// Anything else.
    Refused,
}

impl Remote {
    /// Catalogue key `problem-<code>`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Otp => "remote-otp",
            Self::Pin => "remote-pin",
            Self::Expired => "remote-expired",
            Self::Credential => "remote-credential",
            Self::Silent => "remote-silent",
            Self::Client => "remote-client",
            Self::Wrong => "remote-wrong",
            Self::Refused => "remote-refused",
        }
    }
}

impl From<&CscError> for Remote {
    fn from(error: &CscError) -> Self {
        match error {
            CscError::Otp => Self::Otp,
            CscError::Pin => Self::Pin,
            CscError::Expired => Self::Expired,
            CscError::Credential => Self::Credential,
            CscError::Http(_) | CscError::Failed(_) => Self::Silent,
            CscError::Client(_) => Self::Client,
            CscError::Garbage(_) => Self::Wrong,
            CscError::Refused(_) => Self::Refused,
        }
    }
}

/// A credential that the officer may use, and what it asks of him.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeAsked {
    /// Its identifier.
    pub credential: String,
    /// Whose it is, as its certificate says.
    pub holder: String,
    /// Whether a PIN is asked.
    pub pin: bool,
    /// Whether a code was sent.
    pub sent: bool,
}

/// A key at the provider's, for one signature.
struct RemoteKey {
    provider: Arc<Provider>,
    token: Admitted,
    credential: Credential,
    typed: Typed,
    /// Octets of each of the two numbers of an ECDSA signature.
    octets: usize,
    handle: Handle,
}

impl SigningKey for RemoteKey {
    fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        let digest = sha256(message);
        let asked = self.provider.sign(&self.token, &self.credential, &self.typed, &digest);
        let signature = self.handle.block_on(asked).map_err(|error| SigningError::Failed(error.into()))?;
        // Some providers write the two numbers side by side, most as DER.
        Ok(match algorithm {
            Algorithm::Ecdsa(Hash::Sha256) if signature.len() != 2 * self.octets => {
                plico_signature::seal::side_by_side(&signature, self.octets).unwrap_or_default()
            }
            _ => signature,
        })
    }
}

/// Says it to an operator, and what is to be told to whoever asked.
fn told<T>(provider: &Provider, error: &CscError) -> Outcome<T> {
    let remote = Remote::from(error);
    if !matches!(remote, Remote::Otp | Remote::Pin | Remote::Expired) {
        tracing::warn!(provider = provider.name, %error, "no remote signature was made");
    }
    refuse(Refusal::Remote(remote))
}

impl Desk {
    /// Sets the provider of signatures at a distance.
    pub fn sign_remotely_with(&self, provider: Option<Provider>) {
        *self.remote.write().unwrap_or_else(PoisonError::into_inner) = provider.map(Arc::new);
    }

    /// The provider of signatures at a distance, where there is one.
    pub fn remote_provider(&self) -> Option<Arc<Provider>> {
        self.remote.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The officer's credential: the one he names, or the only one that the provider has under his tax code. Its
    /// certificate must name him, before any code is used.
    async fn credential_of(
        &self,
        provider: &Provider,
        token: &Admitted,
        code: &str,
        named: &str,
    ) -> Outcome<(Credential, String)> {
        let mut id = named.trim().to_owned();
        if id.is_empty() {
            let listed = provider.credentials(token, code).await;
            let mut listed = listed.or_else(|error| told(provider, &error))?;
            id = match (listed.pop(), listed.is_empty()) {
                (Some(only), true) => only,
                _ => return refuse(Refusal::Remote(Remote::Credential)),
            };
        }
        let credential = provider.credential(token, &id).await.or_else(|error| told(provider, &error))?;
        let own = credential.certificates.first().and_then(|der| Certificate::read(der));
        let Some(own) = own else { return refuse(Refusal::Remote(Remote::Credential)) };
        if !own.fiscal_code().is_some_and(|named| named.eq_ignore_ascii_case(code)) {
            return refuse(Refusal::NotSigned(Unsigned::OtherSigner));
        }
        let now = self.archive.now_ms();
        if own.not_before_ms > now || own.not_after_ms < now {
            return refuse(Refusal::NotSigned(Unsigned::Broken));
        }
        let holder = own.subject_attribute(oid::COMMON_NAME).unwrap_or_default();
        Ok((credential, holder))
    }

    async fn provider_for(&self, actor: &Actor) -> Outcome<(Arc<Provider>, Admitted, String)> {
        let Some(provider) = self.remote_provider() else { return refuse(Refusal::NotFound) };
        let code = self.expected_code(actor).await?;
        if code.is_empty() {
            return refuse(Refusal::NotSigned(Unsigned::NoCode));
        }
        let token = provider.admitted().await.or_else(|error| told(&provider, &error))?;
        Ok((provider, token, code))
    }

    /// Finds the officer's credential, and has the provider send him a code.
    pub async fn ask_remote_code(&self, actor: &Actor, id: &str, named: &str) -> Outcome<CodeAsked> {
        self.allowed_letter(actor, Deed::Sign, id).await?;
        let (provider, token, code) = self.provider_for(actor).await?;
        let (credential, holder) = self.credential_of(&provider, &token, &code, named).await?;
        provider.challenge(&token, &credential).await.or_else(|error| told(&provider, &error))?;
        Ok(CodeAsked {
            holder,
            pin: credential.pin,
            sent: credential.challenge.is_some(),
            credential: credential.id,
        })
    }

    /// Signs with the officer's key at the provider's. What he typed is used once and forgotten.
    pub async fn sign_remotely(&self, actor: &Actor, id: &str, named: &str, typed: Typed) -> Outcome<Signed> {
        let (row, _) = self.allowed_letter(actor, Deed::Sign, id).await?;
        let now = self.signing_file(&row).await?;
        if now.media_type != "application/pdf" {
            return refuse(Refusal::NotSigned(Unsigned::NoPdf));
        }
        let (provider, token, code) = self.provider_for(actor).await?;
        let (credential, holder) = self.credential_of(&provider, &token, &code, named).await?;
        let reader = self.open_upload(&row.administration, &now).await?;
        let pdf = reader.read_all(LARGEST).await.map_err(plico_archive::ArchiveError::from)?;
        let (at_ms, handle, asked) = (self.archive.now_ms(), Handle::current(), Arc::clone(&provider));
        let signed = tokio::task::spawn_blocking(move || {
            let how = Seal { name: &holder, reason: "", at_ms, reserve: RESERVE };
            let sealer = remote_sealer(asked, token, credential, typed, handle)?;
            seal(&pdf, &how, |digest| sealer.sign_detached(digest))
        });
        let signed = match signed.await.map_err(fault)? {
            Ok(signed) => signed,
            Err(PdfError::Signer(SealError::Refused(SigningError::Failed(source)))) => {
                return match source.downcast_ref::<CscError>() {
                    Some(error) => told(&provider, error),
                    None => Err(fault(source)),
                };
            }
            // It was verified against the certificate, and does not hold.
            Err(PdfError::Signer(SealError::Mismatch | SealError::KeyKind)) => {
                tracing::warn!(
                    provider = provider.name,
                    "what came back is not a signature by that certificate"
                );
                return refuse(Refusal::Remote(Remote::Wrong));
            }
            Err(error) => return Err(fault(error)),
        };
        let owner = self.signing_place(actor, id).await?;
        let made = self.store_own(actor, &owner, &now.name, &signed).await?;
        self.take_signed(actor, id, &made, "remote").await
    }
}

fn remote_sealer(
    provider: Arc<Provider>,
    token: Admitted,
    credential: Credential,
    typed: Typed,
    handle: Handle,
) -> Result<Sealer, PdfError<SealError>> {
    let certificates = credential.certificates.clone();
    let own = certificates.first().and_then(|der| Certificate::read(der));
    let octets = match own.map(|own| verify::key_kind(own.spki)) {
        Some(Ok(KeyKind::P384)) => 48,
        _ => 32,
    };
    let key = RemoteKey { provider, token, credential, typed, octets, handle };
    Sealer::with_key(Box::new(key), certificates).map_err(PdfError::Signer)
}
