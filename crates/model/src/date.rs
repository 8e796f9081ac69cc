//! Calendar days. There is no clock here: today is an input of every run.

use std::fmt;

/// A day of the Gregorian calendar. Ordered by time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The day, where there is such a day.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Date> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        (1..=days).contains(&day).then_some(Date { year, month, day })
    }

    /// Reads `2027-01-31`.
    pub fn parse(text: &str) -> Option<Date> {
        let mut parts = text.split('-');
        let mut next = |len: usize| {
            let p = parts.next().filter(|p| p.len() == len && p.bytes().all(|b| b.is_ascii_digit()))?;
            p.parse::<u16>().ok()
        };
        let (year, month, day) = (next(4)?, next(2)?, next(2)?);
        if parts.next().is_some() {
            return None;
        }
        Date::new(year, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
    }

    /// Days since 1970-01-01, by the days-from-civil algorithm; the inverse of [`Date::from_unix_seconds`].
    pub fn days(self) -> i64 {
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let (era, yoe) = (year.div_euclid(400), year.rem_euclid(400));
        let month = (i64::from(self.month) + 9) % 12;
        let doy = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
    }

    /// The day that holds the second `seconds` since 1970-01-01 (UTC), by the civil-from-days algorithm.
    pub fn from_unix_seconds(seconds: u64) -> Date {
        let z = seconds / 86_400 + 719_468;
        let (era, doe) = (z / 146_097, z % 146_097);
        let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let day = doy - (153 * mp + 2) / 5 + 1;
        let month = if mp < 10 { mp + 3 } else { mp - 9 };
        let year = yoe + era * 400 + u64::from(month <= 2);
        let narrow = |v: u64| u8::try_from(v).unwrap_or(1);
        Date { year: u16::try_from(year).unwrap_or(u16::MAX), month: narrow(month), day: narrow(day) }
    }
}

impl Date {
    /// Days since 1970-01-01, by the days-from-civil algorithm; 0 for days before.
    fn unix_days(self) -> u64 {
        let (m, d) = (u64::from(self.month), u64::from(self.day));
        let y = u64::from(self.year).saturating_sub(u64::from(m <= 2));
        let (era, yoe) = (y / 400, y % 400);
        let doy = (153 * ((m + 9) % 12) + 2) / 5 + d.saturating_sub(1);
        (era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy).saturating_sub(719_468)
    }

    /// The day so many days before this one, not before 1970.
    #[must_use]
    pub fn days_before(self, days: u32) -> Date {
        Date::from_unix_seconds(self.unix_days().saturating_sub(u64::from(days)) * 86_400)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_only_in_its_one_form() {
        assert_eq!(Date::parse("2027-01-31").map(|d| d.to_string()).as_deref(), Some("2027-01-31"));
        for bad in ["2027-1-31", "2027-02-29", "2027-13-01", "27-01-01", "2027-01-31x", "2027-01-31-", "", "+027-01-01"]
        {
            assert_eq!(Date::parse(bad), None, "{bad}");
        }
        assert!(Date::parse("2028-02-29").is_some());
    }

    #[test]
    fn days_before_a_day_are_counted_over_months_and_leap_years() {
        for (day, days, before) in [
            ("2026-11-24", 0, "2026-11-24"),
            ("2026-11-24", 14, "2026-11-10"),
            ("2026-03-01", 1, "2026-02-28"),
            ("2024-03-01", 1, "2024-02-29"),
            ("2026-01-01", 366, "2024-12-31"),
            ("1970-01-03", 40, "1970-01-01"),
        ] {
            assert_eq!(Date::parse(day).unwrap().days_before(days).to_string(), before, "{days} before {day}");
        }
        for n in 0..20_000_u64 {
            assert_eq!(Date::from_unix_seconds(n * 86_400).days_before(0), Date::from_unix_seconds(n * 86_400));
        }
    }

    #[test]
    fn seconds_since_the_epoch_give_the_day() {
        for (seconds, day) in
            [(0, "1970-01-01"), (951_782_399, "2000-02-28"), (951_782_400, "2000-02-29"), (1_795_478_400, "2026-11-24")]
        {
            assert_eq!(Date::from_unix_seconds(seconds).to_string(), day);
        }
    }

    #[test]
    fn days_since_the_epoch_count_every_day_once() {
        for day in 0..60_000_u64 {
            assert_eq!(Date::from_unix_seconds(day * 86_400).days(), i64::try_from(day).unwrap());
        }
    }
}
