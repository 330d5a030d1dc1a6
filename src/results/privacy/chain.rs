//! Counts that only grow (events over time, subjects over thresholds), of which some are told: of any two that are told the
//! difference is a count too, of those between them, and must not be small either.

use super::Rule;

#[derive(Clone, Debug)]
pub(super) struct Chain {
    rule: Rule,
    told: Vec<usize>,
}

impl Chain {
    /// Both ends are told: nobody, and everybody who ever counts.
    pub fn to(total: usize, rule: Rule) -> Self {
        Self { rule, told: vec![0, total] }
    }

    pub fn fits(&self, count: usize) -> bool {
        !self.told.iter().any(|told| self.rule.is_small(told.abs_diff(count)))
    }

    pub fn tell(&mut self, count: usize) {
        if !self.told.contains(&count) {
            self.told.push(count);
        }
    }

    pub fn is_told(&self, count: usize) -> bool {
        self.told.contains(&count)
    }
}

/// Tells counts, each of the chain at its index, or none of them.
pub(super) fn offer(chains: &mut [Chain], counts: &[(usize, usize)]) -> bool {
    let fit = fits(chains, counts);
    if fit {
        counts.iter().for_each(|&(chain, count)| chains[chain].tell(count));
    }
    fit
}

pub(super) fn fits(chains: &[Chain], counts: &[(usize, usize)]) -> bool {
    counts.iter().all(|&(chain, count)| chains[chain].fits(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_differs_by_nobody_or_by_enough() {
        let mut chains = [Chain::to(20, Rule { minimum: 5 }), Chain::to(8, Rule { minimum: 5 })];
        assert!(!offer(&mut chains, &[(0, 3)]), "three since the start");
        assert!(!offer(&mut chains, &[(0, 17)]), "three until the end");
        assert!(offer(&mut chains, &[(0, 10), (1, 8)]));
        assert!(!offer(&mut chains, &[(0, 15), (1, 4)]), "one of two is small: none is told");
        assert!(!chains[0].is_told(15) && chains[0].is_told(10));
        assert!(!offer(&mut chains, &[(0, 12)]) && offer(&mut chains, &[(0, 10), (1, 0)]));
    }
}
