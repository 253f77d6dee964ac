//! What can be wrong with a forged envelope.

/// Something wrong on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// No signed attributes: the signature is over the content.
    NoSignedAttributes,
    /// No content-type attribute.
    NoContentType,
    /// A content-type attribute that names another type.
    OtherContentType,
    /// No message-digest attribute.
    NoMessageDigest,
    /// Two message-digest attributes.
    TwoMessageDigests,
    /// A message-digest attribute with two values, the right one first.
    TwoValuedMessageDigest,
    /// A signing-time attribute with two values.
    TwoValuedSigningTime,
    /// The signing time as `GeneralizedTime` although its year has two digits as well: allowed.
    GeneralizedSigningTime,
    /// Two signing-time attributes.
    TwoSigningTimes,
    /// No signing-certificate attribute.
    NoSigningCertificate,
    /// Two signing-certificate attributes.
    TwoSigningCertificates,
    /// A signing-certificate attribute with another digest.
    OtherSigningCertificate,
    /// The signing-certificate attribute of 1999, by SHA-1.
    FirstSigningCertificate,
    /// RFC 6211 attribute that names another digest.
    OtherProtection,
    /// Attributes stored unsorted, the signature over the sorted ones: allowed.
    StoredUnsorted,
    /// Attributes stored and signed unsorted.
    SignedUnsorted,
    /// `digestAlgorithm` and the signature algorithm name different digests.
    DigestNamedTwice,
    /// An RSA signature whose DigestInfo lacks its NULL: allowed.
    WithoutNull,
    /// One bit of the signature changed.
    BrokenSignature,
    /// One byte of the content changed after signing.
    AlteredContent,
    /// The signer's certificate is left out.
    NoCertificate,
    /// The content is left out.
    Detached,
    /// The same signer twice.
    SignerTwice,
    /// No signer at all.
    NoSigners,
    /// The signature time stamp is over something else.
    CopiedTimeStamp,
    /// Of a signature and the counter-signatures in it only these are stamped: allowed.
    OnlyCountersStamped,
    /// An archive time stamp whose index names a certificate that is not there.
    LyingIndex,
    /// As that, of a revocation list.
    LyingIndexOfLists,
    /// As that, of an attribute.
    LyingIndexOfAttributes,
    /// An archive time stamp that is over another signature.
    CopiedArchive,
    /// Archive time stamps of version 2, each over those before it: allowed.
    OlderArchive,
    /// Archive time stamps of version 2 that leave out tag and length of the unsigned attributes: allowed.
    OlderArchiveUntagged,
    /// Each time stamp over the signature is followed by one over it, it and references to evidence: allowed.
    StampedReferences,
    /// As that, over the references alone.
    PartialReferences,
    /// An archive time stamp of version 2 that is not over the certificates.
    PartialArchive,
    /// An RSA block with bytes after its DigestInfo, as forgeries with exponent 3 have it.
    LooseDigestInfo,
    /// An RSA block whose padding is eight octets, and zeros after its DigestInfo.
    ShortPadding,
    /// A signing-certificate attribute that names two digests of which the second is the signer's.
    SecondSigningCertificate,
    /// A signing-certificate attribute with two values.
    TwoValuedSigningCertificate,
    /// Both kinds of signing-certificate attribute, each right.
    BothSigningCertificates,
    /// A signing-certificate attribute that names the right digest by the wrong algorithm.
    OtherSigningCertificateHash,
    /// A signing-certificate attribute with the serial number of another certificate.
    OtherIssuerSerial,
    /// RFC 6211 attribute that names another signature algorithm.
    OtherProtectedSignature,
    /// The signing time among the attributes that are not signed: it says nothing.
    UnsignedSigningTime,
}
