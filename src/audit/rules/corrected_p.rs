//! P-values that were corrected for multiple comparisons without a word that says so.
//!
//! Bonferroni's, Holm's, Hochberg's and Benjamini and Hochberg's corrections make P-values larger, by the number of tests at
//! most, and leave what stands beside them (counts, means, intervals) as it is. So P-values of one table that are all larger
//! than their numbers give, and two of them or more, are asked about; one alone, or one that is smaller, is judged as it is.

use crate::audit::finding::{Finding, Sink};

/// So many tests are thought of at least, whatever number the table prints.
const TESTS: f64 = 20.0;
/// What a correction prints where nothing is left of a P-value.
const ONE: f64 = 0.99;

/// Turns what a correction explains into questions.
pub fn settle(sink: &mut Sink) {
    let sections: Vec<String> = sink.findings.iter().filter(|f| f.p_values.is_some()).map(section).collect();
    for (at, name) in sections.iter().enumerate() {
        if sections[..at].contains(name) {
            continue;
        }
        let of_table = |finding: &Finding| finding.p_values.is_some() && section(finding) == *name;
        let odd: Vec<&Finding> = sink.findings.iter().filter(|finding| of_table(finding)).collect();
        let certain = |finding: &&Finding| finding.p_values.is_some_and(|values| values.printed.0 >= ONE);
        if !odd.iter().all(|finding| explained(finding)) || (odd.len() < 2 && !odd.iter().any(certain)) {
            continue;
        }
        let rows = odd.len();
        let (asked, rest) = std::mem::take(&mut sink.findings).into_iter().partition(of_table);
        sink.findings = rest;
        let asked: Vec<Finding> = asked;
        for finding in asked {
            let elsewhere = match rows {
                1 => String::new(),
                rows => format!(", here and in {} more places of the table", rows - 1),
            };
            let says = format!(
                "the P-value is larger than what stands beside it gives{elsewhere}: corrected for multiple comparisons?"
            );
            sink.undecidable(finding.rule, finding.leaves, says);
        }
    }
}

fn section(finding: &Finding) -> String {
    finding.key().split('/').next().unwrap_or_default().to_string()
}

/// Larger than recomputed, by no more than the number of tests.
fn explained(finding: &Finding) -> bool {
    finding
        .p_values
        .is_some_and(|values| values.printed.1 > values.recomputed.1 && values.printed.0 <= values.recomputed.1 * TESTS)
}
