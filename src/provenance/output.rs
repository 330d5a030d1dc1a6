//! Writes a report as a whole: everything into a folder beside its place, then one exchange of names. A run that is
//! killed leaves the report that was there, and files that are not ours stay.

use super::manifest::files_of_report;
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

/// Files in one piece, for the store: each as the length of its name, its name, the length of its content, its content.
pub fn pack(files: &[OutputFile]) -> Vec<u8> {
    let mut packed = Vec::new();
    for part in files.iter().flat_map(|file| [file.name.as_bytes(), &file.bytes]) {
        packed.extend_from_slice(&(part.len() as u64).to_le_bytes());
        packed.extend_from_slice(part);
    }
    packed
}

/// What [`pack`] has packed; `None` where it is something else.
pub fn unpack(mut packed: &[u8]) -> Option<Vec<OutputFile>> {
    let mut next = || -> Option<Vec<u8>> {
        let (length, rest) = packed.split_first_chunk::<8>()?;
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        let (part, rest) = rest.split_at_checked(length)?;
        packed = rest;
        Some(part.to_vec())
    };
    let mut files = Vec::new();
    while let Some(name) = next() {
        files.push(OutputFile::new(String::from_utf8(name).ok()?, next()?));
    }
    packed.is_empty().then_some(files)
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
    if !is_empty && files_of_report(folder).is_none() {
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
    let ours = files_of_report(folder).unwrap_or_default();
    exchange(new, folder)?;
    // `new` is now the old report: what is not ours goes back, the rest goes.
    for entry in fs::read_dir(new)?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_ours = ours.iter().any(|file| *file == name || file.starts_with(&format!("{name}/")));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_files_come_back() {
        let files = [OutputFile::new("report.html", "<p>"), OutputFile::new("figures/ä.svg", Vec::new())];
        let packed = pack(&files);
        let unpacked = unpack(&packed).unwrap();
        assert_eq!(unpacked.len(), 2);
        assert!(unpacked.iter().zip(&files).all(|(left, right)| left.name == right.name && left.bytes == right.bytes));
        assert!(unpack(&packed[..packed.len() - 1]).is_none());
        assert_eq!(unpack(&[]).map(|files| files.len()), Some(0));
    }
}
