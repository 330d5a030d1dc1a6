//! Decision curves: the net benefit of acting on a predicted probability.
//!
//! Estimand: at a threshold probability t, where acting on a subject with the event is worth w = t / (1 − t) times the
//! harm of acting on one without, NB(t) = P(acted on, event) − w · P(acted on, no event); a subject is acted on when the
//! probability is **at or above** t.
//!
//! Formula: NB = TP/n − w · FP/n. Acting on all: π − w (1 − π), π the share of events; acting on none: 0. Standardised:
//! NB / π. Interventions avoided per subject at equal benefit: (NB − NB of acting on all) / w.
//!
//! Interval: NB is the mean over subjects of z = \[acted on\] · (y − w (1 − y)), so that its standard error is that of a
//! mean, √((mean z² − NB²) / n) (delta method; limits are not clipped, net benefit has no lower bound of 0); or the
//! percentiles (quantile type 7) of a bootstrap of subjects. Subjects are taken as a random sample of the population in
//! which the model is used: a case-control sample has the wrong π.
//!
//! Input: outcomes (`true` the event), probabilities in [0, 1], thresholds in [0, 1). Points come back in the order of
//! `thresholds`. Row order does not matter, bit for bit. O(n log n + thresholds), and n per bootstrap replicate.
//!
//! Edge cases: a threshold of 0 acts on all, and interventions avoided is `None` there; with no event the standardised
//! net benefit is `None`, the net benefit itself is defined.
//!
//! Source: Vickers and Elkin 2006, doi:10.1177/0272989X06295361; Vickers et al. 2008, doi:10.1186/1472-6947-8-53 (interventions
//! avoided); Kerr et al. 2016, doi:10.1200/JCO.2015.65.5654 (standardised).
//! Oracle: the definition, computed in R 4.2.2.

use crate::stats::calibration::groups::quantile;
use crate::stats::distribution::normal_critical;
use crate::stats::error::{StatsError, require_finite, require_level, require_same_length};
use crate::stats::estimate::Estimate;
use crate::stats::random::Seed;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde::{Deserialize, Serialize};

/// The decision curve at one threshold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetBenefitPoint {
    /// The predicted probability from which on subjects are acted on.
    pub threshold: f64,
    /// Subjects with the event at or above the threshold.
    pub true_positives: usize,
    /// Subjects without the event at or above the threshold.
    pub false_positives: usize,
    /// Per subject, in units of one acted-on event.
    pub net_benefit: Estimate,
    /// Net benefit of acting on everyone.
    pub treat_all: f64,
    /// Net benefit of acting on no one: 0.
    pub treat_none: f64,
    /// Net benefit over the share of events; at most 1.
    pub standardized: Option<f64>,
    /// Per subject, against acting on everyone.
    pub interventions_avoided: Option<f64>,
}

/// How limits of the net benefit are found.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum NetBenefitInterval {
    /// Normal limits from the standard error of a mean.
    #[default]
    DeltaMethod,
    /// Percentiles over resampled subjects.
    Bootstrap { replicates: usize, seed: Seed },
}

/// How a decision curve is computed.
#[derive(Clone, Debug, PartialEq)]
pub struct NetBenefitOptions {
    /// 0.95.
    pub level: f64,
    /// Delta method.
    pub interval: NetBenefitInterval,
}

impl Default for NetBenefitOptions {
    fn default() -> Self {
        Self { level: 0.95, interval: NetBenefitInterval::DeltaMethod }
    }
}

/// The decision curve with 95% delta-method limits.
pub fn decision_curve(
    outcome: &[bool],
    probability: &[f64],
    thresholds: &[f64],
) -> Result<Vec<NetBenefitPoint>, StatsError> {
    decision_curve_with(outcome, probability, thresholds, &NetBenefitOptions::default())
}

/// The decision curve.
pub fn decision_curve_with(
    outcome: &[bool],
    probability: &[f64],
    thresholds: &[f64],
    options: &NetBenefitOptions,
) -> Result<Vec<NetBenefitPoint>, StatsError> {
    check_input(outcome, &[probability], thresholds)?;
    require_level(options.level)?;
    let sample = Sample::new(outcome, probability);
    let n = outcome.len();
    let counts: Vec<Counts> = thresholds.iter().map(|threshold| sample.counts(*threshold)).collect();
    let limits = match options.interval {
        NetBenefitInterval::DeltaMethod => thresholds
            .iter()
            .zip(&counts)
            .map(|(threshold, counts)| delta_limits(counts, *threshold, n, options.level))
            .collect(),
        NetBenefitInterval::Bootstrap { replicates, seed } => {
            bootstrap_limits(&sample, thresholds, replicates, seed, options.level)?
        }
    };
    let prevalence = sample.events as f64 / n as f64;
    Ok(thresholds
        .iter()
        .zip(&counts)
        .zip(limits)
        .map(|((threshold, counts), limits)| {
            let weight = odds(*threshold);
            let net_benefit = counts.net_benefit(weight, n);
            let treat_all = prevalence - (1.0 - prevalence) * weight;
            NetBenefitPoint {
                threshold: *threshold,
                true_positives: counts.true_positives,
                false_positives: counts.false_positives,
                net_benefit: Estimate::new(net_benefit, n)
                    .with_standard_error(standard_error(counts, weight, n))
                    .with_interval(limits.lower, limits.upper, options.level, limits.method),
                treat_all,
                treat_none: 0.0,
                standardized: (prevalence > 0.0).then(|| net_benefit / prevalence),
                interventions_avoided: (weight > 0.0).then(|| (net_benefit - treat_all) / weight),
            }
        })
        .collect())
}

/// The difference of two models' net benefit (first minus second) on the same subjects, at each threshold, with limits
/// from the standard error of the mean of the paired differences.
pub fn net_benefit_difference(
    outcome: &[bool],
    first: &[f64],
    second: &[f64],
    thresholds: &[f64],
    level: f64,
) -> Result<Vec<Estimate>, StatsError> {
    check_input(outcome, &[first, second], thresholds)?;
    require_level(level)?;
    let n = outcome.len();
    Ok(thresholds
        .iter()
        .map(|threshold| {
            // Only subjects on whom the models disagree contribute; what they contribute depends on outcome and side.
            let mut gained = Counts::default();
            let mut lost = Counts::default();
            for ((event, a), b) in outcome.iter().zip(first).zip(second) {
                match (*a >= *threshold, *b >= *threshold) {
                    (true, false) => gained.add(*event),
                    (false, true) => lost.add(*event),
                    _ => {}
                }
            }
            let weight = odds(*threshold);
            let difference = gained.net_benefit(weight, n) - lost.net_benefit(weight, n);
            let mean_square = gained.mean_square(weight, n) + lost.mean_square(weight, n);
            let error = ((mean_square - difference * difference).max(0.0) / n as f64).sqrt();
            let half = normal_critical(level) * error;
            Estimate::new(difference, n).with_standard_error(error).with_interval(
                difference - half,
                difference + half,
                level,
                "delta method, paired",
            )
        })
        .collect())
}

fn check_input(outcome: &[bool], probabilities: &[&[f64]], thresholds: &[f64]) -> Result<(), StatsError> {
    if outcome.is_empty() {
        return Err(StatsError::Empty { what: "outcome" });
    }
    for probability in probabilities {
        require_same_length("outcome", outcome.len(), "probability", probability.len())?;
        require_finite("probability", probability)?;
        if let Some(index) = probability.iter().position(|p| !(0.0..=1.0).contains(p)) {
            return Err(StatsError::InvalidAt { what: "probability", index, expected: "between 0 and 1" });
        }
    }
    match thresholds.iter().position(|threshold| !(0.0..1.0).contains(threshold)) {
        Some(index) => Err(StatsError::InvalidAt { what: "threshold", index, expected: "at least 0 and below 1" }),
        None => Ok(()),
    }
}

/// The harm of acting on a subject without the event, in units of the benefit of acting on one with it.
pub(crate) fn odds(threshold: f64) -> f64 {
    threshold / (1.0 - threshold)
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    true_positives: usize,
    false_positives: usize,
}

impl Counts {
    fn add(&mut self, event: bool) {
        if event {
            self.true_positives += 1;
        } else {
            self.false_positives += 1;
        }
    }

    fn net_benefit(&self, weight: f64, n: usize) -> f64 {
        self.true_positives as f64 / n as f64 - self.false_positives as f64 / n as f64 * weight
    }

    fn mean_square(&self, weight: f64, n: usize) -> f64 {
        (self.true_positives as f64 + self.false_positives as f64 * weight * weight) / n as f64
    }
}

fn standard_error(counts: &Counts, weight: f64, n: usize) -> f64 {
    let mean = counts.net_benefit(weight, n);
    ((counts.mean_square(weight, n) - mean * mean).max(0.0) / n as f64).sqrt()
}

struct Limits {
    lower: f64,
    upper: f64,
    method: &'static str,
}

fn delta_limits(counts: &Counts, threshold: f64, n: usize, level: f64) -> Limits {
    let weight = odds(threshold);
    let half = normal_critical(level) * standard_error(counts, weight, n);
    let value = counts.net_benefit(weight, n);
    Limits { lower: value - half, upper: value + half, method: "delta method" }
}

/// Subjects by ascending probability.
struct Sample {
    probability: Vec<f64>,
    outcome: Vec<bool>,
    /// Events among the subjects from each position on; one longer than the sample.
    events_from: Vec<usize>,
    events: usize,
}

impl Sample {
    fn new(outcome: &[bool], probability: &[f64]) -> Self {
        let mut rows: Vec<(f64, bool)> = probability.iter().copied().zip(outcome.iter().copied()).collect();
        rows.sort_unstable_by(|left, right| left.0.total_cmp(&right.0).then(left.1.cmp(&right.1)));
        let (probability, outcome): (Vec<f64>, Vec<bool>) = rows.into_iter().unzip();
        let mut events_from = vec![0; outcome.len() + 1];
        for position in (0..outcome.len()).rev() {
            events_from[position] = events_from[position + 1] + usize::from(outcome[position]);
        }
        Self { events: events_from[0], probability, outcome, events_from }
    }

    /// The first position at or above the threshold.
    fn first_acted_on(&self, threshold: f64) -> usize {
        self.probability.partition_point(|probability| *probability < threshold)
    }

    fn counts(&self, threshold: f64) -> Counts {
        let first = self.first_acted_on(threshold);
        let true_positives = self.events_from[first];
        Counts { true_positives, false_positives: self.outcome.len() - first - true_positives }
    }
}

fn bootstrap_limits(
    sample: &Sample,
    thresholds: &[f64],
    replicates: usize,
    seed: Seed,
    level: f64,
) -> Result<Vec<Limits>, StatsError> {
    if replicates < 2 {
        return Err(StatsError::TooFew { what: "bootstrap replicates", needed: 2, found: replicates });
    }
    let n = sample.outcome.len();
    // Thresholds in ascending order split the sorted subjects into bands; a replicate counts its draws per band.
    let mut firsts: Vec<usize> = thresholds.iter().map(|threshold| sample.first_acted_on(*threshold)).collect();
    firsts.sort_unstable();
    firsts.dedup();
    let band = |first: usize| firsts.partition_point(|start| *start <= first);
    let bands: Vec<usize> = (0..n).map(band).collect();
    let replicate = |index: usize| -> Vec<f64> {
        let mut stream = seed.replicate(index as u64).stream();
        let mut drawn = vec![Counts::default(); firsts.len() + 1];
        for _ in 0..n {
            let subject = stream.below(n as u64) as usize;
            drawn[bands[subject]].add(sample.outcome[subject]);
        }
        thresholds
            .iter()
            .map(|threshold| {
                let from = band(sample.first_acted_on(*threshold));
                let counts = drawn[from..].iter().fold(Counts::default(), |sum, counts| Counts {
                    true_positives: sum.true_positives + counts.true_positives,
                    false_positives: sum.false_positives + counts.false_positives,
                });
                counts.net_benefit(odds(*threshold), n)
            })
            .collect()
    };
    let all: Vec<Vec<f64>> = (0..replicates).into_par_iter().map(replicate).collect();
    Ok((0..thresholds.len())
        .map(|position| {
            let mut values: Vec<f64> = all.iter().map(|replicate| replicate[position]).collect();
            values.sort_unstable_by(f64::total_cmp);
            let tail = 0.5 * (1.0 - level);
            Limits {
                lower: quantile(&values, tail),
                upper: quantile(&values, 1.0 - tail),
                method: "bootstrap, percentile",
            }
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTCOME: [bool; 8] = [false, false, true, false, true, false, true, true];
    const PROBABILITY: [f64; 8] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];

    #[test]
    fn by_hand_at_one_half() {
        // At t = 0.5, w = 1: acted on are 0.5 (event), 0.6, 0.7 (event), 0.8 (event): TP 3, FP 1, NB = 3/8 − 1/8 = 1/4.
        // All: 1/2 − 1/2 = 0. Standardised 1/2. Avoided (1/4 − 0)/1. z is 1, 1, 1, −1 and four zeros: mean square 1/2,
        // standard error √((1/2 − 1/16)/8) = √(7/128).
        let point = &decision_curve(&OUTCOME, &PROBABILITY, &[0.5]).unwrap()[0];
        assert_eq!((point.true_positives, point.false_positives), (3, 1));
        assert_eq!(point.net_benefit.value, 0.25);
        assert_eq!((point.treat_all, point.treat_none), (0.0, 0.0));
        assert_eq!((point.standardized, point.interventions_avoided), (Some(0.5), Some(0.25)));
        assert!((point.net_benefit.standard_error.unwrap() - (7.0f64 / 128.0).sqrt()).abs() < 1e-15);
    }

    #[test]
    fn threshold_zero_acts_on_all() {
        let point = &decision_curve(&OUTCOME, &PROBABILITY, &[0.0]).unwrap()[0];
        assert_eq!((point.net_benefit.value, point.treat_all), (0.5, 0.5));
        assert_eq!(point.interventions_avoided, None);
    }

    #[test]
    fn without_events_the_standardised_value_is_absent() {
        let point = &decision_curve(&[false, false], &[0.2, 0.6], &[0.5]).unwrap()[0];
        assert_eq!((point.net_benefit.value, point.standardized), (-0.5, None));
    }

    #[test]
    fn a_model_does_not_differ_from_itself_and_differences_change_sign() {
        let other = [0.9, 0.2, 0.6, 0.4, 0.1, 0.6, 0.7, 0.3];
        let same = net_benefit_difference(&OUTCOME, &other, &other, &[0.5], 0.95).unwrap();
        assert_eq!((same[0].value, same[0].standard_error), (0.0, Some(0.0)));
        let forth = net_benefit_difference(&OUTCOME, &PROBABILITY, &other, &[0.25, 0.5], 0.95).unwrap();
        let back = net_benefit_difference(&OUTCOME, &other, &PROBABILITY, &[0.25, 0.5], 0.95).unwrap();
        let curve = |p: &[f64]| decision_curve(&OUTCOME, p, &[0.25, 0.5]).unwrap();
        for k in 0..2 {
            assert_eq!(forth[k].value, -back[k].value);
            let expected = curve(&PROBABILITY)[k].net_benefit.value - curve(&other)[k].net_benefit.value;
            assert!((forth[k].value - expected).abs() < 1e-15);
        }
    }

    #[test]
    fn bootstrap_limits_lie_near_the_delta_limits_and_ignore_row_order() {
        let n = 2000;
        let probability: Vec<f64> = (0..n).map(|i| (i as f64 + 0.5) / n as f64).collect();
        let outcome: Vec<bool> = (0..n).map(|i| (i * 7919) % n < i).collect();
        let options = NetBenefitOptions {
            level: 0.95,
            interval: NetBenefitInterval::Bootstrap { replicates: 1000, seed: Seed::from_study(3) },
        };
        let thresholds = [0.3, 0.1];
        let boot = decision_curve_with(&outcome, &probability, &thresholds, &options).unwrap();
        let delta = decision_curve(&outcome, &probability, &thresholds).unwrap();
        for (boot, delta) in boot.iter().zip(&delta) {
            let error = delta.net_benefit.standard_error.unwrap();
            let (b, d) = (boot.net_benefit.interval.clone().unwrap(), delta.net_benefit.interval.clone().unwrap());
            // A percentile of 1000 replicates has a standard deviation of about 0.085 standard errors: allow four.
            assert!((b.lower - d.lower).abs() < 0.34 * error && (b.upper - d.upper).abs() < 0.34 * error);
        }
        let (reversed_outcome, reversed): (Vec<bool>, Vec<f64>) =
            outcome.iter().copied().zip(probability.iter().copied()).rev().unzip();
        assert_eq!(boot, decision_curve_with(&reversed_outcome, &reversed, &thresholds, &options).unwrap());
    }

    #[test]
    fn bad_input_is_an_error() {
        let error = decision_curve(&[true], &[1.5], &[0.5]);
        assert_eq!(error, Err(StatsError::InvalidAt { what: "probability", index: 0, expected: "between 0 and 1" }));
        let error = decision_curve(&[true], &[0.5], &[0.5, 1.0]);
        assert_eq!(
            error,
            Err(StatsError::InvalidAt { what: "threshold", index: 1, expected: "at least 0 and below 1" })
        );
    }
}
