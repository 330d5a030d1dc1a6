//! P-values adjusted for the number of hypotheses tested.
//!
//! With p₍₁₎ ≤ … ≤ p₍ₘ₎ sorted and m hypotheses, the adjusted values are
//! - Bonferroni: min(1, m p₍ᵢ₎);
//! - Holm (step down): max over j ≤ i of min(1, (m − j + 1) p₍ⱼ₎);
//! - Hochberg (step up): min over j ≥ i of (m − j + 1) p₍ⱼ₎;
//! - Hommel: the smallest level at which Simes' test rejects every intersection of hypotheses that contains i;
//! - Benjamini-Hochberg (step up): min over j ≥ i of (m / j) p₍ⱼ₎;
//! - Benjamini-Yekutieli: the same times 1 + 1/2 + … + 1/m.
//!
//! Bonferroni and Holm hold the family-wise error under any dependence, Hochberg and Hommel under the positive dependence
//! for which Simes' inequality holds; Benjamini-Hochberg holds the false discovery rate under positive regression
//! dependence, Benjamini-Yekutieli under any.
//! Input: P-values in [0, 1] in any order, all of one family; the result is in the order of the input. Ties get equal
//! results, and adjusted values are never below the raw ones nor above 1.
//! Edge cases: an empty family gives an empty result; a value outside [0, 1], or NaN, is an error with its position.
//! Cost: O(m log m), Hommel O(m²) in the worst case and O(m) memory.
//! Sources: Holm 1979 (jstor 4615733); Hochberg 1988 (doi:10.1093/biomet/75.4.800); Hommel 1988 (doi:10.1093/biomet/75.2.383);
//! Wright 1992 (doi:10.2307/2532694); Benjamini and Hochberg 1995 (doi:10.1111/j.2517-6161.1995.tb02031.x); Benjamini and
//! Yekutieli 2001 (doi:10.1214/aos/1013699998). Oracle: R 4.2.2 `p.adjust`.

use crate::stats::error::StatsError;
use serde::{Deserialize, Serialize};

/// How a family of P-values is adjusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MultiplicityMethod {
    /// m times the P-value.
    Bonferroni,
    /// Bonferroni, step down; the default.
    #[default]
    Holm,
    /// Holm's factors, step up.
    Hochberg,
    /// False discovery rate.
    BenjaminiHochberg,
    /// False discovery rate under any dependence.
    BenjaminiYekutieli,
    /// Closure of Simes' test.
    Hommel,
    /// As they are.
    None,
}

impl MultiplicityMethod {
    /// The name as a table's footnote prints it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Bonferroni => "Bonferroni",
            Self::Holm => "Holm",
            Self::Hochberg => "Hochberg",
            Self::BenjaminiHochberg => "Benjamini-Hochberg",
            Self::BenjaminiYekutieli => "Benjamini-Yekutieli",
            Self::Hommel => "Hommel",
            Self::None => "unadjusted",
        }
    }
}

/// The adjusted P-values of a family that is wholly given.
pub fn adjust(p: &[f64], method: MultiplicityMethod) -> Result<Vec<f64>, StatsError> {
    adjust_in_family(p, p.len(), method)
}

/// The adjusted P-values where the family has `hypotheses` members, of which only those in `p` are known; the others are
/// taken to be the largest. Hommel's needs the whole family.
pub fn adjust_in_family(p: &[f64], hypotheses: usize, method: MultiplicityMethod) -> Result<Vec<f64>, StatsError> {
    if let Some(index) = p.iter().position(|value| !(0.0..=1.0).contains(value)) {
        return Err(StatsError::InvalidAt { what: "P-value", index, expected: "between 0 and 1" });
    }
    if hypotheses < p.len() {
        return Err(StatsError::TooFew { what: "the family of hypotheses", needed: p.len(), found: hypotheses });
    }
    if method == MultiplicityMethod::Hommel && hypotheses > p.len() {
        return Err(StatsError::Undefined { what: "Hommel's adjustment", why: "it needs every P-value of the family" });
    }
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|left, right| p[*left].total_cmp(&p[*right]));
    let sorted: Vec<f64> = order.iter().map(|index| p[*index]).collect();
    let family = hypotheses as f64;
    // The factor of the P-value of rank 1, 2, …
    let by_rank = |factor: &dyn Fn(f64) -> f64| -> Vec<f64> {
        sorted.iter().zip(1_u32..).map(|(value, rank)| factor(f64::from(rank)) * value).collect()
    };
    let adjusted = match method {
        MultiplicityMethod::None => sorted,
        MultiplicityMethod::Bonferroni => by_rank(&|_| family),
        MultiplicityMethod::Holm => running_maximum(by_rank(&|rank| family - rank + 1.0)),
        MultiplicityMethod::Hochberg => running_minimum(by_rank(&|rank| family - rank + 1.0)),
        MultiplicityMethod::BenjaminiHochberg => running_minimum(by_rank(&|rank| family / rank)),
        MultiplicityMethod::BenjaminiYekutieli => {
            let harmonic = (1..=hypotheses).fold(0.0, |sum, k| sum + 1.0 / k as f64);
            running_minimum(by_rank(&|rank| harmonic * family / rank))
        }
        MultiplicityMethod::Hommel => hommel(&sorted),
    };
    let mut result = vec![0.0; p.len()];
    for (index, value) in order.into_iter().zip(adjusted) {
        // m/j · p may round below p.
        result[index] = value.min(1.0).max(p[index]);
    }
    Ok(result)
}

fn running_maximum(mut values: Vec<f64>) -> Vec<f64> {
    for index in 1..values.len() {
        values[index] = values[index].max(values[index - 1]);
    }
    values
}

fn running_minimum(mut values: Vec<f64>) -> Vec<f64> {
    for index in (1..values.len()).rev() {
        values[index - 1] = values[index - 1].min(values[index]);
    }
    values
}

/// Wright's algorithm: for each size of intersection the Simes level of its largest P-values, joined by each other one.
fn hommel(sorted: &[f64]) -> Vec<f64> {
    let m = sorted.len();
    let mut adjusted = sorted.to_vec();
    for size in (2..=m).rev() {
        // The intersection of this size that is hardest to reject holds the `size − 1` largest P-values beside i.
        let simes = (2..=size)
            .map(|rank| size as f64 * sorted[m - size + rank - 1] / rank as f64)
            .fold(f64::INFINITY, f64::min);
        for (index, value) in adjusted.iter_mut().enumerate() {
            // The one of first rank is i itself, or the smallest of the `size` largest where i is among them.
            let level = simes.min(size as f64 * sorted[index.min(m - size)]);
            *value = value.max(level);
        }
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    const METHODS: [MultiplicityMethod; 7] = [
        MultiplicityMethod::Bonferroni,
        MultiplicityMethod::Holm,
        MultiplicityMethod::Hochberg,
        MultiplicityMethod::BenjaminiHochberg,
        MultiplicityMethod::BenjaminiYekutieli,
        MultiplicityMethod::Hommel,
        MultiplicityMethod::None,
    ];

    #[test]
    fn by_hand() {
        let adjusted = adjust(&[0.04, 0.01, 0.03], MultiplicityMethod::Holm).unwrap();
        for (actual, expected) in adjusted.iter().zip([0.06, 0.03, 0.06]) {
            assert!((actual - expected).abs() < 1e-15);
        }
        let adjusted = adjust(&[0.04, 0.01, 0.03], MultiplicityMethod::BenjaminiHochberg).unwrap();
        for (actual, expected) in adjusted.iter().zip([0.04, 0.03, 0.04]) {
            assert!((actual - expected).abs() < 1e-15);
        }
    }

    /// Hommel's by its definition: over all intersections that contain i, the largest Simes P-value.
    #[test]
    fn hommel_is_the_closure_of_simes() {
        let p = [0.03, 0.002, 0.04, 0.011, 0.2, 0.03];
        let adjusted = adjust(&p, MultiplicityMethod::Hommel).unwrap();
        for (index, actual) in adjusted.iter().enumerate() {
            let mut largest: f64 = 0.0;
            for set in 1..(1_u32 << p.len()) {
                if set & (1 << index) == 0 {
                    continue;
                }
                let mut members: Vec<f64> = (0..p.len()).filter(|i| set & (1 << i) != 0).map(|i| p[i]).collect();
                members.sort_by(f64::total_cmp);
                let size = members.len() as f64;
                let simes = members.iter().zip(1..).map(|(p, rank)| size * p / f64::from(rank)).fold(1.0, f64::min);
                largest = largest.max(simes);
            }
            assert!((actual - largest).abs() < 1e-15, "{index}: {actual} {largest}");
        }
    }

    #[test]
    fn ends() {
        for method in METHODS {
            assert_eq!(adjust(&[], method), Ok(vec![]));
            assert_eq!(adjust(&[0.3], method), Ok(vec![0.3]));
            assert_eq!(adjust(&[0.0, 1.0], method), Ok(vec![0.0, 1.0]));
            assert!(adjust(&[0.1, f64::NAN], method).is_err() && adjust(&[-0.1], method).is_err());
        }
        assert_eq!(adjust_in_family(&[0.01], 20, MultiplicityMethod::Bonferroni), Ok(vec![0.2]));
        assert!(adjust_in_family(&[0.01], 20, MultiplicityMethod::Hommel).is_err());
        assert!(adjust_in_family(&[0.01, 0.02], 1, MultiplicityMethod::Holm).is_err());
    }
}
