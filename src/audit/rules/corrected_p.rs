//! P-values of a whole table that are of another kind than its numbers, without a word that says so.
//!
//! Bonferroni's, Holm's, Hochberg's, Tukey's and Benjamini and Hochberg's corrections make P-values larger, by the number of tests at
//! most, and leave what stands beside them (counts, means, intervals) as it is; one-sided tests halve them. So P-values of one
//! table that are all larger than their numbers give, and two of them or more, are asked about, and so is one alone where several
//! others are larger too, if by less, and none is smaller; and the other way round. One alone is judged as it is.

use crate::audit::finding::{Finding, PValues, Sink, section_of};
use crate::audit::reported::Figure;

/// So many tests are thought of at least, whatever number the table prints.
const TESTS: f64 = 20.0;
/// What a correction prints where nothing is left of a P-value; it may be ">0.99".
const ONE: f64 = 0.979;
/// Others that are larger (or smaller), where one alone is far out.
const OTHERS: usize = 2;
/// Of a two-sided P-value; a little less than half, for tests that differ.
const ONE_SIDE: f64 = 0.4;

/// A printed P-value beside the range of those that other numbers give. Nobody pads a 1 with zeros.
pub fn beside(p: &Figure, recomputed: (f64, f64)) -> Option<PValues> {
    let number = p.number.as_ref()?;
    let printed = if number.value() >= 0.95 && number.scale >= 2 {
        (number.value() - 0.1_f64.powi(number.scale.min(9) as i32), 1.0)
    } else {
        number.widest()
    };
    Some(PValues { printed, recomputed })
}

/// Turns what a correction, or one side, explains into questions.
pub fn settle(sink: &mut Sink) {
    let sections: Vec<String> =
        sink.findings.iter().filter(|f| f.p_values.is_some()).map(|f| section_of(f.key()).to_string()).collect();
    for (at, name) in sections.iter().enumerate() {
        if sections[..at].contains(name) {
            continue;
        }
        let of_table = |finding: &Finding| finding.p_values.is_some() && section_of(finding.key()) == *name;
        let odd: Vec<PValues> =
            sink.findings.iter().filter(|finding| of_table(finding)).filter_map(|finding| finding.p_values).collect();
        let others: Vec<PValues> =
            sink.compared.iter().filter(|(section, _)| section == name).map(|(_, values)| *values).collect();
        let Some(kind) = kind(&odd, &others) else { continue };
        let rows = odd.len();
        let (asked, rest) = std::mem::take(&mut sink.findings).into_iter().partition(of_table);
        sink.findings = rest;
        let asked: Vec<Finding> = asked;
        for finding in asked {
            let elsewhere = match rows {
                1 => String::new(),
                rows => format!(", here and in {} more places of the table", rows - 1),
            };
            let says = match kind {
                Kind::Corrected => format!(
                    "the P-value is larger than what stands beside it gives{elsewhere}: corrected for multiple comparisons?"
                ),
                Kind::OneSided => {
                    format!("the P-value is about half of what stands beside it gives{elsewhere}: of one-sided tests?")
                }
            };
            sink.undecidable(finding.rule, finding.leaves, says);
        }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Corrected,
    OneSided,
}

/// What all odd P-values of a table can be, and the others be as well.
fn kind(odd: &[PValues], others: &[PValues]) -> Option<Kind> {
    let larger = others.iter().filter(|values| is_larger(values)).count();
    let smaller = others.iter().filter(|values| is_smaller(values)).count();
    let certain = odd.iter().any(|values| values.printed.0 >= ONE);
    if odd.iter().all(corrected) && (odd.len() >= 2 || certain || (larger >= OTHERS && smaller == 0)) {
        return Some(Kind::Corrected);
    }
    let halves = odd.iter().all(|values| is_smaller(values) && values.printed.1 >= ONE_SIDE * values.recomputed.0);
    (halves && odd.len() + smaller > OTHERS && larger == 0).then_some(Kind::OneSided)
}

fn is_larger(values: &PValues) -> bool {
    values.printed.0 > values.recomputed.1
}

fn is_smaller(values: &PValues) -> bool {
    values.printed.1 < values.recomputed.0
}

/// Larger than recomputed, by no more than the number of tests.
fn corrected(values: &PValues) -> bool {
    values.printed.1 > values.recomputed.1 && values.printed.0 <= values.recomputed.1 * TESTS
}
