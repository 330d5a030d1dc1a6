//! A comparison as a document: the same pages, tables and figures as a study's report.

mod tables;

use super::facts::{ComparisonResults, MeasureRow, OutcomeKindFacts, SourceFacts};
use super::measure::Measure;
use super::methods;
use crate::report::build::table::{TableBuilder, absent, marked, number, text};
use crate::report::document::{Align, Block, Cell, Definition, Document, Figure, NoticeText, Table};
use crate::report::figure::forest::{Forest, ForestMark, ForestRow};
use crate::report::number::{self, Join, Style, fixed};
use crate::results::{NoticeLevel, Paper};
use crate::stats::Estimate;

const DIFFERENCE: &str = "Variant less base.";

pub fn document(results: &ComparisonResults) -> Document {
    let mut page = Page { results, blocks: Vec::new(), tables: 0, figures: 0 };
    page.notices(NoticeLevel::Warning);
    page.verdict();
    page.notices(NoticeLevel::Note);
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

    /// Warnings stand before everything else.
    fn notices(&mut self, level: NoticeLevel) {
        let of_level = self.results.notices.iter().filter(|notice| notice.level == level);
        let entries: Vec<NoticeText> = of_level
            .map(|notice| NoticeText { warning: level == NoticeLevel::Warning, text: notice.message.clone() })
            .collect();
        if !entries.is_empty() {
            self.blocks.push(Block::Notices { entries });
        }
    }

    fn methods(&mut self) {
        self.heading("methods", "Methods");
        for paragraph in methods::paragraphs(self.results) {
            self.paragraph(paragraph);
        }
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
    }

    fn compared(&mut self) {
        let results = self.results;
        self.heading("compared", "What is compared");
        let name = results.outcome_label.as_ref().unwrap_or(&results.outcome);
        let outcome = match results.outcome_kind {
            OutcomeKindFacts::Binary => format!("{name}; {} with it", number::count(results.events)),
            OutcomeKindFacts::Survival => {
                format!("{name}, a time to an event; {} events", number::count(results.events))
            }
        };
        let mut entries = vec![define("Base", self.source_in_words(&results.base))];
        for variant in &results.variants {
            entries.push(define("Variant", self.source_in_words(&variant.source)));
        }
        entries.push(define(
            "Subjects",
            format!("{}, {}, the same for all", number::count(results.n), results.partition_in_words()),
        ));
        if let Some(horizon) = &results.horizon {
            entries.push(define("Horizon", format!("Risks are those of the event {}", horizon.in_words())));
        }
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

    fn source_in_words(&self, source: &SourceFacts) -> String {
        let of_survival = self.results.outcome_kind == OutcomeKindFacts::Survival;
        let probability = if source.gives_probability || of_survival { "" } else { "; the score is no probability" };
        let kind = match source.kind.as_str() {
            "network" => "network",
            "study" => "study, run for this comparison",
            "report" => "report",
            _ => "predictions file",
        };
        format!("{}: model “{}” of “{}” ({kind}){probability}", source.label, source.model, source.name)
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
            let column = table.column(format!("Bootstrap {level} CI"), Align::Decimal);
            if let Some(bootstrap) = &results.bootstrap {
                table.footnote(
                    column,
                    format!(
                        "Of the difference, {}, over {} replicates; P belongs to the interval before it.",
                        bootstrap.interval,
                        number::count(bootstrap.replicates)
                    ),
                );
            }
        }
        let p = table.column("P", Align::Decimal);
        table.footnote(p, "Two-sided, that there is no difference.");
        let adjustment = &results.family.adjustment;
        if let Some(method) = adjustment {
            let column = table.column("Adjusted P", Align::Decimal);
            table.footnote(
                column,
                match (results.family.hypotheses, &results.declaration) {
                    (1, _) => "One hypothesis is in the family: there is nothing to adjust for.".to_string(),
                    (count, Some(_)) => format!("{method}, over the {count} hypotheses of the declared family."),
                    (count, None) => format!("{method}, over {count} hypotheses: this measure of every variant."),
                },
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
                    difference_cell(row, style),
                ];
                if bootstrapped {
                    cells.push(
                        row.bootstrap.as_ref().map_or_else(Cell::default, |interval| text(style.interval(interval))),
                    );
                }
                cells.push(p_cell(row));
                if adjustment.is_some() {
                    cells.push(row.adjusted_p_value.map_or_else(Cell::default, |p| number(number::p_value(p), p)));
                }
                cells.push(row.detectable.map_or_else(Cell::default, |smallest| number(fixed(smallest, 3), smallest)));
                table.row(0, cells);
            }
        }
        table.abbreviation("AUC", "area under the receiver operating characteristic curve");
        if results.horizon.is_some() {
            table.abbreviation("IPA", "index of prediction accuracy");
            table.abbreviation("O/E", "observed over expected risk");
        }
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
        let head = format!("Difference in {} ({} CI)", measure.in_a_sentence(), self.level());
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
            caption: format!("Difference in {}", measure.in_a_sentence()),
            svg: drawing.svg,
            width: drawing.width,
            height: drawing.height,
            alternative_text: drawing.alternative_text,
            data: drawing.data,
            notes: Vec::new(),
            explorer: None,
        }));
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

fn measure_cell(row: &MeasureRow) -> Cell {
    let mut cell = text(row.label.clone());
    cell.strong = row.in_family;
    cell
}

/// Of a net benefit whose difference is zero without an error.
pub(super) const SAME_CALLS: &str =
    "Both models act on the same subjects at this threshold: there is nothing to compare.";

/// The interval with its method, and that of the test where it is the same.
fn difference_cell(row: &MeasureRow, style: Style) -> Cell {
    let cell = number(style.difference(&row.difference), row.difference.value);
    if row.measure == Measure::NetBenefit && row.difference.standard_error == Some(0.0) {
        return marked(cell, SAME_CALLS);
    }
    match (&row.difference.interval, &row.test) {
        (Some(interval), Some(test)) if interval.method == test.method => {
            marked(cell, format!("Interval and test: {}.", interval.method))
        }
        (Some(interval), _) => marked(cell, format!("Interval: {}.", interval.method)),
        (None, _) => cell,
    }
}

/// P, with its test where that is another method than the interval's. Where the two disagree about zero, the mark says so.
fn p_cell(row: &MeasureRow) -> Cell {
    let Some(test) = &row.test else { return absent("No formula for its error: declare a bootstrap.") };
    let cell = number(number::p_value(test.p_value), test.p_value);
    let Some(interval) = &row.difference.interval else { return marked(cell, format!("Test: {}.", test.method)) };
    let excludes_zero = interval.lower > 0.0 || interval.upper < 0.0;
    if interval.method == test.method {
        cell
    } else if excludes_zero == (test.p_value < 1.0 - interval.level) {
        marked(cell, format!("Test: {}.", test.method))
    } else {
        marked(
            cell,
            format!(
                "Test: {}. The interval is of another method ({}), and here the two disagree about a difference of zero.",
                test.method, interval.method
            ),
        )
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
