//! Papers: one page as a receipt has it, written as PDF/A-3a and PDF/UA-1, and sealed; one thread. Beside other programs, where
//! they are installed, on a page with the same words.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use plico_pdf::paper::{
    Attachment, Block, Fact, Footer, Header, ListedDocument, Relationship, Sheet, render,
};
use plico_pdf::seal::{Seal, seal};
use plico_signature::seal::Sealer;

use crate::RUNS;
use crate::probe::{median, processor};

/// Papers of one measurement.
const PAPERS: u32 = 200;
/// Files that a program of its own writes: each is a process.
const PROCESSES: u32 = 10;
const NOW: i64 = 1_795_262_400_000;
const TITLE: &str = "Ricevuta di presentazione";
const LEAD: &str = "Si attesta che il 21 novembre 2026 alle 18:46 Anna Verdi ha presentato a Comune di Borgo San Plico, Ufficio \
    Tecnico, quanto descritto qui sotto (art. 18-bis L. 241/1990).";
const DIGEST: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
/// The seals of pyHanko: an invisible field, the signature as PAdES, in one process.
const PYHANKO: &str = "
import io, sys, time
from pyhanko.sign import signers, fields
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
signer = signers.SimpleSigner.load(sys.argv[2], sys.argv[2])
pdf = open(sys.argv[1], 'rb').read()
def one():
    signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), signers.PdfSignatureMetadata(field_name='S',
        subfilter=fields.SigSeedSubFilter.PADES, md_algorithm='sha256'), signer=signer)
one()
began = time.process_time()
for _ in range(20): one()
print((time.process_time() - began) / 20)
";
const WEASYPRINT: &str = "
import sys, time, weasyprint
html = open(sys.argv[1]).read()
one = lambda: weasyprint.HTML(string=html).write_pdf(pdf_variant='pdf/ua-1')
one()
began = time.process_time()
for _ in range(20): one()
print((time.process_time() - began) / 20)
";

fn sheet() -> Sheet {
    let document = |n: usize| ListedDocument {
        name: format!("allegato {n}, relazione tecnica.pdf"),
        note: "application/pdf, 312 kB".into(),
        sha256: DIGEST.into(),
    };
    Sheet {
        language: "it".into(),
        title: TITLE.into(),
        author: "Comune di Borgo San Plico".into(),
        created_ms: NOW,
        document_id: "bench".into(),
        header: Header {
            administration: "Comune di Borgo San Plico".into(),
            office: "Ufficio Tecnico".into(),
        },
        footer: Footer { text: "Ricevuta".into(), page: "pagina {n} di {total}".into() },
        blocks: vec![
            Block::Title(TITLE.into()),
            Block::Lead(LEAD.into()),
            Block::Facts(
                (0..12).map(|n| Fact::new(format!("Voce {n}"), "Occupazione di suolo pubblico")).collect(),
            ),
            Block::Documents((0..5).map(document).collect()),
            Block::Paragraph("Perché la città è più bella: àèéìòù ÀÈÉÌÒÙ €.".into()),
        ],
        attachments: vec![Attachment {
            name: "leaf.json".into(),
            media_type: "application/json".into(),
            description: "Il fatto registrato".into(),
            bytes: vec![b'a'; 3_000],
            relationship: Relationship::Supplement,
        }],
        ..Sheet::default()
    }
}

/// The same words for who makes PDFs from pages.
fn html() -> String {
    let mut page = format!(
        "<!doctype html><html lang=it><meta charset=utf-8><title>{TITLE}</title><h1>{TITLE}</h1><p>{LEAD}<table>"
    );
    for n in 0..12 {
        let _ = write!(page, "<tr><th>Voce {n}<td>Occupazione di suolo pubblico");
    }
    page.push_str("</table><ol>");
    for n in 0..5 {
        let _ = write!(page, "<li>allegato {n}, relazione tecnica.pdf, 312 kB <code>{DIGEST}</code>");
    }
    page + "</ol><p>Perché la città è più bella: àèéìòù ÀÈÉÌÒÙ €.</html>"
}

/// Processor time of one of many.
fn each(count: u32, mut one: impl FnMut()) -> Duration {
    one();
    median(
        (0..RUNS)
            .map(|_| {
                let began = processor();
                (0..count).for_each(|_| one());
                processor().saturating_sub(began) / count
            })
            .collect(),
    )
}

/// Papers a second of one core, with and without their seal, and others beside.
pub fn papers() {
    let (sheet, sealer) = (sheet(), Sealer::self_signed("Comune di Borgo San Plico", NOW).expect("a seal"));
    let how = Seal { name: "Comune", reason: "Sigillo", at_ms: NOW, reserve: sealer.room() };
    let sealed = |pdf: &[u8]| seal(pdf, &how, |digest| sealer.sign_detached(digest)).expect("a sealed paper");
    let pdf = render(&sheet).expect("a paper");
    let bare = each(PAPERS, || drop(render(&sheet).expect("a paper")));
    let both = each(PAPERS, || drop(sealed(&render(&sheet).expect("a paper"))));
    let alone = each(PAPERS, || drop(sealed(&pdf)));
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    println!(
        "a paper: {:.2} ms, {} bytes; with its seal (P-256): {:.2} ms = {:.0}/s, {} bytes",
        ms(bare),
        pdf.len(),
        ms(both),
        1.0 / both.as_secs_f64(),
        sealed(&pdf).len()
    );
    let folder = tempfile::tempdir().expect("a folder");
    let place = |name: &str| folder.path().join(name);
    std::fs::write(place("paper.pdf"), &pdf).expect("a file");
    std::fs::write(place("seal.pem"), sealer.to_pem().expect("PEM")).expect("a file");
    std::fs::write(place("page.html"), html()).expect("a file");
    let beside = |name: &str, theirs: Option<Duration>, ours: Duration| match theirs {
        Some(theirs) => println!(
            "  {name}: {:.1} ms, {:.0} × ours",
            ms(theirs),
            theirs.as_secs_f64() / ours.as_secs_f64()
        ),
        None => eprintln!("NOT MEASURED: {name} is not here"),
    };
    let pyhanko = python("target/peers/bin/python", PYHANKO, &[&place("paper.pdf"), &place("seal.pem")]);
    beside(&format!("seal of pyHanko, ours {:.2} ms", ms(alone)), pyhanko, alone);
    beside(
        "WeasyPrint, in process",
        python("target/peers/bin/python", WEASYPRINT, &[&place("page.html")]),
        bare,
    );
    beside("wkhtmltopdf, a process each", wkhtmltopdf(&place("page.html"), &place("out.pdf")), bare);
}

/// Seconds that a script says; `None` where it or what it needs is not there.
fn python(program: &str, script: &str, arguments: &[&Path]) -> Option<Duration> {
    let output = Command::new(program).args(["-c", script]).args(arguments).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok().map(Duration::from_secs_f64)
}

fn wkhtmltopdf(page: &Path, out: &Path) -> Option<Duration> {
    let begin = children();
    for _ in 0..PROCESSES {
        let ran = Command::new("wkhtmltopdf").arg("-q").args([page, out]).status().ok()?;
        ran.success().then_some(())?;
    }
    Some(children().saturating_sub(begin) / PROCESSES)
}

/// Processor time of processes that have ended.
fn children() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("what the system tells of us");
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |place: usize| fields[place].parse::<u64>().expect("ticks");
    Duration::from_millis((ticks(13) + ticks(14)) * 10)
}
