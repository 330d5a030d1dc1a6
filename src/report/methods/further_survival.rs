//! The methods of survival analyses beside the plain ones.

use super::{complete_cases, methods_of};
use crate::report::build::names::{Names, distinct, list};
use crate::report::number;
use crate::results::*;

/// What a Kaplan-Meier analysis compares beside all groups.
pub fn comparisons(analysis: &SurvivalAnalysis, names: &Names) -> String {
    let all = || analysis.partitions.iter().map(|partition| &partition.comparisons);
    let mut text = String::new();
    if let Some(variable) = all().find_map(|found| found.stratified_by.as_deref()) {
        text.push_str(&format!(" Groups were compared within the levels of “{}”.", names.variable(variable)));
    }
    if all().any(|found| found.trend.is_some()) {
        text.push_str(" A trend over the groups was tested.");
    }
    if all().any(|found| !found.pairwise.is_empty()) {
        let adjustment = all().find_map(|found| found.pairwise_adjustment.as_deref());
        let adjustment = adjustment.map_or(" without adjustment".to_string(), |method| format!(" ({method})"));
        text.push_str(&format!(" Groups were compared in pairs{adjustment}."));
    }
    if let Some(tau) = all().find_map(|found| found.restricted_to) {
        let means = methods_of(all().flat_map(|found| found.restricted_means.iter().flatten()));
        text.push_str(&format!(
            " Mean survival time is restricted to {}{means}.",
            number::time(tau, names.time_unit(&analysis.outcome))
        ));
    }
    text
}

pub fn cox_details(details: &CoxDetails, names: &Names) -> String {
    let mut text = String::new();
    if !details.strata.is_empty() {
        let strata: Vec<&str> = details.strata.iter().map(|name| names.variable(name)).collect();
        text.push_str(&format!(" Baseline hazards are those of the strata of {}.", list(&strata)));
    }
    if let Some(entry) = &details.entry {
        text.push_str(&format!(
            " A subject is in the risk sets from the time that “{}” holds (delayed entry).",
            names.variable(entry)
        ));
    }
    if let Some(variance) = &details.variance {
        text.push_str(&format!(" The variance is {variance}."));
    }
    if let Some(estimation) = &details.estimation {
        text.push_str(&format!(" Coefficients maximise {estimation}."));
    }
    if let Some(selection) = &details.selection {
        text.push_str(&format!(" Terms of the multivariable model were chosen {selection}."));
    }
    text
}

pub fn incidence(analysis: &IncidenceAnalysis, names: &Names) -> String {
    let competing: Vec<&str> = analysis.competing.iter().map(|outcome| names.outcome(outcome)).collect();
    let tests = distinct(analysis.partitions.iter().filter_map(|row| Some(row.gray.as_ref()?.method.as_ref())));
    let tests = if tests.is_empty() {
        String::new()
    } else {
        format!(", compared by {} test", list(&tests).replace("Gray", "Gray’s"))
    };
    let groups = analysis.partitions.iter().flat_map(|partition| &partition.groups);
    format!(
        "The cumulative incidence of “{}” in the presence of {} as competing events is estimated by the Aalen-Johansen \
         method{tests}; groups: {}. Incidences have {} confidence intervals{}.",
        names.outcome(&analysis.outcome),
        list(&competing),
        analysis.grouped_by.trim_end_matches('.'),
        number::level(analysis.level),
        methods_of(groups.flat_map(|group| group.rates.iter().flatten()))
    )
}

pub fn fine_gray(analysis: &FineGrayAnalysis, names: &Names) -> String {
    let competing: Vec<&str> = analysis.competing.iter().map(|outcome| names.outcome(outcome)).collect();
    let rows = analysis.univariable.iter().chain(&analysis.multivariable);
    format!(
        "Subdistribution hazard ratios for “{}” with {} as competing events come from the regression of Fine and Gray on {}{}, \
         with {} confidence intervals{}. Tied events are treated by Breslow’s method; where events and censorings share a time, all at \
         risk count in the censoring distribution, as in R’s cmprsk.",
        names.outcome(&analysis.outcome),
        list(&competing),
        names.set(&analysis.partition),
        complete_cases(analysis.n, &analysis.partition, names),
        number::level(analysis.level),
        methods_of(rows.map(|row| &row.subdistribution_hazard_ratio))
    )
}
