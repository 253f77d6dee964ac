//! What is XML and what is not.

use super::*;

fn read(text: &str) -> Result<Document, XmlError> {
    parse(text.as_bytes(), Limits::DOCUMENT)
}

#[test]
fn what_is_not_xml_is_refused() {
    for bad in [
        "",
        "text",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<a/>text",
        "<a x='1' x='2'/>",
        "<a xmlns:p='u' xmlns:q='u' p:x='1' q:x='2'/>",
        "<p:a/>",
        "<a p:x='1'/>",
        "<a xmlns:p=''/>",
        "<a xmlns:xml='u'/>",
        "<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>",
        "<a:b:c xmlns:a='u'/>",
        "<1a/>",
        "<a>&undeclared;</a>",
        "<a>&#1;</a>",
        "<a x='&#0;'/>",
        "<a x='<'/>",
        "<a>]]></a>",
        "<a>\u{1}</a>",
        "<a><!-- -- --></a>",
        "<a/><?xml version='1.0'?>",
        "<?xml version='1.1'?><a/>",
    ] {
        assert_eq!(read(bad).err(), Some(XmlError::Malformed), "{bad:?}");
    }
    let typed = "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>";
    assert_eq!(read(typed).err(), Some(XmlError::DocumentType));
    assert_eq!(parse(b"<a>\xe8</a>", Limits::DOCUMENT).err(), Some(XmlError::Encoding));
}

#[test]
fn encodings_are_one_text() {
    let text = "<a>perch\u{e9}</a>";
    let utf16: Vec<u8> =
        [0xfe, 0xff].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect();
    let latin: Vec<u8> = "<?xml version='1.0' encoding=\"ISO-8859-1\"?>"
        .bytes()
        .chain(text.chars().map(|c| c as u8))
        .collect();
    for bytes in [text.as_bytes(), &utf16, &latin, &[b"\xef\xbb\xbf", text.as_bytes()].concat()] {
        assert_eq!(parse(bytes, Limits::DOCUMENT).unwrap().root().text(), "perch\u{e9}");
    }
}

#[test]
fn limits_are_held() {
    let deep = "<a>".repeat(200) + &"</a>".repeat(200);
    let wide = (0..300).map(|n| format!(" a{n}=''")).collect::<Vec<_>>().concat();
    let scope = (0..200).map(|n| format!(" xmlns:a{n}='u{n}'")).collect::<Vec<_>>().concat();
    let many = format!("<a>{}</a>", "<b/>".repeat(250_000));
    for text in [deep, format!("<a{wide}/>"), format!("<a{scope}/>"), many] {
        assert_eq!(read(&text).err(), Some(XmlError::TooMuch));
    }
}

#[test]
fn identifiers_that_stand_twice_are_nobody() {
    let document = read("<a Id='x'><b id='y'/><c xml:id='y'/><d ID='z'/><e other='x'/></a>").unwrap();
    assert_eq!(document.by_id("x").unwrap().local(), "a");
    assert_eq!(document.by_id("z").unwrap().local(), "d");
    assert!(document.by_id("y").is_none() && document.by_id("none").is_none());
}
