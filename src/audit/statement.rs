//! What a finding states, in a form that the plain second checker can verify from the file alone.

use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Statement {
    /// No whole number up to `most` (or the leaf's number) is a denominator for all these counts and percents.
    NoDenominator { cells: Vec<CountPercent>, most: Option<usize> },
    /// No whole numbers of `n` subjects (of any number up to it when `fewer`) print as these percents.
    NoCounts { percents: Vec<usize>, n: usize, fewer: bool },
    /// The parts do not add up to the total (`parts` more than the total when `at_most`).
    Sum { total: usize, parts: Vec<usize>, at_most: bool },
    /// Each leaf times its weight, added up, is not the sum of the others.
    WeightedSum { terms: Vec<Weighted>, total: Vec<usize> },
    /// No whole numbers (zeros and ones when `binary`) have this mean and SD, for `n` of them or, when `fewer`, for any
    /// number up to it.
    NoIntegers { mean: usize, deviation: Option<usize>, n: usize, fewer: bool, binary: bool },
    /// Two leaves that say the same thing differ.
    Differ { first: usize, second: usize },
    /// Each pair of leaves is printed alike.
    Alike { pairs: Vec<[usize; 2]> },
    /// Two dates, or spans of dates, have a day at least between them.
    DatesApart { first: usize, second: usize },
    /// No 2 x 2 tables give the figures; all rows share their class counts.
    NoTables { n: Option<usize>, positive: Option<usize>, negative: Option<usize>, rows: Vec<Vec<MetricLeaf>> },
    /// No numbers of positives of the parts, each with tables for its rows, add up to the whole's.
    NoPartition { positive: usize, parts: Vec<Part> },
    /// The first number is not at most the second.
    Order { low: usize, high: usize },
    /// The number lies outside the range of its kind.
    OutOfRange { leaf: usize, low: f64, high: f64 },
    /// No number of concordant pairs of this many subjects prints as the AUC.
    /// Half pairs count when `ties`.
    NoPairs { auc: usize, percent: bool, positive: usize, negative: usize, ties: bool },
    /// The interval of a share of `n` subjects is narrower than half of every usual interval.
    NarrowShare { interval: PrintedInterval, n: usize },
    /// Three quarters of the intervals of shares or more are as wide as those of `number` subjects, and less than a quarter
    /// as wide as those of twice their own number, or fewer.
    CommonNumber { intervals: Vec<IntervalOf>, number: f64 },
    /// The interval of an AUC is narrower than half of what the score orders (yes-or-no readings only, when `binary`) give.
    NarrowAuc {
        interval: PrintedInterval,
        positive: Option<usize>,
        negative: Option<usize>,
        n: Option<usize>,
        binary: bool,
        ties: bool,
    },
    /// No values that print as the inputs give, by the formula, a value that stands in the relation to the target.
    NoValue { formula: Formula, inputs: Vec<Input>, relation: Relation, target: Target, factor: f64, step: f64 },
    /// Cannot be checked again, and why.
    NotReplayable { why: String },
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CountPercent {
    pub count: usize,
    pub percent: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Weighted {
    pub leaf: usize,
    pub weight: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MetricLeaf {
    pub metric: String,
    pub leaf: usize,
    /// The figure is in percent.
    pub percent: bool,
}

/// The rows of one part of a cohort, of `n` subjects.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    pub n: usize,
    pub positive: Option<usize>,
    pub negative: Option<usize>,
    pub rows: Vec<Vec<MetricLeaf>>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PrintedInterval {
    pub estimate: usize,
    pub lower: usize,
    pub upper: usize,
    /// 0.01 for percents.
    pub unit: f64,
    pub limit_unit: f64,
    pub level: f64,
}

/// An interval of a share of at most `n` subjects.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IntervalOf {
    pub interval: PrintedInterval,
    pub n: usize,
}

/// A number that goes into a formula.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// A printed number times a unit; anything that prints so counts.
    Leaf {
        leaf: usize,
        unit: f64,
    },
    /// A whole number as printed.
    Count {
        leaf: usize,
    },
    /// A whole number less another.
    Rest {
        of: usize,
        less: usize,
    },
    Constant {
        value: f64,
    },
}

/// How the value of the formula and the target must stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    Equal,
    /// The target is at most the value.
    AtMost,
    /// The target is at least the value.
    AtLeast,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    Leaf { leaf: usize, unit: f64, read_as: ReadAs },
    Between { low: f64, high: f64 },
}

/// What is compared of a printed number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadAs {
    Value,
    /// Without its sign.
    Magnitude,
    /// The square root: Wald's statistic as |z|.
    Root,
    /// The |z| that a two-sided P-value stands for.
    ZOfP,
}

/// A formula of the plain checker. Where several methods are usual it gives several values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Formula {
    /// exp(a)
    Exponential,
    /// |a / b|
    Quotient,
    /// sqrt(a)
    Root,
    /// (a + b) / 2
    Middle,
    /// sqrt(a b)
    MiddleOfLogarithms,
    /// The middle of two limits of a ratio: plain, and on the scale of the logarithm.
    MiddleOfRatio,
    /// The middle of two limits between 0 and 1: plain, and on the scale of the logit.
    MiddleOfShare,
    /// 1 - a / b
    OneLessRatio,
    /// |a - b|
    Distance,
    /// a / b, with its sign
    Ratio,
    /// a - b
    Difference,
    /// Standard errors that estimate, lower, upper, critical value of a ratio imply.
    ErrorOfRatio,
    /// |z| from the same four.
    ZOfRatio,
    /// |z| from difference, lower, upper, critical value.
    ZOfDifference,
    /// Standard errors implied by ratio, lower, upper, critical value, over a floor c / sqrt(count): c, count follow.
    ErrorOverFloor,
    /// |z| of the P-values of Student's and Welch's t from mean, SD, n of two groups.
    TwoMeans,
    /// The same from mean, standard error, n.
    TwoMeansSe,
    /// Mean of all from n, mean of each group.
    MeanOfAll,
    /// SD of all from n, mean, SD of each group.
    DeviationOfAll,
    /// |z| of the P-values of the usual tests of a table of counts: the number of rows, then the cells row by row.
    Counts,
    /// Sum of the diagonal over the sum, of a square table.
    Agreement,
    /// Cohen's kappa, without and with linear and quadratic weights, and 2 p - 1.
    Kappa,
    /// |z| of McNemar's tests from the two discordant counts.
    McNemar,
    /// Sensitivity times specificity: the least area of a curve through the point.
    LeastArea,
    /// 1 - (1 - sensitivity)(1 - specificity): the greatest.
    GreatestArea,
    /// |a - b| over the sum of the standard errors that two intervals imply: a, lower, upper, b, lower, upper, critical.
    ZOfPair,
    /// intercept + sum of coefficient times value: intercept, then pairs.
    LinearPredictor,
    /// 1 / (1 + exp(-lp))
    Logistic,
    /// S0^exp(lp), and one less it: S0, lp.
    Proportional,
    /// Largest SD of n numbers with mean a between low and high: a, low, high, n.
    LargestDeviation,
    /// sqrt(n / (n - 1) p (1 - p)): p, n.
    DeviationOfShare,
    /// |a - c| over b, over d, and over the root of their mean square: mean, SD, mean, SD.
    StandardisedMeans,
    /// The same of two shares: count, n, count, n.
    StandardisedShares,
    /// |z| of the P-value of t with df, of chi-squared with df, of F with two.
    ZOfT,
    ZOfChiSquared,
    ZOfF,
    /// |z| of the P-values of Fisher's and Welch's F from mean, SD, n of several groups.
    SeveralMeans,
    /// The same from mean, standard error, n.
    SeveralMeansSe,
    /// p - (1 - p) t / (1 - t): t, then p, or the counts with and without the event.
    NetBenefitOfAll,
    /// The same at another threshold: the benefit at the first, the first, the second.
    NetBenefitElsewhere,
    /// (b - a) / (2 c)
    ErrorOfWidth,
    /// a d / (b c), and its inverse.
    OddsRatio,
    /// From a survival rate, its lower and upper limit and the critical value: the number of subjects without censoring that
    /// gives the closer limit, on each scale.
    MostSubjectsOfRate,
    /// The same for the farther limit.
    FewestSubjectsOfRate,
}
