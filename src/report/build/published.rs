//! What a paper prints beside what was computed: a table per section of it in which anything could be recomputed.

use super::names::{distinct, list};
use super::table::{TableBuilder, marked, number, strong, text};
use crate::report::document::{Align, Block, Cell, Table};
use crate::report::number::{ABSENT, count, fixed};
use crate::results::{Agreement, FigurePart, Published, PublishedFigure, PublishedRow, PublishedTable};

pub fn blocks(published: &Published) -> Vec<Block> {
    let mut blocks = vec![Block::Paragraph { text: introduction(published) }];
    for table in &published.tables {
        if table.rows.iter().any(|row| row.agreement() != Agreement::NotRecomputable) {
            blocks.push(Block::Table(compared(table)));
        }
    }
    blocks.extend(not_recomputable(published));
    blocks
}

fn introduction(published: &Published) -> String {
    let paper = published.title.as_ref().map_or(String::new(), |title| format!(" (“{title}”)"));
    let what = format!(
        "The file “{}”{paper} holds the numbers that a publication prints. Each is set beside the number of this study that \
         answers to it: {}.",
        published.file,
        published.in_words()
    );
    let reading = "A number agrees when the recomputed one, rounded to nearest, is what is printed; up to rounding when \
                   cutting off or rounding up prints it. A difference is recomputed less published.";
    if published.simulated {
        format!(
            "{what} The data of this study are simulated: where numbers differ, two data sets differ, and nothing follows for \
             the publication. What can be compared is the protocol. {reading}"
        )
    } else {
        format!("{what} {reading}")
    }
}

fn compared(table: &PublishedTable) -> Table {
    let anchor = format!("published-{}", super::anchor(&table.section));
    let mut builder = TableBuilder::new(&anchor, "", &format!("Published and recomputed: {}", table.label));
    builder.column("Figure", Align::Left);
    builder.column("Published", Align::Left);
    builder.column("Recomputed", Align::Left);
    builder.column("Difference", Align::Decimal);
    builder.column("Verdict", Align::Left);
    let shown: Vec<&PublishedRow> =
        table.rows.iter().filter(|row| row.agreement() != Agreement::NotRecomputable).collect();
    for cohort in distinct(shown.iter().map(|row| row.cohort.as_str())) {
        if !cohort.is_empty() {
            builder.section(cohort);
        }
        for row in shown.iter().filter(|row| row.cohort == cohort) {
            builder.row(0, cells(row));
        }
    }
    let left_out = table.rows.len() - shown.len();
    if left_out > 0 {
        let rows = if left_out == 1 { "1 row".to_string() } else { format!("{} rows", count(left_out)) };
        builder.note(format!("{rows} of this table could not be recomputed."));
    }
    builder.finish()
}

fn cells(row: &PublishedRow) -> Vec<Cell> {
    let head = [row.subject.as_str(), row.quantity.as_str()];
    let head: Vec<&str> = head.into_iter().filter(|part| !part.is_empty()).collect();
    let verdict = text(row.agreement().word());
    let verdict = if row.agreement() == Agreement::Disagrees { strong(verdict) } else { verdict };
    let first = row.figures.iter().find(|figure| figure.recomputed.is_some());
    let difference = match first.and_then(|figure| Some((figure, figure.difference?))) {
        // One place more than is printed, so that a difference within rounding can be seen.
        Some((figure, difference)) => number(fixed(difference, decimals(&figure.printed) + 1), difference),
        None => text(ABSENT),
    };
    let says = row.says.trim_end_matches('.');
    vec![
        text(head.join(", ")),
        text(joined(row, |figure| figure.printed.clone())),
        text(joined(row, |figure| figure.at_printed_precision.clone().unwrap_or_else(|| ABSENT.to_string()))),
        difference,
        if says.is_empty() { verdict } else { marked(verdict, format!("{}.", super::names::capitalised(says))) },
    ]
}

/// "0.85 (0.80–0.90)" of an estimate with its limits; a list of anything else.
fn joined(row: &PublishedRow, show: impl Fn(&PublishedFigure) -> String) -> String {
    let is_limit = |figure: &&PublishedFigure| matches!(figure.part, FigurePart::Lower | FigurePart::Upper);
    let limits: Vec<String> = row.figures.iter().filter(is_limit).map(&show).collect();
    let others: Vec<String> = row.figures.iter().filter(|figure| !is_limit(figure)).map(&show).collect();
    match (others.join("; "), limits.as_slice()) {
        (others, [lower, upper]) => format!("{others} ({lower} to {upper})").trim_start().to_string(),
        (others, _) => others,
    }
}

/// Printed decimals; of no more than six is a difference of use.
fn decimals(printed: &str) -> usize {
    let fraction = printed.split_once('.').map_or("", |(_, fraction)| fraction);
    fraction.chars().take_while(char::is_ascii_digit).count().min(5)
}

/// Why figures are missing from the tables, with how many each reason keeps out.
fn not_recomputable(published: &Published) -> Option<Block> {
    let mut reasons: Vec<(String, usize)> = Vec::new();
    let rows = published.tables.iter().flat_map(|table| &table.rows);
    for row in rows.filter(|row| row.agreement() == Agreement::NotRecomputable) {
        let why = if row.says.is_empty() { "nothing to recompute is printed" } else { row.says.as_str() };
        match reasons.iter_mut().find(|(known, _)| known == why) {
            Some((_, figures)) => *figures += row.figures.len(),
            None => reasons.push((why.to_string(), row.figures.len())),
        }
    }
    if reasons.is_empty() {
        return None;
    }
    reasons.sort_by(|a, b| b.1.cmp(&a.1));
    let words: Vec<String> =
        reasons.iter().take(8).map(|(why, figures)| format!("{why} ({})", count(*figures))).collect();
    let more = reasons.len().saturating_sub(8);
    let more = if more > 0 { format!("; and {more} other reasons, which results.json lists") } else { String::new() };
    Some(Block::Paragraph {
        text: format!("Not recomputable, with the number of printed figures: {}{more}.", list(&words)),
    })
}
