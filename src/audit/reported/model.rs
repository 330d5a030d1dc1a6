//! What a `reported/1` file says, typed. Every printed number is a [`Figure`] that knows its leaf, so that a finding
//! can point to the line where it was typed.

use super::matching::Matching;
pub use super::method::CiMethod;
pub use super::survival_model::*;
pub use super::tables_model::*;
use crate::audit::arithmetic::{Printed, Rounding};
use serde::Serialize;

/// What a scalar of the file is to the audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A printed number that a section understands.
    Figure,
    /// A name, a choice, a note, a place.
    Label,
    /// Kept as typed, not checked.
    Fact,
}

/// A scalar of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Leaf {
    /// JSON pointer.
    pub path: String,
    pub line: usize,
    pub column: usize,
    pub text: String,
    pub role: Role,
    /// What the paper says about the rounding of this figure.
    pub rounding: Option<Rounding>,
    pub decimals: Option<u32>,
}

/// A printed number. `number` is `None` when the text is not a number ("NS", "8.9.1").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    pub leaf: usize,
    pub text: String,
    pub number: Option<Printed>,
}

impl Figure {
    /// The whole number that is printed.
    pub fn integer(&self) -> Option<i128> {
        self.number.as_ref().and_then(Printed::integer)
    }

    pub fn value(&self) -> Option<f64> {
        self.number.as_ref().map(Printed::value)
    }
}

/// "NA", "NS", "-" and the like: nothing is printed, which is not a problem.
pub fn says_nothing(text: &str) -> bool {
    let plain = text.trim().to_ascii_lowercase();
    let words =
        ["", "-", "–", "—", "na", "n/a", "n.a.", "ns", "n.s.", "nr", "ref", "reference", "not reported", "null", "~"];
    words.contains(&plain.as_str()) || says_not_reached(text)
}

/// A median that the survival curve does not come down to. "NR" may be that, or "not reported".
pub fn says_not_reached(text: &str) -> bool {
    let plain = text.trim().to_ascii_lowercase().replace('_', " ");
    ["not reached", "not estimable", "not yet reached", "\u{221E}", "inf", "infinity"].contains(&plain.as_str())
}

/// A whole file.
#[derive(Clone, Debug)]
pub struct Reported {
    pub file_name: String,
    pub text: String,
    pub leaves: Vec<Leaf>,
    pub title: Option<String>,
    pub assume: Assume,
    /// What the study calls the paper's names; of no concern where only printed numbers are checked.
    pub matching: Matching,
    pub cohorts: Vec<Cohort>,
    pub sections: Vec<Section>,
}

impl Reported {
    pub fn cohort(&self, name: &str) -> Option<&Cohort> {
        self.cohorts.iter().find(|cohort| cohort.name == name)
    }
}

/// Facts that the paper states in words and that a check may use.
#[derive(Clone, Debug, Default)]
pub struct Assume {
    /// No two subjects share a score.
    pub no_ties: bool,
    pub ci_method: Option<CiMethod>,
    /// The performance figures are means over folds, repeats or classes.
    pub averaged: bool,
    /// They are not (`averaged: no`): those of a row are of one table.
    pub one_table: bool,
    /// How the whole paper rounds.
    pub rounding: Option<Rounding>,
    /// Meaningful decimals; further ones are padding.
    pub decimals: Option<u32>,
    /// Not everything that the paper prints was typed in: what is absent says nothing.
    pub partial: bool,
}

impl Assume {
    /// These facts, and where they say nothing the others.
    pub fn or(self, other: Self) -> Self {
        Self {
            no_ties: self.no_ties || other.no_ties,
            ci_method: self.ci_method.or(other.ci_method),
            averaged: self.averaged || (other.averaged && !self.one_table),
            one_table: self.one_table || (other.one_table && !self.averaged),
            rounding: self.rounding.or(other.rounding),
            decimals: self.decimals.or(other.decimals),
            partial: self.partial || other.partial,
        }
    }
}

/// A set of subjects.
#[derive(Clone, Debug)]
pub struct Cohort {
    pub name: String,
    pub n: Option<Figure>,
    pub positive: Option<Figure>,
    pub negative: Option<Figure>,
    /// Disjoint cohorts that make up this one.
    pub parts: Vec<String>,
    /// Further divisions of the same subjects ("by centre", "by sex").
    pub divisions: Vec<Vec<String>>,
    /// Counts that add up to n.
    pub partition: Vec<Named>,
    pub unit: Option<String>,
    /// The same sample counted in other units (lesions, images), each with its own classes; `name` is the unit.
    pub units: Vec<Cohort>,
}

impl Cohort {
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_string(),
            n: None,
            positive: None,
            negative: None,
            parts: Vec::new(),
            divisions: Vec::new(),
            partition: Vec::new(),
            unit: None,
            units: Vec::new(),
        }
    }

    /// Every stated way in which the cohort falls into parts.
    pub fn all_divisions(&self) -> impl Iterator<Item = &Vec<String>> {
        std::iter::once(&self.parts).filter(|parts| !parts.is_empty()).chain(&self.divisions)
    }
}

/// A printed number under a name.
#[derive(Clone, Debug)]
pub struct Named {
    pub name: String,
    pub figure: Figure,
}

#[derive(Clone, Debug)]
pub struct Section {
    pub name: String,
    pub label: Option<String>,
    pub body: Body,
}

#[derive(Clone, Debug)]
pub enum Body {
    Flow(Vec<FlowStep>),
    Counts(Counts),
    Baseline(Baseline),
    Performance(Performance),
    Comparison(Comparisons),
    Regression(Regression),
    Survival(Survival),
    Tests(Vec<TestItem>),
    CrossTable(CrossTable),
    Paired(Paired),
    CutOffs(CutOffs),
    Equation(Equation),
    Tally(Tally),
    Restated(Vec<Restated>),
    Claims(Vec<Claim>),
    Dates(Vec<DateEntry>),
    Facts,
}

#[derive(Clone, Debug)]
pub struct FlowStep {
    pub name: String,
    pub n: Figure,
    /// Earlier or later steps that add up to this one.
    pub parts: Vec<String>,
    /// The step that this one came from, by the exclusions listed.
    pub from: Option<String>,
    pub excluded: Vec<Named>,
}

/// `count` of `of` subjects, printed as `percent`.
#[derive(Clone, Debug, Default)]
pub struct Share {
    pub count: Option<Figure>,
    pub of: Option<Figure>,
    pub percent: Option<Figure>,
}

/// Shares in running text, perhaps compared.
#[derive(Clone, Debug)]
pub struct Counts {
    pub items: Vec<CountItem>,
    pub p: Option<Figure>,
    pub test: Option<String>,
}

#[derive(Clone, Debug)]
pub struct CountItem {
    pub name: String,
    pub share: Share,
    /// The cohort whose n is the denominator.
    pub cohort: Option<String>,
    /// `positive` or `negative`: the count is the cohort's class count.
    pub class: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegressionModel {
    Cox,
    Logistic,
    Linear,
    Other,
}

#[derive(Clone, Debug)]
pub struct Regression {
    pub model: Option<RegressionModel>,
    pub cohort: Option<String>,
    pub n: Option<Figure>,
    pub events: Option<Figure>,
    pub ci_level: Option<Figure>,
    pub ci_method: Option<CiMethod>,
    /// What the model counts, if not subjects.
    pub unit: Option<String>,
    pub terms: Vec<Term>,
    /// Of an outcome that it names: perhaps not the one that divides a cohort.
    pub outcome: Option<String>,
    /// Stratified analyses lose information: no lower bound fails by that, so it is only kept.
    pub stratified: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covariate {
    NotStated,
    Binary,
    Ordinal,
    Continuous,
    Factor,
    /// Changes in the course of follow-up.
    TimeDependent,
}

/// A row of a regression table. A univariable and a multivariable column are two terms.
#[derive(Clone, Debug)]
pub struct Term {
    pub id: String,
    pub covariate: Covariate,
    pub beta: Option<Figure>,
    pub standard_error: Option<Figure>,
    pub wald: Option<Figure>,
    pub z: Option<Figure>,
    /// OR or HR: the exponential of the coefficient.
    pub ratio: Option<Figure>,
    pub lower: Option<Figure>,
    pub upper: Option<Figure>,
    pub p: Option<Figure>,
    /// The P-value is of another test (log-rank, likelihood ratio), or of another model.
    pub p_of_other_test: bool,
    /// The coefficient is of another model or unit than the ratio.
    pub beta_of_other_model: bool,
    /// The row prints a unit: "per SD".
    pub in_unit: bool,
    /// n, events and number exposed of this row, where they differ from the table's.
    pub n: Option<Figure>,
    pub events: Option<Figure>,
    pub exposed: Option<Figure>,
    /// Coded -1 and 1 ("effect" coding).
    pub plus_minus_one: bool,
    /// Smallest and largest value of the covariate, in the unit of the coefficient.
    pub lowest: Option<Figure>,
    pub highest: Option<Figure>,
    /// The level that the ratio is relative to.
    pub reference: Option<String>,
}

/// A figure repeated elsewhere: as a row of metrics, or of a regression term, or by pointer.
#[derive(Clone, Debug)]
pub struct Restated {
    pub place: Option<String>,
    pub of: RestatedOf,
}

#[derive(Clone, Debug)]
pub enum RestatedOf {
    Pointer { pointer: String, value: Figure },
    Metrics(Box<PerformanceRow>),
    Term(Box<Term>),
}

#[derive(Clone, Debug)]
pub struct Claim {
    pub id: String,
    pub kind: ClaimKind,
    /// Leaf of the claim's kind, to point at.
    pub leaf: usize,
    pub metric: Option<String>,
    pub subjects: Vec<String>,
    pub than: Vec<String>,
    pub cohorts: Vec<String>,
    pub except: Vec<ClaimException>,
    pub variables: Vec<String>,
    pub p: Option<Figure>,
    /// JSON pointers to the figures that the claim is about.
    pub of: Vec<String>,
    /// The ratio or difference that is claimed of the two figures.
    pub value: Option<Figure>,
    /// The section whose table is meant.
    pub table: Option<String>,
}

#[derive(Clone, Debug)]
pub struct ClaimException {
    pub model: String,
    pub cohort: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimKind {
    Greater,
    Lower,
    Maximum,
    SignificantlyBetter,
    NoSignificantDifference,
    SpreadIsIqr,
    /// Each of the variables has P below the level in the table.
    IndependentPredictor,
    /// The variables were selected because P was below the level; all others were not.
    SelectedBelow,
    /// The first figure pointed at is larger than the second.
    More,
    /// The first figure pointed at over, or less, the second is the stated value.
    RatioOf,
    DifferenceOf,
}

/// A date or a span of dates, whole or to the month: (year, month, day).
#[derive(Clone, Debug)]
pub struct DateEntry {
    pub name: String,
    pub place: Option<String>,
    pub leaves: Vec<usize>,
    pub span: DateSpan,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DateSpan {
    /// `from` to `to`, both included.
    Span {
        from: Day,
        to: Day,
    },
    /// A point that divides the cohort.
    CutOff(Day),
    /// Subjects of a cohort lie before this day.
    Before {
        cohort: String,
        day: Day,
    },
    After {
        cohort: String,
        day: Day,
    },
    Unreadable,
}

/// A calendar date; month and day may be absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    pub year: u32,
    pub month: Option<u32>,
    pub day: Option<u32>,
}

impl Day {
    /// `2020`, `2020-10`, `2020-10-31`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('-');
        let year = parts.next().filter(|part| part.len() == 4)?.parse().ok()?;
        let month = match parts.next() {
            Some(part) => Some(part.parse().ok().filter(|month| (1..=12).contains(month))?),
            None => None,
        };
        let day = match parts.next() {
            Some(part) => Some(part.parse().ok().filter(|day| (1..=31).contains(day))?),
            None => None,
        };
        parts.next().is_none().then_some(Self { year, month, day })
    }

    /// The first day that this can mean, as a number that orders like the calendar.
    pub fn earliest(self) -> u32 {
        (self.year * 12 + self.month.unwrap_or(1) - 1) * 31 + self.day.unwrap_or(1) - 1
    }

    /// The last day that this can mean.
    pub fn latest(self) -> u32 {
        (self.year * 12 + self.month.unwrap_or(12) - 1) * 31 + self.day.unwrap_or(31) - 1
    }
}
