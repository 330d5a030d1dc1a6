//! Which units one of several machines computes: `hash:3/16` is the third of sixteen parts, by a hash of the units' names.
//! So a part is the same whatever else the study holds, and no list of units has to be handed around.

use super::UnitName;
use crate::data::hash::sha256;
use std::fmt;
use std::str::FromStr;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    /// From 1.
    pub part: u64,
    pub parts: u64,
}

impl Partition {
    pub fn holds(&self, name: &UnitName) -> bool {
        let hash = sha256(name.to_string().as_bytes());
        let number = u64::from_str_radix(&hash[..16], 16).unwrap_or_default();
        number % self.parts == self.part - 1
    }
}

impl FromStr for Partition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.strip_prefix("hash:").and_then(|text| text.split_once('/'));
        let numbers = parts.and_then(|(part, parts)| Some((part.parse().ok()?, parts.parse().ok()?)));
        match numbers {
            Some((part, parts)) if part >= 1 && part <= parts => Ok(Self { part, parts }),
            _ => Err("expected hash:PART/PARTS, as hash:3/16 for the third of sixteen parts".to_string()),
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "hash:{}/{}", self.part, self.parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::UnitKind;

    #[test]
    fn every_unit_is_in_one_part() {
        for parts in [1, 8, 37] {
            for number in 0..50 {
                let name = UnitName::new(UnitKind::Statistic, &format!("analysis-{number}"));
                let holding = (1..=parts).filter(|part| Partition { part: *part, parts }.holds(&name)).count();
                assert_eq!(holding, 1);
            }
        }
    }

    #[test]
    fn partitions_by_their_text() {
        assert_eq!("hash:3/16".parse(), Ok(Partition { part: 3, parts: 16 }));
        assert_eq!("hash:3/16".parse::<Partition>().unwrap().to_string(), "hash:3/16");
        for wrong in ["3/16", "hash:0/4", "hash:5/4", "hash:a/b", "hash:1"] {
            assert!(wrong.parse::<Partition>().is_err(), "{wrong}");
        }
    }
}
