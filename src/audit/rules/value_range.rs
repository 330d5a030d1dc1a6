//! V206: numbers that cannot be, whatever the data: a P-value beyond 0 and 1, a negative spread, a negative ratio.

use super::Rule;
use super::support::is_plain;
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::{Body, Figure, Reported, RowBody, Spread};
use crate::audit::statement::Statement;

const CODE: &str = "V206";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "value-range",
    checks: "that P-values lie between 0 and 1, that numbers of subjects, standard deviations and standard errors are not negative, and that odds \
             and hazard ratios and their limits are not negative",
    why: "These hold for every data set and every method.",
    example: "P = 1.20; SD -9.0",
    silent: "for \"<\" and \">\", and for what is no number",
    strongest: Verdict::Impossible,
    run,
};

/// What a figure is, and the values that it can take.
#[derive(Clone, Copy)]
struct Kind {
    name: &'static str,
    low: f64,
    high: f64,
}

const P_VALUE: Kind = Kind { name: "a P-value", low: 0.0, high: 1.0 };
const COUNT: Kind = Kind { name: "a number of subjects", low: 0.0, high: f64::INFINITY };
const DEVIATION: Kind = Kind { name: "a standard deviation or error", low: 0.0, high: f64::INFINITY };
const RATIO: Kind = Kind { name: "a ratio or its limit", low: 0.0, high: f64::INFINITY };

fn run(reported: &Reported, sink: &mut Sink) {
    let sizes = reported.cohorts.iter().flat_map(|cohort| [&cohort.n, &cohort.positive, &cohort.negative]);
    for figure in sizes.flatten() {
        let Some(leaf) = reported.leaves.get(figure.leaf) else { continue };
        judge(leaf.path.trim_start_matches('/'), COUNT, figure, sink);
    }
    for section in &reported.sections {
        for (kind, figure) in figures(&section.body) {
            let Some(leaf) = reported.leaves.get(figure.leaf) else { continue };
            judge(leaf.path.trim_start_matches('/'), kind, figure, sink);
        }
    }
}

fn figures(body: &Body) -> Vec<(Kind, &Figure)> {
    let mut found: Vec<(Kind, &Figure)> = Vec::new();
    match body {
        Body::Baseline(table) => {
            for row in &table.rows {
                found.extend(row.p.iter().map(|named| (P_VALUE, &named.figure)));
                found.extend(row.level_p.iter().map(|level| (P_VALUE, &level.figure)));
                if let RowBody::Continuous(body) = &row.body
                    && matches!(body.spread, Spread::MeanSd | Spread::MeanSe | Spread::EstimateSe)
                {
                    found.extend(body.cells.iter().flat_map(|cell| &cell.spread).map(|figure| (DEVIATION, figure)));
                }
            }
        }
        Body::Performance(table) => {
            for cell in table.rows.iter().flat_map(|row| &row.metrics) {
                found.extend(cell.p.iter().map(|figure| (P_VALUE, figure)));
                found.extend(cell.standard_error.iter().map(|figure| (DEVIATION, figure)));
            }
        }
        Body::Comparison(table) => {
            for pair in &table.pairs {
                found.extend(pair.p.iter().map(|figure| (P_VALUE, figure)));
                found.extend(pair.standard_error.iter().map(|figure| (DEVIATION, figure)));
            }
        }
        Body::Regression(table) => {
            for term in &table.terms {
                found.extend(term.p.iter().map(|figure| (P_VALUE, figure)));
                found.extend(term.standard_error.iter().map(|figure| (DEVIATION, figure)));
                found.extend(term.ratio.iter().map(|figure| (RATIO, figure)));
            }
        }
        Body::Survival(table) => {
            found.extend(table.p.iter().map(|figure| (P_VALUE, figure)));
            for ratio in &table.ratios {
                found.extend(ratio.p.iter().map(|figure| (P_VALUE, figure)));
                let limits = [&ratio.value, &ratio.lower, &ratio.upper];
                found.extend(limits.into_iter().flatten().map(|figure| (RATIO, figure)));
            }
        }
        Body::CrossTable(table) => found.extend(table.p.iter().map(|figure| (P_VALUE, figure))),
        Body::Paired(paired) => {
            found.extend(paired.items.iter().filter_map(|item| item.p.as_ref()).map(|figure| (P_VALUE, figure)));
        }
        _ => {}
    }
    found
}

fn judge(key: &str, kind: Kind, figure: &Figure, sink: &mut Sink) {
    let Some(printed) = figure.number.as_ref().filter(|_| is_plain(figure)) else { return };
    let value = printed.value();
    if (kind.low..=kind.high).contains(&value) {
        sink.pass(CODE, vec![figure.leaf], "a value that can be");
        return;
    }
    let bounds = if kind.high.is_finite() { "lies between 0 and 1" } else { "is not negative" };
    let message = format!("{} {bounds}; printed is {}", kind.name, figure.text);
    sink.finding(
        Finding::new(CODE, Verdict::Impossible, key, vec![figure.leaf], message).stating(Statement::OutOfRange {
            leaf: figure.leaf,
            low: kind.low,
            high: kind.high.min(1e300),
        }),
    );
}
