//! How many steps the network of Fisher's exact test would take to lay out; see `fisher_network`.
//!
//! A node is what the rows have left after some columns: a vector below the row totals with a known sum, nodes that differ by
//! a permutation being one. How many such vectors there are is counted; the ways on from a node, and how many vectors are
//! one node, are averaged over vectors drawn at random. So a table that would take hours is known at once.

use crate::stats::random::Seed;

/// So many vectors are drawn for each column.
const SAMPLES: usize = 128;

/// Draws until so many have a sum that is possible.
const MOST_DRAWS: u32 = 20_000;

/// Permutations are walked through for so many rows, and taken to be all different nodes' for more.
const FEW_ROWS: usize = 6;

/// From so many on it does not matter how many more there are.
const HOPELESS: f64 = 1e12;

/// So many are laid out faster than they are estimated.
const NEGLIGIBLE: f64 = 20_000.0;

/// The expected number of steps from node to node, by about a tenth; of few steps no fewer than there are. `columns` in the order in which they are filled.
pub(super) fn expected_steps(rows: &[u64], columns: &[u64]) -> f64 {
    let mut rows = rows.to_vec();
    rows.sort_unstable();
    let mut left: u64 = rows.iter().sum();
    // Of the last two columns of two rows, and of the last one of more, nothing is laid out.
    let laid_out = columns.len().saturating_sub(if rows.len() == 2 { 2 } else { 1 });
    let mut steps = 0.0;
    let mut stream = Seed::from_study(0).child("network size").stream();
    for (stage, column) in columns[..laid_out].iter().enumerate() {
        if stage == 0 {
            steps += number_of_vectors(&rows, *column);
        } else {
            let vectors = number_of_vectors(&rows, left);
            if vectors / permutations(rows.len()) > HOPELESS {
                return HOPELESS;
            }
            // No node has more ways on than the rows whole: where that is little, nothing need be drawn.
            let most = vectors * number_of_vectors(&rows, *column);
            if most < NEGLIGIBLE {
                steps += most;
                left -= column;
                continue;
            }
            let mut draw = || draw(&rows, left, || stream.unit());
            let drawn: Vec<Vec<u64>> = (0..MOST_DRAWS).filter_map(|_| draw()).take(SAMPLES).collect();
            let ways = drawn.iter().map(|node| number_of_vectors(node, *column) / of_one_node(&rows, node));
            steps += vectors * ways.sum::<f64>() / drawn.len().max(1) as f64;
        }
        left -= column;
    }
    steps
}

fn permutations(count: usize) -> f64 {
    (1..=count).fold(1.0, |product, k| product * k as f64)
}

/// How many vectors of whole numbers, each at most its limit, have this sum.
fn number_of_vectors(limits: &[u64], sum: u64) -> f64 {
    let mut limits = limits.to_vec();
    limits.sort_unstable();
    // The two largest share what the others leave.
    let (Some(largest), second) = (limits.pop(), limits.pop().unwrap_or(0)) else { return 0.0 };
    let mut ways = vec![1.0];
    for limit in limits {
        let mut next = Vec::with_capacity(ways.len() + limit as usize);
        let mut window = 0.0;
        for total in 0..ways.len() + limit as usize {
            window += ways.get(total).copied().unwrap_or(0.0);
            next.push(window);
            if total >= limit as usize {
                window -= ways[total - limit as usize];
            }
        }
        ways = next;
    }
    let shared = |rest: u64| (second.min(rest) + 1).saturating_sub(rest.saturating_sub(largest)) as f64;
    ways.iter().zip((0..=sum).rev()).map(|(ways, rest)| ways * shared(rest)).sum()
}

/// A vector below the limits with this sum, each as likely as the other; `None` where the draw missed the sum.
fn draw(limits: &[u64], sum: u64, mut unit: impl FnMut() -> f64) -> Option<Vec<u64>> {
    let (largest, others) = limits.split_last()?;
    let mut vector: Vec<u64> =
        others.iter().map(|limit| ((unit() * (*limit as f64 + 1.0)) as u64).min(*limit)).collect();
    let rest = sum.checked_sub(vector.iter().sum())?;
    vector.push(rest);
    (rest <= *largest).then_some(vector)
}

/// How many different permutations of the vector are below the limits.
fn of_one_node(limits: &[u64], vector: &[u64]) -> f64 {
    let count = vector.len();
    if count > FEW_ROWS {
        return permutations(count);
    }
    // Ways to give the values one by one to places that can hold them, over those that look the same.
    let mut ways = vec![0_u64; 1 << count];
    ways[0] = 1;
    for taken in 0..1_usize << count {
        let value = vector.get(taken.count_ones() as usize).copied();
        for place in (0..count).filter(|place| taken >> place & 1 == 0) {
            if value.is_some_and(|value| value <= limits[place]) {
                ways[taken | 1 << place] += ways[taken];
            }
        }
    }
    let mut sorted = vector.to_vec();
    sorted.sort_unstable();
    let alike = sorted.chunk_by(|a, b| a == b).map(|equal| (1..=equal.len() as u64).product::<u64>()).product::<u64>();
    (ways[(1 << count) - 1] / alike) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_and_permutations_by_hand() {
        // (0,1,2), (0,2,1), (1,0,2), (1,1,1), (1,2,0) below (1,2,2) have sum 3.
        assert_eq!(number_of_vectors(&[1, 2, 2], 3), 5.0);
        assert_eq!(number_of_vectors(&[1, 2, 2], 6), 0.0);
        assert_eq!(number_of_vectors(&[1_000_000], 7), 1.0);
        // Of 0, 1, 2 below (1,2,2) the 2 cannot be first.
        assert_eq!(of_one_node(&[1, 2, 2], &[0, 1, 2]), 4.0);
        assert_eq!(of_one_node(&[2, 2, 2], &[1, 1, 2]), 3.0);
    }

    #[test]
    fn the_steps_of_a_small_table_are_about_those_that_are_there() {
        // Every node by enumeration, and every way on from it.
        let (rows, columns) = ([8, 9, 10, 11], [16_u64, 12, 10]);
        let mut nodes = std::collections::BTreeSet::from([vec![8, 9, 10, 11]]);
        let mut steps = 0;
        for column in &columns[..2] {
            let mut next = std::collections::BTreeSet::new();
            for node in &nodes {
                let mut each = |taken: [u64; 4]| {
                    let mut left: Vec<u64> = node.iter().zip(taken).map(|(have, taken)| have - taken).collect();
                    left.sort_unstable();
                    next.insert(left);
                    steps += 1;
                };
                for a in 0..=node[0] {
                    for b in 0..=node[1] {
                        for c in 0..=node[2] {
                            if let Some(d) = column.checked_sub(a + b + c).filter(|d| *d <= node[3]) {
                                each([a, b, c, d]);
                            }
                        }
                    }
                }
            }
            nodes = next;
        }
        let expected = expected_steps(&rows, &columns);
        assert!((expected / f64::from(steps) - 1.0).abs() < 0.25, "{expected} {steps}");
    }

    #[test]
    fn a_table_of_thousands_is_seen_to_be_too_large() {
        let rows = [2052, 1612, 1708, 1049, 2839];
        assert!(expected_steps(&rows, &[4066, 3036, 2158]) > 1e9);
    }
}
