//! V403: the P-value of a comparison in a pooled cohort, against those in its parts.

use super::Rule;
use super::support::z_span;
use crate::audit::finding::{Sink, Verdict};
use crate::audit::reported::{Body, Comparison, Comparisons, Figure, Reported};

const CODE: &str = "V403";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "pooled-p",
    checks: "whether the P-value of two models in a pooled cohort is what those in its parts together give",
    why: "Weighted by their information, independent differences give |z| of at most the root of the sum of squares. But \
          the AUC of a pooled cohort also compares subjects of different parts, about which the parts say nothing: so a \
          difference is a question and no finding.",
    example: "P of 0.86 and 0.23 in the parts and below 0.05 in the whole: |z| 1.22 at most, 1.96 at least",
    silent: "unless the cohort has `parts:` and the pair is compared in each; it never gives a finding",
    strongest: Verdict::Undecidable,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        let Body::Comparison(comparisons) = &section.body else { continue };
        for pair in &comparisons.pairs {
            let Some(whole) = pair.cohort.as_deref().and_then(|name| reported.cohort(name)) else { continue };
            let Some(p) = &pair.p else { continue };
            for parts in whole.all_divisions() {
                let found: Option<Vec<&Figure>> = parts.iter().map(|part| same_pair(comparisons, pair, part)).collect();
                if let Some(found) = found.filter(|found| found.len() >= 2) {
                    judge(p, &found, &pair.second, sink);
                }
            }
        }
    }
}

fn same_pair<'a>(comparisons: &'a Comparisons, pair: &Comparison, cohort: &str) -> Option<&'a Figure> {
    let same = |other: &&Comparison| {
        other.first == pair.first
            && other.second == pair.second
            && other.metric == pair.metric
            && other.cohort.as_deref() == Some(cohort)
    };
    comparisons.pairs.iter().find(same)?.p.as_ref()
}

fn judge(whole: &Figure, parts: &[&Figure], name: &str, sink: &mut Sink) {
    let leaves: Vec<usize> = parts.iter().map(|figure| figure.leaf).chain([whole.leaf]).collect();
    let spans: Option<Vec<(f64, f64)>> = parts.iter().map(|figure| z_span(figure)).collect();
    let (Some(spans), Some(pooled)) = (spans, z_span(whole)) else {
        sink.undecidable(CODE, leaves, "a P-value cannot be read");
        return;
    };
    let most = spans.iter().map(|span| span.1 * span.1).sum::<f64>().sqrt();
    if pooled.0 <= most {
        sink.pass(CODE, leaves, format!("the parts give |z| up to {most:.2}, the whole has {:.2} or more", pooled.0));
    } else {
        let says = format!(
            "against {name} the parts together give |z| of {most:.2} at most, the whole has {:.2} or more: pairs of subjects \
             from different parts would have to make the difference",
            pooled.0
        );
        sink.undecidable(CODE, leaves, says);
    }
}
