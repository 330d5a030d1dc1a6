//! The second checker: slow and plain, by loops over whole numbers. It reads the printed texts with a few lines of its
//! own and shares no code with the solvers, so that an error there does not repeat itself here.
//!
//! A printed decimal is allowed one unit in its last place to either side, after dropping padded zeros: that covers
//! every way of rounding.

use super::finding::{Finding, MetricLeaf, Statement};
use super::reported::Reported;
use serde::Serialize;

/// What the second checker says of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", content = "says", rename_all = "snake_case")]
pub enum Replay {
    /// The statement was checked in full, and holds.
    Confirmed(String),
    /// It does not hold: one of the two checkers is wrong.
    Refuted(String),
    /// Not a statement about whole numbers, or too many cases for plain loops.
    NotReplayable(String),
}

/// A decimal as digits and places: 46.0 is (460, 1).
#[derive(Clone, Copy)]
struct Decimal {
    digits: i128,
    places: u32,
}

fn decimal(text: &str) -> Option<Decimal> {
    let text = text.trim().trim_end_matches('%').replace(',', "").replace('\u{2212}', "-").replace('\u{00B7}', ".");
    let places = text.split('.').nth(1).map_or(0, str::len);
    let digits = text.replace('.', "").parse().ok()?;
    let mut number = Decimal { digits, places: u32::try_from(places).ok()? };
    let small = number.digits.abs() < 10_i128.checked_pow(number.places + 1)?;
    let least = if number.places >= 3 || small { number.places.saturating_sub(1) } else { 0 };
    while number.places > least && number.digits % 10 == 0 {
        number.digits /= 10;
        number.places -= 1;
    }
    Some(number)
}

impl Decimal {
    /// Could `above / below` have been printed so? (percent: as hundredths)
    fn allows(self, above: i128, below: i128, percent: bool) -> bool {
        let scaled = above * 10_i128.pow(self.places) * if percent { 100 } else { 1 };
        scaled >= (self.digits - 1) * below && scaled <= (self.digits + 1) * below
    }
}

/// Verifies what a finding states, from the file alone.
pub fn replay(finding: &Finding, reported: &Reported) -> Replay {
    let text = |leaf: usize| reported.leaves.get(leaf).map_or("", |leaf| leaf.text.as_str());
    let whole = |leaf: usize| text(leaf).trim().replace(',', "").parse::<i128>().ok();
    let verdict = |holds: bool, says: String| if holds { Replay::Confirmed(says) } else { Replay::Refuted(says) };
    match &finding.statement {
        Statement::NotReplayable { why } => Replay::NotReplayable(why.clone()),
        Statement::NoDenominator { cells, most } => {
            let most = most.and_then(whole).unwrap_or(1_000_000);
            let mut read = Vec::new();
            for cell in cells {
                match (whole(cell.count), decimal(text(cell.percent))) {
                    (Some(count), Some(percent)) => read.push((count, percent)),
                    _ => return Replay::NotReplayable("several numbers stand in one text".to_string()),
                }
            }
            let found = (1..=most).find(|&n| read.iter().all(|(count, percent)| percent.allows(*count, n, true)));
            match found {
                Some(n) => Replay::Refuted(format!("{n} subjects give these percents")),
                None => Replay::Confirmed(format!("none of 1 to {most} subjects gives these percents")),
            }
        }
        Statement::Sum { total, parts, at_most } => {
            let Some(total) = whole(*total) else { return unreadable() };
            let Some(added) = parts.iter().map(|&leaf| whole(leaf)).sum::<Option<i128>>() else { return unreadable() };
            let wrong = if *at_most { added > total } else { added != total };
            verdict(wrong, format!("the parts add up to {added}, the total is {total}"))
        }
        Statement::Differ { first, second } => {
            verdict(text(*first) != text(*second), format!("{} and {}", text(*first), text(*second)))
        }
        Statement::Order { low, high } => match (number(text(*low)), number(text(*high))) {
            (Some(low), Some(high)) => verdict(low > high, format!("{low} is to be at most {high}")),
            _ => unreadable(),
        },
        Statement::OutOfRange { leaf, low, high } => match number(text(*leaf)) {
            Some(value) => verdict(value < *low || value > *high, format!("{value} is to be in {low} to {high}")),
            None => unreadable(),
        },
        Statement::NoTables { n, positive, negative, rows } => {
            let only = |metric: &str| rows.iter().flatten().all(|leaf| leaf.metric == metric);
            let n = n
                .and_then(whole)
                .or_else(|| Some(positive.and_then(whole)? + negative.and_then(whole)?))
                .or_else(|| positive.and_then(whole).filter(|_| only("sens")))
                .or_else(|| negative.and_then(whole).filter(|_| only("spec")));
            let Some(n) = n else { return Replay::NotReplayable("holds for every sample size".to_string()) };
            if n > 400 {
                return Replay::NotReplayable(format!("too many tables of {n} subjects for plain loops"));
            }
            let mut read = Vec::new();
            for row in rows {
                let mut metrics = Vec::new();
                for metric in row {
                    match decimal(text(metric.leaf)) {
                        Some(printed) => metrics.push((metric, printed)),
                        None => return unreadable(),
                    }
                }
                read.push(metrics);
            }
            let plus = positive.and_then(whole);
            let minus = negative.and_then(whole);
            let mut tried = 0_u64;
            for positives in 0..=n {
                if plus.is_some_and(|p| p != positives) || minus.is_some_and(|m| m != n - positives) {
                    continue;
                }
                tried += 1;
                if read.iter().all(|metrics| some_table(positives, n - positives, metrics)) {
                    return Replay::Refuted(format!("{positives} of {n} with the event serve all rows"));
                }
            }
            Replay::Confirmed(format!("{tried} numbers of subjects with the event tried, each with every table"))
        }
    }
}

fn unreadable() -> Replay {
    Replay::NotReplayable("a number cannot be read".to_string())
}

fn number(text: &str) -> Option<f64> {
    text.trim().trim_end_matches('%').replace(',', "").parse().ok()
}

fn some_table(positives: i128, negatives: i128, metrics: &[(&MetricLeaf, Decimal)]) -> bool {
    (0..=positives).any(|tp| {
        (0..=negatives).any(|tn| {
            let (fn_, fp) = (positives - tp, negatives - tn);
            metrics.iter().all(|(metric, printed)| {
                let all = positives + negatives;
                let (above, below) = match metric.metric.as_str() {
                    "tp" | "fn" | "fp" | "tn" => {
                        let cell = match metric.metric.as_str() {
                            "tp" => tp,
                            "fn" => fn_,
                            "fp" => fp,
                            _ => tn,
                        };
                        return printed.places == 0 && cell == printed.digits;
                    }
                    "acc" => (tp + tn, all),
                    "sens" => (tp, positives),
                    "spec" => (tn, negatives),
                    "ppv" => (tp, tp + fp),
                    "npv" => (tn, tn + fn_),
                    "f1" => (2 * tp, 2 * tp + fp + fn_),
                    "fnr" => (fn_, positives),
                    "fpr" => (fp, negatives),
                    "fdr" => (fp, tp + fp),
                    "for" => (fn_, tn + fn_),
                    "recall_rate" => (tp + fp, all),
                    "prevalence" => (positives, all),
                    "bacc" => (tp * negatives + tn * positives, 2 * positives * negatives),
                    "youden" => (tp * negatives + tn * positives - positives * negatives, positives * negatives),
                    "lr_positive" => (tp * negatives, fp * positives),
                    "lr_negative" => (fn_ * negatives, tn * positives),
                    "dor" => (tp * tn, fp * fn_),
                    "kappa" => {
                        let chance = (tp + fp) * positives + (fn_ + tn) * negatives;
                        ((tp + tn) * all - chance, all * all - chance)
                    }
                    // Not written out here: leaving a metric out can only refute, never confirm wrongly.
                    _ => return true,
                };
                let name = metric.metric.as_str();
                if ["lr_positive", "lr_negative", "dor"].contains(&name) && [tp, tn, fp, fn_].contains(&0) {
                    return true;
                }
                let share = !["kappa", "bacc", "youden", "lr_positive", "lr_negative", "dor"].contains(&name);
                match below {
                    // A share of nobody is printed as 0 or 1, if at all.
                    0 if share => [0, 1].iter().any(|&value| printed.allows(value, 1, metric.percent)),
                    0 => true,
                    _ => printed.allows(above, below, metric.percent),
                }
            })
        })
    })
}
