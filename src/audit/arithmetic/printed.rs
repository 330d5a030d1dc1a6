//! A number as it is printed: its text, its decimal digits, its relation sign.
//!
//! Accepts what tables print: `0.90`, `.007`, `<.001`, `<001` (a lost point after "<"), `≤ 0.05`, `5 * 10-5`,
//! `1.74e-07`, `2.3×10⁻⁵`, `5,004` and `5 004` (thousands), `−0.3` (typographic minus), `46.0%`, `P = .03`, `0.012*` (a
//! footnote mark). A text that is none of these stays readable as text; no rule takes part in guessing what it meant.

use super::range::Rounding;
use serde::{Deserialize, Serialize};

/// The sign in front of a printed number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// No sign: the number itself, rounded.
    Equal,
    Less,
    Greater,
}

/// A number as printed. The value is `mantissa * 10^-scale`, and `scale` counts the printed decimals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Printed {
    pub text: String,
    pub relation: Relation,
    pub mantissa: i128,
    pub scale: u32,
    /// The text itself carries a percent sign.
    pub percent_sign: bool,
    /// How the paper says that it rounds; `None` when it does not say.
    pub rounding: Option<Rounding>,
    /// How many of the decimals mean something, as the file says; the rest is padded with zeros.
    pub meaningful: Option<u32>,
}

/// More digits than this are no table's: they could overflow the exact products, so they are not read.
const MOST_DIGITS: usize = 17;

impl Printed {
    /// Reads a printed number; `None` when the text is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = one_spelling(text)?;
        let relation = match rest.chars().next()? {
            '<' => Relation::Less,
            '>' => Relation::Greater,
            _ => Relation::Equal,
        };
        if rest.starts_with(['<', '>', '=']) {
            rest.remove(0);
            if rest.starts_with('=') {
                rest.remove(0);
            }
        }
        let percent_sign = rest.ends_with('%');
        if percent_sign {
            rest.pop();
        }
        let (digits, exponent) = split_exponent(&rest)?;
        let negative = digits.starts_with('-');
        let digits = digits.trim_start_matches(['-', '+']);
        let plain = without_thousands(digits)?;
        let (whole, fraction) = match plain.split_once('.') {
            Some((whole, fraction)) => (whole.to_string(), fraction.to_string()),
            // "<001" is "<.001" whose point was lost: no P-value bound is an integer with leading zeros.
            None if relation == Relation::Less && plain.len() > 1 && plain.starts_with('0') => {
                (String::new(), plain.clone())
            }
            None => (plain.clone(), String::new()),
        };
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let all: String = format!("{whole}{fraction}");
        if !all.bytes().all(|b| b.is_ascii_digit()) || all.trim_start_matches('0').len() > MOST_DIGITS {
            return None;
        }
        let mut mantissa: i128 = all.parse().ok()?;
        let mut scale = i64::try_from(fraction.len()).ok()? - exponent;
        while scale < 0 {
            mantissa = mantissa.checked_mul(10)?;
            scale += 1;
            if mantissa > 10_i128.pow(18) {
                return None;
            }
        }
        let scale = u32::try_from(scale).ok().filter(|&scale| scale <= 400)?;
        Some(Self {
            text: text.to_string(),
            relation,
            mantissa: if negative { -mantissa } else { mantissa },
            scale,
            percent_sign,
            rounding: None,
            meaningful: None,
        })
    }

    /// A whole number that stands for itself.
    pub fn integer(&self) -> Option<i128> {
        (self.relation == Relation::Equal && self.scale == 0 && !self.percent_sign).then_some(self.mantissa)
    }

    /// The nearest double of the printed number.
    pub fn value(&self) -> f64 {
        scaled(self.mantissa, self.scale)
    }

    /// The smallest and largest double that any way of rounding could have printed as this: one unit in the last
    /// printed place to either side, more where trailing zeros may be padding. Infinite on the open side of "<", ">".
    ///
    /// Where the paper says how it rounds, that way alone counts.
    pub fn widest(&self) -> (f64, f64) {
        let (mantissa, scale) = self.without_padding();
        let whole = (scaled(mantissa - 1, scale), scaled(mantissa + 1, scale));
        let (low, high) = match self.rounding {
            Some(Rounding::HalfUp | Rounding::HalfEven | Rounding::HalfDown) => {
                (scaled(10 * mantissa - 5, scale + 1), scaled(10 * mantissa + 5, scale + 1))
            }
            // Which way a negative number is cut off differs between programs.
            Some(Rounding::Truncate) if mantissa >= 0 => (scaled(mantissa, scale), whole.1),
            // A P-value too small for the program is zero before it is rounded up.
            Some(Rounding::Ceiling) if mantissa > 0 => (whole.0, scaled(mantissa, scale)),
            _ => whole,
        };
        match self.relation {
            Relation::Equal => (low, high),
            Relation::Less => (f64::NEG_INFINITY, high),
            Relation::Greater => (low, f64::INFINITY),
        }
    }

    /// As [`Self::widest`], for rounding to nearest only and with every printed digit meant.
    pub fn nearest(&self) -> (f64, f64) {
        let half = 0.5 * scaled(1, self.scale);
        let value = self.value();
        match self.relation {
            Relation::Equal => (value - half, value + half),
            Relation::Less => (f64::NEG_INFINITY, value),
            Relation::Greater => (value, f64::INFINITY),
        }
    }

    /// Trailing zeros of the fraction dropped: "0.90" may be 0.9 padded, "75.00" may be 75, "3.0" may be 3. Of numbers
    /// below 10 only the last zero is taken for padding ("1.00" gives "1.0"), and of three and more decimals too.
    ///
    /// Where the number of meaningful decimals is declared, that is kept; where the way of rounding is, every digit is.
    pub fn without_padding(&self) -> (i128, u32) {
        let (mut mantissa, mut scale) = (self.mantissa, self.scale);
        if let Some(meaningful) = self.meaningful {
            while scale > meaningful && mantissa % 10 == 0 {
                mantissa /= 10;
                scale -= 1;
            }
            return (mantissa, scale);
        }
        if self.rounding.is_some() {
            return (mantissa, scale);
        }
        let small = self.mantissa.abs() < 10_i128.saturating_pow(self.scale.saturating_add(1).min(30));
        let least = if scale >= 3 || small { scale.saturating_sub(1) } else { 0 };
        while scale > least && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        (mantissa, scale)
    }

    /// How many significant digits are printed.
    pub fn significant_digits(&self) -> usize {
        self.mantissa.unsigned_abs().to_string().len()
    }
}

/// One spelling for the signs that typesetting has several of, without "P =" in front and footnote marks behind. `None`
/// when a blank parts digits that are not groups of thousands.
fn one_spelling(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches(['*', '\u{2020}', '\u{2021}', '\u{00A7}', '\u{00B6}']).trim_end();
    let text = match text.strip_prefix(['p', 'P']) {
        Some(rest) if rest.trim_start().starts_with(['=', '<', '>', '\u{2264}', '\u{2265}']) => rest,
        _ => text,
    };
    let mut rest = String::new();
    let mut exponent = false;
    for c in text.chars() {
        let power = "\u{2070}\u{00B9}\u{00B2}\u{00B3}\u{2074}\u{2075}\u{2076}\u{2077}\u{2078}\u{2079}"
            .chars()
            .position(|raised| raised == c);
        if (power.is_some() || c == '\u{207B}') && !exponent {
            exponent = true;
            rest.push('^');
        }
        rest.push(match (c, power) {
            (_, Some(digit)) => char::from(b'0' + u8::try_from(digit).ok()?),
            ('\u{2212}' | '\u{2012}' | '\u{2013}' | '\u{FE63}' | '\u{FF0D}' | '\u{207B}', _) => '-',
            ('\u{00B7}' | '\u{2219}', _) => '.',
            ('\u{00D7}', _) => '*',
            ('\u{2264}', _) => '<',
            ('\u{2265}', _) => '>',
            (other, _) if other.is_whitespace() => ' ',
            (other, _) => other,
        });
    }
    let rest = rest.trim().to_string();
    // "5 004" is a number, "0.8 5" is not.
    let parted = rest.split(' ').collect::<Vec<_>>().windows(2).any(|pair| {
        pair[0].ends_with(|c: char| c.is_ascii_digit()) && pair[1].starts_with(|c: char| c.is_ascii_digit())
    });
    if parted {
        let digits = rest.trim_start_matches(['<', '>', '=', '-', '+', ' ']);
        let mut groups = digits.split(' ');
        let first = groups.next()?;
        let grouped = (1..=3).contains(&first.len())
            && !first.starts_with('0')
            && first.bytes().all(|b| b.is_ascii_digit())
            && groups.all(|group| {
                let whole = group.trim_end_matches('%').split('.').next().unwrap_or_default();
                whole.len() == 3 && whole.bytes().all(|b| b.is_ascii_digit())
            });
        if !grouped {
            return None;
        }
    }
    Some(rest.replace(' ', ""))
}

/// `mantissa * 10^-scale`, correctly rounded.
fn scaled(mantissa: i128, scale: u32) -> f64 {
    format!("{mantissa}e-{scale}").parse().unwrap_or(f64::NAN)
}

/// `1.7e-7`, `5*10-5`, `5*10^-5` taken apart into digits and exponent.
fn split_exponent(text: &str) -> Option<(String, i64)> {
    let lower = text.to_ascii_lowercase();
    if let Some((digits, power)) = lower.split_once("*10") {
        let exponent = power.trim_start_matches('^').parse().ok()?;
        return Some((digits.to_string(), exponent));
    }
    if let Some((digits, power)) = lower.split_once('e') {
        return Some((digits.to_string(), power.parse().ok()?));
    }
    Some((lower, 0))
}

/// `5,004` is 5004: groups of three after a first group that is not zero. Any other comma is not understood.
fn without_thousands(digits: &str) -> Option<String> {
    if !digits.contains(',') {
        return Some(digits.to_string());
    }
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let well_formed = !first.is_empty() && first.len() <= 3 && !first.starts_with('0') && groups.all(|g| g.len() == 3);
    if !well_formed || fraction.contains(',') {
        return None;
    }
    let joined = whole.replace(',', "");
    Some(if fraction.is_empty() { joined } else { format!("{joined}.{fraction}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (i128, u32, Relation) {
        let printed = Printed::parse(text).expect(text);
        (printed.mantissa, printed.scale, printed.relation)
    }

    #[test]
    fn precision_is_kept() {
        assert_eq!(read("0.90"), (90, 2, Relation::Equal));
        assert_eq!(read("0.9"), (9, 1, Relation::Equal));
        assert_eq!(read("100"), (100, 0, Relation::Equal));
    }

    #[test]
    fn the_ways_tables_print() {
        assert_eq!(read("<.001"), (1, 3, Relation::Less));
        assert_eq!(read("< 001"), (1, 3, Relation::Less));
        assert_eq!(read("≤0.05"), (5, 2, Relation::Less));
        assert_eq!(read("5 * 10-5"), (5, 5, Relation::Equal));
        assert_eq!(read("5 × 10−5"), (5, 5, Relation::Equal));
        assert_eq!(read("1.74e-07"), (174, 9, Relation::Equal));
        assert_eq!(read("<2e-16"), (2, 16, Relation::Less));
        assert_eq!(read("5,004"), (5004, 0, Relation::Equal));
        assert_eq!(read("−0.81117"), (-81117, 5, Relation::Equal));
        assert_eq!(read("0·85"), (85, 2, Relation::Equal));
        assert_eq!(read("2.3×10⁻⁵"), (23, 6, Relation::Equal));
        assert_eq!(read("P = .03"), (3, 2, Relation::Equal));
        assert_eq!(read("p<.001"), (1, 3, Relation::Less));
        assert_eq!(read("0.012*"), (12, 3, Relation::Equal));
        assert_eq!(read("12 004"), (12004, 0, Relation::Equal));
        assert!(Printed::parse("46.0%").is_some_and(|p| p.percent_sign && p.mantissa == 460));
    }

    #[test]
    fn what_is_not_a_number_is_not_guessed() {
        for text in [
            "",
            "NS",
            "N/A",
            "0.8.5",
            "0,92",
            "12,34",
            "1-2",
            "--",
            "<",
            "1e",
            "abc",
            "0.8 5",
            "12 34",
            "p",
            "99999999999999999999",
        ] {
            assert_eq!(Printed::parse(text), None, "{text}");
        }
    }

    /// "0.85" rounded half up is [0.845, 0.855]; cut off it is [0.85, 0.86]; with one meaningful decimal "0.90" is 0.9.
    #[test]
    fn what_the_paper_says_about_rounding_counts() {
        let with = |text: &str, rounding, meaningful| {
            let mut printed = Printed::parse(text).expect(text);
            (printed.rounding, printed.meaningful) = (rounding, meaningful);
            printed.widest()
        };
        assert_eq!(with("0.85", Some(Rounding::HalfUp), None), (0.845, 0.855));
        assert_eq!(with("0.85", Some(Rounding::Truncate), None), (0.85, 0.86));
        assert_eq!(with("0.90", Some(Rounding::HalfEven), None), (0.895, 0.905));
        assert_eq!(with("0.90", Some(Rounding::HalfEven), Some(1)), (0.85, 0.95));
        assert_eq!(with("0.900", None, Some(3)), (0.899, 0.901));
    }

    #[test]
    fn padding_is_dropped_only_where_it_says_something() {
        assert_eq!(Printed::parse("0.90").map(|p| p.without_padding()), Some((9, 1)));
        assert_eq!(Printed::parse("1.00").map(|p| p.without_padding()), Some((10, 1)));
        assert_eq!(Printed::parse("75.00").map(|p| p.without_padding()), Some((75, 0)));
        assert_eq!(Printed::parse("3.0").map(|p| p.without_padding()), Some((3, 0)));
        assert_eq!(Printed::parse("0.85").map(|p| p.without_padding()), Some((85, 2)));
    }
}
