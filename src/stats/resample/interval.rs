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
            Some([1.0 - tail, tail].map(|level| 2.0 * observed.value - normal_scale_quantile(&sorted, level)))
        }
        BootstrapInterval::BiasCorrectedAccelerated => {
            accelerated_levels(&sorted, observed.value, options.level, acceleration())
                .map(|levels| levels.map(|level| normal_scale_quantile(&sorted, level)))
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

/// Davison and Hinkley's (5.8), as R's `boot::boot.ci` has it: the k-th of R order statistics is the quantile at k/(R + 1), and
/// between two of them one goes in proportion to normal quantiles. Beyond the ends the least and the greatest stand.
fn normal_scale_quantile(sorted: &[f64], level: f64) -> f64 {
    let levels = (sorted.len() + 1) as f64;
    let rank = (levels * level).floor() as usize;
    if rank == 0 {
        return sorted[0];
    }
    if rank >= sorted.len() {
        return sorted[sorted.len() - 1];
    }
    let (below, above) = (sorted[rank - 1], sorted[rank]);
    if below == above {
        return below;
    }
    let [from, at, to] = [rank as f64 / levels, level, (rank + 1) as f64 / levels].map(normal_quantile);
    below + (at - from) / (to - from) * (above - below)
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
        // Between the order statistics at 0.2 and 0.4, and at 0.6 and 0.8, on the normal scale; reflected about 0.4.
        let part = |from: f64, at: f64, to: f64| {
            (normal_quantile(at) - normal_quantile(from)) / (normal_quantile(to) - normal_quantile(from))
        };
        let (low, high) = (0.1 + 0.1 * part(0.2, 0.25, 0.4), 0.4 + 0.4 * part(0.6, 0.75, 0.8));
        let (lower, upper) = limits(0.4, &replicates, BootstrapInterval::Basic);
        assert!((lower - (0.8 - high)).abs() < 1e-15 && (upper - (0.8 - low)).abs() < 1e-15);
        // Reflected about an estimate near one, the upper limit would leave the range.
        assert_eq!(limits(0.9, &replicates, BootstrapInterval::Basic).1, 1.0);
        assert_eq!(limits(1.0, &[Some(0.2), Some(0.3)], BootstrapInterval::Basic), (1.0, 1.0));
    }

    #[test]
    fn basic_and_accelerated_limits_are_those_of_boot_ci_on_the_same_replicates() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/reference/16_boot_ci.json");
        let reference: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let number = |value: &serde_json::Value| value.as_f64().unwrap();
        let mut checked = 0;
        for case in reference["cases"].as_array().unwrap() {
            let replicates: Vec<Option<f64>> =
                case["replicates"].as_array().unwrap().iter().map(serde_json::Value::as_f64).collect();
            let observed =
                Observed { value: number(&case["observed"]), n: 40, support: 0.0..=f64::INFINITY, units: "" };
            for (level, expected) in case["values"].as_object().unwrap() {
                for (name, kind) in
                    [("basic", BootstrapInterval::Basic), ("bca", BootstrapInterval::BiasCorrectedAccelerated)]
                {
                    let level = level.parse().unwrap();
                    let options = BootstrapOptions { level, kind, replicates: replicates.len(), ..Default::default() };
                    let acceleration = || number(&case["acceleration"]);
                    let interval =
                        bootstrap_estimate(&observed, &replicates, &options, acceleration).unwrap().interval.unwrap();
                    for (ours, theirs) in [interval.lower, interval.upper]
                        .into_iter()
                        .zip(expected[name].as_array().unwrap().iter().map(number))
                    {
                        assert!((ours - theirs).abs() <= 1e-10 * theirs.abs(), "{}: {ours} {theirs}", case["id"]);
                        checked += 1;
                    }
                }
            }
        }
        assert_eq!(checked, 36);
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
