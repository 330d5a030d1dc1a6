//! The risk table: at each distinct time at which a subject leaves, how many are at risk, have the event, are censored.
//!
//! Formula: at risk at t = Σ weight over entry < t <= time; events and censorings at t = Σ weight over time = t.
//! Sums of whole weights are exact; others are added in an order of (time, status, weight), so that no row order shows.
//! O(n log n) time, linear memory. Ties as in [`super::data`].

use super::data::{SurvivalData, key_time, tie_tolerance_of_sorted, time_key};
use crate::stats::error::StatsError;

/// One distinct time at which somebody leaves the risk set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RiskRow {
    pub time: f64,
    /// Weight of those at risk just before `time`.
    pub at_risk: f64,
    /// Weight of those with the event at `time`.
    pub events: f64,
    /// Weight of those censored at `time`.
    pub censored: f64,
    /// Everybody at risk has the event: `at_risk` equals `events` exactly.
    pub all_have_event: bool,
}

/// Events and censorings at one time, before the risk set is known.
struct Leaving {
    time: f64,
    events: f64,
    censored: f64,
    rows: usize,
    event_rows: usize,
}

/// The risk table of checked data, times ascending.
pub fn risk_table(data: &SurvivalData) -> Result<Vec<RiskRow>, StatsError> {
    data.check()?;
    let Some(entry) = data.entry else {
        return Ok(without_entry(data));
    };
    let times = leaving_keys(data);
    let mut entries: Vec<u128> = (0..data.len())
        .filter(|row| data.weight_of(*row) > 0.0)
        .map(|row| pack(time_key(entry[row], false), data.weight_of(row)))
        .collect();
    entries.sort_unstable();
    let tolerance = tie_tolerance_of_sorted(merged(&entries, &times));
    let grid = Grid::new(merged(&entries, &times), tolerance);
    // A row of weight zero is as if absent, and so are its times: the grid does not know them.
    let closed =
        |row: &usize| data.weight_of(*row) > 0.0 && grid.position(entry[*row]) == grid.position(data.time[*row]);
    if let Some(index) = (0..data.len()).find(closed) {
        return Err(StatsError::InvalidAt {
            what: "entry time",
            index,
            expected: "below the survival time of the same row by more than rounding",
        });
    }
    let leaving = collapse(times.iter().map(|packed| unpack(*packed)), |previous, time| {
        grid.position(previous) != grid.position(time)
    });
    Ok(with_entries(&leaving, &entries, &grid))
}

fn without_entry(data: &SurvivalData) -> Vec<RiskRow> {
    let mut table = if data.weight.is_some() {
        let keys = leaving_keys(data);
        let tolerance = tie_tolerance_of_sorted(keys.iter().map(|packed| unpack(*packed).time));
        rows_of(keys.iter().map(|packed| unpack(*packed)), tolerance)
    } else {
        let mut keys: Vec<u64> =
            data.time.iter().zip(data.event).map(|(time, event)| time_key(*time, !event)).collect();
        keys.sort_unstable();
        let tolerance = tie_tolerance_of_sorted(keys.iter().map(|key| key_time(*key)));
        rows_of(keys.iter().map(|key| Item { time: key_time(*key), event: key & 1 == 0, weight: 1.0 }), tolerance)
    };
    // From the last to the first, so that the last risk set is the sum of its own rows and nothing is cancelled.
    let mut at_risk = 0.0;
    for row in table.iter_mut().rev() {
        at_risk += row.events + row.censored;
        row.at_risk = at_risk;
    }
    if let Some(last) = table.last_mut() {
        last.all_have_event = last.censored == 0.0;
    }
    table
}

/// One row per distinct time of sorted items, the risk set still empty.
fn rows_of(items: impl Iterator<Item = Item>, tolerance: f64) -> Vec<RiskRow> {
    let mut table: Vec<RiskRow> = Vec::new();
    let mut previous = 0.0;
    for item in items {
        let (events, censored) = if item.event { (item.weight, 0.0) } else { (0.0, item.weight) };
        match table.last_mut() {
            Some(last) if item.time - previous <= tolerance => {
                last.events += events;
                last.censored += censored;
            }
            _ => table.push(RiskRow { time: item.time, at_risk: 0.0, events, censored, all_have_event: false }),
        }
        previous = item.time;
    }
    table
}

fn with_entries(leaving: &[Leaving], entries: &[u128], grid: &Grid) -> Vec<RiskRow> {
    let mut table = Vec::with_capacity(leaving.len());
    let (mut leave_later, mut enter_later) = (0.0, 0.0);
    let (mut rows_leave_later, mut next_entry) = (0usize, entries.len());
    for leaving in leaving.iter().rev() {
        leave_later += leaving.events + leaving.censored;
        rows_leave_later += leaving.rows;
        let position = grid.position(leaving.time);
        // Who enters at t or later is not at risk at t.
        while next_entry > 0 && grid.position(unpack(entries[next_entry - 1]).time) >= position {
            next_entry -= 1;
            enter_later += unpack(entries[next_entry]).weight;
        }
        let rows_at_risk = rows_leave_later - (entries.len() - next_entry);
        let all_leave = rows_at_risk == leaving.rows;
        // With weights that are not whole the difference may keep a rounding error where it must not.
        let own = leaving.events + leaving.censored;
        let at_risk = if all_leave { own } else { (leave_later - enter_later).max(own) };
        table.push(row_of(leaving, at_risk, rows_at_risk == leaving.event_rows));
    }
    table.reverse();
    table
}

fn row_of(leaving: &Leaving, at_risk: f64, all_have_event: bool) -> RiskRow {
    let Leaving { time, events, censored, .. } = *leaving;
    RiskRow { time, at_risk, events, censored, all_have_event }
}

struct Item {
    time: f64,
    event: bool,
    weight: f64,
}

/// A key of (time, flag, weight): equal keys are equal rows, so that a sort by it forgets the row order.
fn pack(key: u64, weight: f64) -> u128 {
    (u128::from(key) << 64) | u128::from(weight.to_bits())
}

fn unpack(packed: u128) -> Item {
    let key = (packed >> 64) as u64;
    Item { time: key_time(key), event: key & 1 == 0, weight: f64::from_bits(packed as u64) }
}

fn leaving_keys(data: &SurvivalData) -> Vec<u128> {
    let mut keys: Vec<u128> = (0..data.len())
        .filter(|row| data.weight_of(*row) > 0.0)
        .map(|row| pack(time_key(data.time[row], !data.event[row]), data.weight_of(row)))
        .collect();
    keys.sort_unstable();
    keys
}

/// One entry per distinct time of sorted items.
fn collapse(items: impl Iterator<Item = Item>, is_later: impl Fn(f64, f64) -> bool) -> Vec<Leaving> {
    let mut leaving: Vec<Leaving> = Vec::new();
    let mut previous = 0.0;
    for item in items {
        let (events, censored) = if item.event { (item.weight, 0.0) } else { (0.0, item.weight) };
        match leaving.last_mut() {
            Some(last) if !is_later(previous, item.time) => {
                last.events += events;
                last.censored += censored;
                last.rows += 1;
                last.event_rows += usize::from(item.event);
            }
            _ => leaving.push(Leaving {
                time: item.time,
                events,
                censored,
                rows: 1,
                event_rows: usize::from(item.event),
            }),
        }
        previous = item.time;
    }
    leaving
}

/// The times of two sorted lists, ascending.
fn merged<'a>(left: &'a [u128], right: &'a [u128]) -> impl Iterator<Item = f64> + 'a {
    let (mut i, mut j) = (0, 0);
    std::iter::from_fn(move || {
        let from_left = match (left.get(i), right.get(j)) {
            (Some(left), Some(right)) => unpack(*left).time <= unpack(*right).time,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => return None,
        };
        let packed = if from_left { left[i] } else { right[j] };
        if from_left {
            i += 1
        } else {
            j += 1
        }
        Some(unpack(packed).time)
    })
}

/// The distinct times of entries and exits together, each standing for those within rounding after it.
struct Grid {
    starts: Vec<f64>,
}

impl Grid {
    fn new(sorted: impl Iterator<Item = f64>, tolerance: f64) -> Self {
        let mut starts = Vec::new();
        let mut previous = f64::NEG_INFINITY;
        for time in sorted {
            if time - previous > tolerance {
                starts.push(time);
            }
            previous = time;
        }
        Self { starts }
    }

    fn position(&self, time: f64) -> usize {
        self.starts.partition_point(|start| *start <= time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(time: f64, at_risk: f64, events: f64, censored: f64) -> RiskRow {
        RiskRow { time, at_risk, events, censored, all_have_event: at_risk == events }
    }

    #[test]
    fn events_come_before_censorings_and_rounding_is_a_tie() {
        let time = [0.3, 0.1 + 0.2, 0.1, 0.5];
        let event = [false, true, true, true];
        let table = risk_table(&SurvivalData::new(&time, &event)).unwrap();
        assert_eq!(table, vec![row(0.1, 4.0, 1.0, 0.0), row(0.3, 3.0, 1.0, 1.0), row(0.5, 1.0, 1.0, 0.0)]);
    }

    #[test]
    fn subjects_are_at_risk_after_their_entry_only() {
        // At 2: rows 0 and 1 (row 2 enters at 2, which is not before 2). At 3: rows 1 and 2. At 5: row 2.
        let (entry, time, event) = ([0.0, 1.0, 2.0], [2.0, 3.0, 5.0], [true, true, false]);
        let table = risk_table(&SurvivalData::new(&time, &event).with_entry(&entry)).unwrap();
        assert_eq!(table, vec![row(2.0, 2.0, 1.0, 0.0), row(3.0, 2.0, 1.0, 0.0), row(5.0, 1.0, 0.0, 1.0)]);
    }

    #[test]
    fn a_weight_is_that_many_rows_and_zero_is_none() {
        let (time, event) = ([1.0, 2.0, 3.0, 4.0], [true, false, true, true]);
        let weighted = risk_table(&SurvivalData::new(&time, &event).with_weight(&[2.0, 1.0, 0.0, 3.0])).unwrap();
        let (time, event) = ([1.0, 1.0, 2.0, 4.0, 4.0, 4.0], [true, true, false, true, true, true]);
        assert_eq!(weighted, risk_table(&SurvivalData::new(&time, &event)).unwrap());
    }

    #[test]
    fn an_entry_of_a_row_of_weight_zero_is_not_held_against_its_time() {
        let (entry, time, event) = ([0.0, 0.0, 6.0], [2.0, 4.0, 9.0], [true; 3]);
        let data = SurvivalData::new(&time, &event).with_entry(&entry).with_weight(&[1.0, 1.0, 0.0]);
        assert_eq!(risk_table(&data).unwrap(), vec![row(2.0, 2.0, 1.0, 0.0), row(4.0, 1.0, 1.0, 0.0)]);
    }

    #[test]
    fn entries_at_the_origin_change_nothing() {
        let (time, event) = ([1.0, 2.0, 2.0, 4.0], [true, false, true, true]);
        let weight = [0.1, 0.2, 0.7, 0.3];
        let plain = SurvivalData::new(&time, &event).with_weight(&weight);
        assert_eq!(risk_table(&plain), risk_table(&plain.with_entry(&[0.0; 4])));
    }
}
