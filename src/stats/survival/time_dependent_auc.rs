//! The time-dependent AUC: cumulative cases against dynamic controls, with inverse-probability-of-censoring weights.
//!
//! Estimand: at a horizon h, the probability that a subject with the event by h has a higher risk score than a subject
//! event-free after h (ties in the score count one half).
//! Formula: AUC(h) = Σ_i Σ_j w_i w_j (1{r_i > r_j} + ½ 1{r_i = r_j}) / (Σ_i w_i Σ_j w_j) over cases i and controls j, with
//! the weights of [`super::censoring_weights`]. Standard error from the influence function, which counts the estimation of
//! the censoring curve: √(Σ φ_k² / (n (n - 1))). Limits AUC ± z s, cut at 0 and 1.
//!
//! Assumptions: censoring depends neither on the event time nor on the score.
//! Shapes: `score` one value per subject, its [`Orientation`] declared; horizons in the unit of the times.
//! Ties of times as in [`super::data`]; those of scores count one half.
//! Row order: no effect on a single bit.
//!
//! Choices where packages differ ([`TimeDependentAucOptions`]): riskRegression and scikit-survival count an event exactly
//! at h as a case (the default here), timeROC as neither case nor control; scikit-survival weighs a case by G(T) instead of
//! G(T-). With several horizons, the mean AUC is weighted by the drop of the Kaplan-Meier curve between them (Uno 2007, as
//! scikit-survival).
//!
//! Edge cases: no case or no control at a horizon is an error. Cases and controls that are perfectly separated have
//! AUC 1 or 0 with standard error 0.
//!
//! Source: Blanche, Dartigues and Jacqmin-Gadda 2013, doi:10.1002/sim.5958; Uno et al. 2007,
//! doi:10.1198/016214507000000149; Hung and Chiang 2010, doi:10.1002/cjs.10046.
//! Oracle: R timeROC 0.4.1, `timeROC(weighting = "marginal", iid = TRUE)`; scikit-survival 0.28.0,
//! `cumulative_dynamic_auc`. (timeROC's standard error takes tied times one by one, in row order, in the censoring
//! martingale: it differs in the fifth digit where times are tied.)

use super::censoring_weights::{CensoredSample, CensoringSide, Status, require_horizon, standard_error};
use super::data::SurvivalData;
use super::kaplan_meier::{KaplanMeierOptions, kaplan_meier};
use crate::stats::distribution::{normal_critical, normal_two_sided};
use crate::stats::error::{StatsError, require_level};
use crate::stats::estimate::{Alternative, Estimate, NullDistribution, Orientation, Test};
use serde::{Deserialize, Serialize};

const METHOD: &str = "inverse probability of censoring weighted, influence function";

/// Coverage, and what packages decide differently.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimeDependentAucOptions {
    /// Coverage of the interval. Default 0.95.
    pub level: f64,
    /// Where G is taken for a case's weight. Default just before its time.
    pub censoring: CensoringSide,
    /// An event exactly at the horizon makes a case. Default true; false as timeROC.
    pub case_at_horizon: bool,
}

impl Default for TimeDependentAucOptions {
    fn default() -> Self {
        Self { level: 0.95, censoring: CensoringSide::default(), case_at_horizon: true }
    }
}

/// The AUC at one horizon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimeDependentAuc {
    pub horizon: f64,
    pub auc: Estimate,
    /// Subjects with the event by the horizon.
    pub cases: usize,
    /// Subjects event-free after the horizon.
    pub controls: usize,
}

/// The AUCs of two scores at one horizon, and their difference first - second.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimeDependentAucComparison {
    pub horizon: f64,
    pub first: Estimate,
    pub second: Estimate,
    pub difference: Estimate,
    /// Absent where the two scores rank all subjects alike.
    pub test: Option<Test>,
}

/// The AUC at each of `horizons`.
pub fn time_dependent_auc(
    data: &SurvivalData,
    score: &[f64],
    orientation: Orientation,
    horizons: &[f64],
    options: &TimeDependentAucOptions,
) -> Result<Vec<TimeDependentAuc>, StatsError> {
    let scored = Scored::new(data, score, orientation, options)?;
    horizons.iter().map(|horizon| Ok(scored.at(*horizon, options)?.result)).collect()
}

/// The mean AUC over `horizons` (ascending), weighted by how much of the events falls between them.
pub fn mean_time_dependent_auc(
    data: &SurvivalData,
    score: &[f64],
    orientation: Orientation,
    horizons: &[f64],
    options: &TimeDependentAucOptions,
) -> Result<f64, StatsError> {
    if let Some(index) = (1..horizons.len()).find(|index| horizons[*index] <= horizons[index - 1]) {
        return Err(StatsError::InvalidAt { what: "horizon", index, expected: "above the one before" });
    }
    let curve = kaplan_meier(data, &KaplanMeierOptions::default())?;
    let (mut sum, mut before) = (0.0, 1.0);
    for at in time_dependent_auc(data, score, orientation, horizons, options)? {
        let survival = curve.survival_at(at.horizon);
        sum += at.auc.value * (before - survival);
        before = survival;
    }
    if before < 1.0 {
        Ok(sum / (1.0 - before))
    } else {
        Err(StatsError::Undefined { what: "the mean AUC", why: "there is no horizon" })
    }
}

/// Compares two scores of the same subjects at each of `horizons`.
pub fn compare_time_dependent_auc(
    data: &SurvivalData,
    first: (&[f64], Orientation),
    second: (&[f64], Orientation),
    horizons: &[f64],
    options: &TimeDependentAucOptions,
) -> Result<Vec<TimeDependentAucComparison>, StatsError> {
    let first = Scored::new(data, first.0, first.1, options)?;
    let second = Scored::new(data, second.0, second.1, options)?;
    let compare = |horizon: f64| {
        let (first, second) = (first.at(horizon, options)?, second.at(horizon, options)?);
        let differences: Vec<f64> = first.influence.iter().zip(&second.influence).map(|(a, b)| a - b).collect();
        let (difference, error) = (first.result.auc.value - second.result.auc.value, standard_error(&differences));
        let margin = normal_critical(options.level) * error;
        let estimate = Estimate::new(difference, data.len()).with_standard_error(error).with_interval(
            (difference - margin).max(-1.0),
            (difference + margin).min(1.0),
            options.level,
            METHOD,
        );
        let test = (error > 0.0).then(|| Test {
            statistic: Some(difference / error),
            distribution: NullDistribution::Normal,
            p_value: normal_two_sided(difference / error),
            alternative: Alternative::TwoSided,
            method: "time-dependent AUC, paired, influence function".into(),
        });
        let (first, second) = (first.result.auc, second.result.auc);
        Ok(TimeDependentAucComparison { horizon, first, second, difference: estimate, test })
    };
    horizons.iter().map(|horizon| compare(*horizon)).collect()
}

/// A sample sorted for one score.
struct Scored {
    sample: CensoredSample,
    /// For each sorted subject the rank of its risk among the distinct risks.
    rank: Vec<usize>,
    ranks: usize,
}

struct AtHorizon {
    result: TimeDependentAuc,
    /// One per row of the input.
    influence: Vec<f64>,
}

impl Scored {
    fn new(
        data: &SurvivalData,
        score: &[f64],
        orientation: Orientation,
        options: &TimeDependentAucOptions,
    ) -> Result<Self, StatsError> {
        require_level(options.level)?;
        let risk: Vec<f64> = score.iter().map(|score| orientation.risk(*score) + 0.0).collect();
        let sample = CensoredSample::new(data, "risk score", &risk)?;
        let mut distinct = risk.clone();
        distinct.sort_unstable_by(f64::total_cmp);
        distinct.dedup();
        let rank_of = |row: &usize| distinct.partition_point(|other| *other < risk[*row]);
        Ok(Self { rank: sample.rows.iter().map(rank_of).collect(), ranks: distinct.len(), sample })
    }

    fn at(&self, horizon: f64, options: &TimeDependentAucOptions) -> Result<AtHorizon, StatsError> {
        require_horizon(horizon)?;
        let sample = &self.sample;
        let statuses = sample.statuses(horizon, options.case_at_horizon);
        let count = |wanted: Status| statuses.iter().filter(|status| **status == wanted).count();
        let (cases, controls) = (count(Status::Case), count(Status::Control));
        if cases == 0 || controls == 0 {
            return Err(StatsError::OneClass { positives: cases, negatives: controls });
        }
        let weights = sample.weights(horizon, &statuses, options.censoring)?;
        // The weight of all controls is the same, and drops out of the ratio: they count 1.
        let below_of_controls = self.half_sums(|subject| f64::from(statuses[subject] == Status::Control));
        let below_of_cases = self.half_sums(|subject| match statuses[subject] {
            Status::Case => weights[subject],
            _ => 0.0,
        });
        let n = sample.len() as f64;
        let control_mean = controls as f64 / n;
        let (mut case_mean, mut concordant) = (0.0, 0.0);
        for subject in (0..sample.len()).filter(|subject| statuses[*subject] == Status::Case) {
            case_mean += weights[subject] / n;
            concordant += weights[subject] / n * (below_of_controls[self.rank[subject]] / n);
        }
        let auc = concordant / (case_mean * control_mean);
        let mut own = vec![0.0; sample.len()];
        let mut through_weight = vec![0.0; sample.len()];
        for subject in 0..sample.len() {
            let rank = self.rank[subject];
            match statuses[subject] {
                Status::Case => {
                    let excess = below_of_controls[rank] / n - auc * control_mean;
                    own[subject] = weights[subject] * excess;
                    through_weight[subject] = own[subject];
                }
                // The cases above a control are all cases but those below, ties halved in both.
                Status::Control => own[subject] = case_mean - below_of_cases[rank] / n - auc * case_mean,
                Status::Unknown => {}
            }
        }
        let pull = sample.pull_through_censoring(horizon, &statuses, options.censoring, &through_weight);
        let mut influence = vec![0.0; sample.len()];
        for (subject, row) in sample.rows.iter().enumerate() {
            influence[*row] = (own[subject] + pull[subject]) / (case_mean * control_mean);
        }
        let error = standard_error(&influence);
        let margin = normal_critical(options.level) * error;
        let estimate = Estimate::new(auc, sample.len()).with_standard_error(error).with_interval(
            (auc - margin).max(0.0),
            (auc + margin).min(1.0),
            options.level,
            METHOD,
        );
        Ok(AtHorizon { result: TimeDependentAuc { horizon, auc: estimate, cases, controls }, influence })
    }

    /// For each rank the sum of `value` over subjects of lower risk, and half of it over those of the same.
    fn half_sums(&self, value: impl Fn(usize) -> f64) -> Vec<f64> {
        let mut own = vec![0.0; self.ranks];
        for (subject, rank) in self.rank.iter().enumerate() {
            own[*rank] += value(subject);
        }
        let mut below = 0.0;
        own.iter()
            .map(|own| {
                let half = below + 0.5 * own;
                below += own;
                half
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &[f64], event: &[bool], score: &[f64], horizon: f64) -> TimeDependentAuc {
        let data = SurvivalData::new(time, event);
        let options = TimeDependentAucOptions::default();
        time_dependent_auc(&data, score, Orientation::HigherIsRisk, &[horizon], &options).unwrap().remove(0)
    }

    #[test]
    fn weighted_pairs_by_hand() {
        // The cases at 1, 2 and 3 weigh 1, 1 and 3/2 (see the weights' own test); one control, of score 2.
        // Scores of the cases 3, 1, 2: above, below, equal. AUC = (1 + 3/4) / (7/2) = 1/2.
        let result = at(&[1.0, 2.0, 2.0, 3.0, 4.0], &[true, true, false, true, false], &[3.0, 1.0, 9.0, 2.0, 2.0], 3.0);
        assert!((result.auc.value - 0.5).abs() < 1e-15);
        assert_eq!((result.cases, result.controls), (3, 1));
    }

    #[test]
    fn without_censoring_the_error_is_that_of_two_mann_whitney_means() {
        // Cases 3, 1; controls 2, 0. Placements: of the cases 1 and 1/2, of the controls 1/2 and 1; AUC 3/4.
        // Influences: (placement - AUC) / (1/2): ±1/2 for all four; s = √(4 · 1/4 / (4 · 3)) = √(1/12).
        let result = at(&[1.0, 2.0, 5.0, 6.0], &[true; 4], &[3.0, 1.0, 2.0, 0.0], 3.0);
        assert!((result.auc.value - 0.75).abs() < 1e-15);
        assert!((result.auc.standard_error.unwrap() - (1.0f64 / 12.0).sqrt()).abs() < 1e-15);
    }

    #[test]
    fn perfect_separation_and_one_class() {
        let result = at(&[1.0, 2.0, 5.0], &[true; 3], &[3.0, 2.0, 1.0], 3.0);
        assert_eq!((result.auc.value, result.auc.standard_error), (1.0, Some(0.0)));
        let data = SurvivalData::new(&[1.0, 2.0], &[true, true]);
        let run = |horizon: f64| {
            let options = TimeDependentAucOptions::default();
            time_dependent_auc(&data, &[1.0, 2.0], Orientation::HigherIsRisk, &[horizon], &options)
        };
        assert_eq!(run(0.5).unwrap_err(), StatsError::OneClass { positives: 0, negatives: 2 });
        assert_eq!(run(2.0).unwrap_err(), StatsError::OneClass { positives: 2, negatives: 0 });
        assert!(matches!(run(f64::NAN).unwrap_err(), StatsError::OutOfRange { .. }));
    }

    #[test]
    fn a_score_against_itself_differs_by_nothing() {
        let (time, event) = ([1.0, 2.0, 3.0, 4.0, 5.0], [true, false, true, true, false]);
        let (data, score) = (SurvivalData::new(&time, &event), [3.0, 5.0, 1.0, 2.0, 1.5]);
        let minus: Vec<f64> = score.iter().map(|score| -score).collect();
        let options = TimeDependentAucOptions::default();
        let result = compare_time_dependent_auc(
            &data,
            (&score, Orientation::HigherIsRisk),
            (&minus, Orientation::LowerIsRisk),
            &[3.5],
            &options,
        );
        let result = result.unwrap().remove(0);
        assert_eq!((result.difference.value, result.difference.standard_error, result.test), (0.0, Some(0.0), None));
    }
}
