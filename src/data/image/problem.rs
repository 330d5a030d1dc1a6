//! What can be wrong with the images of a subject, in words that name no one.

use crate::data::table::rows_in_words;
use crate::spec::{Diagnostic, Study};
use indexmap::IndexMap;

/// One thing that is wrong with one image or mask of one subject.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageProblem {
    /// The subject's row in the table, counted from one.
    pub file_row: usize,
    /// The place in the spec: "series/kv_100", "masks/tumour".
    pub of: String,
    pub fault: Fault,
}

/// No fault quotes a path, a name or an identifier: those can say who a subject is.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Fault {
    #[error("there is no image")]
    Absent,
    #[error("the file or folder is missing")]
    Missing,
    #[error("the folder has no DICOM file")]
    EmptyFolder,
    #[error("the column `{column}` of its path has no value")]
    NoPath { column: String },
    #[error("the column `{column}` of its path holds a path separator")]
    UnsafePath { column: String },
    #[error("the file cannot be opened ({kind})")]
    Unreadable { kind: String },
    #[error("{file} of its {files} files is no DICOM file, or is truncated")]
    NotDicom { file: String, files: usize },
    #[error("{file} of its {files} files has no `{attribute}`")]
    NoAttribute { file: String, files: usize, attribute: &'static str },
    #[error("the pixel data of {file} of its {files} files are truncated or cannot be decoded")]
    Truncated { file: String, files: usize },
    #[error("the file is truncated, or is not in the declared format")]
    NotThisFormat,
    #[error("the modality is {found}, CT is needed")]
    Modality { found: String },
    #[error("its slices were taken at different tube potentials: {found} kV")]
    MixedEnergies { found: String },
    #[error("the tube potential is {found} kV, the spec declares {declared} kV")]
    OtherEnergy { found: f64, declared: f64 },
    #[error("its slices differ in size, spacing or orientation")]
    MixedGrids,
    #[error("its slices belong to {series} different series")]
    MixedSeries { series: usize },
    #[error("slices are missing ({count}): a gap of {gap} mm among slices {spacing} mm apart")]
    MissingSlices { count: usize, gap: f64, spacing: f64 },
    #[error("two of its slices lie in the same place")]
    DoubledSlice,
    #[error("a file holds several frames, one slice per file is needed")]
    ManyFrames,
    #[error("it has {found} dimensions, 3 are needed")]
    Dimensions { found: usize },
    #[error("the slope of its values is zero or not a number")]
    Slope,
    #[error("voxels are not a number ({voxels})")]
    NotANumber { voxels: usize },
    #[error("its grid is not that of the series `{series}`: {found} against {expected} voxels")]
    OtherSize { series: String, found: String, expected: String },
    #[error("its grid has the size of the series `{series}` and lies elsewhere in the patient")]
    OtherPlace { series: String },
    #[error("the region is empty")]
    EmptyRegion,
    #[error("the region is too small for this number")]
    SmallRegion,
    #[error("`{column}` is not a finite number there")]
    NoValue { column: String },
}

/// One diagnostic for all subjects with the same problem.
pub fn diagnostics(study: &Study, problems: &[ImageProblem]) -> Vec<Diagnostic> {
    let mut groups: IndexMap<(String, String, bool), Vec<usize>> = IndexMap::new();
    for problem in problems {
        let missing = matches!(problem.fault, Fault::Absent | Fault::Missing | Fault::EmptyFolder);
        let group = (problem.of.clone(), problem.fault.to_string(), missing);
        groups.entry(group).or_default().push(problem.file_row);
    }
    let diagnostic = |((of, words, missing), mut rows): ((String, String, bool), Vec<usize>)| {
        rows.sort_unstable();
        rows.dedup();
        let place = study.place(&format!("data/images/{of}"));
        let message = format!("{} in {}: {words}", named(&of), rows_in_words(&rows));
        let problem = Diagnostic::error("image/unusable", message, place).with_help(
            "correct the files, or let such subjects leave, counted in the flow: data: {images: {on_problem: exclude}}",
        );
        Diagnostic { is_about_input: missing, ..problem }
    };
    groups.into_iter().map(diagnostic).collect()
}

/// "series/kv_100" as "series `kv_100`".
fn named(of: &str) -> String {
    match of.split_once('/') {
        Some(("masks", name)) => format!("mask `{name}`"),
        Some(("measure", name)) => format!("measure `{name}`"),
        Some((kind, name)) => format!("{kind} `{name}`"),
        None => "images".to_string(),
    }
}
