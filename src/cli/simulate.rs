//! `vouch simulate KIND --out DIR --seed N`

use super::Exit;
use super::output::{print_line, tell};
use crate::simulate::{SimulationError, TABLE, write};
use crate::spec::raw::{RawSimulation, RawSimulationKind};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct SimulateArguments {
    /// Which cohort
    #[arg(value_enum)]
    kind: Kind,
    /// The folder for the table and the images; one with an earlier simulation is replaced
    #[arg(long)]
    out: PathBuf,
    /// The same seed gives the same files
    #[arg(long)]
    seed: u64,
    /// How many patients are analysed; more are screened
    #[arg(long, default_value_t = 148, value_parser = clap::value_parser!(u32).range(12..=20_000))]
    patients: u32,
    /// No signal: nothing but survival has to do with the status by pathology
    #[arg(long)]
    null: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// Dual-energy CT of pancreatic cancer, with node metastasis and survival
    PdacDect,
}

pub fn simulate(arguments: &SimulateArguments) -> Exit {
    let recipe = RawSimulation {
        kind: match arguments.kind {
            Kind::PdacDect => RawSimulationKind::PdacDect,
        },
        seed: arguments.seed,
        patients: arguments.patients as usize,
        signal: !arguments.null,
    };
    match write(&recipe, &arguments.out) {
        Ok(()) => {
            tell!("These data are simulated: no patient is in them, and a report on them says so on every page.");
            print_line(arguments.out.join(TABLE).display(), Exit::Fine)
        }
        Err(error) => {
            tell!("{error}");
            match error {
                SimulationError::Foreign(_) | SimulationError::NotAFolder(_) => Exit::Invalid,
                SimulationError::Unwritable(_) | SimulationError::Parameters(_) => Exit::Unexpected,
            }
        }
    }
}
