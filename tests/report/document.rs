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

/// "Training 623, the whole cohort" and "Whole cohort 623, the whole cohort" stood below each other.
#[test]
fn a_cohort_without_a_split_is_one_row_with_both_names() {
    let mut results = sample_results::sample();
    results.layout.clear();
    results.analyses.clear();
    results.partitions.truncate(1);
    let again = vouch::results::PartitionFacts {
        id: "all".to_string(),
        label: "Whole cohort".to_string(),
        ..results.partitions[0].clone()
    };
    let first = again.clone();
    results.partitions.push(again);
    let sets = |results: &Results| tables(&build(results)).find(|table| table.id == "sets").expect("a table").clone();
    let table = sets(&results);
    assert_eq!(table.rows.len(), 1);
    assert_eq!(cells(&table).next().unwrap().text, format!("{}, Whole cohort", results.partitions[0].label));
    results.partitions[1].n = first.n - 1;
    assert_eq!(sets(&results).rows.len(), 2, "fewer subjects are another set");
}

/// On paper there is no slider: the figure says which model it shows, and where the others are.
#[test]
fn the_threshold_figure_says_which_model_it_shows() {
    let results = sample_results::sample();
    let document = build(&results);
    let svg = &figure(&document, &results, Show::ThresholdExplorer).svg;
    assert!(svg.contains(", of 5 models the "), "{}", &svg[svg.find("Model: ").expect("a note")..]);
    let one = sample_results::one_model();
    let document = build(&one);
    assert!(!figure(&document, &one, Show::ThresholdExplorer).svg.contains("models the "));
}

/// Thirteen metrics in one table: heads ran into each other, and intervals were broken over three lines.
#[test]
fn a_table_of_many_metrics_is_divided_and_loses_nothing() {
    let mut results = sample_results::sample();
    for analysis in &mut results.analyses {
        let AnalysisOutcome::Performance(performance) = &mut analysis.outcome else { continue };
        performance.metrics.extend(performance.metrics.clone());
        for row in &mut performance.rows {
            row.metrics.extend(row.metrics.clone());
        }
    }
    let whole = build(&sample_results::sample());
    let document = build(&results);
    let (first, second) = (table(&document, "Table 2"), table(&document, "Table 2, part 2"));
    assert!(!first.wide && !second.wide);
    assert!(first.columns.len().abs_diff(second.columns.len()) <= 1, "equal shares");
    let metrics = results.analyses.iter().find_map(|analysis| match &analysis.outcome {
        AnalysisOutcome::Performance(performance) => Some(performance.metrics.len()),
        _ => None,
    });
    let others = table(&whole, "Table 2").columns.len() - 1 - metrics.unwrap() / 2;
    assert_eq!(first.columns.len() - 1 + second.columns.len() - 1, others + metrics.unwrap());
    assert_eq!((first.rows.len(), second.rows.len()), (table(&whole, "Table 2").rows.len(), first.rows.len()));
    assert_eq!(row(first, "Test", "Random forest")[1], row(table(&whole, "Table 2"), "Test", "Random forest")[1]);
    assert_eq!(row(second, "Test", "Random forest")[0].text, "Random forest");
    assert!(
        second.abbreviations.iter().all(|entry| second.columns.iter().any(|column| column.head.contains(&entry.term)))
    );
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
fn a_withheld_column_of_all_does_not_move_the_others() {
    let mut results = sample_results::sample();
    for analysis in &mut results.analyses {
        let AnalysisOutcome::BaselineTable(baseline) = &mut analysis.outcome else { continue };
        for (at, row) in baseline.rows.iter_mut().enumerate() {
            for cell in row.cells.iter_mut() {
                // Of some variables that of all would give a small count away.
                cell.overall = (at % 2 == 0).then(|| cell.negative.clone());
            }
        }
    }
    let document = build(&results);
    let table = table(&document, "Table 1");
    let plain = build(&sample_results::sample());
    let plain = row(self::table(&plain, "Table 1"), "", "Premenopausal");
    let withheld = row(table, "", "Premenopausal");
    assert_ne!(withheld[1].text, plain[1].text);
    assert_eq!([&withheld[2].text, &withheld[3].text], [&plain[1].text, &plain[2].text]);
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
    let text = paragraphs(&document);
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

/// Paragraphs, and what stands under a term, as far as the provenance.
fn paragraphs(document: &Document) -> String {
    let is_provenance = |block: &&Block| matches!(block, Block::Heading { id, .. } if id == "provenance");
    let text = document.blocks.iter().take_while(|block| !is_provenance(block)).flat_map(|block| match block {
        Block::Paragraph { text } => vec![text.clone()],
        Block::Definitions { entries } => {
            entries.iter().map(|entry| format!("{}: {}", entry.term, entry.text)).collect()
        }
        _ => Vec::new(),
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
    model.selection.as_mut().unwrap().screen.clear();
    let label = results.layout.iter().find(|item| item.show == Show::SelectionTable).expect("a table").label.clone();
    let document = build(&results);
    let table = tables(&document).find(|table| table.label == label).expect("the table");
    let heads: Vec<&str> = table.columns.iter().map(|column| column.head.as_str()).collect();
    assert_eq!(heads, ["Variable", "β", "OR (95%\u{a0}CI)", "P"]);
    let size = row(table, "", "20–50 mm");
    assert!(size[2].text.starts_with("2.41 (") && size[3].text.starts_with('<'), "{size:?}");
    assert_eq!(row(table, "", "≤ 20 mm (reference)")[2].text, "1");
    assert_eq!(row(table, "", "Intercept")[1].text, "−1.2034");
}

#[test]
fn the_selected_variables_together_stand_beside_the_screen() {
    let results = sample_results::sample();
    let document = build(&results);
    let table = table(&document, "Table S1");
    let heads: Vec<&str> = table.spanning_heads.iter().map(|span| span.text.as_str()).collect();
    assert_eq!(heads, ["Univariable", "Multivariable, of the selected"]);
    let age = row(table, "", "Age, years");
    // Alone, then with the others: ratio with its interval, and P.
    assert!(
        age[1].text.starts_with("0.99 (") && age[6].text.starts_with("0.99 (") && age[7].text == "0.021",
        "{age:?}"
    );
    assert!(table.notes.join(" ").contains("as if nothing had been selected"), "{:?}", table.notes);
    // A model that is no such regression is said to be another.
    let mut other = results;
    other.models[0].kind = "svm".to_string();
    other.models[0].coefficients.clear();
    let document = build(&other);
    let notes = tables(&document).find(|table| table.label == "Table S1").unwrap().notes.join(" ");
    assert!(notes.contains("is then fitted on these variables in its own way"), "{notes}");
}

#[test]
fn the_models_in_full_have_intervals_where_the_fit_has_them() {
    let document = build(&sample_results::sample());
    let table = table(&document, "Table S2");
    let size = row(table, "Stepwise logistic model", "20–50 mm");
    assert!(size[2].text.contains('('), "{size:?}");
    let penalised = row(table, "Logistic regression", "20–50 mm");
    assert!(!penalised[2].text.contains('('), "{penalised:?}");
    assert!(table.notes.join(" ").contains("without an interval: Logistic regression"), "{:?}", table.notes);
}

#[test]
fn each_method_stands_under_the_tables_that_it_is_of() {
    let mut results = sample_results::sample();
    // A second analysis of two of the models, shown nowhere.
    let AnalysisOutcome::Performance(mut readers) = results.analysis("performance").unwrap().outcome.clone() else {
        panic!()
    };
    readers.models.truncate(2);
    readers.metrics.clear();
    results
        .analyses
        .push(vouch::results::Analysis { id: "readers".to_string(), outcome: AnalysisOutcome::Performance(readers) });
    let text = paragraphs(&build(&results));
    assert!(
        text.contains(
            "Figure S3, Figure S4, Table S1, Table 2 and Figure 2: Discrimination of “Lymph-node metastasis” is"
        ),
        "{text}"
    );
    assert!(
        text.contains("In no table or figure: Discrimination of “Lymph-node metastasis” by “Stepwise logistic model” and “Logistic regression” is"),
        "{text}"
    );
}

#[test]
fn methods_say_what_happened_to_missing_values_and_how_columns_came_about() {
    let mut results = sample_results::sample();
    let text = paragraphs(&build(&results));
    assert!(text.contains("more than 20% of their values missing were to be left out of all models: “HER2 status” (1402 of 2438, 57.5%)"), "{text}");
    assert!(text.contains("(complete cases): 73 were. Nothing was imputed."), "{text}");
    assert!(text.contains("os_years: Overall survival = dtime / 365.25"), "{text}");
    results.study.missing = Some(vouch::results::MissingRule { drop_above: None, imputed: true });
    results.models[0].imputed = vec![vouch::results::ImputedFacts {
        variable: "grade".to_string(),
        value: None,
        level: Some("Grade 3".to_string()),
    }];
    let text = paragraphs(&build(&results));
    assert!(
        text.contains("“Differentiation grade” (0 values) by “Grade 3”") && !text.contains("Nothing was imputed"),
        "{text}"
    );
}

#[test]
fn a_standardised_difference_is_defined() {
    let document = build(&sample_results::sample());
    let notes = table(&document, "Table 1").notes.join(" ");
    assert!(
        notes.contains("SMD: of a continuous variable the mean of the second group less that of the first"),
        "{notes}"
    );
    assert!(notes.contains("which has no sign"), "{notes}");
}

/// The texts of an item's links.
fn evidence(document: &Document, number: &str) -> Vec<String> {
    let checklist = document.blocks.iter().find_map(|block| match block {
        Block::Checklist(checklist) => Some(checklist),
        _ => None,
    });
    let items = &checklist.expect("a checklist").items;
    let item = items.iter().find(|item| item.number == number).unwrap_or_else(|| panic!("no item {number}"));
    item.evidence.iter().map(|link| link.text.clone()).collect()
}

#[test]
fn a_checklist_links_to_what_was_done_and_to_nothing_else() {
    let mut results = sample_results::sample();
    results.presentation.checklists = vec![vouch::results::Checklist::TripodAi];
    let document = build(&results);
    assert!(evidence(&document, "11").contains(&"Methods".to_string()), "missing data are told there");
    assert_eq!(evidence(&document, "13"), ["Sets and their events"], "no method speaks of class imbalance");
    assert!(evidence(&document, "5b").contains(&"Cohort".to_string()), "a criterion names years");
    assert_eq!(evidence(&document, "20c"), ["Table 1"], "training and test set stand side by side");
    // Without missing values, dates, and sets side by side, nothing is claimed.
    results.cohort.steps.clear();
    results.cohort.dropped_variables.clear();
    results.cohort.missing_values = None;
    results.study.missing = None;
    for partition in &mut results.partitions {
        partition.says = "random".to_string();
    }
    for analysis in &mut results.analyses {
        if let AnalysisOutcome::BaselineTable(table) = &mut analysis.outcome {
            table.sets.truncate(1);
            table.rows.iter_mut().for_each(|row| row.cells.truncate(1));
        }
    }
    let document = build(&results);
    for number in ["5b", "20c"] {
        assert!(evidence(&document, number).is_empty(), "{number}: {:?}", evidence(&document, number));
    }
    assert!(!evidence(&document, "11").contains(&"Methods".to_string()));
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
