//! The document between results and renderers: headings, paragraphs, tables and figures, all text already formatted.
//!
//! HTML and PDF are two walks over the same [`Document`], so that no number can differ between them.

use crate::results::Paper;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Document {
    pub study_id: String,
    pub title: String,
    /// What the study asks, in its own words.
    pub description: Option<String>,
    /// The study's date as the spec gives it; a run's own date is never used.
    pub date: Option<String>,
    /// "vouch 0.1.0"
    pub program: String,
    /// BCP 47 tag of the language of all text.
    pub language: String,
    /// Simulated data say so on every page.
    pub simulated: bool,
    /// What the PDF is set for.
    pub paper: Paper,
    pub blocks: Vec<Block>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "block", rename_all = "snake_case")]
pub enum Block {
    Heading {
        level: u8,
        id: String,
        text: String,
    },
    Paragraph {
        text: String,
    },
    /// A term with its explanation per entry: models, settings, hashes.
    Definitions {
        entries: Vec<Definition>,
    },
    Notices {
        entries: Vec<NoticeText>,
    },
    Table(Table),
    Figure(Figure),
    Checklist(Checklist),
}

/// A reporting guideline's items, each with what in this report speaks to it. Nothing is ticked.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Checklist {
    pub id: String,
    pub title: String,
    /// Where the guideline was published.
    pub source: String,
    pub items: Vec<ChecklistItem>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChecklistItem {
    pub number: String,
    pub section: String,
    pub topic: String,
    /// Empty where only a person can say.
    pub evidence: Vec<Link>,
    /// What the evidence does not tell.
    pub left: Option<String>,
}

/// To a heading, table or figure of the document.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Link {
    pub text: String,
    pub anchor: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Definition {
    pub term: String,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NoticeText {
    pub warning: bool,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Default)]
pub struct Table {
    /// Anchor of a deep link, unique in the document.
    pub id: String,
    /// "Table 1"; empty for a table that the study does not number.
    pub label: String,
    pub caption: String,
    pub columns: Vec<Column>,
    /// Heads above the columns' own: each spans neighbouring columns.
    pub spanning_heads: Vec<SpanningHead>,
    pub rows: Vec<Row>,
    /// What holds for the table as a whole.
    pub notes: Vec<String>,
    /// With their marks (*, †, ‡ …), in the order in which the table first uses them.
    pub footnotes: Vec<Footnote>,
    /// AUC: "area under the receiver operating characteristic curve"; in alphabetical order.
    pub abbreviations: Vec<Definition>,
    /// A wide table is set on a page of its own, turned.
    pub wide: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    Left,
    /// Numbers, aligned on the point by [`Cell::lead`].
    Decimal,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Column {
    pub head: String,
    pub marks: Vec<String>,
    pub align: Align,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SpanningHead {
    pub first_column: usize,
    pub columns: usize,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "row", rename_all = "snake_case")]
pub enum Row {
    /// A head within the table, over all columns.
    Section { text: String },
    /// One cell per column; the first is the row's head.
    Cells { cells: Vec<Cell>, indent: u8 },
}

#[derive(Clone, Debug, PartialEq, Serialize, Default)]
pub struct Cell {
    pub text: String,
    pub marks: Vec<String>,
    /// For sorting, where the text is a number.
    pub number: Option<f64>,
    pub strong: bool,
    /// Blanks before the text that put the points of a column below each other; no part of the text.
    pub lead: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Footnote {
    pub mark: String,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    pub id: String,
    /// "Figure 1"
    pub label: String,
    pub caption: String,
    /// A complete SVG document; colours of the light theme, which the page maps for dark.
    pub svg: String,
    /// Width and height of the drawing in points.
    pub width: f64,
    pub height: f64,
    /// What a reader who does not see the figure should know.
    pub alternative_text: String,
    /// The drawn values.
    pub data: DataTable,
    /// What the marks are, and by which method; below the drawing.
    pub notes: Vec<String>,
    /// What the page's threshold slider reads; `None` for a figure without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explorer: Option<Explorer>,
}

/// Counts of every model in every set over round thresholds, and at the study's own.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explorer {
    pub outcome: String,
    /// The model that is shown first, by its place in the list.
    pub first: usize,
    pub models: Vec<ExplorerModel>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExplorerModel {
    pub label: String,
    /// The study's own threshold, with its rule in words.
    pub threshold: Option<f64>,
    pub rule: String,
    /// The threshold is a risk, so net benefit is defined.
    pub is_probability: bool,
    pub higher_is_risk: bool,
    pub sets: Vec<ExplorerSet>,
}

/// One entry per threshold in each list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExplorerSet {
    pub label: String,
    pub positives: usize,
    pub negatives: usize,
    pub thresholds: Vec<f64>,
    pub true_positives: Vec<usize>,
    pub false_positives: Vec<usize>,
    /// True and false positives at the study's own threshold, which lies between round ones: the counts of the performance
    /// table. `None` where the model has no threshold, or the counts are withheld.
    pub at_own: Option<[u64; 2]>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Default)]
pub struct DataTable {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
}
