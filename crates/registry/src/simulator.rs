//! What all simulators share: a request, a reply, a ledger of what was registered, and faults on demand.

use std::collections::VecDeque;

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Request {
    /// HTTP method, upper case.
    pub method: String,
    /// Path with its query.
    pub path: String,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What the simulator does on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// It answers.
    Answer {
        /// HTTP status.
        status: u16,
        /// Value of `content-type`.
        kind: &'static str,
        /// The body.
        body: Vec<u8>,
    },
    /// It closes without a word.
    HangUp,
    /// It keeps the connection and never speaks.
    Stall,
    /// It answers after so many milliseconds.
    Slow(u64, Box<Reply>),
}

impl Reply {
    /// An answer with status 200.
    pub fn ok(kind: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self::Answer { status: 200, kind, body: body.into() }
    }
}

/// How a system misbehaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It does what it was asked, and its answer is lost.
    LoseAnswer,
    /// It does what it was asked, and says 500.
    DoneAnd500,
    /// It does nothing, and says 500.
    Status(u16),
    /// It does nothing, and says no inside of a 200, with this code and these words.
    ErrorInside(String, String),
    /// It does what it was asked; what it says cannot be read.
    Malformed,
    /// It does what it was asked, so many milliseconds late.
    Slow(u64),
    /// It does nothing and never answers.
    Stall,
    /// It does nothing and closes.
    HangUp,
    /// The token is not good any more.
    Expired,
    /// It answers with other names' cases (`idDocumento` for `IdDocumento`).
    OtherCase,
    /// It gives a number that it gave before.
    NumberTwice,
}

/// Faults to come: the next matching one is used up by a request.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    queue: VecDeque<(String, Fault)>,
    /// Every so many-th request of one operation fails so, for ever.
    pub always: Option<(usize, String, Fault)>,
    asked: usize,
}

impl Faults {
    /// The next request of this operation (the vendor's word; `*` for any) meets this.
    pub fn next(&mut self, operation: &str, fault: Fault) {
        self.queue.push_back((operation.to_owned(), fault));
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// What a request of this operation meets.
    pub fn meet(&mut self, operation: &str) -> Option<Fault> {
        let waiting =
            self.queue.iter().position(|(known, _)| known == "*" || known.eq_ignore_ascii_case(operation));
        if let Some(index) = waiting {
            return self.queue.remove(index).map(|(_, fault)| fault);
        }
        let (every, known, fault) = self.always.as_ref()?;
        if !known.eq_ignore_ascii_case(operation) {
            return None;
        }
        self.asked += 1;
        self.asked.is_multiple_of(*every).then(|| fault.clone())
    }
}

/// Applies what happens on the way to what would have been answered: `done` is whether it was done already.
pub fn on_the_wire(fault: Option<&Fault>, answer: Reply) -> Reply {
    match fault {
        Some(Fault::LoseAnswer) => Reply::HangUp,
        Some(Fault::DoneAnd500) => {
            Reply::Answer { status: 500, kind: "text/html", body: b"<h1>Server Error</h1>".to_vec() }
        }
        Some(Fault::Malformed) => Reply::ok("text/xml", &b"<<?xml broken"[..]),
        Some(Fault::Slow(ms)) => Reply::Slow(*ms, Box::new(answer)),
        _ => answer,
    }
}

/// What happens instead of doing anything.
pub fn instead(fault: Option<&Fault>) -> Option<Reply> {
    match fault? {
        Fault::Status(status) => Some(Reply::Answer {
            status: *status,
            kind: "text/html",
            body: b"<h1>Service Unavailable</h1>".to_vec(),
        }),
        Fault::Stall => Some(Reply::Stall),
        Fault::HangUp => Some(Reply::HangUp),
        _ => None,
    }
}

/// A file in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its name as it came.
    pub name: String,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
}

/// An object in the ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Object {
    /// The system's identifier.
    pub id: u64,
    /// Number and year, once it has them.
    pub number: Option<(u64, i32)>,
    /// Its date, `YYYY-MM-DD`.
    pub date: String,
    /// Its subject.
    pub subject: String,
    /// Where our key is kept, if not in the subject.
    pub note: String,
    /// The correspondents' names.
    pub parties: Vec<String>,
    /// The primary file first.
    pub files: Vec<Kept>,
    /// It was annulled.
    pub annulled: bool,
}

/// What the simulated registry keeps: the truth that tests compare with.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// All objects in the order they came.
    pub objects: Vec<Object>,
    last: u64,
    last_id: u64,
}

impl Ledger {
    /// A new object without a number; its identifier.
    pub fn add(&mut self, mut object: Object) -> u64 {
        self.last_id += 1;
        object.id = 1000 + self.last_id;
        self.objects.push(object);
        1000 + self.last_id
    }

    /// An object that it had before.
    pub fn remember(&mut self, object: Object) {
        self.last_id = self.last_id.max(object.id.saturating_sub(1000));
        self.last = self.last.max(object.number.map_or(0, |(number, _)| number));
        self.objects.push(object);
    }

    /// An object by its identifier.
    pub fn object(&mut self, id: u64) -> Option<&mut Object> {
        self.objects.iter_mut().find(|object| object.id == id)
    }

    /// Numbers an object; the same number again when it has one.
    pub fn number(&mut self, id: u64, date: &str) -> Option<(u64, i32)> {
        let next = self.last + 1;
        let year = date.get(..4).and_then(|year| year.parse().ok()).unwrap_or(2026);
        let object = self.object(id)?;
        if let Some(number) = object.number {
            return Some(number);
        }
        object.number = Some((next, year));
        date.clone_into(&mut object.date);
        self.last = next;
        Some((next, year))
    }

    /// Gives the last number once more, as broken systems do.
    pub fn forget_last(&mut self) {
        self.last = self.last.saturating_sub(1);
    }

    /// By number.
    pub fn by_number(&self, number: u64, year: i32) -> Option<&Object> {
        self.objects.iter().find(|object| object.number == Some((number, year)))
    }

    /// How many numbers were given to objects that bear this key.
    pub fn numbers_of(&self, key: &str) -> usize {
        let bears = |object: &&Object| object.note.contains(key) || object.subject.contains(key);
        self.objects.iter().filter(bears).filter(|object| object.number.is_some()).count()
    }
}

/// A simulated system.
pub trait Simulator: Send {
    /// What it does with a request on a day (`YYYY-MM-DD`).
    fn answer(&mut self, request: &Request, day: &str) -> Reply;
    /// What it keeps.
    fn ledger(&mut self) -> &mut Ledger;
    /// What it does wrong.
    fn faults(&mut self) -> &mut Faults;
}
