use super::*;
use proptest::prelude::*;

fn entry(name: &str, content: &str) -> Vec<u8> {
    let mut out = b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    out.extend((content.len() as u32).to_le_bytes().repeat(2));
    out.extend((name.len() as u16).to_le_bytes());
    out.extend([0, 0]);
    out.extend(name.bytes().chain(content.bytes()));
    out
}

#[test]
fn each_kind_is_recognised() {
    let oid = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07";
    let office = |folder: &str| [entry("[Content_Types].xml", "x"), entry(folder, "x")].concat();
    let exe = [b"MZ\x90\0".as_slice(), &[0; 100]].concat();
    let samples: Vec<(Kind, Vec<u8>)> = vec![
        (Kind::Empty, vec![]),
        (Kind::Pdf, b"%PDF-1.7\n".to_vec()),
        (Kind::Pdf, b"\0\0junk\r\n%PDF-1.4\n".to_vec()),
        (Kind::Signed, [b"\x30\x82\x10\x00".as_slice(), oid, b"\x02\xa0"].concat()),
        (Kind::Signed, [b"\x30\x80".as_slice(), oid, b"\x02\xa0\x80"].concat()),
        (Kind::SignedText, b"MIAGCSqGSIb3DQEHAqCAMIACAQExDzANBglghkgBZQMEAgEFADCABgkqhkiG9w0B\n".to_vec()),
        (Kind::SignedText, b"-----BEGIN PKCS7-----\nMIAG\n".to_vec()),
        (Kind::Enveloped, [b"\x30\x82\x10\x00".as_slice(), oid, b"\x03\xa0"].concat()),
        (Kind::Stamped, b"\x30\x82\x10\x00\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x1f\xa0".to_vec()),
        (
            Kind::Stamp,
            [b"\x30\x82\x10\x00\x30\x03\x02\x01\x00\x30\x82\x0f\x00".as_slice(), oid, b"\x02"].concat(),
        ),
        (Kind::Jpeg, b"\xff\xd8\xff\xe0".to_vec()),
        (Kind::Png, b"\x89PNG\r\n\x1a\n\0".to_vec()),
        (Kind::Tiff, b"II*\0\x08".to_vec()),
        (Kind::Gif, b"GIF89a".to_vec()),
        (Kind::Webp, b"RIFF\x10\0\0\0WEBPVP8 ".to_vec()),
        (Kind::Bmp, b"BM\x10\0\0\0\0\0\0\0".to_vec()),
        (Kind::Heic, b"\0\0\0\x18ftypheic\0\0".to_vec()),
        (Kind::Video, b"\0\0\0\x18ftypisom\0\0".to_vec()),
        (Kind::Svg, b"<?xml version='1.0'?>\n<!-- x --><svg xmlns='x'>".to_vec()),
        (Kind::Docx, office("word/document.xml")),
        (Kind::Xlsx, office("xl/workbook.xml")),
        (Kind::Pptx, office("ppt/presentation.xml")),
        (Kind::Zip, entry("word/document.xml", "x")),
        (Kind::Zip, entry("foto.jpg", "x")),
        (Kind::Zip, b"PK\x05\x06\0\0".to_vec()),
        (Kind::Odt, entry("mimetype", "application/vnd.oasis.opendocument.text")),
        (Kind::Ods, entry("mimetype", "application/vnd.oasis.opendocument.spreadsheet")),
        (Kind::Odp, entry("mimetype", "application/vnd.oasis.opendocument.presentation")),
        (Kind::Epub, entry("mimetype", "application/epub+zip")),
        (Kind::AsicS, entry("mimetype", "application/vnd.etsi.asic-s+zip")),
        (Kind::AsicE, entry("mimetype", "application/vnd.etsi.asic-e+zip")),
        (Kind::Rar, b"Rar!\x1a\x07\x01\0".to_vec()),
        (Kind::SevenZip, b"7z\xbc\xaf\x27\x1c\0".to_vec()),
        (Kind::Gzip, b"\x1f\x8b\x08\0".to_vec()),
        (Kind::Ole, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec()),
        (Kind::Rtf, b"{\\rtf1\\ansi".to_vec()),
        (Kind::Dwg, b"AC1032\0\0".to_vec()),
        (Kind::Xml, b"\xef\xbb\xbf<?xml version=\"1.0\"?>\n<p:FatturaElettronica versione='FPA12'>".to_vec()),
        (Kind::Html, b"  <!DOCTYPE html>\n<html lang=it>".to_vec()),
        (Kind::Html, b"<script>alert(1)</script>".to_vec()),
        (Kind::Json, b"{ \"a\": 1 }".to_vec()),
        (
            Kind::Email,
            b"Return-Path: <a@b.it>\r\nReceived: from x\r\n by y\r\nSubject: Prova\r\n\r\nTesto".to_vec(),
        ),
        (Kind::Text, "Gentile Ufficio, perché così è\n".into()),
        (Kind::Text, b"MILANO, lettera".to_vec()),
        (
            Kind::Text,
            b"MZ era il suo nome, e questa lettera parla di lui a lungo, molto a lungo davvero.".to_vec(),
        ),
        (Kind::Text, b"< minore di tre".to_vec()),
        (Kind::Text, b"Nota: uno\nA: due\n".to_vec()),
        (Kind::Text8, b"Perch\xe9 cos\xec \xe8 la citt\xe0 di Borgo".to_vec()),
        (Kind::Text16, b"\xff\xfec\0i\0a\0o\0".to_vec()),
        (Kind::Executable, exe),
        (Kind::Executable, b"\x7fELF\x02".to_vec()),
        (Kind::Executable, b"#!/bin/sh\nrm".to_vec()),
        (Kind::Unknown, b"\0\x01\x02\x03".to_vec()),
    ];
    for (kind, bytes) in &samples {
        assert_eq!(sniff(bytes), *kind, "{:?}", String::from_utf8_lossy(bytes));
    }
    for kind in Kind::ALL {
        assert!(samples.iter().any(|(sampled, _)| sampled == kind), "{kind:?} has no sample");
        assert_eq!(Kind::from_code(kind.code()), Some(*kind));
    }
}

#[test]
fn a_character_cut_by_the_end_of_the_head_is_still_text() {
    let text = "è".repeat(HEAD);
    assert_eq!(sniff(&text.as_bytes()[..HEAD]), Kind::Text);
    assert_eq!(sniff(&format!("x{text}").as_bytes()[..HEAD]), Kind::Text);
    // In a short file it is the end of the file that is broken.
    assert_ne!(sniff(b"abc\xc3"), Kind::Text);
}

#[test]
fn a_text_that_speaks_of_pdf_is_a_text() {
    assert_eq!(sniff(b"La testata %PDF-1.7 comincia il file."), Kind::Text);
}

proptest! {
    #[test]
    fn any_bytes_are_something(bytes in prop::collection::vec(any::<u8>(), 0..5000)) {
        fuzz_sniff(&bytes);
    }

    #[test]
    fn after_any_beginning_too(start in prop::sample::select(vec![&b"PK\x03\x04"[..], b"\x30\x82", b"MII", b"<", b"\xff\xfe", b"RIFF", b"{", b"From: "]), bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        fuzz_sniff(&[start, &bytes].concat());
    }
}
