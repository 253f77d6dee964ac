//! XML signatures: whole, altered, wrapped, and before xmlsec1.

use plico_signature::forge::{XmlFlaw, XmlRecipe, xades_detached, xades_enveloped, xades_enveloping};
use plico_signature::report::{
    Container, Format, Indication, Part, Problem, Reason, SignatureReport, SubIndication,
};
use plico_signature::{Options, inspect, inspect_detached};
use plico_testkit::real::or_say;
use plico_testkit::real::xmlsec::Xmlsec;

use crate::town::{CONTENT, NOW, look, look_trusting, town};

const DOCUMENT: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- istanza -->\n\
    <i:istanza xmlns:i=\"urn:example:istanza\" Id=\"istanza\" xml:lang=\"it\">\r\n  <i:oggetto z='1' a=\"&lt;2&gt;\">Perch\u{e9} &amp; percome</i:oggetto>\n\
    <parte xmlns=\"urn:example:altro\" Id=\"parte\"><![CDATA[a<b]]></parte>\n</i:istanza>\n";

fn recipe() -> XmlRecipe<'static> {
    XmlRecipe::good(NOW - 3_600_000)
}

fn signed(recipe: &XmlRecipe<'_>) -> String {
    String::from_utf8(xades_enveloped(&town().rsa, DOCUMENT, recipe).unwrap()).unwrap()
}

fn only(file: &str) -> SignatureReport {
    let report = look(file.as_bytes());
    assert_eq!(report.container, Container::Xades, "{report:?}");
    let [found] = report.signatures.as_slice() else { panic!("{report:?}") };
    found.clone()
}

/// Whether it is anything that somebody could take for good.
fn holds(found: &SignatureReport) -> bool {
    let doubts = [
        Reason::PartlySigned,
        Reason::ReferenceUnresolved,
        Reason::TransformRefused,
        Reason::PropertiesUnsigned,
        Reason::SigningCertificateMissing,
        Reason::SigningCertificateDiffers,
    ];
    found.intact && !found.reasons.iter().any(|reason| doubts.contains(reason))
}

#[test]
fn a_signed_document_is_whole_with_every_key() {
    let town = town();
    for signer in [&town.rsa, &town.p256, &town.p384, &town.ed25519, &town.ed448, &town.brainpool] {
        for exclusive in [true, false] {
            for id in [None, Some("istanza")] {
                let recipe = XmlRecipe { exclusive, id, ..recipe() };
                let file = xades_enveloped(signer, DOCUMENT, &recipe).unwrap();
                let report = look_trusting(&file);
                let found = &report.signatures[0];
                assert!(holds(found), "{found:?}");
                assert_eq!((report.container, found.format), (Container::Xades, Format::XadesB));
                assert_eq!(found.sub_indication, Some(SubIndication::TryLater), "{found:?}");
                assert_eq!(found.signer.common_name.as_deref(), Some("Anna Verdi"));
                assert_eq!(found.claimed_signing_time.as_deref(), Some("2026-11-21T11:00:00Z"));
                assert_eq!(found.digest_algorithm, "SHA-256");
                let parts: Vec<Part> = found.signed_parts.iter().map(|part| part.what).collect();
                assert_eq!(parts, [Part::Document, Part::Properties]);
            }
        }
    }
}

#[test]
fn what_is_inside_of_the_signature_or_beside_it_is_signed() {
    for content in [CONTENT, b"<a xmlns='urn:x'><b/></a>"] {
        let file = xades_enveloping(&town().p256, content, &recipe()).unwrap();
        let found = look(&file).signatures.remove(0);
        assert!(holds(&found), "{found:?}");
        assert_eq!(found.signed_parts[0].what, Part::Object);
    }
    let file = xades_detached(&town().p256, &[("istanza.txt", CONTENT)], &recipe()).unwrap();
    let options = Options::at(NOW, None);
    let found = inspect_detached(&file, CONTENT, &options).signatures.remove(0);
    assert!(holds(&found), "{found:?}");
    assert_eq!(found.signed_parts[0].name.as_deref(), Some("istanza.txt"));
    let other = inspect_detached(&file, b"altro", &options).signatures.remove(0);
    assert_eq!(other.sub_indication, Some(SubIndication::HashFailure));
    let alone = look(&file).signatures.remove(0);
    assert_eq!((alone.intact, alone.sub_indication), (false, Some(SubIndication::SignedDataNotFound)));
    // One file that was given is not taken for two.
    let two = xades_detached(&town().p256, &[("a.txt", CONTENT), ("b.txt", CONTENT)], &recipe()).unwrap();
    let found = inspect_detached(&two, CONTENT, &options).signatures.remove(0);
    assert_eq!((found.intact, found.sub_indication), (false, Some(SubIndication::SignedDataNotFound)));
}

#[test]
fn any_change_of_what_is_signed_is_seen() {
    let good = signed(&recipe());
    assert!(holds(&only(&good)));
    for (from, to) in [
        ("Perch\u{e9}", "Poich\u{e9}"),
        ("z='1'", "z='2'"),
        ("a<b", "a<c"),
        ("xml:lang=\"it\"", "xml:lang=\"en\""),
        ("<i:oggetto", " <i:oggetto"),
        ("</i:oggetto>\n", "</i:oggetto>\n<i:altro></i:altro>"),
        ("2026-11-21T11:00:00Z", "2026-11-20T11:00:00Z"),
    ] {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good, "{from}");
        let found = only(&changed);
        assert_eq!((found.intact, found.indication), (false, Indication::TotalFailed), "{from}: {found:?}");
    }
    // What canonicalisation makes equal is equal.
    for (from, to) in [
        ("z='1' a=\"&lt;2&gt;\"", "a='&#60;2>'   z=\"1\""),
        ("<![CDATA[a<b]]>", "a&lt;b"),
        ("<!-- istanza -->\n", ""),
        ("\r\n", "\n"),
        ("Perch\u{e9}", "Perch&#xE9;"),
    ] {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good, "{from}");
        assert!(holds(&only(&changed)), "{from}");
    }
}

#[test]
fn flaws_are_named() {
    use SubIndication::{NoSigningCertificateFound, SigConstraintsFailure, SigCryptoFailure};
    for (flaw, sub, reason, format) in [
        (
            XmlFlaw::NoSigningCertificate,
            SigConstraintsFailure,
            Reason::SigningCertificateMissing,
            Format::XmlDsig,
        ),
        (
            XmlFlaw::OtherSigningCertificate,
            NoSigningCertificateFound,
            Reason::SigningCertificateDiffers,
            Format::XmlDsig,
        ),
        (XmlFlaw::UnsignedProperties, SigConstraintsFailure, Reason::PropertiesUnsigned, Format::XmlDsig),
        (XmlFlaw::NoProperties, SigConstraintsFailure, Reason::SigningCertificateMissing, Format::XmlDsig),
        (XmlFlaw::BrokenSignature, SigCryptoFailure, Reason::SignatureDoesNotFit, Format::XadesB),
        (XmlFlaw::PathTransform, SigConstraintsFailure, Reason::TransformRefused, Format::XadesB),
        (XmlFlaw::NoCertificate, NoSigningCertificateFound, Reason::CertificateMissing, Format::XmlDsig),
    ] {
        let found = only(&signed(&XmlRecipe { flaws: &[flaw], ..recipe() }));
        assert_eq!((found.sub_indication, found.format), (Some(sub), format), "{flaw:?} {found:?}");
        assert_eq!(found.reasons[0], reason, "{flaw:?} {found:?}");
        assert!(!holds(&found));
    }
    // The property's first edition names issuer and serial number besides; another number is another certificate.
    let first = signed(&XmlRecipe { flaws: &[XmlFlaw::FirstSigningCertificate], ..recipe() });
    assert_eq!(only(&first).format, Format::XadesB);
}

#[test]
fn an_element_that_was_moved_or_doubled_is_refused() {
    let good = signed(&XmlRecipe { id: Some("parte"), ..recipe() });
    // A part is a part, even where it stands where it should.
    let part = only(&good);
    assert!(part.intact && part.reasons.contains(&Reason::PartlySigned), "{part:?}");
    let whole = signed(&XmlRecipe { id: Some("istanza"), ..recipe() });
    assert!(holds(&only(&whole)));
    // Two elements of one identifier, in any spelling: what it means hangs on the reader.
    for doubled in ["<x Id=\"istanza\"></x>", "<x id=\"istanza\"></x>", "<x xml:id=\"istanza\"></x>"] {
        let wrapped = whole.replacen("</i:oggetto>", &format!("</i:oggetto>{doubled}"), 1);
        let found = only(&wrapped);
        assert!(!found.intact && found.reasons.contains(&Reason::ReferenceUnresolved), "{found:?}");
    }
    // The signed element in an object of the signature, another in its place.
    let start = whole.find("<i:istanza").unwrap();
    let signature = whole.find("<ds:Signature").unwrap();
    let end = whole.find("</ds:Signature>").unwrap();
    let inside = format!("{}{}", &whole[start..signature], "</i:istanza>");
    let moved = format!(
        "<i:istanza xmlns:i=\"urn:example:istanza\"><i:oggetto>Dammi tutto</i:oggetto>{}<ds:Object>{inside}</ds:Object></ds:Signature></i:istanza>",
        &whole[signature..end]
    );
    let found = only(&moved);
    assert!(found.intact, "the element itself is as it was signed: {found:?}");
    assert_eq!(found.indication, Indication::Indeterminate);
    assert_eq!(found.reasons[0], Reason::PartlySigned);
    // An enveloping signature with a content that it does not sign.
    let file = String::from_utf8(xades_enveloping(&town().p256, CONTENT, &recipe()).unwrap()).unwrap();
    let more = file.replacen("<ds:Object", "<ds:Object>altro</ds:Object><ds:Object", 1);
    assert!(only(&more).reasons.contains(&Reason::PartlySigned));
}

#[test]
fn structures_that_are_not_a_signature_are_refused() {
    let good = signed(&recipe());
    let doubled = good.replacen("</ds:SignedInfo>", "</ds:SignedInfo><ds:SignedInfo></ds:SignedInfo>", 1);
    let empty = "<a><ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/></a>".to_owned();
    for file in [doubled, empty] {
        let found = only(&file);
        assert_eq!(found.sub_indication, Some(SubIndication::FormatFailure));
        assert_eq!(found.reasons[0], Reason::Malformed);
    }
    let typed =
        good.replacen("<!-- istanza -->", "<!DOCTYPE i:istanza [<!ATTLIST parte Id ID #IMPLIED>]>", 1);
    let report = look(typed.as_bytes());
    assert_eq!((report.indication, report.problem), (Indication::Indeterminate, Some(Problem::Unsupported)));
    let cut = look(&good.as_bytes()[..good.len() - 9]);
    assert_eq!((cut.indication, cut.problem), (Indication::TotalFailed, Some(Problem::Damaged)));
    let many =
        format!("<a>{}</a>", "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/>".repeat(100));
    assert_eq!(look(many.as_bytes()).problem, Some(Problem::TooComplex));
}

#[test]
fn hostile_xml_ends_quickly() {
    let signature = "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"/><ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"/>";
    let reference = "<ds:Reference URI=\"\"><ds:Transforms><ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/></ds:Transforms><ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><ds:DigestValue>AAAA</ds:DigestValue></ds:Reference>";
    let end = "</ds:SignedInfo><ds:SignatureValue>AAAA</ds:SignatureValue></ds:Signature>";
    let one = format!("{signature}{}{end}", reference.repeat(60));
    let all = one.repeat(60);
    for filling in ["x".repeat(1_000_000), "<b/>".repeat(60_000), "<b><c a='1'>".repeat(60)] {
        let close = "</c></b>".repeat(filling.matches("<c ").count());
        let file = format!("<a xmlns=\"urn:x\">{filling}{close}{all}</a>");
        let begun = std::time::Instant::now();
        let report = look(file.as_bytes());
        assert!(report.indication != Indication::TotalPassed);
        let most = if cfg!(debug_assertions) { 60 } else { 2 };
        assert!(begun.elapsed().as_secs() < most, "{:?} for {} bytes", begun.elapsed(), file.len());
    }
}

#[test]
fn xmlsec_takes_what_we_sign() {
    let Some(xmlsec) = or_say(Xmlsec::new()) else { return };
    let town = town();
    for signer in [&town.rsa, &town.p256, &town.p384] {
        let certificate = signer.certificates_pem().unwrap();
        for exclusive in [true, false] {
            for id in [None, Some("istanza"), Some("parte")] {
                let recipe = XmlRecipe { exclusive, id, ..recipe() };
                let file = xades_enveloped(signer, DOCUMENT, &recipe).unwrap();
                let ids = ["istanza", "parte", "SignedProperties"];
                assert!(xmlsec.verifies(&file, &certificate, &ids).unwrap(), "{exclusive} {id:?}");
                assert!(look(&file).signatures[0].intact);
                let changed = String::from_utf8(file).unwrap().replacen("a<b", "a<c", 1);
                assert!(!xmlsec.verifies(changed.as_bytes(), &certificate, &ids).unwrap());
                assert!(!only(&changed).intact);
            }
        }
        let file = xades_enveloping(signer, CONTENT, &recipe()).unwrap();
        assert!(xmlsec.verifies(&file, &certificate, &["Object", "SignedProperties"]).unwrap());
    }
}

#[test]
fn we_take_what_xmlsec_signs() {
    let Some(xmlsec) = or_say(Xmlsec::new()) else { return };
    let town = town();
    let canonical = [
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
        "http://www.w3.org/2001/10/xml-exc-c14n#",
        "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
        "http://www.w3.org/2006/12/xml-c14n11",
        "http://www.w3.org/2006/12/xml-c14n11#WithComments",
    ];
    for (signer, kinds) in [
        (&town.rsa, &["rsa-sha1", "rsa-sha256", "rsa-sha384", "rsa-sha512"][..]),
        (&town.p256, &["ecdsa-sha256", "ecdsa-sha512"]),
        (&town.p384, &["ecdsa-sha384"]),
    ] {
        for (kind, canonical) in
            kinds.iter().zip(canonical.iter().cycle()).chain(canonical.iter().map(|c| (&kinds[0], c)))
        {
            for uri in ["", "#xpointer(/)"] {
                let space = if *kind == "rsa-sha1" { "2000/09/xmldsig#" } else { "2001/04/xmldsig-more#" };
                let template = DOCUMENT.replace("</i:istanza>", &format!(
                    "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><SignedInfo><CanonicalizationMethod Algorithm=\"{canonical}\"/><SignatureMethod Algorithm=\"http://www.w3.org/{space}{kind}\"/>\
                     <Reference URI=\"{uri}\"><Transforms><Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/><Transform Algorithm=\"{canonical}\"/></Transforms>\
                     <DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><DigestValue/></Reference></SignedInfo><SignatureValue/><KeyInfo><X509Data/></KeyInfo></Signature><!-- fine --></i:istanza>"
                ));
                let key = signer.key_pem().unwrap();
                let file = xmlsec.sign(&template, &key, &signer.certificates_pem().unwrap()).unwrap();
                let found = only(&String::from_utf8(file).unwrap());
                assert!(found.intact, "{kind} {canonical} {uri}: {found:?}");
                assert_eq!(found.format, Format::XmlDsig);
            }
        }
    }
}

#[test]
fn canonical_forms_are_those_of_libxml() {
    // Declarations in every place, in documents that libxml canonicalises as it signs; see `we_take_what_xmlsec_signs`.
    let Some(xmlsec) = or_say(Xmlsec::new()) else { return };
    let town = town();
    let documents = [
        "<a xmlns=''><b xmlns='urn:b'><c xmlns=''><d xmlns='urn:b'/></c></b></a>",
        "<p:a xmlns:p='urn:1' xmlns:q='urn:2'><p:b xmlns:p='urn:2'><q:c xmlns:p='urn:1' p:x='1' q:x='2'/></p:b></p:a>",
        "<a b='&quot;&amp;&#9;&#10;&#13;&apos;' c='a\tb\nc'>&#13;&quot;]]&gt;</a>",
        "<?a b?><a><?c?><!--d--><?e  f ?></a><?g h?>",
        "<a xml:space='preserve' xml:base='http://x/'> <b xml:lang='it'/> </a>",
        "<\u{e9}l\u{e9}ment \u{e0}='\u{1f600}'>\u{10ffff}</\u{e9}l\u{e9}ment>",
    ];
    for document in documents {
        for (exclusive, id) in [(true, None), (false, None)] {
            let recipe = XmlRecipe { exclusive, id, ..recipe() };
            let file = xades_enveloped(&town.p256, document, &recipe);
            let file = file.unwrap_or_else(|error| panic!("{document}: {error}"));
            let certificate = town.p256.certificates_pem().unwrap();
            assert!(xmlsec.verifies(&file, &certificate, &["SignedProperties"]).unwrap(), "{document}");
            assert!(holds(&inspect(&file, &Options::at(NOW, None)).signatures[0]), "{document}");
        }
    }
}

#[test]
fn signatures_side_by_side_leave_each_other_out_by_the_known_expressions_alone() {
    let Some(xmlsec) = or_say(Xmlsec::new()) else { return };
    let town = town();
    let (first, second) =
        ("http://www.w3.org/TR/1999/REC-xpath-19991116", "http://www.w3.org/2002/06/xmldsig-filter2");
    let canonical = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
    let signed = |algorithm: &str, path: &str| {
        let template = DOCUMENT.replace("</i:istanza>", &format!(
            "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" xmlns:f=\"{second}\" xmlns:o=\"urn:o\"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"{canonical}\"/><ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"/>\
             <ds:Reference URI=\"\"><ds:Transforms><ds:Transform Algorithm=\"{algorithm}\">{path}</ds:Transform><ds:Transform Algorithm=\"{canonical}\"/></ds:Transforms>\
             <ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data/></ds:KeyInfo></ds:Signature></i:istanza>"
        ));
        let key = town.rsa.key_pem().unwrap();
        let file = xmlsec.sign(&template, &key, &town.rsa.certificates_pem().unwrap()).unwrap();
        String::from_utf8(file).unwrap()
    };
    // Twice the same: what leaves out itself alone does not leave out the other.
    let doubled = |file: &str| {
        let from = file.find("<ds:Signature ").unwrap();
        let to = file.find("</ds:Signature>").unwrap() + "</ds:Signature>".len();
        let own = file[from..to].to_owned();
        file.replacen(&own, &format!("{own}{own}"), 1)
    };
    let intact = |file: &str| {
        let found = inspect(file.as_bytes(), &Options::at(NOW, None)).signatures;
        found.iter().map(|one| one.intact).collect::<Vec<_>>()
    };
    let simple = |text: &str| format!("<ds:XPath>{text}</ds:XPath>");
    let filter = |text: &str| format!("<f:XPath Filter=\"subtract\">{text}</f:XPath>");
    for (algorithm, path, beside) in [
        (first, simple("not(ancestor-or-self::ds:Signature)"), true),
        (first, simple("\n  not(ancestor-or-self::ds:Signature)\n"), true),
        (
            first,
            simple(
                "count(ancestor-or-self::ds:Signature | here()/ancestor::ds:Signature[1]) &gt; count(ancestor-or-self::ds:Signature)",
            ),
            false,
        ),
        (second, filter("/descendant::ds:Signature"), true),
        (second, filter("here()/ancestor::ds:Signature[1]"), false),
    ] {
        let file = signed(algorithm, &path);
        assert_eq!(intact(&file), [true], "{path}");
        assert_eq!(intact(&file.replace("</i:istanza>", "<altro/></i:istanza>")), [false], "{path}");
        let both = intact(&doubled(&file));
        assert_eq!(both, if beside { [true, true] } else { [false, false] }, "{path}");
    }
    // Whatever is not exactly that is refused, also when it says the same or takes away more.
    for (algorithm, path) in [
        (first, simple("true()")),
        (first, simple("not(ancestor-or-self::o:Signature)")),
        (first, simple("not(ancestor-or-self::ds:Signature) and true()")),
        (first, simple("not(ancestor-or-self::ds:Signature or self::altro)")),
        (second, filter("/descendant::ds:Signature | /descendant::altro")),
        (second, filter("/descendant::*")),
        (second, "<f:XPath Filter=\"intersect\">/descendant::ds:Signature</f:XPath>".to_owned()),
        (second, filter("/descendant::ds:Signature").repeat(2)),
    ] {
        let file = signed(algorithm, &path);
        let found = inspect(file.as_bytes(), &Options::at(NOW, None)).signatures.remove(0);
        assert!(!found.intact && found.indication == Indication::Indeterminate, "{path}: {found:?}");
        assert!(found.reasons.contains(&Reason::TransformRefused), "{path}: {:?}", found.reasons);
    }
}
