//! The document as PDF: the Typst template reads it as data, and Typst sets it in process with fonts that it brings.
//!
//! The file is tagged and follows PDF/UA-1. It holds no time but the study's own date, so that one document always gives
//! the same bytes.

use super::document::{Block, Document};
use super::{ReportError, columns, font, theme};
use serde_json::Value;
use std::sync::OnceLock;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

const TEMPLATE: &str = include_str!("../../templates/report.typ");

/// Width of the text on a turned A4 page with the template's margins, in points.
const TURNED_WIDTH: f64 = 728.0;

/// The bytes of the PDF.
pub fn render(document: &Document) -> Result<Vec<u8>, ReportError> {
    render_with(document, TEMPLATE)
}

/// The same with a template of one's own, which reads `document.json` as the report's own does.
pub fn render_with(document: &Document, template: &str) -> Result<Vec<u8>, ReportError> {
    let world = ReportWorld::new(template, data(document)?)?;
    let typeset = typst::compile::<PagedDocument>(&world).output.map_err(|errors| failure(&errors))?;
    let standards =
        PdfStandards::new(&[PdfStandard::Ua_1]).map_err(|error| ReportError::Pdf(error.message().to_string()))?;
    let options = PdfOptions {
        ident: Smart::Custom(format!("{} {}", document.study_id, document.program)),
        creator: Smart::Custom(Some(document.program.clone())),
        standards,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&typeset, &options).map_err(|errors| failure(&errors))
}

fn failure(errors: &[SourceDiagnostic]) -> ReportError {
    let messages: Vec<String> = errors
        .iter()
        .map(|error| {
            let hints: Vec<&str> = error.hints.iter().map(|hint| hint.v.as_str()).collect();
            if hints.is_empty() {
                error.message.to_string()
            } else {
                format!("{} ({})", error.message, hints.join("; "))
            }
        })
        .collect();
    ReportError::Pdf(messages.join("; "))
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
                let fit = columns::fit(table, if table.wide { TURNED_WIDTH } else { theme::FULL_WIDTH });
                view.insert("size".to_string(), fit.size.into());
                view.insert("widths".to_string(), fit.widths.into());
            }
            Block::Figure(_) => {
                view.remove("data");
            }
            _ => {}
        }
    }
    serde_json::to_vec(&tree).map_err(failure)
}

/// All that the compiler can see: the template, the document, the fonts.
struct ReportWorld {
    library: LazyHash<Library>,
    fonts: &'static Fonts,
    main: Source,
    data_id: FileId,
    data: Bytes,
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

impl ReportWorld {
    fn new(template: &str, data: Vec<u8>) -> Result<Self, ReportError> {
        let file = |path: &str| {
            VirtualPath::new(path)
                .map(|path| RootedPath::new(VirtualRoot::Project, path).intern())
                .map_err(|error| ReportError::Pdf(format!("{path}: {error:?}")))
        };
        Ok(Self {
            library: LazyHash::new(Library::default()),
            fonts: fonts(),
            main: Source::new(file("report.typ")?, template.to_string()),
            data_id: file("document.json")?,
            data: Bytes::new(data),
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
        if id == self.data_id { Ok(self.data.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
