//! The document is complete and says what each of its numbers is, whatever the results look like.

use crate::support::sample_results::{self, Shape};
use vouch::report::document::{Block, Cell, Document, Figure, Row, Table};
use vouch::results::{AnalysisOutcome, Results, Show};

/// Each sample by name.
pub fn samples() -> Vec<(&'static str, Results)> {
    vec![
        ("sample", sample_results::sample()),
        ("simulated", sample_results::simulated()),
        ("one model", sample_results::one_model()),
        ("forty models", sample_results::forty_models()),
        ("long labels", sample_results::long_labels()),
        ("twelve levels", sample_results::twelve_levels()),
        ("empty partition", sample_results::empty_partition()),
        ("no events", sample_results::no_events()),
    ]
}

pub fn build(results: &Results) -> Document {
    vouch::report::build(results).expect("a sample builds")
}

fn tables(document: &Document) -> impl Iterator<Item = &Table> {
    document.blocks.iter().filter_map(|block| if let Block::Table(table) = block { Some(table) } else { None })
}

fn table<'a>(document: &'a Document, label: &str) -> &'a Table {
    tables(document).find(|table| table.label == label).unwrap_or_else(|| panic!("no {label}"))
}

fn cells(table: &Table) -> impl Iterator<Item = &Cell> {
    table.rows.iter().flat_map(|row| match row {
        Row::Cells { cells, .. } => cells.as_slice(),
        Row::Section { .. } => &[],
    })
}

fn row<'a>(table: &'a Table, section: &str, head: &str) -> &'a [Cell] {
    let mut inside = section.is_empty();
    for row in &table.rows {
        match row {
            Row::Section { text } => inside = text.starts_with(section),
            Row::Cells { cells, .. } if inside && cells[0].text == head => return cells,
            Row::Cells { .. } => {}
        }
    }
    panic!("no row \"{head}\" in \"{section}\" of {}", table.label)
}

fn footnotes(table: &Table) -> String {
    table.footnotes.iter().map(|note| note.text.as_str()).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_table_is_whole() {
    for (name, results) in samples() {
        let document = build(&results);
        for table in tables(&document) {
            let place = format!("{name}, {}", table.label);
            let mut used: Vec<&str> =
                table.columns.iter().flat_map(|column| &column.marks).map(String::as_str).collect();
            for row in &table.rows {
                if let Row::Cells { cells, .. } = row {
                    assert_eq!(cells.len(), table.columns.len(), "{place}: {:?}", cells[0]);
                }
            }
            used.extend(cells(table).flat_map(|cell| &cell.marks).map(String::as_str));
            for note in &table.footnotes {
                assert!(used.contains(&note.mark.as_str()), "{place}: nothing has the mark {}", note.mark);
                assert!(note.text.ends_with('.'), "{place}: {}", note.text);
            }
            for mark in used {
                assert!(table.footnotes.iter().any(|note| note.mark == mark), "{place}: the mark {mark} has no note");
            }
            for cell in cells(table) {
                let text = &cell.text;
                assert!(!["NaN", "not a number", "inf"].iter().any(|bad| text == bad), "{place}: {text}");
                assert!(!text.contains("-0") && !text.starts_with('-'), "{place}: a hyphen for a minus in {text}");
            }
            for span in &table.spanning_heads {
                assert!(span.first_column + span.columns <= table.columns.len(), "{place}");
            }
        }
    }
}

#[test]
fn anchors_are_unique_and_every_item_of_the_layout_is_shown() {
    for (name, results) in samples() {
        let document = build(&results);
        let ids: Vec<&str> = document
            .blocks
            .iter()
            .filter_map(|block| match block {
                Block::Heading { id, .. } => Some(id.as_str()),
                Block::Table(table) => Some(table.id.as_str()),
                Block::Figure(figure) => Some(figure.id.as_str()),
                _ => None,
            })
            .collect();
        for (at, id) in ids.iter().enumerate() {
            assert!(!ids[..at].contains(id), "{name}: {id} twice");
        }
        for item in &results.layout {
            let shown = document.blocks.iter().any(|block| match block {
                Block::Table(table) => table.label == item.label,
                Block::Figure(figure) => figure.label == item.label,
                Block::Notices { entries } => {
                    entries.iter().any(|entry| entry.text.starts_with(&format!("{}. ", item.label)))
                }
                _ => false,
            });
            assert!(shown, "{name}: {} is neither shown nor excused", item.label);
        }
    }
}

#[test]
fn a_label_used_twice_gets_two_anchors() {
    let mut results = sample_results::sample();
    for item in &mut results.layout {
        item.label = "Table 1".to_string();
    }
    let document = build(&results);
    let ids: Vec<&str> = tables(&document).map(|table| table.id.as_str()).collect();
    assert!(ids.len() > 5 && ids.iter().enumerate().all(|(at, id)| !ids[..at].contains(id)), "{ids:?}");
}

#[test]
fn what_was_not_computed_says_why_in_its_place() {
    let document = build(&sample_results::sample());
    let notice = document.blocks.iter().find_map(|block| match block {
        Block::Notices { entries } => entries.iter().find(|entry| entry.text.starts_with("Table 7. ")),
        _ => None,
    });
    let text = &notice.expect("a notice stands for Table 7").text;
    assert!(text.contains("no event was observed"), "{text}");
}

#[test]
fn performance_names_both_intervals_and_the_threshold() {
    let results = sample_results::sample();
    let document = build(&results);
    let table = table(&document, "Table 2");
    let notes = footnotes(table);
    assert!(notes.contains("DeLong"), "{notes}");
    assert!(notes.contains("stratified bootstrap, percentile, 2000 replicates"), "{notes}");
    assert!(notes.contains("Wilson; n, the subjects with the outcome"), "{notes}");
    assert!(notes.contains("Wilson; n, the subjects called positive"), "{notes}");
    assert!(table.notes.join(" ").contains("0.442 (largest Youden index on the training set)"), "{:?}", table.notes);
    let row = row(table, "Training set (n = 1164; 561 with Lymph-node metastasis)", "Stepwise logistic model");
    assert_eq!(row[1].text, "0.742 (0.724–0.760)");
    assert_eq!(row[1].number, Some(0.742));
}

#[test]
fn every_proportion_can_be_recounted() {
    let results = sample_results::sample();
    let document = build(&results);
    let (metrics, counts) = (table(&document, "Table 2"), table(&document, "Table 2, counts"));
    let section = "Test set";
    let count = |at: usize| row(counts, section, "Random forest")[at].number.expect("a count");
    let (true_positives, false_negatives) = (count(4), count(5));
    let sensitivity = 100.0 * true_positives / (true_positives + false_negatives);
    let printed = &row(metrics, section, "Random forest")[4].text;
    assert!(printed.starts_with(&format!("{sensitivity:.1} (")), "{printed} against {sensitivity}");
}

#[test]
fn a_baseline_row_names_its_test() {
    let document = build(&sample_results::sample());
    let table = table(&document, "Table 1");
    let age = row(table, "", "Age, years, mean ± SD");
    let p_value = &age[4];
    assert_eq!(p_value.text, "0.087");
    let note = table.footnotes.iter().find(|note| p_value.marks.contains(&note.mark));
    assert_eq!(note.expect("a footnote").text, "Welch t test.");
    assert_eq!(row(table, "", "Tumour size, n (%)")[4].text, "<\u{202f}0.001");
}

#[test]
fn cox_has_the_reference_level_in_a_row_of_its_own() {
    let document = build(&sample_results::sample());
    let table = table(&document, "Table 6");
    assert_eq!(row(table, "", "≤ 20 mm (reference)")[1].text, "1");
    let age = row(table, "", "Age, per 10 years");
    assert_eq!(age[1].text, "1.14 (1.08–1.21)");
    assert!(footnotes(table).contains("(β/SE)²"));
    assert!(table.notes.join(" ").contains("n = 1164, 448 events. Ties: Efron."), "{:?}", table.notes);
}

#[test]
fn a_median_that_is_not_reached_says_so() {
    let document = build(&sample_results::sample());
    let table = table(&document, "Table 5");
    assert_eq!(row(table, "Test set", "Low risk")[3].text, "NR");
    assert!(row(table, "Test set", "High risk")[3].text.ends_with("–NR)"));
    assert!(table.abbreviations.iter().any(|entry| entry.term == "NR"));
}

#[test]
fn abbreviations_in_heads_are_explained() {
    let document = build(&sample_results::sample());
    for table in tables(&document) {
        for known in ["AUC", "ACC", "SENS", "CI", "HR", "OR", "SE", "β", "SMD", "TP", "ICI", "O/E"] {
            let in_heads = table.columns.iter().any(|column| {
                let words = column.head.split(|character: char| !(character.is_alphanumeric() || character == '/'));
                words.into_iter().any(|word| word == known)
            });
            let explained = table.abbreviations.iter().any(|entry| entry.term == known);
            assert!(!in_heads || explained, "{}: {known}", table.label);
        }
    }
}

#[test]
fn methods_name_every_library_method_and_the_seed() {
    let results = sample_results::sample();
    let document = build(&results);
    let text: String = document
        .blocks
        .iter()
        .filter_map(|block| if let Block::Paragraph { text } = block { Some(text.as_str()) } else { None })
        .collect::<Vec<_>>()
        .join("\n");
    for library in &results.program.libraries {
        assert!(text.contains(&format!("{} {}", library.name, library.version)), "{}", library.name);
    }
    let named = [
        "seed 7",
        "DeLong",
        "2000 replicates",
        "Wilson",
        "Holm",
        "log-rank",
        "Efron",
        "Greenwood",
        "Welch t",
        "Schoenfeld",
    ];
    for name in named {
        assert!(text.contains(name), "the methods do not name {name}");
    }
}

fn paragraphs(document: &Document) -> String {
    let text = document.blocks.iter().filter_map(|block| match block {
        Block::Paragraph { text } => Some(text.as_str()),
        _ => None,
    });
    text.collect::<Vec<_>>().join("\n")
}

#[test]
fn methods_name_nothing_that_had_no_part() {
    let mut results = sample_results::sample();
    results.models.retain(|model| model.kind == "scores");
    results.analyses.clear();
    results.study.simulated = false;
    for partition in &mut results.partitions {
        partition.says = "operated before 1990".to_string();
    }
    let text = paragraphs(&build(&results));
    for unused in ["linfa", "smartcore", "Random numbers", "Selection", "caling", "mputation", "thresholds were"] {
        assert!(!text.contains(unused), "{unused} in {text}");
    }
    assert!(text.contains("No random number has a part in it"), "{text}");
}

fn figure<'a>(document: &'a Document, results: &Results, show: Show) -> &'a Figure {
    let label = &results.layout.iter().find(|item| item.show == show).expect("the layout has it").label;
    let found = document.blocks.iter().find_map(|block| match block {
        Block::Figure(figure) if figure.label == *label => Some(figure),
        _ => None,
    });
    found.expect("the figure is drawn")
}

#[test]
fn deaths_in_the_flow_do_not_read_as_survival() {
    let results = sample_results::sample();
    let document = build(&results);
    let svg = &figure(&document, &results, Show::AttritionFlow).svg;
    assert!(svg.contains("Overall survival, events"), "{svg}");
}

#[test]
fn the_whole_cohort_is_no_part_beside_the_parts() {
    let mut results = sample_results::sample();
    let mut all = results.partitions[0].clone();
    (all.id, all.label) = ("all".to_string(), "Everybody".to_string());
    results.partitions.push(all);
    let document = build(&results);
    for show in [Show::AttritionFlow, Show::WorkflowFigure] {
        if results.layout.iter().any(|item| item.show == show) {
            assert!(!figure(&document, &results, show).svg.contains("Everybody"), "{show:?}");
        }
    }
}

#[test]
fn tables_of_two_models_bear_two_numbers() {
    let mut results = sample_results::sample();
    results.models[1].selection = results.models[0].selection.clone();
    let label = results.layout.iter().find(|item| item.show == Show::SelectionTable).expect("a table").label.clone();
    let document = build(&results);
    let found: Vec<&str> =
        tables(&document).map(|table| table.label.as_str()).filter(|known| known.starts_with(&label)).collect();
    assert_eq!(found, [format!("{label}a"), format!("{label}b")]);
}

#[test]
fn a_model_chosen_without_a_screen_shows_what_was_chosen() {
    let mut results = sample_results::sample();
    let model = results.models.iter_mut().find(|model| model.selection.is_some()).expect("a model with a choice");
    let terms = model.coefficients.len();
    model.selection.as_mut().unwrap().screen.clear();
    let label = results.layout.iter().find(|item| item.show == Show::SelectionTable).expect("a table").label.clone();
    let document = build(&results);
    let table = tables(&document).find(|table| table.label == label).expect("the table");
    let heads: Vec<&str> = table.columns.iter().map(|column| column.head.as_str()).collect();
    assert_eq!(heads, ["Variable", "β", "OR"]);
    assert!(terms > 1 && table.rows.len() == terms, "{} rows of {terms} terms", table.rows.len());
}

#[test]
fn letters_without_a_glyph_are_warned_of() {
    let mut results = sample_results::sample();
    results.models[0].label = "模型".to_string();
    let document = build(&results);
    let warned = document.blocks.iter().any(|block| match block {
        Block::Notices { entries } => {
            entries.iter().any(|entry| entry.warning && entry.text.contains("“模型” in the label"))
        }
        _ => false,
    });
    assert!(warned);
}

#[test]
fn an_empty_set_and_one_class_are_shown_as_such() {
    let empty = build(&sample_results::empty_partition());
    let row_of = row(table(&empty, "Table 2"), "Validation set (n = 0", "Random forest");
    assert_eq!(row_of[1].text, "—");
    let no_events = build(&sample_results::no_events());
    let performance = table(&no_events, "Table 2");
    assert_eq!(row(performance, "Test set (n = 871; 0 with", "Random forest")[1].text, "—");
    assert!(footnotes(performance).contains("one class only"));
}

#[test]
fn nothing_at_all_still_makes_a_report() {
    let mut results = sample_results::results_of(&Shape::default());
    results.analyses.clear();
    results.models.clear();
    results.partitions.clear();
    results.outcomes.clear();
    results.notices.clear();
    let document = build(&results);
    assert!(document.blocks.iter().any(|block| matches!(block, Block::Notices { .. })));
    assert!(!results.analyses.iter().any(|analysis| matches!(analysis.outcome, AnalysisOutcome::Cox(_))));
}
