//! One model's scores of some subjects, and the value of each measure.

use super::arrange::{Arranged, Scores};
use super::measure::Measure;
use crate::data::OutcomeData;
use crate::stats::calibration::integrated_calibration_index::integrated_calibration_index;
use crate::stats::calibration::intercept_slope::{CalibrationOptions, weak_calibration};
use crate::stats::discrimination::auc::auc;
use crate::stats::discrimination::precision_recall::precision_recall;
use crate::stats::survival::SurvivalData;
use crate::stats::survival::brier_survival::{BrierOptions, BrierSurvival, brier_survival};
use crate::stats::survival::concordance::{ConcordanceInput, ConcordanceOptions, concordance};
use crate::stats::survival::cox::{CoxInput, CoxOptions, cox};
use crate::stats::survival::survival_calibration::{RatioInterval, observed_expected_survival};
use crate::stats::survival::time_dependent_auc::{TimeDependentAucOptions, time_dependent_auc};
use crate::stats::threshold::confusion::is_positive;
use crate::stats::utility::net_benefit::decision_curve;
use crate::stats::utility::survival_net_benefit::survival_decision_curve;
use crate::stats::{Estimate, Orientation, StatsError};

#[derive(Clone, Copy)]
pub(super) struct Scored<'a> {
    pub outcome: &'a OutcomeData,
    pub score: &'a [f64],
    /// Of a survival outcome, by the horizon.
    pub risk: Option<&'a [f64]>,
    pub orientation: Orientation,
    pub cuts: Cuts,
}

#[derive(Clone, Copy)]
pub(super) struct Cuts {
    /// From here on a score is a positive call.
    pub threshold: f64,
    /// The threshold probability of net benefit.
    pub acted_on_from: f64,
    /// The time by which a survival outcome is judged.
    pub horizon: Option<f64>,
}

impl<'a> Scored<'a> {
    pub fn of(arranged: &'a Arranged, scores: &'a Scores, acted_on_from: f64) -> Self {
        let threshold = scores.threshold.as_ref().map_or(f64::NAN, |threshold| threshold.threshold);
        Self {
            outcome: &arranged.subjects.outcome,
            score: &scores.score,
            risk: scores.risk.as_deref(),
            orientation: scores.orientation,
            cuts: Cuts { threshold, acted_on_from, horizon: arranged.horizon.as_ref().map(|horizon| horizon.time) },
        }
    }

    pub fn binary(&self) -> Result<&[bool], StatsError> {
        match self.outcome {
            OutcomeData::Binary(values) => Ok(values),
            OutcomeData::Survival { .. } => {
                Err(StatsError::Undefined { what: "measure", why: "the outcome is a time to an event" })
            }
        }
    }

    fn calls(&self) -> Vec<bool> {
        self.score.iter().map(|score| is_positive(*score, self.orientation, self.cuts.threshold)).collect()
    }

    /// Scores of which a higher one means an earlier event.
    pub fn ranking(&self) -> Vec<f64> {
        self.score.iter().map(|score| self.orientation.risk(*score)).collect()
    }

    /// Times, events and the predicted risks by the horizon.
    pub fn by_horizon(&self) -> Result<ByHorizon<'_>, StatsError> {
        let missing = |why| StatsError::Undefined { what: "measure", why };
        let OutcomeData::Survival { time, event } = self.outcome else { return Err(missing("the outcome is binary")) };
        let horizon = self.cuts.horizon.ok_or_else(|| missing("no horizon is declared"))?;
        let risk = self.risk.ok_or_else(|| missing("the model gives no risk by the horizon"))?;
        Ok(ByHorizon { data: SurvivalData::new(time, event), risk, horizon })
    }

    /// A loss of each subject, whose mean is the measure.
    pub fn per_subject(&self, measure: Measure) -> Result<Vec<f64>, StatsError> {
        let of_one = |event: bool, p: f64| match measure {
            Measure::Brier => (p - f64::from(u8::from(event))).powi(2),
            _ => -(if event { p.ln() } else { (-p).ln_1p() }),
        };
        Ok(self.binary()?.iter().zip(self.score).map(|(event, p)| of_one(*event, *p)).collect())
    }

    /// Whether each subject of the measure's denominator was called rightly.
    pub fn right_calls(&self, measure: Measure) -> Result<Vec<bool>, StatsError> {
        let counts = |event: bool| match measure {
            Measure::Sensitivity => event,
            Measure::Specificity => !event,
            _ => true,
        };
        let calls = self.calls();
        Ok(self
            .binary()?
            .iter()
            .zip(&calls)
            .filter(|(event, _)| counts(**event))
            .map(|(event, call)| event == call)
            .collect())
    }
}

/// The value of a measure among these subjects.
pub(super) fn value(measure: Measure, scored: &Scored<'_>) -> Result<f64, StatsError> {
    match scored.outcome {
        OutcomeData::Binary(_) => of_binary(measure, scored),
        OutcomeData::Survival { time, event } => of_survival(measure, scored, &SurvivalData::new(time, event)),
    }
}

fn of_survival(measure: Measure, scored: &Scored<'_>, data: &SurvivalData<'_>) -> Result<f64, StatsError> {
    Ok(match measure {
        Measure::Concordance => {
            let risk = scored.ranking();
            concordance(&ConcordanceInput::new(data.time, data.event, &risk), &ConcordanceOptions::default())?.c.value
        }
        Measure::TimeDependentAuc => {
            let horizon = scored.cuts.horizon.unwrap_or(f64::NAN);
            let options = TimeDependentAucOptions::default();
            let found = time_dependent_auc(data, scored.score, scored.orientation, &[horizon], &options)?;
            found.first().map(|found| found.auc.value).ok_or(StatsError::Empty { what: "horizons" })?
        }
        Measure::Brier => scored.by_horizon()?.brier()?.brier.value,
        Measure::ScaledBrier => scored
            .by_horizon()?
            .brier()?
            .scaled
            .ok_or(StatsError::Undefined { what: "index of prediction accuracy", why: "the null model is perfect" })?,
        Measure::NetBenefit => scored.by_horizon()?.net_benefit(scored.cuts.acted_on_from)?,
        Measure::CalibrationSlope => scored.by_horizon()?.slope(0.95)?.value,
        Measure::ObservedExpectedRatio => {
            let ByHorizon { data, risk, horizon } = scored.by_horizon()?;
            observed_expected_survival(&data, risk, horizon, 0.95, RatioInterval::default())?.ratio.value
        }
        _ => return Err(StatsError::Undefined { what: "measure", why: "the outcome is a time to an event" }),
    })
}

fn of_binary(measure: Measure, scored: &Scored<'_>) -> Result<f64, StatsError> {
    Ok(match measure {
        Measure::Auc => auc(scored.binary()?, scored.score, scored.orientation)?,
        Measure::AveragePrecision => {
            precision_recall(scored.binary()?, scored.score, scored.orientation)?.average_precision
        }
        Measure::Sensitivity | Measure::Specificity | Measure::Accuracy => {
            let right = scored.right_calls(measure)?;
            if right.is_empty() {
                return Err(StatsError::Undefined { what: "measure", why: "nobody is in its denominator" });
            }
            right.iter().filter(|right| **right).count() as f64 / right.len() as f64
        }
        Measure::NetBenefit => {
            let curve = decision_curve(scored.binary()?, scored.score, &[scored.cuts.acted_on_from])?;
            curve.first().map(|point| point.net_benefit.value).ok_or(StatsError::Empty { what: "thresholds" })?
        }
        Measure::Brier | Measure::LogLoss => {
            let value = mean(&scored.per_subject(measure)?);
            if !value.is_finite() {
                return Err(StatsError::Undefined { what: "log loss", why: "a prediction of 0 or 1 was wrong" });
            }
            value
        }
        Measure::CalibrationSlope => {
            weak_calibration(scored.binary()?, scored.score, &CalibrationOptions::default())?.slope.value
        }
        Measure::IntegratedCalibrationIndex => integrated_calibration_index(scored.binary()?, scored.score)?.ici,
        Measure::Concordance | Measure::TimeDependentAuc | Measure::ScaledBrier | Measure::ObservedExpectedRatio => {
            return Err(StatsError::Undefined { what: "measure", why: "the outcome is binary" });
        }
    })
}

/// Subjects are in one order whatever that of the files, so the sum has its bits.
pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Predicted risks by a horizon, with the times and events that they are held to.
pub(super) struct ByHorizon<'a> {
    pub data: SurvivalData<'a>,
    pub risk: &'a [f64],
    pub horizon: f64,
}

impl ByHorizon<'_> {
    fn brier(&self) -> Result<BrierSurvival, StatsError> {
        brier_survival(&self.data, self.risk, self.horizon, &BrierOptions::default())
    }

    fn net_benefit(&self, acted_on_from: f64) -> Result<f64, StatsError> {
        let curve = survival_decision_curve(&self.data, self.risk, self.horizon, &[acted_on_from], 0.95)?;
        curve.first().map(|point| point.net_benefit.value).ok_or(StatsError::Empty { what: "thresholds" })
    }

    /// The coefficient of the complementary log-log of the risk in a Cox model: for a Cox model that is its linear predictor,
    /// and 1 where its hazard ratios hold.
    pub fn slope(&self, level: f64) -> Result<Estimate, StatsError> {
        let predictor: Vec<f64> = self.risk.iter().map(|risk| (-(-risk).ln_1p()).ln()).collect();
        if predictor.iter().any(|value| !value.is_finite()) {
            return Err(StatsError::Undefined { what: "calibration slope", why: "a predicted risk is 0 or 1" });
        }
        let covariates = [predictor.as_slice()];
        let fit = cox(
            &CoxInput::new(self.data.time, self.data.event, &covariates),
            &CoxOptions { level, ..CoxOptions::default() },
        )?;
        let coefficient = fit.coefficients.first().filter(|_| fit.monotone.is_empty());
        let Some(coefficient) = coefficient else {
            let why = "the risks order the events without exception";
            return Err(StatsError::Undefined { what: "calibration slope", why });
        };
        let interval = &coefficient.interval;
        let estimate = Estimate::new(coefficient.coefficient, fit.n).with_standard_error(coefficient.standard_error);
        Ok(estimate.with_interval(interval.lower, interval.upper, interval.level, interval.method.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: [f64; 8] = [1.0, 2.0, 3.0, 5.0, 6.0, 7.0, 8.0, 2.5];
    const RISK: [f64; 8] = [0.9, 0.2, 0.7, 0.4, 0.3, 0.1, 0.6, 0.8];

    fn judged(outcome: &OutcomeData, measure: Measure) -> f64 {
        let cuts = Cuts { threshold: 0.5, acted_on_from: 0.35, horizon: Some(4.0) };
        let orientation = Orientation::HigherIsRisk;
        value(measure, &Scored { outcome, score: &RISK, risk: Some(&RISK), orientation, cuts }).unwrap()
    }

    /// Where everybody is followed to the horizon, a risk by it is the probability of a yes or no.
    #[test]
    fn without_censoring_measures_by_the_horizon_are_those_of_a_binary_outcome() {
        let survival = OutcomeData::Survival { time: TIME.to_vec(), event: vec![true; 8] };
        let binary = OutcomeData::Binary(TIME.iter().map(|time| *time <= 4.0).collect());
        for (by_horizon, of_binary) in [
            (Measure::TimeDependentAuc, Measure::Auc),
            (Measure::Brier, Measure::Brier),
            (Measure::NetBenefit, Measure::NetBenefit),
        ] {
            let (found, wanted) = (judged(&survival, by_horizon), judged(&binary, of_binary));
            assert!((found - wanted).abs() < 1e-12, "{}: {found}, {wanted}", by_horizon.id());
        }
        // Half have the event: 4/8 over the mean risk of 1/2, and a null model of Brier score 1/4.
        assert!((judged(&survival, Measure::ObservedExpectedRatio) - 1.0).abs() < 1e-12);
        let scaled = 1.0 - judged(&survival, Measure::Brier) / 0.25;
        assert!((judged(&survival, Measure::ScaledBrier) - scaled).abs() < 1e-12);
    }

    /// For a Cox model the complementary log-log of the risk is its linear predictor, but for a constant.
    #[test]
    fn the_slope_is_that_of_the_linear_predictor() {
        let survival = OutcomeData::Survival { time: TIME.to_vec(), event: vec![true; 8] };
        let predictor: Vec<f64> = RISK.iter().map(|risk| (-(1.0 - risk).ln()).ln() + 3.0).collect();
        let covariates = [predictor.as_slice()];
        let wanted = cox(&CoxInput::new(&TIME, &[true; 8], &covariates), &CoxOptions::default()).unwrap();
        let found = judged(&survival, Measure::CalibrationSlope);
        assert!((found - wanted.coefficients[0].coefficient).abs() < 1e-8);
    }
}
