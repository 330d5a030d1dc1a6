//! The rules: one file each, with a code, what it checks, why, an example, and when it stays silent.
//!
//! `vouch audit --list` and `--explain` print what stands here, so the documentation cannot drift from the code.

mod auc;
mod auc_interval;
mod baseline_p;
mod binomial;
mod claims;
mod coefficient_interval;
mod comparison_p;
mod concordance_interval;
mod confusion_averages;
mod confusion_cut_offs;
mod confusion_findings;
mod confusion_items;
mod confusion_joint;
mod confusion_matrix;
mod confusion_questions;
mod confusion_samples;
pub(super) mod corrected_p;
mod count_percent;
mod cross_table;
mod crude_ratio;
mod cut_offs;
mod dates;
mod difference;
mod duplicates;
mod effective_n;
mod equation;
mod error_interval;
mod figure_form;
mod fold_summary;
mod group_summary;
mod interval_order;
mod level_sums;
mod mean_grain;
mod mean_p;
mod means_of_several;
mod median_survival;
mod model_events;
mod net_benefit;
mod odd_limit;
mod other_tests;
mod paired;
mod percent_bases;
mod percent_only;
mod pooled_p;
mod predictors;
mod proportion_interval;
mod rate_interval;
mod ratio_coherence;
mod ratio_interval;
mod restated;
mod retyping;
mod same_rows;
mod se_floor;
mod standardised_difference;
mod summary_order;
pub(crate) mod support;
mod survival_performance;
mod survival_rates;
mod survival_test;
mod tally;
mod test_statistic;
mod value_range;
mod whole_parts;

use super::finding::{Sink, Verdict};
use super::reported::Reported;
use serde::Serialize;

/// A rule and its documentation.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Rule {
    /// `V` and three digits; stable.
    pub code: &'static str,
    pub name: &'static str,
    /// What it checks.
    pub checks: &'static str,
    /// Why that matters, and why it holds for every correct paper.
    pub why: &'static str,
    pub example: &'static str,
    /// The conditions under which it says nothing.
    pub silent: &'static str,
    /// The strongest verdict it can give.
    pub strongest: Verdict,
    #[serde(skip)]
    pub(super) run: fn(&Reported, &mut Sink),
}

/// All rules, in the order of their codes.
pub const RULES: &[Rule] = &[
    figure_form::RULE,
    count_percent::RULE,
    level_sums::RULE,
    whole_parts::RULE,
    percent_only::RULE,
    mean_grain::RULE,
    tally::RULE,
    cut_offs::RULE,
    cross_table::RULE,
    paired::RULE,
    confusion_matrix::RULE,
    interval_order::RULE,
    value_range::RULE,
    proportion_interval::RULE,
    effective_n::RULE,
    fold_summary::RULE,
    error_interval::RULE,
    auc::RULE,
    auc_interval::RULE,
    concordance_interval::RULE,
    comparison_p::RULE,
    difference::RULE,
    pooled_p::RULE,
    ratio_coherence::RULE,
    se_floor::RULE,
    equation::RULE,
    crude_ratio::RULE,
    model_events::RULE,
    baseline_p::RULE,
    mean_p::RULE,
    group_summary::RULE,
    summary_order::RULE,
    standardised_difference::RULE,
    test_statistic::RULE,
    means_of_several::RULE,
    survival_rates::RULE,
    survival_test::RULE,
    survival_performance::RULE,
    rate_interval::RULE,
    median_survival::RULE,
    net_benefit::RULE,
    duplicates::RULE,
    restated::RULE,
    same_rows::RULE,
    claims::RULE,
    dates::RULE,
];

pub fn find(code_or_name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.code.eq_ignore_ascii_case(code_or_name) || rule.name == code_or_name)
}
