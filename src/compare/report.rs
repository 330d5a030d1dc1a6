//! A comparison as a document: the same pages, tables and figures as a study's report.

use super::facts::{
    CalibrationFacts, ComparisonResults, MeasureRow, NetBenefitRow, OutcomeKindFacts, ReclassificationFacts,
    SourceFacts, SubgroupFacts, VariantFacts,
};
use super::measure::Measure;
use crate::report::build::table::{TableBuilder, absent, marked, number, text};
use crate::report::document::{Align, Block, Cell, Definition, Document, Figure, NoticeText, Table};
use crate::report::figure::forest::{Forest, ForestMark, ForestRow};
use crate::report::number::{self, Join, Style, fixed};
use crate::results::Paper;
use crate::stats::Estimate;
use crate::stats::reclassification::net_reclassification::Improvement;

const DIFFERENCE: &str = "Variant less base.";
const CAUTION: &str = "Net reclassification and integrated discrimination improvement are not proper scoring rules: a noisy or miscalibrated model can gain in them (Hilden and Gerds 2014, doi:10.1002/sim.5804; Pepe et al. 2015, doi:10.1007/s12561-014-9118-0). They are shown because papers print them; no verdict rests on them.";

pub fn document(results: &ComparisonResults) -> Document {
    let mut page = Page { results, blocks: Vec::new(), tables: 0, figures: 0 };
    page.verdict();
    page.compared();
    page.differences();
    page.calibration();
    page.net_benefit();
    page.reclassification();
    page.subgroups();
    page.methods();
    page.provenance();
    Document {
        study_id: results.base.name.clone(),
        title: results.title.clone(),
        description: results.description.clone(),
        date: results.date.clone(),
        program: format!("{} {}", results.program.name, results.program.version),
        language: "en".to_string(),
        simulated: results.simulated,
        paper: Paper::A4,
        blocks: page.blocks,
    }
}

struct Page<'a> {
    results: &'a ComparisonResults,
    blocks: Vec<Block>,
    tables: usize,
    figures: usize,
}

impl Page<'_> {
    fn heading(&mut self, id: &str, text: &str) {
        self.blocks.push(Block::Heading { level: 1, id: id.to_string(), text: text.to_string() });
    }

    fn paragraph(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Paragraph { text: text.into() });
    }

    fn table(&mut self, caption: &str) -> TableBuilder {
        self.tables += 1;
        TableBuilder::new(&format!("table-{}", self.tables), &format!("Table {}", self.tables), caption)
    }

    fn push(&mut self, table: Table) {
        self.blocks.push(Block::Table(table));
    }

    fn level(&self) -> String {
        number::level(self.results.level)
    }

    fn verdict(&mut self) {
        self.heading("verdict", "Verdict");
        let results = self.results;
        match (&results.rule, &results.declaration) {
            (Some(rule), Some(declaration)) => {
                self.paragraph(format!("The rule, declared in {}: {rule}", declaration.name));
                for verdict in results.variants.iter().filter_map(|variant| variant.verdict.as_ref()) {
                    self.paragraph(verdict.sentence.clone());
                }
            }
            _ => self.paragraph(
                "No rule was declared before the comparison, so there are numbers and no verdict. A “compare/1” file declares one.",
            ),
        }
        if !results.notices.is_empty() {
            let entries = results.notices.iter().map(|text| NoticeText { warning: false, text: text.clone() });
            self.blocks.push(Block::Notices { entries: entries.collect() });
        }
    }

    fn compared(&mut self) {
        let results = self.results;
        self.heading("compared", "What is compared");
        let outcome = match results.outcome_kind {
            OutcomeKindFacts::Binary => format!("{}; {} with it", results.outcome, number::count(results.events)),
            OutcomeKindFacts::Survival => {
                format!("{}, a time to an event; {} events", results.outcome, number::count(results.events))
            }
        };
        let mut entries = vec![define("Base", source_in_words(&results.base))];
        for variant in &results.variants {
            entries.push(define("Variant", source_in_words(&variant.source)));
        }
        entries.push(define(
            "Subjects",
            format!("{} of the part “{}”, the same for all", number::count(results.n), results.partition),
        ));
        entries.push(define("Outcome", outcome));
        let thresholds = std::iter::once((&results.base, &results.base_threshold))
            .chain(results.variants.iter().map(|variant| (&variant.source, &variant.threshold)));
        for (source, threshold) in thresholds {
            if let Some(threshold) = threshold {
                entries.push(define(
                    format!("Threshold of {}", source.label),
                    format!("{} ({})", fixed(threshold.threshold, 3), threshold.rule),
                ));
            }
        }
        self.blocks.push(Block::Definitions { entries });
    }

    fn differences(&mut self) {
        let results = self.results;
        self.heading("differences", "Differences");
        let mut table = self.table("Measures of the base and its variants, and their differences");
        let level = self.level();
        let rows = || results.variants.iter().flat_map(|variant| &variant.measures);
        table.column("Measure", Align::Left);
        table.column("Base", Align::Decimal);
        table.column("Variant", Align::Decimal);
        let difference = table.column(format!("Difference ({level} CI)"), Align::Decimal);
        table.footnote(difference, DIFFERENCE);
        let bootstrapped = rows().any(|row| row.bootstrap.is_some());
        if bootstrapped {
            table.column(format!("Bootstrap {level} CI"), Align::Decimal);
        }
        let p = table.column("P", Align::Decimal);
        table.footnote(p, "Two-sided, that there is no difference.");
        let adjustment = &results.family.adjustment;
        if let Some(method) = adjustment {
            let column = table.column("Adjusted P", Align::Decimal);
            table.footnote(
                column,
                format!("{method}, over the {} hypotheses of the declared family.", results.family.hypotheses),
            );
        }
        let detectable = table.column("Detectable", Align::Decimal);
        table.footnote(
            detectable,
            format!(
                "The smallest true difference that these subjects would have shown with a probability of {}.",
                number::level(results.power)
            ),
        );
        let style = Style::decimals(3).joined(Join::To);
        for variant in &results.variants {
            table.section(format!("{} (n = {})", variant.source.label, number::count(results.n)));
            for row in &variant.measures {
                let mut cells = vec![
                    measure_cell(row),
                    number(fixed(row.base, 3), row.base),
                    number(fixed(row.variant, 3), row.variant),
                    marked_by_method(&row.difference, style),
                ];
                if bootstrapped {
                    cells.push(
                        row.bootstrap.as_ref().map_or_else(Cell::default, |interval| text(style.interval(interval))),
                    );
                }
                cells.push(row.test.as_ref().map_or_else(
                    || absent("No formula for its error: declare a bootstrap."),
                    |test| marked(number(number::p_value(test.p_value), test.p_value), format!("{}.", test.method)),
                ));
                if adjustment.is_some() {
                    cells.push(row.adjusted_p_value.map_or_else(Cell::default, |p| number(number::p_value(p), p)));
                }
                cells.push(row.detectable.map_or_else(Cell::default, |smallest| number(fixed(smallest, 3), smallest)));
                table.row(0, cells);
            }
        }
        table.abbreviation("AUC", "area under the receiver operating characteristic curve");
        table.abbreviation("CI", "confidence interval");
        let table = table.finish();
        self.push(table);
        self.forest();
    }

    /// The deciding measure's difference, per variant and subgroup.
    fn forest(&mut self) {
        let results = self.results;
        let Some(measure) = results.family.measures.first().copied() else { return };
        let mut rows = Vec::new();
        for variant in &results.variants {
            let Some(row) = variant.measure(measure) else { continue };
            rows.push(forest_row(&variant.source.label, false, number::count(results.n), Some(&row.difference), ""));
            for subgroup in variant.subgroups.iter().filter(|subgroup| subgroup.measure == measure) {
                for level in &subgroup.levels {
                    let label = format!("{}: {}", subgroup.label, level.level);
                    let why = level.why_not.as_deref().unwrap_or_default();
                    rows.push(forest_row(&label, true, number::count(level.n), level.difference.as_ref(), why));
                }
            }
        }
        if rows.is_empty() {
            return;
        }
        weigh(&mut rows);
        self.figures += 1;
        let head = format!("Difference in {} ({} CI)", in_a_sentence(measure), self.level());
        let better = match measure.direction() {
            Some(crate::stats::comparison::non_inferiority::Direction::LowerIsBetter) => {
                "Below zero the variant is better."
            }
            _ => "Above zero the variant is better.",
        };
        let drawing = Forest {
            label_head: "Variant".to_string(),
            column_heads: vec!["n".to_string()],
            alternative_text: format!(
                "Forest plot of the difference in {}, variant less base. {better}",
                measure.label()
            ),
            estimate_head: head,
            rows,
            no_effect: Some(0.0),
            logarithmic: false,
            axis: format!("{}, variant less base", measure.label()),
            note: better.to_string(),
        }
        .draw();
        self.blocks.push(Block::Figure(Figure {
            id: format!("figure-{}", self.figures),
            label: format!("Figure {}", self.figures),
            caption: format!("Difference in {}", in_a_sentence(measure)),
            svg: drawing.svg,
            width: drawing.width,
            height: drawing.height,
            alternative_text: drawing.alternative_text,
            data: drawing.data,
            notes: Vec::new(),
            explorer: None,
        }));
    }

    fn calibration(&mut self) {
        let results = self.results;
        let pairs: Vec<_> =
            results.variants.iter().filter_map(|v| v.calibration.as_ref().map(|pair| (v, pair))).collect();
        let Some((_, first)) = pairs.first() else { return };
        self.heading("calibration", "Calibration");
        let mut table = self.table("Calibration of the models");
        let level = self.level();
        table.column("Model", Align::Left);
        let columns = [("Intercept", "0"), ("Slope", "1"), ("O/E", "1")];
        for (head, ideal) in columns {
            let column = table.column(format!("{head} ({level} CI)"), Align::Decimal);
            table.footnote(column, format!("{ideal} where calibration is perfect."));
        }
        table.column("ICI", Align::Decimal);
        let mut add = |label: &str, facts: &CalibrationFacts| {
            let style = Style::decimals(2).joined(Join::To);
            let estimate = |estimate: &Option<Estimate>| match estimate {
                Some(estimate) => number(style.estimate(estimate), estimate.value),
                None => absent("Not defined for these predictions."),
            };
            let distance = match facts.integrated_calibration_index {
                Some(value) => number(fixed(value, 3), value),
                None => absent("Not defined for these predictions."),
            };
            let cells = vec![
                text(label),
                estimate(&facts.in_the_large),
                estimate(&facts.slope),
                estimate(&facts.observed_expected_ratio),
                distance,
            ];
            table.row(0, cells);
        };
        add(&results.base.label, &first.base);
        for (variant, pair) in &pairs {
            add(&variant.source.label, &pair.variant);
        }
        table.abbreviation("O/E", "observed over expected events");
        table.abbreviation("ICI", "integrated calibration index");
        table.abbreviation("CI", "confidence interval");
        let table = table.finish();
        self.push(table);
    }

    fn net_benefit(&mut self) {
        let results = self.results;
        if results.variants.iter().all(|variant| variant.net_benefit.is_empty()) {
            return;
        }
        self.heading("net-benefit", "Net benefit");
        let mut table = self.table("Net benefit of acting on the predictions");
        let threshold = table.column("Threshold", Align::Left);
        table.footnote(threshold, "The predicted probability from which on subjects are acted on.");
        table.column("Act on everybody", Align::Decimal);
        table.column("Base", Align::Decimal);
        table.column("Variant", Align::Decimal);
        let column = table.column(format!("Difference ({} CI)", self.level()), Align::Decimal);
        table.footnote(column, "Variant less base, in events acted on per subject; paired.");
        let style = Style::decimals(4).joined(Join::To);
        for variant in &results.variants {
            table.section(variant.source.label.clone());
            for row in &variant.net_benefit {
                let NetBenefitRow { threshold, treat_all, base, variant, difference } = row;
                table.row(
                    0,
                    vec![
                        text(format!("{}%", fixed(100.0 * threshold, 0))),
                        number(fixed(*treat_all, 4), *treat_all),
                        number(fixed(*base, 4), *base),
                        number(fixed(*variant, 4), *variant),
                        number(style.estimate(difference), difference.value),
                    ],
                );
            }
        }
        table.abbreviation("CI", "confidence interval");
        let table = table.finish();
        self.push(table);
    }

    fn reclassification(&mut self) {
        let results = self.results;
        let found: Vec<(&VariantFacts, &ReclassificationFacts)> =
            results.variants.iter().filter_map(|v| v.reclassification.as_ref().map(|facts| (v, facts))).collect();
        if found.is_empty() {
            return;
        }
        self.heading("reclassification", "Reclassification");
        self.blocks.push(Block::Notices { entries: vec![NoticeText { warning: true, text: CAUTION.to_string() }] });
        let mut table = self.table("Reclassification by the variants");
        table.column("Improvement", Align::Left);
        let level = self.level();
        table.column(format!("Among events ({level} CI)"), Align::Decimal);
        table.column(format!("Among others ({level} CI)"), Align::Decimal);
        table.column(format!("Sum ({level} CI)"), Align::Decimal);
        table.column("P", Align::Decimal);
        let style = Style::decimals(3).joined(Join::To);
        let cell =
            |improvement: &Improvement| number(style.estimate(&improvement.estimate), improvement.estimate.value);
        let row = |name: Cell, events: &Improvement, others: &Improvement, sum: &Improvement| {
            let p = sum
                .test
                .as_ref()
                .map_or_else(|| absent("Nothing varies."), |test| number(number::p_value(test.p_value), test.p_value));
            vec![name, cell(events), cell(others), cell(sum), p]
        };
        for (variant, facts) in found {
            table.section(variant.source.label.clone());
            if let Some(categorical) = &facts.categorical {
                let found = &categorical.reclassification;
                let cuts: Vec<String> =
                    facts.cut_points.iter().map(|cut| format!("{}%", fixed(100.0 * cut, 0))).collect();
                let name = text(format!("NRI, categories cut at {}", cuts.join(", ")));
                table.row(0, row(name, &found.events, &found.others, &found.nri));
            }
            let found = &facts.continuous;
            table.row(0, row(text("NRI, continuous"), &found.events, &found.others, &found.nri));
            let found = &facts.integrated;
            table.row(0, row(text("IDI"), &found.events, &found.others, &found.idi));
        }
        table.abbreviation("NRI", "net reclassification improvement");
        table.abbreviation("IDI", "integrated discrimination improvement");
        table.abbreviation("CI", "confidence interval");
        let table = table.finish();
        self.push(table);
    }

    fn subgroups(&mut self) {
        let results = self.results;
        if results.variants.iter().all(|variant| variant.subgroups.is_empty()) {
            return;
        }
        self.heading("subgroups", "Subgroups");
        self.paragraph("Subgroups are looked at to find where a difference might not hold; no verdict rests on them.");
        let mut table = self.table("Differences within subgroups");
        table.column("Subgroup", Align::Left);
        table.column("n", Align::Decimal);
        table.column("Events", Align::Decimal);
        let difference = table.column(format!("Difference ({} CI)", self.level()), Align::Decimal);
        table.footnote(difference, DIFFERENCE);
        let p = table.column("P for interaction", Align::Decimal);
        table.footnote(p, "Cochran's Q over the levels: that the difference is the same in all.");
        let style = Style::decimals(3).joined(Join::To);
        for variant in &results.variants {
            for subgroup in &variant.subgroups {
                let SubgroupFacts { label, measure, levels, interaction, .. } = subgroup;
                table.section(format!(
                    "{}, {}: difference in {}",
                    variant.source.label,
                    label,
                    in_a_sentence(*measure)
                ));
                for (at, level) in levels.iter().enumerate() {
                    let difference = match (&level.difference, &level.why_not) {
                        (Some(difference), _) => number(style.estimate(difference), difference.value),
                        (None, why) => absent(&format!("{}.", why.as_deref().unwrap_or("Not computed"))),
                    };
                    let test = match interaction {
                        Some(test) if at == 0 => number(number::p_value(test.p_value), test.p_value),
                        _ => Cell::default(),
                    };
                    table.row(
                        0,
                        vec![
                            text(level.level.clone()),
                            number(number::count(level.n), level.n as f64),
                            number(number::count(level.events), level.events as f64),
                            difference,
                            test,
                        ],
                    );
                }
            }
        }
        table.abbreviation("CI", "confidence interval");
        let table = table.finish();
        self.push(table);
    }

    fn methods(&mut self) {
        let results = self.results;
        self.heading("methods", "Methods");
        let measures: Vec<&str> = results.family.measures.iter().map(|measure| measure.label()).collect();
        let adjusted = match &results.family.adjustment {
            Some(method) => format!(
                "P-values are adjusted by {method} over a family of {} hypotheses ({}, every variant).",
                results.family.hypotheses,
                measures.join(", ")
            ),
            None => "P-values are not adjusted for the number of comparisons.".to_string(),
        };
        self.paragraph(format!(
            "Models were matched subject by subject, with the same outcome. AUCs are compared by the paired test of DeLong et al. (1988, doi:10.2307/2531595), sensitivity, specificity and accuracy by McNemar's mid-P test with Newcombe's interval (1998), mean losses by their paired differences, C indices by the infinitesimal jackknife. {adjusted}"
        ));
        self.paragraph(format!(
            "The smallest detectable difference is the true difference at which a two-sided test at level {} would have had a power of {} with the standard error found here; it is not computed from the difference found.",
            fixed(1.0 - results.level, 3).trim_end_matches('0'),
            number::level(results.power)
        ));
    }

    fn provenance(&mut self) {
        let results = self.results;
        self.heading("provenance", "Provenance");
        let mut entries = vec![
            define("Program", format!("{} {}", results.program.name, results.program.version)),
            define("Numeric class", results.program.numeric_class.clone()),
        ];
        if let Some(declaration) = &results.declaration {
            entries.push(define(format!("Declaration “{}”, SHA-256", declaration.name), declaration.sha256.clone()));
        }
        for source in std::iter::once(&results.base).chain(results.variants.iter().map(|variant| &variant.source)) {
            entries.push(define(format!("Predictions “{}”, SHA-256", source.name), source.sha256.clone()));
        }
        entries.dedup();
        self.blocks.push(Block::Definitions { entries });
    }
}

fn define(term: impl Into<String>, text: impl Into<String>) -> Definition {
    Definition { term: term.into(), text: text.into() }
}

fn source_in_words(source: &SourceFacts) -> String {
    let probability = if source.gives_probability { "" } else { "; the score is no probability" };
    let kind = match source.kind.as_str() {
        "network" => "network",
        "study" => "study, run for this comparison",
        "report" => "report",
        _ => "predictions file",
    };
    format!("{}: model “{}” of “{}” ({kind}){probability}", source.label, source.model, source.name)
}

/// "AUC", "Brier score" within a sentence.
fn in_a_sentence(measure: Measure) -> String {
    let label = measure.label();
    if ["AUC", "C ", "Brier"].iter().any(|name| label.starts_with(name)) {
        label.to_string()
    } else {
        label.to_lowercase()
    }
}

fn measure_cell(row: &MeasureRow) -> Cell {
    let mut cell = text(row.measure.label());
    cell.strong = row.in_family;
    cell
}

fn marked_by_method(difference: &Estimate, style: Style) -> Cell {
    let cell = number(style.estimate(difference), difference.value);
    match &difference.interval {
        Some(interval) => marked(cell, format!("Interval: {}.", interval.method)),
        None => cell,
    }
}

fn forest_row(label: &str, indented: bool, n: String, difference: Option<&Estimate>, why: &str) -> ForestRow {
    let style = Style::decimals(3).joined(Join::To);
    let ends = difference.and_then(|difference| difference.interval.as_ref().map(|interval| (difference, interval)));
    ForestRow {
        label: label.to_string(),
        indented,
        columns: vec![n],
        text: difference.map_or_else(|| why.to_string(), |difference| style.estimate(difference)),
        mark: match ends {
            Some((difference, interval)) => ForestMark::Estimate {
                value: difference.value,
                lower: interval.lower,
                upper: interval.upper,
                weight: difference.standard_error.map_or(1.0, |error| 1.0 / error.max(1e-9)),
            },
            None => ForestMark::None,
        },
    }
}

/// Weights in units of the heaviest.
fn weigh(rows: &mut [ForestRow]) {
    let weight = |row: &ForestRow| match row.mark {
        ForestMark::Estimate { weight, .. } => weight,
        _ => 0.0,
    };
    let heaviest = rows.iter().map(weight).fold(0.0, f64::max);
    for row in rows {
        if let ForestMark::Estimate { weight, .. } = &mut row.mark {
            *weight /= heaviest;
        }
    }
}
