//! What a paper prints beside what was computed: a table per section of it in which anything could be recomputed.

use super::names::{distinct, list};
use super::table::{TableBuilder, marked, number, strong, text};
use crate::report::document::{Align, Block, Cell, Table};
use crate::report::number::{ABSENT, Join, count, fixed};
use crate::results::{Agreement, FigurePart, Published, PublishedFigure, PublishedRow, PublishedTable};

pub fn blocks(published: &Published) -> Vec<Block> {
    let mut blocks = vec![Block::Paragraph { text: introduction(published) }];
    for table in &published.tables {
        if table.rows.iter().any(|row| row.agreement() != Agreement::NotRecomputable) {
            blocks.push(Block::Table(compared(table, published.simulated)));
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
                   cutting off or rounding up prints it. A difference is recomputed less published, of the estimate where no other \
                   number is named.";
    if published.simulated {
        format!(
            "The data of this study are simulated. What follows compares protocols, not truths: where numbers differ, two data \
             sets differ, and nothing follows for the publication. {what} {reading}"
        )
    } else {
        format!("{what} {reading}")
    }
}

/// The heading of the section.
pub fn heading(published: &Published) -> &'static str {
    if published.simulated { "Published, and the protocol on simulated data" } else { "Published and recomputed" }
}

/// The paper's name of the table: its label, or else the key that it stands under, as words.
fn title(table: &PublishedTable) -> String {
    if table.label == table.section {
        super::names::capitalised(&table.section.replace('_', " "))
    } else {
        table.label.clone()
    }
}

fn compared(table: &PublishedTable, simulated: bool) -> Table {
    let anchor = format!("published-{}", super::anchor(&table.section));
    let (caption, column) = if simulated {
        ("Protocol on simulated data", "Simulated")
    } else {
        ("Published and recomputed", "Recomputed")
    };
    let mut builder = TableBuilder::new(&anchor, "", &format!("{caption}: {}", title(table)));
    builder.column("Number", Align::Left);
    builder.column("Published", Align::Left);
    let recomputed = builder.column(column, Align::Left);
    builder
        .footnote(recomputed, "With a decimal more than is printed, so that a difference within rounding can be seen.");
    builder.column("Difference", Align::Decimal);
    builder.column("Verdict", Align::Left);
    let shown: Vec<&PublishedRow> =
        table.rows.iter().filter(|row| row.agreement() != Agreement::NotRecomputable).collect();
    let join = join_of(&shown);
    for cohort in distinct(shown.iter().map(|row| row.cohort.as_str())) {
        let of_cohort = || shown.iter().filter(|row| row.cohort == cohort);
        let label = of_cohort().find_map(|row| row.cohort_label.clone());
        if !cohort.is_empty() {
            builder.section(label.unwrap_or_else(|| cohort.to_string()));
        }
        for row in of_cohort() {
            builder.row(0, cells(row, simulated, join));
        }
    }
    if simulated {
        builder.note("The data are simulated: a comparison of protocol, not of truth.");
    }
    let left_out = table.rows.len() - shown.len();
    if left_out > 0 {
        let rows = if left_out == 1 { "1 row".to_string() } else { format!("{} rows", count(left_out)) };
        builder.note(format!("{rows} of this table could not be recomputed."));
    }
    builder.finish()
}

/// One word for all intervals of a table: "to" where a limit is negative.
fn join_of(rows: &[&PublishedRow]) -> Join {
    let limits = rows.iter().flat_map(|row| &row.figures);
    let mut limits = limits.filter(|figure| matches!(figure.part, FigurePart::Lower | FigurePart::Upper));
    let negative = |figure: &PublishedFigure| {
        figure.printed.starts_with('-') || figure.recomputed.is_some_and(|value| value < 0.0)
    };
    if limits.any(negative) { Join::To } else { Join::Dash }
}

/// The file's short names of measures, in words; any other quantity is told in words already.
fn quantity_in_words(quantity: &str) -> String {
    let (name, years) = match quantity.strip_suffix('y').and_then(|text| text.rsplit_once('_')) {
        Some((name, years)) if years.parse::<u32>().is_ok() => (name, Some(years)),
        _ => (quantity, None),
    };
    let words = match name {
        "auc" => "AUC",
        "acc" => "accuracy",
        "sens" => "sensitivity",
        "spec" => "specificity",
        "ppv" => "positive predictive value",
        "npv" => "negative predictive value",
        "f1" => "F1 score",
        "harrell_c" => "Harrell’s C",
        "uno_c" => "Uno’s C",
        "brier" => "Brier score",
        "ipa" => "index of prediction accuracy",
        "oe" => "observed over expected",
        "in_the_large" => "observed over expected, whole follow-up",
        "slope" | "calibration_slope" => "calibration slope",
        "slope_overall" => "calibration slope, whole follow-up",
        "calibration_intercept" => "calibration intercept",
        "ici" => "ICI",
        "e50" => "E50",
        "e90" => "E90",
        "emax" => "Emax",
        _ => return quantity.to_string(),
    };
    match years {
        Some(years) => format!("{words} at {years} years"),
        None => words.to_string(),
    }
}

fn cells(row: &PublishedRow, simulated: bool, join: Join) -> Vec<Cell> {
    // The cohort stands above the row.
    let subject = if row.subject == row.cohort { "" } else { row.subject_label.as_deref().unwrap_or(&row.subject) };
    let quantity = quantity_in_words(&row.quantity);
    let head: Vec<&str> =
        [subject, &quantity].into_iter().filter(|part| !part.is_empty() && *part != row.cohort).collect();
    // The number that the verdict of the row is about: its difference is shown.
    let worst = row.figures.iter().find(|figure| figure.agreement == row.agreement());
    let part = differing(row);
    // "agrees up to rounding" is long enough: which number it is stands below the table.
    let below = row.agreement() == Agreement::AgreesUpToRounding;
    let word = row.agreement().word_on(simulated);
    // A verdict on one number of a row is none on those that nothing is known of.
    let open = row.figures.iter().filter(|figure| figure.agreement == Agreement::NotRecomputable).count();
    let open = match open {
        0 => String::new(),
        _ if row.agreement() == Agreement::NotRecomputable => String::new(),
        open => format!("; {open} of {} not compared", row.figures.len()),
    };
    let verdict = text(match &part {
        Some(part) if !below => format!("{word} ({part}){open}"),
        _ => format!("{word}{open}"),
    });
    // Where data are simulated a difference accuses nobody, and nothing is to be looked into.
    let striking = row.agreement() == Agreement::Disagrees && !simulated;
    let verdict = if striking { strong(verdict) } else { verdict };
    let difference = match worst.and_then(|figure| Some((figure, figure.difference?))) {
        Some((figure, difference)) => {
            let shown = shown_difference(figure, difference);
            // An estimate's own difference needs no word; any other part is named.
            let named = row.figures.len() > 1 && !matches!(figure.part, FigurePart::Value | FigurePart::Count);
            let points = figure.part == FigurePart::Percent
                || (row.quantity.starts_with("survival at") && figure.recomputed.is_some_and(|value| value > 1.0));
            let told = match (points, named) {
                (true, _) => format!("{shown} percentage points"),
                (false, true) => format!("{shown}, {}", part_in_words(figure.part)),
                (false, false) => shown,
            };
            number(told, difference)
        }
        None => text(ABSENT),
    };
    let mut says = for_readers(row.says.trim_end_matches('.'));
    if simulated {
        // Limits of other data say nothing of the paper's method.
        for words in ["no known method comes near the printed limits", "no other known method gives the printed limits"]
        {
            says = says.replace(words, "the limits are those of other data");
        }
    }
    if let Some(part) = part.filter(|_| below) {
        says = if says.is_empty() { part } else { format!("{part}; {says}") };
    }
    vec![
        text(head.join(", ")),
        text(joined(row, join, |figure| with_minus(&figure.printed))),
        text(joined(row, join, recomputed)),
        difference,
        if says.is_empty() { verdict } else { marked(verdict, format!("{}.", super::names::capitalised(&says))) },
    ]
}

/// Which numbers of a row the verdict is about, where others are better: "upper limit".
fn differing(row: &PublishedRow) -> Option<String> {
    let verdict = row.agreement();
    let concerned: Vec<&PublishedFigure> = row.figures.iter().filter(|figure| figure.agreement == verdict).collect();
    let all = row.figures.len();
    if concerned.len() == all || matches!(verdict, Agreement::Agrees | Agreement::NotRecomputable) {
        return None;
    }
    let mut parts: Vec<&str> = concerned.iter().map(|figure| part_in_words(figure.part)).collect();
    parts.dedup();
    Some(if parts == ["lower limit", "upper limit"] { "limits".to_string() } else { list(&parts) })
}

fn part_in_words(part: FigurePart) -> &'static str {
    match part {
        FigurePart::Value => "estimate",
        FigurePart::Lower => "lower limit",
        FigurePart::Upper => "upper limit",
        FigurePart::Spread => "spread",
        FigurePart::Count => "count",
        FigurePart::Denominator => "denominator",
        FigurePart::Percent => "percentage",
        FigurePart::Statistic => "statistic",
        FigurePart::PValue => "P",
    }
}

/// A hyphen in front of a number is a minus sign.
fn with_minus(printed: &str) -> String {
    match printed.strip_prefix('-') {
        Some(rest) if rest.starts_with(|first: char| first.is_ascii_digit() || first == '.') => format!("−{rest}"),
        _ => printed.to_string(),
    }
}

/// The recomputed number with a decimal more than is printed; what is printed as a bound, or by powers of ten, like that.
fn recomputed(figure: &PublishedFigure) -> String {
    let like_print = figure.at_printed_precision.as_deref().map_or(ABSENT.to_string(), with_minus);
    let plain = figure.printed.trim_start_matches('-').chars().all(|digit| digit.is_ascii_digit() || digit == '.');
    match figure.recomputed {
        Some(value) if plain && figure.at_printed_precision.is_some() => fixed(value, decimals(figure)),
        _ => like_print,
    }
}

/// "0.85 (0.80–0.90)" of an estimate with its limits, "52/113 (46.0)" of a share, "3 (4)" of a mean with its SD; a list of
/// anything else.
fn joined(row: &PublishedRow, join: Join, show: impl Fn(&PublishedFigure) -> String) -> String {
    let parts: Vec<FigurePart> = row.figures.iter().map(|figure| figure.part).collect();
    let shown: Vec<String> = row.figures.iter().map(show).collect();
    match (parts.as_slice(), shown.as_slice()) {
        ([.., FigurePart::Lower, FigurePart::Upper], [first @ .., lower, upper]) => {
            format!("{} ({})", first.join("; "), join.range(lower, upper)).trim_start().to_string()
        }
        ([FigurePart::Count, FigurePart::Denominator, FigurePart::Percent], [count, of, percent]) => {
            format!("{count}/{of} ({percent})")
        }
        ([FigurePart::Count, FigurePart::Percent] | [FigurePart::Value, FigurePart::Spread], [first, second]) => {
            format!("{first} ({second})")
        }
        _ => shown.join("; "),
    }
}

/// In a unit in which something can be seen of it: a P-value of 1.74e-07 has a difference of 5e-10.
fn shown_difference(figure: &PublishedFigure, difference: f64) -> String {
    if figure.printed.contains(['e', 'E']) && difference != 0.0 {
        with_minus(&format!("{difference:.0e}"))
    } else {
        fixed(difference, decimals(figure))
    }
}

/// One place more than is printed, so that a difference within rounding can be seen; of no more than six is one of use, and
/// counts have none.
fn decimals(figure: &PublishedFigure) -> usize {
    if matches!(figure.part, FigurePart::Count | FigurePart::Denominator) {
        return 0;
    }
    let fraction = figure.printed.split_once('.').map_or("", |(_, fraction)| fraction);
    fraction.chars().take_while(char::is_ascii_digit).count().min(5) + 1
}

/// A reason without what it advises the author of the file to declare; names stand in quotes.
fn for_readers(says: &str) -> String {
    let mut text = says.split("; declare").next().unwrap_or(says).to_string();
    // A key of the file in brackets: "(`univariable:` on a term)".
    while let Some(start) = text.find(" (`") {
        let Some(length) = text[start..].find(')') else { break };
        text.replace_range(start..=start + length, "");
    }
    in_quotes(&text)
}

/// The names in it are the file's, which the study need not know: they stand in quotes.
fn in_quotes(message: &str) -> String {
    let mut parts = message.split('`');
    let mut text = parts.next().unwrap_or_default().to_string();
    for (number, part) in parts.enumerate() {
        text.push(if number % 2 == 0 { '“' } else { '”' });
        text.push_str(part);
    }
    text
}

/// Why figures are missing from the tables, with how many each reason keeps out.
fn not_recomputable(published: &Published) -> Option<Block> {
    let mut reasons: Vec<(String, usize)> = Vec::new();
    let rows = published.tables.iter().flat_map(|table| &table.rows);
    for row in rows.filter(|row| row.agreement() == Agreement::NotRecomputable) {
        let why =
            if row.says.is_empty() { "nothing to recompute is printed".to_string() } else { for_readers(&row.says) };
        match reasons.iter_mut().find(|(known, _)| *known == why) {
            Some((_, figures)) => *figures += row.figures.len(),
            None => reasons.push((why, row.figures.len())),
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
        text: format!("Not recomputable, with how many printed numbers each reason keeps out: {}{more}.", list(&words)),
    })
}

#[cfg(test)]
mod tests {
    use super::for_readers;

    #[test]
    fn a_reader_is_not_told_what_to_declare() {
        assert_eq!(
            for_readers("the data have no model `readers`; declare what it is called there: `match: {models: {…}}`"),
            "the data have no model “readers”"
        );
        assert_eq!(
            for_readers("only odds ratios of single variables are recomputed (`univariable:` on a term)"),
            "only odds ratios of single variables are recomputed"
        );
    }
}
