//! On whom models are compared: the declared part or, without a declaration, subjects that no model was fitted on.

use super::arrange::ArrangeError;
use super::declaration::Declaration;
use super::source::Source;
use crate::results::{Notice, NoticeLevel};
use crate::spec::study::{Part, PartitionName};

/// Held-out parts in the order in which they are looked for. In the validation part a model may have been chosen.
const HELD_OUT: [Part; 3] = [Part::Test, Part::External, Part::Validation];

pub(super) struct ComparedPart {
    pub name: String,
    /// `None` for everybody.
    parts: Option<Vec<String>>,
}

pub(super) fn part_of(source: &Source, row: usize) -> Option<&str> {
    source.table.file.partitions.as_ref().map(|parts| parts.at(row))
}

impl ComparedPart {
    pub fn of(base: &Source, variants: &[Source], declaration: &Declaration) -> Result<Self, ArrangeError> {
        match &declaration.partition {
            Some(name) => Ok(Self::named(name)),
            None => Self::by_default(base, variants),
        }
    }

    fn named(name: &str) -> Self {
        let parts = match (name, PartitionName::parse(name)) {
            ("all", _) => None,
            (_, Some(known)) => Some(known.parts.iter().map(|part| part.id().to_string()).collect()),
            (other, None) => Some(other.split('+').map(|part| part.trim().to_string()).collect()),
        };
        Self { name: name.to_string(), parts }
    }

    fn by_default(base: &Source, variants: &[Source]) -> Result<Self, ArrangeError> {
        let everybody = Ok(Self::named("all"));
        let Some(partitions) = &base.table.file.partitions else { return everybody };
        let parts: Vec<&str> = partitions.distinct().collect();
        if let Some(part) = HELD_OUT.into_iter().find(|part| parts.contains(&part.id())) {
            return Ok(Self::named(part.id()));
        }
        // Scores that were given, as a reader's, have no subjects that they were fitted on.
        if !base.is_fitted && !variants.iter().any(|variant| variant.is_fitted) {
            return everybody;
        }
        let mut others: Vec<&str> = parts.into_iter().filter(|part| *part != Part::Training.id()).collect();
        others.sort_unstable();
        if others.is_empty() { Err(ArrangeError::NothingHeldOut) } else { Ok(Self::named(&others.join("+"))) }
    }

    /// The base's rows in the order of their subjects, so that no result depends on the order of a file.
    pub fn rows(&self, base: &Source) -> Vec<usize> {
        let rows = base.table.file.order.rows.iter().copied();
        rows.filter(|row| self.holds(part_of(base, *row))).collect()
    }

    pub fn holds(&self, part: Option<&str>) -> bool {
        match (&self.parts, part) {
            (None, _) => true,
            (Some(parts), Some(part)) => parts.iter().any(|known| known == part),
            (Some(_), None) => false,
        }
    }

    /// Who is compared, where nobody declared it and it is not the test part.
    pub fn notice(&self, declaration: &Declaration) -> Option<Notice> {
        let is_chosen_here = declaration.partition.is_none() && self.parts.is_some() && self.name != Part::Test.id();
        let in_validation = if self.name == Part::Validation.id() {
            " A model that was chosen or stopped by this part is flattered there."
        } else {
            ""
        };
        is_chosen_here.then(|| Notice {
            code: "compare/part".to_string(),
            level: NoticeLevel::Note,
            message: format!(
                "No part was declared and there is no test part, so models are compared on the held-out part “{}”.{in_validation}",
                self.name
            ),
        })
    }
}
