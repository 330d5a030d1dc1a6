//! What a `reported/1` file says, typed. Every printed number is a [`Figure`] that knows its leaf, so that a finding
//! can point to the line where it was typed.

use super::metric::Metric;
use crate::audit::arithmetic::Printed;
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
    words.contains(&plain.as_str())
}

/// A whole file.
#[derive(Clone, Debug)]
pub struct Reported {
    pub file_name: String,
    pub text: String,
    pub leaves: Vec<Leaf>,
    pub title: Option<String>,
    pub assume: Assume,
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
}

/// How an interval was computed, as far as the paper says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CiMethod {
    NotStated,
    Wald,
    Wilson,
    ClopperPearson,
    AgrestiCoull,
    DeLong,
    HanleyMcNeil,
    Bootstrap,
    Profile,
    Other,
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
    /// Counts that add up to n.
    pub partition: Vec<Named>,
    pub unit: Option<String>,
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

#[derive(Clone, Debug)]
pub struct Baseline {
    pub columns: Vec<Column>,
    pub comparisons: Vec<ColumnGroup>,
    pub continuous_test: Option<String>,
    pub categorical_test: Option<String>,
    pub rows: Vec<BaselineRow>,
}

#[derive(Clone, Debug)]
pub struct Column {
    pub id: String,
    pub cohort: Option<String>,
    /// `positive` or `negative` where the columns are the outcome classes; any other name otherwise.
    pub group: Option<String>,
    pub n: Option<Figure>,
    /// Columns that add up to this one.
    pub sum_of: Vec<String>,
}

/// Columns that one P-value compares.
#[derive(Clone, Debug)]
pub struct ColumnGroup {
    pub name: String,
    pub columns: Vec<String>,
}

/// What the percents of a row are shares of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PercentOf {
    NotStated,
    Column,
    Row,
    Table,
}

#[derive(Clone, Debug)]
pub struct BaselineRow {
    pub id: String,
    pub body: RowBody,
    /// Per column group.
    pub p: Vec<Named>,
    pub test: Option<String>,
    /// n used in this row, by column.
    pub n: Vec<Named>,
    pub spread_label: Option<String>,
}

#[derive(Clone, Debug)]
pub enum RowBody {
    Categorical(Categorical),
    Continuous(Continuous),
}

#[derive(Clone, Debug)]
pub struct Categorical {
    pub levels: Vec<Level>,
    pub ordered: bool,
    /// Stated: a subject can be in several levels, or in exactly one. `None`: not stated.
    pub overlapping: Option<bool>,
    pub percent_of: PercentOf,
    /// Levels that are "unknown" and left out of the test.
    pub missing_levels: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Level {
    pub name: String,
    pub cells: Vec<LevelCell>,
}

#[derive(Clone, Debug)]
pub struct LevelCell {
    pub column: String,
    pub share: Share,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    MeanSd,
    MeanSe,
    MedianRange,
    MedianIqr,
}

#[derive(Clone, Debug)]
pub struct Continuous {
    pub spread: Spread,
    pub cells: Vec<ContinuousCell>,
}

#[derive(Clone, Debug)]
pub struct ContinuousCell {
    pub column: String,
    /// Mean or median.
    pub centre: Figure,
    /// SD or SE; or the lower and the upper quartile or extreme.
    pub spread: Vec<Figure>,
    pub n: Option<Figure>,
}

#[derive(Clone, Debug)]
pub struct Performance {
    pub rows: Vec<PerformanceRow>,
    pub ci_level: Option<Figure>,
    pub ci_method: Option<CiMethod>,
    /// The rows are readers: human, binary readings.
    pub readers: bool,
}

#[derive(Clone, Debug)]
pub struct PerformanceRow {
    pub model: String,
    pub cohort: Option<String>,
    pub metrics: Vec<MetricCell>,
    /// Means over folds, repeats or classes: no single 2 x 2 table is behind them.
    pub averaged: bool,
    pub n: Option<Figure>,
    pub positive: Option<Figure>,
    pub negative: Option<Figure>,
}

impl PerformanceRow {
    pub fn metric(&self, metric: Metric) -> Option<&MetricCell> {
        self.metrics.iter().find(|cell| cell.metric == metric)
    }
}

#[derive(Clone, Debug)]
pub struct MetricCell {
    pub metric: Metric,
    pub key: String,
    pub estimate: Option<Figure>,
    pub lower: Option<Figure>,
    pub upper: Option<Figure>,
    pub standard_error: Option<Figure>,
    pub share: Share,
    pub ci_level: Option<Figure>,
    pub ci_method: Option<CiMethod>,
}

#[derive(Clone, Debug)]
pub struct Comparisons {
    pub metric: Option<String>,
    pub test: Option<String>,
    /// The section whose table the models stand in.
    pub table: Option<String>,
    pub pairs: Vec<Comparison>,
}

#[derive(Clone, Debug)]
pub struct Comparison {
    pub first: String,
    pub second: String,
    pub cohort: Option<String>,
    pub difference: Option<Figure>,
    pub standard_error: Option<Figure>,
    pub z: Option<Figure>,
    pub lower: Option<Figure>,
    pub upper: Option<Figure>,
    pub p: Option<Figure>,
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
    pub terms: Vec<Term>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covariate {
    NotStated,
    Binary,
    Ordinal,
    Continuous,
    Factor,
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
}

#[derive(Clone, Debug)]
pub struct Survival {
    pub cohort: Option<String>,
    pub times: Vec<Figure>,
    pub groups: Vec<SurvivalGroup>,
    pub p: Option<Figure>,
    pub median_follow_up: Option<Figure>,
}

#[derive(Clone, Debug)]
pub struct SurvivalGroup {
    pub name: String,
    pub n: Option<Figure>,
    pub events: Option<Figure>,
    /// Survival at `times`.
    pub rates: Vec<Figure>,
    pub median: Option<Figure>,
    pub median_lower: Option<Figure>,
    pub median_upper: Option<Figure>,
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
