//! Metrics of tables whose size is not printed: is there any prevalence, sensitivity and specificity, real numbers all
//! three, that gives them? If not, no sample of any size does.
//!
//! The cube of the three is divided until every part is excluded by interval arithmetic (a proof that nothing fits) or a
//! part is small enough to be left alone (no proof). Each metric is monotone in each of the three, or bilinear, so its
//! range over a box is found at corners.

use crate::audit::reported::metric::Metric;

/// A metric between two bounds, as proportions.
#[derive(Clone, Copy, Debug)]
pub struct Bound {
    pub metric: Metric,
    pub low: f64,
    pub high: f64,
}

#[derive(Clone, Copy, Debug)]
struct Side {
    low: f64,
    high: f64,
}

impl Side {
    fn width(self) -> f64 {
        self.high - self.low
    }

    fn halves(self) -> [Self; 2] {
        let middle = 0.5 * (self.low + self.high);
        [Self { low: self.low, high: middle }, Self { low: middle, high: self.high }]
    }
}

/// Narrower parts than this are left undecided.
const RESOLUTION: f64 = 1e-4;
/// Slack of every comparison, far above rounding in double precision.
const SLACK: f64 = 1e-9;

/// `true` unless it is proven that no common prevalence serves all rows.
pub fn may_be_feasible(rows: &[Vec<Bound>]) -> bool {
    let mut budget = 120_000_u32;
    divide_prevalence(rows, Side { low: 0.0, high: 1.0 }, &mut budget)
}

fn divide_prevalence(rows: &[Vec<Bound>], prevalence: Side, budget: &mut u32) -> bool {
    let unit = Side { low: 0.0, high: 1.0 };
    if rows.iter().any(|row| !divide_row(row, prevalence, unit, unit, budget)) {
        return false;
    }
    if prevalence.width() < 4e-3 || *budget == 0 {
        return true;
    }
    prevalence.halves().into_iter().any(|half| divide_prevalence(rows, half, budget))
}

fn divide_row(row: &[Bound], prevalence: Side, sensitivity: Side, specificity: Side, budget: &mut u32) -> bool {
    if *budget == 0 {
        return true;
    }
    *budget -= 1;
    for bound in row {
        if let Some((low, high)) = over_box(bound.metric, prevalence, sensitivity, specificity)
            && (low > bound.high + SLACK || high < bound.low - SLACK)
        {
            return false;
        }
    }
    if sensitivity.width().max(specificity.width()) < RESOLUTION.max(0.25 * prevalence.width()) {
        return true;
    }
    if sensitivity.width() >= specificity.width() {
        sensitivity.halves().into_iter().any(|half| divide_row(row, prevalence, half, specificity, budget))
    } else {
        specificity.halves().into_iter().any(|half| divide_row(row, prevalence, sensitivity, half, budget))
    }
}

/// The range of a metric over a box; `None` when it is not bounded there.
fn over_box(metric: Metric, prevalence: Side, sensitivity: Side, specificity: Side) -> Option<(f64, f64)> {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for p in [prevalence.low, prevalence.high] {
        for s in [sensitivity.low, sensitivity.high] {
            for c in [specificity.low, specificity.high] {
                let value = at(metric, p, s, c)?;
                low = low.min(value);
                high = high.max(value);
            }
        }
    }
    Some((low, high))
}

/// The metric at a point; `None` where it is not defined, or not monotone along the edges of a box.
fn at(metric: Metric, p: f64, s: f64, c: f64) -> Option<f64> {
    let share = |numerator: f64, denominator: f64| (denominator > 0.0).then(|| numerator / denominator);
    let (tp, fn_, fp, tn) = (p * s, p * (1.0 - s), (1.0 - p) * (1.0 - c), (1.0 - p) * c);
    match metric {
        Metric::Accuracy => Some(tp + tn),
        Metric::Sensitivity => Some(s),
        Metric::Specificity => Some(c),
        Metric::FalseNegativeRate => Some(1.0 - s),
        Metric::FalsePositiveRate => Some(1.0 - c),
        Metric::BalancedAccuracy => Some(0.5 * (s + c)),
        Metric::YoudenIndex => Some(s + c - 1.0),
        Metric::Prevalence => Some(p),
        Metric::PredictedPositiveRate => Some(tp + fp),
        Metric::DetectionRate => Some(tp),
        Metric::Jaccard => share(tp, tp + fp + fn_),
        Metric::PositivePredictiveValue => share(tp, tp + fp),
        Metric::FalseDiscoveryRate => share(fp, tp + fp),
        Metric::NegativePredictiveValue => share(tn, tn + fn_),
        Metric::FalseOmissionRate => share(fn_, tn + fn_),
        Metric::F1 => share(2.0 * tp, 2.0 * tp + fp + fn_),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(metric: Metric, value: f64) -> Bound {
        Bound { metric, low: value - 0.005, high: value + 0.005 }
    }

    #[test]
    fn accuracy_lies_between_sensitivity_and_specificity() {
        let row = |accuracy| {
            vec![bound(Metric::Sensitivity, 0.90), bound(Metric::Specificity, 0.80), bound(Metric::Accuracy, accuracy)]
        };
        assert!(may_be_feasible(&[row(0.85)]));
        assert!(!may_be_feasible(&[row(0.95)]));
        assert!(!may_be_feasible(&[row(0.70)]));
    }

    #[test]
    fn rows_share_their_prevalence() {
        // Prevalence 0.5 for the first, 0.2 for the second: each is possible alone.
        let first =
            vec![bound(Metric::Sensitivity, 0.90), bound(Metric::Specificity, 0.70), bound(Metric::Accuracy, 0.80)];
        let second =
            vec![bound(Metric::Sensitivity, 0.90), bound(Metric::Specificity, 0.70), bound(Metric::Accuracy, 0.74)];
        assert!(may_be_feasible(std::slice::from_ref(&first)) && may_be_feasible(std::slice::from_ref(&second)));
        assert!(!may_be_feasible(&[first, second]));
    }

    /// Whatever a real table gives is never excluded.
    #[test]
    fn real_tables_are_feasible() {
        for (tp, fn_, fp, tn) in [(3, 1, 2, 7), (1, 0, 0, 1), (50, 3, 20, 400), (0, 5, 1, 9), (9, 0, 4, 0)] {
            let n = f64::from(tp + fn_ + fp + tn);
            let (p, s) = (f64::from(tp + fn_) / n, f64::from(tp) / f64::from(tp + fn_));
            let c = f64::from(tn) / f64::from(fp + tn);
            let row: Vec<Bound> = [
                Metric::Accuracy,
                Metric::Sensitivity,
                Metric::Specificity,
                Metric::PositivePredictiveValue,
                Metric::NegativePredictiveValue,
                Metric::F1,
                Metric::PredictedPositiveRate,
                Metric::DetectionRate,
                Metric::Jaccard,
            ]
            .into_iter()
            .filter_map(|metric| at(metric, p, s, c).map(|value| bound(metric, value)))
            .collect();
            assert!(may_be_feasible(&[row]));
        }
    }
}
