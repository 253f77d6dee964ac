//! What the office sees of a document: pictures of its pages, not the file itself.

use plico_pdf::forge::{self, Letter};
use plico_signature::forge::{KeyKind, Pki, Recipe, Subject, cades};
use plico_testkit::real::{or_say, poppler};

use crate::delegation::operator;
use crate::support::{MORNING, code};
use crate::verdict::filed;
use crate::visitor::{Browser, town};

const DAY_MS: i64 = 86_400_000;

fn signed(pdf: &[u8]) -> Vec<u8> {
    let mut pki = Pki::new("Borgo", MORNING).unwrap();
    let subject = Subject {
        given_name: "Anna",
        surname: "Bassi",
        fiscal_code: "BSSNNA80A41H501X",
        organization: "",
        from_ms: MORNING - 300 * DAY_MS,
        to_ms: MORNING + 300 * DAY_MS,
    };
    let anna = pki.signer(&subject, KeyKind::P256).unwrap();
    cades(&[&anna], pdf, &Recipe::good(MORNING - DAY_MS)).unwrap()
}

#[tokio::test]
async fn pages_are_shown_as_pictures_in_envelopes_or_out_of_them() {
    let Some(()) = or_say(poppler::draws()) else { return };
    let town = town().await;
    let pdf = forge::letter(&Letter {
        language: "it".into(),
        created_ms: MORNING,
        document_id: "domanda".into(),
        from: vec!["Anna Bassi".into()],
        subject: "Oggetto: permesso".into(),
        body: "Chiedo il permesso.".into(),
        ..Letter::default()
    });
    let pdf = pdf.unwrap();
    let mut clerk = operator(&town, &town.building_operator).await;
    for (name, bytes) in [("domanda.pdf", pdf.clone()), ("domanda.pdf.p7m", signed(&pdf))] {
        let (message, document) = filed(&town, name, &bytes).await;
        let page = clerk.see(&format!("/ufficio/messaggi/{message}?documento={document}")).await;
        let frame = format!("/ufficio/documenti/{document}/anteprima");
        assert!(page.contains(&format!("<iframe src=\"{frame}\"")), "{name}: {page}");
        let shown = clerk.request("GET", &frame, &[], &[]).await;
        assert_eq!(shown.status, 200, "{name}");
        assert!(shown.header("content-security-policy").unwrap().contains("frame-ancestors 'self'"));
        let first = format!("/ufficio/documenti/{document}/pagine/1");
        let frame = clerk.see(&frame).await;
        assert!(frame.contains(&format!("src=\"{first}\"")), "{name}: {frame}");
        let picture = clerk.request("GET", &first, &[], &[]).await;
        assert_eq!(picture.header("content-type"), Some("image/png"));
        assert!(picture.body.starts_with(b"\x89PNG") && picture.body.len() > 1000, "{name}");
        for none in ["0", "2", "99999999999", "x"] {
            let none = format!("/ufficio/documenti/{document}/pagine/{none}");
            assert_eq!(clerk.request("GET", &none, &[], &[]).await.status, 404, "{none}");
        }
        let mut anna = Browser::signed_in(&town, &code("BSSNNA80A41H501"), "").await;
        assert_eq!(anna.request("GET", &first, &[], &[]).await.status, 404, "it is the office's");
    }
}

#[tokio::test]
async fn what_cannot_be_drawn_is_said_and_can_be_downloaded() {
    let town = town().await;
    let (_, document) = filed(&town, "rotto.pdf", b"%PDF-1.7\nniente\n%%EOF\n").await;
    let mut clerk = operator(&town, &town.building_operator).await;
    let shown = clerk.see(&format!("/ufficio/documenti/{document}/anteprima")).await;
    assert!(shown.contains("non si possono mostrare"), "{shown}");
    assert!(shown.contains(&format!("/ufficio/documenti/{document}/scarica")), "{shown}");
    let page = format!("/ufficio/documenti/{document}/pagine/1");
    assert_eq!(clerk.request("GET", &page, &[], &[]).await.status, 404);
}

/// As much as may be filed fits into what the reader of foreign PDFs may use: 512 MiB and 5 s.
#[test]
fn the_largest_upload_is_read_within_the_limits() {
    use std::io::{Read as _, Write as _};
    use std::process::{Command, Stdio};
    const LARGEST: usize = 100 << 20;
    let objects = [
        "<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles<</Names[(a) 4 0 R]>>>>>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>".to_owned(),
        "<</Type/Filespec/F(a)/UF(a)/EF<</F 5 0 R>>>>".to_owned(),
    ];
    let mut pdf = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (nth, object) in objects.iter().enumerate() {
        places.push(pdf.len());
        write!(pdf, "{} 0 obj\n{object}\nendobj\n", nth + 1).unwrap();
    }
    places.push(pdf.len());
    let long = LARGEST - 1000;
    write!(pdf, "5 0 obj\n<</Type/EmbeddedFile/Length {long}>>stream\n").unwrap();
    pdf.resize(pdf.len() + long, b'x');
    pdf.extend_from_slice(b"\nendstream\nendobj\n");
    let table = pdf.len();
    pdf.extend_from_slice(b"xref\n0 6\n0000000000 65535 f \n");
    for place in places {
        writeln!(pdf, "{place:010} 00000 n ").unwrap();
    }
    write!(pdf, "trailer<</Size 6/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n").unwrap();
    for (question, least) in [(b'i', 2), (b'a', long)] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_plico"))
            .arg("read-pdf")
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(&[question, 0, 0, 0, 0, 0, 0, 0, 0]).unwrap();
        input.write_all(&pdf).unwrap();
        drop(input);
        let mut answer = Vec::new();
        child.stdout.take().unwrap().read_to_end(&mut answer).unwrap();
        assert!(child.wait().unwrap().success(), "{}", question as char);
        assert!(answer.first() == Some(&0) && answer.len() >= least, "{} bytes", answer.len());
    }
}
