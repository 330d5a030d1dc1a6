//! The tables of a `reported/1` file, typed: baseline, performance, comparisons, and those of few columns.

use super::metric::Metric;
use super::model::{CiMethod, Figure, Named, Share};

#[derive(Clone, Debug)]
pub struct Baseline {
    pub columns: Vec<Column>,
    pub comparisons: Vec<ColumnGroup>,
    /// The tests that the paper names; several when any of them may stand behind a P-value, none when it does not say.
    pub continuous_test: Vec<String>,
    pub categorical_test: Vec<String>,
    pub rows: Vec<BaselineRow>,
}

impl Baseline {
    pub fn column(&self, id: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.id == id)
    }

    /// The number of subjects behind a row's cell of a column: the row's own, else the column's, unless the row counts
    /// another unit than subjects.
    pub fn size<'a>(&'a self, row: &'a BaselineRow, id: &str) -> Option<&'a Figure> {
        let own = row.n.iter().find(|named| named.name == id).map(|named| &named.figure);
        own.or_else(|| self.column(id).and_then(|column| column.n.as_ref()).filter(|_| row.unit.is_none()))
    }

    /// The tests named for one P-value of a row: the row's, else the P-column's, else the table's.
    pub fn tests<'a>(&'a self, row: &'a BaselineRow, group: &str) -> &'a [String] {
        if !row.tests.is_empty() {
            return &row.tests;
        }
        let of_group = self.comparisons.iter().find(|comparison| comparison.name == group).map(|c| c.tests.as_slice());
        match of_group {
            Some(tests) if !tests.is_empty() => tests,
            _ if matches!(row.body, RowBody::Categorical(_)) => &self.categorical_test,
            _ => &self.continuous_test,
        }
    }
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
    pub tests: Vec<String>,
}

/// What the percents of a row are shares of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PercentOf {
    NotStated,
    Column,
    Row,
    Table,
    /// Those of the column with a value in this row.
    Valid,
    /// Of weighted subjects: of a survey, or by inverse probability.
    Weighted,
    /// Those in a level of an earlier row, column by column.
    Level {
        row: String,
        level: String,
    },
}

#[derive(Clone, Debug)]
pub struct BaselineRow {
    pub id: String,
    pub body: RowBody,
    /// Per column group.
    pub p: Vec<Named>,
    /// P-values beside single levels.
    pub level_p: Vec<LevelP>,
    /// The level that the P-values of the other levels are against.
    pub reference: Option<String>,
    pub tests: Vec<String>,
    /// n used in this row, by column.
    pub n: Vec<Named>,
    /// What is counted, where it is not the table's subjects (lesions, images).
    pub unit: Option<String>,
    /// The variable, where it has several rows.
    pub variable: Option<String>,
    pub spread_label: Option<String>,
    /// Standardised mean differences, per column group.
    pub standardised_differences: Vec<Named>,
    /// The statistic behind the P-value.
    pub statistic: Option<TestStatistic>,
}

/// The statistic of a test, with its degrees of freedom: one number, or two of F.
#[derive(Clone, Debug)]
pub struct TestStatistic {
    pub kind: StatisticKind,
    pub value: Figure,
    pub degrees: Vec<Figure>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatisticKind {
    T,
    ChiSquared,
    F,
    Z,
}

/// A test in the text.
#[derive(Clone, Debug)]
pub struct TestItem {
    pub name: String,
    pub statistic: TestStatistic,
    pub p: Option<Figure>,
    /// As stated.
    pub tails: Option<Tails>,
    /// The P-value is corrected for several comparisons.
    pub corrected: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tails {
    One,
    Two,
}

/// A P-value beside one level of a factor.
#[derive(Clone, Debug)]
pub struct LevelP {
    pub level: String,
    pub group: String,
    pub figure: Figure,
}

#[derive(Clone, Debug)]
pub enum RowBody {
    Categorical(Categorical),
    Continuous(Continuous),
    Summary(Vec<SummaryCell>),
}

/// Summaries of a continuous variable in one column, as many as are printed.
#[derive(Clone, Debug, Default)]
pub struct SummaryCell {
    pub column: String,
    pub n: Option<Figure>,
    pub mean: Option<Figure>,
    pub sd: Option<Figure>,
    pub se: Option<Figure>,
    pub median: Option<Figure>,
    pub first_quartile: Option<Figure>,
    pub third_quartile: Option<Figure>,
    pub minimum: Option<Figure>,
    pub maximum: Option<Figure>,
    pub iqr_width: Option<Figure>,
    pub range_width: Option<Figure>,
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
    /// The test used more levels than are printed.
    pub more_levels: bool,
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
    /// A slope or other estimate with its standard error: n is not needed.
    EstimateSe,
}

#[derive(Clone, Debug)]
pub struct Continuous {
    pub spread: Spread,
    pub values: Values,
    pub cells: Vec<ContinuousCell>,
}

/// What the single values are, where the file says: of whole numbers a mean is a fraction of integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    Real,
    Integer,
    /// Zero or one.
    Binary,
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
    /// Where single metrics have a method of their own.
    pub ci_methods: Vec<(Metric, CiMethod)>,
    /// Stated for all figures of the table.
    pub scale: Option<Scale>,
    /// The rows are readers: human, binary readings.
    pub readers: bool,
    /// The models predict a time to an event: no metric is of a 2 x 2 table.
    pub survival: Option<SurvivalTable>,
}

/// What holds for all models of a survival outcome.
#[derive(Clone, Debug, Default)]
pub struct SurvivalTable {
    /// By which time the event is predicted, where the keys of the metrics do not say: "5 years".
    pub horizon: Option<String>,
}

impl Performance {
    /// The method of a cell's interval, as far as it is stated.
    pub fn method(&self, cell: &MetricCell) -> Option<CiMethod> {
        let of_metric = self.ci_methods.iter().find(|(metric, _)| *metric == cell.metric).map(|(_, method)| *method);
        cell.ci_method.or(of_metric).or(self.ci_method)
    }
}

/// Percent or proportion, where the file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    Percent,
    Proportion,
}

#[derive(Clone, Debug)]
pub struct PerformanceRow {
    pub model: String,
    pub cohort: Option<String>,
    pub metrics: Vec<MetricCell>,
    /// Means over folds, repeats or classes: no single 2 x 2 table is behind them.
    pub averaged: bool,
    /// Said to be of one 2 x 2 table of the printed sample (`averaged: no`).
    pub one_table: bool,
    /// How many folds or repeats.
    pub folds: Option<Figure>,
    pub n: Option<Figure>,
    pub positive: Option<Figure>,
    pub negative: Option<Figure>,
    /// What is counted, where it is not the cohort's subjects.
    pub unit: Option<String>,
    /// Readers: without or with the model's aid.
    pub aid: Option<String>,
    /// Which subjects, where it is not the whole cohort ("without clinically negative").
    pub sample: Option<String>,
    /// Readings of yes or no: the AUC is the mean of sensitivity and specificity.
    pub binary_reading: bool,
    /// Readers or models whose readings are pooled in this row.
    pub pooled: Vec<String>,
    /// Of a model that predicts a time to an event; net benefit of any.
    pub survival: SurvivalFigures,
}

/// What stands beside the metrics of a survival model, by the horizon.
#[derive(Clone, Debug, Default)]
pub struct SurvivalFigures {
    pub events: Option<Figure>,
    /// The two whose ratio is O/E: risks, or numbers of events.
    pub observed: Option<Figure>,
    pub expected: Option<Figure>,
    /// The Brier score of a model without predictors, which the index of prediction accuracy is relative to.
    pub null_brier: Option<Figure>,
    pub net_benefit: Vec<NetBenefit>,
}

/// Net benefit at a threshold.
#[derive(Clone, Debug)]
pub struct NetBenefit {
    /// As it is typed: "0.23".
    pub threshold: String,
    pub model: Option<Figure>,
    pub lower: Option<Figure>,
    pub upper: Option<Figure>,
    pub treat_all: Option<Figure>,
    pub treat_none: Option<Figure>,
    /// Subjects at or above the threshold.
    pub treated: Option<Figure>,
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
    /// SD over folds or repeats.
    pub deviation: Option<Figure>,
    /// P-value against no discrimination.
    pub p: Option<Figure>,
    pub scale: Option<Scale>,
    pub ci_scale: Option<Scale>,
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
    /// Of the intervals of differences.
    pub ci_method: Option<CiMethod>,
    pub pairs: Vec<Comparison>,
}

#[derive(Clone, Debug)]
pub struct Comparison {
    pub first: String,
    pub second: String,
    pub cohort: Option<String>,
    /// Where two samples are compared: the cohort of the second.
    pub second_cohort: Option<String>,
    pub metric: Option<String>,
    pub test: Option<String>,
    pub difference: Option<Figure>,
    pub standard_error: Option<Figure>,
    pub z: Option<Figure>,
    pub lower: Option<Figure>,
    pub upper: Option<Figure>,
    pub p: Option<Figure>,
}

/// Two classifications of the same subjects, crossed.
#[derive(Clone, Debug)]
pub struct CrossTable {
    pub cohort: Option<String>,
    pub rows: Vec<CrossRow>,
    pub columns: Vec<String>,
    /// Printed column totals, by column.
    pub column_totals: Vec<Named>,
    pub n: Option<Figure>,
    /// The same levels in rows and columns, in the same order: agreement has a meaning.
    pub same_levels: bool,
    /// Share on the diagonal.
    pub agreement: Option<Figure>,
    pub kappa: Option<Figure>,
    /// With linear or quadratic weights.
    pub weighted_kappa: Option<Figure>,
    pub weights: Option<String>,
    pub p: Option<Figure>,
    pub tests: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct CrossRow {
    pub name: String,
    pub cells: Vec<Named>,
    pub total: Option<Figure>,
}

/// Two readings of the same subjects, where the full 2 x 2 table need not be printed.
#[derive(Clone, Debug)]
pub struct Paired {
    pub items: Vec<PairedItem>,
}

#[derive(Clone, Debug)]
pub struct PairedItem {
    pub name: String,
    pub n: Option<Figure>,
    pub both: Option<Figure>,
    pub only_first: Option<Figure>,
    pub only_second: Option<Figure>,
    pub neither: Option<Figure>,
    pub concordant: Option<Figure>,
    pub discordant: Option<Figure>,
    /// All that the first, or the second, calls positive.
    pub first: Option<Figure>,
    pub second: Option<Figure>,
    pub p: Option<Figure>,
    pub test: Option<String>,
}

/// A table by cut-off or risk group: subjects, events, rates.
#[derive(Clone, Debug)]
pub struct CutOffs {
    pub cohort: Option<String>,
    /// Each row counts all rows before it too.
    pub cumulative: bool,
    /// Rates are events over subjects, as stated, and not Kaplan-Meier estimates.
    pub crude_rates: bool,
    pub rows: Vec<CutOffRow>,
    pub n: Option<Figure>,
    pub events: Option<Figure>,
}

#[derive(Clone, Debug)]
pub struct CutOffRow {
    pub name: String,
    pub n: Option<Figure>,
    pub events: Option<Figure>,
    /// Events over n, in percent or as a proportion.
    pub rate: Option<Figure>,
}

/// A prediction equation with worked examples.
#[derive(Clone, Debug)]
pub struct Equation {
    pub link: Link,
    pub intercept: Option<Figure>,
    /// Cox: survival at the horizon of a subject with linear predictor 0.
    pub baseline_survival: Option<Figure>,
    /// Cox: the linear predictor that the baseline belongs to; 0 where the file says so.
    pub mean_predictor: Option<Figure>,
    pub terms: Vec<Named>,
    pub examples: Vec<Example>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    Logistic,
    Linear,
    Cox,
}

#[derive(Clone, Debug)]
pub struct Example {
    pub values: Vec<Named>,
    pub linear_predictor: Option<Figure>,
    /// The predicted probability, of the event.
    pub probability: Option<Figure>,
}

/// How many subjects carry how many of several markers: counted by marker and by number, the sum is the same.
#[derive(Clone, Debug)]
pub struct Tally {
    pub cohort: Option<String>,
    pub n: Option<Figure>,
    pub markers: Vec<Named>,
    /// Names are the numbers of markers: 0, 1, 2.
    pub by_number: Vec<Named>,
}
