//! From [`Results`] to pages: a pure function. The [`document::Document`] holds every word and number, already
//! formatted; HTML and PDF are two walks over it, so that no number can differ between them.

mod as_reported;
pub(crate) mod build;
mod columns;
pub mod document;
mod effects;
pub mod figure;
pub mod font;
mod glyphs;
pub mod html;
mod methods;
pub mod number;
pub mod pdf;
pub mod theme;

pub use as_reported::as_reported;
pub use glyphs::warnings as glyph_warnings;

use crate::results::Results;
use document::{Block, Document};

/// Why a report could not be made of results that were computed.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("{label} cannot be drawn: {why}")]
    Figure { label: String, why: String },
    #[error("the HTML template does not render: {0}")]
    Html(String),
    #[error("a checklist cannot be read: {0}")]
    Checklist(String),
    #[error("the PDF cannot be typeset: {0}")]
    Pdf(String),
}

/// A figure as a file of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct FigureFile {
    /// "figure-2.svg": the figure's anchor in the report.
    pub name: String,
    pub svg: String,
}

/// The document that HTML and PDF are made of.
pub fn build(results: &Results) -> Result<Document, ReportError> {
    build::document(results)
}

/// The figures of a document, in its order.
pub fn figures(document: &Document) -> Vec<FigureFile> {
    document
        .blocks
        .iter()
        .filter_map(|block| match block {
            Block::Figure(figure) => Some(FigureFile { name: format!("{}.svg", figure.id), svg: figure.svg.clone() }),
            _ => None,
        })
        .collect()
}
