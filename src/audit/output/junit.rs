//! JUnit XML: a test case per finding (failed, or skipped when cosmetic) and per check.

use crate::audit::finding::{Audit, Verdict};
use crate::audit::rules;
use crate::results::{Agreement, Published};
use std::fmt::Write;

/// One suite per rule.
pub fn render_junit(audit: &Audit) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let recomputed = |agreement: Option<Agreement>| {
        let figures = audit.recomputed.iter().flat_map(Published::figures);
        figures.filter(|figure| agreement.is_none_or(|wanted| figure.agreement == wanted)).count()
    };
    let failures = audit.findings.iter().filter(|finding| finding.verdict <= Verdict::Implausible).count()
        + recomputed(Some(Agreement::Disagrees));
    let total = audit.findings.len() + audit.records.len() + recomputed(None);
    let _ = writeln!(out, "<testsuites name=\"vouch audit\" tests=\"{total}\" failures=\"{failures}\">");
    for rule in rules::RULES {
        let findings: Vec<_> = audit.findings.iter().filter(|finding| finding.rule == rule.code).collect();
        let records: Vec<_> = audit.records.iter().filter(|record| record.rule == rule.code).collect();
        if findings.is_empty() && records.is_empty() {
            continue;
        }
        let failed = findings.iter().filter(|finding| finding.verdict <= Verdict::Implausible).count();
        let skipped = records.iter().filter(|record| record.verdict != Verdict::Pass).count() + findings.len() - failed;
        let _ = writeln!(
            out,
            "  <testsuite name=\"{} {}\" tests=\"{}\" failures=\"{failed}\" skipped=\"{skipped}\">",
            rule.code,
            rule.name,
            findings.len() + records.len()
        );
        for finding in findings {
            let line = finding.place().and_then(|leaf| audit.leaves.get(leaf)).map_or(0, |leaf| leaf.line);
            let _ = write!(out, "    <testcase classname=\"{}\" name=\"{}\"", rule.code, escape(&finding.id));
            let word = finding.verdict.word();
            let text = escape(&format!("{} ({}:{line})", finding.message, audit.file_name));
            if finding.verdict <= Verdict::Implausible {
                let _ = writeln!(out, "><failure type=\"{word}\" message=\"{text}\"/></testcase>");
            } else {
                let _ = writeln!(out, "><skipped message=\"{word}: {text}\"/></testcase>");
            }
        }
        for (index, record) in records.iter().enumerate() {
            let path =
                record.leaves.first().and_then(|&leaf| audit.leaves.get(leaf)).map_or("", |leaf| leaf.path.as_str());
            let name = escape(&format!("{path} #{index}"));
            let _ = write!(out, "    <testcase classname=\"{}\" name=\"{name}\"", rule.code);
            if record.verdict == Verdict::Pass {
                let _ = writeln!(out, "/>");
            } else {
                let _ = writeln!(
                    out,
                    "><skipped message=\"{}\"/></testcase>",
                    escape(&format!("{}: {}", record.verdict.word(), record.says))
                );
            }
        }
        let _ = writeln!(out, "  </testsuite>");
    }
    if let Some(published) = &audit.recomputed {
        out.push_str(&super::recomputed::junit_suite(published, &audit.file_name));
    }
    out.push_str("</testsuites>\n");
    out
}

/// Text for XML and HTML; control characters, which XML 1.0 has not, become spaces.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
