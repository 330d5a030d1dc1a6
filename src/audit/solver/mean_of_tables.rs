//! Can figures be means over several 2 x 2 tables (folds, readers, imputations), of which none is printed?
//!
//! Means over tables lie in the convex hull of what single tables give. The tables are taken as real numbers (prevalence,
//! sensitivity, specificity) that differ from their means by no more than tables of a tenth of the sample do, on a grid; the
//! mean of their prevalences is the sample's. Frank and Wolfe's method looks for a point of the hull within the printed
//! ranges: it ends at such a point, or at a plane that has the hull on one side and the ranges on the other.
//!
//! Source: Frank and Wolfe (1956), doi:10.1002/nav.3800030109.

use super::relaxation::Bound;
use crate::audit::reported::metric::Metric;

/// The share with the event of the tables' mean, and how many subjects there are in all.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    pub prevalence: f64,
    pub n: Option<f64>,
}

/// Steps of the search; where it ends without an answer the figures are taken for means.
const STEPS: usize = 250;
/// Beyond the printed ranges, for the grid's sake.
const SLACK: f64 = 0.004;
const GRID: usize = 11;
/// The mean of the prevalences is known to this, where folds are not quite alike.
const PREVALENCE: f64 = 0.01;

/// `false` where it is shown that no tables of the sample have these means.
pub fn may_be_means(row: &[Bound], sample: Sample) -> bool {
    let bounds: Vec<Bound> = row.iter().copied().filter(|bound| at(bound.metric, 0.4, 0.7, 0.6).is_some()).collect();
    let range = |b: &Bound| ((b.low - SLACK) * scale(b), (b.high + SLACK) * scale(b));
    let mut ranges: Vec<(f64, f64)> = bounds.iter().map(range).collect();
    ranges.push((sample.prevalence - PREVALENCE, sample.prevalence + PREVALENCE));
    let tables = grid(&bounds, sample);
    let Some(first) = tables.first() else { return true };
    let mut mean = first.clone();
    for _ in 0..STEPS {
        let excess: Vec<f64> = mean.iter().zip(&ranges).map(|(x, (low, high))| x - x.clamp(*low, *high)).collect();
        if excess.iter().all(|e| e.abs() < 1e-12) {
            return true;
        }
        let along = |point: &[f64]| point.iter().zip(&excess).map(|(x, e)| x * e).sum::<f64>();
        let Some(best) = tables.iter().min_by(|a, b| along(a).total_cmp(&along(b))) else { return true };
        let farthest: f64 =
            ranges.iter().zip(&excess).map(|((low, high), e)| if *e > 0.0 { e * high } else { e * low }).sum();
        if along(best) > farthest + 1e-12 {
            return false;
        }
        let step: Vec<f64> = best.iter().zip(&mean).map(|(b, m)| b - m).collect();
        let length: f64 = step.iter().map(|s| s * s).sum();
        if length <= 0.0 {
            return true;
        }
        let by = (-along(&step) / length).clamp(0.0, 1.0);
        mean.iter_mut().zip(&step).for_each(|(m, s)| *m += by * s);
    }
    true
}

/// Likelihood and odds ratios as multiples of what is printed, so that all figures are of one size.
fn scale(bound: &Bound) -> f64 {
    bound.high.abs().max(1.0).recip()
}

/// How far a share may be from its mean: half as much again as the standard error of a tenth of the subjects (tables that far to
/// either side vary more than ten folds mostly do), as readers differ at least. Of fewer than four subjects it may be anything.
fn away(share: f64, subjects: Option<f64>) -> f64 {
    let Some(tenth) = subjects.map(|n| n / 10.0) else { return 0.15 };
    if tenth < 4.0 {
        return 1.0;
    }
    (1.5 * (share * (1.0 - share) / tenth).max(0.0).sqrt()).max(0.15)
}

/// Folds differ in their prevalence, but not in step with their sensitivity: this part of the rarer class.
const UNEVEN: f64 = 0.1;

/// What a share can be in single tables: closest together about the printed mean, which tables that are nearly alike have.
fn nodes(printed: Option<f64>, subjects: Option<f64>) -> Vec<f64> {
    let step = |index: usize| 2.0 * index as f64 / (GRID - 1) as f64 - 1.0;
    (0..GRID)
        .map(step)
        .map(|step| match printed {
            Some(centre) => (centre + away(centre, subjects) * step * step.abs()).clamp(0.0, 1.0),
            None => 0.5 + 0.5 * step,
        })
        .collect()
}

/// The metrics of tables on a grid, and their prevalences. Tables with a ratio without an end are left out.
fn grid(bounds: &[Bound], Sample { prevalence, n }: Sample) -> Vec<Vec<f64>> {
    let printed = |metric: Metric| {
        bounds.iter().find(|bound| bound.metric == metric).map(|bound| (0.5 * (bound.low + bound.high)).clamp(0.0, 1.0))
    };
    let sensitivity = nodes(printed(Metric::Sensitivity), n.map(|n| n * prevalence));
    let specificity = nodes(printed(Metric::Specificity), n.map(|n| n * (1.0 - prevalence)));
    let apart = UNEVEN * prevalence.min(1.0 - prevalence);
    let mut tables = Vec::new();
    for p in [prevalence - apart, prevalence, prevalence + apart] {
        for &s in &sensitivity {
            for &c in &specificity {
                let metrics: Option<Vec<f64>> =
                    bounds.iter().map(|bound| Some(at(bound.metric, p, s, c)? * scale(bound))).collect();
                tables.extend(metrics.map(|mut metrics| {
                    metrics.push(p);
                    metrics
                }));
            }
        }
    }
    tables
}

/// The metric of a table; `None` for a ratio without an end. Of a table in which a share is of nobody programs take 0.
fn at(metric: Metric, p: f64, s: f64, c: f64) -> Option<f64> {
    let ratio = |above: f64, below: f64| (below > 1e-9).then(|| above / below);
    let share = |above: f64, below: f64| Some(ratio(above, below).unwrap_or(0.0));
    let (tp, fn_, fp, tn) = (p * s, p * (1.0 - s), (1.0 - p) * (1.0 - c), (1.0 - p) * c);
    let f1 = |hits: f64| share(2.0 * hits, 2.0 * hits + fp + fn_);
    Some(match metric {
        Metric::Accuracy | Metric::RecallWeighted => tp + tn,
        Metric::Sensitivity => s,
        Metric::Specificity => c,
        Metric::FalseNegativeRate => 1.0 - s,
        Metric::FalsePositiveRate => 1.0 - c,
        Metric::BalancedAccuracy | Metric::RecallMacro => 0.5 * (s + c),
        Metric::YoudenIndex => s + c - 1.0,
        Metric::PredictedPositiveRate => tp + fp,
        Metric::DetectionRate => tp,
        Metric::Prevalence => p,
        Metric::PositivePredictiveValue => share(tp, tp + fp)?,
        Metric::FalseDiscoveryRate => share(fp, tp + fp)?,
        Metric::NegativePredictiveValue => share(tn, tn + fn_)?,
        Metric::FalseOmissionRate => share(fn_, tn + fn_)?,
        Metric::F1 => f1(tp)?,
        Metric::F1Macro => 0.5 * (f1(tp)? + f1(tn)?),
        Metric::F1Weighted => p * f1(tp)? + (1.0 - p) * f1(tn)?,
        Metric::PrecisionMacro => 0.5 * (share(tp, tp + fp)? + share(tn, tn + fn_)?),
        Metric::PrecisionWeighted => p * share(tp, tp + fp)? + (1.0 - p) * share(tn, tn + fn_)?,
        Metric::Jaccard => share(tp, tp + fp + fn_)?,
        Metric::Markedness => share(tp, tp + fp)? + share(tn, tn + fn_)? - 1.0,
        Metric::Kappa => {
            let chance = (tp + fp) * p + (fn_ + tn) * (1.0 - p);
            share(tp + tn - chance, 1.0 - chance)?
        }
        Metric::Matthews => {
            let product = (tp + fp) * p * (1.0 - p) * (tn + fn_);
            share(tp * tn - fp * fn_, product.max(0.0).sqrt())?
        }
        Metric::PositiveLikelihoodRatio => ratio(s, 1.0 - c)?,
        Metric::NegativeLikelihoodRatio => ratio(1.0 - s, c)?,
        Metric::DiagnosticOddsRatio => ratio(tp * tn, fp * fn_)?,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(metric: Metric, value: f64) -> Bound {
        Bound { metric, low: value - 0.005, high: value + 0.005 }
    }

    /// TP, FN, FP, TN of five folds of eight: the means of their metrics are no table's, and are means.
    #[test]
    fn means_of_five_folds_are_means() {
        let folds = [
            (3.0, 1.0, 1.0, 3.0),
            (4.0, 0.0, 2.0, 2.0),
            (2.0, 2.0, 0.0, 4.0),
            (3.0, 1.0, 2.0, 2.0),
            (4.0, 0.0, 1.0, 3.0),
        ];
        let mean = |value: fn((f64, f64, f64, f64)) -> f64| folds.into_iter().map(value).sum::<f64>() / 5.0;
        let row = [
            bound(Metric::Sensitivity, mean(|(tp, fn_, _, _)| tp / (tp + fn_))),
            bound(Metric::Specificity, mean(|(_, _, fp, tn)| tn / (fp + tn))),
            bound(Metric::PositivePredictiveValue, mean(|(tp, _, fp, _)| tp / (tp + fp))),
            bound(Metric::NegativePredictiveValue, mean(|(_, fn_, _, tn)| tn / (tn + fn_))),
            bound(Metric::F1, mean(|(tp, fn_, fp, _)| 2.0 * tp / (2.0 * tp + fp + fn_))),
            bound(Metric::Accuracy, mean(|(tp, _, _, tn)| (tp + tn) / 8.0)),
        ];
        assert!(may_be_means(&row, Sample { prevalence: 0.5, n: Some(40.0) }));
    }

    /// Two folds of 14 and 2 with one miss each: their means are of the one table that both are, which lies below the chord of
    /// a coarse grid. They were taken for no mean's.
    #[test]
    fn means_of_tables_that_are_alike_are_means() {
        let fine = |metric: Metric, value: f64| Bound { metric, low: value - 0.0005, high: value + 0.0005 };
        let row = [
            fine(Metric::Accuracy, 0.938),
            fine(Metric::Sensitivity, 0.929),
            fine(Metric::Specificity, 1.0),
            fine(Metric::PositivePredictiveValue, 1.0),
            fine(Metric::NegativePredictiveValue, 0.667),
            fine(Metric::Kappa, 0.765),
        ];
        assert!(may_be_means(&row, Sample { prevalence: 0.875, n: Some(32.0) }));
    }

    #[test]
    fn what_no_mean_gives() {
        let sample = Sample { prevalence: 0.5, n: Some(40.0) };
        // Accuracy is between sensitivity and specificity on the average too, and F1 not above both its parts.
        let accuracy =
            [bound(Metric::Sensitivity, 0.80), bound(Metric::Specificity, 0.70), bound(Metric::Accuracy, 0.90)];
        assert!(!may_be_means(&accuracy, sample));
        let f1 =
            [bound(Metric::Sensitivity, 0.80), bound(Metric::PositivePredictiveValue, 0.75), bound(Metric::F1, 0.90)];
        assert!(!may_be_means(&f1, sample));
    }
}
