//! Typing errors: what a figure could have been before one of them, where another number then agrees.
//!
//! Tried are two neighbouring digits exchanged, one digit changed, dropped or doubled, and the point moved by a place. A
//! hypothesis is named only where few of these agree: many would explain nothing.

use crate::audit::arithmetic::Printed;
use crate::audit::finding::Hypothesis;
use crate::audit::reported::Figure;

/// More candidates than this say nothing.
const MOST: usize = 3;

/// Texts that are one typing error away, the likelier errors first.
fn candidates(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let digits: Vec<usize> = (0..characters.len()).filter(|&place| characters[place].is_ascii_digit()).collect();
    let mut found: Vec<String> = Vec::new();
    let mut keep = |characters: Vec<char>| {
        let typed: String = characters.into_iter().collect();
        // A moved point leaves "00.8" or ".08" behind.
        let typed = match typed.strip_prefix('0') {
            Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) && rest.contains('.') => rest.to_string(),
            _ if typed.starts_with('.') && !text.starts_with('.') => format!("0{typed}"),
            _ => typed,
        };
        if typed != text && !found.contains(&typed) {
            found.push(typed);
        }
    };
    for pair in digits.windows(2) {
        let mut other = characters.clone();
        other.swap(pair[0], pair[1]);
        keep(other);
    }
    if let Some(point) = characters.iter().position(|&c| c == '.') {
        for to in [point.wrapping_sub(1), point + 1] {
            if characters.get(to).is_some_and(char::is_ascii_digit) {
                let mut other = characters.clone();
                other.swap(point, to);
                keep(other);
            }
        }
    }
    // A digit that was dropped while typing has to come back; one that was doubled has to go.
    for pair in digits.windows(2).filter(|pair| characters[pair[0]] == characters[pair[1]]) {
        let mut other = characters.clone();
        other.remove(pair[1]);
        keep(other);
    }
    for &place in &digits {
        for digit in '0'..='9' {
            let mut other = characters.clone();
            other[place] = digit;
            keep(other);
        }
    }
    found
}

/// Readings of a figure, one typing error away, that `agrees` accepts; empty when too many do.
pub(super) fn retyped(figure: &Figure, agrees: impl Fn(&Printed) -> bool) -> Vec<Hypothesis> {
    let own = figure.number.as_ref();
    let read = |text: &String| {
        let mut printed = Printed::parse(text)?;
        (printed.rounding, printed.meaningful) = own.map_or((None, None), |own| (own.rounding, own.meaningful));
        agrees(&printed).then_some(())
    };
    let found: Vec<String> = candidates(&figure.text).into_iter().filter(|text| read(text).is_some()).collect();
    // Exchanged digits are the usual error: where they explain, nothing else is named.
    let exchanged: Vec<&String> = found.iter().filter(|text| same_digits(text, &figure.text)).collect();
    let named: Vec<&String> = if exchanged.is_empty() { found.iter().collect() } else { exchanged };
    if named.len() > MOST {
        return Vec::new();
    }
    named
        .into_iter()
        .map(|text| Hypothesis {
            says: format!("{} read as {text}", figure.text),
            leaf: Some(figure.leaf),
            to: Some(text.clone()),
            distance: 1,
        })
        .collect()
}

fn same_digits(first: &str, second: &str) -> bool {
    let sorted = |text: &str| {
        let mut characters: Vec<char> = text.chars().collect();
        characters.sort_unstable();
        characters
    };
    sorted(first) == sorted(second)
}

/// Readings of one number of a sum, one typing error away, with which it adds up.
pub(super) fn sum_retyped(total: &Figure, parts: &[&Figure]) -> Vec<Hypothesis> {
    let counts: Option<Vec<i128>> = parts.iter().map(|figure| figure.integer()).collect();
    let (Some(counts), Some(whole)) = (counts, total.integer()) else { return Vec::new() };
    let sum: i128 = counts.iter().sum();
    let is = |wanted: i128| move |printed: &Printed| printed.integer() == Some(wanted);
    let mut found = retyped(total, is(sum));
    for (figure, count) in parts.iter().zip(&counts) {
        found.extend(retyped(figure, is(count + whole - sum)));
    }
    found.truncate(MOST);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(text: &str) -> Figure {
        Figure { leaf: 0, text: text.to_string(), number: Printed::parse(text) }
    }

    #[test]
    fn one_error_away() {
        let says = |text: &str, value: f64| -> Vec<String> {
            retyped(&figure(text), |printed| (printed.value() - value).abs() < 1e-9)
                .into_iter()
                .filter_map(|h| h.to)
                .collect()
        };
        assert_eq!(says("1.986", 1.896), ["1.896"]);
        assert_eq!(says("0.08", 0.8), ["0.80"]);
        assert_eq!(says("0.71", 7.1), ["7.1"]);
        assert_eq!(says("12.25", 12.45), ["12.45"]);
        assert_eq!(says("41", 14.0), ["14"]);
        assert!(says("0.55", 0.99).is_empty());
    }

    #[test]
    fn a_part_or_the_total_of_a_sum() {
        let (total, a, b) = (figure("120"), figure("80"), figure("41"));
        let says: Vec<String> = sum_retyped(&total, &[&a, &b]).into_iter().map(|h| h.says).collect();
        assert_eq!(says, ["120 read as 121", "41 read as 40"]);
    }
}
