//! Makes sample documents: the letters and floor plans that invented citizens send to an invented town. They are
//! true PDF/A files like all others of this crate, without a letterhead of the administration.

use crate::paper::{Block, Drawing, Fact, Label, PaperError, Sheet, Stroke, Text, Voice, render};

/// A letter on one or more pages.
#[derive(Clone, Debug, Default)]
pub struct Letter {
    /// BCP 47 tag of its language.
    pub language: String,
    /// Instant of creation, in milliseconds UTC.
    pub created_ms: i64,
    /// Identifies the file.
    pub document_id: String,
    /// Who writes: name, street, town; the first line is the author.
    pub from: Vec<String>,
    /// To whom.
    pub to: Vec<String>,
    /// `Borgo San Plico, 3 marzo 2026`.
    pub place_and_date: String,
    /// `Oggetto: …`
    pub subject: String,
    /// Paragraphs, with empty lines between them.
    pub body: String,
}

/// Writes a letter.
pub fn letter(letter: &Letter) -> Result<Vec<u8>, PaperError> {
    let author = letter.from.first().cloned().unwrap_or_default();
    let mut blocks = Vec::new();
    if let Some((name, address)) = letter.from.split_first() {
        let from = Text::of(Voice::Strong, name.as_str()).plain(format!("\n{}", address.join("\n")));
        blocks.push(Block::Paragraph(from));
    }
    blocks.push(Block::Addressee(letter.to.clone()));
    blocks.push(Block::Space(6));
    blocks.push(Block::Paragraph(letter.place_and_date.as_str().into()));
    blocks.push(Block::Space(4));
    blocks.push(Block::Paragraph(Text::of(Voice::Strong, letter.subject.as_str())));
    blocks.push(Block::Space(2));
    blocks.push(Block::Paragraph(letter.body.as_str().into()));
    blocks.push(Block::Signature(vec![author.clone()]));
    render(&Sheet {
        language: letter.language.clone(),
        title: letter.subject.clone(),
        author,
        created_ms: letter.created_ms,
        document_id: letter.document_id.clone(),
        blocks,
        ..Sheet::default()
    })
}

/// Arms of an invented town as a PNG file: a white tower on blue.
pub fn arms() -> Vec<u8> {
    const WIDTH: usize = 240;
    const HEIGHT: usize = 288;
    // Each point is asked nine times, so that edges are smooth.
    const FINE: usize = 3;
    let mut pixels = Vec::with_capacity(4 * WIDTH * HEIGHT);
    for (y, x) in (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (y, x))) {
        let mut sum = [0_u32; 4];
        for (fy, fx) in (0..FINE).flat_map(|fy| (0..FINE).map(move |fx| (fy, fx))) {
            let at = |whole: usize, part: usize| whole as f32 + (part as f32 + 0.5) / FINE as f32;
            let [red, green, blue, alpha] = of_shield(at(x, fx), at(y, fy));
            for (sum, colour) in sum.iter_mut().zip([red * alpha, green * alpha, blue * alpha, alpha]) {
                *sum += colour;
            }
        }
        let whole = sum[3].max(1);
        pixels.extend(sum[..3].iter().map(|colour| (colour / whole) as u8));
        pixels.push((255 * sum[3] / (FINE * FINE) as u32) as u8);
    }
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, WIDTH as u32, HEIGHT as u32);
    encoder.set_color(png::ColorType::Rgba);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&pixels));
    written.expect("memory can be written");
    file
}

/// Red, green, blue, and whether there is anything.
fn of_shield(x: f32, y: f32) -> [u32; 4] {
    let within = |border: f32| {
        let half = 118.0 - border;
        let across = (x - 120.0).abs();
        // Straight sides, and below them two arcs that meet in a point.
        let lower = ((y - 130.0) / (286.0 - border - 130.0)).max(0.0);
        across <= half && y >= 2.0 + border && across <= half * (1.0 - lower * lower)
    };
    let tower = {
        let across = (x - 120.0).abs();
        let walls = across <= 38.0 && (100.0..210.0).contains(&y);
        let head = across <= 50.0 && (78.0..106.0).contains(&y);
        let teeth = across <= 50.0 && (62.0..80.0).contains(&y) && (across / 10.0) as u32 % 2 == 0;
        let gate = across <= 13.0 && y > 172.0 || across.hypot(y - 172.0) <= 13.0;
        (walls || head || teeth) && !gate
    };
    match (within(0.0), within(8.0), tower) {
        (false, ..) => [0; 4],
        (_, false, _) => [170, 130, 40, 1],
        (_, _, true) => [250, 250, 250, 1],
        _ => [0, 82, 163, 1],
    }
}

/// A drawing of a flat with its title block.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// BCP 47 tag of its language.
    pub language: String,
    /// Instant of creation, in milliseconds UTC.
    pub created_ms: i64,
    /// Identifies the file.
    pub document_id: String,
    /// `Planimetria, stato di progetto`.
    pub title: String,
    /// Who drew it.
    pub author: String,
    /// Label and value of the title block: client, address, sheet, scale…
    pub facts: Vec<(String, String)>,
    /// Rooms from [`rooms`] or of one's own.
    pub rooms: Vec<Room>,
    /// What the drawing shows, for who cannot see it.
    pub alt: String,
}

/// A rectangular room, in centimetres from the upper left corner of the flat.
#[derive(Clone, Debug)]
pub struct Room {
    /// Its name.
    pub name: String,
    /// Left and upper edges.
    pub at: (u16, u16),
    /// Width and depth.
    pub size: (u16, u16),
}

/// A flat of five rooms, named by the caller, whose proportions follow from a number.
pub fn rooms(names: [&str; 5], seed: u64) -> Vec<Room> {
    let vary = |shift: u32, least: u16, range: u64| {
        least + ((seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> shift) % range) as u16
    };
    let (left, right) = (vary(8, 360, 140), vary(20, 330, 160));
    let (upper, lower, hall) = (vary(32, 340, 120), vary(44, 300, 130), 130);
    let room = |name: &str, at, size| Room { name: name.to_owned(), at, size };
    let bath = right * 2 / 5;
    vec![
        room(names[0], (0, 0), (left, upper)),
        room(names[1], (left, 0), (right, upper)),
        room(names[2], (0, upper), (left + right, hall)),
        room(names[3], (0, upper + hall), (left + right - bath, lower)),
        room(names[4], (left + right - bath, upper + hall), (bath, lower)),
    ]
}

/// Draws a plan at 1 : 100 (smaller where it would not fit).
pub fn plan(plan: &Plan) -> Result<Vec<u8>, PaperError> {
    let blocks = vec![
        Block::Title(plan.title.clone()),
        Block::Facts(
            plan.facts.iter().map(|(label, value)| Fact::new(label.as_str(), value.as_str())).collect(),
        ),
        Block::Drawing(drawing(&plan.rooms, plan.alt.clone())),
    ];
    render(&Sheet {
        language: plan.language.clone(),
        title: plan.title.clone(),
        author: plan.author.clone(),
        created_ms: plan.created_ms,
        document_id: plan.document_id.clone(),
        blocks,
        ..Sheet::default()
    })
}

/// Millimetres on paper for a centimetre of the flat, and the white around it.
const SCALE: f32 = 10.0 / 100.0;
const AROUND: f32 = 14.0;

fn drawing(rooms: &[Room], alt: String) -> Drawing {
    let place = |cm: u16| AROUND + f32::from(cm) * SCALE;
    let right = rooms.iter().map(|room| room.at.0 + room.size.0).max().unwrap_or(0);
    let lower = rooms.iter().map(|room| room.at.1 + room.size.1).max().unwrap_or(0);
    let mut out = Drawing {
        width_mm: place(right) + AROUND,
        height_mm: place(lower) + AROUND,
        alt,
        ..Drawing::default()
    };
    for room in rooms {
        let (x, y) = (place(room.at.0), place(room.at.1));
        let (w, h) = (f32::from(room.size.0) * SCALE, f32::from(room.size.1) * SCALE);
        line(&mut out, 1.1, &[(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y), (x + w, y)]);
        let area = f32::from(room.size.0) * f32::from(room.size.1) / 10_000.0;
        out.labels.push(Label { at: (x + w / 2.0, y + h / 2.0 - 2.0), text: room.name.clone() });
        let area = format!("{area:.1} m²").replace('.', ",");
        out.labels.push(Label { at: (x + w / 2.0, y + h / 2.0 + 2.0), text: area });
    }
    // Openings after all walls, because a wall between two rooms is drawn twice.
    for room in rooms {
        let (x, y) = (place(room.at.0), place(room.at.1));
        let (w, h) = (f32::from(room.size.0) * SCALE, f32::from(room.size.1) * SCALE);
        // Rooms above the hall have their door below, the others above; outer rooms have a window.
        let top = room.at.1 == 0;
        // The hall, from wall to wall, has the front door in its left one.
        if !top && room.size.0 == right {
            let (from, to) = (y + h * 0.2, y + h * 0.2 + 90.0 * SCALE);
            out.strokes.push(Stroke { points: vec![(x, from), (x, to)], width_mm: 1.4, erases: true });
            line(&mut out, 0.3, &[(x, from), (x - 90.0 * SCALE * 0.5, from + 90.0 * SCALE * 0.87)]);
        } else {
            door(&mut out, x + w * 0.3, if top { y + h } else { y }, if top { -1.0 } else { 1.0 });
        }
        if top || room.at.1 + room.size.1 == lower {
            window(&mut out, x + w * 0.35, if top { y } else { y + h }, w * 0.3);
        }
    }
    measure(&mut out, (place(0), place(0) - 8.0), f32::from(right) * SCALE, right, false);
    measure(&mut out, (place(0) - 8.0, place(0)), f32::from(lower) * SCALE, lower, true);
    out
}

fn line(out: &mut Drawing, width_mm: f32, points: &[(f32, f32)]) {
    out.strokes.push(Stroke { points: points.to_vec(), width_mm, erases: false });
}

/// An opening in a horizontal wall, a leaf and the quarter circle of its swing.
fn door(out: &mut Drawing, x: f32, y: f32, into: f32) {
    let width = 80.0 * SCALE;
    out.strokes.push(Stroke { points: vec![(x, y), (x + width, y)], width_mm: 1.4, erases: true });
    line(out, 0.3, &[(x, y), (x, y + into * width)]);
    let swing: Vec<(f32, f32)> = (0..=12_u8)
        .map(|step| {
            let angle = std::f32::consts::FRAC_PI_2 * f32::from(step) / 12.0;
            (x + width * angle.sin(), y + into * width * angle.cos())
        })
        .collect();
    line(out, 0.12, &swing);
}

fn window(out: &mut Drawing, x: f32, y: f32, width: f32) {
    out.strokes.push(Stroke { points: vec![(x, y), (x + width, y)], width_mm: 1.4, erases: true });
    for shift in [-0.5, 0.0, 0.5] {
        line(out, 0.15, &[(x, y + shift), (x + width, y + shift)]);
    }
}

/// A dimension line with ticks and its length in metres.
fn measure(out: &mut Drawing, (x, y): (f32, f32), length: f32, cm: u16, upright: bool) {
    let end = if upright { (x, y + length) } else { (x + length, y) };
    line(out, 0.12, &[(x, y), end]);
    for (x, y) in [(x, y), end] {
        line(out, 0.2, &[(x - 1.0, y + 1.0), (x + 1.0, y - 1.0)]);
    }
    let at = if upright { (x - 4.0, y + length / 2.0) } else { (x + length / 2.0, y - 3.0) };
    out.labels.push(Label { at, text: format!("{},{:02}", cm / 100, cm % 100) });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_gives_its_own_plan_and_always_the_same() {
        let make = |seed| {
            plan(&Plan {
                language: "it".into(),
                title: "Planimetria".into(),
                rooms: rooms(["Soggiorno", "Cucina", "Corridoio", "Camera", "Bagno"], seed),
                ..Plan::default()
            })
            .unwrap()
        };
        assert_eq!(make(1), make(1));
        assert_ne!(make(1), make(2));
        assert!(plan(&Plan::default()).is_ok() && letter(&Letter::default()).is_ok());
    }
}
