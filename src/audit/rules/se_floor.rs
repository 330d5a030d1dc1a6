//! V502: the smallest standard error that a 0/1 covariate can have for n subjects or so many events.

use super::Rule;
use super::ratio_coherence::implied_error_span;
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::{Body, CiMethod, Covariate, Figure, RegressionModel, Reported};

const CODE: &str = "V502";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "se-floor",
    checks: "that the interval of the ratio of a 0/1 covariate is not narrower than the number of subjects (logistic) or \
             events (Cox) allows",
    why: "In logistic regression a subject's weight is at most 1/4 and a 0/1 covariate varies by at most 1/4 per subject, \
          so the information is at most n/16 and the standard error at least 4/sqrt(n). In Cox regression an event adds at \
          most 1/4: at least 2/sqrt(events). Further covariates only raise it.",
    example: "OR 3.7 (1.9 to 5.3) of a yes/no covariate in 60 subjects: the standard error is at least 0.52, the interval \
              has 0.33 at most",
    silent: "unless the covariate is declared binary and n or events are printed (for Cox, n stands in for events); for \
             bootstrap intervals; within a margin of 10 percent",
    strongest: Verdict::Inconsistent,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        let Body::Regression(table) = &section.body else { continue };
        let size = table
            .n
            .as_ref()
            .or_else(|| table.cohort.as_ref().and_then(|name| reported.cohort(name)).and_then(|c| c.n.as_ref()));
        for term in &table.terms {
            let (Some(ratio), Some(lower), Some(upper)) = (&term.ratio, &term.lower, &term.upper) else { continue };
            let leaves = vec![ratio.leaf, lower.leaf, upper.leaf];
            if term.covariate != Covariate::Binary {
                if term.covariate == Covariate::NotStated {
                    sink.undecidable(CODE, leaves, "not stated whether the covariate is binary (`type: binary`)");
                }
                continue;
            }
            if table.ci_method == Some(CiMethod::Bootstrap) {
                sink.not_applicable(CODE, leaves, "a bootstrap interval has no such bound");
                continue;
            }
            let (figure, floor): (Option<&Figure>, fn(f64) -> f64) = match table.model {
                Some(RegressionModel::Logistic) => (size, |n| 4.0 / n.sqrt()),
                Some(RegressionModel::Cox) => (table.events.as_ref().or(size), |events| 2.0 / events.sqrt()),
                _ => continue,
            };
            let Some((figure, count)) = figure.and_then(|f| Some((f, f.integer().filter(|&n| n > 0)?))) else {
                sink.undecidable(CODE, leaves, "the number of subjects or events is not printed");
                continue;
            };
            let Some((_, widest)) = implied_error_span(table, term) else {
                sink.undecidable(CODE, leaves, "the interval cannot be read");
                continue;
            };
            let floor = floor(count as f64);
            let all: Vec<usize> = leaves.iter().copied().chain([figure.leaf]).collect();
            if widest < 0.9 * floor {
                let message = format!(
                    "{} {} ({} to {}): the standard error of a yes/no covariate is at least {floor:.3} with {count}, the \
                     widest reading of the interval gives {widest:.3}",
                    term.id, ratio.text, lower.text, upper.text
                );
                sink.finding(
                    Finding::new(CODE, Verdict::Inconsistent, &format!("{}/{}", section.name, term.id), all, message)
                        .assuming("the covariate is coded 0/1, and the interval is model-based")
                        .evidence(format!(
                            "the limits would be at least a factor {:.2} apart",
                            (2.0 * 1.959_964 * floor).exp()
                        )),
                );
            } else {
                sink.pass(CODE, all, format!("not narrower than {count} allow"));
            }
        }
    }
}
