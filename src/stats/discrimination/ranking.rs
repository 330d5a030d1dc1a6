//! Scores in ascending order of risk, equal scores together: what every statistic of this family starts from.
//!
//! Only integers leave this file (counts of a group, the group of a unit), so whatever is computed from them does not
//! depend on the order of the rows. Equal means equal as numbers: -0 and 0 are one score. Time O(n log n), memory O(n).
//!
//! At most 2³² − 1 units: then every sum of products of pair counts fits 128 bits (see `placement.rs`).

use crate::stats::error::{StatsError, require_finite, require_same_length};
use crate::stats::estimate::Orientation;

/// The units that share one score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ScoreGroup {
    /// Turned by the orientation: higher means the event.
    pub risk: f64,
    pub positives: u32,
    pub negatives: u32,
}

/// Distinct scores in ascending order of risk, with the units of each class that have them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RankedScores {
    pub groups: Vec<ScoreGroup>,
    pub positives: u64,
    pub negatives: u64,
}

impl RankedScores {
    pub fn units(&self) -> usize {
        (self.positives + self.negatives) as usize
    }
}

/// [`RankedScores`], and which group each unit is in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RankedUnits {
    pub scores: RankedScores,
    pub group_of_unit: Vec<u32>,
}

/// Ranks `score`; sorts the classes apart, which needs no index and so is the fastest way.
pub(crate) fn rank_scores(
    outcome: &[bool],
    score: &[f64],
    orientation: Orientation,
) -> Result<RankedScores, StatsError> {
    let positives = validate(outcome, score)?;
    let mut positive_keys = Vec::with_capacity(positives);
    let mut negative_keys = Vec::with_capacity(outcome.len() - positives);
    for (event, value) in outcome.iter().zip(score) {
        let key = order_key(orientation.risk(*value));
        if *event { positive_keys.push(key) } else { negative_keys.push(key) }
    }
    positive_keys.sort_unstable();
    negative_keys.sort_unstable();
    Ok(merge(&positive_keys, &negative_keys))
}

/// Ranks `score` and remembers the group of each unit.
pub(crate) fn rank_units(outcome: &[bool], score: &[f64], orientation: Orientation) -> Result<RankedUnits, StatsError> {
    let positives = validate(outcome, score)?;
    let mut order: Vec<(u64, u32)> =
        score.iter().zip(0..).map(|(value, unit)| (order_key(orientation.risk(*value)), unit)).collect();
    // Units with one key may come in any order: only their counts are kept.
    order.sort_unstable_by_key(|(key, _)| *key);
    let mut groups: Vec<ScoreGroup> = Vec::new();
    let mut group_of_unit = vec![0; score.len()];
    let mut previous = None;
    for (key, unit) in order {
        if previous != Some(key) {
            groups.push(ScoreGroup { risk: score_of(key), positives: 0, negatives: 0 });
            previous = Some(key);
        }
        let index = groups.len() - 1;
        if outcome[unit as usize] {
            groups[index].positives += 1;
        } else {
            groups[index].negatives += 1;
        }
        group_of_unit[unit as usize] = index as u32;
    }
    let scores = RankedScores { groups, positives: positives as u64, negatives: (score.len() - positives) as u64 };
    Ok(RankedUnits { scores, group_of_unit })
}

/// How many positives there are, after all checks of the input.
fn validate(outcome: &[bool], score: &[f64]) -> Result<usize, StatsError> {
    require_same_length("outcome", outcome.len(), "score", score.len())?;
    if outcome.is_empty() {
        return Err(StatsError::Empty { what: "outcome" });
    }
    if u32::try_from(outcome.len()).is_err() {
        return Err(StatsError::OutOfRange {
            what: "number of units",
            value: outcome.len() as f64,
            expected: "at most 2^32 - 1",
        });
    }
    require_finite("score", score)?;
    let positives = outcome.iter().filter(|event| **event).count();
    let negatives = outcome.len() - positives;
    if positives == 0 || negatives == 0 {
        return Err(StatsError::OneClass { positives, negatives });
    }
    Ok(positives)
}

fn merge(positive_keys: &[u64], negative_keys: &[u64]) -> RankedScores {
    let mut groups = Vec::with_capacity(positive_keys.len() + negative_keys.len());
    let (mut p, mut n) = (0, 0);
    loop {
        let key = match (positive_keys.get(p), negative_keys.get(n)) {
            (Some(positive), Some(negative)) => *positive.min(negative),
            (Some(key), None) | (None, Some(key)) => *key,
            (None, None) => break,
        };
        let (first_p, first_n) = (p, n);
        while positive_keys.get(p) == Some(&key) {
            p += 1;
        }
        while negative_keys.get(n) == Some(&key) {
            n += 1;
        }
        groups.push(ScoreGroup {
            risk: score_of(key),
            positives: (p - first_p) as u32,
            negatives: (n - first_n) as u32,
        });
    }
    RankedScores { groups, positives: positive_keys.len() as u64, negatives: negative_keys.len() as u64 }
}

const SIGN: u64 = 1 << 63;

/// An integer that orders as the number does: integers sort faster than floats, and totally.
fn order_key(risk: f64) -> u64 {
    // Adding zero turns -0 into 0, and changes nothing else.
    let bits = (risk + 0.0).to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

fn score_of(key: u64) -> f64 {
    f64::from_bits(if key & SIGN == 0 { !key } else { key & !SIGN })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_order_as_numbers_do_and_return_them() {
        let values = [f64::MIN, -1.5, -f64::MIN_POSITIVE, -5e-324, 0.0, 5e-324, f64::MIN_POSITIVE, 1.5, f64::MAX];
        for pair in values.windows(2) {
            assert!(order_key(pair[0]) < order_key(pair[1]), "{pair:?}");
        }
        for value in values {
            assert_eq!(score_of(order_key(value)), value);
        }
        assert_eq!(order_key(-0.0), order_key(0.0));
    }

    #[test]
    fn both_ways_give_the_same_groups() {
        let outcome = [true, false, true, false, false, true];
        let score = [0.5, 0.5, -0.0, 0.0, 2.0, -1.0];
        for orientation in [Orientation::HigherIsRisk, Orientation::LowerIsRisk] {
            let ranked = rank_units(&outcome, &score, orientation).unwrap();
            assert_eq!(ranked.scores, rank_scores(&outcome, &score, orientation).unwrap());
            for (unit, group) in ranked.group_of_unit.iter().enumerate() {
                assert_eq!(ranked.scores.groups[*group as usize].risk, orientation.risk(score[unit]));
            }
        }
        let groups = rank_scores(&outcome, &score, Orientation::HigherIsRisk).unwrap().groups;
        assert_eq!(groups[1], ScoreGroup { risk: 0.0, positives: 1, negatives: 1 });
        assert_eq!(groups.len(), 4);
    }

    #[test]
    fn refuses_what_it_cannot_rank() {
        let rank =
            |outcome: &[bool], score: &[f64]| rank_scores(outcome, score, Orientation::HigherIsRisk).unwrap_err();
        assert_eq!(rank(&[], &[]), StatsError::Empty { what: "outcome" });
        assert_eq!(rank(&[true, false], &[0.1, f64::NAN]), StatsError::NotFinite { what: "score", index: 1 });
        assert_eq!(rank(&[true, false], &[f64::INFINITY, 0.0]), StatsError::NotFinite { what: "score", index: 0 });
        assert_eq!(rank(&[true, true], &[0.1, 0.2]), StatsError::OneClass { positives: 2, negatives: 0 });
        assert!(matches!(rank(&[true], &[0.1, 0.2]), StatsError::LengthMismatch { .. }));
    }
}
