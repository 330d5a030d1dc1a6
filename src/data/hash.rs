//! Hashes of files and of tables.

use polars::prelude::*;
use sha2::{Digest, Sha256};

/// SHA-256 of bytes, in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 of what a table says, whatever the order of its rows: the column names, then the hashes of the rows, sorted.
/// A value counts by its text, so that 1 and 1.0 differ and a missing value is neither.
pub fn content_sha256(frame: &DataFrame) -> PolarsResult<String> {
    let mut rows = vec![Sha256::new(); frame.height()];
    for column in frame.columns() {
        let texts = column.cast(&DataType::String)?;
        for (hasher, text) in rows.iter_mut().zip(texts.str()?.iter()) {
            match text {
                Some(text) => {
                    hasher.update((text.len() as u64).to_le_bytes());
                    hasher.update(text);
                }
                None => hasher.update(u64::MAX.to_le_bytes()),
            }
        }
    }
    let mut hashes: Vec<[u8; 32]> = rows.into_iter().map(|hasher| hasher.finalize().into()).collect();
    hashes.sort_unstable();
    let mut total = Sha256::new();
    for name in frame.get_column_names() {
        total.update((name.len() as u64).to_le_bytes());
        total.update(name.as_bytes());
    }
    for hash in hashes {
        total.update(hash);
    }
    Ok(hexadecimal(&total.finalize()))
}
