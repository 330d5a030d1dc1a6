//! A printed interval against every method that is known for its estimate.
//!
//! The declared method comes first, then the study's own, then the others. When one reproduces both printed limits, that is
//! said. When the declared method does not, under any standard error that it is usual with, the limits disagree, whatever
//! other method gives them. When no method is
//! declared and none gives the limits, they disagree only if no known interval is anywhere near: an unnamed method may
//! differ from all of ours, but not by much.

use super::agreement::judge;
use super::rows::RowBuilder;
use crate::audit::reported::{CiMethod, Figure};
use crate::results::{Agreement, FigurePart};
use crate::stats::Interval;
use crate::stats::distribution::normal_critical;

/// An interval by a method with a name.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub method: CiMethod,
    /// In words: "Clopper-Pearson".
    pub name: String,
    pub lower: f64,
    pub upper: f64,
}

impl Known {
    /// As a result gives it.
    pub fn of_result(interval: &Interval) -> Self {
        let (method, name) = (CiMethod::of_result(&interval.method), interval.method.to_string());
        Self { method, name, lower: interval.lower, upper: interval.upper }
    }

    /// Of a ratio, from the standard error of its logarithm.
    pub fn on_the_log_scale(ratio: f64, error: f64, level: f64, name: &str) -> Self {
        let factor = (normal_critical(level) * error).exp();
        Self { method: CiMethod::WaldLog, name: name.to_string(), lower: ratio / factor, upper: ratio * factor }
    }
}

/// A printed limit that is farther from every known one than this share of its distance to the estimate is no limit by
/// another of the usual methods, whose half-widths differ less.
const NEAR: f64 = 0.25;

/// Two bootstrap intervals of the same data differ by their draws: a limit of a thousand replicates has a standard error
/// of about a twelfth of a standard error of the estimate, and the limits lie two of those from it.
const DRAWS: f64 = 0.25;

/// The printed limits of one estimate.
pub(super) struct Limits<'f> {
    pub lower: &'f Option<Figure>,
    pub upper: &'f Option<Figure>,
    pub declared: Option<CiMethod>,
    /// The factor between the recomputed and the printed unit: 100 for percents.
    pub factor: f64,
}

/// Judges both limits and says by which method; `known` in the order of preference.
pub(super) fn judge_limits(limits: &Limits<'_>, estimate: f64, known: &[Known], row: &mut RowBuilder<'_>) {
    let (Some(_), Some(_)) = (limits.lower, limits.upper) else {
        // One limit alone is not judged by searching methods for it.
        row.unknown(FigurePart::Lower, limits.lower);
        row.unknown(FigurePart::Upper, limits.upper);
        return;
    };
    let named = limits.declared.filter(|method| !matches!(method, CiMethod::NotStated | CiMethod::Other));
    let agreement = |interval: &Known| {
        let one = |figure: &Option<Figure>, value: f64| {
            let printed = figure.as_ref().and_then(|figure| figure.number.as_ref());
            printed.map_or(Agreement::NotRecomputable, |printed| judge(printed, limits.factor * value))
        };
        [one(limits.lower, interval.lower), one(limits.upper, interval.upper)]
    };
    let holds = |interval: &&Known| agreement(interval).iter().all(|verdict| *verdict <= Agreement::AgreesUpToRounding);
    let declared = |interval: &&Known| Some(interval.method) == named;
    let own = known.iter().filter(declared).find(|own| holds(own)).or(known.iter().find(declared));
    let Some(first) = own.or(known.first()) else {
        row.says("no interval of it is known here");
        row.unknown(FigurePart::Lower, limits.lower);
        row.unknown(FigurePart::Upper, limits.upper);
        return;
    };
    let row_differs = row.estimate_disagrees();
    let mut put = |interval: &Known, verdicts: [Agreement; 2]| {
        row.judged(FigurePart::Lower, limits.lower, limits.factor * interval.lower, verdicts[0], "");
        row.judged(FigurePart::Upper, limits.upper, limits.factor * interval.upper, verdicts[1], "");
    };
    if holds(&first) {
        put(first, agreement(first));
        row.says(format!("interval: {}", first.name));
        return;
    }
    // The best of the others: exact agreement before agreement up to rounding.
    let other = known.iter().filter(holds).min_by_key(|interval| agreement(interval).into_iter().max());
    if let Some(other) = other {
        match own {
            Some(own) => {
                put(own, agreement(own));
                row.says(format!("interval: {} is stated, {} gives the printed limits", own.name, other.name));
            }
            None => {
                put(other, agreement(other));
                row.says(format!("interval: {}", other.name));
            }
        }
        return;
    }
    let near = |share: f64| {
        known.iter().any(|interval| {
            let close = |figure: &Option<Figure>, value: f64| {
                let printed = figure.as_ref().and_then(|figure| figure.number.as_ref());
                let half = (value - estimate).abs().max(0.5 * (interval.upper - interval.lower) * 0.5);
                printed.is_some_and(|printed| {
                    let unit = 10_f64.powi(-i32::try_from(printed.scale).unwrap_or(0)) / limits.factor;
                    (printed.value() / limits.factor - value).abs() <= share * half + unit
                })
            };
            close(limits.lower, interval.lower) && close(limits.upper, interval.upper)
        })
    };
    let unknown = [Agreement::NotRecomputable; 2];
    match (named, own) {
        (Some(CiMethod::Bootstrap), _) if near(DRAWS) => {
            put(first, unknown);
            row.says(format!("a bootstrap interval depends on its draws; near {}", first.name));
        }
        // The limits are those of another estimate: that no method gives them says nothing of the method.
        (_, own) if row_differs => {
            let shown = own.unwrap_or(first);
            put(shown, agreement(shown));
            row.says(format!("the estimates differ, and their limits with them; interval: {}", shown.name));
        }
        (_, Some(own)) => {
            put(own, agreement(own));
            row.says(format!("interval: {}; no other known method gives the printed limits", own.name));
        }
        (_, None) if near(NEAR) => {
            put(first, unknown);
            let why = if named.is_some() {
                "is not recomputed here"
            } else {
                "is not stated, and no known one gives these limits"
            };
            row.says(format!("the method of the interval {why}; {} is near", first.name));
        }
        (_, None) => {
            put(first, agreement(first));
            row.says(format!("no known method comes near the printed limits; {} is shown", first.name));
        }
    }
}
