//! The 2 x 2 tables behind printed metrics, by exact integer arithmetic.
//!
//! For given class counts the true positives that sensitivity allows are an interval, and so are the true negatives
//! that specificity allows. Accuracy, the predictive values and F1 rise with the true negatives when the true positives
//! are fixed, so each cuts that interval by bisection; what is not monotone (kappa, Matthews, the odds ratio) is tested
//! on what is left. A share of no subjects is not defined: programs print 0, 1 or nothing, so 0 and 1 are allowed. Ratios
//! of tables with an empty cell are often corrected by a half: what any correction of up to one subject gives is allowed.

use crate::audit::arithmetic::Range;
use crate::audit::reported::metric::Metric;

/// The four cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    pub true_positives: i128,
    pub false_negatives: i128,
    pub false_positives: i128,
    pub true_negatives: i128,
}

/// Of three counts up to this the product stays exact in every comparison.
const LARGEST_PRODUCT: i128 = 1_000_000;

/// A metric must lie in a range.
#[derive(Clone, Copy, Debug)]
pub struct Constraint {
    pub metric: Metric,
    pub range: Range,
}

impl Table {
    pub fn new(positives: i128, negatives: i128, true_positives: i128, true_negatives: i128) -> Self {
        Self {
            true_positives,
            false_negatives: positives - true_positives,
            false_positives: negatives - true_negatives,
            true_negatives,
        }
    }

    /// The metric as numerator and denominator; a denominator of zero means "not defined". Matthews is not rational:
    /// see [`Self::satisfies`].
    pub fn ratio(&self, metric: Metric) -> Option<(i128, i128)> {
        let Table { true_positives: tp, false_negatives: fn_, false_positives: fp, true_negatives: tn } = *self;
        let (positives, negatives, n) = (tp + fn_, fp + tn, tp + fn_ + fp + tn);
        Some(match metric {
            Metric::TruePositives => (tp, 1),
            Metric::FalseNegatives => (fn_, 1),
            Metric::FalsePositives => (fp, 1),
            Metric::TrueNegatives => (tn, 1),
            Metric::PredictedPositives => (tp + fp, 1),
            Metric::PredictedNegatives => (tn + fn_, 1),
            Metric::Correct => (tp + tn, 1),
            Metric::Accuracy => (tp + tn, n),
            Metric::Sensitivity => (tp, positives),
            Metric::Specificity => (tn, negatives),
            Metric::PositivePredictiveValue => (tp, tp + fp),
            Metric::NegativePredictiveValue => (tn, tn + fn_),
            Metric::F1 => (2 * tp, 2 * tp + fp + fn_),
            Metric::BalancedAccuracy => (tp * negatives + tn * positives, 2 * positives * negatives),
            Metric::YoudenIndex => (tp * negatives + tn * positives - positives * negatives, positives * negatives),
            Metric::Kappa => {
                // (observed - expected) / (1 - expected) with both agreements over n squared.
                let expected = (tp + fp) * positives + (fn_ + tn) * negatives;
                ((tp + tn) * n - expected, n * n - expected)
            }
            Metric::PositiveLikelihoodRatio => (tp * negatives, fp * positives),
            Metric::NegativeLikelihoodRatio => (fn_ * negatives, tn * positives),
            Metric::DiagnosticOddsRatio => (tp * tn, fp * fn_),
            Metric::FalseNegativeRate => (fn_, positives),
            Metric::FalsePositiveRate => (fp, negatives),
            Metric::FalseDiscoveryRate => (fp, tp + fp),
            Metric::FalseOmissionRate => (fn_, tn + fn_),
            Metric::PredictedPositiveRate => (tp + fp, n),
            Metric::DetectionRate => (tp, n),
            Metric::Jaccard => (tp, tp + fp + fn_),
            Metric::Markedness => {
                let (called, left) = (tp + fp, tn + fn_);
                (tp * left + tn * called - called * left, called * left)
            }
            Metric::Prevalence => (positives, n),
            Metric::RecallMacro => (tp * negatives + tn * positives, 2 * positives * negatives),
            Metric::RecallWeighted => (tp + tn, n),
            // Products of three counts: larger ones would overflow beside the digits of a printed number.
            _ if n > LARGEST_PRODUCT => return None,
            Metric::F1Macro | Metric::F1Weighted => {
                let wrong = fp + fn_;
                let (of_positive, of_negative) = (2 * tp + wrong, 2 * tn + wrong);
                if metric == Metric::F1Macro {
                    (tp * of_negative + tn * of_positive, of_positive * of_negative)
                } else {
                    (2 * (tp * positives * of_negative + tn * negatives * of_positive), n * of_positive * of_negative)
                }
            }
            Metric::PrecisionMacro | Metric::PrecisionWeighted => {
                let (called, left) = (tp + fp, tn + fn_);
                if metric == Metric::PrecisionMacro {
                    (tp * left + tn * called, 2 * called * left)
                } else {
                    (tp * positives * left + tn * negatives * called, n * called * left)
                }
            }
            _ => return None,
        })
    }

    /// Does the metric print as the range says, by the conventions above where it is not defined?
    pub fn satisfies(&self, constraint: &Constraint) -> bool {
        let Constraint { metric, range } = constraint;
        if *metric == Metric::Matthews {
            return self.matthews_within(range);
        }
        let corrected = matches!(
            metric,
            Metric::PositiveLikelihoodRatio | Metric::NegativeLikelihoodRatio | Metric::DiagnosticOddsRatio
        );
        let cells = [self.true_positives, self.false_negatives, self.false_positives, self.true_negatives];
        if corrected && cells.contains(&0) {
            return self.may_print_corrected(*metric, range);
        }
        match self.ratio(*metric) {
            Some((numerator, denominator)) if denominator > 0 => range.contains(numerator, denominator),
            Some(_) if metric.is_share() || matches!(metric, Metric::F1 | Metric::Jaccard) => {
                range.contains(0, 1) || range.contains(1, 1)
            }
            _ => true,
        }
    }

    /// A ratio of a table with an empty cell is printed as it is (0, or none), or after up to one subject was added to the
    /// empty cell or to all: towards 0, or towards infinity, without end, and otherwise near the uncorrected value.
    fn may_print_corrected(&self, metric: Metric, range: &Range) -> bool {
        let with = |more: f64| {
            let [tp, fn_, fp, tn] =
                [self.true_positives, self.false_negatives, self.false_positives, self.true_negatives]
                    .map(|cell| cell as f64 + more);
            match metric {
                Metric::PositiveLikelihoodRatio => tp / (tp + fn_) / (fp / (fp + tn)),
                Metric::NegativeLikelihoodRatio => fn_ / (tp + fn_) / (tn / (fp + tn)),
                _ => tp * tn / (fp * fn_),
            }
        };
        let (plain, one_more) = (with(0.0), with(1.0));
        let (least, most) = if plain == 0.0 {
            (0.0, 2.0 * one_more)
        } else if plain.is_infinite() {
            (0.5 * one_more, f64::INFINITY)
        } else {
            (plain.min(one_more) / 1.1, 1.1 * plain.max(one_more))
        };
        let (low, high) = range.as_f64();
        let undefined = plain.is_nan() || (plain.is_infinite() && low <= 0.0);
        undefined || (low <= most && high >= least)
    }

    /// Matthews = a / sqrt(b): with signs set apart, compare squares.
    fn matthews_within(&self, range: &Range) -> bool {
        let Table { true_positives: tp, false_negatives: fn_, false_positives: fp, true_negatives: tn } = *self;
        let a = (tp * tn - fp * fn_) as f64;
        let b = (tp + fp) as f64 * (tp + fn_) as f64 * (tn + fp) as f64 * (tn + fn_) as f64;
        if b <= 0.0 {
            return true;
        }
        // A root is irrational: a margin far above rounding and far below a printed digit keeps this on the safe side.
        let value = a / b.sqrt();
        let (low, high) = range.as_f64();
        value >= low - 1e-9 && value <= high + 1e-9
    }
}

/// Work that a search may do before it gives up, in tables looked at.
#[derive(Debug)]
pub struct Budget {
    pub left: u64,
}

impl Budget {
    pub fn new(steps: u64) -> Self {
        Self { left: steps }
    }

    fn spend(&mut self, steps: u64) -> bool {
        self.left = self.left.saturating_sub(steps);
        self.left > 0
    }
}

/// The answer of a bounded search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search<T> {
    Found(T),
    /// The whole space was looked through.
    None,
    /// The budget ran out first.
    GaveUp,
}

/// A 2 x 2 table with these class counts that satisfies every constraint.
pub fn table(positives: i128, negatives: i128, constraints: &[Constraint], budget: &mut Budget) -> Search<Table> {
    match tables(positives, negatives, constraints, 1, budget) {
        Some(found) => found.first().map_or(Search::None, |&table| Search::Found(table)),
        None => Search::GaveUp,
    }
}

/// The first `most` tables with these class counts that satisfy every constraint. `None` when the budget ran out before
/// `most` were found or the space was exhausted.
pub fn tables(
    positives: i128,
    negatives: i128,
    constraints: &[Constraint],
    most: usize,
    budget: &mut Budget,
) -> Option<Vec<Table>> {
    let mut found = Vec::new();
    let (mut first, mut last) = (0, positives);
    for constraint in constraints {
        match constraint.metric {
            Metric::Sensitivity if positives > 0 => match constraint.range.counts(positives) {
                Some((low, high)) => {
                    first = first.max(low);
                    last = last.min(high);
                }
                None => return Some(found),
            },
            Metric::TruePositives => {
                first = first.max(ceiling(&constraint.range));
                last = last.min(floor(&constraint.range));
            }
            _ => {}
        }
    }
    let (mut lowest, mut highest) = (0, negatives);
    for constraint in constraints {
        match constraint.metric {
            Metric::Specificity if negatives > 0 => match constraint.range.counts(negatives) {
                Some((low, high)) => {
                    lowest = lowest.max(low);
                    highest = highest.min(high);
                }
                None => return Some(found),
            },
            Metric::TrueNegatives => {
                lowest = lowest.max(ceiling(&constraint.range));
                highest = highest.min(floor(&constraint.range));
            }
            _ => {}
        }
    }
    // Two bisections for each metric that rises with the true negatives.
    let rising = constraints.iter().filter(|constraint| rises_with_true_negatives(constraint.metric)).count() as u64;
    let cost = 1 + 2 * rising * u64::from(negatives.max(1).unsigned_abs().ilog2() + 1);
    for true_positives in first..=last {
        if !budget.spend(cost) {
            return None;
        }
        let (mut low, mut high) = (lowest, highest);
        for constraint in constraints.iter().filter(|constraint| rises_with_true_negatives(constraint.metric)) {
            let at = |true_negatives| Table::new(positives, negatives, true_positives, true_negatives);
            let outside = |true_negatives: i128, above: bool| match at(true_negatives).ratio(constraint.metric) {
                Some((numerator, denominator)) if denominator > 0 => {
                    if above {
                        constraint.range.above(numerator, denominator)
                    } else {
                        constraint.range.below(numerator, denominator)
                    }
                }
                _ => false,
            };
            // Where the metric is not defined the bisection's order breaks: leave those ends to the test below.
            if undefined_somewhere(constraint.metric, true_positives, positives) {
                continue;
            }
            low = crate::audit::arithmetic::range::partition(low, high + 1, |tn| !outside(tn, false));
            high = crate::audit::arithmetic::range::partition(low, high + 1, |tn| outside(tn, true)) - 1;
        }
        for true_negatives in low..=high {
            if !budget.spend(1) {
                return None;
            }
            let candidate = Table::new(positives, negatives, true_positives, true_negatives);
            if constraints.iter().all(|constraint| candidate.satisfies(constraint)) {
                found.push(candidate);
                if found.len() >= most {
                    return Some(found);
                }
            }
        }
    }
    Some(found)
}

/// Rises (weakly) in the true negatives while the true positives and the class counts stay.
fn rises_with_true_negatives(metric: Metric) -> bool {
    matches!(metric, Metric::Accuracy | Metric::PositivePredictiveValue | Metric::NegativePredictiveValue | Metric::F1)
}

/// PPV has no value without a positive call, NPV none without a negative call: possible only at these counts.
fn undefined_somewhere(metric: Metric, true_positives: i128, positives: i128) -> bool {
    match metric {
        Metric::PositivePredictiveValue => true_positives == 0,
        Metric::NegativePredictiveValue => true_positives == positives,
        Metric::F1 => true_positives == 0 && positives == 0,
        _ => false,
    }
}

fn ceiling(range: &Range) -> i128 {
    let floor = range.low.div_euclid(range.denominator);
    if range.below(floor, 1) { floor + 1 } else { floor }
}

fn floor(range: &Range) -> i128 {
    let floor = range.high.div_euclid(range.denominator);
    if range.above(floor, 1) { floor - 1 } else { floor }
}

/// The numbers of positives, within `first..=last` of `n`, for which a table exists. `None` when the budget ran out.
pub fn feasible_positives(
    n: i128,
    first: i128,
    last: i128,
    constraints: &[Constraint],
    budget: &mut Budget,
) -> Option<Vec<i128>> {
    let mut feasible = Vec::new();
    for positives in first.max(0)..=last.min(n) {
        match table(positives, n - positives, constraints, budget) {
            Search::Found(_) => feasible.push(positives),
            Search::None => {}
            Search::GaveUp => return None,
        }
        if !budget.spend(1) {
            return None;
        }
    }
    Some(feasible)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::arithmetic::{Printed, Rounding};

    fn constraint(metric: Metric, text: &str) -> Constraint {
        let printed = Printed::parse(text).expect(text);
        Constraint { metric, range: Range::of(&printed, 1, Rounding::Any).expect(text) }
    }

    /// Every table of up to twelve subjects, every set of metrics: the search finds one exactly when brute force does.
    #[test]
    fn agrees_with_brute_force() {
        let sets = [
            vec![(Metric::Sensitivity, "0.67"), (Metric::Specificity, "0.50"), (Metric::Accuracy, "0.58")],
            vec![(Metric::Accuracy, "0.75"), (Metric::PositivePredictiveValue, "0.67")],
            vec![(Metric::NegativePredictiveValue, "0.80"), (Metric::F1, "0.67"), (Metric::Kappa, "0.31")],
            vec![(Metric::Matthews, "0.50"), (Metric::BalancedAccuracy, "0.75")],
            vec![(Metric::PositivePredictiveValue, "0.00"), (Metric::Sensitivity, "0.0")],
            vec![(Metric::PositiveLikelihoodRatio, "2.0"), (Metric::NegativeLikelihoodRatio, "0.50")],
            vec![(Metric::FalseDiscoveryRate, "0.33"), (Metric::PredictedPositiveRate, "0.50")],
            vec![(Metric::NegativePredictiveValue, "1.00"), (Metric::PositivePredictiveValue, "1.00")],
            vec![(Metric::YoudenIndex, "0.33"), (Metric::DiagnosticOddsRatio, "4.0")],
            vec![(Metric::PredictedPositives, "4"), (Metric::Correct, "7"), (Metric::Sensitivity, "0.75")],
            vec![(Metric::PredictedNegatives, "5"), (Metric::Jaccard, "0.50"), (Metric::DetectionRate, "0.25")],
            vec![(Metric::Markedness, "0.33"), (Metric::PredictedPositiveRate, "0.50")],
            vec![(Metric::F1Macro, "0.67"), (Metric::Accuracy, "0.67")],
            vec![(Metric::F1Weighted, "0.75"), (Metric::PrecisionMacro, "0.75"), (Metric::RecallMacro, "0.75")],
            vec![(Metric::PrecisionWeighted, "0.60"), (Metric::RecallWeighted, "0.60")],
        ];
        for set in sets {
            let constraints: Vec<Constraint> = set.iter().map(|(metric, text)| constraint(*metric, text)).collect();
            for n in 0..=12_i128 {
                for positives in 0..=n {
                    let mut expected = false;
                    for tp in 0..=positives {
                        for tn in 0..=(n - positives) {
                            let table = Table::new(positives, n - positives, tp, tn);
                            expected |= constraints.iter().all(|c| table.satisfies(c));
                        }
                    }
                    let found = table(positives, n - positives, &constraints, &mut Budget::new(1_000_000));
                    assert_eq!(matches!(found, Search::Found(_)), expected, "{set:?} {positives}/{n}");
                    assert_ne!(found, Search::GaveUp);
                }
            }
        }
    }
}
