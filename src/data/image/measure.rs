//! One number per subject out of a region.

use super::dual_energy::{Energies, dual_energy_index};
use super::problem::Fault;
use super::region::RegionValues;
use super::texture::CooccurrenceMatrix;
use super::{Image, Mask, SubjectImages};
use crate::spec::raw::{RawImageData, RawMeasure, RawRegionStatistic};

/// Two images of one scan and the energies they stand for.
struct Pair<'a> {
    low: &'a Image,
    high: &'a Image,
    energies: Energies,
}

/// The number, or why there is none. The names in `measure` are those of the spec's check.
pub fn measure(name: &str, measure: &RawMeasure, data: &RawImageData, images: &SubjectImages) -> Result<f64, Fault> {
    let no_value = || Fault::NoValue { column: name.to_string() };
    let mask = images.masks.get(measure.mask()).ok_or_else(no_value)?;
    let pair = || pair_of(measure.pair()?, data, images);
    let summary = |values: Vec<f64>, statistic: RawRegionStatistic| {
        let region = RegionValues::new(values).ok_or(Fault::EmptyRegion)?;
        region.statistic(statistic).ok_or(Fault::SmallRegion)
    };
    let value = match measure {
        RawMeasure::Series { series, statistic, .. } => {
            summary(values(images.series.get(series).ok_or_else(no_value)?, mask), *statistic)
        }
        RawMeasure::Texture { series, feature, bins, .. } => {
            let image = images.series.get(series).ok_or_else(no_value)?;
            let matrix = CooccurrenceMatrix::new(image, mask, *bins).ok_or(Fault::SmallRegion)?;
            matrix.feature(*feature).ok_or_else(no_value)
        }
        RawMeasure::Vmi { kev, statistic, .. } => {
            let pair = pair().ok_or_else(no_value)?;
            let weights = pair.energies.weights(*kev);
            summary(pair.map(mask, |low, high| weights.low * low + weights.high * high), *statistic)
        }
        RawMeasure::Iodine { statistic, .. } => {
            let pair = pair().ok_or_else(no_value)?;
            summary(pair.map(mask, |low, high| pair.energies.decompose(low, high).iodine), *statistic)
        }
        RawMeasure::ElectronDensity { statistic, .. } => {
            let pair = pair().ok_or_else(no_value)?;
            summary(pair.map(mask, |low, high| pair.energies.decompose(low, high).electron_density()), *statistic)
        }
        RawMeasure::EffectiveAtomicNumber { .. } => {
            let pair = pair().ok_or_else(no_value)?;
            let (low, high) = pair.means(mask)?;
            pair.energies.decompose(low, high).effective_atomic_number().ok_or_else(no_value)
        }
        RawMeasure::DualEnergyIndex { .. } => {
            let (low, high) = pair().ok_or_else(no_value)?.means(mask)?;
            dual_energy_index(low, high).ok_or_else(no_value)
        }
    }?;
    if value.is_finite() { Ok(value) } else { Err(no_value()) }
}

fn pair_of<'a>(name: &str, data: &RawImageData, images: &'a SubjectImages) -> Option<Pair<'a>> {
    let pair = data.dual_energy.get(name)?;
    let energy = |series: &str| data.series.get(series)?.effective_energy;
    Some(Pair {
        low: images.series.get(&pair.low)?,
        high: images.series.get(&pair.high)?,
        energies: Energies { low: energy(&pair.low)?, high: energy(&pair.high)? },
    })
}

fn values(image: &Image, mask: &Mask) -> Vec<f64> {
    image.hu.iter().zip(&mask.inside).filter(|(_, inside)| **inside).map(|(value, _)| f64::from(*value)).collect()
}

impl Pair<'_> {
    fn map(&self, mask: &Mask, of: impl Fn(f64, f64) -> f64) -> Vec<f64> {
        values(self.low, mask).into_iter().zip(values(self.high, mask)).map(|(low, high)| of(low, high)).collect()
    }

    /// Mean HU of both series in the region.
    fn means(&self, mask: &Mask) -> Result<(f64, f64), Fault> {
        let mean = |image: &Image| RegionValues::new(values(image, mask)).map(|region| region.mean());
        mean(self.low).zip(mean(self.high)).ok_or(Fault::EmptyRegion)
    }
}
