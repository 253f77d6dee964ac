//! Trusted lists of a country that does not exist: good, expired, or signed by somebody else.

use super::pki::Signer;
use super::xml::{XmlRecipe, xades_enveloped};
use crate::instant;
use crate::seal::SealError;

/// What a list is to say.
#[derive(Debug, Clone, Copy, Default)]
pub struct ListRecipe<'a> {
    /// Country; `EU` makes a list of lists.
    pub territory: &'a str,
    /// Number of the edition.
    pub sequence: u64,
    /// When it is issued, UTC milliseconds.
    pub issued_ms: i64,
    /// When a newer one is due.
    pub next_update_ms: Option<i64>,
    /// Other lists: country, and the certificates (DER) that sign there.
    pub pointers: &'a [(&'a str, &'a [&'a [u8]])],
    /// Below which address those are.
    pub base: &'a str,
    /// Addresses of older editions that it names.
    pub before: &'a [&'a str],
    /// The services.
    pub services: &'a [Listed<'a>],
}

/// A service of a list.
#[derive(Debug, Clone, Copy)]
pub struct Listed<'a> {
    /// `CA/QC`, `TSA/QTST` or another.
    pub kind: &'a str,
    /// Its certificate (DER).
    pub certificate: &'a [u8],
    /// Status and since when, the newest first.
    pub periods: &'a [(&'a str, i64)],
    /// `ForeSignatures`, `ForeSeals`.
    pub uses: &'a [&'a str],
    /// Qualifiers, for certificates whose key is for non-repudiation alone.
    pub qualifiers: &'a [&'a str],
}

const KIND: &str = "http://uri.etsi.org/TrstSvc/TrustedList/TSLType/";

fn kind_of(territory: &str) -> String {
    format!("{KIND}{}", if territory == "EU" { "EUlistofthelists" } else { "EUgeneric" })
}

/// A list, signed.
pub fn trusted_list(signer: &Signer, recipe: &ListRecipe<'_>) -> Result<Vec<u8>, SealError> {
    let at = instant::rfc3339;
    let next = recipe.next_update_ms.map_or(String::new(), |ms| format!("<dateTime>{}</dateTime>", at(ms)));
    let pointers = recipe
        .pointers
        .iter()
        .map(|(territory, certificates)| pointer(recipe.base, territory, certificates))
        .collect::<Vec<_>>()
        .concat();
    let services = recipe.services.iter().map(service).collect::<Vec<_>>().concat();
    let before = recipe.before.iter().map(|uri| format!("<URI xml:lang=\"en\">{uri}</URI>"));
    let before = before.collect::<Vec<_>>().concat();
    let text = format!(
        "<TrustServiceStatusList xmlns=\"http://uri.etsi.org/02231/v2#\" xmlns:ns3=\"http://uri.etsi.org/TrstSvc/SvcInfoExt/eSigDir-1999-93-EC-TrustedList/#\" xmlns:ns4=\"http://uri.etsi.org/02231/v2/additionaltypes#\" Id=\"list\" TSLTag=\"http://uri.etsi.org/19612/TSLTag\">\
         \n<SchemeInformation><TSLVersionIdentifier>5</TSLVersionIdentifier><TSLSequenceNumber>{}</TSLSequenceNumber><TSLType>{}</TSLType>\
         <SchemeOperatorName><Name xml:lang=\"en\">Operator of {} - PROVA</Name></SchemeOperatorName><SchemeInformationURI>{before}</SchemeInformationURI><SchemeTerritory>{}</SchemeTerritory>\
         <PointersToOtherTSL>{pointers}</PointersToOtherTSL><ListIssueDateTime>{}</ListIssueDateTime><NextUpdate>{next}</NextUpdate></SchemeInformation>\
         <TrustServiceProviderList><TrustServiceProvider><TSPInformation><TSPName><Name xml:lang=\"en\">Fiducia di prova</Name></TSPName></TSPInformation>\
         <TSPServices>{services}</TSPServices></TrustServiceProvider></TrustServiceProviderList></TrustServiceStatusList>",
        recipe.sequence,
        kind_of(recipe.territory),
        recipe.territory,
        recipe.territory,
        at(recipe.issued_ms),
    );
    xades_enveloped(signer, &text, &XmlRecipe::good(recipe.issued_ms))
}

fn pointer(base: &str, territory: &str, certificates: &[&[u8]]) -> String {
    let identities = certificates
        .iter()
        .map(|der| format!("<ServiceDigitalIdentity>{}</ServiceDigitalIdentity>", identity(der)))
        .collect::<Vec<_>>()
        .concat();
    format!(
        "<OtherTSLPointer><ServiceDigitalIdentities>{identities}</ServiceDigitalIdentities><TSLLocation>{base}/{territory}.xml</TSLLocation>\
         <AdditionalInformation><OtherInformation><TSLType>{}</TSLType></OtherInformation><OtherInformation><SchemeTerritory>{territory}</SchemeTerritory></OtherInformation>\
         <OtherInformation><ns4:MimeType>application/vnd.etsi.tsl+xml</ns4:MimeType></OtherInformation></AdditionalInformation></OtherTSLPointer>",
        kind_of(territory)
    )
}

fn identity(der: &[u8]) -> String {
    format!(
        "<DigitalId><X509Certificate>{}</X509Certificate></DigitalId>",
        openssl::base64::encode_block(der)
    )
}

fn service(listed: &Listed<'_>) -> String {
    let mut written = listed.periods.iter().map(|(status, from_ms)| information(listed, status, *from_ms));
    let now = written.next().unwrap_or_default();
    let history = written
        .map(|one| format!("<ServiceHistoryInstance>{one}</ServiceHistoryInstance>"))
        .collect::<Vec<_>>()
        .concat();
    format!(
        "<TSPService><ServiceInformation>{now}</ServiceInformation><ServiceHistory>{history}</ServiceHistory></TSPService>"
    )
}

fn information(listed: &Listed<'_>, status: &str, from_ms: i64) -> String {
    let uses = listed.uses.iter().map(|one| {
        format!("<Extension Critical=\"true\"><AdditionalServiceInformation><URI xml:lang=\"en\">http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/{one}</URI></AdditionalServiceInformation></Extension>")
    });
    let qualifiers = listed
        .qualifiers
        .iter()
        .map(|one| format!("<ns3:Qualifier uri=\"http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/{one}\"></ns3:Qualifier>"))
        .collect::<Vec<_>>().concat();
    let criteria = "<ns3:CriteriaList assert=\"all\"><ns3:KeyUsage><ns3:KeyUsageBit name=\"nonRepudiation\">true</ns3:KeyUsageBit><ns3:KeyUsageBit name=\"digitalSignature\">false</ns3:KeyUsageBit></ns3:KeyUsage></ns3:CriteriaList>";
    let qualifications = if qualifiers.is_empty() {
        qualifiers
    } else {
        format!(
            "<Extension Critical=\"true\"><ns3:Qualifications><ns3:QualificationElement><ns3:Qualifiers>{qualifiers}</ns3:Qualifiers>{criteria}</ns3:QualificationElement></ns3:Qualifications></Extension>"
        )
    };
    let extensions = uses.chain([qualifications]).collect::<Vec<_>>().concat();
    format!(
        "<ServiceTypeIdentifier>http://uri.etsi.org/TrstSvc/Svctype/{}</ServiceTypeIdentifier><ServiceName><Name xml:lang=\"en\">Servizio di prova</Name></ServiceName>\
         <ServiceDigitalIdentity>{}</ServiceDigitalIdentity><ServiceStatus>http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/{status}</ServiceStatus>\
         <StatusStartingTime>{}</StatusStartingTime><ServiceInformationExtensions>{extensions}</ServiceInformationExtensions>",
        listed.kind,
        identity(listed.certificate),
        instant::rfc3339(from_ms)
    )
}
