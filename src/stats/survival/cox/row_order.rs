//! The order of the rows of a Cox model: by stratum, then by time from the last to the first, then those with the event before
//! those without, then by all else that a row holds (covariates, weight, offset, entry), or where many rows are of one
//! time by a hash of it first, which is faster. That is a total order on contents, so the rows' order in the input changes no
//! bit of a result; rows that still tie are identical.

use super::CoxInput;
use super::one_time::{OneTime, from_ordered_bits, ordered_bits};
use crate::stats::error::StatsError;
use std::cmp::Ordering;

/// So many rows of one time are ordered by their hashes.
const MANY: usize = 32;

/// Positions in the input in the order of the sorted rows, and their times.
pub(super) struct SortedRows {
    pub source: Vec<u32>,
    pub time: Vec<f64>,
    pub one_time: OneTime,
}

impl SortedRows {
    pub fn new(input: &CoxInput) -> Result<Self, StatsError> {
        let rank = stratum_ranks(input.strata);
        // Stratum, time from the last on, row: one integer, as a sort of integers is several times faster than one of records.
        let mut keys: Vec<u128> = Vec::with_capacity(input.time.len());
        keys.extend(
            (0..input.time.len()).filter(|row| input.weight.is_none_or(|weight| weight[*row] > 0.0)).map(|row| {
                u128::from(rank(row)) << 96 | u128::from(!ordered_bits(input.time[row])) << 32 | row as u128
            }),
        );
        if keys.is_empty() {
            return Err(StatsError::Empty { what: "rows of positive weight" });
        }
        keys.sort_unstable();
        let time_of = |key: u128| from_ordered_bits(!((key >> 32) as u64));
        let one_time = match (input.strata, input.entry) {
            (None, None) => OneTime::of_sorted(keys.iter().rev().map(|key| time_of(*key))),
            _ => OneTime::new(input.time, input.entry),
        };
        if let Some(entry) = input.entry {
            one_time.require_time_at_risk(entry, input.time, input.weight)?;
        }
        let mut walk = one_time.walk();
        let time: Vec<f64> = keys.iter().map(|key| walk.of(time_of(*key))).collect();
        let tied = |at: usize| time[at] == time[at - 1] && keys[at] >> 96 == keys[at - 1] >> 96;
        let mut source: Vec<u32> = keys.iter().map(|key| *key as u32).collect();
        let mut hashed: Option<Vec<u64>> = None;
        let mut keyed: Vec<u128> = Vec::new();
        let mut start = 0;
        while let Some(first) = (start + 1..keys.len()).find(|at| tied(*at)) {
            start = (first + 1..keys.len()).find(|at| !tied(*at)).unwrap_or(keys.len());
            let alike = &mut source[first - 1..start];
            let event = |row: u32| !input.event[row as usize];
            if alike.len() < MANY {
                alike.sort_unstable_by(|a, b| event(*a).cmp(&event(*b)).then_with(|| compare(input, *a, *b)));
            } else {
                let hashes = hashed.get_or_insert_with(|| hashes(input));
                let without_row = |key: u128| key >> 32;
                let key =
                    |row: u32| u128::from(event(row)) << 96 | u128::from(hashes[row as usize]) << 32 | u128::from(row);
                keyed.clear();
                keyed.extend(alike.iter().map(|row| key(*row)));
                keyed.sort_unstable();
                alike.iter_mut().zip(&keyed).for_each(|(row, key)| *row = *key as u32);
                let mut at = 0;
                for same in keyed.chunk_by(|a, b| without_row(*a) == without_row(*b)) {
                    alike[at..at + same.len()].sort_unstable_by(|a, b| compare(input, *a, *b));
                    at += same.len();
                }
            }
        }
        Ok(Self { source, time, one_time })
    }
}

/// All that a row holds but its time and its event.
fn values<'a>(input: &'a CoxInput, row: u32) -> impl Iterator<Item = f64> + 'a {
    let others = [input.weight, input.offset, input.entry].into_iter().flatten();
    input.covariates.iter().copied().chain(others).map(move |column| column[row as usize] + 0.0)
}

/// Of each row; only spread the rows, and decide nothing alone. Column by column, as they lie in memory.
fn hashes(input: &CoxInput) -> Vec<u64> {
    let mut hashes = vec![0x9e37_79b9_7f4a_7c15u64; input.time.len()];
    let others = [input.weight, input.offset, input.entry].into_iter().flatten();
    for column in input.covariates.iter().copied().chain(others) {
        for (hash, value) in hashes.iter_mut().zip(column) {
            *hash = (hash.rotate_left(23) ^ (value + 0.0).to_bits()).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        }
    }
    hashes.iter_mut().for_each(|hash| *hash = (*hash ^ (*hash >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb));
    hashes
}

/// Strata numbered from zero in the order of their labels.
fn stratum_ranks(strata: Option<&[usize]>) -> impl Fn(usize) -> u32 {
    let labels = strata.map(|strata| {
        let mut labels = strata.to_vec();
        labels.sort_unstable();
        labels.dedup();
        labels
    });
    move |row| match (strata, &labels) {
        (Some(strata), Some(labels)) => labels.partition_point(|label| *label < strata[row]) as u32,
        _ => 0,
    }
}

fn compare(input: &CoxInput, left: u32, right: u32) -> Ordering {
    values(input, left)
        .zip(values(input, right))
        .map(|(a, b)| a.total_cmp(&b))
        .find(|ordering| ordering.is_ne())
        .unwrap_or(Ordering::Equal)
}
