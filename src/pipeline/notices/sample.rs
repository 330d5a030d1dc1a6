//! Too few events for what is estimated from them.

use super::{note, quoted};
use crate::cohort::Cohort;
use crate::features::Encoder;
use crate::results::Notice;
use crate::spec::Study;
use crate::split::Split;

/// Fewer events than this for each estimated coefficient are a sign of overfitting.
pub(super) const EVENTS_PER_PARAMETER: usize = 10;

/// What a model considers, and on how many events.
#[derive(PartialEq)]
struct Sample<'a> {
    outcome: &'a str,
    predictors: usize,
    parameters: usize,
    rarer: usize,
    survival: bool,
}

/// Of the training part, for the coefficients of all candidates: a variable of twelve levels has eleven. Models of which the
/// same is to be told share a notice.
pub(super) fn few_events(study: &Study, cohort: &Cohort, split: &Split) -> Vec<Notice> {
    let training = split.training();
    let mut found: Vec<(Sample<'_>, Vec<&str>)> = Vec::new();
    for (id, model) in &study.spec.models {
        let candidates = cohort.kept(model.predictors());
        let columns = Encoder::fit(study, cohort, &training, &candidates).map(|encoder| encoder.columns().len());
        let outcome = cohort.events(model.outcome());
        let events = training.rows().iter().filter(|row| outcome[**row]).count();
        let survival = cohort.survival(model.outcome()).is_some();
        let sample = Sample {
            outcome: model.outcome(),
            predictors: candidates.len(),
            parameters: columns.unwrap_or(candidates.len()),
            rarer: if survival { events } else { events.min(training.rows().len() - events) },
            survival,
        };
        if sample.rarer >= EVENTS_PER_PARAMETER * sample.parameters {
            continue;
        }
        match found.iter_mut().find(|(known, _)| *known == sample) {
            Some((_, models)) => models.push(id),
            None => found.push((sample, vec![id])),
        }
    }
    found.into_iter().map(|(sample, models)| note("sample/few-events", message(&sample, &models))).collect()
}

fn message(sample: &Sample<'_>, models: &[&str]) -> String {
    let (noun, verb) = if models.len() == 1 { ("Model", "considers") } else { ("Models", "consider") };
    let each = if models.len() == 1 { "" } else { " each" };
    let predictors = match (sample.predictors, sample.parameters) {
        (1, 1) => "1 predictor".to_string(),
        (predictors, parameters) if predictors == parameters => format!("{predictors} predictors"),
        (1, parameters) => format!("1 predictor with {parameters} coefficients"),
        (predictors, parameters) => format!("{predictors} predictors with {parameters} coefficients"),
    };
    let counted = if sample.survival { "events of" } else { "subjects in the rarer class of" };
    format!(
        "{noun} {} {verb} {predictors}{each}, and the training part has {} {counted} `{}`: fewer than ten for each \
         coefficient are a sign of overfitting.",
        quoted(models),
        sample.rarer,
        sample.outcome
    )
}
