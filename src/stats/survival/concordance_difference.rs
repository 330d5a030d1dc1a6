//! The difference between the concordances of two scores of the same subjects.
//!
//! Estimand: C of the first score less C of the second, Harrell's or Uno's (see [`super::concordance`]).
//! Formula: its variance is Σ (a_i - b_i)² over rows, or over clusters summed first, a and b being the influences of the two
//! scores: the infinitesimal jackknife, with the time weights taken as known. z = difference / standard error.
//! Assumptions, shapes, ties, missing values, row order: as for one concordance. Higher scores mean an earlier event.
//! Edge cases: scores that rank all comparable subjects alike differ by 0 with standard error 0 and have no test.
//! Source: Therneau and Watson 2015, The concordance statistic and the Cox model (Mayo Clinic technical report 85).
//! Oracle: R survival 3.5-3, `concordance(Surv(time, status) ~ a + b)`: difference of the coefficients, c(1, -1)' vcov c(1, -1).

use super::concordance::{ConcordanceInput, ConcordanceOptions, concordance_influence};
use crate::stats::distribution::{normal_critical, normal_two_sided};
use crate::stats::error::StatsError;
use crate::stats::estimate::{Alternative, Estimate, NullDistribution, Test};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const METHOD: &str = "paired, infinitesimal jackknife";

/// Two concordances and their difference, first less second.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConcordanceDifference {
    pub first: Estimate,
    pub second: Estimate,
    pub difference: Estimate,
    /// Absent where the scores rank all comparable subjects alike.
    pub test: Option<Test>,
}

/// Compares the score of `input` with another of the same rows.
pub fn concordance_difference(
    input: &ConcordanceInput,
    second: &[f64],
    options: &ConcordanceOptions,
) -> Result<ConcordanceDifference, StatsError> {
    let first = concordance_influence(input, options)?;
    let second = concordance_influence(&ConcordanceInput { risk: second, ..*input }, options)?;
    let apart = first.influence.iter().zip(&second.influence).map(|(first, second)| first - second);
    let mut squares: Vec<f64> = match input.cluster {
        None => apart.map(|apart| apart * apart).collect(),
        Some(cluster) => {
            // Summed in the order of their size, whatever the order of the rows.
            let mut of_cluster: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
            for (label, apart) in cluster.iter().zip(apart) {
                of_cluster.entry(*label).or_default().push(apart);
            }
            of_cluster
                .into_values()
                .map(|mut parts| {
                    parts.sort_unstable_by(f64::total_cmp);
                    parts.iter().sum::<f64>().powi(2)
                })
                .collect()
        }
    };
    squares.sort_unstable_by(f64::total_cmp);
    let error = squares.iter().sum::<f64>().sqrt();
    let (first, second) = (first.concordance.c, second.concordance.c);
    let value = first.value - second.value;
    let margin = normal_critical(options.level) * error;
    let difference = Estimate::new(value, input.time.len()).with_standard_error(error).with_interval(
        (value - margin).max(-1.0),
        (value + margin).min(1.0),
        options.level,
        METHOD,
    );
    let test = (error > 0.0).then(|| Test {
        statistic: Some(value / error),
        distribution: NullDistribution::Normal,
        p_value: normal_two_sided(value / error),
        alternative: Alternative::TwoSided,
        method: "concordance, paired, infinitesimal jackknife".into(),
    });
    Ok(ConcordanceDifference { first, second, difference, test })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: [f64; 6] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    const EVENT: [bool; 6] = [true, true, false, true, true, false];
    const SCORE: [f64; 6] = [2.0, 3.0, 1.0, 1.5, 0.5, 0.2];

    #[test]
    fn a_score_against_itself_and_against_its_opposite() {
        let input = ConcordanceInput::new(&TIME, &EVENT, &SCORE);
        let options = ConcordanceOptions::default();
        let same = concordance_difference(&input, &SCORE, &options).unwrap();
        assert_eq!((same.difference.value, same.difference.standard_error, same.test), (0.0, Some(0.0), None));
        // C of the opposite is 1 - C and its influence the opposite: the difference is 2 C - 1, its error twice that of C.
        let opposite = SCORE.map(|score| -score);
        let result = concordance_difference(&input, &opposite, &options).unwrap();
        assert!((result.difference.value - (2.0 * result.first.value - 1.0)).abs() < 1e-15);
        let twice = 2.0 * result.first.standard_error.unwrap();
        assert!((result.difference.standard_error.unwrap() - twice).abs() < 1e-15);
    }

    #[test]
    fn exchanged_scores_change_the_sign() {
        let options = ConcordanceOptions::default();
        let other = [1.0, 3.0, 2.0, 0.5, 0.7, 0.1];
        let one = concordance_difference(&ConcordanceInput::new(&TIME, &EVENT, &SCORE), &other, &options).unwrap();
        let two = concordance_difference(&ConcordanceInput::new(&TIME, &EVENT, &other), &SCORE, &options).unwrap();
        assert_eq!(one.difference.value, -two.difference.value);
        assert_eq!(one.difference.standard_error, two.difference.standard_error);
    }

    #[test]
    fn rows_that_are_their_own_clusters_change_nothing() {
        let options = ConcordanceOptions::default();
        let other = [1.0, 3.0, 2.0, 0.5, 0.7, 0.1];
        let input = ConcordanceInput::new(&TIME, &EVENT, &SCORE);
        let clustered = ConcordanceInput { cluster: Some(&[9, 1, 4, 3, 8, 2]), ..input };
        let (one, two) = (
            concordance_difference(&input, &other, &options).unwrap(),
            concordance_difference(&clustered, &other, &options).unwrap(),
        );
        let error = |result: &ConcordanceDifference| result.difference.standard_error.unwrap();
        assert!((error(&one) - error(&two)).abs() < 1e-15);
    }
}
