//! Codes as a telephone sees them: tilted, blurred, noisy, at 200 and 300 pixels of the camera to an inch of a code of
//! 30 mm. Another's reader reads 99 of 100.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by panicking")]

use plico_card::card::Card;
use plico_card::keyset::Kid;
use plico_card::qr::{Level, Modules, QUIET_ZONE, modules};
use plico_crypto::p256::SigningKey;

/// Pictures at each resolution.
const PICTURES: usize = 500;

/// Numbers that are the same each time.
struct Numbers(u64);

impl Numbers {
    /// From 0 to 1.
    fn part(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 40) as f32) / ((1_u32 << 24) as f32)
    }

    fn between(&mut self, least: f32, most: f32) -> f32 {
        least + (most - least) * self.part()
    }
}

/// Bytes of the field of the largest card there may be.
fn most() -> usize {
    let fits = |bytes: &usize| Card::largest("c_b999", "sosta", false, &[*bytes]).fits().is_ok();
    (1..200).take_while(fits).last().unwrap()
}

/// Such a card, each time with other content.
fn largest(most: usize, numbers: &mut Numbers) -> String {
    let key = SigningKey::from_seed(&[7; 32]).unwrap();
    let mut card = Card::largest("c_b999", "sosta", false, &[most]);
    card.photo = Some(std::array::from_fn(|_| (numbers.part() * 256.0) as u8));
    card.issue(Kid::of(&key.public_key()), |bytes| key.sign(bytes)).unwrap()
}

/// A picture of a code: where a pixel's light comes from is looked up in the code, through a perspective.
fn picture(code: &Modules, side: usize, numbers: &mut Numbers) -> Vec<u8> {
    let across = (code.size + 2 * QUIET_ZONE) as f32;
    let (turn, tilt_x, tilt_y) =
        (numbers.between(-0.2, 0.2), numbers.between(-0.12, 0.12), numbers.between(-0.12, 0.12));
    let (sin, cos) = turn.sin_cos();
    let (light, shade) = (numbers.between(190.0, 245.0), numbers.between(15.0, 60.0));
    let gradient = numbers.between(-25.0, 25.0);
    let size = side * 13 / 10;
    let dark = |u: f32, v: f32| {
        let (x, y) = (u * across - QUIET_ZONE as f32, v * across - QUIET_ZONE as f32);
        let inside = x >= 0.0 && y >= 0.0 && x < code.size as f32 && y < code.size as f32;
        inside && code.bits[y as usize * code.size + x as usize]
    };
    let mut sharp = vec![0.0_f32; size * size];
    for (at, pixel) in sharp.iter_mut().enumerate() {
        // Four samples a pixel: a sensor sees areas, not points.
        for (dx, dy) in [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)] {
            let x = ((at % size) as f32 + dx - size as f32 / 2.0) / side as f32;
            let y = ((at / size) as f32 + dy - size as f32 / 2.0) / side as f32;
            let depth = 1.0 + tilt_x * x + tilt_y * y;
            let (u, v) = ((x * cos - y * sin) / depth + 0.5, (x * sin + y * cos) / depth + 0.5);
            *pixel += if dark(u, v) { shade } else { light + gradient * x } / 4.0;
        }
    }
    let blurred = blur(&blur(&sharp, 1), size);
    blurred
        .iter()
        .map(|value| (value + (numbers.part() + numbers.part() - 1.0) * 16.0).clamp(0.0, 255.0) as u8)
        .collect()
}

/// Three pixels in a row, the middle one most: a lens that is a little out of focus.
fn blur(pixels: &[f32], step: usize) -> Vec<f32> {
    let at = |n: Option<usize>, here: usize| pixels[n.filter(|n| *n < pixels.len()).unwrap_or(here)];
    (0..pixels.len())
        .map(|n| at(n.checked_sub(step), n) * 0.25 + pixels[n] * 0.5 + at(Some(n + step), n) * 0.25)
        .collect()
}

#[test]
fn another_reader_reads_ninety_nine_of_a_hundred() {
    let (most, mut numbers) = (most(), Numbers(42));
    for (dots, side) in [(200, 236), (300, 354)] {
        let mut read = 0;
        for _ in 0..PICTURES {
            let text = largest(most, &mut numbers);
            let code = modules(&text, Level::Medium).unwrap();
            let picture = picture(&code, side, &mut numbers);
            let size = (side * 13 / 10) as u32;
            let found =
                rxing::helpers::detect_in_luma(picture, size, size, Some(rxing::BarcodeFormat::QR_CODE));
            read += usize::from(found.is_ok_and(|found| found.getText() == text));
        }
        assert!(read * 100 >= PICTURES * 99, "{read} of {PICTURES} at {dots}");
    }
}
