//! Wilcoxon's signed rank test of paired values.
//!
//! Null hypothesis: the differences are symmetric about zero. Pairs without difference are dropped; the others are ranked by
//! size, tied ones sharing their mean rank. Statistic V: the rank sum of the positive differences.
//! - Exact: all 2ⁿ signs equally likely, ranks with their ties as they are; two-sided P is twice the smaller tail, at most 1.
//! - Normal: (V − n(n + 1)/4 − c)/σ with σ² = n(n + 1)(2n + 1)/24 − Σ(t³ − t)/48 and c as in the rank sum test.
//! - Automatic, as R: exact for fewer than 50 pairs without ties and without zeros, else normal, corrected.
//!
//! Sign: `Greater` means the first values are larger. Row order does not matter, bit for bit.
//! Edge cases: no pair with a difference is `Undefined`.
//! Source: Wilcoxon 1945 (doi:10.2307/3001968). Oracle: R 4.2.2 `wilcox.test(paired = TRUE)`.

use super::midranks::Midranks;
use super::wilcoxon::{WilcoxonMethod, continuity_step};
use crate::stats::distribution::{normal_lower, normal_two_sided, normal_upper};
use crate::stats::error::{StatsError, require_finite, require_same_length};
use crate::stats::estimate::{Alternative, NullDistribution, Test};

/// Pairs from which on the normal approximation is the default, and the most for which the exact one is given: its counts
/// of 2ⁿ signs must stay finite.
const EXACT_BELOW: usize = 50;
const EXACT_AT_MOST: usize = 1000;

/// Wilcoxon's signed rank test: `first[i]` and `second[i]` are of one unit.
pub fn wilcoxon_signed_rank(
    first: &[f64],
    second: &[f64],
    method: WilcoxonMethod,
    alternative: Alternative,
) -> Result<Test, StatsError> {
    require_same_length("first", first.len(), "second", second.len())?;
    require_finite("first", first)?;
    require_finite("second", second)?;
    let differences: Vec<f64> = first.iter().zip(second).map(|(left, right)| left - right).collect();
    let kept: Vec<f64> = differences.iter().copied().filter(|difference| *difference != 0.0).collect();
    if kept.is_empty() {
        return Err(StatsError::Undefined { what: "the signed rank test", why: "no pair has a difference" });
    }
    let sizes: Vec<f64> = kept.iter().map(|difference| difference.abs()).collect();
    let ranks = Midranks::new("differences", &[&sizes])?;
    let doubled: u64 = ranks.doubled[0].iter().zip(&kept).filter(|(_, d)| **d > 0.0).map(|(rank, _)| rank).sum();
    let plain = kept.len() == differences.len() && ranks.ties.is_empty() && kept.len() < EXACT_BELOW;
    match method {
        WilcoxonMethod::Exact => exact(&ranks, doubled, alternative),
        WilcoxonMethod::Automatic if plain => exact(&ranks, doubled, alternative),
        WilcoxonMethod::Automatic => Ok(normal(&ranks, doubled, true, alternative)),
        WilcoxonMethod::Normal { continuity } => Ok(normal(&ranks, doubled, continuity, alternative)),
    }
}

fn normal(ranks: &Midranks, doubled: u64, continuity: bool, alternative: Alternative) -> Test {
    let n = ranks.n as f64;
    let variance = n * (n + 1.0) * (2.0 * n + 1.0) / 24.0 - ranks.tie_sum() / 48.0;
    let distance = 0.5 * doubled as f64 - 0.25 * n * (n + 1.0);
    let z = (distance - if continuity { continuity_step(distance, alternative) } else { 0.0 }) / variance.sqrt();
    Test {
        statistic: Some(0.5 * doubled as f64),
        distribution: NullDistribution::Normal,
        p_value: match alternative {
            Alternative::TwoSided => normal_two_sided(z),
            Alternative::Greater => normal_upper(z),
            Alternative::Less => normal_lower(z),
        },
        alternative,
        method: if continuity { "Wilcoxon signed rank, continuity corrected" } else { "Wilcoxon signed rank, normal" }
            .into(),
    }
}

fn exact(ranks: &Midranks, doubled: u64, alternative: Alternative) -> Result<Test, StatsError> {
    if ranks.doubled[0].len() > EXACT_AT_MOST {
        return Err(StatsError::Undefined {
            what: "the exact signed rank test",
            why: "there are too many pairs for its exact distribution",
        });
    }
    // In how many ways the ranks with a positive sign add up to each sum, over 2ⁿ.
    let total: u64 = ranks.doubled[0].iter().sum();
    let mut share = vec![0.0; total as usize + 1];
    share[0] = 1.0;
    let mut sorted = ranks.doubled[0].clone();
    sorted.sort_unstable();
    for rank in sorted {
        let rank = rank as usize;
        for sum in (0..share.len()).rev() {
            let with = if sum >= rank { share[sum - rank] } else { 0.0 };
            share[sum] = 0.5 * (share[sum] + with);
        }
    }
    let tail = |range: &[f64]| range.iter().fold(0.0, |sum, share| sum + share);
    let (lower, upper) = (tail(&share[..=doubled as usize]), tail(&share[doubled as usize..]));
    Ok(Test {
        statistic: Some(0.5 * doubled as f64),
        distribution: NullDistribution::Exact,
        p_value: match alternative {
            Alternative::TwoSided => (2.0 * lower.min(upper)).min(1.0),
            Alternative::Greater => upper.min(1.0),
            Alternative::Less => lower.min(1.0),
        },
        alternative,
        method: "Wilcoxon signed rank, exact".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Differences 1, 2, −3: V = 3, ways to reach 0 … 6: 1 1 1 2 1 1 1 of 8.
        let test = |alternative| {
            wilcoxon_signed_rank(&[1.0, 2.0, 0.0], &[0.0, 0.0, 3.0], WilcoxonMethod::Automatic, alternative).unwrap()
        };
        assert_eq!((test(Alternative::TwoSided).statistic, test(Alternative::TwoSided).p_value), (Some(3.0), 1.0));
        assert_eq!(test(Alternative::Greater).p_value, 5.0 / 8.0);
    }

    #[test]
    fn zeros_are_dropped() {
        let same = wilcoxon_signed_rank(&[1.0, 2.0], &[1.0, 2.0], WilcoxonMethod::Exact, Alternative::TwoSided);
        assert!(matches!(same, Err(StatsError::Undefined { .. })));
        let one = wilcoxon_signed_rank(&[1.0, 3.0], &[1.0, 2.0], WilcoxonMethod::Exact, Alternative::Greater).unwrap();
        assert_eq!((one.statistic, one.p_value), (Some(1.0), 0.5));
    }
}
