//! What a paper prints beside what was computed: one row per printed quantity, one figure per printed number.

use serde::{Deserialize, Serialize};

/// The printed numbers of one file, each beside its recomputed value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Published {
    /// The file with the printed numbers.
    pub file: String,
    pub sha256: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The data behind the recomputed numbers are simulated: protocols are compared, not truths.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub simulated: bool,
    pub tables: Vec<PublishedTable>,
}

/// A section of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PublishedTable {
    /// The paper's own name of it: "table2".
    pub section: String,
    /// As a reader knows it: "Table 2. Performance"; the name when there is no label.
    pub label: String,
    pub rows: Vec<PublishedRow>,
}

/// A printed quantity: an estimate with its interval, a count with its percent, a P-value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PublishedRow {
    /// In which cohort, by the paper's name; empty where the quantity belongs to none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub cohort: String,
    /// Of what: a model, a variable with its level, a pair.
    pub subject: String,
    /// "auc", "mean ± SD", "P".
    pub quantity: String,
    /// What the study calls the cohort and the subject, for readers who do not know the file's names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cohort_label: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_label: Option<String>,
    pub figures: Vec<PublishedFigure>,
    /// How it was recomputed, or why it was not: one sentence for the whole row.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub says: String,
}

/// A printed number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PublishedFigure {
    pub part: FigurePart,
    /// JSON pointer into the file, with the place where it was typed.
    pub path: String,
    pub line: usize,
    pub column: usize,
    pub printed: String,
    /// At full precision, in the unit of the printed number.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::stats::estimate::optional_number")]
    pub recomputed: Option<f64>,
    /// With as many decimals as are printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_printed_precision: Option<String>,
    /// Recomputed less printed; `None` where either is no plain number.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::stats::estimate::optional_number")]
    pub difference: Option<f64>,
    pub agreement: Agreement,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub says: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FigurePart {
    Value,
    Lower,
    Upper,
    /// A standard deviation, a standard error, a quartile.
    Spread,
    Count,
    Denominator,
    Percent,
    Statistic,
    PValue,
}

/// Does the printed number agree with the recomputed one?
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Agreement {
    /// The recomputed value, rounded to nearest, is what is printed.
    Agrees,
    /// Another way of rounding prints it: cut off, rounded up, or rounded twice. Less than one unit in the last place.
    AgreesUpToRounding,
    Disagrees,
    NotRecomputable,
}

impl Agreement {
    pub const ALL: [Agreement; 4] =
        [Agreement::Agrees, Agreement::AgreesUpToRounding, Agreement::Disagrees, Agreement::NotRecomputable];

    pub fn word(self) -> &'static str {
        match self {
            Agreement::Agrees => "agrees",
            Agreement::AgreesUpToRounding => "agrees up to rounding",
            Agreement::Disagrees => "disagrees",
            Agreement::NotRecomputable => "not recomputable",
        }
    }

    /// On simulated data two numbers differ; neither is wrong.
    pub fn word_on(self, simulated: bool) -> &'static str {
        match self {
            Agreement::Disagrees if simulated => "differs",
            other => other.word(),
        }
    }
}

impl Published {
    pub fn figures(&self) -> impl Iterator<Item = &PublishedFigure> {
        self.tables.iter().flat_map(|table| &table.rows).flat_map(|row| &row.figures)
    }

    pub fn count(&self, agreement: Agreement) -> usize {
        self.figures().filter(|figure| figure.agreement == agreement).count()
    }

    /// "812 agree, 3 agree up to rounding, none disagrees, 96 not recomputable"
    pub fn in_words(&self) -> String {
        let [agree, rounding, disagree, unknown] = Agreement::ALL.map(|agreement| self.count(agreement));
        let (one, many) = if self.simulated { ("differs", "differ") } else { ("disagrees", "disagree") };
        let verb = |count: usize, one: &'static str, many: &'static str| if count == 1 { one } else { many };
        let disagree = match disagree {
            0 => format!("none {one}"),
            count => format!("{count} {}", verb(count, one, many)),
        };
        format!(
            "{agree} {}, {rounding} {} up to rounding, {disagree}, {unknown} {} not recomputable",
            verb(agree, "agrees", "agree"),
            verb(rounding, "agrees", "agree"),
            verb(unknown, "is", "are"),
        )
    }
}

impl PublishedRow {
    /// The verdict of the row as a whole: that of its worst figure; what cannot be recomputed counts only when nothing
    /// else was.
    pub fn agreement(&self) -> Agreement {
        let known = self.figures.iter().map(|figure| figure.agreement);
        known.filter(|agreement| *agreement != Agreement::NotRecomputable).max().unwrap_or(Agreement::NotRecomputable)
    }
}
