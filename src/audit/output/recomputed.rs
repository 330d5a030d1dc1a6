//! Printed numbers beside recomputed ones, for every output.

use super::junit::escape;
use crate::results::{Agreement, Published, PublishedFigure, PublishedRow, PublishedTable};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The code of this check in SARIF and JUnit, beside those of the rules.
pub(super) const CODE: &str = "R001";
pub(super) const NAME: &str = "recomputed";

/// Said wherever the data behind the recomputation are simulated.
pub(super) const SIMULATED: &str = "The data are simulated: this compares what a protocol gives, not what is true.";

/// A row with the table that it is in.
struct Placed<'a> {
    table: &'a PublishedTable,
    row: &'a PublishedRow,
    figure: &'a PublishedFigure,
}

fn figures(published: &Published) -> impl Iterator<Item = Placed<'_>> {
    published.tables.iter().flat_map(|table| {
        table.rows.iter().flat_map(move |row| row.figures.iter().map(move |figure| Placed { table, row, figure }))
    })
}

/// "test, logistic, auc"
fn what(row: &PublishedRow) -> String {
    let parts = [&row.cohort, &row.subject, &row.quantity];
    parts.into_iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// "printed 0.72, recomputed 0.735 (0.73490731)"
fn numbers(figure: &PublishedFigure) -> String {
    match (&figure.at_printed_precision, figure.recomputed) {
        (Some(short), Some(value)) => format!("printed {}, recomputed {short} ({value})", figure.printed),
        _ => format!("printed {}", figure.printed),
    }
}

fn why(placed: &Placed<'_>) -> String {
    let parts = [&placed.figure.says, &placed.row.says];
    parts.into_iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join("; ")
}

/// How many figures each reason keeps from being recomputed, the most frequent first.
fn reasons(published: &Published) -> Vec<(String, usize)> {
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    for placed in figures(published).filter(|placed| placed.figure.agreement == Agreement::NotRecomputable) {
        *counted.entry(why(&placed)).or_default() += 1;
    }
    let mut reasons: Vec<(String, usize)> = counted.into_iter().collect();
    reasons.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    reasons
}

pub(super) fn text(published: &Published, file_name: &str, paint: &impl Fn(&str, &str) -> String) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "\nBeside the data: {}.", published.in_words());
    if published.simulated {
        let _ = writeln!(out, "{SIMULATED}");
    }
    for (agreement, code, most) in
        [(Agreement::Disagrees, "1;31", usize::MAX), (Agreement::AgreesUpToRounding, "1;36", 10)]
    {
        let found: Vec<Placed<'_>> = figures(published).filter(|placed| placed.figure.agreement == agreement).collect();
        if found.is_empty() {
            continue;
        }
        let _ = writeln!(
            out,
            "\n{} ({})",
            paint(&agreement.word_on(published.simulated).to_uppercase(), code),
            found.len()
        );
        for placed in found.iter().take(most) {
            let _ = writeln!(out, "  {}: {}: {}", placed.table.label, what(placed.row), numbers(placed.figure));
            let place = format!("{file_name}:{}:{}", placed.figure.line, placed.figure.column);
            let _ = writeln!(out, "       {}", paint(&place, "2"));
            let why = why(placed);
            if !why.is_empty() {
                let _ = writeln!(out, "       {why}");
            }
        }
        if found.len() > most {
            let _ = writeln!(out, "  and {} more (--format json has them all)", found.len() - most);
        }
    }
    let reasons = reasons(published);
    if !reasons.is_empty() {
        let _ = writeln!(out, "\n{}", paint("NOT RECOMPUTABLE", "1"));
        for (why, count) in reasons.iter().take(12) {
            let _ = writeln!(out, "  {count:>4}  {why}");
        }
        if reasons.len() > 12 {
            let _ = writeln!(out, "  and {} more reasons (--format json has them all)", reasons.len() - 12);
        }
    }
    out
}

pub(super) fn tree(published: &Published) -> Value {
    let counts: serde_json::Map<String, Value> = Agreement::ALL
        .into_iter()
        .map(|agreement| (agreement.word().replace(' ', "_"), json!(published.count(agreement))))
        .collect();
    json!({"counts": counts, "simulated": published.simulated, "tables": published.tables})
}

/// The rule as SARIF describes rules.
pub(super) fn sarif_rule() -> Value {
    json!({
        "id": CODE,
        "name": NAME,
        "shortDescription": {"text": "Holds each printed number against the one that the data give."},
        "fullDescription": {"text": "A printed number stands for the values that round to it. The recomputed value is one of them, or \
                                     is by another way of rounding, or is not."},
    })
}

pub(super) fn sarif_results(published: &Published, index: usize, uri: &str) -> Vec<Value> {
    let result = |placed: Placed<'_>| {
        let (kind, level) = match placed.figure.agreement {
            Agreement::Agrees | Agreement::AgreesUpToRounding => ("pass", "none"),
            Agreement::NotRecomputable => ("open", "none"),
            Agreement::Disagrees if published.simulated => ("fail", "note"),
            Agreement::Disagrees => ("fail", "error"),
        };
        let mut text = format!("{}: {}: {}", what(placed.row), placed.figure.agreement.word(), numbers(placed.figure));
        let why = why(&placed);
        if !why.is_empty() {
            let _ = write!(text, "; {why}");
        }
        json!({
            "ruleId": CODE,
            "ruleIndex": index,
            "kind": kind,
            "level": level,
            "message": {"text": text},
            "locations": [{
                "physicalLocation": {
                    "artifactLocation": {"uri": uri},
                    "region": {"startLine": placed.figure.line.max(1), "startColumn": placed.figure.column.max(1)},
                },
                "logicalLocations": [{"fullyQualifiedName": placed.figure.path}],
            }],
            "partialFingerprints": {"vouchFindingId/v1": format!("{CODE}:{}", placed.figure.path)},
        })
    };
    figures(published).map(result).collect()
}

pub(super) fn junit_suite(published: &Published, file_name: &str) -> String {
    let mut out = String::new();
    let failures = published.count(Agreement::Disagrees);
    let skipped = published.count(Agreement::NotRecomputable);
    let tests = published.figures().count();
    let _ = writeln!(
        out,
        "  <testsuite name=\"{CODE} {NAME}\" tests=\"{tests}\" failures=\"{failures}\" skipped=\"{skipped}\">"
    );
    for (index, placed) in figures(published).enumerate() {
        let _ = write!(out, "    <testcase classname=\"{CODE}\" name=\"{} #{index}\"", escape(&placed.figure.path));
        let text = format!("{}: {} ({file_name}:{})", what(placed.row), numbers(placed.figure), placed.figure.line);
        let _ = match placed.figure.agreement {
            Agreement::Disagrees => {
                writeln!(out, "><failure type=\"disagrees\" message=\"{}\"/></testcase>", escape(&text))
            }
            Agreement::NotRecomputable => {
                writeln!(out, "><skipped message=\"{}\"/></testcase>", escape(&why(&placed)))
            }
            Agreement::Agrees | Agreement::AgreesUpToRounding => writeln!(out, "/>"),
        };
    }
    out.push_str("  </testsuite>\n");
    out
}

/// A section of the page: what disagrees first, then every table, then why the rest is not recomputable.
pub(super) fn html(published: &Published) -> String {
    let mut out = String::from("<section><h2>Printed and recomputed</h2>\n");
    let _ = writeln!(out, "<p>Of the printed numbers, {}.</p>", escape(&published.in_words()));
    if published.simulated {
        let _ = writeln!(out, "<p>{SIMULATED}</p>");
    }
    for table in &published.tables {
        let rows: Vec<&PublishedRow> =
            table.rows.iter().filter(|row| row.agreement() != Agreement::NotRecomputable).collect();
        if rows.is_empty() {
            continue;
        }
        let differing = rows.iter().filter(|row| row.agreement() == Agreement::Disagrees).count();
        let open = if differing > 0 { " open" } else { "" };
        let words = if differing == 0 { "none disagrees".to_string() } else { format!("{differing} disagree") };
        let _ = writeln!(
            out,
            "<details{open}><summary>{}: {} rows, {words}</summary><div class=\"scroll\" tabindex=\"0\" role=\"region\" \
             aria-label=\"{0}\"><table><thead><tr><th scope=\"col\">What</th><th scope=\"col\">Printed</th>\
             <th scope=\"col\">Recomputed</th><th scope=\"col\">Difference</th><th scope=\"col\">Verdict</th></tr></thead><tbody>",
            escape(&table.label),
            rows.len()
        );
        for row in rows {
            let _ = writeln!(
                out,
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td><span class=\"{}\"><span class=\"tag\">{}</span>\
                 </span>{}</td></tr>",
                escape(&what(row)),
                cells(row, |figure| figure.printed.clone()),
                cells(row, |figure| figure.at_printed_precision.clone().unwrap_or_else(|| "–".to_string())),
                cells(row, |figure| figure.difference.map_or_else(|| "–".to_string(), |value| format!("{value:+.2e}"))),
                class(row.agreement()),
                row.agreement().word(),
                if row.says.is_empty() {
                    String::new()
                } else {
                    format!(" <span class=\"soft\">{}</span>", escape(&row.says))
                },
            );
        }
        out.push_str("</tbody></table></div></details>\n");
    }
    let reasons = reasons(published);
    if !reasons.is_empty() {
        out.push_str("<details><summary>What is not recomputable, and why</summary><ul>\n");
        for (why, count) in reasons {
            let _ = writeln!(out, "<li>{count}: {}</li>", escape(&why));
        }
        out.push_str("</ul></details>\n");
    }
    out.push_str("</section>\n");
    out
}

/// One text per figure, each in the colour of its verdict.
fn cells(row: &PublishedRow, text: impl Fn(&PublishedFigure) -> String) -> String {
    let figures = row.figures.iter().map(|figure| {
        format!("<span class=\"{}\"><span class=\"v\">{}</span></span>", class(figure.agreement), escape(&text(figure)))
    });
    figures.collect::<Vec<_>>().join("; ")
}

fn class(agreement: Agreement) -> &'static str {
    match agreement {
        Agreement::Agrees => "pass",
        Agreement::AgreesUpToRounding => "cosmetic",
        Agreement::Disagrees => "impossible",
        Agreement::NotRecomputable => "none",
    }
}
