//! Jonckheere and Terpstra's test: whether values rise over ordered groups.
//!
//! Null hypothesis: all groups are drawn from one distribution; against it, that they shift in the order in which they are
//! given. Statistic J: the number of pairs from two groups in which the later group's value is larger, ties counting one
//! half. It is Kendall's S of group and value in another scale, J = (S + pairs)/2, and has its variance:
//! Var J = Var S/4, with the terms for ties in the values (the default) or without them. P by the normal approximation.
//! Sign: `Greater` means values rise. Row order does not matter, bit for bit.
//! Edge cases: fewer than two groups, an empty group and fewer than three values are errors; all values tied is `Undefined`.
//! Sources: Terpstra 1952; Jonckheere 1954 (doi:10.1093/biomet/41.1-2.133); Hollander, Wolfe and Chicken 2014, section 6.2.
//! Oracle: clinfun 1.1.5 `jonckheere.test`, which leaves the ties out of the variance.

use super::correlation::KendallScore;
use super::kruskal_wallis::require_groups;
use crate::stats::distribution::{normal_lower, normal_two_sided, normal_upper};
use crate::stats::error::{StatsError, require_finite};
use crate::stats::estimate::{Alternative, NullDistribution, Test};
use serde::{Deserialize, Serialize};

/// Whether ties in the values reduce the variance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TieCorrection {
    /// They do; the default.
    #[default]
    With,
    /// They do not, which is conservative.
    Without,
}

/// The Jonckheere-Terpstra test of groups in their declared order.
pub fn jonckheere_terpstra(
    groups: &[&[f64]],
    ties: TieCorrection,
    alternative: Alternative,
) -> Result<Test, StatsError> {
    require_groups(groups, 1)?;
    for group in groups {
        require_finite("values", group)?;
    }
    let n: usize = groups.iter().map(|group| group.len()).sum();
    if n < 3 {
        return Err(StatsError::TooFew { what: "all groups together", needed: 3, found: n });
    }
    let values: Vec<f64> = groups.iter().flat_map(|group| group.iter().copied()).collect();
    let group_of: Vec<f64> =
        groups.iter().enumerate().flat_map(|(index, group)| std::iter::repeat_n(index as f64, group.len())).collect();
    let kendall = KendallScore::of(&group_of, &values)?;
    let whole = |size: f64| size * (size - 1.0) * (2.0 * size + 5.0);
    let variance = match ties {
        TieCorrection::With => kendall.variance,
        TieCorrection::Without => {
            (whole(n as f64) - groups.iter().fold(0.0, |sum, group| sum + whole(group.len() as f64))) / 18.0
        }
    };
    let z = kendall.score / variance.sqrt();
    Ok(Test {
        statistic: Some(0.5 * (kendall.score + kendall.pairs - kendall.tied_x)),
        distribution: NullDistribution::Normal,
        p_value: match alternative {
            Alternative::TwoSided => normal_two_sided(z),
            Alternative::Greater => normal_upper(z),
            Alternative::Less => normal_lower(z),
        },
        alternative,
        method: "Jonckheere-Terpstra".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::baseline::wilcoxon::{WilcoxonMethod, wilcoxon_rank_sum};

    #[test]
    fn by_hand() {
        // {1, 3}, {2, 5}, {4, 6}: of twelve pairs 3 > 2 and 5 > 4 fall. Without ties Var J = (N²(2N + 3) − Σn²(2n + 3))/72.
        let test =
            jonckheere_terpstra(&[&[3.0, 1.0], &[2.0, 5.0], &[4.0, 6.0]], TieCorrection::With, Alternative::Greater);
        let test = test.unwrap();
        assert_eq!(test.statistic, Some(10.0));
        let variance: f64 = (36.0 * 15.0 - 3.0 * 4.0 * 7.0) / 72.0;
        assert!((test.p_value - normal_upper(4.0 / variance.sqrt())).abs() < 1e-15);
    }

    #[test]
    fn two_groups_are_the_rank_sum_test() {
        let (first, second) = ([1.0, 2.0, 2.0, 3.0], [2.0, 3.0, 5.0]);
        let ours = jonckheere_terpstra(&[&first, &second], TieCorrection::With, Alternative::TwoSided).unwrap();
        let method = WilcoxonMethod::Normal { continuity: false };
        let theirs = wilcoxon_rank_sum(&second, &first, method, Alternative::TwoSided).unwrap();
        assert_eq!(ours.statistic, theirs.statistic);
        assert!((ours.p_value - theirs.p_value).abs() < 1e-14);
        assert!(jonckheere_terpstra(&[&[1.0, 1.0], &[1.0]], TieCorrection::With, Alternative::Less).is_err());
    }
}
