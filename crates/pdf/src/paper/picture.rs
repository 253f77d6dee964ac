//! Pictures that say something: pages of another document.

use std::fmt;

use krilla::image::Image;

use super::block::Galley;
use super::slice::{Op, What};
use super::style;
use super::tree::Role;

/// Most of a page that a picture takes, in points: a line above it has room.
const HIGHEST: f32 = 676.0;

/// Why a file is no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not a JPEG picture that can be read")]
pub struct PictureError;

/// A picture, and what it shows for who cannot see it.
#[derive(Clone)]
pub struct Picture {
    image: Image,
    alt: String,
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Picture").field("alt", &self.alt).finish_non_exhaustive()
    }
}

impl Picture {
    /// Of a JPEG file, which is carried as it is.
    pub fn from_jpeg(file: Vec<u8>, alt: String) -> Result<Self, PictureError> {
        let image = Image::from_jpeg(file.into(), false).map_err(|_| PictureError)?;
        let (width, height) = image.size();
        if width == 0 || height == 0 { Err(PictureError) } else { Ok(Self { image, alt }) }
    }
}

impl Galley<'_> {
    pub(super) fn picture(&mut self, picture: &Picture) {
        let (wide, high) = picture.image.size();
        let (wide, high) = (wide as f32, high as f32);
        let scale = (self.width / wide).min(HIGHEST / high);
        let size = (wide * scale, high * scale);
        let figure = self.tree.add(None, Role::Figure { alt: picture.alt.clone() });
        let what = What::Picture(picture.image.clone(), size);
        let x = (self.width - size.0) / 2.0;
        self.beside(vec![Op { x, y: 0.0, colour: style::INK, element: Some(figure), what }], size.1, 6.0);
    }
}
