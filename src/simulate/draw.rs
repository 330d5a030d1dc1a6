//! Samples whose summaries are exactly the wanted ones, in random order: with 16 patients in a group, independent draws
//! would miss a printed mean by more than the difference that a table is about.

use super::parameters::{MeanAndDeviation, Shape};
use crate::stats::distribution::normal_quantile;
use crate::stats::random::{Seed, Stream};

/// n standard normal values with mean 0 and standard deviation 1: the quantiles at the middles of n equal parts.
pub fn standard_normal(n: usize, seed: Seed) -> Vec<f64> {
    let mut values: Vec<f64> = (0..n).map(|index| normal_quantile((index as f64 + 0.5) / n as f64)).collect();
    let scale = deviation(&values);
    if scale > 0.0 {
        values.iter_mut().for_each(|value| *value /= scale);
    }
    seed.stream().shuffle(&mut values);
    values
}

/// Mean and standard deviation as given, up to rounding and the bounds.
pub fn mean_and_deviation(rule: &MeanAndDeviation, group: usize, n: usize, seed: Seed) -> Vec<f64> {
    let [mean, deviation_wanted] = rule.cells[group];
    let normal = standard_normal(n, seed);
    let shaped: Vec<f64> = match rule.shape {
        Shape::Normal => normal,
        Shape::Lognormal => {
            let sigma = libm::sqrt(libm::log(1.0 + (deviation_wanted / mean).powi(2)));
            normal.iter().map(|value| libm::exp(sigma * value)).collect()
        }
    };
    let (middle, spread) = (shaped.iter().sum::<f64>() / n as f64, deviation(&shaped));
    let scale = if spread > 0.0 { deviation_wanted / spread } else { 0.0 };
    let value = |value: f64| (mean + scale * (value - middle)).clamp(rule.lowest, rule.highest);
    shaped.into_iter().map(value).collect()
}

/// Median, least and greatest value as given; between them ln x grows evenly.
pub fn median_and_range([median, least, greatest]: [f64; 3], n: usize, seed: Seed) -> Vec<f64> {
    let (low, middle, high) = (libm::log(least), libm::log(median), libm::log(greatest));
    let value = |index: usize| {
        let is_middle = index == n / 2 || (n.is_multiple_of(2) && index + 1 == n / 2);
        if is_middle || n < 3 {
            return median;
        }
        let share = 2.0 * index as f64 / (n - 1) as f64;
        let ln = if share < 1.0 { low + share * (middle - low) } else { middle + (share - 1.0) * (high - middle) };
        libm::exp(ln)
    };
    let mut values: Vec<f64> = (0..n).map(value).collect();
    seed.stream().shuffle(&mut values);
    values
}

/// Each position as often as its share of n, by largest remainders.
pub fn positions(weights: &[usize], n: usize, seed: Seed) -> Vec<usize> {
    let shares = shares(weights, n);
    let mut positions: Vec<usize> =
        shares.iter().enumerate().flat_map(|(position, count)| vec![position; *count]).collect();
    seed.stream().shuffle(&mut positions);
    positions
}

/// n divided in proportion to the weights, by largest remainders; of equal ones the first.
pub fn shares(weights: &[usize], n: usize) -> Vec<usize> {
    let total: usize = weights.iter().sum::<usize>().max(1);
    let mut shares: Vec<usize> = weights.iter().map(|weight| weight * n / total).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|index| (std::cmp::Reverse(weights[*index] * n % total), *index));
    let missing = n - shares.iter().sum::<usize>();
    for index in order.into_iter().take(missing) {
        shares[index] += 1;
    }
    shares
}

/// A standard normal number (Box and Muller).
pub fn normal(stream: &mut Stream) -> f64 {
    let radius = libm::sqrt(-2.0 * libm::log(1.0 - stream.unit()));
    radius * libm::cos(2.0 * std::f64::consts::PI * stream.unit())
}

/// An exponential number with mean 1.
pub fn exponential(stream: &mut Stream) -> f64 {
    -libm::log(1.0 - stream.unit())
}

pub fn uniform(stream: &mut Stream, low: f64, high: f64) -> f64 {
    low + (high - low) * stream.unit()
}

/// The sample standard deviation; 0 for fewer than two values.
fn deviation(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    if values.len() < 2 {
        return 0.0;
    }
    let mean = values.iter().sum::<f64>() / n;
    libm::sqrt(values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seed() -> Seed {
        Seed::from_study(1)
    }

    #[test]
    fn shares_add_up() {
        assert_eq!(shares(&[61, 52, 19, 16], 148), [61, 52, 19, 16]);
        assert_eq!(shares(&[61, 52, 19, 16], 40), [17, 14, 5, 4]);
        assert_eq!(shares(&[1, 1, 1], 4), [2, 1, 1]);
        assert_eq!(positions(&[2, 1], 3, seed()).len(), 3);
    }

    #[test]
    fn summaries_are_the_wanted_ones() {
        let mut labs = median_and_range([10.0, 1.0, 1000.0], 16, seed());
        labs.sort_by(f64::total_cmp);
        assert!((labs[0] - 1.0).abs() < 1e-12 && (labs[15] - 1000.0).abs() < 1e-9);
        assert_eq!((labs[7] + labs[8]) / 2.0, 10.0);
        let rule = MeanAndDeviation {
            digits: 1,
            lowest: 0.0,
            highest: 100.0,
            shape: Shape::Lognormal,
            cells: [[3.4, 1.7]; 4],
        };
        let sizes = mean_and_deviation(&rule, 0, 61, seed());
        assert!((sizes.iter().sum::<f64>() / 61.0 - 3.4).abs() < 1e-9);
        assert!((deviation(&sizes) - 1.7).abs() < 1e-9);
    }
}
