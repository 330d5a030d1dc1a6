//! Concordance of a risk score with the order of events: Harrell's C, and Uno's with inverse censoring weights.
//!
//! Estimand: the chance that, of two subjects of whom one is known to have the event first, that one has the higher
//! score; equal scores count one half. 1 is perfect, 0.5 is chance.
//! Formula: C = (concordant + ½ tied in risk) / (concordant + discordant + tied in risk), each pair weighted by the product
//! of its weights and by a weight of the event's time (see [`TimeWeight`]). Pairs whose events come at the same time are
//! not comparable. The standard error is the infinitesimal jackknife: the root of Σ (w ∂C/∂w)² over rows, or over
//! clusters, with the time weights taken as known.
//! Assumptions: censoring independent of the score for Harrell's C to estimate a meaningful quantity; C then still
//! depends on the censoring distribution, which `TimeWeight::InverseCensoringSquared` removes.
//! Shapes and units: one row per subject, or per interval at risk (entry, time]; `risk` higher means an earlier event
//! (for a predicted survival time pass its negative).
//! Ties and missing: a subject censored at t outlives an event at t. Times that differ by rounding only are one time
//! (`survival::data`). With strata only pairs within one stratum are compared, and counts are added. NaN and infinity
//! are errors. Rows of weight zero are left out.
//! Edge cases: without a comparable pair (no event, n = 1, all events at the last time) C is undefined, an error. All
//! scores tied give 0.5 with standard error 0. The interval is C ± z standard error, cut to [0, 1].
//! Time n log n, memory linear; not dependent on row order, to the last bit.
//! Source: Harrell 1982 (doi:10.1001/jama.1982.03320430047030); Uno 2011 (doi:10.1002/sim.4154); Therneau and Watson
//! 2015, The concordance statistic and the Cox model (Mayo Clinic technical report 85).
//! Oracle: R survival 3.5-3 `concordance`.

use super::cox::one_time::{OneTime, from_ordered_bits, ordered_bits};
use super::rank_pairs::{Item, Others, compare_all};
use crate::stats::distribution::normal_critical;
use crate::stats::error::{StatsError, require_finite, require_level, require_same_length};
use crate::stats::estimate::Estimate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The weight of the pairs of an event at time t; S is the survival curve, G that of the time to censoring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeWeight {
    /// 1: every pair counts once. Harrell's C; R's `timewt = "n"`.
    #[default]
    Pairs,
    /// S(t−) N / at risk: R's `"S"`.
    Survival,
    /// S(t−) N / (G(t−) at risk): every event counts as without censoring; R's `"S/G"`.
    SurvivalOverCensoring,
    /// 1 / G(t−)²: Uno's C; R's `"n/G2"`.
    InverseCensoringSquared,
    /// 1 / G(t)²: Uno's C as scikit-survival computes it. Undefined where everybody event-free at t is censored at t.
    InverseCensoringSquaredAt,
    /// 1 / at risk: every event counts the same; R's `"I"`.
    InverseAtRisk,
}

/// The rows whose order is compared with a score.
#[derive(Clone, Copy, Debug, Default)]
pub struct ConcordanceInput<'a> {
    /// Start of the time at risk, exclusive.
    pub entry: Option<&'a [f64]>,
    pub time: &'a [f64],
    pub event: &'a [bool],
    /// Higher means an earlier event.
    pub risk: &'a [f64],
    pub weight: Option<&'a [f64]>,
    pub strata: Option<&'a [usize]>,
    /// Rows of one label are one unit of the standard error.
    pub cluster: Option<&'a [usize]>,
}

impl<'a> ConcordanceInput<'a> {
    pub fn new(time: &'a [f64], event: &'a [bool], risk: &'a [f64]) -> Self {
        Self { time, event, risk, ..Self::default() }
    }
}

/// How concordance is computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConcordanceOptions {
    pub time_weight: TimeWeight,
    /// Events after this time are not compared (R's `ymax`, Uno's τ). None by default.
    pub limit: Option<f64>,
    /// Coverage of the interval, 0.95.
    pub level: f64,
}

impl Default for ConcordanceOptions {
    fn default() -> Self {
        Self { time_weight: TimeWeight::Pairs, limit: None, level: 0.95 }
    }
}

/// The concordance of a score, and the (weighted) pairs behind it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Concordance {
    pub c: Estimate,
    pub concordant: f64,
    pub discordant: f64,
    /// Comparable pairs with equal scores.
    pub tied_risk: f64,
    /// Pairs of events at one time with unequal scores: not compared.
    pub tied_time: f64,
    /// Pairs of events at one time with equal scores: not compared.
    pub tied_both: f64,
}

/// A concordance and each row's pull on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConcordanceInfluence {
    pub concordance: Concordance,
    /// w ∂C/∂w for each row of the input; zero for rows of weight zero. Their squares add up to the variance without
    /// clusters; the products of two scores' influences add up to their covariance.
    pub influence: Vec<f64>,
}

/// C of a risk score.
pub fn concordance(input: &ConcordanceInput, options: &ConcordanceOptions) -> Result<Concordance, StatsError> {
    Ok(concordance_influence(input, options)?.concordance)
}

/// C of a risk score, and each row's influence on it.
pub fn concordance_influence(
    input: &ConcordanceInput,
    options: &ConcordanceOptions,
) -> Result<ConcordanceInfluence, StatsError> {
    check(input, options)?;
    let rows = sorted_rows(input, options.limit)?;
    let mut counts = Counts { shares: Vec::with_capacity(rows.len()), ..Counts::default() };
    for stratum in rows.chunk_by(|a, b| a.stratum == b.stratum) {
        count_stratum(stratum, options.time_weight, &mut counts);
    }
    let pairs = counts.concordant + counts.discordant + counts.tied_risk;
    if pairs <= 0.0 {
        return Err(StatsError::Undefined { what: "concordance", why: "no two subjects can be compared" });
    }
    if !pairs.is_finite() {
        return Err(StatsError::Undefined {
            what: "concordance",
            why: "everybody left is censored at the time of an event, which then has no finite weight",
        });
    }
    let difference = (counts.concordant - counts.discordant) / pairs;
    let mut influence = vec![0.0; input.time.len()];
    let mut squares = 0.0;
    let mut clusters: BTreeMap<usize, f64> = BTreeMap::new();
    for (row, share) in rows.iter().zip(&counts.shares) {
        let comparable = share.concordant + share.discordant + share.tied;
        let pull = 0.5 * row.weight * ((share.concordant - share.discordant) - comparable * difference) / pairs;
        influence[row.source as usize] = pull;
        match input.cluster {
            Some(cluster) => *clusters.entry(cluster[row.source as usize]).or_default() += pull,
            None => squares += pull * pull,
        }
    }
    let variance = if input.cluster.is_some() { clusters.values().map(|pull| pull * pull).sum() } else { squares };
    let (c, standard_error) = (0.5 * (difference + 1.0), f64::sqrt(variance));
    let reach = normal_critical(options.level) * standard_error;
    let method = "infinitesimal jackknife";
    Ok(ConcordanceInfluence {
        concordance: Concordance {
            c: Estimate::new(c, rows.len()).with_standard_error(standard_error).with_interval(
                (c - reach).max(0.0),
                (c + reach).min(1.0),
                options.level,
                method,
            ),
            concordant: counts.concordant,
            discordant: counts.discordant,
            tied_risk: counts.tied_risk,
            tied_time: counts.tied_time,
            tied_both: counts.tied_both,
        },
        influence,
    })
}

fn check(input: &ConcordanceInput, options: &ConcordanceOptions) -> Result<(), StatsError> {
    require_level(options.level)?;
    let rows = input.time.len();
    if rows == 0 {
        return Err(StatsError::Empty { what: "survival time" });
    }
    // Ranks have 31 bits in the sort.
    if rows >= 1 << 31 {
        return Err(StatsError::OutOfRange { what: "number of rows", value: rows as f64, expected: "below 2^31" });
    }
    require_same_length("survival time", rows, "event", input.event.len())?;
    require_same_length("survival time", rows, "risk score", input.risk.len())?;
    require_finite("survival time", input.time)?;
    require_finite("risk score", input.risk)?;
    if let Some(entry) = input.entry {
        require_same_length("survival time", rows, "entry time", entry.len())?;
        require_finite("entry time", entry)?;
        if let Some(index) = entry.iter().zip(input.time).position(|(entry, time)| entry >= time) {
            let expected = "below the survival time of the same row";
            return Err(StatsError::InvalidAt { what: "entry time", index, expected });
        }
        if matches!(
            options.time_weight,
            TimeWeight::SurvivalOverCensoring
                | TimeWeight::InverseCensoringSquared
                | TimeWeight::InverseCensoringSquaredAt
        ) {
            return Err(StatsError::Undefined {
                what: "a weight by the censoring distribution",
                why: "rows that enter late or are split have no time to censoring",
            });
        }
    }
    if let Some(weight) = input.weight {
        require_same_length("survival time", rows, "weight", weight.len())?;
        require_finite("weight", weight)?;
        if let Some(index) = weight.iter().position(|weight| *weight < 0.0) {
            return Err(StatsError::InvalidAt { what: "weight", index, expected: "zero or positive" });
        }
    }
    if let Some(strata) = input.strata {
        require_same_length("survival time", rows, "stratum", strata.len())?;
    }
    if let Some(cluster) = input.cluster {
        require_same_length("survival time", rows, "cluster", cluster.len())?;
    }
    match options.limit {
        Some(limit) if !limit.is_finite() => {
            Err(StatsError::OutOfRange { what: "time limit", value: limit, expected: "finite" })
        }
        _ => Ok(()),
    }
}

struct Row {
    /// Of the strata in the order of their labels.
    stratum: u32,
    /// Of the score among all rows.
    rank: u32,
    source: u32,
    event: bool,
    /// Whether the event is compared: not after the limit.
    compared: bool,
    time: f64,
    entry: f64,
    weight: f64,
}

/// A rank has 31 bits in the key of the sort.
const RANK_BITS: u128 = (1 << 31) - 1;

/// By stratum, time, events first, then by all else that matters.
fn sorted_rows(input: &ConcordanceInput, limit: Option<f64>) -> Result<Vec<Row>, StatsError> {
    let kept = |row: &usize| input.weight.is_none_or(|weight| weight[*row] > 0.0);
    let ranks = dense_ranks(input.risk);
    let mut strata: BTreeMap<usize, Vec<u128>> = BTreeMap::new();
    for row in (0..input.time.len()).filter(kept) {
        // Time, event or not, rank of the score, row: one integer, as a sort of integers is several times faster.
        let time = u128::from(ordered_bits(input.time[row]));
        let key = time << 64 | u128::from(!input.event[row]) << 63 | u128::from(ranks[row]) << 32 | row as u128;
        strata.entry(input.strata.map_or(0, |strata| strata[row])).or_default().push(key);
    }
    drop(ranks);
    let mut strata: Vec<Vec<u128>> = strata.into_values().collect();
    strata.iter_mut().for_each(|keys| keys.sort_unstable());
    let time_of = |key: u128| from_ordered_bits((key >> 64) as u64);
    let one_time = match strata.as_slice() {
        [keys] if input.entry.is_none() => OneTime::of_sorted(keys.iter().map(|key| time_of(*key))),
        _ => OneTime::new(input.time, input.entry),
    };
    if let Some(entry) = input.entry {
        one_time.require_time_at_risk(entry, input.time, input.weight)?;
    }
    let mut rows = Vec::with_capacity(input.time.len());
    for (stratum, keys) in strata.into_iter().enumerate() {
        let mut walk = one_time.walk();
        rows.extend(keys.into_iter().map(|key| {
            // What the key holds is taken from it: looking it up by row would miss the cache a million times.
            let source = (key & u128::from(u32::MAX)) as usize;
            let time = walk.of(time_of(key));
            let event = key >> 63 & 1 == 0;
            Row {
                stratum: stratum as u32,
                rank: (key >> 32 & RANK_BITS) as u32,
                source: source as u32,
                event,
                compared: event && limit.is_none_or(|limit| time <= limit),
                time,
                entry: input.entry.map_or(f64::NEG_INFINITY, |entry| one_time.of(entry[source])),
                weight: input.weight.map_or(1.0, |weight| weight[source]),
            }
        }));
    }
    // What the integer does not hold: weights, entries, and times that are one though their bits differ.
    let more = input.weight.is_some() || input.entry.is_some();
    for tied in rows.chunk_by_mut(|a, b| a.stratum == b.stratum && a.time == b.time) {
        if tied.len() > 1
            && (more || tied.iter().any(|row| input.time[row.source as usize] != input.time[tied[0].source as usize]))
        {
            tied.sort_unstable_by(|a, b| {
                let by_score = b.event.cmp(&a.event).then(a.rank.cmp(&b.rank));
                by_score.then(a.weight.total_cmp(&b.weight)).then(a.entry.total_cmp(&b.entry))
            });
        }
    }
    Ok(rows)
}

/// Scores numbered from zero in rising order, equal scores alike.
fn dense_ranks(risk: &[f64]) -> Vec<u32> {
    let mut order: Vec<u128> =
        risk.iter().enumerate().map(|(row, risk)| u128::from(ordered_bits(*risk)) << 32 | row as u128).collect();
    order.sort_unstable();
    let mut ranks = vec![0; risk.len()];
    for (rank, equal) in order.chunk_by(|a, b| a >> 32 == b >> 32).enumerate() {
        for key in equal {
            ranks[(key & u128::from(u32::MAX)) as usize] = rank as u32;
        }
    }
    ranks
}

#[derive(Default)]
struct Counts {
    concordant: f64,
    discordant: f64,
    tied_risk: f64,
    tied_time: f64,
    tied_both: f64,
    shares: Vec<Share>,
}

/// The weight of the partners of one row, by how the pair compares.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    concordant: f64,
    discordant: f64,
    tied: f64,
}

fn count_stratum(rows: &[Row], time_weight: TimeWeight, counts: &mut Counts) {
    let weights = time_weights(rows, time_weight);
    let weight_of_event = |row: usize| if rows[row].compared { rows[row].weight * weights[row] } else { 0.0 };
    // An event is compared with whoever is later, and whoever is censored at its time; not with events at its time.
    let mut items = Vec::with_capacity(rows.len());
    let mut group = 0;
    for (at, row) in rows.iter().enumerate() {
        let tied = at > 0 && row.event && rows[at - 1].event && rows[at - 1].time == row.time;
        group = if tied { group } else { at as u32 };
        items.push(Item { rank: row.rank, group, as_earlier: weight_of_event(at), as_later: row.weight });
    }
    let mut others = compare_all(&items);
    drop(items);
    take_away_not_yet_entered(rows, weight_of_event, &mut others);
    for ((row, others), weight) in rows.iter().zip(&others).zip(&weights) {
        let Others { earlier, later } = others;
        // The pairs in which the row's own event is the earlier one.
        let own = match row.compared {
            true => Share {
                concordant: weight * later.lower,
                discordant: weight * later.higher,
                tied: weight * later.equal,
            },
            false => Share::default(),
        };
        counts.concordant += row.weight * own.concordant;
        counts.discordant += row.weight * own.discordant;
        counts.tied_risk += row.weight * own.tied;
        counts.shares.push(Share {
            concordant: own.concordant + earlier.higher,
            discordant: own.discordant + earlier.lower,
            tied: own.tied + earlier.equal,
        });
    }
    let mut first = 0;
    for tied in rows.chunk_by(|a, b| a.time == b.time) {
        let censored = tied.partition_point(|row| row.event);
        count_tied_events(&tied[..censored], weights[first], counts);
        first += tied.len();
    }
}

/// Whoever entered at the time of an event or after it was not at risk then, though later.
fn take_away_not_yet_entered(rows: &[Row], weight_of_event: impl Fn(usize) -> f64, others: &mut [Others]) {
    let entering = (0..rows.len()).filter(|row| rows[*row].entry > f64::NEG_INFINITY);
    let mut sequence: Vec<EntryOrEvent> =
        entering.map(|row| EntryOrEvent { time: rows[row].entry, enters: true, row }).collect();
    if sequence.is_empty() {
        return;
    }
    let events = (0..rows.len()).filter(|row| rows[*row].compared);
    sequence.extend(events.map(|row| EntryOrEvent { time: rows[row].time, enters: false, row }));
    sequence.sort_by(|a, b| a.time.total_cmp(&b.time).then(a.enters.cmp(&b.enters)).then(a.row.cmp(&b.row)));
    let items: Vec<Item> = sequence
        .iter()
        .enumerate()
        .map(|(at, EntryOrEvent { enters, row, .. })| Item {
            rank: rows[*row].rank,
            group: at as u32,
            as_earlier: if *enters { 0.0 } else { weight_of_event(*row) },
            as_later: if *enters { rows[*row].weight } else { 0.0 },
        })
        .collect();
    for (EntryOrEvent { enters, row, .. }, found) in sequence.iter().zip(compare_all(&items)) {
        if *enters {
            others[*row].earlier.take_away(&found.earlier);
        } else {
            others[*row].later.take_away(&found.later);
        }
    }
}

/// An entry, or an event that is compared.
struct EntryOrEvent {
    time: f64,
    enters: bool,
    row: usize,
}

/// `events` are those at one time, by rising score.
fn count_tied_events(events: &[Row], time_weight: f64, counts: &mut Counts) {
    let pairs = |events: &[Row]| {
        let sum: f64 = events.iter().map(|row| row.weight).sum();
        let squares: f64 = events.iter().map(|row| row.weight * row.weight).sum();
        0.5 * (sum * sum - squares)
    };
    if events.len() < 2 || !events[0].compared {
        return;
    }
    let both: f64 = events.chunk_by(|a, b| a.rank == b.rank).filter(|equal| equal.len() > 1).map(pairs).sum();
    counts.tied_both += time_weight * both;
    counts.tied_time += time_weight * (pairs(events) - both);
}

/// For each row the weight of an event at its time.
fn time_weights(rows: &[Row], time_weight: TimeWeight) -> Vec<f64> {
    let mut weights = vec![1.0; rows.len()];
    if time_weight == TimeWeight::Pairs {
        return weights;
    }
    let size: f64 = rows.iter().map(|row| row.weight).sum();
    let mut entries: Vec<(f64, f64)> = rows.iter().map(|row| (row.entry, row.weight)).collect();
    entries.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let (mut entered, mut left, mut next) = (0.0, 0.0, 0);
    let (mut survival, mut uncensored) = (1.0, 1.0);
    let mut first = 0;
    while first < rows.len() {
        let time = rows[first].time;
        while next < entries.len() && entries[next].0 < time {
            entered += entries[next].1;
            next += 1;
        }
        let end = first + rows[first..].partition_point(|row| row.time <= time);
        let at_risk = entered - left;
        let sum =
            |event: bool| rows[first..end].iter().filter(|row| row.event == event).map(|row| row.weight).sum::<f64>();
        let (events, censored) = (sum(true), sum(false));
        let weight = match time_weight {
            TimeWeight::Pairs => 1.0,
            TimeWeight::Survival => survival * size / at_risk,
            TimeWeight::SurvivalOverCensoring => survival * size / (uncensored * at_risk),
            TimeWeight::InverseCensoringSquared => 1.0 / (uncensored * uncensored),
            TimeWeight::InverseAtRisk => 1.0 / at_risk,
            TimeWeight::InverseCensoringSquaredAt => {
                let after =
                    if at_risk > events { uncensored * (1.0 - censored / (at_risk - events)) } else { uncensored };
                1.0 / (after * after)
            }
        };
        weights[first..end].fill(weight);
        survival *= 1.0 - events / at_risk;
        if at_risk > events {
            uncensored *= 1.0 - censored / (at_risk - events);
        }
        left += events + censored;
        first = end;
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(time: &[f64], event: &[bool], risk: &[f64]) -> Result<Concordance, StatsError> {
        concordance(&ConcordanceInput::new(time, event, risk), &ConcordanceOptions::default())
    }

    #[test]
    fn five_subjects_counted_by_hand() {
        // Events at 1, 2, 2; censored at 2 and 3. Comparable with the event at 1: four later rows, scores 4 against 3, 4, 1,
        // 2: three concordant, one tied. With each event at 2 (scores 3 and 4): the rows censored at 2 (1) and 3 (2): four
        // concordant. The two events at 2 are tied in time. C = (7 + ½)/8.
        let c = of(&[1.0, 2.0, 2.0, 2.0, 3.0], &[true, true, true, false, false], &[4.0, 3.0, 4.0, 1.0, 2.0]).unwrap();
        assert_eq!((c.concordant, c.discordant, c.tied_risk, c.tied_time, c.tied_both), (7.0, 0.0, 1.0, 1.0, 0.0));
        assert_eq!(c.c.value, 7.5 / 8.0);
    }

    #[test]
    fn edges() {
        let undefined = |result: Result<Concordance, StatsError>| matches!(result, Err(StatsError::Undefined { .. }));
        assert!(undefined(of(&[1.0], &[true], &[1.0])));
        assert!(undefined(of(&[1.0, 2.0], &[false, false], &[1.0, 2.0])));
        assert!(undefined(of(&[2.0, 2.0], &[true, true], &[1.0, 2.0])));
        let tied = of(&[1.0, 2.0, 3.0], &[true; 3], &[5.0; 3]).unwrap();
        assert_eq!((tied.c.value, tied.c.standard_error), (0.5, Some(0.0)));
        let perfect = of(&[1.0, 2.0, 3.0], &[true; 3], &[3.0, 2.0, 1.0]).unwrap();
        assert_eq!((perfect.c.value, perfect.c.interval.map(|interval| interval.upper)), (1.0, Some(1.0)));
        assert!(matches!(of(&[1.0, 2.0], &[true; 2], &[f64::NAN, 1.0]), Err(StatsError::NotFinite { index: 0, .. })));
    }
}
