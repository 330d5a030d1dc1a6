//! A report as one archive, without rows of subjects: the same report gives the same bytes. An archive that somebody sends
//! is hostile until shown otherwise: unpacking takes plain files with plain names, bounded in number and size, that hash to
//! what the manifest in it says.

use super::manifest::{FILE_NAME, Manifest, ManifestError};
use super::output::OutputFile;
use crate::data::hash::sha256;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

/// More than any report has.
const MOST_FILES: usize = 10_000;
const MOST_BYTES: u64 = 256 * 1024 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    #[error("`{name}` is not in the report's folder")]
    Missing { name: String },
    #[error("`{name}` is not what the manifest says: it was edited since the run that wrote it")]
    Edited { name: String },
    #[error("the archive cannot be read: {0}")]
    Archive(io::Error),
    #[error("the archive is refused: {0}")]
    Hostile(String),
}

/// The bytes of the archive of the report in `folder`: the files that its manifest lists but those with rows of
/// subjects, by name, without times and owners.
pub fn pack(folder: &Path) -> Result<Vec<u8>, BundleError> {
    let manifest = Manifest::read(folder)?;
    let mut files = BTreeMap::new();
    for output in manifest.outputs.iter().filter(|output| !output.subject_level) {
        let missing = || BundleError::Missing { name: output.name.clone() };
        let path = plain_path(&output.name).ok_or_else(missing)?;
        let bytes = std::fs::read(folder.join(path)).map_err(|_| missing())?;
        if sha256(&bytes) != output.sha256 {
            return Err(BundleError::Edited { name: output.name.clone() });
        }
        files.insert(output.name.clone(), bytes);
    }
    let text =
        std::fs::read(folder.join(FILE_NAME)).map_err(|_| BundleError::Missing { name: FILE_NAME.to_string() })?;
    files.insert(FILE_NAME.to_string(), text);
    archive(&manifest.study, &files).map_err(BundleError::Archive)
}

fn archive(study: &str, files: &BTreeMap<String, Vec<u8>>) -> io::Result<Vec<u8>> {
    // The encoder writes no time and no name of its own into its header.
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::best()));
    for (name, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        builder.append_data(&mut header, format!("{study}/{name}"), bytes.as_slice())?;
    }
    builder.into_inner()?.finish()
}

/// The files of an archive, checked against the manifest in it.
pub fn unpack(bytes: &[u8]) -> Result<Vec<OutputFile>, BundleError> {
    let hostile = |why: String| BundleError::Hostile(why);
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut left = MOST_BYTES;
    let mut archive = tar::Archive::new(GzDecoder::new(bytes).take(MOST_BYTES + 64 * 1024 * 1024));
    for entry in archive.entries().map_err(BundleError::Archive)? {
        let entry = entry.map_err(BundleError::Archive)?;
        let path = entry.path().map_err(BundleError::Archive)?.into_owned();
        if !entry.header().entry_type().is_file() {
            return Err(hostile(format!("`{}` is no plain file", path.display())));
        }
        let name = within_the_study(&path)
            .ok_or_else(|| hostile(format!("`{}` is no plain name within one folder", path.display())))?;
        if files.len() == MOST_FILES {
            return Err(hostile(format!("it has more than {MOST_FILES} files")));
        }
        let mut content = Vec::new();
        entry.take(left + 1).read_to_end(&mut content).map_err(BundleError::Archive)?;
        left = left
            .checked_sub(content.len() as u64)
            .ok_or_else(|| hostile(format!("it holds more than {MOST_BYTES} bytes")))?;
        if files.insert(name.clone(), content).is_some() {
            return Err(hostile(format!("`{name}` is in it twice")));
        }
    }
    checked(files)
}

/// Exactly the files that the manifest lists, each with its hash.
fn checked(mut files: BTreeMap<String, Vec<u8>>) -> Result<Vec<OutputFile>, BundleError> {
    let hostile = |why: String| BundleError::Hostile(why);
    let text = files.remove(FILE_NAME).ok_or_else(|| hostile(format!("it has no {FILE_NAME}")))?;
    let manifest = Manifest::parse(&String::from_utf8_lossy(&text), Path::new(FILE_NAME))?;
    let mut unpacked = Vec::new();
    for output in manifest.outputs.iter().filter(|output| !output.subject_level) {
        let bytes = files.remove(&output.name).ok_or_else(|| hostile(format!("`{}` is missing in it", output.name)))?;
        if sha256(&bytes) != output.sha256 {
            return Err(hostile(format!("`{}` is not what its manifest says", output.name)));
        }
        unpacked.push(OutputFile::new(output.name.clone(), bytes));
    }
    if let Some(name) = files.keys().next() {
        return Err(hostile(format!("`{name}` is not in its manifest")));
    }
    unpacked.push(OutputFile::new(FILE_NAME, text));
    Ok(unpacked)
}

/// The name below the folder of the study.
fn within_the_study(path: &Path) -> Option<String> {
    let plain = plain_path(path.to_str()?)?;
    let mut parts = plain.components();
    parts.next()?;
    let rest = parts.as_path().to_str()?;
    (!rest.is_empty()).then(|| rest.to_string())
}

/// A relative path that stays where it is: names alone, no root, no dots, nothing that another system reads otherwise.
fn plain_path(name: &str) -> Option<PathBuf> {
    let plain = |component: Component<'_>| match component {
        Component::Normal(part) => part.to_str().is_some_and(|part| !part.contains(['\\', ':', '\0'])),
        _ => false,
    };
    let path = PathBuf::from(name);
    // Components leave out single dots within a path: what is not put together again is not plain.
    let again: PathBuf = path.components().collect();
    (!name.is_empty() && path.components().all(plain) && again.to_str() == Some(name)).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &str, kind: tar::EntryType, size: u64) -> tar::Header {
        let mut header = tar::Header::new_gnu();
        let field = &mut header.as_old_mut().name;
        field[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(kind);
        header.set_size(size);
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_cksum();
        header
    }

    /// An archive of entries as they are, whatever their names.
    fn raw(entries: &[(&str, tar::EntryType, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        for (name, kind, content) in entries {
            builder.append(&header(name, *kind, content.len() as u64), *content).unwrap();
        }
        builder.into_inner().unwrap().finish().unwrap()
    }

    fn manifest(files: &[(&str, &[u8])]) -> Vec<u8> {
        let outputs: Vec<serde_json::Value> =
            files.iter().map(|(name, bytes)| serde_json::json!({"name": name, "sha256": sha256(bytes)})).collect();
        serde_json::to_vec(&serde_json::json!({
            "schema": "manifest/2", "program": "vouch", "version": "0", "features": [], "numeric_class": "c",
            "study": "s", "seed": 1, "spec": {"name": "study.yaml", "sha256": "", "text": ""},
            "inputs": [], "templates": [], "outputs": outputs
        }))
        .unwrap()
    }

    fn why(bytes: &[u8]) -> String {
        unpack(bytes).unwrap_err().to_string()
    }

    #[test]
    fn what_is_packed_is_unpacked() {
        let files = [("results.json", b"{}".as_slice()), ("figures/figure-1.svg", b"<svg/>")];
        let mut map: BTreeMap<String, Vec<u8>> =
            files.iter().map(|(name, bytes)| ((*name).to_string(), bytes.to_vec())).collect();
        map.insert(FILE_NAME.to_string(), manifest(&files));
        let packed = archive("s", &map).unwrap();
        assert_eq!(packed, archive("s", &map).unwrap());
        assert_eq!(packed[4..8], [0; 4], "no time in the header");
        let names: Vec<String> = unpack(&packed).unwrap().into_iter().map(|file| file.name).collect();
        assert_eq!(names, ["results.json", "figures/figure-1.svg", FILE_NAME]);
    }

    #[test]
    fn ways_out_of_the_folder_are_refused() {
        for name in ["../evil", "s/../../evil", "/etc/passwd", "s/./results.json", "s", "s/a\\..\\b", "s/C:x", "s//x"] {
            let refused = why(&raw(&[(name, tar::EntryType::Regular, b"x")]));
            assert!(refused.contains("no plain name"), "{name}: {refused}");
        }
    }

    #[test]
    fn links_and_devices_are_refused() {
        for kind in [
            tar::EntryType::Symlink,
            tar::EntryType::Link,
            tar::EntryType::Char,
            tar::EntryType::Fifo,
            tar::EntryType::Directory,
        ] {
            assert!(why(&raw(&[("s/results.json", kind, b"")])).contains("no plain file"), "{kind:?}");
        }
    }

    #[test]
    fn what_the_manifest_does_not_say_is_refused() {
        let regular = tar::EntryType::Regular;
        let list = manifest(&[("results.json", b"{}")]);
        assert!(why(&raw(&[("s/results.json", regular, b"{}")])).contains("no manifest.json"));
        assert!(why(&raw(&[("s/manifest.json", regular, &list)])).contains("`results.json` is missing"));
        let other = raw(&[("s/manifest.json", regular, &list), ("s/results.json", regular, b"[]")]);
        assert!(why(&other).contains("not what its manifest says"));
        let more = raw(&[
            ("s/manifest.json", regular, &list),
            ("s/results.json", regular, b"{}"),
            ("s/run.sh", regular, b"x"),
        ]);
        assert!(why(&more).contains("`run.sh` is not in its manifest"));
        let twice = raw(&[("s/results.json", regular, b"{}"), ("s/results.json", regular, b"{}")]);
        assert!(why(&twice).contains("twice"));
    }

    #[test]
    fn size_and_number_are_bounded() {
        let zeros = vec![0u8; usize::try_from(MOST_BYTES).unwrap() + 1];
        let bomb = raw(&[("s/results.json", tar::EntryType::Regular, &zeros)]);
        assert!(bomb.len() < 4_000_000 && why(&bomb).contains("more than"), "{}", bomb.len());
        let many: Vec<String> = (0..=MOST_FILES).map(|number| format!("s/{number}")).collect();
        let many: Vec<(&str, tar::EntryType, &[u8])> =
            many.iter().map(|name| (name.as_str(), tar::EntryType::Regular, b"".as_slice())).collect();
        assert!(why(&raw(&many)).contains("more than 10000 files"));
    }

    #[test]
    fn what_is_no_archive_is_refused() {
        assert!(unpack(b"not an archive").is_err());
        let whole = raw(&[("s/results.json", tar::EntryType::Regular, b"{}")]);
        assert!(unpack(&whole[..whole.len() / 2]).is_err());
    }
}
