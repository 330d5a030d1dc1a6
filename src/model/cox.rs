//! Cox proportional hazards regression, by [`crate::stats::survival::cox`], on the columns as they are. The score is the
//! linear predictor, centred at the training means; with the baseline hazard of the training part it gives the risk by any
//! time within that part's follow-up.

use super::{Data, Fitted, ModelError, setting};
use crate::results::{BaselinePoint, CoxModelFacts, CoxTermFacts, ModelFacts, ModelTerm, ProportionalHazardsRow};
use crate::spec::raw::{RawModelTies, RawTimeFunction};
use crate::stats::survival::concordance::{ConcordanceInput, ConcordanceOptions, concordance};
use crate::stats::survival::cox::{BaselineAt, CoxFit, CoxInput, CoxOptions, Ties, TimeTransform, cox};
use crate::stats::{Estimate, Orientation, StatsError};
use serde::{Deserialize, Serialize};

/// The baseline hazard of a Cox model: what turns its linear predictor into a risk. It has the training part's times in
/// it: it is in no result, only among the kept units beside the data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// At every time at which a subject's follow-up ends, rising.
    #[serde(with = "crate::cache::exact_numbers")]
    times: Vec<f64>,
    #[serde(with = "crate::cache::exact_numbers")]
    cumulative_hazards: Vec<f64>,
}

impl Baseline {
    /// H(t | x) = H₀(t) exp(linear predictor).
    pub fn cumulative_hazard(&self, time: f64, linear_predictor: f64) -> f64 {
        let after = self.times.partition_point(|step| *step <= time);
        let baseline = after.checked_sub(1).map_or(0.0, |last| self.cumulative_hazards[last]);
        baseline * linear_predictor.exp()
    }

    /// The end of the training part's follow-up: after it nothing is known.
    pub fn last(&self) -> f64 {
        self.times.last().copied().unwrap_or(0.0)
    }

    /// The probability of the event by `time`.
    pub fn risk(&self, time: f64, linear_predictor: f64) -> f64 {
        -(-self.cumulative_hazard(time, linear_predictor)).exp_m1()
    }
}

pub(super) fn fit(
    data: &Data<'_>,
    mut facts: ModelFacts,
    ties: RawModelTies,
    change_with: RawTimeFunction,
) -> Result<Fitted, ModelError> {
    let model = facts.id.clone();
    let statistics = |source| ModelError::Statistics { model: model.clone(), source };
    let Some(outcome) = data.cohort.survival(&facts.outcome) else {
        return Err(ModelError::Fit { model, reason: "its outcome is no survival outcome".to_string() });
    };
    let rows = data.training.rows();
    let time: Vec<f64> = rows.iter().map(|row| outcome.time[*row]).collect();
    let event: Vec<bool> = rows.iter().map(|row| outcome.event[*row]).collect();
    let columns = data.encoder.columns_of(data.cohort, rows);
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let input = CoxInput::new(&time, &event, &slices);
    let options = CoxOptions { ties: ties_of(ties), ..CoxOptions::default() };
    let fit = match cox(&input, &options) {
        Ok(fit) => fit,
        Err(StatsError::Collinear { column }) => {
            let reason = format!("`{}` is a combination of the other predictors; drop one", data.column_name(column));
            return Err(ModelError::Fit { model, reason });
        }
        Err(source) => return Err(statistics(source)),
    };
    if !fit.monotone.is_empty() {
        let reason = match monotone_alone(data, &fit, &time, &event, &slices, &options) {
            Some(name) => format!(
                "`{name}` orders the events without exception in the training part, so its coefficient is infinite; drop it"
            ),
            None => {
                "the predictors together order the events without exception in the training part, though none does \
                     alone, so that coefficients are infinite; take fewer"
                    .to_string()
            }
        };
        return Err(ModelError::Fit { model, reason });
    }
    let Some(wald) = &fit.wald else {
        let reason = "the covariance of its coefficients is singular".to_string();
        return Err(ModelError::Fit { model, reason });
    };
    let hazard = fit.baseline_hazard(&input, BaselineAt::Means).map_err(statistics)?;
    let steps = &hazard.stratum(0).map_err(statistics)?.steps;
    let baseline = Baseline {
        times: steps.iter().map(|step| step.time).collect(),
        cumulative_hazards: steps.iter().map(|step| step.cumulative_hazard).collect(),
    };
    let everyone = data.encoder.columns_of(data.cohort, &data.everyone());
    let everyone: Vec<&[f64]> = everyone.iter().map(Vec::as_slice).collect();
    let scores = fit.linear_predictor(&everyone).map_err(statistics)?;

    let own: Vec<f64> = rows.iter().map(|row| scores[*row]).collect();
    facts.cox = Some(CoxModelFacts {
        n: fit.n,
        events: fit.events,
        ties: fit.ties.method().to_string(),
        terms: terms(data, &fit),
        likelihood_ratio: fit.likelihood_ratio.clone(),
        wald: wald.clone(),
        score: fit.score.clone(),
        concordance: training_concordance(&time, &event, &own).map_err(statistics)?,
        proportional_hazards: proportional_hazards(data, &input, &fit, change_with).map_err(statistics)?,
        hazards_change_with: in_words(change_with).to_string(),
        baseline: points(&baseline),
        means: fit.means.clone(),
    });
    facts.coefficients = data
        .encoder
        .columns()
        .iter()
        .zip(&fit.coefficients)
        .map(|(column, term)| ModelTerm {
            variable: column.variable.clone(),
            level: column.level.clone(),
            coefficient: term.coefficient,
            ratio: Some(term.hazard_ratio.clone()),
        })
        .collect();
    facts.settings.push(setting("ties", fit.ties.method()));
    facts.description = format!(
        "Cox proportional hazards regression ({} approximation for ties); the score is the linear predictor, and the risk by \
         a time follows with the baseline hazard of the training part.",
        fit.ties.method()
    );
    Ok(Fitted { facts, orientation: Orientation::HigherIsRisk, scores, baseline: Some(baseline), log_odds: Vec::new() })
}

pub(super) fn ties_of(declared: RawModelTies) -> Ties {
    match declared {
        RawModelTies::Efron => Ties::Efron,
        RawModelTies::Breslow => Ties::Breslow,
    }
}

fn terms(data: &Data<'_>, fit: &CoxFit) -> Vec<CoxTermFacts> {
    let columns = data.encoder.columns().iter().zip(&fit.coefficients);
    columns
        .map(|(column, coefficient)| CoxTermFacts {
            variable: column.variable.clone(),
            level: column.level.clone(),
            coefficient: coefficient.coefficient,
            standard_error: coefficient.standard_error,
            z: coefficient.z,
            p_value: coefficient.p_value,
            hazard_ratio: coefficient.hazard_ratio.clone(),
        })
        .collect()
}

fn training_concordance(time: &[f64], event: &[bool], risk: &[f64]) -> Result<Option<Estimate>, StatsError> {
    match concordance(&ConcordanceInput::new(time, event, risk), &ConcordanceOptions::default()) {
        Ok(result) => Ok(Some(result.c)),
        Err(StatsError::Undefined { .. } | StatsError::NoEvents) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The column that makes the likelihood monotone also in a model of its variable alone.
fn monotone_alone(
    data: &Data<'_>,
    fit: &CoxFit,
    time: &[f64],
    event: &[bool],
    columns: &[&[f64]],
    options: &CoxOptions,
) -> Option<String> {
    let variable = |column: usize| data.encoder.columns().get(column).map(|column| &column.variable);
    fit.monotone.iter().find_map(|suspect| {
        let own: Vec<usize> = (0..columns.len()).filter(|column| variable(*column) == variable(*suspect)).collect();
        let alone: Vec<&[f64]> = own.iter().map(|column| columns[*column]).collect();
        let fit = cox(&CoxInput::new(time, event, &alone), options).ok()?;
        fit.monotone.first().and_then(|column| own.get(*column)).map(|column| data.column_name(*column))
    })
}

/// One test per variable, its columns together, and one of all; none where the data are too few for it.
fn proportional_hazards(
    data: &Data<'_>,
    input: &CoxInput<'_>,
    fit: &CoxFit,
    change_with: RawTimeFunction,
) -> Result<Vec<ProportionalHazardsRow>, StatsError> {
    let mut names: Vec<String> = Vec::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (index, column) in data.encoder.columns().iter().enumerate() {
        match groups.last_mut() {
            Some(group) if names.last() == Some(&column.variable) => group.push(index),
            _ => {
                names.push(column.variable.clone());
                groups.push(vec![index]);
            }
        }
    }
    let transform = match change_with {
        RawTimeFunction::KaplanMeier => TimeTransform::KaplanMeier,
        RawTimeFunction::Identity => TimeTransform::Identity,
        RawTimeFunction::Rank => TimeTransform::Rank,
        RawTimeFunction::Log => TimeTransform::Log,
    };
    match fit.proportional_hazards_test(input, transform, Some(&groups)) {
        Ok(tests) => {
            names.push("global".to_string());
            let tests = tests.terms.into_iter().chain([tests.global]);
            Ok(names.into_iter().zip(tests).map(|(term, test)| ProportionalHazardsRow { term, test }).collect())
        }
        Err(StatsError::Undefined { .. } | StatsError::TooFew { .. } | StatsError::Collinear { .. }) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn in_words(function: RawTimeFunction) -> &'static str {
    match function {
        RawTimeFunction::KaplanMeier => "the Kaplan-Meier estimate",
        RawTimeFunction::Identity => "time",
        RawTimeFunction::Rank => "the rank of time",
        RawTimeFunction::Log => "the logarithm of time",
    }
}

/// The baseline at whole steps of the time axis, at most a dozen, within follow-up: times that no subject gave.
fn points(baseline: &Baseline) -> Vec<BaselinePoint> {
    if baseline.last() <= 0.0 {
        return Vec::new();
    }
    let finest = || 10f64.powi((baseline.last() / 12.0).log10().floor() as i32);
    let mut step = if baseline.last() >= 2.0 { 1.0 } else { finest() };
    for factor in [2.0, 2.5, 2.0].into_iter().cycle() {
        if baseline.last() / step <= 12.0 {
            break;
        }
        step *= factor;
    }
    let count = (baseline.last() / step + 1e-9).floor() as usize;
    (1..=count)
        .map(|point| {
            let time = point as f64 * step;
            let cumulative_hazard = baseline.cumulative_hazard(time, 0.0);
            BaselinePoint { time, cumulative_hazard, survival: (-cumulative_hazard).exp() }
        })
        .collect()
}
