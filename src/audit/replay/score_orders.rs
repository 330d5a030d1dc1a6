//! Intervals of shares and AUCs against the narrowest that a sample gives: every count, every reading, every score order.

use super::decimal::{Decimal, Printed, whole};
use super::distribution::z_of;
use super::{Replay, unreadable};
use crate::audit::statement::{IntervalOf, PrintedInterval};
use std::collections::HashMap;

/// The printed interval on the scale of proportions: its larger side as wide as nearest rounding, and as any, allows.
struct Side {
    estimate: (f64, f64),
    fine: f64,
    coarse: f64,
    place: f64,
    critical: f64,
}

fn side<'t>(interval: &PrintedInterval, text: &impl Fn(usize) -> Printed<'t>) -> Option<Side> {
    let read = |leaf: usize, unit: f64| {
        let (low, high) = Decimal::read(text(leaf))?.ends();
        Some((low * unit, high * unit))
    };
    let estimate = read(interval.estimate, interval.unit)?;
    let lower = read(interval.lower, interval.limit_unit)?;
    let upper = read(interval.upper, interval.limit_unit)?;
    // The printed digits, and one last place: nearest rounding of both ends of a side.
    let typed = |leaf: usize, unit: f64| {
        let decimal = Decimal::typed(text(leaf))?;
        Some((decimal.value() * unit, decimal.place() * unit))
    };
    let centre = typed(interval.estimate, interval.unit)?;
    let low = typed(interval.lower, interval.limit_unit)?;
    let high = typed(interval.upper, interval.limit_unit)?;
    let place = centre.1.max(low.1).max(high.1);
    let printed = (centre.0 - low.0).max(high.0 - centre.0);
    // A coarse interval may have been cut off or rounded up: then all that the digits allow.
    let whole = (estimate.1 - lower.0).max(upper.1 - estimate.0);
    Some(Side { estimate, fine: printed + place, coarse: whole, place, critical: z_of(1.0 - interval.level) })
}

impl Side {
    /// The larger side at its widest, where a half-width of `usual` is expected.
    fn widest(&self, usual: f64) -> f64 {
        if usual < 8.0 * self.place { self.coarse } else { self.coarse.min(self.fine) }
    }
}

/// Every count of `n` that prints as the share, with Wald's, Wilson's and the Agresti-Coull interval.
pub(super) fn narrow_share<'t>(
    interval: &PrintedInterval,
    n: Option<i128>,
    text: &impl Fn(usize) -> Printed<'t>,
) -> Replay {
    let (Some(side), Some(n)) = (side(interval, text), n) else { return unreadable() };
    let (size, z) = (n as f64, side.critical);
    let mut narrowest = f64::INFINITY;
    for k in 0..=n {
        let p = k as f64 / size;
        if p < side.estimate.0 || p > side.estimate.1 {
            continue;
        }
        let wald = z * (p * (1.0 - p) / size).sqrt();
        let wilson = z / (1.0 + z * z / size) * (p * (1.0 - p) / size + z * z / (4.0 * size * size)).sqrt();
        let shifted = (k as f64 + 0.5 * z * z) / (size + z * z);
        let agresti = z * (shifted * (1.0 - shifted) / (size + z * z)).sqrt();
        narrowest = narrowest.min(wald).min(wilson).min(agresti);
    }
    if narrowest.is_infinite() {
        return Replay::Confirmed(format!("no count of {n} subjects prints so at all"));
    }
    let widest = side.widest(narrowest);
    let says = format!(
        "the larger printed side is {widest:.4} at most, the narrowest half-width of {n} subjects {narrowest:.4}"
    );
    if widest < 0.5 * narrowest { Replay::Confirmed(says) } else { Replay::Refuted(says) }
}

/// How many intervals have the width of a share of `number` subjects, and how many that of twice their own or fewer.
pub(super) fn common_number<'t>(intervals: &[IntervalOf], number: f64, text: &impl Fn(usize) -> Printed<'t>) -> Replay {
    let (mut serves, mut own) = (0_usize, 0_usize);
    for one in intervals {
        let read = |leaf: usize, unit: f64| {
            let (low, high) = Decimal::read(text(leaf))?.ends();
            Some((low * unit, high * unit))
        };
        let lower = read(one.interval.lower, one.interval.limit_unit);
        let upper = read(one.interval.upper, one.interval.limit_unit);
        let (Some(estimate), Some(lower), Some(upper), Some(n)) =
            (read(one.interval.estimate, one.interval.unit), lower, upper, whole(text(one.n)))
        else {
            return unreadable();
        };
        let share = 0.5 * (estimate.0 + estimate.1);
        let critical = z_of(1.0 - one.interval.level);
        let width = |size: f64| 2.0 * critical * (share * (1.0 - share) / size).sqrt();
        let printed = (upper.0 - lower.1, upper.1 - lower.0);
        serves += usize::from(width(number) >= printed.0 - 1e-6 && width(number) <= printed.1 + 1e-6);
        own += usize::from(width(2.0 * n as f64) <= printed.1);
    }
    let all = intervals.len();
    let says =
        format!("{serves} of {all} are as wide as those of {number:.0} subjects, {own} as those of twice their own");
    if 4 * serves >= 3 * all && 4 * own < all { Replay::Confirmed(says) } else { Replay::Refuted(says) }
}

/// The smallest DeLong variance of all score orders (or of yes-or-no readings) that print as the AUC.
pub(super) fn narrow_auc<'t>(
    interval: &PrintedInterval,
    classes: Option<(i128, i128)>,
    n: Option<i128>,
    [binary, ties]: [bool; 2],
    text: &impl Fn(usize) -> Printed<'t>,
) -> Replay {
    let Some(side) = side(interval, text) else { return unreadable() };
    let splits: Vec<(i128, i128)> = match (classes, n) {
        (Some(classes), _) => vec![classes],
        (None, Some(n)) if n <= 400 => (2..=n - 2).map(|m| (m, n - m)).collect(),
        _ => return Replay::NotReplayable("too many divisions into classes for plain loops".to_string()),
    };
    let mut smallest = f64::INFINITY;
    for &(m, n) in &splits {
        if binary {
            if m * n > 4_000_000 {
                return Replay::NotReplayable(format!("too many readings of {m} and {n} subjects for plain loops"));
            }
            smallest = smallest.min(smallest_reading(m, n, side.estimate));
        } else {
            if m * n > 500 {
                return Replay::NotReplayable(format!("too many score orders of {m} and {n} subjects for plain loops"));
            }
            smallest = smallest.min(smallest_order(m as usize, n as usize, ties, side.estimate));
        }
    }
    if smallest.is_infinite() {
        return Replay::Confirmed("no scores at all have this AUC".to_string());
    }
    let half = side.critical * smallest.sqrt();
    let what = if binary { "yes-or-no readings" } else { "score orders" };
    let widest = side.widest(half);
    let says = format!("the larger printed side is {widest:.4} at most, {what} give {half:.4} at least");
    // 0.8 with DeLong stated, else half.
    if widest < 0.81 * half { Replay::Confirmed(says) } else { Replay::Refuted(says) }
}

/// DeLong's variance from its definition, for true positives `tp` of m and true negatives `tn` of n.
fn smallest_reading(m: i128, n: i128, (low, high): (f64, f64)) -> f64 {
    let (mf, nf) = (m as f64, n as f64);
    let mut smallest = f64::INFINITY;
    for tp in 0..=m {
        for tn in 0..=n {
            let (s, c) = (tp as f64 / mf, tn as f64 / nf);
            let auc = 0.5 * (s + c);
            if auc < low || auc > high {
                continue;
            }
            // Placements of a called positive: (1 + c) / 2, of another: c / 2; so their variance is s (1 - s) / 4.
            let placed = |share: f64, size: f64| share * (1.0 - share) / 4.0 / (size - 1.0);
            smallest = smallest.min(placed(s, mf) + placed(c, nf));
        }
    }
    smallest
}

/// All orders, ties included, from the highest block of equal scores down, by a table of states already seen.
fn smallest_order(m: usize, n: usize, ties: bool, (low, high): (f64, f64)) -> f64 {
    // State: subjects with and without the event still below, and doubled concordant pairs so far. Value: the smallest
    // sum of squared placements so far, in units of 1/(2n)^2/(m (m-1)) and 1/(2m)^2/(n (n-1)).
    let mut states: HashMap<(usize, usize, usize), f64> = HashMap::new();
    states.insert((m, n, 0), 0.0);
    let (mf, nf) = (m as f64, n as f64);
    for left in (1..=m + n).rev() {
        let here: Vec<((usize, usize, usize), f64)> =
            states.iter().filter(|((i, j, _), _)| i + j == left).map(|(key, value)| (*key, *value)).collect();
        for ((i, j, pairs), value) in here {
            for a in 0..=i {
                for b in 0..=j {
                    if a + b == 0 || (!ties && a + b > 1) {
                        continue;
                    }
                    // The block: a with the event above j - b without, tied with b; b without below m - i with.
                    let with = (2 * (j - b) + b) as f64 / (2.0 * nf);
                    let without = (2 * (m - i) + a) as f64 / (2.0 * mf);
                    let cost =
                        a as f64 * with * with / (mf * (mf - 1.0)) + b as f64 * without * without / (nf * (nf - 1.0));
                    let key = (i - a, j - b, pairs + a * (2 * (j - b) + b));
                    let entry = states.entry(key).or_insert(f64::INFINITY);
                    if value + cost < *entry {
                        *entry = value + cost;
                    }
                }
            }
        }
        states.retain(|(i, j, _), _| i + j < left);
    }
    let mut smallest = f64::INFINITY;
    for ((_, _, pairs), value) in states {
        let auc = pairs as f64 / (2.0 * mf * nf);
        if auc >= low && auc <= high {
            smallest = smallest.min(value - auc * auc * (1.0 / (mf - 1.0) + 1.0 / (nf - 1.0)));
        }
    }
    smallest.max(0.0)
}
