//! How many had the event by a time, and how many were at risk.

use crate::results::Tally;

/// The times of a group, sorted, so that each question is a search.
pub(super) struct Tallies {
    entries: Vec<f64>,
    ends: Vec<f64>,
    events: Vec<f64>,
}

impl Tallies {
    /// `had_event` says of each subject whether its time is that of the event.
    pub fn new(time: &[f64], entry: Option<&[f64]>, had_event: impl Fn(usize) -> bool) -> Self {
        let sorted = |mut times: Vec<f64>| {
            times.sort_unstable_by(f64::total_cmp);
            times
        };
        Self {
            entries: sorted(entry.map_or_else(Vec::new, <[f64]>::to_vec)),
            ends: sorted(time.to_vec()),
            events: sorted((0..time.len()).filter(|&row| had_event(row)).map(|row| time[row]).collect()),
        }
    }

    /// Events up to and at a time, and those who are under observation until then or longer.
    pub fn by(&self, at: f64) -> Tally {
        Tally { events: self.events.partition_point(|time| *time <= at), at_risk: self.at_risk(at) }
    }

    /// Events before a time.
    pub fn before(&self, at: f64) -> Tally {
        Tally { events: self.events.partition_point(|time| *time < at), at_risk: self.at_risk(at) }
    }

    fn at_risk(&self, at: f64) -> usize {
        let ended = self.ends.partition_point(|time| *time < at);
        // Who enters at a time or later is not yet there; time zero has everybody who enters at it.
        let not_yet = self.entries.len() - self.entries.partition_point(|entry| *entry < at || *entry <= 0.0);
        (self.ends.len() - ended).saturating_sub(not_yet)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_at_a_time_is_by_it_and_not_before_it() {
        let event = [true, true, false, true];
        let tallies = Tallies::new(&[3.0, 1.0, 2.0, 3.0], None, |row| event[row]);
        assert_eq!(tallies.by(3.0), Tally { events: 3, at_risk: 2 });
        assert_eq!(tallies.before(3.0), Tally { events: 1, at_risk: 2 });
        assert_eq!(tallies.by(0.0), Tally { events: 0, at_risk: 4 });
        let late = Tallies::new(&[3.0, 1.0, 2.0, 3.0], Some(&[2.0, 0.0, 0.0, 1.0]), |row| event[row]);
        assert_eq!([0.0, 1.0, 2.0, 3.0].map(|at| late.by(at).at_risk), [2, 2, 2, 2]);
    }
}
