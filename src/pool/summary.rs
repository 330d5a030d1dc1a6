//! Pooled results as plain text, for a terminal.

use super::facts::PooledResults;
use crate::report::number::{Join, Style, count, fixed, percent};
use std::fmt::Write;

pub fn text(results: &PooledResults) -> String {
    let mut text = String::new();
    let mut line = |words: String| _ = writeln!(text, "{}", words.replace('\u{202f}', " "));
    line(format!("{}: {} sites", results.title, results.sites.len()));
    for site in &results.sites {
        line(format!("  {}: {} analysed", site.label, count(site.analysed)));
    }
    let style = Style::decimals(3).joined(Join::To);
    for row in &results.rows {
        let name = row.path.join(" / ");
        line(match (&row.pooled, &row.why_not) {
            (Some(pooled), _) => {
                let prediction = match &pooled.prediction {
                    Some(interval) => format!(", new site {}", style.interval(interval)),
                    None => String::new(),
                };
                format!(
                    "{name}: {}{prediction}; τ {}, I² {}%",
                    style.estimate(&pooled.mean),
                    fixed(pooled.tau, 3),
                    percent(pooled.i_squared)
                )
            }
            (None, why) => format!("{name}: not pooled ({})", why.as_deref().unwrap_or("no reason")),
        });
    }
    text
}
