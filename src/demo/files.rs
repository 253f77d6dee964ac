//! The files that people and offices attach: true PDFs, and true signatures of a PKI that nobody should believe.

use std::io::Write as _;
use std::path::Path;
use std::sync::LazyLock;

use plico_pdf::forge::{self, Letter, Plan, rooms};
use plico_signature::forge::{
    Flaw, KeyKind, Period, Pki, Qualified, Recipe, Signer, Subject, Writing, cades,
};
use plico_vault::Filling;

use super::DemoError;
use super::lists::lists;
use super::town::{NAME, PEOPLE};

/// What is drawn or written in a file.
#[derive(Debug, Clone, Copy)]
pub enum Paper {
    /// A letter with this text.
    Letter(&'static str),
    /// A plan of a flat.
    Plan,
}

/// How a file is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed {
    /// Not at all.
    No,
    /// CAdES in DER.
    Der(Hand),
    /// CAdES in base64, as some programs write it.
    Base64(Hand),
    /// CAdES in BER, in pieces.
    Ber(Hand),
    /// Changed after signing.
    Altered(Hand),
    /// Cut off while it was sent.
    Truncated(Hand),
}

/// Who signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    /// Matteo Sala, surveyor, P-256.
    Surveyor,
    /// Pietro Bassani, RSA.
    Bassani,
    /// Marco Ferri, head of the technical office, P-256.
    Office,
}

/// A file of the story.
#[derive(Debug, Clone, Copy)]
pub struct File {
    /// Its name.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// What it shows.
    pub paper: Paper,
    /// How it is signed.
    pub signed: Signed,
}

/// A letter that nobody signed.
pub const fn letter(name: &'static str, title: &'static str, body: &'static str) -> File {
    File { name, title, paper: Paper::Letter(body), signed: Signed::No }
}

/// A letter that somebody signed.
pub const fn signed(name: &'static str, title: &'static str, body: &'static str, signed: Signed) -> File {
    File { name, title, paper: Paper::Letter(body), signed }
}

/// A plan.
pub const fn plan(name: &'static str, title: &'static str, signed: Signed) -> File {
    File { name, title, paper: Paper::Plan, signed }
}

/// Whose letter it is, and when.
#[derive(Debug, Clone)]
pub struct Occasion {
    /// Name, street, town.
    pub from: Vec<String>,
    /// To whom.
    pub to: Vec<String>,
    /// `3 marzo 2026`.
    pub date: String,
    /// UTC milliseconds.
    pub at_ms: i64,
    /// Makes plans differ.
    pub seed: u64,
}

fn write(folder: &Path, files: &[(&'static str, Vec<u8>)]) -> Result<(), DemoError> {
    let failed = |error| DemoError::Forge(Box::new(error));
    let mut filling = Filling::of(folder).map_err(failed)?;
    for (name, bytes) in files {
        let mut file = filling.create(Path::new(name)).map_err(failed)?;
        file.write_all(bytes).map_err(|error| DemoError::Forge(Box::new(error)))?;
        filling.keep(file).map_err(failed)?;
    }
    filling.finish().map_err(failed)
}

/// A signer whose key takes long to make: made aside, while the town begins.
type Slow = LazyLock<Result<Signer, String>, Box<dyn FnOnce() -> Result<Signer, String> + Send>>;

/// The pens of the town.
pub struct Hands {
    surveyor: Signer,
    bassani: Slow,
    office: Signer,
    /// What the demo's `signatures.trust` holds: names and contents.
    believed: Vec<(&'static str, Vec<u8>)>,
    /// The same of its `signatures.lists`.
    lists: Vec<(&'static str, Vec<u8>)>,
}

impl Hands {
    /// Makes the test PKI as of the first day; answers the pens and the body's seal as PEM. `end_ms` is when the story ends.
    pub fn new(now_ms: i64, end_ms: i64) -> Result<(Self, String), DemoError> {
        const DAY_MS: i64 = 86_400_000;
        const YEAR_MS: i64 = 365 * DAY_MS;
        let fault = |error| DemoError::Forge(Box::new(error));
        let mut pki = Pki::new(NAME, now_ms).map_err(fault)?;
        let nobody = Subject {
            given_name: "",
            surname: "",
            fiscal_code: "",
            organization: "Comune di Borgo San Plico (PROVA)",
            from_ms: now_ms - YEAR_MS,
            to_ms: now_ms + 5 * YEAR_MS,
        };
        let codes: Vec<String> =
            PEOPLE.iter().map(|p| p.fiscal_code().map(String::from).unwrap_or_default()).collect();
        let citizen = |index: usize| Subject {
            given_name: PEOPLE[index].given,
            surname: PEOPLE[index].surname,
            fiscal_code: &codes[index],
            organization: "",
            ..nobody
        };
        // His certificate is a qualified one, with a device.
        let says = Qualified { device: true, seal: false };
        let surveyor = pki.qualified(&citizen(5), KeyKind::P256, says).map_err(fault)?;
        let officer = Subject { given_name: "Marco", surname: "Ferri", ..nobody };
        let office = pki.signer(&officer, KeyKind::P256).map_err(fault)?;
        let seal = pki.signer(&nobody, KeyKind::P256).map_err(fault)?.to_pem().map_err(fault)?;
        let seal = String::from_utf8(seal).map_err(|error| DemoError::Forge(Box::new(error)))?;
        let period = Period { from_ms: now_ms, to_ms: Some(now_ms + 5 * YEAR_MS) };
        let sealed = |error| DemoError::Forge(Box::new(error));
        let believed = vec![
            ("radice.pem", pki.anchors_pem().map_err(fault)?),
            ("ca.crl", pki.crl(&[], period).map_err(sealed)?),
            ("radice.crl", pki.root_crl(None, period).map_err(sealed)?),
        ];
        let lists = lists(&pki, now_ms)?;
        let code = codes[3].clone();
        let bassani: Slow = LazyLock::new(Box::new(move || {
            let subject = Subject {
                given_name: PEOPLE[3].given,
                surname: PEOPLE[3].surname,
                fiscal_code: &code,
                organization: "",
                // Expired by now: the numbers of what he filed prove his signatures.
                to_ms: end_ms - 20 * DAY_MS,
                ..nobody
            };
            pki.signer(&subject, KeyKind::Rsa2048).map_err(|error| error.to_string())
        }));
        Ok((Self { surveyor, bassani, office, believed, lists }, seal))
    }

    /// Writes whom the demo believes about signatures, and nobody else should.
    pub fn write_trust(&self, believed: &Path, lists: &Path) -> Result<(), DemoError> {
        write(believed, &self.believed)?;
        write(lists, &self.lists)
    }

    /// Makes the keys that take long. Whoever needs one before waits for it.
    pub fn prepare(&self) {
        LazyLock::force(&self.bassani);
    }

    fn of(&self, hand: Hand) -> Result<&Signer, DemoError> {
        match hand {
            Hand::Surveyor => Ok(&self.surveyor),
            Hand::Bassani => self.bassani.as_ref().map_err(|error| DemoError::Forge(error.clone().into())),
            Hand::Office => Ok(&self.office),
        }
    }

    /// The bytes of a file.
    pub fn make(&self, file: &File, on: &Occasion) -> Result<Vec<u8>, DemoError> {
        let pdf = match file.paper {
            Paper::Letter(body) => forge::letter(&Letter {
                language: "it".into(),
                created_ms: on.at_ms,
                document_id: format!("{}-{}", on.at_ms, file.name),
                from: on.from.clone(),
                to: on.to.clone(),
                place_and_date: format!("Borgo San Plico, {}", on.date),
                subject: file.title.into(),
                body: body.into(),
            }),
            Paper::Plan => forge::plan(&Plan {
                language: "it".into(),
                created_ms: on.at_ms,
                document_id: format!("{}-{}", on.at_ms, file.name),
                title: file.title.into(),
                author: "geom. Matteo Sala".into(),
                facts: vec![
                    ("Committente".into(), on.from.first().cloned().unwrap_or_default()),
                    ("Ubicazione".into(), on.from.get(1).cloned().unwrap_or_default()),
                    ("Scala".into(), "1 : 100".into()),
                    ("Data".into(), on.date.clone()),
                ],
                rooms: rooms(["Soggiorno", "Cucina", "Ingresso", "Camera", "Bagno"], on.seed),
                alt: "Pianta di un appartamento: soggiorno, cucina, ingresso, camera e bagno.".into(),
            }),
        };
        let pdf = pdf.map_err(|error| DemoError::Forge(Box::new(error)))?;
        let recipe = |writing, flaws| Recipe { writing, flaws, ..Recipe::good(on.at_ms - 5_400_000) };
        let (hand, recipe) = match file.signed {
            Signed::No => return Ok(pdf),
            Signed::Der(hand) | Signed::Truncated(hand) => (hand, recipe(Writing::Der, &[])),
            Signed::Base64(hand) => (hand, recipe(Writing::Base64Lines, &[])),
            Signed::Ber(hand) => (hand, recipe(Writing::Ber(4096), &[])),
            Signed::Altered(hand) => (hand, recipe(Writing::Der, &[Flaw::AlteredContent])),
        };
        let mut p7m =
            cades(&[self.of(hand)?], &pdf, &recipe).map_err(|error| DemoError::Forge(Box::new(error)))?;
        if matches!(file.signed, Signed::Truncated(_)) {
            p7m.truncate(p7m.len() * 2 / 3);
        }
        Ok(p7m)
    }
}
