//! Where trained networks lie: a folder of the study, or the user's cache. A file counts when the key in it is that of
//! the training that is asked for.

use super::checkpoint::write_whole;
use crate::model::onnx::{InputShape, OnnxModel};
use std::io;
use std::path::{Path, PathBuf};

/// The entry of an ONNX file's metadata with the key of its training.
pub const KEY: &str = "vouch.key";

pub struct Store {
    /// The folder that the spec names.
    folder: Option<PathBuf>,
    /// The user's cache folder, where there is one.
    cache: Option<PathBuf>,
}

/// What lies in the place of a network.
pub enum Found {
    Fits(OnnxModel),
    /// A file of another training.
    Other,
    Nothing,
}

impl Store {
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, cache: cache_folder() }
    }

    pub fn find(&self, model: &str, key: &str, shape: InputShape) -> Found {
        let read = |path: &Path| {
            let bytes = std::fs::read(path).ok()?;
            OnnxModel::check(&bytes, path.parent()?, shape).ok()
        };
        let mut present = false;
        let places =
            [self.folder.as_ref().map(|folder| folder.join(format!("{model}.onnx"))), self.cached(key, "onnx")];
        for path in places.iter().flatten() {
            match read(path) {
                Some(found) if found.entry(KEY) == Some(key) => return Found::Fits(found),
                _ => present |= path.exists(),
            }
        }
        if present { Found::Other } else { Found::Nothing }
    }

    pub fn save(&self, model: &str, key: &str, bytes: &[u8]) -> io::Result<()> {
        match (&self.folder, self.cached(key, "onnx")) {
            (Some(folder), _) => write_whole(&folder.join(format!("{model}.onnx")), bytes),
            (None, Some(path)) => write_whole(&path, bytes),
            (None, None) => Ok(()),
        }
    }

    /// A file of the cache for this key.
    pub fn cached(&self, key: &str, extension: &str) -> Option<PathBuf> {
        Some(self.cache.as_ref()?.join(format!("{key}.{extension}")))
    }
}

/// `$VOUCH_CACHE`, else `vouch/networks` in the user's cache folder.
fn cache_folder() -> Option<PathBuf> {
    let named = |variable: &str| std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    named("VOUCH_CACHE")
        .or_else(|| named("XDG_CACHE_HOME").map(|folder| folder.join("vouch")))
        .or_else(|| named("LOCALAPPDATA").map(|folder| folder.join("vouch")))
        .or_else(|| named("HOME").map(|folder| folder.join(".cache/vouch")))
        .map(|folder| folder.join("networks"))
}
