//! What a reader should know before any number: signs of overfitting, figures that flatter, terms that do nothing.

use crate::cohort::Cohort;
use crate::features::Encoder;
use crate::results::{Analysis, AnalysisOutcome, ModelNotFitted, Notice, NoticeLevel};
use crate::spec::raw::{RawDetailedTerm, RawModel, RawPretrainingImages, RawStart, RawStatistic, RawTerm};
use crate::spec::study::Part;
use crate::spec::{PartitionName, Study};
use crate::split::Split;

/// All of them, of a study that was not run yet.
pub(super) fn before_the_run(study: &Study, cohort: &Cohort, split: &Split) -> Vec<Notice> {
    let mut notices = cohort.notices.clone();
    notices.extend(crate::split::leakage::notices(study, cohort, split));
    notices.extend(small_samples(study, cohort, split));
    notices.extend(constant_predictors(study, cohort, split));
    notices.extend(terms(study, cohort, split));
    notices.extend(apparent(study));
    notices.extend(rows_as_independent(study));
    notices
}

fn note(code: &str, message: String) -> Notice {
    Notice { code: code.to_string(), level: NoticeLevel::Note, message }
}

pub(super) fn warning(code: &str, message: String) -> Notice {
    Notice { code: code.to_string(), level: NoticeLevel::Warning, message }
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

/// Few events for the number of candidate columns, in the training part.
fn small_samples(study: &Study, cohort: &Cohort, split: &Split) -> Vec<Notice> {
    let rows = split.training();
    let mut notices = Vec::new();
    for (id, model) in &study.spec.models {
        let candidates = cohort.kept(model.predictors()).len();
        let outcome = cohort.events(model.outcome());
        let events = rows.rows().iter().filter(|row| outcome[**row]).count();
        let survival = cohort.survival(model.outcome()).is_some();
        let rarer = if survival { events } else { events.min(rows.rows().len() - events) };
        let counted = if survival { "events in" } else { "subjects in the rarer class of" };
        if candidates > 0 && rarer < 10 * candidates {
            notices.push(note(
                "sample/few-events",
                format!(
                    "Model `{id}` considers {candidates} predictors with {rarer} {counted} the training part; fewer than ten each is a sign of overfitting."
                ),
            ));
        }
    }
    notices
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

/// Figures of the part that models were fitted on flatter them, and the report says so.
fn apparent(study: &Study) -> Option<Notice> {
    let looks_at_training = |statistic: &RawStatistic| {
        let names = statistic.partitions().into_iter().filter_map(PartitionName::parse);
        names.into_iter().any(|name| name.parts.contains(&Part::Training))
    };
    let judged = study.spec.statistics.values().any(|statistic| {
        matches!(
            statistic,
            RawStatistic::Performance { .. }
                | RawStatistic::SurvivalPerformance { .. }
                | RawStatistic::Comparison { .. }
                | RawStatistic::MetricComparison(_)
                | RawStatistic::PartitionComparison(_)
                | RawStatistic::Subgroups(_)
                | RawStatistic::Reclassification(_)
                | RawStatistic::Calibration { .. }
        ) && looks_at_training(statistic)
    });
    let fitted = study.spec.models.values().any(|model| !matches!(model, RawModel::Scores { .. }));
    let others: Vec<&str> =
        study.parts().into_iter().filter(|part| *part != Part::Training).map(|part| part.id()).collect();
    let judge_by = match others.split_last() {
        None => "This study has no other part to judge them by: `split` or `data: external` makes one.".to_string(),
        Some((only, [])) => format!("Judge them by the {only} part."),
        Some((last, rest)) => format!("Judge them by the {} and {last} parts.", rest.join(", ")),
    };
    let message = "Performance in the training part is apparent: models and thresholds were fitted there.";
    (judged && fitted).then(|| note("performance/apparent", format!("{message} {judge_by}")))
}

/// Pretraining on the images of everybody is declared, and is no secret.
pub(super) fn looked_at_everybody(study: &Study) -> Vec<Notice> {
    let everybody = |model: &RawModel| {
        matches!(model, RawModel::Network { start: RawStart::Rotations { on: RawPretrainingImages::All, .. }, .. })
    };
    let models = study.spec.models.iter().filter(|(_, model)| everybody(model));
    models
        .map(|(id, _)| {
            warning(
                "leakage/pretraining",
                format!(
                    "The pretraining of `{id}` looked at the images of the validation and test part as well, without their outcomes: their performance may be flattered."
                ),
            )
        })
        .collect()
}

/// A model that the report is without.
pub(super) fn of_model(model: &ModelNotFitted) -> Notice {
    let message = format!(
        "The model `{}` ({}) could not be fitted and is not in this report: {}. Analyses go on without it; those that need it have no result.",
        model.id, model.label, model.why
    );
    warning("model/not-fitted", message)
}

/// What came of the analyses that a reader should not have to look for.
pub(super) fn of_analysis(analysis: &Analysis) -> Vec<Notice> {
    match &analysis.outcome {
        AnalysisOutcome::NotComputed { why, .. } => {
            vec![warning("analysis/not-computed", format!("The analysis `{}` has no result: {why}.", analysis.id))]
        }
        AnalysisOutcome::Optimism(optimism) => {
            let failed = optimism.rows.iter().filter(|row| row.measures.failed > 0);
            failed
                .map(|row| {
                    warning(
                        "analysis/failed-replicates",
                        format!(
                            "The analysis `{}` corrects model `{}` by {} of {} bootstrap samples: {} could not be fitted, and the correction is optimistic without them.",
                            analysis.id, row.model, row.measures.replicates, optimism.replicates, row.measures.failed
                        ),
                    )
                })
                .collect()
        }
        _ => Vec::new(),
    }
}
