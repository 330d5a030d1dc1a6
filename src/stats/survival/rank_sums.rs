//! Weights by rank, with the sum of the weights on all lower ranks.
//!
//! A tree in which every node holds the sums of eight children side by side, one cache line to a node: with a million
//! ranks an addition or a sum touches seven lines, of which the upper five stay in the cache. (A Fenwick tree does the same
//! in twenty steps over as many lines.)

/// Children of a node, a power of two.
const FAN_OUT: usize = 8;
const SHIFT: u32 = FAN_OUT.trailing_zeros();

/// Sums of weights by rank.
pub(super) struct RankSums {
    /// The weights of the ranks, then the sums of each eight of the level before, and so on up to one node.
    levels: Vec<Vec<[f64; FAN_OUT]>>,
    total: f64,
}

/// The weight on lower, equal and higher ranks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Around {
    pub lower: f64,
    pub equal: f64,
    pub higher: f64,
}

impl RankSums {
    pub fn new(ranks: usize) -> Self {
        let mut levels = Vec::new();
        let mut width = ranks.max(1);
        loop {
            let nodes = width.div_ceil(FAN_OUT);
            levels.push(vec![[0.0; FAN_OUT]; nodes]);
            if nodes == 1 {
                return Self { levels, total: 0.0 };
            }
            width = nodes;
        }
    }

    pub fn add(&mut self, rank: usize, weight: f64) {
        self.total += weight;
        let mut at = rank;
        for level in &mut self.levels {
            level[at >> SHIFT][at % FAN_OUT] += weight;
            at >>= SHIFT;
        }
    }

    pub fn around(&self, rank: usize) -> Around {
        let equal = self.levels[0][rank >> SHIFT][rank % FAN_OUT];
        let mut lower = 0.0;
        let mut at = rank;
        for level in &self.levels {
            lower += before(&level[at >> SHIFT], at % FAN_OUT);
            at >>= SHIFT;
        }
        Around { lower, equal, higher: self.total - lower - equal }
    }
}

/// The sum of the first `count` values, without a branch on how many they are.
#[inline]
fn before(values: &[f64; FAN_OUT], count: usize) -> f64 {
    let mut lanes = [0.0; FAN_OUT / 2];
    for (lane, sum) in lanes.iter_mut().enumerate() {
        let near = if lane < count { values[lane] } else { 0.0 };
        let far = if lane + FAN_OUT / 2 < count { values[lane + FAN_OUT / 2] } else { 0.0 };
        *sum = near + far;
    }
    (lanes[0] + lanes[1]) + (lanes[2] + lanes[3])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::random::Seed;

    #[test]
    fn sums_are_those_of_a_plain_walk() {
        for ranks in [1, 7, 8, 9, 64, 65, 1000] {
            let mut stream = Seed::from_study(3).replicate(ranks as u64).stream();
            let mut sums = RankSums::new(ranks);
            let mut plain = vec![0.0; ranks];
            for _ in 0..300 {
                let rank = stream.below(ranks as u64) as usize;
                // Whole numbers, so that the order of additions rounds nothing; some are taken out again.
                let weight = stream.below(9) as f64 - 2.0;
                sums.add(rank, weight);
                plain[rank] += weight;
                let asked = stream.below(ranks as u64) as usize;
                let expected = Around {
                    lower: plain[..asked].iter().sum(),
                    equal: plain[asked],
                    higher: plain[asked + 1..].iter().sum(),
                };
                assert_eq!(sums.around(asked), expected, "{ranks} ranks, at {asked}");
            }
        }
    }
}
