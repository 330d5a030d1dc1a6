//! Levels of categorical predictors in which everybody has the outcome or nobody has: maximum likelihood has no finite
//! coefficient there, so that a run cannot fit the model. It is known from counts alone, before any fit.

use super::warning;
use crate::cohort::Cohort;
use crate::data::VariableData;
use crate::results::Notice;
use crate::spec::raw::{
    RawCoding, RawDetailedTerm, RawEstimation, RawModel, RawRegression, RawStatistic, RawTerm, RawVariableKind,
};
use crate::spec::{PartitionName, Study};
use crate::split::Split;

/// A level that cannot be estimated.
struct PureLevel<'a> {
    label: &'a str,
    /// Everybody at this level has the event; otherwise nobody has.
    everybody: bool,
}

/// What `vouch check` can foresee; a run says the same by what it could not fit.
pub fn foreseen(study: &Study, cohort: &Cohort, split: &Split) -> Vec<Notice> {
    let mut notices = Vec::new();
    for (id, model) in &study.spec.models {
        notices.extend(of_model(study, cohort, split, id, model));
    }
    for (id, statistic) in &study.spec.statistics {
        if let RawStatistic::Regression(declared) = statistic {
            notices.extend(of_regression(study, cohort, split, id, declared));
        }
    }
    notices
}

/// Logistic and Cox models without a penalty; a missing value counts as the most frequent level, as it will in the fit.
fn of_model(study: &Study, cohort: &Cohort, split: &Split, id: &str, model: &RawModel) -> Vec<Notice> {
    let remedy = match model {
        RawModel::Logistic { penalty, .. } if *penalty == 0.0 => {
            "Join it with another level, leave the variable out, or set a `penalty`"
        }
        RawModel::Cox { .. } => "Join it with another level, or leave the variable out",
        _ => return Vec::new(),
    };
    let training = split.training();
    let mut notices = Vec::new();
    for name in cohort.kept(model.predictors()) {
        let Some(variable) = study.spec.variables.get(&name) else { continue };
        // Scores of an ordinal variable are one column, in which a level has no coefficient of its own.
        if variable.kind == RawVariableKind::Ordinal && variable.coding == RawCoding::Scores {
            continue;
        }
        for PureLevel { label, everybody } in pure_levels(study, cohort, training.rows(), &name, model.outcome(), true)
        {
            let who = if everybody { "everybody" } else { "nobody" };
            notices.push(warning(
                "model/level-without-estimate",
                format!(
                    "Model `{id}` will have no finite fit: {who} at the level `{label}` of `{name}` has `{}` in the training \
                     part. {remedy}.",
                    model.outcome()
                ),
            ));
        }
    }
    notices
}

/// Logistic regressions by maximum likelihood, of those without a missing value among the terms.
fn of_regression(study: &Study, cohort: &Cohort, split: &Split, id: &str, declared: &RawRegression) -> Vec<Notice> {
    let Some(partition) = PartitionName::parse(&declared.partition) else { return Vec::new() };
    if declared.estimation != RawEstimation::MaximumLikelihood {
        return Vec::new();
    }
    let names: Vec<&String> = declared
        .terms
        .iter()
        .filter_map(|term| match term {
            RawTerm::Variable(name) => Some(name),
            RawTerm::Detailed(RawDetailedTerm { variable, .. }) => variable.as_ref(),
        })
        .collect();
    let mut rows = split.rows(&partition).rows().to_vec();
    rows.retain(|row| names.iter().all(|name| !cohort.variables[name.as_str()].is_missing(*row)));
    let mut notices = Vec::new();
    for name in names {
        for PureLevel { label, everybody } in pure_levels(study, cohort, &rows, name, &declared.outcome, false) {
            let who = if everybody { "everybody" } else { "nobody" };
            notices.push(warning(
                "analysis/level-without-estimate",
                format!(
                    "The analysis `{id}` will have no finite estimate of `{name}`: {who} at the level `{label}` has `{}` in \
                     `{}`. Firth's estimation has one (`estimation: firth`).",
                    declared.outcome, declared.partition
                ),
            ));
        }
    }
    notices
}

/// The levels of a variable that somebody of these rows has, and of whom all or none have the outcome; of survival only the
/// latter is a hindrance. A variable of one level is constant, which is told elsewhere.
fn pure_levels<'a>(
    study: &'a Study,
    cohort: &Cohort,
    rows: &[usize],
    name: &str,
    outcome: &str,
    impute: bool,
) -> Vec<PureLevel<'a>> {
    let (Some(variable), Some(VariableData::Levels(values))) =
        (study.spec.variables.get(name), cohort.variables.get(name))
    else {
        return Vec::new();
    };
    let event = cohort.events(outcome);
    let mut counts = vec![(0usize, 0usize); variable.levels.len()];
    let mut without_level = (0, 0);
    for row in rows {
        let count = values[*row].map_or(&mut without_level, |level| &mut counts[level]);
        count.0 += 1;
        count.1 += usize::from(event[*row]);
    }
    // The first of the most frequent.
    let most_frequent = (0..counts.len()).rev().max_by_key(|level| counts[*level].0);
    if let (true, Some(level)) = (impute, most_frequent) {
        counts[level] = (counts[level].0 + without_level.0, counts[level].1 + without_level.1);
    }
    let of_survival = cohort.survival(outcome).is_some();
    let found = variable.levels.values().zip(&counts).filter(|(_, (n, _))| *n > 0);
    let found: Vec<(&String, &(usize, usize))> = found.collect();
    if found.len() < 2 {
        return Vec::new();
    }
    let is_pure = |(n, events): &(usize, usize)| *events == 0 || (*events == *n && !of_survival);
    let pure = found.into_iter().filter(|(_, counts)| is_pure(counts));
    pure.map(|(label, (n, events))| PureLevel { label, everybody: n == events }).collect()
}
