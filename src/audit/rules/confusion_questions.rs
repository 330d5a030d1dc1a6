//! What else the figures of a row can be when no 2 x 2 table of its sample gives them: honest figures of another kind.
//!
//! Each question sets aside the figures that it is about. They are undecidable when the rest can stand without them; where
//! no question helps, the row is judged as it is. First each row alone, with the size of its sample; then all rows of a cohort
//! together, with its printed class counts.

use super::confusion_averages::f1_is_above_both;
use super::confusion_cut_offs::{accuracy_elsewhere, fixed_in_advance};
use super::confusion_items::{Item, Says, bound_of, consistent, total};
use super::confusion_matrix::{CODE, Row};
use super::confusion_samples::{fewer_subjects, resampled};
use crate::audit::arithmetic::Printed;
use crate::audit::finding::Sink;
use crate::audit::reported::Figure;
use crate::audit::reported::metric::Metric;

/// The figures of a row that are judged, after what is asked about the others is told.
pub(super) fn settle(row: &Row<'_>, size: &[Item], classes: &[Item], sink: &mut Sink) -> Vec<Item> {
    let stand = |items: &[Item]| consistent(&[size, items].concat());
    if row.row.one_table || row.items.len() < 2 || stand(&row.items) {
        return row.items.clone();
    }
    let of_two_classes = classes.len() == 2;
    let sample = [size, classes].concat();
    let several = Some(several_classes as fn(&Row<'_>, &[Item]) -> Option<Question>).filter(|_| !of_two_classes);
    for question in several.into_iter().chain(QUESTIONS) {
        let Some(question) = question(row, &sample) else { continue };
        let (apart, rest): (Vec<Item>, Vec<Item>) =
            row.items.iter().cloned().partition(|item| question.leaves.contains(&item.leaf));
        if !apart.is_empty() && stand(&rest) {
            sink.question(CODE, apart.iter().map(|item| item.leaf).collect(), question.says);
            return rest;
        }
    }
    if let Some(says) = fewer_subjects(row, size, classes) {
        sink.question(CODE, row.items.iter().map(|item| item.leaf).collect(), says);
        return Vec::new();
    }
    row.items.clone()
}

const QUESTIONS: [fn(&Row<'_>, &[Item]) -> Option<Question>; 9] = [
    class_averages,
    two_meanings,
    another_prevalence,
    weighted_to_a_prevalence,
    from_rounded,
    average_f1,
    accuracy_is_sensitivity,
    fixed_in_advance,
    accuracy_elsewhere,
];

pub(super) struct Question {
    pub leaves: Vec<usize>,
    pub says: String,
    /// The odds of the event that it is about: one for all rows of a table.
    pub odds: Option<(f64, f64)>,
}

/// The question, asked of all rows of a cohort, after which `items` can stand with the printed class counts.
pub(super) fn for_classes(rows: &[Row<'_>], items: &[Item], size: &[Item], classes: &[Item]) -> Option<Question> {
    let all_rows = rows;
    let rows: Vec<&Row<'_>> = rows.iter().filter(|row| !row.row.one_table).collect();
    // With a question about some of its figures a row may fit by chance, and another question be the one.
    let printed: Vec<Row<'_>> =
        rows.iter().map(|row| Row { items: row.as_printed.clone(), ..(*row).clone() }).collect();
    let sample = [size, classes].concat();
    let stand = |apart: &[usize]| {
        let rest: Vec<Item> = items.iter().filter(|item| !apart.contains(&item.leaf)).cloned().collect();
        consistent(&[rest.as_slice(), classes].concat())
    };
    let several = Some(several_classes as fn(&Row<'_>, &[Item]) -> Option<Question>).filter(|_| classes.len() != 2);
    for question in several.into_iter().chain(QUESTIONS) {
        for asked in [
            rows.iter().filter_map(|row| question(row, &sample)).collect::<Vec<Question>>(),
            printed.iter().filter_map(|row| question(row, &sample)).collect(),
        ] {
            let leaves: Vec<usize> = asked.iter().flat_map(|question| question.leaves.clone()).collect();
            let odds: Vec<(f64, f64)> = asked.iter().filter_map(|question| question.odds).collect();
            let least = odds.iter().map(|odds| odds.0).fold(0.0, f64::max);
            let of_one_prevalence = odds.iter().all(|odds| odds.1 >= least);
            if !leaves.is_empty() && of_one_prevalence && stand(&leaves) {
                let says = asked.into_iter().next().map_or(String::new(), |question| question.says);
                return Some(Question { leaves, says, odds: None });
            }
        }
    }
    if let Some(question) = resampled(all_rows, size, classes) {
        return Some(question);
    }
    // A single row that does not fit may lack some subjects; several point to the class counts.
    let unreachable = |row: &&&Row<'_>| !consistent(&[&sample, row.items.as_slice()].concat());
    let odd: Vec<&&Row<'_>> = rows.iter().filter(unreachable).collect();
    let [row] = odd.as_slice() else { return None };
    let says = fewer_subjects(row, size, classes)?;
    let leaves = all(row);
    stand(&leaves).then_some(Question { leaves, says, odds: None })
}

pub(super) fn asking(leaves: Vec<usize>, says: &str) -> Option<Question> {
    (!leaves.is_empty()).then(|| Question { leaves, says: says.to_string(), odds: None })
}

fn all(row: &Row<'_>) -> Vec<usize> {
    row.items.iter().map(|item| item.leaf).collect()
}

/// The words of classification reports, whose figures are often macro or weighted means over the classes.
fn class_averages(row: &Row<'_>, _: &[Item]) -> Option<Question> {
    let report = row.row.metrics.iter().any(|cell| ["precision", "recall"].contains(&cell.key.as_str()));
    if !report || f1_is_above_both(row) {
        return None;
    }
    asking(all(row), "no one table: means over the classes? If not, name them sens and ppv")
}

/// Means over the classes follow from one table of two of them; the file does not say that there are two.
fn several_classes(row: &Row<'_>, _: &[Item]) -> Option<Question> {
    let cells = row.row.metrics.iter().filter(|cell| cell.metric.is_class_mean());
    let leaves = cells.filter_map(|cell| cell.estimate.as_ref()).map(|figure| figure.leaf).collect();
    asking(leaves, "means over more than two classes? Of two, print the numbers with and without the event")
}

/// A detection rate may be of all, of those with the event, or per thousand; agreement and kappa beside readers may be those
/// between readers.
fn two_meanings(row: &Row<'_>, _: &[Item]) -> Option<Question> {
    let ambiguous = |key: &str, metric: Metric| {
        key == "agreement" || metric == Metric::DetectionRate || (metric == Metric::Kappa && row.readers)
    };
    let cells = row.row.metrics.iter().filter(|cell| ambiguous(&cell.key, cell.metric));
    let leaves = cells.filter_map(|cell| cell.estimate.as_ref()).map(|figure| figure.leaf).collect();
    asking(
        leaves,
        "a word of several meanings: of all subjects, of those with the event, per thousand, between readers?",
    )
}

/// The figure that the row prints of a metric.
pub(super) fn printed<'a>(row: &'a Row<'_>, metric: Metric) -> Option<&'a Figure> {
    row.row.metric(metric)?.estimate.as_ref()
}

/// The lowest and highest value of a metric, as a proportion or a ratio.
pub(super) fn bounds(row: &Row<'_>, metric: Metric) -> Option<(f64, f64)> {
    bound_of(&row.items, metric).map(|bound| (bound.low, bound.high))
}

/// Prevalences that a paper chooses.
const ROUND_PREVALENCES: [f64; 14] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5];

/// Predictive values by Bayes' rule, at the prevalence of a population instead of the sample's.
fn another_prevalence(row: &Row<'_>, _: &[Item]) -> Option<Question> {
    let (sens, spec) = (bounds(row, Metric::Sensitivity)?, bounds(row, Metric::Specificity)?);
    let odds = |p: f64| if p >= 1.0 { f64::INFINITY } else { p.max(0.0) / (1.0 - p) };
    let positive = bounds(row, Metric::PositivePredictiveValue).map(|(low, high)| {
        let ratio = |sens: f64, spec: f64| (1.0 - spec).max(0.0) / sens.max(1e-12);
        (odds(low) * ratio(sens.1, spec.1), odds(high) * ratio(sens.0, spec.0))
    });
    let negative = bounds(row, Metric::NegativePredictiveValue).map(|(low, high)| {
        let ratio = |sens: f64, spec: f64| spec / (1.0 - sens).max(1e-12);
        (ratio(sens.0, spec.0) / odds(high).max(1e-12), ratio(sens.1, spec.1) / odds(low).max(1e-12))
    });
    let (low, high, both) = match (positive, negative) {
        (Some(a), Some(b)) => (a.0.max(b.0), a.1.min(b.1), true),
        (Some(one), None) | (None, Some(one)) => (one.0, one.1, false),
        (None, None) => return None,
    };
    let round = ROUND_PREVALENCES.iter().find(|prevalence| (low..=high).contains(&odds(**prevalence)));
    // A population has the condition more seldom than a study's sample; exchanged labels would give it more often.
    if low > high || high > 1.0 || !(both || round.is_some()) {
        return None;
    }
    let leaves = [Metric::PositivePredictiveValue, Metric::NegativePredictiveValue];
    let leaves = leaves.iter().filter_map(|metric| printed(row, *metric)).map(|figure| figure.leaf).collect();
    let share = |odds: f64| 100.0 * odds / (1.0 + odds);
    let at = match round {
        Some(prevalence) => format!("{:.1}", 100.0 * prevalence),
        None => format!("{:.1} to {:.1}", share(low), share(high)),
    };
    let says = format!("predictive values at a prevalence of {at} %, and not that of the sample?");
    asking(leaves, &says).map(|question| Question { odds: Some((low, high)), ..question })
}

/// The same of accuracy too: subjects weighted to a population, as those of a case-cohort.
fn weighted_to_a_prevalence(row: &Row<'_>, sample: &[Item]) -> Option<Question> {
    let mut question = another_prevalence(row, sample)?;
    let [accuracy, sens, spec] =
        [Metric::Accuracy, Metric::Sensitivity, Metric::Specificity].map(|metric| bounds(row, metric));
    let (accuracy, sens, spec, odds) = (accuracy?, sens?, spec?, question.odds?);
    let mix = |odds: f64, sens: f64, spec: f64| (odds * sens + spec) / (1.0 + odds);
    let (low, high) = if odds.1.is_finite() {
        let ends = [odds.0, odds.1];
        (
            ends.map(|odds| mix(odds, sens.0, spec.0)).into_iter().fold(1.0, f64::min),
            ends.map(|odds| mix(odds, sens.1, spec.1)).into_iter().fold(0.0, f64::max),
        )
    } else {
        return None;
    };
    if accuracy.1 < low || accuracy.0 > high {
        return None;
    }
    question.leaves.push(printed(row, Metric::Accuracy)?.leaf);
    Some(question)
}

/// Likelihood ratios computed from sensitivity and specificity as they are printed, or with one digit or two fewer.
fn from_rounded(row: &Row<'_>, _: &[Item]) -> Option<Question> {
    let share = |metric: Metric| {
        row.items.iter().find_map(|item| match &item.says {
            Says::Metric { constraint, percent, figure, .. } if constraint.metric == metric => {
                let printed = figure.number.as_ref()?;
                let unit = if *percent { 0.01 } else { 1.0 };
                let scale = i32::try_from(printed.scale).ok()?;
                let fewer = |digits: i32| {
                    let power = 10_f64.powi(scale - digits);
                    unit * (printed.value() * power).round() / power
                };
                Some([0, 1, 2].map(fewer))
            }
            _ => None,
        })
    };
    let (sens, spec) = (share(Metric::Sensitivity)?, share(Metric::Specificity)?);
    let ratios = |metric: Metric| {
        [0, 1, 2].map(|digits| {
            let (positive, negative) = (sens[digits] / (1.0 - spec[digits]), (1.0 - sens[digits]) / spec[digits]);
            match metric {
                Metric::PositiveLikelihoodRatio => positive,
                Metric::NegativeLikelihoodRatio => negative,
                _ => positive / negative,
            }
        })
    };
    let fits = |figure: &&Figure, metric: Metric| {
        let read = figure.number.as_ref().map(Printed::widest);
        let within = |value: f64| read.is_some_and(|(low, high)| (low - 1e-9..=high + 1e-9).contains(&value));
        ratios(metric).into_iter().any(within)
    };
    let leaves = [Metric::PositiveLikelihoodRatio, Metric::NegativeLikelihoodRatio, Metric::DiagnosticOddsRatio]
        .into_iter()
        .filter_map(|metric| printed(row, metric).filter(|figure| fits(figure, metric)))
        .map(|figure| figure.leaf)
        .collect();
    asking(leaves, "the ratio is that of sensitivity and specificity as they are rounded")
}

/// F1 averaged over the two classes, or weighted by their sizes, beside shares of one class.
fn average_f1(row: &Row<'_>, sample: &[Item]) -> Option<Question> {
    let leaf = printed(row, Metric::F1)?.leaf;
    bounds(row, Metric::Sensitivity)?;
    bounds(row, Metric::Specificity).or_else(|| bounds(row, Metric::PositivePredictiveValue))?;
    total(sample)?;
    let averaged = |metric: Metric| -> Vec<Item> {
        let mut items = [sample, &row.items].concat();
        for item in items.iter_mut().filter(|item| item.leaf == leaf) {
            if let Says::Metric { constraint, bound, .. } = &mut item.says {
                constraint.metric = metric;
                *bound = None;
            }
        }
        items
    };
    let fits = [Metric::F1Macro, Metric::F1Weighted].into_iter().any(|metric| consistent(&averaged(metric)));
    if fits { asking(vec![leaf], "F1 as a mean over the two classes (macro or weighted)?") } else { None }
}

/// In one table of two classes accuracy lies between sensitivity and specificity; a recall averaged over classes by their
/// sizes is the accuracy.
fn accuracy_is_sensitivity(row: &Row<'_>, _: &[Item]) -> Option<Question> {
    let [accuracy, sensitivity, specificity] =
        [Metric::Accuracy, Metric::Sensitivity, Metric::Specificity].map(|metric| printed(row, metric));
    let alike = accuracy?.text == sensitivity?.text && specificity?.text != sensitivity?.text;
    if alike {
        asking(all(row), "accuracy and sensitivity are alike: means over several classes (`averaged:`)?")
    } else {
        None
    }
}
