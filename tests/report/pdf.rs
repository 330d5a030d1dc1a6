//! Every sample can be set as an accessible PDF, and always to the same bytes.

use super::document::{build, samples};
use crate::support::program::skipped_without;
use crate::support::sample_results;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use vouch::report::ReportError;
use vouch::report::document::Block;
use vouch::report::pdf::{render, render_with};
use vouch::results::{Paper, Show};

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn every_sample_is_set_as_pdf_ua() {
    for (name, results) in samples() {
        let pdf = render(&build(&results)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(pdf.starts_with(b"%PDF-1."), "{name}");
        assert!(contains(&pdf, "pdfuaid:part"), "{name}: does not claim PDF/UA");
        assert!(contains(&pdf, "/MarkInfo") || contains(&pdf, "/StructTreeRoot"), "{name}: is not tagged");
    }
}

#[test]
fn a_dated_report_is_for_the_archive_too() {
    let pdf = render(&build(&sample_results::sample())).expect("renders");
    assert!(contains(&pdf, "pdfaid:part") && contains(&pdf, "pdfuaid:part"));
}

/// US letter is 612 × 792 points.
#[test]
fn the_paper_is_the_one_that_is_asked_for() {
    let mut document = build(&sample_results::sample());
    for block in &mut document.blocks {
        if let Block::Table(table) = block {
            table.wide = true;
        }
    }
    let a4 = render(&document).expect("renders");
    document.paper = Paper::UsLetter;
    let letter = render(&document).expect("renders");
    assert!(contains(&a4, "[0 0 595.2756 841.8898]") && !contains(&a4, " 612 792]"));
    assert!(contains(&letter, "[0 0 612 792]") && contains(&letter, "[0 0 792 612]"), "upright and turned");
}

#[test]
fn a_letter_that_no_font_has_costs_the_standard_and_not_the_report() {
    let mut results = sample_results::sample();
    results.study.title.push_str(" 𓂀");
    assert!(render(&build(&results)).is_ok());
}

#[test]
fn the_same_results_give_the_same_bytes() {
    let results = sample_results::sample();
    let first = render(&build(&results)).expect("renders");
    // Nothing kept from the first rendering may have a part in the second.
    let other = render(&build(&sample_results::one_model())).expect("renders");
    let second = render(&build(&results)).expect("renders");
    assert!(first == second && first != other);
}

#[test]
fn without_a_date_there_is_none() {
    let mut results = sample_results::sample();
    results.study.date = None;
    let pdf = render(&build(&results)).expect("renders");
    assert!(!contains(&pdf, "/CreationDate") && !contains(&pdf, "/ModDate"));
}

#[test]
fn a_template_of_ones_own_reads_the_same_document() {
    let results = sample_results::sample();
    let document = build(&results);
    let own = "#let report = json(\"document.json\")\n#set document(title: report.title)\n#title()";
    assert!(render_with(&document, &results, own).expect("renders").starts_with(b"%PDF-1."));
    // Nothing but the document can be read, and what is wrong is said.
    let reaching = render_with(&document, &results, "#read(\"/etc/hostname\")");
    assert!(matches!(reaching, Err(ReportError::Pdf(_))));
    let Err(ReportError::Pdf(why)) = render_with(&document, &results, "#let a = 1\n#unknown-name") else {
        panic!("a wrong template is refused")
    };
    assert!(why.contains("unknown variable") && why.contains("line 2, column 2"), "{why}");
    let own = "#let results = json(\"results.json\")\n#assert(results.study.id == \"sample-lnm\")";
    assert!(render_with(&document, &results, own).is_ok(), "the results are there too");
}

/// Text as a reader copies it. None where poppler's pdftotext is not installed.
fn text_of(pdf: &[u8]) -> Option<String> {
    // Tests run side by side.
    static FILES: AtomicUsize = AtomicUsize::new(0);
    let name = format!("vouch-report-{}-{}.pdf", std::process::id(), FILES.fetch_add(1, Ordering::Relaxed));
    let path = std::env::temp_dir().join(name);
    std::fs::write(&path, pdf).expect("the temporary folder can be written");
    let output = Command::new("pdftotext").arg("-layout").arg(&path).arg("-").output();
    std::fs::remove_file(&path).expect("the file was written");
    Some(String::from_utf8_lossy(&output.ok()?.stdout).into_owned())
}

#[test]
fn pages_carry_the_study_the_number_of_pages_and_the_warning() {
    let pdf = render(&build(&sample_results::simulated())).expect("renders");
    let Some(text) = text_of(&pdf) else {
        return skipped_without("pdftotext");
    };
    let pages: Vec<&str> = text.trim_end_matches('\u{c}').split('\u{c}').collect();
    for (at, page) in pages.iter().enumerate() {
        assert!(page.contains("sample-lnm"), "page {}", at + 1);
        assert!(page.contains(&format!("page {} of {}", at + 1, pages.len())), "page {}", at + 1);
        assert!(page.contains("SIMULATED DATA"), "page {}", at + 1);
    }
    assert!(text.contains("0.742 (0.724–0.760)"), "a number of Table 2");
}

#[test]
fn it_has_bookmarks_a_language_a_structure_and_its_fonts() {
    let pdf = render(&build(&sample_results::sample())).expect("renders");
    for part in ["/Outlines", "/StructTreeRoot", "/FontFile3", "/Lang(en-GB)", "/DisplayDocTitle true"] {
        assert!(contains(&pdf, part), "{part}");
    }
}

/// By what a reader copies from the pages: that is the same with every renderer.
#[test]
fn a_table_that_goes_on_has_its_head_on_every_page() {
    let pdf = render(&build(&sample_results::forty_models())).expect("renders");
    let Some(text) = text_of(&pdf) else {
        return skipped_without("pdftotext");
    };
    // Of Table 2 the rows of a model hold seven estimates, with their intervals in brackets below.
    let is_row = |line: &&str| {
        line.trim_start().starts_with("Variant ") && line.matches('.').count() >= 7 && !line.contains('(')
    };
    let pages: Vec<&str> = text.split('\u{c}').filter(|page| page.lines().filter(is_row).count() > 5).collect();
    assert!(pages.len() >= 2, "{} pages", pages.len());
    assert!(pages[1..].iter().all(|page| page.contains("Table 2 (continued)")), "it does not say that it goes on");
    assert!(!pages[0].contains("(continued)"), "{}", pages[0]);
    for page in pages {
        let head = page.lines().position(|line| line.contains("SENS"));
        let first = page.lines().position(|line| is_row(&line));
        assert!(head.is_some() && head < first, "{page}");
    }
}

/// A figure that floated stood at the head of the page on which the results begin, above their heading.
#[test]
fn a_figure_of_the_results_stands_below_their_heading() {
    let mut results = sample_results::sample();
    let at = results.layout.iter().position(|item| item.show == Show::SurvivalFigure).expect("the sample has one");
    let first = results.layout.remove(at);
    results.layout.insert(0, first);
    let pdf = render(&build(&results)).expect("renders");
    let Some(text) = text_of(&pdf) else {
        return skipped_without("pdftotext");
    };
    let line = |start: &str| text.lines().position(|line| line.trim_start().starts_with(start));
    let (heading, figure) = (line("Results").expect("a heading"), line("Figure 5.").expect("a caption"));
    assert!(heading < figure, "line {heading} and {figure}");
}

/// The first table of the results had no room on its page, and figures that had were let before it and its heading.
#[test]
fn nothing_passes_the_heading_of_its_section() {
    let mut results = sample_results::forty_models();
    let at = results.layout.iter().position(|item| item.show == Show::PerformanceTable).expect("the sample has one");
    let first = results.layout.remove(at);
    results.layout.insert(0, first);
    let Some(text) = text_of(&render(&build(&results)).expect("renders")) else {
        return skipped_without("pdftotext");
    };
    let line = |start: &str| text.lines().position(|line| line.trim_start().starts_with(start));
    let heading = line("Results").expect("a heading");
    for figure in ["Figure 2.", "Figure 3.", "Figure 4.", "Figure 5.", "Figure 6."] {
        assert!(heading < line(figure).expect("a caption"), "{figure}");
    }
}

/// Tables follow tables and figures follow figures, whatever is let before to fill a page.
#[test]
fn tables_and_figures_keep_their_order() {
    let pdf = render(&build(&sample_results::sample())).expect("renders");
    let Some(text) = text_of(&pdf) else {
        return skipped_without("pdftotext");
    };
    for kind in ["Table ", "Table S", "Figure "] {
        let number = |line: &str| line.trim_start().strip_prefix(kind)?.split_once('.')?.0.parse::<usize>().ok();
        let captions: Vec<usize> = text.lines().filter_map(number).collect();
        assert!(captions.len() > 1 && captions.windows(2).all(|pair| pair[0] < pair[1]), "{kind}{captions:?}");
    }
}

/// The last section had a page of its own, nearly white, when a few lines were lacking on the page before.
#[test]
fn no_page_but_the_last_is_nearly_white() {
    for (name, results) in samples() {
        let Some(text) = text_of(&render(&build(&results)).expect("renders")) else {
            return skipped_without("pdftotext");
        };
        let pages: Vec<&str> = text.trim_end_matches('\u{c}').split('\u{c}').collect();
        for (at, page) in pages[..pages.len() - 1].iter().enumerate() {
            let lines = page.lines().filter(|line| !line.trim().is_empty()).count();
            assert!(lines >= 12, "{name}: page {} of {} has {lines} lines", at + 1, pages.len());
        }
    }
}
