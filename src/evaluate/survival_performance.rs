//! Discrimination, calibration, overall error and net benefit of every model of a survival outcome, per partition. A model
//! that gives no risk (a score out of the data) has discrimination and a slope only.

use super::{Context, EvaluateError, pick};
use crate::predictions::SurvivalColumns;
use crate::results::{
    CalibrationCurveFacts, CalibrationDistanceFacts, CalibrationGroup, DifferenceFacts, GIVES_NO_RISK, HorizonTallies,
    ResampledFacts, SurvivalComparisonRow, SurvivalDecisionPoint, SurvivalNetBenefit, SurvivalPerformance,
    SurvivalPerformanceRow, Undefined,
};
use crate::spec::raw::{RawCalibrationCurve, RawRatioInterval, RawStatistic};
use crate::stats::baseline::quantile::{QuantileType, quantiles};
use crate::stats::calibration::integrated_calibration_index::CalibrationDistance;
use crate::stats::calibration::survival_curve::{
    SurvivalCalibrationOptions, survival_calibration, survival_calibration_on_grid,
};
use crate::stats::calibration::survival_poisson::{survival_in_the_large, survival_slope};
use crate::stats::random::Seed;
use crate::stats::resample::bootstrap::{BootstrapInterval, BootstrapOptions, Sampling};
use crate::stats::resample::statistic::bootstrap_statistic;
use crate::stats::survival::SurvivalData;
use crate::stats::survival::brier_survival::{BrierOptions, brier_survival};
use crate::stats::survival::concordance::{ConcordanceInput, ConcordanceOptions, TimeWeight, concordance};
use crate::stats::survival::concordance_difference::{ConcordanceDifference, concordance_difference};
use crate::stats::survival::cox::{CoxInput, CoxOptions, cox};
use crate::stats::survival::survival_calibration::{
    RatioInterval, observed_expected_survival, survival_calibration_groups,
};
use crate::stats::survival::time_dependent_auc::{
    TimeDependentAucOptions, compare_time_dependent_auc, time_dependent_auc,
};
use crate::stats::utility::survival_net_benefit::survival_decision_curve;
use crate::stats::{Estimate, Orientation, StatsError};
use rayon::prelude::*;

/// The smooth curve is kept on this many equal steps between the 1% and the 99% quantile of the predicted risks: no
/// subject's own risk is in the results.
const CURVE_STEPS: usize = 40;

/// One declared analysis.
struct Plan<'a> {
    context: Context<'a>,
    outcome: &'a str,
    horizon: f64,
    weighted_at: f64,
    level: f64,
    thresholds: &'a [f64],
    decision_thresholds: Vec<f64>,
    groups: usize,
    curve: SurvivalCalibrationOptions,
    ratio_interval: RatioInterval,
    bootstrap: Option<BootstrapOptions>,
}

pub(super) fn evaluate(context: Context<'_>, statistic: &RawStatistic) -> Result<SurvivalPerformance, EvaluateError> {
    let RawStatistic::SurvivalPerformance {
        outcome,
        models,
        partitions,
        horizon,
        weighted_at,
        level,
        thresholds,
        decision_curve,
        groups,
        calibration_curve,
        ratio_interval,
        bootstrap,
        reference,
    } = statistic
    else {
        return Err(EvaluateError::Other("not a performance of survival models".to_string()));
    };
    let plan = Plan {
        context,
        outcome,
        horizon: *horizon,
        weighted_at: weighted_at.unwrap_or(*horizon),
        level: *level,
        thresholds,
        decision_thresholds: decision_curve.thresholds(),
        groups: *groups,
        curve: SurvivalCalibrationOptions { knots: calibration_curve.knots, tolerance: calibration_curve.tolerance },
        ratio_interval: match ratio_interval {
            RawRatioInterval::Events => RatioInterval::Events,
            RawRatioInterval::KaplanMeier => RatioInterval::KaplanMeier,
        },
        bootstrap: bootstrap.map(|declared| BootstrapOptions {
            replicates: declared.replicates,
            level: *level,
            kind: BootstrapInterval::Percentile,
            sampling: Sampling::Simple,
        }),
    };
    let models = context.models_of(outcome, models.as_ref())?;
    let cells: Vec<(&String, &String)> =
        partitions.iter().flat_map(|partition| models.iter().map(move |model| (partition, model))).collect();
    let rows: Vec<Result<SurvivalPerformanceRow, EvaluateError>> = cells
        .par_iter()
        .map(|(partition, model)| plan.row(model, partition).map_err(within(partition, model)))
        .collect();
    if let Some(reference) = reference {
        context.model(reference)?;
    }
    let compared: Vec<Result<SurvivalComparisonRow, EvaluateError>> = match reference {
        Some(reference) => cells
            .par_iter()
            .filter(|(_, model)| *model != reference)
            .map(|(partition, model)| plan.compare(model, reference, partition).map_err(within(partition, model)))
            .collect(),
        None => Vec::new(),
    };
    Ok(SurvivalPerformance {
        outcome: outcome.clone(),
        level: *level,
        horizon: *horizon,
        weighted_at: plan.weighted_at,
        curve_says: curve_in_words(calibration_curve),
        rows: rows.into_iter().collect::<Result<_, _>>()?,
        reference: reference.clone(),
        comparisons: compared.into_iter().collect::<Result<_, _>>()?,
    })
}

fn within<'a>(partition: &'a str, model: &'a str) -> impl FnOnce(StatsError) -> EvaluateError + 'a {
    move |source| EvaluateError::Within { partition: partition.to_string(), what: format!("model `{model}`"), source }
}

fn curve_in_words(curve: &RawCalibrationCurve) -> String {
    let stop = if *curve == (RawCalibrationCurve { knots: curve.knots, ..RawCalibrationCurve::default() }) {
        String::new()
    } else {
        format!(", stopped at a relative change of the log-likelihood of {}", curve.tolerance)
    };
    format!("restricted cubic spline with {} knots{stop}", curve.knots)
}

/// The subjects of a partition and a model's score of them, higher meaning an earlier event.
struct Judged {
    columns: SurvivalColumns,
    score: Vec<f64>,
}

impl Judged {
    fn data(&self) -> SurvivalData<'_> {
        SurvivalData::new(&self.columns.time, &self.columns.event)
    }

    fn events_by(&self, time: f64) -> usize {
        self.columns.time.iter().zip(&self.columns.event).filter(|(end, event)| **event && **end <= time).count()
    }

    /// Somebody is followed to this time, or everybody had the event before it.
    fn tells_of(&self, time: f64) -> bool {
        self.columns.time.iter().any(|end| *end >= time) || self.columns.event.iter().all(|event| *event)
    }
}

impl Plan<'_> {
    fn judged(&self, model: &str, partition: &str) -> Result<Judged, StatsError> {
        let rows = self.context.rows(partition);
        let Some(column) = self.context.predictions.model(model) else {
            return Err(StatsError::Empty { what: "the model's scores" });
        };
        let score = pick(&column.scores, &rows).into_iter().map(|score| column.orientation.risk(score)).collect();
        Ok(Judged { columns: self.context.predictions.survival(self.outcome, &rows), score })
    }

    fn row(&self, model: &str, partition: &str) -> Result<SurvivalPerformanceRow, StatsError> {
        let judged = self.judged(model, partition)?;
        let data = judged.data();
        let mut undefined = Vec::new();
        let mut row = SurvivalPerformanceRow {
            model: model.to_string(),
            partition: partition.to_string(),
            n: data.len(),
            events: data.event.iter().filter(|event| **event).count(),
            harrell_c: defined("Harrell's C", self.concordance(&judged, TimeWeight::Pairs), &mut undefined)?,
            uno_c: defined("Uno's C", self.concordance(&judged, TimeWeight::InverseCensoringSquared), &mut undefined)?,
            auc: defined("AUC", self.auc(&judged), &mut undefined)?,
            slope: defined("Slope", self.slope(&judged), &mut undefined)?,
            tallies: HorizonTallies {
                all: judged.events_by(self.horizon),
                weighted: judged.events_by(self.weighted_at),
                ..HorizonTallies::default()
            },
            ..SurvivalPerformanceRow::default()
        };
        match self.risks(model, &judged) {
            Ok(risks) => {
                self.judge_hazards(&judged, &risks, &mut row, &mut undefined)?;
                if judged.tells_of(self.horizon.max(self.weighted_at)) {
                    self.judge_risks(&judged, &risks, &mut row, &mut undefined)?;
                    if let Some(options) = &self.bootstrap {
                        let seed = self.context.seed.child(partition).child(model);
                        row.resampled = Some(self.resample(&judged, &risks, &row, options, seed)?);
                    }
                } else {
                    let why =
                        "nobody of the set is followed to the horizon, so no risk by then can be judged".to_string();
                    undefined.push(Undefined { measure: "Risk".to_string(), why });
                }
            }
            Err(why) => undefined.push(Undefined { measure: "Risk".to_string(), why }),
        }
        row.undefined = undefined;
        Ok(row)
    }

    /// Predicted risks and cumulative hazards, or why the model gives none.
    fn risks(&self, model: &str, judged: &Judged) -> Result<Risks, String> {
        let baseline = self.context.predictions.model(model).and_then(|column| column.baseline.as_ref());
        let Some(baseline) = baseline else { return Err(GIVES_NO_RISK.to_string()) };
        if self.horizon > baseline.last() {
            let last = baseline.last();
            return Err(format!("the follow-up of the training part ends at {last:.2}, before the horizon"));
        }
        let by = |time: f64| judged.score.iter().map(|score| baseline.risk(time, *score)).collect::<Vec<f64>>();
        let until_its_end = judged.columns.time.iter().zip(&judged.score);
        Ok(Risks {
            by_horizon: by(self.horizon),
            by_weighted: by(self.weighted_at),
            cumulative_hazard: until_its_end.map(|(time, score)| baseline.cumulative_hazard(*time, *score)).collect(),
        })
    }

    /// Over the whole follow-up of the set, whatever the horizon.
    fn judge_hazards(
        &self,
        judged: &Judged,
        risks: &Risks,
        row: &mut SurvivalPerformanceRow,
        undefined: &mut Vec<Undefined>,
    ) -> Result<(), StatsError> {
        let (event, level) = (&judged.columns.event, self.level);
        let before_the_first =
            event.iter().zip(&risks.cumulative_hazard).any(|(event, hazard)| *event && *hazard <= 0.0);
        if before_the_first {
            let why = "an event of this set comes before the first of the training part, until which the model predicts no \
                       risk at all";
            for measure in ["O/E, whole follow-up", "Slope, whole follow-up"] {
                undefined.push(Undefined { measure: measure.to_string(), why: why.to_string() });
            }
            return Ok(());
        }
        let large = survival_in_the_large(event, &risks.cumulative_hazard, level).map(|large| large.ratio);
        row.observed_expected_follow_up = defined("O/E, whole follow-up", large, undefined)?;
        let slope = survival_slope(event, &risks.cumulative_hazard, &judged.score, level).map(|slope| slope.slope);
        row.slope_follow_up = defined("Slope, whole follow-up", slope, undefined)?;
        Ok(())
    }

    /// What is predicted by the horizon.
    fn judge_risks(
        &self,
        judged: &Judged,
        risks: &Risks,
        row: &mut SurvivalPerformanceRow,
        undefined: &mut Vec<Undefined>,
    ) -> Result<(), StatsError> {
        let (data, level, horizon) = (judged.data(), self.level, self.horizon);
        let ratio = observed_expected_survival(&data, &risks.by_horizon, horizon, level, self.ratio_interval);
        if let Some(ratio) = defined("O/E", ratio, undefined)? {
            row.observed = Some(ratio.observed);
            row.expected = Some(ratio.expected);
            row.observed_expected_ratio = Some(ratio.ratio);
        }
        let smooth = survival_calibration(&data, &risks.by_horizon, horizon, &self.curve);
        if let Some(smooth) = defined("Smooth calibration curve", smooth, undefined)? {
            let distance = smooth.distance;
            row.calibration_distance = Some(CalibrationDistanceFacts {
                ici: distance.ici,
                e50: distance.e50,
                e90: distance.e90,
                e_max: distance.e_max,
            });
            row.curve = self.curve_on_grid(&data, &risks.by_horizon)?;
        }
        for group in survival_calibration_groups(&data, &risks.by_horizon, horizon, self.groups, level)? {
            if let Some(observed) = group.observed {
                row.groups.push(CalibrationGroup { predicted: group.mean_predicted, observed });
                row.tallies.groups.push(group.events);
            }
        }

        let options = BrierOptions { level, ..BrierOptions::default() };
        let brier = brier_survival(&data, &risks.by_weighted, self.weighted_at, &options);
        if let Some(brier) = defined("Brier score", brier, undefined)? {
            row.brier = Some(brier.brier);
            row.null_brier = Some(brier.null_brier);
            row.scaled_brier = brier.scaled;
        }
        row.net_benefit = survival_decision_curve(&data, &risks.by_horizon, horizon, self.thresholds, level)?
            .into_iter()
            .map(|point| SurvivalNetBenefit {
                threshold: point.threshold,
                acted_on: point.acted_on,
                net_benefit: point.net_benefit,
                treat_all: point.treat_all,
                followed_to_horizon: point.followed_to_horizon,
            })
            .collect();
        let curve = survival_decision_curve(&data, &risks.by_horizon, horizon, &self.decision_thresholds, level)?;
        row.decision_curve = curve
            .into_iter()
            .map(|point| SurvivalDecisionPoint {
                threshold: point.threshold,
                acted_on: point.acted_on,
                net_benefit: point.net_benefit.value,
                treat_all: point.treat_all,
            })
            .collect();
        let acted_on = |threshold: &f64| {
            let events = judged.columns.time.iter().zip(&judged.columns.event).zip(&risks.by_horizon);
            events.filter(|((time, event), risk)| **event && **time <= horizon && **risk >= *threshold).count()
        };
        row.tallies.net_benefit = self.thresholds.iter().map(acted_on).collect();
        row.tallies.decision_curve = self.decision_thresholds.iter().map(acted_on).collect();
        Ok(())
    }

    /// Percentile intervals over resampled subjects, the predictions as they are. Every measure sees the same replicates.
    fn resample(
        &self,
        judged: &Judged,
        risks: &Risks,
        row: &SurvivalPerformanceRow,
        options: &BootstrapOptions,
        seed: Seed,
    ) -> Result<ResampledFacts, StatsError> {
        let sample = |rows: &[usize], risk: &[f64]| Drawn {
            time: pick(&judged.columns.time, rows),
            event: pick(&judged.columns.event, rows),
            risk: pick(risk, rows),
        };
        let distance = |measure: fn(&CalibrationDistance) -> f64| {
            bootstrap_statistic(row.n, None, None, options, seed, |rows| {
                let drawn = sample(rows, &risks.by_horizon);
                let curve = survival_calibration(&drawn.data(), &drawn.risk, self.horizon, &self.curve).ok()?;
                Some(measure(&curve.distance))
            })
        };
        let with_curve = row.calibration_distance.is_some();
        let scaled = || {
            bootstrap_statistic(row.n, None, None, options, seed, |rows| {
                let drawn = sample(rows, &risks.by_weighted);
                brier_survival(&drawn.data(), &drawn.risk, self.weighted_at, &BrierOptions::default()).ok()?.scaled
            })
        };
        let of_curve = |measure| with_curve.then(|| distance(measure)).transpose();
        Ok(ResampledFacts {
            ici: of_curve(|distance| distance.ici)?,
            e50: of_curve(|distance| distance.e50)?,
            e90: of_curve(|distance| distance.e90)?,
            scaled_brier: row.scaled_brier.is_some().then(scaled).transpose()?,
        })
    }

    fn curve_on_grid(&self, data: &SurvivalData, risk: &[f64]) -> Result<Vec<CalibrationCurveFacts>, StatsError> {
        let ends = quantiles(risk, &[0.01, 0.99], QuantileType::Type7)?;
        let [first, last] = ends.as_slice() else { return Ok(Vec::new()) };
        let steps = CURVE_STEPS as f64;
        let grid: Vec<f64> = (0..=CURVE_STEPS).map(|step| first + (last - first) * step as f64 / steps).collect();
        let points = survival_calibration_on_grid(data, risk, self.horizon, &grid, self.level, &self.curve)?;
        let facts = points.into_iter();
        Ok(facts.map(|point| CalibrationCurveFacts { predicted: point.predicted, observed: point.observed }).collect())
    }

    fn concordance(&self, judged: &Judged, time_weight: TimeWeight) -> Result<Estimate, StatsError> {
        let input = ConcordanceInput::new(&judged.columns.time, &judged.columns.event, &judged.score);
        Ok(concordance(&input, &self.concordance_options(time_weight))?.c)
    }

    fn concordance_options(&self, time_weight: TimeWeight) -> ConcordanceOptions {
        ConcordanceOptions { time_weight, level: self.level, ..ConcordanceOptions::default() }
    }

    fn auc_options(&self) -> TimeDependentAucOptions {
        TimeDependentAucOptions { level: self.level, ..TimeDependentAucOptions::default() }
    }

    fn auc(&self, judged: &Judged) -> Result<Estimate, StatsError> {
        let horizons = [self.weighted_at];
        let result = time_dependent_auc(
            &judged.data(),
            &judged.score,
            Orientation::HigherIsRisk,
            &horizons,
            &self.auc_options(),
        );
        let followed = judged.columns.time.iter().any(|time| *time > self.weighted_at);
        let result = match result {
            Err(StatsError::OneClass { .. }) if !followed => {
                let why = "nobody is followed beyond its time";
                return Err(StatsError::Undefined { what: "the AUC", why });
            }
            result => result?,
        };
        let first = result.into_iter().next();
        first.map(|result| result.auc).ok_or(StatsError::Empty { what: "horizons" })
    }

    /// The coefficient of the score in a Cox model of the partition: 1 where the model's hazard ratios hold.
    fn slope(&self, judged: &Judged) -> Result<Estimate, StatsError> {
        let covariates = [judged.score.as_slice()];
        let input = CoxInput::new(&judged.columns.time, &judged.columns.event, &covariates);
        let fit = cox(&input, &CoxOptions { level: self.level, ..CoxOptions::default() })?;
        let Some(coefficient) = fit.coefficients.first().filter(|_| fit.monotone.is_empty()) else {
            return Err(StatsError::Undefined {
                what: "the slope",
                why: "the score orders the events without exception",
            });
        };
        let interval = &coefficient.interval;
        Ok(Estimate::new(coefficient.coefficient, fit.n).with_standard_error(coefficient.standard_error).with_interval(
            interval.lower,
            interval.upper,
            interval.level,
            interval.method.clone(),
        ))
    }

    fn compare(&self, model: &str, reference: &str, partition: &str) -> Result<SurvivalComparisonRow, StatsError> {
        let (own, other) = (self.judged(model, partition)?, self.judged(reference, partition)?);
        let concordances = |weight: TimeWeight| {
            let input = ConcordanceInput::new(&own.columns.time, &own.columns.event, &own.score);
            let compared = concordance_difference(&input, &other.score, &self.concordance_options(weight));
            let compared = defined("C", compared, &mut Vec::new())?;
            let facts = |compared: ConcordanceDifference| DifferenceFacts {
                difference: compared.difference,
                test: compared.test,
            };
            Ok::<_, StatsError>(compared.map(facts))
        };
        let auc = compare_time_dependent_auc(
            &own.data(),
            (&own.score, Orientation::HigherIsRisk),
            (&other.score, Orientation::HigherIsRisk),
            &[self.weighted_at],
            &self.auc_options(),
        );
        let auc = defined("AUC", auc, &mut Vec::new())?.and_then(|compared| compared.into_iter().next());
        Ok(SurvivalComparisonRow {
            model: model.to_string(),
            partition: partition.to_string(),
            harrell_c: concordances(TimeWeight::Pairs)?,
            uno_c: concordances(TimeWeight::InverseCensoringSquared)?,
            auc: auc.map(|compared| DifferenceFacts { difference: compared.difference, test: compared.test }),
        })
    }
}

/// What a Cox model predicts for the subjects of a partition.
struct Risks {
    by_horizon: Vec<f64>,
    by_weighted: Vec<f64>,
    /// Up to the end of each subject's own follow-up.
    cumulative_hazard: Vec<f64>,
}

/// A resampled partition.
struct Drawn {
    time: Vec<f64>,
    event: Vec<bool>,
    risk: Vec<f64>,
}

impl Drawn {
    fn data(&self) -> SurvivalData<'_> {
        SurvivalData::new(&self.time, &self.event)
    }
}

/// `None`, and the reason among `undefined`, where a measure is not defined for these subjects; any other error stays one.
fn defined<T>(
    measure: &str,
    result: Result<T, StatsError>,
    undefined: &mut Vec<Undefined>,
) -> Result<Option<T>, StatsError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(
            error @ (StatsError::Undefined { .. }
            | StatsError::InvalidAt { .. }
            | StatsError::OutOfRange { .. }
            | StatsError::OneClass { .. }
            | StatsError::Separated { .. }
            | StatsError::Collinear { .. }
            | StatsError::TooFew { .. }
            | StatsError::NotConverged { .. }
            | StatsError::NoEvents),
        ) => {
            let why = match error {
                // Where it stands would point at a subject.
                StatsError::InvalidAt { what, expected, .. } => format!("the {what} of some subject is not {expected}"),
                error => error.to_string(),
            };
            undefined.push(Undefined { measure: measure.to_string(), why });
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
