//! Do the reported numbers hold? Takes nothing but the numbers that a paper prints, and says which cannot all be true,
//! which do not follow from each other, which are odd, and which hold, each with evidence that can be checked by hand.
//!
//! ```text
//! reported/    the layout reported/1: what is printed, with line and column of every number
//! arithmetic/  printed decimals, the rationals that round to them, integers among them
//! solver/      exact searches: 2 x 2 tables, score orders (DeLong variance), real relaxation
//! rules/       one coded rule per file, which documents itself
//! conflict     the smallest set of numbers that cannot stand together
//! finding      verdicts, evidence, coverage of every leaf
//! statement    what a finding states, for the second checker
//! replay       a slow, plain second checker that shares no code with the solvers
//! recompute/   with results or scores at hand: every printed number beside the recomputed one
//! output/      text, JSON, SARIF, JUnit, HTML
//! ```
//!
//! The first principle is that a false accusation costs more than ten misses. A rule speaks only when no way of
//! rounding, no missing subject and no usual method could have printed the numbers; otherwise it says what is missing,
//! or why it does not apply. A finding says that numbers disagree, and nothing about people.

pub mod arithmetic;
mod conflict;
mod finding;
mod output;
pub mod recompute;
mod replay;
pub mod reported;
mod rules;
mod solver;
mod statement;

pub use finding::{Audit, Finding, Hypothesis, LeafCoverage, RangeFigure, Record, Sink, Verdict};
pub use output::{render_html, render_json, render_junit, render_sarif, render_text};
pub use replay::{Replay, replay};
pub use reported::{Diagnostic, Reported, parse, parse_assuming, skeleton};
pub use rules::Rule;
pub use statement::Statement;

/// Runs every rule over a file.
pub fn audit(reported: &Reported) -> Audit {
    audit_with(reported, &|_| true)
}

/// Runs the rules that `wanted` accepts (by code or by name, as `--only` takes them).
pub fn audit_with(reported: &Reported, wanted: &impl Fn(&Rule) -> bool) -> Audit {
    let mut sink = Sink::default();
    for rule in rules::RULES.iter().filter(|rule| wanted(rule)) {
        (rule.run)(reported, &mut sink);
    }
    rules::corrected_p::settle(&mut sink);
    Audit::assemble(reported, sink)
}

/// Every rule, in the order of the codes.
pub fn list_rules() -> &'static [Rule] {
    rules::RULES
}

/// A rule by its code or its name.
pub fn find_rule(code_or_name: &str) -> Option<&'static Rule> {
    rules::find(code_or_name)
}

/// What a rule checks, why, with an example, and when it stays silent; `None` when there is no such rule.
pub fn explain(code_or_name: &str) -> Option<String> {
    let rule = rules::find(code_or_name)?;
    Some(format!(
        "{} {}\n\nChecks   {}.\n\nWhy      {}\n\nExample  {}\n\nSilent   {}.\n\nStrongest verdict: {}.\n",
        rule.code,
        rule.name,
        rule.checks,
        rule.why,
        rule.example,
        rule.silent,
        rule.strongest.word()
    ))
}
