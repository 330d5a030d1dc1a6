//! What a reader should know before any number: signs of overfitting, figures that flatter, terms that do nothing.

mod criteria;
mod held_out;
mod of_results;
mod pure_level;
mod sample;
mod small_part;

pub(super) use held_out::looked_at_everybody;
pub(super) use of_results::{of_analysis, of_cox_model};
pub use pure_level::foreseen;

use crate::cohort::Cohort;
use crate::features::Encoder;
use crate::results::{ModelNotFitted, Notice, NoticeLevel};
use crate::spec::raw::{RawDetailedTerm, RawModel, RawStatistic, RawTerm};
use crate::spec::{PartitionName, Study};
use crate::split::Split;

/// All of them, of a study that was not run yet.
pub(super) fn before_the_run(study: &Study, cohort: &Cohort, split: &Split) -> Vec<Notice> {
    let mut notices = cohort.notices.clone();
    notices.extend(criteria::notices(study));
    notices.extend(crate::split::leakage::notices(study, cohort, split));
    notices.extend(sample::few_events(study, cohort, split));
    notices.extend(constant_predictors(study, cohort, split));
    notices.extend(terms(study, cohort, split));
    notices.extend(held_out::apparent(study, cohort, split));
    notices.extend(small_part::notices(study, cohort, split));
    notices.extend(held_out::mixed(study, split));
    notices.extend(held_out::stopped_by_validation(study));
    notices.extend(rows_as_independent(study));
    notices
}

pub(super) fn note(code: &str, message: String) -> Notice {
    Notice { code: code.to_string(), level: NoticeLevel::Note, message }
}

pub(super) fn warning(code: &str, message: String) -> Notice {
    Notice { code: code.to_string(), level: NoticeLevel::Warning, message }
}

/// "`a`", "`a` and `b`"; of many the first four, and how many more.
pub(super) fn quoted(names: &[&str]) -> String {
    const NAMED: usize = 4;
    let mut parts: Vec<String> = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    if names.len() > NAMED {
        parts.push(format!("{} more", names.len() - NAMED));
    }
    match parts.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, front)) => format!("{} and {last}", front.join(", ")),
        None => String::new(),
    }
}

/// Where one analysis says that rows belong together, what takes them as independent has intervals that are too narrow.
fn rows_as_independent(study: &Study) -> Option<Notice> {
    let cluster = |statistic: &RawStatistic| match statistic {
        RawStatistic::Performance { cluster, .. } | RawStatistic::Comparison { cluster, .. } => cluster.clone(),
        RawStatistic::Cox { fit, .. } => fit.cluster.clone(),
        _ => None,
    };
    let variable = study.spec.statistics.values().find_map(cluster)?;
    let describes_only = |statistic: &RawStatistic| {
        matches!(
            statistic,
            RawStatistic::BaselineTable { .. } | RawStatistic::Characteristics { .. } | RawStatistic::Planning(_)
        )
    };
    let others = study.spec.statistics.iter();
    let others: Vec<String> = others
        .filter(|(_, statistic)| cluster(statistic).is_none() && !describes_only(statistic))
        .map(|(id, _)| format!("`{id}`"))
        .collect();
    (!others.is_empty()).then(|| {
        note(
            "analysis/rows-as-independent",
            format!(
                "Rows of one `{variable}` belong together in some analyses; {} take all rows as independent.",
                others.join(", ")
            ),
        )
    })
}

/// The predictors of a model that have one value only in the training part: nothing can be learnt from them.
pub fn constant(study: &Study, cohort: &Cohort, split: &Split, model: &RawModel) -> Vec<String> {
    let training = split.training();
    let mut predictors = cohort.kept(model.predictors());
    predictors.retain(|name| {
        let encoder = Encoder::fit(study, cohort, &training, std::slice::from_ref(name));
        encoder.is_ok_and(|encoder| encoder.columns().is_empty())
    });
    predictors
}

fn constant_predictors(study: &Study, cohort: &Cohort, split: &Split) -> Vec<Notice> {
    let mut notices = Vec::new();
    for (id, model) in &study.spec.models {
        for name in constant(study, cohort, split, model) {
            notices.push(warning(
                "model/constant-predictor",
                format!("Model `{id}` is fitted without `{name}`, which has one value only in the training part."),
            ));
        }
    }
    notices
}

/// Terms of regressions: those with one value only, and those whose transform is not theirs.
fn terms(study: &Study, cohort: &Cohort, split: &Split) -> Vec<Notice> {
    let mut notices = Vec::new();
    for (id, statistic) in &study.spec.statistics {
        let names = variables_of(statistic);
        let rows: Vec<usize> = statistic
            .partitions()
            .into_iter()
            .filter_map(PartitionName::parse)
            .flat_map(|name| split.rows(&name).rows().to_vec())
            .collect();
        let is_constant = |name: &str| cohort.variables.get(name).is_some_and(|data| data.is_constant(&rows));
        for name in names.iter().filter(|name| is_constant(name)) {
            let partition = statistic.partitions().join(", ");
            notices.push(warning(
                "analysis/constant-term",
                format!("The analysis `{id}` cannot estimate `{name}`, which has one value only in `{partition}`."),
            ));
        }
        let is_changed = |name: &str| study.spec.variables.get(name).is_some_and(|it| it.entry_in_words().is_some());
        let changed: Vec<String> =
            names.iter().filter(|name| is_changed(name)).map(|name| format!("`{name}`")).collect();
        if !changed.is_empty() {
            notices.push(note(
                "analysis/own-scale",
                format!(
                    "The analysis `{id}` takes {} as measured: their `transform` or `winsorise` holds for models alone.",
                    changed.join(", ")
                ),
            ));
        }
    }
    notices
}

/// The variables among the terms of a regression.
fn variables_of(statistic: &RawStatistic) -> Vec<&String> {
    let terms = match statistic {
        RawStatistic::Regression(declared) => &declared.terms,
        RawStatistic::FineGray(declared) => &declared.terms,
        RawStatistic::Cox { terms, .. } => terms,
        _ => return Vec::new(),
    };
    let variables = terms.iter().filter_map(|term| match term {
        RawTerm::Variable(name) => Some(name),
        RawTerm::Detailed(RawDetailedTerm { variable, .. }) => variable.as_ref(),
    });
    variables.collect()
}

/// A model that the report is without.
pub(super) fn of_model(model: &ModelNotFitted) -> Notice {
    let message = format!(
        "The model `{}` ({}) could not be fitted and is not in this report: {}. Analyses go on without it; those that need it have no result.",
        model.id, model.label, model.why
    );
    warning("model/not-fitted", message)
}
