//! V101: a count, its percent and its denominator.

use super::Rule;
use super::percent_bases::{ANY_SIZE, Cell, Fit, fit, guess_base, is_overlapping, is_weighted, one_level_apart};
use super::support::{count, print_like, range, ranked, says_missing, typing_distance};
use crate::audit::arithmetic::Rounding;
use crate::audit::conflict::minimal_conflict;
use crate::audit::finding::{Finding, Hypothesis, Sink, Verdict};
use crate::audit::reported::{Baseline, BaselineRow, Body, Categorical, Figure, PercentOf, Reported, RowBody, Share};
use crate::audit::statement::{CountPercent, Statement};

const CODE: &str = "V101";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "count-percent",
    checks: "that a percent is its count divided by a whole number of subjects, the printed one or, where data may be \
             missing, one common to the column and not larger than it",
    why: "A percent of k of n subjects is a fraction of integers. Under every way of rounding (half up, half even, half \
          down, cut off, rounded up, padded with zeros) only few percents belong to a count, and this is decided in \
          exact integer arithmetic.",
    example: "14 (77.5) in a column of 16: 14/16 is 87.5 %, and 14 is 77.5 % of no whole number",
    silent: "where a count or a percent is not printed or not readable; where most columns of most rows have no denominator \
             (weighted percents, `percent_of: weighted`); where all percents are below 1; where every column fits a larger number, of lesions or images; where the percents may be of the row or the whole \
             table and one of these fits",
    strongest: Verdict::Impossible,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        match &section.body {
            Body::Baseline(table) => {
                let weighted = is_weighted(table);
                for row in &table.rows {
                    if let RowBody::Categorical(body) = &row.body {
                        row_percents(&section.name, table, row, body, weighted, sink);
                    }
                }
            }
            Body::Counts(counts) => {
                for item in &counts.items {
                    let n = item.cohort.as_ref().and_then(|name| reported.cohort(name)).and_then(|c| c.n.as_ref());
                    single(&format!("{}/{}", section.name, item.name), &item.share, n, sink);
                }
            }
            Body::Performance(table) => {
                for row in &table.rows {
                    for cell in &row.metrics {
                        let cohort = row.cohort.as_deref().unwrap_or("-");
                        let key = format!("{}/{}/{cohort}/{}", section.name, row.model, cell.key);
                        single(&key, &cell.share, None, sink);
                    }
                }
            }
            _ => {}
        }
    }
}

/// A count with its own denominator.
fn single(key: &str, share: &Share, fallback: Option<&Figure>, sink: &mut Sink) {
    let (Some(k), Some(percent)) = (count(&share.count), share.percent.as_ref()) else { return };
    let of = share.of.as_ref().or(fallback);
    let Some(n) = of.and_then(Figure::integer) else {
        return;
    };
    let own = share.of.is_some();
    let in_percent =
        percent.number.as_ref().is_some_and(|p| p.percent_sign || p.value() > 1.0 || k == 0 || n >= 100 * k);
    let cell = Cell { k, share, column: String::new() };
    let leaves: Vec<usize> = cell.leaves().into_iter().chain(of.map(|figure| figure.leaf)).collect();
    if k > n {
        let message = format!("{k} of {n} is more than all");
        let statement = of.map(|of| Statement::Order { low: cell.leaves()[0], high: of.leaf });
        let mut finding = Finding::new(CODE, Verdict::Impossible, key, leaves, message);
        finding.statement = statement.unwrap_or(finding.statement);
        sink.finding(finding);
        return;
    }
    // Of its cohort, less those of whom nothing is known.
    if !own && in_percent {
        shared_denominator(key, &[&cell], of, sink);
        return;
    }
    match fit(&[&cell], n, n, in_percent) {
        Fit::Single => sink.pass(CODE, leaves, format!("{k}/{n} prints as {}", percent.text)),
        Fit::Mixed => cosmetic(key, &cell, n, leaves, sink),
        Fit::None => {
            let mut finding = conflict(key, &[&cell], n, of, in_percent);
            // With the denominator printed beside the count, no other denominator is meant.
            finding.leaves = leaves;
            sink.finding(finding);
        }
        Fit::Unreadable => sink.undecidable(CODE, leaves, "the percent cannot be read"),
    }
}

fn row_percents(
    section: &str,
    table: &Baseline,
    row: &BaselineRow,
    body: &Categorical,
    weighted: bool,
    sink: &mut Sink,
) {
    let cells: Vec<(usize, Cell<'_>)> = body
        .levels
        .iter()
        .enumerate()
        .flat_map(|(level, printed)| printed.cells.iter().map(move |cell| (level, cell)))
        .filter_map(|(level, cell)| {
            let k = count(&cell.share.count)?;
            cell.share.percent.as_ref()?.number.as_ref()?;
            // With its own denominator a cell stands alone.
            if cell.share.of.is_some() {
                let name = &body.levels[level].name;
                single(&format!("{section}/{}/{name}/{}", row.id, cell.column), &cell.share, None, sink);
                return None;
            }
            Some((level, Cell { k, share: &cell.share, column: cell.column.clone() }))
        })
        .collect();
    if cells.is_empty() {
        return;
    }
    let key = format!("{section}/{}", row.id);
    let n_of = |column: &str| table.size(row, column);
    // Shares typed as proportions, or all below one percent.
    let large = |cell: &Cell<'_>| {
        cell.share.percent.as_ref().and_then(|f| f.number.as_ref()).is_some_and(|p| p.percent_sign || p.value() > 1.0)
    };
    if !cells.iter().any(|(_, cell)| large(cell)) {
        let leaves = cells.iter().flat_map(|(_, cell)| cell.leaves()).collect();
        sink.undecidable(CODE, leaves, "percents below 1, or proportions? Write them as percents");
        return;
    }
    // All columns fit a denominator of their own above their n: the row counts something else than subjects.
    let printed = |id: &str| n_of(id).and_then(Figure::integer);
    let own_unit = |id: &str| {
        let group: Vec<&Cell<'_>> = cells.iter().filter(|(_, cell)| cell.column == id).map(|(_, cell)| cell).collect();
        printed(id).is_some_and(|n| {
            matches!(fit(&group, 1, n, true), Fit::None) && !matches!(fit(&group, n + 1, ANY_SIZE, true), Fit::None)
        })
    };
    let mut ids: Vec<&str> = cells.iter().map(|(_, cell)| cell.column.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() > 1 && ids.iter().all(|id| own_unit(id)) {
        let leaves = cells.iter().flat_map(|(_, cell)| cell.leaves()).collect();
        sink.undecidable(CODE, leaves, "every column fits a larger n: another unit (lesions, images)? Say `n:`");
        return;
    }
    // Subjects of whom nothing is known may be left out of the percents of the others, and have a percent of all.
    let unknown = |level: usize| {
        let name = &body.levels[level].name;
        body.missing_levels.contains(name) || says_missing(name)
    };
    let (unknowns, cells): (Vec<_>, Vec<_>) = cells.into_iter().partition(|(level, _)| unknown(*level));
    for (level, cell) in &unknowns {
        let key = format!("{key}/{}/{}", body.levels[*level].name, cell.column);
        shared_denominator(&key, &[cell], n_of(&cell.column), sink);
    }
    if cells.is_empty() {
        return;
    }
    if body.percent_of == PercentOf::Weighted {
        let leaves = cells.iter().flat_map(|(_, cell)| cell.leaves()).collect();
        sink.not_applicable(CODE, leaves, "weighted percents are not counts over subjects, as stated");
        return;
    }
    if is_overlapping(body, &cells, &n_of)
        && matches!(body.percent_of, PercentOf::NotStated | PercentOf::Column | PercentOf::Valid)
    {
        // Each level is a question of its own, with missing answers of its own.
        for (level, cell) in &cells {
            let n = n_of(&cell.column);
            let most = n.and_then(Figure::integer).filter(|&n| n > 0).unwrap_or(ANY_SIZE);
            if let Fit::Single = fit(&[cell], 1, most, true) {
                sink.pass(CODE, cell.leaves(), "a whole number of subjects gives this percent");
                continue;
            }
            let key = format!("{key}/{}/{}", body.levels[*level].name, cell.column);
            shared_denominator(&key, &[cell], n, sink);
        }
        return;
    }
    let base = match body.percent_of.clone() {
        PercentOf::NotStated => match guess_base(&cells, body.levels.len(), &n_of) {
            Some(base) => base,
            None => {
                let leaves = cells.iter().flat_map(|(_, cell)| cell.leaves()).collect();
                sink.undecidable(CODE, leaves, "percents of the column, the row or the table? Say `percent_of:`");
                return;
            }
        },
        stated => stated,
    };
    if row.unit.is_some() && row.n.is_empty() && matches!(base, PercentOf::Column | PercentOf::Valid) {
        let leaves = cells.iter().flat_map(|(_, cell)| cell.leaves()).collect();
        sink.undecidable(CODE, leaves, "the row counts another unit than subjects, and its `n:` is not printed");
        return;
    }
    match base {
        PercentOf::Row => {
            for (index, level) in body.levels.iter().enumerate() {
                let group: Vec<&Cell<'_>> = cells.iter().filter(|(l, _)| *l == index).map(|(_, cell)| cell).collect();
                shared_denominator(&format!("{key}/{}", level.name), &group, None, sink);
            }
        }
        PercentOf::Table => {
            let group: Vec<&Cell<'_>> = cells.iter().map(|(_, cell)| cell).collect();
            shared_denominator(&key, &group, None, sink);
        }
        PercentOf::Level { row, level } => {
            let earlier = table.rows.iter().find(|other| other.id == row);
            for column in &table.columns {
                let group: Vec<&Cell<'_>> =
                    cells.iter().filter(|(_, cell)| cell.column == column.id).map(|(_, cell)| cell).collect();
                let of = earlier.and_then(|earlier| level_count(earlier, &level, &column.id));
                match of {
                    _ if group.is_empty() => {}
                    Some(of) => shared_denominator(&format!("{key}/{}", column.id), &group, Some(of), sink),
                    None => {
                        let leaves = group.iter().flat_map(|cell| cell.leaves()).collect();
                        sink.undecidable(
                            CODE,
                            leaves,
                            format!("there is no count of {level} in {row} to be a part of"),
                        );
                    }
                }
            }
        }
        _ => {
            let of = |id: &str| cells.iter().filter(|(_, c)| c.column == id).map(|(_, c)| c).collect::<Vec<_>>();
            for column in &table.columns {
                let group = of(&column.id);
                if group.is_empty() {
                    continue;
                }
                let n = n_of(&column.id);
                if weighted {
                    let leaves = group.iter().flat_map(|cell| cell.leaves()).collect();
                    sink.undecidable(CODE, leaves, NOT_OF_THEIR_COUNTS);
                    continue;
                }
                if one_level_apart(&group, n) {
                    let leaves = group.iter().flat_map(|cell| cell.leaves()).collect();
                    let says = "the percents of all levels but one are of those levels alone: is one of subjects of whom \
                                nothing is known? Say `missing_levels:`";
                    sink.undecidable(CODE, leaves, says);
                    continue;
                }
                shared_denominator(&format!("{key}/{}", column.id), &group, n, sink);
            }
        }
    }
}

fn level_count<'a>(row: &'a BaselineRow, level: &str, column: &str) -> Option<&'a Figure> {
    let RowBody::Categorical(body) = &row.body else { return None };
    let level = body.levels.iter().find(|printed| printed.name == level)?;
    level.cells.iter().find(|cell| cell.column == column)?.share.count.as_ref()
}

fn shared_denominator(key: &str, cells: &[&Cell<'_>], n: Option<&Figure>, sink: &mut Sink) {
    let leaves: Vec<usize> = cells.iter().flat_map(|cell| cell.leaves()).chain(n.map(|figure| figure.leaf)).collect();
    let printed = n.and_then(Figure::integer).filter(|&n| n > 0);
    if let Some(n) = printed
        && let Fit::Single = fit(cells, n, n, true)
    {
        sink.pass(CODE, leaves, format!("the percents are of {n}"));
        return;
    }
    let most = printed.unwrap_or(ANY_SIZE);
    // Missing data: a smaller denominator, the same for the whole column, under one way of rounding.
    match (fit(cells, 1, most, true), printed) {
        (Fit::Single, Some(most)) if !matches!(fit(cells, most, most, true), Fit::Mixed) => {
            sink.pass(CODE, leaves, format!("the percents are of one number below {most}: some subjects are missing"));
        }
        (Fit::Single | Fit::Mixed, None) => sink.pass(CODE, leaves, "one denominator gives all percents"),
        (Fit::Single | Fit::Mixed, Some(most)) => {
            let odd: Vec<&&Cell<'_>> =
                cells.iter().filter(|c| !matches!(fit(&[*c], most, most, true), Fit::Single)).collect();
            match odd.as_slice() {
                [cell] => cosmetic(key, cell, most, leaves, sink),
                _ => sink.pass(CODE, leaves, "the percents fit, cell by cell, some way of rounding"),
            }
        }
        (Fit::None, _) => {
            let finding = conflict(key, cells, most, n, true);
            // The other cells of the column, which no conflict needs, may hold.
            let rest: Vec<&Cell<'_>> = cells
                .iter()
                .filter(|cell| cell.leaves().iter().all(|leaf| !finding.leaves.contains(leaf)))
                .copied()
                .collect();
            if !rest.is_empty() && !matches!(fit(&rest, 1, most, true), Fit::None) {
                let leaves = rest.iter().flat_map(|cell| cell.leaves()).collect();
                sink.pass(CODE, leaves, "the other percents of the column have a common denominator");
            }
            sink.finding(finding);
        }
        (Fit::Unreadable, _) => sink.undecidable(CODE, leaves, "a percent cannot be read"),
    }
}

const NOT_OF_THEIR_COUNTS: &str =
    "most percents of the table are not of their counts: percents of something else, or weighted? Say `percent_of:`";

fn cosmetic(key: &str, cell: &Cell<'_>, n: i128, leaves: Vec<usize>, sink: &mut Sink) {
    let Some(figure) = cell.share.percent.as_ref() else { return };
    if [Rounding::Any].iter().any(|&mode| cell.range(mode, true).is_some_and(|r| r.contains(cell.k, n))) {
        sink.pass(CODE, leaves, format!("{}/{n} prints as {} by cutting off or rounding up", cell.k, figure.text));
        return;
    }
    let message = format!(
        "{} of {n} is {} %, printed as {}: the last digit",
        cell.k,
        print_like(cell.k, n, true, figure),
        figure.text
    );
    sink.finding(Finding::new(CODE, Verdict::Cosmetic, key, leaves, message));
}

fn conflict(key: &str, cells: &[&Cell<'_>], most: i128, n: Option<&Figure>, percent: bool) -> Finding {
    let fits = |set: &[&Cell<'_>], most: i128| !matches!(fit(set, 1, most, percent), Fit::None);
    // The fewest leaves: without the printed n where that is enough, and with it where it spares a cell.
    let bounded = minimal_conflict(cells, &|set: &[&Cell<'_>]| fits(set, most)).unwrap_or_else(|| cells.to_vec());
    let (minimal, with_n) = match minimal_conflict(cells, &|set: &[&Cell<'_>]| fits(set, ANY_SIZE)) {
        Some(free) if free.len() <= bounded.len() => (free, false),
        _ => (bounded, n.is_some()),
    };
    let mut leaves: Vec<usize> = minimal.iter().flat_map(|cell| cell.leaves()).collect();
    if with_n {
        leaves.extend(n.map(|figure| figure.leaf));
    }
    let names: Vec<String> = minimal.iter().map(|cell| format!("{} ({})", cell.k, cell.percent_text())).collect();
    let message = match (minimal.as_slice(), with_n) {
        ([cell], false) => {
            format!("{} is {} % of no whole number of subjects", cell.k, cell.percent_text().trim_end_matches('%'))
        }
        ([cell], true) => {
            let needs = cell.range(Rounding::Widest, percent).and_then(|r| r.totals(cell.k, ANY_SIZE));
            match needs {
                Some((low, high)) if low == high => {
                    format!("{} ({}) is of {low} subjects, but the column has {most}", cell.k, cell.percent_text())
                }
                Some((low, _)) => format!(
                    "{} ({}) is of at least {low} subjects, but the column has {most}",
                    cell.k,
                    cell.percent_text()
                ),
                None => format!("{} ({}) does not fit {most} subjects", cell.k, cell.percent_text()),
            }
        }
        _ => format!("no one denominator gives {}", names.join(" and ")),
    };
    let mut finding = Finding::new(CODE, Verdict::Impossible, key, leaves, message)
        .assuming("the percent is of a whole number of subjects, each counted once");
    let mut hypotheses = Vec::new();
    for cell in &minimal {
        let (Some(figure), Some(counted)) = (cell.share.percent.as_ref(), cell.share.count.as_ref()) else { continue };
        if n.is_some() && most < ANY_SIZE && cell.k <= most {
            let would = print_like(cell.k, most, percent, figure);
            finding = finding.evidence(format!("{}/{most} = {would} %", cell.k));
            hypotheses.push(Hypothesis {
                says: format!("{} read as {would}", figure.text),
                leaf: Some(figure.leaf),
                distance: typing_distance(&figure.text, &would),
                to: Some(would),
            });
            if let Some((low, high)) = range(figure, percent, Rounding::HalfUp).and_then(|r| r.counts(most)) {
                for k in low..=high.min(low + 2) {
                    hypotheses.push(Hypothesis {
                        says: format!("{} read as {k}", counted.text),
                        leaf: Some(counted.leaf),
                        distance: typing_distance(&counted.text, &k.to_string()),
                        to: Some(k.to_string()),
                    });
                }
            }
        }
    }
    hypotheses.retain(|hypothesis| hypothesis.distance > 0);
    finding.hypotheses = ranked(hypotheses, 3);
    finding.statement = Statement::NoDenominator {
        cells: minimal
            .iter()
            .filter_map(|cell| {
                Some(CountPercent {
                    count: cell.share.count.as_ref()?.leaf,
                    percent: cell.share.percent.as_ref()?.leaf,
                })
            })
            .collect(),
        most: if with_n { n.map(|figure| figure.leaf) } else { None },
    };
    finding
}
