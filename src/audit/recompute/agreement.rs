//! A printed number against a recomputed value.
//!
//! A number printed with d decimals stands for every value that rounds to it. Rounding to nearest moves a value by at most
//! half a unit in the last place: then the two *agree* (both neighbours of an exact half do). Cutting off, rounding up, or
//! rounding a number that was rounded before moves it by less than one unit: then they agree *up to rounding*. "< 0.001"
//! agrees with every value below it, and up to rounding with those that are printed as 0.001.

use crate::audit::arithmetic::{Printed, Relation};
use crate::results::Agreement;

/// Room for the error of the recomputation itself, in units of the last printed place.
const SLACK: f64 = 1e-6;

/// `value` in the unit of the printed number.
pub fn judge(printed: &Printed, value: f64) -> Agreement {
    if !value.is_finite() {
        return Agreement::Disagrees;
    }
    let unit = 10_f64.powi(-i32::try_from(printed.scale).unwrap_or(i32::MAX));
    // In units of the last place; the relative part is for large numbers, whose doubles are coarse.
    let above = (value - printed.value()) / unit;
    let slack = SLACK + 1e-12 * (value / unit).abs();
    match printed.relation {
        Relation::Equal if above.abs() <= 0.5 + slack => Agreement::Agrees,
        Relation::Equal if above.abs() < 1.0 - slack => Agreement::AgreesUpToRounding,
        Relation::Less if above < slack => Agreement::Agrees,
        Relation::Less if above <= 0.5 + slack => Agreement::AgreesUpToRounding,
        Relation::Greater if above > -slack => Agreement::Agrees,
        Relation::Greater if above >= -0.5 - slack => Agreement::AgreesUpToRounding,
        _ => Agreement::Disagrees,
    }
}

/// A count against a count: whole numbers are equal or not.
pub fn judge_count(printed: &Printed, count: usize) -> Agreement {
    let equal = i128::try_from(count).is_ok_and(|count| printed.integer() == Some(count));
    match printed.relation {
        Relation::Equal if equal => Agreement::Agrees,
        Relation::Equal => Agreement::Disagrees,
        // "< 5": a small cell that is not told.
        Relation::Less | Relation::Greater => judge(printed, count as f64),
    }
}

/// The value with the decimals of the printed number, and with a power of ten where it is printed with one. A P-value below
/// the printed bound reads as the bound, and what agrees as what is printed: 32.5 beside 33 is 33.
pub fn print_like(printed: &Printed, text: &str, value: f64) -> String {
    if !value.is_finite() {
        return if value.is_nan() { "not a number".to_string() } else { "infinite".to_string() };
    }
    let bound = printed.value();
    let shown = |value: f64| match mantissa_decimals(text) {
        Some(places) => scientific(value, places),
        None => decimals(value, printed.scale),
    };
    match printed.relation {
        Relation::Less if value < bound => return format!("< {}", shown(bound)),
        Relation::Greater if value > bound => return format!("> {}", shown(bound)),
        Relation::Equal if judge(printed, value) == Agreement::Agrees => return shown(bound),
        _ => {}
    }
    shown(value)
}

/// The decimals of "1.74" in "1.74e-07"; `None` where no power of ten is printed.
fn mantissa_decimals(text: &str) -> Option<usize> {
    let (mantissa, exponent) = text.trim().split_once(['e', 'E'])?;
    exponent.trim_start_matches(['-', '+']).parse::<u32>().ok()?;
    Some(mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len()))
}

/// "1.74e-07", with two digits of the exponent at least, as R and Python print it.
fn scientific(value: f64, places: usize) -> String {
    let text = format!("{value:.places$e}");
    match text.split_once('e').and_then(|(mantissa, exponent)| Some((mantissa, exponent.parse::<i32>().ok()?))) {
        Some((mantissa, exponent)) => {
            format!("{mantissa}e{}{:02}", if exponent < 0 { "-" } else { "+" }, exponent.unsigned_abs())
        }
        None => text,
    }
}

fn decimals(value: f64, scale: u32) -> String {
    let places = usize::try_from(scale.min(17)).unwrap_or(17);
    let text = format!("{value:.places$}");
    // What rounds to zero has no sign.
    match text.strip_prefix('-') {
        Some(rest) if rest.bytes().all(|letter| matches!(letter, b'0' | b'.')) => rest.to_string(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Agreement::*;

    fn against(text: &str, value: f64) -> Agreement {
        judge(&Printed::parse(text).expect(text), value)
    }

    #[test]
    fn nearest_then_any_rounding_then_not() {
        for (text, value, expected) in [
            ("0.85", 0.853, Agrees),
            ("0.85", 0.855, Agrees),
            ("0.86", 0.855, Agrees),
            // Cut off.
            ("0.85", 0.859, AgreesUpToRounding),
            // Rounded up.
            ("0.86", 0.8501, AgreesUpToRounding),
            ("0.85", 0.8602, Disagrees),
            ("0.90", 0.86, Disagrees),
            ("12", 12.4, Agrees),
            ("-0.3", -0.31, Agrees),
            ("0.3", -0.3, Disagrees),
            ("< 0.001", 0.0004, Agrees),
            ("< 0.001", 0.0013, AgreesUpToRounding),
            ("< 0.001", 0.002, Disagrees),
            ("> 0.999", 0.9996, Agrees),
            ("1.74e-07", 1.741e-7, Agrees),
            ("1.74e-07", 1.8e-7, Disagrees),
            ("0.5", f64::NAN, Disagrees),
        ] {
            assert_eq!(against(text, value), expected, "{text} {value}");
        }
    }

    #[test]
    fn counts_are_equal_or_not() {
        let count = |text: &str, count| judge_count(&Printed::parse(text).expect(text), count);
        assert_eq!(count("2\u{202f}982", 2982), Agrees);
        assert_eq!(count("52", 53), Disagrees);
        assert_eq!(count("<5", 3), Agrees);
        assert_eq!(count("<5", 7), Disagrees);
    }

    #[test]
    fn printed_as_the_paper_prints() {
        let like = |text: &str, value| print_like(&Printed::parse(text).expect(text), text, value);
        assert_eq!(like("0.853", 0.85249), "0.852");
        assert_eq!(like("<0.001", 0.00003), "< 0.001");
        assert_eq!(like("<0.001", 0.04), "0.040");
        assert_eq!(like("-0.02", -0.004), "0.00");
        assert_eq!(like("1.74e-07", 1.8e-7), "1.80e-07");
        assert_eq!(like("<2e-16", 1e-20), "< 2e-16");
        assert_eq!(like("33", 32.5), "33");
    }
}
