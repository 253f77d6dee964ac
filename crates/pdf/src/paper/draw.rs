//! Draws laid pages with krilla, which refuses to write what would not be PDF/A and PDF/UA.

use krilla::color::rgb;
use krilla::configure::{Accessibility, Archival, Configuration, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::embed::{AssociationKind, EmbeddedFile, MimeType};
use krilla::geom::{Path, PathBuilder, Point, Rect, Size, Transform};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, LineCap, LineJoin, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, SpanTag};
use krilla::{Document, SerializeSettings};

use super::PaperError;
use super::date;
use super::face;
use super::line::Line;
use super::sheet::{self, Attachment, Relationship, Sheet, Voice};
use super::slice::{Laid, Op, What};
use super::style::{self, Colour};
use super::tree::{Element, Tree, shortened};

/// What a page shows besides its content.
pub(super) struct Furniture {
    pub(super) header: Vec<Op>,
    pub(super) footer: Vec<Op>,
    pub(super) watermark: Option<Line>,
}

pub(super) struct Press {
    document: Document,
    size: (f32, f32),
    bookmarks: Vec<(usize, String, XyzDestination)>,
}

impl Press {
    pub(super) fn new(with_attachments: bool, size: (f32, f32)) -> Result<Self, PaperError> {
        let settings = SerializeSettings {
            configuration: configuration(with_attachments)?,
            ..SerializeSettings::default()
        };
        Ok(Self { document: Document::new_with(settings), size, bookmarks: Vec::new() })
    }

    pub(super) fn page(
        &mut self,
        number: usize,
        laid: &Laid,
        furniture: &Furniture,
        tree: &mut Tree,
    ) -> Result<(), PaperError> {
        let settings = PageSettings::from_wh(self.size.0, self.size.1).ok_or(PaperError::Size)?;
        let mut page = self.document.start_page_with(settings);
        let mut surface = page.surface();
        if let Some(word) = &furniture.watermark {
            watermark(&mut surface, word, self.size);
        }
        if !laid.grounds.is_empty() {
            surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
            for (ground, top, bottom) in &laid.grounds {
                bar(&mut surface, ground.x, *top, ground.width, bottom - top, ground.colour);
            }
            surface.end_tagged();
        }
        artifact(&mut surface, &furniture.header, ArtifactType::Header);
        draw_content(&mut surface, &laid.ops, number, tree);
        artifact(&mut surface, &furniture.footer, ArtifactType::Footer);
        surface.finish();
        page.finish();
        for op in &laid.ops {
            if let What::Bookmark(level, title) = &op.what {
                let target = XyzDestination::new(number, Point::from_xy(0.0, (op.y - 12.0).max(0.0)));
                self.bookmarks.push((*level, shortened(title), target));
            }
        }
        Ok(())
    }

    pub(super) fn finish(mut self, sheet: &Sheet, tree: Tree) -> Result<Vec<u8>, PaperError> {
        let date = date::of(sheet.created_ms);
        for attachment in &sheet.attachments {
            let name = attachment.name.clone();
            let mime = MimeType::new(&attachment.media_type);
            let file = embedded(attachment, mime, date);
            self.document.embed_file(file).ok_or(PaperError::SameName { name })?;
        }
        self.document.set_outline(outline(self.bookmarks, &sheet.title));
        let metadata = Metadata::new()
            .title(shortened(&sheet.title))
            .authors(vec![shortened(&sheet.author)])
            .creator("Plico".to_owned())
            .producer("Plico".to_owned())
            .language(sheet.language.clone())
            .document_id(sheet.document_id.clone())
            .creation_date(date);
        self.document.set_metadata(metadata);
        self.document.set_tag_tree(tree.finish(&sheet.language));
        let mut bytes =
            self.document.finish().map_err(|why| PaperError::Refused { why: format!("{why:?}") })?;
        // Without it, what somebody else appends (a signature) would break PDF/A, ISO 19005-2 6.1.9.
        bytes.push(b'\n');
        Ok(bytes)
    }
}

fn configuration(with_attachments: bool) -> Result<Configuration, PaperError> {
    ConfigurationBuilder::new()
        .with_archival_validator(if with_attachments { Archival::A3_A } else { Archival::A2_A })
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|why| PaperError::Refused { why: format!("{why:?}") })
}

/// Content in order; neighbouring pieces of one element share a marked sequence.
fn draw_content(surface: &mut Surface, ops: &[Op], page: usize, tree: &mut Tree) {
    let mut open: Option<Option<Element>> = None;
    for op in ops.iter().filter(|op| !matches!(op.what, What::Bookmark(..))) {
        if open != Some(op.element) {
            if open.is_some() {
                surface.end_tagged();
            }
            let tag = match (op.element, &op.what) {
                (None, _) => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)),
                (Some(_), What::Text(_)) => ContentTag::Span(SpanTag::empty()),
                (Some(_), _) => ContentTag::Other,
            };
            let content = surface.start_tagged(tag);
            if let Some(element) = op.element {
                tree.leaf(element, content);
            }
            open = Some(op.element);
        }
        let size = match &op.what {
            What::Modules(side, size, _) => Some((side * *size as f32, side * *size as f32)),
            What::Strokes(_, _, size) | What::Picture(_, size) => Some(*size),
            _ => None,
        };
        if let (Some(element), Some((width, height))) = (op.element, size) {
            tree.area(element, page, Rect::from_xywh(op.x, op.y, width, height));
        }
        draw(surface, op);
    }
    if open.is_some() {
        surface.end_tagged();
    }
}

fn artifact(surface: &mut Surface, ops: &[Op], kind: ArtifactType) {
    if ops.is_empty() {
        return;
    }
    surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(kind)));
    for op in ops {
        draw(surface, op);
    }
    surface.end_tagged();
}

fn draw(surface: &mut Surface, op: &Op) {
    match &op.what {
        What::Text(line) => text(surface, line, (op.x, op.y), op.colour, false),
        What::Bar(width, height) => bar(surface, op.x, op.y, *width, *height, op.colour),
        What::Modules(side, size, dark) => modules(surface, op, *side, *size, dark),
        What::Strokes(strokes, unit, _) => {
            for stroke in strokes.iter() {
                draw_stroke(surface, op, stroke, *unit);
            }
        }
        What::Arms(arms, (width, height)) => {
            if let Some(size) = Size::from_wh(*width, *height) {
                surface.push_transform(&Transform::from_translate(op.x, op.y));
                surface.draw_image(arms.image(), size);
                surface.pop();
            }
        }
        What::Picture(image, (width, height)) => {
            if let Some(size) = Size::from_wh(*width, *height) {
                surface.push_transform(&Transform::from_translate(op.x, op.y));
                surface.draw_image(image.clone(), size);
                surface.pop();
            }
        }
        What::Bookmark(..) => {}
    }
}

fn draw_stroke(surface: &mut Surface, op: &Op, stroke: &sheet::Stroke, unit: f32) {
    let mut builder = PathBuilder::new();
    for (nth, (x, y)) in stroke.points.iter().enumerate() {
        let (x, y) = (op.x + x * unit, op.y + y * unit);
        if nth == 0 { builder.move_to(x, y) } else { builder.line_to(x, y) }
    }
    if let Some(path) = builder.finish() {
        let Colour(red, green, blue) = if stroke.erases { style::WHITE } else { op.colour };
        surface.set_fill(None);
        surface.set_stroke(Some(Stroke {
            paint: rgb::Color::new(red, green, blue).into(),
            width: stroke.width_mm * unit,
            line_cap: LineCap::Butt,
            line_join: LineJoin::Miter,
            ..Stroke::default()
        }));
        surface.draw_path(&path);
        surface.set_stroke(None);
    }
}

/// Letters; `outlined` ones are shapes that no search finds and no reader reads aloud.
fn text(surface: &mut Surface, line: &Line, (x, y): (f32, f32), colour: Colour, outlined: bool) {
    surface.set_fill(Some(fill(colour)));
    let glyphs = &line.shaped.glyphs[line.from..line.to];
    let mut x = x;
    // A call draws in one font: as many glyphs as share a voice.
    for run in glyphs.chunk_by(|a, b| a.voice == b.voice) {
        let voice = run[0].voice;
        let inner: Vec<_> = run.iter().map(|glyph| glyph.inner.clone()).collect();
        let size = face::size(voice, line.size);
        surface.draw_glyphs(
            Point::from_xy(x, y),
            &inner,
            face::font(voice),
            &line.shaped.text,
            size,
            outlined,
        );
        x += run.iter().map(|glyph| glyph.advance(line.size)).sum::<f32>();
    }
}

fn bar(surface: &mut Surface, x: f32, y: f32, width: f32, height: f32, colour: Colour) {
    if let Some(path) = rectangles([(x, y, width, height)]) {
        surface.set_fill(Some(fill(colour)));
        surface.draw_path(&path);
    }
}

/// All dark modules as one path, neighbours in a row joined, so that no hair line shows between them.
fn modules(surface: &mut Surface, op: &Op, side: f32, size: usize, dark: &[bool]) {
    let whole = side * (size as f32 + 8.0);
    bar(surface, op.x - 4.0 * side, op.y - 4.0 * side, whole, whole, style::WHITE);
    let mut boxes = Vec::new();
    for (y, row) in dark.chunks(size.max(1)).take(size).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run[0] {
                boxes.push((op.x + x as f32 * side, op.y + y as f32 * side, run.len() as f32 * side, side));
            }
            x += run.len();
        }
    }
    if let Some(path) = rectangles(boxes) {
        surface.set_fill(Some(fill(op.colour)));
        surface.draw_path(&path);
    }
}

fn rectangles(boxes: impl IntoIterator<Item = (f32, f32, f32, f32)>) -> Option<Path> {
    let mut builder = PathBuilder::new();
    for (x, y, width, height) in boxes {
        builder.push_rect(Rect::from_xywh(x, y, width, height)?);
    }
    builder.finish()
}

fn watermark(surface: &mut Surface, word: &Line, (width, height): (f32, f32)) {
    surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Watermark)));
    surface.push_transform(&Transform::from_translate(width / 2.0, height / 2.0));
    surface.push_transform(&Transform::from_rotate(-52.0));
    text(surface, word, (-word.width / 2.0, word.size * 0.35), style::GHOST, true);
    surface.pop();
    surface.pop();
    surface.end_tagged();
}

fn fill(colour: Colour) -> Fill {
    Fill {
        paint: rgb::Color::new(colour.0, colour.1, colour.2).into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::NonZero,
    }
}

/// A word as large as the page's diagonal lets it be.
pub(super) fn spread(word: &str, (width, height): (f32, f32)) -> Line {
    let letters = super::mark::short(word, Voice::Strong, style::BODY);
    let size = (style::BODY.size * width.hypot(height) * 0.55 / letters.width.max(1.0)).min(150.0);
    Line { width: letters.width * size / style::BODY.size, size, ..letters }
}

fn embedded(attachment: &Attachment, mime: Option<MimeType>, date: DateTime) -> EmbeddedFile {
    EmbeddedFile {
        path: attachment.name.clone(),
        mime_type: mime.or_else(|| MimeType::new("application/octet-stream")),
        description: Some(shortened(&attachment.description)),
        association_kind: match attachment.relationship {
            Relationship::Source => AssociationKind::Source,
            Relationship::Data => AssociationKind::Data,
            Relationship::Alternative => AssociationKind::Alternative,
            Relationship::Supplement => AssociationKind::Supplement,
        },
        data: attachment.bytes.clone().into(),
        modification_date: Some(date),
        compress: None,
        location: None,
    }
}

/// At least one entry, which PDF/UA wants: the paper itself.
fn outline(bookmarks: Vec<(usize, String, XyzDestination)>, title: &str) -> Outline {
    let mut outline = Outline::new();
    let mut nodes: Vec<OutlineNode> = Vec::new();
    for (level, title, target) in bookmarks {
        let node = OutlineNode::new(title, target);
        match nodes.last_mut() {
            Some(parent) if level > 0 => parent.push_child(node),
            _ => nodes.push(node.with_open(true)),
        }
    }
    if nodes.is_empty() {
        nodes.push(OutlineNode::new(shortened(title), XyzDestination::new(0, Point::from_xy(0.0, 0.0))));
    }
    for node in nodes {
        outline.push_child(node);
    }
    outline
}
