//! Placement values and their moments, in exact integers.
//!
//! A pair of one positive and one negative counts two half pairs when the positive has the higher risk, one when they
//! tie, none otherwise. The half pairs of a positive, divided by 2 n₋, are its placement value V₁₀; those of a
//! negative, divided by 2 n₊, are V₀₁ (the structural components of DeLong, DeLong and Clarke-Pearson 1988).
//!
//! Everything up to the last division is done in integers of 128 bits: with n < 2³² units a centred sum of products is
//! below 4 n₊² n₋² <= n⁴ / 4 < 2¹²⁶. So a variance that is zero is exactly zero, there is no cancellation, and the
//! order of the rows cannot matter.

use super::ranking::RankedScores;

/// The half pairs that one positive and one negative of each group have.
#[derive(Clone, Debug)]
pub(crate) struct HalfPairs {
    pub of_positive: Vec<u64>,
    pub of_negative: Vec<u64>,
    /// Over all pairs.
    pub total: u64,
}

pub(crate) fn half_pairs(scores: &RankedScores) -> HalfPairs {
    let mut of_positive = Vec::with_capacity(scores.groups.len());
    let mut of_negative = Vec::with_capacity(scores.groups.len());
    let (mut negatives_below, mut positives_to_here, mut total) = (0u64, 0u64, 0u64);
    for group in &scores.groups {
        let (positives, negatives) = (u64::from(group.positives), u64::from(group.negatives));
        positives_to_here += positives;
        let of_one_positive = 2 * negatives_below + negatives;
        of_positive.push(of_one_positive);
        of_negative.push(2 * (scores.positives - positives_to_here) + positives);
        total += positives * of_one_positive;
        negatives_below += negatives;
    }
    HalfPairs { of_positive, of_negative, total }
}

/// The AUC that so many half pairs mean.
pub(crate) fn auc_of(half_pairs: u64, positives: u64, negatives: u64) -> f64 {
    half_pairs as f64 / (2 * positives * negatives) as f64
}

/// What is left of a sample once its pairs are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CountedPairs {
    pub half_pairs: u64,
    pub positives: u64,
    pub negatives: u64,
}

impl CountedPairs {
    pub fn auc(self) -> f64 {
        auc_of(self.half_pairs, self.positives, self.negatives)
    }

    /// The AUC less that of another score of the same subjects: exact up to the division.
    pub fn auc_minus(self, other: Self) -> f64 {
        // Both counts are below 2⁶³.
        let difference = self.half_pairs as i64 - other.half_pairs as i64;
        difference as f64 / (2 * self.positives * self.negatives) as f64
    }
}

/// Sums over the units of one class of two integer quantities x and y, and of their product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Products {
    count: u64,
    sum_x: i128,
    sum_y: i128,
    sum_xy: i128,
}

impl Products {
    pub fn add(&mut self, x: i64, y: i64) {
        self.add_many(x, y, 1);
    }

    pub fn add_many(&mut self, x: i64, y: i64, times: u32) {
        self.count += u64::from(times);
        self.sum_x += i128::from(x) * i128::from(times);
        self.sum_y += i128::from(y) * i128::from(times);
        self.sum_xy += i128::from(x) * i128::from(y) * i128::from(times);
    }

    /// n Σxy − Σx Σy = n (n − 1) times the sample covariance.
    fn centred(&self) -> i128 {
        i128::from(self.count) * self.sum_xy - self.sum_x * self.sum_y
    }
}

/// DeLong's covariance S₁₀ / n₊ + S₀₁ / n₋ from the half pairs of two scores (twice the same gives the variance).
/// `None` when a class has one unit only.
pub(crate) fn delong_covariance(positives: &Products, negatives: &Products) -> Option<f64> {
    if positives.count < 2 || negatives.count < 2 {
        return None;
    }
    let pairs = positives.count as f64 * negatives.count as f64;
    let spread = positives.centred() as f64 / (positives.count - 1) as f64
        + negatives.centred() as f64 / (negatives.count - 1) as f64;
    Some(spread / (4.0 * pairs * pairs))
}

/// DeLong's variance of the AUC of one score.
pub(crate) fn delong_variance(scores: &RankedScores, half_pairs: &HalfPairs) -> Option<f64> {
    let (mut positives, mut negatives) = (Products::default(), Products::default());
    for (index, group) in scores.groups.iter().enumerate() {
        let (of_positive, of_negative) = (half_pairs.of_positive[index] as i64, half_pairs.of_negative[index] as i64);
        positives.add_many(of_positive, of_positive, group.positives);
        negatives.add_many(of_negative, of_negative, group.negatives);
    }
    delong_covariance(&positives, &negatives)
}

#[cfg(test)]
mod tests {
    use super::super::ranking::rank_scores;
    use super::*;
    use crate::stats::estimate::Orientation;

    #[test]
    fn counts_half_pairs_by_hand() {
        // Positives 0.35, 0.8, 0.4; negatives 0.1, 0.4, 0.4: over the negatives, 0.35 wins 1 of 3, 0.8 all three,
        // 0.4 wins one and ties two: 2, 6 and 4 half pairs of 6; in all 12 of 18.
        let outcome = [true, true, true, false, false, false];
        let score = [0.35, 0.8, 0.4, 0.1, 0.4, 0.4];
        let ranked = rank_scores(&outcome, &score, Orientation::HigherIsRisk).unwrap();
        let counted = half_pairs(&ranked);
        assert_eq!(counted.of_positive, [1, 2, 4, 6]);
        assert_eq!(counted.of_negative, [6, 5, 3, 1]);
        assert_eq!(counted.total, 12);
        // V10 = 1/3, 1, 2/3: variance 1/9; V01 = 1, 1/2, 1/2: variance 1/12; (1/9 + 1/12) / 3 = 7/108.
        assert!((delong_variance(&ranked, &counted).unwrap() - 7.0 / 108.0).abs() < 1e-16);
    }

    #[test]
    fn does_not_overflow_at_the_largest_size() {
        // Half of 2³² − 2 units each, half of the positives above all negatives: V10 is 0 or 1, variance 1/4 · n/(n−1).
        let half = (u32::MAX - 1) / 2;
        let mut positives = Products::default();
        positives.add_many(0, 0, half / 2);
        positives.add_many(2 * i64::from(half), 2 * i64::from(half), half - half / 2);
        let mut negatives = Products::default();
        negatives.add_many(i64::from(half), i64::from(half), half);
        let n = f64::from(half);
        let variance = delong_covariance(&positives, &negatives).unwrap();
        assert!((variance * n - 0.25).abs() < 1e-8, "{}", variance * n);
    }
}
