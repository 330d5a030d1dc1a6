//! The baseline hazard of a Cox model and the survival it predicts.
//!
//! Estimand: H(t | x) = H₀(t) exp(xᵀβ), S(t | x) = exp(−H(t | x)), per stratum.
//! Formula: H₀ rises at each event time by the events divided by the summed risks of the risk set, with the ties of the fit:
//! Breslow's estimator, or Efron's, which takes the tied events out of the risk set one after the other, on average
//! (Efron 1977). Under the exact likelihoods, which imply no hazard of their own, Breslow's is used.
//! The variance of H(t | x) is exp(2 xᵀβ) (Σ dH₀ / risk + qᵀ V q) with q = ∫ (x − x̄) dH₀ and V the covariance of the
//! coefficients, the robust one where the fit is robust (Tsiatis 1981; Link 1984). The interval of S is on its logarithm,
//! cut at 1.
//! Shapes and units: time in the caller's unit; covariates in the order of the fit; an offset is taken as 0.
//! Edge cases: before the first event S = 1 with standard error 0; after the last time the curve stays where it was. A
//! stratum without events has hazard 0. An unknown stratum is an error.
//! Source: Breslow 1972 (discussion of Cox 1972); Tsiatis 1981 (doi:10.1214/aos/1176345335); Link 1984
//! (doi:10.2307/2531391).
//! Oracle: R survival 3.5-3 `basehaz`, `survfit.coxph`, `predict(type = "expected")`.

use super::likelihood::{TieTerms, mean_weight, predict};
use super::prepare::{Prepared, Stratum};
use super::residuals::PreparedFit;
use super::sweep::{covariates, risk_sweep};
use super::{CoxFit, CoxInput};
use crate::stats::distribution::normal_critical;
use crate::stats::error::{StatsError, require_finite, require_same_length};
use crate::stats::estimate::Estimate;
use crate::stats::linear_algebra::{Matrix, dot, quadratic_form};
use serde::{Deserialize, Serialize};

/// The covariates that a baseline stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BaselineAt {
    /// [`CoxFit::means`]: goes with [`CoxFit::linear_predictor`].
    #[default]
    Means,
    /// All covariates zero: goes with [`CoxFit::linear_predictor_uncentred`].
    Zero,
}

/// The cumulative baseline hazard of every stratum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BaselineHazard {
    pub at: BaselineAt,
    /// By rising label.
    pub strata: Vec<StratumHazard>,
}

/// The cumulative baseline hazard of one stratum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StratumHazard {
    pub stratum: usize,
    /// At every time at which a row ends, rising.
    pub steps: Vec<HazardStep>,
}

/// A cumulative hazard from one time up to the next.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HazardStep {
    pub time: f64,
    /// Weighted counts: at risk just before, events and censorings at this time.
    pub at_risk: f64,
    pub events: f64,
    pub censored: f64,
    pub cumulative_hazard: f64,
}

/// The survival of a subject with given covariates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PredictedSurvival {
    pub stratum: usize,
    pub steps: Vec<PredictedStep>,
    pub level: f64,
    pub n: usize,
}

/// Survival from one time up to the next.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PredictedStep {
    pub time: f64,
    pub cumulative_hazard: f64,
    pub survival: f64,
    /// Of the survival itself.
    pub standard_error: f64,
    pub lower: f64,
    pub upper: f64,
}

impl StratumHazard {
    /// The cumulative hazard at a time.
    pub fn at(&self, time: f64) -> f64 {
        let after = self.steps.partition_point(|step| step.time <= time);
        if after == 0 { 0.0 } else { self.steps[after - 1].cumulative_hazard }
    }

    /// The survival at a time of a subject whose linear predictor (as the baseline's) is given.
    pub fn survival(&self, time: f64, linear_predictor: f64) -> f64 {
        (-self.at(time) * linear_predictor.exp()).exp()
    }
}

impl BaselineHazard {
    /// The stratum of a label; 0 where the model has none.
    pub fn stratum(&self, label: usize) -> Result<&StratumHazard, StatsError> {
        self.strata.iter().find(|stratum| stratum.stratum == label).ok_or(unknown_stratum(label))
    }
}

impl PredictedSurvival {
    /// The survival at a time, with its interval.
    pub fn at(&self, time: f64) -> Estimate {
        let after = self.steps.partition_point(|step| step.time <= time);
        let (value, error, lower, upper) = match after.checked_sub(1).map(|last| self.steps[last]) {
            Some(step) => (step.survival, step.standard_error, step.lower, step.upper),
            None => (1.0, 0.0, 1.0, 1.0),
        };
        Estimate::new(value, self.n).with_standard_error(error).with_interval(lower, upper, self.level, "log")
    }
}

impl CoxFit {
    /// The cumulative baseline hazard, from the data of the fit.
    pub fn baseline_hazard(&self, input: &CoxInput, at: BaselineAt) -> Result<BaselineHazard, StatsError> {
        let PreparedFit { data, beta } = self.prepare(input)?;
        let increments = Increments::new(&data, self.tie_terms().unwrap_or(TieTerms::Breslow), &beta);
        let target = match at {
            BaselineAt::Means => self.means.clone(),
            BaselineAt::Zero => vec![0.0; data.columns],
        };
        let strata = data
            .strata
            .iter()
            .map(|stratum| {
                let shift = dot(&deviations(&data, stratum, &target), &beta) - stratum.offset_centre;
                let mut steps = counts(&data, stratum);
                let mut hazard = 0.0;
                let mut block = stratum.blocks.clone().rev().peekable();
                for step in &mut steps {
                    while let Some(index) = block.next_if(|index| data.blocks[*index].time <= step.time) {
                        hazard += increments.hazard[index] * (shift - increments.reference[index]).exp();
                    }
                    step.cumulative_hazard = hazard;
                }
                StratumHazard { stratum: stratum.label, steps }
            })
            .collect();
        Ok(BaselineHazard { at, strata })
    }

    /// The survival curve of a subject with these covariates in the stratum of this label (0 where there are none), from
    /// the data of the fit.
    pub fn predicted_survival(
        &self,
        input: &CoxInput,
        covariates: &[f64],
        stratum: usize,
    ) -> Result<PredictedSurvival, StatsError> {
        require_same_length("coefficients", self.coefficients.len(), "covariates", covariates.len())?;
        require_finite("covariate", covariates)?;
        let PreparedFit { data, beta } = self.prepare(input)?;
        let increments = Increments::new(&data, self.tie_terms().unwrap_or(TieTerms::Breslow), &beta);
        let stratum =
            data.strata.iter().find(|candidate| candidate.label == stratum).ok_or(unknown_stratum(stratum))?;
        let p = data.columns;
        let covariance = scaled_covariance(&self.covariance, &data.scale);
        let deviation = deviations(&data, stratum, covariates);
        let shift = dot(&deviation, &beta) - stratum.offset_centre;
        let critical = normal_critical(self.level);
        let (mut hazard, mut variance, mut pull) = (0.0, 0.0, vec![0.0; p]);
        let mut block = stratum.blocks.clone().rev().peekable();
        let mut steps = Vec::new();
        for count in counts(&data, stratum) {
            while let Some(index) = block.next_if(|index| data.blocks[*index].time <= count.time) {
                let factor = (shift - increments.reference[index]).exp();
                hazard += factor * increments.hazard[index];
                variance += factor * factor * increments.variance[index];
                for (j, sum) in pull.iter_mut().enumerate() {
                    let drift = increments.drift[index * p + j];
                    *sum += factor * (deviation[j] * increments.hazard[index] - drift);
                }
            }
            let survival = f64::exp(-hazard);
            let log_error = (variance + quadratic_form(&covariance, &pull)).sqrt();
            steps.push(PredictedStep {
                time: count.time,
                cumulative_hazard: hazard,
                survival,
                standard_error: survival * log_error,
                lower: (-hazard - critical * log_error).exp(),
                upper: (-hazard + critical * log_error).exp().min(1.0),
            });
        }
        Ok(PredictedSurvival { stratum: stratum.label, steps, level: self.level, n: self.n })
    }
}

fn unknown_stratum(label: usize) -> StatsError {
    StatsError::OutOfRange { what: "stratum", value: label as f64, expected: "a stratum of the fit" }
}

/// What each event time adds, for a subject whose centred linear predictor is the block's reference.
struct Increments {
    reference: Vec<f64>,
    hazard: Vec<f64>,
    variance: Vec<f64>,
    /// Σ_k h_k x̄_k, by blocks.
    drift: Vec<f64>,
}

impl Increments {
    fn new(data: &Prepared, ties: TieTerms, beta: &[f64]) -> Self {
        let (blocks, p) = (data.blocks.len(), data.columns);
        let mut reference = vec![0.0; blocks];
        let (mut hazard, mut variance, mut drift) = (vec![0.0; blocks], vec![0.0; blocks], vec![0.0; blocks * p]);
        let mut risk = vec![0.0; data.len()];
        risk_sweep(data, p, predict(data, beta), covariates::<0>(data), &mut risk, &mut reference, |set| {
            let weight = mean_weight(data, set.deaths.clone());
            let terms = ties.sums(set.total, set.tied_total, set.deaths.len());
            hazard[set.block] = weight * terms.inverse;
            variance[set.block] = weight * terms.square;
            for j in 0..p {
                drift[set.block * p + j] = weight * (terms.square * set.sums[j] - terms.tied_square * set.tied_sums[j]);
            }
        });
        Self { reference, hazard, variance, drift }
    }
}

/// Covariates in the columns as this stratum is centred and scaled.
fn deviations(data: &Prepared, stratum: &Stratum, covariates: &[f64]) -> Vec<f64> {
    (0..data.columns).map(|j| (covariates[j] - stratum.centre[j]) / data.scale[j]).collect()
}

fn scaled_covariance(covariance: &Matrix, scale: &[f64]) -> Matrix {
    let mut scaled = covariance.clone();
    for a in 0..scale.len() {
        for b in 0..scale.len() {
            scaled.set(a, b, covariance.get(a, b) * scale[a] * scale[b]);
        }
    }
    scaled
}

/// Every time at which a row of the stratum ends, with its weighted counts.
fn counts(data: &Prepared, stratum: &Stratum) -> Vec<HazardStep> {
    // By falling entry, so that those not yet entered are met first when time rises from the end.
    let mut entries: Vec<(f64, f64)> =
        data.entry.iter().flat_map(|entry| stratum.rows.clone().map(|row| (entry[row], data.weight[row]))).collect();
    entries.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1)));
    let mut steps = Vec::new();
    let (mut ended_later, mut not_entered, mut next) = (0.0, 0.0, 0);
    let rows: Vec<usize> = stratum.rows.clone().collect();
    for tied in rows.chunk_by(|a, b| data.time[*a] == data.time[*b]) {
        let time = data.time[tied[0]];
        let sum = |event: bool| {
            tied.iter().filter(|row| data.event[**row] == event).map(|row| data.weight[*row]).sum::<f64>()
        };
        let (events, censored) = (sum(true), sum(false));
        ended_later += events + censored;
        while next < entries.len() && entries[next].0 >= time {
            not_entered += entries[next].1;
            next += 1;
        }
        steps.push(HazardStep { time, at_risk: ended_later - not_entered, events, censored, cumulative_hazard: 0.0 });
    }
    steps.reverse();
    steps
}
