//! From results to the document: one file per table.

mod agreement;
pub(super) mod baseline;
pub(super) mod calibration;
pub(super) mod characteristics;
mod checklist;
mod cohort;
pub(super) mod comparison;
mod cox_model;
pub(super) mod development;
pub(super) mod effects;
mod explorer;
mod figure_notes;
mod incidence;
mod model_table;
pub(super) mod names;
mod paired;
pub(super) mod performance;
mod provenance;
mod published;
pub(super) mod readers_words;
pub(super) mod selection;
mod subgroups;
pub(super) mod survival;
mod survival_comparisons;
pub(super) mod survival_performance;
pub(crate) mod table;
mod verdict;

use super::document::{Block, Definition, Document, Figure, NoticeText, Table};
use super::effects::Effects;
use super::{ReportError, figure, methods};
use crate::results::{AnalysisOutcome, LayoutItem, NoticeLevel, Results, Show};
use names::Names;

pub fn document(results: &Results) -> Result<Document, ReportError> {
    let study = &results.study;
    let mut blocks = Vec::new();
    notices(results, &mut blocks);

    let (flow, rest): (Vec<_>, Vec<_>) =
        results.layout.iter().enumerate().partition(|(_, item)| about_cohort(item.show));
    heading(&mut blocks, "cohort", "Cohort");
    blocks.extend(cohort::blocks(results));
    for (_, item) in flow {
        blocks.extend(shown(results, item)?);
    }
    heading(&mut blocks, "methods", "Methods");
    blocks.extend(methods::blocks(results));
    heading(&mut blocks, "results", "Results");
    for (_, item) in rest {
        blocks.extend(shown(results, item)?);
    }
    if let Some(published) = &results.published {
        heading(&mut blocks, "published", published::heading(published));
        blocks.extend(published::blocks(published));
    }
    heading(&mut blocks, "provenance", "Provenance");
    blocks.extend(provenance::blocks(results));
    make_anchors_unique(&mut blocks);
    readers_words::translate(&mut blocks, results);
    let checklists = checklist::blocks(results, &blocks)?;
    if !checklists.is_empty() {
        heading(&mut blocks, "checklists", "Reporting checklists");
        blocks.push(Block::Paragraph { text: CHECKLISTS.to_string() });
        blocks.extend(checklists);
    }

    Ok(Document {
        study_id: study.id.clone(),
        title: study.title.clone(),
        description: study.description.clone(),
        date: study.date.clone(),
        program: format!("{} {}", results.program.name, results.program.version),
        language: "en".to_string(),
        simulated: study.simulated,
        paper: results.presentation.paper,
        blocks,
    })
}

/// What stands with the cohort, before the methods.
fn about_cohort(show: Show) -> bool {
    matches!(show, Show::WorkflowFigure | Show::AttritionFlow | Show::MissingDataFigure)
}

const CHECKLISTS: &str = "Beside each item stand the parts of this report that speak to it, as far as what \
    was run gives any. No item is ticked: whether it is met, and all that no run can know, is for the authors to say. Topics are \
    paraphrased; the guideline's own words are in its paper.";

fn heading(blocks: &mut Vec<Block>, id: &str, text: &str) {
    blocks.push(Block::Heading { level: 1, id: id.to_string(), text: text.to_string() });
}

fn notices(results: &Results, blocks: &mut Vec<Block>) {
    let glyphs = super::glyph_warnings(results);
    if results.notices.is_empty() && glyphs.is_empty() {
        return;
    }
    let entries = results
        .notices
        .iter()
        .map(|notice| NoticeText { warning: notice.level == NoticeLevel::Warning, text: notice.message.clone() });
    let glyphs = glyphs.iter().map(|text| NoticeText { warning: true, text: text.clone() });
    heading(blocks, "notices", "Notices");
    blocks.push(Block::Notices { entries: entries.chain(glyphs).collect() });
}

/// The blocks of one item of the layout: its tables or its figure, or a notice why it is missing.
fn shown(results: &Results, item: &LayoutItem) -> Result<Vec<Block>, ReportError> {
    let names = Names { results };
    let analysis = item.of.as_deref().and_then(|id| results.analysis(id)).map(|analysis| &analysis.outcome);
    if let Some(model) = results.not_fitted.iter().find(|model| item.of.as_deref() == Some(model.id.as_str())) {
        return Ok(vec![missing(item, &format!("The model could not be fitted: {}.", model.why))]);
    }
    let tables = match (item.show, analysis) {
        (_, Some(AnalysisOutcome::NotComputed { why, .. })) => {
            return Ok(vec![missing(item, &format!("Not computed: {why}."))]);
        }
        (Show::SelectionTable, _) => selection::tables(results, item),
        (Show::ModelTable, _) => model_table::tables(results, item),
        (Show::BaselineTable, Some(AnalysisOutcome::BaselineTable(analysis))) => {
            vec![baseline::table(analysis, item, &names)]
        }
        (Show::SetComparisonTable, Some(AnalysisOutcome::SetComparison(analysis))) => {
            vec![baseline::sets(analysis, item, &names)]
        }
        (Show::PerformanceTable, Some(AnalysisOutcome::Performance(analysis))) => {
            performance::tables(analysis, item, &names)
        }
        (Show::ComparisonTable, Some(AnalysisOutcome::Comparison(analysis))) => {
            vec![comparison::table(analysis, item, &names)]
        }
        (Show::SurvivalTable, Some(AnalysisOutcome::KaplanMeier(analysis))) => survival::tables(analysis, item, &names),
        (Show::CoxTable, Some(AnalysisOutcome::Cox(analysis))) => {
            vec![effects::table(&Effects::of_cox(analysis, &names), item, &names)]
        }
        (Show::RegressionTable, Some(AnalysisOutcome::Regression(analysis))) => {
            vec![effects::table(&Effects::of_regression(analysis, &names), item, &names)]
        }
        (Show::FineGrayTable, Some(AnalysisOutcome::FineGray(analysis))) => {
            vec![effects::table(&Effects::of_fine_gray(analysis, &names), item, &names)]
        }
        (Show::IncidenceTable, Some(AnalysisOutcome::CumulativeIncidence(analysis))) => {
            vec![incidence::table(analysis, item, &names)]
        }
        (Show::MetricComparisonTable, Some(AnalysisOutcome::MetricComparison(analysis))) => {
            vec![paired::metric_comparison(analysis, item, &names)]
        }
        (Show::PartitionComparisonTable, Some(AnalysisOutcome::PartitionComparison(analysis))) => {
            vec![paired::partition_comparison(analysis, item, &names)]
        }
        (Show::ReclassificationTable, Some(AnalysisOutcome::Reclassification(analysis))) => {
            paired::reclassification(analysis, item, &names)
        }
        (Show::SubgroupTable, Some(AnalysisOutcome::Subgroups(analysis))) => {
            vec![subgroups::table(analysis, item, &names)]
        }
        (Show::OptimismTable, Some(AnalysisOutcome::Optimism(analysis))) => {
            vec![development::optimism(analysis, item, &names)]
        }
        (Show::PlanningTable, Some(AnalysisOutcome::Planning(analysis))) => {
            vec![development::planning(analysis, item, &names)]
        }
        (Show::AgreementTable, Some(AnalysisOutcome::Agreement(analysis))) => {
            vec![agreement::table(analysis, item, &names)]
        }
        (Show::CalibrationTable, Some(AnalysisOutcome::Calibration(analysis))) => {
            vec![calibration::table(analysis, item, &names)]
        }
        (Show::CoxModelTable, _) => cox_model::tables(results, item),
        (Show::CharacteristicsTable, Some(AnalysisOutcome::Characteristics(analysis))) => {
            vec![characteristics::table(analysis, item, &names)]
        }
        (Show::SurvivalPerformanceTable, Some(AnalysisOutcome::SurvivalPerformance(analysis))) => {
            survival_performance::tables(analysis, item, &names)
        }
        (Show::SurvivalNetBenefitTable, Some(AnalysisOutcome::SurvivalPerformance(analysis))) => {
            survival_performance::net_benefit(analysis, item, &names).into_iter().collect()
        }
        (show, _) if show.is_figure() => return Ok(vec![drawn(results, item)?]),
        _ => Vec::new(),
    };
    if tables.is_empty() {
        return Ok(vec![missing(item, "The results hold nothing that it could show.")]);
    }
    Ok(lettered(tables).into_iter().map(Block::Table).collect())
}

/// Tables of one item that bear the same number, one per model, are told apart by letters: "Table 2a", "Table 2b".
fn lettered(mut tables: Vec<Table>) -> Vec<Table> {
    let labels: Vec<String> = tables.iter().map(|table| table.label.clone()).collect();
    for (at, table) in tables.iter_mut().enumerate() {
        let alike = |label: &&String| **label == labels[at];
        if table.label.is_empty() || labels.iter().filter(alike).count() < 2 {
            continue;
        }
        let before = labels[..at].iter().filter(alike).count();
        table.label.push_str(&figure::letter(before).to_lowercase());
        // The first keeps the anchor, to which the item's links lead.
        if before > 0 {
            table.id = anchor(&table.label);
        }
    }
    tables
}

/// The tables of one item of the layout; none for a figure.
pub(super) fn tables_of(results: &Results, item: &LayoutItem) -> Vec<Table> {
    if item.show.is_figure() {
        return Vec::new();
    }
    let blocks = shown(results, item).unwrap_or_default();
    let tables = blocks.into_iter().filter_map(|block| match block {
        Block::Table(table) => Some(table),
        _ => None,
    });
    tables.collect()
}

/// A notice in the place of a table or figure.
fn missing(item: &LayoutItem, why: &str) -> Block {
    let text = format!("{}. {}. {why}", item.label, item.caption.trim_end_matches('.'));
    Block::Notices { entries: vec![NoticeText { warning: true, text }] }
}

fn drawn(results: &Results, item: &LayoutItem) -> Result<Block, ReportError> {
    match figure::draw(results, item) {
        Ok(drawing) => Ok(Block::Figure(Figure {
            id: anchor(&item.label),
            label: item.label.clone(),
            caption: item.caption.clone(),
            svg: drawing.svg,
            width: drawing.width,
            height: drawing.height,
            alternative_text: drawing.alternative_text,
            data: drawing.data,
            notes: figure_notes::of(results, item),
            explorer: explorer::of(results, item),
        })),
        Err(figure::FigureError::Plot(why)) => Err(ReportError::Figure { label: item.label.clone(), why }),
        Err(error) => Ok(missing(item, &format!("It cannot be drawn: {error}."))),
    }
}

/// "table-s1" of "Table S1": lower-case letters and digits, joined by hyphens.
fn anchor(label: &str) -> String {
    let words = label.split(|character: char| !character.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}

/// Anchors and file names of figures are made of labels, which a spec may repeat.
fn make_anchors_unique(blocks: &mut [Block]) {
    let mut taken: Vec<String> = Vec::new();
    for block in blocks {
        let id = match block {
            Block::Heading { id, .. } | Block::Table(Table { id, .. }) | Block::Figure(Figure { id, .. }) => id,
            _ => continue,
        };
        let base = if id.is_empty() { "item".to_string() } else { id.clone() };
        let mut unique = base.clone();
        let mut count = 1;
        while taken.contains(&unique) {
            count += 1;
            unique = format!("{base}-{count}");
        }
        taken.push(unique.clone());
        *id = unique;
    }
}

fn definition(term: impl Into<String>, text: impl Into<String>) -> Definition {
    Definition { term: term.into(), text: text.into() }
}
