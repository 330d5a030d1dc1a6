//! The Brier score of predicted risks at a horizon, integrated over horizons, and scaled (index of prediction accuracy).
//!
//! Estimand: E (1{T <= h} - r)², the mean squared error of the predicted risk r of the event by the horizon h.
//! Formula: (1/n) Σ w_i (y_i - r_i)² with the weights of [`super::censoring_weights`]; y is 1 for cases, 0 for controls.
//! Null model: everybody is given 1 - S(h) of the Kaplan-Meier curve. Scaled Brier (IPA) = 1 - Brier / Brier of the null.
//! Integrated: the trapezoidal integral over the horizons, divided by last - first. Standard error of the Brier score from
//! its influence function, which counts the estimation of the censoring curve.
//!
//! Assumptions: censoring depends neither on the event time nor on the prediction; the risks come from other data (the
//! standard error takes them as given).
//! Shapes: `risk` is the predicted probability of the event by the horizon, in [0, 1], one per subject.
//! Ties of times: [`super::data`]; an event exactly at the horizon has happened by it. Row order: no effect on a single bit.
//!
//! Edge cases: a horizon at or after the last time, when that time is a censoring, leaves the subjects censored there with
//! weight 0 and no control: the score then rests on the cases alone, as in the packages; the number of controls tells.
//! Before the first event the null model is perfect (Brier 0) and the scaled Brier is absent. n = 1 has no standard error.
//!
//! Source: Graf et al. 1999, doi:10.1002/(SICI)1097-0258(19990915/30)18:17/18<2529::AID-SIM274>3.0.CO;2-5; Gerds and
//! Schumacher 2006, doi:10.1002/bimj.200610301; Kattan and Gerds 2018, doi:10.1186/s41512-018-0029-2 (IPA).
//! Oracle: scikit-survival 0.28.0, `brier_score` and `integrated_brier_score`, with `CensoringSide::At`; the default side
//! is that of riskRegression's `Score`.

use super::censoring_weights::{CensoredSample, CensoringSide, Status, require_horizon, standard_error};
use super::data::SurvivalData;
use super::kaplan_meier::{KaplanMeierOptions, kaplan_meier};
use crate::stats::distribution::normal_critical;
use crate::stats::error::{StatsError, require_level, require_same_length};
use crate::stats::estimate::Estimate;
use serde::{Deserialize, Serialize};

/// Coverage, and the side of a case's time at which its weight is taken.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BrierOptions {
    /// Coverage of the interval. Default 0.95.
    pub level: f64,
    /// Default just before the case's time.
    pub censoring: CensoringSide,
}

impl Default for BrierOptions {
    fn default() -> Self {
        Self { level: 0.95, censoring: CensoringSide::default() }
    }
}

/// The Brier score at one horizon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BrierSurvival {
    pub horizon: f64,
    pub brier: Estimate,
    /// Brier score when everybody is given the Kaplan-Meier risk.
    pub null_brier: f64,
    /// 1 - Brier / null Brier; 0 is no better than the null model. Absent where the null model is perfect.
    pub scaled: Option<f64>,
    /// Subjects with the event by the horizon, and subjects event-free after it.
    pub cases: usize,
    pub controls: usize,
}

/// The Brier score over several horizons.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IntegratedBrier {
    /// At each of the horizons.
    pub at: Vec<BrierSurvival>,
    /// Mean over time of the Brier score, and of that of the null model.
    pub integrated: f64,
    pub null_integrated: f64,
    /// 1 - integrated / null integrated.
    pub scaled: Option<f64>,
}

/// The Brier score of the predicted `risk` of the event by `horizon`.
pub fn brier_survival(
    data: &SurvivalData,
    risk: &[f64],
    horizon: f64,
    options: &BrierOptions,
) -> Result<BrierSurvival, StatsError> {
    require_level(options.level)?;
    require_horizon(horizon)?;
    let sample = CensoredSample::new(data, "predicted risk", risk)?;
    if let Some(index) = risk.iter().position(|risk| !(0.0..=1.0).contains(risk)) {
        return Err(StatsError::InvalidAt { what: "predicted risk", index, expected: "between 0 and 1" });
    }
    let statuses = sample.statuses(horizon, true);
    let weights = sample.weights(horizon, &statuses, options.censoring)?;
    let marginal = 1.0 - kaplan_meier(data, &KaplanMeierOptions::default())?.survival_at(horizon);
    let losses = |risk: &dyn Fn(usize) -> f64| -> Vec<f64> {
        let error = |subject: usize| match statuses[subject] {
            Status::Case => 1.0 - risk(subject),
            Status::Control => risk(subject),
            Status::Unknown => 0.0,
        };
        (0..sample.len()).map(|subject| weights[subject] * error(subject).powi(2)).collect()
    };
    let n = sample.len() as f64;
    let parts = losses(&|subject| risk[sample.rows[subject]]);
    let brier = parts.iter().sum::<f64>() / n;
    let null_brier = losses(&|_| marginal).iter().sum::<f64>() / n;
    let mut estimate = Estimate::new(brier, sample.len());
    if sample.len() > 1 {
        let pull = sample.pull_through_censoring(horizon, &statuses, options.censoring, &parts);
        let influence: Vec<f64> = parts.iter().zip(&pull).map(|(part, pull)| part - brier + pull).collect();
        let error = standard_error(&influence);
        let margin = normal_critical(options.level) * error;
        estimate = estimate.with_standard_error(error).with_interval(
            (brier - margin).max(0.0),
            brier + margin,
            options.level,
            "inverse probability of censoring weighted, influence function",
        );
    }
    let count = |wanted: Status| statuses.iter().filter(|status| **status == wanted).count();
    Ok(BrierSurvival {
        horizon,
        brier: estimate,
        null_brier,
        scaled: scaled(brier, null_brier),
        cases: count(Status::Case),
        controls: count(Status::Control),
    })
}

/// The Brier score integrated over ascending `horizons`; `risks` holds the predicted risks by each of them.
pub fn integrated_brier(
    data: &SurvivalData,
    risks: &[&[f64]],
    horizons: &[f64],
    options: &BrierOptions,
) -> Result<IntegratedBrier, StatsError> {
    require_same_length("horizons", horizons.len(), "sets of predicted risks", risks.len())?;
    if horizons.len() < 2 {
        return Err(StatsError::TooFew { what: "an integrated Brier score", needed: 2, found: horizons.len() });
    }
    if let Some(index) = (1..horizons.len()).find(|index| horizons[*index] <= horizons[index - 1]) {
        return Err(StatsError::InvalidAt { what: "horizon", index, expected: "above the one before" });
    }
    let at = risks
        .iter()
        .zip(horizons)
        .map(|(risk, horizon)| brier_survival(data, risk, *horizon, options))
        .collect::<Result<Vec<_>, _>>()?;
    let mean = |value: &dyn Fn(&BrierSurvival) -> f64| {
        let area = at.windows(2).fold(0.0, |area, pair| {
            area + 0.5 * (value(&pair[0]) + value(&pair[1])) * (pair[1].horizon - pair[0].horizon)
        });
        area / (horizons[horizons.len() - 1] - horizons[0])
    };
    let (integrated, null_integrated) = (mean(&|at| at.brier.value), mean(&|at| at.null_brier));
    Ok(IntegratedBrier { scaled: scaled(integrated, null_integrated), integrated, null_integrated, at })
}

fn scaled(brier: f64, null_brier: f64) -> Option<f64> {
    (null_brier > 0.0).then(|| 1.0 - brier / null_brier)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: [f64; 5] = [1.0, 2.0, 2.0, 3.0, 4.0];
    const EVENT: [bool; 5] = [true, true, false, true, false];

    #[test]
    fn weighted_squares_by_hand() {
        // Weights 1, 1, 0, 3/2 of cases, 3/2 of the control (see the weights' own test). Errors 0.5, 0.8, -, 0.6, 0.4.
        let data = SurvivalData::new(&TIME, &EVENT);
        let result = brier_survival(&data, &[0.5, 0.2, 0.9, 0.4, 0.4], 3.0, &BrierOptions::default()).unwrap();
        assert!((result.brier.value - (0.25 + 0.64 + 1.5 * 0.36 + 1.5 * 0.16) / 5.0).abs() < 1e-15);
        // Kaplan-Meier at 3: 4/5 · 3/4 · 1/2 = 3/10; null: (2 · 0.09 + 1.5 · 0.09 + 1.5 · 0.49) / 5 = 0.21 = 0.3 · 0.7.
        assert!((result.null_brier - 0.21).abs() < 1e-15);
        assert_eq!((result.cases, result.controls), (3, 1));
    }

    #[test]
    fn the_standard_error_is_close_to_that_of_a_jackknife() {
        let time: Vec<f64> = (0..60).map(|i| 1.0 + f64::from((i * 37) % 60) + 0.25 * f64::from(i % 3)).collect();
        let event: Vec<bool> = (0..60).map(|i| i % 3 != 0).collect();
        let risk: Vec<f64> = (0..60).map(|i| f64::from((i * 23) % 60) / 60.0).collect();
        let value = |skip: Option<usize>| {
            let keep: Vec<usize> = (0..60).filter(|i| Some(*i) != skip).collect();
            let time: Vec<f64> = keep.iter().map(|i| time[*i]).collect();
            let event: Vec<bool> = keep.iter().map(|i| event[*i]).collect();
            let risk: Vec<f64> = keep.iter().map(|i| risk[*i]).collect();
            brier_survival(&SurvivalData::new(&time, &event), &risk, 30.0, &BrierOptions::default()).unwrap().brier
        };
        let without: Vec<f64> = (0..60).map(|i| value(Some(i)).value).collect();
        let mean = without.iter().sum::<f64>() / 60.0;
        let jackknife = (59.0 / 60.0 * without.iter().map(|x| (x - mean).powi(2)).sum::<f64>()).sqrt();
        let error = value(None).standard_error.unwrap();
        assert!((error / jackknife - 1.0).abs() < 0.02, "{error} {jackknife}");
    }

    #[test]
    fn perfect_null_models_one_subject_and_wrong_risks() {
        let data = SurvivalData::new(&TIME, &EVENT);
        let early = brier_survival(&data, &[0.0; 5], 0.5, &BrierOptions::default()).unwrap();
        assert_eq!((early.brier.value, early.null_brier, early.scaled), (0.0, 0.0, None));
        let one = SurvivalData::new(&[1.0], &[true]);
        assert_eq!(brier_survival(&one, &[0.5], 1.0, &BrierOptions::default()).unwrap().brier.standard_error, None);
        assert!(matches!(
            brier_survival(&data, &[0.1, 0.2, 1.1, 0.0, 0.0], 3.0, &BrierOptions::default()),
            Err(StatsError::InvalidAt { index: 2, .. })
        ));
        assert!(integrated_brier(&data, &[&[0.1; 5]], &[1.0], &BrierOptions::default()).is_err());
    }
}
