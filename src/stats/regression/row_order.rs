//! An order of rows that depends on what the rows hold, not on where they stand.
//!
//! Floating-point addition is not associative, so a sum over subjects depends in its last bit on their order. Every fit
//! of this family first puts its rows in the order found here; the same subjects in another order then give the same
//! bits. Rows are ordered by a hash of their values, and rows of equal hash by the values themselves, which is a total
//! order on contents; rows that still tie are identical, so that their order cannot matter. The hash only makes the
//! sort fast: one integer comparison instead of a walk along columns that are far apart in memory.

use rayon::slice::ParallelSliceMut;
use std::cmp::Ordering;

/// The rows `0..rows` for which `keep` holds, ordered by the values of `columns` (all of length `rows`).
pub(crate) fn row_order(rows: usize, columns: &[&[f64]], keep: impl Fn(usize) -> bool) -> Vec<usize> {
    let mut keyed: Vec<(u64, usize)> =
        (0..rows).filter(|row| keep(*row)).map(|row| (row_hash(columns, row), row)).collect();
    keyed.par_sort_unstable_by(|left, right| left.0.cmp(&right.0).then_with(|| compare_rows(columns, left.1, right.1)));
    keyed.into_iter().map(|(_, row)| row).collect()
}

/// A multiplicative hash with a xor-shift finish (the constants of SplitMix64, Steele et al. 2014).
fn row_hash(columns: &[&[f64]], row: usize) -> u64 {
    let mixed = columns.iter().fold(0x9e37_79b9_7f4a_7c15u64, |hash, column| {
        (hash.rotate_left(23) ^ normalised(column[row]).to_bits()).wrapping_mul(0xbf58_476d_1ce4_e5b9)
    });
    (mixed ^ (mixed >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb)
}

fn compare_rows(columns: &[&[f64]], left: usize, right: usize) -> Ordering {
    columns
        .iter()
        .map(|column| normalised(column[left]).total_cmp(&normalised(column[right])))
        .find(|ordering| ordering.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// Zero has one sign here.
fn normalised(value: f64) -> f64 {
    value + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permutation_of_the_rows_gives_the_same_sequence_of_contents() {
        let first = [3.0, 1.0, 2.0, 1.0, -0.0];
        let second = [1.0, 5.0, 1.0, 4.0, 2.0];
        let permutation = [4, 2, 0, 3, 1];
        let shuffle = |values: &[f64]| permutation.iter().map(|i| values[*i]).collect::<Vec<_>>();
        let (first_shuffled, second_shuffled) = (shuffle(&first), shuffle(&second));
        let original = row_order(5, &[&first, &second], |_| true);
        let shuffled = row_order(5, &[&first_shuffled, &second_shuffled], |_| true);
        for (a, b) in original.iter().zip(&shuffled) {
            assert_eq!((first[*a], second[*a]), (first_shuffled[*b], second_shuffled[*b]));
        }
    }

    #[test]
    fn rows_that_are_not_kept_do_not_appear() {
        assert_eq!(row_order(3, &[&[1.0, 1.0, 1.0]], |row| row == 1), vec![1]);
    }
}
