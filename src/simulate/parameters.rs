//! What the simulated cohorts are drawn from, as facts in a file with their source.

use indexmap::IndexMap;
use serde::Deserialize;

/// Without and with metastasis in the primary set, then in the test set.
pub const GROUPS: usize = 4;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    pub groups: [Group; GROUPS],
    pub excluded: Vec<Excluded>,
    pub mean_and_deviation: IndexMap<String, MeanAndDeviation>,
    pub median_and_range: IndexMap<String, MedianAndRange>,
    /// Variable, level, count per group.
    pub counts: IndexMap<String, IndexMap<String, [usize; GROUPS]>>,
    pub survival: Survival,
    pub readers: Readers,
    pub signal: Signal,
    pub images: Images,
    pub tissues: Tissues,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    pub id: String,
    pub patients: usize,
    pub metastasis: bool,
    /// Enrolment, as YYYY-MM-DD.
    pub first_day: String,
    pub last_day: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    ConventionalImaging,
    SystemicTherapy,
    MissingClinicalData,
    MissingImages,
    LostToFollowUp,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Excluded {
    pub reason: Reason,
    pub patients: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    Normal,
    Lognormal,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeanAndDeviation {
    /// Digits after the point.
    pub digits: usize,
    pub lowest: f64,
    pub highest: f64,
    pub shape: Shape,
    /// Mean and standard deviation per group.
    pub cells: [[f64; 2]; GROUPS],
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MedianAndRange {
    pub digits: usize,
    /// Median, least and greatest value per group.
    pub cells: [[f64; 3]; GROUPS],
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Survival {
    pub negative: Curve,
    pub positive: Curve,
    /// Per unit of a variable.
    pub log_hazards: IndexMap<String, f64>,
    pub last_day: String,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Curve {
    /// Survival at 1, 2 and 3 years.
    pub rates: [f64; 3],
    /// The share whose death was observed.
    pub died: f64,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Readers {
    pub sensitivity: f64,
    pub specificity: f64,
    /// Of what the two readers see in patients with the same status.
    pub correlation: f64,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signal {
    /// Difference of the means of each sign between patients with and without metastasis, in standard deviations.
    pub standardised_difference: f64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Images {
    pub pixels: usize,
    pub pixel_mm: f64,
    pub slices: usize,
    pub slice_mm: f64,
    pub series: Vec<Series>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Series {
    pub name: String,
    pub tube_potential: u32,
    /// In keV.
    pub effective_energy: f64,
    pub noise_hu: f64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tissues {
    pub pancreas: Tissue,
    pub tumour: Tissue,
    pub aorta: Tissue,
    pub liver: Tissue,
    pub node_without_metastasis: Tissue,
    pub node_with_metastasis: Tissue,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tissue {
    pub water: f64,
    /// In mg/ml.
    pub iodine: f64,
    pub iodine_deviation: f64,
}

impl Parameters {
    pub fn pdac_dect() -> Result<Self, serde_yaml::Error> {
        serde_yaml::from_str(include_str!("pdac_dect.yaml"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counts_of_every_variable_add_up_to_the_groups() {
        let parameters = Parameters::pdac_dect().unwrap();
        for (variable, levels) in &parameters.counts {
            for (index, group) in parameters.groups.iter().enumerate() {
                let total: usize = levels.values().map(|counts| counts[index]).sum();
                assert_eq!(total, group.patients, "{variable} in {}", group.id);
            }
        }
        let included: usize = parameters.groups.iter().map(|group| group.patients).sum();
        let excluded: usize = parameters.excluded.iter().map(|excluded| excluded.patients).sum();
        assert_eq!((included, included + excluded), (148, 524));
    }
}
