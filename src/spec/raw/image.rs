//! Images of the subjects, what is measured on them, and what networks see of them.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The images of the subjects: where they lie, and what is measured on them.
///
/// A path is relative to the spec and names columns of the table in braces: `images/{subject}/kv100`. `{subject}` is the
/// identifier, whatever its column is called.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawImageData {
    /// Image series, by name.
    pub series: IndexMap<String, RawSeries>,
    /// Regions of interest, by name.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub masks: IndexMap<String, RawMask>,
    /// Pairs of series of one scan at two energies, by name.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub dual_energy: IndexMap<String, RawEnergyPair>,
    /// Columns that are measured in a region, by name; they join the table before `cohort: derive`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub measure: IndexMap<String, RawMeasure>,
    /// What happens to a subject whose images cannot be used.
    #[serde(default)]
    pub on_problem: RawOnProblem,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSeries {
    /// A folder of DICOM files, a NIfTI file, or a PNG file.
    pub path: String,
    pub format: RawImageFormat,
    /// The tube potential in kV that every DICOM file of the series must state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tube_potential: Option<f64>,
    /// The energy in keV at which the attenuation of water and iodine stands for this spectrum; needed in a
    /// dual-energy pair.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 34.0, max = 200.0))]
    pub effective_energy: Option<f64>,
    /// The phase of contrast, in words; printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawImageFormat {
    /// A folder with one DICOM file per slice, modality CT; Hounsfield units by its rescale slope and intercept.
    Dicom,
    /// A NIfTI-1 file (`.nii`, `.nii.gz`) in Hounsfield units.
    Nifti,
    /// A PNG file in shades of grey, 8 or 16 bits: one slice, its values as they are.
    Png,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawMask {
    /// A NIfTI, DICOM Segmentation or PNG file on the grid of the series.
    pub path: String,
    pub format: RawMaskFormat,
    /// The value of the region in a file with several, or its segment number; all of them when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub label: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawMaskFormat {
    Nifti,
    /// A binary DICOM Segmentation object.
    DicomSeg,
    Png,
}

/// Two series of one scan; both need their `effective_energy`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawEnergyPair {
    /// The series at the lower energy.
    pub low: String,
    /// The series at the higher energy.
    pub high: String,
}

/// One number per subject out of a region of interest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "of", rename_all = "snake_case", deny_unknown_fields)]
pub enum RawMeasure {
    /// Hounsfield units of a series.
    Series {
        series: String,
        mask: String,
        #[serde(default)]
        statistic: RawRegionStatistic,
    },
    /// Hounsfield units of the virtual monoenergetic image at an energy in keV.
    Vmi {
        pair: String,
        #[schemars(range(min = 34.0, max = 200.0))]
        kev: f64,
        mask: String,
        #[serde(default)]
        statistic: RawRegionStatistic,
    },
    /// Iodine concentration in mg/ml.
    Iodine {
        pair: String,
        mask: String,
        #[serde(default)]
        statistic: RawRegionStatistic,
    },
    /// Electron density relative to water.
    ElectronDensity {
        pair: String,
        mask: String,
        #[serde(default)]
        statistic: RawRegionStatistic,
    },
    /// A feature of the grey-level co-occurrence matrix of a series, by IBSI: in three dimensions, merged, of neighbouring
    /// voxels, without interpolation.
    Texture { series: String, mask: String, feature: RawTexture, bins: RawBins },
    /// Effective atomic number of the region's mean attenuation.
    EffectiveAtomicNumber { pair: String, mask: String },
    /// Dual-energy index of the region's mean attenuation.
    DualEnergyIndex { pair: String, mask: String },
}

/// A first-order statistic by the definitions of IBSI.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawRegionStatistic {
    #[default]
    Mean,
    StandardDeviation,
    Minimum,
    #[serde(rename = "percentile_10")]
    Percentile10,
    Median,
    #[serde(rename = "percentile_90")]
    Percentile90,
    Maximum,
    InterquartileRange,
    Skewness,
    /// Above that of a normal distribution.
    Kurtosis,
    MeanAbsoluteDeviation,
    RobustMeanAbsoluteDeviation,
    Energy,
    RootMeanSquare,
}

/// A feature of the grey-level co-occurrence matrix, by its name in IBSI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawTexture {
    JointMaximum,
    JointAverage,
    JointVariance,
    JointEntropy,
    AngularSecondMoment,
    Contrast,
    Dissimilarity,
    InverseDifference,
    NormalisedInverseDifference,
    InverseDifferenceMoment,
    NormalisedInverseDifferenceMoment,
    InverseVariance,
    Correlation,
    Autocorrelation,
    ClusterTendency,
    ClusterShade,
    ClusterProminence,
}

/// How values become grey levels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum RawBins {
    /// As many equal bins between the least and the greatest value of the region.
    Number {
        #[schemars(range(min = 2, max = 1024))]
        number: usize,
    },
    /// Bins of equal width from a value on; what lies below it is in the first.
    Width {
        #[schemars(range(min = 0.001))]
        width: f64,
        from: f64,
    },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawOnProblem {
    /// Nothing runs; every problem is reported by row.
    #[default]
    Stop,
    /// The subject leaves, and the flow counts it.
    Exclude,
}

/// Model inputs: a square crop around a region, resized and scaled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawImages {
    /// The region that the crop is around.
    pub mask: String,
    /// What the square keeps around the region's bounding box, in millimetres.
    #[serde(default = "default_margin")]
    #[schemars(range(min = 0.0, max = 500.0))]
    pub margin_mm: f64,
    /// Rows and columns of the resized crop.
    #[serde(default = "default_size")]
    #[schemars(range(min = 8, max = 1024))]
    pub size: usize,
    /// Neighbouring slices, one channel each, around the slice in which the region is largest; an odd number.
    #[serde(default = "default_slices")]
    #[schemars(range(min = 1, max = 15))]
    pub slices: usize,
    /// How far a random crop of training may move, as a share of the size.
    #[serde(default = "default_border")]
    #[schemars(range(min = 0.0, max = 0.5))]
    pub border: f64,
    /// The window of Hounsfield units that becomes −1 to 1.
    pub window: RawWindow,
    /// The inputs, by name.
    pub inputs: IndexMap<String, RawImageInput>,
}

fn default_margin() -> f64 {
    10.0
}

fn default_size() -> usize {
    64
}

fn default_slices() -> usize {
    1
}

fn default_border() -> f64 {
    0.125
}

/// x becomes 2 (x − centre) / width, and −1 or 1 beyond the window.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawWindow {
    pub centre: f64,
    #[schemars(range(min = 1.0))]
    pub width: f64,
}

/// A series, or a virtual monoenergetic image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawImageInput {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vmi: Option<RawVmi>,
    /// Instead of the common window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<RawWindow>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawVmi {
    /// The dual-energy pair.
    pub pair: String,
    /// The energy in keV.
    #[schemars(range(min = 34.0, max = 200.0))]
    pub kev: f64,
}

impl RawRegionStatistic {
    /// As a report says it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::StandardDeviation => "standard deviation",
            Self::Minimum => "minimum",
            Self::Percentile10 => "10th percentile",
            Self::Median => "median",
            Self::Percentile90 => "90th percentile",
            Self::Maximum => "maximum",
            Self::InterquartileRange => "interquartile range",
            Self::Skewness => "skewness",
            Self::Kurtosis => "excess kurtosis",
            Self::MeanAbsoluteDeviation => "mean absolute deviation",
            Self::RobustMeanAbsoluteDeviation => "robust mean absolute deviation",
            Self::Energy => "energy",
            Self::RootMeanSquare => "root mean square",
        }
    }
}

impl RawTexture {
    /// As a report says it.
    pub fn words(self) -> &'static str {
        match self {
            Self::JointMaximum => "joint maximum",
            Self::JointAverage => "joint average",
            Self::JointVariance => "joint variance",
            Self::JointEntropy => "joint entropy",
            Self::AngularSecondMoment => "angular second moment",
            Self::Contrast => "contrast",
            Self::Dissimilarity => "dissimilarity",
            Self::InverseDifference => "inverse difference",
            Self::NormalisedInverseDifference => "normalised inverse difference",
            Self::InverseDifferenceMoment => "inverse difference moment",
            Self::NormalisedInverseDifferenceMoment => "normalised inverse difference moment",
            Self::InverseVariance => "inverse variance",
            Self::Correlation => "correlation",
            Self::Autocorrelation => "autocorrelation",
            Self::ClusterTendency => "cluster tendency",
            Self::ClusterShade => "cluster shade",
            Self::ClusterProminence => "cluster prominence",
        }
    }
}

impl RawMeasure {
    pub fn mask(&self) -> &str {
        match self {
            RawMeasure::Series { mask, .. }
            | RawMeasure::Texture { mask, .. }
            | RawMeasure::Vmi { mask, .. }
            | RawMeasure::Iodine { mask, .. }
            | RawMeasure::ElectronDensity { mask, .. }
            | RawMeasure::EffectiveAtomicNumber { mask, .. }
            | RawMeasure::DualEnergyIndex { mask, .. } => mask,
        }
    }

    /// The series that the number is taken from, unless it is derived from a pair.
    pub fn series(&self) -> Option<&str> {
        match self {
            RawMeasure::Series { series, .. } | RawMeasure::Texture { series, .. } => Some(series),
            _ => None,
        }
    }

    /// The dual-energy pair that the number is derived from.
    pub fn pair(&self) -> Option<&str> {
        match self {
            RawMeasure::Series { .. } | RawMeasure::Texture { .. } => None,
            RawMeasure::Vmi { pair, .. }
            | RawMeasure::Iodine { pair, .. }
            | RawMeasure::ElectronDensity { pair, .. }
            | RawMeasure::EffectiveAtomicNumber { pair, .. }
            | RawMeasure::DualEnergyIndex { pair, .. } => Some(pair),
        }
    }
}

impl RawImages {
    /// Rows and columns by which the stored crop is wider on every side than what a model sees.
    pub fn border_pixels(&self) -> usize {
        (self.size as f64 * self.border).ceil() as usize
    }

    pub fn window_of(&self, input: &RawImageInput) -> RawWindow {
        input.window.unwrap_or(self.window)
    }
}
