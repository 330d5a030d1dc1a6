//! Baseline characteristics by outcome, per set, with the test of each row named by its mark.

use super::anchor;
use super::names::{Names, capitalised, method_of};
use super::table::{TableBuilder, absent, marked, number, text};
use crate::report::document::{Align, Cell, Table};
use crate::report::number::{self, count_percent, decimals_for_spread, fixed};
use crate::results::{BaselineCell, BaselineRow, BaselineTable, GroupSummary, LayoutItem, SetComparison};

const NO_VALUE: &str = "No subject of this group has a value.";
const WITHHELD_TOGETHER: &str = "Withheld: with the two groups it would give a small count away.";

pub fn table(analysis: &BaselineTable, item: &LayoutItem, names: &Names) -> Table {
    let mut table = TableBuilder::new(&anchor(&item.label), &item.label, &item.caption);
    let outcome = names.outcome_facts(&analysis.outcome);
    let negative = outcome.and_then(|facts| facts.negative_label.as_deref()).unwrap_or("Without the outcome");
    let positive = outcome.and_then(|facts| facts.positive_label.as_deref()).unwrap_or("With the outcome");
    let differences =
        analysis.rows.iter().flat_map(|row| &row.cells).any(|cell| cell.standardised_mean_difference.is_some());

    let overall = analysis.rows.iter().flat_map(|row| &row.cells).any(|cell| cell.overall.is_some());
    let columns = Columns { overall, differences };

    table.column("Variable", Align::Left);
    for set in &analysis.sets {
        let n = set.negatives + set.positives;
        let first = table.columns();
        if overall {
            table.column(format!("All (n\u{a0}=\u{a0}{})", number::count(n)), Align::Decimal);
        }
        table.column(format!("{negative} (n\u{a0}=\u{a0}{})", number::count(set.negatives)), Align::Decimal);
        table.column(format!("{positive} (n\u{a0}=\u{a0}{})", number::count(set.positives)), Align::Decimal);
        if differences {
            table.column("SMD", Align::Decimal);
        }
        table.column("P", Align::Decimal);
        table.span_from(first, format!("{} (n\u{a0}=\u{a0}{})", names.partition(&set.partition), number::count(n)));
    }
    for row in &analysis.rows {
        add_rows(&mut table, row, columns, names);
    }
    add_notes(&mut table, analysis.rows.iter().flat_map(|row| &row.cells));
    table.finish()
}

/// The subjects of two partitions beside each other.
pub fn sets(analysis: &SetComparison, item: &LayoutItem, names: &Names) -> Table {
    let mut table = TableBuilder::new(&anchor(&item.label), &item.label, &item.caption);
    let cells = || analysis.rows.iter().chain(&analysis.outcomes).flat_map(|row| &row.cells);
    let differences = cells().any(|cell| cell.standardised_mean_difference.is_some());
    table.column("Variable", Align::Left);
    for (partition, n) in [(&analysis.first, analysis.n_first), (&analysis.second, analysis.n_second)] {
        table.column(format!("{} (n\u{a0}=\u{a0}{})", names.partition(partition), number::count(n)), Align::Decimal);
    }
    if differences {
        table.column("SMD", Align::Decimal);
    }
    table.column("P", Align::Decimal);
    for row in &analysis.outcomes {
        add_outcome(&mut table, row, differences, names);
    }
    for row in &analysis.rows {
        add_rows(&mut table, row, Columns { overall: false, differences }, names);
    }
    add_notes(&mut table, cells());
    table.finish()
}

/// How many of each set have the outcome.
fn add_outcome(table: &mut TableBuilder, row: &BaselineRow, differences: bool, names: &Names) {
    let mut cells = vec![text(format!("{}, n (%)", names.outcome(&row.variable)))];
    for cell in &row.cells {
        cells.extend([&cell.negative, &cell.positive].map(|summary| match summary {
            GroupSummary::Counts { n, counts, .. } => {
                let with = counts.get(1).copied().unwrap_or(0);
                number(count_percent(with, *n), with as f64)
            }
            _ => absent(NO_VALUE),
        }));
        if differences {
            cells.push(
                cell.standardised_mean_difference.map_or_else(Cell::default, |value| number(fixed(value, 2), value)),
            );
        }
        cells.push(test_cell(cell));
    }
    table.row(0, cells);
}

fn add_notes<'a>(table: &mut TableBuilder, cells: impl Iterator<Item = &'a BaselineCell> + Clone) {
    table.note(
        "P-values are two-sided and not adjusted for their number; percentages are of the subjects with a value.",
    );
    if cells.clone().any(|cell| matches!(cell.negative, GroupSummary::MeanSd { .. })) {
        table.abbreviation("SD", "standard deviation");
    }
    if cells.clone().any(|cell| cell.standardised_mean_difference.is_some()) {
        let with = |categorical: bool| {
            cells.clone().any(|cell| {
                let counts = matches!(cell.negative, GroupSummary::Counts { .. } | GroupSummary::CountsWithheld { .. });
                cell.standardised_mean_difference.is_some() && counts == categorical
            })
        };
        let mut kinds = Vec::new();
        if with(false) {
            kinds.push(
                "of a continuous variable the mean of the second group less that of the first over the root of the mean of both \
                 variances, also where medians are printed, whose difference may have another sign",
            );
        }
        if with(true) {
            kinds.push(
                "of a variable with levels the distance of the two groups’ shares (Yang and Dalton), which has no sign",
            );
        }
        table.note(format!("SMD: {}.", kinds.join("; ")));
        table.abbreviation("SMD", "standardised mean difference");
    }
}

/// Which columns stand beside those of the two groups.
#[derive(Clone, Copy)]
struct Columns {
    overall: bool,
    differences: bool,
}

impl Columns {
    /// The groups of a cell in the order of the columns; `None` where that of all would give a small count away.
    fn groups(self, cell: &BaselineCell) -> Vec<Option<&GroupSummary>> {
        let overall = self.overall.then_some(cell.overall.as_ref());
        overall.into_iter().chain([Some(&cell.negative), Some(&cell.positive)]).collect()
    }
}

fn add_rows(table: &mut TableBuilder, row: &BaselineRow, columns: Columns, names: &Names) {
    let summaries = || row.cells.iter().flat_map(|cell| [&cell.negative, &cell.positive]);
    let decimals = decimals(summaries());
    let levels = names.variable_facts(&row.variable).map_or(&[][..], |facts| &facts.levels);
    let categorical = summaries().any(|summary| matches!(summary, GroupSummary::Counts { .. }));

    let label = names.variable_with_unit(&row.variable);
    let head = match measure(summaries()) {
        Some(measure) => format!("{label}, {measure}"),
        None => label,
    };
    let mut cells = vec![text(head)];
    for cell in &row.cells {
        for summary in columns.groups(cell) {
            cells.push(match summary {
                _ if categorical => Cell::default(),
                Some(summary) => summary_cell(summary, decimals),
                None => absent(WITHHELD_TOGETHER),
            });
        }
        if columns.differences {
            cells.push(
                cell.standardised_mean_difference.map_or_else(Cell::default, |value| number(fixed(value, 2), value)),
            );
        }
        cells.push(test_cell(cell));
    }
    table.row(0, cells);

    if categorical {
        let most = summaries().map(|summary| match summary {
            GroupSummary::Counts { counts, .. } => counts.len(),
            GroupSummary::CountsWithheld { counts, .. } => counts.len(),
            _ => 0,
        });
        for level in 0..most.max().unwrap_or(0) {
            let label = levels.get(level).cloned().unwrap_or_else(|| format!("Level {}", level + 1));
            add_counts(table, label, row, columns, |summary| match summary {
                GroupSummary::Counts { n, counts, .. } => {
                    counts.get(level).map(|&count| number(count_percent(count, *n), count as f64))
                }
                GroupSummary::CountsWithheld { n, counts, minimum, .. } => {
                    Some(kept_count(counts.get(level).copied().flatten(), *n, *minimum))
                }
                _ => Some(absent(NO_VALUE)),
            });
        }
    }
    if summaries().any(|summary| missing(summary) != Missing::Count(0)) {
        add_counts(table, "Missing".to_string(), row, columns, |summary| match missing(summary) {
            Missing::Count(missing) => Some(number(number::count(missing), missing as f64)),
            Missing::Withheld { minimum } => Some(withheld(minimum)),
        });
    }
}

/// One indented row with a count per group.
fn add_counts(
    table: &mut TableBuilder,
    label: String,
    row: &BaselineRow,
    columns: Columns,
    count: impl Fn(&GroupSummary) -> Option<Cell>,
) {
    let mut cells = vec![text(label)];
    for cell in &row.cells {
        cells.extend(columns.groups(cell).into_iter().map(|summary| match summary {
            Some(summary) => count(summary).unwrap_or_default(),
            None => absent(WITHHELD_TOGETHER),
        }));
        cells.push(Cell::default());
        if columns.differences {
            cells.push(Cell::default());
        }
    }
    table.row(1, cells);
}

fn test_cell(cell: &BaselineCell) -> Cell {
    match &cell.test {
        Some(test) => {
            marked(number(number::p_value(test.p_value), test.p_value), format!("{}.", test_name(&method_of(test))))
        }
        None => absent(
            &cell.no_test_because.as_ref().map_or("Not tested.".to_string(), |why| format!("Not tested: {why}.")),
        ),
    }
}

/// "Welch t" → "Welch t test"; "Wilcoxon rank sum, corrected" → "Wilcoxon rank sum test, corrected".
fn test_name(method: &str) -> String {
    let (name, detail) = method.split_once(',').map_or((method, None), |(name, detail)| (name, Some(detail)));
    let noun = if method.contains("test") { "" } else { " test" };
    let detail = detail.map_or(String::new(), |detail| format!(",{detail}"));
    format!("{}{noun}{detail}", capitalised(name))
}

fn summary_cell(summary: &GroupSummary, decimals: usize) -> Cell {
    match summary {
        GroupSummary::MeanSd { mean, sd: Some(sd), .. } => {
            number(format!("{} ± {}", fixed(*mean, decimals), fixed(*sd, decimals)), *mean)
        }
        GroupSummary::MeanSd { mean, sd: None, .. } => number(fixed(*mean, decimals), *mean),
        GroupSummary::MedianQuartiles { median, lower_quartile, upper_quartile, .. } => {
            let [median_text, lower, upper] =
                [median, lower_quartile, upper_quartile].map(|value| fixed(*value, decimals));
            let join = if *lower_quartile < 0.0 { number::Join::To } else { number::Join::Dash };
            number(format!("{median_text} ({})", join.range(&lower, &upper)), *median)
        }
        GroupSummary::MeanSdFewMissing { mean, sd, .. } => {
            let text = sd.map_or_else(String::new, |sd| format!(" ± {}", fixed(sd, decimals)));
            number(format!("{}{text}", fixed(*mean, decimals)), *mean)
        }
        GroupSummary::MedianQuartilesFewMissing { median, lower_quartile, upper_quartile, .. } => {
            let [median_text, lower, upper] =
                [median, lower_quartile, upper_quartile].map(|value| fixed(*value, decimals));
            let join = if *lower_quartile < 0.0 { number::Join::To } else { number::Join::Dash };
            number(format!("{median_text} ({})", join.range(&lower, &upper)), *median)
        }
        GroupSummary::CountsWithheld { n, minimum, .. } => {
            n.map_or_else(|| withheld(*minimum), |n| number(number::count(n), n as f64))
        }
        GroupSummary::Counts { n, .. } => number(number::count(*n), *n as f64),
        GroupSummary::Empty { .. } => absent(NO_VALUE),
    }
}

/// What the cells of a row are.
fn measure<'a>(summaries: impl Iterator<Item = &'a GroupSummary>) -> Option<&'static str> {
    summaries.into_iter().find_map(|summary| match summary {
        GroupSummary::MeanSd { .. } | GroupSummary::MeanSdFewMissing { .. } => Some("mean ± SD"),
        GroupSummary::MedianQuartiles { .. } | GroupSummary::MedianQuartilesFewMissing { .. } => {
            Some("median (quartiles)")
        }
        GroupSummary::Counts { .. } | GroupSummary::CountsWithheld { .. } => Some("n (%)"),
        GroupSummary::Empty { .. } => None,
    })
}

/// Decimals of a variable, the same in all its groups: of the smallest standard deviation, or of the narrowest
/// distance of quartiles; none where all medians and quartiles are whole numbers.
pub(in crate::report) fn decimals<'a>(summaries: impl Iterator<Item = &'a GroupSummary>) -> usize {
    let mut spread = f64::INFINITY;
    let mut whole = true;
    for summary in summaries {
        match summary {
            GroupSummary::MeanSd { sd: Some(sd), .. } | GroupSummary::MeanSdFewMissing { sd: Some(sd), .. }
                if *sd > 0.0 =>
            {
                spread = spread.min(*sd);
                whole = false;
            }
            GroupSummary::MeanSd { .. } | GroupSummary::MeanSdFewMissing { .. } => whole = false,
            GroupSummary::MedianQuartiles { median, lower_quartile, upper_quartile, .. }
            | GroupSummary::MedianQuartilesFewMissing { median, lower_quartile, upper_quartile, .. } => {
                let width = upper_quartile - lower_quartile;
                if width > 0.0 {
                    spread = spread.min(width);
                }
                whole &= [median, lower_quartile, upper_quartile].iter().all(|value| value.fract() == 0.0);
            }
            GroupSummary::Counts { .. } | GroupSummary::CountsWithheld { .. } | GroupSummary::Empty { .. } => {}
        }
    }
    if whole { 0 } else { decimals_for_spread(spread) }
}

/// How many values are missing, or that it is not told.
#[derive(PartialEq, Eq)]
enum Missing {
    Count(usize),
    Withheld { minimum: usize },
}

fn missing(summary: &GroupSummary) -> Missing {
    match summary {
        GroupSummary::MeanSd { missing, .. }
        | GroupSummary::MedianQuartiles { missing, .. }
        | GroupSummary::Counts { missing, .. }
        | GroupSummary::Empty { missing } => Missing::Count(*missing),
        GroupSummary::CountsWithheld { missing: Some(missing), .. } => Missing::Count(*missing),
        GroupSummary::CountsWithheld { minimum, .. }
        | GroupSummary::MeanSdFewMissing { minimum, .. }
        | GroupSummary::MedianQuartilesFewMissing { minimum, .. } => Missing::Withheld { minimum: *minimum },
    }
}

/// A count that may be withheld; the percentage too where the whole is.
fn kept_count(count: Option<usize>, whole: Option<usize>, minimum: usize) -> Cell {
    match (count, whole) {
        (Some(count), Some(whole)) => number(count_percent(count, whole), count as f64),
        (Some(count), None) => number(number::count(count), count as f64),
        (None, _) => withheld(minimum),
    }
}

fn withheld(minimum: usize) -> Cell {
    absent(&format!("Withheld: the count, or one that it would give away, is from 1 to {}.", minimum - 1))
}
