//! Sums over all pairs of a sequence, by which of the two has the higher rank.
//!
//! Every item learns the weight of the later ones, and of the earlier ones, whose ranks are lower than, equal to and higher
//! than its own. A merge sort by rank counts them: when two sorted halves are merged, what was taken from the one half
//! before an item of the other is what lies below it. So memory is read in its order, where a tree over the ranks would miss
//! the cache at each of its levels; time n log n, memory linear. Sums have one order, whatever the number of threads.

/// Below this many items, each is held against each.
const FEW: usize = 12;
/// From this many items on the two halves are sorted on threads of their own.
const MANY: usize = 1 << 15;

/// One item of a sequence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    pub rank: u32,
    /// Items of one group stand side by side, by rising rank, and are not compared with each other.
    pub group: u32,
    /// Its weight for later items.
    pub as_earlier: f64,
    /// Its weight for earlier items.
    pub as_later: f64,
}

/// The weight on lower, equal and higher ranks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Around {
    pub lower: f64,
    pub equal: f64,
    pub higher: f64,
}

impl Around {
    /// Leaves out those that are counted in `part`.
    pub fn take_away(&mut self, part: &Around) {
        self.lower -= part.lower;
        self.equal -= part.equal;
        self.higher -= part.higher;
    }
}

/// What one item has before and behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Others {
    pub earlier: Around,
    pub later: Around,
}

/// An item on its way to its place by rank.
#[derive(Clone, Copy, Debug, Default)]
struct Moving {
    rank: u32,
    at: u32,
    as_earlier: f64,
    as_later: f64,
    earlier_not_higher: f64,
    later_lower: f64,
}

/// The others of each item, in the order of the sequence.
pub(super) fn compare_all(items: &[Item]) -> Vec<Others> {
    let mut sorted: Vec<Moving> = items
        .iter()
        .enumerate()
        .map(|(at, item)| Moving {
            rank: item.rank,
            at: at as u32,
            as_earlier: item.as_earlier,
            as_later: item.as_later,
            ..Moving::default()
        })
        .collect();
    sort(items, &mut sorted.clone(), &mut sorted);
    let mut others = vec![Others::default(); items.len()];
    for equal in sorted.chunk_by(|a, b| a.rank == b.rank) {
        of_equal_rank(items, equal, &mut others);
    }
    add_higher(items, &mut others);
    others
}

/// Sorts `from` by rank into `to`, stable; both hold the same items in the order of the sequence.
fn sort(items: &[Item], from: &mut [Moving], to: &mut [Moving]) {
    let length = from.len();
    if length <= FEW {
        return sort_few(items, to);
    }
    let Some(middle) = cut(items, from[0].at as usize, length) else {
        // One group: its ranks rise already.
        return;
    };
    let (from_left, from_right) = from.split_at_mut(middle);
    let (to_left, to_right) = to.split_at_mut(middle);
    if length >= MANY {
        rayon::join(|| sort(items, to_left, from_left), || sort(items, to_right, from_right));
    } else {
        sort(items, to_left, from_left);
        sort(items, to_right, from_right);
    }
    merge(&from[..middle], &from[middle..], to);
}

/// Where the items from `start` on are divided: near the middle, and not within a group.
fn cut(items: &[Item], start: usize, length: usize) -> Option<usize> {
    let group = |at: usize| items[start + at].group;
    let inside = |at: usize| at > 0 && at < length && group(at) == group(at - 1);
    let middle = length / 2;
    let before = (0..=middle).rev().find(|at| !inside(*at)).unwrap_or(0);
    let behind = (middle..=length).find(|at| !inside(*at)).unwrap_or(length);
    let nearest = if middle - before <= behind - middle { [before, behind] } else { [behind, before] };
    nearest.into_iter().find(|at| *at > 0 && *at < length)
}

/// Insertion sort; each new item is later than all before it.
fn sort_few(items: &[Item], sorted: &mut [Moving]) {
    for next in 1..sorted.len() {
        let mut item = sorted[next];
        let group = items[item.at as usize].group;
        let mut place = next;
        for position in (0..next).rev() {
            let other = &mut sorted[position];
            let compared = items[other.at as usize].group != group;
            if other.rank > item.rank {
                if compared {
                    other.later_lower += item.as_later;
                }
                place = position;
            } else if compared {
                item.earlier_not_higher += other.as_earlier;
            }
        }
        sorted.copy_within(place..next, place + 1);
        sorted[place] = item;
    }
}

/// Merges two sorted runs, of which the left is the earlier.
fn merge(left: &[Moving], right: &[Moving], to: &mut [Moving]) {
    let (mut taken_left, mut taken_right) = (0, 0);
    let (mut earlier, mut later) = (0.0, 0.0);
    let (both, rest) = {
        let mut filled = 0;
        while taken_left < left.len() && taken_right < right.len() {
            let (one, other) = (&left[taken_left], &right[taken_right]);
            let from_left = one.rank <= other.rank;
            // Without a branch: which side comes next cannot be foreseen.
            let mut item = if from_left { *one } else { *other };
            item.later_lower += if from_left { later } else { 0.0 };
            item.earlier_not_higher += if from_left { 0.0 } else { earlier };
            earlier += if from_left { item.as_earlier } else { 0.0 };
            later += if from_left { 0.0 } else { item.as_later };
            taken_left += usize::from(from_left);
            taken_right += usize::from(!from_left);
            to[filled] = item;
            filled += 1;
        }
        to.split_at_mut(filled)
    };
    debug_assert_eq!(both.len(), taken_left + taken_right);
    let remain = left[taken_left..].iter().map(|item| Moving { later_lower: item.later_lower + later, ..*item });
    let remain = remain.chain(
        right[taken_right..]
            .iter()
            .map(|item| Moving { earlier_not_higher: item.earlier_not_higher + earlier, ..*item }),
    );
    for (place, item) in rest.iter_mut().zip(remain) {
        *place = item;
    }
}

/// `equal`: all items of one rank, in the order of the sequence.
fn of_equal_rank(items: &[Item], equal: &[Moving], others: &mut [Others]) {
    let group = |item: &Moving| items[item.at as usize].group;
    let mut before = 0.0;
    for alike in equal.chunk_by(|a, b| group(a) == group(b)) {
        for item in alike {
            let earlier = &mut others[item.at as usize].earlier;
            *earlier = Around { lower: item.earlier_not_higher - before, equal: before, higher: 0.0 };
        }
        before += alike.iter().map(|item| item.as_earlier).sum::<f64>();
    }
    let mut behind = 0.0;
    let mut end = equal.len();
    while end > 0 {
        let last = group(&equal[end - 1]);
        let start = equal[..end].iter().rposition(|item| group(item) != last).map_or(0, |at| at + 1);
        for item in &equal[start..end] {
            others[item.at as usize].later = Around { lower: item.later_lower, equal: behind, higher: 0.0 };
        }
        behind += equal[start..end].iter().map(|item| item.as_later).sum::<f64>();
        end = start;
    }
}

/// What is neither lower nor equal is higher.
fn add_higher(items: &[Item], others: &mut [Others]) {
    let (mut start, mut before) = (0, 0.0);
    for group in items.chunk_by(|a, b| a.group == b.group) {
        let end = start + group.len();
        for others in &mut others[start..end] {
            others.earlier.higher = before - others.earlier.lower - others.earlier.equal;
        }
        before += group.iter().map(|item| item.as_earlier).sum::<f64>();
        start = end;
    }
    let (mut end, mut behind) = (items.len(), 0.0);
    while end > 0 {
        let start = items[..end].iter().rposition(|item| item.group != items[end - 1].group).map_or(0, |at| at + 1);
        for others in &mut others[start..end] {
            others.later.higher = behind - others.later.lower - others.later.equal;
        }
        behind += items[start..end].iter().map(|item| item.as_later).sum::<f64>();
        end = start;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::random::Seed;

    /// Pair by pair.
    fn plainly(items: &[Item]) -> Vec<Others> {
        let add = |around: &mut Around, own: u32, rank: u32, weight: f64| match rank.cmp(&own) {
            std::cmp::Ordering::Less => around.lower += weight,
            std::cmp::Ordering::Equal => around.equal += weight,
            std::cmp::Ordering::Greater => around.higher += weight,
        };
        let mut others = vec![Others::default(); items.len()];
        for (at, item) in items.iter().enumerate() {
            for (place, other) in items.iter().enumerate().filter(|(_, other)| other.group != item.group) {
                if place < at {
                    add(&mut others[at].earlier, item.rank, other.rank, other.as_earlier);
                } else {
                    add(&mut others[at].later, item.rank, other.rank, other.as_later);
                }
            }
        }
        others
    }

    #[test]
    fn sums_are_those_of_all_pairs() {
        for (seed, (length, ranks, largest_group)) in
            [(1, 3, 1), (9, 4, 3), (40, 7, 20), (300, 50, 4), (300, 300, 150), (777, 2000, 1), (500, 20, 500)]
                .into_iter()
                .enumerate()
        {
            let mut stream = Seed::from_study(3).replicate(seed as u64).stream();
            let mut items: Vec<Item> = Vec::new();
            while items.len() < length {
                let size = 1 + stream.below(largest_group) as usize;
                let group = items.len() as u32;
                // Whole numbers, so that the order of additions rounds nothing.
                let mut tied: Vec<Item> = (0..size)
                    .map(|_| Item {
                        rank: stream.below(ranks) as u32,
                        group,
                        as_earlier: stream.below(3) as f64,
                        as_later: stream.below(4) as f64,
                    })
                    .collect();
                tied.sort_by_key(|item| item.rank);
                items.extend(tied);
            }
            assert_eq!(
                compare_all(&items),
                plainly(&items),
                "{length} items, {ranks} ranks, groups to {largest_group}"
            );
        }
        assert!(compare_all(&[]).is_empty());
    }
}
