//! Of an honest study: how a survival model performs by a horizon that everybody was followed to. All figures come from
//! simulated risks and events; intervals are by several methods, some stated and some not.

use super::study_maker::Maker;
use vouch::stats::distribution::normal_critical;

struct Subject {
    predicted: f64,
    event: bool,
    /// From the smooth curve, which here is the true risk.
    distance: f64,
}

pub fn survival_models(maker: &mut Maker, out: &mut String, n: usize) {
    let in_percent = maker.chance(0.3);
    let method_in_table = maker.chance(0.3);
    *out += "survival_models:\n  kind: survival_performance\n  horizon: 5 years\n";
    if method_in_table {
        *out += "  ci_method: {oe: wald_log, slope: wald}\n";
    }
    if in_percent && maker.chance(0.5) {
        *out += "  scale: percent\n";
    }
    *out += "  models:\n";
    for model in 0..1 + maker.pick(2) {
        let subjects = simulated(maker, n);
        let row = row(maker, &subjects, in_percent, method_in_table);
        *out += &format!("    cox_{model}:\n      everyone: {{{row}}}\n");
    }
}

fn simulated(maker: &mut Maker, n: usize) -> Vec<Subject> {
    let (shift, slope) = (0.4 * maker.normal(), 0.4 + maker.stream.unit());
    (0..n)
        .map(|_| {
            let predictor = maker.normal();
            let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
            let (predicted, risk) = (logistic(predictor), logistic(shift + slope * predictor));
            Subject { predicted, event: maker.chance(risk), distance: (predicted - risk).abs() }
        })
        .collect()
}

fn row(maker: &mut Maker, subjects: &[Subject], in_percent: bool, method_in_table: bool) -> String {
    let n = subjects.len() as f64;
    let events = subjects.iter().filter(|subject| subject.event).count() as f64;
    let mean = |value: &dyn Fn(&Subject) -> f64| subjects.iter().map(value).sum::<f64>() / n;
    let (observed, expected) = (events / n, mean(&|subject| subject.predicted));
    let squared = |at: f64, event: bool| (at - f64::from(u8::from(event))).powi(2);
    let brier = mean(&|subject| squared(subject.predicted, subject.event));
    let null = mean(&|subject| squared(observed, subject.event));
    let unit = if in_percent { 100.0 } else { 1.0 };
    let decimals = if in_percent { 1 } else { 2 + maker.pick(2) as u32 };
    let mut cells = vec![format!("events: {events}")];
    // Risks, or numbers of events.
    let scale = if maker.chance(0.3) { n } else { unit };
    let places = if scale == n { maker.pick(2) as u32 } else { decimals };
    for (name, value) in [("observed", observed), ("expected", expected)] {
        cells.push(format!("{name}: \"{}\"", maker.real(scale * value, places)));
    }
    if events > 0.0 {
        let ratio = observed / expected;
        let error = if maker.chance(0.5) { events.sqrt().recip() } else { ((1.0 - observed) / events).sqrt() };
        let factor = (normal_critical(0.95) * error).exp();
        let shown = [ratio, ratio / factor, ratio * factor].map(|value| maker.real(value, 2));
        cells.push(cell(maker, "oe", &shown, (!method_in_table).then_some("wald_log")));
    }
    let slope = 1.0 + 0.3 * maker.normal();
    let half = 0.1 + 0.5 * maker.stream.unit();
    let shown = [slope, slope - half, slope + half].map(|value| maker.real(value, 2));
    cells.push(cell(maker, "slope", &shown, (!method_in_table).then_some("wald")));
    cells.push(format!("brier: \"{}\"", maker.real(unit * brier, decimals + 1)));
    if null > 0.0 {
        cells.push(format!("null_brier: \"{}\"", maker.real(unit * null, decimals + 1)));
        let name = if maker.chance(0.5) { "ipa" } else { "scaled_brier" };
        let by = if maker.chance(0.2) { 100.0 } else { unit };
        let index = maker.real(by * (1.0 - brier / null), if by > 1.0 { 1 } else { decimals });
        cells.push(format!("{name}: \"{index}\""));
    }
    let mut sorted: Vec<f64> = subjects.iter().map(|subject| subject.distance).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| sorted[((share * n).ceil() as usize).clamp(1, sorted.len()) - 1];
    let ici = mean(&|subject| subject.distance);
    for (name, value) in [("ici", ici), ("e50", at(0.5)), ("e90", at(0.9)), ("emax", at(1.0))] {
        // Resampled limits of a distance may both lie above it.
        let limits = if name == "ici" && maker.chance(0.3) {
            let shown = [value, 1.02 * value, 2.0 * value].map(|value| maker.real(unit * value, decimals + 1));
            format!("[\"{}\", \"{}\", \"{}\"]", shown[0], shown[1], shown[2])
        } else {
            format!("\"{}\"", maker.real(unit * value, decimals + 1))
        };
        cells.push(format!("{name}: {limits}"));
    }
    if let Some(concordance) = concordance(subjects) {
        cells.push(interval_of_concordance(maker, concordance, n, unit, decimals));
    }
    cells.join(", ")
}

/// The estimate with its limits, and with the method where it is stated.
fn cell(maker: &mut Maker, name: &str, shown: &[String; 3], method: Option<&str>) -> String {
    match method.filter(|_| maker.chance(0.5)) {
        Some(method) => {
            format!(
                "{name}: {{value: \"{}\", ci: [\"{}\", \"{}\"], ci_method: {method}}}",
                shown[0], shown[1], shown[2]
            )
        }
        None => format!("{name}: [\"{}\", \"{}\", \"{}\"]", shown[0], shown[1], shown[2]),
    }
}

fn concordance(subjects: &[Subject]) -> Option<f64> {
    let (mut better, mut all) = (0.0, 0.0);
    // A part of the pairs is enough: the share is an estimate like any other.
    for one in subjects.iter().filter(|one| one.event).take(60) {
        for other in subjects.iter().filter(|other| !other.event).take(60) {
            all += 1.0;
            better += if one.predicted > other.predicted { 1.0 } else { 0.0 };
        }
    }
    (all > 0.0).then_some(better / all)
}

fn interval_of_concordance(maker: &mut Maker, value: f64, n: f64, unit: f64, decimals: u32) -> String {
    let error = normal_critical(0.95) * (value * (1.0 - value) / n).sqrt();
    let odds = value / (1.0 - value);
    let on_logit = maker.chance(0.4) && odds > 0.0 && odds.is_finite();
    let (mut lower, mut upper) = if on_logit {
        let factor = (error / (value * (1.0 - value))).exp();
        let back = |odds: f64| if odds.is_finite() { odds / (1.0 + odds) } else { 1.0 };
        (back(odds / factor), back(odds * factor))
    } else {
        (value - error, value + error)
    };
    // A limit beyond 0 or 1 is cut by some.
    if maker.chance(0.7) {
        (lower, upper) = (lower.max(0.0), upper.min(1.0));
    }
    let shown = [value, lower, upper].map(|value| maker.real(unit * value, decimals));
    let name = ["harrell_c", "uno_c", "auc_5y", "auc"][maker.pick(4)];
    cell(maker, name, &shown, Some("wald"))
}
