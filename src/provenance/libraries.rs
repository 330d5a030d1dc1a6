//! The libraries with a part in the numbers, with the versions that this program was built with.

use crate::model::library_version;
use crate::results::Library;

const PARTS: [(&str, &str); 10] = [
    ("polars", "tables and expressions"),
    ("linfa-logistic", "logistic regression"),
    ("linfa-svm", "support vector machine"),
    ("smartcore", "classification trees of the random forest"),
    ("matrixmultiply", "products of matrices in the training of networks"),
    ("tract-onnx", "networks from ONNX files, where no ONNX Runtime library is used"),
    ("libm", "elementary functions"),
    ("rand_xoshiro", "random numbers"),
    ("plotters", "figures"),
    ("typst", "PDF"),
];

pub fn used() -> Vec<Library> {
    PARTS
        .into_iter()
        .map(|(name, part)| Library { name: name.to_string(), version: library_version(name), part: part.to_string() })
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_library_has_a_version() {
        assert!(super::used().iter().all(|library| library.version != "unknown"));
    }
}
