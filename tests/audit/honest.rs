//! No simulated honest study may be accused. `VOUCH_HONEST_STUDIES` sets how many are tried (2,000 unless it does).

use super::study_maker::study;
use vouch::audit::{Verdict, audit, parse};

#[test]
fn honest_studies_have_no_finding_of_the_upper_three_verdicts() {
    let number = std::env::var("VOUCH_HONEST_STUDIES").ok().and_then(|text| text.parse().ok()).unwrap_or(2_000_u64);
    let first = std::env::var("VOUCH_HONEST_FIRST").ok().and_then(|text| text.parse().ok()).unwrap_or(0_u64);
    let mut accused = Vec::new();
    for index in first..first + number {
        let text = study(index);
        let reported = match parse(&text, "honest.yaml") {
            Ok(reported) => reported,
            Err(problems) => {
                accused.push(format!("study {index} cannot be read: {problems:?}"));
                continue;
            }
        };
        let audit = audit(&reported);
        for finding in audit.findings.iter().filter(|finding| finding.verdict <= Verdict::Implausible) {
            accused.push(format!("study {index}: {:?} {} {}", finding.verdict, finding.id, finding.message));
        }
        if (index + 1 - first) % 10_000 == 0 {
            println!("{} honest studies, {} accusations", index + 1 - first, accused.len());
        }
    }
    let shown: Vec<&String> = accused.iter().take(40).collect();
    assert!(accused.is_empty(), "{} accusations in {number} honest studies:\n{shown:#?}", accused.len());
}
