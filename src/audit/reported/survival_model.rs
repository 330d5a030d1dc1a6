//! A survival table, typed: groups with their rates, medians and events, and the hazard ratios between them.

use super::model::Figure;

#[derive(Clone, Debug)]
pub struct Survival {
    pub cohort: Option<String>,
    pub times: Vec<Figure>,
    pub groups: Vec<SurvivalGroup>,
    pub p: Option<Figure>,
    /// The test behind `p`.
    pub test: Option<String>,
    /// As many as are printed: of several contrasts, unadjusted and adjusted.
    pub ratios: Vec<HazardRatio>,
    pub median_follow_up: Option<Figure>,
    pub rates_are: RatesAre,
    /// The unit of `times`, and of medians where they have none of their own, as printed.
    pub time_unit: Option<String>,
    pub median_unit: Option<String>,
    /// The unit of the follow-up, as printed.
    pub follow_up_unit: Option<String>,
    /// Of the intervals of rates.
    pub ci_level: Option<Figure>,
    pub ci_method: RateMethod,
}

/// The hazard ratio of one group against another.
#[derive(Clone, Debug, Default)]
pub struct HazardRatio {
    pub value: Option<Figure>,
    pub lower: Option<Figure>,
    pub upper: Option<Figure>,
    /// The P-value beside the ratio.
    pub p: Option<Figure>,
    pub of: Option<String>,
    pub against: Option<String>,
    /// From a model with other covariates; `None` where it is not stated.
    pub adjusted: Option<bool>,
}

/// What the rates of a survival table are shares of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RatesAre {
    Survival,
    /// Of those with an event so far: rises.
    CumulativeIncidence,
    /// Of those who have survived so far: may rise.
    Conditional,
    /// To a population's survival: may pass 100 percent.
    Relative,
}

/// How the intervals of survival rates were computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateMethod {
    NotStated,
    /// From Greenwood's or Peto's variance, on whatever scale.
    Greenwood,
    Other,
}

impl RateMethod {
    /// The words that a file may use. Which scale is stated makes no difference: all of them are tried.
    pub const WORDS: [(&str, RateMethod); 11] = [
        ("not_stated", RateMethod::NotStated),
        ("greenwood", RateMethod::Greenwood),
        ("plain", RateMethod::Greenwood),
        ("log", RateMethod::Greenwood),
        ("log_log", RateMethod::Greenwood),
        ("logit", RateMethod::Greenwood),
        ("peto", RateMethod::Greenwood),
        ("rothman", RateMethod::Greenwood),
        ("wilson", RateMethod::Greenwood),
        ("bootstrap", RateMethod::Other),
        ("other", RateMethod::Other),
    ];
}

#[derive(Clone, Debug)]
pub struct SurvivalGroup {
    pub name: String,
    pub n: Option<Figure>,
    pub events: Option<Figure>,
    /// Survival at `times`.
    pub rates: Vec<SurvivalRate>,
    /// Subjects at risk at `times`.
    pub at_risk: Vec<Figure>,
    pub median: Option<Figure>,
    pub median_lower: Option<Figure>,
    pub median_upper: Option<Figure>,
    /// Groups that make up this one.
    pub parts: Vec<String>,
}

/// Survival at a time, with its interval.
#[derive(Clone, Debug)]
pub struct SurvivalRate {
    pub estimate: Figure,
    pub lower: Option<Figure>,
    pub upper: Option<Figure>,
}

/// The length of a unit of time in days, a year of 365.25 and a month a twelfth of that; `None` for a word that is none.
pub fn days_in(unit: &str) -> Option<f64> {
    Some(match unit.trim().trim_end_matches('.').to_lowercase().as_str() {
        "day" | "days" | "d" => 1.0,
        "week" | "weeks" | "wk" | "w" => 7.0,
        "month" | "months" | "mo" | "mos" => 365.25 / 12.0,
        "year" | "years" | "yr" | "yrs" | "y" => 365.25,
        _ => return None,
    })
}
