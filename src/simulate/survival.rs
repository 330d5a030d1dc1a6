//! Times of death and censoring in line with printed survival rates and numbers of deaths.
//!
//! Within a group, times of death are the quantiles of a curve with constant hazard between the printed rates; who dies
//! when follows a proportional-hazards model in the declared variables. Follow-up ends at a common last day, or before it
//! at an exponential time whose rate is the one that leaves the wanted number of observed deaths.

use super::draw::exponential;
use super::parameters::Curve;
use crate::stats::random::Seed;

const YEAR_IN_MONTHS: f64 = 12.0;

/// What is known of one patient when the times are drawn.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    /// β·x of the proportional-hazards model.
    pub log_hazard: f64,
    /// Months from surgery to the last day of follow-up.
    pub longest_follow_up: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observed {
    pub months: f64,
    pub died: bool,
}

/// One observation per subject of a group.
pub fn observe(subjects: &[Subject], curve: Curve, seed: Seed) -> Vec<Observed> {
    let n = subjects.len();
    let mut stream = seed.stream();
    let mut order: Vec<(f64, usize)> = subjects
        .iter()
        .enumerate()
        .map(|(index, subject)| (exponential(&mut stream) * libm::exp(-subject.log_hazard), index))
        .collect();
    order.sort_by(|left, right| left.0.total_cmp(&right.0).then(left.1.cmp(&right.1)));
    let mut death = vec![0.0; n];
    for (rank, (_, index)) in order.iter().enumerate() {
        death[*index] = quantile(curve, (rank as f64 + 0.5) / n as f64);
    }
    let losses: Vec<f64> = (0..n).map(|_| exponential(&mut stream)).collect();
    let wanted = (curve.died * n as f64).round() as usize;
    let end = |rate: f64, index: usize| (losses[index] / rate).min(subjects[index].longest_follow_up);
    let deaths = |rate: f64| (0..n).filter(|index| death[*index] <= end(rate, *index)).count();
    // The number of deaths falls as the rate of loss grows.
    let (mut low, mut high) = (1e-6, 10.0);
    for _ in 0..100 {
        let middle = libm::sqrt(low * high);
        if deaths(middle) > wanted { low = middle } else { high = middle }
    }
    (0..n)
        .map(|index| {
            let end = end(high, index);
            let died = death[index] <= end;
            Observed { months: if died { death[index] } else { end }, died }
        })
        .collect()
}

/// The month by which a share has died.
fn quantile(curve: Curve, died: f64) -> f64 {
    let alive = 1.0 - died;
    let mut start = 1.0;
    for (year, end) in curve.rates.into_iter().enumerate() {
        let is_last = year + 1 == curve.rates.len();
        if alive >= end || is_last {
            let hazard = libm::log(start / end) / YEAR_IN_MONTHS;
            return year as f64 * YEAR_IN_MONTHS + libm::log(start / alive) / hazard;
        }
        start = end;
    }
    f64::INFINITY
}

#[cfg(test)]
mod tests {
    use super::*;

    const CURVE: Curve = Curve { rates: [0.785, 0.477, 0.428], died: 0.41 };

    #[test]
    fn the_curve_passes_through_the_printed_rates() {
        for (year, rate) in CURVE.rates.into_iter().enumerate() {
            let months = quantile(CURVE, 1.0 - rate);
            assert!((months - 12.0 * (year + 1) as f64).abs() < 1e-9, "{months}");
        }
        assert!(quantile(CURVE, 0.9) > 36.0);
    }

    #[test]
    fn as_many_die_as_wanted() {
        let subjects = vec![Subject { log_hazard: 0.0, longest_follow_up: 40.0 }; 80];
        let observed = observe(&subjects, CURVE, Seed::from_study(3));
        assert_eq!(observed.iter().filter(|subject| subject.died).count(), 33);
        assert!(observed.iter().all(|subject| subject.months > 0.0 && subject.months <= 40.0));
    }
}
