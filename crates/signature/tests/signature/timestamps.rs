//! Time stamps of a real authority (`openssl ts`), and what becomes of every bad one.

use plico_signature::Anchors;
use plico_signature::forge::{KeyKind, Pki, Signer, Subject};
use plico_signature::timestamp::{TimestampError, Trust, fuzz_timestamp, query, read_answer, verify};
use plico_testkit::real::{or_say, tsa::Authority};

const DIGEST: [u8; 32] = [7; 32];
const NONCE: [u8; 16] = [9; 16];
const DAY: i64 = 86_400_000;

#[expect(clippy::disallowed_methods, reason = "the real authority reads the machine's clock")]
fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

struct World {
    pki: Pki,
    anchors: Anchors,
    good: Authority,
    now: i64,
}

fn subject(name: &str, from_ms: i64, to_ms: i64) -> Subject<'_> {
    Subject { given_name: "", surname: "", fiscal_code: "", organization: name, from_ms, to_ms }
}

fn authority(signer: &Signer) -> Option<Authority> {
    let pem = signer.certificates_pem().unwrap();
    or_say(Authority::new(&pem, &pem, &signer.key_pem().unwrap()))
}

impl World {
    fn new() -> Option<Self> {
        let now = now_ms();
        let mut pki = Pki::new("Borgo", now).unwrap();
        let anchors = Anchors::from_pem(&pki.anchors_pem().unwrap()).unwrap();
        let own =
            pki.stamper(&subject("Marche di prova", now - DAY, now + DAY), KeyKind::P256, true).unwrap();
        Some(Self { good: authority(&own)?, pki, anchors, now })
    }

    fn read(&self, answer: &[u8]) -> Result<Trust, TimestampError> {
        read_answer(answer, &DIGEST, NONCE, self.now, Some(&self.anchors)).map(|(_, stamp)| stamp.trust)
    }
}

#[test]
fn a_real_authority_is_understood() {
    let Some(world) = World::new() else { return };
    let answer = world.good.answer(&query(&DIGEST, NONCE), &[]).unwrap();
    let (token, stamp) = read_answer(&answer, &DIGEST, NONCE, world.now, Some(&world.anchors)).unwrap();
    assert_eq!((stamp.trust, stamp.authority.as_str()), (Trust::Trusted, "Marche di prova"));
    assert_eq!(stamp.accuracy_ms, 1500);
    assert!((stamp.at_ms - world.now).abs() < 60_000, "{} {}", stamp.at_ms, world.now);
    // Later, by itself: the same stamp, until its certificate has expired.
    let later = |at_ms, anchors| verify(&token, &DIGEST, at_ms, anchors).unwrap().trust;
    assert_eq!(later(world.now, Some(&world.anchors)), Trust::Trusted);
    assert_eq!(later(world.now + 2 * DAY, Some(&world.anchors)), Trust::Expired);
    assert_eq!(later(world.now, None), Trust::NotAsked);
    let other = Pki::new("Altrove", world.now).unwrap();
    assert_eq!(
        later(world.now, Some(&Anchors::from_pem(&other.anchors_pem().unwrap()).unwrap())),
        Trust::Unknown
    );
    // Every changed byte is refused, or changes nothing that is said: certificates' own bytes that nobody signs do not exist.
    for at in 0..token.len() {
        let mut changed = token.clone();
        changed[at] ^= 1;
        if let Ok(read) = verify(&changed, &DIGEST, world.now, Some(&world.anchors)) {
            assert!(read.trust != Trust::Trusted || read == stamp, "byte {at}: {read:?}");
        }
        fuzz_timestamp(&changed);
        fuzz_timestamp(&answer[..at.min(answer.len())]);
    }
}

#[test]
fn every_bad_answer_is_named() {
    let Some(mut world) = World::new() else { return };
    let good = world.good.answer(&query(&DIGEST, NONCE), &[]).unwrap();
    assert_eq!(world.read(&good), Ok(Trust::Trusted));

    let other_imprint = world.good.answer(&query(&[8; 32], NONCE), &[]).unwrap();
    assert_eq!(world.read(&other_imprint), Err(TimestampError::Imprint));
    let other_nonce = world.good.answer(&query(&DIGEST, [8; 16]), &[]).unwrap();
    assert_eq!(world.read(&other_nonce), Err(TimestampError::Nonce));
    let sha512 = {
        // A query for another digest than the authority takes.
        let mut query = query(&DIGEST, NONCE);
        let at = query.windows(2).position(|two| two == [0x02, 0x01]).unwrap();
        let oid = query[at..]
            .windows(9)
            .position(|nine| nine == [0x60, 0x86, 0x48, 0x01, 0x65, 3, 4, 2, 1])
            .unwrap();
        query[at + oid + 8] = 3;
        world.good.answer(&query, &[]).unwrap()
    };
    assert!(matches!(world.read(&sha512), Err(TimestampError::Status(2, _))), "{:?}", world.read(&sha512));

    for bad in [
        &b""[..],
        b"<html>503</html>",
        &good[..good.len() - 1],
        &good[..40],
        &[good.as_slice(), b"x"].concat(),
    ] {
        assert_eq!(world.read(bad), Err(TimestampError::Malformed), "{} bytes", bad.len());
    }
    let mut changed = good.clone();
    let at = changed.windows(32).position(|window| window == DIGEST).unwrap();
    changed[at] ^= 1;
    assert_eq!(world.read(&changed), Err(TimestampError::Imprint));

    // Certificates that may not stamp.
    let (now, purpose) = (world.now, KeyKind::P256);
    let whole = subject("Marche di prova", now - DAY, now + DAY);
    let resigned = |world: &World, signer: &Signer| {
        let pem = signer.certificates_pem().unwrap();
        world.read(&world.good.resigned(&good, &pem, &signer.key_pem().unwrap()).unwrap())
    };
    let seal = world.pki.signer(&whole, purpose).unwrap();
    assert_eq!(resigned(&world, &seal), Err(TimestampError::Purpose));
    let lax = world.pki.stamper(&whole, purpose, false).unwrap();
    assert_eq!(resigned(&world, &lax), Err(TimestampError::Purpose));
    let expired = world.pki.stamper(&subject("Marche", now - 9 * DAY, now - DAY), purpose, true).unwrap();
    assert_eq!(resigned(&world, &expired), Err(TimestampError::Dates));
    let early = world.pki.stamper(&subject("Marche", now + DAY, now + 9 * DAY), purpose, true).unwrap();
    assert_eq!(resigned(&world, &early), Err(TimestampError::Dates));
    let nobody = Pki::new("Altrove", now).unwrap().stamper(&whole, purpose, true).unwrap();
    assert_eq!(resigned(&world, &nobody), Ok(Trust::Unknown));
}
