//! V501: the pieces of a regression row: coefficient, standard error, Wald statistic, ratio, interval, P-value.

use super::Rule;
use super::coefficient_interval;
use super::ratio_interval;
use super::retyping::retyped;
use super::support::is_plain;
use crate::audit::finding::{Finding, PValues, Sink, Verdict};
use crate::audit::reported::{Body, Covariate, Figure, Regression, RegressionModel, Reported, Term};
use crate::audit::statement::{Formula, Input, ReadAs, Relation, Statement, Target};
use crate::stats::distribution::{normal_quantile, normal_upper, student_t_two_sided};

pub(super) const CODE: &str = "V501";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "ratio-coherence",
    checks: "that a ratio is the exponential of its coefficient, that z is coefficient over standard error and the Wald \
             statistic its square, that the P-value is that of z, and that interval and P-value imply standard errors \
             which can be of one analysis; with a Wald method stated, that the ratio is in the middle of its limits on the scale of the \
             logarithm (or its own); in a linear model, that a coefficient lies between its limits, in their middle where \
             those of other terms do, and that its P-value is that of t",
    why: "In a Wald analysis each piece follows from two others. Every piece is an interval by its printed digits, so \
          that a coefficient of 0.002 excludes little. Score, likelihood-ratio and profile results differ from Wald by \
          less than the margins used here (half as much again and one unit of z; a tenth and 0.3 below z of 4 where the interval is \
          said to be Wald's; a tenth and 0.1 beside a printed statistic below 1), except near separation, where nothing is said.",
    example: "OR 3.65 (1.92 to 5.32), P = 0.011: the interval implies z of 4 or more, the P-value 2.5",
    silent: "when several P-values of the table are larger than their numbers give, which a correction for multiple \
             comparisons makes (that is asked); when the coefficient is of another model or unit (`beta_of:`), or a simple multiple of the logarithm of the \
             ratio; when the P-value is of another test (`p_test:`); for factors with several levels, unless each level has its interval \
             and a P-value of its own, which all but one of the levels show; for coefficients of a linear model that may be standardised; when the interval \
             is so wide that the estimate is unstable (standard error above 1)",
    strongest: Verdict::Inconsistent,
    run,
};

/// A range of reals.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub low: f64,
    pub high: f64,
}

impl Span {
    pub(super) fn of(figure: &Option<Figure>) -> Option<Self> {
        let figure = figure.as_ref().filter(|figure| is_plain(figure))?;
        let (low, high) = figure.number.as_ref()?.widest();
        Some(Self { low, high })
    }

    /// Of absolute values.
    pub(super) fn magnitude(self) -> Self {
        if self.low > 0.0 {
            self
        } else if self.high < 0.0 {
            Self { low: -self.high, high: -self.low }
        } else {
            Self { low: 0.0, high: self.high.max(-self.low) }
        }
    }

    pub(super) fn ln(self) -> Option<Self> {
        (self.high > 0.0).then(|| Self { low: self.low.max(1e-300).ln(), high: self.high.ln() })
    }

    /// Quotient of magnitudes.
    pub(super) fn over(self, below: Self) -> Self {
        Self { low: self.low / below.high, high: if below.low > 0.0 { self.high / below.low } else { f64::INFINITY } }
    }

    pub(super) fn apart(self, other: Self) -> bool {
        self.low > other.high || other.low > self.high
    }

    pub(super) fn wider(self, share: f64) -> Self {
        Self { low: self.low * (1.0 - share), high: self.high * (1.0 + share) }
    }
}

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        if let Body::Regression(table) = &section.body {
            let table = &with_z(table);
            let own_p = levels_with_own_p(table);
            for (index, term) in table.terms.iter().enumerate() {
                let id = if term.id.is_empty() { index.to_string() } else { term.id.clone() };
                let p_of_term = term.covariate != Covariate::Factor || own_p.contains(&index);
                examine(&Row { table, term, p_of_term, key: format!("{}/{id}", section.name) }, sink);
            }
        }
    }
}

/// The table with its Wald statistics under `z`, where that is what they are.
fn with_z(table: &Regression) -> Regression {
    let mut table = table.clone();
    if wald_is_z(&table) {
        for term in table.terms.iter_mut().filter(|term| term.z.is_none()) {
            term.z = term.wald.take();
        }
    }
    table
}

/// "Wald" is χ² in most programs' output, and z in some: it is z where one is negative, or where more of them are the
/// coefficient over its standard error, or the quantile of the P-value, than its square.
fn wald_is_z(table: &Regression) -> bool {
    let printed =
        table.terms.iter().filter(|term| term.z.is_none()).filter_map(|term| Some((term, Span::of(&term.wald)?)));
    let (mut as_z, mut as_square) = (0, 0);
    for (term, wald) in printed {
        if wald.high < 0.0 {
            return true;
        }
        let error = Span::of(&term.standard_error).filter(|error| error.high > 0.0).map(Span::magnitude);
        let quotient = Span::of(&term.beta).zip(error).map(|(beta, error)| beta.magnitude().over(error).wider(1e-9));
        let Some(expected) = quotient.or_else(|| z_of_p(&term.p)) else { continue };
        let root = Span { low: wald.low.max(0.0).sqrt(), high: wald.high.max(0.0).sqrt() };
        match (wald.apart(expected), root.apart(expected)) {
            (false, true) => as_z += 1,
            (true, false) => as_square += 1,
            _ => {}
        }
    }
    as_z > as_square
}

/// A term of a table.
pub(super) struct Row<'a> {
    pub table: &'a Regression,
    pub term: &'a Term,
    /// Is the P-value beside it the term's, and not that of a factor of which it is a level?
    pub p_of_term: bool,
    pub key: String,
}

/// Levels whose P-values are those of their intervals: so many show that each P-value of the factor is its level's.
const LEVELS_THAT_FIT: usize = 2;

/// The levels of factors whose P-values are their own: each with its interval and its P-value, no two of which are the same
/// (a factor's is printed beside each of its levels, or beside one), and all but one those of their intervals. The reference
/// level has neither, and parts one factor from the next.
fn levels_with_own_p(table: &Regression) -> Vec<usize> {
    let is_level = |term: &Term| term.covariate == Covariate::Factor && term.lower.is_some() && term.upper.is_some();
    let mut own = Vec::new();
    let mut start = 0;
    while start < table.terms.len() {
        let levels: Vec<&Term> = table.terms[start..].iter().take_while(|term| is_level(term)).collect();
        let mut printed: Vec<&str> = levels.iter().map(|term| text(&term.p)).collect();
        printed.sort_unstable();
        let differ = printed.iter().all(|p| !p.is_empty()) && printed.windows(2).all(|pair| pair[0] != pair[1]);
        let fitting = levels.iter().filter(|term| ratio_interval::has_its_p(table, term)).count();
        if differ && fitting >= LEVELS_THAT_FIT && fitting + 1 >= levels.len() {
            own.extend(start..start + levels.len());
        }
        start += levels.len() + 1;
    }
    own
}

pub(super) fn leaves(figures: &[&Option<Figure>]) -> Vec<usize> {
    figures.iter().filter_map(|figure| figure.as_ref()).map(|figure| figure.leaf).collect()
}

pub(super) fn text(figure: &Option<Figure>) -> &str {
    figure.as_ref().map_or("", |figure| figure.text.as_str())
}

fn examine(row: &Row<'_>, sink: &mut Sink) {
    let Row { table, term, key, .. } = row;
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
    p_value(row, beta, error, (z, z_leaf), sink);
    if table.model == Some(RegressionModel::Linear) {
        coefficient_interval::examine(row, sink);
    }
    ratio_interval::examine(row, log_ratio, error, (z, z_leaf), sink);
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
pub(super) fn z_of_p(figure: &Option<Figure>) -> Option<Span> {
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
pub(super) fn p_values(printed: Span, recomputed: Span) -> PValues {
    let p = |z: Span| (2.0 * normal_upper(z.high), 2.0 * normal_upper(z.low));
    PValues { printed: p(printed), recomputed: p(recomputed) }
}

/// Of t in a linear model: fewer leave nothing to estimate a variance from.
const FEWEST_DEGREES: f64 = 3.0;

/// Below this, Wald's statistic is nearly those of the likelihood and of the score: they part where they are large.
const SMALL: f64 = 1.0;

/// Standard error of the logarithm of a ratio above which Wald, score and likelihood need not agree.
pub(super) const UNSTABLE: f64 = 1.0;

fn p_value(
    row: &Row<'_>,
    beta: Option<Span>,
    error: Option<Span>,
    (z, z_leaf): (Option<Span>, &Option<Figure>),
    sink: &mut Sink,
) {
    let Row { table, term, key, .. } = row;
    let Some(from_p) = z_of_p(&term.p) else { return };
    let (from, names) = match (z, beta, error) {
        (Some(z), _, _) => (z, vec![z_leaf]),
        (None, Some(beta), Some(error)) => (beta.magnitude().over(error), vec![&term.beta, &term.standard_error]),
        _ => return,
    };
    let mut used = names.clone();
    used.push(&term.p);
    let leaves = leaves(&used);
    if term.p_of_other_test || !row.p_of_term {
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
    let step = if z.is_some() && from.high < SMALL { 0.1 } else { 0.3 };
    // Near separation Wald's statistic is small, and that of the likelihood is not.
    if from_p.low > from.high && error.is_some_and(|error| error.high > UNSTABLE) {
        sink.undecidable(CODE, leaves, "the standard error is too large for Wald and likelihood to agree");
        return;
    }
    if from_p.low > from.high * 1.1 + step || from.low > from_p.high * 1.1 + step {
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
                    [_, _] => states(Formula::Quotient, &names, &[], &term.p, ReadAs::ZOfP, 1.1, step - 0.05),
                    // Wald's statistic is z squared: |z / 1| or its root.
                    _ if term.z.is_some() => {
                        states(Formula::Quotient, &names, &[1.0], &term.p, ReadAs::ZOfP, 1.1, step - 0.05)
                    }
                    _ => states(Formula::Root, &names, &[], &term.p, ReadAs::ZOfP, 1.1, step - 0.05),
                }),
        );
    } else {
        sink.pass(CODE, leaves, "the P-value is that of the statistic");
    }
}

/// No values that print so agree, for the second checker.
pub(super) fn states(
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
