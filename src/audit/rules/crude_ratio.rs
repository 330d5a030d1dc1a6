//! V504: the odds ratio of a univariable model of a 0/1 covariate, from the counts of the baseline table.

use super::Rule;
use super::support::span;
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::{
    Baseline, Body, Covariate, Figure, Level, Regression, RegressionModel, Reported, RowBody, Term,
};
use crate::audit::statement::{Formula, Input, ReadAs, Relation, Statement, Target};

const CODE: &str = "V504";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "crude-ratio",
    checks: "that the odds ratio of a binary covariate in a univariable logistic model is that of its counts with and without \
             the event in the baseline table, in either direction",
    why: "A logistic model with one 0/1 covariate is saturated: its odds ratio is a d / (b c), exactly.",
    example: "28 of 40 with and 24 of 60 without the event are male: 3.50 or 0.29; printed OR 0.40",
    silent: "unless the term is called univariable (its block, or the name of its section), has `type: binary`, and a row of \
             two levels, or of one, in columns with and without the event of the same cohort bears its name; where a value may be missing (the levels do \
             not add up to n, or the percent is not of n); with an empty cell; where the model has another n, or names an \
             outcome, which need not be the event that divides the columns",
    strongest: Verdict::Inconsistent,
    run,
};

/// Penalised and conditional estimates are a little nearer to 1.
const MARGIN: f64 = 1.05;

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        let Body::Regression(model) = &section.body else { continue };
        if model.model != Some(RegressionModel::Logistic) || model.unit.is_some() || model.outcome.is_some() {
            continue;
        }
        for term in model.terms.iter().filter(|term| term.covariate == Covariate::Binary) {
            let Some(name) = univariable(&section.name, term) else { continue };
            for other in &reported.sections {
                let Body::Baseline(table) = &other.body else { continue };
                if let Some(counts) = counts(reported, model, term, table, name) {
                    examine(term, &counts, &format!("{}/{}", section.name, term.id), sink);
                }
            }
        }
    }
}

/// The name of the covariate, where the term is said to stand alone in its model.
fn univariable<'a>(section: &str, term: &'a Term) -> Option<&'a str> {
    for block in [" (univariable)", " (univariate)"] {
        if let Some(name) = term.id.strip_suffix(block) {
            return Some(name);
        }
    }
    let section = section.to_lowercase();
    let alone =
        section.split(|c: char| !c.is_ascii_alphabetic()).any(|word| word == "uni" || word.starts_with("univari"));
    (alone && !term.id.ends_with(')')).then_some(term.id.as_str())
}

/// Subjects with and without the event, exposed and not.
struct Counts {
    with: [i128; 2],
    without: [i128; 2],
    inputs: Vec<Input>,
    leaves: Vec<usize>,
}

fn counts(reported: &Reported, model: &Regression, term: &Term, table: &Baseline, name: &str) -> Option<Counts> {
    let cohort = model.cohort.as_deref()?;
    let column = |group: &str| {
        let is = |c: &&crate::audit::reported::Column| {
            c.cohort.as_deref() == Some(cohort) && c.group.as_deref() == Some(group)
        };
        table.columns.iter().find(is)
    };
    let (with, without) = (column("positive")?, column("negative")?);
    let row = table.rows.iter().find(|row| row.id.eq_ignore_ascii_case(name))?;
    let RowBody::Categorical(body) = &row.body else { return None };
    if body.levels.len() > 2 || body.more_levels || row.unit.is_some() {
        return None;
    }
    let of = |id: &str| {
        let size = table.size(row, id)?;
        let counted = of_column(&body.levels, id, size)?;
        Some((counted, size.leaf))
    };
    let (with, without) = (of(&with.id)?, of(&without.id)?);
    // The model's subjects are those of the table.
    let together = with.0.counts.iter().chain(&without.0.counts).sum::<i128>();
    let other_n = [&term.n, &model.n].into_iter().flatten().filter_map(Figure::integer).any(|n| n != together);
    let of_cohort = reported.cohort(cohort).and_then(|cohort| cohort.n.as_ref()?.integer());
    if other_n || of_cohort.is_some_and(|n| n != together) {
        return None;
    }
    let leaves = [with.0.leaves.as_slice(), &without.0.leaves, &[with.1, without.1]].concat();
    let inputs = [with.0.inputs, without.0.inputs].concat();
    Some(Counts { with: with.0.counts, without: without.0.counts, inputs, leaves })
}

struct OfColumn {
    counts: [i128; 2],
    inputs: Vec<Input>,
    leaves: Vec<usize>,
}

/// The two counts of a column; `None` where a value may be missing.
fn of_column(levels: &[Level], id: &str, size: &Figure) -> Option<OfColumn> {
    let n = size.integer()?;
    let cells: Option<Vec<_>> = levels.iter().map(|level| level.cells.iter().find(|cell| cell.column == id)).collect();
    let cells = cells?;
    let figures: Option<Vec<&Figure>> = cells.iter().map(|cell| cell.share.count.as_ref()).collect();
    match figures?.as_slice() {
        [first, second] => {
            let counts = [first.integer()?, second.integer()?];
            let inputs = [first, second].map(|figure| Input::Count { leaf: figure.leaf }).to_vec();
            (counts[0] + counts[1] == n).then(|| OfColumn { counts, inputs, leaves: vec![first.leaf, second.leaf] })
        }
        [only] => {
            let k = only.integer().filter(|&k| k <= n)?;
            let percent = cells[0].share.percent.as_ref()?.number.as_ref()?;
            let is = |n: i128, (low, high): (f64, f64)| (low..=high).contains(&(100.0 * k as f64 / n as f64));
            let certain = is(n, percent.widest()) && !is(n - (n / 50).max(1), percent.nearest());
            let inputs = vec![Input::Count { leaf: only.leaf }, Input::Rest { of: size.leaf, less: only.leaf }];
            certain.then(|| OfColumn { counts: [k, n - k], inputs, leaves: vec![only.leaf] })
        }
        _ => None,
    }
}

fn examine(term: &Term, counts: &Counts, key: &str, sink: &mut Sink) {
    let Some(ratio) = &term.ratio else { return };
    let leaves = [counts.leaves.as_slice(), &[ratio.leaf]].concat();
    let [a, b] = counts.with.map(|count| count as f64);
    let [c, d] = counts.without.map(|count| count as f64);
    if a * b * c * d == 0.0 {
        sink.undecidable(CODE, leaves, "an empty cell: the odds ratio is not defined without a correction");
        return;
    }
    let Some(printed) = span(ratio, 1.0) else { return };
    let crude = a * d / (b * c);
    // Haldane's (and Firth's): a half in every cell.
    let shrunk = (a + 0.5) * (d + 0.5) / ((b + 0.5) * (c + 0.5));
    let (low, high) = (crude.min(shrunk) / MARGIN, crude.max(shrunk) * MARGIN);
    let fits = |low: f64, high: f64| printed.1 >= low && printed.0 <= high;
    if fits(low, high) || fits(1.0 / high, 1.0 / low) {
        sink.pass(CODE, leaves, format!("the counts give {crude:.3} or {:.3}", 1.0 / crude));
        return;
    }
    let message =
        format!("the counts give an odds ratio of {crude:.3} or {:.3}, printed is {}", 1.0 / crude, ratio.text);
    sink.finding(
        Finding::new(CODE, Verdict::Inconsistent, &format!("{key}/crude"), leaves, message)
            .assuming(
                "the model has no other covariate, all subjects of the two columns, and their event as its outcome",
            )
            .stating(Statement::NoValue {
                formula: Formula::OddsRatio,
                inputs: counts.inputs.clone(),
                relation: Relation::Equal,
                target: Target::Leaf { leaf: ratio.leaf, unit: 1.0, read_as: ReadAs::Value },
                factor: 1.0,
                step: 0.0,
            }),
    );
}
