//! What holds for every figure, whatever the results: nothing is cut off, no text meets another, labels are text, marks
//! stand where the axes put them, and the same results give the same bytes.

use crate::support::sample_results;
use std::sync::OnceLock;
use vouch::report::figure::{Drawing, FigureError, draw};
use vouch::report::font::{self, Weight};
use vouch::report::theme;
use vouch::results::*;
use vouch::stats::Estimate;

/// An element with its attributes and the text directly in it.
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    /// Classes of the groups around it.
    within: Vec<String>,
}

impl Element {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn number(&self, name: &str) -> f64 {
        self.attribute(name).unwrap().parse().unwrap()
    }

    fn is_in(&self, class: &str) -> bool {
        self.within.iter().any(|other| other == class)
    }
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'").replace("&amp;", "&")
}

/// Reads the SVG; fails where a tag is not closed by its own end.
fn elements(svg: &str) -> Vec<Element> {
    let mut found: Vec<Element> = Vec::new();
    let mut open: Vec<(String, String)> = Vec::new();
    let mut rest = svg;
    while let Some(start) = rest.find('<') {
        let end = start + rest[start..].find('>').expect("a tag ends");
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().expect("something is open").0, name);
            continue;
        }
        let closed = tag.ends_with('/');
        let tag = tag.trim_end_matches('/');
        let (name, mut list) = tag.split_once(' ').unwrap_or((tag, ""));
        let mut attributes = Vec::new();
        while let Some((key, after)) = list.split_once("=\"") {
            let (value, after) = after.split_once('"').expect("a value ends");
            attributes.push((key.trim().to_string(), unescaped(value)));
            list = after;
        }
        assert!(list.trim().is_empty(), "stray text in the tag <{tag}>");
        let text = if closed { String::new() } else { unescaped(&rest[..rest.find('<').unwrap()]) };
        let within = open.iter().map(|(_, class)| class.clone()).collect();
        let element = Element { name: name.to_string(), attributes, text, within };
        if !closed {
            open.push((name.to_string(), element.attribute("class").unwrap_or("").to_string()));
        }
        found.push(element);
    }
    assert!(open.is_empty(), "left open: {open:?}");
    found
}

/// What a text covers: left, top, right, bottom.
fn extent(text: &Element) -> [f64; 4] {
    let size = text.number("font-size");
    let weight = if text.attribute("font-weight").is_some() { Weight::SemiBold } else { Weight::Regular };
    let width = font::width(&text.text, weight, size);
    let before = match text.attribute("text-anchor") {
        Some("middle") => width / 2.0,
        Some("end") => width,
        _ => 0.0,
    };
    let (above, below) = (font::CAP_HEIGHT * size, 0.15 * size);
    match text.attribute("transform") {
        Some(transform) => {
            let (x, y) =
                transform.strip_prefix("translate(").unwrap().split_once(')').unwrap().0.split_once(' ').unwrap();
            let (x, y): (f64, f64) = (x.parse().unwrap(), y.parse().unwrap());
            [x - above, y - (width - before), x + below, y + before]
        }
        None => {
            let (x, y) = (text.number("x"), text.number("y"));
            [x - before, y - above, x - before + width, y + below]
        }
    }
}

/// The figures of results, each with a name for messages.
fn figures(name: &str, results: &Results) -> Vec<(String, Drawing)> {
    let items = results.layout.iter().filter(|item| item.show.is_figure());
    items.map(|item| (format!("{name}, {:?}", item.show), draw(results, item).unwrap())).collect()
}

fn drawn() -> Vec<(String, Drawing)> {
    variants().iter().flat_map(|(name, results)| figures(name, results)).collect()
}

/// Every figure of every variant, drawn once for all tests.
fn all_figures() -> &'static [(String, Drawing)] {
    static FIGURES: OnceLock<Vec<(String, Drawing)>> = OnceLock::new();
    FIGURES.get_or_init(drawn)
}

fn only(show: Show, results: &Results) -> Drawing {
    draw(results, results.layout.iter().find(|item| item.show == show).unwrap()).unwrap()
}

/// The samples, and what they do not stretch.
fn variants() -> Vec<(&'static str, Results)> {
    vec![
        ("sample", sample_results::sample()),
        ("one model", sample_results::one_model()),
        ("forty models", sample_results::forty_models()),
        ("long labels", sample_results::long_labels()),
        ("twelve levels", sample_results::twelve_levels()),
        ("empty partition", sample_results::empty_partition()),
        ("no events", sample_results::no_events()),
        ("one partition", of_partitions(sample_results::sample(), 1)),
        ("one partition, forty models", of_partitions(sample_results::forty_models(), 1)),
        ("two partitions", of_partitions(sample_results::sample(), 2)),
        ("three partitions", of_partitions(sample_results::sample(), 3)),
        ("no step", with_steps(0)),
        ("one step", with_steps(1)),
        ("twelve steps", with_steps(12)),
        ("seven parts", seven_parts()),
        ("four groups", four_groups()),
        ("a million subjects", a_million_subjects()),
        ("a hundred models", a_hundred_models()),
        ("long names", long_names()),
        ("separated", separated()),
        ("univariable only", univariable_only()),
        ("much missing", much_missing(60, 45)),
        ("one variable missing", much_missing(1, 1)),
        ("nothing missing", nothing_missing()),
        ("small counts withheld", vouch::results::privacy::withhold(sample_results::sample(), 10)),
    ]
}

fn analysis<'a, T>(results: &'a mut Results, pick: impl Fn(&'a mut AnalysisOutcome) -> Option<T>) -> T {
    results.analyses.iter_mut().find_map(|analysis| pick(&mut analysis.outcome)).unwrap()
}

fn survival_of(results: &mut Results) -> &mut SurvivalAnalysis {
    analysis(
        results,
        |outcome| if let AnalysisOutcome::KaplanMeier(survival) = outcome { Some(survival) } else { None },
    )
}

fn cox_of(results: &mut Results) -> &mut CoxAnalysis {
    analysis(results, |outcome| if let AnalysisOutcome::Cox(cox) = outcome { Some(cox) } else { None })
}

fn of_partitions(mut results: Results, count: usize) -> Results {
    results.partitions.truncate(count);
    let kept: Vec<String> = results.partitions.iter().map(|partition| partition.id.clone()).collect();
    for analysis in &mut results.analyses {
        match &mut analysis.outcome {
            AnalysisOutcome::Performance(performance) => performance.partitions.truncate(count),
            AnalysisOutcome::KaplanMeier(survival) => survival.partitions.truncate(count),
            AnalysisOutcome::Calibration(calibration) => calibration.rows.retain(|row| kept.contains(&row.partition)),
            _ => {}
        }
    }
    results
}

/// Missing values of so many variables in so many combinations.
fn much_missing(variables: usize, combinations: usize) -> Results {
    let mut results = sample_results::sample();
    let name = |at: usize| format!("v{at}");
    let prototype = results.variables[0].clone();
    results.variables = (0..variables)
        .map(|at| VariableFacts {
            name: name(at),
            label: format!("Laboratory value {at} at the day of the first visit to the clinic"),
            ..prototype.clone()
        })
        .collect();
    results.cohort.missing_values = Some(MissingValues {
        n: 1_234_567,
        complete: 1_000_000,
        variables: (0..variables).map(|at| MissingVariable { variable: name(at), missing: 200_000 - at }).collect(),
        patterns: (0..combinations)
            .map(|at| MissingPattern {
                variables: (0..variables).filter(|variable| (at + variable) % 3 == 0).map(name).collect(),
                subjects: 100_000 / (at + 1),
            })
            .collect(),
        others: 17,
    });
    results
}

fn nothing_missing() -> Results {
    let mut results = sample_results::sample();
    results.cohort.missing_values = None;
    results
}

fn with_steps(count: usize) -> Results {
    let mut results = sample_results::sample();
    let kinds = [AttritionKind::Inclusion, AttritionKind::Exclusion, AttritionKind::Missing];
    results.cohort.steps = (0..count)
        .map(|index| AttritionStep {
            id: format!("step_{index}"),
            says: match index % 3 {
                0 => "Pathology confirmed".to_string(),
                1 => "Any systemic treatment before surgery, or lost to follow-up within six months after it for reasons \
                      that the records do not give"
                    .to_string(),
                _ => "Carbohydrate-antigen-19-9/carcinoembryonic-antigen-ratio".to_string(),
            },
            kind: kinds[index % 3],
            excluded: 10 * index,
            remaining: 1_234_567 - 100 * index,
        })
        .collect();
    results
}

fn seven_parts() -> Results {
    let mut results = sample_results::sample();
    let part = results.partitions[0].clone();
    results.partitions = (1..=7)
        .map(|site| PartitionFacts { id: format!("site_{site}"), label: format!("Hospital {site}"), ..part.clone() })
        .collect();
    results
}

/// A group without subjects, one without events, one that falls to zero, and one with a long name.
fn four_groups() -> Results {
    let mut results = of_partitions(sample_results::sample(), 2);
    let survival = survival_of(&mut results);
    let labels =
        ["Very low risk", "Low risk", "Intermediate", "High risk by the pathologist’s reading of the resected nodes"];
    survival.group_labels = labels.map(String::from).to_vec();
    let times = survival.risk_table_times.len();
    for partition in &mut survival.partitions {
        let (low, high) = (partition.groups[0].clone(), partition.groups[1].clone());
        let mut flat = low.clone();
        flat.events = 0;
        flat.curve.iter_mut().for_each(|point| (point.survival, point.lower, point.upper) = (1.0, 1.0, 1.0));
        let mut falling = high.clone();
        falling.curve.iter_mut().for_each(|point| {
            point.survival = (1.0 - point.time / 8.0).max(0.0);
            (point.lower, point.upper) = ((point.survival - 0.1).max(0.0), (point.survival + 0.1).min(1.0));
        });
        let empty = GroupSurvival {
            label: labels[2].to_string(),
            n: 0,
            events: 0,
            median: None,
            median_withheld: false,
            rates: vec![None; survival.rate_times.len()],
            at_risk: vec![Some(0); times],
            curve: Vec::new(),
            censored_at: Vec::new(),
            tallies: CurveTallies::default(),
        };
        partition.groups = vec![flat, low, empty, falling];
        for (group, label) in partition.groups.iter_mut().zip(labels) {
            group.label = label.to_string();
        }
    }
    results
}

fn a_million_subjects() -> Results {
    let mut results = sample_results::sample();
    let survival = survival_of(&mut results);
    for group in survival.partitions.iter_mut().flat_map(|partition| &mut partition.groups) {
        group.at_risk.iter_mut().flatten().for_each(|count| *count = *count * 1000 + 123);
    }
    results
}

fn a_hundred_models() -> Results {
    let shape = sample_results::Shape::default();
    let models = (0..100).map(|index| (format!("Model {index}"), 0.5 + 0.004 * f64::from(index))).collect();
    sample_results::results_of(&sample_results::Shape { models, ..shape })
}

/// Everything that a study can name, named at length.
fn long_names() -> Results {
    let mut results = sample_results::sample();
    let longer =
        |text: &mut String| *text = format!("{text}, as the protocol of the second multicentre cohort names it");
    results.partitions.iter_mut().for_each(|partition| longer(&mut partition.label));
    results.partitions.iter_mut().for_each(|partition| longer(&mut partition.says));
    results.outcomes.iter_mut().for_each(|outcome| longer(&mut outcome.label));
    results.variables.iter_mut().for_each(|variable| longer(&mut variable.label));
    results.models.iter_mut().for_each(|model| longer(&mut model.label));
    results.cohort.steps.iter_mut().for_each(|step| longer(&mut step.says));
    let survival = survival_of(&mut results);
    survival.group_labels.iter_mut().for_each(longer);
    survival
        .partitions
        .iter_mut()
        .flat_map(|partition| &mut partition.groups)
        .for_each(|group| longer(&mut group.label));
    results
}

/// Intervals that no axis holds, and estimates beyond every axis.
fn separated() -> Results {
    let mut results = sample_results::sample();
    let n = 40;
    let cox = cox_of(&mut results);
    cox.univariable[0].hazard_ratio = Estimate::new(1.0e9, n).with_interval(0.0, f64::INFINITY, 0.95, "Wald");
    cox.univariable[1].hazard_ratio = Estimate::new(2.1, n).with_interval(0.0004, 9_200.0, 0.95, "Wald");
    cox.multivariable[2].hazard_ratio = Estimate::new(0.0, n).with_interval(0.0, f64::INFINITY, 0.95, "Wald");
    cox.multivariable[2].standard_error = f64::INFINITY;
    cox.multivariable.truncate(4);
    results
}

fn univariable_only() -> Results {
    let mut results = sample_results::sample();
    cox_of(&mut results).multivariable.clear();
    results
}

#[test]
fn nothing_is_cut_off() {
    for (name, drawing) in all_figures() {
        assert!(drawing.width <= theme::FULL_WIDTH + 1e-9, "{name}");
        assert!(drawing.height > 0.0 && drawing.height <= theme::FULL_HEIGHT, "{name} is {} pt high", drawing.height);
        for element in elements(&drawing.svg).iter().filter(|element| element.name == "text") {
            let [left, top, right, bottom] = extent(element);
            let within = left >= -0.5 && top >= -0.5 && right <= drawing.width + 0.5 && bottom <= drawing.height + 0.5;
            assert!(within, "{name}: “{}” is cut off: {left} {top} {right} {bottom}", element.text);
        }
    }
}

#[test]
fn no_text_meets_another() {
    for (name, drawing) in all_figures() {
        let elements = elements(&drawing.svg);
        let texts: Vec<(&Element, [f64; 4])> = elements
            .iter()
            .filter(|element| element.name == "text" && !element.text.trim().is_empty())
            .map(|element| (element, extent(element)))
            .collect();
        for (index, (one, a)) in texts.iter().enumerate() {
            for (other, b) in &texts[..index] {
                let apart = a[2] <= b[0] + 0.2 || b[2] <= a[0] + 0.2 || a[3] <= b[1] + 0.2 || b[3] <= a[1] + 0.2;
                assert!(apart, "{name}: “{}” {a:?} meets “{}” {b:?}", one.text, other.text);
            }
        }
    }
}

#[test]
fn numbers_at_risk_stand_under_the_ticks_of_their_times() {
    for (name, results) in variants() {
        let drawing = only(Show::SurvivalFigure, &results);
        let elements = elements(&drawing.svg);
        // Panel by panel: the ticks' numbers come first, then the rows of the table.
        let mut ticks: Vec<f64> = Vec::new();
        let mut checked = 0;
        for element in &elements {
            if element.attribute("class") == Some("panel") {
                ticks.clear();
            }
            if element.name == "text" && element.is_in("axis-x") {
                ticks.push(element.number("x"));
            }
            if element.name == "text"
                && element.is_in("risk-table")
                && element.attribute("text-anchor") == Some("middle")
            {
                assert!(ticks.contains(&element.number("x")), "{name}: {} is under no tick", element.text);
                checked += 1;
            }
        }
        // Results that were not just computed do not know the counts behind a curve: withheld, they tell nothing over time.
        assert!(checked >= 4 || name == "small counts withheld", "{name}");
    }
}

#[test]
fn roc_panels_are_square() {
    for (name, results) in variants() {
        let drawing = only(Show::RocFigure, &results);
        let panels = elements(&drawing.svg);
        let panels: Vec<&Element> =
            panels.iter().filter(|element| element.attribute("class") == Some("panel")).collect();
        assert!(!panels.is_empty());
        for panel in panels {
            assert_eq!(panel.number("data-width"), panel.number("data-height"), "{name}");
        }
    }
}

/// A page recolours by class: a colour without its class would stay light on a dark page.
#[test]
fn every_colour_has_its_class() {
    let rules = theme::stylesheet();
    for (name, drawing) in figures("sample", &sample_results::sample()) {
        for element in elements(&drawing.svg) {
            for paint in ["fill", "stroke"] {
                let Some(colour) = element.attribute(paint).filter(|colour| *colour != "none") else { continue };
                let classes: Vec<&str> = element
                    .attribute("class")
                    .into_iter()
                    .chain(element.within.last().map(String::as_str))
                    .flat_map(|classes| classes.split(' '))
                    .filter(|class| class.starts_with(paint))
                    .collect();
                assert!(!classes.is_empty(), "{name}: {paint} {colour} of <{}> has no class", element.name);
                assert!(classes.iter().all(|class| rules.contains(&format!(".{class},"))), "{name}: {classes:?}");
            }
        }
    }
}

/// A viewer says a mark's value under the pointer.
#[test]
fn every_mark_says_its_value() {
    for (name, drawing) in all_figures() {
        let elements = elements(&drawing.svg);
        for (at, mark) in elements.iter().enumerate() {
            let class = mark.attribute("class").unwrap_or("");
            if !class.split(' ').any(|class| class == "mark" || class == "curve") {
                continue;
            }
            let title = elements.get(at + 1).filter(|element| element.name == "title");
            let title = title.unwrap_or_else(|| panic!("{name}: a {class} without a title"));
            assert!(title.text.starts_with(mark.attribute("data-label").unwrap()), "{name}");
            assert!(title.text.ends_with(mark.attribute("data-text").unwrap()), "{name}");
        }
    }
}

#[test]
fn labels_are_text_and_figures_can_share_a_page() {
    let results = sample_results::long_labels();
    for (name, drawing) in figures("long labels", &results) {
        assert!(!drawing.svg.contains("<script") && !drawing.svg.contains("<b>"), "{name}");
        assert!(elements(&drawing.svg).iter().all(|element| element.attribute("id").is_none()), "{name}");
        assert!(!drawing.alternative_text.is_empty());
    }
}

#[test]
fn a_straight_minus_is_never_printed_for_a_negative_number() {
    for (name, drawing) in all_figures() {
        for element in elements(&drawing.svg).iter().filter(|element| element.name == "text") {
            let hyphen = element.text.as_bytes().windows(2).enumerate().any(|(at, pair)| {
                pair[0] == b'-' && pair[1].is_ascii_digit() && (at == 0 || element.text.as_bytes()[at - 1] == b' ')
            });
            assert!(!hyphen, "{name}: {}", element.text);
        }
    }
}

#[test]
fn the_same_results_give_the_same_bytes() {
    assert!(all_figures() == drawn());
}

#[test]
fn tables_of_values_are_rectangular() {
    for (name, drawing) in all_figures() {
        assert!(!drawing.data.columns.is_empty(), "{name}");
        assert!(drawing.data.rows.iter().all(|row| row.len() == drawing.data.columns.len()), "{name}");
    }
}

#[test]
fn what_cannot_be_drawn_says_why() {
    let results = sample_results::sample();
    let item = |show, of: Option<&str>| LayoutItem {
        show,
        label: "Figure 9".to_string(),
        of: of.map(str::to_string),
        caption: String::new(),
    };
    assert!(matches!(draw(&results, &item(Show::CoxTable, Some("cox"))), Err(FigureError::NotAFigure { .. })));
    assert!(matches!(draw(&results, &item(Show::RocFigure, None)), Err(FigureError::NoAnalysis { .. })));
    assert!(matches!(draw(&results, &item(Show::RocFigure, Some("x"))), Err(FigureError::UnknownAnalysis { .. })));
    assert!(matches!(draw(&results, &item(Show::RocFigure, Some("cox"))), Err(FigureError::OtherKind { .. })));
    let mut empty = sample_results::sample();
    survival_of(&mut empty).partitions.clear();
    assert!(matches!(draw(&empty, &item(Show::SurvivalFigure, Some("survival"))), Err(FigureError::Nothing { .. })));
    assert!(matches!(
        draw(&results, &item(Show::CoxForestFigure, Some("subgroups"))),
        Err(FigureError::NotComputed { .. })
    ));
}
