//! Intervals of shares that are those of a single count of subjects, to the last printed digit.

use super::proportion_interval::last_place;
use super::support::{in_percent, is_plain, level, limits_in_percent, row_classes, row_n};
use crate::audit::reported::metric::Metric;
use crate::audit::reported::{Figure, MetricCell, Performance, PerformanceRow, Reported};
use crate::stats::threshold::ProportionInterval;
use crate::stats::threshold::proportion::interval;

/// So many intervals of a table must be of single counts before its figures are no means.
const FEWEST: usize = 3;
/// Limits with a coarser last place are met by chance.
const COARSEST: f64 = 0.0011;
pub(super) const METHODS: [ProportionInterval; 3] =
    [ProportionInterval::ClopperPearson, ProportionInterval::Wilson, ProportionInterval::Wald];

/// A share and its limits, each with half of its last printed place.
pub(super) struct Read {
    share: (f64, f64),
    pub lower: (f64, f64),
    pub upper: (f64, f64),
    level: f64,
}

impl Read {
    pub(super) fn of(table: &Performance, cell: &MetricCell) -> Option<Self> {
        let figures = [cell.estimate.as_ref()?, cell.lower.as_ref()?, cell.upper.as_ref()?];
        let percent = in_percent(table, cell.metric, figures[0])?;
        let unit = |percent: bool| if percent { 0.01 } else { 1.0 };
        let limits = unit(limits_in_percent(cell, percent));
        let read = |figure: &Figure, unit: f64| {
            let place = last_place(figure, unit);
            (is_plain(figure) && place <= COARSEST).then_some((figure.value()? * unit, 0.5 * place + 1e-9))
        };
        Some(Self {
            share: read(figures[0], unit(percent))?,
            lower: read(figures[1], limits)?,
            upper: read(figures[2], limits)?,
            level: level(cell.ci_level.as_ref().or(table.ci_level.as_ref()))?,
        })
    }

    /// The whole number out of `n` that prints as the share.
    pub(super) fn count(&self, n: i128) -> Option<(u64, u64)> {
        let size = u64::try_from(n).ok().filter(|&size| size > 0)?;
        let count = (self.share.0 * size as f64).round().clamp(0.0, size as f64);
        is_near(count / size as f64, self.share).then_some((count as u64, size))
    }

    /// The limits of that number by a method.
    pub(super) fn limits(&self, (count, size): (u64, u64), method: ProportionInterval) -> Option<(f64, f64)> {
        interval(count, size, self.level, method).ok().map(|found| (found.lower, found.upper))
    }
}

pub(super) fn is_near(value: f64, printed: (f64, f64)) -> bool {
    (value - printed.0).abs() <= printed.1
}

/// Is the interval that of a whole number out of `n`, by one of the usual methods?
pub(super) fn is_of(table: &Performance, cell: &MetricCell, n: i128) -> bool {
    let Some(read) = Read::of(table, cell) else { return false };
    let Some(count) = read.count(n) else { return false };
    METHODS.into_iter().any(|method| {
        read.limits(count, method).is_some_and(|(low, high)| is_near(low, read.lower) && is_near(high, read.upper))
    })
}

/// The number of subjects behind a share, where it is printed itself.
pub(super) fn denominator(reported: &Reported, row: &PerformanceRow, cell: &MetricCell) -> Option<i128> {
    let (with, without) = row_classes(reported, row);
    let size = match cell.metric {
        Metric::Sensitivity | Metric::FalseNegativeRate => with,
        Metric::Specificity | Metric::FalsePositiveRate => without,
        Metric::Accuracy => row_n(reported, row),
        _ => None,
    };
    cell.share.of.as_ref().or(size)?.integer()
}

fn number(reported: &Reported, table: &Performance, row: &PerformanceRow) -> usize {
    let single = |cell: &&MetricCell| denominator(reported, row, cell).is_some_and(|n| is_of(table, cell, n));
    row.metrics.iter().filter(single).count()
}

/// The rows of a table whose figures are of single tables, as the intervals of several show: no mean has such limits.
pub(super) fn of_single_counts(reported: &Reported, table: &Performance) -> Vec<bool> {
    let numbers: Vec<usize> = table.rows.iter().map(|row| number(reported, table, row)).collect();
    let enough = numbers.iter().sum::<usize>() >= FEWEST;
    numbers.into_iter().map(|number| enough && number > 0).collect()
}
