//! Several printed numbers typed as one text: "0.85 (0.73–0.97)", "61.2 ± 9.8", "1.06-1.36".
//!
//! They are not read as they stand: each printed number is a leaf of its own, with its own place and verdict. What is meant
//! is told as the list to write instead.

use super::tree::{Content, Node};
use crate::audit::arithmetic::Printed;

/// `["0.85", "0.73", "0.97"]` for "0.85 (0.73–0.97)"; `None` for any other text.
pub(super) fn as_list(text: &str) -> Option<String> {
    let numbers = numbers(text.trim())?;
    let quoted: Vec<String> = numbers.iter().map(|number| format!("\"{number}\"")).collect();
    Some(format!("[{}]", quoted.join(", ")))
}

/// What to write instead of a text that holds several numbers.
pub(super) fn how_to_write(node: &Node) -> Option<String> {
    match &node.content {
        Content::Scalar(scalar) => as_list(&scalar.text).map(|list| format!("write {list}")),
        _ => None,
    }
}

fn numbers(text: &str) -> Option<Vec<String>> {
    if let Some((centre, spread)) = text.split_once('±') {
        return [centre, spread].into_iter().map(number).collect();
    }
    let Some(opened) = text.find(['(', '[']) else { return pair(text) };
    let (estimate, rest) = text.split_at(opened);
    let inside = rest.get(1..)?.strip_suffix([')', ']'])?;
    // "(95% CI 0.73 to 0.97)", "(IQR: 5–30)"
    let after_name = ["CI", ":", "IQR"].into_iter().find_map(|name| Some(inside.split_once(name)?.1));
    let inside = after_name.unwrap_or(inside).trim_start_matches([':', ' ', ',', '=']);
    let limits = pair(inside).or_else(|| Some(vec![number(inside)?]))?;
    Some([vec![number(estimate)?], limits].concat())
}

/// Two numbers with a dash, a comma, a semicolon or "to" between them.
fn pair(text: &str) -> Option<Vec<String>> {
    let separators = [" to ", "–", "—", ";", ",", "-"];
    separators.into_iter().find_map(|separator| {
        // A sign is no separator.
        let from =
            if separator == "-" { text.trim_start().len().min(1) + (text.len() - text.trim_start().len()) } else { 0 };
        let at = text.get(from..)?.find(separator)? + from;
        let (lower, upper) = (text.get(..at)?, text.get(at + separator.len()..)?);
        Some(vec![number(lower)?, number(upper)?])
    })
}

fn number(text: &str) -> Option<String> {
    let text = text.trim();
    // A limit that was not reached.
    (Printed::parse(text).is_some() || ["NR", "NE", "NA", "∞"].contains(&text)).then(|| text.to_string())
}

#[cfg(test)]
mod tests {
    use super::as_list;

    #[test]
    fn what_papers_print_in_one_cell_is_told_as_a_list() {
        for (text, list) in [
            ("0.85 (0.73-0.97)", "[\"0.85\", \"0.73\", \"0.97\"]"),
            ("84.0% (71.0–92.0)", "[\"84.0%\", \"71.0\", \"92.0\"]"),
            ("0.10 [-0.20, 0.40]", "[\"0.10\", \"-0.20\", \"0.40\"]"),
            ("-0.10 (-0.20--0.05)", "[\"-0.10\", \"-0.20\", \"-0.05\"]"),
            ("2.60 (95% CI 1.53 to 4.43)", "[\"2.60\", \"1.53\", \"4.43\"]"),
            ("12 (IQR: 5–30)", "[\"12\", \"5\", \"30\"]"),
            ("61.2 ± 9.8", "[\"61.2\", \"9.8\"]"),
            ("60.7 (10.1)", "[\"60.7\", \"10.1\"]"),
            ("20.1 (15.0-NR)", "[\"20.1\", \"15.0\", \"NR\"]"),
            ("1.06-1.36", "[\"1.06\", \"1.36\"]"),
        ] {
            assert_eq!(as_list(text).as_deref(), Some(list), "{text}");
        }
        for text in ["0.85", "-0.85", "33/61 (54.1%)", "12 (a)", "", "(", "0.8.3", "2016-08", "<0.001"] {
            let expected = if text == "2016-08" { Some("[\"2016\", \"08\"]") } else { None };
            assert_eq!(as_list(text).as_deref(), expected, "{text}");
        }
    }
}
