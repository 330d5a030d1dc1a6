//! The templates and fonts that reports are set with, by their hashes.

use super::manifest::HashedFile;
use crate::data::hash::sha256;

const TEMPLATES: [(&str, &[u8]); 10] = [
    ("report.html", include_bytes!("../../templates/report.html")),
    ("report.css", include_bytes!("../../templates/report.css")),
    ("report.js", include_bytes!("../../templates/report.js")),
    ("explorer.js", include_bytes!("../../templates/explorer.js")),
    ("checklists/tripod_ai.yaml", include_bytes!("../../templates/checklists/tripod_ai.yaml")),
    ("checklists/clear.yaml", include_bytes!("../../templates/checklists/clear.yaml")),
    ("report.typ", include_bytes!("../../templates/report.typ")),
    ("fonts/Inter-Regular.otf", include_bytes!("../../templates/fonts/Inter-Regular.otf")),
    ("fonts/Inter-Italic.otf", include_bytes!("../../templates/fonts/Inter-Italic.otf")),
    ("fonts/Inter-SemiBold.otf", include_bytes!("../../templates/fonts/Inter-SemiBold.otf")),
];

pub fn hashed() -> Vec<HashedFile> {
    TEMPLATES
        .iter()
        .map(|(name, bytes)| HashedFile { name: (*name).to_string(), sha256: sha256(bytes), subject_level: false })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn files(folder: &Path, found: &mut Vec<String>, root: &Path) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                files(&path, found, root);
            } else if !["txt", "md"].contains(&path.extension().unwrap().to_str().unwrap()) {
                found.push(path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/"));
            }
        }
    }

    #[test]
    fn every_file_that_reports_are_set_with_is_listed() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        let mut found = Vec::new();
        files(&root, &mut found, &root);
        let mut listed: Vec<&str> = TEMPLATES.iter().map(|(name, _)| *name).collect();
        found.sort();
        listed.sort_unstable();
        assert_eq!(found, listed, "add the file to TEMPLATES");
    }
}
