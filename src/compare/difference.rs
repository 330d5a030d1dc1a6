//! The paired difference of a measure between two models, with its test.

use super::CompareError;
use super::arrange::{Arranged, Scores};
use super::declaration::Declaration;
use super::facts::MeasureRow;
use super::measure::Measure;
use super::scored::{Cuts, Scored, mean, value};
use super::verdict::shortest;
use crate::data::OutcomeData;
use crate::spec::raw::RawBootstrapInterval;
use crate::stats::comparison::delong::paired_delong;
use crate::stats::comparison::mcnemar::{McNemarMethod, mcnemar};
use crate::stats::comparison::paired_concordance::paired_concordance;
use crate::stats::comparison::paired_means::paired_means;
use crate::stats::comparison::paired_proportions::{PairedCounts, PairedInterval, paired_difference};
use crate::stats::distribution::{normal_critical, normal_two_sided};
use crate::stats::random::Seed;
use crate::stats::resample::bootstrap::{BootstrapInterval, BootstrapOptions, Sampling};
use crate::stats::resample::statistic::bootstrap_statistic;
use crate::stats::survival::SurvivalData;
use crate::stats::survival::concordance::{ConcordanceInput, ConcordanceOptions};
use crate::stats::survival::time_dependent_auc::{TimeDependentAucOptions, compare_time_dependent_auc};
use crate::stats::utility::net_benefit::net_benefit_difference;
use crate::stats::{Alternative, Estimate, NullDistribution, StatsError, Test};

/// The row of one measure or, where it is not defined on these subjects, why.
pub fn row(
    measure: Measure,
    arranged: &Arranged,
    variant: &Scores,
    declaration: &Declaration,
) -> Result<Result<MeasureRow, String>, CompareError> {
    let failed =
        |source| CompareError::Measure { measure: measure.label().to_string(), model: variant.label.clone(), source };
    let acted_on_from = declaration.net_benefit_at().first().copied().unwrap_or(0.5);
    let (base, new) =
        (Scored::of(arranged, &arranged.base, acted_on_from), Scored::of(arranged, variant, acted_on_from));
    let compared = match compared(measure, &base, &new, declaration.level) {
        Ok(compared) => compared,
        Err(
            error @ (StatsError::Undefined { .. }
            | StatsError::Separated { .. }
            | StatsError::Collinear { .. }
            | StatsError::NotConverged { .. }
            | StatsError::NoEvents),
        ) if measure != arranged.first_measure() => return Ok(Err(error.to_string())),
        Err(error) => return Err(failed(error)),
    };
    let bootstrap = match &declaration.bootstrap {
        Some(_) => Some(bootstrapped(measure, &base, &new, declaration, &variant.label).map_err(failed)?),
        None => None,
    };
    let Compared { base: base_value, variant: new_value, mut paired } = compared;
    if measure.needs_bootstrap(arranged.binary().is_none())
        && let Some(estimate) = &bootstrap
    {
        paired = by_replicates(estimate, declaration.level);
    }
    Ok(Ok(MeasureRow {
        measure,
        label: label(measure, arranged, acted_on_from),
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

/// "Net benefit at 20%, by 5 years"
fn label(measure: Measure, arranged: &Arranged, acted_on_from: f64) -> String {
    let by = match &arranged.horizon {
        Some(horizon) if measure.is_by_horizon(arranged.binary().is_none()) => horizon.in_words(),
        _ => String::new(),
    };
    match measure {
        Measure::TimeDependentAuc => format!("AUC {by}"),
        Measure::NetBenefit if by.is_empty() => format!("{} at {}%", measure.label(), shortest(100.0 * acted_on_from)),
        Measure::NetBenefit => format!("{} at {}%, {by}", measure.label(), shortest(100.0 * acted_on_from)),
        _ if by.is_empty() => measure.label().to_string(),
        _ => format!("{} {by}", measure.label()),
    }
}

/// The difference in net benefit at one threshold of the predicted risk by the horizon. It is that of the table of measures
/// where the threshold is the first declared.
pub fn survival_net_benefit(
    arranged: &Arranged,
    variant: &Scores,
    declaration: &Declaration,
    threshold: f64,
) -> Result<SurvivalNetBenefits, StatsError> {
    let (base, new) = (Scored::of(arranged, &arranged.base, threshold), Scored::of(arranged, variant, threshold));
    let (of_base, of_new) = (value(Measure::NetBenefit, &base)?, value(Measure::NetBenefit, &new)?);
    let difference = match &declaration.bootstrap {
        Some(_) => {
            let drawn = bootstrapped(Measure::NetBenefit, &base, &new, declaration, &variant.label)?;
            by_replicates(&drawn, declaration.level).difference
        }
        None => Estimate::new(of_new - of_base, new.score.len()),
    };
    Ok(SurvivalNetBenefits { base: of_base, variant: of_new, difference })
}

pub struct SurvivalNetBenefits {
    pub base: f64,
    pub variant: f64,
    pub difference: Estimate,
}

/// Both values and their difference.
struct Compared {
    base: f64,
    variant: f64,
    paired: Paired,
}

/// What both the values and their difference rest on, an order of the
/// scores or a loss of every subject, is found once: with a million subjects that is most of the time.
fn compared(measure: Measure, base: &Scored<'_>, new: &Scored<'_>, level: f64) -> Result<Compared, StatsError> {
    match measure {
        Measure::Auc => {
            let found = paired_delong(new.binary()?, new.score, new.orientation, base.score, base.orientation, level)?;
            let paired = Paired { difference: found.difference, test: Some(found.test) };
            Ok(Compared { base: found.auc_b.value, variant: found.auc_a.value, paired })
        }
        Measure::Brier | Measure::LogLoss if base.binary().is_ok() => {
            let (of_base, of_new) = rayon::join(|| base.per_subject(measure), || new.per_subject(measure));
            let (of_base, of_new) = (of_base?, of_new?);
            let (base, variant) = (mean(&of_base), mean(&of_new));
            if !base.is_finite() || !variant.is_finite() {
                return Err(StatsError::Undefined { what: "log loss", why: "a prediction of 0 or 1 was wrong" });
            }
            let found = paired_means(&of_new, &of_base, level)?;
            let paired = Paired { difference: found.difference, test: found.test };
            Ok(Compared { base, variant, paired })
        }
        _ => Ok(Compared {
            base: value(measure, base)?,
            variant: value(measure, new)?,
            paired: paired(measure, base, new, level)?,
        }),
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
        Measure::Brier | Measure::LogLoss if new.binary().is_ok() => {
            let found = paired_means(&new.per_subject(measure)?, &base.per_subject(measure)?, level)?;
            Paired { difference: found.difference, test: found.test }
        }
        Measure::NetBenefit if new.binary().is_ok() => {
            let at = [new.cuts.acted_on_from];
            let found = net_benefit_difference(new.binary()?, new.score, base.score, &at, level)?;
            let difference = found.into_iter().next().ok_or(StatsError::Empty { what: "thresholds" })?;
            Paired { test: normal_test(&difference, "delta method, paired"), difference }
        }
        Measure::Concordance => {
            let data = survival(new)?;
            let (risk, base_risk) = (new.ranking(), base.ranking());
            let options = ConcordanceOptions { level, ..ConcordanceOptions::default() };
            let input = ConcordanceInput::new(data.time, data.event, &risk);
            let found = paired_concordance(&input, &risk, &base_risk, &options)?;
            Paired { difference: found.difference, test: Some(found.test) }
        }
        Measure::TimeDependentAuc => {
            let horizon = new.cuts.horizon.unwrap_or(f64::NAN);
            let options = TimeDependentAucOptions { level, ..TimeDependentAucOptions::default() };
            let (first, second) = ((new.score, new.orientation), (base.score, base.orientation));
            let found = compare_time_dependent_auc(&survival(new)?, first, second, &[horizon], &options)?;
            let found = found.into_iter().next().ok_or(StatsError::Empty { what: "horizons" })?;
            Paired { difference: found.difference, test: found.test }
        }
        _ => Paired {
            difference: Estimate::new(value(measure, new)? - value(measure, base)?, new.score.len()),
            test: None,
        },
    })
}

fn survival<'a>(scored: &Scored<'a>) -> Result<SurvivalData<'a>, StatsError> {
    match scored.outcome {
        OutcomeData::Survival { time, event } => Ok(SurvivalData::new(time, event)),
        OutcomeData::Binary(_) => Err(StatsError::Undefined { what: "measure", why: "the outcome is binary" }),
    }
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
            let take = |values: &[f64]| -> Vec<f64> { rows.iter().map(|row| values[*row]).collect() };
            let (score, risk) = (take(scored.score), scored.risk.map(take));
            value(measure, &Scored { outcome: &outcome, score: &score, risk: risk.as_deref(), ..*scored }).ok()
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

/// The standard deviation of the replicates as the standard error of the difference: its interval and its test are then of one
/// method, and say the same of zero. An interval read off the replicates stands beside them.
fn by_replicates(drawn: &Estimate, level: f64) -> Paired {
    const METHOD: &str = "normal, standard error by the paired bootstrap";
    let mut difference = Estimate::new(drawn.value, drawn.n);
    if let Some(error) = drawn.standard_error {
        let half = normal_critical(level) * error;
        difference =
            difference.with_standard_error(error).with_interval(drawn.value - half, drawn.value + half, level, METHOD);
    }
    Paired { test: normal_test(&difference, METHOD), difference }
}

/// The difference over its standard error against the normal distribution; `None` where it does not vary.
fn normal_test(difference: &Estimate, method: &'static str) -> Option<Test> {
    let error = difference.standard_error?;
    let statistic = match (error > 0.0, difference.value == 0.0) {
        (true, _) => difference.value / error,
        // The same in both models, and in every replicate.
        (false, true) => 0.0,
        (false, false) => return None,
    };
    Some(Test {
        statistic: Some(statistic),
        distribution: NullDistribution::Normal,
        p_value: normal_two_sided(statistic),
        alternative: Alternative::TwoSided,
        method: method.into(),
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
    let cuts = Cuts { threshold: f64::NAN, acted_on_from: 0.5, horizon: None };
    let of = |score, orientation| Scored { outcome: &outcome, score, risk: None, orientation, cuts };
    let (base, new) = (of(&base_score, arranged.base.orientation), of(&new_score, variant.orientation));
    Ok(paired(measure, &base, &new, level)?.difference)
}
