//! Simulated cohorts: patients, images and outcomes that look like those of a published study whose data are not public.
//!
//! A simulated cohort is made of a recipe alone (kind, seed, number of patients, with or without signal) and is the same,
//! bit for bit, at any number of threads. It carries a stamp, `simulated.json`, and a study whose table lies beside such a
//! stamp says on every page that its data are simulated.

mod draw;
mod files;
mod parameters;
mod patients;
mod phantom;
mod place;
mod survival;
mod table;

pub use place::{SimulationError, ensure, is_simulated, write};

use crate::spec::raw::{RawSimulation, RawSimulationKind};
use crate::stats::random::Seed;
use parameters::Parameters;
use patients::{Patient, draw_patients};
use phantom::Phantom;
use rayon::prelude::*;

/// The name of the table in the folder of a simulation.
pub const TABLE: &str = "patients.csv";

/// A file of a simulated cohort.
pub struct SimulatedFile {
    /// Relative, with `/`.
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Makes the cohort and hands every file to `keep`, the table first, patients in any order.
fn make(
    recipe: &RawSimulation,
    keep: &(dyn Fn(SimulatedFile) -> std::io::Result<()> + Sync),
) -> Result<(), SimulationError> {
    let RawSimulationKind::PdacDect = recipe.kind;
    let parameters = Parameters::pdac_dect().map_err(|error| SimulationError::Parameters(error.to_string()))?;
    let seed = Seed::from_study(recipe.seed).child("simulate").child("pdac_dect");
    let patients = draw_patients(&parameters, recipe.patients, recipe.signal, seed.child("patients"));
    let unwritable = |error: std::io::Error| SimulationError::Unwritable(error.to_string());
    let bytes = table::csv(&parameters, &patients).into_bytes();
    keep(SimulatedFile { name: TABLE.to_string(), bytes }).map_err(unwritable)?;
    let recipe_text = recipe.words();
    patients.par_iter().filter(|patient| patient.excluded.is_none()).try_for_each(|patient| {
        for file in images(&parameters, patient, &recipe_text, seed.child("images").child(&patient.id))? {
            keep(file).map_err(unwritable)?;
        }
        Ok(())
    })
}

/// The files of one patient: a folder of DICOM slices per series, and a label map.
fn images(
    parameters: &Parameters,
    patient: &Patient,
    recipe: &str,
    seed: Seed,
) -> Result<Vec<SimulatedFile>, SimulationError> {
    let phantom = Phantom::new(parameters, patient, seed);
    let folder = format!("images/{}", patient.id);
    let date = table::date(patient.enrolled).replace('-', "");
    let mut made = Vec::new();
    for (index, series) in parameters.images.series.iter().enumerate() {
        let hu = phantom.measured(series, seed);
        let header = files::SeriesHeader {
            patient: &patient.id,
            series: &series.name,
            number: index + 1,
            tube_potential: series.tube_potential,
            date: &date,
            recipe,
        };
        let pixels = phantom.geometry.columns * phantom.geometry.rows;
        for (slice, hu) in hu.chunks(pixels).enumerate() {
            let bytes = files::dicom(&header, &phantom.geometry, slice, hu).map_err(SimulationError::Unwritable)?;
            made.push(SimulatedFile { name: format!("{folder}/{}/{:03}.dcm", series.name, slice + 1), bytes });
        }
    }
    let bytes = files::nifti(&phantom.geometry, &phantom.labels)
        .map_err(|error| SimulationError::Unwritable(error.to_string()))?;
    made.push(SimulatedFile { name: format!("{folder}/regions.nii.gz"), bytes });
    Ok(made)
}

#[cfg(test)]
mod tests;
