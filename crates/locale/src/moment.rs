//! Instants as people read them: in Rome's time.

use crate::{Args, Catalogue, Lang};
use jiff::{Timestamp, Zoned, tz::TimeZone};

impl Catalogue {
    /// "21 novembre 2026".
    pub fn date(&self, lang: Lang, ms: i64) -> String {
        self.moment(lang, "date-long", ms)
    }

    /// "21/11/2026", for tables.
    pub fn date_short(&self, lang: Lang, ms: i64) -> String {
        self.moment(lang, "date-short", ms)
    }

    /// "21 novembre 2026, ore 19:46".
    pub fn datetime(&self, lang: Lang, ms: i64) -> String {
        self.moment(lang, "date-time", ms)
    }

    /// A calendar day that is not an instant (a term, a birthday): "21 novembre 2026".
    pub fn day(&self, lang: Lang, year: i16, month: u8, day: u8) -> String {
        self.text(lang, "date-long", &civil(year, month, day))
    }

    fn moment(&self, lang: Lang, key: &str, ms: i64) -> String {
        let local = rome(ms);
        let args = civil(local.year(), local.month().unsigned_abs(), local.day().unsigned_abs())
            .with("hour", format!("{:02}", local.hour()))
            .with("minute", format!("{:02}", local.minute()));
        self.text(lang, key, &args)
    }
}

/// Days and months come as numbers and, padded, as text: each language takes what it writes.
fn civil(year: i16, month: u8, day: u8) -> Args {
    Args::new()
        .with("year", year.to_string())
        .with("month", i64::from(month))
        .with("day", i64::from(day))
        .with("mm", format!("{month:02}"))
        .with("dd", format!("{day:02}"))
}

/// An instant that no calendar can show (damaged data) is shown as the epoch rather than refused.
fn rome(ms: i64) -> Zoned {
    let zone = TimeZone::get("Europe/Rome").unwrap_or(TimeZone::UTC);
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(zone)
}

#[cfg(test)]
mod tests {
    use crate::{Catalogue, Lang};

    #[test]
    fn the_day_is_the_one_of_rome() {
        let catalogue = Catalogue::load().unwrap();
        // 2026-12-31T23:30:00Z is already the new year in Rome.
        let ms = 1_798_759_800_000;
        assert_eq!(catalogue.date(Lang::It, ms), "1º gennaio 2027");
        assert_eq!(catalogue.date(Lang::En, ms), "1 January 2027");
        assert_eq!(catalogue.date(Lang::De, ms), "1. Januar 2027");
        assert_eq!(catalogue.date(Lang::Fr, ms), "1er janvier 2027");
        assert_eq!(catalogue.date(Lang::Sl, ms), "1. januar 2027");
        assert_eq!(catalogue.datetime(Lang::It, ms), "1º gennaio 2027, ore 00:30");
        assert_eq!(catalogue.date_short(Lang::It, ms), "01/01/2027");
        // Summer time.
        assert_eq!(catalogue.datetime(Lang::En, 1_783_000_000_000), "2 July 2026, 15:46");
    }

    #[test]
    fn an_impossible_instant_is_shown_all_the_same() {
        let catalogue = Catalogue::load().unwrap();
        assert_eq!(catalogue.date(Lang::En, i64::MAX), "1 January 1970");
    }
}
