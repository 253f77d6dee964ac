//! Cards written and read, how they stand, and that nothing changed passes. `WRITE_VECTORS=1` writes the vectors anew.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by panicking")]

use std::path::PathBuf;

use plico_card::card::{CHARS, Card, NAME_BYTES, ReadError, SIDE, shortened};
use plico_card::fuzz::TARGETS;
use plico_card::jws::{Header, signed, to_sign};
use plico_card::keyset::{self, CardKey, KeySet, Kid};
use plico_card::status::{self, StatusToken};
use plico_card::verify::{Standing, Verifier};
use plico_card::{Status, StatusList, qr};
use plico_crypto::p256::SigningKey;
use serde_json::{Value, json};

const FROM: i64 = 1_772_319_600;
const UNTIL: i64 = 1_803_855_600;
const NOW: i64 = 1_790_000_000;

fn key(n: u8) -> SigningKey {
    SigningKey::from_seed(&[n; 32]).unwrap()
}

/// The card of the field: ten fields' worth, with a photo.
fn permit() -> Card {
    Card {
        issuer: "c_b999".into(),
        kind: "sosta".into(),
        number: "7K2M9QX4TB".into(),
        name: Some("Niccolò Fontana".into()),
        values: vec!["AB123CD".into(), "Centro".into()],
        from: FROM,
        until: UNTIL,
        status: (0, 1234),
        photo: Some([0xa5; 16]),
    }
}

fn issued(card: &Card, by: &SigningKey) -> String {
    card.issue(Kid::of(&by.public_key()), |bytes| by.sign(bytes)).unwrap()
}

fn keys(of: &[&SigningKey]) -> KeySet {
    KeySet {
        iss: "c_b999".into(),
        name: "Comune di Borgo San Plico".into(),
        iat: NOW,
        keys: of.iter().map(|key| CardKey::new(&key.public_key())).collect(),
        types: Vec::new(),
        status: vec!["https://borgo.example/.well-known/plico-cards/c_b999/status/0".into()],
    }
}

fn list(by: &SigningKey, exp: i64, but: &[(u32, Status)]) -> String {
    let token = StatusToken {
        sub: "https://borgo.example/.well-known/plico-cards/c_b999/status/0".into(),
        iat: NOW,
        exp,
        ttl: 3600,
        status_list: StatusList::pack(2000, but.iter().copied()),
    };
    let header = Header {
        alg: "ES256".into(),
        typ: status::TYPE.into(),
        kid: Some(Kid::of(&by.public_key()).text()),
        ..Header::default()
    };
    let text = to_sign(&header, &token);
    let signature = by.sign(text.as_bytes()).unwrap();
    signed(&text, &signature)
}

fn verifier(but: &[(u32, Status)]) -> Verifier {
    let mut verifier = Verifier::new(&keys(&[&key(1), &key(2)]));
    assert!(verifier.keep(0, &list(&key(2), NOW + 3600, but)));
    verifier
}

fn stands(verifier: &Verifier, text: &str, now: i64) -> Standing {
    verifier.check(text, now).unwrap().1
}

#[test]
fn what_is_written_is_read() {
    let text = issued(&permit(), &key(1));
    let read = Card::read(&text).unwrap();
    assert_eq!(read.card, permit());
    assert!(read.is_by(&key(1).public_key()) && !read.is_by(&key(2).public_key()));
    assert!(text.len() <= 300 && text.starts_with("PK1:"), "{}", text.len());
    let opaque = Card { name: None, values: Vec::new(), photo: None, ..permit() };
    assert_eq!(Card::read(&issued(&opaque, &key(1))).unwrap().card, opaque);
}

#[test]
fn the_largest_that_is_allowed_fits_and_one_more_does_not() {
    let fits = |bytes: usize| Card::largest("c_b999", "sosta", false, &[bytes]).fits();
    let most = (1..200).take_while(|bytes| fits(*bytes).is_ok()).last().unwrap();
    assert!(most >= 30, "{most}");
    assert!(fits(most).unwrap() <= CHARS && fits(most + 1).unwrap_err().0 > CHARS);
    let largest = issued(&Card::largest("c_b999", "sosta", false, &[most]), &key(1));
    assert!(qr::modules(&largest, qr::Level::Medium).unwrap().size <= SIDE);
    assert_eq!(shortened(&"è".repeat(30)).len(), NAME_BYTES);
}

#[test]
fn a_card_stands_as_keys_dates_and_list_say() {
    let text = issued(&permit(), &key(1));
    let valid = verifier(&[]);
    assert_eq!(stands(&valid, &text, NOW), Standing::Valid);
    assert_eq!(stands(&valid, &text, FROM - 1), Standing::NotYet);
    assert_eq!(stands(&valid, &text, UNTIL), Standing::Expired);
    assert_eq!(stands(&valid, &text, NOW + 3600), Standing::ListTooOld);
    assert_eq!(stands(&verifier(&[(1234, Status::Suspended)]), &text, NOW), Standing::Suspended);
    let revoked = verifier(&[(1234, Status::Revoked)]);
    // It does not come back because the list is old.
    for now in [NOW, NOW + 1_000_000, UNTIL] {
        assert_eq!(stands(&revoked, &text, now), Standing::Revoked);
    }
    let without = Verifier::new(&keys(&[&key(1)]));
    assert_eq!(stands(&without, &text, NOW), Standing::ListTooOld);
    assert_eq!(stands(&valid, &issued(&permit(), &key(3)), NOW), Standing::UnknownKey);
    let other = issued(&Card { issuer: "c_x000".into(), ..permit() }, &key(1));
    assert_eq!(stands(&valid, &other, NOW), Standing::Forged);
    let borrowed = permit().issue(Kid::of(&key(1).public_key()), |bytes| key(3).sign(bytes)).unwrap();
    assert_eq!(stands(&valid, &borrowed, NOW), Standing::Forged);
    // A list that none of the keys signed is none.
    let mut strict = Verifier::new(&keys(&[&key(1)]));
    assert!(!strict.keep(0, &list(&key(3), NOW + 3600, &[])) && !strict.keep(0, "a.b.c"));
    assert_eq!(Card::read("https://borgo.example"), Err(ReadError::NotACard));
}

#[test]
fn no_change_of_a_character_passes() {
    let (text, verifier) = (issued(&permit(), &key(1)), verifier(&[]));
    for at in 4..text.len() {
        for with in ['0', 'Z', ':', '%'] {
            let mut changed = text.clone();
            changed.replace_range(at..=at, &with.to_string());
            if changed == text {
                continue;
            }
            match verifier.check(&changed, NOW) {
                Err(_) | Ok((_, Standing::Forged | Standing::UnknownKey)) => {}
                Ok(other) => panic!("{at} {with}: {other:?}"),
            }
        }
    }
    for length in 0..text.len() {
        assert!(Card::read(&text[..length]).is_err(), "{length}");
    }
}

/// Numbers that are the same each time (Knuth's, and the upper half of it).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit
    }
}

#[test]
fn no_changed_sample_makes_a_parser_panic() {
    let text = issued(&permit(), &key(1));
    let bytes = plico_card::base45::decode(&text[4..]).unwrap();
    let header = Header { alg: "ES256".into(), typ: keyset::TYPE.into(), ..Header::default() };
    let samples = [
        text.into_bytes(),
        bytes,
        list(&key(1), NOW, &[(7, Status::Suspended)]).into_bytes(),
        signed(&to_sign(&header, &keys(&[&key(1)])), &[0; 64]).into_bytes(),
    ];
    let mut numbers = Numbers(7);
    for round in 0..20_000 {
        let mut sample = samples[round % samples.len()].clone();
        for _ in 0..=numbers.below(4) {
            let at = numbers.below(sample.len());
            match numbers.below(3) {
                0 => sample[at] = numbers.below(256) as u8,
                1 => sample.truncate(at.max(1)),
                _ => sample.insert(at, numbers.below(256) as u8),
            }
        }
        for (_, target) in TARGETS {
            target(&sample);
        }
    }
}

fn vectors() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors/cards.json")
}

fn write() -> Value {
    let (permit, hex) = (permit(), |bytes: &[u8]| plico_crypto::digest::to_hex(bytes));
    let opaque = Card {
        kind: "mensa".into(),
        name: None,
        values: Vec::new(),
        photo: None,
        status: (0, 5),
        ..permit.clone()
    };
    let case = |name: &str, text: String, standing: &str| {
        let bytes = plico_card::base45::decode(text.get(4..).unwrap_or_default()).unwrap_or_default();
        json!({"name": name, "text": text, "cose": hex(&bytes), "standing": standing})
    };
    let good = issued(&permit, &key(1));
    let altered = good.replacen(&good[60..63], if &good[60..63] == "000" { "100" } else { "000" }, 1);
    let at = |index| Card { status: (0, index), ..permit.clone() };
    json!({
        "now": NOW,
        "keys": serde_json::to_value(keys(&[&key(1), &key(2)])).unwrap(),
        "status": list(&key(2), NOW + 3600, &[(6, Status::Revoked), (7, Status::Suspended)]),
        "cards": [
            case("valid, with a photo", good.clone(), "valid"),
            case("valid, opaque", issued(&opaque, &key(2)), "valid"),
            case("revoked", issued(&at(6), &key(1)), "revoked"),
            case("suspended", issued(&at(7), &key(1)), "suspended"),
            case("expired", issued(&Card { until: NOW, ..permit.clone() }, &key(1)), "expired"),
            case("not yet", issued(&Card { from: NOW + 1, ..permit.clone() }, &key(1)), "not-yet"),
            case("beyond the list", issued(&at(9000), &key(1)), "list-too-old"),
            case("another's key", issued(&permit, &key(3)), "unknown-key"),
            case("one character altered", altered, "not-valid"),
            case("cut", good[..good.len() - 3].to_owned(), "damaged"),
            case("something else", "https://borgo.example/verifica".into(), "not-a-card"),
        ],
    })
}

#[test]
fn the_published_vectors_hold() {
    if std::env::var_os("WRITE_VECTORS").is_some() {
        std::fs::write(vectors(), serde_json::to_string_pretty(&write()).unwrap() + "\n").unwrap();
    }
    let vectors: Value = serde_json::from_str(&std::fs::read_to_string(vectors()).unwrap()).unwrap();
    let mut verifier = Verifier::new(&serde_json::from_value(vectors["keys"].clone()).unwrap());
    assert!(verifier.keep(0, vectors["status"].as_str().unwrap()));
    let cases = vectors["cards"].as_array().unwrap();
    assert_eq!(cases.len(), 11);
    for case in cases {
        let told = match verifier.check(case["text"].as_str().unwrap(), vectors["now"].as_i64().unwrap()) {
            Err(ReadError::NotACard) => "not-a-card",
            Err(ReadError::Damaged) => "damaged",
            Ok((_, Standing::Valid)) => "valid",
            Ok((_, Standing::Revoked)) => "revoked",
            Ok((_, Standing::Suspended)) => "suspended",
            Ok((_, Standing::Expired)) => "expired",
            Ok((_, Standing::NotYet)) => "not-yet",
            Ok((_, Standing::ListTooOld)) => "list-too-old",
            Ok((_, Standing::UnknownKey)) => "unknown-key",
            Ok((_, Standing::Forged)) => "forged",
        };
        let expected = case["standing"].as_str().unwrap();
        if expected == "not-valid" {
            assert!(["damaged", "forged", "unknown-key"].contains(&told), "{told}");
        } else {
            assert_eq!(told, expected, "{}", case["name"]);
        }
    }
}
