//! V100: every printed number can be read as one.

use super::Rule;
use crate::audit::arithmetic::Printed;
use crate::audit::finding::{Sink, Verdict};
use crate::audit::reported::{Reported, Role, says_nothing};

const CODE: &str = "V100";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "figure-form",
    checks: "that what stands where a number is expected can be read as a number",
    why: "A malformed number (two points, a letter) is stored as printed. It is reported as unreadable and takes part in \
          no other check, because what it was meant to be is a guess.",
    example: "spec: \"0.8.3\"",
    silent: "for \"NA\", \"NS\", \"-\", \"ref\" and an empty text, which say that nothing is printed; for dates",
    strongest: Verdict::Undecidable,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for (index, leaf) in reported.leaves.iter().enumerate() {
        if leaf.role != Role::Figure || Printed::parse(&leaf.text).is_some() {
            continue;
        }
        let plain = leaf.text.trim().to_ascii_lowercase();
        // A cell such as "12/40 (30.0)" holds several numbers, which are read one by one.
        if says_nothing(&leaf.text) || plain.contains(['/', '(']) || is_date(&plain) {
            continue;
        }
        sink.undecidable(CODE, vec![index], format!("\"{}\" cannot be read as a number", leaf.text));
    }
}

fn is_date(text: &str) -> bool {
    text.len() >= 4 && text.chars().all(|c| c.is_ascii_digit() || c == '-')
}
