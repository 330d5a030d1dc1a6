//! What was read and measured, in words, for the report.

use crate::results::ImageFact;
use crate::spec::raw::{RawBins, RawImageData, RawImageFormat, RawMeasure, RawSeries};
use indexmap::IndexMap;

/// Series, pairs, and what was measured in each region.
pub fn facts(data: &RawImageData) -> Vec<ImageFact> {
    let mut facts: Vec<ImageFact> = data.series.iter().map(|(name, series)| series_fact(name, series)).collect();
    for (name, pair) in &data.dual_energy {
        facts.push(ImageFact {
            term: format!("Dual-energy pair {name}"),
            text: format!(
                "every voxel of {} and {} as a mixture of water and iodine, at their effective energies (mass attenuation \
                 coefficients of NISTIR 5632); electron density relative to water; effective atomic number by a power law \
                 with exponent 2.94",
                pair.low, pair.high
            ),
        });
    }
    let mut regions: IndexMap<&str, Vec<String>> = IndexMap::new();
    for (name, measure) in &data.measure {
        regions.entry(measure.mask()).or_default().push(format!("{name} ({})", quantity(measure)));
    }
    let measured =
        |(mask, words): (&str, Vec<String>)| ImageFact { term: format!("Measured in {mask}"), text: words.join("; ") };
    facts.extend(regions.into_iter().map(measured));
    facts
}

fn series_fact(name: &str, series: &RawSeries) -> ImageFact {
    let format = match series.format {
        RawImageFormat::Dicom => "DICOM",
        RawImageFormat::Nifti => "NIfTI",
        RawImageFormat::Png => "PNG",
    };
    let potential = series.tube_potential.map(|potential| format!("{potential} kV"));
    let energy = series.effective_energy.map(|energy| format!("effective energy {energy} keV"));
    let phase = series.phase.as_ref().map(|phase| format!("{phase} phase"));
    let words: Vec<String> = [Some(format.to_string()), potential, energy, phase].into_iter().flatten().collect();
    ImageFact { term: format!("Series {name}"), text: words.join(", ") }
}

fn quantity(measure: &RawMeasure) -> String {
    let with = |quantity: String, statistic: &crate::spec::raw::RawRegionStatistic| {
        format!("{quantity}, {}", statistic.words())
    };
    match measure {
        RawMeasure::Series { series, statistic, .. } => with(format!("HU of {series}"), statistic),
        RawMeasure::Texture { series, feature, bins, .. } => {
            let bins = match bins {
                RawBins::Number { number } => format!("{number} bins"),
                RawBins::Width { width, from } => format!("bins of {width} from {from} on"),
            };
            format!("{} of {series}, co-occurrence of grey levels in three dimensions, merged, {bins}", feature.words())
        }
        RawMeasure::Vmi { pair, kev, statistic, .. } => with(format!("HU at {kev} keV of {pair}"), statistic),
        RawMeasure::Iodine { pair, statistic, .. } => with(format!("iodine in mg/ml of {pair}"), statistic),
        RawMeasure::ElectronDensity { pair, statistic, .. } => with(format!("electron density of {pair}"), statistic),
        RawMeasure::EffectiveAtomicNumber { pair, .. } => format!("effective atomic number of the mean of {pair}"),
        RawMeasure::DualEnergyIndex { pair, .. } => format!("dual-energy index of the mean of {pair}"),
    }
}
