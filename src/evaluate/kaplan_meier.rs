//! Survival curves by group, with rates at the declared times, numbers at risk and a log-rank test, per partition.

use super::entry::{entry_times, require_observed};
use super::groups::{Groups, groups};
use super::survival_comparisons::{Compared, strata};
use super::tally::Tallies;
use super::{Context, EvaluateError, pick};
use crate::predictions::SurvivalColumns;
use crate::results::{CurvePoint, CurveTallies, GroupSurvival, PartitionSurvival, SurvivalAnalysis};
use crate::spec::raw::{RawLogRank, RawStatistic, RawSurvivalInterval};
use crate::stats::StatsError;
use crate::stats::survival::kaplan_meier::{KaplanMeier, KaplanMeierOptions, SurvivalInterval, kaplan_meier};

/// Curves are kept on this many equal steps of the time axis: fine enough that no reader sees the difference, and no
/// subject's own time is in the results.
const GRID_STEPS: usize = 240;

pub(super) fn evaluate(
    context: Context<'_>,
    id: &str,
    statistic: &RawStatistic,
) -> Result<SurvivalAnalysis, EvaluateError> {
    let RawStatistic::KaplanMeier {
        outcome,
        groups: declared,
        partitions,
        rates_at,
        level,
        interval,
        horizon,
        test,
        restricted_mean_to,
        entry: entry_variable,
    } = statistic
    else {
        return Err(EvaluateError::Other(format!("`{id}` is not a Kaplan-Meier analysis")));
    };
    let groups = groups(context, declared)?;
    let entry = entry_variable.as_ref().map(|name| entry_times(context, outcome, name)).transpose()?;
    let options = KaplanMeierOptions { level: *level, interval: to_interval(*interval) };
    let everyone: Vec<usize> = (0..context.cohort.n()).collect();
    let longest = context.predictions.survival(outcome, &everyone).time.iter().copied().fold(0.0, f64::max);
    let axis = Axis::to(horizon.unwrap_or(longest));
    let plan = Plan {
        context,
        outcome,
        groups: &groups,
        axis: &axis,
        rates_at,
        options: &options,
        test,
        strata: strata(context, test)?,
        restricted_to: *restricted_mean_to,
        entry: entry.as_deref(),
    };
    if let Some(name) = entry_variable {
        for partition in partitions {
            let rows = plan.known(partition);
            let columns = plan.survival(&rows);
            require_observed(columns.entry.as_deref().unwrap_or_default(), &columns.time, name, partition)?;
        }
    }
    let partitions = partitions
        .iter()
        .map(|partition| {
            plan.within(partition).map_err(|source| EvaluateError::Within {
                partition: partition.clone(),
                what: "survival".to_string(),
                source,
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(SurvivalAnalysis {
        outcome: outcome.clone(),
        level: *level,
        grouped_by: groups.says,
        group_labels: groups.labels,
        rate_times: rates_at.clone(),
        risk_table_times: axis.ticks,
        entry: entry_variable.clone(),
        partitions,
    })
}

/// The time axis of the figure, its ticks, and the grid on which curves are kept.
pub(super) struct Axis {
    pub end: f64,
    pub ticks: Vec<f64>,
}

impl Axis {
    /// From 0 to the first round number at or above `longest`, in four to eight steps of 1, 2 or 5 times a power of ten.
    pub fn to(longest: f64) -> Self {
        if longest <= 0.0 {
            return Self { end: 1.0, ticks: vec![0.0, 1.0] };
        }
        let mut step = 10f64.powi((longest / 8.0).log10().floor() as i32);
        for factor in [2.0, 2.5, 2.0, 2.0] {
            if longest / step <= 8.0 {
                break;
            }
            step *= factor;
        }
        let steps = (longest / step).ceil().max(1.0) as usize;
        Self { end: steps as f64 * step, ticks: (0..=steps).map(|tick| tick as f64 * step).collect() }
    }

    pub fn grid(&self) -> impl Iterator<Item = f64> {
        (0..=GRID_STEPS).map(|step| self.end * step as f64 / GRID_STEPS as f64)
    }

    /// The times of the grid up to the last time of a group, and the next one where its curve still falls or rises on the way
    /// there: the last subject of many groups has the event.
    pub fn covering(&self, last: f64, curve: impl Fn(f64) -> f64) -> impl Iterator<Item = f64> {
        let within = self.grid().take_while(|time| *time <= last).last();
        let moves_on = within.is_some_and(|within| curve(within) != curve(last));
        let next = self.grid().find(|time| *time > last).filter(|_| moves_on);
        self.grid().take_while(move |time| *time <= last || Some(*time) == next)
    }

    /// The times of the grid at which somebody of these was censored since the one before.
    pub fn marks(&self, censored: impl Iterator<Item = f64>) -> Vec<f64> {
        let step = self.end / GRID_STEPS as f64;
        let mut cells: Vec<usize> =
            censored.filter(|time| *time <= self.end).map(|time| (time / step).ceil() as usize).collect();
        cells.sort_unstable();
        cells.dedup();
        cells.into_iter().map(|cell| self.end * cell as f64 / GRID_STEPS as f64).collect()
    }
}

/// One declared analysis, to be carried out in each partition.
struct Plan<'a> {
    context: Context<'a>,
    outcome: &'a str,
    groups: &'a Groups,
    axis: &'a Axis,
    rates_at: &'a [f64],
    options: &'a KaplanMeierOptions,
    test: &'a RawLogRank,
    strata: Option<&'a [Option<usize>]>,
    restricted_to: Option<f64>,
    entry: Option<&'a [Option<f64>]>,
}

impl Plan<'_> {
    /// The subjects with a group and, where there is delayed entry, a time of it.
    fn known(&self, partition: &str) -> Vec<usize> {
        let rows = self.context.rows(partition).into_iter();
        rows.filter(|row| self.groups.of[*row].is_some() && self.entry.is_none_or(|entry| entry[*row].is_some()))
            .collect()
    }

    fn survival(&self, rows: &[usize]) -> SurvivalColumns {
        SurvivalColumns {
            entry: self.entry.map(|entry| pick(entry, rows).into_iter().flatten().collect()),
            ..self.context.predictions.survival(self.outcome, rows)
        }
    }

    fn within(&self, partition: &str) -> Result<PartitionSurvival, StatsError> {
        let Groups { labels, of, .. } = self.groups;
        let known = self.known(partition);
        let members: Vec<Vec<usize>> = (0..labels.len())
            .map(|group| known.iter().copied().filter(|row| of[*row] == Some(group)).collect())
            .collect();
        let groups = members
            .iter()
            .zip(labels)
            .map(|(rows, label)| self.group(label, &self.survival(rows)))
            .collect::<Result<Vec<_>, _>>()?;
        let compared = Compared::new(self.context, self.outcome, labels, of, &known, self.strata, self.entry);
        Ok(PartitionSurvival {
            partition: partition.to_string(),
            groups,
            log_rank: compared.all(self.test)?,
            comparisons: compared.further(
                self.test,
                self.test.stratify.clone(),
                self.restricted_to,
                self.options.level,
            )?,
        })
    }

    fn group(&self, label: &str, columns: &SurvivalColumns) -> Result<GroupSurvival, StatsError> {
        let (axis, rates_at) = (self.axis, self.rates_at);
        let n = columns.time.len();
        let mut group = GroupSurvival {
            label: label.to_string(),
            n,
            events: columns.event.iter().filter(|event| **event).count(),
            median: None,
            median_withheld: false,
            rates: vec![None; rates_at.len()],
            at_risk: vec![Some(0); axis.ticks.len()],
            curve: Vec::new(),
            censored_at: Vec::new(),
            tallies: CurveTallies::default(),
        };
        if n == 0 {
            return Ok(group);
        }
        let fit = kaplan_meier(&columns.data(), self.options)?;
        let last = columns.time.iter().copied().fold(0.0, f64::max);
        group.median = Some(fit.median()).filter(|median| median.value.is_finite());
        group.rates = rates_at.iter().map(|time| (*time <= last).then(|| fit.at(*time))).collect();
        group.at_risk = axis.ticks.iter().map(|time| Some(fit.at_risk(*time).round() as usize)).collect();
        group.curve = axis.covering(last, |time| fit.survival_at(time)).map(|time| point(&fit, time)).collect();
        let censored = columns.time.iter().zip(&columns.event).filter(|(_, event)| !**event).map(|(time, _)| *time);
        group.censored_at = axis.marks(censored);
        let tallies = Tallies::new(&columns.time, columns.entry.as_deref(), |row| columns.event[row]);
        group.tallies = CurveTallies {
            curve: group.curve.iter().map(|point| tallies.by(point.time)).collect(),
            rates: rates_at.iter().map(|time| tallies.by(*time)).collect(),
            ticks: axis.ticks.iter().map(|time| tallies.before(*time)).collect(),
            median: group.median.as_ref().map(|median| tallies.by(median.value)),
            median_point: group.median.as_ref().map(|median| point(&fit, median.value)),
            restricted: self.restricted_to.map(|time| tallies.by(time)),
        };
        Ok(group)
    }
}

fn point(fit: &KaplanMeier, time: f64) -> CurvePoint {
    let estimate = fit.at(time);
    let (lower, upper) =
        estimate.interval.map_or((estimate.value, estimate.value), |interval| (interval.lower, interval.upper));
    CurvePoint { time, survival: estimate.value, lower, upper }
}

pub(super) fn to_interval(interval: RawSurvivalInterval) -> SurvivalInterval {
    match interval {
        RawSurvivalInterval::Plain => SurvivalInterval::Plain,
        RawSurvivalInterval::Log => SurvivalInterval::Log,
        RawSurvivalInterval::LogLog => SurvivalInterval::LogLog,
        RawSurvivalInterval::Logit => SurvivalInterval::Logit,
        RawSurvivalInterval::Arcsine => SurvivalInterval::Arcsine,
    }
}

#[cfg(test)]
mod tests {
    use super::Axis;

    #[test]
    fn a_curve_is_followed_to_its_last_event() {
        // Steps of the grid are shorter than 0.1; the last subject has the event between two of them.
        let axis = Axis::to(20.0);
        let last = axis.grid().nth(5).unwrap() + 0.001;
        let falls = |time: f64| if time >= last { 0.0 } else { 0.5 };
        let drawn: Vec<f64> = axis.covering(last, falls).collect();
        assert_eq!(drawn.len(), 7);
        assert!(falls(drawn[6]) == 0.0 && falls(drawn[5]) == 0.5);
        // Where the last one is censored, it ends with the follow-up.
        assert_eq!(axis.covering(last, |_| 0.5).count(), 6);
        assert_eq!(axis.covering(axis.end + 1.0, falls).last(), axis.grid().last());
    }

    #[test]
    fn axes_end_on_a_round_number_with_a_readable_number_of_ticks() {
        for longest in [0.3, 0.99, 4.2, 19.3, 60.0, 7043.0] {
            let axis = Axis::to(longest);
            assert!(axis.end >= longest && (3..=9).contains(&axis.ticks.len()), "{longest}: {:?}", axis.ticks);
        }
    }
}
