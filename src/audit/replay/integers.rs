//! Percents and means of whole numbers, by plain loops.

use super::decimal::{Decimal, Printed, whole};
use super::{Replay, unreadable};

/// No number of subjects has a count for each percent.
pub(super) fn no_counts<'t>(percents: &[usize], n: usize, fewer: bool, text: &impl Fn(usize) -> Printed<'t>) -> Replay {
    let read: Option<Vec<Decimal>> = percents.iter().map(|&leaf| Decimal::read(text(leaf))).collect();
    let (Some(read), Some(n)) = (read, whole(text(n))) else { return unreadable() };
    if n > 3_000 {
        return Replay::NotReplayable(format!("too many counts of {n} subjects for plain loops"));
    }
    let least = if fewer { 1 } else { n };
    let found = (least..=n).find(|&size| read.iter().all(|printed| (0..=size).any(|k| printed.allows(k, size, true))));
    match found {
        Some(size) => Replay::Refuted(format!("{size} subjects give these percents")),
        None => Replay::Confirmed(format!("none of {least} to {n} subjects, with any counts, gives these percents")),
    }
}

/// No whole numbers have the mean and the SD: every sum and every sum of squares is tried.
pub(super) fn no_integers(mean: Printed<'_>, deviation: Option<Printed<'_>>, n: Option<i128>, fewer: bool) -> Replay {
    let (Some(mean), Some(n)) = (Decimal::read(mean), n) else { return unreadable() };
    let deviation = match deviation.map(Decimal::read) {
        Some(None) => return unreadable(),
        Some(read) => read,
        None => None,
    };
    let mut tried = 0_u64;
    for size in if fewer { 1 } else { n }..=n {
        let (low, high) = mean.ends();
        let first = (low * size as f64).floor() as i128 - 1;
        let last = (high * size as f64).ceil() as i128 + 1;
        for sum in first..=last {
            if !mean.allows(sum, size, false) {
                continue;
            }
            let Some(deviation) = deviation.filter(|_| size > 1) else {
                return Replay::Refuted(format!("{sum}/{size}"));
            };
            let (from, to) = (deviation.ends().0.max(0.0), deviation.ends().1);
            for divisor in [size - 1, size] {
                let centre = sum as f64 * sum as f64 / size as f64;
                let start = (centre + divisor as f64 * from * from).floor() as i128 - 1;
                let end = (centre + divisor as f64 * to * to).ceil() as i128 + 1;
                if end - start > 2_000_000 {
                    return Replay::NotReplayable("too many sums of squares for plain loops".to_string());
                }
                for squares in start..=end {
                    tried += 1;
                    let even = (squares - sum) % 2 == 0;
                    let spread = ((squares as f64 - centre) / divisor as f64).max(0.0).sqrt();
                    if even
                        && squares as f64 >= centre - 1e-9
                        && spread >= from
                        && spread <= to
                        && enough(sum, squares, size)
                    {
                        return Replay::Refuted(format!("sum {sum}, sum of squares {squares} of {size}"));
                    }
                }
            }
        }
    }
    Replay::Confirmed(format!("no sum and sum of squares of whole numbers print so ({tried} tried)"))
}

/// Whole numbers with a sum have at least the squares of the most even division.
fn enough(sum: i128, squares: i128, size: i128) -> bool {
    let mut left = sum;
    let mut least = 0;
    for place in 0..size {
        let value = left.div_euclid(size - place);
        least += value * value;
        left -= value;
    }
    squares >= least
}
