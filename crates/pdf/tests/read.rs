//! Foreign bytes: bounded, never a panic.

use plico_pdf::paper::{Attachment, Block, Header, Relationship, Sheet, render};
use plico_pdf::read::{self, ReadError, fuzz_read};
use proptest::prelude::*;

fn paper() -> Vec<u8> {
    render(&Sheet {
        language: "it".into(),
        title: "Ricevuta".into(),
        header: Header { administration: "Comune".into(), ..Header::default() },
        blocks: vec![Block::Title("Ricevuta".into()), Block::Paragraph("parola ".repeat(40).as_str().into())],
        attachments: vec![Attachment {
            name: "leaf.json".into(),
            media_type: "application/json".into(),
            description: "Dati".into(),
            bytes: b"{}".repeat(100),
            relationship: Relationship::Data,
        }],
        ..Sheet::default()
    })
    .expect("a paper")
}

/// A file with its cross references right, made of the objects given; the first is the catalog.
fn file(objects: &[&str]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for (nth, object) in objects.iter().enumerate() {
        offsets.push(out.len());
        out.extend(format!("{} 0 obj\n{object}\nendobj\n", nth + 1).bytes());
    }
    let start = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for offset in offsets {
        out.extend(format!("{offset:010} 00000 n \n").bytes());
    }
    out.extend(
        format!("trailer\n<</Size {}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1).bytes(),
    );
    out
}

#[test]
fn scripts_and_programs_are_found() {
    let pages = "<</Type/Pages/Kids[3 0 R]/Count 1>>";
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>";
    let plain = read::inspect(&file(&["<</Type/Catalog/Pages 2 0 R>>", pages, page])).unwrap();
    assert_eq!((plain.pages, plain.has_javascript, plain.has_actions), (1, false, false));
    let script = "<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>";
    assert!(read::inspect(&file(&[script, pages, page])).unwrap().has_javascript);
    let launch = "<</Type/Page/Parent 2 0 R/AA[[<</O<</S/Launch/F(cmd.exe)>>>>]]>>";
    assert!(read::inspect(&file(&["<</Type/Catalog/Pages 2 0 R>>", pages, launch])).unwrap().has_actions);
}

#[test]
fn a_name_tree_that_bites_its_tail_ends() {
    let catalog = "<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles 3 0 R>>>>";
    let bytes = file(&[catalog, "<</Type/Pages/Kids[]/Count 0>>", "<</Kids[3 0 R 3 0 R]>>"]);
    assert!(matches!(read::attachments(&bytes), Err(ReadError::TooMuch)));
}

#[test]
fn what_is_no_pdf_says_so() {
    for bytes in [b"".as_slice(), b"%PDF-1.7", b"hello", &[0xff; 4096]] {
        assert!(read::inspect(bytes).is_err());
        fuzz_read(bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn changed_bytes_never_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20), cut in any::<prop::sample::Index>(), whole in any::<bool>()) {
        let mut bytes = paper();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if !whole {
            bytes.truncate(cut.index(bytes.len()));
        }
        fuzz_read(&bytes);
    }

    #[test]
    fn any_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        fuzz_read(&[b"%PDF-1.7\n".as_slice(), &bytes].concat());
    }
}
