//! The images of all subjects of a table: what is measured on them becomes columns, what cannot be used is kept by row.

use super::SubjectImages;
use super::measure::measure;
use super::paths::ImagePaths;
use super::problem::{Fault, ImageProblem};
use super::subject::{SubjectPaths, read};
use crate::data::{Table, hash};
use crate::results::InputFile;
use crate::spec::raw::RawImageData;
use crate::spec::{Diagnostic, Study};
use polars::prelude::*;
use rayon::prelude::*;
use std::collections::HashMap;

/// What the images of one subject are good for.
#[derive(Clone, Debug)]
pub enum SubjectOutcome {
    /// Cropped to what model inputs need; empty when the study has none.
    Usable(SubjectImages),
    /// No file is there.
    Absent,
    Unusable(Vec<ImageProblem>),
}

/// Told how far the reading is: of a scanner's series it can take minutes.
pub trait ReadingImages: Sync {
    fn begins(&self, subjects: usize);
    /// From several threads at once.
    fn one_subject_read(&self);
}

/// The images of the subjects, by their rows in the file.
#[derive(Clone, Debug)]
pub struct ImageTable {
    by_file_row: HashMap<usize, SubjectOutcome>,
    /// SHA-256 over the images of all subjects, whatever their order.
    content_sha256: String,
    /// Subjects with images that can be used.
    subjects: usize,
}

/// Reads the images of every subject and adds the measured columns to the table. A subject without images, or whose
/// images cannot be used, has missing values there; whether that is a problem is decided when it is known who is
/// analysed.
pub fn read_all(
    study: &Study,
    data: &RawImageData,
    table: &mut Table,
    told: &dyn ReadingImages,
) -> Result<ImageTable, Vec<Diagnostic>> {
    let mut clashes: Vec<Diagnostic> = Vec::new();
    for name in data.measure.keys().filter(|name| table.frame.column(name).is_ok()) {
        let place = study.place(&format!("data/images/measure/{name}"));
        let message = format!("the table already has a column `{name}`");
        clashes.push(Diagnostic::error("image/measure", message, place).with_help("give the measure another name"));
    }
    let paths = ImagePaths::expand(study, data, table).map_err(|problems| [clashes.clone(), problems].concat())?;
    if !clashes.is_empty() {
        return Err(clashes);
    }
    told.begins(table.subjects.len());
    let rows: Vec<Row> = (0..table.subjects.len())
        .into_par_iter()
        .map(|row| {
            let of_row = |paths: &indexmap::IndexMap<String, Vec<super::paths::ExpandedPath>>| {
                paths.iter().map(|(name, paths)| (name.clone(), paths[row].clone())).collect()
            };
            let paths = SubjectPaths {
                file_row: table.file_rows[row],
                series: of_row(&paths.series),
                masks: of_row(&paths.masks),
            };
            let read = one_subject(study, data, &paths, &table.subjects[row]);
            told.one_subject_read();
            read
        })
        .collect();
    for (index, name) in data.measure.keys().enumerate() {
        let values: Vec<Option<f64>> = rows.iter().map(|row| row.measures.get(index).copied()).collect();
        let column = Column::new(name.as_str().into(), values);
        table.frame.with_column(column).map_err(|error| {
            let place = study.place(&format!("data/images/measure/{name}"));
            vec![Diagnostic::error("image/measure", error.to_string(), place)]
        })?;
    }
    let mut hashes: Vec<[u8; 32]> = rows.iter().filter_map(|row| row.hash).collect();
    hashes.sort_unstable();
    let subjects = hashes.len();
    let content_sha256 = hash::sha256(&hashes.concat());
    let outcomes = table.file_rows.iter().copied().zip(rows.into_iter().map(|row| row.outcome));
    Ok(ImageTable { by_file_row: outcomes.collect(), content_sha256, subjects })
}

/// What is kept of one subject.
struct Row {
    outcome: SubjectOutcome,
    /// In the order of the spec; empty when the images cannot be used.
    measures: Vec<f64>,
    hash: Option<[u8; 32]>,
}

fn one_subject(study: &Study, data: &RawImageData, paths: &SubjectPaths, subject: &str) -> Row {
    let without = |outcome| Row { outcome, measures: Vec::new(), hash: None };
    if paths.all_absent() {
        return without(SubjectOutcome::Absent);
    }
    let images = match read(data, paths) {
        Ok(images) => images,
        Err(problems) => return without(SubjectOutcome::Unusable(problems)),
    };
    let problem = |of: String, fault: Fault| ImageProblem { file_row: paths.file_row, of, fault };
    let mut problems = Vec::new();
    let mut measures = Vec::new();
    for (name, rule) in &data.measure {
        match measure(name, rule, data, &images) {
            Ok(value) => measures.push(value),
            Err(fault) => problems.push(problem(format!("measure/{name}"), fault)),
        }
    }
    let cropped = match &study.spec.images {
        Some(inputs) => images.cropped(inputs),
        None => Ok(SubjectImages::default()),
    };
    match cropped {
        Ok(cropped) if problems.is_empty() => {
            Row { outcome: SubjectOutcome::Usable(cropped), measures, hash: Some(images.hash(subject)) }
        }
        Ok(_) => without(SubjectOutcome::Unusable(problems)),
        Err(fault) => {
            let mask = study.spec.images.as_ref().map(|images| images.mask.clone()).unwrap_or_default();
            problems.push(problem(format!("masks/{mask}"), fault));
            without(SubjectOutcome::Unusable(problems))
        }
    }
}

impl ImageTable {
    /// The images as an input of the study.
    pub fn input(&self) -> InputFile {
        InputFile {
            name: "images".to_string(),
            content_sha256: self.content_sha256.clone(),
            rows: Some(self.subjects),
            columns: 0,
        }
    }

    /// What is wrong with the images of the subject in this row of the file; nothing when they can be used.
    pub fn problems_of(&self, file_row: usize) -> Vec<ImageProblem> {
        match self.by_file_row.get(&file_row) {
            Some(SubjectOutcome::Usable(_)) => Vec::new(),
            Some(SubjectOutcome::Unusable(problems)) => problems.clone(),
            Some(SubjectOutcome::Absent) | None => {
                vec![ImageProblem { file_row, of: String::new(), fault: Fault::Absent }]
            }
        }
    }

    /// The images of the subjects in these rows of the file, all of which must be usable.
    pub fn take(mut self, file_rows: &[usize]) -> Vec<SubjectImages> {
        file_rows
            .iter()
            .map(|row| match self.by_file_row.remove(row) {
                Some(SubjectOutcome::Usable(images)) => images,
                _ => SubjectImages::default(),
            })
            .collect()
    }
}
