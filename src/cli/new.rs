//! `vouch new TABLE`: a first draft of a study from the columns of its table.

use super::Exit;
use super::defaults::without_defaults;
use super::output::{print, tell};
use crate::data::expression::lacks_quotes;
use crate::data::sketch::{ColumnSketch, Sketch, SketchKind};
use crate::results::Show;
use crate::spec::raw::*;
use clap::Args;
use indexmap::IndexMap;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct NewArguments {
    /// A CSV, TSV or Parquet table, one row per subject
    table: PathBuf,
    /// The column that identifies a subject
    #[arg(long)]
    id: String,
    /// What is to be predicted, as an SQL expression: "relapsed = 1"
    #[arg(long, value_name = "EXPRESSION")]
    outcome: String,
    /// The column with the time to that event or to the end of follow-up, for a study of survival
    #[arg(long, value_name = "COLUMN")]
    time: Option<String>,
    /// The unit of that time
    #[arg(long, value_enum, default_value_t = UnitName::Days, requires = "time")]
    unit: UnitName,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum UnitName {
    Days,
    Weeks,
    Months,
    Years,
}

/// Prints a study that `vouch check` accepts; its author goes on from there.
pub fn new(arguments: &NewArguments) -> Exit {
    let bytes = match std::fs::read(&arguments.table) {
        Ok(bytes) => bytes,
        Err(error) => {
            tell!("`{}` cannot be read: {error}", arguments.table.display());
            return Exit::Input;
        }
    };
    let sketch = match Sketch::of(&arguments.table, bytes) {
        Ok(sketch) => sketch,
        Err(error) => {
            tell!("`{}` cannot be read as a table: {error}", arguments.table.display());
            return Exit::Invalid;
        }
    };
    let columns = &sketch.columns;
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let of_outcome = crate::data::Expression::columns_of(&arguments.outcome);
    let named = std::iter::once(&arguments.id).chain(&arguments.time).chain(&of_outcome);
    let unknown = named.into_iter().find(|name| !names.contains(&name.as_str()));
    let is_read = unknown.is_none() && !of_outcome.is_empty();
    let owned: Vec<String> = names.iter().map(ToString::to_string).collect();
    if let Some(help) = lacks_quotes(&arguments.outcome, &owned).filter(|_| !is_read) {
        tell!("`{}` cannot be read: {help}", arguments.outcome);
        return Exit::Invalid;
    }
    if let Some(name) = unknown {
        tell!("`{}` has no column `{name}`.", arguments.table.display());
        tell!("{}", crate::spec::diagnostic::suggestion(name, names.iter().copied()));
        return Exit::Invalid;
    }
    if of_outcome.is_empty() {
        tell!("`{}` is not an SQL expression with a column in it, such as: relapsed = 1", arguments.outcome);
        return Exit::Invalid;
    }
    if let Err(why) = sketch.require_two_classes(&arguments.outcome) {
        tell!("`{}` is no outcome: {why}.", arguments.outcome);
        return Exit::Invalid;
    }
    let known_later = |column: &&ColumnSketch| column.is_named_as_follow_up() || column.is_named_as_event();
    let (later, predictors): (Vec<&ColumnSketch>, Vec<&ColumnSketch>) = columns
        .iter()
        .filter(|column| column.name != arguments.id && !of_outcome.contains(&column.name))
        .filter(|column| arguments.time.as_ref() != Some(&column.name))
        .filter(|column| column.kind != SketchKind::Other)
        .partition(known_later);
    let binary = draft(arguments, &predictors);
    let study = match &arguments.time {
        Some(time) => survival_draft(binary, time, arguments),
        None => binary,
    };
    let draft = without_defaults(&study).and_then(|draft| serde_yaml::to_string(&draft));
    match draft {
        Ok(text) => print(&format!("{HEAD}{}{text}", left_out(&later, arguments)), Exit::Fine),
        Err(error) => {
            tell!("The draft cannot be written: {error}");
            Exit::Unexpected
        }
    }
}

const HEAD: &str = "\
# A draft: say what the labels and units are, drop what was not known beforehand, declare a split.
# `vouch schema` has the keys that are not here, and what holds without them.
";

fn left_out(later: &[&ColumnSketch], arguments: &NewArguments) -> String {
    if later.is_empty() {
        return String::new();
    }
    let names: Vec<&str> = later.iter().map(|column| column.name.as_str()).collect();
    let with_time = if arguments.time.is_none() { " For a study of survival, name the time with --time." } else { "" };
    format!(
        "# Not among the predictors, because of names like those of follow-up times and of what happens during follow-up, which\n\
         # nobody knows beforehand: {}.\n\
         # What was known beforehand can be declared as a variable.{with_time}\n",
        names.join(", ")
    )
}

fn draft(arguments: &NewArguments, predictors: &[&ColumnSketch]) -> RawStudy {
    let names: Vec<String> = predictors.iter().map(|column| column.name.clone()).collect();
    let outcome = "outcome".to_string();
    let partitions = vec!["training".to_string(), "validation".to_string()];
    let model = RawModel::Logistic {
        label: "Logistic regression".to_string(),
        outcome: outcome.clone(),
        predictors: names.clone(),
        selection: None,
        penalty: 0.0,
    };
    let table = RawStatistic::BaselineTable {
        by: outcome.clone(),
        within: vec!["all".to_string()],
        variables: names,
        continuous_test: RawContinuousTest::default(),
        categorical_test: RawCategoricalTest::default(),
        overall: false,
        differences: true,
    };
    let performance = RawStatistic::Performance {
        outcome: outcome.clone(),
        models: None,
        partitions,
        level: 0.95,
        auc_interval: RawAucInterval::default(),
        cluster: None,
        bootstrap: None,
        partial_auc: None,
        average_precision: false,
        threshold: RawThreshold { rule: RawThresholdRule::Youden, value: None, metric: None },
        metrics: vec![RawMetric::Accuracy, RawMetric::Sensitivity, RawMetric::Specificity],
        interval: RawProportionInterval::default(),
    };
    let item = |item, of: &str, caption: &str| RawItem {
        item,
        of: Some(of.to_string()),
        caption: caption.to_string(),
        label: None,
    };
    let file = arguments.table.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    RawStudy {
        schema: SchemaVersion::Study1,
        id: file.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect(),
        title: format!("Prediction of {}", arguments.outcome),
        description: None,
        date: None,
        seed: 1,
        data: RawData {
            path: arguments.table.display().to_string(),
            id: arguments.id.clone(),
            sha256: None,
            content_sha256: None,
            missing: vec!["NA".to_string()],
            source: None,
            simulated: false,
            simulate: None,
            images: None,
            external: None,
            features: None,
        },
        images: None,
        cohort: RawCohort::default(),
        variables: predictors.iter().map(|column| (column.name.clone(), variable(column))).collect(),
        outcomes: IndexMap::from([(
            outcome.clone(),
            RawOutcome::Binary { label: "Outcome".to_string(), positive: arguments.outcome.clone(), names: None },
        )]),
        split: RawSplit { temporal: None, validation: Some(RawValidation { fraction: 0.3, stratify: Some(outcome) }) },
        networks: None,
        explain: None,
        models: IndexMap::from([("logistic".to_string(), model)]),
        statistics: IndexMap::from([("baseline".to_string(), table), ("performance".to_string(), performance)]),
        reported: None,
        profiles: IndexMap::new(),
        report: RawReport {
            show: vec![
                item(Show::BaselineTable, "baseline", "Characteristics by outcome"),
                item(Show::PerformanceTable, "performance", "Performance"),
                item(Show::RocFigure, "performance", "ROC curves"),
            ],
            ..RawReport::default()
        },
    }
}

/// The same draft with time to an event in the place of a yes or no, judged by one year.
fn survival_draft(mut study: RawStudy, time: &str, arguments: &NewArguments) -> RawStudy {
    let outcome = "outcome".to_string();
    let variables: Vec<String> = study.variables.keys().cloned().collect();
    let partitions = vec!["training".to_string(), "validation".to_string()];
    study.outcomes = IndexMap::from([(
        outcome.clone(),
        RawOutcome::Survival {
            label: "Outcome".to_string(),
            time: time.to_string(),
            unit: match arguments.unit {
                UnitName::Days => TimeUnit::Days,
                UnitName::Weeks => TimeUnit::Weeks,
                UnitName::Months => TimeUnit::Months,
                UnitName::Years => TimeUnit::Years,
            },
            event: arguments.outcome.clone(),
            censor_at: None,
            report_in: TimeUnit::Years,
        },
    )]);
    if let Some(validation) = &mut study.split.validation {
        validation.stratify = None;
    }
    let model = RawModel::Cox {
        label: "Cox regression".to_string(),
        outcome: outcome.clone(),
        predictors: variables.clone(),
        selection: None,
        ties: RawModelTies::default(),
        hazards_change_with: RawTimeFunction::default(),
    };
    study.models = IndexMap::from([("cox".to_string(), model)]);
    let characteristics =
        RawStatistic::Characteristics { partitions: partitions.clone(), variables, continuous: Vec::new() };
    let performance = RawStatistic::SurvivalPerformance {
        outcome,
        models: None,
        partitions,
        horizon: 1.0,
        weighted_at: None,
        level: 0.95,
        thresholds: Vec::new(),
        decision_curve: RawThresholdRange::default(),
        groups: 10,
        calibration_curve: RawCalibrationCurve::default(),
        ratio_interval: RawRatioInterval::default(),
        bootstrap: None,
        reference: None,
    };
    study.statistics =
        IndexMap::from([("characteristics".to_string(), characteristics), ("performance".to_string(), performance)]);
    let item = |item, of: Option<&str>, caption: &str| RawItem {
        item,
        of: of.map(str::to_string),
        caption: caption.to_string(),
        label: None,
    };
    study.report.show = vec![
        item(Show::CharacteristicsTable, Some("characteristics"), "Characteristics"),
        item(Show::CoxModelTable, None, "The model"),
        item(Show::SurvivalPerformanceTable, Some("performance"), "Performance by one year"),
        item(Show::SurvivalCalibrationFigure, Some("performance"), "Predicted and observed risk by one year"),
        item(Show::SurvivalDecisionFigure, Some("performance"), "Net benefit"),
    ];
    study
}

fn variable(column: &ColumnSketch) -> RawVariable {
    let levels = match &column.kind {
        SketchKind::Levels(levels) => levels.iter().map(|level| (level.clone(), level.clone())).collect(),
        _ => IndexMap::new(),
    };
    RawVariable {
        label: Some(column.name.clone()),
        unit: None,
        kind: if levels.is_empty() { RawVariableKind::Continuous } else { RawVariableKind::Categorical },
        column: None,
        levels,
        summary: RawSummary::default(),
        coding: RawCoding::default(),
        winsorise: None,
        transform: RawTransform::default(),
    }
}
