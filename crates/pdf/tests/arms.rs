//! The arms at the head of a paper.

use plico_pdf::forge;
use plico_pdf::paper::arms::fuzz_arms;
use plico_pdf::paper::{Arms, ArmsError, Block, Header, Sheet, render};
use proptest::prelude::*;

/// A PNG of one grey.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    let grey = vec![0x80; (width * height) as usize];
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&grey));
    written.expect("memory can be written");
    file
}

#[test]
fn only_a_picture_of_the_right_shape_is_taken() {
    for (width, height) in [(100, 100), (600, 600), (100, 200), (240, 288)] {
        assert!(Arms::from_png(&png(width, height)).is_ok(), "{width} × {height}");
    }
    for (width, height) in [(99, 120), (601, 600), (100, 201), (400, 199), (20_000, 100)] {
        assert_eq!(Arms::from_png(&png(width, height)), Err(ArmsError::Shape), "{width} × {height}");
    }
    let good = png(300, 300);
    for broken in [&b""[..], b"GIF89a", &good[..good.len() / 2], &good[..30]] {
        assert_eq!(Arms::from_png(broken), Err(ArmsError::NoPng));
    }
    let long = [good, vec![0; 70_000]].concat();
    assert_eq!(Arms::from_png(&long), Err(ArmsError::TooLarge));
}

#[test]
fn a_paper_bears_them_and_stays_the_same() {
    let sheet = |arms| Sheet {
        language: "it".into(),
        title: "Ricevuta".into(),
        header: Header { administration: "Comune".into(), office: "Ufficio".into(), arms },
        blocks: vec![Block::Title("Ricevuta".into())],
        ..Sheet::default()
    };
    let arms = Arms::from_png(&forge::arms()).unwrap();
    let with = render(&sheet(Some(arms.clone()))).unwrap();
    assert_eq!(with, render(&sheet(Some(arms))).unwrap());
    let without = render(&sheet(None)).unwrap();
    // Every paper carries it: a few kilobytes at most.
    assert!((1_000..12_000).contains(&(with.len() - without.len())), "{}", with.len() - without.len());
    let shown = |pdf: &[u8]| {
        let document = lopdf::Document::load_mem(pdf).unwrap();
        let images = document.objects.values().filter(|object| {
            let stream = object.as_stream().ok();
            stream.is_some_and(|stream| stream.dict.get(b"Subtype").is_ok_and(|kind| *kind == "Image".into()))
        });
        images.count()
    };
    assert_eq!((shown(&without), shown(&with)), (0, 2), "its colours, and what is transparent in it");
}

proptest! {
    #[test]
    fn any_bytes_are_arms_or_not(bytes: Vec<u8>, at in 0_usize..4_000, other: u8) {
        fuzz_arms(&bytes);
        let mut changed = png(240, 288);
        let at = at % changed.len();
        changed[at] = other;
        fuzz_arms(&changed);
    }
}
