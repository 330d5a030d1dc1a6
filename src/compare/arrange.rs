//! Base and variants on the same subjects, in one order. Subjects, outcomes or parts that do not match are refused, with
//! counts and rows; identifiers are handed out only as a list that somebody asks for.

use super::declaration::Declaration;
use super::facts::ThresholdFacts;
use super::measure::Measure;
use super::source::{Grouping, Source};
use crate::data::OutcomeData;
use crate::data::table::rows_in_words;
use crate::predictions::order::Pairing;
use crate::spec::diagnostic::suggestion;
use crate::spec::raw::RawThresholdRule;
use crate::spec::study::{Part, PartitionName};
use crate::stats::Orientation;
use crate::stats::threshold::{Metric, ThresholdRule, rule};
use indexmap::IndexMap;
use rayon::prelude::*;
use std::sync::Arc;

/// The subjects that are compared.
#[derive(Clone, Debug)]
pub struct Subjects {
    pub outcome: OutcomeData,
    pub groups: IndexMap<String, Grouping>,
}

/// A model's scores of these subjects.
#[derive(Clone, Debug)]
pub struct Scores {
    pub model: String,
    pub label: String,
    pub orientation: Orientation,
    pub gives_probability: bool,
    pub score: Vec<f64>,
    pub threshold: Option<ThresholdFacts>,
}

#[derive(Clone, Debug)]
pub struct Arranged {
    pub subjects: Subjects,
    pub base: Scores,
    pub variants: Vec<Scores>,
    pub outcome: String,
    pub partition: String,
    pub notices: Vec<String>,
}

/// The binary outcome with both models' probabilities.
pub struct Probabilities<'a> {
    pub outcome: &'a [bool],
    pub base: &'a [f64],
    pub variant: &'a [f64],
}

#[derive(Debug, thiserror::Error)]
pub enum ArrangeError {
    #[error("the base has several outcomes, declare `outcome`: {}", .0.join(", "))]
    WhichOutcome(Vec<String>),
    #[error("the base has no outcome `{outcome}`; {help}")]
    NoSuchOutcome { outcome: String, help: String },
    #[error("the base has no outcome: a column `outcome_<id>` is needed")]
    NoOutcome,
    #[error("the base has no subject in the part `{0}`")]
    EmptyPartition(String),
    #[error("the base has no variable `{name}` to make subgroups of; {help}")]
    NoSuchGroup { name: String, help: String },
    #[error("no model that is compared is called `{name}`; {help}")]
    NoSuchModel { name: String, help: String },
    #[error("{}", in_words(.0))]
    Mismatch(Vec<Mismatch>),
}

/// Subjects of a variant and of the base that do not go together.
#[derive(Clone, Debug, PartialEq)]
pub struct Mismatch {
    pub variant: String,
    pub what: MismatchKind,
    /// Positions in the predictions of the base, or of the variant, from one.
    pub rows: Vec<usize>,
    /// For a list that was asked for; in no message.
    pub subjects: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MismatchKind {
    /// The base has the subject, the variant does not.
    NotInVariant,
    /// The variant has the subject, the base does not.
    NotInBase,
    /// Both have the subject, with another outcome.
    OtherOutcome,
    /// The subject is in another part: one model may have been fitted on it.
    OtherPart,
}

impl MismatchKind {
    pub fn id(self) -> &'static str {
        match self {
            MismatchKind::NotInVariant => "not_in_variant",
            MismatchKind::NotInBase => "not_in_base",
            MismatchKind::OtherOutcome => "other_outcome",
            MismatchKind::OtherPart => "other_part",
        }
    }
}

fn in_words(mismatches: &[Mismatch]) -> String {
    let lines: Vec<String> = mismatches.iter().map(Mismatch::in_words).collect();
    format!("the models cannot be compared, as they are not about the same subjects:\n  {}", lines.join("\n  "))
}

impl Mismatch {
    fn in_words(&self) -> String {
        let count = self.rows.len();
        let subjects = if count == 1 { "1 subject".to_string() } else { format!("{count} subjects") };
        let (is, has) = if count == 1 { ("is", "has") } else { ("are", "have") };
        let rows = rows_in_words(&self.rows);
        let variant = &self.variant;
        match self.what {
            MismatchKind::NotInVariant => {
                format!("{variant}: {subjects} of the base {is} missing ({rows} of the base)")
            }
            MismatchKind::NotInBase => format!("{variant}: {subjects} {is} not in the base ({rows} of the variant)"),
            MismatchKind::OtherOutcome => {
                format!("{variant}: {subjects} {has} another outcome than in the base ({rows} of the variant)")
            }
            MismatchKind::OtherPart => format!(
                "{variant}: {subjects} {is} in another part than in the base, so it may have been fitted on them ({rows} of the variant)"
            ),
        }
    }
}

impl Arranged {
    pub fn new(base: &Source, variants: &[Source], declaration: &Declaration) -> Result<Self, ArrangeError> {
        let outcome = outcome(base, declaration)?;
        let partition = Partition::of(base, declaration);
        let rows = compared_rows(base, &partition);
        if rows.is_empty() {
            return Err(ArrangeError::EmptyPartition(partition.name));
        }
        let mut notices = Vec::new();
        let mut mismatches = Vec::new();
        let mut matched = Vec::new();
        let pairings: Vec<Option<Pairing>> = variants.par_iter().map(|variant| pairing(base, variant)).collect();
        for (variant, pairing) in variants.iter().zip(&pairings) {
            let place = Place { base, variant, outcome: &outcome, partition: &partition, pairing: pairing.as_ref() };
            matched.push(place.match_rows(&rows, &mut mismatches, &mut notices));
        }
        if !mismatches.is_empty() {
            return Err(ArrangeError::Mismatch(mismatches));
        }
        let orientation = |source: &Source| {
            if declaration.lower_is_risk.contains(&source.model) {
                Orientation::LowerIsRisk
            } else {
                source.orientation
            }
        };
        let models: Vec<&str> = std::iter::once(base).chain(variants).map(|source| source.model.as_str()).collect();
        if let Some(name) = declaration.lower_is_risk.iter().find(|name| !models.contains(&name.as_str())) {
            let help = suggestion(name, models.iter().copied());
            return Err(ArrangeError::NoSuchModel { name: name.clone(), help });
        }
        let mut scores = |source: &Source, pairing: Option<&Pairing>, rows: &[usize]| {
            let judged = Judged { source, base, pairing, outcome: &outcome };
            let threshold = threshold(&judged, orientation(source), declaration);
            if let Err(why) = &threshold {
                notices.push(format!(
                    "{}: {why}, so sensitivity, specificity and accuracy are not compared.",
                    source.label
                ));
            }
            Scores {
                model: source.model.clone(),
                label: source.label.clone(),
                orientation: orientation(source),
                gives_probability: source.gives_probability,
                score: rows.iter().map(|row| source.scores[*row]).collect(),
                threshold: threshold.ok(),
            }
        };
        let is_binary = matches!(base.outcome(&outcome), Some(OutcomeData::Binary(_)));
        let base_scores = scores(base, None, &rows);
        let variant_scores: Vec<Scores> = variants
            .iter()
            .zip(&matched)
            .zip(&pairings)
            .map(|((variant, rows), pairing)| scores(variant, pairing.as_ref(), rows))
            .collect();
        if !is_binary {
            // A threshold is for a binary outcome; that there is none is nothing to remark.
            notices.retain(|notice| !notice.contains("are not compared"));
        }
        for scores in
            std::iter::once(&base_scores).chain(&variant_scores).filter(|scores| is_binary && !scores.gives_probability)
        {
            notices.push(format!(
                "The score of {} is no probability, so calibration, Brier score, net benefit and reclassification are not compared with it.",
                scores.label
            ));
        }
        if rows.iter().any(|row| part_of(base, *row) == Some(Part::Training.id())) {
            notices.push(
                "Subjects of the training part are among those compared: the performance there of models that were fitted on them is apparent."
                    .to_string(),
            );
        }
        Ok(Self {
            subjects: Subjects {
                outcome: taken(base.outcome(&outcome), &rows)?,
                groups: groups(base, declaration, &rows)?,
            },
            base: base_scores,
            variants: variant_scores,
            outcome,
            partition: partition.name,
            notices,
        })
    }

    pub fn binary(&self) -> Option<&[bool]> {
        match &self.subjects.outcome {
            OutcomeData::Binary(values) => Some(values),
            OutcomeData::Survival { .. } => None,
        }
    }

    /// What net benefit and reclassification need: a binary outcome, and two models that give probabilities.
    pub fn probabilities<'a>(&'a self, variant: &'a Scores) -> Option<Probabilities<'a>> {
        let outcome = self.binary()?;
        (self.base.gives_probability && variant.gives_probability).then_some(Probabilities {
            outcome,
            base: &self.base.score,
            variant: &variant.score,
        })
    }

    /// The measure that is looked at when none is declared.
    pub fn first_measure(&self) -> Measure {
        if self.binary().is_some() { Measure::Auc } else { Measure::Concordance }
    }
}

struct Partition {
    name: String,
    /// `None` for everybody.
    parts: Option<Vec<String>>,
}

impl Partition {
    fn of(base: &Source, declaration: &Declaration) -> Self {
        let there =
            |part: &str| base.table.file.partitions.as_ref().is_some_and(|parts| parts.distinct().any(|p| p == part));
        let name = match &declaration.partition {
            Some(name) => name.clone(),
            None if there(Part::Test.id()) => Part::Test.id().to_string(),
            None => "all".to_string(),
        };
        let parts = match (name.as_str(), PartitionName::parse(&name)) {
            ("all", _) => None,
            (_, Some(known)) => Some(known.parts.iter().map(|part| part.id().to_string()).collect()),
            (other, None) => Some(other.split('+').map(|part| part.trim().to_string()).collect()),
        };
        Self { name, parts }
    }

    fn holds(&self, part: Option<&str>) -> bool {
        match (&self.parts, part) {
            (None, _) => true,
            (Some(parts), Some(part)) => parts.iter().any(|known| known == part),
            (Some(_), None) => false,
        }
    }
}

fn part_of(source: &Source, row: usize) -> Option<&str> {
    source.table.file.partitions.as_ref().map(|parts| parts.at(row))
}

/// Where the subjects of base and variant stand in the other file; `None` where both are one file.
fn pairing(base: &Source, variant: &Source) -> Option<Pairing> {
    let (base, variant) = (&base.table, &variant.table);
    (!Arc::ptr_eq(base, variant)).then(|| Pairing::of(base.file.ordered(), variant.file.ordered()))
}

/// The base's rows in the order of their subjects, so that no result depends on the order of a file.
fn compared_rows(base: &Source, partition: &Partition) -> Vec<usize> {
    let rows = base.table.file.order.rows.iter().copied();
    rows.filter(|row| partition.holds(part_of(base, *row))).collect()
}

fn outcome(base: &Source, declaration: &Declaration) -> Result<String, ArrangeError> {
    let outcomes = &base.table.file.outcomes;
    let names = || outcomes.keys().cloned().collect::<Vec<_>>();
    match (&declaration.outcome, &base.predicts) {
        (Some(outcome), _) if outcomes.contains_key(outcome) => Ok(outcome.clone()),
        (Some(outcome), _) => Err(ArrangeError::NoSuchOutcome {
            outcome: outcome.clone(),
            help: suggestion(outcome, outcomes.keys().map(String::as_str)),
        }),
        (None, Some(outcome)) if outcomes.contains_key(outcome) => Ok(outcome.clone()),
        (None, _) => match names().as_slice() {
            [only] => Ok(only.clone()),
            [] => Err(ArrangeError::NoOutcome),
            _ => Err(ArrangeError::WhichOutcome(names())),
        },
    }
}

struct Place<'a> {
    base: &'a Source,
    variant: &'a Source,
    outcome: &'a str,
    partition: &'a Partition,
    /// `None` where both are one file.
    pairing: Option<&'a Pairing>,
}

impl Place<'_> {
    /// The variant's row of each of the base's rows, and all that does not go together.
    fn match_rows(&self, rows: &[usize], mismatches: &mut Vec<Mismatch>, notices: &mut Vec<String>) -> Vec<usize> {
        let (base, variant) = (self.base, self.variant);
        let Some(pairing) = self.pairing else { return rows.to_vec() };
        let mut found = Vec::with_capacity(rows.len());
        let mut missing = self.mismatch(MismatchKind::NotInVariant);
        let mut other_part = self.mismatch(MismatchKind::OtherPart);
        for row in rows {
            let subject = &base.table.file.subjects[*row];
            match pairing.in_second[*row] {
                Some(other) if part_of(variant, other).is_some_and(|part| !self.partition.holds(Some(part))) => {
                    other_part.add(other, subject);
                }
                Some(other) => found.push(other),
                None => missing.add(*row, subject),
            }
        }
        let mut unknown = self.mismatch(MismatchKind::NotInBase);
        for (row, subject) in variant.table.file.subjects.iter().enumerate() {
            let part = part_of(variant, row);
            match pairing.in_first[row] {
                None if part.is_none() || self.partition.holds(part) => unknown.add(row, subject),
                // The variant has the subject in the part that is compared, the base in another.
                Some(base_row)
                    if part.is_some()
                        && self.partition.holds(part)
                        && !self.partition.holds(part_of(base, base_row)) =>
                {
                    other_part.add(row, subject);
                }
                _ => {}
            }
        }
        let outcomes = if found.len() == rows.len() { self.other_outcomes(rows, &found) } else { None };
        for mismatch in [missing, unknown, other_part].into_iter().chain(outcomes) {
            if !mismatch.rows.is_empty() {
                mismatches.push(mismatch);
            }
        }
        if variant.outcome(self.outcome).is_none() {
            notices.push(format!("{} has no outcome of its own: the base's is used.", variant.label));
        }
        if variant.table.file.partitions.is_none() && base.table.file.partitions.is_some() {
            notices.push(format!(
                "{} does not say which subjects it was fitted on: that none of those compared is among them rests on whoever made it.",
                variant.label
            ));
        }
        found
    }

    fn other_outcomes(&self, rows: &[usize], found: &[usize]) -> Option<Mismatch> {
        let mut differing = self.mismatch(MismatchKind::OtherOutcome);
        let pairs = rows.iter().zip(found);
        let same: Box<dyn Fn(usize, usize) -> bool> =
            match (self.base.outcome(self.outcome), self.variant.outcome(self.outcome)) {
                (Some(OutcomeData::Binary(base)), Some(OutcomeData::Binary(variant))) => {
                    Box::new(|row, other| base[row] == variant[other])
                }
                (
                    Some(OutcomeData::Survival { time: base_time, event: base_event }),
                    Some(OutcomeData::Survival { time, event }),
                ) => Box::new(|row, other| base_time[row] == time[other] && base_event[row] == event[other]),
                (_, None) | (None, _) => return None,
                // The same name for two kinds of outcome: no subject has the same.
                _ => Box::new(|_, _| false),
            };
        for (row, other) in pairs.filter(|(row, other)| !same(**row, **other)) {
            differing.add(*other, &self.base.table.file.subjects[*row]);
        }
        Some(differing)
    }

    fn mismatch(&self, what: MismatchKind) -> Mismatch {
        Mismatch { variant: self.variant.label.clone(), what, rows: Vec::new(), subjects: Vec::new() }
    }
}

impl Mismatch {
    fn add(&mut self, row: usize, subject: &str) {
        self.rows.push(row + 1);
        self.subjects.push(subject.to_string());
    }
}

fn taken(outcome: Option<&OutcomeData>, rows: &[usize]) -> Result<OutcomeData, ArrangeError> {
    match outcome {
        Some(OutcomeData::Binary(values)) => Ok(OutcomeData::Binary(rows.iter().map(|row| values[*row]).collect())),
        Some(OutcomeData::Survival { time, event }) => Ok(OutcomeData::Survival {
            time: rows.iter().map(|row| time[*row]).collect(),
            event: rows.iter().map(|row| event[*row]).collect(),
        }),
        None => Err(ArrangeError::NoOutcome),
    }
}

fn groups(
    base: &Source,
    declaration: &Declaration,
    rows: &[usize],
) -> Result<IndexMap<String, Grouping>, ArrangeError> {
    let known = &base.table.groups;
    declaration
        .subgroups
        .iter()
        .map(|name| {
            let grouping = known.get(name).ok_or_else(|| ArrangeError::NoSuchGroup {
                name: name.clone(),
                help: suggestion(name, known.keys().map(String::as_str)),
            })?;
            let of = rows.iter().map(|row| grouping.of[*row]).collect();
            let taken = Grouping { label: grouping.label.clone(), levels: grouping.levels.clone(), of };
            Ok((name.clone(), taken))
        })
        .collect()
}

/// A model whose threshold is chosen, and where its subjects stand in the base.
struct Judged<'a> {
    source: &'a Source,
    base: &'a Source,
    pairing: Option<&'a Pairing>,
    outcome: &'a str,
}

/// A model's threshold by the declared rule: on its own training part, else on the base's.
fn threshold(
    judged: &Judged<'_>,
    orientation: Orientation,
    declaration: &Declaration,
) -> Result<ThresholdFacts, String> {
    let value = declaration.threshold.value.unwrap_or(0.5);
    let (rule, words) = match declaration.threshold.rule {
        RawThresholdRule::Fixed => {
            return Ok(ThresholdFacts { threshold: value, rule: "fixed in advance".to_string() });
        }
        RawThresholdRule::Youden => (ThresholdRule::Youden, "largest Youden index".to_string()),
        RawThresholdRule::ClosestTopLeft => {
            (ThresholdRule::ClosestTopLeft, "point of the ROC curve closest to the top left corner".to_string())
        }
        RawThresholdRule::Sensitivity => {
            (ThresholdRule::Sensitivity { at_least: value }, format!("sensitivity of at least {value}"))
        }
        RawThresholdRule::Specificity => {
            (ThresholdRule::Specificity { at_least: value }, format!("specificity of at least {value}"))
        }
        RawThresholdRule::Maximum => match declaration.threshold.metric.map(Metric::from) {
            Some(metric) => (ThresholdRule::Maximum { metric }, format!("largest {}", metric.label())),
            None => return Err("the threshold rule `maximum` names no `metric`".to_string()),
        },
    };
    let Judged { source, base, pairing, outcome } = *judged;
    let own = source.table.file.partitions.is_some() && source.outcome(outcome).is_some();
    let (mut events, mut scores) = (Vec::new(), Vec::new());
    for row in 0..source.scores.len() {
        let in_base = || pairing.map_or(Some(row), |pairing| pairing.in_first[row]);
        let (judge, judge_row) = match own {
            true => (source, row),
            false => match in_base() {
                Some(base_row) => (base, base_row),
                None => continue,
            },
        };
        let in_training = part_of(judge, judge_row).is_some_and(|part| part == Part::Training.id());
        if let (true, Some(OutcomeData::Binary(values))) = (in_training, judge.outcome(outcome)) {
            events.push(values[judge_row]);
            scores.push(source.scores[row]);
        }
    }
    if events.is_empty() {
        return Err("there is no training part to choose a threshold on".to_string());
    }
    let chosen = rule::choose(rule, &events, &scores, orientation).map_err(|error| format!("no threshold: {error}"))?;
    Ok(ThresholdFacts { threshold: chosen.threshold, rule: format!("{words}, on the training part") })
}
