//! Measures and colours, in one place. Points, except where said; contrast with white is 4.5 : 1 or more for every text.

/// sRGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Colour(pub(super) u8, pub(super) u8, pub(super) u8);

/// How high or wide the arms are at most.
pub(super) const ARMS: f32 = 46.0;
pub(super) const MM: f32 = 72.0 / 25.4;
pub(super) const A4: (f32, f32) = (210.0 * MM, 297.0 * MM);
pub(super) const SIDE: f32 = 21.0 * MM;
pub(super) const TOP: f32 = 17.0 * MM;
pub(super) const BOTTOM: f32 = 22.0 * MM;

/// Size and distance of baselines.
#[derive(Clone, Copy)]
pub(super) struct Letter {
    pub(super) size: f32,
    pub(super) leading: f32,
}

pub(super) const TITLE: Letter = Letter { size: 19.0, leading: 23.5 };
pub(super) const LEAD: Letter = Letter { size: 12.0, leading: 17.0 };
pub(super) const HEADING: Letter = Letter { size: 12.0, leading: 16.0 };
pub(super) const BODY: Letter = Letter { size: 10.4, leading: 14.8 };
pub(super) const CELL: Letter = Letter { size: 9.5, leading: 13.2 };
pub(super) const DENSE: Letter = Letter { size: 8.5, leading: 11.4 };
pub(super) const SMALL: Letter = Letter { size: 8.5, leading: 11.8 };
pub(super) const TINY: Letter = Letter { size: 7.6, leading: 10.2 };
pub(super) const NUMBER: Letter = Letter { size: 22.0, leading: 28.0 };
pub(super) const NAME: Letter = Letter { size: 13.5, leading: 17.5 };

pub(super) const INK: Colour = Colour(23, 28, 34);
pub(super) const GREY: Colour = Colour(84, 96, 108);
pub(super) const HAIR: Colour = Colour(214, 220, 227);
pub(super) const BLUE: Colour = Colour(0, 82, 163);
pub(super) const PALE: Colour = Colour(243, 246, 250);
pub(super) const GHOST: Colour = Colour(250, 234, 235);
pub(super) const WHITE: Colour = Colour(255, 255, 255);

/// Distance from the top of a line to its baseline, with the letters in the middle of the leading.
pub(super) fn baseline(letter: Letter) -> f32 {
    f32::midpoint(letter.leading, letter.size * 0.70)
}
