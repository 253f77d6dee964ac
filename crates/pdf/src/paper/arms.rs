//! The arms of an administration, as a picture at the head of its papers.

use std::fmt;
use std::io::Cursor;
use std::sync::Arc;

use png::{BitDepth, ColorType, Decoder, Limits, Transformations};

/// Most bytes of the file: every paper carries the picture.
pub const LARGEST_FILE: usize = 64 * 1024;
/// Most pixels of a side: at the size of print, 600 a inch.
const LONGEST_SIDE: u32 = 600;
/// Fewest: less looks coarse.
const SHORTEST_SIDE: u32 = 100;

/// Why a file is no arms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArmsError {
    /// More than [`LARGEST_FILE`].
    #[error("the picture has more than {LARGEST_FILE} bytes")]
    TooLarge,
    /// No PNG, or a damaged one.
    #[error("it is not a PNG picture that can be read")]
    NoPng,
    /// Too many or too few pixels, or far from as high as wide.
    #[error("the picture must have between 100 and 600 pixels a side, and be at most twice as high as wide")]
    Shape,
}

/// A picture, in the colours of the screen, with what is transparent in it.
#[derive(Clone, PartialEq, Eq)]
pub struct Arms {
    width: u32,
    height: u32,
    rgba: Arc<[u8]>,
}

impl fmt::Debug for Arms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arms")
            .field("width", &self.width)
            .field("height", &self.height)
            .finish_non_exhaustive()
    }
}

impl Arms {
    /// Reads a PNG file.
    pub fn from_png(file: &[u8]) -> Result<Self, ArmsError> {
        if file.len() > LARGEST_FILE {
            return Err(ArmsError::TooLarge);
        }
        let most = 4 * (LONGEST_SIDE as usize).pow(2);
        let mut decoder = Decoder::new_with_limits(Cursor::new(file), Limits { bytes: 4 * most });
        decoder.set_transformations(Transformations::normalize_to_color8() | Transformations::ALPHA);
        let mut reader = decoder.read_info().map_err(|_| ArmsError::NoPng)?;
        let (width, height) = (reader.info().width, reader.info().height);
        let sides = SHORTEST_SIDE..=LONGEST_SIDE;
        let upright = height <= 2 * width && width <= 2 * height;
        if !sides.contains(&width) || !sides.contains(&height) || !upright {
            return Err(ArmsError::Shape);
        }
        let mut pixels = vec![0; reader.output_buffer_size().ok_or(ArmsError::NoPng)?];
        let frame = reader.next_frame(&mut pixels).map_err(|_| ArmsError::NoPng)?;
        if frame.bit_depth != BitDepth::Eight {
            return Err(ArmsError::NoPng);
        }
        let rgba: Vec<u8> = match frame.color_type {
            ColorType::Rgba => pixels,
            ColorType::GrayscaleAlpha => pixels
                .as_chunks::<2>()
                .0
                .iter()
                .flat_map(|&[grey, alpha]| [grey, grey, grey, alpha])
                .collect(),
            _ => return Err(ArmsError::NoPng),
        };
        if rgba.len() != 4 * width as usize * height as usize {
            return Err(ArmsError::NoPng);
        }
        Ok(Self { width, height, rgba: rgba.into() })
    }

    pub(super) fn image(&self) -> krilla::image::Image {
        krilla::image::Image::from_rgba8(self.rgba.to_vec(), self.width, self.height)
    }

    /// Width and height when it is so high at most.
    pub(super) fn within(&self, height: f32) -> (f32, f32) {
        let (wide, high) = (self.width as f32, self.height as f32);
        let scale = height / high.max(wide);
        (wide * scale, high * scale)
    }
}

/// Entry point for fuzzing: any bytes, never a panic.
pub fn fuzz_arms(bytes: &[u8]) {
    let _ = Arms::from_png(bytes);
}
