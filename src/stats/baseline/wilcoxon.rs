//! Wilcoxon's rank sum test (Mann-Whitney).
//!
//! Null hypothesis: both groups are drawn from one distribution. Statistic W = (rank sum of the first group)
//! − n₁(n₁ + 1)/2: the number of pairs in which the first value is larger, ties counting one half.
//! - Exact: the distribution of W over all ways to choose n₁ of the pooled values, with their ties as they are. Two-sided
//!   P = P(|W − E| ≥ |w − E|), which without ties is twice the smaller tail.
//! - Normal: (W − n₁n₂/2 − c)/σ with σ² = n₁n₂/12 · (N + 1) · (1 − Σ(t³ − t)/(N³ − N)), and c the half step of the
//!   continuity correction towards the mean (two-sided) or against the alternative.
//! - Automatic, as R: exact where both groups have fewer than 50 values and nothing is tied, else normal, corrected.
//!
//! Sign: `Greater` means the first group's values are larger. Row order does not matter, bit for bit.
//! Edge cases: an empty group is an error; all values tied is `Undefined` for the normal test and P = 1 for the exact one.
//! The exact test refuses sizes whose table would not fit the work limit (some 10^9 additions).
//! Sources: Wilcoxon 1945 (doi:10.2307/3001968); Mann and Whitney 1947 (doi:10.1214/aoms/1177730491); Streitberg and
//! Röhmel 1986 (shift algorithm). Oracle: R 4.2.2 `wilcox.test`; exactRankTests 0.8.35 `wilcox.exact` where tied.

use super::midranks::Midranks;
use crate::stats::distribution::{ln_choose, normal_lower, normal_two_sided, normal_upper};
use crate::stats::error::StatsError;
use crate::stats::estimate::{Alternative, NullDistribution, Test};
use serde::{Deserialize, Serialize};

/// How the P-value is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "method")]
pub enum WilcoxonMethod {
    /// Exact for small groups without ties, else normal with continuity correction; the default.
    #[default]
    Automatic,
    /// The permutation distribution, given the ties.
    Exact,
    /// The normal approximation with tie correction.
    Normal {
        /// Whether W is moved by one half.
        continuity: bool,
    },
}

/// Groups of at least this size get the normal approximation by default.
const EXACT_BELOW: usize = 50;

/// Additions that the exact distribution may take.
const WORK_LIMIT: f64 = 2e9;

/// Wilcoxon's rank sum test of two groups.
pub fn wilcoxon_rank_sum(
    first: &[f64],
    second: &[f64],
    method: WilcoxonMethod,
    alternative: Alternative,
) -> Result<Test, StatsError> {
    for (what, group) in [("first group", first), ("second group", second)] {
        if group.is_empty() {
            return Err(StatsError::Empty { what });
        }
    }
    let ranks = Midranks::new("values", &[first, second])?;
    let small = first.len() < EXACT_BELOW && second.len() < EXACT_BELOW;
    match method {
        WilcoxonMethod::Exact => exact(&ranks, alternative),
        WilcoxonMethod::Automatic if small && ranks.ties.is_empty() => exact(&ranks, alternative),
        WilcoxonMethod::Automatic => normal(&ranks, true, alternative),
        WilcoxonMethod::Normal { continuity } => normal(&ranks, continuity, alternative),
    }
}

/// W itself.
fn statistic(ranks: &Midranks) -> f64 {
    let n = ranks.doubled[0].len() as f64;
    0.5 * ranks.doubled_sum(0) as f64 - 0.5 * n * (n + 1.0)
}

fn normal(ranks: &Midranks, continuity: bool, alternative: Alternative) -> Result<Test, StatsError> {
    let (first, second) = (ranks.doubled[0].len() as f64, ranks.doubled[1].len() as f64);
    let n = ranks.n as f64;
    let variance = first * second / 12.0 * (n + 1.0) * ranks.tie_factor();
    if variance <= 0.0 {
        return Err(StatsError::Undefined { what: "the rank sum test", why: "all values are tied" });
    }
    let distance = statistic(ranks) - 0.5 * first * second;
    let z = (distance - if continuity { continuity_step(distance, alternative) } else { 0.0 }) / variance.sqrt();
    let p_value = match alternative {
        Alternative::TwoSided => normal_two_sided(z),
        Alternative::Greater => normal_upper(z),
        Alternative::Less => normal_lower(z),
    };
    Ok(Test {
        statistic: Some(statistic(ranks)),
        distribution: NullDistribution::Normal,
        p_value,
        alternative,
        method: if continuity { "Wilcoxon rank sum, continuity corrected" } else { "Wilcoxon rank sum, normal" }.into(),
    })
}

/// Half a step: towards the mean, or against the alternative; none at the mean itself.
pub(super) fn continuity_step(distance: f64, alternative: Alternative) -> f64 {
    match alternative {
        Alternative::TwoSided if distance == 0.0 => 0.0,
        Alternative::TwoSided => 0.5 * distance.signum(),
        Alternative::Greater => 0.5,
        Alternative::Less => -0.5,
    }
}

fn exact(ranks: &Midranks, alternative: Alternative) -> Result<Test, StatsError> {
    // The smaller group's sum is followed; the other one's is the rest.
    let followed = usize::from(ranks.doubled[1].len() < ranks.doubled[0].len());
    let chosen = ranks.doubled[followed].len();
    let mut scores: Vec<u64> = ranks.doubled.iter().flatten().copied().collect();
    scores.sort_unstable();
    let largest_sum: u64 = scores.iter().rev().take(chosen).sum();
    let work = scores.len() as f64 * chosen as f64 * largest_sum as f64;
    if work > WORK_LIMIT || ln_choose(ranks.n, chosen as u64) > 690.0 {
        return Err(StatsError::Undefined {
            what: "the exact rank sum test",
            why: "the groups are too large for their exact distribution",
        });
    }
    let ways = subset_sums(&scores, chosen, largest_sum as usize);
    let total = ways.iter().fold(0.0, |sum, count| sum + count);
    let observed = ranks.doubled_sum(followed);
    // Twice the mean of the doubled sum: chosen · (N + 1) · 2, whole.
    let twice_mean = 2 * chosen as u64 * (ranks.n + 1);
    let distance = (2 * observed).abs_diff(twice_mean);
    // A larger sum of the followed group speaks for the first group only if it is the first one.
    let upper = (alternative == Alternative::Greater) == (followed == 0);
    let counts = |sum: u64| match alternative {
        Alternative::TwoSided => (2 * sum).abs_diff(twice_mean) >= distance,
        _ if upper => sum >= observed,
        _ => sum <= observed,
    };
    let favourable = ways.iter().zip(0_u64..).filter(|(_, sum)| counts(*sum)).fold(0.0, |sum, (count, _)| sum + count);
    Ok(Test {
        statistic: Some(statistic(ranks)),
        distribution: NullDistribution::Exact,
        p_value: (favourable / total).min(1.0),
        alternative,
        method: "Wilcoxon rank sum, exact".into(),
    })
}

/// In how many ways `chosen` of the scores add up to 0, 1, 2, … `largest`. Additions only, so nothing cancels.
fn subset_sums(scores: &[u64], chosen: usize, largest: usize) -> Vec<f64> {
    let mut ways = vec![vec![0.0; largest + 1]; chosen + 1];
    ways[0][0] = 1.0;
    let mut reached = 0;
    for (taken, score) in scores.iter().enumerate() {
        let score = *score as usize;
        reached = (reached + score).min(largest);
        for size in (1..=chosen.min(taken + 1)).rev() {
            let (fewer, more) = ways.split_at_mut(size);
            let (from, to) = (&fewer[size - 1], &mut more[0]);
            for sum in score..=reached {
                to[sum] += from[sum - score];
            }
        }
    }
    ways.swap_remove(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Ranks 1, 2 against 3, 4, 5: W = 0, one of the ten choices, two-sided 2/10.
        let test = wilcoxon_rank_sum(&[2.0, 1.0], &[5.0, 3.0, 4.0], WilcoxonMethod::Exact, Alternative::TwoSided);
        let test = test.unwrap();
        assert_eq!((test.statistic, test.p_value), (Some(0.0), 0.2));
        let less = wilcoxon_rank_sum(&[2.0, 1.0], &[5.0, 3.0, 4.0], WilcoxonMethod::Automatic, Alternative::Less);
        assert_eq!(less.unwrap().p_value, 0.1);
        let greater = wilcoxon_rank_sum(&[5.0, 3.0, 4.0], &[2.0, 1.0], WilcoxonMethod::Exact, Alternative::Greater);
        assert_eq!(greater.unwrap().p_value, 0.1);
        // Ties: 1, 2 against 2, 3. Sums of two of {1, 2.5, 2.5, 4}: 3.5 3.5 5 5 6.5 6.5; all but 5 as far as 3.5.
        let tied = wilcoxon_rank_sum(&[1.0, 2.0], &[2.0, 3.0], WilcoxonMethod::Exact, Alternative::TwoSided).unwrap();
        assert!((tied.p_value - 4.0 / 6.0).abs() < 1e-15);
    }

    #[test]
    fn all_tied() {
        let normal = wilcoxon_rank_sum(&[1.0; 3], &[1.0; 4], WilcoxonMethod::Automatic, Alternative::TwoSided);
        assert!(matches!(normal, Err(StatsError::Undefined { .. })));
        let exact = wilcoxon_rank_sum(&[1.0; 3], &[1.0; 4], WilcoxonMethod::Exact, Alternative::TwoSided).unwrap();
        assert_eq!((exact.statistic, exact.p_value), (Some(6.0), 1.0));
        assert!(wilcoxon_rank_sum(&[], &[1.0], WilcoxonMethod::Exact, Alternative::TwoSided).is_err());
    }

    #[test]
    fn exact_refuses_what_it_cannot_hold() {
        let many: Vec<f64> = (0..3000).map(f64::from).collect();
        let test = wilcoxon_rank_sum(&many, &many, WilcoxonMethod::Exact, Alternative::TwoSided);
        assert!(matches!(test, Err(StatsError::Undefined { .. })));
        assert!(wilcoxon_rank_sum(&many, &many, WilcoxonMethod::Automatic, Alternative::TwoSided).is_ok());
    }
}
