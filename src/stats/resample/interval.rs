//! The interval and the standard error that a set of replicates gives (formulas in `bootstrap.rs`).

use super::bootstrap::{BootstrapInterval, BootstrapOptions};
use crate::stats::distribution::{normal_critical, normal_lower, normal_quantile};
use crate::stats::error::StatsError;
use crate::stats::estimate::Estimate;
use std::ops::RangeInclusive;

/// What the replicates are held against.
pub(crate) struct Observed<'a> {
    /// The statistic of the data.
    pub value: f64,
    /// How many units it rests on.
    pub n: usize,
    /// The values that the statistic can take: an interval does not leave them.
    pub support: RangeInclusive<f64>,
    /// What was drawn, for the method's name: empty, or " of clusters".
    pub units: &'a str,
}

/// The observed value with its bootstrap standard error and interval. `acceleration` is asked for by BCa only.
pub(crate) fn bootstrap_estimate(
    observed: &Observed<'_>,
    replicates: &[Option<f64>],
    options: &BootstrapOptions,
    acceleration: impl FnOnce() -> f64,
) -> Result<Estimate, StatsError> {
    let sorted = defined_replicates(replicates)?;
    let undefined = replicates.len() - sorted.len();
    let estimate = Estimate::new(observed.value, observed.n).with_standard_error(standard_deviation(&sorted));
    let tail = 0.5 * (1.0 - options.level);
    let limits = match options.kind {
        BootstrapInterval::Percentile => Some([quantile(&sorted, tail), quantile(&sorted, 1.0 - tail)]),
        BootstrapInterval::Basic => {
            Some([2.0 * observed.value - quantile(&sorted, 1.0 - tail), 2.0 * observed.value - quantile(&sorted, tail)])
        }
        BootstrapInterval::BiasCorrectedAccelerated => {
            accelerated_levels(&sorted, observed.value, options.level, acceleration())
                .map(|levels| levels.map(|level| quantile(&sorted, level)))
        }
    };
    let Some([lower, upper]) = limits else { return Ok(estimate) };
    let mut method = format!("{}, {} replicates", options.name(observed.units), replicates.len());
    if undefined > 0 {
        method.push_str(&format!(", {undefined} undefined"));
    }
    let (least, greatest) = (*observed.support.start(), *observed.support.end());
    // A basic interval can lie outside as a whole: both limits are brought in.
    let [lower, upper] = [lower, upper].map(|limit| limit.clamp(least, greatest));
    Ok(estimate.with_interval(lower, upper, options.level, method))
}

/// The replicates in which the statistic is a finite number, in ascending order.
fn defined_replicates(replicates: &[Option<f64>]) -> Result<Vec<f64>, StatsError> {
    let mut sorted: Vec<f64> = replicates.iter().flatten().copied().filter(|value| value.is_finite()).collect();
    if sorted.len() < 2 || 2 * sorted.len() < replicates.len() {
        return Err(StatsError::Undefined {
            what: "bootstrap",
            why: "the statistic is undefined in more than half of the replicates",
        });
    }
    sorted.sort_unstable_by(f64::total_cmp);
    Ok(sorted)
}

/// Hyndman and Fan's type 7: linear between order statistics, of which the first is the quantile at 0.
pub(crate) fn quantile(sorted: &[f64], level: f64) -> f64 {
    let last = sorted.len() - 1;
    let position = level * last as f64;
    let below = (position.floor() as usize).min(last);
    let above = (below + 1).min(last);
    let fraction = position - below as f64;
    // Equal neighbours must give themselves, not a value that rounding moved.
    if sorted[below] == sorted[above] {
        sorted[below]
    } else {
        sorted[below] + fraction * (sorted[above] - sorted[below])
    }
}

pub(crate) fn standard_deviation(values: &[f64]) -> f64 {
    let mean = mean_of(values.iter().map(|value| Weighted { value: *value, times: 1.0 }));
    let squares = values.iter().fold(0.0, |sum, value| sum + (value - mean) * (value - mean));
    (squares / (values.len() - 1) as f64).sqrt()
}

/// A value that occurs several times.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weighted {
    pub value: f64,
    pub times: f64,
}

/// Taken from the first value onwards, so that the mean of equal values is exactly that value.
fn mean_of(values: impl Iterator<Item = Weighted> + Clone) -> f64 {
    let first = values.clone().next().map_or(0.0, |first| first.value);
    let (sum, count) =
        values.fold((0.0, 0.0), |(sum, count), item| (sum + item.times * (item.value - first), count + item.times));
    first + sum / count
}

/// The acceleration from the values that the statistic takes without each unit, by stratum.
pub(crate) fn acceleration(strata: &[Vec<Weighted>]) -> f64 {
    let (mut squares, mut cubes) = (0.0, 0.0);
    for stratum in strata.iter().filter(|stratum| !stratum.is_empty()) {
        let count = stratum.iter().fold(0.0, |sum, item| sum + item.times);
        let mean = mean_of(stratum.iter().copied());
        for item in stratum {
            let influence = (count - 1.0) / count * (mean - item.value);
            squares += item.times * influence * influence;
            cubes += item.times * influence * influence * influence;
        }
    }
    if squares > 0.0 { cubes / (6.0 * squares * squares.sqrt()) } else { 0.0 }
}

/// The levels at which BCa reads the quantiles of the replicates; `None` where they are not defined.
fn accelerated_levels(sorted: &[f64], observed: f64, level: f64, acceleration: f64) -> Option<[f64; 2]> {
    let below = sorted.partition_point(|value| *value < observed);
    let not_above = sorted.partition_point(|value| *value <= observed);
    let share = 0.5 * (below + not_above) as f64 / sorted.len() as f64;
    if share <= 0.0 || share >= 1.0 {
        return None;
    }
    let bias = normal_quantile(share);
    let shifted = |z: f64| {
        let stretch = 1.0 - acceleration * (bias + z);
        (stretch > 0.0).then(|| normal_lower(bias + (bias + z) / stretch))
    };
    let critical = normal_critical(level);
    Some([shifted(-critical)?, shifted(critical)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observed(value: f64) -> Observed<'static> {
        Observed { value, n: 5, support: 0.0..=1.0, units: "" }
    }

    fn limits(value: f64, replicates: &[Option<f64>], kind: BootstrapInterval) -> (f64, f64) {
        let options = BootstrapOptions { level: 0.5, kind, replicates: replicates.len(), ..Default::default() };
        let interval = bootstrap_estimate(&observed(value), replicates, &options, || 0.0).unwrap().interval.unwrap();
        (interval.lower, interval.upper)
    }

    #[test]
    fn percentile_and_basic_by_hand() {
        // Type 7 of 0.1, 0.2, 0.4, 0.8 at 0.25 and 0.75: positions 0.75 and 2.25, so 0.175 and 0.5.
        let replicates = [Some(0.4), Some(0.1), Some(0.8), Some(0.2)];
        let (lower, upper) = limits(0.3, &replicates, BootstrapInterval::Percentile);
        assert!((lower - 0.175).abs() < 1e-15 && (upper - 0.5).abs() < 1e-15);
        let (lower, upper) = limits(0.3, &replicates, BootstrapInterval::Basic);
        assert!((lower - 0.1).abs() < 1e-15 && (upper - 0.425).abs() < 1e-15);
        // Reflected about an estimate near one, the upper limit would leave the range.
        assert_eq!(limits(0.9, &replicates, BootstrapInterval::Basic).1, 1.0);
        assert_eq!(limits(1.0, &[Some(0.2), Some(0.3)], BootstrapInterval::Basic), (1.0, 1.0));
    }

    #[test]
    fn accelerated_without_bias_or_acceleration_is_percentile() {
        // Two of four below the estimate: z0 = 0.
        let replicates = [Some(0.4), Some(0.1), Some(0.8), Some(0.2)];
        let plain = limits(0.3, &replicates, BootstrapInterval::Percentile);
        let corrected = limits(0.3, &replicates, BootstrapInterval::BiasCorrectedAccelerated);
        assert!((plain.0 - corrected.0).abs() < 1e-9 && (plain.1 - corrected.1).abs() < 1e-9);
    }

    #[test]
    fn accelerated_levels_by_hand() {
        // 3 of 4 below: z0 = Φ⁻¹(0.75) = 0.67449. With a = 0 and level 0.5 (z = ±0.67449) the levels are
        // Φ(z0) ... Φ(3 z0): 2 z0 ± z = 0.67449 and 2.02347.
        let levels = accelerated_levels(&[0.1, 0.2, 0.3, 0.9], 0.5, 0.5, 0.0).unwrap();
        assert!((levels[0] - 0.75).abs() < 1e-9);
        assert!((levels[1] - normal_lower(3.0 * normal_quantile(0.75))).abs() < 1e-9);
        assert_eq!(accelerated_levels(&[0.1, 0.2], 0.5, 0.5, 0.0), None);
    }

    #[test]
    fn acceleration_by_hand() {
        // Values without each unit 1, 1, 4: mean 2; deviations 1, 1, −2 (times 2/3): squares 6, cubes −6.
        let stratum = vec![Weighted { value: 1.0, times: 2.0 }, Weighted { value: 4.0, times: 1.0 }];
        let expected = -6.0 / (6.0 * 6f64.powf(1.5));
        assert!((acceleration(&[stratum]) - expected).abs() < 1e-15);
        assert_eq!(acceleration(&[vec![Weighted { value: 0.1, times: 3.0 }]]), 0.0);
    }

    #[test]
    fn undefined_replicates_are_counted_or_refused() {
        let options = BootstrapOptions { replicates: 4, ..Default::default() };
        let estimate =
            bootstrap_estimate(&observed(0.5), &[Some(0.4), None, Some(f64::NAN), Some(0.6)], &options, || 0.0)
                .unwrap();
        let method = estimate.interval.unwrap().method;
        assert_eq!(method, "stratified bootstrap, percentile, 4 replicates, 2 undefined");
        assert!(
            bootstrap_estimate(&observed(0.5), &[Some(0.4), None, None, Some(0.6), None], &options, || 0.0).is_err()
        );
    }

    #[test]
    fn equal_replicates_have_no_spread() {
        assert_eq!(standard_deviation(&[0.1; 7]), 0.0);
        assert_eq!(quantile(&[0.1; 7], 0.3), 0.1);
    }
}
