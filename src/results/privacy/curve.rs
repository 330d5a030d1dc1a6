//! Curves of survival and of incidence: none beyond the time at which few are at risk, no step of few events.

use super::Rule;
use crate::stats::Estimate;

/// A point of a step curve.
pub(super) trait Point: Copy {
    fn time(&self) -> f64;

    /// The chance to be without the event still: S of a survival curve, 1 − F of an incidence.
    fn free(&self) -> f64;
}

/// What is told of one group over time.
pub(super) struct OverTime<'a, P> {
    /// At the times of the risk table.
    pub at_risk: &'a mut Vec<usize>,
    pub curve: &'a mut Vec<P>,
    pub censored_at: &'a mut Vec<f64>,
    /// At the times of the rates.
    pub rates: &'a mut [Option<Estimate>],
}

impl<P: Point> OverTime<'_, P> {
    /// Ends everything at the last time of the risk table at which enough are at risk, and takes away steps of few events.
    pub fn shorten(self, risk_times: &[f64], rate_times: &[f64], rule: Rule) {
        let enough = self.at_risk.iter().take_while(|count| **count >= rule.minimum).count();
        let complete = enough == self.at_risk.len();
        self.at_risk.truncate(enough);
        let end = enough.checked_sub(1).and_then(|last| risk_times.get(last)).copied().unwrap_or(f64::NEG_INFINITY);
        if !complete {
            self.curve.retain(|point| point.time() <= end);
            self.censored_at.retain(|time| *time <= end);
            for (rate, time) in self.rates.iter_mut().zip(rate_times) {
                if *time > end {
                    *rate = None;
                }
            }
        }
        // Beyond the last time of the table nobody has been counted: as many as there may be few.
        let at_risk_later = |time: f64| {
            let next = risk_times.iter().position(|risk_time| *risk_time >= time);
            next.and_then(|at| self.at_risk.get(at)).copied().unwrap_or(0)
        };
        *self.curve = coarse(self.curve, rule, at_risk_later);
        let grid: Vec<f64> = self.curve.iter().map(Point::time).collect();
        // A censoring mark says that at least one left: it stands at the next point that is kept.
        let mut marks: Vec<f64> =
            self.censored_at.iter().filter_map(|time| grid.iter().find(|kept| *kept >= time).copied()).collect();
        marks.dedup();
        *self.censored_at = marks;
    }
}

/// Points between which the curve moves by at least `minimum` events. A single event lowers the chance S to be without it by
/// S/Y at most, so that a fall from S by Δ is at least Δ·Y/S events; with competing events the step is smaller still. Y is at
/// most the number at risk: that at the next time of the risk table is used, which is less, and so the bound holds.
fn coarse<P: Point>(curve: &[P], rule: Rule, at_risk_later: impl Fn(f64) -> usize) -> Vec<P> {
    let mut kept: Vec<P> = Vec::new();
    for point in curve {
        let moves = match kept.last() {
            None => true,
            Some(last) if last.free() == point.free() => true,
            Some(last) => {
                let events = (last.free() - point.free()) * at_risk_later(point.time()) as f64 / last.free();
                events >= rule.minimum as f64 - 1e-9
            }
        };
        if moves {
            kept.push(*point);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::CurvePoint;

    /// 100 at risk, one event a month: a fall of five hundredths is five events while nobody is censored.
    #[test]
    fn steps_of_few_events_are_taken_away() {
        let curve: Vec<CurvePoint> = (0..=20)
            .map(|month| CurvePoint {
                time: f64::from(month),
                survival: 1.0 - f64::from(month) / 100.0,
                lower: 0.0,
                upper: 1.0,
            })
            .collect();
        let kept = coarse(&curve, Rule { minimum: 5 }, |_| 80);
        let times: Vec<f64> = kept.iter().map(|point| point.time).collect();
        // 80 are at risk at the end: 5 events are a fall of 0.0625 from 1, then of 5/80 of what is left.
        assert_eq!(times, [0.0, 7.0, 13.0, 19.0]);
    }
}
