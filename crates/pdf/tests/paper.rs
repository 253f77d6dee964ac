//! What a paper must be, whatever is written on it.

use plico_pdf::paper::{
    Attachment, Block, Fact, Header, ListedDocument, Relationship, Sheet, Table, TableColumn, Text,
    fuzz_render, render,
};
use plico_pdf::read;
use proptest::prelude::*;

fn sheet(blocks: Vec<Block>) -> Sheet {
    Sheet {
        language: "it".into(),
        title: "Ricevuta di presentazione".into(),
        author: "Comune di Borgo San Plico".into(),
        created_ms: 1_795_286_761_123,
        document_id: "sample".into(),
        header: Header { administration: "Comune di Borgo San Plico".into(), ..Header::default() },
        blocks,
        ..Sheet::default()
    }
}

fn attachment(name: &str, bytes: &[u8]) -> Attachment {
    Attachment {
        name: name.into(),
        media_type: "application/json".into(),
        description: "Dati".into(),
        bytes: bytes.to_vec(),
        relationship: Relationship::Data,
    }
}

#[test]
fn same_sheet_same_bytes_and_a_line_feed_at_the_end() {
    let mut sheet = sheet(vec![Block::Title("Ricevuta".into()), Block::Paragraph("Perché così".into())]);
    sheet.attachments = vec![attachment("leaf.json", b"{}")];
    let first = render(&sheet).unwrap();
    assert_eq!(first, render(&sheet).unwrap());
    assert!(first.ends_with(b"%%EOF\n"));
    sheet.document_id = "other".into();
    assert_ne!(first, render(&sheet).unwrap());
}

#[test]
fn attachments_come_out_as_they_went_in() {
    let mut sheet = sheet(vec![Block::Title("Ricevuta".into())]);
    let big: Vec<u8> = (0..200_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    sheet.attachments = vec![
        attachment("città.json", "{\"è\":1}".as_bytes()),
        attachment("empty", b""),
        attachment("big.bin", &big),
    ];
    let pdf = render(&sheet).unwrap();
    let mut out = read::attachments(&pdf).unwrap();
    out.sort();
    assert_eq!(out.len(), 3);
    assert_eq!(out[0], ("big.bin".to_owned(), big));
    assert_eq!(out[1], ("città.json".to_owned(), "{\"è\":1}".as_bytes().to_vec()));
    assert_eq!(out[2], ("empty".to_owned(), Vec::new()));
    let found = read::inspect(&pdf).unwrap();
    assert_eq!((found.pages, found.attachments, found.tagged), (1, 3, true));
    assert_eq!(found.claims_pdfa.as_deref(), Some("3A"));
    assert_eq!(found.title.as_deref(), Some("Ricevuta di presentazione"));
    sheet.attachments.clear();
    assert_eq!(read::inspect(&render(&sheet).unwrap()).unwrap().claims_pdfa.as_deref(), Some("2A"));
}

#[test]
fn two_attachments_of_one_name_are_refused() {
    let mut sheet = sheet(vec![]);
    sheet.attachments = vec![attachment("a", b"1"), attachment("a", b"2")];
    assert!(render(&sheet).is_err());
}

#[test]
fn words_can_be_read_back_in_order() {
    let pdf = render(&sheet(vec![
        Block::Title("Ricevuta".into()),
        Block::Paragraph(Text::from("La città è ").strong("qui").plain(", perché no: € 12.")),
        Block::Facts(vec![Fact::new("Oggetto", "Accesso agli atti")]),
    ]))
    .unwrap();
    let text = read::text(&pdf, 10_000).unwrap();
    assert!(text.whole);
    let flat = text.text.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in
        ["Comune di Borgo San Plico", "La città è", "qui", "perché no: € 12.", "Oggetto", "Accesso agli atti"]
    {
        assert!(flat.contains(words), "{words:?} not in {flat:?}");
    }
    let short = read::text(&pdf, 10).unwrap();
    assert_eq!((short.text.chars().count(), short.whole), (10, false));
}

#[test]
fn two_hundred_documents_and_a_thousand_rows_go_over_pages() {
    let document = |n: usize| ListedDocument {
        name: format!("allegato {n}.pdf"),
        note: "PDF".into(),
        sha256: "ab".repeat(32),
    };
    let pdf = render(&sheet(vec![Block::Documents((1..=200).map(document).collect())])).unwrap();
    assert!(read::inspect(&pdf).unwrap().pages > 10);
    let columns = vec![TableColumn::new("Numero", 1), TableColumn::new("Oggetto", 3)];
    let rows = (0..1000).map(|n| vec![format!("{n:07}").into(), "Certificato".into()]).collect();
    let pdf = render(&sheet(vec![Block::Table(Table { columns, rows })])).unwrap();
    assert!(read::inspect(&pdf).unwrap().pages > 15);
}

/// What a screen reader walks through, as poppler sees it.
#[test]
fn the_structure_is_read_in_order() {
    let dir = std::env::temp_dir().join(format!("plico-structure-{}.pdf", std::process::id()));
    let mut sheet = sheet(vec![
        Block::Addressee(vec!["Giulia Bianchi".into(), "via della Repubblica 12".into()]),
        Block::Title("Ricevuta".into()),
        Block::Facts(vec![Fact::new("Oggetto", "Accesso\nagli atti")]),
        Block::Documents(vec![ListedDocument {
            name: "nota.pdf".into(),
            note: "PDF".into(),
            sha256: String::new(),
        }]),
        Block::Heading("Poi".into()),
        Block::Bullets(vec!["uno".into()]),
    ]);
    sheet.watermark = Some("PROVA".into());
    std::fs::write(&dir, render(&sheet).unwrap()).unwrap();
    let Ok(output) = std::process::Command::new("pdfinfo").arg("-struct-text").arg(&dir).output() else {
        eprintln!("skipped: pdfinfo (poppler-utils) is not installed");
        return;
    };
    std::fs::remove_file(&dir).unwrap();
    let tree: Vec<String> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| line.trim().trim_end_matches(':').trim_end_matches(" (block)").to_owned())
        .filter(|line| !line.starts_with('/'))
        .collect();
    let expected = [
        "Document",
        "P",
        "\"Comune di Borgo San Plico\"",
        "P",
        "\"Giulia Bianchi via della Repubblica 12\"",
        "H1 \"Ricevuta\"",
        "\"Ricevuta\"",
        "Table",
        "TBody",
        "TR",
        "TH",
        "\"Oggetto\"",
        "TD",
        "\"Accesso agli atti\"",
        "L",
        "LI",
        "Lbl",
        "\"1.\"",
        "LBody",
        "P",
        "\"nota.pdf\"",
        "P",
        "\"PDF\"",
        "H2 \"Poi\"",
        "\"Poi\"",
        "L",
        "LI",
        "Lbl",
        "\"•\"",
        "LBody",
        "\"uno\"",
    ];
    assert_eq!(tree, expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn no_words_are_refused(text in any::<String>()) {
        fuzz_render(text.as_bytes());
    }

    #[test]
    fn no_marks_or_scripts_are_refused(text in "[a-z \u{300}-\u{36f}\u{590}-\u{6ff}\u{900}-\u{97f}\u{1e00}-\u{206f}\u{e000}-\u{e0ff}\u{fb00}-\u{fdff}\u{fff0}-\u{ffff}\u{1f600}-\u{1f64f}\n]{0,80}") {
        fuzz_render(text.as_bytes());
    }
}
