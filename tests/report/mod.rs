//! The report as it is read: the document, its figures, the page, the PDF.

mod browser;
mod document;
mod figures;
mod html;
mod pages;
mod pdf;
