//! Days and numbers as these systems write them.

use jiff::civil::Date;

/// The day that a text begins with, `2026-11-23`: what is none would be no date of a register.
pub(crate) fn day(text: &str) -> Option<String> {
    let date = text.get(..10)?;
    let shape = |(at, c): (usize, char)| if matches!(at, 4 | 7) { c == '-' } else { c.is_ascii_digit() };
    let written = date.chars().enumerate().all(shape);
    date.parse::<Date>().ok().filter(|_| written).map(|_| date.to_owned())
}

/// A number as a register gives it, which a database can keep.
pub(crate) fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number| *number > 0 && i64::try_from(*number).is_ok())
}

/// `2026-11-23` → `23/11/2026`.
pub(crate) fn italian(day: &str) -> String {
    let mut parts = day.splitn(3, '-');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(year), Some(month), Some(day)) => format!("{day}/{month}/{year}"),
        _ => day.to_owned(),
    }
}

/// `23/11/2026 10:30:00`, `2026-11-23T10:30:00.337+0200` (whose offset no reader of RFC 3339 takes) or `20261123` →
/// `2026-11-23`; what is none of them is nothing.
pub(crate) fn iso(date: &str) -> String {
    let date = date.trim().split(['T', ' ']).next().unwrap_or_default();
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = date.split(['/', '-']).collect();
    match parts[..] {
        _ if !parts.iter().all(|part| number(part)) => String::new(),
        [day, month, year] if year.len() == 4 => format!("{year}-{month:0>2}-{day:0>2}"),
        [year, month, day] if year.len() == 4 => format!("{year}-{month:0>2}-{day:0>2}"),
        [all] if all.len() == 8 => format!("{}-{}-{}", &all[..4], &all[4..6], &all[6..]),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_they_are_met() {
        for met in
            ["23/11/2026 10:30:00", "2026-11-23T10:30:42.337+0200", "20261123", "23-11-2026", "2026-11-23"]
        {
            assert_eq!(iso(met), "2026-11-23", "{met}");
        }
        for bad in ["", "ieri", "2026", "23/11", "a/b/2026", "è1234567"] {
            assert_eq!(iso(bad), "", "{bad}");
        }
        assert_eq!(italian("2026-11-23"), "23/11/2026");
    }
}
