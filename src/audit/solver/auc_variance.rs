//! The smallest DeLong variance that an AUC can have, over all score orders, ties included.
//!
//! A score order is a walk over blocks of equal scores, from the lowest: a block with `a` subjects with the event and `b`
//! without adds `a (2 j + b)` to the doubled number of concordant pairs, where j subjects without the event lie below.
//! With m and n subjects, V10 of the block is (2 j + b) / 2n and V01 is (2 (m - i - a) + a) / 2m, and DeLong's variance
//! is  S10 / m + S01 / n  with  S10 = (sum V10^2 - m A^2) / (m - 1),  S01 likewise. Both sums are added block by block,
//! so the minimum for each number of concordant pairs is a dynamic programme over (i, j, pairs), in integers.
//!
//! Source: DeLong, DeLong and Clarke-Pearson (1988), doi:10.2307/2531595.

/// More steps than this are not tried: the answer would not come within a second.
const MOST_STEPS: u64 = 400_000_000;
/// 400 MB of states.
const MOST_CELLS: u64 = 50_000_000;

/// The minimum variance by doubled number of concordant pairs (index 0 to 2 m n), for m subjects with the event and n
/// without; `None` for fewer than two of either (the variance is not defined) and for tables beyond reach.
///
/// Without `ties` every block is one subject, so that the minimum is larger; odd indices have no order then (infinity).
pub fn minimum_variances(m: usize, n: usize, ties: bool) -> Option<Vec<f64>> {
    if m < 2 || n < 2 {
        return None;
    }
    let pairs = 2 * m * n + 1;
    let states = (m as u64 + 1) * (n as u64 + 1);
    let blocks = if ties { states * (m as u64 + 2) * (n as u64 + 2) / 4 } else { 2 * states };
    let memory = states.checked_mul(pairs as u64);
    if blocks.checked_mul(pairs as u64).is_none_or(|steps| steps > 2 * MOST_STEPS)
        || memory.is_none_or(|cells| cells > MOST_CELLS)
    {
        return None;
    }
    const NONE: u64 = u64::MAX;
    let (weight_10, weight_01) = (m as u64 * (n as u64 - 1), n as u64 * (m as u64 - 1));
    let mut best = vec![NONE; (m + 1) * (n + 1) * pairs];
    let at = |i: usize, j: usize| (i * (n + 1) + j) * pairs;
    best[at(0, 0)] = 0;
    for i in 0..=m {
        for j in 0..=n {
            let here = at(i, j);
            // What is reachable: i j concordant pairs at most, doubled.
            let reach = 2 * i * j + 1;
            if best[here..here + reach].iter().all(|&cost| cost == NONE) {
                continue;
            }
            for a in 0..=(m - i) {
                for b in 0..=(n - j) {
                    if a + b == 0 || (!ties && a + b > 1) {
                        continue;
                    }
                    let placement_10 = (2 * j + b) as u64;
                    let placement_01 = (2 * (m - i - a) + a) as u64;
                    let cost = a as u64 * placement_10 * placement_10 * weight_10
                        + b as u64 * placement_01 * placement_01 * weight_01;
                    let shift = a * (2 * j + b);
                    let to = at(i + a, j + b) + shift;
                    for k in 0..reach {
                        let from = best[here + k];
                        if from != NONE {
                            let total = from + cost;
                            if total < best[to + k] {
                                best[to + k] = total;
                            }
                        }
                    }
                }
            }
        }
    }
    let (mf, nf) = (m as f64, n as f64);
    let end = at(m, n);
    Some(
        (0..pairs)
            .map(|k| {
                if best[end + k] == NONE {
                    return f64::INFINITY;
                }
                let auc = k as f64 / (2.0 * mf * nf);
                let sums = best[end + k] as f64 / (4.0 * mf * mf * nf * nf * (mf - 1.0) * (nf - 1.0));
                (sums - auc * auc * (1.0 / (mf - 1.0) + 1.0 / (nf - 1.0))).max(0.0)
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// DeLong's variance of explicit scores, straight from the definition.
    fn by_definition(positive: &[usize], negative: &[usize]) -> (usize, f64) {
        let kernel = |x: usize, y: usize| {
            if x > y {
                2.0
            } else if x == y {
                1.0
            } else {
                0.0
            }
        };
        let (m, n) = (positive.len() as f64, negative.len() as f64);
        let v10: Vec<f64> =
            positive.iter().map(|&x| negative.iter().map(|&y| kernel(x, y)).sum::<f64>() / (2.0 * n)).collect();
        let v01: Vec<f64> =
            negative.iter().map(|&y| positive.iter().map(|&x| kernel(x, y)).sum::<f64>() / (2.0 * m)).collect();
        let auc = v10.iter().sum::<f64>() / m;
        let s = |v: &[f64]| v.iter().map(|p| (p - auc) * (p - auc)).sum::<f64>() / (v.len() as f64 - 1.0);
        ((auc * 2.0 * m * n).round() as usize, s(&v10) / m + s(&v01) / n)
    }

    #[test]
    fn agrees_with_every_score_vector_of_small_samples() {
        for (m, n) in [(2, 2), (2, 3), (3, 2), (3, 3)] {
            let values = m + n;
            let mut minimum = vec![f64::INFINITY; 2 * m * n + 1];
            for code in 0..values.pow((m + n) as u32) {
                let scores: Vec<usize> = (0..m + n).map(|place| code / values.pow(place as u32) % values).collect();
                let (k, variance) = by_definition(&scores[..m], &scores[m..]);
                minimum[k] = minimum[k].min(variance);
            }
            let found = minimum_variances(m, n, true).expect("small");
            for (k, (found, expected)) in found.iter().zip(&minimum).enumerate() {
                if expected.is_finite() {
                    assert!((found - expected).abs() < 1e-12, "{m} {n} {k}: {found} {expected}");
                }
            }
        }
    }

    /// All subjects tied: AUC 0.5, no variance. Elsewhere some is left.
    #[test]
    fn ties_can_remove_the_variance() {
        let exact = minimum_variances(8, 8, true).expect("within reach");
        assert_eq!(exact[64], 0.0);
        assert!(exact[112] > 0.0 && exact[127] > 0.0);
        assert_eq!(exact[128], 0.0);
    }

    /// Every order of up to four and four different scores.
    #[test]
    fn without_ties_the_minimum_is_over_orders() {
        for (m, n) in [(2, 2), (2, 4), (3, 3), (4, 3)] {
            let mut minimum = vec![f64::INFINITY; 2 * m * n + 1];
            for code in 0_usize..1 << (m + n) {
                if code.count_ones() as usize != m {
                    continue;
                }
                let (mut positive, mut negative) = (Vec::new(), Vec::new());
                for place in 0..m + n {
                    if code >> place & 1 == 1 { positive.push(place) } else { negative.push(place) }
                }
                let (k, variance) = by_definition(&positive, &negative);
                minimum[k] = minimum[k].min(variance);
            }
            let found = minimum_variances(m, n, false).expect("small");
            for (k, (found, expected)) in found.iter().zip(&minimum).enumerate() {
                assert!(found == expected || (found - expected).abs() < 1e-12, "{m} {n} {k}: {found} {expected}");
            }
        }
    }

    #[test]
    fn one_of_a_class_has_no_variance() {
        assert_eq!(minimum_variances(1, 5, true), None);
        assert_eq!(minimum_variances(500, 500, true), None);
    }
}
