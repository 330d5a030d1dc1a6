//! Where subjects that something was fitted on are among those that judge it.

use super::small_part::Counts;
use super::{note, quoted, warning};
use crate::cohort::Cohort;
use crate::results::Notice;
use crate::spec::raw::{
    RawDetailedTerm, RawGroups, RawHead, RawModel, RawPretrainingImages, RawStart, RawStatistic, RawTerm,
    RawThresholdRule,
};
use crate::spec::study::Part;
use crate::spec::{PartitionName, Study};
use crate::split::Split;

/// Its numbers come of this study's training part.
fn is_fitted(model: &RawModel) -> bool {
    !matches!(model, RawModel::Scores { .. } | RawModel::Onnx { head: RawHead::Softmax, .. })
}

/// The models whose scores an analysis looks at; nothing of one that looks at none.
pub(super) fn models_in(study: &Study, statistic: &RawStatistic) -> Vec<String> {
    let of_groups = |groups: &RawGroups| match groups {
        RawGroups::Threshold { model, .. } | RawGroups::Quantiles { model, .. } => vec![model.clone()],
        RawGroups::Variable { .. } | RawGroups::Outcome { .. } => Vec::new(),
    };
    let of_terms = |terms: &[RawTerm]| {
        let groups = terms.iter().filter_map(|term| match term {
            RawTerm::Detailed(RawDetailedTerm { groups_of: Some(id), .. }) => study.spec.statistics.get(id),
            _ => None,
        });
        groups.flat_map(|statistic| models_in(study, statistic)).collect()
    };
    match statistic {
        RawStatistic::Performance { outcome, models, .. }
        | RawStatistic::SurvivalPerformance { outcome, models, .. }
        | RawStatistic::Calibration { outcome, models, .. } => study.models_of(outcome, models.as_ref()),
        RawStatistic::Comparison { outcome, models, reference, .. } => {
            let mut all = study.models_of(outcome, models.as_ref());
            all.push(reference.clone());
            all
        }
        RawStatistic::MetricComparison(declared) => {
            let all = study.spec.statistics.get(&declared.thresholds_of);
            let mut models =
                declared.models.clone().unwrap_or_else(|| all.map(|of| models_in(study, of)).unwrap_or_default());
            models.push(declared.reference.clone());
            models
        }
        RawStatistic::PartitionComparison(declared) => study.models_of(&declared.outcome, declared.models.as_ref()),
        RawStatistic::Subgroups(declared) => study.models_of(&declared.outcome, declared.models.as_ref()),
        RawStatistic::Reclassification(declared) => vec![declared.old.clone(), declared.new.clone()],
        RawStatistic::KaplanMeier { groups, .. } => of_groups(groups),
        RawStatistic::CumulativeIncidence(declared) => of_groups(&declared.groups),
        RawStatistic::Cox { terms, .. } => of_terms(terms),
        RawStatistic::FineGray(declared) => of_terms(&declared.terms),
        RawStatistic::Regression(declared) => of_terms(&declared.terms),
        RawStatistic::BaselineTable { .. }
        | RawStatistic::SetComparison(_)
        | RawStatistic::Characteristics { .. }
        | RawStatistic::Optimism(_)
        | RawStatistic::Agreement(_)
        | RawStatistic::Planning(_) => Vec::new(),
    }
}

fn looks_at_fitted(study: &Study, statistic: &RawStatistic) -> bool {
    models_in(study, statistic).iter().any(|model| study.spec.models.get(model).is_some_and(is_fitted))
}

/// The parts of this study that a name stands for.
pub(super) fn parts(study: &Study, name: &PartitionName) -> Vec<Part> {
    name.parts.iter().copied().filter(|part| study.parts().contains(part)).collect()
}

pub(super) fn named<'a>(statistic: &'a RawStatistic) -> impl Iterator<Item = PartitionName> + 'a {
    statistic.partitions().into_iter().filter_map(PartitionName::parse)
}

/// Figures of the part that models were fitted on flatter them, and the report says so.
pub(super) fn apparent(study: &Study, cohort: &Cohort, split: &Split) -> Option<Notice> {
    let in_training = |statistic: &RawStatistic| named(statistic).any(|name| name.parts.contains(&Part::Training));
    let judged =
        study.spec.statistics.values().any(|statistic| looks_at_fitted(study, statistic) && in_training(statistic));
    // Scores that come with the data were not fitted here, but thresholds for them may have been chosen.
    let chosen = study.spec.statistics.values().any(|statistic| {
        matches!(statistic, RawStatistic::Performance { threshold, .. } if threshold.rule != RawThresholdRule::Fixed)
            && in_training(statistic)
    });
    let thresholds = study.spec.statistics.values().any(|statistic| match statistic {
        RawStatistic::Performance { threshold, .. } => threshold.rule != RawThresholdRule::Fixed,
        RawStatistic::KaplanMeier { groups, .. } => matches!(groups, RawGroups::Quantiles { .. }),
        _ => false,
    });
    let what = match (judged, thresholds) {
        (false, _) => "the thresholds were",
        (true, true) => "models and thresholds were",
        (true, false) => "the models were",
    };
    // A part that ended the training of a network had a say in the fit.
    let stopped = !stopped(study).is_empty();
    let others: Vec<Part> = study
        .parts()
        .into_iter()
        .filter(|part| *part != Part::Training && !(stopped && *part == Part::Validation))
        .collect();
    let judge_by = judge_by(&others, &|parts| is_too_small(study, cohort, split, parts));
    let performance = if judged { "Performance" } else { "What is measured at the thresholds" };
    let is = if study.parts() == [Part::Training] { ", which is the whole cohort," } else { "" };
    let message = format!("{performance} in the training part{is} is apparent: {what} fitted there. {judge_by}");
    (judged || chosen).then(|| note("performance/apparent", message))
}

/// Whether these parts together have too few subjects, with or without it, for the outcome of some fitted model.
fn is_too_small(study: &Study, cohort: &Cohort, split: &Split, parts: &[Part]) -> bool {
    let rows: Vec<usize> = (0..cohort.n()).filter(|row| parts.contains(&split.part(*row))).collect();
    let mut fitted = study.spec.models.values().filter(|model| is_fitted(model));
    fitted.any(|model| Counts::of(cohort, model.outcome(), &rows).are_too_few())
}

/// Which parts to look at instead of the training part, and what to make of those that are too small.
fn judge_by(others: &[Part], is_too_small: &dyn Fn(&[Part]) -> bool) -> String {
    let (small, large): (Vec<Part>, Vec<Part>) = others.iter().copied().partition(|part| is_too_small(&[*part]));
    match (large.as_slice(), small.as_slice()) {
        ([], []) => {
            "This study has no part that had no say in it: a temporal split or an external cohort would make one."
                .to_string()
        }
        (_, []) => format!("Judge them by the {}.", in_words(&large)),
        ([], _) if !is_too_small(&small) => {
            format!("Judge them by the {} together: each alone is too small.", in_words(&small))
        }
        ([], [_]) => format!("The {} is too small to judge them by.", in_words(&small)),
        ([], _) => format!("The {} are too small to judge them by.", in_words(&small)),
        (_, [_]) => format!("Judge them by the {}; the {} is too small.", in_words(&large), in_words(&small)),
        (_, _) => format!("Judge them by the {}; the {} are too small.", in_words(&large), in_words(&small)),
    }
}

/// "validation part", "validation and test parts"
fn in_words(parts: &[Part]) -> String {
    let names: Vec<&str> = parts.iter().map(|part| part.id()).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last} parts", rest.join(", ")),
        _ => format!("{} part", names.concat()),
    }
}

/// Analyses in which those that a model was fitted on stand together with others, under one name.
pub(super) fn mixed(study: &Study, split: &Split) -> Vec<Notice> {
    let training = split.training().rows().len();
    let mut found: Vec<(PartitionName, Vec<&str>)> = Vec::new();
    for (id, statistic) in study.spec.statistics.iter().filter(|(_, statistic)| looks_at_fitted(study, statistic)) {
        for name in named(statistic) {
            let parts = parts(study, &name);
            if parts.len() < 2 || !parts.contains(&Part::Training) {
                continue;
            }
            match found.iter_mut().find(|(known, _)| *known == name) {
                Some((_, analyses)) => analyses.push(id),
                None => found.push((name, vec![id])),
            }
        }
    }
    let message = |(name, analyses): (PartitionName, Vec<&str>)| {
        let (noun, verb) = if analyses.len() == 1 { ("The analysis", "takes") } else { ("The analyses", "take") };
        warning(
            "performance/mixed",
            format!(
                "{noun} {} {verb} `{}` together: {training} of its {} subjects are those that the models were fitted on, \
                 so that what is found there flatters the models.",
                quoted(&analyses),
                name.id,
                split.rows(&name).rows().len()
            ),
        )
    };
    found.into_iter().map(message).collect()
}

/// The networks whose training the loss on the validation part ended.
fn stopped(study: &Study) -> Vec<&str> {
    if !study.parts().contains(&Part::Validation) {
        return Vec::new();
    }
    let networks = study.spec.models.iter().filter(|(_, model)| matches!(model, RawModel::Network { .. }));
    networks.map(|(id, _)| id.as_str()).collect()
}

/// The validation part is then no part that was only looked at, nor is any set that holds it.
pub(super) fn stopped_by_validation(study: &Study) -> Option<Notice> {
    let stopped = stopped(study);
    let uses = |model: &RawModel| match model {
        RawModel::Fusion { of, .. } => of.iter().any(|name| stopped.contains(&name.as_str())),
        _ => false,
    };
    let users: Vec<&str> =
        study.spec.models.iter().filter(|(_, model)| uses(model)).map(|(id, _)| id.as_str()).collect();
    let concerned: Vec<&str> = stopped.iter().copied().chain(users.iter().copied()).collect();
    let seen = study.spec.statistics.values().any(|statistic| {
        named(statistic).any(|name| name.parts.contains(&Part::Validation))
            && models_in(study, statistic).iter().any(|model| concerned.contains(&model.as_str()))
    });
    let with_users = match users.as_slice() {
        [] => String::new(),
        [only] => format!(" (and `{only}`, which is made of them)"),
        users => format!(" (and {}, which are made of them)", quoted(users)),
    };
    (seen && !stopped.is_empty()).then(|| {
        note(
            "performance/stopped-by-validation",
            format!(
                "The loss on the validation part ended the training of {}{with_users}: performance there, and in sets that \
                 hold it, is not independent of the fit and may be flattered.",
                quoted(&stopped)
            ),
        )
    })
}

/// Pretraining on the images of everybody is declared, and is no secret.
pub(in crate::pipeline) fn looked_at_everybody(study: &Study) -> Vec<Notice> {
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
