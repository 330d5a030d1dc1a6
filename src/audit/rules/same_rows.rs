//! V803: rows of two models that are the same in one cohort and not in another.

use super::Rule;
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::metric::Metric;
use crate::audit::reported::{Body, Figure, PerformanceRow, Reported};
use crate::audit::statement::Statement;

const CODE: &str = "V803";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "same-rows",
    checks: "whether two models have all figures alike in one cohort, an AUC with its interval among them, while they differ in \
             another",
    why: "Two models whose scores order the subjects alike are alike in every cohort. Six figures or more that agree to the \
          last digit in one cohort only are seldom chance: perhaps a row was copied.",
    example: "two models with AUC 0.85 (0.77 to 0.92), sensitivity 0.80, specificity 0.75, accuracy 0.77 in training, and other \
              figures in the test set",
    silent: "below 40 subjects, or where their number is not printed; for fewer than six figures of different texts; for models that are alike in every cohort; without an \
             interval of an AUC or a C-index; for readers, means over folds, AUCs of 0.5 or above 0.97, and AUCs that are the mean of \
             sensitivity and specificity, as those of a call of yes or no are",
    strongest: Verdict::Implausible,
    run,
};

const FEWEST_SUBJECTS: i128 = 40;
const FEWEST_FIGURES: usize = 6;

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        let Body::Performance(table) = &section.body else { continue };
        if table.readers || reported.assume.averaged {
            continue;
        }
        for (index, first) in table.rows.iter().enumerate() {
            for second in &table.rows[index + 1..] {
                let Some(pairs) = alike(first, second) else { continue };
                let leaves: Vec<usize> = pairs.iter().flatten().copied().collect();
                let n = super::support::row_n(reported, first).and_then(Figure::integer);
                let elsewhere = table.rows.iter().any(|row| {
                    let other = table.rows.iter().find(|o| o.model == second.model && o.cohort == row.cohort);
                    row.model == first.model && row.cohort != first.cohort && other.is_some_and(|o| differ(row, o))
                });
                if n.is_none_or(|n| n < FEWEST_SUBJECTS) || !elsewhere {
                    sink.undecidable(CODE, leaves, "the same figures: one model under two names, or chance?");
                    continue;
                }
                let cohort = first.cohort.as_deref().unwrap_or("-");
                let message = format!(
                    "{} and {} have the same {} figures in {cohort}, and others elsewhere",
                    first.model,
                    second.model,
                    pairs.len()
                );
                let key = format!("{}/{}-{}/{cohort}", section.name, first.model, second.model);
                sink.finding(
                    Finding::new(CODE, Verdict::Implausible, &key, leaves, message)
                        .assuming("the two are different models")
                        .stating(Statement::Alike { pairs }),
                );
            }
        }
    }
}

/// The figures of a row under their names.
fn figures(row: &PerformanceRow) -> Vec<(String, &Figure)> {
    let mut found = Vec::new();
    for cell in &row.metrics {
        for (part, figure) in [("", &cell.estimate), ("lower", &cell.lower), ("upper", &cell.upper)] {
            found.extend(figure.as_ref().map(|figure| (format!("{}/{part}", cell.key), figure)));
        }
    }
    found
}

/// The pairs of figures of two rows of one cohort that print all the same, if they are telling.
fn alike(first: &PerformanceRow, second: &PerformanceRow) -> Option<Vec<[usize; 2]>> {
    let comparable = first.cohort.is_some()
        && first.cohort == second.cohort
        && first.model != second.model
        && first.sample == second.sample
        && first.unit == second.unit
        && !first.averaged
        && !second.averaged;
    let (a, b) = (figures(first), figures(second));
    if !comparable || a.len() != b.len() || a.len() < FEWEST_FIGURES {
        return None;
    }
    let mut pairs = Vec::new();
    for (name, figure) in &a {
        let (_, other) = b.iter().find(|(other, _)| other == name)?;
        if figure.text != other.text {
            return None;
        }
        pairs.push([figure.leaf, other.leaf]);
    }
    let ranked = first.metrics.iter().find(|cell| matches!(cell.metric, Metric::Auc | Metric::Concordance))?;
    let value = ranked.estimate.as_ref()?.value()?;
    let share = if value > 1.0 { value / 100.0 } else { value };
    let telling = ranked.lower.is_some() && (0.5..0.97).contains(&share) && share > 0.501;
    let mut texts: Vec<&str> = a.iter().map(|(_, figure)| figure.text.as_str()).collect();
    texts.sort_unstable();
    texts.dedup();
    (telling && !is_of_calls(first, share) && texts.len() >= FEWEST_FIGURES).then_some(pairs)
}

/// Is this AUC that of a call of yes or no? Two readers have the same whenever both are right equally often in either class.
fn is_of_calls(row: &PerformanceRow, auc: f64) -> bool {
    let share = |metric: Metric| {
        let cell = row.metrics.iter().find(|cell| cell.metric == metric)?;
        let value = cell.estimate.as_ref()?.value()?;
        Some(if value > 1.0 { value / 100.0 } else { value })
    };
    let mean = share(Metric::Sensitivity).zip(share(Metric::Specificity)).map(|(one, other)| (one + other) / 2.0);
    mean.is_some_and(|mean| (mean - auc).abs() < 0.011)
}

/// Do two rows print different figures for something?
fn differ(first: &PerformanceRow, second: &PerformanceRow) -> bool {
    let others = figures(second);
    figures(first)
        .iter()
        .any(|(name, figure)| others.iter().any(|(other, there)| other == name && there.text != figure.text))
}
