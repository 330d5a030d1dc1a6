//! What several rules need: figures as ranges, the scale of a metric, names of places.

use crate::audit::arithmetic::{Printed, Range, Relation, Rounding};
use crate::audit::finding::Hypothesis;
use crate::audit::reported::metric::Metric;
use crate::audit::reported::{
    Body, Cohort, Figure, HazardRatio, MetricCell, Performance, PerformanceRow, Reported, Scale,
};
use crate::audit::statement::Input;
use crate::stats::distribution::normal_quantile;

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
    let cells = table.rows.iter().flat_map(|row| &row.metrics);
    let own = cells.clone().find(|cell| cell.estimate.as_ref().is_some_and(|estimate| estimate.leaf == figure.leaf));
    if let Some(scale) = own.and_then(|cell| cell.scale) {
        return Some(scale == Scale::Percent);
    }
    if !metric.is_proportion() {
        // Coefficients between -1 and 1 are sometimes printed times 100.
        let large = |printed: &Printed| printed.percent_sign || printed.value().abs() > 1.0;
        let coefficient = matches!(metric, Metric::Kappa | Metric::Matthews | Metric::YoudenIndex | Metric::Markedness);
        if !coefficient || large(printed) {
            return Some(coefficient);
        }
        let mut numbers =
            cells.filter(|cell| cell.metric == metric).filter_map(|cell| cell.estimate.as_ref()?.number.as_ref());
        return numbers.all(|other| !large(other)).then_some(false);
    }
    if let Some(scale) = table.scale {
        return Some(scale == Scale::Percent);
    }
    if printed.value() > 1.0 {
        return Some(true);
    }
    let numbers = cells.filter(|cell| cell.metric.is_proportion());
    let numbers = numbers.filter_map(|cell| Some((cell.metric, cell.estimate.as_ref()?.number.as_ref()?)));
    let percents = numbers.filter(|(_, other)| other.percent_sign || other.value() > 1.0);
    // "0.8" in a table of percents may be 0.8 %, unless it has more decimals than they.
    let mut ambiguous = percents.filter(|(other, number)| *other == metric || printed.scale <= number.scale);
    ambiguous.next().is_none().then_some(false)
}

/// A printed number as a double, in the unit of a proportion.
pub fn proportion_bounds(printed: &Printed, percent: bool) -> (f64, f64) {
    let (low, high) = printed.widest();
    if percent { (low / 100.0, high / 100.0) } else { (low, high) }
}

/// Are the limits of a cell in percent, given that its estimate is or is not? They may be of another scale.
pub fn limits_in_percent(cell: &MetricCell, percent: bool) -> bool {
    if let Some(scale) = cell.ci_scale {
        return scale == Scale::Percent;
    }
    let value = |figure: &Option<Figure>| figure.as_ref().and_then(Figure::value);
    let signed = cell.upper.as_ref().and_then(|f| f.number.as_ref()).is_some_and(|printed| printed.percent_sign);
    match (value(&cell.estimate), value(&cell.upper)) {
        (Some(estimate), Some(upper)) if percent && !signed && estimate > 1.0 && upper <= 1.0 => false,
        // An estimate between its limits as they stand has their scale, even if the upper limit is too large.
        (Some(estimate), Some(upper)) if !percent && (signed || (estimate <= 1.0 && upper > 1.5)) => {
            signed || value(&cell.lower).is_none_or(|lower| lower > estimate)
        }
        _ => percent,
    }
}

/// The level of a cell's interval, as a share; 0.95 unless stated. `None` when it cannot be one.
pub fn level(stated: Option<&Figure>) -> Option<f64> {
    let level = match stated {
        Some(figure) => figure.value()?,
        None => 0.95,
    };
    Some(if level > 1.0 { level / 100.0 } else { level }).filter(|level| (0.5..1.0).contains(level))
}

/// Does the row count the cohort's own subjects? Otherwise its sizes are only those that it prints itself.
fn of_whole_cohort(row: &PerformanceRow) -> bool {
    row.sample.as_deref().is_none_or(|sample| sample == "all") && row.pooled.is_empty()
}

/// The set whose members a row counts: its cohort, in the row's unit.
pub fn cohort_of<'a>(reported: &'a Reported, row: &PerformanceRow) -> Option<&'a Cohort> {
    let cohort = reported.cohort(row.cohort.as_deref()?).filter(|_| of_whole_cohort(row))?;
    match &row.unit {
        Some(unit) if cohort.unit.as_ref() != Some(unit) => cohort.units.iter().find(|of| of.name == *unit),
        _ => Some(cohort),
    }
}

/// The lowest and the highest value that prints as the figure, times a unit. `None` for "<", ">" and what is no number.
pub fn span(figure: &Figure, unit: f64) -> Option<(f64, f64)> {
    let printed = figure.number.as_ref().filter(|_| is_plain(figure))?;
    let (low, high) = printed.widest();
    Some((low * unit, high * unit))
}

/// Ends of the magnitude of a range.
pub fn magnitude((low, high): (f64, f64)) -> (f64, f64) {
    if low > 0.0 {
        (low, high)
    } else if high < 0.0 {
        (-high, -low)
    } else {
        (0.0, high.max(-low))
    }
}

/// The |z| that a two-sided P-value stands for.
pub fn z_of_p(p: f64) -> f64 {
    if p <= 0.0 {
        f64::INFINITY
    } else if p >= 1.0 {
        0.0
    } else {
        -normal_quantile(0.5 * p)
    }
}

/// The range of |z| that a printed P-value stands for.
pub fn z_span(p: &Figure) -> Option<(f64, f64)> {
    let (low, high) = p.number.as_ref()?.widest();
    (high > 0.0).then(|| (z_of_p(high), z_of_p(low)))
}

/// The denominators that a row prints beside its sensitivity and its specificity.
fn denominators(row: &PerformanceRow) -> (Option<&Figure>, Option<&Figure>) {
    let of = |metric| row.metric(metric).and_then(|cell| cell.share.of.as_ref());
    (of(Metric::Sensitivity), of(Metric::Specificity))
}

/// Does the row print denominators of its own, below its cohort's class counts? Then it is of fewer subjects.
pub fn has_own_denominators(reported: &Reported, row: &PerformanceRow) -> bool {
    let Some(cohort) = cohort_of(reported, row) else { return false };
    let (with, without) = denominators(row);
    let sources = |positive| class_sources(reported, cohort, positive).into_iter().next();
    let fewer = |own: Option<&Figure>, of: Option<&Figure>| {
        own.and_then(Figure::integer).zip(of.and_then(Figure::integer)).map(|(own, of)| of - own)
    };
    match (fewer(with, sources(true)), fewer(without, sources(false))) {
        (Some(a), Some(b)) => a >= 0 && b >= 0 && a + b > 0,
        _ => false,
    }
}

/// The size of a row's sample: its own, else its cohort's; `None` where its own denominators say that it is smaller.
pub fn row_n<'a>(reported: &'a Reported, row: &'a PerformanceRow) -> Option<&'a Figure> {
    if row.n.is_none() && has_own_denominators(reported, row) {
        return None;
    }
    row.n.as_ref().or_else(|| cohort_of(reported, row)?.n.as_ref())
}

/// Printed class counts of a row: its own, else its cohort's, else those of the column of a baseline table that is this
/// class of the cohort.
pub fn row_classes<'a>(reported: &'a Reported, row: &'a PerformanceRow) -> (Option<&'a Figure>, Option<&'a Figure>) {
    if row.positive.is_some() || row.negative.is_some() || row.n.is_some() {
        return (row.positive.as_ref(), row.negative.as_ref());
    }
    if has_own_denominators(reported, row) {
        return denominators(row);
    }
    let Some(cohort) = cohort_of(reported, row) else { return (None, None) };
    if row.unit.is_some() {
        return (cohort.positive.as_ref(), cohort.negative.as_ref());
    }
    (
        class_sources(reported, cohort, true).into_iter().next(),
        class_sources(reported, cohort, false).into_iter().next(),
    )
}

/// Every place where the number of a cohort's subjects with (or without) the event is printed, the cohort's own first.
pub fn class_sources<'a>(reported: &'a Reported, cohort: &'a Cohort, positive: bool) -> Vec<&'a Figure> {
    let class = if positive { "positive" } else { "negative" };
    let own = if positive { &cohort.positive } else { &cohort.negative };
    let mut found: Vec<&Figure> = own.iter().collect();
    for section in &reported.sections {
        match &section.body {
            Body::Baseline(table) => found.extend(
                table
                    .columns
                    .iter()
                    .filter(|column| column.cohort.as_ref() == Some(&cohort.name))
                    .filter(|column| column.group.as_deref() == Some(class))
                    .filter_map(|column| column.n.as_ref()),
            ),
            Body::Counts(counts) => found.extend(
                counts
                    .items
                    .iter()
                    .filter(|item| item.cohort.as_ref() == Some(&cohort.name))
                    .filter(|item| item.class.as_deref() == Some(class))
                    .filter_map(|item| item.share.count.as_ref()),
            ),
            _ => {}
        }
    }
    found
}

/// Does the name of a level say that nothing is known of these subjects?
pub fn says_missing(name: &str) -> bool {
    let lower = name.to_lowercase().replace(['_', '-'], " ");
    let words = ["unknown", "missing", "na", "n/a", "not available", "not reported", "not known", "unspecified"];
    words.iter().any(|word| lower == *word || lower.starts_with(&format!("{word} ")))
}

/// Names that say "mean over folds" or "over readers": no single reading of a sample is behind such a row.
pub fn looks_averaged(names: &[&str]) -> bool {
    names.iter().any(|name| {
        let lower = name.to_lowercase();
        let words: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphabetic()).collect();
        ["fold", "cross", "bootstrap", "repeat", "macro", "mean", "average"].iter().any(|stem| lower.contains(stem))
            || ["cv", "loocv", "readers", "residents", "radiologists", "juniors", "seniors", "experts", "novices"]
                .iter()
                .any(|word| words.contains(word))
    })
}

/// Is the row said to be a mean over several, or does it print an SD of a metric, as only means have?
pub fn is_averaged(reported: &Reported, row: &PerformanceRow) -> bool {
    let with_deviation = !row.one_table && row.metrics.iter().any(|cell| cell.deviation.is_some());
    row.averaged || reported.assume.averaged || with_deviation
}

/// Names that say "not the curve of these subjects": an AUC corrected for optimism, pooled over imputations, or of a fitted
/// curve is on no grid and bound to no operating point.
pub fn looks_corrected(names: &[&str]) -> bool {
    const STEMS: [&str; 8] =
        ["optimism", "corrected", "adjusted", "imputed", "imputation", "binormal", "fitted", "smoothed"];
    names.iter().any(|name| STEMS.iter().any(|stem| name.to_lowercase().contains(stem)))
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

/// The place of one of `many` hazard ratios in the names of the file; of one, its section's.
pub fn ratio_key(section: &str, ratio: &HazardRatio, many: usize, what: &str) -> String {
    if many == 1 {
        return format!("{section}/{what}");
    }
    let name = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_string());
    let adjusted = if ratio.adjusted == Some(true) { "/adjusted" } else { "" };
    format!("{section}/{}-{}{adjusted}/{what}", name(&ratio.of), name(&ratio.against))
}

/// Is the figure an exact number (no "<")?
pub fn is_plain(figure: &Figure) -> bool {
    figure.number.as_ref().is_some_and(|printed| printed.relation == Relation::Equal)
}

/// A printed number as an input of the second checker's formula.
pub fn input(figure: &Figure) -> Input {
    Input::Leaf { leaf: figure.leaf, unit: 1.0 }
}
