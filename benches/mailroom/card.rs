//! Cards that one core checks in a second: text to verdict.

use std::time::Instant;

use plico_card::card::Card;
use plico_card::keyset::{CardKey, KeySet, Kid};
use plico_card::verify::Verifier;
use plico_crypto::p256::SigningKey;

use crate::RUNS;

/// Cards of one measurement.
const CARDS: usize = 20_000;

/// Prints cards a second, the median of the runs.
pub fn verify() {
    let key = SigningKey::from_seed(&[7; 32]).expect("a key");
    let keys = KeySet {
        iss: "c_b999".into(),
        name: String::new(),
        iat: 0,
        keys: vec![CardKey::new(&key.public_key())],
        types: Vec::new(),
        status: Vec::new(),
    };
    let verifier = Verifier::new(&keys);
    let card = Card::largest("c_b999", "sosta", false, &[20, 20]);
    let text = card.issue(Kid::of(&key.public_key()), |bytes| key.sign(bytes)).expect("a card");
    let mut rates: Vec<f64> = (0..RUNS)
        .map(|_| {
            let begun = Instant::now();
            for _ in 0..CARDS {
                assert!(verifier.check(std::hint::black_box(&text), 0).is_ok());
            }
            CARDS as f64 / begun.elapsed().as_secs_f64()
        })
        .collect();
    rates.sort_by(f64::total_cmp);
    println!("card: {:.0} checked a second, of {} characters", rates[RUNS / 2], text.len());
}
