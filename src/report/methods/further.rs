//! The methods of the analyses beside performance, paired AUCs, survival and calibration: one sentence or two for each.

use super::{by, complete_cases, methods_of};
use crate::report::build::development::samples;
use crate::report::build::names::{Names, capitalised, distinct, list, method_of, metric};
use crate::report::number;
use crate::results::*;
use crate::stats::discrimination::partial_auc::PartialAucAxis;

/// The test that all models are alike, where there was one.
pub fn overall(tests: &[OverallTest]) -> String {
    let methods = distinct(tests.iter().map(|row| row.test.method.as_ref()));
    if methods.is_empty() {
        String::new()
    } else {
        format!(" All models together were compared by {}.", list(&methods))
    }
}

/// Areas beside the AUC itself.
pub fn areas(analysis: &Performance) -> String {
    let mut text = String::new();
    if let Some(range) = &analysis.partial_range {
        let axis = match range.axis {
            PartialAucAxis::Specificity => "specificities",
            PartialAucAxis::Sensitivity => "sensitivities",
        };
        text.push_str(&format!(
            " The partial area is taken over {axis} from {} to {}, as it is and standardised after McClish.",
            range.lower, range.upper
        ));
    }
    if analysis.rows.iter().any(|row| row.average_precision.is_some()) {
        let intervals = methods_of(analysis.rows.iter().filter_map(|row| row.average_precision.as_ref()));
        text.push_str(&format!(" Precision-recall curves are summarised by average precision{intervals}."));
    }
    text
}

pub fn set_comparison(analysis: &SetComparison, names: &Names) -> String {
    let rows = analysis.rows.iter().chain(&analysis.outcomes);
    let tests: Vec<String> =
        rows.flat_map(|row| &row.cells).filter_map(|cell| Some(method_of(cell.test.as_ref()?))).collect();
    let tests = distinct(tests.iter().map(String::as_str));
    format!(
        "The subjects of {} were compared with those of {}{}, two-sided and without adjustment.",
        names.set(&analysis.first),
        names.set(&analysis.second),
        by(&tests)
    )
}

pub fn metric_comparison(analysis: &MetricComparison, names: &Names) -> String {
    let tests = distinct(analysis.rows.iter().map(|row| row.test.method.as_ref()));
    let metrics = distinct(analysis.rows.iter().map(|row| row.metric.as_str()));
    let metrics: Vec<String> = metrics.into_iter().map(metric).collect();
    let adjustment = match &analysis.adjustment {
        Some(adjustment) => format!("P-values are adjusted ({adjustment})"),
        None => "P-values are not adjusted".to_string(),
    };
    let margin = analysis.rows.iter().find_map(|row| row.non_inferiority.as_ref()).map_or(String::new(), |found| {
        format!(
            " Non-inferiority was tested with a margin of {} percentage points, one-sided.",
            number::percent(found.margin)
        )
    });
    format!(
        "{} of each model at its threshold were compared with those of “{}” on the same subjects{}, two-sided; differences \
         have {} confidence intervals{}; {adjustment}.{}{margin}",
        capitalised(&list(&metrics)),
        names.model(&analysis.reference),
        by(&tests),
        number::level(analysis.level),
        methods_of(analysis.rows.iter().map(|row| &row.difference)),
        overall(&analysis.overall),
    )
}

pub fn partition_comparison(analysis: &PartitionComparison, names: &Names) -> String {
    let tests = distinct(analysis.rows.iter().map(|row| row.test.method.as_ref()));
    format!(
        "The area under the curve of each model in {} was compared with that in {}, whose subjects are others{}, two-sided \
         and without adjustment.",
        names.set(&analysis.first),
        names.set(&analysis.second),
        by(&tests)
    )
}

pub fn regression(analysis: &RegressionAnalysis, names: &Names) -> String {
    let which = match (analysis.univariable.is_empty(), analysis.multivariable.is_empty()) {
        (false, true) => "univariable",
        (true, false) => "multivariable",
        (false, false) => "univariable and multivariable",
        (true, true) => return no_estimate(analysis, names),
    };
    let rows = || analysis.univariable.iter().chain(&analysis.multivariable);
    let tests = distinct(rows().map(|row| row.test.method.as_ref()));
    format!(
        "Odds ratios for “{}” with {} confidence intervals{} come from {which} logistic regression on {}{} by {}; coefficients \
         were tested two-sided{}.",
        names.outcome(&analysis.outcome),
        number::level(analysis.level),
        methods_of(rows().map(|row| &row.odds_ratio)),
        names.set(&analysis.partition),
        complete_cases(analysis.n, &analysis.partition, names),
        analysis.estimation,
        by(&tests)
    )
}

fn no_estimate(analysis: &RegressionAnalysis, names: &Names) -> String {
    format!(
        "Logistic regression of “{}” on {} by {} has no estimate.",
        names.outcome(&analysis.outcome),
        names.set(&analysis.partition),
        analysis.estimation
    )
}

pub fn subgroups(analysis: &SubgroupAnalysis, names: &Names) -> String {
    let variables: Vec<&str> = analysis.variables.iter().map(|name| names.variable(name)).collect();
    let metrics = if analysis.metrics.is_empty() {
        String::new()
    } else {
        "; proportions at the thresholds by Pearson's χ² test, or Fisher's exact test where an expected count is below 5".to_string()
    };
    let models: Vec<&str> = analysis.models.iter().map(|model| names.model(model)).collect();
    format!(
        "Performance of {} was examined in {} within the levels of {}; interaction was tested by heterogeneity of the areas \
         under the curve (Cochran's Q, weights from DeLong's variances){metrics}. These tests are not adjusted.",
        list(&models.iter().map(|model| format!("“{model}”")).collect::<Vec<_>>()),
        names.set(&analysis.partition),
        list(&variables)
    )
}

pub fn reclassification(analysis: &ReclassificationAnalysis, names: &Names) -> String {
    let categories = if analysis.cut_points.is_empty() {
        String::new()
    } else {
        let cuts: Vec<String> = analysis.cut_points.iter().map(|cut| number::level(*cut)).collect();
        format!(" by categories of risk (cut at {}) and", list(&cuts))
    };
    format!(
        "Reclassification by “{}” against “{}” is described by the net reclassification improvement{categories} continuous, \
         and by the integrated discrimination improvement, with {} confidence intervals{}.",
        names.model(&analysis.new),
        names.model(&analysis.old),
        number::level(analysis.level),
        methods_of(analysis.rows.iter().flat_map(|row| [&row.continuous.nri.estimate, &row.integrated.idi.estimate]))
    )
}

pub fn optimism(analysis: &OptimismAnalysis, names: &Names) -> String {
    format!(
        "Apparent performance of the models was corrected for optimism by repeating the whole development on {}.",
        samples(analysis, names)
    )
}

pub fn agreement(analysis: &AgreementAnalysis, names: &Names) -> String {
    let raters: Vec<&str> = analysis.ratings.iter().map(|name| names.variable(name)).collect();
    let measures = match &analysis.weights {
        Some(weights) if raters.len() > 2 => format!("Cohen's κ of each pair ({weights}) and Fleiss' κ of all"),
        Some(weights) => format!("Cohen's κ ({weights})"),
        None => "intraclass correlations".to_string(),
    };
    format!(
        "Agreement of {} is described by {measures}, with {} confidence intervals.",
        list(&raters),
        number::level(analysis.level)
    )
}

pub fn planning(analysis: &PlanningAnalysis, names: &Names) -> String {
    let mut parts = Vec::new();
    if !analysis.auc_precision.is_empty() {
        parts.push("for the precision of an area under the curve (Newcombe's variance)");
    }
    if !analysis.development.is_empty() {
        parts.push("for developing a model (the criteria of Riley et al.)");
    }
    if !analysis.detectable_difference.is_empty() {
        parts.push("for telling two areas apart on the same subjects (normal theory)");
    }
    format!("Sample sizes for “{}” were calculated {}.", names.outcome(&analysis.outcome), list(&parts))
}
