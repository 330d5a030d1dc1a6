//! What was computed once is not computed again: every model's fit and every analysis is a unit, kept under a key that
//! names all it depends on. A study that was edited or interrupted resumes from what is there, and several machines can
//! each compute some of the units.
//!
//! A kept unit is used only where program, numeric class, inputs, analysed subjects and its part of the spec are the same;
//! it then has the same bits as a unit that is computed. An entry that does not hash to what it says is thrown away and
//! computed again. Kept scores are values of subjects, so the folder lies beside the study, with whoever holds the data.

pub mod key;
pub mod partition;
pub mod prune;
pub mod shard;
pub mod store;

pub use key::{Key, UnitKind};
pub use store::Store;

use crate::cohort::Cohort;
use crate::spec::Study;
use crate::split::Split;
use indexmap::{IndexMap, IndexSet};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Hashes of what the study reads, by the names of the files: of the content where a table has one.
pub type InputHashes = IndexMap<String, String>;

/// The units of one study with their keys, and where they are kept.
pub struct Units<'a> {
    keys: IndexMap<UnitName, Key>,
    store: &'a Store,
    /// `None` for all.
    wanted: Option<IndexSet<UnitName>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnitName {
    pub kind: UnitKind,
    pub id: String,
}

impl UnitName {
    pub fn new(kind: UnitKind, id: &str) -> Self {
        Self { kind, id: id.to_string() }
    }
}

impl std::fmt::Display for UnitName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {}", self.kind.id(), self.id)
    }
}

impl<'a> Units<'a> {
    pub fn new(
        study: &Study,
        cohort: &Cohort,
        split: &Split,
        inputs: &InputHashes,
        numeric_class: &str,
        store: &'a Store,
    ) -> Self {
        Self { keys: key::keys(study, cohort, split, inputs, numeric_class), store, wanted: None }
    }

    /// Some of the units, with the models that these models are made of.
    pub fn only(mut self, wanted: impl Fn(&UnitName) -> bool) -> Self {
        let chosen: Vec<&UnitName> = self.keys.keys().filter(|name| wanted(name)).collect();
        let mut all: IndexSet<UnitName> = chosen.iter().map(|name| (*name).clone()).collect();
        for name in chosen.into_iter().filter(|name| name.kind == UnitKind::Fit) {
            let parts = &self.keys[name].parts;
            let within = |id: &str| parts.contains_key(&format!("model `{id}`"));
            all.extend(self.keys.keys().filter(|other| other.kind == UnitKind::Fit && within(&other.id)).cloned());
        }
        self.wanted = Some(all);
        self
    }

    pub fn wants(&self, kind: UnitKind, id: &str) -> bool {
        self.wanted.as_ref().is_none_or(|wanted| wanted.contains(&UnitName::new(kind, id)))
    }

    pub fn names(&self) -> impl Iterator<Item = (&UnitName, &Key)> {
        self.keys.iter()
    }

    pub fn store(&self) -> &Store {
        self.store
    }

    /// The kept value of a unit, or the computed one, which is then kept. Errors are not kept.
    pub fn remember<T, E>(&self, kind: UnitKind, id: &str, compute: impl FnOnce() -> Result<T, E>) -> Result<T, E>
    where
        T: Serialize + DeserializeOwned + PartialEq,
    {
        let name = UnitName::new(kind, id);
        let Some(key) = self.keys.get(&name) else { return compute() };
        if let Some(value) = self.kept(key) {
            return Ok(value);
        }
        let value = compute()?;
        self.keep(&name, key, &value);
        Ok(value)
    }

    fn kept<T: DeserializeOwned>(&self, key: &Key) -> Option<T> {
        let bytes = self.store.get(key)?;
        serde_json::from_slice(&bytes).ok()
    }

    /// A value that does not read back as it was, as one with a NaN in it, is computed every time.
    fn keep<T: Serialize + DeserializeOwned + PartialEq>(&self, name: &UnitName, key: &Key, value: &T) {
        if !self.store.keeps() {
            return;
        }
        let Ok(bytes) = serde_json::to_vec(value) else { return };
        if serde_json::from_slice::<T>(&bytes).is_ok_and(|again| again == *value) {
            self.store.put(name, key, &bytes);
        }
    }
}

/// Numbers of subjects as the bits that they are: nothing is rounded, and what is not finite stays what it is.
pub mod exact_numbers {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(values: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::with_capacity(16 * values.len());
        for value in values {
            use std::fmt::Write;
            _ = write!(text, "{:016x}", value.to_bits());
        }
        serializer.serialize_str(&text)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let number = |chunk: &[u8]| {
            let text = std::str::from_utf8(chunk).ok().filter(|text| text.len() == 16)?;
            u64::from_str_radix(text, 16).ok().map(f64::from_bits)
        };
        let values: Option<Vec<f64>> = text.as_bytes().chunks(16).map(number).collect();
        values.ok_or_else(|| D::Error::custom("expected sixteen hexadecimal digits for each number"))
    }

    #[cfg(test)]
    mod tests {
        #[derive(serde::Serialize, serde::Deserialize)]
        struct Scores(#[serde(with = "super")] Vec<f64>);

        #[test]
        fn every_bit_comes_back() {
            let values = vec![0.1, -0.0, f64::NAN, f64::INFINITY, 5e-324, 1.0 / 3.0];
            let text = serde_json::to_string(&Scores(values.clone())).unwrap();
            let Scores(again) = serde_json::from_str(&text).unwrap();
            let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&again), bits(&values));
            assert!(serde_json::from_str::<Scores>("\"12\"").is_err());
        }
    }
}
