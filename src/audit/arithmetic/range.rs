//! The rationals that print as a given decimal, under each way of rounding, and the integers among k/n.
//!
//! A range is held as two integers over one denominator, `low/denominator` and `high/denominator`, each end open or
//! closed, so that "k/n prints as 46.0 %" is two integer comparisons.

use super::printed::{Printed, Relation};
use serde::{Deserialize, Serialize};

/// How a table was rounded. The last two are unions: no rounding mode at all prints a number from outside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    HalfUp,
    HalfEven,
    HalfDown,
    Truncate,
    Ceiling,
    /// Any of the above, cell by cell.
    Any,
    /// Any of the above, and trailing zeros may be padding.
    Widest,
}

impl Rounding {
    /// The modes that one table can have throughout, the usual one first.
    pub const SINGLE: [Rounding; 5] =
        [Rounding::HalfUp, Rounding::HalfEven, Rounding::HalfDown, Rounding::Truncate, Rounding::Ceiling];
}

/// A range of rationals over one positive denominator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    pub low: i128,
    pub high: i128,
    pub denominator: i128,
    pub low_closed: bool,
    pub high_closed: bool,
}

/// Stands for an absent end of a range; far outside every proportion, count or ratio that is compared with it.
const FAR: i128 = 1 << 60;

impl Range {
    /// What prints as `printed`, divided by `unit` (100 for a percent, 1 otherwise). `None` when the number has too
    /// many decimals for exact products.
    ///
    /// What the paper says about its rounding goes before `rounding`.
    pub fn of(printed: &Printed, unit: i128, rounding: Rounding) -> Option<Self> {
        let rounding = printed.rounding.unwrap_or(rounding);
        let (mantissa, scale) = match rounding {
            _ if printed.meaningful.is_some() => printed.without_padding(),
            Rounding::Widest => printed.without_padding(),
            _ => (printed.mantissa, printed.scale),
        };
        if scale > 15 {
            return None;
        }
        let denominator = 2 * 10_i128.pow(scale) * unit;
        let double = 2 * mantissa;
        let even = mantissa % 2 == 0;
        let (low, low_closed, high, high_closed) = match rounding {
            // Which way a negative half goes differs between programs: both ends count.
            _ if mantissa < 0 && rounding < Rounding::Truncate => (double - 1, true, double + 1, true),
            Rounding::HalfUp => (double - 1, true, double + 1, false),
            Rounding::HalfEven => (double - 1, even, double + 1, even),
            Rounding::HalfDown => (double - 1, false, double + 1, true),
            Rounding::Truncate => (double, true, double + 2, false),
            Rounding::Ceiling => (double - 2, false, double, true),
            Rounding::Any => (double - 2, false, double + 2, false),
            Rounding::Widest => (double - 2, true, double + 2, true),
        };
        Some(match printed.relation {
            Relation::Equal => Self { low, high, denominator, low_closed, high_closed },
            // "<" prints the bound itself; being generous by one unit costs nothing.
            Relation::Less => Self { low: -FAR, high: double + 2, denominator, low_closed: true, high_closed: true },
            Relation::Greater => Self { low: double - 2, high: FAR, denominator, low_closed: true, high_closed: true },
        })
    }

    /// Is `numerator/divisor` (divisor > 0) inside?
    pub fn contains(&self, numerator: i128, divisor: i128) -> bool {
        !self.below(numerator, divisor) && !self.above(numerator, divisor)
    }

    /// Is `numerator/divisor` under the lower end?
    pub fn below(&self, numerator: i128, divisor: i128) -> bool {
        let (value, end) = (numerator * self.denominator, self.low * divisor);
        value < end || (value == end && !self.low_closed)
    }

    /// Is `numerator/divisor` over the upper end?
    pub fn above(&self, numerator: i128, divisor: i128) -> bool {
        let (value, end) = (numerator * self.denominator, self.high * divisor);
        value > end || (value == end && !self.high_closed)
    }

    /// The integers k in `0..=n` with k/n inside, as first and last; `None` when there is none.
    pub fn counts(&self, n: i128) -> Option<(i128, i128)> {
        if n <= 0 {
            return None;
        }
        let mut first = (self.low * n).div_euclid(self.denominator).max(0);
        while self.below(first, n) {
            first += 1;
        }
        let mut last = (self.high * n).div_euclid(self.denominator).min(n);
        if last >= 0 && self.above(last, n) {
            last -= 1;
        }
        (first <= last && last >= 0).then_some((first, last))
    }

    /// The integers n in `1..=most` with count/n inside, as first and last.
    pub fn totals(&self, count: i128, most: i128) -> Option<(i128, i128)> {
        // count/n falls in n, so the n that fit are consecutive: two bisections.
        let first = partition(1, most + 1, |n| !self.above(count, n));
        let end = partition(first, most + 1, |n| self.below(count, n));
        (first < end).then_some((first, end - 1))
    }

    /// The ends as doubles, for messages and for outward-rounded comparisons only.
    pub fn as_f64(&self) -> (f64, f64) {
        (self.low as f64 / self.denominator as f64, self.high as f64 / self.denominator as f64)
    }
}

/// The first value in `low..high` where `holds` is true, given that it is false before and true after some point.
pub fn partition(mut low: i128, mut high: i128, holds: impl Fn(i128) -> bool) -> i128 {
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str, unit: i128, rounding: Rounding) -> Range {
        Range::of(&Printed::parse(text).expect(text), unit, rounding).expect(text)
    }

    #[test]
    fn halves_go_where_the_mode_says() {
        // 1/8 = 12.5 %: "13" rounds half up, "12" half down and half to even.
        let fits = |text, mode| range(text, 100, mode).contains(1, 8);
        assert!(fits("13", Rounding::HalfUp) && !fits("12", Rounding::HalfUp));
        assert!(fits("12", Rounding::HalfEven) && !fits("13", Rounding::HalfEven));
        assert!(fits("12", Rounding::HalfDown) && !fits("13", Rounding::HalfDown));
        assert!(fits("12", Rounding::Truncate) && fits("13", Rounding::Ceiling));
        assert!(fits("12", Rounding::Any) && fits("13", Rounding::Any) && !fits("14", Rounding::Any));
    }

    #[test]
    fn counts_and_totals_agree_with_brute_force() {
        for text in ["0", "46.0", "12.5", "33", "66.7", "99.9", "100", "2.0"] {
            for mode in Rounding::SINGLE.into_iter().chain([Rounding::Any, Rounding::Widest]) {
                let range = range(text, 100, mode);
                for n in 1..60_i128 {
                    let fitting: Vec<i128> = (0..=n).filter(|&k| range.contains(k, n)).collect();
                    let expected = fitting.first().zip(fitting.last()).map(|(&a, &b)| (a, b));
                    assert_eq!(range.counts(n), expected, "{text} {mode:?} n={n}");
                    let totals: Vec<i128> = (1..=60).filter(|&d| range.contains(n, d)).collect();
                    let expected = totals.first().zip(totals.last()).map(|(&a, &b)| (a, b));
                    assert_eq!(range.totals(n, 60), expected, "{text} {mode:?} k={n}");
                }
            }
        }
    }

    #[test]
    fn an_inequality_bounds_one_side() {
        let below = range("<0.05", 1, Rounding::HalfUp);
        assert!(below.contains(1, 1000) && !below.contains(7, 100));
    }
}
