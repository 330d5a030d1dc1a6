//! What came of the analysis of agreement between raters.

use crate::stats::agreement::intraclass_correlation::IntraclassCorrelation;
use crate::stats::{Estimate, Test};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AgreementAnalysis {
    /// Variables, one per rater.
    pub ratings: Vec<String>,
    pub level: f64,
    /// How disagreements count in Cohen's κ, in words; `None` for continuous ratings.
    pub weights: Option<String>,
    pub rows: Vec<AgreementRow>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AgreementRow {
    pub partition: String,
    /// Subjects that all raters have rated.
    pub n: usize,
    /// Subjects without a rating of at least one rater, who are left out.
    pub missing: usize,
    /// Cohen's κ of each pair of raters.
    pub pairs: Vec<PairAgreement>,
    /// Fleiss' κ, of three raters or more.
    pub all: Option<AllAgreement>,
    /// For continuous ratings.
    pub intraclass: Vec<IntraclassCorrelation>,
    /// Measures that are not defined here, with the reason.
    pub not_defined: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairAgreement {
    pub first: String,
    pub second: String,
    pub kappa: Estimate,
    /// Weighted, as κ is.
    pub observed_agreement: f64,
    pub expected_agreement: f64,
    /// That κ is zero.
    pub test: Option<Test>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AllAgreement {
    pub kappa: Estimate,
    pub observed_agreement: f64,
    pub expected_agreement: f64,
    pub test: Test,
}
