//! Sets that hold others. What is left of a set beside smaller ones, which are told, is told as well.

use super::parts;
use crate::results::PartitionFacts;

/// What is told of when a set and smaller sets are.
#[derive(Clone, Debug)]
pub(super) struct View {
    /// The index of what is left: sets and remainders with the same parts are the same region.
    pub region: usize,
    /// The smaller sets, none of which shares a part with another; none for the set itself.
    pub less: Vec<usize>,
}

pub(super) struct Lattice {
    /// Of the sets, smaller ones first.
    pub order: Vec<usize>,
    /// Of each set, itself first.
    pub views: Vec<Vec<View>>,
    pub regions: usize,
}

impl Lattice {
    pub fn of<'a>(sets: impl Iterator<Item = &'a str>, partitions: &'a [PartitionFacts]) -> Self {
        let parts: Vec<Vec<&str>> = sets
            .map(|id| {
                let mut parts = parts(partitions, id);
                parts.sort_unstable();
                parts
            })
            .collect();
        let mut order: Vec<usize> = (0..parts.len()).collect();
        order.sort_by_key(|&at| parts[at].len());
        let mut regions: Vec<Vec<&str>> = Vec::new();
        let mut region = |parts: Vec<&'a str>| match regions.iter().position(|known| *known == parts) {
            Some(at) => at,
            None => {
                regions.push(parts);
                regions.len() - 1
            }
        };
        let mut views = Vec::with_capacity(parts.len());
        for whole in &parts {
            // Sets beside which parts are left over, added one after the other.
            let mut found: Vec<(Vec<&str>, Vec<usize>)> = vec![(whole.clone(), Vec::new())];
            for (inner, of_inner) in parts.iter().enumerate() {
                let further: Vec<(Vec<&str>, Vec<usize>)> = found
                    .iter()
                    .filter(|(left, _)| of_inner.len() < left.len() && of_inner.iter().all(|part| left.contains(part)))
                    .map(|(left, less)| {
                        let left = left.iter().copied().filter(|part| !of_inner.contains(part)).collect();
                        (left, less.iter().copied().chain([inner]).collect())
                    })
                    .collect();
                found.extend(further);
            }
            views.push(found.into_iter().map(|(left, less)| View { region: region(left), less }).collect());
        }
        Self { order, views, regions: regions.len() }
    }

    /// The smaller sets that a set holds.
    pub fn inner(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        self.views[at].iter().flat_map(|view| view.less.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_and_its_parts_tell_of_the_other_parts() {
        let part = |id: &str, union_of: &[&str]| PartitionFacts {
            id: id.to_string(),
            label: id.to_string(),
            says: String::new(),
            n: 0,
            outcomes: Vec::new(),
            union_of: union_of.iter().map(|part| part.to_string()).collect(),
        };
        let partitions = [part("a", &[]), part("b", &[]), part("c", &[]), part("all", &["a", "b", "c"])];
        let lattice = Lattice::of(["all", "a", "b"].into_iter(), &partitions);
        assert_eq!(lattice.order.last(), Some(&0));
        // All; b and c; a and c; c.
        let less: Vec<&[usize]> = lattice.views[0].iter().map(|view| view.less.as_slice()).collect();
        assert_eq!(less, [&[][..], &[1], &[2], &[1, 2]]);
        assert_eq!((lattice.views[1].len(), lattice.regions), (1, 6));
    }
}
