//! Baseline tables: counts and percents per level, mean and SD, median and quartiles, P-values.
//!
//! A column is a class of a set (`cohort` with `group: positive` or `negative`), or a whole set.

use super::Context;
use super::agreement::judge;
use super::rows::Rows;
use super::summaries::{Summary, cell, of_column};
use crate::audit::reported::{
    Baseline, BaselineRow, Categorical, Column, Continuous, Figure, RowBody, Spread, SummaryCell,
};
use crate::audit::solver::table_tests::all_tests;
use crate::results::{Agreement, BaselineCell, FigurePart, GroupSummary, VariableFacts};

pub(super) fn table(context: &Context<'_>, section: &str, table: &Baseline, rows: &mut Rows<'_>) {
    sizes(context, table, rows);
    for row in &table.rows {
        let found = context.names.variable(row.variable.as_ref().unwrap_or(&row.id));
        for column in &table.columns {
            let summary = match &found {
                Ok(variable) => of_column(context, section, column, variable),
                Err(why) => Err(why.clone()),
            };
            match &row.body {
                RowBody::Categorical(body) => {
                    let variable = found.as_ref().ok().copied();
                    levels(context, row, body, column, variable, &summary, rows);
                }
                RowBody::Continuous(body) => continuous(row, body, column, &summary, rows),
                RowBody::Summary(cells) => summaries(row, cells, column, &summary, rows),
            }
        }
        p_values(context, section, table, row, found.as_ref().map(|variable| *variable), rows);
    }
}

/// n of the columns.
fn sizes(context: &Context<'_>, table: &Baseline, rows: &mut Rows<'_>) {
    for column in &table.columns {
        let mut row = rows.begin(column.cohort.as_deref().unwrap_or_default(), &column.id, "n");
        match column_size(context, column) {
            Ok(n) => row.count(FigurePart::Count, &column.n, n),
            Err(why) => {
                row.unknown(FigurePart::Count, &column.n);
                row.says(why);
            }
        }
        rows.push(row);
    }
}

fn column_size(context: &Context<'_>, column: &Column) -> Result<usize, String> {
    let cohort = column.cohort.as_deref().ok_or("the column names no cohort")?;
    let parts = context.names.cohort(cohort)?;
    let counts = context.evidence.class_counts(&parts, context.names.outcome());
    let counts = counts.ok_or_else(|| format!("no subject is in {}", parts.join("+")))?;
    let positive = || counts.positive.ok_or("the outcome that splits the cohort is not known here".to_string());
    match column.group.as_deref() {
        None => Ok(counts.n),
        Some("positive") => positive(),
        Some("negative") => positive().map(|positive| counts.n - positive),
        Some(other) => Err(format!("`group: {other}` is no class of the outcome")),
    }
}

/// The first description that fits, or why there is none.
fn described<'s>(
    found: &'s Result<Vec<Summary>, String>,
    fits: impl Fn(&Summary) -> bool,
    otherwise: &str,
) -> Result<&'s Summary, String> {
    let all = found.as_ref().map_err(String::clone)?;
    if all.contains(&Summary::Empty) {
        return Err("no subject of this group has a value".to_string());
    }
    all.iter().find(|summary| fits(summary)).ok_or_else(|| format!("the study {otherwise}"))
}

fn levels(
    context: &Context<'_>,
    printed: &BaselineRow,
    body: &Categorical,
    column: &Column,
    variable: Option<&VariableFacts>,
    found: &Result<Vec<Summary>, String>,
    rows: &mut Rows<'_>,
) {
    for level in &body.levels {
        let Some(cell) = level.cells.iter().find(|cell| cell.column == column.id) else { continue };
        let subject =
            if level.name == printed.id { printed.id.clone() } else { format!("{}: {}", printed.id, level.name) };
        let mut row = rows.begin(&column.id, &subject, "n (%)");
        let share = &cell.share;
        let is_missing = body.missing_levels.contains(&level.name);
        let counted =
            || described(found, |summary| matches!(summary, Summary::Counts { .. }), "does not count it in levels");
        let found = match (counted(), variable) {
            (Err(why), _) => Err(why),
            (Ok(Summary::Counts { n, missing, .. }), _) if is_missing => Ok((*missing, *n + *missing, *missing)),
            (Ok(Summary::Counts { n, missing, counts }), Some(variable)) => {
                match context.names.level(&printed.id, &level.name, variable).and_then(|at| counts.get(at)) {
                    Some(count) => Ok((*count, *n, *missing)),
                    None => Err(format!(
                        "`{}` has no level `{}`; declare it: `match: {{levels: {{{}: {{{}: …}}}}}}`",
                        variable.name, level.name, printed.id, level.name
                    )),
                }
            }
            (Ok(_), _) => Err("no variable of the study is this row".to_string()),
        };
        match found {
            Ok((count, known, missing)) => {
                row.count(FigurePart::Count, &share.count, count);
                row.count(FigurePart::Denominator, &share.of, known);
                if known > 0 {
                    let of = |n: usize| 100.0 * count as f64 / n as f64;
                    let printed = share.percent.as_ref().and_then(|figure| figure.number.as_ref());
                    let fits =
                        |value: f64| printed.is_some_and(|printed| judge(printed, value) != Agreement::Disagrees);
                    // Percents of all subjects, with those without a value, are as usual.
                    if missing > 0 && !fits(of(known)) && fits(of(known + missing)) {
                        row.number(FigurePart::Percent, &share.percent, of(known + missing));
                        row.says("percent of all subjects, with those without a value");
                    } else {
                        row.number(FigurePart::Percent, &share.percent, of(known));
                    }
                } else {
                    row.unknown(FigurePart::Percent, &share.percent);
                }
            }
            Err(why) => {
                row.unknown(FigurePart::Count, &share.count);
                row.unknown(FigurePart::Denominator, &share.of);
                row.unknown(FigurePart::Percent, &share.percent);
                row.says(why);
            }
        }
        rows.push(row);
    }
}

fn continuous(
    printed: &BaselineRow,
    body: &Continuous,
    column: &Column,
    found: &Result<Vec<Summary>, String>,
    rows: &mut Rows<'_>,
) {
    let Some(cell) = body.cells.iter().find(|cell| cell.column == column.id) else { return };
    let quantity = match body.spread {
        Spread::MeanSd => "mean, SD",
        Spread::MeanSe => "mean, SE",
        Spread::MedianRange => "median, range",
        Spread::MedianIqr => "median, quartiles",
        Spread::EstimateSe => "estimate, SE",
    };
    let mut row = rows.begin(&column.id, &printed.id, quantity);
    let centre = Some(cell.centre.clone());
    let spread: Vec<Option<Figure>> = cell.spread.iter().cloned().map(Some).collect();
    let at = |index: usize| spread.get(index).cloned().flatten();
    let unknown = |row: &mut super::rows::RowBuilder<'_>, why: &str, with_centre: bool| {
        if with_centre {
            row.unknown(FigurePart::Value, &centre);
        }
        spread.iter().for_each(|figure| row.unknown(FigurePart::Spread, figure));
        row.unknown(FigurePart::Count, &cell.n);
        row.says(why);
    };
    let fits = |summary: &Summary| match body.spread {
        Spread::MeanSd | Spread::MeanSe => matches!(summary, Summary::Mean { .. }),
        Spread::MedianIqr => matches!(summary, Summary::Quartiles { .. }),
        Spread::MedianRange => matches!(summary, Summary::Range { .. }),
        Spread::EstimateSe => false,
    };
    // Where the study gives a median with the other spread, the median still answers.
    let is_median = |summary: &Summary| matches!(summary, Summary::Quartiles { .. } | Summary::Range { .. });
    let of_median = matches!(body.spread, Spread::MedianIqr | Spread::MedianRange);
    let summary = described(found, fits, "summarises it otherwise").or_else(|why| {
        let other = found.as_ref().ok().filter(|_| of_median).and_then(|all| all.iter().find(|one| is_median(one)));
        other.ok_or(why)
    });
    match summary {
        Err(why) => unknown(&mut row, &why, true),
        Ok(Summary::Mean { n, mean, sd }) => {
            row.number(FigurePart::Value, &centre, *mean);
            let spread = match body.spread {
                Spread::MeanSe => sd.map(|sd| sd / (*n as f64).sqrt()),
                _ => *sd,
            };
            match spread {
                Some(spread) => row.number(FigurePart::Spread, &at(0), spread),
                None => row.unknown(FigurePart::Spread, &at(0)),
            }
            row.count(FigurePart::Count, &cell.n, *n);
        }
        Ok(Summary::Quartiles { n, median, lower, upper }) => {
            row.number(FigurePart::Value, &centre, *median);
            if body.spread == Spread::MedianIqr {
                row.number(FigurePart::Lower, &at(0), *lower);
                row.number(FigurePart::Upper, &at(1), *upper);
                row.count(FigurePart::Count, &cell.n, *n);
            } else {
                unknown(&mut row, "the study gives quartiles, not the range", false);
            }
        }
        Ok(Summary::Range { n, median, smallest, largest }) => {
            row.number(FigurePart::Value, &centre, *median);
            match (body.spread, smallest, largest) {
                (Spread::MedianRange, Some(smallest), Some(largest)) => {
                    row.number(FigurePart::Lower, &at(0), *smallest);
                    row.number(FigurePart::Upper, &at(1), *largest);
                    row.count(FigurePart::Count, &cell.n, *n);
                }
                (Spread::MedianRange, ..) => unknown(&mut row, "the extremes are withheld", false),
                _ => unknown(&mut row, "the study gives the range, not quartiles", false),
            }
        }
        Ok(_) => unknown(&mut row, "the study summarises it otherwise", true),
    }
    rows.push(row);
}

/// Summaries in a cell that says what each is.
fn summaries(
    printed: &BaselineRow,
    cells: &[SummaryCell],
    column: &Column,
    found: &Result<Vec<Summary>, String>,
    rows: &mut Rows<'_>,
) {
    let Some(cell) = cells.iter().find(|cell| cell.column == column.id) else { return };
    let mut row = rows.begin(&column.id, &printed.id, "summary");
    let mut values: [Option<f64>; 6] = [None; 6];
    let mut size = None;
    let mut extremes: [Option<f64>; 2] = [None; 2];
    match found {
        Ok(all) => {
            for summary in all {
                match summary {
                    Summary::Mean { n, mean, sd } => {
                        values[..3].copy_from_slice(&[Some(*mean), *sd, sd.map(|sd| sd / (*n as f64).sqrt())]);
                        size = Some(*n);
                    }
                    Summary::Quartiles { n, median, lower, upper } => {
                        values[3..].copy_from_slice(&[Some(*median), Some(*lower), Some(*upper)]);
                        size = Some(*n);
                    }
                    Summary::Range { n, median, smallest, largest } => {
                        values[3] = Some(*median);
                        extremes = [*smallest, *largest];
                        size = Some(*n);
                    }
                    Summary::Counts { .. } | Summary::Empty => {}
                }
            }
            if size.is_none() {
                row.says("the study summarises it otherwise");
            }
        }
        Err(why) => row.says(why.clone()),
    }
    let figures = [&cell.mean, &cell.sd, &cell.se, &cell.median, &cell.first_quartile, &cell.third_quartile];
    let parts = [
        FigurePart::Value,
        FigurePart::Spread,
        FigurePart::Spread,
        FigurePart::Value,
        FigurePart::Lower,
        FigurePart::Upper,
    ];
    for ((figure, part), value) in figures.into_iter().zip(parts).zip(values) {
        match value {
            Some(value) => row.number(part, figure, value),
            None => row.unknown(part, figure),
        }
    }
    for (figure, value) in [&cell.minimum, &cell.maximum].into_iter().zip(extremes) {
        match value {
            Some(value) => row.number(FigurePart::Spread, figure, value),
            None => row.unknown(FigurePart::Spread, figure),
        }
    }
    for figure in [&cell.iqr_width, &cell.range_width] {
        row.unknown(FigurePart::Spread, figure);
    }
    match size {
        Some(size) => row.count(FigurePart::Count, &cell.n, size),
        None => row.unknown(FigurePart::Count, &cell.n),
    }
    rows.push(row);
}

/// P-values that compare the two classes of one set.
fn p_values(
    context: &Context<'_>,
    section: &str,
    table: &Baseline,
    printed: &BaselineRow,
    variable: Result<&VariableFacts, &String>,
    rows: &mut Rows<'_>,
) {
    for named in &printed.p {
        let figure = Some(named.figure.clone());
        let mut row = rows.begin(&named.name, &printed.id, "P");
        let found = variable.map_err(String::clone).and_then(|variable| {
            let columns: Vec<&Column> = match table.comparisons.iter().find(|group| group.name == named.name) {
                Some(group) => table.columns.iter().filter(|column| group.columns.contains(&column.id)).collect(),
                None => table.columns.iter().filter(|column| column.group.is_some()).collect(),
            };
            let [a, b] = columns.as_slice() else { return Err("the P-value does not compare two columns".to_string()) };
            let classes = [a.group.as_deref(), b.group.as_deref()];
            let both =
                classes.contains(&Some("positive")) && classes.contains(&Some("negative")) && a.cohort == b.cohort;
            if !both {
                return Err("the P-value does not compare the classes of one set".to_string());
            }
            cell(context, section, a.cohort.as_deref(), variable)
        });
        match found {
            Ok(cell) => compare(cell, printed, table, &figure, &mut row),
            Err(why) => {
                row.unknown(FigurePart::PValue, &figure);
                row.says(why);
            }
        }
        rows.push(row);
    }
}

/// With three decimals, as the study's table prints it.
fn print_p(p: f64) -> String {
    if p < 0.001 { "P < 0.001".to_string() } else { format!("P = {p:.3}") }
}

/// The study's own test first. Where another test is stated, or none, any usual test of the recomputed counts that gives
/// the printed P-value is named.
fn compare(
    cell: &BaselineCell,
    printed: &BaselineRow,
    table: &Baseline,
    figure: &Option<Figure>,
    row: &mut super::rows::RowBuilder<'_>,
) {
    let number = figure.as_ref().and_then(|figure| figure.number.as_ref());
    let agrees = |p: f64| number.is_some_and(|number| judge(number, p) != Agreement::Disagrees);
    if let Some(test) = cell.test.as_ref().filter(|test| agrees(test.p_value)) {
        row.number(FigurePart::PValue, figure, test.p_value);
        row.says(test.method.to_string());
        return;
    }
    let counts = match (&cell.negative, &cell.positive) {
        (GroupSummary::Counts { counts: a, .. }, GroupSummary::Counts { counts: b, .. }) => {
            let whole = |counts: &[usize]| counts.iter().map(|&count| count as i128).collect::<Vec<i128>>();
            Some([whole(a), whole(b)])
        }
        _ => None,
    };
    let of_table = match printed.body {
        RowBody::Categorical(_) => &table.categorical_test,
        RowBody::Continuous(_) | RowBody::Summary(_) => &table.continuous_test,
    };
    let stated = if printed.tests.is_empty() { of_table } else { &printed.tests };
    let stated = (!stated.is_empty()).then(|| stated.join(", "));
    let another = counts.and_then(|groups| all_tests(&groups).into_iter().find(|test| agrees(test.p)));
    match (another, &cell.test) {
        (Some(test), _) => {
            row.number(FigurePart::PValue, figure, test.p);
            let stated = stated.as_ref().map_or(String::new(), |stated| format!(" (stated: {stated})"));
            let own = cell.test.as_ref().map_or(String::new(), |own| {
                format!("; the study's own test, {}, gives {}", own.method, print_p(own.p_value))
            });
            row.says(format!("{} of the recomputed counts{stated}{own}", test.name));
        }
        (None, Some(test)) => {
            let same_family = stated.as_ref().is_none_or(|stated| {
                let (stated, own) = (super::names::normal(stated), super::names::normal(&test.method));
                own.contains(&stated) || stated.contains(&own) || matches!(printed.body, RowBody::Categorical(_))
            });
            if same_family {
                row.number(FigurePart::PValue, figure, test.p_value);
                row.says(test.method.to_string());
            } else {
                row.unknown(FigurePart::PValue, figure);
                row.says(format!("the study uses another test ({})", test.method));
            }
        }
        (None, None) => {
            row.unknown(FigurePart::PValue, figure);
            row.says(cell.no_test_because.clone().unwrap_or_else(|| "the study does not test it".to_string()));
        }
    }
}
