//! Training, validation and test part, and the types that keep them apart.
//!
//! Whatever is fitted takes [`TrainingRows`], and only [`Split`] can make them, out of the training part alone. Handing
//! the rows of another part to something that fits does not compile:
//!
//! ```compile_fail
//! fn leak(cohort: &vouch::cohort::Cohort, split: &vouch::split::Split, predictors: &[String], spec: &vouch::spec::Study) {
//!     let test = split.rows(&vouch::spec::PartitionName::parse("test").unwrap());
//!     vouch::features::Encoder::fit(spec, cohort, &test, predictors); // expects TrainingRows, found EvaluationRows
//! }
//! ```

pub mod leakage;

use crate::cohort::Cohort;
use crate::spec::raw::RawValidation;
use crate::spec::study::Part;
use crate::spec::{Diagnostic, PartitionName, Study};
use crate::stats::random::Seed;

/// The rows that models, scalers, imputers, selections and thresholds are fitted on.
#[derive(Clone, Debug)]
pub struct TrainingRows {
    rows: Vec<usize>,
}

/// Rows that are only looked at.
#[derive(Clone, Debug)]
pub struct EvaluationRows {
    rows: Vec<usize>,
}

/// Rows whose images, never whose outcomes, something is fitted on.
#[derive(Clone, Debug)]
pub struct UnlabelledRows {
    rows: Vec<usize>,
}

#[cfg(test)]
impl TrainingRows {
    /// For tests of what fits, without a study.
    pub(crate) fn of_everyone(count: usize) -> Self {
        Self { rows: (0..count).collect() }
    }
}

#[cfg(test)]
impl UnlabelledRows {
    pub(crate) fn of_everyone(count: usize) -> Self {
        Self { rows: (0..count).collect() }
    }
}

impl UnlabelledRows {
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }
}

impl TrainingRows {
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// The training rows without a fold of them, for cross-fitting; `positions` index the training rows.
    pub fn subset(&self, positions: &[usize]) -> TrainingRows {
        TrainingRows { rows: positions.iter().map(|position| self.rows[*position]).collect() }
    }
}

impl EvaluationRows {
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }
}

/// Which part each subject of the cohort is in.
#[derive(Clone, Debug)]
pub struct Split {
    parts: Vec<Part>,
}

impl Split {
    /// Divides the cohort as the study says. Subjects are in the order of their identifiers, so the random part depends
    /// on the seed and on who is in the cohort, not on the order of the file.
    pub fn make(study: &Study, cohort: &Cohort, seed: Seed) -> Result<Self, Vec<Diagnostic>> {
        let mut parts = vec![Part::Training; cohort.internal];
        if let (Some(temporal), Some(times)) = (&study.spec.split.temporal, &cohort.time_of_entry) {
            let cutoff = crate::cohort::cutoff(temporal);
            for (part, time) in parts.iter_mut().zip(times) {
                if *time >= cutoff {
                    *part = Part::Test;
                }
            }
        }
        if let Some(validation) = &study.spec.split.validation {
            let stratum = validation.stratify.as_ref().map(|outcome| cohort.binary(outcome));
            random_validation(validation, stratum, seed, &mut parts);
        }
        parts.resize(cohort.n(), Part::External);
        let split = Self { parts };
        let problems = split.problems(study, cohort);
        if problems.is_empty() { Ok(split) } else { Err(problems) }
    }

    pub fn part(&self, row: usize) -> Part {
        self.parts[row]
    }

    pub fn training(&self) -> TrainingRows {
        TrainingRows { rows: self.rows_in(&[Part::Training]) }
    }

    /// For what learns without outcomes: the training part, or everybody where a study says so.
    pub fn unlabelled(&self, everybody: bool) -> UnlabelledRows {
        let parts: &[Part] = if everybody { &Part::INTERNAL } else { &[Part::Training] };
        UnlabelledRows { rows: self.rows_in(parts) }
    }

    pub fn rows(&self, partition: &PartitionName) -> EvaluationRows {
        EvaluationRows { rows: self.rows_in(&partition.parts) }
    }

    fn rows_in(&self, parts: &[Part]) -> Vec<usize> {
        (0..self.parts.len()).filter(|row| parts.contains(&self.parts[*row])).collect()
    }

    /// Parts without subjects, and parts in which an outcome that models predict has one class only.
    fn problems(&self, study: &Study, cohort: &Cohort) -> Vec<Diagnostic> {
        let mut outcomes: Vec<&str> = study.spec.models.values().map(|model| model.outcome()).collect();
        outcomes.sort_unstable();
        outcomes.dedup();
        let mut problems: Vec<Diagnostic> =
            outcomes.iter().filter_map(|outcome| alike_in_everybody(study, cohort, outcome)).collect();
        outcomes.retain(|outcome| alike_in_everybody(study, cohort, outcome).is_none());
        for part in study.parts() {
            let place = study.place(match part {
                Part::Test => "split/temporal",
                Part::Validation => "split/validation",
                Part::Training => "split",
                Part::External => "data/external",
            });
            let rows = self.rows_in(&[part]);
            if rows.is_empty() {
                let message = format!("the {} part has no subjects", part.id());
                problems.push(Diagnostic::error("split/empty", message, place));
                continue;
            }
            for outcome in &outcomes {
                let values = cohort.events(outcome);
                let events = rows.iter().filter(|row| values[**row]).count();
                let survival = cohort.survival(outcome).is_some();
                if survival && events == 0 {
                    let message = format!("nobody has the event of `{outcome}` in the {} part", part.id());
                    problems.push(
                        Diagnostic::error("split/no-event", message, place)
                            .with_help("a model of time to an event cannot be fitted or judged there"),
                    );
                } else if !survival && (events == 0 || events == rows.len()) {
                    let message = format!(
                        "`{outcome}` has one class only in the {} part: {events} of {} with the event",
                        part.id(),
                        rows.len()
                    );
                    problems.push(Diagnostic::error("split/one-class", message, place).with_help(
                        "nothing can be discriminated there; move the cut-off, or stratify the random split",
                    ));
                }
            }
        }
        problems
    }
}

/// An outcome that nobody has, or everybody, however the subjects are divided.
fn alike_in_everybody(study: &Study, cohort: &Cohort, outcome: &str) -> Option<Diagnostic> {
    let values = cohort.events(outcome).get(..cohort.internal)?;
    let events = values.iter().filter(|event| **event).count();
    let is_binary = cohort.survival(outcome).is_none();
    let who = match events {
        0 => "none",
        _ if is_binary && events == values.len() => "all",
        _ => return None,
    };
    let place = study.place(&format!("outcomes/{outcome}/{}", if is_binary { "positive" } else { "event" }));
    let message = format!("`{outcome}` is true of {who} of the {} analysed subjects", values.len());
    let help = "check how the outcome is coded in the table: no model can be fitted or judged";
    Some(Diagnostic::error("data/one-class", message, place).with_help(help))
}

/// Shuffles each stratum with a stream of its own and takes its first share, rounded to the nearest subject.
fn random_validation(validation: &RawValidation, stratum: Option<&[bool]>, seed: Seed, parts: &mut [Part]) {
    for class in [false, true] {
        let mut rows: Vec<usize> = (0..parts.len())
            .filter(|row| parts[*row] == Part::Training && stratum.is_none_or(|stratum| stratum[*row] == class))
            .collect();
        let name = if stratum.is_none() {
            "all"
        } else if class {
            "event"
        } else {
            "no event"
        };
        seed.child("validation").child(name).stream().shuffle(&mut rows);
        let share = (rows.len() as f64 * validation.fraction).round() as usize;
        for row in &rows[..share.min(rows.len())] {
            parts[*row] = Part::Validation;
        }
        if stratum.is_none() {
            return;
        }
    }
}
