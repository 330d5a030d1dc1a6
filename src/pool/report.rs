//! Pooled results as a document, each site beside the sum.

use super::collect::Quantity;
use super::facts::{PooledFacts, PooledResults, PooledRow};
use crate::report::build::table::{TableBuilder, absent, number, text};
use crate::report::document::{Align, Block, Definition, Document, Figure};
use crate::report::figure::forest::{Forest, ForestMark, ForestRow};
use crate::report::number::{self, Join, Style, fixed, percent};
use crate::results::Paper;
use crate::stats::Estimate;

pub fn document(results: &PooledResults) -> Document {
    let mut blocks = Vec::new();
    heading(&mut blocks, "sites", "Sites");
    blocks.push(Block::Definitions { entries: results.sites.iter().map(site).collect() });
    heading(&mut blocks, "methods", "Methods");
    blocks.push(Block::Paragraph { text: methods(results) });
    heading(&mut blocks, "results", "Results");
    blocks.push(Block::Table(table(results)));
    let drawn = results.rows.iter().filter(|row| is_drawn(row));
    blocks.extend(drawn.enumerate().map(|(at, row)| Block::Figure(figure(results, row, at + 1))));
    heading(&mut blocks, "provenance", "Provenance");
    let entries = vec![
        define("Program", results.program.clone()),
        define("Study spec of every site, SHA-256", results.spec_sha256.clone()),
    ];
    blocks.push(Block::Definitions { entries });
    Document {
        study_id: results.study.clone(),
        title: format!("{}: {} sites together", results.title, results.sites.len()),
        description: None,
        date: results.date.clone(),
        program: results.program.clone(),
        language: "en".to_string(),
        simulated: results.simulated,
        paper: Paper::A4,
        blocks,
    }
}

fn heading(blocks: &mut Vec<Block>, id: &str, text: &str) {
    blocks.push(Block::Heading { level: 1, id: id.to_string(), text: text.to_string() });
}

fn define(term: impl Into<String>, text: impl Into<String>) -> Definition {
    Definition { term: term.into(), text: text.into() }
}

fn site(site: &super::facts::SiteFacts) -> Definition {
    define(
        site.label.clone(),
        format!("{} analysed; {}, {}", number::count(site.analysed), site.program, site.numeric_class),
    )
}

fn methods(results: &PooledResults) -> String {
    format!(
        "Every site ran the same spec on its own data; no row of a subject left it. Estimates were pooled by a random-effects model with the between-site variance τ² by restricted maximum likelihood (Viechtbauer 2005, doi:10.3102/10769986030003261) and the {} interval of the mean by Hartung and Knapp (2001, doi:10.1002/sim.1009): AUC and C index on the logit scale, ratios on the log scale (Debray et al. 2017, doi:10.1136/bmj.i6460). I² is the share of the variance that lies between sites; the prediction interval is for the true value at a new site (Higgins et al. 2009, doi:10.1111/j.1467-985X.2008.00552.x).",
        number::level(results.level)
    )
}

fn table(results: &PooledResults) -> crate::report::document::Table {
    let level = number::level(results.level);
    let mut table = TableBuilder::new("table-1", "Table 1", "What the sites say together");
    table.column("Quantity", Align::Left);
    table.column("Sites", Align::Decimal);
    table.column(format!("Mean ({level} CI)"), Align::Decimal);
    table.column(format!("{level} prediction interval"), Align::Decimal);
    let tau = table.column("τ", Align::Decimal);
    table.footnote(tau, "Standard deviation between sites, on the scale of the pooling.");
    table.column("I² (%)", Align::Decimal);
    table.column("P of Q", Align::Decimal);
    let mut last = None;
    for row in &results.rows {
        let analysis = row.path.first();
        if analysis != last {
            table.section(analysis.cloned().unwrap_or_default());
            last = analysis;
        }
        let style = style(row);
        let name = text(row.path[1..].join(", "));
        let sites = row.sites.iter().filter(|site| site.weight.is_some()).count();
        let mut cells = vec![name, number(number::count(sites), sites as f64)];
        match &row.pooled {
            Some(pooled) => cells.extend([
                number(style.estimate(&pooled.mean), pooled.mean.value),
                pooled
                    .prediction
                    .as_ref()
                    .map_or_else(|| absent("It needs three sites."), |interval| text(style.interval(interval))),
                number(fixed(pooled.tau, 3), pooled.tau),
                number(percent(pooled.i_squared), pooled.i_squared),
                number(number::p_value(pooled.on_scale.heterogeneity.p_value), pooled.on_scale.heterogeneity.p_value),
            ]),
            None => cells.push(absent(&format!("{}.", row.why_not.as_deref().unwrap_or("Not pooled")))),
        }
        table.row(0, cells);
    }
    table.abbreviation("CI", "confidence interval");
    table.abbreviation("AUC", "area under the receiver operating characteristic curve");
    table.abbreviation("Q", "Cochran's test of heterogeneity");
    table.finish()
}

fn style(row: &PooledRow) -> Style {
    let decimals = if matches!(row.quantity, Quantity::Auc | Quantity::Concordance) { 3 } else { 2 };
    let join = if matches!(row.quantity, Quantity::Intercept | Quantity::Slope) { Join::To } else { Join::Dash };
    Style::decimals(decimals).joined(join)
}

/// Discrimination and effects are drawn; calibration is in the table.
fn is_drawn(row: &PooledRow) -> bool {
    let worth = matches!(row.quantity, Quantity::Auc | Quantity::Concordance | Quantity::HazardRatio);
    worth && row.pooled.is_some()
}

fn figure(results: &PooledResults, row: &PooledRow, number_of_figure: usize) -> Figure {
    let style = style(row);
    let level = number::level(results.level);
    let heaviest = row.sites.iter().filter_map(|site| site.weight).fold(0.0, f64::max);
    let mut rows: Vec<ForestRow> = row
        .sites
        .iter()
        .map(|site| ForestRow {
            label: site.site.clone(),
            indented: false,
            columns: vec![
                site.estimate.as_ref().map(|estimate| number::count(estimate.n)).unwrap_or_default(),
                site.weight.map(percent).unwrap_or_default(),
            ],
            text: match (&site.estimate, &site.why_not) {
                (Some(estimate), None) => style.estimate(estimate),
                (_, why) => why.clone().unwrap_or_default(),
            },
            mark: site
                .estimate
                .as_ref()
                .filter(|_| site.why_not.is_none())
                .map_or(ForestMark::None, |estimate| mark(estimate, site.weight.unwrap_or(0.0) / heaviest)),
        })
        .collect();
    if let Some(pooled) = &row.pooled {
        rows.extend(together(pooled, style));
    }
    let name = row.path.join(", ");
    let is_ratio = row.quantity == Quantity::HazardRatio;
    let drawing = Forest {
        label_head: "Site".to_string(),
        column_heads: vec!["n".to_string(), "Weight (%)".to_string()],
        estimate_head: format!("{} ({level} CI)", row.quantity.label()),
        rows,
        no_effect: is_ratio.then_some(1.0),
        logarithmic: is_ratio,
        axis: row.quantity.label().to_string(),
        note: row.pooled.as_ref().map(heterogeneity).unwrap_or_default(),
        alternative_text: format!("Forest plot over {} sites: {name}.", results.sites.len()),
    }
    .draw();
    Figure {
        id: format!("figure-{number_of_figure}"),
        label: format!("Figure {number_of_figure}"),
        caption: name,
        svg: drawing.svg,
        width: drawing.width,
        height: drawing.height,
        alternative_text: drawing.alternative_text,
        data: drawing.data,
        notes: Vec::new(),
        explorer: None,
    }
}

fn together(pooled: &PooledFacts, style: Style) -> Vec<ForestRow> {
    let mut rows = Vec::new();
    if let Some(interval) = &pooled.mean.interval {
        rows.push(ForestRow {
            label: "Together".to_string(),
            indented: false,
            columns: vec![String::new(), percent(1.0)],
            text: style.estimate(&pooled.mean),
            mark: ForestMark::Sum { value: pooled.mean.value, lower: interval.lower, upper: interval.upper },
        });
    }
    if let Some(interval) = &pooled.prediction {
        rows.push(ForestRow {
            label: "A new site".to_string(),
            indented: true,
            columns: Vec::new(),
            text: style.interval(interval),
            mark: ForestMark::Range { lower: interval.lower, upper: interval.upper },
        });
    }
    rows
}

fn mark(estimate: &Estimate, weight: f64) -> ForestMark {
    match &estimate.interval {
        Some(interval) => {
            ForestMark::Estimate { value: estimate.value, lower: interval.lower, upper: interval.upper, weight }
        }
        None => ForestMark::None,
    }
}

fn heterogeneity(pooled: &PooledFacts) -> String {
    format!(
        "Between sites: τ = {}, I² = {}%, {}.",
        fixed(pooled.tau, 3),
        percent(pooled.i_squared),
        number::test(&pooled.on_scale.heterogeneity)
    )
}
