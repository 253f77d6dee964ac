//! What can be found about a signature: the sub-indications of ETSI EN 319 102-1, and reasons for the machine that words
//! them.

use serde::{Deserialize, Serialize};

/// Why an indication is what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SubIndication {
    /// The structure is not one that may be believed.
    FormatFailure,
    /// The content is not the one that was signed.
    HashFailure,
    /// The signature does not fit.
    SigCryptoFailure,
    /// A signed attribute is missing or forbidden.
    SigConstraintsFailure,
    /// A certificate of the path breaks a constraint.
    ChainConstraintsFailure,
    /// The path cannot be built for another reason.
    CertificateChainGeneralFailure,
    /// An algorithm or key that is not, or no longer, accepted.
    CryptoConstraintsFailure,
    /// The signer's certificate is not there, or not the one that was signed.
    NoSigningCertificateFound,
    /// No path to a trust anchor.
    NoCertificateChainFound,
    /// Outside the certificate's validity, and nothing proves that the signature is older.
    OutOfBoundsNoPoe,
    /// As [`Self::OutOfBoundsNoPoe`], and it is known that the certificate was not revoked.
    OutOfBoundsNotRevoked,
    /// Proven to have been made after the certificate was revoked.
    Revoked,
    /// Proven to have been made after the certificate expired.
    Expired,
    /// Proven to have been made before the certificate was valid.
    NotYetValid,
    /// The certificate was revoked, and nothing proves that the signature is older.
    RevokedNoPoe,
    /// A certificate above the signer's was revoked, and nothing proves that the signature is older.
    RevokedCaNoPoe,
    /// An algorithm or key that is no longer accepted, and nothing proves that the signature is older.
    CryptoConstraintsFailureNoPoe,
    /// Revocation was not checked.
    TryLater,
    /// The signed content was not given.
    SignedDataNotFound,
}

/// A finding about one signature, for the machine that words it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The signer's structure cannot be read.
    Malformed,
    /// No signed attributes: the signature could have been made for something else.
    NoSignedAttributes,
    /// An attribute that must be single appears twice or has two values.
    DuplicateAttribute,
    /// The content-type attribute is missing, or present where it must not be.
    ContentTypeAttribute,
    /// The content-type attribute names another type.
    ContentTypeDiffers,
    /// The message-digest attribute is missing.
    MessageDigestMissing,
    /// The content is not the one that was signed.
    ContentAltered,
    /// RFC 6211: the protected algorithms are not those used.
    AlgorithmProtectionDiffers,
    /// The digest of the content and the one in the signature algorithm are not the same.
    DigestNamedTwice,
    /// The content is itself a set of signed attributes.
    ContentIsAttributes,
    /// The signature does not fit the key.
    SignatureDoesNotFit,
    /// The signature algorithm or key cannot be checked here.
    AlgorithmUnsupported,
    /// The digest algorithm cannot be computed here.
    DigestUnsupported,
    /// A digest that proves nothing at this time any more, such as SHA-1.
    DigestWeak,
    /// A key that is too short for this time.
    KeyWeak,
    /// The signer's certificate is not in the envelope.
    CertificateMissing,
    /// The signing-certificate attribute is missing: CMS, not CAdES.
    SigningCertificateMissing,
    /// The signing-certificate attribute is there twice.
    SigningCertificateTwice,
    /// The signing-certificate attribute names another certificate.
    SigningCertificateDiffers,
    /// The content was not given (detached signature).
    ContentMissing,
    /// The same signature is there twice.
    DuplicateSigner,
    /// No trust anchors were given.
    NoTrustAnchors,
    /// No path leads to a trust anchor.
    NoPath,
    /// The trusted list did not vouch for the authority at that time.
    ServiceWithdrawn,
    /// The trusted list that vouches for the authority should have been replaced by then.
    ListExpired,
    /// A certificate of the path may not do what it did.
    PathConstraints,
    /// The certificate had expired at the time of validation.
    CertificateExpired,
    /// The certificate was not valid yet at the time of validation.
    CertificateNotYetValid,
    /// The certificate is not for signing.
    KeyUsage,
    /// Nobody asked whether the certificate was revoked.
    RevocationNotChecked,
    /// What is known of revocation does not reach the time in question.
    RevocationStale,
    /// What is known of revocation is signed by nobody who may.
    RevocationUntrusted,
    /// The responder does not know the certificate.
    RevocationUnknown,
    /// The certificate was revoked.
    CertificateRevoked,
    /// A certificate above the signer's was revoked.
    AuthorityRevoked,
    /// The certificate is on hold: suspended, not revoked.
    CertificateSuspended,
    /// A proof shows that the signature is older than what ended its certificate.
    ProvenBefore,
    /// A time stamp is broken, or over something else.
    TimeStampWrong,
    /// Nobody vouches for the authority of a time stamp.
    TimeStampUntrusted,
    /// A signature time-stamp is there and was not checked.
    TimeStampNotChecked,
    /// The signer declares no time.
    NoSigningTime,
    /// The file was changed or added to after this signature.
    DocumentExtended,
    /// The signed ranges of the PDF are not what they must be.
    ByteRange,
    /// A reference of an XML signature fits no element, or more than one.
    ReferenceUnresolved,
    /// A reference is transformed in a way that is not followed, such as a path expression.
    TransformRefused,
    /// Only a part of the file is signed.
    PartlySigned,
    /// The properties of the signature are not signed.
    PropertiesUnsigned,
    /// Counter-signatures are there that were not looked at: too many, too deep, or none that can be read.
    CounterSignaturesLeft,
}
