//! The working days before today, and an hour of them.

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use plico_record::day::LegalDay;

/// Holidays of every year, month and day.
const HOLIDAYS: [(i8, i8); 10] =
    [(1, 1), (1, 6), (4, 25), (5, 1), (6, 2), (8, 15), (11, 1), (12, 8), (12, 25), (12, 26)];
/// How many working days the town remembers: about six months.
pub const DAYS: usize = 126;

/// Working days, oldest first, the last one before the day of `now_ms`.
pub fn working_days(now_ms: i64) -> Vec<LegalDay> {
    let mut day: Date = LegalDay::at(now_ms).to_string().parse().unwrap_or_default();
    let mut days = Vec::with_capacity(DAYS);
    while days.len() < DAYS {
        day = day.saturating_sub(1.day());
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        if !weekend && !HOLIDAYS.contains(&(day.month(), day.day())) {
            days.extend(LegalDay::parse(&day.to_string()));
        }
    }
    days.reverse();
    days
}

/// A minute of a day, in UTC milliseconds.
pub fn at(day: LegalDay, minute: i64) -> i64 {
    day.start_ms() + minute * 60_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offices_rest_on_sundays_and_holidays() {
        let now = LegalDay::parse("2027-01-07").unwrap().start_ms();
        let days: Vec<String> = working_days(now).iter().map(ToString::to_string).collect();
        assert_eq!(days.len(), DAYS);
        assert_eq!(days.last().unwrap(), "2027-01-05");
        assert!(!days.contains(&"2026-12-25".to_string()) && !days.contains(&"2026-11-01".to_string()));
        assert!(days.is_sorted());
    }
}
