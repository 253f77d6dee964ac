//! Instants as certificates and signers write them.

use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::Offset;

use crate::der::Tlv;

/// UTCTime or GeneralizedTime (RFC 5280 §4.1.2.5) as UTC milliseconds. Seconds may be missing and an offset may
/// stand for Z, as in signatures made by older programs.
pub fn read(time: Tlv<'_>) -> Option<i64> {
    let text = std::str::from_utf8(time.body).ok().filter(|text| text.is_ascii())?;
    let year_digits = match time.tag {
        0x17 => 2,
        0x18 => 4,
        _ => return None,
    };
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let (digits, zone) = text.split_at(end);
    let number = |from: usize, to: usize| digits.get(from..to)?.parse::<i16>().ok();
    let year = match (year_digits, number(0, year_digits)?) {
        (2, year) if year < 50 => 2000 + year,
        (2, year) => 1900 + year,
        (_, year) => year,
    };
    let part = |index: usize| number(year_digits + 2 * index, year_digits + 2 * index + 2).map(|n| n as i8);
    let second = match digits.len() - year_digits {
        8 => 0,
        10 => part(4)?,
        _ => return None,
    };
    // jiff's constructors panic outside their ranges: `Date::new` and `Time::new` return errors instead.
    let day = jiff::civil::Date::new(year, part(0)?, part(1)?).ok()?;
    let time = jiff::civil::Time::new(part(2)?, part(3)?, second.min(59), 0).ok()?;
    let at = offset(zone)?.to_timestamp(day.to_datetime(time));
    // 99991231235959Z means "no end" (RFC 5280 §4.1.2.5) and lies just beyond the last instant that jiff knows.
    let at = at.ok().or_else(|| (year == 9999).then_some(Timestamp::MAX))?;
    Some(at.as_millisecond())
}

fn offset(zone: &str) -> Option<Offset> {
    // A fraction of a second is forbidden by RFC 5280 and RFC 5652 alike; it is dropped, not refused.
    let zone = match zone.strip_prefix(['.', ',']) {
        Some(rest) => rest.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => zone,
    };
    if zone == "Z" {
        return Some(Offset::UTC);
    }
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let hours: i32 = zone.get(1..3)?.parse().ok()?;
    let minutes: i32 = zone.get(3..5)?.parse().ok()?;
    (zone.len() == 5).then(|| Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()).flatten()
}

/// DER of an instant: UTCTime until 2049, GeneralizedTime after (RFC 5652 §11.3).
pub fn write(at_ms: i64) -> Vec<u8> {
    encode(at_ms, false)
}

/// GeneralizedTime of an instant, as time stamps and OCSP want it whatever the year.
pub fn generalized(at_ms: i64) -> Vec<u8> {
    encode(at_ms, true)
}

fn encode(at_ms: i64, always_generalized: bool) -> Vec<u8> {
    let at = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    let at = Offset::UTC.to_datetime(at);
    let generalized = always_generalized || at.date() >= date(2050, 1, 1) || at.date() < date(1950, 1, 1);
    let year = if generalized { format!("{:04}", at.year()) } else { format!("{:02}", at.year() % 100) };
    let text = format!(
        "{year}{:02}{:02}{:02}{:02}{:02}Z",
        at.month(),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    );
    crate::der::tlv(if generalized { 0x18 } else { 0x17 }, text.as_bytes())
}

/// RFC 3339 in UTC, to the second when there is nothing finer.
pub fn rfc3339(at_ms: i64) -> String {
    Timestamp::from_millisecond(at_ms).map(|at| at.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(tag: u8, text: &str) -> Option<String> {
        read(Tlv { tag, body: text.as_bytes(), raw: &[] }).map(rfc3339)
    }

    #[test]
    fn both_forms_and_their_sloppy_relatives() {
        assert_eq!(at(0x17, "261121184601Z").as_deref(), Some("2026-11-21T18:46:01Z"));
        assert_eq!(at(0x17, "500101000000Z").as_deref(), Some("1950-01-01T00:00:00Z"));
        assert_eq!(at(0x17, "2611211846Z").as_deref(), Some("2026-11-21T18:46:00Z"));
        assert_eq!(at(0x17, "261121194601+0100").as_deref(), Some("2026-11-21T18:46:01Z"));
        assert_eq!(at(0x18, "20261121184601.5Z").as_deref(), Some("2026-11-21T18:46:01Z"));
        assert!(at(0x18, "99991231235959Z").is_some());
        for bad in ["", "Z", "261321184601Z", "26112118460Z", "261121184601", "99999999999999999Z"] {
            assert_eq!(at(0x17, bad), None, "{bad}");
        }
    }

    #[test]
    fn written_instants_are_read_back() {
        for ms in [0, 1_795_286_761_000, 2_600_000_000_000] {
            assert_eq!(read(Tlv::only(&write(ms)).unwrap()), Some(ms));
        }
    }
}
