//! Letters that the fonts of the PDF lack: they are printed as boxes, so the report and the terminal say which label has
//! them. A web page borrows the reader's fonts and shows them.

use super::pdf;
use crate::results::Results;

/// So many of a label's letters are shown.
const SHOWN: usize = 12;

/// A sentence per label of the study that has such letters.
pub fn warnings(results: &Results) -> Vec<String> {
    labels(results).iter().filter_map(|label| warning(label)).collect()
}

/// A text that the spec gives, and what it is the text of.
struct Label<'a> {
    place: String,
    text: &'a str,
}

fn warning(label: &Label<'_>) -> Option<String> {
    let mut lacking: Vec<char> = Vec::new();
    for letter in label.text.chars().filter(|letter| !letter.is_control() && !pdf::has_glyph(*letter)) {
        if !lacking.contains(&letter) {
            lacking.push(letter);
        }
    }
    let shown: String = lacking.iter().take(SHOWN).collect();
    (!lacking.is_empty()).then(|| {
        format!(
            "No font of the PDF has the letters “{shown}” in {}: it shows boxes in their place. The web page shows the \
             letters; for the PDF, give the label in Latin, Greek or Cyrillic ones.",
            label.place
        )
    })
}

fn labels(results: &Results) -> Vec<Label<'_>> {
    let study = &results.study;
    let label = |place: String, text| Label { place, text };
    let mut labels = vec![label("the title of the study".to_string(), study.title.as_str())];
    labels.extend(study.description.as_deref().map(|text| label("the description of the study".to_string(), text)));
    labels.extend(study.data_source.as_deref().map(|text| label("the source of the data".to_string(), text)));
    for variable in &results.variables {
        labels.push(label(format!("the label of the variable `{}`", variable.name), &variable.label));
        labels.extend(variable.unit.as_deref().map(|text| label(format!("the unit of `{}`", variable.name), text)));
        let levels = variable.levels.iter();
        labels.extend(levels.map(|text| label(format!("a level of the variable `{}`", variable.name), text)));
    }
    for outcome in &results.outcomes {
        labels.push(label(format!("the label of the outcome `{}`", outcome.id), &outcome.label));
        let classes = outcome.negative_label.iter().chain(&outcome.positive_label);
        labels.extend(classes.map(|text| label(format!("the names of the outcome `{}`", outcome.id), text)));
    }
    labels.extend(
        results.models.iter().map(|model| label(format!("the label of the model `{}`", model.id), &model.label)),
    );
    labels.extend(
        results.external.iter().map(|cohort| label("the label of the external cohort".to_string(), &cohort.label)),
    );
    let steps = results.cohort.steps.iter();
    labels.extend(steps.map(|step| label("the words of a criterion".to_string(), &step.says)));
    let items = results.layout.iter();
    labels.extend(items.map(|item| label(format!("the caption of {}", item.label), &item.caption)));
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_would_be_boxes_are_named_with_their_label() {
        let warn = |text| warning(&Label { place: "the label of the model `m3`".to_string(), text });
        let found = warn("Größe, 中文 中").unwrap();
        assert!(found.contains("“中文” in the label of the model `m3`"), "{found}");
        for text in ["Größe ≤ 20 mm, κ = 0.8 (χ²) “ß”", "Модель", "β₀ − 10⁻⁴", ""] {
            assert_eq!(warn(text), None);
        }
    }
}
