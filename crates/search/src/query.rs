//! From what is asked to what the index runs: administration and audience lead, because they are the rarest terms; the
//! period is checked last, on what is left.

use crate::schema::{Fields, INSTANT, italian, names, number_terms, terms};
use crate::words::{self, Clause, Shape};
use std::collections::HashSet;
use std::ops::Range;
use tantivy::query::doc_predicate_query::{DocPredicateQuery, FunctionPredicate};
use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, EmptyQuery, Occur, PhrasePrefixQuery, PhraseQuery,
    Query as Tantivy, TermQuery, TermSetQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, SegmentReader, Term};

/// Most hits on a page.
pub const MAXIMUM_LIMIT: usize = 200;
/// Farthest a page can begin: beyond it, narrow the search.
pub const MAXIMUM_OFFSET: usize = 10_000;
/// How much more a match in the subject counts.
const SUBJECT: f32 = 3.0;
/// How many words one prefix may stand for.
const EXPANSIONS: u32 = 200;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Query {
    /// Only this administration's entries.
    pub administration: String,
    /// On whose behalf.
    pub audience: Audience,
    /// What was typed; see the crate's documentation. Empty: everything.
    pub text: String,
    /// Only these offices; empty: any.
    pub offices: Vec<String>,
    /// Only these kinds; empty: any.
    pub kinds: Vec<String>,
    /// Only this registration number, with or without zeros and year.
    pub number: Option<String>,
    /// Only with this party: words of a name, or a fiscal code; the last may be incomplete.
    pub person: Option<String>,
    /// Only with a document of this SHA-256, in hexadecimal.
    pub digest: Option<String>,
    /// From this instant on, milliseconds UTC.
    pub from_ms: Option<i64>,
    /// Before this instant, milliseconds UTC.
    pub before_ms: Option<i64>,
    /// In which order.
    pub order: Order,
    /// How many hits, at most [`MAXIMUM_LIMIT`].
    pub limit: usize,
    /// How many to pass over, at most [`MAXIMUM_OFFSET`].
    pub offset: usize,
}

impl Default for Query {
    /// Twenty newest hits, on behalf of nobody.
    fn default() -> Self {
        Self {
            administration: String::new(),
            audience: Audience::AnyOf(vec![]),
            text: String::new(),
            offices: vec![],
            kinds: vec![],
            number: None,
            person: None,
            digest: None,
            from_ms: None,
            before_ms: None,
            order: Order::Newest,
            limit: 20,
            offset: 0,
        }
    }
}

/// On whose behalf a search is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Whoever belongs to any of these; to none: nothing is found.
    AnyOf(Vec<String>),
    /// One who may find everything of the administration: an auditor with a mandate.
    Everything,
}

/// The order of hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Newest first.
    Newest,
    /// Best match first.
    Score,
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// In the order asked.
    pub hits: Vec<Hit>,
    /// Whether there are more.
    pub more: bool,
}

/// One entry found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The entry's identifier.
    pub id: String,
    /// How well it matches (BM25); 0 when the order is [`Order::Newest`].
    pub score: f32,
    /// The entry's instant, milliseconds UTC.
    pub instant_ms: i64,
}

pub(crate) fn build(fields: &Fields, query: &Query) -> Box<dyn Tantivy> {
    let mut filters = vec![vec![query.administration.clone()].on(fields.administration)];
    if let Audience::AnyOf(audience) = &query.audience {
        if audience.is_empty() {
            return Box::new(EmptyQuery);
        }
        filters.push(audience.clone().on(fields.audience));
    }
    if !query.offices.is_empty() {
        filters.push(query.offices.clone().on(fields.office));
    }
    if !query.kinds.is_empty() {
        filters.push(query.kinds.clone().on(fields.kind));
    }
    if let Some(number) = meaningful(query.number.as_deref()) {
        // The most precise form of what was given: all of it, or all of it without zeros.
        filters.push(number_terms(number).into_iter().take(2).collect::<Vec<_>>().on(fields.number));
    }
    if let Some(digest) = meaningful(query.digest.as_deref()) {
        filters.push(vec![digest.to_lowercase()].on(fields.digest));
    }
    if let Some(person) = meaningful(query.person.as_deref()) {
        filters.push(person_named(fields, person));
    }
    if query.from_ms.is_some() || query.before_ms.is_some() {
        filters.push(period(query.from_ms.unwrap_or(i64::MIN)..query.before_ms.unwrap_or(i64::MAX)));
    }
    let silent = |filter| Box::new(ConstScoreQuery::new(filter, 0.0)) as Box<dyn Tantivy>;
    let mut all: Vec<_> = filters.into_iter().map(|filter| (Occur::Must, silent(filter))).collect();
    for clause in words::read(&query.text) {
        if let Some(part) = clause_query(fields, &clause) {
            all.push((if clause.excluded { Occur::MustNot } else { Occur::Must }, part));
        }
    }
    Box::new(BooleanQuery::new(all))
}

/// What to mark in a text.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) terms: HashSet<String>,
    /// Beginnings of words, in lower case.
    pub(crate) prefixes: Vec<String>,
}

pub(crate) fn wanted(query: &Query) -> Wanted {
    let mut wanted = Wanted::default();
    for clause in words::read(&query.text).into_iter().filter(|clause| !clause.excluded) {
        wanted.terms.extend(terms(italian(), &clause.text).into_iter().map(|(_, term)| term));
        if clause.shape == Shape::Prefix {
            wanted.prefixes.push(clause.text.to_lowercase());
        }
    }
    wanted
}

fn meaningful(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

trait On {
    /// A query for entries that have any of these terms in `field`.
    fn on(self, field: Field) -> Box<dyn Tantivy>;
}

impl On for Vec<String> {
    fn on(self, field: Field) -> Box<dyn Tantivy> {
        match self.as_slice() {
            [only] => term(field, only),
            many => Box::new(TermSetQuery::new(many.iter().map(|text| Term::from_field_text(field, text)))),
        }
    }
}

fn term(field: Field, text: &str) -> Box<dyn Tantivy> {
    Box::new(TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::WithFreqs))
}

/// A clause may be found in the subject, in the text, among the parties, or as a number or a digest. `None` when it
/// consists of stop words only.
fn clause_query(fields: &Fields, clause: &Clause) -> Option<Box<dyn Tantivy>> {
    let stems = terms(italian(), &clause.text);
    let words = terms(names(), &clause.text);
    let mut places: Vec<Box<dyn Tantivy>> = vec![];
    for (field, terms, boost) in
        [(fields.subject, &stems, SUBJECT), (fields.body, &stems, 1.0), (fields.persons, &words, 1.0)]
    {
        // A name may be made of stop words («Lei», «Dai»), but a name alone must not make them searchable.
        if terms.is_empty() || stems.is_empty() && field == fields.persons && clause.shape == Shape::Word {
            continue;
        }
        places.push(Box::new(BoostQuery::new(sequence(field, terms), boost)));
        if clause.shape == Shape::Prefix {
            places.push(Box::new(BoostQuery::new(prefix(field, &words), boost)));
            places.extend(completed(&clause.text).iter().map(|term_of| term(field, term_of)));
        }
    }
    let text = clause.text.trim().to_lowercase();
    if text.chars().any(|c| c.is_ascii_digit()) {
        places.extend(number_terms(&text).into_iter().take(2).map(|number| term(fields.number, &number)));
    }
    if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        places.push(term(fields.digest, &text));
    }
    if places.is_empty() {
        return None;
    }
    Some(Box::new(BooleanQuery::union(places)))
}

/// What is indexed has lost its ending, so that «certificat» is longer than any term of «certificato»: the stems that the
/// beginning of a word has once it is ended.
fn completed(beginning: &str) -> Vec<String> {
    let ended = ["o", "a", "i", "e"].map(|ending| terms(italian(), &format!("{beginning}{ending}")));
    let mut stems: Vec<String> = ended.into_iter().filter_map(|mut terms| Some(terms.pop()?.1)).collect();
    stems.sort_unstable();
    stems.dedup();
    stems
}

/// These terms, one after the other.
fn sequence(field: Field, terms: &[(usize, String)]) -> Box<dyn Tantivy> {
    match terms {
        [(_, only)] => term(field, only),
        many => Box::new(PhraseQuery::new_with_offset(placed(field, many))),
    }
}

/// These words, of which the last may go on.
fn prefix(field: Field, words: &[(usize, String)]) -> Box<dyn Tantivy> {
    let mut query = PhrasePrefixQuery::new_with_offset(placed(field, words));
    query.set_max_expansions(EXPANSIONS);
    Box::new(query)
}

fn placed(field: Field, terms: &[(usize, String)]) -> Vec<(usize, Term)> {
    terms.iter().map(|(position, text)| (*position, Term::from_field_text(field, text))).collect()
}

fn person_named(fields: &Fields, person: &str) -> Box<dyn Tantivy> {
    let words = terms(names(), person);
    let Some((last, others)) = words.split_last() else {
        return Box::new(AllQuery);
    };
    let mut all: Vec<Box<dyn Tantivy>> = others.iter().map(|(_, word)| term(fields.persons, word)).collect();
    all.push(prefix(fields.persons, &[(0, last.1.clone())]));
    Box::new(BooleanQuery::intersection(all))
}

fn period(range: Range<i64>) -> Box<dyn Tantivy> {
    let predicate = FunctionPredicate::from(move |segment: &SegmentReader| {
        let instants = segment.fast_fields().i64(INSTANT)?;
        let range = range.clone();
        Ok(move |doc: DocId| instants.first(doc).is_some_and(|instant| range.contains(&instant)))
    });
    Box::new(DocPredicateQuery::from(predicate))
}
