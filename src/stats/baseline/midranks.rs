//! Ranks of pooled groups, tied values sharing the mean of theirs.
//!
//! Ranks are kept doubled, so that they are whole numbers: sums of them are exact and do not depend on any order.

use crate::stats::error::{StatsError, require_finite};

/// The ranks of several groups in their union.
#[derive(Clone, Debug, PartialEq)]
pub struct Midranks {
    /// Twice the rank of each value, by group and in the group's own order.
    pub doubled: Vec<Vec<u64>>,
    /// Sizes of the sets of tied values, of those with more than one.
    pub ties: Vec<u64>,
    /// Number of values.
    pub n: u64,
}

impl Midranks {
    /// Ranks the union of `groups`.
    pub fn new(what: &'static str, groups: &[&[f64]]) -> Result<Self, StatsError> {
        for group in groups {
            require_finite(what, group)?;
        }
        let mut pooled: Vec<(f64, usize, usize)> = Vec::with_capacity(groups.iter().map(|group| group.len()).sum());
        for (g, group) in groups.iter().enumerate() {
            // Adding 0 turns −0 into 0: the two are tied.
            pooled.extend(group.iter().enumerate().map(|(i, value)| (value + 0.0, g, i)));
        }
        pooled.sort_by(|left, right| left.0.total_cmp(&right.0));
        let mut doubled: Vec<Vec<u64>> = groups.iter().map(|group| vec![0; group.len()]).collect();
        let mut ties = Vec::new();
        let mut below = 0_u64;
        for tied in pooled.chunk_by(|left, right| left.0 == right.0) {
            let size = tied.len() as u64;
            for (_, g, i) in tied {
                doubled[*g][*i] = 2 * below + size + 1;
            }
            if size > 1 {
                ties.push(size);
            }
            below += size;
        }
        Ok(Self { doubled, ties, n: below })
    }

    /// Sum of one group's doubled ranks.
    pub fn doubled_sum(&self, group: usize) -> u64 {
        self.doubled[group].iter().sum()
    }

    /// Σ(t³ − t) over the sets of tied values.
    pub fn tie_sum(&self) -> f64 {
        self.ties.iter().fold(0.0, |sum, size| {
            let size = *size as f64;
            sum + size * (size * size - 1.0)
        })
    }

    /// 1 − Σ(t³ − t)/(n³ − n): the share of the ranks' variance that the ties leave.
    pub fn tie_factor(&self) -> f64 {
        let n = self.n as f64;
        if self.ties.first() == Some(&self.n) { 0.0 } else { 1.0 - self.tie_sum() / (n * (n * n - 1.0)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // 1, 2, 2, 3 with one 2 in each group: ranks 1, 2.5, 2.5, 4.
        let ranks = Midranks::new("x", &[&[2.0, 1.0], &[3.0, 2.0]]).unwrap();
        assert_eq!(ranks.doubled, vec![vec![5, 2], vec![8, 5]]);
        assert_eq!((ranks.ties.as_slice(), ranks.tie_sum(), ranks.tie_factor()), ([2].as_slice(), 6.0, 0.9));
        let zeros = Midranks::new("x", &[&[0.0], &[-0.0]]).unwrap();
        assert_eq!((zeros.doubled_sum(0), zeros.tie_factor()), (3, 0.0));
    }
}
