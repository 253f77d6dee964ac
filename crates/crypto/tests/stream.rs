//! The blob format: its vectors, and that nothing but the whole blob in order opens.

use plico_crypto::DataKey;
use plico_crypto::digest::{from_hex, sha256, to_hex};
use plico_crypto::stream::{
    CHUNK, HEADER, Header, Opener, SEALED_CHUNK, Sealer, StreamError, TAG, fuzz_open, open, open_chunk,
    plain_len, seal, sealed_len,
};
use proptest::prelude::*;

fn key() -> DataKey {
    DataKey::new([0x42; 32])
}

fn plain(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i % 251) as u8).collect()
}

#[derive(serde::Deserialize)]
struct Vector {
    note: String,
    key: String,
    nonce_prefix: String,
    plain_len: usize,
    sealed_len: u64,
    sealed_sha256: String,
    sealed: Option<String>,
}

/// Content of a vector: byte i is i mod 251.
#[test]
fn vectors() {
    let vectors: Vec<Vector> = serde_json::from_str(include_str!("../vectors/stream.json")).unwrap();
    assert!(vectors.len() >= 6);
    for v in vectors {
        let key = DataKey::new(from_hex(&v.key).unwrap());
        let sealed = seal(&key, from_hex(&v.nonce_prefix).unwrap(), &plain(v.plain_len)).unwrap();
        assert_eq!(to_hex(&sha256(&sealed)), v.sealed_sha256, "{}", v.note);
        assert_eq!(sealed.len() as u64, v.sealed_len, "{}", v.note);
        if let Some(bytes) = v.sealed {
            assert_eq!(to_hex(&sealed), bytes, "{}", v.note);
        }
        assert_eq!(open(&key, &sealed).unwrap(), plain(v.plain_len), "{}", v.note);
    }
}

#[test]
fn lengths_and_chunks() {
    for len in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7] {
        let content = plain(len);
        let sealed = seal(&key(), [1; 7], &content).unwrap();
        assert_eq!(sealed.len() as u64, sealed_len(len as u64));
        let (length, last) = plain_len(sealed.len() as u64).unwrap();
        assert_eq!(length, len as u64);
        let header = Header::parse(&sealed).unwrap();
        let mut whole = Vec::new();
        for (number, chunk) in (0u32..).zip(sealed[HEADER..].chunks(SEALED_CHUNK)) {
            whole.extend(open_chunk(&key(), header, number, number == last, chunk).unwrap());
            assert!(open_chunk(&key(), header, number, number != last, chunk).is_err());
            assert!(open_chunk(&key(), header, number + 1, number == last, chunk).is_err());
        }
        assert_eq!(whole, content);
    }
    assert!(plain_len(0).is_err());
    assert!(plain_len((HEADER + TAG - 1) as u64).is_err());
    assert!(plain_len((HEADER + SEALED_CHUNK + TAG) as u64).is_err(), "an empty last chunk after a full one");
    assert!(plain_len(u64::MAX).is_err());
}

#[test]
fn cut_extended_reordered_or_altered_is_refused() {
    let sealed = seal(&key(), [1; 7], &plain(2 * CHUNK + 100)).unwrap();
    let chunk = |n: usize| sealed[HEADER + n * SEALED_CHUNK..].chunks(SEALED_CHUNK).next().unwrap().to_vec();
    let join = |parts: &[Vec<u8>]| [&sealed[..HEADER], &parts.concat()].concat();
    assert!(open(&key(), &join(&[chunk(0), chunk(1), chunk(2)])).is_ok());
    for (what, bytes) in [
        ("reordered", join(&[chunk(1), chunk(0), chunk(2)])),
        ("repeated", join(&[chunk(0), chunk(0), chunk(1), chunk(2)])),
        ("left out", join(&[chunk(0), chunk(2)])),
        ("last one missing", join(&[chunk(0), chunk(1)])),
        ("only the header", sealed[..HEADER].to_vec()),
        ("one byte more", [&sealed[..], &[0]].concat()),
        ("a second last chunk", join(&[chunk(0), chunk(1), chunk(2), chunk(2)])),
        ("one byte less", sealed[..sealed.len() - 1].to_vec()),
        ("nothing", Vec::new()),
    ] {
        assert!(open(&key(), &bytes).is_err(), "{what}");
    }
    for at in (0..HEADER).chain([HEADER, HEADER + CHUNK, HEADER + SEALED_CHUNK, sealed.len() - 1]) {
        let mut bad = sealed.clone();
        bad[at] ^= 1;
        assert!(open(&key(), &bad).is_err(), "byte {at}");
    }
    assert_eq!(open(&DataKey::new([1; 32]), &sealed), Err(StreamError::Chunk(0)));
}

#[test]
fn an_empty_last_chunk_after_a_full_one_is_refused() {
    // Built by hand: a full chunk sealed as not the last, then an empty one sealed as the last.
    let content = plain(CHUNK);
    let longer = seal(&key(), [1; 7], &plain(CHUNK + 1)).unwrap();
    let forged = &longer[..HEADER + SEALED_CHUNK + TAG];
    assert_eq!(open(&key(), forged), Err(StreamError::Cut));
    assert_eq!(open(&key(), &seal(&key(), [1; 7], &content).unwrap()).unwrap(), content);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn pieces_make_the_same_blob(len in 0usize..200_000, cuts in proptest::collection::vec(1usize..90_000, 1..6)) {
        let content = plain(len);
        let whole = seal(&key(), [9; 7], &content).unwrap();
        let mut sealer = Sealer::new(&key(), [9; 7]);
        let mut out = sealer.header().as_bytes().to_vec();
        let mut rest = &content[..];
        for cut in cuts.iter().cycle() {
            if rest.is_empty() { break; }
            let (now, later) = rest.split_at((*cut).min(rest.len()));
            sealer.push(now, &mut out).unwrap();
            rest = later;
        }
        sealer.finish(&mut out).unwrap();
        prop_assert_eq!(&out, &whole);
        let mut opener = Opener::new(&key());
        let (mut back, mut rest) = (Vec::new(), &whole[..]);
        for cut in cuts.iter().cycle() {
            if rest.is_empty() { break; }
            let (now, later) = rest.split_at((*cut).min(rest.len()));
            opener.push(now, &mut back).unwrap();
            rest = later;
        }
        opener.finish(&mut back).unwrap();
        prop_assert_eq!(back, content);
    }

    #[test]
    fn any_bytes_never_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..300), real in any::<bool>()) {
        if real { bytes.splice(..bytes.len().min(8), *b"PLICOB\x00\x01"); }
        fuzz_open(&bytes);
    }
}
