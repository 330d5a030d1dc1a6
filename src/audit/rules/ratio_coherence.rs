//! V501: the pieces of a regression row: coefficient, standard error, Wald statistic, ratio, interval, P-value.

use super::Rule;
use super::retyping::retyped;
use super::support::{is_plain, level};
use crate::audit::finding::{Finding, PValues, Sink, Verdict};
use crate::audit::reported::{Body, CiMethod, Covariate, Figure, Regression, RegressionModel, Reported, Term};
use crate::audit::statement::{Formula, Input, ReadAs, Relation, Statement, Target};
use crate::stats::distribution::{normal_critical, normal_quantile, normal_upper, student_t_two_sided};

const CODE: &str = "V501";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "ratio-coherence",
    checks: "that a ratio is the exponential of its coefficient, that z is coefficient over standard error and the Wald \
             statistic its square, that the P-value is that of z, and that interval and P-value imply standard errors \
             which can be of one analysis; with a Wald method stated, that the ratio is in the middle of its limits on the scale of the \
             logarithm (or its own)",
    why: "In a Wald analysis each piece follows from two others. Every piece is an interval by its printed digits, so \
          that a coefficient of 0.002 excludes little. Score, likelihood-ratio and profile results differ from Wald by \
          less than the margins used here (half as much again and one unit of z; a tenth and 0.3 below z of 4 where the interval is \
          said to be Wald's), except near separation, where nothing is said.",
    example: "OR 3.65 (1.92 to 5.32), P = 0.011: the interval implies z of 4 or more, the P-value 2.5",
    silent: "when several P-values of the table are larger than their numbers give, which a correction for multiple \
             comparisons makes (that is asked); when the coefficient is of another model or unit (`beta_of:`), or a simple multiple of the logarithm of the \
             ratio; when the P-value is of another test (`p_test:`); for factors with several levels; when the interval \
             is so wide that the estimate is unstable (standard error above 1)",
    strongest: Verdict::Inconsistent,
    run,
};

/// A range of reals.
#[derive(Clone, Copy, Debug)]
struct Span {
    low: f64,
    high: f64,
}

impl Span {
    fn of(figure: &Option<Figure>) -> Option<Self> {
        let figure = figure.as_ref().filter(|figure| is_plain(figure))?;
        let (low, high) = figure.number.as_ref()?.widest();
        Some(Self { low, high })
    }

    /// Of absolute values.
    fn magnitude(self) -> Self {
        if self.low > 0.0 {
            self
        } else if self.high < 0.0 {
            Self { low: -self.high, high: -self.low }
        } else {
            Self { low: 0.0, high: self.high.max(-self.low) }
        }
    }

    fn ln(self) -> Option<Self> {
        (self.high > 0.0).then(|| Self { low: self.low.max(1e-300).ln(), high: self.high.ln() })
    }

    /// Quotient of magnitudes.
    fn over(self, below: Self) -> Self {
        Self { low: self.low / below.high, high: if below.low > 0.0 { self.high / below.low } else { f64::INFINITY } }
    }

    fn apart(self, other: Self) -> bool {
        self.low > other.high || other.low > self.high
    }

    fn wider(self, share: f64) -> Self {
        Self { low: self.low * (1.0 - share), high: self.high * (1.0 + share) }
    }
}

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        if let Body::Regression(table) = &section.body {
            for (index, term) in table.terms.iter().enumerate() {
                let id = if term.id.is_empty() { index.to_string() } else { term.id.clone() };
                examine(table, term, &format!("{}/{id}", section.name), sink);
            }
        }
    }
}

fn leaves(figures: &[&Option<Figure>]) -> Vec<usize> {
    figures.iter().filter_map(|figure| figure.as_ref()).map(|figure| figure.leaf).collect()
}

fn text(figure: &Option<Figure>) -> &str {
    figure.as_ref().map_or("", |figure| figure.text.as_str())
}

fn examine(table: &Regression, term: &Term, key: &str, sink: &mut Sink) {
    let beta = Span::of(&term.beta);
    let log_ratio = Span::of(&term.ratio).and_then(Span::ln);
    let error = Span::of(&term.standard_error).filter(|error| error.high > 0.0).map(Span::magnitude);
    if let (Some(beta), Some(log_ratio)) = (beta, log_ratio) {
        exponential(term, key, beta, log_ratio, sink);
    }
    let z = Span::of(&term.z)
        .map(Span::magnitude)
        .or_else(|| Span::of(&term.wald).map(|w| Span { low: w.low.max(0.0).sqrt(), high: w.high.max(0.0).sqrt() }));
    let z_leaf = if term.z.is_some() { &term.z } else { &term.wald };
    // z = coefficient / standard error.
    if let (Some(beta), Some(error), Some(z)) = (beta, error, z) {
        let leaves = leaves(&[&term.beta, &term.standard_error, z_leaf]);
        let expected = beta.magnitude().over(error);
        if z.apart(expected.wider(1e-9)) {
            let message = format!(
                "coefficient {} and standard error {} give |z| between {:.3} and {:.3}, printed is {}",
                text(&term.beta),
                text(&term.standard_error),
                expected.low,
                expected.high,
                text(z_leaf)
            );
            let read_as = if term.z.is_some() { ReadAs::Magnitude } else { ReadAs::Root };
            let finding = Finding::new(CODE, Verdict::Inconsistent, &format!("{key}/z"), leaves, message)
                .assuming("z is the coefficient over its standard error (Wald is its square)")
                .supposing(z_leaf.as_ref().map_or_else(Vec::new, |figure| {
                    retyped(figure, |printed| {
                        let (low, high) = printed.widest();
                        let wald = term.z.is_none();
                        let end = |z: f64| if wald { z * z } else { z };
                        low.abs().min(high.abs()) <= end(expected.high)
                            && low.abs().max(high.abs()) >= end(expected.low)
                    })
                }))
                .stating(states(
                    Formula::Quotient,
                    &[&term.beta, &term.standard_error],
                    &[],
                    z_leaf,
                    read_as,
                    1.0,
                    0.0,
                ));
            sink.finding(finding);
        } else {
            sink.pass(CODE, leaves, "z is coefficient over standard error");
        }
    }
    p_value(table, term, key, beta, error, (z, z_leaf), sink);
    interval(table, term, key, log_ratio, error, (z, z_leaf), sink);
}

/// Multiples of a coefficient that another coding or unit gives.
const MULTIPLES: [f64; 10] =
    [2.0, 0.5, 5.0, 0.2, 10.0, 0.1, 100.0, 0.01, std::f64::consts::LN_10, std::f64::consts::LN_2];

fn exponential(term: &Term, key: &str, beta: Span, log_ratio: Span, sink: &mut Sink) {
    let leaves = leaves(&[&term.beta, &term.ratio]);
    if term.beta_of_other_model {
        sink.not_applicable(CODE, leaves, "the coefficient is of another model, as stated");
        return;
    }
    if !beta.apart(log_ratio) {
        sink.pass(CODE, leaves, "the ratio is the exponential of the coefficient");
        return;
    }
    if !beta.magnitude().apart(log_ratio.magnitude()) {
        sink.undecidable(CODE, leaves, "the ratio is that of the opposite contrast: the reference level would decide");
        return;
    }
    let scaled = |by: f64| Span { low: beta.magnitude().low * by, high: beta.magnitude().high * by };
    if MULTIPLES.iter().any(|&by| !scaled(by).apart(log_ratio.magnitude())) {
        sink.undecidable(CODE, leaves, "the ratio fits a multiple of the coefficient: the coding or unit would decide");
        return;
    }
    // Per standard deviation, per year: a continuous covariate has no unit of its own.
    let same_sign =
        (beta.low > 0.0) == (log_ratio.low > 0.0) && beta.low * beta.high > 0.0 && log_ratio.low * log_ratio.high > 0.0;
    if same_sign && (term.covariate == Covariate::Continuous || term.in_unit) {
        sink.undecidable(
            CODE,
            leaves,
            "coefficient and ratio of a continuous covariate may be per different units (`beta_of:`)",
        );
        return;
    }
    let message = format!(
        "exp({}) is {:.3} to {:.3}, printed is {}",
        text(&term.beta),
        beta.low.exp(),
        beta.high.exp(),
        text(&term.ratio)
    );
    sink.finding(
        Finding::new(CODE, Verdict::Inconsistent, &format!("{key}/exp"), leaves, message)
            .assuming("coefficient and ratio are of the same model and unit")
            .supposing(term.ratio.as_ref().map_or_else(Vec::new, |figure| {
                retyped(figure, |printed| {
                    let (low, high) = printed.widest();
                    low <= beta.high.exp() && high >= beta.low.exp()
                })
            }))
            .stating(states(Formula::Exponential, &[&term.beta], &[], &term.ratio, ReadAs::Value, 1.0, 0.0)),
    );
}

/// |z| that a printed two-sided P-value stands for.
fn z_of_p(figure: &Option<Figure>) -> Option<Span> {
    let printed = figure.as_ref()?.number.as_ref()?;
    let (low, high) = printed.widest();
    let z = |p: f64| {
        if p <= 0.0 {
            f64::INFINITY
        } else if p >= 1.0 {
            0.0
        } else {
            -normal_quantile(0.5 * p)
        }
    };
    (high > 0.0).then(|| Span { low: z(high), high: z(low) })
}

/// The same, its ends.
pub(super) fn z_range_of_p(figure: &Option<Figure>) -> Option<(f64, f64)> {
    z_of_p(figure).map(|span| (span.low, span.high))
}

/// The two-sided P-values of two ranges of |z|.
fn p_values(printed: Span, recomputed: Span) -> PValues {
    let p = |z: Span| (2.0 * normal_upper(z.high), 2.0 * normal_upper(z.low));
    PValues { printed: p(printed), recomputed: p(recomputed) }
}

/// Of t in a linear model: fewer leave nothing to estimate a variance from.
const FEWEST_DEGREES: f64 = 3.0;

fn p_value(
    table: &Regression,
    term: &Term,
    key: &str,
    beta: Option<Span>,
    error: Option<Span>,
    (z, z_leaf): (Option<Span>, &Option<Figure>),
    sink: &mut Sink,
) {
    let Some(from_p) = z_of_p(&term.p) else { return };
    let (from, names) = match (z, beta, error) {
        (Some(z), _, _) => (z, vec![z_leaf]),
        (None, Some(beta), Some(error)) => (beta.magnitude().over(error), vec![&term.beta, &term.standard_error]),
        _ => return,
    };
    let mut used = names.clone();
    used.push(&term.p);
    let leaves = leaves(&used);
    if term.p_of_other_test || term.covariate == Covariate::Factor {
        sink.not_applicable(CODE, leaves, "the P-value is of another test, or of a factor with several levels");
        return;
    }
    // A linear model's statistic is t, of degrees of freedom that few subjects make few.
    if table.model == Some(RegressionModel::Linear) {
        let (low, high) = term.p.as_ref().and_then(|p| p.number.as_ref()).map_or((0.0, 1.0), |p| p.widest());
        let most = student_t_two_sided(from.low.max(0.0), FEWEST_DEGREES);
        if low <= most && from_p.low <= from.high * 1.1 + 0.3 && high > 0.0 {
            sink.pass(CODE, leaves, "the P-value can be that of t");
            return;
        }
    }
    // With t instead of z, or a likelihood-ratio P, the two differ a little: ten percent and 0.3 are allowed.
    if from_p.low > from.high * 1.1 + 0.3 || from.low > from_p.high * 1.1 + 0.3 {
        let message = format!(
            "P {} stands for |z| of {}, the statistic gives {:.2} to {:.2}",
            text(&term.p),
            if from_p.high.is_finite() {
                format!("{:.2} to {:.2}", from_p.low, from_p.high)
            } else {
                format!("{:.2} or more", from_p.low)
            },
            from.low,
            from.high
        );
        sink.finding(
            Finding::new(CODE, Verdict::Inconsistent, &format!("{key}/p"), leaves, message)
                .of_p(p_values(from_p, from))
                .assuming("the P-value is two-sided and of the printed statistic, with one degree of freedom")
                .stating(match names.as_slice() {
                    [_, _] => states(Formula::Quotient, &names, &[], &term.p, ReadAs::ZOfP, 1.1, 0.25),
                    // Wald's statistic is z squared: |z / 1| or its root.
                    _ if term.z.is_some() => {
                        states(Formula::Quotient, &names, &[1.0], &term.p, ReadAs::ZOfP, 1.1, 0.25)
                    }
                    _ => states(Formula::Root, &names, &[], &term.p, ReadAs::ZOfP, 1.1, 0.25),
                }),
        );
    } else {
        sink.pass(CODE, leaves, "the P-value is that of the statistic");
    }
}

fn interval(
    table: &Regression,
    term: &Term,
    key: &str,
    log_ratio: Option<Span>,
    error: Option<Span>,
    (z, z_leaf): (Option<Span>, &Option<Figure>),
    sink: &mut Sink,
) {
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
    if term.covariate == Covariate::Factor {
        sink.not_applicable(CODE, all, "a factor with several levels");
        return;
    }
    if implied.high > 1.0 {
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

/// The critical value of the table's intervals.
pub(super) fn critical(table: &Regression) -> f64 {
    level(table.ci_level.as_ref()).map_or(1.96, normal_critical)
}

/// No values that print so agree, for the second checker.
fn states(
    formula: Formula,
    figures: &[&Option<Figure>],
    constants: &[f64],
    target: &Option<Figure>,
    read_as: ReadAs,
    factor: f64,
    step: f64,
) -> Statement {
    let mut inputs: Vec<Input> =
        figures.iter().filter_map(|f| f.as_ref()).map(|f| Input::Leaf { leaf: f.leaf, unit: 1.0 }).collect();
    inputs.extend(constants.iter().map(|&value| Input::Constant { value }));
    let leaf = target.as_ref().map_or(0, |figure| figure.leaf);
    let target = Target::Leaf { leaf, unit: 1.0, read_as };
    Statement::NoValue { formula, inputs, relation: Relation::Equal, target, factor, step }
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
