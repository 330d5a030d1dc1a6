//! The interval of a ratio in a regression row, against its standard error, its statistic, its P-value and, where it is said
//! to be Wald's, its middle: a part of V501.

use super::corrected_p::beside;
use super::ratio_coherence::{CODE, Row, Span, UNSTABLE, leaves, p_values, states, text, z_of_p};
use super::support::level;
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::{CiMethod, Figure, Regression, RegressionModel, Term};
use crate::audit::statement::{Formula, ReadAs};
use crate::stats::distribution::normal_critical;

pub(super) fn examine(
    row: &Row<'_>,
    log_ratio: Option<Span>,
    error: Option<Span>,
    (z, z_leaf): (Option<Span>, &Option<Figure>),
    sink: &mut Sink,
) {
    let Row { table, term, key, .. } = row;
    middle(table, term, key, sink);
    let Some(implied) = implied_error(table, term) else { return };
    let mut sources = vec![&term.ratio, &term.lower, &term.upper];
    // Against the printed standard error.
    if let Some(error) = error.filter(|_| !term.beta_of_other_model) {
        let all = leaves(&[&term.standard_error, &term.lower, &term.upper]);
        if error.low > implied.high * 1.25 || error.high < implied.low / 1.25 {
            let message = format!(
                "the interval {} to {} implies a standard error of {:.3} to {:.3}, printed is {}",
                text(&term.lower),
                text(&term.upper),
                implied.low,
                implied.high,
                text(&term.standard_error)
            );
            let beta_unit = Span::of(&term.beta).zip(log_ratio).is_none_or(|(beta, log)| !beta.apart(log));
            if beta_unit {
                let pieces = [&term.ratio, &term.lower, &term.upper];
                sink.finding(Finding::new(CODE, Verdict::Inconsistent, &format!("{key}/se"), all, message).stating(
                    states(
                        Formula::ErrorOfRatio,
                        &pieces,
                        &[critical(table)],
                        &term.standard_error,
                        ReadAs::Value,
                        1.2,
                        0.0,
                    ),
                ));
            } else {
                sink.undecidable(CODE, all, "coefficient and ratio may be in different units");
            }
        } else {
            sink.pass(CODE, all, "the interval has the width of the standard error");
        }
    }
    // Against the P-value, through z.
    let Some(log_ratio) = log_ratio else { return };
    let by_interval = log_ratio.magnitude().over(implied);
    let (by_other, other, what) = match (z_of_p(&term.p), z) {
        (Some(p), _) if !term.p_of_other_test => (p, &term.p, "P"),
        (_, Some(z)) => (z, z_leaf, "the statistic"),
        _ => return,
    };
    sources.push(other);
    let all = leaves(&sources);
    if !row.p_of_term {
        sink.not_applicable(CODE, all, "a factor with several levels");
        return;
    }
    if implied.high > UNSTABLE {
        sink.undecidable(CODE, all, "the interval is too wide for Wald, score and likelihood to agree");
        return;
    }
    // Score and likelihood statistics differ from Wald's where they are large.
    let wald = table.ci_method == Some(CiMethod::Wald) && table.model != Some(RegressionModel::Linear);
    let clash =
        |low: f64, high: f64| (low > high * 1.5 && low - high > 1.0) || (wald && high < 4.0 && low > high * 1.1 + 0.3);
    if clash(by_other.low, by_interval.high) || clash(by_interval.low, by_other.high) {
        let bound = |span: Span| {
            if span.high.is_finite() {
                format!("{:.2} to {:.2}", span.low, span.high)
            } else {
                format!("{:.2} or more", span.low)
            }
        };
        let message = format!(
            "{} ({} to {}) implies |z| of {}, {what} {} implies {}",
            text(&term.ratio),
            text(&term.lower),
            text(&term.upper),
            bound(by_interval),
            text(other),
            bound(by_other)
        );
        let mut finding = Finding::new(CODE, Verdict::Inconsistent, &format!("{key}/interval"), all, message);
        if let Some(says) = symmetric(term) {
            finding = finding.evidence(says);
        }
        if what == "P" {
            finding = finding.of_p(p_values(by_other, by_interval));
        }
        sink.finding(finding.assuming("interval and P-value are of the same two-sided analysis").stating(states(
            Formula::ZOfRatio,
            &[&term.ratio, &term.lower, &term.upper],
            &[critical(table)],
            other,
            match what {
                "P" => ReadAs::ZOfP,
                _ if term.z.is_some() => ReadAs::Magnitude,
                _ => ReadAs::Root,
            },
            1.0,
            if wald { 0.25 } else { 0.9 },
        )));
    } else {
        if what == "P"
            && let Some(values) = term.p.as_ref().and_then(|p| beside(p, p_values(by_other, by_interval).recomputed))
        {
            sink.compare(key, values);
        }
        sink.pass(CODE, all, "interval and P-value can be of one analysis");
    }
}

/// A Wald interval has the ratio in its middle, on the scale of the logarithm or, by the delta method, on its own.
fn middle(table: &Regression, term: &Term, key: &str, sink: &mut Sink) {
    if table.ci_method != Some(CiMethod::Wald) {
        return;
    }
    let [Some(ratio), Some(lower), Some(upper)] = [&term.ratio, &term.lower, &term.upper].map(Span::of) else { return };
    let inside = ratio.high >= lower.low && ratio.low <= upper.high;
    if lower.low <= 0.0 || !inside {
        return;
    }
    let all = leaves(&[&term.lower, &term.upper, &term.ratio]);
    let plain = Span { low: 0.5 * (lower.low + upper.low), high: 0.5 * (lower.high + upper.high) };
    let logarithmic = Span { low: (lower.low * upper.low).sqrt(), high: (lower.high * upper.high).sqrt() };
    if !ratio.apart(logarithmic.wider(0.002)) || !ratio.apart(plain.wider(0.002)) {
        sink.pass(CODE, all, "the ratio is in the middle of its limits");
        return;
    }
    let message = format!(
        "the middle of {} and {} is {:.3} to {:.3} on the scale of the logarithm, the ratio {}",
        text(&term.lower),
        text(&term.upper),
        logarithmic.low,
        logarithmic.high,
        text(&term.ratio)
    );
    sink.finding(
        Finding::new(CODE, Verdict::Inconsistent, &format!("{key}/middle"), all, message)
            .assuming("the interval is Wald's, as stated, and of this ratio")
            .stating(states(
                Formula::MiddleOfRatio,
                &[&term.lower, &term.upper],
                &[],
                &term.ratio,
                ReadAs::Value,
                1.0,
                0.0,
            )),
    );
}

/// An interval of a ratio is symmetric about it on the log scale; one that is so on the plain scale explains much.
fn symmetric(term: &Term) -> Option<String> {
    let [ratio, lower, upper] = [&term.ratio, &term.lower, &term.upper].map(|f| f.as_ref().and_then(Figure::value));
    let (ratio, lower, upper) = (ratio?, lower?, upper?);
    let (below, above) = (ratio - lower, upper - ratio);
    let off = |a: f64, b: f64| (a / b).max(b / a);
    let plain = off(below, above);
    let logarithmic = off(ratio.ln() - lower.ln(), upper.ln() - ratio.ln());
    (plain < 1.1 && logarithmic > 1.3).then(|| {
        format!("the limits are {below:.3} below and {above:.3} above the ratio: symmetric on the plain, not on the log scale")
    })
}

/// Is the P-value of the term that of its interval, by Wald's test?
pub(super) fn has_its_p(table: &Regression, term: &Term) -> bool {
    let by_interval = Span::of(&term.ratio)
        .and_then(Span::ln)
        .zip(implied_error(table, term))
        .map(|(ratio, error)| ratio.magnitude().over(error));
    by_interval.zip(z_of_p(&term.p)).is_some_and(|(z, of_p)| !of_p.apart(z.wider(0.1)))
}

/// The critical value of the table's intervals.
pub(super) fn critical(table: &Regression) -> f64 {
    level(table.ci_level.as_ref()).map_or(1.96, normal_critical)
}

/// The standard errors of the log ratio that the lower half, the upper half or the whole of the interval implies.
pub(super) fn implied_error_span(table: &Regression, term: &Term) -> Option<(f64, f64)> {
    implied_error(table, term).map(|span| (span.low, span.high))
}

fn implied_error(table: &Regression, term: &Term) -> Option<Span> {
    let centre = Span::of(&term.ratio)?;
    let (lower, upper) = (Span::of(&term.lower)?, Span::of(&term.upper)?);
    if lower.low <= 0.0 || centre.low <= 0.0 || upper.low <= lower.high {
        return None;
    }
    // An interval without its estimate is another rule's matter, or not of the ratio at all.
    if centre.high < lower.low || centre.low > upper.high {
        return None;
    }
    let (centre, lower, upper) = (centre.ln()?, lower.ln()?, upper.ln()?);
    let critical = normal_critical(level(table.ci_level.as_ref())?);
    let halves = [
        Span { low: centre.low - lower.high, high: centre.high - lower.low },
        Span { low: upper.low - centre.high, high: upper.high - centre.low },
        Span { low: 0.5 * (upper.low - lower.high), high: 0.5 * (upper.high - lower.low) },
    ];
    let low = halves.iter().map(|half| half.low.max(0.0)).fold(f64::INFINITY, f64::min) / critical;
    let high = halves.iter().map(|half| half.high).fold(0.0, f64::max) / critical;
    (high > 0.0).then_some(Span { low, high })
}
