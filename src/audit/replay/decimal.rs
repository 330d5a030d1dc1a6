//! The plain reader of printed numbers and dates.

use super::{Replay, unreadable, verdict};
use crate::audit::arithmetic::Rounding;

/// A printed text, with what the file says about its rounding.
#[derive(Clone, Copy)]
pub(super) struct Printed<'t> {
    pub text: &'t str,
    pub rounding: Option<Rounding>,
    pub decimals: Option<u32>,
}

/// A decimal as digits and places: 46.0 is (460, 1). What prints so lies up to `below` and `above` halves of its last place
/// away.
#[derive(Clone, Copy)]
pub(super) struct Decimal {
    pub digits: i128,
    pub places: u32,
    below: i128,
    above: i128,
    rounded_up: bool,
}

/// Without percent sign, thousands separators, footnote marks and typographic signs.
fn plain(text: &str) -> String {
    let text = text.trim().trim_end_matches(['*', '\u{2020}', '%', ' ']);
    let text = text.trim_start_matches(['p', 'P', '=', ' ']);
    text.replace([',', ' '], "").replace(['\u{2212}', '\u{2013}'], "-").replace('\u{00B7}', ".")
}

/// A whole number.
pub(super) fn whole(printed: Printed<'_>) -> Option<i128> {
    plain(printed.text).parse().ok()
}

/// A number, of any form that Rust reads.
pub(super) fn number(text: &str) -> Option<f64> {
    plain(text).parse().ok()
}

impl Decimal {
    pub fn read(printed: Printed<'_>) -> Option<Self> {
        Self::typed(printed).map(|decimal| decimal.without_padding(printed))
    }

    /// With every digit as it is typed.
    pub fn typed(printed: Printed<'_>) -> Option<Self> {
        let text = plain(printed.text);
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa.to_string(), exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let places = i32::try_from(mantissa.split('.').nth(1).map_or(0, str::len)).ok()? - exponent;
        let mut digits: i128 = mantissa.replace('.', "").parse().ok()?;
        let mut places = places;
        while places < 0 {
            digits = digits.checked_mul(10)?;
            places += 1;
        }
        let (below, above) = match printed.rounding {
            Some(Rounding::HalfUp | Rounding::HalfEven | Rounding::HalfDown) => (1, 1),
            Some(Rounding::Truncate) if digits >= 0 => (0, 2),
            Some(Rounding::Ceiling) if digits > 0 => (2, 0),
            _ => (2, 2),
        };
        let rounded_up = printed.rounding == Some(Rounding::Ceiling);
        Some(Self { digits, places: u32::try_from(places).ok()?, below, above, rounded_up })
    }

    /// Zeros at the end may be padding: beyond the meaningful decimals where those are stated, not where the way of rounding
    /// is, and elsewhere the last one of a small number or of three places, and all of a larger one.
    fn without_padding(mut self, printed: Printed<'_>) -> Self {
        let small = self.digits.abs() < 10_i128.saturating_pow((self.places + 1).min(30));
        let least = match (printed.decimals, printed.rounding) {
            (Some(meaningful), _) => meaningful,
            (None, Some(_)) => self.places,
            (None, None) if self.places >= 3 || small => self.places.saturating_sub(1),
            (None, None) => 0,
        };
        while self.places > least && self.digits % 10 == 0 {
            self.digits /= 10;
            self.places -= 1;
        }
        self
    }

    /// The smallest and the largest number that prints so.
    pub fn ends(self) -> (f64, f64) {
        let half = 0.5 * self.place();
        ((2 * self.digits - self.below) as f64 * half, (2 * self.digits + self.above) as f64 * half)
    }

    /// Could `above / below` have been printed so? (percent: as hundredths)
    pub fn allows(self, above: i128, below: i128, percent: bool) -> bool {
        let scaled = above * 10_i128.pow(self.places) * if percent { 100 } else { 1 };
        // Rounded up, a share of somebody is not printed as zero; only a P-value too small for its program is.
        if self.rounded_up && self.digits == 0 {
            return scaled <= 0 && scaled > -below;
        }
        2 * scaled >= (2 * self.digits - self.below) * below && 2 * scaled <= (2 * self.digits + self.above) * below
    }

    /// The number as it stands.
    pub fn value(self) -> f64 {
        self.digits as f64 * self.place()
    }

    /// The value of its last place.
    pub fn place(self) -> f64 {
        10_f64.powi(-i32::try_from(self.places).unwrap_or(0))
    }
}

/// Days from a fixed day, by the calendar.
fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let leap = |y: i64| (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    let mut days = day;
    for y in 1900..year {
        days += if leap(y) { 366 } else { 365 };
    }
    let lengths = [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    days + lengths.iter().take(usize::try_from(month - 1).unwrap_or(0)).sum::<i64>()
}

/// First and last day that "2020", "2020-10" or "2020-10-31" can mean.
fn days(text: &str) -> Option<(i64, i64)> {
    let parts: Vec<i64> = text.trim().split('-').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    match parts.as_slice() {
        [year] => Some((day_number(*year, 1, 1), day_number(*year, 12, 31))),
        [year, 12] => Some((day_number(*year, 12, 1), day_number(*year, 12, 31))),
        [year, month] => Some((day_number(*year, *month, 1), day_number(*year, *month + 1, 1) - 1)),
        [year, month, day] => Some((day_number(*year, *month, *day), day_number(*year, *month, *day))),
        _ => None,
    }
}

/// Two dates or spans with at least a day between them; a span that ends before it begins.
pub(super) fn dates_apart(first: &str, second: &str) -> Replay {
    let read = |text: &str| match text.split_once('/') {
        Some((from, to)) => Some((days(from)?.0, days(to)?.1)),
        None => days(text),
    };
    let (Some(a), Some(b)) = (read(first), read(second)) else { return unreadable() };
    if first == second {
        return verdict(a.0 > a.1, format!("{first}: {} days", a.1 - a.0));
    }
    let gap = (b.0 - a.1).max(a.0 - b.1);
    verdict(gap > 1, format!("{first} and {second} are {gap} days apart"))
}
