//! Writes one of each kind of paper into a directory, to be looked at and validated:
//! `cargo run -p plico-pdf --example papers -- target/papers`

use std::path::PathBuf;

use plico_pdf::forge::{self, Letter, Plan};
use plico_pdf::paper::{
    Attachment, Block, Fact, Footer, Header, ListedDocument, Mark, Notice, Orientation, Qr, Relationship,
    Sheet, Table, TableColumn, Text, Tone, Voice, render,
};

const DIGEST: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let into = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "target/papers".to_owned()));
    std::fs::create_dir_all(&into)?;
    for (name, sheet) in [
        ("receipt", receipt()),
        ("filing", filing()),
        ("register", register()),
        ("certificate", certificate()),
        ("torture", torture()),
    ] {
        std::fs::write(into.join(name).with_extension("pdf"), render(&sheet)?)?;
    }
    std::fs::write(into.join("letter.pdf"), forge::letter(&letter())?)?;
    std::fs::write(into.join("plan.pdf"), forge::plan(&plan())?)?;
    Ok(())
}

fn sheet(title: &str, blocks: Vec<Block>) -> Sheet {
    Sheet {
        language: "it".into(),
        title: title.into(),
        author: "Comune di Borgo San Plico".into(),
        created_ms: 1_795_286_761_123,
        document_id: format!("sample/{title}"),
        header: Header {
            administration: "Comune di Borgo San Plico".into(),
            office: "Sportello unico per l’edilizia  ·  Piazza della Libertà 1, 50099 Borgo San Plico (FI)".into(),
            ..Header::default()
        },
        footer: Footer {
            text: "Ricevuta R-01JD8X2K7M4Q9W3T6Y5B0C1V8Z-H  ·  si verifica con il file PDF intero, non con la copia stampata".into(),
            page: "pagina {n} di {total}".into(),
        },
        blocks,
        ..Sheet::default()
    }
}

fn code() -> Qr {
    // Not a code that can be read: the shape of one.
    let size = 29;
    let finder = |x: usize, y: usize| {
        let inside = |a: usize| a < 7 || a >= size - 7;
        if !(inside(x) && inside(y)) || (x >= size - 7 && y >= size - 7) {
            return None;
        }
        let (x, y) = (x.min(size - 1 - x), y.min(size - 1 - y));
        Some(x == 0 || y == 0 || x == 6 || y == 6 || ((2..5).contains(&x) && (2..5).contains(&y)))
    };
    let dark = (0..size * size)
        .map(|at| {
            let (x, y) = (at % size, at / size);
            finder(x, y).unwrap_or((x * 7 + y * 13 + x * y * 3) % 5 < 2)
        })
        .collect();
    Qr {
        size,
        dark,
        width_mm: 30,
        alt: "Codice QR che porta alla pagina di verifica di questa ricevuta".into(),
        title: "Verifica".into(),
        text: Text::from(
            "Inquadri il codice o vada alla pagina di verifica del Comune e carichi questo file. La verifica dice che \
             cosa è stato controllato e che cosa no; funziona anche senza rete con il programma libero «plico verify».",
        ),
    }
}

fn receipt() -> Sheet {
    let mut sheet = sheet("Ricevuta di presentazione", vec![
        Block::Title("Ricevuta di presentazione".into()),
        Block::Lead(Text::from("Il Comune ha ricevuto la Sua istanza il ").strong("21 novembre 2026 alle 19:46:01").plain(".")),
        Block::Mark(Mark {
            caption: "Registrata al protocollo con il numero".into(),
            number: "0001234/2026".into(),
            facts: vec![
                Fact::new("Data", "21 novembre 2026, ore 19:46:01 (Roma)"),
                Fact::new("Registro", "Protocollo generale, AOO c_b999"),
                Fact::new("Verso", "in arrivo, dal portale"),
            ],
            qr: Some(code()),
        }),
        Block::Heading("Che cosa è stato presentato".into()),
        Block::Facts(vec![
            Fact::new("Oggetto", "SCIA per manutenzione straordinaria: apertura di una porta tra cucina e soggiorno, via della Repubblica 12, interno 3"),
            Fact::new("Presentata da", Text::from("Giulia Bianchi").plain("\n").mono("BNCGLI85M41D612X")),
            Fact::new("Ufficio competente", "Sportello unico per l’edilizia"),
            Fact::new("Responsabile", "Marta Rossi, tel. 055 000000"),
            Fact::new("Termine per la risposta", "21 dicembre 2026 (30 giorni); trascorso il termine i lavori si intendono assentiti (art. 20 L. 241/1990)"),
            Fact::new("Rimedi", "Potere sostitutivo: il Segretario comunale. Ricorso al TAR della Toscana nei termini di legge."),
        ]),
        Block::Heading("Documenti".into()),
        Block::Documents(vec![
            document("istanza.pdf", "documento principale  ·  PDF  ·  48 kB"),
            document("planimetria_stato_di_progetto_piano_primo_e_sezioni_AA_BB_tavola_03_revisione_definitiva_firmata.pdf.p7m", "firmato da Luca Verdi (firma integra)  ·  PDF in busta CAdES  ·  1,4 MB"),
            document("relazione tecnica asseverata.pdf", "PDF  ·  312 kB"),
        ]),
        Block::Notice(Notice {
            tone: Tone::Calm,
            title: "Che cosa prova questa ricevuta".into(),
            text: "Che i documenti qui elencati, con le impronte indicate, sono stati acquisiti dal Comune non dopo l’istante scritto sopra. Non è la decisione sull’istanza.".into(),
        }),
        Block::Qr(code()),
    ]);
    sheet.attachments = vec![
        Attachment {
            name: "leaf.json".into(),
            media_type: "application/json".into(),
            description: "Foglia del registro".into(),
            bytes: br#"{"v":1}"#.to_vec(),
            relationship: Relationship::Data,
        },
        Attachment {
            name: "proof.tlog-proof".into(),
            media_type: "text/plain".into(),
            description: "Prova di inclusione".into(),
            bytes: b"c2sp.org/tlog-proof@v1\n".to_vec(),
            relationship: Relationship::Supplement,
        },
    ];
    sheet.watermark = Some("PROVA".into());
    sheet
}

fn document(name: &str, note: &str) -> ListedDocument {
    ListedDocument { name: name.into(), note: note.into(), sha256: DIGEST.into() }
}

fn filing() -> Sheet {
    let text = "Gentile Ufficio,\n\nla sottoscritta chiede di poter aprire una porta tra cucina e soggiorno nell’appartamento di via della Repubblica 12. I lavori non riguardano parti strutturali né la facciata; la ditta incaricata è indicata nella relazione allegata.\n\nChiede inoltre di sapere se occorra rinnovare il certificato di agibilità, e a quali condizioni.\n\nCordiali saluti,\nGiulia Bianchi";
    sheet("Istanza: SCIA per manutenzione straordinaria", vec![
        Block::Title("Istanza".into()),
        Block::Facts(vec![
            Fact::new("Oggetto", Text::of(Voice::Strong, "SCIA per manutenzione straordinaria, via della Repubblica 12")),
            Fact::new("All’ufficio", "Sportello unico per l’edilizia"),
            Fact::new("Da", "Giulia Bianchi, nata a Firenze il 1° agosto 1985"),
            Fact::new("Codice fiscale", Text::of(Voice::Mono, "BNCGLI85M41D612X")),
            Fact::new("Identità accertata con", "SPID, livello 2"),
        ]),
        Block::Heading("Testo".into()),
        Block::Paragraph(text.into()),
        Block::Heading("Allegati".into()),
        Block::Documents((1..=9).map(|n| document(&format!("allegato {n}.pdf"), "PDF  ·  120 kB")).collect()),
        Block::Heading("Dichiarazioni".into()),
        Block::Bullets(vec![
            "Di essere consapevole delle sanzioni penali previste dall’art. 76 del DPR 445/2000 per chi rilascia dichiarazioni mendaci.".into(),
            "Di avere letto l’informativa sul trattamento dei dati personali.".into(),
        ]),
    ])
}

fn register() -> Sheet {
    let columns = vec![
        TableColumn::new("Numero", 10),
        TableColumn::new("Data e ora", 13),
        TableColumn::new("Verso", 8),
        TableColumn::new("Mittente o destinatario", 24),
        TableColumn::new("Oggetto", 38),
        TableColumn::new("Impronta", 20),
    ];
    let rows = (1..=60).map(|n| {
        let subject = if n % 7 == 3 { "Richiesta di accesso agli atti relativi alla pratica edilizia n. 45 del 2019, con estrazione di copia semplice degli elaborati grafici e della relazione" } else { "Richiesta di certificato di residenza" };
        vec![Text::of(Voice::Strong, format!("{n:07}")), format!("21/11/2026 {:02}:{:02}", 8 + n / 8, n * 7 % 60).into(), if n % 3 == 0 { "partenza" } else { "arrivo" }.into(),
             "Bianchi Giulia".into(), subject.into(), Text::of(Voice::Mono, &DIGEST[..16])]
    }).collect();
    let mut sheet = sheet(
        "Registro giornaliero di protocollo del 21 novembre 2026",
        vec![
            Block::Title("Registro giornaliero di protocollo".into()),
            Block::Lead("21 novembre 2026: 60 registrazioni, dal numero 0000001 al numero 0000060".into()),
            Block::Table(Table { columns, rows }),
        ],
    );
    sheet.orientation = Orientation::Landscape;
    sheet
}

fn certificate() -> Sheet {
    sheet("Certificato di residenza", vec![
        Block::Addressee(vec!["Alla cortese attenzione di".into(), "Giulia Bianchi".into(), "via della Repubblica 12".into(), "50099 Borgo San Plico (FI)".into()]),
        Block::Title("Certificato di residenza".into()),
        Block::Paragraph(Text::from("L’ufficiale d’anagrafe, visti gli atti d’ufficio, certifica che ").strong("Giulia Bianchi").plain(", nata a Firenze il 1° agosto 1985, codice fiscale ").mono("BNCGLI85M41D612X").plain(", risulta iscritta nell’anagrafe della popolazione residente di questo Comune, con abitazione in via della Repubblica 12, dal 3 marzo 2014.")),
        Block::Paragraph("Il presente certificato non può essere prodotto agli organi della pubblica amministrazione o ai privati gestori di pubblici servizi (art. 40, comma 02, DPR 445/2000).".into()),
        Block::Signature(vec!["Borgo San Plico, 21 novembre 2026".into(), "L’ufficiale d’anagrafe".into(), "Marta Rossi".into()]),
        Block::Small("Documento sottoscritto con firma digitale ai sensi dell’art. 24 del D.Lgs. 82/2005.".into()),
        Block::Qr(code()),
    ])
}

fn torture() -> Sheet {
    let long = "parola ".repeat(900);
    sheet("Tutto ciò che può andare storto 😀", vec![
        Block::Heading("Un titolo lunghissimo che non sta in una riga sola e che deve andare a capo senza perdere il proprio paragrafo, nemmeno qui".into()),
        Block::Paragraph(long.as_str().into()),
        Block::Documents(vec![document(&"x".repeat(5000), "PDF"), document("fattura\u{202e}fdp.exe", "eseguibile"), document("", "")]),
        Block::Facts(vec![Fact::new("", ""), Fact::new("Emoji", "😀 e 汉字 e e\u{301}"), Fact::new("Lungo", long.as_str()), Fact::new("x".repeat(300), "valore")]),
        Block::Notice(Notice { tone: Tone::Alarm, title: "Avviso lungo".into(), text: long.as_str().into() }),
        Block::Notice(Notice { tone: Tone::Caution, title: String::new(), text: "breve".into() }),
        Block::Table(Table { columns: vec![TableColumn::new("A", 1), TableColumn::new("", 1)], rows: vec![vec![], vec![long.as_str().into(), "b".into()], vec!["c".into(), "d".into(), "e".into()]] }),
        Block::Table(Table::default()),
        Block::Bullets(vec![]),
        Block::Bullets(vec!["".into(), long.as_str().into()]),
        Block::Verbatim("{\n  \"chiave\": \"valore\"\n}".into()),
        Block::PageBreak,
        Block::Space(20),
        Block::Mark(Mark { number: "1".into(), ..Mark::default() }),
        Block::Qr(Qr { size: 0, dark: vec![], width_mm: 0, alt: String::new(), title: String::new(), text: "".into() }),
        Block::Heading(String::new()),
        Block::Paragraph("".into()),
    ])
}

fn letter() -> Letter {
    Letter {
        language: "it".into(),
        from: vec!["Giulia Bianchi".into(), "via della Repubblica 12".into(), "50099 Borgo San Plico (FI)".into()],
        to: vec!["Spett.le Comune di Borgo San Plico".into(), "Sportello unico per l’edilizia".into(), "Piazza della Libertà 1".into(), "50099 Borgo San Plico (FI)".into()],
        place_and_date: "Borgo San Plico, 21 novembre 2026".into(),
        subject: "Oggetto: richiesta di accesso agli atti, pratica edilizia n. 45 del 2019".into(),
        body: "La sottoscritta, proprietaria dell’immobile di via della Repubblica 12, chiede di prendere visione e di avere copia semplice degli atti della pratica indicata in oggetto, e in particolare degli elaborati grafici e della relazione tecnica.\n\nLa richiesta è motivata dalla necessità di verificare la conformità dell’immobile in vista di una compravendita.\n\nSi allega copia del documento di identità.\n\nDistinti saluti".into(),
        ..Letter::default()
    }
}

fn plan() -> Plan {
    Plan {
        language: "it".into(),
        title: "Planimetria: stato di progetto".into(),
        author: "Luca Verdi".into(),
        facts: [
            ("Committente", "Giulia Bianchi"),
            ("Ubicazione", "via della Repubblica 12, interno 3"),
            ("Tavola", "3 di 5, revisione definitiva"),
            ("Scala", "1 : 100"),
        ]
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .to_vec(),
        rooms: forge::rooms(["Soggiorno", "Cucina", "Corridoio", "Camera", "Bagno"], 7),
        alt: "Pianta di un appartamento di cinque vani".into(),
        ..Plan::default()
    }
}
