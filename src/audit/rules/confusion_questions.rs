//! What else the figures of a row can be when no 2 x 2 table of its sample gives them: honest figures of another kind.
//!
//! Each question sets aside the figures that it is about. They are undecidable when the rest can stand without them; where
//! no question helps, the row is judged as it is. First each row alone, with the size of its sample; then all rows of a cohort
//! together, with its printed class counts.

use super::confusion_items::{Item, Says, consistent, positives};
use super::confusion_matrix::{CODE, Row};
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
    let several = Some(several_classes as fn(&Row<'_>, &[Item]) -> Option<Question>).filter(|_| !of_two_classes);
    for question in several.into_iter().chain(QUESTIONS) {
        let Some(question) = question(row, size) else { continue };
        let (apart, rest): (Vec<Item>, Vec<Item>) =
            row.items.iter().cloned().partition(|item| question.leaves.contains(&item.leaf));
        if !apart.is_empty() && stand(&rest) {
            sink.undecidable(CODE, apart.iter().map(|item| item.leaf).collect(), question.says);
            return rest;
        }
    }
    if let Some(says) = fewer_subjects(row, size, classes) {
        sink.undecidable(CODE, row.items.iter().map(|item| item.leaf).collect(), says);
        return Vec::new();
    }
    row.items.clone()
}

const QUESTIONS: [fn(&Row<'_>, &[Item]) -> Option<Question>; 6] =
    [class_averages, two_meanings, another_prevalence, from_rounded, average_f1, accuracy_is_sensitivity];

pub(super) struct Question {
    pub leaves: Vec<usize>,
    pub says: String,
}

/// The question, asked of all rows of a cohort, after which `items` can stand with the printed class counts.
pub(super) fn for_classes(rows: &[Row<'_>], items: &[Item], size: &[Item], classes: &[Item]) -> Option<Question> {
    let rows: Vec<&Row<'_>> = rows.iter().filter(|row| !row.row.one_table).collect();
    let sample = [size, classes].concat();
    let stand = |apart: &[usize]| {
        let rest: Vec<Item> = items.iter().filter(|item| !apart.contains(&item.leaf)).cloned().collect();
        consistent(&[rest.as_slice(), classes].concat())
    };
    for question in QUESTIONS {
        let asked: Vec<Question> = rows.iter().filter_map(|row| question(row, &sample)).collect();
        let leaves: Vec<usize> = asked.iter().flat_map(|question| question.leaves.clone()).collect();
        if !leaves.is_empty() && stand(&leaves) {
            let says = asked.into_iter().next().map_or(String::new(), |question| question.says);
            return Some(Question { leaves, says });
        }
    }
    // A single row that does not fit may lack some subjects; several point to the class counts.
    let unreachable = |row: &&&Row<'_>| !consistent(&[&sample, row.items.as_slice()].concat());
    let odd: Vec<&&Row<'_>> = rows.iter().filter(unreachable).collect();
    let [row] = odd.as_slice() else { return None };
    let says = fewer_subjects(row, size, classes)?;
    let leaves = all(row);
    stand(&leaves).then_some(Question { leaves, says })
}

fn asking(leaves: Vec<usize>, says: &str) -> Option<Question> {
    (!leaves.is_empty()).then(|| Question { leaves, says: says.to_string() })
}

fn all(row: &Row<'_>) -> Vec<usize> {
    row.items.iter().map(|item| item.leaf).collect()
}

/// The words of classification reports, whose figures are often macro or weighted means over the classes.
fn class_averages(row: &Row<'_>, _: &[Item]) -> Option<Question> {
    let report = row.row.metrics.iter().any(|cell| ["precision", "recall"].contains(&cell.key.as_str()));
    if !report {
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
fn printed<'a>(row: &'a Row<'_>, metric: Metric) -> Option<&'a Figure> {
    row.row.metric(metric)?.estimate.as_ref()
}

/// The lowest and highest value of a metric, as a proportion or a ratio.
fn bounds(row: &Row<'_>, metric: Metric) -> Option<(f64, f64)> {
    row.items.iter().find_map(|item| match &item.says {
        Says::Metric { constraint, bound: Some(bound), .. } if constraint.metric == metric => {
            Some((bound.low, bound.high))
        }
        _ => None,
    })
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
    asking(leaves, &format!("predictive values at a prevalence of {at} %, and not that of the sample?"))
}

/// Likelihood ratios computed from sensitivity and specificity as they are printed.
fn from_rounded(row: &Row<'_>, _: &[Item]) -> Option<Question> {
    let middle = |metric| bounds(row, metric).map(|(low, high)| 0.5 * (low + high));
    let (sens, spec) = (middle(Metric::Sensitivity)?, middle(Metric::Specificity)?);
    let (positive, negative) = (sens / (1.0 - spec), (1.0 - sens) / spec);
    let ratios = [
        (Metric::PositiveLikelihoodRatio, positive),
        (Metric::NegativeLikelihoodRatio, negative),
        (Metric::DiagnosticOddsRatio, positive / negative),
    ];
    let fits = |figure: &&Figure, value: f64| {
        let read = figure.number.as_ref().map(Printed::widest);
        read.is_some_and(|(low, high)| (low - 1e-9..=high + 1e-9).contains(&value))
    };
    let leaves = ratios
        .iter()
        .filter_map(|(metric, value)| printed(row, *metric).filter(|figure| fits(figure, *value)))
        .map(|figure| figure.leaf)
        .collect();
    asking(leaves, "the ratio is that of sensitivity and specificity as they are rounded")
}

/// F1 averaged over the two classes, or weighted by their sizes.
fn average_f1(row: &Row<'_>, sample: &[Item]) -> Option<Question> {
    let f1 = bounds(row, Metric::F1)?;
    let leaf = printed(row, Metric::F1)?.leaf;
    let range = |metric: Metric| {
        row.items.iter().find_map(|item| match &item.says {
            Says::Metric { constraint, .. } if constraint.metric == metric => Some(constraint.range),
            _ => None,
        })
    };
    let (sens, spec) = (range(Metric::Sensitivity)?, range(Metric::Specificity)?);
    let rest: Vec<Item> = sample.iter().chain(&row.items).filter(|item| item.leaf != leaf).cloned().collect();
    let n = total(sample)?;
    let fits = |with: i128| {
        let without = n - with;
        let (Some(found), Some(left)) = (sens.counts(with), spec.counts(without)) else { return false };
        (found.0..=found.1.min(found.0 + 20)).any(|tp| {
            (left.0..=left.1.min(left.0 + 20)).any(|tn| {
                let one = |hit: i128, of: i128, wrong: i128| 2.0 * hit as f64 / (of + hit + wrong) as f64;
                let (positive, negative) = (one(tp, with, without - tn), one(tn, without, with - tp));
                let weighted = (with as f64 * positive + without as f64 * negative) / n as f64;
                [0.5 * (positive + negative), weighted].iter().any(|mean| (f1.0..=f1.1).contains(mean))
            })
        })
    };
    let found = positives(&rest, n)?.into_iter().take(200).any(fits);
    if found { asking(vec![leaf], "F1 as a mean over the two classes (macro or weighted)?") } else { None }
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

fn total(items: &[Item]) -> Option<i128> {
    let pick = |pick: fn(&Says) -> Option<i128>| items.iter().find_map(|item| pick(&item.says));
    let classes = || {
        let plus = pick(|says| if let Says::Positives(n) = says { Some(*n) } else { None })?;
        Some(plus + pick(|says| if let Says::Negatives(n) = says { Some(*n) } else { None })?)
    };
    pick(|says| if let Says::Total(n) = says { Some(*n) } else { None }).or_else(classes)
}

/// The share of a cohort that a marker is known of, at least, where missing ones are thought of.
const KNOWN: f64 = 0.85;
/// When more of the smaller samples than this would serve, that one does says nothing.
const TELLING: f64 = 0.2;
const LARGEST: i128 = 400;

/// A sample a little smaller than the cohort, where few sizes serve and one does: a marker that some subjects lack.
fn fewer_subjects(row: &Row<'_>, size: &[Item], classes: &[Item]) -> Option<String> {
    let all = [size, classes].concat();
    let n = total(&all).filter(|n| (10..=LARGEST).contains(n) && row.row.n.is_none())?;
    let class = |wanted: fn(&Says) -> Option<i128>| classes.iter().find_map(|item| wanted(&item.says));
    let plus = class(|says| if let Says::Positives(n) = says { Some(*n) } else { None });
    let minus = class(|says| if let Says::Negatives(n) = says { Some(*n) } else { None });
    let known = |count: i128, of: Option<i128>| of.is_none_or(|of| count <= of && count as f64 >= KNOWN * of as f64);
    let sizes: Vec<i128> = ((KNOWN * n as f64).ceil() as i128..n).collect();
    let own: Vec<Item> = row.items.clone();
    let serving: Vec<i128> = sizes
        .iter()
        .copied()
        .filter(|&fewer| {
            positives(&own, fewer)
                .is_some_and(|found| found.iter().any(|&with| known(with, plus) && known(fewer - with, minus)))
        })
        .collect();
    let few = !serving.is_empty() && serving.len() as f64 <= TELLING * sizes.len() as f64;
    few.then(|| {
        let sizes: Vec<String> = serving.iter().map(i128::to_string).collect();
        format!("not of {n} subjects, but of {}: are some without this marker? Say `n:`", sizes.join(" or "))
    })
}
