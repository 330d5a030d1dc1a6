//! Is the difference the same in every subgroup? The difference within each level of a variable, and Cochran's Q over the
//! levels, which are independent as no subject is in two. Subgroups are looked at, they decide nothing.

use super::arrange::{Arranged, Scores};
use super::declaration::Declaration;
use super::difference::difference_among;
use super::facts::{SubgroupFacts, SubgroupLevel};
use super::measure::Measure;
use super::source::Grouping;
use crate::data::OutcomeData;
use crate::stats::meta_analysis::heterogeneity::cochran_heterogeneity;

pub fn rows(arranged: &Arranged, variant: &Scores, declaration: &Declaration) -> Vec<SubgroupFacts> {
    let measure = match &declaration.verdict {
        // Thresholds and bootstraps are of the whole: within a level the discrimination is compared.
        Some(rule) if arranged.binary().is_some() && matches!(rule.measure, Measure::Brier | Measure::LogLoss) => {
            rule.measure
        }
        _ => arranged.first_measure(),
    };
    let groups = arranged.subjects.groups.iter();
    groups.map(|(name, grouping)| one(arranged, variant, name, grouping, measure, declaration.level)).collect()
}

fn one(
    arranged: &Arranged,
    variant: &Scores,
    name: &str,
    grouping: &Grouping,
    measure: Measure,
    level: f64,
) -> SubgroupFacts {
    let levels: Vec<SubgroupLevel> = grouping
        .levels
        .iter()
        .enumerate()
        .map(|(at, label)| {
            let rows: Vec<usize> = (0..grouping.of.len()).filter(|row| grouping.of[*row] == Some(at)).collect();
            let difference = difference_among(measure, arranged, variant, &rows, level);
            SubgroupLevel {
                level: label.clone(),
                n: rows.len(),
                events: events(&arranged.subjects.outcome, &rows),
                why_not: difference.as_ref().err().map(ToString::to_string),
                difference: difference.ok(),
            }
        })
        .collect();
    let comparable = || {
        levels.iter().filter_map(|level| {
            let difference = level.difference.as_ref()?;
            difference.standard_error.filter(|error| *error > 0.0).map(|error| (difference.value, error))
        })
    };
    let (estimates, errors): (Vec<f64>, Vec<f64>) = comparable().unzip();
    SubgroupFacts {
        variable: name.to_string(),
        label: grouping.label.clone(),
        measure,
        interaction: cochran_heterogeneity(&estimates, &errors).ok(),
        levels,
    }
}

fn events(outcome: &OutcomeData, rows: &[usize]) -> usize {
    match outcome {
        OutcomeData::Binary(event) | OutcomeData::Survival { event, .. } => {
            rows.iter().filter(|row| event[**row]).count()
        }
    }
}
