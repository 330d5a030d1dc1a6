//! The measures in which models are compared: what each needs, which way is better, its value, its paired difference.

use super::CompareError;
use super::arrange::{Arranged, Scores};
use super::declaration::Declaration;
use super::facts::MeasureRow;
use crate::data::OutcomeData;
use crate::spec::raw::RawBootstrapInterval;
use crate::stats::calibration::integrated_calibration_index::integrated_calibration_index;
use crate::stats::calibration::intercept_slope::{CalibrationOptions, weak_calibration};
use crate::stats::comparison::delong::paired_delong;
use crate::stats::comparison::mcnemar::{McNemarMethod, mcnemar};
use crate::stats::comparison::non_inferiority::Direction;
use crate::stats::comparison::paired_concordance::paired_concordance;
use crate::stats::comparison::paired_means::paired_means;
use crate::stats::comparison::paired_proportions::{PairedCounts, PairedInterval, paired_difference};
use crate::stats::discrimination::auc::auc;
use crate::stats::discrimination::precision_recall::precision_recall;
use crate::stats::distribution::normal_two_sided;
use crate::stats::random::Seed;
use crate::stats::resample::bootstrap::{BootstrapInterval, BootstrapOptions, Sampling};
use crate::stats::resample::statistic::bootstrap_statistic;
use crate::stats::survival::concordance::{ConcordanceInput, ConcordanceOptions, concordance};
use crate::stats::threshold::confusion::is_positive;
use crate::stats::{Alternative, Estimate, NullDistribution, Orientation, StatsError, Test};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Area under the ROC curve; DeLong's paired test.
    Auc,
    /// Average precision; tested by the bootstrap.
    AveragePrecision,
    /// At each model's threshold; McNemar's test among subjects with the event.
    Sensitivity,
    /// At each model's threshold; McNemar's test among subjects without the event.
    Specificity,
    /// At each model's threshold; McNemar's test.
    Accuracy,
    /// Brier score; the paired test of a mean.
    Brier,
    /// Log loss; the paired test of a mean.
    LogLoss,
    /// Net benefit at the first declared threshold probability; the paired test of a mean.
    NetBenefit,
    /// Calibration slope; its best value is 1, so it decides nothing.
    CalibrationSlope,
    /// Integrated calibration index; tested by the bootstrap.
    IntegratedCalibrationIndex,
    /// Harrell's C of a survival outcome; the paired test of the infinitesimal jackknife.
    Concordance,
}

/// Which measures these models and this outcome allow, in the order of a table.
pub fn of(declaration: &Declaration, arranged: &Arranged) -> Vec<Measure> {
    if arranged.binary().is_none() {
        return vec![Measure::Concordance];
    }
    let all = std::iter::once(&arranged.base).chain(&arranged.variants);
    let (mut thresholds, mut probabilities) = (true, true);
    for scores in all {
        thresholds &= scores.threshold.is_some();
        probabilities &= scores.gives_probability;
    }
    let mut measures = vec![Measure::Auc];
    if declaration.bootstrap.is_some() {
        measures.push(Measure::AveragePrecision);
    }
    if thresholds {
        measures.extend([Measure::Sensitivity, Measure::Specificity, Measure::Accuracy]);
    }
    if probabilities {
        measures.extend([Measure::Brier, Measure::LogLoss, Measure::NetBenefit]);
        if declaration.bootstrap.is_some() {
            measures.extend([Measure::CalibrationSlope, Measure::IntegratedCalibrationIndex]);
        }
    }
    measures
}

impl Measure {
    pub fn id(self) -> &'static str {
        match self {
            Measure::Auc => "auc",
            Measure::AveragePrecision => "average_precision",
            Measure::Sensitivity => "sensitivity",
            Measure::Specificity => "specificity",
            Measure::Accuracy => "accuracy",
            Measure::Brier => "brier",
            Measure::LogLoss => "log_loss",
            Measure::NetBenefit => "net_benefit",
            Measure::CalibrationSlope => "calibration_slope",
            Measure::IntegratedCalibrationIndex => "integrated_calibration_index",
            Measure::Concordance => "concordance",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Measure::Auc => "AUC",
            Measure::AveragePrecision => "Average precision",
            Measure::Sensitivity => "Sensitivity",
            Measure::Specificity => "Specificity",
            Measure::Accuracy => "Accuracy",
            Measure::Brier => "Brier score",
            Measure::LogLoss => "Log loss",
            Measure::NetBenefit => "Net benefit",
            Measure::CalibrationSlope => "Calibration slope",
            Measure::IntegratedCalibrationIndex => "Integrated calibration index",
            Measure::Concordance => "C index",
        }
    }

    /// `None` where the best value is in the middle.
    pub fn direction(self) -> Option<Direction> {
        match self {
            Measure::CalibrationSlope => None,
            Measure::Brier | Measure::LogLoss | Measure::IntegratedCalibrationIndex => Some(Direction::LowerIsBetter),
            _ => Some(Direction::HigherIsBetter),
        }
    }

    /// There is no formula for the error of the difference.
    pub fn needs_bootstrap(self) -> bool {
        matches!(self, Measure::AveragePrecision | Measure::IntegratedCalibrationIndex | Measure::CalibrationSlope)
    }

    /// What is missing where a measure is not among those that can be compared.
    pub fn needs(self) -> &'static str {
        match self {
            Measure::Auc => "it needs a binary outcome",
            Measure::AveragePrecision => "it needs a binary outcome and a declared `bootstrap`",
            Measure::Sensitivity | Measure::Specificity | Measure::Accuracy => {
                "it needs a binary outcome and a threshold for every model: a training part, or a fixed threshold"
            }
            Measure::Brier | Measure::LogLoss | Measure::NetBenefit => {
                "it needs a binary outcome, and models that give probabilities"
            }
            Measure::CalibrationSlope | Measure::IntegratedCalibrationIndex => {
                "it needs a binary outcome, models that give probabilities, and a declared `bootstrap`"
            }
            Measure::Concordance => "it needs a survival outcome",
        }
    }
}

/// One model's scores of some subjects.
struct Scored<'a> {
    outcome: &'a OutcomeData,
    score: &'a [f64],
    orientation: Orientation,
    cuts: Cuts,
}

#[derive(Clone, Copy)]
struct Cuts {
    /// From here on a score is a positive call.
    threshold: f64,
    /// The threshold probability of net benefit.
    acted_on_from: f64,
}

/// The row of one measure; `None` where it is not defined on these subjects.
pub fn row(
    measure: Measure,
    arranged: &Arranged,
    variant: &Scores,
    declaration: &Declaration,
) -> Result<Option<MeasureRow>, CompareError> {
    let failed =
        |source| CompareError::Measure { measure: measure.label().to_string(), model: variant.label.clone(), source };
    let outcome = &arranged.subjects.outcome;
    let acted_on_from = declaration.net_benefit_at().first().copied().unwrap_or(0.5);
    let base = Scored::of(outcome, &arranged.base, acted_on_from);
    let new = Scored::of(outcome, variant, acted_on_from);
    let compared = match compared(measure, &base, &new, declaration.level) {
        Ok(Some(compared)) => compared,
        Ok(None) => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let bootstrap = match &declaration.bootstrap {
        Some(_) => Some(bootstrapped(measure, &base, &new, declaration, &variant.label).map_err(failed)?),
        None => None,
    };
    let Compared { base: base_value, variant: new_value, mut paired } = compared;
    if measure.needs_bootstrap()
        && let Some(estimate) = &bootstrap
    {
        paired = Paired { test: bootstrap_test(estimate), difference: estimate.clone() };
    }
    Ok(Some(MeasureRow {
        measure,
        base: base_value,
        variant: new_value,
        difference: paired.difference,
        test: paired.test,
        in_family: false,
        adjusted_p_value: None,
        detectable: None,
        bootstrap: bootstrap.and_then(|estimate| estimate.interval),
    }))
}

impl<'a> Scored<'a> {
    fn of(outcome: &'a OutcomeData, scores: &'a Scores, acted_on_from: f64) -> Self {
        let threshold = scores.threshold.as_ref().map_or(f64::NAN, |threshold| threshold.threshold);
        Self { outcome, score: &scores.score, orientation: scores.orientation, cuts: Cuts { threshold, acted_on_from } }
    }

    fn binary(&self) -> Result<&[bool], StatsError> {
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

    fn risk(&self) -> Vec<f64> {
        self.score.iter().map(|score| self.orientation.risk(*score)).collect()
    }

    /// A loss or gain of each subject, whose mean is the measure.
    fn per_subject(&self, measure: Measure) -> Result<Vec<f64>, StatsError> {
        let acted_on_from = self.cuts.acted_on_from;
        let odds = acted_on_from / (1.0 - acted_on_from);
        let of_one = |event: bool, p: f64| match measure {
            Measure::Brier => (p - f64::from(u8::from(event))).powi(2),
            Measure::LogLoss => -(if event { p.ln() } else { (-p).ln_1p() }),
            _ if p < acted_on_from => 0.0,
            _ if event => 1.0,
            _ => -odds,
        };
        Ok(self.binary()?.iter().zip(self.score).map(|(event, p)| of_one(*event, *p)).collect())
    }

    /// Whether each subject of the measure's denominator was called rightly.
    fn right_calls(&self, measure: Measure) -> Result<Vec<bool>, StatsError> {
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

fn value(measure: Measure, scored: &Scored<'_>) -> Result<f64, StatsError> {
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
        Measure::Brier | Measure::LogLoss | Measure::NetBenefit => {
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
        Measure::Concordance => match scored.outcome {
            OutcomeData::Survival { time, event } => {
                let risk = scored.risk();
                concordance(&ConcordanceInput::new(time, event, &risk), &ConcordanceOptions::default())?.c.value
            }
            OutcomeData::Binary(_) => {
                return Err(StatsError::Undefined { what: "C index", why: "the outcome is binary" });
            }
        },
    })
}

/// Subjects are in one order whatever that of the files, so the sum has its bits.
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Both values and their difference.
struct Compared {
    base: f64,
    variant: f64,
    paired: Paired,
}

/// `None` where the measure is not defined on these subjects. What both the values and their difference rest on, an order of the
/// scores or a loss of every subject, is found once: with a million subjects that is most of the time.
fn compared(measure: Measure, base: &Scored<'_>, new: &Scored<'_>, level: f64) -> Result<Option<Compared>, StatsError> {
    match measure {
        Measure::Auc => {
            let found = paired_delong(new.binary()?, new.score, new.orientation, base.score, base.orientation, level)?;
            let paired = Paired { difference: found.difference, test: Some(found.test) };
            Ok(Some(Compared { base: found.auc_b.value, variant: found.auc_a.value, paired }))
        }
        Measure::Brier | Measure::LogLoss | Measure::NetBenefit => {
            let (of_base, of_new) = rayon::join(|| base.per_subject(measure), || new.per_subject(measure));
            let (of_base, of_new) = (of_base?, of_new?);
            let (base, variant) = (mean(&of_base), mean(&of_new));
            if !base.is_finite() || !variant.is_finite() {
                return Ok(None);
            }
            let found = paired_means(&of_new, &of_base, level)?;
            let paired = Paired { difference: found.difference, test: found.test };
            Ok(Some(Compared { base, variant, paired }))
        }
        _ => match value(measure, base).and_then(|base| value(measure, new).map(|new| (base, new))) {
            Ok((of_base, variant)) => {
                Ok(Some(Compared { base: of_base, variant, paired: paired(measure, base, new, level)? }))
            }
            Err(StatsError::Undefined { .. } | StatsError::Separated { .. }) => Ok(None),
            Err(error) => Err(error),
        },
    }
}

struct Paired {
    difference: Estimate,
    test: Option<Test>,
}

/// The difference (variant less base) with its formula's error.
fn paired(measure: Measure, base: &Scored<'_>, new: &Scored<'_>, level: f64) -> Result<Paired, StatsError> {
    Ok(match measure {
        Measure::Auc => {
            let found = paired_delong(new.binary()?, new.score, new.orientation, base.score, base.orientation, level)?;
            Paired { difference: found.difference, test: Some(found.test) }
        }
        Measure::Sensitivity | Measure::Specificity | Measure::Accuracy => {
            let counts = PairedCounts::of(&new.right_calls(measure)?, &base.right_calls(measure)?)?;
            // Exact where the binomial is cheap to add up and the approximation would be poor.
            let method = if counts.discordant() == 0 { McNemarMethod::Exact } else { McNemarMethod::MidP };
            Paired {
                difference: paired_difference(&counts, PairedInterval::Newcombe, level)?,
                test: Some(mcnemar(&counts, method)?),
            }
        }
        Measure::Brier | Measure::LogLoss | Measure::NetBenefit => {
            let found = paired_means(&new.per_subject(measure)?, &base.per_subject(measure)?, level)?;
            Paired { difference: found.difference, test: found.test }
        }
        Measure::Concordance => {
            let OutcomeData::Survival { time, event } = new.outcome else {
                return Err(StatsError::Undefined { what: "C index", why: "the outcome is binary" });
            };
            let (risk, base_risk) = (new.risk(), base.risk());
            let options = ConcordanceOptions { level, ..ConcordanceOptions::default() };
            let found = paired_concordance(&ConcordanceInput::new(time, event, &risk), &risk, &base_risk, &options)?;
            Paired { difference: found.difference, test: Some(found.test) }
        }
        Measure::AveragePrecision | Measure::CalibrationSlope | Measure::IntegratedCalibrationIndex => Paired {
            difference: Estimate::new(value(measure, new)? - value(measure, base)?, new.score.len()),
            test: None,
        },
    })
}

/// Subjects are drawn with both their scores; with the event and without, apart, where the outcome is binary.
fn bootstrapped(
    measure: Measure,
    base: &Scored<'_>,
    new: &Scored<'_>,
    declaration: &Declaration,
    label: &str,
) -> Result<Estimate, StatsError> {
    let declared = declaration.bootstrap.as_ref();
    let stratified = declared.is_some_and(|bootstrap| bootstrap.stratified) && base.binary().is_ok();
    let options = BootstrapOptions {
        replicates: declared.map_or(2000, |bootstrap| bootstrap.replicates),
        level: declaration.level,
        kind: match declared.map(|bootstrap| bootstrap.interval) {
            Some(RawBootstrapInterval::Basic) => BootstrapInterval::Basic,
            Some(RawBootstrapInterval::Bca) => BootstrapInterval::BiasCorrectedAccelerated,
            _ => BootstrapInterval::Percentile,
        },
        sampling: if stratified { Sampling::Stratified } else { Sampling::Simple },
    };
    let strata: Option<Vec<usize>> = match base.outcome {
        OutcomeData::Binary(values) => Some(values.iter().map(|event| usize::from(*event)).collect()),
        OutcomeData::Survival { .. } => None,
    };
    let seed = Seed::from_study(declaration.seed).child("compare").child(measure.id()).child(label);
    bootstrap_statistic(new.score.len(), strata.as_deref(), None, &options, seed, |rows| {
        let outcome = drawn_outcome(base.outcome, rows);
        let draw = |scored: &Scored<'_>| {
            let score: Vec<f64> = rows.iter().map(|row| scored.score[*row]).collect();
            value(measure, &Scored { outcome: &outcome, score: &score, ..*scored }).ok()
        };
        Some(draw(new)? - draw(base)?)
    })
}

fn drawn_outcome(outcome: &OutcomeData, rows: &[usize]) -> OutcomeData {
    match outcome {
        OutcomeData::Binary(values) => OutcomeData::Binary(rows.iter().map(|row| values[*row]).collect()),
        OutcomeData::Survival { time, event } => OutcomeData::Survival {
            time: rows.iter().map(|row| time[*row]).collect(),
            event: rows.iter().map(|row| event[*row]).collect(),
        },
    }
}

/// The difference over the standard deviation of its replicates, against the normal distribution.
fn bootstrap_test(difference: &Estimate) -> Option<Test> {
    let error = difference.standard_error.filter(|error| *error > 0.0)?;
    let statistic = difference.value / error;
    Some(Test {
        statistic: Some(statistic),
        distribution: NullDistribution::Normal,
        p_value: normal_two_sided(statistic),
        alternative: Alternative::TwoSided,
        method: "bootstrap, paired".into(),
    })
}

/// The difference of a measure among some of the subjects.
pub fn difference_among(
    measure: Measure,
    arranged: &Arranged,
    variant: &Scores,
    rows: &[usize],
    level: f64,
) -> Result<Estimate, StatsError> {
    let outcome = drawn_outcome(&arranged.subjects.outcome, rows);
    let take = |scores: &Scores| -> Vec<f64> { rows.iter().map(|row| scores.score[*row]).collect() };
    let (base_score, new_score) = (take(&arranged.base), take(variant));
    let none = Cuts { threshold: f64::NAN, acted_on_from: 0.5 };
    let base = Scored { outcome: &outcome, score: &base_score, orientation: arranged.base.orientation, cuts: none };
    let new = Scored { outcome: &outcome, score: &new_score, orientation: variant.orientation, cuts: none };
    Ok(paired(measure, &base, &new, level)?.difference)
}
