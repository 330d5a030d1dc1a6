//! V104: percents without counts, against a whole number of subjects.

use super::Rule;
use super::standardised_difference::looks_weighted;
use super::support::{count, range, says_missing};
use crate::audit::arithmetic::{Range, Rounding};
use crate::audit::conflict::minimal_conflict;
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::{Baseline, BaselineRow, Body, Categorical, Figure, PercentOf, Reported, RowBody, Share};
use crate::audit::statement::Statement;

const CODE: &str = "V104";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "percent-only",
    checks: "that percents without counts are shares of a whole number of subjects, the column's or a smaller one, the same \
             for all levels of a row; and which numbers of subjects serve a whole column",
    why: "Of 16 subjects only 17 percents exist. The levels of a row have one denominator, so that of several percents \
          few numbers of subjects remain, and often one: a number that is not printed can be found so.",
    example: "77.5 % in a column of 16: 12/16 is 75, 13/16 is 81.25, and no fewer than 40 subjects give 77.5",
    silent: "unless the percents are of the column, as stated or because there is one column only or the levels add up to \
             100; for levels of subjects of whom nothing is known; where more than one percent of a row would have to be misprinted \
             (weighted percents, `percent_of: weighted`) and where the column's other rows do not show that its percents are of its n, by more than \
             chance (weights again); beside a standardised difference, and in tables of weighted or matched subjects by their names; for rows that count lesions or images",
    strongest: Verdict::Impossible,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        match &section.body {
            Body::Baseline(table) => {
                for row in &table.rows {
                    if let RowBody::Categorical(body) = &row.body {
                        for column in &table.columns {
                            one_column(&section.name, table, row, body, &column.id, sink);
                        }
                    }
                }
                for column in table.columns.iter().filter(|column| column.n.is_none()) {
                    whole_column(table, &column.id, sink);
                }
            }
            Body::Counts(counts) => {
                for item in &counts.items {
                    if let (None, Some(of), Some(percent)) = (&item.share.count, &item.share.of, &item.share.percent) {
                        let key = format!("{}/{}", section.name, item.name);
                        judge(&key, &[percent], of, false, sink);
                    }
                }
            }
            _ => {}
        }
    }
}

/// The percents of a column in one row that stand without their counts.
fn bare<'a>(body: &'a Categorical, column: &str) -> Vec<&'a Figure> {
    let known = |name: &String| !body.missing_levels.contains(name) && !says_missing(name);
    let levels = body.levels.iter().filter(|level| known(&level.name));
    levels
        .flat_map(|level| &level.cells)
        .filter(|cell| cell.column == column && cell.share.count.is_none() && cell.share.of.is_none())
        .filter_map(|cell| cell.share.percent.as_ref())
        .filter(|figure| figure.number.is_some())
        .collect()
}

fn one_column(section: &str, table: &Baseline, row: &BaselineRow, body: &Categorical, column: &str, sink: &mut Sink) {
    let percents = bare(body, column);
    if percents.is_empty() {
        return;
    }
    let leaves: Vec<usize> = percents.iter().map(|figure| figure.leaf).collect();
    let sum: f64 = percents.iter().filter_map(|figure| figure.value()).sum();
    let exclusive = body.overlapping != Some(true);
    let adds_up = exclusive && percents.len() >= 2 && (sum - 100.0).abs() <= 1.5 * percents.len() as f64;
    let of_column = match body.percent_of {
        PercentOf::Column | PercentOf::Valid => true,
        PercentOf::NotStated => table.columns.len() == 1 || (adds_up && !of_row(table, body)),
        _ => false,
    };
    let large = percents.iter().any(|figure| figure.number.as_ref().is_some_and(|p| p.percent_sign || p.value() > 1.0));
    if !of_column || !large {
        sink.undecidable(CODE, leaves, "not stated that these are percents of the column (`percent_of: column`)");
        return;
    }
    let weighted = |id: &str| table.size(row, id).is_some_and(|n| more_than_one_misprint(&bare(body, id), n));
    if table.columns.iter().any(|column| weighted(&column.id)) {
        let says =
            "more than one of a row's percents is of no whole number of subjects: weighted? Say `percent_of: weighted`";
        sink.undecidable(CODE, leaves, says);
        return;
    }
    // Weights, as they balance two groups, leave no denominator to a percent; and the names of tables seldom say so.
    let names = [section, &row.id].into_iter().chain(table.columns.iter().map(|column| column.id.as_str()));
    if !row.standardised_differences.is_empty() || names.into_iter().any(looks_weighted) {
        sink.undecidable(
            CODE,
            leaves,
            "percents alone beside a standardised difference, or of a weighted table: `percent_of:`?",
        );
        return;
    }
    match table.size(row, column) {
        Some(n) if !others_show_counts(table, row, column, n) => {
            let mut judged = Sink::default();
            judge("", &percents, n, true, &mut judged);
            sink.records.extend(judged.records);
            if !judged.findings.is_empty() {
                let says = "of no whole number of subjects, but nor do other rows show that these are counts: weighted? Say `percent_of:`";
                sink.undecidable(CODE, leaves, says);
            }
        }
        Some(n) => judge(&format!("{section}/{}/{column}", row.id), &percents, n, true, sink),
        None => sink.undecidable(CODE, leaves, "the number of subjects is not printed"),
    }
}

/// How seldom the other rows of a column would fit its n by chance, that they show percents of counts.
const CHANCE: f64 = 0.01;

/// Do the other rows of the column fit its number of subjects more often than weighted percents would?
fn others_show_counts(table: &Baseline, own: &BaselineRow, column: &str, n: &Figure) -> bool {
    let Some(most) = count(&Some(n.clone())).filter(|&most| most > 0) else { return false };
    let mut chances = Vec::new();
    let mut fitting = 0;
    for row in table.rows.iter().filter(|row| !std::ptr::eq(*row, own)) {
        let RowBody::Categorical(body) = &row.body else { continue };
        let Some(ranges) = of_cells(body, column, most).filter(|ranges| !ranges.is_empty()) else { continue };
        // The last level follows from the others.
        let free = if ranges.len() > 1 { ranges.len() - 1 } else { 1 };
        let chance =
            |range: &Range| ((range.high - range.low) as f64 / range.denominator as f64 * most as f64).min(1.0);
        chances.push(ranges.iter().take(free).map(chance).product::<f64>());
        fitting += usize::from(serves(&ranges, most));
    }
    fitting > 0 && as_many_or_more(&chances, fitting) < CHANCE
}

/// The percents of a column in one row; `None` where a count beside one of them is of another number of subjects.
fn of_cells(body: &Categorical, column: &str, n: i128) -> Option<Vec<Range>> {
    let cells = body.levels.iter().flat_map(|level| &level.cells).filter(|cell| cell.column == column);
    let read =
        cells.filter_map(|cell| Some((&cell.share, range(cell.share.percent.as_ref()?, true, Rounding::Widest)?)));
    let read: Vec<_> = read.collect();
    let of_n = |share: &Share, range: &Range| count(&share.count).is_none_or(|k| range.contains(k, n));
    read.iter().all(|(share, range)| of_n(share, range)).then(|| read.into_iter().map(|(_, range)| range).collect())
}

/// The chance that at least so many of these events happen.
fn as_many_or_more(chances: &[f64], number: usize) -> f64 {
    let mut happened = vec![0.0; chances.len() + 1];
    happened[0] = 1.0;
    for &chance in chances {
        for k in (0..chances.len()).rev() {
            happened[k + 1] = happened[k + 1] * (1.0 - chance) + happened[k] * chance;
        }
        happened[0] *= 1.0 - chance;
    }
    happened[number..].iter().sum()
}

/// Do the percents of every level add up to 100 across the columns? Then they may be of the row.
fn of_row(table: &Baseline, body: &Categorical) -> bool {
    let parts: Vec<&str> = table.columns.iter().filter(|c| c.sum_of.is_empty()).map(|c| c.id.as_str()).collect();
    body.levels.iter().all(|level| {
        let cells = level.cells.iter().filter(|cell| parts.contains(&cell.column.as_str()));
        let sum: f64 = cells.filter_map(|cell| cell.share.percent.as_ref()?.value()).sum();
        (sum - 100.0).abs() <= 1.5 * parts.len() as f64
    })
}

/// One misprint leaves the others with a common denominator.
fn more_than_one_misprint(percents: &[&Figure], n: &Figure) -> bool {
    let Some(most) = count(&Some(n.clone())).filter(|&most| (1..=100_000).contains(&most)) else { return false };
    let possible = |set: &[&Figure]| ranges(set).is_none_or(|ranges| (1..=most).rev().any(|n| serves(&ranges, n)));
    percents.len() >= 3
        && !possible(percents)
        && (0..percents.len()).all(|apart| {
            let mut rest = percents.to_vec();
            rest.remove(apart);
            !possible(&rest)
        })
}

fn ranges(percents: &[&Figure]) -> Option<Vec<Range>> {
    percents.iter().map(|figure| range(figure, true, Rounding::Widest)).collect()
}

fn serves(ranges: &[Range], n: i128) -> bool {
    ranges.iter().all(|range| range.counts(n).is_some())
}

fn judge(key: &str, percents: &[&Figure], n: &Figure, fewer: bool, sink: &mut Sink) {
    let leaves: Vec<usize> = percents.iter().map(|figure| figure.leaf).chain([n.leaf]).collect();
    let most = count(&Some(n.clone())).filter(|&most| (1..=100_000).contains(&most));
    let (Some(all), Some(most)) = (ranges(percents), most) else {
        sink.undecidable(CODE, leaves, "a percent or the number of subjects cannot be read");
        return;
    };
    let least = if fewer { 1 } else { most };
    let possible = |set: &[&Figure]| ranges(set).is_none_or(|ranges| (least..=most).rev().any(|n| serves(&ranges, n)));
    if serves(&all, most) {
        sink.pass(CODE, leaves, format!("{most} subjects give these percents"));
    } else if possible(percents) {
        sink.pass(CODE, leaves, format!("a number below {most} gives these percents: some subjects are missing"));
    } else {
        let minimal = minimal_conflict(percents, &|set: &[&Figure]| possible(set)).unwrap_or_else(|| percents.to_vec());
        let texts: Vec<&str> = minimal.iter().map(|figure| figure.text.trim_end_matches('%')).collect();
        let number = if fewer { format!("{most} subjects or fewer") } else { format!("{most} subjects") };
        let message = format!("{} % of no whole number of {number}", texts.join(" % and "));
        let used: Vec<usize> = minimal.iter().map(|figure| figure.leaf).collect();
        let mut finding =
            Finding::new(CODE, Verdict::Impossible, key, used.iter().copied().chain([n.leaf]).collect(), message)
                .assuming("the percents are of the subjects of this column, each counted once")
                .stating(Statement::NoCounts { percents: used, n: n.leaf, fewer });
        for figure in &minimal {
            let near = |k: i128| format!("{k}/{most} = {:.2} %", 100.0 * k as f64 / most as f64);
            if let Some(value) = figure.value() {
                let below = ((value / 100.0) * most as f64).floor() as i128;
                finding = finding.evidence(format!("nearest: {}, {}", near(below), near(below + 1)));
            }
        }
        sink.finding(finding);
    }
}

/// A number of subjects that is not printed, from all rows of its column.
fn whole_column(table: &Baseline, column: &str, sink: &mut Sink) {
    let mut percents: Vec<&Figure> = Vec::new();
    for row in table.rows.iter().filter(|row| row.unit.is_none() && row.n.is_empty()) {
        if let RowBody::Categorical(body) = &row.body
            && matches!(body.percent_of, PercentOf::NotStated | PercentOf::Column)
        {
            percents.extend(bare(body, column));
        }
    }
    let Some(ranges) = ranges(&percents).filter(|ranges| ranges.len() >= 2) else { return };
    let found: Vec<i128> = (1..=2_000).filter(|&n| serves(&ranges, n)).take(6).collect();
    let leaves = percents.iter().map(|figure| figure.leaf).collect();
    let shown: Vec<String> = found.iter().take(5).map(i128::to_string).collect();
    let says = match found.as_slice() {
        [] => "no number of subjects up to 2,000 gives all percents of this column: some are of fewer".to_string(),
        _ => format!("numbers of subjects that give all percents of this column: {}", shown.join(", ")),
    };
    sink.undecidable(CODE, leaves, says);
}
