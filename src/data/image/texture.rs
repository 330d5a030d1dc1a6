//! Second-order statistics of a region: the grey-level co-occurrence matrix, by the definitions of the Image Biomarker
//! Standardisation Initiative (IBSI reference manual, arXiv:1612.07003v11, section 3.6).
//!
//! Aggregation "3D, merged": one matrix over the 13 directions in space to the neighbouring voxel, both ways, of pairs
//! that both lie in the region. Before it, values are divided into equal bins of a given width from a given start, or
//! into a given number of bins between the region's extremes (section 2.7). Voxels are taken as they are, without
//! interpolation to equal spacing. Oracle: the consensus values of the IBSI digital phantom, in the tests.

use super::{Image, Mask};
use crate::spec::raw::{RawBins, RawTexture};

/// Shares of pairs of neighbouring grey levels; symmetric.
#[derive(Clone, Debug, PartialEq)]
pub struct CooccurrenceMatrix {
    /// Grey levels 1 to `levels`.
    levels: usize,
    shares: Vec<f64>,
}

/// More grey levels than this are a wrong bin width.
const MOST_LEVELS: usize = 4096;

/// The 13 directions of which no two are opposite.
fn directions() -> impl Iterator<Item = [isize; 3]> {
    let all = (-1..=1).flat_map(|z| (-1..=1).flat_map(move |y| (-1..=1).map(move |x| [x, y, z])));
    all.filter(|[x, y, z]| (*z, *y, *x) > (0, 0, 0))
}

/// The grey level of every voxel of the region, from 1 on; 0 outside it. `None` for an empty region, equal values that
/// cannot be divided, or far too many levels.
fn grey_levels(image: &Image, mask: &Mask, bins: RawBins) -> Option<(Vec<usize>, usize)> {
    let inside =
        || image.hu.iter().zip(&mask.inside).filter(|(_, inside)| **inside).map(|(value, _)| f64::from(*value));
    let least = inside().reduce(f64::min)?;
    let greatest = inside().reduce(f64::max)?;
    let level: Box<dyn Fn(f64) -> f64> = match bins {
        RawBins::Number { number } => {
            let range = greatest - least;
            if range <= 0.0 {
                return None;
            }
            let number = number as f64;
            // The greatest value would fall beyond the last bin.
            Box::new(move |value| (number * (value - least) / range).floor().min(number - 1.0) + 1.0)
        }
        RawBins::Width { width, from } => Box::new(move |value| ((value - from) / width).floor().max(0.0) + 1.0),
    };
    let levels = level(greatest);
    if levels > MOST_LEVELS as f64 {
        return None;
    }
    let of_voxel = |(value, inside): (&f32, &bool)| if *inside { level(f64::from(*value)) as usize } else { 0 };
    Some((image.hu.iter().zip(&mask.inside).map(of_voxel).collect(), levels as usize))
}

impl CooccurrenceMatrix {
    /// `None` where the region has no two neighbouring voxels, or its values cannot be divided into bins.
    pub fn new(image: &Image, mask: &Mask, bins: RawBins) -> Option<Self> {
        let (grey, levels) = grey_levels(image, mask, bins)?;
        let size = image.geometry.size().map(|size| size as isize);
        let mut counts = vec![0u64; levels * levels];
        for [step_x, step_y, step_z] in directions() {
            for z in 0..size[2] {
                for y in 0..size[1] {
                    for x in 0..size[0] {
                        let (x2, y2, z2) = (x + step_x, y + step_y, z + step_z);
                        let within = (0..size[0]).contains(&x2) && (0..size[1]).contains(&y2) && z2 < size[2];
                        if !within {
                            continue;
                        }
                        let index = |x: isize, y: isize, z: isize| ((z * size[1] + y) * size[0] + x) as usize;
                        let (first, second) = (grey[index(x, y, z)], grey[index(x2, y2, z2)]);
                        if first > 0 && second > 0 {
                            counts[(first - 1) * levels + second - 1] += 1;
                            counts[(second - 1) * levels + first - 1] += 1;
                        }
                    }
                }
            }
        }
        let total: u64 = counts.iter().sum();
        let share = |count: &u64| *count as f64 / total as f64;
        (total > 0).then(|| Self { levels, shares: counts.iter().map(share).collect() })
    }

    /// Σ over pairs of levels i, j of f(i, j) times their share.
    fn sum(&self, of: impl Fn(f64, f64) -> f64) -> f64 {
        let pairs = self.shares.iter().enumerate().filter(|(_, share)| **share > 0.0);
        let level = |position: usize| (position + 1) as f64;
        pairs.map(|(index, share)| of(level(index / self.levels), level(index % self.levels)) * share).sum()
    }

    /// `None` where the feature is not defined: the correlation of equal levels.
    pub fn feature(&self, feature: RawTexture) -> Option<f64> {
        use RawTexture as T;
        let mean = self.sum(|i, _| i);
        let variance = self.sum(|i, _| (i - mean).powi(2));
        let levels = self.levels as f64;
        Some(match feature {
            T::JointMaximum => self.shares.iter().copied().fold(0.0, f64::max),
            T::JointAverage => mean,
            T::JointVariance => variance,
            T::JointEntropy => {
                let shares = self.shares.iter().filter(|share| **share > 0.0);
                -shares.map(|share| share * libm::log2(*share)).sum::<f64>()
            }
            T::AngularSecondMoment => self.shares.iter().map(|share| share * share).sum(),
            T::Contrast => self.sum(|i, j| (i - j).powi(2)),
            T::Dissimilarity => self.sum(|i, j| (i - j).abs()),
            T::InverseDifference => self.sum(|i, j| 1.0 / (1.0 + (i - j).abs())),
            T::NormalisedInverseDifference => self.sum(|i, j| 1.0 / (1.0 + (i - j).abs() / levels)),
            T::InverseDifferenceMoment => self.sum(|i, j| 1.0 / (1.0 + (i - j).powi(2))),
            T::NormalisedInverseDifferenceMoment => self.sum(|i, j| 1.0 / (1.0 + (i - j).powi(2) / (levels * levels))),
            T::InverseVariance => self.sum(|i, j| if i == j { 0.0 } else { 1.0 / (i - j).powi(2) }),
            T::Correlation if variance <= 0.0 => return None,
            T::Correlation => self.sum(|i, j| (i - mean) * (j - mean)) / variance,
            T::Autocorrelation => self.sum(|i, j| i * j),
            T::ClusterTendency => self.sum(|i, j| (i + j - 2.0 * mean).powi(2)),
            T::ClusterShade => self.sum(|i, j| (i + j - 2.0 * mean).powi(3)),
            T::ClusterProminence => self.sum(|i, j| (i + j - 2.0 * mean).powi(4)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::image::Geometry;

    /// The digital phantom of IBSI: 5 × 4 × 4 voxels, 0 where it has none.
    fn phantom() -> (Image, Mask) {
        let values = [
            [[1, 4, 4, 1, 1], [1, 4, 6, 1, 1], [4, 1, 6, 4, 1], [4, 4, 6, 4, 1]],
            [[1, 4, 4, 1, 1], [1, 1, 6, 1, 1], [0, 1, 3, 1, 1], [4, 4, 6, 1, 1]],
            [[1, 4, 4, 0, 0], [1, 1, 1, 1, 1], [1, 1, 0, 1, 1], [1, 1, 6, 1, 1]],
            [[1, 4, 4, 0, 0], [1, 1, 1, 1, 1], [1, 1, 1, 1, 1], [1, 1, 6, 1, 1]],
        ];
        let hu: Vec<f32> = values.as_flattened().as_flattened().iter().map(|value| *value as f32).collect();
        let geometry = Geometry::plain(5, 4, 4);
        let inside: Vec<bool> = hu.iter().map(|value| *value > 0.0).collect();
        assert_eq!(inside.iter().filter(|inside| **inside).count(), 74);
        (Image { hu, geometry: geometry.clone() }, Mask { inside, geometry })
    }

    /// Consensus values for the aggregation "3D, merged" (tables of section 3.6), to three digits.
    #[test]
    fn the_digital_phantom_of_ibsi() {
        use RawTexture as T;
        let (image, mask) = phantom();
        let matrix = CooccurrenceMatrix::new(&image, &mask, RawBins::Width { width: 1.0, from: 1.0 }).unwrap();
        let published = [
            (T::JointMaximum, 0.509),
            (T::JointAverage, 2.15),
            (T::JointVariance, 3.13),
            (T::JointEntropy, 2.57),
            (T::AngularSecondMoment, 0.291),
            (T::Contrast, 5.12),
            (T::Dissimilarity, 1.38),
            (T::InverseDifference, 0.688),
            (T::NormalisedInverseDifference, 0.856),
            (T::InverseDifferenceMoment, 0.631),
            (T::NormalisedInverseDifferenceMoment, 0.902),
            (T::InverseVariance, 0.0574),
            (T::Correlation, 0.183),
            (T::Autocorrelation, 5.19),
            (T::ClusterTendency, 7.41),
            (T::ClusterShade, 17.4),
            (T::ClusterProminence, 147.0),
        ];
        for (feature, expected) in published {
            let found = matrix.feature(feature).unwrap();
            assert!((found - expected).abs() <= 0.005 * expected, "{feature:?}: {found}, published {expected}");
        }
    }

    #[test]
    fn bins_divide_the_range_of_the_region() {
        let (image, mask) = phantom();
        let (grey, levels) = grey_levels(&image, &mask, RawBins::Number { number: 5 }).unwrap();
        // 1 to 6 in five bins of one: 1, 3, 4 and 6 become 1, 3, 4 and 5.
        assert_eq!((levels, grey.iter().max().copied()), (5, Some(5)));
        let flat = Image { hu: vec![3.0; 80], geometry: image.geometry.clone() };
        assert!(CooccurrenceMatrix::new(&flat, &mask, RawBins::Number { number: 5 }).is_none());
        let matrix = CooccurrenceMatrix::new(&flat, &mask, RawBins::Width { width: 1.0, from: 0.0 }).unwrap();
        assert_eq!(matrix.feature(RawTexture::Correlation), None);
        assert_eq!(matrix.feature(RawTexture::Contrast), Some(0.0));
    }
}
