//! The document between results and renderers: headings, paragraphs, tables and figures, all text already formatted.
//!
//! HTML and PDF are two walks over the same [`Document`], so that no number can differ between them.

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
}

#[derive(Clone, Debug, PartialEq, Serialize, Default)]
pub struct DataTable {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
}
