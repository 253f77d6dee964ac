//! The legal day: what date it is in Rome.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// A day of the register and of terms: Europe/Rome (product rule: the legal day is Rome's, instants are UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LegalDay(Date);

fn rome() -> TimeZone {
    TimeZone::get("Europe/Rome").expect("the time zone data are compiled in")
}

impl LegalDay {
    /// The day in Rome at an instant (UTC milliseconds).
    pub fn at(instant_ms: i64) -> Self {
        let instant = Timestamp::from_millisecond(instant_ms).unwrap_or(Timestamp::UNIX_EPOCH);
        Self(instant.to_zoned(rome()).date())
    }

    /// The year of the register.
    pub fn year(self) -> i32 {
        i32::from(self.0.year())
    }

    /// The last day of a term of `days`, counted from the day after (art. 2963 of the civil code: the first day
    /// does not count). A term that ends on a Sunday ends on Monday.
    #[must_use]
    pub fn term(self, days: u32) -> Self {
        let end = self.0.saturating_add(Span::new().days(i64::from(days.min(36_500))));
        match end.weekday() {
            jiff::civil::Weekday::Sunday => Self(end.saturating_add(Span::new().days(1))),
            _ => Self(end),
        }
    }

    /// The same day so many years before; of 29 February, where there is none, the 28th.
    #[must_use]
    pub fn years_before(self, years: u32) -> Self {
        Self(self.0.saturating_sub(Span::new().years(i64::from(years.min(9_000)))))
    }

    /// The same day so many months after; where the month is shorter, its last.
    #[must_use]
    pub fn months_after(self, months: u32) -> Self {
        Self(self.0.saturating_add(Span::new().months(i64::from(months.min(12_000)))))
    }

    /// The next day that is neither Saturday, Sunday nor a national holiday (legge 27 maggio 1949, n. 260). A town's own
    /// saint is not known here: a term that ends a day early is met all the same.
    #[must_use]
    pub fn next_working_day(self) -> Self {
        let mut day = self.0;
        loop {
            day = day.saturating_add(Span::new().days(1));
            if !Self(day).is_holiday() {
                return Self(day);
            }
        }
    }

    fn is_holiday(self) -> bool {
        use jiff::civil::Weekday::{Saturday, Sunday};
        const FIXED: [(i8, i8); 11] = [
            (1, 1),
            (1, 6),
            (4, 25),
            (5, 1),
            (6, 2),
            (8, 15),
            // A holiday again since 2026 (legge 8 ottobre 2025, n. 151).
            (10, 4),
            (11, 1),
            (12, 8),
            (12, 25),
            (12, 26),
        ];
        let place = (self.0.month(), self.0.day());
        let fixed = FIXED.contains(&place) && (place != (10, 4) || self.0.year() >= 2026);
        let easter_monday = easter(self.0.year()).saturating_add(Span::new().days(1));
        fixed || matches!(self.0.weekday(), Saturday | Sunday) || self.0 == easter_monday
    }

    /// The first instant of this day (UTC milliseconds).
    pub fn start_ms(self) -> i64 {
        self.0.to_zoned(rome()).map_or(0, |z| z.timestamp().as_millisecond())
    }

    /// The first instant of the next day (UTC milliseconds).
    pub fn end_ms(self) -> i64 {
        Self(self.0.saturating_add(Span::new().days(1))).start_ms()
    }

    /// Reads `2026-11-21`.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<Date>().ok().filter(|d| (1900..=9000).contains(&d.year())).map(Self)
    }
}

/// Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher).
#[expect(clippy::many_single_char_names, reason = "the letters of the published rule")]
fn easter(year: i16) -> Date {
    let year = i32::from(year);
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let (d, e) = (b / 4, b % 4);
    let f = (b + 8) / 25;
    let g = (b - f + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let (month, day) = ((h + l - 7 * m + 114) / 31, (h + l - 7 * m + 114) % 31 + 1);
    let narrow = |n: i32| i8::try_from(n).unwrap_or(1);
    Date::new(i16::try_from(year).unwrap_or(1900), narrow(month), narrow(day)).unwrap_or(Date::MIN)
}

impl std::fmt::Display for LegalDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Reads an instant as [`rfc3339`] writes it, into UTC milliseconds.
pub fn instant(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

/// The instant (UTC milliseconds) at which clocks in Rome show `2026-11-21T10:30`, as forms send it. An hour that the
/// change of the clock repeats is the first of the two; one that it skips is moved on.
pub fn at_rome(text: &str) -> Option<i64> {
    // A day alone would be midnight, and nobody wrote that.
    let shown = text
        .contains('T')
        .then(|| text.parse::<jiff::civil::DateTime>().ok())
        .flatten()
        .filter(|at| (1900..=9000).contains(&at.year()))?;
    Some(shown.to_zoned(rome()).ok()?.timestamp().as_millisecond())
}

/// An instant (UTC milliseconds) as the log writes it: `2026-11-21T18:46:01.123Z`.
pub fn rfc3339(instant_ms: i64) -> String {
    let instant = Timestamp::from_millisecond(instant_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{instant:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn midnight_is_romes() {
        assert_eq!(LegalDay::at(ms("2026-12-31T22:59:59.999Z")).year(), 2026);
        assert_eq!(LegalDay::at(ms("2026-12-31T23:00:00Z")).year(), 2027);
        assert_eq!(LegalDay::at(ms("2026-06-30T22:00:00Z")).to_string(), "2026-07-01");
    }

    #[test]
    fn years_are_counted_by_the_calendar() {
        let day = |text: &str| LegalDay::parse(text).unwrap();
        assert_eq!(day("2026-11-22").years_before(10), day("2016-11-22"));
        assert_eq!(day("2024-02-29").years_before(1), day("2023-02-28"));
    }

    #[test]
    fn a_day_of_the_clock_change_has_23_or_25_hours() {
        let spring = LegalDay::parse("2026-03-29").unwrap();
        assert_eq!(spring.end_ms() - spring.start_ms(), 23 * 3_600_000);
        let autumn = LegalDay::parse("2026-10-25").unwrap();
        assert_eq!(autumn.end_ms() - autumn.start_ms(), 25 * 3_600_000);
    }

    #[test]
    fn a_form_says_what_clocks_in_rome_show() {
        assert_eq!(at_rome("2026-11-21T10:30"), Some(ms("2026-11-21T09:30:00Z")));
        assert_eq!(at_rome("2026-07-01T10:30"), Some(ms("2026-07-01T08:30:00Z")));
        assert_eq!(at_rome("2026-10-25T02:30"), Some(ms("2026-10-25T00:30:00Z")), "the first of two");
        for text in ["", "2026-11-21", "ieri alle 10", "99999-01-01T00:00"] {
            assert_eq!(at_rome(text), None, "{text}");
        }
    }

    #[test]
    fn a_term_does_not_end_on_sunday() {
        let day = LegalDay::parse("2026-11-20").unwrap();
        assert_eq!(day.term(30).to_string(), "2026-12-21");
        assert_eq!(day.term(1).to_string(), "2026-11-21");
    }

    #[test]
    fn a_working_day_is_no_holiday() {
        let next = |text: &str| LegalDay::parse(text).unwrap().next_working_day().to_string();
        assert_eq!(next("2026-03-10"), "2026-03-11");
        assert_eq!(next("2026-03-13"), "2026-03-16", "a week's end");
        assert_eq!(next("2026-04-03"), "2026-04-07", "Easter is on the 5th");
        assert_eq!(next("2026-04-24"), "2026-04-27");
        assert_eq!(next("2026-12-24"), "2026-12-28");
        assert_eq!(next("2026-12-31"), "2027-01-04");
        for (year, sunday) in
            [(2024, "2024-03-31"), (2025, "2025-04-20"), (2027, "2027-03-28"), (2038, "2038-04-25")]
        {
            assert_eq!(easter(year).to_string(), sunday);
        }
    }

    #[test]
    fn writes_milliseconds_always() {
        assert_eq!(rfc3339(ms("2026-11-21T18:46:01Z")), "2026-11-21T18:46:01.000Z");
    }
}
