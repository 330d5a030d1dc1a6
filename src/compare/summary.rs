//! A comparison as plain text, for a terminal.

use super::facts::ComparisonResults;
use crate::report::number::{Join, Style, count, fixed, level, p_value};
use std::fmt::Write;

pub fn text(results: &ComparisonResults) -> String {
    let mut text = String::new();
    let mut line = |words: String| _ = writeln!(text, "{}", words.replace('\u{202f}', " "));
    line(results.title.clone());
    line(format!(
        "n = {} ({}), outcome {} in {}; differences are variant less base",
        count(results.n),
        results.partition_in_words(),
        results.outcome,
        count(results.events)
    ));
    let style = Style::decimals(3).joined(Join::To);
    for variant in &results.variants {
        line(String::new());
        line(format!("{} against {}", variant.source.label, results.base.label));
        let head = format!("difference ({} CI)", level(results.level));
        line(format!("  {:<32} {:>8} {:>8}  {head:<28} {:>8} {:>10}", "", "base", "variant", "P", "adjusted P"));
        for row in &variant.measures {
            line(
                format!(
                    "  {:<32} {:>8} {:>8}  {:<28} {:>8} {:>10}",
                    row.label,
                    fixed(row.base, 3),
                    fixed(row.variant, 3),
                    style.difference(&row.difference),
                    row.test.as_ref().map(|test| p_value(test.p_value)).unwrap_or_default(),
                    row.adjusted_p_value.map(p_value).unwrap_or_default()
                )
                .trim_end()
                .to_string(),
            );
        }
        if let Some(smallest) = variant.measures.iter().find_map(|row| row.detectable.map(|value| (row.measure, value)))
        {
            let (measure, value) = smallest;
            line(format!(
                "  These subjects would have shown a difference in {} of {} with a probability of {}.",
                measure.label(),
                fixed(value, 3),
                level(results.power)
            ));
        }
    }
    line(String::new());
    match &results.rule {
        Some(rule) => {
            line(format!("Declared rule: {rule}"));
            for verdict in results.variants.iter().filter_map(|variant| variant.verdict.as_ref()) {
                line(verdict.sentence.clone());
            }
        }
        None => line("No rule was declared beforehand, so there is no verdict.".to_string()),
    }
    text
}
