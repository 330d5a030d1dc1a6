//! V203: the interval of a share of subjects, against the number of subjects.

use super::Rule;
use super::binomial;
use super::confusion_matrix::asked;
use super::odd_limit;
use super::support::{in_percent, is_averaged, is_plain, level, limits_in_percent, looks_averaged, row_classes, row_n};
use crate::audit::finding::{Finding, RangeFigure, Sink, Verdict};
use crate::audit::reported::metric::Metric;
use crate::audit::reported::{Body, Figure, MetricCell, Performance, PerformanceRow, Reported};
use crate::audit::statement::{PrintedInterval, Statement};
use crate::stats::distribution::normal_critical;

pub(super) const CODE: &str = "V203";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "proportion-interval",
    checks: "that the interval of accuracy, sensitivity, specificity or a predictive value is not far narrower than its \
             number of subjects allows; and which number of subjects would give it; and, where all other intervals of a table are those of their counts by one \
             method (exact, Wilson, Wald), that both limits of the last are",
    why: "The standard error of a share p of n subjects is sqrt(p (1 - p) / n). Intervals by Wald, Wilson, exact or \
          bootstrap methods differ from 1.96 times that by some percent, clustering only widens them; an interval of less \
          than half the width (even one standard error is more) is of more subjects, or of something else.",
    example: "sensitivity 0.80 (0.78 to 0.82) in a sample of 40",
    silent: "for shares near 0 or 1; below 10 subjects; for means over folds or repeats, whose interval is of the mean, and where V201 asks what a figure is; \
             where each of three or more intervals of a row is, to the digit, of a count of more units; for \
             wide intervals; when n is not printed. Where the denominator of a share is not known, all subjects count. Of a single limit, unless five \
             intervals or more show the method and the other limit is of it; below 20 subjects; and for limits of 0 or 1",
    strongest: Verdict::Inconsistent,
    run,
};

/// The part of the usual half-width below which an interval is called too narrow: under one standard error (1/1.96).
pub(super) const NARROW: f64 = 0.45;

struct Narrow {
    leaves: Vec<usize>,
    says: String,
    factor: f64,
    figure: RangeFigure,
    statement: Statement,
}

fn run(reported: &Reported, sink: &mut Sink) {
    let asked = asked(reported, sink);
    for section in &reported.sections {
        let Body::Performance(table) = &section.body else { continue };
        let mut narrow: Vec<Narrow> = Vec::new();
        let mut implied: Vec<(f64, f64)> = Vec::new();
        let mut checked = 0_usize;
        for row in &table.rows {
            let cohort = row.cohort.as_deref().unwrap_or("");
            let averaged = is_averaged(reported, row);
            let of_more = of_more_units(reported, table, row);
            for cell in row.metrics.iter().filter(|cell| cell.metric.is_share()) {
                let (Some(estimate), Some(lower), Some(upper)) = (&cell.estimate, &cell.lower, &cell.upper) else {
                    continue;
                };
                let leaves = vec![estimate.leaf, lower.leaf, upper.leaf];
                if averaged || looks_averaged(&[cohort, &row.model, &section.name]) {
                    sink.not_applicable(CODE, leaves, "the interval of a mean over several samples");
                    continue;
                }
                if asked.contains(&estimate.leaf) {
                    sink.undecidable(CODE, leaves, "what the figure is is a question of V201");
                    continue;
                }
                let Some(read) = Read::of(table, cell, estimate, lower, upper) else {
                    sink.undecidable(CODE, leaves, "the interval or its scale cannot be read");
                    continue;
                };
                if let Some(range) = read.implied_n() {
                    implied.push(range);
                }
                let Some((n, n_leaf)) = denominator(reported, row, cell) else {
                    sink.undecidable(CODE, leaves, "the number of subjects is not printed");
                    continue;
                };
                checked += 1;
                match read.too_narrow(n) {
                    Some(_) if of_more => {
                        let says = "all intervals of the row are of counts of more than its subjects: of images or lesions? Say `n:`";
                        sink.undecidable(CODE, leaves, says);
                    }
                    Some((factor, usual)) => {
                        let (low, high) = (read.centre - usual, read.centre + usual);
                        narrow.push(Narrow {
                            leaves: leaves.into_iter().chain([n_leaf]).collect(),
                            says: format!(
                                "{} {} {} {} ({} to {}), where {} subjects at most would give about {:.2} to {:.2}",
                                row.model,
                                cohort,
                                cell.key,
                                estimate.text,
                                lower.text,
                                upper.text,
                                n,
                                low.max(0.0),
                                high.min(1.0)
                            ),
                            factor,
                            statement: Statement::NarrowShare {
                                interval: read.printed_interval(estimate, lower, upper),
                                n: n_leaf,
                            },
                            figure: RangeFigure {
                                title: format!("{} {cohort} {}", row.model, cell.key),
                                printed_lower: read.printed.0,
                                printed_upper: read.printed.1,
                                estimate: read.centre,
                                feasible_lower: low.max(0.0),
                                feasible_upper: high.min(1.0),
                            },
                        });
                    }
                    None => sink.pass(CODE, leaves, format!("not narrower than {n} subjects allow")),
                }
            }
        }
        odd_limit::examine(reported, &section.name, table, &asked, sink);
        report(&section.name, narrow, checked, &implied, sink);
    }
}

/// Fewer intervals of a row say nothing about what it counts.
const FEWEST_INTERVALS: usize = 3;
/// The numbers of units that give a width by exact methods are within this of those by Wald's.
const ABOUT: f64 = 0.1;
const LARGEST: f64 = 20_000.0;

/// Is each interval of the row, to the digit, that of a count of more than its subjects (of images, of lesions)?
fn of_more_units(reported: &Reported, table: &Performance, row: &PerformanceRow) -> bool {
    if row.one_table {
        return false;
    }
    let of_more = |cell: &MetricCell| {
        let read = Read::of(table, cell, cell.estimate.as_ref()?, cell.lower.as_ref()?, cell.upper.as_ref()?)?;
        let (own, _) = denominator(reported, row, cell)?;
        let (low, high) = read.implied_n()?;
        let (first, last) = ((low * (1.0 - ABOUT)) as i128, (high * (1.0 + ABOUT)).min(LARGEST) as i128);
        Some((first.max(own + 1)..=last).any(|n| binomial::is_of(table, cell, n)))
    };
    let with_interval = |cell: &&MetricCell| cell.metric.is_share() && cell.lower.is_some() && cell.upper.is_some();
    let mut cells = row.metrics.iter().filter(with_interval);
    cells.clone().count() >= FEWEST_INTERVALS && cells.all(|cell| of_more(cell) == Some(true))
}

/// An interval in proportions; each number with what rounding allows.
pub(super) struct Read {
    centre: f64,
    estimate: (f64, f64),
    lower: (f64, f64),
    upper: (f64, f64),
    /// The printed side without any allowance for rounding, and the coarsest last place.
    side: f64,
    printed: (f64, f64),
    last_place: f64,
    critical: f64,
    level: f64,
    unit: f64,
    limit_unit: f64,
}

impl Read {
    pub(super) fn of(
        table: &Performance,
        cell: &MetricCell,
        estimate: &Figure,
        lower: &Figure,
        upper: &Figure,
    ) -> Option<Self> {
        if ![estimate, lower, upper].into_iter().all(is_plain) {
            return None;
        }
        let percent = in_percent(table, cell.metric, estimate)?;
        let unit = if percent { 0.01 } else { 1.0 };
        let limit_unit = if limits_in_percent(cell, percent) { 0.01 } else { 1.0 };
        let scaled = |figure: &Figure, unit: f64| {
            let (low, high) = figure.number.as_ref()?.widest();
            Some((low * unit, high * unit))
        };
        let level = level(cell.ci_level.as_ref().or(table.ci_level.as_ref()))?;
        Some(Self {
            centre: estimate.value()? * unit,
            estimate: scaled(estimate, unit)?,
            lower: scaled(lower, limit_unit)?,
            upper: scaled(upper, limit_unit)?,
            side: (estimate.value()? * unit - lower.value()? * limit_unit)
                .max(upper.value()? * limit_unit - estimate.value()? * unit),
            printed: (lower.value()? * limit_unit, upper.value()? * limit_unit),
            last_place: last_place(estimate, unit)
                .max(last_place(lower, limit_unit))
                .max(last_place(upper, limit_unit)),
            critical: normal_critical(level),
            level,
            unit,
            limit_unit,
        })
    }

    pub(super) fn printed_interval(&self, estimate: &Figure, lower: &Figure, upper: &Figure) -> PrintedInterval {
        PrintedInterval {
            estimate: estimate.leaf,
            lower: lower.leaf,
            upper: upper.leaf,
            unit: self.unit,
            limit_unit: self.limit_unit,
            level: self.level,
        }
    }

    /// The larger side, as wide as rounding allows.
    fn widest_side(&self) -> f64 {
        (self.estimate.1 - self.lower.0).max(self.upper.1 - self.estimate.0)
    }

    /// p (1 - p) at its smallest within the rounding of the estimate.
    fn least_variance(&self) -> f64 {
        let at = |p: f64| (p.clamp(0.0, 1.0)) * (1.0 - p.clamp(0.0, 1.0));
        at(self.estimate.0).min(at(self.estimate.1))
    }

    /// The factor by which the printed side falls short of the usual one, and the usual half-width.
    fn too_narrow(&self, n: i128) -> Option<(f64, f64)> {
        if n < 10 {
            return None;
        }
        let n = n as f64;
        let usual = self.critical * (self.least_variance() / n).sqrt() / (1.0 + self.critical * self.critical / n);
        let side = self.widest_side();
        // Any rounding moves a side by less than two last places; nearest rounding by one. Where the usual half-width is
        // many last places, even the former leaves an honest interval far above the threshold.
        let nearest = self.side + self.last_place;
        let coarse = usual < 8.0 * self.last_place;
        let side = if coarse { side } else { side.min(nearest) };
        (side < NARROW * usual).then(|| (side / usual, self.critical * (self.centre * (1.0 - self.centre) / n).sqrt()))
    }

    /// The numbers of subjects whose Wald interval has the printed width.
    pub(super) fn implied_n(&self) -> Option<(f64, f64)> {
        let narrowest = self.upper.0 - self.lower.1;
        let widest = self.upper.1 - self.lower.0;
        let variance = self.centre * (1.0 - self.centre) * 4.0 * self.critical * self.critical;
        (narrowest > 0.0 && variance > 0.0 && self.lower.0 > 0.0 && self.upper.1 < 1.0)
            .then(|| (variance / (widest * widest), variance / (narrowest * narrowest)))
    }
}

/// The value of the last printed place.
pub(super) fn last_place(figure: &Figure, unit: f64) -> f64 {
    figure.number.as_ref().map_or(1.0, |printed| unit * 10_f64.powi(-i32::try_from(printed.scale).unwrap_or(0)))
}

/// The denominator of a share, or a number that it cannot exceed.
pub(super) fn denominator(reported: &Reported, row: &PerformanceRow, cell: &MetricCell) -> Option<(i128, usize)> {
    if let Some(of) = &cell.share.of {
        return Some((of.integer()?, of.leaf));
    }
    let (positive, negative) = row_classes(reported, row);
    let exact = match cell.metric {
        Metric::Sensitivity | Metric::FalseNegativeRate => positive,
        Metric::Specificity | Metric::FalsePositiveRate => negative,
        _ => None,
    };
    let size = exact.or_else(|| row_n(reported, row))?;
    Some((size.integer()?, size.leaf))
}

fn report(section: &str, mut narrow: Vec<Narrow>, checked: usize, implied: &[(f64, f64)], sink: &mut Sink) {
    narrow.sort_by(|a, b| a.factor.total_cmp(&b.factor).then_with(|| a.leaves.cmp(&b.leaves)));
    let Some(worst) = narrow.first() else { return };
    let message = format!(
        "{} of {checked} intervals of shares are less than half as wide as their numbers of subjects allow; {}",
        narrow.len(),
        worst.says
    );
    let mut finding = Finding::new(CODE, Verdict::Inconsistent, section, worst.leaves.clone(), message)
        .assuming("the interval is a 95 % interval (or of the stated level) of the share itself")
        .assuming("each subject gives one reading")
        .stating(worst.statement.clone());
    for other in narrow.iter().skip(1).take(3) {
        finding = finding.evidence(other.says.clone());
    }
    if let Some((n, serves)) = common(implied) {
        finding = finding.evidence(format!(
            "about {n:.0} subjects in every row would give {serves} of {} of these widths",
            implied.len()
        ));
    }
    finding.also = narrow.iter().skip(1).flat_map(|one| one.leaves.clone()).collect();
    finding.figures = narrow.into_iter().map(|one| one.figure).collect();
    sink.finding(finding);
}

/// The number that lies in the most of these ranges, and in how many.
pub(super) fn common(ranges: &[(f64, f64)]) -> Option<(f64, usize)> {
    let mut ends: Vec<f64> = ranges.iter().flat_map(|range| [range.0, range.1]).collect();
    ends.sort_by(f64::total_cmp);
    let serves = |n: f64| ranges.iter().filter(|range| range.0 <= n && n <= range.1).count();
    let best = ends.iter().map(|&end| serves(end)).max()?;
    let good: Vec<f64> = ends.into_iter().filter(|&end| serves(end) == best).collect();
    Some((0.5 * (good.first()? + good.last()?), best))
}
