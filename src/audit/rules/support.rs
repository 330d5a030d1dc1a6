//! What several rules need: figures as ranges, the scale of a metric, names of places.

use crate::audit::arithmetic::{Printed, Range, Relation, Rounding};
use crate::audit::finding::Hypothesis;
use crate::audit::reported::metric::Metric;
use crate::audit::reported::{Cohort, Figure, Performance, PerformanceRow, Reported};

/// A printed count: a whole number that is not negative.
pub fn count(figure: &Option<Figure>) -> Option<i128> {
    figure.as_ref().and_then(Figure::integer).filter(|&count| (0..=1_000_000_000).contains(&count))
}

/// The range of a printed percent (unit 100) or proportion (unit 1). `None` for a text that is no plain number.
pub fn range(figure: &Figure, percent: bool, rounding: Rounding) -> Option<Range> {
    let printed = figure.number.as_ref()?;
    Range::of(printed, if percent { 100 } else { 1 }, rounding)
}

/// Is a metric's figure in percent? `None` when the table does not tell.
pub fn in_percent(table: &Performance, metric: Metric, figure: &Figure) -> Option<bool> {
    let printed = figure.number.as_ref()?;
    if printed.percent_sign {
        return Some(true);
    }
    if !metric.is_proportion() {
        return Some(false);
    }
    if printed.value() > 1.0 {
        return Some(true);
    }
    let another = table
        .rows
        .iter()
        .flat_map(|row| &row.metrics)
        .filter(|cell| cell.metric == metric)
        .filter_map(|cell| cell.estimate.as_ref()?.number.as_ref())
        .any(|printed| printed.percent_sign || printed.value() > 1.0);
    // "0.9" in a column of percents may be 0.9 % or a proportion.
    (!another).then_some(false)
}

/// A printed number as a double, in the unit of a proportion.
pub fn proportion_bounds(printed: &Printed, percent: bool) -> (f64, f64) {
    let (low, high) = printed.widest();
    if percent { (low / 100.0, high / 100.0) } else { (low, high) }
}

/// The size of a row's sample: its own, else its cohort's.
pub fn row_n<'a>(reported: &'a Reported, row: &'a PerformanceRow) -> Option<&'a Figure> {
    row.n.as_ref().or_else(|| cohort_of(reported, row)?.n.as_ref())
}

pub fn cohort_of<'a>(reported: &'a Reported, row: &PerformanceRow) -> Option<&'a Cohort> {
    reported.cohort(row.cohort.as_deref()?)
}

/// Printed class counts of a row: its own, else its cohort's.
pub fn row_classes<'a>(reported: &'a Reported, row: &'a PerformanceRow) -> (Option<&'a Figure>, Option<&'a Figure>) {
    let cohort = cohort_of(reported, row);
    let own = row.positive.is_some() || row.negative.is_some() || row.n.is_some();
    if own {
        (row.positive.as_ref(), row.negative.as_ref())
    } else {
        (cohort.and_then(|c| c.positive.as_ref()), cohort.and_then(|c| c.negative.as_ref()))
    }
}

/// Names that say "mean over folds": no single sample is behind such a row.
pub fn looks_averaged(names: &[&str]) -> bool {
    names.iter().any(|name| {
        let lower = name.to_lowercase();
        let words: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphabetic()).collect();
        ["fold", "cross", "bootstrap", "repeat", "macro", "mean", "average"].iter().any(|stem| lower.contains(stem))
            || words.contains(&"cv")
            || words.contains(&"loocv")
    })
}

/// How far apart two texts are as typing errors: 1 for two neighbouring digits swapped, one digit dropped, doubled or
/// changed; 3 otherwise.
pub fn typing_distance(from: &str, to: &str) -> u32 {
    if from == to {
        return 0;
    }
    if strsim::osa_distance(from, to) == 1 { 1 } else { 3 }
}

/// Candidates for one misprinted number, the likeliest first; at most `most`.
pub fn ranked(mut hypotheses: Vec<Hypothesis>, most: usize) -> Vec<Hypothesis> {
    hypotheses.sort_by(|a, b| (a.distance, &a.says).cmp(&(b.distance, &b.says)));
    hypotheses.dedup();
    hypotheses.truncate(most);
    hypotheses
}

/// `k/n` as a decimal with the digits that `like` prints, rounded half up.
pub fn print_like(numerator: i128, denominator: i128, percent: bool, like: &Figure) -> String {
    let scale = like.number.as_ref().map_or(2, |printed| printed.scale.min(12));
    let unit = if percent { 100 } else { 1 };
    let power = 10_i128.pow(scale);
    let scaled = (2 * numerator * unit * power + denominator).div_euclid(2 * denominator.max(1));
    if scale == 0 {
        return scaled.to_string();
    }
    let width = scale as usize;
    format!("{}.{:0width$}", scaled / power, scaled % power)
}

/// Is the figure an exact number (no "<")?
pub fn is_plain(figure: &Figure) -> bool {
    figure.number.as_ref().is_some_and(|printed| printed.relation == Relation::Equal)
}
