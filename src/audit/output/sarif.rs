//! SARIF 2.1.0 (OASIS): a result per finding, and one per check that passed, stayed open or did not apply.

use crate::audit::finding::{Audit, Verdict};
use crate::audit::rules;
use serde_json::{Value, json};

/// The log, with one run.
pub fn render_sarif(audit: &Audit) -> String {
    let location = |leaf: usize| -> Option<Value> {
        let leaf = audit.leaves.get(leaf)?;
        Some(json!({
            "physicalLocation": {
                "artifactLocation": {"uri": uri(&audit.file_name)},
                "region": {"startLine": leaf.line.max(1), "startColumn": leaf.column.max(1)},
            },
            "logicalLocations": [{"fullyQualifiedName": leaf.path}],
        }))
    };
    let mut described: Vec<Value> = rules::RULES
        .iter()
        .map(|rule| {
            json!({
                "id": rule.code,
                "name": rule.name,
                "shortDescription": {"text": format!("Checks {}.", rule.checks)},
                "fullDescription": {"text": rule.why},
                "help": {"text": format!("Example: {}. Silent {}.", rule.example, rule.silent)},
            })
        })
        .collect();
    let index = |code: &str| rules::RULES.iter().position(|rule| rule.code == code).unwrap_or(0);
    let mut results: Vec<Value> = Vec::new();
    for finding in &audit.findings {
        let level = match finding.verdict {
            Verdict::Impossible | Verdict::Inconsistent => "error",
            Verdict::Implausible => "warning",
            _ => "note",
        };
        let mut text = finding.message.clone();
        for line in &finding.evidence {
            text.push_str(". ");
            text.push_str(line);
        }
        let main: Vec<Value> = finding.place().and_then(&location).into_iter().collect();
        let related: Vec<Value> = finding.leaves.iter().rev().skip(1).filter_map(|&leaf| location(leaf)).collect();
        results.push(json!({
            "ruleId": finding.rule,
            "ruleIndex": index(finding.rule),
            "kind": "fail",
            "level": level,
            "message": {"text": text},
            "locations": main,
            "relatedLocations": related,
            "partialFingerprints": {"vouchFindingId/v1": finding.id},
            "properties": {"verdict": finding.verdict.word(), "assumes": finding.assumes},
        }));
    }
    for record in &audit.records {
        let kind = match record.verdict {
            Verdict::Undecidable => "open",
            Verdict::NotApplicable => "notApplicable",
            _ => "pass",
        };
        let main: Vec<Value> = record.leaves.first().and_then(|&leaf| location(leaf)).into_iter().collect();
        results.push(json!({
            "ruleId": record.rule,
            "ruleIndex": index(record.rule),
            "kind": kind,
            "level": "none",
            "message": {"text": record.says},
            "locations": main,
        }));
    }
    if let Some(published) = &audit.recomputed {
        described.push(super::recomputed::sarif_rule());
        results.extend(super::recomputed::sarif_results(published, rules::RULES.len(), &uri(&audit.file_name)));
    }
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "vouch audit",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": described,
            }},
            "artifacts": [{"location": {"uri": uri(&audit.file_name)}}],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

/// A path as a relative URI reference.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.replace('\\', "/").bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
