//! `vouch report`: paper, template, what is printed.

use super::small_study::study_with;
use crate::support::program::vouch;

#[test]
fn the_printed_template_makes_the_same_pdf_and_a_changed_one_another() {
    let folder = study_with(&[]);
    assert_eq!(vouch(&folder.path, &["run", ".", "--out", "report"]).code, 0);
    let printed = vouch(&folder.path, &["report", "--print-template"]);
    assert_eq!(printed.code, 0, "{}", printed.stderr);
    folder.write("mine.typ", &printed.stdout);
    let outcome = vouch(&folder.path, &["report", "report", "--out", "same", "--template", "mine.typ"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert_eq!(folder.read("report/report.pdf"), folder.read("same/report.pdf"));

    folder.write("mine.typ", &printed.stdout.replace("Libertinus Serif", "New Computer Modern"));
    assert_eq!(vouch(&folder.path, &["report", "report", "--out", "other", "--template", "mine.typ"]).code, 0);
    assert_ne!(folder.read("report/report.pdf"), folder.read("other/report.pdf"));

    folder.write("mine.typ", "#set text(size: 10pt)\n#nothing-of-this-name");
    let wrong = vouch(&folder.path, &["report", "report", "--out", "none", "--template", "mine.typ"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("line 2, column 2: unknown variable"), "{}", wrong.stderr);
    assert_eq!(vouch(&folder.path, &["report", "report", "--out", "none", "--template", "absent.typ"]).code, 5);
}

#[test]
fn paper_is_chosen_by_the_study_or_the_command() {
    let folder = study_with(&[("report:\n", "report:\n  paper: us_letter\n")]);
    assert_eq!(vouch(&folder.path, &["run", ".", "--out", "report"]).code, 0);
    let is_letter = |file: &str| folder.read(file).windows(12).any(|window| window == b"[0 0 612 792");
    assert!(is_letter("report/report.pdf"));
    assert_eq!(vouch(&folder.path, &["report", "report", "--out", "a4", "--paper", "a4"]).code, 0);
    assert!(!is_letter("a4/report.pdf"));
    let wrong = vouch(&folder.path, &["report", "report", "--out", "a5", "--paper", "a5"]);
    assert!(wrong.code == 2 && wrong.stderr.contains("us_letter"), "{}", wrong.stderr);
    assert_eq!(vouch(&folder.path, &["report", "report"]).code, 2, "where to?");
}

#[test]
fn checklists_point_at_what_is_there_and_tick_nothing() {
    let folder = study_with(&[("report:\n", "report:\n  checklists: [tripod_ai, clear]\n")]);
    assert_eq!(vouch(&folder.path, &["run", ".", "--out", "report"]).code, 0);
    let page = folder.read_text("report/report.html");
    for text in ["TRIPOD+AI.", "CLEAR.", "Eligibility criteria", "Left to the authors"] {
        assert!(page.contains(text), "{text}");
    }
    let checklist = &page[page.find("id=\"checklist-tripod-ai\"").unwrap()..];
    for target in checklist.split("<a href=\"#").skip(1).map(|rest| &rest[..rest.find('"').unwrap()]) {
        assert!(page.contains(&format!(" id=\"{target}\"")), "{target}");
    }
    assert!(!page.contains('☑') && !page.contains('✓') && !page.contains('✔'));
    let wrong = study_with(&[("report:\n", "report:\n  checklists: [tripod]\n")]);
    let outcome = vouch(&wrong.path, &["check", "."]);
    assert!(outcome.code == 2 && outcome.stderr.contains("tripod_ai"), "{}", outcome.stderr);
}
