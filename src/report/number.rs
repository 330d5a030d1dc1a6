//! The one way in which numbers are printed.
//!
//! - A minus is U+2212; what rounds to zero has no sign.
//! - From 10 000 on, digits are grouped by threes with a narrow space that does not break (U+202F).
//! - A range is set with an en dash, and with "to" in a column where a limit may be negative.
//! - P-values have three decimals; below 0.001 they read "< 0.001", and what would round to one reads "> 0.999".
//! - Percentages have one decimal and no sign in a table's cells: the head says "%".
//! - What is not a finite number reads "∞", "−∞" or "not a number"; what is absent reads "—".

use crate::stats::{Estimate, Interval, Test, estimate::NullDistribution};

/// U+202F, which groups digits and parts a sign of comparison from its number.
pub const NARROW_SPACE: char = '\u{202f}';

/// The minus of a negative number.
pub const MINUS: char = '−';

/// What stands where there is no value.
pub const ABSENT: &str = "—";

/// A count.
pub fn count(value: usize) -> String {
    grouped(&value.to_string())
}

/// With this many decimals, rounded from the exact binary value; what lies in the middle is rounded away from zero, as readers
/// do: 1 of 16 is 6.3%.
pub fn fixed(value: f64, decimals: usize) -> String {
    if value.is_nan() {
        return "not a number".to_string();
    }
    if value.is_infinite() {
        return if value > 0.0 { "∞".to_string() } else { format!("{MINUS}∞") };
    }
    let digits = format!("{:.decimals$}", away_from_a_tie(value.abs(), decimals));
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let sign = if value < 0.0 && digits.bytes().any(|digit| (b'1'..=b'9').contains(&digit)) { "−" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{fraction}", grouped(whole))
}

/// A value in the very middle between two printed ones, moved up; any other as it is.
fn away_from_a_tie(value: f64, decimals: usize) -> f64 {
    // No double between has more decimals than this.
    const MOST: usize = 1080;
    let scaled = value * 10_f64.powi(decimals as i32);
    if scaled.fract() != 0.5 {
        return value;
    }
    let exact = format!("{value:.MOST$}");
    let beyond = exact.split_once('.').map_or("", |(_, fraction)| &fraction[decimals.min(fraction.len())..]);
    let in_the_middle = beyond.starts_with('5') && beyond[1..].bytes().all(|digit| digit == b'0');
    if in_the_middle { (scaled + 0.5) / 10_f64.powi(decimals as i32) } else { value }
}

fn grouped(digits: &str) -> String {
    if digits.len() < 5 {
        return digits.to_string();
    }
    let mut text = String::with_capacity(digits.len() * 2);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(NARROW_SPACE);
        }
        text.push(digit);
    }
    text
}

/// A proportion as a percentage with one decimal, without the sign.
pub fn percent(proportion: f64) -> String {
    fixed(100.0 * proportion, 1)
}

/// "345 (48.1)"; without subjects, the count alone.
pub fn count_percent(part: usize, whole: usize) -> String {
    if whole == 0 { count(part) } else { format!("{} ({})", count(part), percent(part as f64 / whole as f64)) }
}

/// A P-value for a cell whose head says P: "0.031", "< 0.001".
pub fn p_value(value: f64) -> String {
    if value < 0.001 {
        format!("<{NARROW_SPACE}0.001")
    } else if value >= 0.9995 {
        format!(">{NARROW_SPACE}0.999")
    } else {
        fixed(value, 3)
    }
}

/// A P-value in running text: "P = 0.031", "P < 0.001".
pub fn p_equals(value: f64) -> String {
    let text = p_value(value);
    if text.starts_with(['<', '>']) { format!("P {}", text.replace(NARROW_SPACE, " ")) } else { format!("P = {text}") }
}

/// How the two limits of a column's intervals are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// "0.71–0.77"
    Dash,
    /// "−0.01 to 0.03": no dash stands beside a minus.
    To,
}

impl Join {
    /// The join that suits every one of a column's intervals.
    pub fn of<'a>(intervals: impl IntoIterator<Item = &'a Interval>) -> Self {
        if intervals.into_iter().any(|interval| interval.lower < 0.0) { Join::To } else { Join::Dash }
    }

    /// The limits, joined.
    pub fn range(self, lower: &str, upper: &str) -> String {
        match self {
            Join::Dash => format!("{lower}–{upper}"),
            Join::To => format!("{lower} to {upper}"),
        }
    }
}

/// How the numbers of one column are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    pub decimals: usize,
    pub join: Join,
    /// Multiply by 100.
    pub percent: bool,
}

impl Style {
    /// A plain number.
    pub const fn decimals(decimals: usize) -> Self {
        Self { decimals, join: Join::Dash, percent: false }
    }

    /// A proportion as a percentage with one decimal.
    pub const fn percent() -> Self {
        Self { decimals: 1, join: Join::Dash, percent: true }
    }

    /// The same with another join.
    pub fn joined(self, join: Join) -> Self {
        Self { join, ..self }
    }

    /// The number alone.
    pub fn value(self, value: f64) -> String {
        fixed(if self.percent { 100.0 * value } else { value }, self.decimals)
    }

    /// "0.713–0.771"
    pub fn interval(self, interval: &Interval) -> String {
        self.join.range(&self.value(interval.lower), &self.value(interval.upper))
    }

    /// With as many more decimals, two at most, as keep a limit that is not zero from reading as zero: it says on which side
    /// of no difference the interval ends.
    pub fn apart_from_zero(self, estimate: &Estimate) -> Self {
        let limits = estimate.interval.iter().flat_map(|interval| [interval.lower, interval.upper]);
        let reads_as_zero = |style: Style, limit: f64| limit != 0.0 && style.value(limit) == style.value(0.0);
        let mut style = self;
        for limit in limits {
            while style.decimals < self.decimals + 2 && reads_as_zero(style, limit) {
                style.decimals += 1;
            }
        }
        style
    }

    /// A difference of two measures: no limit of its interval reads as zero that is not.
    pub fn difference(self, estimate: &Estimate) -> String {
        self.apart_from_zero(estimate).estimate(estimate)
    }

    /// "0.742 (0.713–0.771)"
    pub fn estimate(self, estimate: &Estimate) -> String {
        match &estimate.interval {
            Some(interval) => format!("{} ({})", self.value(estimate.value), self.interval(interval)),
            None => self.value(estimate.value),
        }
    }
}

/// A limit at infinity is a quantile that a curve or its band does not reach: "NR".
pub fn open_ended(text: String) -> String {
    text.replace('∞', "NR")
}

/// Decimals that show a spread of this size with two to three digits, and no more than five.
pub fn decimals_for_spread(spread: f64) -> usize {
    if !(spread.is_finite() && spread > 0.0) {
        return 1;
    }
    match spread.log10().floor() as i64 {
        2.. => 0,
        0..=1 => 1,
        magnitude => usize::try_from(1 - magnitude).unwrap_or(1).min(5),
    }
}

/// A number that was written with all its digits, with four of them; any other text as it is.
pub fn significant(text: &str) -> String {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    match text.parse::<f64>() {
        Ok(value) if digits > 5 && value.is_finite() && value != 0.0 && value.fract() != 0.0 => {
            let decimals = 3 - value.abs().log10().floor() as i64;
            match usize::try_from(decimals) {
                Ok(decimals) if decimals <= 8 => fixed(value, decimals),
                Ok(_) => format!("{value:.3e}").replace('-', "−"),
                Err(_) => fixed(value, 0),
            }
        }
        _ => text.to_string(),
    }
}

/// A coefficient or its standard error: with so many decimals, or with as many more as give three significant digits, so
/// that one can predict with what is printed.
pub fn coefficient(value: f64, least: usize) -> String {
    if !value.is_finite() || value == 0.0 {
        return fixed(value, least);
    }
    let needed = 2 - value.abs().log10().floor() as i64;
    fixed(value, usize::try_from(needed).unwrap_or(0).clamp(least, MOST_DECIMALS.max(least)))
}

/// More decimals than this are noise.
const MOST_DECIMALS: usize = 10;

/// A time with its unit, in the singular where it is one: "1 year", "0.5 years".
pub fn time(value: f64, unit: &str) -> String {
    format!("{} {}", significant(&value.to_string()), unit_of(value, unit))
}

/// The unit in the singular where there is one of it.
pub fn unit_of(value: f64, unit: &str) -> &str {
    if value == 1.0 { unit.strip_suffix('s').unwrap_or(unit) } else { unit }
}

/// "95%" of a confidence level, "30%" of a threshold probability.
pub fn level(level: f64) -> String {
    let hundredfold = 100.0 * level;
    let rounded = hundredfold.round();
    if (hundredfold - rounded).abs() < 1e-9 { format!("{rounded:.0}%") } else { format!("{}%", fixed(hundredfold, 1)) }
}

/// A test with its statistic: "χ² = 43.55, 1 df, P < 0.001".
pub fn test(test: &Test) -> String {
    match statistic(test) {
        Some(statistic) => format!("{statistic}, {}", p_equals(test.p_value)),
        None => p_equals(test.p_value),
    }
}

/// "χ² = 531.00, 5 df"; `None` for a test without a statistic.
pub fn statistic(test: &Test) -> Option<String> {
    let degrees = |df: f64| if df.fract() == 0.0 { fixed(df, 0) } else { fixed(df, 1) };
    test.statistic.map(|value| match test.distribution {
        NullDistribution::Normal => format!("z = {}", fixed(value, 2)),
        NullDistribution::StudentT { df } => format!("t = {}, {} df", fixed(value, 2), degrees(df)),
        NullDistribution::ChiSquared { df } => format!("χ² = {}, {} df", fixed(value, 2), degrees(df)),
        NullDistribution::F { df_numerator, df_denominator } => {
            format!("F = {}, {} and {} df", fixed(value, 2), degrees(df_numerator), degrees(df_denominator))
        }
        NullDistribution::Exact | NullDistribution::Resampled { .. } => format!("statistic {}", fixed(value, 2)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_values_at_the_edges_of_the_style() {
        let narrow = |text: &str| text.replace(' ', "\u{202f}");
        assert_eq!(p_value(0.031), "0.031");
        assert_eq!(p_value(0.0), narrow("< 0.001"));
        assert_eq!(p_value(1e-300), narrow("< 0.001"));
        assert_eq!(p_value(0.000_999_9), narrow("< 0.001"));
        assert_eq!(p_value(0.001), "0.001");
        assert_eq!(p_value(0.9994), "0.999");
        assert_eq!(p_value(0.9996), narrow("> 0.999"));
        assert_eq!(p_value(1.0), narrow("> 0.999"));
        assert_eq!(p_equals(1e-9), "P < 0.001");
        assert_eq!(p_equals(0.5), "P = 0.500");
    }

    #[test]
    fn a_small_coefficient_keeps_three_digits() {
        assert_eq!(coefficient(-0.000_314_159, 3), "−0.000314");
        assert_eq!(coefficient(1.234_56, 3), "1.235");
        assert_eq!(coefficient(0.010_49, 3), "0.0105");
        assert_eq!(coefficient(0.0, 3), "0.000");
        assert_eq!(coefficient(1e-30, 3), "0.0000000000");
        assert_eq!(coefficient(-12.3, 3), "−12.300");
    }

    #[test]
    fn one_year_is_no_years() {
        assert_eq!([time(1.0, "years"), time(0.5, "years"), time(5.0, "years")], ["1 year", "0.5 years", "5 years"]);
        assert_eq!(time(1.0, "time units"), "1 time unit");
    }

    #[test]
    fn zero_has_no_sign_and_a_minus_is_a_minus() {
        assert_eq!(fixed(-0.0004, 3), "0.000");
        assert_eq!(fixed(-0.0, 2), "0.00");
        assert_eq!(fixed(-0.0006, 3), "−0.001");
        assert_eq!(fixed(-12_345.678, 1), "−12\u{202f}345.7");
        assert_eq!(fixed(f64::INFINITY, 2), "∞");
        assert_eq!(fixed(f64::NEG_INFINITY, 2), "−∞");
    }

    #[test]
    fn digits_are_grouped_from_five_on() {
        assert_eq!(count(0), "0");
        assert_eq!(count(2982), "2982");
        assert_eq!(count(29_820), "29\u{202f}820");
        assert_eq!(count(1_234_567), "1\u{202f}234\u{202f}567");
    }

    #[test]
    fn settings_have_four_digits() {
        let short = ["0.14285714285714285", "1", "none", "0.0001", "1e-8", "2000", "12.3456789"].map(significant);
        assert_eq!(short, ["0.1429", "1", "none", "0.0001", "1e-8", "2000", "12.35"]);
    }

    #[test]
    fn a_number_in_the_middle_is_rounded_away_from_zero() {
        assert_eq!([6.25, 0.125, -0.125, 2.5].map(|value| fixed(value, 1)), ["6.3", "0.1", "−0.1", "2.5"]);
        assert_eq!([fixed(0.125, 2), fixed(-0.375, 2), fixed(2.5, 0)], ["0.13", "−0.38", "3"]);
        assert_eq!(count_percent(1, 16), "1 (6.3)");
        // The double next to 0.615 is below it.
        assert_eq!(fixed(0.615, 2), "0.61");
        assert!(fixed(1e300, 0).len() > 300);
    }

    #[test]
    fn a_limit_beside_zero_does_not_read_as_zero() {
        let style = Style::decimals(3).joined(Join::To);
        let difference =
            |lower, upper| style.difference(&Estimate::new(0.005, 99).with_interval(lower, upper, 0.95, "Wald"));
        assert_eq!(difference(-0.0002, 0.0108), "0.0050 (−0.0002 to 0.0108)");
        assert_eq!(difference(0.00004, 0.0108), "0.00500 (0.00004 to 0.01080)");
        assert_eq!(difference(0.0, 0.0108), "0.005 (0.000 to 0.011)");
        assert_eq!(difference(1e-9, 0.0108), "0.00500 (0.00000 to 0.01080)");
    }

    #[test]
    fn percentages() {
        assert_eq!(count_percent(1, 3), "1 (33.3)");
        assert_eq!(count_percent(0, 0), "0");
        assert_eq!(count_percent(52, 52), "52 (100.0)");
        assert_eq!(level(0.95), "95%");
        assert_eq!(level(0.975), "97.5%");
        assert_eq!(level(0.9), "90%");
    }

    #[test]
    fn a_column_with_a_negative_limit_is_joined_with_to() {
        let estimate = Estimate::new(0.012, 9).with_interval(-0.004, 0.028, 0.95, "DeLong, paired");
        let style = Style::decimals(3).joined(Join::of(estimate.interval.iter()));
        assert_eq!(style.estimate(&estimate), "0.012 (−0.004 to 0.028)");
        assert_eq!(
            Style::percent().estimate(&Estimate::new(0.5, 4).with_interval(0.1, 0.9, 0.95, "Wilson")),
            "50.0 (10.0–90.0)"
        );
    }

    #[test]
    fn decimals_follow_the_spread() {
        let decimals = [1204.0, 208.0, 12.9, 1.7, 0.42, 0.031, 0.0, f64::INFINITY].map(decimals_for_spread);
        assert_eq!(decimals, [0, 0, 1, 1, 2, 3, 1, 1]);
    }
}
