//! Labels in the place of ids; an id that the results do not describe stands for itself.

use crate::report::number::count;
use crate::results::{CalibrationGroup, OutcomeFacts, PartitionFacts, Results, ThresholdFacts, VariableFacts};
use crate::stats::{Interval, NullDistribution, Test};

/// Looks labels up.
pub struct Names<'a> {
    pub results: &'a Results,
}

impl<'a> Names<'a> {
    pub fn model(&self, id: &'a str) -> &'a str {
        self.results.model(id).map_or(id, |model| &model.label)
    }

    pub fn partition(&self, id: &'a str) -> &'a str {
        self.results.partition(id).map_or(id, |partition: &PartitionFacts| &partition.label)
    }

    pub fn outcome(&self, id: &'a str) -> &'a str {
        self.results.outcome(id).map_or(id, |outcome| &outcome.label)
    }

    /// What a survival curve of the outcome shows: "Overall survival", "Free of relapse".
    pub fn event_free(&self, id: &str) -> String {
        self.results.outcome(id).map_or_else(|| id.to_string(), OutcomeFacts::event_free)
    }

    /// Why a group has no rate at a time.
    pub fn no_rate(&self) -> String {
        match self.results.presentation.minimum_cell {
            None => "The last observation is before this time.".to_string(),
            Some(minimum) => format!(
                "The last observation is before this time, or the rate is withheld: fewer than {minimum} had the event by \
                 then, between this and another number that is told, or later, or fewer are at risk."
            ),
        }
    }

    pub fn outcome_facts(&self, id: &str) -> Option<&'a OutcomeFacts> {
        self.results.outcome(id)
    }

    pub fn variable_facts(&self, name: &str) -> Option<&'a VariableFacts> {
        self.results.variable(name)
    }

    pub fn variable(&self, name: &'a str) -> &'a str {
        self.results.variable(name).map_or(name, |variable| &variable.label)
    }

    /// The name of a term of a regression. Groups that a model's score makes are called by the score alone: where it was cut
    /// is for a note, by [`Names::cut`].
    pub fn term(&self, name: &'a str) -> &'a str {
        match self.results.variable(name) {
            Some(variable) => &variable.label,
            None => score_and_cut(name).map_or(name, |(score, _)| score),
        }
    }

    /// "Score of the model “Clinical”: cut at 0.520 (largest Youden index, …)", where the term is of such groups.
    pub fn cut(&self, name: &'a str) -> Option<String> {
        let (score, cut) = self.results.variable(name).map_or_else(|| score_and_cut(name), |_| None)?;
        Some(format!("{score}: {cut}"))
    }

    /// "Age, years"
    pub fn variable_with_unit(&self, name: &str) -> String {
        match self.results.variable(name) {
            Some(VariableFacts { label, unit: Some(unit), .. }) if !unit.is_empty() => format!("{label}, {unit}"),
            Some(variable) => variable.label.clone(),
            None => name.to_string(),
        }
    }

    /// "Marker, U/l, as ln(1 + x)": how the variable enters models.
    pub fn variable_in_models(&self, name: &str) -> String {
        let label = self.variable_with_unit(name);
        match self.results.variable(name).and_then(|variable| variable.transform.as_ref()) {
            Some(transform) if transform.contains(',') => format!("{label} ({transform})"),
            Some(transform) => format!("{label}, as {transform}"),
            None => label,
        }
    }

    /// "Marker as ln(1 + x)", without the unit.
    pub fn predictor(&self, name: &'a str) -> String {
        let label = self.variable(name);
        match self.results.variable(name).and_then(|variable| variable.transform.as_ref()) {
            Some(transform) if transform.contains(',') => format!("{label} ({transform})"),
            Some(transform) => format!("{label} as {transform}"),
            None => label.to_string(),
        }
    }

    /// A set within a sentence: "the training set".
    pub fn set(&self, id: &'a str) -> String {
        let label = lower_first(self.partition(id));
        let named =
            ["set", "sets", "cohort", "part", "parts"].iter().any(|noun| label.split(' ').any(|word| word == *noun));
        if named { format!("the {label}") } else { format!("the {label} set") }
    }

    /// "largest Youden index on the training set"; what was declared beforehand was chosen on no set.
    pub fn rule(&self, threshold: &'a ThresholdFacts) -> String {
        if Self::is_declared(threshold) {
            return threshold.rule.clone();
        }
        format!("{} on {}", threshold.rule, self.set(&threshold.chosen_on))
    }

    /// The threshold is the study's own and was not chosen on any of its subjects.
    pub fn is_declared(threshold: &ThresholdFacts) -> bool {
        threshold.chosen_on == "declared"
    }

    /// The unit of a survival outcome's times: "years".
    pub fn time_unit(&self, outcome: &str) -> &'a str {
        self.results.outcome(outcome).and_then(|outcome| outcome.time_unit.as_deref()).unwrap_or("time units")
    }
}

/// "Score of the model “Clinical”" and "cut at 0.520 (…)" of the words for groups by a score.
fn score_and_cut(says: &str) -> Option<(&str, &str)> {
    if !says.to_lowercase().starts_with("score of the model “") {
        return None;
    }
    says.split_once(", cut at ").map(|(score, _)| (score, &says[score.len() + ", ".len()..]))
}

/// The methods of these intervals, each once, in the order in which they are met.
pub fn interval_methods<'a>(intervals: impl IntoIterator<Item = &'a Interval>) -> Vec<&'a str> {
    distinct(intervals.into_iter().map(|interval| interval.method.as_ref()))
}

/// The name of a test, with the number of replicates where its P-value comes of some.
pub fn method_of(test: &Test) -> String {
    match test.distribution {
        NullDistribution::Resampled { replicates } if !test.method.contains("replicates") => {
            format!("{}, {} replicates", test.method, count(replicates))
        }
        _ => test.method.to_string(),
    }
}

/// "5 groups of predicted risk of 12 subjects each", "of 11 to 13 subjects each": of the calibration of one or more models.
pub fn group_sizes<'a>(rows: impl Iterator<Item = &'a [CalibrationGroup]>) -> String {
    let rows: Vec<&[CalibrationGroup]> = rows.filter(|groups| !groups.is_empty()).collect();
    let range = |numbers: &mut dyn Iterator<Item = usize>| {
        let numbers: Vec<usize> = numbers.collect();
        match (numbers.iter().min(), numbers.iter().max()) {
            (Some(least), Some(most)) if least == most => count(*least),
            (Some(least), Some(most)) => format!("{} to {}", count(*least), count(*most)),
            _ => String::new(),
        }
    };
    let groups = range(&mut rows.iter().map(|groups| groups.len()));
    let subjects = range(&mut rows.iter().flat_map(|groups| groups.iter()).map(|group| group.observed.n));
    format!("{groups} groups of predicted risk of {subjects} subjects each")
}

/// Each text once, in the order in which it is met.
pub fn distinct<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut found = Vec::new();
    for text in texts {
        if !found.contains(&text) {
            found.push(text);
        }
    }
    found
}

/// "a", "a and b", "a, b and c"
pub fn list(parts: &[impl AsRef<str>]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.as_ref().to_string(),
        [front @ .., last] => {
            let front: Vec<&str> = front.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", front.join(", "), last.as_ref())
        }
    }
}

/// A sentence's first letter as a capital.
pub fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

/// A metric's label within a sentence: "positive predictive value", but "F1 score" and "Youden's J".
pub fn metric(label: &str) -> String {
    match label.split(' ').next() {
        Some("F1" | "Youden's" | "Matthews" | "Cohen's") => label.to_string(),
        _ => lower_first(label),
    }
}

/// One of the program's own words within a sentence: "training" of "Training". A label that the study gives is printed as it
/// is, since nothing here knows a proper name.
pub fn lower_first(label: &str) -> String {
    let mut characters = label.chars();
    match (characters.next(), characters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(std::iter::once(second)).chain(characters).collect()
        }
        _ => label.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_label_is_short_and_its_rest_is_kept() {
        let says =
            "Score of the model “Clinical, cut”, cut at 0.520 (largest Youden index, chosen on the training part)";
        let (score, cut) = score_and_cut(says).unwrap();
        assert_eq!(score, "Score of the model “Clinical, cut”");
        assert_eq!(cut, "cut at 0.520 (largest Youden index, chosen on the training part)");
        assert_eq!(score_and_cut("Score of pain"), None);
    }
}
