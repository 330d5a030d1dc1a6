//! `compare/1`: what is decided before anybody looks at the numbers.

use super::measure::Measure;
use crate::data::hash::sha256;
use crate::spec::diagnostic::{Diagnostic, Source, Span};
use crate::spec::raw::{RawAdjustment, RawBootstrap, RawThreshold, RawThresholdRule};
use crate::spec::{shape, tree};
use crate::stats::multiplicity::MultiplicityMethod;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// How a variant is compared with its base, and from what the verdict follows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Vouch comparison")]
pub struct Declaration {
    /// The layout of this file.
    pub schema: Version,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Printed on the report, as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// The data are simulated: every page says so.
    #[serde(default)]
    pub simulated: bool,
    /// The outcome that is compared; may be left out where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// The part in which models are compared, a sum of parts, or `all`. When left out: the test part where there is one, else the
    /// external cohort, else the validation part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition: Option<String>,
    /// For a survival outcome: the time, in the unit of the outcome, by which AUC, Brier score, calibration and net benefit are
    /// compared. Without it the C index alone is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    pub horizon: Option<f64>,
    /// Coverage of all intervals; a test is significant below one minus this.
    #[serde(default = "default_level")]
    #[schemars(range(min = 0.5, max = 0.999))]
    pub level: f64,
    /// Power at which the smallest detectable difference is given.
    #[serde(default = "default_power")]
    #[schemars(range(min = 0.5, max = 0.999))]
    pub power: f64,
    /// All that is random derives from this number.
    #[serde(default)]
    pub seed: u64,
    /// Where each model's score becomes a call, chosen on its training part.
    #[serde(default = "default_threshold")]
    pub threshold: RawThreshold,
    /// Threshold probabilities at which net benefit is compared; the first is that of `net_benefit` in the family.
    #[serde(default)]
    pub net_benefit_at: Vec<f64>,
    /// Cut-points of the risk categories for the net reclassification improvement, ascending.
    #[serde(default)]
    pub reclassify_at: Vec<f64>,
    /// Bootstrap intervals of every difference; they need no formula, and time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bootstrap: Option<RawBootstrap>,
    /// Variables of the base in whose levels the difference is looked at.
    #[serde(default)]
    pub subgroups: Vec<String>,
    /// Models whose lower scores mean higher risk, by the names of their score columns.
    #[serde(default)]
    pub lower_is_risk: Vec<String>,
    /// The measures whose P-values are adjusted together, over all variants. The deciding measure when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<Vec<Measure>>,
    /// How they are adjusted.
    #[serde(default = "default_adjust")]
    pub adjust: RawAdjustment,
    /// The rule of the verdict. Without one there is no verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Rule>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Version {
    #[serde(rename = "compare/1")]
    Compare1,
}

/// What has to be shown, on which measure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub measure: Measure,
    pub claim: Claim,
    /// The largest loss that is acceptable, on the scale of the measure: needed for `non_inferior`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// The variant is better: the difference is on the good side of zero, its adjusted P below one minus the level.
    Superior,
    /// The variant is not worse by the margin or more: the one-sided bound of the difference lies within it.
    NonInferior,
}

fn default_level() -> f64 {
    0.95
}

fn default_power() -> f64 {
    0.8
}

fn default_threshold() -> RawThreshold {
    RawThreshold { rule: RawThresholdRule::Youden, value: None, metric: None }
}

fn default_adjust() -> RawAdjustment {
    RawAdjustment::Holm
}

impl Default for Declaration {
    fn default() -> Self {
        Self {
            schema: Version::Compare1,
            title: None,
            description: None,
            date: None,
            simulated: false,
            outcome: None,
            partition: None,
            horizon: None,
            level: default_level(),
            power: default_power(),
            seed: 0,
            threshold: default_threshold(),
            net_benefit_at: Vec::new(),
            reclassify_at: Vec::new(),
            bootstrap: None,
            subgroups: Vec::new(),
            lower_is_risk: Vec::new(),
            family: None,
            adjust: default_adjust(),
            verdict: None,
        }
    }
}

impl Declaration {
    /// The declared threshold probabilities, or a few round ones.
    pub fn net_benefit_at(&self) -> Vec<f64> {
        if self.net_benefit_at.is_empty() { vec![0.1, 0.2, 0.3, 0.5] } else { self.net_benefit_at.clone() }
    }

    pub fn multiplicity(&self) -> Option<MultiplicityMethod> {
        Some(match self.adjust {
            RawAdjustment::None => return None,
            RawAdjustment::Bonferroni => MultiplicityMethod::Bonferroni,
            RawAdjustment::Holm => MultiplicityMethod::Holm,
            RawAdjustment::Hochberg => MultiplicityMethod::Hochberg,
            RawAdjustment::BenjaminiHochberg => MultiplicityMethod::BenjaminiHochberg,
            RawAdjustment::BenjaminiYekutieli => MultiplicityMethod::BenjaminiYekutieli,
        })
    }

    pub fn adjust_in_words(&self) -> Option<String> {
        self.multiplicity().map(|method| method.label().to_string())
    }
}

/// A declaration with the file it stands in.
#[derive(Clone, Debug, PartialEq)]
pub struct DeclaredFile {
    pub name: String,
    pub sha256: String,
    pub text: String,
    pub declaration: Declaration,
}

/// Why there is no declaration.
#[derive(Debug)]
pub enum DeclarationError {
    Unreadable(std::io::Error),
    Invalid { source: Source, diagnostics: Vec<Diagnostic> },
}

/// Reads and checks a `compare/1` file: all its problems at once.
pub fn load(path: &Path) -> Result<DeclaredFile, DeclarationError> {
    let text = std::fs::read_to_string(path).map_err(DeclarationError::Unreadable)?;
    let source = Source { name: path.display().to_string(), text };
    let invalid = |source: &Source, diagnostics| DeclarationError::Invalid { source: source.clone(), diagnostics };
    let tree::Read { root: tree, problems, .. } =
        tree::read(&source.text).map_err(|problem| invalid(&source, vec![*problem]))?;
    let problems = shape::with_those_of_the_text(problems, shape::check(&tree, &schema()).problems);
    if !problems.is_empty() {
        return Err(invalid(&source, problems));
    }
    let declaration: Declaration = serde_json::from_value(tree.to_json()).map_err(|error| {
        let message = format!("the declaration cannot be read: {error}");
        invalid(&source, vec![Diagnostic::error("compare/read", message, Span::default())])
    })?;
    let problems = contradictions(&declaration, &tree);
    if !problems.is_empty() {
        return Err(invalid(&source, problems));
    }
    Ok(DeclaredFile {
        name: path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        sha256: sha256(source.text.as_bytes()),
        text: source.text,
        declaration,
    })
}

/// The JSON Schema (draft-07) of a declaration, generated from [`Declaration`].
pub fn schema() -> serde_json::Value {
    let generator = schemars::generate::SchemaSettings::draft07().into_generator();
    generator.into_root_schema_for::<Declaration>().to_value()
}

fn contradictions(declaration: &Declaration, tree: &tree::Node) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let mut add = |path: &str, message: &str| {
        problems.push(Diagnostic::error("compare/invalid", message, tree.span_at(path)));
    };
    if let Some(rule) = &declaration.verdict {
        match (rule.claim, rule.margin) {
            (Claim::NonInferior, None) => add("verdict/claim", "non-inferiority needs a `margin`"),
            (Claim::Superior, Some(_)) => add("verdict/margin", "superiority has no margin"),
            (_, Some(margin)) if !(margin > 0.0 && margin.is_finite()) => {
                add("verdict/margin", "the margin is the largest acceptable loss: a positive number")
            }
            _ => {}
        }
        if rule.measure.direction().is_none() {
            add("verdict/measure", "this measure has no better and worse: its best value is in the middle");
        }
        if let Some(family) = &declaration.family
            && !family.contains(&rule.measure)
        {
            add("family", "the measure of the verdict is not in the family");
        }
        let bootstrapped =
            rule.measure.needs_bootstrap(declaration.horizon.is_some()) && declaration.bootstrap.is_none();
        if bootstrapped {
            add("verdict/measure", "this measure is tested by the bootstrap: declare `bootstrap`");
        }
    }
    if declaration.family.as_ref().is_some_and(Vec::is_empty) {
        add("family", "the family is empty");
    }
    if declaration.horizon.is_some_and(|horizon| horizon <= 0.0) {
        add("horizon", "the horizon must be above 0");
    }
    let probability = |value: &f64| *value > 0.0 && *value < 1.0;
    if !declaration.net_benefit_at.iter().all(probability) {
        add("net_benefit_at", "threshold probabilities lie between 0 and 1");
    }
    let cuts = &declaration.reclassify_at;
    if !cuts.iter().all(probability) || !cuts.is_sorted_by(|left, right| left < right) {
        add("reclassify_at", "cut-points lie between 0 and 1, in ascending order");
    }
    let bounded = !matches!(declaration.threshold.rule, RawThresholdRule::Youden | RawThresholdRule::ClosestTopLeft);
    if bounded && declaration.threshold.value.is_none() {
        add("threshold", "this rule needs a `value`");
    }
    problems
}
