//! The document as PDF: the Typst template reads it as data, and Typst sets it in process with fonts that it brings.
//!
//! The file is tagged and follows PDF/UA-1 and, where the study has a date, PDF/A-2a. It holds no time but that date, so
//! that one document always gives the same bytes.

use super::document::{Block, Document};
use super::{ReportError, columns, font, theme};
use crate::results::{Paper, Results};
use serde_json::Value;
use std::sync::OnceLock;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

/// The report's own template, to copy and change.
pub const TEMPLATE: &str = include_str!("../../templates/report.typ");

/// Width of the text on a turned page with the template's margins, in points.
fn turned_width(paper: Paper) -> f64 {
    match paper {
        Paper::A4 => 728.0,
        Paper::UsLetter => 662.0,
    }
}

/// The bytes of the PDF.
pub fn render(document: &Document) -> Result<Vec<u8>, ReportError> {
    set(document, TEMPLATE, Vec::new())
}

/// The same with a template of one's own, which reads `document.json` as the report's own does, and `results.json`.
pub fn render_with(document: &Document, results: &Results, template: &str) -> Result<Vec<u8>, ReportError> {
    let results = results.to_json().map_err(|error| ReportError::Pdf(error.to_string()))?;
    set(document, template, results.into_bytes())
}

fn set(document: &Document, template: &str, results: Vec<u8>) -> Result<Vec<u8>, ReportError> {
    let world = ReportWorld::new(template, data(document)?, results)?;
    let typeset = typst::compile::<PagedDocument>(&world).output.map_err(|errors| failure(&world, &errors))?;
    let mut problems = Vec::new();
    // A letter that no font has, or a template that leaves out the title, is a reason for a lesser standard and not for
    // no report. The last is a plain tagged PDF.
    for standards in [&[PdfStandard::Ua_1, PdfStandard::A_2a][..], &[PdfStandard::Ua_1], &[]] {
        // PDF/A wants a date, and a run's own date is never used.
        if standards.contains(&PdfStandard::A_2a) && document.date.is_none() {
            continue;
        }
        let standards = PdfStandards::new(standards).map_err(|error| ReportError::Pdf(error.message().to_string()))?;
        let options = PdfOptions {
            ident: Smart::Custom(format!("{} {}", document.study_id, document.program)),
            creator: Smart::Custom(Some(document.program.clone())),
            standards,
            ..PdfOptions::default()
        };
        match typst_pdf::pdf(&typeset, &options) {
            Ok(bytes) => return Ok(bytes),
            Err(errors) => problems = errors.into_iter().collect(),
        }
    }
    Err(failure(&world, &problems))
}

/// Each problem with its place in the template, and what typst advises.
fn failure(world: &ReportWorld, errors: &[SourceDiagnostic]) -> ReportError {
    let messages = errors.iter().map(|error| {
        let place = world.range(error.span).and_then(|range| world.main.lines().byte_to_line_column(range.start));
        let place = place.map_or(String::new(), |(line, column)| format!("line {}, column {}: ", line + 1, column + 1));
        let hints: Vec<&str> = error.hints.iter().map(|hint| hint.v.as_str()).collect();
        let advice = if hints.is_empty() { String::new() } else { format!(" ({})", hints.join("; ")) };
        format!("{place}{}{advice}", error.message)
    });
    ReportError::Pdf(messages.collect::<Vec<_>>().join("; "))
}

/// What the template reads: the document, with the widths and the type size of each table, without the figures' values.
fn data(document: &Document) -> Result<Vec<u8>, ReportError> {
    let failure = |error: serde_json::Error| ReportError::Pdf(error.to_string());
    let mut tree = serde_json::to_value(document).map_err(failure)?;
    let blocks = tree.get_mut("blocks").and_then(Value::as_array_mut).map(Vec::as_mut_slice).unwrap_or_default();
    for (block, view) in document.blocks.iter().zip(blocks) {
        let Some(view) = view.as_object_mut() else { continue };
        match block {
            Block::Table(table) => {
                let fit =
                    columns::fit(table, if table.wide { turned_width(document.paper) } else { theme::FULL_WIDTH });
                view.insert("size".to_string(), fit.size.into());
                view.insert("widths".to_string(), fit.widths.into());
            }
            Block::Figure(_) => {
                view.remove("data");
                view.remove("explorer");
            }
            _ => {}
        }
    }
    serde_json::to_vec(&tree).map_err(failure)
}

/// All that the compiler can see: the template, the document, the results, the fonts.
struct ReportWorld {
    library: LazyHash<Library>,
    fonts: &'static Fonts,
    main: Source,
    /// The files that a template may read.
    files: [(FileId, Bytes); 2],
}

struct Fonts {
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
}

/// The report's own sans serif and Typst's embedded families, parsed once per process.
fn fonts() -> &'static Fonts {
    static FONTS: OnceLock<Fonts> = OnceLock::new();
    FONTS.get_or_init(|| {
        let own = [font::REGULAR, font::ITALIC, font::SEMI_BOLD];
        let fonts: Vec<Font> =
            own.into_iter().chain(typst_assets::fonts()).flat_map(|bytes| Font::iter(Bytes::new(bytes))).collect();
        Fonts { book: LazyHash::new(FontBook::from_fonts(&fonts)), fonts }
    })
}

/// Whether any font of the PDF can draw the character; blanks need no glyph.
pub fn has_glyph(character: char) -> bool {
    character.is_whitespace() || fonts().fonts.iter().any(|font| font.info().coverage.contains(u32::from(character)))
}

impl ReportWorld {
    fn new(template: &str, document: Vec<u8>, results: Vec<u8>) -> Result<Self, ReportError> {
        let file = |path: &str| {
            VirtualPath::new(path)
                .map(|path| RootedPath::new(VirtualRoot::Project, path).intern())
                .map_err(|error| ReportError::Pdf(format!("{path}: {error:?}")))
        };
        Ok(Self {
            library: LazyHash::new(Library::default()),
            fonts: fonts(),
            main: Source::new(file("report.typ")?, template.to_string()),
            files: [(file("document.json")?, Bytes::new(document)), (file("results.json")?, Bytes::new(results))],
        })
    }
}

impl World for ReportWorld {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.fonts.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() { Ok(self.main.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files.iter().find(|(known, _)| *known == id).map(|(_, bytes)| bytes.clone()).ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
