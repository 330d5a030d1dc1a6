//! The AUCs of several models on the same subjects: their covariance matrix, and the test that all are equal.
//!
//! Estimand: AUC₁ … AUC_k of one outcome, their DeLong covariance matrix S, and the hypothesis AUC₁ = … = AUC_k.
//!
//! Formula: S = S₁₀ / n₊ + S₀₁ / n₋ (see `delong.rs`). With the differences d of the second to the last from the first,
//! and their covariance matrix D (from differences of placement values, so nothing cancels),
//! χ² = dᵀ D⁻¹ d on k − 1 degrees of freedom.
//!
//! Assumptions: independent subjects. Inputs, ties, missing values: as in `discrimination/auc.rs`. Row order: the same
//! bits in any; another order of the models gives the same χ² up to rounding.
//!
//! Edge cases: a difference that is a combination of those before it (a model given twice) is left out, and a degree of
//! freedom with it; all models alike: χ² = 0 on 0 degrees of freedom, P = 1. A difference without variance that is not
//! zero, or that contradicts those it is a combination of: an error. One positive or one negative: an error; fewer than
//! two models: an error.
//!
//! Source: DeLong et al. 1988, doi:10.2307/2531595, section 4. Oracle: for two models χ² is the square of pROC's z;
//! for three checked by hand.

use super::delong::{PlacedScore, too_few_of_a_class};
use crate::stats::discrimination::placement::{Products, delong_covariance};
use crate::stats::distribution::chi_squared_upper;
use crate::stats::error::{StatsError, require_level};
use crate::stats::estimate::{Alternative, Estimate, NullDistribution, Orientation, Test};
use crate::stats::linear_algebra::{Cholesky, Matrix, dot};
use serde::{Deserialize, Serialize};

/// The score of one model for every subject.
#[derive(Clone, Copy, Debug)]
pub struct ModelScore<'a> {
    pub score: &'a [f64],
    pub orientation: Orientation,
}

/// Several AUCs of the same subjects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AucsComparison {
    /// In the order of the models.
    pub aucs: Vec<Estimate>,
    /// The covariance matrix of the AUCs as estimates, by rows.
    pub covariance: Vec<Vec<f64>>,
    /// That all AUCs are equal: a chi-squared test.
    pub test: Test,
}

/// A share of a difference's variance that is left once others are accounted for, below which it counts as none.
const DEPENDENT: f64 = 1e-10;

/// The AUC of each model with intervals of coverage `level`, their covariance matrix and the test that all are equal.
pub fn delong_many(outcome: &[bool], models: &[ModelScore<'_>], level: f64) -> Result<AucsComparison, StatsError> {
    require_level(level)?;
    if models.len() < 2 {
        return Err(StatsError::TooFew { what: "number of models", needed: 2, found: models.len() });
    }
    let placed = models
        .iter()
        .map(|model| PlacedScore::new(outcome, model.score, model.orientation))
        .collect::<Result<Vec<_>, _>>()?;
    let zero = |_: usize, _: bool| 0;
    let covariance = covariance_matrix(outcome, &placed, zero)?;
    let first = &placed[0];
    let differences = covariance_matrix(outcome, &placed[1..], |unit, event| first.of_unit(unit, event))?;
    let aucs: Vec<Estimate> = placed.iter().map(|score| score.estimate(level)).collect();
    let values: Vec<f64> = placed[1..].iter().map(|score| score.counted().auc_minus(first.counted())).collect();
    let test = equality_test(&values, &differences)?;
    let covariance = (0..models.len()).map(|row| covariance.row(row).to_vec()).collect();
    Ok(AucsComparison { aucs, covariance, test })
}

/// DeLong covariances of the scores, each placement value less that of a reference.
fn covariance_matrix(
    outcome: &[bool],
    scores: &[PlacedScore],
    reference: impl Fn(usize, bool) -> i64,
) -> Result<Matrix, StatsError> {
    let size = scores.len();
    let mut products = vec![[Products::default(); 2]; size * size];
    let mut placements = vec![0; size];
    for (unit, event) in outcome.iter().enumerate() {
        let subtracted = reference(unit, *event);
        for (placement, score) in placements.iter_mut().zip(scores) {
            *placement = score.of_unit(unit, *event) - subtracted;
        }
        for row in 0..size {
            for column in 0..=row {
                products[row * size + column][usize::from(*event)].add(placements[row], placements[column]);
            }
        }
    }
    let mut matrix = Matrix::zeros(size, size);
    for row in 0..size {
        for column in 0..=row {
            let [negatives, positives] = &products[row * size + column];
            let Some(covariance) = delong_covariance(positives, negatives) else {
                return Err(too_few_of_a_class(outcome.iter().filter(|event| **event).count() as u64));
            };
            matrix.set(row, column, covariance);
            matrix.set(column, row, covariance);
        }
    }
    Ok(matrix)
}

/// χ² of the hypothesis that all `differences` are zero, on as many degrees of freedom as are independent.
fn equality_test(differences: &[f64], covariance: &Matrix) -> Result<Test, StatsError> {
    let mut kept: Vec<usize> = Vec::new();
    for candidate in 0..differences.len() {
        let variance = covariance.get(candidate, candidate);
        let Some(explained) = explained_by(candidate, &kept, differences, covariance)? else {
            kept.push(candidate);
            continue;
        };
        // Tolerance: what rounding of the solution can leave, on the scale of the differences.
        let slack = 1e-6 * variance.sqrt();
        if (differences[candidate] - explained).abs() > slack {
            return Err(StatsError::Undefined {
                what: "test of equal AUCs",
                why: "a difference is not zero but its estimated variance is",
            });
        }
    }
    let statistic = if kept.is_empty() {
        0.0
    } else {
        let (block, values) = block_of(&kept, differences, covariance);
        dot(&values, &Cholesky::new(&block, 0.0)?.solve(&values))
    };
    let df = kept.len() as f64;
    Ok(Test {
        statistic: Some(statistic),
        distribution: NullDistribution::ChiSquared { df },
        p_value: chi_squared_upper(statistic, df),
        alternative: Alternative::TwoSided,
        method: "DeLong, equality of several AUCs".into(),
    })
}

/// `None` if the candidate varies on its own; else the value that the differences kept so far imply for it.
fn explained_by(
    candidate: usize,
    kept: &[usize],
    differences: &[f64],
    covariance: &Matrix,
) -> Result<Option<f64>, StatsError> {
    let variance = covariance.get(candidate, candidate);
    if variance <= 0.0 {
        return Ok(Some(0.0));
    }
    if kept.is_empty() {
        return Ok(None);
    }
    let (block, values) = block_of(kept, differences, covariance);
    let with_kept: Vec<f64> = kept.iter().map(|index| covariance.get(*index, candidate)).collect();
    let weights = Cholesky::new(&block, 0.0)?.solve(&with_kept);
    let left = variance - dot(&weights, &with_kept);
    Ok((left <= DEPENDENT * variance).then(|| dot(&weights, &values)))
}

fn block_of(kept: &[usize], differences: &[f64], covariance: &Matrix) -> (Matrix, Vec<f64>) {
    let mut block = Matrix::zeros(kept.len(), kept.len());
    for (row, i) in kept.iter().enumerate() {
        for (column, j) in kept.iter().enumerate() {
            block.set(row, column, covariance.get(*i, *j));
        }
    }
    (block, kept.iter().map(|index| differences[*index]).collect())
}

#[cfg(test)]
mod tests {
    use super::super::delong::paired_delong;
    use super::*;

    const OUTCOME: [bool; 6] = [false, false, true, true, true, false];
    const A: [f64; 6] = [0.1, 0.4, 0.35, 0.8, 0.4, 0.4];
    const B: [f64; 6] = [1.0, 2.0, 6.0, 3.0, 5.0, 4.0];
    const C: [f64; 6] = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0];

    fn models<'a>(scores: &[&'a [f64]]) -> Vec<ModelScore<'a>> {
        scores.iter().map(|score| ModelScore { score, orientation: Orientation::HigherIsRisk }).collect()
    }

    fn degrees(test: &Test) -> f64 {
        let NullDistribution::ChiSquared { df } = test.distribution else { panic!() };
        df
    }

    #[test]
    fn two_models_give_the_square_of_z() {
        let higher = Orientation::HigherIsRisk;
        let pair = paired_delong(&OUTCOME, &A, higher, &B, higher, 0.95).unwrap();
        let many = delong_many(&OUTCOME, &models(&[&A, &B]), 0.95).unwrap();
        let z = pair.test.statistic.unwrap();
        assert!((many.test.statistic.unwrap() - z * z).abs() < 1e-14);
        assert!((many.test.p_value - pair.test.p_value).abs() < 1e-9);
        assert_eq!(many.covariance[0][1], pair.covariance);
        assert_eq!((&many.aucs[0], &many.aucs[1]), (&pair.auc_a, &pair.auc_b));
    }

    #[test]
    fn three_models_by_hand() {
        // d₁ = B − A and d₂ = C − A have the covariance matrix that S gives; solved by Cramer's rule.
        let many = delong_many(&OUTCOME, &models(&[&A, &B, &C]), 0.95).unwrap();
        let s = &many.covariance;
        let cov = |i: usize, j: usize| s[i][j] - s[i][0] - s[0][j] + s[0][0];
        let (d1, d2) = (many.aucs[1].value - many.aucs[0].value, many.aucs[2].value - many.aucs[0].value);
        let determinant = cov(1, 1) * cov(2, 2) - cov(1, 2) * cov(1, 2);
        let expected = (d1 * d1 * cov(2, 2) - 2.0 * d1 * d2 * cov(1, 2) + d2 * d2 * cov(1, 1)) / determinant;
        assert!((many.test.statistic.unwrap() - expected).abs() < 1e-12 * expected);
        assert_eq!(degrees(&many.test), 2.0);
        // On two degrees of freedom P = exp(−χ²/2).
        assert!((many.test.p_value - (-0.5 * expected).exp()).abs() < 1e-12);
    }

    #[test]
    fn the_order_of_the_models_does_not_matter() {
        let one = delong_many(&OUTCOME, &models(&[&A, &B, &C]), 0.95).unwrap().test.statistic.unwrap();
        let two = delong_many(&OUTCOME, &models(&[&C, &A, &B]), 0.95).unwrap().test.statistic.unwrap();
        assert!((one - two).abs() < 1e-12 * one);
    }

    #[test]
    fn a_model_given_twice_takes_no_degree_of_freedom() {
        let once = delong_many(&OUTCOME, &models(&[&A, &B, &C]), 0.95).unwrap().test;
        for scores in [[&A, &A, &B, &C], [&A, &B, &B, &C], [&A, &B, &C, &C]] {
            let twice = delong_many(&OUTCOME, &models(&scores.map(|score| score.as_slice())), 0.95).unwrap().test;
            assert!((once.statistic.unwrap() - twice.statistic.unwrap()).abs() < 1e-12);
            assert_eq!(degrees(&once), degrees(&twice));
        }
        let alike = delong_many(&OUTCOME, &models(&[&A, &A, &A]), 0.95).unwrap().test;
        assert_eq!((alike.statistic, alike.p_value, degrees(&alike)), (Some(0.0), 1.0, 0.0));
    }

    #[test]
    fn edge_cases() {
        let perfect = OUTCOME.map(f64::from);
        assert!(delong_many(&OUTCOME, &models(&[&perfect, &[1.0; 6]]), 0.95).is_err());
        assert!(delong_many(&OUTCOME, &models(&[&A]), 0.95).is_err());
        assert!(delong_many(&[true, false, false], &models(&[&A[..3], &B[..3]]), 0.95).is_err());
    }
}
