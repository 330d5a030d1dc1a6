//! V704: the interval of a survival rate, against the subjects of its group and those still at risk.

use super::Rule;
use super::proportion_interval::NARROW;
use super::support::{is_plain, level, span};
use super::survival_rates::{are_survival, unit_of_rates};
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::{Body, Figure, RateMethod, RatesAre, Reported, Survival, SurvivalGroup};
use crate::audit::statement::{Formula, Input, PrintedInterval, ReadAs, Relation, Statement, Target};
use crate::stats::distribution::normal_critical;

const CODE: &str = "V704";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "rate-interval",
    checks: "that the interval of a survival rate is not narrower than the subjects of its group allow, nor, with Greenwood's \
             variance stated, wider than those still at risk do, and that its lower limit does not rise with time",
    why: "Greenwood's variance S^2 sum d / (r (r - d)) is at least S (1 - S) / n, whoever is censored, because at most n times \
          the survival so far are at risk; and at most S (1 - S) / r with r at risk at that time, because nobody joins. On the \
          plain, log, log-log and logit scales, in Rothman's form (Wilson's limits) and with Peto's variance, each limit \
          implies a number of subjects that must lie between the two.",
    example: "3-year survival 84.2 (83.1 to 85.3) of 150 patients",
    silent: "without the group's n; below 10 subjects; for relative survival; for rates that round to 0 or 1; with no method stated (`ci_method: greenwood`, \
             plain, log, log_log, peto, rothman) it speaks only of less than half of the usual width, and never of \
             a wide one (bootstrap, clusters, late entry). A rising lower limit is implausible only",
    strongest: Verdict::Inconsistent,
    run,
};

/// A tenth more subjects than printed, or fewer than at risk, is no finding: what rounding inside a program can do.
const SLACK: f64 = 1.1;
/// With fewer at risk an interval is of no dependable width.
const FEWEST_AT_RISK: i128 = 5;

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        let Body::Survival(survival) = &section.body else { continue };
        for group in &survival.groups {
            let key = format!("{}/{}", section.name, group.name);
            for index in 0..group.rates.len() {
                width(survival, group, index, &format!("{key}/rates/{index}"), sink);
            }
            lower_limits(survival, group, &key, sink);
        }
    }
}

/// A rate with its limits, as proportions: what each can be by its rounding.
struct Read<'a> {
    figures: [&'a Figure; 3],
    rate: (f64, f64),
    lower: (f64, f64),
    upper: (f64, f64),
    unit: f64,
    level: f64,
}

fn read<'a>(survival: &Survival, group: &'a SurvivalGroup, index: usize) -> Option<Read<'a>> {
    let rate = &group.rates[index];
    let figures = [&rate.estimate, rate.lower.as_ref()?, rate.upper.as_ref()?];
    let unit = unit_of_rates(survival)?;
    // Limits on another scale than the rates.
    if !figures.iter().all(|figure| is_plain(figure)) || (unit < 1.0 && figures[2].value()? <= 1.0) {
        return None;
    }
    let [rate, lower, upper] = figures.map(|figure| span(figure, unit));
    Some(Read { figures, rate: rate?, lower: lower?, upper: upper?, unit, level: level(survival.ci_level.as_ref())? })
}

fn width(survival: &Survival, group: &SurvivalGroup, index: usize, key: &str, sink: &mut Sink) {
    let rate = &group.rates[index];
    let (Some(lower), Some(upper)) = (&rate.lower, &rate.upper) else { return };
    let mut leaves = vec![rate.estimate.leaf, lower.leaf, upper.leaf];
    if survival.rates_are == RatesAre::Relative {
        sink.not_applicable(CODE, leaves, "relative survival is no share of these subjects");
        return;
    }
    let Some(read) = read(survival, group, index) else {
        sink.undecidable(CODE, leaves, "the interval or its scale cannot be read");
        return;
    };
    let Some((n, size)) = group.n.as_ref().and_then(|figure| Some((figure.integer()?, figure))) else {
        sink.undecidable(CODE, leaves, "the number of subjects of the group is not printed");
        return;
    };
    if n < 10 || read.rate.0 <= 0.0 || read.rate.1 >= 1.0 {
        sink.undecidable(CODE, leaves, "too few subjects, or a rate near 0 or 1");
        return;
    }
    leaves.push(size.leaf);
    let shown = format!("{} ({} to {})", rate.estimate.text, lower.text, upper.text);
    if let Some(usual) = read.less_than_half(n) {
        let message = format!("survival of {shown}: {n} subjects give about {usual:.3} to either side");
        sink.finding(
            Finding::new(CODE, Verdict::Inconsistent, key, leaves, message)
                .assuming("the interval is a 95 % interval (or of the stated level) of this rate in this group")
                .stating(Statement::NarrowShare { interval: read.printed_interval(), n: size.leaf }),
        );
        return;
    }
    let greenwood = survival.ci_method == RateMethod::Greenwood && are_survival(survival);
    if greenwood && let Some(implied) = read.implied() {
        let at_risk = group.at_risk.get(index).filter(|_| group.at_risk.len() == group.rates.len());
        let at_risk = at_risk.and_then(|figure| Some((figure.integer().filter(|&r| r >= FEWEST_AT_RISK)?, figure)));
        if implied.iter().all(|form| form.most_demanding.0 > SLACK * (n + 1) as f64) {
            let least = implied.iter().map(|form| form.most_demanding.0).fold(f64::INFINITY, f64::min);
            let message = format!("survival of {shown} is that of {least:.0} subjects or more, the group has {n}");
            sink.finding(greenwood_finding(key, leaves, message, &read, size, Relation::AtLeast));
            return;
        }
        if let Some((risk, figure)) = at_risk
            && implied.iter().all(|form| SLACK * form.least_demanding.1 < (risk - 1) as f64)
        {
            let most = implied.iter().map(|form| form.least_demanding.1).fold(0.0, f64::max);
            leaves.push(figure.leaf);
            let message =
                format!("survival of {shown} is that of {most:.0} subjects or fewer, and {risk} are still at risk");
            sink.finding(greenwood_finding(key, leaves, message, &read, figure, Relation::AtMost));
            return;
        }
        leaves.extend(at_risk.map(|(_, figure)| figure.leaf));
    }
    sink.pass(CODE, leaves, format!("the interval can be of {n} subjects"));
}

fn greenwood_finding(
    key: &str,
    leaves: Vec<usize>,
    message: String,
    read: &Read<'_>,
    number: &Figure,
    relation: Relation,
) -> Finding {
    let formula =
        if relation == Relation::AtLeast { Formula::MostSubjectsOfRate } else { Formula::FewestSubjectsOfRate };
    let mut inputs: Vec<Input> =
        read.figures.iter().map(|figure| Input::Leaf { leaf: figure.leaf, unit: read.unit }).collect();
    inputs.push(Input::Constant { value: normal_critical(read.level) });
    Finding::new(CODE, Verdict::Inconsistent, key, leaves, message)
        .assuming("the interval is from Greenwood's or Peto's variance, as stated, and nobody enters late")
        .stating(Statement::NoValue {
            formula,
            inputs,
            relation,
            target: Target::Leaf { leaf: number.leaf, unit: 1.0, read_as: ReadAs::Value },
            factor: 1.05,
            step: 0.0,
        })
}

/// The numbers of subjects that the two limits imply on one scale, each a range by rounding: the limit that asks for more,
/// and the one that asks for fewer.
struct Implied {
    most_demanding: (f64, f64),
    least_demanding: (f64, f64),
}

/// The number of subjects whose binomial variance puts `limit` at `z` standard errors from `rate`, on one scale.
type Form = fn(rate: f64, limit: f64, z: f64) -> f64;

const FORMS: [Form; 5] = [
    |s, limit, z| z * z * s * (1.0 - s) / (s - limit).powi(2),
    |s, limit, z| z * z * (1.0 - s) / s / (s / limit).ln().powi(2),
    |s, limit, z| z * z * (1.0 - s) / (s * s.ln().powi(2)) / (s.ln() / limit.ln()).ln().powi(2),
    |s, limit, z| z * z / (s * (1.0 - s)) / (logit(s) - logit(limit)).powi(2),
    |s, limit, z| z * z * limit * (1.0 - limit) / (s - limit).powi(2),
];

fn logit(p: f64) -> f64 {
    (p / (1.0 - p)).ln()
}

impl Read<'_> {
    fn printed_interval(&self) -> PrintedInterval {
        let [estimate, lower, upper] = self.figures.map(|figure| figure.leaf);
        PrintedInterval { estimate, lower, upper, unit: self.unit, limit_unit: self.unit, level: self.level }
    }

    /// The usual half-width, where the larger side at its widest is less than half of it.
    fn less_than_half(&self, n: i128) -> Option<f64> {
        let (z, n) = (normal_critical(self.level), n as f64);
        let variance = |p: f64| p * (1.0 - p);
        let usual = z * (variance(self.rate.0).min(variance(self.rate.1)) / n).sqrt() / (1.0 + z * z / n);
        let side = (self.rate.1 - self.lower.0).max(self.upper.1 - self.rate.0);
        (side < NARROW * usual).then_some(usual)
    }

    /// What the limits imply on each scale; `None` where neither limit says anything (cut at 0 or 1).
    fn implied(&self) -> Option<Vec<Implied>> {
        let z = normal_critical(self.level);
        let usable = |limit: (f64, f64), below: bool| {
            let inside = limit.0 > 0.0 && limit.1 < 1.0;
            inside && if below { limit.1 < self.rate.0 } else { limit.0 > self.rate.1 }
        };
        let limits: Vec<(f64, f64)> = [(self.lower, true), (self.upper, false)]
            .into_iter()
            .filter(|(limit, below)| usable(*limit, *below))
            .map(|(limit, _)| limit)
            .collect();
        if limits.is_empty() {
            return None;
        }
        let of_form = |form: &Form| {
            let ranges: Vec<(f64, f64)> = limits
                .iter()
                .map(|limit| {
                    // Monotone in the limit; in the rate nearly so over its rounding, hence its middle too.
                    let rates = [self.rate.0, 0.5 * (self.rate.0 + self.rate.1), self.rate.1];
                    let values = rates.iter().flat_map(|&s| [form(s, limit.0, z), form(s, limit.1, z)]);
                    values.fold((f64::INFINITY, 0.0), |(low, high), n| (f64::min(low, n), f64::max(high, n)))
                })
                .collect();
            let fold = |pick: fn(f64, f64) -> f64| {
                ranges.iter().skip(1).fold(ranges[0], |all, range| (pick(all.0, range.0), pick(all.1, range.1)))
            };
            Implied { most_demanding: fold(f64::max), least_demanding: fold(f64::min) }
        };
        Some(FORMS.iter().map(of_form).collect())
    }
}

/// Survival falls, and so does the lower limit on every usual scale.
fn lower_limits(survival: &Survival, group: &SurvivalGroup, key: &str, sink: &mut Sink) {
    let times: Option<Vec<f64>> = survival.times.iter().map(Figure::value).collect();
    let in_order = times.is_some_and(|t| t.len() == group.rates.len() && t.windows(2).all(|pair| pair[0] < pair[1]));
    if !in_order || survival.rates_are != RatesAre::Survival || !are_survival(survival) {
        return;
    }
    for pair in group.rates.windows(2) {
        let (Some(before), Some(after)) = (&pair[0].lower, &pair[1].lower) else { continue };
        let (Some(first), Some(second)) = (span(before, 1.0), span(after, 1.0)) else { continue };
        let leaves = vec![before.leaf, after.leaf];
        if second.0 > first.1 {
            let message = format!("the lower limit of survival rises from {} to {}", before.text, after.text);
            sink.finding(
                Finding::new(CODE, Verdict::Implausible, &format!("{key}/lower"), leaves, message)
                    .assuming("both intervals are of one curve, by one method")
                    .stating(Statement::Order { low: after.leaf, high: before.leaf }),
            );
            return;
        }
        sink.pass(CODE, leaves, "the lower limit falls with time");
    }
}
