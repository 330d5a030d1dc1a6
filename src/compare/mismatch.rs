//! Subjects that keep two models from being compared, with counts and rows. Identifiers are in no message.

use crate::data::table::rows_in_words;

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
    /// The variant was fitted on the subject, and the base does not say who is held out.
    FittedOn,
}

impl MismatchKind {
    pub fn id(self) -> &'static str {
        match self {
            MismatchKind::NotInVariant => "not_in_variant",
            MismatchKind::NotInBase => "not_in_base",
            MismatchKind::OtherOutcome => "other_outcome",
            MismatchKind::OtherPart => "other_part",
            MismatchKind::FittedOn => "fitted_on",
        }
    }
}

pub(super) fn in_words(mismatches: &[Mismatch]) -> String {
    let lines: Vec<String> = mismatches.iter().map(Mismatch::in_words).collect();
    format!("the models cannot be compared, as they are not about the same subjects:\n  {}", lines.join("\n  "))
}

impl Mismatch {
    pub(super) fn new(variant: &str, what: MismatchKind) -> Self {
        Self { variant: variant.to_string(), what, rows: Vec::new(), subjects: Vec::new() }
    }

    pub(super) fn add(&mut self, row: usize, subject: &str) {
        self.rows.push(row + 1);
        self.subjects.push(subject.to_string());
    }

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
                "{variant}: {subjects} {is} in another part than in the base, so that one of the models may have been fitted on them ({rows} of the variant)"
            ),
            MismatchKind::FittedOn => format!(
                "{variant}: {subjects} {is} in its training part, and the base does not say which subjects are held out ({rows} of the variant): leave them out of the base's file, or declare `partition: all`"
            ),
        }
    }
}
