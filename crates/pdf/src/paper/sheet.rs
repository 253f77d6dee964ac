//! What a caller says about a paper: words and data, no measure in points.

pub use super::arms::{Arms, ArmsError};
pub use super::picture::{Picture, PictureError};

/// One document to be laid out. Every text is already in the reader's language.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// BCP 47 tag of the language the words are in, for screen readers: `it`, `en`.
    pub language: String,
    /// Title in the window and in the metadata. [`Block::Title`] is what the page shows.
    pub title: String,
    /// Who issues it: the administration's name.
    pub author: String,
    /// Instant of creation, in milliseconds UTC: `CreationDate`, and the date of each attachment.
    pub created_ms: i64,
    /// Identifies the document in its metadata; the same sheet gives the same bytes.
    pub document_id: String,
    /// Administration and office at the head of the first page.
    pub header: Header,
    /// What stands at the foot of each page.
    pub footer: Footer,
    /// Upright or on its side.
    pub orientation: Orientation,
    /// A word across every page, such as PROVA. It is decoration: say it in a [`Notice`] too.
    pub watermark: Option<String>,
    /// The content, in reading order.
    pub blocks: Vec<Block>,
    /// Files carried inside; with at least one the paper is PDF/A-3a, with none PDF/A-2a.
    pub attachments: Vec<Attachment>,
}

/// A4, upright or on its side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Orientation {
    /// 210 × 297 mm.
    #[default]
    Portrait,
    /// 297 × 210 mm, for registers.
    Landscape,
}

/// Who speaks.
#[derive(Clone, Debug, Default)]
pub struct Header {
    /// Name of the administration.
    pub administration: String,
    /// Office and address, if any: a second, smaller line.
    pub office: String,
    /// Its arms, at the left of both.
    pub arms: Option<Arms>,
}

/// The foot of each page.
#[derive(Clone, Debug, Default)]
pub struct Footer {
    /// Free text at the left.
    pub text: String,
    /// `{n}` and `{total}` are replaced: `pagina {n} di {total}`. Empty: no numbers.
    pub page: String,
}

/// A file inside the paper.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// File name.
    pub name: String,
    /// Media type, such as `application/json`.
    pub media_type: String,
    /// One sentence, in the reader's language.
    pub description: String,
    /// The exact bytes.
    pub bytes: Vec<u8>,
    /// How it relates to the page (ISO 19005-3, `AFRelationship`).
    pub relationship: Relationship,
}

/// `AFRelationship` of ISO 19005-3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relationship {
    /// The page was made from this file.
    Source,
    /// The data that the page shows.
    Data,
    /// The same content in another form.
    Alternative,
    /// Something added: evidence, proofs.
    Supplement,
}

/// One thing after another down the page.
#[derive(Clone, Debug)]
pub enum Block {
    /// The heading of the whole paper; at most one.
    Title(String),
    /// A sentence in larger letters, under the title.
    Lead(Text),
    /// Heading of a part.
    Heading(String),
    /// Running text; a line feed starts a new line, an empty line a new paragraph.
    Paragraph(Text),
    /// The same in smaller grey letters.
    Small(Text),
    /// Points.
    Bullets(Vec<Text>),
    /// Label and value, one pair a row.
    Facts(Vec<Fact>),
    /// Files with their size and digest, numbered.
    Documents(Vec<ListedDocument>),
    /// Rows and columns with a head that is repeated on each page.
    Table(Table),
    /// Something that must not be overlooked.
    Notice(Notice),
    /// A QR code with a few words beside it.
    Qr(Qr),
    /// The framed mark of a registration (segnatura), or the number of a receipt.
    Mark(Mark),
    /// Lines and labels.
    Drawing(Drawing),
    /// A picture, as large as the page lets it be.
    Picture(Picture),
    /// Addressee of a letter, one line each, in the right half.
    Addressee(Vec<String>),
    /// Place of the signature, one line each, in the right half.
    Signature(Vec<String>),
    /// Text in fixed-width letters, line by line.
    Verbatim(String),
    /// Empty space, in millimetres.
    Space(u16),
    /// What follows begins a new page.
    PageBreak,
}

/// A run of text in pieces of different weight.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(pub Vec<Span>);

/// A piece of a [`Text`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// How it is set.
    pub voice: Voice,
    /// The words.
    pub text: String,
}

/// The three cuts there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Voice {
    /// Sans, regular.
    #[default]
    Plain,
    /// Sans, bold.
    Strong,
    /// Fixed width, for digests and codes.
    Mono,
}

impl Text {
    /// A text of one piece.
    pub fn of(voice: Voice, text: impl Into<String>) -> Self {
        Self(vec![Span { voice, text: text.into() }])
    }

    /// The same text followed by a bold piece.
    #[must_use]
    pub fn strong(self, text: impl Into<String>) -> Self {
        self.and(Voice::Strong, text)
    }

    /// The same text followed by a plain piece.
    #[must_use]
    pub fn plain(self, text: impl Into<String>) -> Self {
        self.and(Voice::Plain, text)
    }

    /// The same text followed by a fixed-width piece.
    #[must_use]
    pub fn mono(self, text: impl Into<String>) -> Self {
        self.and(Voice::Mono, text)
    }

    fn and(mut self, voice: Voice, text: impl Into<String>) -> Self {
        self.0.push(Span { voice, text: text.into() });
        self
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::of(Voice::Plain, text)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::of(Voice::Plain, text)
    }
}

/// A row of [`Block::Facts`].
#[derive(Clone, Debug)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// Its value; a line feed starts a new line.
    pub value: Text,
}

impl Fact {
    /// A label and a value.
    pub fn new(label: impl Into<String>, value: impl Into<Text>) -> Self {
        Self { label: label.into(), value: value.into() }
    }
}

/// A file shown in [`Block::Documents`].
#[derive(Clone, Debug)]
pub struct ListedDocument {
    /// File name as it is to be shown, however long.
    pub name: String,
    /// Kind and size, written out by the caller: `PDF, 48 kB`.
    pub note: String,
    /// SHA-256 in hexadecimal; it is shown in groups of eight.
    pub sha256: String,
}

/// Rows and columns.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Heads and widths.
    pub columns: Vec<TableColumn>,
    /// Cells; a short row is filled up, a long one cut.
    pub rows: Vec<Vec<Text>>,
}

/// A column of a [`Table`].
#[derive(Clone, Debug)]
pub struct TableColumn {
    /// Its head.
    pub title: String,
    /// Its share of the width, relative to the others.
    pub weight: u16,
    /// Whether the cells stand at the right edge (numbers).
    pub right: bool,
}

impl TableColumn {
    /// A column with a share of the width.
    pub fn new(title: impl Into<String>, weight: u16) -> Self {
        Self { title: title.into(), weight, right: false }
    }
}

/// A box that stands out.
#[derive(Clone, Debug)]
pub struct Notice {
    /// How much it stands out.
    pub tone: Tone,
    /// Bold first line; may be empty.
    pub title: String,
    /// What it says.
    pub text: Text,
}

/// Colour of a [`Notice`]; the meaning must be in its words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Blue.
    #[default]
    Calm,
    /// Amber.
    Caution,
    /// Red.
    Alarm,
}

/// A QR code as data: this crate encodes none.
#[derive(Clone, Debug)]
pub struct Qr {
    /// Modules on a side, quiet zone not counted.
    pub size: usize,
    /// Row by row, `true` is dark; what is missing is light.
    pub dark: Vec<bool>,
    /// Printed width with the quiet zone, in millimetres; 30 or more reads well.
    pub width_mm: u16,
    /// What it leads to, for who cannot see it.
    pub alt: String,
    /// Bold line beside it.
    pub title: String,
    /// Words beside it.
    pub text: Text,
}

/// The framed mark.
#[derive(Clone, Debug, Default)]
pub struct Mark {
    /// Small line above: `Registrato al protocollo`.
    pub caption: String,
    /// The number, large: `0000123/2026`.
    pub number: String,
    /// Date, area, direction, digest…
    pub facts: Vec<Fact>,
    /// A code at the right.
    pub qr: Option<Qr>,
}

/// A line drawing, measured in millimetres from its upper left corner.
#[derive(Clone, Debug, Default)]
pub struct Drawing {
    /// Width; what is wider than the page is shrunk.
    pub width_mm: f32,
    /// Height.
    pub height_mm: f32,
    /// What it shows, for who cannot see it.
    pub alt: String,
    /// Strokes, in order of drawing.
    pub strokes: Vec<Stroke>,
    /// Words, centred on their point.
    pub labels: Vec<Label>,
}

/// A line through points.
#[derive(Clone, Debug)]
pub struct Stroke {
    /// Its points.
    pub points: Vec<(f32, f32)>,
    /// Its thickness, in millimetres.
    pub width_mm: f32,
    /// White instead of black: an opening in a wall.
    pub erases: bool,
}

/// A word of a drawing.
#[derive(Clone, Debug)]
pub struct Label {
    /// Its middle.
    pub at: (f32, f32),
    /// The word.
    pub text: String,
}
