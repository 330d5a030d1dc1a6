//! Cumulative incidence in the presence of competing events, by group, per partition.

use super::competing::{Competing, competing};
use super::groups::{Groups, groups};
use super::kaplan_meier::{Axis, to_interval};
use super::tally::Tallies;
use super::{Context, EvaluateError};
use crate::results::{CurveTallies, GroupIncidence, IncidenceAnalysis, IncidencePoint, PartitionIncidence};
use crate::spec::raw::RawCumulativeIncidence;
use crate::stats::survival::aalen_johansen::{AalenJohansenOptions, CumulativeIncidence, cumulative_incidence};
use crate::stats::survival::competing_risks::CompetingRisksData;
use crate::stats::survival::gray::gray;
use crate::stats::{StatsError, Test};

pub(super) fn evaluate(
    context: Context<'_>,
    declared: &RawCumulativeIncidence,
) -> Result<IncidenceAnalysis, EvaluateError> {
    let groups = groups(context, &declared.groups)?;
    let everyone: Vec<usize> = (0..context.cohort.n()).collect();
    let all = competing(context, &declared.outcome, &declared.competing, &everyone)?;
    let axis = Axis::to(all.time.iter().copied().fold(0.0, f64::max));
    let partitions = declared
        .partitions
        .iter()
        .map(|partition| {
            let rows = context.rows(partition).into_iter().filter(|row| groups.of[*row].is_some()).collect();
            within(declared, &groups, &all, rows, &axis, partition).map_err(|source| EvaluateError::Within {
                partition: partition.clone(),
                what: "cumulative incidence".to_string(),
                source,
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(IncidenceAnalysis {
        outcome: declared.outcome.clone(),
        competing: declared.competing.clone(),
        level: declared.level,
        grouped_by: groups.says,
        group_labels: groups.labels,
        rate_times: declared.rates_at.clone(),
        horizon: axis.end,
        risk_table_times: axis.ticks,
        partitions,
    })
}

fn within(
    declared: &RawCumulativeIncidence,
    groups: &Groups,
    all: &Competing,
    rows: Vec<usize>,
    axis: &Axis,
    partition: &str,
) -> Result<PartitionIncidence, StatsError> {
    let mut found = Vec::new();
    let mut present = 0;
    for (index, label) in groups.labels.iter().enumerate() {
        let members: Vec<usize> = rows.iter().copied().filter(|row| groups.of[*row] == Some(index)).collect();
        present += usize::from(!members.is_empty());
        found.push(of_group(declared, label, &all.of(&members), axis)?);
    }
    let group: Vec<usize> = rows.iter().filter_map(|row| groups.of[*row]).collect();
    let test = if present < 2 { None } else { compare(&all.of(&rows), &group, groups.labels.len())? };
    Ok(PartitionIncidence { partition: partition.to_string(), groups: found, gray: test })
}

/// Gray's test; `None` where there is no event of interest to compare.
fn compare(sample: &Competing, group: &[usize], groups: usize) -> Result<Option<Test>, StatsError> {
    match gray(&sample.data(), 1, group, groups, 0.0, None) {
        Ok(result) => Ok(Some(result.test)),
        Err(StatsError::NoEvents | StatsError::Undefined { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn of_group(
    declared: &RawCumulativeIncidence,
    label: &str,
    sample: &Competing,
    axis: &Axis,
) -> Result<GroupIncidence, StatsError> {
    let mut group = GroupIncidence {
        label: label.to_string(),
        n: sample.time.len(),
        events: sample.cause.iter().filter(|cause| **cause == 1).count(),
        competing: Some(sample.cause.iter().filter(|cause| **cause > 1).count()),
        rates: vec![None; declared.rates_at.len()],
        at_risk: axis.ticks.iter().map(|tick| Some(sample.time.iter().filter(|time| *time >= tick).count())).collect(),
        curve: Vec::new(),
        censored_at: Vec::new(),
        tallies: CurveTallies::default(),
    };
    if group.n == 0 {
        return Ok(group);
    }
    let options = AalenJohansenOptions { level: declared.level, interval: to_interval(declared.interval) };
    let data: CompetingRisksData<'_> = sample.data();
    let fit = cumulative_incidence(&data, 1, &options)?;
    let last = sample.time.iter().copied().fold(0.0, f64::max);
    group.rates = declared.rates_at.iter().map(|time| (*time <= last).then(|| fit.at(*time))).collect();
    group.curve = axis.covering(last, |time| fit.at(time).value).map(|time| point(&fit, time)).collect();
    let censored = sample.time.iter().zip(&sample.cause).filter(|(_, cause)| **cause == 0).map(|(time, _)| *time);
    group.censored_at = axis.marks(censored);
    let tallies = Tallies::new(&sample.time, None, |row| sample.cause[row] == 1);
    group.tallies = CurveTallies {
        curve: group.curve.iter().map(|point| tallies.by(point.time)).collect(),
        rates: declared.rates_at.iter().map(|time| tallies.by(*time)).collect(),
        ticks: axis.ticks.iter().map(|time| tallies.before(*time)).collect(),
        ..CurveTallies::default()
    };
    Ok(group)
}

fn point(fit: &CumulativeIncidence, time: f64) -> IncidencePoint {
    let estimate = fit.at(time);
    let limits = estimate.interval.as_ref();
    IncidencePoint {
        time,
        incidence: estimate.value,
        lower: limits.map(|interval| interval.lower),
        upper: limits.map(|interval| interval.upper),
    }
}
