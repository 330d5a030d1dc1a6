//! Writes a report as a whole: everything into a folder beside its place, then one exchange of names. A run that is
//! killed leaves the report that was there, and files that are not ours stay.

use super::manifest::{FILE_NAME, Manifest};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

#[derive(Clone, Debug)]
pub struct OutputFile {
    /// Relative, with `/`.
    pub name: String,
    pub bytes: Vec<u8>,
    pub subject_level: bool,
}

impl OutputFile {
    pub fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), bytes: bytes.into(), subject_level: false }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    #[error("the folder `{folder}` cannot be written: {error}")]
    Unwritable { folder: PathBuf, error: io::Error },
    #[error("`{folder}` has no name of its own, and a report replaces its folder as a whole: name the folder")]
    Unnamed { folder: PathBuf },
    #[error("`{folder}` is a file, a folder is needed for the report")]
    NotAFolder { folder: PathBuf },
    #[error(
        "`{folder}` holds something else than a report of Vouch; nothing was written. Choose an empty or a new folder with --out"
    )]
    Foreign { folder: PathBuf },
}

/// Refuses a place that a report must not or cannot take, before any work is done.
pub fn check(folder: &Path) -> Result<(), OutputError> {
    if folder.file_name().is_none() {
        return Err(OutputError::Unnamed { folder: folder.to_path_buf() });
    }
    if folder.is_file() {
        return Err(OutputError::NotAFolder { folder: folder.to_path_buf() });
    }
    let is_empty = fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
    if !is_empty && Manifest::of_folder(folder).is_none() {
        return Err(OutputError::Foreign { folder: folder.to_path_buf() });
    }
    let unwritable = |error| OutputError::Unwritable { folder: folder.to_path_buf(), error };
    let beside = sibling(folder);
    fs::create_dir_all(&beside).map_err(unwritable)?;
    fs::remove_dir(&beside).map_err(unwritable)
}

/// Replaces the report in `folder` by these files.
pub fn write(folder: &Path, files: &[OutputFile]) -> Result<(), OutputError> {
    check(folder)?;
    let beside = sibling(folder);
    let result = fill(&beside, files).and_then(|()| put_in_place(&beside, folder));
    if result.is_err() {
        // The report that was there is untouched; what was half written is of no use.
        _ = fs::remove_dir_all(&beside);
    }
    result.map_err(|error| OutputError::Unwritable { folder: folder.to_path_buf(), error })
}

fn sibling(folder: &Path) -> PathBuf {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    folder.with_file_name(format!(".{name}.{}.partial", std::process::id()))
}

fn fill(folder: &Path, files: &[OutputFile]) -> io::Result<()> {
    for file in files {
        let path = folder.join(&file.name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, &file.bytes)?;
    }
    Ok(())
}

fn put_in_place(new: &Path, folder: &Path) -> io::Result<()> {
    if !folder.exists() {
        return fs::rename(new, folder);
    }
    let old = Manifest::of_folder(folder);
    exchange(new, folder)?;
    // `new` is now the old report: what is not ours goes back, the rest goes.
    let ours: Vec<String> =
        old.map(|manifest| manifest.outputs.into_iter().map(|file| file.name).collect()).unwrap_or_default();
    for entry in fs::read_dir(new)?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_ours =
            name == FILE_NAME || ours.iter().any(|file| *file == name || file.starts_with(&format!("{name}/")));
        if !is_ours && !folder.join(&name).exists() {
            fs::rename(entry.path(), folder.join(&name))?;
        }
    }
    fs::remove_dir_all(new)
}

/// Two names change places in one step, where the system can do that.
#[cfg(target_os = "linux")]
fn exchange(left: &Path, right: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, left, CWD, right, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(()),
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => exchange_in_steps(left, right),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn exchange(left: &Path, right: &Path) -> io::Result<()> {
    exchange_in_steps(left, right)
}

/// Between the two last steps the old report stands under the name with `.previous`.
fn exchange_in_steps(left: &Path, right: &Path) -> io::Result<()> {
    let aside = left.with_extension("previous");
    fs::rename(right, &aside)?;
    fs::rename(left, right)?;
    fs::rename(&aside, left)
}
