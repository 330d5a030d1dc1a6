//! The summary for a terminal: worst first, a minute to read.

use crate::audit::finding::{Audit, Finding, Record, Verdict};
use crate::audit::reported::Role;
use std::fmt::Write;

/// Plain text, with ANSI colours when `colour`.
pub fn render_text(audit: &Audit, colour: bool) -> String {
    let mut out = String::new();
    let paint =
        |text: &str, code: &str| if colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_string() };
    let title = audit.title.as_deref().map(|title| format!(": {title}")).unwrap_or_default();
    let _ = writeln!(out, "{}{title}\n", paint(&audit.file_name, "1"));
    for verdict in Verdict::ALL.into_iter().filter(|verdict| verdict.is_finding()) {
        let findings: Vec<&Finding> = audit.findings.iter().filter(|finding| finding.verdict == verdict).collect();
        if findings.is_empty() {
            continue;
        }
        let code = match verdict {
            Verdict::Impossible => "1;31",
            Verdict::Inconsistent => "1;33",
            Verdict::Implausible => "1;35",
            _ => "1;36",
        };
        let _ = writeln!(out, "{} ({})", paint(&verdict.word().to_uppercase(), code), findings.len());
        for finding in findings {
            one(&mut out, audit, finding, &paint);
        }
        out.push('\n');
    }
    questions(&mut out, audit, &paint);
    let figures = audit.leaves.iter().filter(|leaf| leaf.role == Role::Figure).count();
    let checked = audit
        .leaves
        .iter()
        .filter(|leaf| leaf.role == Role::Figure && leaf.verdict.is_some_and(|v| v.is_finding() || v == Verdict::Pass))
        .count();
    let open = audit
        .leaves
        .iter()
        .filter(|leaf| {
            leaf.role == Role::Figure && matches!(leaf.verdict, Some(Verdict::Undecidable | Verdict::NotApplicable))
        })
        .count();
    let facts = audit.leaves.iter().filter(|leaf| leaf.role == Role::Fact).count();
    let labels = audit.leaves.len() - figures - facts;
    let _ = writeln!(
        out,
        "{figures} printed numbers: {checked} checked, {open} undecidable or not applicable, {} not reached by any rule. \
         {facts} facts and {labels} labels are kept as typed.",
        figures - checked - open
    );
    let counts: Vec<String> =
        Verdict::ALL.into_iter().map(|verdict| format!("{} {}", audit.count(verdict), verdict.word())).collect();
    let _ = writeln!(out, "Findings and checks: {}.", counts.join(", "));
    if audit.findings.is_empty() {
        let _ = writeln!(out, "No two of the checked numbers disagree.");
    }
    if let Some(published) = &audit.recomputed {
        out.push_str(&super::recomputed::text(published, &audit.file_name, &paint));
    }
    out
}

/// So many questions are printed; the other formats have all.
const MOST_QUESTIONS: usize = 6;

/// What the auditor has to be told before some numbers can be judged, and numbers that cannot be read.
fn questions(out: &mut String, audit: &Audit, paint: &impl Fn(&str, &str) -> String) {
    let mut asked: Vec<(&str, usize, Option<usize>)> = Vec::new();
    let is_open = |record: &&Record| record.verdict == Verdict::Undecidable;
    for record in audit.records.iter().filter(is_open) {
        if !record.says.contains('?') && !record.says.contains("cannot be read as") {
            continue;
        }
        match asked.iter_mut().find(|(says, ..)| *says == record.says) {
            Some((_, times, _)) => *times += 1,
            None => asked.push((&record.says, 1, record.leaves.first().copied())),
        }
    }
    if asked.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "{} ({}; until they are answered these numbers are not judged)",
        paint("QUESTIONS", "1"),
        asked.len()
    );
    for (says, times, leaf) in asked.iter().take(MOST_QUESTIONS) {
        let place = leaf.and_then(|leaf| audit.leaves.get(leaf));
        let place = place.map(|leaf| format!("{}:{}:{}", audit.file_name, leaf.line, leaf.column)).unwrap_or_default();
        let more = if *times > 1 { format!(", and {} more", times - 1) } else { String::new() };
        let _ = writeln!(out, "  {says}");
        let _ = writeln!(out, "       {}", paint(&format!("{place}{more}"), "2"));
    }
    if asked.len() > MOST_QUESTIONS {
        let _ = writeln!(out, "  … {} more with --format json or html", asked.len() - MOST_QUESTIONS);
    }
    out.push('\n');
}

fn one(out: &mut String, audit: &Audit, finding: &Finding, paint: &impl Fn(&str, &str) -> String) {
    let place = finding.place().and_then(|leaf| audit.leaves.get(leaf));
    let place = place.map(|leaf| format!("{}:{}:{}", audit.file_name, leaf.line, leaf.column)).unwrap_or_default();
    let _ = writeln!(out, "  {} {}", paint(finding.rule, "1"), finding.message);
    let _ = writeln!(out, "       {}", paint(&format!("{}  ({place})", finding.key()), "2"));
    for line in finding.evidence.iter().take(4) {
        let _ = writeln!(out, "       {line}");
    }
    if let Some(hypothesis) = finding.hypotheses.first() {
        let _ = writeln!(out, "       would agree if: {}", hypothesis.says);
    }
}
