//! One page, without scripts and without the network: what disagrees, the paper's tables with every number coloured by
//! its verdict, evidence on hover and on keyboard focus, intervals as small figures, coverage.

use super::junit::escape;
use super::tables::{DrawnTable, Piece};
use crate::audit::finding::{Audit, Finding, RangeFigure, Verdict};
use crate::audit::reported::Role;
use std::fmt::Write;

const STYLE: &str = r"
:root{color-scheme:light dark;--ink:#1c2430;--paper:#fff;--line:#d5dae1;--soft:#5b6675;
--impossible:#b3261e;--inconsistent:#a35200;--implausible:#7a3e9d;--cosmetic:#0f6a7a;--pass:#1d6b3a;--open:#5b6675;--tint:.13}
@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--paper:#14181f;--line:#343c48;--soft:#9aa6b5;
--impossible:#ff8a80;--inconsistent:#ffb95c;--implausible:#d9a6f2;--cosmetic:#7fd3e0;--pass:#86d6a2;--open:#9aa6b5;--tint:.2}}
*{box-sizing:border-box}body{margin:0 auto;max-width:76rem;padding:2rem 1.25rem 5rem;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,sans-serif}h1{font-size:1.6rem;margin:0 0 .25rem}h2{font-size:1.2rem;margin:2.5rem 0 .75rem}
.soft{color:var(--soft)}ul.sum{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.5rem 1.25rem}
.tag{font-weight:600}.impossible{--c:var(--impossible)}.inconsistent{--c:var(--inconsistent)}.implausible{--c:var(--implausible)}
.cosmetic{--c:var(--cosmetic)}.pass{--c:var(--pass)}.undecidable,.not-applicable,.none{--c:var(--open)}.tag,.v{color:var(--c)}
article{border-left:.25rem solid var(--c);padding:.25rem 0 .25rem 1rem;margin:1rem 0}article p{margin:.2rem 0}
article h3{font-size:1rem;margin:0}.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:.4rem;padding-bottom:.25rem}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.9rem;width:100%}
th,td{padding:.3rem .6rem;text-align:left;white-space:nowrap;border-bottom:1px solid var(--line)}thead th{border-bottom-width:2px}
tbody th{font-weight:400}.v{position:relative;border-radius:.2rem;padding:0 .1rem}
.f{background:color-mix(in srgb,var(--c) calc(var(--tint)*100%),transparent);text-decoration:underline;text-underline-offset:.2em;
font-weight:600;cursor:help}.f:focus{outline:2px solid var(--c);outline-offset:1px}
.tip{display:none;position:absolute;z-index:2;left:0;top:1.6em;width:22rem;max-width:80vw;white-space:normal;background:var(--paper);
color:var(--ink);border:1px solid var(--c);border-radius:.4rem;padding:.5rem .7rem;font-weight:400;font-size:.85rem;
box-shadow:0 .3rem 1rem rgba(0,0,0,.25)}.f:hover .tip,.f:focus .tip{display:block}.tip b,.tip span{display:block}
.none{opacity:.75}figure{margin:.5rem 0}figure svg{max-width:100%;height:auto}article,header{overflow-wrap:anywhere}
figcaption{font-size:.85rem}footer{margin-top:3rem;border-top:1px solid var(--line);padding-top:1rem}
.scroll:has(.f:hover),.scroll:has(.f:focus){overflow:visible}details summary{cursor:pointer}@media print{.tip{display:none!important}}
";

/// The page.
pub fn render_html(audit: &Audit) -> String {
    let mut out = String::from("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    out.push_str(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n",
    );
    out.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    let title = escape(audit.title.as_deref().unwrap_or(&audit.file_name));
    let _ = writeln!(out, "<title>Audit: {title}</title>\n<style>{STYLE}</style>\n</head>\n<body>");
    let _ = writeln!(
        out,
        "<header><h1>Do the reported numbers hold?</h1><p class=\"soft\">{title}<br>{}</p>",
        escape(&audit.file_name)
    );
    out.push_str("<ul class=\"sum\">");
    for verdict in Verdict::ALL {
        let class = class(Some(verdict));
        let _ = write!(out, "<li><span class=\"tag {class}\">{} {}</span></li>", audit.count(verdict), verdict.word());
    }
    out.push_str("</ul></header>\n<main>\n<section><h2>What disagrees</h2>\n");
    if audit.findings.is_empty() {
        out.push_str("<p>No two of the checked numbers disagree.</p>\n");
    }
    for finding in &audit.findings {
        article(&mut out, audit, finding);
    }
    out.push_str(
        "</section>\n<section><h2>The tables</h2>\n<p class=\"soft\">Underlined numbers take part in a finding: \
                  point at them, or reach them with the tab key. Green: checked and consistent. Grey: undecidable, not \
                  applicable, or not reached by a rule.</p>\n",
    );
    let mut tips = 0_usize;
    for table in &audit.tables {
        draw(&mut out, audit, table, &mut tips);
    }
    out.push_str("</section>\n");
    if let Some(published) = &audit.recomputed {
        out.push_str(&super::recomputed::html(published));
    }
    open_questions(&mut out, audit);
    out.push_str("</main>\n");
    footer(&mut out, audit);
    out.push_str("</body>\n</html>\n");
    out
}

fn class(verdict: Option<Verdict>) -> &'static str {
    match verdict {
        Some(Verdict::NotApplicable) => "not-applicable",
        Some(verdict) => verdict.word(),
        None => "none",
    }
}

fn article(out: &mut String, audit: &Audit, finding: &Finding) {
    let word = finding.verdict.word();
    let _ = writeln!(
        out,
        "<article class=\"{word}\" id=\"{}\"><h3><span class=\"tag\">{word}</span> <span class=\"soft\">{}</span><br>{}</h3>",
        anchor(&finding.id),
        escape(&finding.key().replace('/', " / ")),
        escape(&finding.message)
    );
    let places: Vec<String> = finding
        .leaves
        .iter()
        .filter_map(|&leaf| audit.leaves.get(leaf))
        .map(|leaf| format!("{} <span class=\"soft\">(line {})</span>", escape(&leaf.text), leaf.line))
        .collect();
    let _ = writeln!(out, "<p>Printed: {}</p>", places.join(", "));
    for line in &finding.evidence {
        let _ = writeln!(out, "<p>{}</p>", escape(line));
    }
    for hypothesis in &finding.hypotheses {
        let _ = writeln!(out, "<p>The numbers would agree with {}.</p>", escape(&hypothesis.says));
    }
    if !finding.assumes.is_empty() {
        let _ = writeln!(out, "<p class=\"soft\">This assumes that {}.</p>", escape(&finding.assumes.join("; that ")));
    }
    for figure in finding.figures.iter().take(6) {
        range(out, figure);
    }
    let _ = writeln!(out, "<p class=\"soft\">{}</p></article>", escape(&finding.id));
}

fn anchor(id: &str) -> String {
    id.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}

/// The printed interval above the range that the other numbers allow, on one axis.
fn range(out: &mut String, figure: &RangeFigure) {
    let low = figure.printed_lower.min(figure.feasible_lower);
    let high = figure.printed_upper.max(figure.feasible_upper);
    let span = (high - low).max(1e-9);
    let x = |value: f64| 10.0 + 380.0 * (value - low) / span;
    let described = format!(
        "{}: printed {:.3} to {:.3}; at least {:.3} to {:.3} from the number of subjects",
        figure.title, figure.printed_lower, figure.printed_upper, figure.feasible_lower, figure.feasible_upper
    );
    let bar = |from: f64, to: f64, y: f64, class: &str| {
        format!(
            "<line class=\"{class}\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{y}\" y2=\"{y}\" stroke=\"currentColor\" stroke-width=\"4\"/>",
            x(from),
            x(to)
        )
    };
    let _ = writeln!(
        out,
        "<figure><svg role=\"img\" aria-label=\"{0}\" width=\"400\" height=\"34\" viewBox=\"0 0 400 34\">{1}<circle cx=\"{2:.1}\" \
         cy=\"10\" r=\"4.5\" fill=\"currentColor\"/>{3}</svg><figcaption class=\"soft\">{0}</figcaption></figure>",
        escape(&described),
        bar(figure.printed_lower, figure.printed_upper, 10.0, "printed"),
        x(figure.estimate),
        bar(figure.feasible_lower, figure.feasible_upper, 25.0, "soft")
    );
}

fn draw(out: &mut String, audit: &Audit, table: &DrawnTable, tips: &mut usize) {
    let _ = writeln!(
        out,
        "<h3>{}</h3><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{0}\"><table>",
        escape(&table.title)
    );
    out.push_str("<thead><tr><th></th>");
    for column in &table.columns {
        let _ = write!(out, "<th scope=\"col\">{}</th>", escape(column));
    }
    out.push_str("</tr></thead><tbody>\n");
    for row in &table.rows {
        let _ = write!(out, "<tr><th scope=\"row\">{}</th>", escape(&row.head));
        for cell in &row.cells {
            out.push_str("<td>");
            for piece in cell {
                match piece {
                    Piece::Text(text) => out.push_str(&escape(text)),
                    Piece::Leaf(leaf) => number(out, audit, *leaf, tips),
                }
            }
            out.push_str("</td>");
        }
        for _ in row.cells.len()..table.columns.len() {
            out.push_str("<td></td>");
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
}

fn number(out: &mut String, audit: &Audit, leaf: usize, tips: &mut usize) {
    let Some(cover) = audit.leaves.get(leaf) else { return };
    let text = escape(&cover.text);
    let findings: Vec<&Finding> =
        audit.findings.iter().filter(|f| f.leaves.contains(&leaf) || f.also.contains(&leaf)).collect();
    let class = class(cover.verdict);
    if findings.is_empty() {
        let rules = if cover.rules.is_empty() { "no rule".to_string() } else { cover.rules.join(", ") };
        let says = cover.verdict.map_or("not checked", Verdict::word);
        let _ = write!(out, "<span class=\"v {class}\" title=\"{says} ({rules})\">{text}</span>");
        return;
    }
    *tips += 1;
    let _ = write!(
        out,
        "<span class=\"v f {class}\" tabindex=\"0\" aria-describedby=\"tip{tips}\">{text}<span class=\"tip\" role=\"tooltip\" id=\"tip{tips}\">"
    );
    for finding in findings {
        let _ =
            write!(out, "<b>{} {}</b><span>{}</span>", finding.rule, finding.verdict.word(), escape(&finding.message));
        for line in finding.evidence.iter().take(2) {
            let _ = write!(out, "<span>{}</span>", escape(line));
        }
    }
    out.push_str("</span></span>");
}

fn open_questions(out: &mut String, audit: &Audit) {
    for verdict in [Verdict::Undecidable, Verdict::NotApplicable, Verdict::Pass] {
        let records: Vec<_> = audit.records.iter().filter(|record| record.verdict == verdict).collect();
        if records.is_empty() {
            continue;
        }
        let heading = match verdict {
            Verdict::Undecidable => "What would decide",
            Verdict::NotApplicable => "Where a check does not apply",
            _ => "What holds",
        };
        let _ = writeln!(out, "<section><h2>{heading}</h2><details><summary>{} checks</summary><ul>", records.len());
        for record in records {
            let place = record.leaves.first().and_then(|&leaf| audit.leaves.get(leaf));
            let path = place.map_or("", |leaf| leaf.path.as_str());
            let _ = writeln!(
                out,
                "<li>{} <span class=\"soft\">{}</span> {}</li>",
                record.rule,
                escape(path),
                escape(&record.says)
            );
        }
        out.push_str("</ul></details></section>\n");
    }
}

fn footer(out: &mut String, audit: &Audit) {
    let figures: Vec<_> = audit.leaves.iter().filter(|leaf| leaf.role == Role::Figure).collect();
    let checked =
        figures.iter().filter(|leaf| leaf.verdict.is_some_and(|v| v.is_finding() || v == Verdict::Pass)).count();
    let reached = figures.iter().filter(|leaf| leaf.verdict.is_some()).count();
    let facts = audit.leaves.iter().filter(|leaf| leaf.role == Role::Fact).count();
    let _ = writeln!(
        out,
        "<footer><p>Coverage: of {} printed numbers {checked} were checked, {} are undecidable or not applicable, and {} are \
         reached by no rule. {facts} facts are kept as typed.</p><p class=\"soft\">Numbers disagree or agree; this page says \
         nothing about how they came about.</p></footer>",
        figures.len(),
        reached - checked,
        figures.len() - reached
    );
}
