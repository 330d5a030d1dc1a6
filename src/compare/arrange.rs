//! Base and variants on the same subjects, in one order. Subjects, outcomes or parts that do not match are refused, with
//! counts and rows; identifiers are handed out only as a list that somebody asks for.

use super::declaration::Declaration;
use super::facts::{HorizonFacts, ThresholdFacts};
use super::measure::Measure;
use super::mismatch::{self, Mismatch, MismatchKind};
use super::part::{ComparedPart, part_of};
use super::source::{Grouping, Source};
use super::threshold::{Judged, threshold};
use crate::data::OutcomeData;
use crate::predictions::order::Pairing;
use crate::results::{Notice, NoticeLevel};
use crate::spec::diagnostic::suggestion;
use crate::spec::study::Part;
use crate::stats::Orientation;
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
    /// Of a survival outcome: predicted risks by the declared horizon, where the model gives them.
    pub risk: Option<Vec<f64>>,
    pub threshold: Option<ThresholdFacts>,
}

#[derive(Clone, Debug)]
pub struct Arranged {
    pub subjects: Subjects,
    pub base: Scores,
    pub variants: Vec<Scores>,
    pub outcome: String,
    pub partition: String,
    /// Of a survival outcome, where one is declared.
    pub horizon: Option<HorizonFacts>,
    pub notices: Vec<Notice>,
}

/// The binary outcome with both models' probabilities.
pub struct Probabilities<'a> {
    pub outcome: &'a [bool],
    pub base: &'a [f64],
    pub variant: &'a [f64],
}

#[derive(Debug, thiserror::Error)]
pub enum ArrangeError {
    #[error(
        "the base has no held-out subjects, only those that models were fitted on: to compare there all the same, declare `partition: all`"
    )]
    NothingHeldOut,
    #[error("the base has several outcomes, declare `outcome`: {}", .0.join(", "))]
    WhichOutcome(Vec<String>),
    #[error("the base has no outcome `{outcome}`; {help}")]
    NoSuchOutcome { outcome: String, help: String },
    #[error("the base has no outcome: a column `outcome_<id>` is needed")]
    NoOutcome,
    #[error(
        "nobody who is compared is followed for {horizon}: the longest follow-up is {longest:.1}; declare an earlier `horizon`"
    )]
    HorizonBeyondFollowUp { horizon: f64, longest: f64 },
    #[error("the base has no subject in the part `{0}`")]
    EmptyPartition(String),
    #[error("the base has no variable `{name}` to make subgroups of; {help}")]
    NoSuchGroup { name: String, help: String },
    #[error("no model that is compared is called `{name}`; {help}")]
    NoSuchModel { name: String, help: String },
    #[error("{}", mismatch::in_words(.0))]
    Mismatch(Vec<Mismatch>),
}

impl Arranged {
    pub fn new(base: &Source, variants: &[Source], declaration: &Declaration) -> Result<Self, ArrangeError> {
        let outcome = outcome(base, declaration)?;
        let partition = ComparedPart::of(base, variants, declaration)?;
        let rows = partition.rows(base);
        if rows.is_empty() {
            return Err(ArrangeError::EmptyPartition(partition.name));
        }
        let mut notices: Vec<Notice> = partition.notice(declaration).into_iter().collect();
        let mut mismatches = Vec::new();
        let mut matched = Vec::new();
        let pairings: Vec<Option<Pairing>> = variants.par_iter().map(|variant| pairing(base, variant)).collect();
        for (variant, pairing) in variants.iter().zip(&pairings) {
            let place = Place {
                base,
                variant,
                outcome: &outcome,
                is_declared: declaration.partition.is_some(),
                partition: &partition,
                pairing: pairing.as_ref(),
            };
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
        let is_binary = matches!(base.outcome(&outcome), Some(OutcomeData::Binary(_)));
        let mut scores = |source: &Source, pairing: Option<&Pairing>, rows: &[usize]| {
            let judged = Judged { source, base, pairing, outcome: &outcome };
            let threshold = is_binary.then(|| threshold(&judged, orientation(source), declaration)).transpose();
            if let Err(why) = &threshold {
                let message =
                    format!("{}: {why}, so sensitivity, specificity and accuracy are not compared.", source.label);
                notices.push(note("compare/threshold", message));
            }
            let take = |values: &[f64]| -> Vec<f64> { rows.iter().map(|row| values[*row]).collect() };
            Scores {
                model: source.model.clone(),
                label: source.label.clone(),
                orientation: orientation(source),
                gives_probability: source.gives_probability,
                score: take(&source.scores),
                risk: declaration.horizon.and_then(|horizon| source.risks_by(horizon)).map(take),
                threshold: threshold.ok().flatten(),
            }
        };
        let base_scores = scores(base, None, &rows);
        let variant_scores: Vec<Scores> = variants
            .iter()
            .zip(&matched)
            .zip(&pairings)
            .map(|((variant, rows), pairing)| scores(variant, pairing.as_ref(), rows))
            .collect();
        notices.extend(
            std::iter::once(&base_scores)
                .chain(&variant_scores)
                .filter_map(|scores| without_probabilities(scores, is_binary, declaration)),
        );
        if !is_binary && declaration.horizon.is_none() {
            notices.push(note(
                "compare/horizon",
                "Only the C index is compared: a declared `horizon` adds what needs a time.".to_string(),
            ));
        }
        if base.table.file.partitions.is_none() && base.is_fitted && declaration.partition.is_none() {
            notices.push(unknown_parts(&base.label));
        }
        let fitted = std::iter::once((base, &rows)).chain(variants.iter().zip(&matched));
        notices.extend(apparent(fitted, rows.len()));
        let subjects =
            Subjects { outcome: taken(base.outcome(&outcome), &rows)?, groups: groups(base, declaration, &rows)? };
        if let (OutcomeData::Survival { time, .. }, Some(horizon)) = (&subjects.outcome, declaration.horizon) {
            let longest = time.iter().copied().fold(0.0, f64::max);
            if horizon > longest {
                return Err(ArrangeError::HorizonBeyondFollowUp { horizon, longest });
            }
        }
        Ok(Self {
            subjects,
            base: base_scores,
            variants: variant_scores,
            outcome,
            partition: partition.name,
            horizon: declaration
                .horizon
                .filter(|_| !is_binary)
                .map(|time| HorizonFacts { time, unit: base.time_unit.clone() }),
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

fn note(code: &str, message: String) -> Notice {
    Notice { code: code.to_string(), level: NoticeLevel::Note, message }
}

fn unknown_parts(label: &str) -> Notice {
    note(
        "compare/unknown-parts",
        format!(
            "{label} does not say which subjects it was fitted on: that none of those compared is among them rests on whoever made it."
        ),
    )
}

/// What is not compared, since a model gives no probability or, of a survival outcome, no risk by the horizon.
fn without_probabilities(scores: &Scores, is_binary: bool, declaration: &Declaration) -> Option<Notice> {
    let label = &scores.label;
    match declaration.horizon {
        _ if is_binary && !scores.gives_probability => Some(note(
            "compare/no-probability",
            format!(
                "The score of {label} is no probability, so calibration, Brier score, net benefit and reclassification are not compared with it."
            ),
        )),
        Some(horizon) if !is_binary && scores.risk.is_none() => Some(note(
            "compare/no-risk",
            format!(
                "{label} gives no risk by {horizon}, so calibration, Brier score and net benefit are not compared with it: a predictions file has them in a column `risk_{}_by_{horizon}`, a study computes them.",
                scores.model
            ),
        )),
        _ => None,
    }
}

/// That some of those compared are among those that a model was fitted on.
fn apparent<'a>(sources: impl Iterator<Item = (&'a Source, &'a Vec<usize>)>, n: usize) -> Option<Notice> {
    let fitted_on = |(source, rows): (&Source, &Vec<usize>)| {
        let training = rows.iter().filter(|row| part_of(source, **row) == Some(Part::Training.id()));
        if source.is_fitted { training.count() } else { 0 }
    };
    let most = sources.map(fitted_on).max().unwrap_or(0);
    (most > 0).then(|| Notice {
        code: "compare/apparent".to_string(),
        level: NoticeLevel::Warning,
        message: format!(
            "{most} of the {n} subjects that are compared belong to the part that models were fitted on: performance there is apparent, and favours the model that fits more closely. Judge a difference by held-out subjects."
        ),
    })
}

/// Where the subjects of base and variant stand in the other file; `None` where both are one file.
fn pairing(base: &Source, variant: &Source) -> Option<Pairing> {
    let (base, variant) = (&base.table, &variant.table);
    (!Arc::ptr_eq(base, variant)).then(|| Pairing::of(base.file.ordered(), variant.file.ordered()))
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
    /// Somebody wrote down who is compared.
    is_declared: bool,
    partition: &'a ComparedPart,
    /// `None` where both are one file.
    pairing: Option<&'a Pairing>,
}

impl Place<'_> {
    /// The variant's row of each of the base's rows, and all that does not go together.
    fn match_rows(&self, rows: &[usize], mismatches: &mut Vec<Mismatch>, notices: &mut Vec<Notice>) -> Vec<usize> {
        let (base, variant) = (self.base, self.variant);
        let Some(pairing) = self.pairing else { return rows.to_vec() };
        let mut found = Vec::with_capacity(rows.len());
        let mut missing = self.mismatch(MismatchKind::NotInVariant);
        let mut other_part = self.mismatch(MismatchKind::OtherPart);
        let mut fitted_on = self.mismatch(MismatchKind::FittedOn);
        for row in rows {
            let subject = &base.table.file.subjects[*row];
            let Some(other) = pairing.in_second[*row] else {
                missing.add(*row, subject);
                continue;
            };
            found.push(other);
            let is_training = |part: &str| part == Part::Training.id();
            match (part_of(base, *row), part_of(variant, other)) {
                (_, None) => {}
                (Some(part), Some(own))
                    if !self.partition.holds(Some(own)) || is_training(part) != is_training(own) =>
                {
                    other_part.add(other, subject);
                }
                (None, Some(own)) if is_training(own) && variant.is_fitted && !self.is_declared => {
                    fitted_on.add(other, subject);
                }
                _ => {}
            }
        }
        let mut unknown = self.mismatch(MismatchKind::NotInBase);
        for (row, subject) in variant.table.file.subjects.iter().enumerate() {
            let part = part_of(variant, row);
            // Those that only the variant was fitted on are nobody's to compare, unless everybody is declared to be.
            let is_compared = self.partition.holds(part) && (self.is_declared || part != Some(Part::Training.id()));
            match pairing.in_first[row] {
                None if part.is_none() || is_compared => unknown.add(row, subject),
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
        for mismatch in [missing, unknown, other_part, fitted_on].into_iter().chain(outcomes) {
            if !mismatch.rows.is_empty() {
                mismatches.push(mismatch);
            }
        }
        if variant.outcome(self.outcome).is_none() {
            let message = format!("{} has no outcome of its own: the base's is used.", variant.label);
            notices.push(note("compare/outcome", message));
        }
        if variant.table.file.partitions.is_none() && base.table.file.partitions.is_some() {
            notices.push(unknown_parts(&variant.label));
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
        Mismatch::new(&self.variant.label, what)
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
                help: if known.is_empty() {
                    "a report or a table of predictions holds none; name the study itself as the base".to_string()
                } else {
                    suggestion(name, known.keys().map(String::as_str))
                },
            })?;
            let of = rows.iter().map(|row| grouping.of[*row]).collect();
            let taken = Grouping { label: grouping.label.clone(), levels: grouping.levels.clone(), of };
            Ok((name.clone(), taken))
        })
        .collect()
}
