//! The interval of a coefficient of a linear model: about the coefficient, which is in its middle, and with the P-value of the
//! same t. A part of V501.

use super::corrected_p::beside;
use super::ratio_coherence::{CODE, Row, Span, leaves, text, z_of_p as z_printed};
use super::support::{input, level, z_of_p};
use crate::audit::finding::{Finding, PValues, Sink, Verdict};
use crate::audit::reported::{CiMethod, Regression, Term};
use crate::audit::statement::{Formula, Input, ReadAs, Relation, Statement, Target};
use crate::stats::distribution::{normal_critical, normal_two_sided, student_t_critical, student_t_two_sided};

/// Degrees of freedom below which no model is printed.
const FEWEST_DEGREES: f64 = 3.0;

/// Other terms of the table whose coefficients are in the middle of their limits: so many show what the table prints, if no
/// other is off.
const OTHERS_IN_THE_MIDDLE: usize = 3;

/// Units of the last printed digit in an interval from which on its middle shows anything.
const TELLING: f64 = 20.0;

/// Share of half the interval within which the middle by another method may lie: of a profile, of draws.
const NEAR_THE_MIDDLE: f64 = 0.2;

struct Printed {
    beta: Span,
    lower: Span,
    upper: Span,
    /// Is the interval wide beside its digits?
    tells: bool,
}

impl Printed {
    fn of(term: &Term) -> Option<Self> {
        let [Some(beta), Some(lower), Some(upper)] = [&term.beta, &term.lower, &term.upper].map(Span::of) else {
            return None;
        };
        let scale = [&term.beta, &term.lower, &term.upper].into_iter().flatten().filter_map(|f| f.number.as_ref());
        let unit = 0.1_f64.powi(scale.map(|number| number.scale).min().unwrap_or_default() as i32);
        let tells = upper.low - lower.high >= TELLING * unit;
        // The interval of a ratio beside it is that ratio's.
        let own = term.ratio.is_none() && !term.beta_of_other_model && lower.low <= upper.high;
        own.then_some(Self { beta, lower, upper, tells })
    }

    fn is_outside(&self) -> bool {
        self.beta.high < self.lower.low || self.beta.low > self.upper.high
    }

    fn middle(&self) -> Span {
        Span { low: 0.5 * (self.lower.low + self.upper.low), high: 0.5 * (self.lower.high + self.upper.high) }
    }

    fn is_in_the_middle(&self) -> bool {
        !self.beta.apart(self.middle())
    }

    fn is_near_the_middle(&self) -> bool {
        let (middle, room) = (self.middle(), NEAR_THE_MIDDLE * 0.5 * (self.upper.high - self.lower.low));
        !self.beta.apart(Span { low: middle.low - room, high: middle.high + room })
    }

    fn has_opposite_sign(&self) -> bool {
        let middle = self.middle();
        (self.beta.low > 0.0 && middle.high < 0.0) || (self.beta.high < 0.0 && middle.low > 0.0)
    }
}

/// Do the other terms show that the table's intervals are those of its coefficients?
fn others_are_in_the_middle(table: &Regression, own: &Term) -> bool {
    let others = table.terms.iter().filter(|other| !std::ptr::eq(*other, own)).filter_map(Printed::of);
    let (inside, off): (Vec<Printed>, Vec<Printed>) = others.partition(Printed::is_in_the_middle);
    inside.iter().filter(|other| other.tells).count() >= OTHERS_IN_THE_MIDDLE && off.is_empty()
}

pub(super) fn examine(row: &Row<'_>, sink: &mut Sink) {
    let Row { table, term, key, .. } = row;
    let (Some(printed), Some(beta)) = (Printed::of(term), &term.beta) else { return };
    let all = leaves(&[&term.lower, &term.upper, &term.beta]);
    let shown = format!("{} ({} to {})", text(&term.beta), text(&term.lower), text(&term.upper));
    if matches!(table.ci_method, Some(CiMethod::Bootstrap | CiMethod::Other)) {
        sink.not_applicable(CODE, all, "only an interval by t has the coefficient in its middle");
        return;
    }
    if printed.is_in_the_middle() {
        sink.pass(CODE, all, "the coefficient is in the middle of its limits");
        p_value(row, &printed, &shown, sink);
        return;
    }
    let sure = others_are_in_the_middle(table, term);
    if !sure && !(printed.is_outside() && printed.has_opposite_sign()) {
        let says =
            "not in the middle of its limits: is the coefficient standardised or transformed, and the interval not?";
        sink.undecidable(CODE, all, says);
        return;
    }
    if sure && !printed.is_outside() && printed.is_near_the_middle() {
        sink.undecidable(CODE, all, "not quite in the middle of its limits: by which method is the interval?");
        return;
    }
    let middle = printed.middle();
    let message = format!(
        "coefficient {shown} is {}, whose middle is {:.3} to {:.3}",
        if printed.is_outside() { "outside its limits" } else { "not in the middle of its limits" },
        middle.low,
        middle.high
    );
    let assumes = if sure {
        "the interval is of this coefficient, by t as those of the other terms"
    } else {
        "the interval is of this coefficient, standardised or not"
    };
    sink.finding(
        Finding::new(CODE, Verdict::Inconsistent, &format!("{key}/middle"), all, message).assuming(assumes).stating(
            Statement::NoValue {
                formula: Formula::Middle,
                inputs: [&term.lower, &term.upper].into_iter().flatten().map(input).collect(),
                relation: Relation::Equal,
                target: Target::Leaf { leaf: beta.leaf, unit: 1.0, read_as: ReadAs::Value },
                factor: 1.0,
                step: 0.0,
            },
        ),
    );
}

/// The P-value of the t that the interval implies, for any degrees of freedom; with the room that ratios have.
fn p_value(row: &Row<'_>, printed: &Printed, shown: &str, sink: &mut Sink) {
    let Row { table, term, key, .. } = row;
    let (Some(p), Some(from_p)) = (&term.p, z_printed(&term.p)) else { return };
    let all = leaves(&[&term.beta, &term.lower, &term.upper, &term.p]);
    if term.p_of_other_test || !row.p_of_term {
        sink.not_applicable(CODE, all, "the P-value is of another test, or of a factor with several levels");
        return;
    }
    let Some(stated) = level(table.ci_level.as_ref()) else { return };
    let (lower, upper) = (printed.lower, printed.upper);
    let half = Span { low: 0.5 * (upper.low - lower.high), high: 0.5 * (upper.high - lower.low) };
    if half.low <= 0.0 {
        return;
    }
    let share = printed.beta.magnitude().over(half);
    let normal = |share: f64| normal_two_sided(share * normal_critical(stated));
    let few = |share: f64| student_t_two_sided(share * student_t_critical(stated, FEWEST_DEGREES), FEWEST_DEGREES);
    let recomputed = (normal(share.high).min(few(share.high)), normal(share.low).max(few(share.low)));
    let z = Span { low: z_of_p(recomputed.1), high: z_of_p(recomputed.0) };
    let clash = |low: f64, high: f64| low > high * 1.5 && low - high > 1.0;
    if !clash(from_p.low, z.high) && !clash(z.low, from_p.high) {
        sink.pass(CODE, all, "interval and P-value can be of one t");
        beside(p, recomputed).into_iter().for_each(|values| sink.compare(key, values));
        return;
    }
    let message = format!(
        "coefficient {shown} has P of {:.4} to {:.4} by its interval, printed is {}",
        recomputed.0, recomputed.1, p.text
    );
    let mut inputs: Vec<Input> = [&term.beta, &term.lower, &term.upper].into_iter().flatten().map(input).collect();
    inputs.push(Input::Constant { value: normal_critical(stated) });
    let of_p = (normal_two_sided(from_p.high), normal_two_sided(from_p.low));
    sink.finding(
        Finding::new(CODE, Verdict::Inconsistent, &format!("{key}/interval"), all, message)
            .assuming("interval and P-value are of the same two-sided analysis")
            .of_p(PValues { printed: of_p, recomputed })
            .stating(Statement::NoValue {
                formula: Formula::ZOfDifference,
                inputs,
                relation: Relation::Equal,
                target: Target::Leaf { leaf: p.leaf, unit: 1.0, read_as: ReadAs::ZOfP },
                factor: 1.0,
                step: 0.9,
            }),
    );
}
