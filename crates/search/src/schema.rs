//! What is indexed, and how words become terms.

use tantivy::schema::{
    FAST, Field, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{
    AsciiFoldingFilter, Language, LowerCaser, RemoveLongFilter, SimpleTokenizer, Stemmer, StopWordFilter,
    TextAnalyzer, TokenStream as _,
};
use tantivy::{Index, TantivyDocument};

/// Raise when fields or analyzers change, or what the archive puts into them: an index of another version is built again.
pub(crate) const VERSION: u32 = 2;

/// Words longer than this many bytes are not indexed (base64, for instance).
const LONGEST_WORD: usize = 64;
/// Text beyond this many bytes is not indexed.
const LONGEST_TEXT: usize = 4 << 20;

const ITALIAN: &str = "italian";
const NAMES: &str = "names";

/// One thing that can be found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Its identifier. Adding another entry with the same one replaces it.
    pub id: String,
    /// The administration it belongs to.
    pub administration: String,
    /// Who may find it: opaque terms, compared with those of the asker.
    pub audience: Vec<String>,
    /// The office that has it.
    pub office: Option<String>,
    /// What kind of thing it is.
    pub kind: String,
    /// Its registration number, as printed.
    pub number: Option<String>,
    /// When it came about, in milliseconds UTC.
    pub instant_ms: i64,
    /// Its subject: a match here counts more.
    pub subject: String,
    /// Its text, that of its attachments included.
    pub body: String,
    /// Names and fiscal codes of its parties.
    pub persons: Vec<String>,
    /// SHA-256 of its documents, in hexadecimal.
    pub digests: Vec<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Fields {
    pub(crate) id: Field,
    pub(crate) administration: Field,
    pub(crate) audience: Field,
    pub(crate) office: Field,
    pub(crate) kind: Field,
    pub(crate) number: Field,
    pub(crate) instant: Field,
    pub(crate) subject: Field,
    pub(crate) body: Field,
    pub(crate) persons: Field,
    pub(crate) digest: Field,
}

/// The name of the one field that is read by name.
pub(crate) const INSTANT: &str = "instant";

pub(crate) fn schema() -> (Schema, Fields) {
    let text = |analyzer: &str| {
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(analyzer)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions);
        TextOptions::default().set_indexing_options(indexing)
    };
    let mut schema = Schema::builder();
    let fields = Fields {
        id: schema.add_text_field("id", STRING | STORED),
        administration: schema.add_text_field("administration", STRING),
        audience: schema.add_text_field("audience", STRING),
        office: schema.add_text_field("office", STRING),
        kind: schema.add_text_field("kind", STRING),
        number: schema.add_text_field("number", STRING),
        instant: schema.add_i64_field(INSTANT, FAST),
        subject: schema.add_text_field("subject", text(ITALIAN)),
        body: schema.add_text_field("body", text(ITALIAN)),
        persons: schema.add_text_field("persons", text(NAMES)),
        digest: schema.add_text_field("digest", STRING),
    };
    (schema.build(), fields)
}

pub(crate) fn register_analyzers(index: &Index) {
    index.tokenizers().register(ITALIAN, italian());
    index.tokenizers().register(NAMES, names());
}

/// Words without endings. Accents go before the ending does, because people leave them out: «attivita» must find
/// «attività», and both must lose the same letters.
pub(crate) fn italian() -> TextAnalyzer {
    let stop = StopWordFilter::new(Language::Italian).expect("the Italian list is compiled in");
    TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(LONGEST_WORD))
        .filter(LowerCaser)
        .filter(stop)
        .filter(AsciiFoldingFilter)
        .filter(Stemmer::new(Language::Italian))
        .build()
}

/// Words as they are, without case and accents.
pub(crate) fn names() -> TextAnalyzer {
    TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(LONGEST_WORD))
        .filter(LowerCaser)
        .filter(AsciiFoldingFilter)
        .build()
}

/// The terms of a text, each with its position.
pub(crate) fn terms(mut analyzer: TextAnalyzer, text: &str) -> Vec<(usize, String)> {
    let mut terms = vec![];
    analyzer.token_stream(text).process(&mut |token| terms.push((token.position, token.text.clone())));
    terms
}

/// A registration number is found by all of it or without its year, with its zeros or without them.
pub(crate) fn number_terms(number: &str) -> Vec<String> {
    let whole = number.trim().to_lowercase();
    let short = whole.trim_start_matches('0').to_owned();
    let without_year = short.split('/').next().unwrap_or_default().to_owned();
    let mut terms = vec![whole, short, without_year];
    terms.retain(|term| !term.is_empty());
    terms.dedup();
    terms
}

pub(crate) fn document(fields: &Fields, entry: &Entry) -> TantivyDocument {
    let mut document = TantivyDocument::new();
    document.add_text(fields.id, &entry.id);
    document.add_text(fields.administration, &entry.administration);
    document.add_text(fields.kind, &entry.kind);
    document.add_i64(fields.instant, entry.instant_ms);
    document.add_text(fields.subject, bounded(&entry.subject));
    document.add_text(fields.body, bounded(&entry.body));
    for audience in &entry.audience {
        document.add_text(fields.audience, audience);
    }
    if let Some(office) = &entry.office {
        document.add_text(fields.office, office);
    }
    for term in entry.number.iter().flat_map(|number| number_terms(number)) {
        document.add_text(fields.number, term);
    }
    for person in &entry.persons {
        document.add_text(fields.persons, bounded(person));
    }
    for digest in &entry.digests {
        document.add_text(fields.digest, digest.to_lowercase());
    }
    document
}

fn bounded(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST_TEXT)]
}
