//! The audit as JSON: findings and records with the JSON pointers and places of their leaves.

use crate::audit::finding::{Audit, Verdict};
use serde_json::{Value, json};

/// The version of this layout.
const SCHEMA: &str = "audit/1";

/// Two-space indentation, a stable order, a final newline.
pub fn render_json(audit: &Audit) -> String {
    let place = |leaf: &usize| -> Value {
        audit.leaves.get(*leaf).map_or(
            Value::Null,
            |leaf| json!({"path": leaf.path, "line": leaf.line, "column": leaf.column, "text": leaf.text}),
        )
    };
    let findings: Vec<Value> = audit
        .findings
        .iter()
        .map(|finding| {
            json!({
                "id": finding.id,
                "rule": finding.rule,
                "verdict": finding.verdict,
                "message": finding.message,
                "leaves": finding.leaves.iter().map(place).collect::<Vec<_>>(),
                "also": finding.also.iter().map(place).collect::<Vec<_>>(),
                "evidence": finding.evidence,
                "assumes": finding.assumes,
                "hypotheses": finding.hypotheses.iter().map(|h| json!({
                    "says": h.says,
                    "path": h.leaf.and_then(|leaf| audit.leaves.get(leaf)).map(|leaf| leaf.path.clone()),
                    "to": h.to,
                    "distance": h.distance,
                })).collect::<Vec<_>>(),
                "figures": finding.figures,
                "statement": finding.statement,
                "replay": format!("vouch audit {} --replay {}", audit.file_name, finding.id),
            })
        })
        .collect();
    let records: Vec<Value> = audit
        .records
        .iter()
        .map(|record| {
            json!({
                "rule": record.rule,
                "verdict": record.verdict,
                "says": record.says,
                "leaves": record.leaves.iter().filter_map(|&leaf| audit.leaves.get(leaf)).map(|leaf| leaf.path.clone()).collect::<Vec<_>>(),
            })
        })
        .collect();
    let counts: serde_json::Map<String, Value> = Verdict::ALL
        .into_iter()
        .map(|verdict| (verdict.word().replace(' ', "_"), json!(audit.count(verdict))))
        .collect();
    let mut tree = json!({
        "schema": SCHEMA,
        "file": audit.file_name,
        "title": audit.title,
        "counts": counts,
        "findings": findings,
        "records": records,
        "coverage": audit.leaves,
    });
    if let Some(published) = &audit.recomputed {
        tree["recomputed"] = super::recomputed::tree(published);
    }
    // Values of this tree always serialise: its keys are texts and its numbers finite.
    format!("{tree:#}\n")
}
