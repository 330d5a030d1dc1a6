//! V605: standardised mean differences of a baseline table, from its means, SDs and percents.

use super::Rule;
use super::support::{magnitude, says_missing, span};
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::{
    Baseline, BaselineRow, Body, Categorical, Continuous, Figure, LevelCell, Named, PercentOf, Reported, RowBody,
    Spread,
};
use crate::audit::statement::{Formula, Input, ReadAs, Relation, Statement, Target};

const CODE: &str = "V605";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "standardised-difference",
    checks: "that a standardised mean difference is the difference of the two printed means (or percents of a binary \
             variable) over a standard deviation that lies between the smallest and the largest of the row",
    why: "Every usual definition divides by a mean of the two variances: (s1^2 + s2^2) / 2, pooled by n, of one group \
          (Glass, matching), of all; Hedges' correction makes it a little smaller, and the arcsine difference of two shares lies \
          between the same bounds.",
    example: "61.2 (9.8) and 60.7 (10.1), standardised difference 0.50",
    silent: "for factors of three or more levels, medians, and percents of rows or weights; where the columns are weighted or \
             matched (the SDs may be those before), by their names; when an SD is more than half of its mean (the logarithm \
             may have been used); below 10 subjects; for a percent of those with a value, unless the counts are of that many",
    strongest: Verdict::Inconsistent,
    run,
};

/// What is allowed beyond the bounds: SDs with n or n - 1.
const MARGIN: f64 = 1.05;

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        let Body::Baseline(table) = &section.body else { continue };
        let label = section.label.as_deref().unwrap_or_default();
        for row in &table.rows {
            for named in &row.standardised_differences {
                let columns = compared(table, &named.name);
                let key = format!("{}/{}/smd", section.name, row.id);
                let weighted = looks_weighted(&columns.join(" "))
                    || [&section.name, label, &named.name, &row.id].iter().any(|name| looks_weighted(name));
                if weighted {
                    let says = "of weighted or matched subjects: the SDs may be those before";
                    sink.not_applicable(CODE, vec![named.figure.leaf], says);
                    continue;
                }
                examine(table, row, &columns, named, &key, sink);
            }
        }
    }
}

/// The columns of a group of P-columns, else all that are not sums.
fn compared(table: &Baseline, group: &str) -> Vec<String> {
    match table.comparisons.iter().find(|comparison| comparison.name == group) {
        Some(comparison) => comparison.columns.clone(),
        None => table.columns.iter().filter(|c| c.sum_of.is_empty()).map(|c| c.id.clone()).collect(),
    }
}

pub(super) fn looks_weighted(name: &str) -> bool {
    let name = name.to_lowercase();
    ["weight", "match", "iptw", "propensity", "psm", "adjust", "overlap", "after"]
        .iter()
        .any(|stem| name.contains(stem))
}

/// The magnitudes that a standardised difference can have, and what the second checker recomputes.
struct Bounds {
    low: f64,
    high: f64,
    leaves: Vec<usize>,
    formula: Formula,
    inputs: Vec<Input>,
}

fn examine(table: &Baseline, row: &BaselineRow, columns: &[String], named: &Named, key: &str, sink: &mut Sink) {
    let figure = &named.figure;
    let [first, second] = columns else {
        sink.undecidable(CODE, vec![figure.leaf], "which two columns the difference is of is not stated (`p_columns`)");
        return;
    };
    let bounds = match &row.body {
        RowBody::Continuous(body) if body.spread == Spread::MeanSd => of_means(body, [first, second]),
        RowBody::Categorical(body) => of_shares(table, row, body, [first, second]),
        _ => Err("no two means with SDs, nor two shares"),
    };
    let bounds = match bounds {
        Ok(bounds) => bounds,
        Err(why) => {
            sink.undecidable(CODE, vec![figure.leaf], why);
            return;
        }
    };
    let sizes: Option<Vec<i128>> =
        [first, second].iter().map(|id| table.size(row, id).and_then(Figure::integer)).collect();
    let together = sizes.map(|sizes| sizes.iter().sum::<i128>());
    let mut leaves = bounds.leaves;
    leaves.push(figure.leaf);
    if together.is_some_and(|n| n < 10) {
        sink.undecidable(CODE, leaves, "too few subjects for the definitions to agree");
        return;
    }
    // Hedges: 1 - 3 / (4 n - 9), of ten subjects at least.
    let hedges = 1.0 - 3.0 / (4.0 * together.unwrap_or(10).max(10) as f64 - 9.0);
    let (low, high) = (bounds.low * hedges / MARGIN, bounds.high * MARGIN);
    let fits =
        |unit: f64| span(figure, unit).map(magnitude).is_none_or(|printed| printed.1 >= low && printed.0 <= high);
    let sign = figure.number.as_ref().is_some_and(|printed| printed.percent_sign);
    if fits(0.01) || (!sign && fits(1.0)) {
        sink.pass(CODE, leaves, format!("between {low:.3} and {high:.3}, as every usual definition"));
        return;
    }
    let message = format!("the standardised difference is between {low:.3} and {high:.3}, printed is {}", figure.text);
    let unit = if sign { 0.01 } else { 1.0 };
    sink.finding(
        Finding::new(CODE, Verdict::Inconsistent, key, leaves, message)
            .assuming("the difference is of these two columns, of the plain variable, without weights")
            .stating(Statement::NoValue {
                formula: bounds.formula,
                inputs: bounds.inputs,
                relation: Relation::Equal,
                target: Target::Leaf { leaf: figure.leaf, unit, read_as: ReadAs::Magnitude },
                factor: 1.0,
                step: 0.0,
            }),
    );
}

fn of_means(body: &Continuous, columns: [&String; 2]) -> Result<Bounds, &'static str> {
    const MISSING: &str = "no two means with SDs";
    let cells = columns.map(|id| body.cells.iter().find(|cell| cell.column == *id));
    let [Some(a), Some(b)] = cells else { return Err(MISSING) };
    let mut spreads: Vec<(f64, f64)> = Vec::new();
    for cell in &body.cells {
        spreads.push(cell.spread.first().and_then(|figure| span(figure, 1.0)).ok_or(MISSING)?);
    }
    let (Some(first), Some(second)) = (span(&a.centre, 1.0), span(&b.centre, 1.0)) else { return Err(MISSING) };
    let skewed = |mean: (f64, f64), cell: &crate::audit::reported::ContinuousCell| {
        let deviation = cell.spread.first().and_then(|figure| span(figure, 1.0));
        mean.0 > 0.0 && deviation.is_some_and(|deviation| deviation.1 > 0.5 * mean.1)
    };
    if skewed(first, a) || skewed(second, b) {
        return Err("skewed, as mean and SD show: was the logarithm used?");
    }
    let least = spreads.iter().map(|spread| spread.0.max(0.0)).fold(f64::INFINITY, f64::min);
    let most = spreads.iter().map(|spread| spread.1).fold(0.0, f64::max);
    if most <= 0.0 {
        return Err("no spread");
    }
    let difference =
        ((first.0 - second.1).max(second.0 - first.1).max(0.0), (first.1 - second.0).max(second.1 - first.0));
    // The variance of all is that within, and a quarter of the squared difference at most.
    let of_all = (most * most + 0.25 * difference.1 * difference.1).sqrt();
    let pieces = [Some(&a.centre), a.spread.first(), Some(&b.centre), b.spread.first()];
    let leaves: Vec<usize> = pieces.into_iter().flatten().map(|figure| figure.leaf).collect();
    Ok(Bounds {
        low: difference.0 / of_all,
        high: if least > 0.0 { difference.1 / least } else { f64::INFINITY },
        formula: Formula::StandardisedMeans,
        inputs: leaves.iter().map(|&leaf| Input::Leaf { leaf, unit: 1.0 }).collect(),
        leaves,
    })
}

fn of_shares(
    table: &Baseline,
    row: &BaselineRow,
    body: &Categorical,
    columns: [&String; 2],
) -> Result<Bounds, &'static str> {
    if !matches!(body.percent_of, PercentOf::NotStated | PercentOf::Column | PercentOf::Valid) {
        return Err("percents of another base");
    }
    let missing = |name: &str| says_missing(name) || body.missing_levels.iter().any(|missing| missing == name);
    if body.levels.len() > 2
        || body.more_levels
        || body.overlapping == Some(true)
        || body.levels.iter().any(|level| missing(&level.name))
    {
        return Err("a factor of three or more levels has several standardised differences");
    }
    let Some(level) = body.levels.first() else { return Err("no level") };
    let mut shares = Vec::new();
    let (mut leaves, mut inputs) = (Vec::new(), Vec::new());
    for id in columns {
        let cell = level.cells.iter().find(|cell| cell.column == *id).ok_or("a cell is not printed")?;
        let share = share(table, row, body, cell).ok_or("the number of subjects behind the counts is not certain")?;
        leaves.extend(&share.leaves);
        inputs.extend(share.inputs);
        shares.push((share.count, share.n));
    }
    let p: Vec<f64> = shares.iter().map(|(count, n)| count / n).collect();
    let variance = |p: f64| p * (1.0 - p);
    let difference = (p[0] - p[1]).abs();
    let largest = if (p[0] - 0.5) * (p[1] - 0.5) <= 0.0 { 0.25 } else { variance(p[0]).max(variance(p[1])) };
    let least = variance(p[0]).min(variance(p[1]));
    if largest <= 0.0 {
        return Err("no spread");
    }
    Ok(Bounds {
        low: difference / largest.sqrt(),
        high: if least > 0.0 { difference / least.sqrt() } else { f64::INFINITY },
        leaves,
        formula: Formula::StandardisedShares,
        inputs,
    })
}

struct Counted {
    count: f64,
    n: f64,
    leaves: Vec<usize>,
    inputs: Vec<Input>,
}

/// The count of a cell and the number that it is of: printed beside it, the sum of the two levels, or the column's where the
/// percent shows that nobody's value is missing.
fn share(table: &Baseline, row: &BaselineRow, body: &Categorical, cell: &LevelCell) -> Option<Counted> {
    let count = cell.share.count.as_ref()?;
    let k = count.integer().filter(|&k| k >= 0)?;
    let of_levels: Option<Vec<&Figure>> = body
        .levels
        .iter()
        .map(|level| level.cells.iter().find(|other| other.column == cell.column)?.share.count.as_ref())
        .collect();
    let counted = |n: i128, leaf: usize| Counted {
        count: k as f64,
        n: n as f64,
        leaves: vec![count.leaf, leaf],
        inputs: vec![Input::Count { leaf: count.leaf }, Input::Count { leaf }],
    };
    if let Some(of) = cell.share.of.as_ref() {
        return Some(counted(of.integer().filter(|&n| n >= k && n > 0)?, of.leaf));
    }
    let size = table.size(row, &cell.column)?;
    let n = size.integer().filter(|&n| n >= k && n > 0)?;
    if body.levels.len() == 2 {
        let sum: i128 = of_levels?.iter().map(|figure| figure.integer()).sum::<Option<i128>>()?;
        return (sum == n).then(|| counted(n, size.leaf));
    }
    // One level of two: k / n must be the percent, and no smaller number of subjects may be.
    let percent = cell.share.percent.as_ref()?.number.as_ref()?;
    let is = |n: i128, (low, high): (f64, f64)| (low..=high).contains(&(100.0 * k as f64 / n as f64));
    let certain = is(n, percent.widest()) && !is(n - (n / 50).max(1), percent.nearest());
    certain.then(|| counted(n, size.leaf))
}
