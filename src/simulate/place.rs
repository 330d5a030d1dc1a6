//! A simulated cohort in its folder: made when it is not there, left alone when it is, and never laid over other files.

use super::{SimulatedFile, TABLE, make};
use crate::data::hash::sha256;
use crate::spec::raw::RawSimulation;
use crate::spec::{Diagnostic, Study};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

const STAMP: &str = "simulated.json";
const SCHEMA: &str = "simulated/1";
/// Of the simulation's code and parameters: a change in what it makes is a new number, so that old folders are made again.
const REVISION: u32 = 1;

#[derive(Debug, thiserror::Error)]
pub enum SimulationError {
    #[error("`{}` holds files that were not simulated; nothing was written", .0.display())]
    Foreign(PathBuf),
    #[error("`{}` is a file, a folder is needed", .0.display())]
    NotAFolder(PathBuf),
    #[error("the simulated cohort cannot be written: {0}")]
    Unwritable(String),
    #[error("the parameters of the simulation cannot be read: {0}")]
    Parameters(String),
}

/// What a folder was made of, and by which hash its content is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Stamp {
    schema: String,
    says: String,
    revision: u32,
    recipe: RawSimulation,
    files: usize,
    /// Over names and bytes of all files.
    sha256: String,
}

impl Stamp {
    fn of_folder(folder: &Path) -> Option<Self> {
        let text = fs::read_to_string(folder.join(STAMP)).ok()?;
        let stamp: Self = serde_json::from_str(&text).ok()?;
        (stamp.schema == SCHEMA).then_some(stamp)
    }
}

/// The table of a study lies in the folder of a simulation.
pub fn is_simulated(study: &Study) -> bool {
    let simulated = &study.spec.data;
    simulated.simulated
        || simulated.simulate.is_some()
        || study.data_path().parent().is_some_and(|folder| Stamp::of_folder(folder).is_some())
}

/// Makes the data that a study declares as simulated, unless they are there as declared, whole and unchanged.
pub fn ensure(study: &Study) -> Result<(), Vec<Diagnostic>> {
    let Some(recipe) = &study.spec.data.simulate else { return Ok(()) };
    let folder = study.data_path().parent().map(Path::to_path_buf).unwrap_or_default();
    if is_whole(recipe, &folder) {
        return Ok(());
    }
    write(recipe, &folder).map_err(|error| {
        let problem = Diagnostic::error("data/simulate", error.to_string(), study.place("data/path"));
        vec![
            problem
                .with_help("name a folder of its own for the simulated data: path: simulated/patients.csv")
                .about_input(),
        ]
    })
}

fn is_whole(recipe: &RawSimulation, folder: &Path) -> bool {
    let Some(stamp) = Stamp::of_folder(folder) else { return false };
    stamp.recipe == *recipe && stamp.revision == REVISION && content(folder).is_ok_and(|found| found == stamp.sha256)
}

/// Writes a simulated cohort. A folder with an earlier one is replaced as a whole; any other files are an error.
pub fn write(recipe: &RawSimulation, folder: &Path) -> Result<(), SimulationError> {
    check(folder)?;
    let beside = sibling(folder);
    let result = fill(recipe, &beside).and_then(|()| {
        // Another run may have made the same cohort meanwhile, and be reading it.
        let is_there = is_whole(recipe, folder);
        if is_there { Ok(()) } else { put_in_place(&beside, folder).map_err(unwritable) }
    });
    if beside.exists() {
        _ = fs::remove_dir_all(&beside);
    }
    result
}

fn check(folder: &Path) -> Result<(), SimulationError> {
    if folder.is_file() {
        return Err(SimulationError::NotAFolder(folder.to_path_buf()));
    }
    let is_empty = fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
    if !is_empty && Stamp::of_folder(folder).is_none() {
        return Err(SimulationError::Foreign(folder.to_path_buf()));
    }
    Ok(())
}

fn unwritable(error: io::Error) -> SimulationError {
    SimulationError::Unwritable(error.to_string())
}

fn sibling(folder: &Path) -> PathBuf {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    folder.with_file_name(format!(".{name}.{}.partial", std::process::id()))
}

fn fill(recipe: &RawSimulation, folder: &Path) -> Result<(), SimulationError> {
    fs::create_dir_all(folder).map_err(unwritable)?;
    let hashes: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let keep = |file: SimulatedFile| {
        let path = folder.join(&file.name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        if let Ok(mut hashes) = hashes.lock() {
            hashes.push(line(&file.name, &file.bytes));
        }
        fs::write(path, &file.bytes)
    };
    make(recipe, &keep)?;
    let lines = hashes.into_inner().unwrap_or_default();
    let stamp = Stamp {
        schema: SCHEMA.to_string(),
        says: "These data are simulated. No patient is in them.".to_string(),
        revision: REVISION,
        recipe: recipe.clone(),
        files: lines.len(),
        sha256: total(lines),
    };
    let text = serde_json::to_string_pretty(&stamp).map_err(|error| SimulationError::Unwritable(error.to_string()))?;
    fs::write(folder.join(STAMP), text + "\n").map_err(unwritable)
}

fn put_in_place(new: &Path, folder: &Path) -> io::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::rename(new, folder)
}

fn line(name: &str, bytes: &[u8]) -> String {
    format!("{name} {}", sha256(bytes))
}

fn total(mut lines: Vec<String>) -> String {
    lines.sort_unstable();
    sha256(lines.join("\n").as_bytes())
}

/// The hash of what is in a folder now.
fn content(folder: &Path) -> io::Result<String> {
    let mut names = vec![TABLE.to_string()];
    collect(folder, "images", &mut names)?;
    let mut lines = Vec::with_capacity(names.len());
    for name in names {
        lines.push(line(&name, &fs::read(folder.join(&name))?));
    }
    Ok(total(lines))
}

fn collect(folder: &Path, within: &str, names: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder.join(within))? {
        let entry = entry?;
        let name = format!("{within}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(folder, &name, names)?;
        } else {
            names.push(name);
        }
    }
    Ok(())
}
