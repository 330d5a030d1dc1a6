//! Made-up results with every kind of analysis, for tests of the report: the study is invented, and so is each number.
//! The variants stretch one thing each: one model, forty models, long labels, twelve levels, an empty partition, no event.

use vouch::results::*;
use vouch::stats::{Alternative, Estimate, Interval, NullDistribution, Test};

const LEVEL: f64 = 0.95;

/// What a sample is made of.
#[derive(Clone)]
pub struct Shape {
    /// Label and AUC of each model in training; later partitions lose a little.
    pub models: Vec<(String, f64)>,
    /// Id, label, subjects, events.
    pub partitions: Vec<(&'static str, &'static str, usize, usize)>,
    pub grade_levels: Vec<String>,
    pub age_label: String,
    pub simulated: bool,
}

impl Default for Shape {
    fn default() -> Self {
        let models = [
            ("Stepwise logistic model", 0.742),
            ("Logistic regression", 0.739),
            ("SVM (RBF kernel)", 0.751),
            ("Random forest", 0.812),
            ("Reader: size > 20 mm", 0.648),
        ];
        Self {
            models: models.map(|(label, auc)| (label.to_string(), auc)).to_vec(),
            partitions: vec![
                ("training", "Training set", 1164, 561),
                ("validation", "Validation set", 330, 158),
                ("test", "Test set", 871, 402),
                ("validation+test", "Validation and test sets", 1201, 560),
            ],
            grade_levels: ["Grade 2", "Grade 3"].map(String::from).to_vec(),
            age_label: "Age".to_string(),
            simulated: false,
        }
    }
}

/// Five models in four partitions, all analyses.
pub fn sample() -> Results {
    results_of(&Shape::default())
}

/// The same, of simulated data.
pub fn simulated() -> Results {
    results_of(&Shape { simulated: true, ..Shape::default() })
}

pub fn one_model() -> Results {
    let mut shape = Shape::default();
    shape.models.truncate(1);
    results_of(&shape)
}

pub fn forty_models() -> Results {
    let models = (0..40).map(|index| (format!("Variant {:02} of the network", index + 1), 0.60 + 0.008 * index as f64));
    results_of(&Shape { models: models.collect(), ..Shape::default() })
}

/// Labels that a template might break on: long, with markup, with characters outside Latin.
pub fn long_labels() -> Results {
    let mut shape = Shape::default();
    shape.models[0].0 =
        "<script>alert('label')</script> & a model whose label runs on for far longer than any column of a \
                         table has room for, as labels in real studies do"
            .to_string();
    shape.models[1].0 =
        "DLR 100 + 150 keV, κ-slope ≥ 0.5 µmol/L, “quoted”, 100 % # $x$ _under_ *star* @ref \\".to_string();
    shape.age_label =
        "Age at the day of the first surgical procedure, as written in the operation report <b>bold</b>".to_string();
    results_of(&shape)
}

pub fn twelve_levels() -> Results {
    let grade_levels = (1..=12).map(|level| format!("Histological subtype {level}")).collect();
    results_of(&Shape { grade_levels, ..Shape::default() })
}

pub fn empty_partition() -> Results {
    let mut shape = Shape::default();
    shape.partitions[1].2 = 0;
    shape.partitions[1].3 = 0;
    results_of(&shape)
}

pub fn no_events() -> Results {
    let mut shape = Shape::default();
    shape.partitions[2].3 = 0;
    results_of(&shape)
}

pub fn results_of(shape: &Shape) -> Results {
    Results {
        schema: SCHEMA.to_string(),
        program: program(),
        study: StudyFacts {
            id: "sample-lnm".to_string(),
            title: "Node metastasis and overall survival in primary breast cancer".to_string(),
            description: Some(
                "Can what is known before surgery tell node-positive from node-negative disease, and does the predicted \
                 risk separate survival?"
                    .to_string(),
            ),
            date: Some("2026-11-24".to_string()),
            seed: 7,
            simulated: shape.simulated,
            spec_sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_string(),
            data_source: Some("Invented for tests; no patient stands behind it.".to_string()),
            images: Vec::new(),
            derived: vec![DerivedColumn {
                name: "os_years".to_string(),
                expression: "dtime / 365.25".to_string(),
                of: vec!["Overall survival".to_string()],
                external: false,
            }],
            missing: Some(MissingRule { drop_above: Some(0.2), imputed: false }),
        },
        inputs: vec![InputFile {
            name: "patients".to_string(),
            content_sha256: "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752".to_string(),
            rows: Some(2982),
            columns: 15,
        }],
        external: None,
        cohort: CohortFlow {
            read: Some(2982),
            steps: vec![
                step("era", "Operated 1983 to 1993", AttritionKind::Inclusion, 412, 2570),
                step("age", "Aged below 30 or above 85 years", AttritionKind::Exclusion, 38, 2532),
                step("receptor", "Receptor status above the range of the assay", AttritionKind::Exclusion, 94, 2438),
                step("complete", "A predictor is missing", AttritionKind::Missing, 73, 2365),
            ],
            analysed: 2365,
            dropped_variables: vec![DroppedVariable { variable: "her2".to_string(), missing: Some(1402), n: Some(2438) }],
            missing_values: Some(missing_values()),
        },
        variables: variables(shape),
        outcomes: vec![
            OutcomeFacts {
                id: "lnm".to_string(),
                label: "Lymph-node metastasis".to_string(),
                kind: OutcomeKind::Binary,
                definition: "nodes > 0".to_string(),
                negative_label: Some("Node-negative".to_string()),
                positive_label: Some("Node-positive".to_string()),
                time_unit: None,
            },
            OutcomeFacts {
                id: "os".to_string(),
                label: "Overall survival".to_string(),
                kind: OutcomeKind::Survival,
                definition: "death = 1 at dtime".to_string(),
                negative_label: None,
                positive_label: None,
                time_unit: Some("years".to_string()),
            },
        ],
        partitions: shape.partitions.iter().map(partition).collect(),
        not_fitted: Vec::new(),
        models: shape.models.iter().enumerate().map(|(index, (label, _))| model(index, label, shape)).collect(),
        analyses: vec![
            Analysis { id: "baseline".to_string(), outcome: AnalysisOutcome::BaselineTable(baseline(shape)) },
            Analysis { id: "performance".to_string(), outcome: AnalysisOutcome::Performance(performance(shape)) },
            Analysis { id: "comparison".to_string(), outcome: AnalysisOutcome::Comparison(comparison(shape)) },
            Analysis { id: "survival".to_string(), outcome: AnalysisOutcome::KaplanMeier(survival(shape)) },
            Analysis { id: "cox".to_string(), outcome: AnalysisOutcome::Cox(cox(shape)) },
            Analysis { id: "calibration".to_string(), outcome: AnalysisOutcome::Calibration(calibration(shape)) },
            Analysis {
                id: "subgroups".to_string(),
                outcome: AnalysisOutcome::NotComputed {
                    declared: "Cox regression of overall survival in node-negative patients".to_string(),
                    why: "no event was observed".to_string(),
                },
            },
        ],
        explanation: None,
        notices: vec![
            Notice {
                code: "leakage/outcome-function".to_string(),
                level: NoticeLevel::Warning,
                message: "The predictor \"nodes\" was not used: the outcome \"lnm\" is a function of it.".to_string(),
            },
            Notice {
                code: "small/events".to_string(),
                level: NoticeLevel::Note,
                message: "158 events in the validation set: intervals there are wide.".to_string(),
            },
        ],
        published: None,
        layout: layout(),
        presentation: Presentation::default(),
    }
}

fn missing_values() -> MissingValues {
    let variable = |variable: &str, missing| MissingVariable { variable: variable.to_string(), missing };
    let pattern = |variables: &[&str], subjects| MissingPattern {
        variables: variables.iter().map(ToString::to_string).collect(),
        subjects,
    };
    MissingValues {
        n: 2438,
        complete: 981,
        variables: vec![variable("grade", 41), variable("pgr", 36), variable("her2", 1402)],
        patterns: vec![
            pattern(&["her2"], 1384),
            pattern(&["grade"], 37),
            pattern(&["pgr"], 18),
            pattern(&["pgr", "her2"], 14),
            pattern(&["grade", "pgr", "her2"], 4),
        ],
        others: 0,
    }
}

fn step(id: &str, says: &str, kind: AttritionKind, excluded: usize, remaining: usize) -> AttritionStep {
    AttritionStep { id: id.to_string(), says: says.to_string(), kind, excluded, remaining }
}

fn program() -> Program {
    let library = |name: &str, version: &str, part: &str| Library {
        name: name.to_string(),
        version: version.to_string(),
        part: part.to_string(),
    };
    Program {
        name: "vouch".to_string(),
        version: "0.1.0".to_string(),
        numeric_class: "x86-64, IEEE 754, libm".to_string(),
        libraries: vec![
            library("polars", "0.55.2", "tables and expressions"),
            library("linfa-logistic", "0.8.1", "logistic regression"),
            library("linfa-svm", "0.8.1", "support vector machine"),
            library("smartcore", "0.7.0", "random forest"),
            library("statrs", "0.19.1", "distribution functions"),
        ],
    }
}

fn variable(name: &str, label: &str, unit: Option<&str>, kind: VariableKind, levels: &[&str]) -> VariableFacts {
    VariableFacts {
        name: name.to_string(),
        label: label.to_string(),
        unit: unit.map(str::to_string),
        kind,
        levels: levels.iter().map(ToString::to_string).collect(),
        transform: None,
        missing: Some(0),
    }
}

fn variables(shape: &Shape) -> Vec<VariableFacts> {
    let grade: Vec<&str> = shape.grade_levels.iter().map(String::as_str).collect();
    vec![
        variable("age", &shape.age_label, Some("years"), VariableKind::Continuous, &[]),
        variable("meno", "Menopausal status", None, VariableKind::Categorical, &["Premenopausal", "Postmenopausal"]),
        variable("size", "Tumour size", None, VariableKind::Ordinal, &["≤ 20 mm", "20–50 mm", "> 50 mm"]),
        variable("grade", "Differentiation grade", None, VariableKind::Categorical, &grade),
        variable("er", "Oestrogen receptor", Some("fmol/L"), VariableKind::Continuous, &[]),
        variable("pgr", "Progesterone receptor", Some("fmol/L"), VariableKind::Continuous, &[]),
        variable("her2", "HER2 status", None, VariableKind::Categorical, &["Negative", "Positive"]),
    ]
}

fn partition(&(id, label, n, events): &(&'static str, &'static str, usize, usize)) -> PartitionFacts {
    let says = match id {
        "training" => "Operated before 1990; 78 % of them, drawn at random within each outcome class",
        "validation" => "Operated before 1990; the other 22 %",
        "test" => "Operated 1990 or later",
        _ => "",
    };
    let follow_up =
        Estimate::new(9.8, n).with_interval(9.5, 10.2, LEVEL, "reverse Kaplan-Meier, log").with_unit("years");
    PartitionFacts {
        id: id.to_string(),
        label: label.to_string(),
        says: says.to_string(),
        n,
        outcomes: vec![
            PartitionOutcome { outcome: "lnm".to_string(), events, median_follow_up: None },
            PartitionOutcome {
                outcome: "os".to_string(),
                events: events * 4 / 5,
                median_follow_up: (n > 0).then_some(follow_up),
            },
        ],
        union_of: if id.contains('+') { id.split('+').map(str::to_string).collect() } else { Vec::new() },
    }
}

fn model_id(index: usize) -> String {
    format!("model_{}", index + 1)
}

fn model(index: usize, label: &str, shape: &Shape) -> ModelFacts {
    let (kind, description) = match index % 5 {
        0 => ("logistic", "Logistic regression on variables chosen by univariable screening and stepwise selection."),
        1 => ("logistic", "Logistic regression on all variables, L2 penalty 1.0 (linfa-logistic)."),
        2 => ("svm", "Support vector machine with a radial kernel, C = 1, gamma = 1/p (linfa-svm)."),
        3 => ("forest", "Random forest of 500 trees, depth at most 6 (smartcore)."),
        _ => ("scores", "A column of the data: tumour size above 20 mm."),
    };
    let term = |variable: &str, level: Option<&str>, coefficient: f64| ModelTerm {
        variable: variable.to_string(),
        level: level.map(str::to_string),
        coefficient,
        ratio: (variable != "(intercept)" && index.is_multiple_of(5)).then(|| {
            let ratio = coefficient.exp();
            Estimate::new(ratio, shape.partitions[0].2).with_interval(ratio * 0.8, ratio * 1.25, LEVEL, "Wald")
        }),
    };
    ModelFacts {
        id: model_id(index),
        label: label.to_string(),
        kind: kind.to_string(),
        outcome: "lnm".to_string(),
        description: description.to_string(),
        predictors: ["age", "size", "grade", "pgr"].map(String::from).to_vec(),
        settings: match kind {
            "svm" => vec![setting("C", "1"), setting("gamma", "0.125"), setting("tolerance", "1e-8")],
            "forest" => vec![setting("trees", "500"), setting("depth", "6")],
            _ => Vec::new(),
        },
        coefficients: if index % 5 < 2 {
            vec![
                term("(intercept)", None, -1.2034),
                term("age", None, -0.0117),
                term("size", Some("20–50 mm"), 0.8812),
                term("size", Some("> 50 mm"), 1.6604),
            ]
        } else {
            Vec::new()
        },
        selection: (index == 0).then(|| selection(shape)),
        gives_probability: index % 5 != 4 && index % 5 != 2,
        ..ModelFacts::default()
    }
}

fn setting(name: &str, value: &str) -> Setting {
    Setting { name: name.to_string(), value: value.to_string() }
}

fn odds_ratio(value: f64, n: usize) -> Estimate {
    Estimate::new(value, n).with_interval(value * 0.82, value * 1.23, LEVEL, "Wald")
}

fn selection(shape: &Shape) -> SelectionFacts {
    let n = shape.partitions[0].2;
    let row = |variable: &str, p_value: f64, terms: Vec<ScreenTerm>| ScreenRow {
        variable: variable.to_string(),
        p_value,
        kept: p_value < 0.10,
        terms,
    };
    let term =
        |level: Option<&str>, value: f64| ScreenTerm { level: level.map(str::to_string), ratio: odds_ratio(value, n) };
    let step = |action: &str, variable: Option<&str>, aic: f64| SelectionStepRow {
        action: action.to_string(),
        variable: variable.map(str::to_string),
        aic,
    };
    SelectionFacts {
        regression: SelectionRegression::Logistic,
        says: "Univariable logistic regression, variables with P < 0.10 kept; then stepwise in both directions by AIC"
            .to_string(),
        screen: vec![
            row("age", 0.0312, vec![term(None, 0.991)]),
            row("meno", 0.412, vec![term(Some("Postmenopausal"), 1.087)]),
            row("size", 3.2e-31, vec![term(Some("20–50 mm"), 2.513), term(Some("> 50 mm"), 5.602)]),
            row("grade", 0.00041, shape.grade_levels.iter().skip(1).map(|level| term(Some(level), 1.642)).collect()),
            row("er", 0.0871, vec![term(None, 1.0)]),
            row("pgr", 0.049, vec![term(None, 0.999)]),
        ],
        steps: vec![
            step("start", None, 1498.22),
            step("remove", Some("er"), 1496.31),
            step("remove", Some("pgr"), 1495.87),
            step("add", Some("pgr"), 1495.44),
        ],
        selected: ["age", "size", "grade", "pgr"].map(String::from).to_vec(),
        multivariable: {
            let term = |variable: &str, level: Option<&str>, coefficient: f64, p_value: f64| SelectedTerm {
                variable: variable.to_string(),
                level: level.map(str::to_string),
                coefficient,
                standard_error: 0.1,
                ratio: odds_ratio(coefficient.exp(), n),
                p_value,
            };
            vec![
                term("(intercept)", None, -1.2034, 0.002),
                term("age", None, -0.0117, 0.021),
                term("size", Some("20–50 mm"), 0.8812, 1e-9),
                term("size", Some("> 50 mm"), 1.6604, 1e-12),
            ]
        },
        no_multivariable_because: None,
    }
}

fn layout() -> Vec<LayoutItem> {
    let item = |show: Show, label: &str, of: Option<&str>, caption: &str| LayoutItem {
        show,
        label: label.to_string(),
        of: of.map(str::to_string),
        caption: caption.to_string(),
    };
    vec![
        item(Show::WorkflowFigure, "Figure S1", None, "The study from data to evaluation"),
        item(Show::MissingDataFigure, "Figure S2", None, "Missing values"),
        item(Show::ScoreDistributionFigure, "Figure S3", Some("performance"), "Scores with and without the outcome"),
        item(Show::ThresholdExplorer, "Figure S4", Some("performance"), "What a threshold does"),
        item(Show::AttritionFlow, "Figure 1", None, "From the rows read to the subjects analysed"),
        item(Show::BaselineTable, "Table 1", Some("baseline"), "Baseline characteristics by node status, per set"),
        item(Show::SelectionTable, "Table S1", Some("performance"), "Selection of predictors on the training set"),
        item(Show::PerformanceTable, "Table 2", Some("performance"), "Performance of the models in each set"),
        item(Show::ComparisonTable, "Table 3", Some("comparison"), "Each model's AUC against the stepwise model's"),
        item(Show::ModelTable, "Table S2", None, "The models in full"),
        item(Show::RocFigure, "Figure 2", Some("performance"), "Receiver operating characteristic curves"),
        item(Show::CalibrationTable, "Table 4", Some("calibration"), "Calibration and overall performance"),
        item(Show::CalibrationFigure, "Figure 3", Some("calibration"), "Observed against predicted risk"),
        item(Show::DecisionFigure, "Figure 4", Some("calibration"), "Net benefit over threshold probabilities"),
        item(
            Show::SurvivalFigure,
            "Figure 5",
            Some("survival"),
            "Overall survival by predicted risk of node metastasis",
        ),
        item(Show::SurvivalTable, "Table 5", Some("survival"), "Survival rates by predicted risk of node metastasis"),
        item(Show::CoxTable, "Table 6", Some("cox"), "Cox regression of overall survival"),
        item(Show::CoxForestFigure, "Figure 6", Some("cox"), "Hazard ratios for death"),
        item(Show::CoxTable, "Table 7", Some("subgroups"), "Cox regression in node-negative patients"),
    ]
}

fn counts(n: usize, levels: usize) -> GroupSummary {
    let mut left = n;
    let counts = (0..levels).map(|index| {
        let count = if index + 1 == levels { left } else { left * 3 / 5 };
        left -= count;
        count
    });
    GroupSummary::Counts { n, missing: 0, counts: counts.collect() }
}

fn test(statistic: f64, distribution: NullDistribution, p_value: f64, method: &'static str) -> Test {
    Test {
        statistic: Some(statistic),
        distribution,
        p_value,
        alternative: Alternative::TwoSided,
        method: method.into(),
    }
}

fn baseline(shape: &Shape) -> BaselineTable {
    let sets: Vec<BaselineSet> = shape
        .partitions
        .iter()
        .filter(|(id, ..)| *id == "training" || *id == "test")
        .map(|&(id, _, n, events)| BaselineSet { partition: id.to_string(), negatives: n - events, positives: events })
        .collect();
    let row = |variable: &str, cell: &dyn Fn(usize, bool) -> GroupSummary, named: Option<Test>| BaselineRow {
        variable: variable.to_string(),
        cells: sets
            .iter()
            .enumerate()
            .map(|(index, set)| {
                let empty = set.negatives == 0 || set.positives == 0;
                let summary = |n: usize, positive: bool| {
                    if n == 0 { GroupSummary::Empty { missing: 0 } } else { cell(n, positive) }
                };
                BaselineCell {
                    negative: summary(set.negatives, false),
                    positive: summary(set.positives, true),
                    test: named.clone().filter(|_| !empty).map(|mut test| {
                        test.p_value = test.p_value.powf(1.0 + index as f64 * 0.3);
                        test
                    }),
                    no_test_because: empty.then(|| "a group has no subject".to_string()),
                    standardised_mean_difference: (!empty).then_some(0.042 + index as f64 * 0.21),
                    overall: None,
                }
            })
            .collect(),
    };
    let mean = |value: f64, sd: f64| {
        move |n: usize, positive: bool| GroupSummary::MeanSd {
            n,
            missing: 0,
            mean: value + if positive { 1.2 } else { 0.0 },
            sd: Some(sd),
        }
    };
    let median = |value: f64| {
        move |n: usize, positive: bool| GroupSummary::MedianQuartiles {
            n: n - usize::from(positive),
            missing: usize::from(positive),
            median: value,
            lower_quartile: value * 0.18,
            upper_quartile: value * 3.4,
        }
    };
    let levels = |count: usize| move |n: usize, _: bool| counts(n, count);
    let chi_squared = |df: f64, p: f64| test(3.1 * df, NullDistribution::ChiSquared { df }, p, "Pearson chi-squared");
    let grades = shape.grade_levels.len();
    let rows = vec![
        row(
            "age",
            &mean(54.72, 12.94),
            Some(test(-1.71, NullDistribution::StudentT { df: 1158.2 }, 0.0871, "Welch t")),
        ),
        row("meno", &levels(2), Some(chi_squared(1.0, 0.00049))),
        row("size", &levels(3), Some(chi_squared(2.0, 2.2e-31))),
        row("grade", &levels(grades), Some(chi_squared(grades as f64 - 1.0, 0.0396))),
        row("er", &median(61.0), Some(test(170_233.5, NullDistribution::Normal, 0.614, "Wilcoxon rank-sum"))),
        row("pgr", &median(41.0), Some(test(165_022.0, NullDistribution::Normal, 0.049_96, "Wilcoxon rank-sum"))),
    ];
    BaselineTable { outcome: "lnm".to_string(), sets, rows }
}

/// AUC of a model in the partition of this index.
fn auc_in(shape: &Shape, model: usize, partition: usize) -> f64 {
    shape.models[model].1 - 0.017 * partition as f64
}

fn proportion(value: f64, n: usize) -> Option<Estimate> {
    let half = 1.96 * (value * (1.0 - value) / n.max(1) as f64).sqrt();
    (n > 0).then(|| {
        Estimate::new(value, n).with_interval((value - half).max(0.0), (value + half).min(1.0), LEVEL, "Wilson")
    })
}

fn performance(shape: &Shape) -> Performance {
    let metric = |id: &str, label: &str, abbreviation: &str| MetricFacts {
        id: id.to_string(),
        label: label.to_string(),
        abbreviation: abbreviation.to_string(),
        is_proportion: true,
    };
    let mut rows = Vec::new();
    let mut curves = Vec::new();
    let mut sweeps = Vec::new();
    for (at, &(partition, _, n, events)) in shape.partitions.iter().enumerate() {
        for model in 0..shape.models.len() {
            let both_classes = events > 0 && events < n;
            let auc = auc_in(shape, model, at);
            let half = 0.6 / (n.max(1) as f64).sqrt();
            let sensitivity = auc * 0.9;
            let specificity = auc * 0.97;
            let true_positives = (sensitivity * events as f64).round() as u64;
            let true_negatives = (specificity * (n - events) as f64).round() as u64;
            let false_negatives = events as u64 - true_positives;
            let false_positives = (n - events) as u64 - true_negatives;
            let ratio = |part: u64, whole: u64| proportion(part as f64 / whole.max(1) as f64, whole as usize);
            rows.push(PerformanceRow {
                model: model_id(model),
                partition: partition.to_string(),
                n,
                events,
                auc: both_classes.then(|| {
                    Estimate::new(auc, n).with_standard_error(half / 1.96).with_interval(
                        auc - half,
                        (auc + half).min(1.0),
                        LEVEL,
                        "DeLong",
                    )
                }),
                auc_bootstrap: both_classes.then(|| Interval {
                    lower: auc - half * 0.98,
                    upper: (auc + half * 0.97).min(1.0),
                    level: LEVEL,
                    method: "stratified bootstrap, percentile".into(),
                }),
                partial_auc: None,
                average_precision: None,
                confusion: Some(ConfusionFacts { true_positives, false_positives, true_negatives, false_negatives }),
                metrics: vec![
                    ratio(true_positives + true_negatives, n as u64),
                    ratio(true_positives, events as u64),
                    ratio(true_negatives, (n - events) as u64),
                    ratio(true_positives, true_positives + false_positives),
                    ratio(true_negatives, true_negatives + false_negatives),
                ],
            });
            if both_classes {
                curves.push(RocCurveFacts {
                    model: model_id(model),
                    partition: partition.to_string(),
                    points: roc_points(auc, model % 5 == 4, events),
                });
                sweeps.push(sweep(model, partition, auc, n, events));
            }
        }
    }
    Performance {
        outcome: "lnm".to_string(),
        level: LEVEL,
        partitions: shape.partitions.iter().map(|(id, ..)| id.to_string()).collect(),
        models: (0..shape.models.len()).map(model_id).collect(),
        metrics: vec![
            metric("accuracy", "Accuracy", "ACC"),
            metric("sensitivity", "Sensitivity", "SENS"),
            metric("specificity", "Specificity", "SPEC"),
            metric("positive_predictive_value", "Positive predictive value", "PPV"),
            metric("negative_predictive_value", "Negative predictive value", "NPV"),
        ],
        thresholds: (0..shape.models.len())
            .map(|index| ThresholdFacts {
                model: model_id(index),
                rule: if index % 5 == 4 { "as given".to_string() } else { "largest Youden index".to_string() },
                chosen_on: "training".to_string(),
                threshold: if index % 5 == 4 { 0.5 } else { 0.4417 + 0.01 * index as f64 },
            })
            .collect(),
        rows,
        curves,
        sweeps,
        replicates: Some(2000),
        partial_range: None,
        precision_recall: Vec::new(),
    }
}

/// Of a score t between 0 and 1, the share tᵍ with the outcome lies below, and t^(1/g) of those without.
fn sweep(model: usize, partition: &str, auc: f64, n: usize, events: usize) -> ThresholdSweep {
    let g = auc / (1.0 - auc);
    let above = |count: usize, share: f64| (count as f64 * share).round() as usize;
    let is_probability = model % 5 != 4 && model % 5 != 2;
    let steps = if is_probability { 100 } else { 50 };
    let points = (0..=steps).map(|step| {
        let part = step as f64 / steps as f64;
        ThresholdPoint {
            threshold: if is_probability { part } else { (step as f64 - 25.0) / 20.0 },
            true_positives: above(events, 1.0 - part.powf(g)),
            false_positives: above(n - events, 1.0 - part.powf(1.0 / g)),
        }
    });
    ThresholdSweep {
        model: model_id(model),
        partition: partition.to_string(),
        higher_is_risk: true,
        positives: events,
        negatives: n - events,
        points: points.collect(),
    }
}

/// A staircase along `sensitivity = false positive rate ^ k`, whose area is `1 / (1 + k)`; three points for a yes-or-no score.
fn roc_points(auc: f64, binary: bool, events: usize) -> Vec<RocPointFacts> {
    let point = |false_positive_rate: f64, sensitivity: f64| RocPointFacts { false_positive_rate, sensitivity };
    if binary {
        return vec![point(0.0, 0.0), point(0.35, 0.35 + 2.0 * (auc - 0.5)), point(1.0, 1.0)];
    }
    let exponent = 1.0 / auc - 1.0;
    let steps = events.clamp(2, 120);
    let mut points = vec![point(0.0, 0.0)];
    for step in 1..=steps {
        let sensitivity = step as f64 / steps as f64;
        let rate = sensitivity.powf(1.0 / exponent);
        let before = points[points.len() - 1];
        points.push(point(before.false_positive_rate, sensitivity));
        points.push(point(rate, sensitivity));
    }
    points
}

fn comparison(shape: &Shape) -> Comparison {
    let mut rows = Vec::new();
    for (at, &(partition, _, n, events)) in shape.partitions.iter().enumerate() {
        if events == 0 || events == n {
            continue;
        }
        for model in 1..shape.models.len() {
            let difference = auc_in(shape, 0, at) - auc_in(shape, model, at);
            let error = 0.3 / (n as f64).sqrt();
            let z = difference / error;
            let p_value = (-0.717 * z.abs() - 0.416 * z * z).exp();
            rows.push(ComparisonRow {
                partition: partition.to_string(),
                model: model_id(model),
                n,
                auc_reference: auc_in(shape, 0, at),
                auc_model: auc_in(shape, model, at),
                difference: Estimate::new(difference, n).with_standard_error(error).with_interval(
                    difference - 1.96 * error,
                    difference + 1.96 * error,
                    LEVEL,
                    "DeLong, paired",
                ),
                test: test(z, NullDistribution::Normal, p_value, "DeLong, paired"),
                adjusted_p_value: Some((p_value * 4.0).min(1.0)),
                non_inferiority: None,
                holds: None,
            });
        }
    }
    Comparison {
        outcome: "lnm".to_string(),
        level: LEVEL,
        reference: model_id(0),
        adjustment: Some("Holm, over the comparisons within each set".to_string()),
        verdict: None,
        rows,
        overall: Vec::new(),
        too_few_for_all: Vec::new(),
    }
}

fn survival(shape: &Shape) -> SurvivalAnalysis {
    let rate_times = vec![1.0, 3.0, 5.0];
    let risk_table_times: Vec<f64> = (0..=5).map(|step| 2.0 * step as f64).collect();
    let partitions = shape.partitions.iter().map(|&(id, _, n, events)| {
        let group = |label: &str, n: usize, hazard: f64, events: usize| {
            let exists = n > 0;
            let rate = |time: f64| {
                let value = (-hazard * time).exp();
                let half = 1.2 * (value * (1.0 - value) / n.max(1) as f64).sqrt();
                Estimate::new(value, n).with_interval(
                    value - half,
                    (value + half).min(1.0),
                    LEVEL,
                    "Greenwood, log-log",
                )
            };
            GroupSurvival {
                label: label.to_string(),
                n,
                events,
                median: (exists && hazard > 0.08).then(|| {
                    let median = std::f64::consts::LN_2 / hazard;
                    Estimate::new(median, n)
                        .with_interval(median * 0.86, f64::INFINITY, LEVEL, "Brookmeyer-Crowley, log-log")
                        .with_unit("years")
                }),
                median_withheld: false,
                rates: rate_times.iter().map(|&time| exists.then(|| rate(time))).collect(),
                at_risk: risk_table_times
                    .iter()
                    .map(|&time| Some((n as f64 * (-(hazard + 0.06) * time).exp()) as usize))
                    .collect(),
                curve: if exists { curve(hazard, n) } else { Vec::new() },
                censored_at: if exists { (8..40).map(|step| 0.25 * step as f64 + 0.1).collect() } else { Vec::new() },
                tallies: CurveTallies::default(),
            }
        };
        let deaths = events * 4 / 5;
        PartitionSurvival {
            partition: id.to_string(),
            groups: vec![
                group("Low risk", n * 3 / 5, 0.045, deaths * 2 / 5),
                group("High risk", n - n * 3 / 5, 0.097, deaths - deaths * 2 / 5),
            ],
            log_rank: (deaths > 0).then(|| {
                test(
                    n as f64 / 20.0,
                    NullDistribution::ChiSquared { df: 1.0 },
                    1.0 / (1.0 + n as f64).powi(3),
                    "log-rank",
                )
            }),
            comparisons: SurvivalComparisons::default(),
        }
    });
    SurvivalAnalysis {
        outcome: "os".to_string(),
        level: LEVEL,
        grouped_by: "Predicted risk of node metastasis (stepwise logistic model), cut at 0.44".to_string(),
        group_labels: ["Low risk", "High risk"].map(String::from).to_vec(),
        partitions: partitions.collect(),
        rate_times,
        risk_table_times,
        entry: None,
    }
}

fn curve(hazard: f64, n: usize) -> Vec<CurvePoint> {
    (0..=80)
        .map(|step| {
            let time = 0.125 * step as f64;
            let survival = (-hazard * time).exp();
            let half = 1.4 * (survival * (1.0 - survival) / n as f64).sqrt();
            CurvePoint { time, survival, lower: (survival - half).max(0.0), upper: (survival + half).min(1.0) }
        })
        .collect()
}

fn cox(shape: &Shape) -> CoxAnalysis {
    let (_, _, n, positives) = shape.partitions[0];
    let events = positives * 4 / 5;
    let row = |variable: &str,
               level: Option<&str>,
               reference: Option<&str>,
               per: Option<&str>,
               coefficient: f64,
               standard_error: f64| {
        let z = coefficient / standard_error;
        CoxRow {
            variable: variable.to_string(),
            groups_of: None,
            level: level.map(str::to_string),
            reference: reference.map(str::to_string),
            per: per.map(str::to_string),
            n,
            events,
            coefficient,
            standard_error,
            wald: z * z,
            hazard_ratio: Estimate::new(coefficient.exp(), n).with_interval(
                (coefficient - 1.96 * standard_error).exp(),
                (coefficient + 1.96 * standard_error).exp(),
                LEVEL,
                "Wald",
            ),
            p_value: (-0.717 * z.abs() - 0.416 * z * z).exp(),
        }
    };
    let rows = |shrink: f64| {
        let mut rows = vec![
            row("age", None, None, Some("per 10 years"), 0.1320 * shrink, 0.0284),
            row("meno", Some("Postmenopausal"), Some("Premenopausal"), None, 0.0713 * shrink, 0.0791),
            row("size", Some("20–50 mm"), Some("≤ 20 mm"), None, 0.5218 * shrink, 0.0733),
            row("size", Some("> 50 mm"), Some("≤ 20 mm"), None, 0.9641 * shrink, 0.0987),
        ];
        let first = shape.grade_levels.first().map(String::as_str);
        rows.extend(
            shape
                .grade_levels
                .iter()
                .skip(1)
                .map(|level| row("grade", Some(level), first, None, 0.4020 * shrink, 0.0802)),
        );
        rows.push(row("pgr", None, None, Some("per 100 fmol/L"), -0.0412 * shrink, 0.0118));
        rows
    };
    let hazards = |term: &str, statistic: f64, df: f64, p_value: f64| ProportionalHazardsRow {
        term: term.to_string(),
        test: test(statistic, NullDistribution::ChiSquared { df }, p_value, "scaled Schoenfeld residuals"),
    };
    CoxAnalysis {
        outcome: "os".to_string(),
        partition: "training".to_string(),
        level: LEVEL,
        n,
        events,
        ties: "Efron".to_string(),
        univariable: rows(1.0),
        multivariable: rows(0.82),
        likelihood_ratio: Some(test(201.44, NullDistribution::ChiSquared { df: 6.0 }, 9.1e-41, "likelihood ratio")),
        concordance: Some(Estimate::new(0.6421, n).with_interval(0.6177, 0.6665, LEVEL, "infinitesimal jackknife")),
        proportional_hazards: vec![
            hazards("age", 9.82, 1.0, 0.0017),
            hazards("meno", 0.31, 1.0, 0.577),
            hazards("size", 4.4, 2.0, 0.111),
            hazards("grade", 2.2, 1.0, 0.138),
            hazards("pgr", 12.5, 1.0, 0.0004),
            hazards("global", 31.7, 6.0, 0.000_018),
        ],
        details: CoxDetails::default(),
    }
}

fn calibration(shape: &Shape) -> CalibrationAnalysis {
    let mut rows = Vec::new();
    for (at, &(partition, _, n, events)) in shape.partitions.iter().enumerate() {
        for model in (0..shape.models.len()).filter(|index| index % 5 != 4 && index % 5 != 2) {
            let both_classes = events > 0 && events < n;
            let slope = 1.0 - 0.07 * at as f64 - 0.02 * model as f64;
            let intercept = 0.02 + 0.05 * at as f64;
            let with = |value: f64, half: f64, method: &'static str| {
                both_classes.then(|| Estimate::new(value, n).with_interval(value - half, value + half, LEVEL, method))
            };
            rows.push(CalibrationRow {
                no_slope_because: None,
                model: model_id(model),
                partition: partition.to_string(),
                n,
                events,
                intercept: with(intercept, 0.15, "Wald"),
                slope: with(slope, 0.18, "Wald"),
                expected_observed_ratio: with(1.0 - intercept / 2.0, 0.06, "exact Poisson"),
                brier: (n > 0).then(|| Estimate::new(0.2031 + 0.004 * at as f64, n)),
                scaled_brier: both_classes.then_some(0.182 - 0.02 * at as f64),
                integrated_calibration_index: both_classes.then_some(0.0121 + 0.006 * at as f64),
                groups: if both_classes { calibration_groups(slope, intercept, n) } else { Vec::new() },
                decision_curve: if both_classes {
                    decision_curve(auc_in(shape, model, at), events as f64 / n as f64)
                } else {
                    Vec::new()
                },
            });
        }
    }
    CalibrationAnalysis { outcome: "lnm".to_string(), level: LEVEL, rows }
}

fn calibration_groups(slope: f64, intercept: f64, n: usize) -> Vec<CalibrationGroup> {
    (0..10)
        .filter_map(|group| {
            let predicted: f64 = 0.16 + 0.07 * group as f64;
            let logit =
                intercept + slope * (predicted / (1.0 - predicted)).ln() + 0.12 * ((group * 7 % 5) as f64 - 2.0);
            let observed = 1.0 / (1.0 + (-logit).exp());
            proportion(observed, n / 10).map(|observed| CalibrationGroup { predicted, observed })
        })
        .collect()
}

fn decision_curve(auc: f64, prevalence: f64) -> Vec<NetBenefitFacts> {
    (1..=80)
        .map(|step| {
            let threshold = 0.01 * step as f64;
            let odds = threshold / (1.0 - threshold);
            let false_positive_rate = (1.0 - threshold).powi(3);
            let sensitivity = false_positive_rate.powf(1.0 / auc - 1.0);
            NetBenefitFacts {
                threshold,
                net_benefit: sensitivity * prevalence - false_positive_rate * (1.0 - prevalence) * odds,
                treat_all: prevalence - (1.0 - prevalence) * odds,
            }
        })
        .collect()
}
