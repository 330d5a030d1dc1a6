//! First-order statistics of the values in a region, by the definitions of the Image Biomarker Standardisation Initiative
//! (IBSI reference manual, arXiv:1612.07003v11, section 3.3), without discretisation. Oracle: the consensus values of the
//! IBSI digital phantom, in the tests.

use crate::spec::raw::RawRegionStatistic;
use crate::stats::baseline::quantile::{QuantileType, quantiles};

/// The values of the voxels of one region.
#[derive(Clone, Debug, PartialEq)]
pub struct RegionValues {
    values: Vec<f64>,
}

impl RegionValues {
    /// `None` for an empty region.
    pub fn new(values: Vec<f64>) -> Option<Self> {
        (!values.is_empty()).then_some(Self { values })
    }

    pub fn mean(&self) -> f64 {
        self.values.iter().sum::<f64>() / self.values.len() as f64
    }

    /// `None` where the number is not defined: a skewness of equal values.
    pub fn statistic(&self, statistic: RawRegionStatistic) -> Option<f64> {
        use RawRegionStatistic as S;
        let quantile = |p: f64| quantiles(&self.values, &[p], QuantileType::Type7).ok()?.first().copied();
        let n = self.values.len() as f64;
        match statistic {
            S::Mean => Some(self.mean()),
            S::StandardDeviation => Some(self.central_moment(2).sqrt()),
            S::Minimum => self.values.iter().copied().reduce(f64::min),
            S::Percentile10 => quantile(0.1),
            S::Median => quantile(0.5),
            S::Percentile90 => quantile(0.9),
            S::Maximum => self.values.iter().copied().reduce(f64::max),
            S::InterquartileRange => Some(quantile(0.75)? - quantile(0.25)?),
            S::Skewness => self.standardised_moment(3),
            S::Kurtosis => self.standardised_moment(4).map(|moment| moment - 3.0),
            S::MeanAbsoluteDeviation => {
                let mean = self.mean();
                Some(self.values.iter().map(|value| (value - mean).abs()).sum::<f64>() / n)
            }
            S::RobustMeanAbsoluteDeviation => {
                let (low, high) = (quantile(0.1)?, quantile(0.9)?);
                let inner = self.values.iter().copied().filter(|value| (low..=high).contains(value)).collect();
                Self::new(inner)?.statistic(S::MeanAbsoluteDeviation)
            }
            S::Energy => Some(self.values.iter().map(|value| value * value).sum()),
            S::RootMeanSquare => Some((self.values.iter().map(|value| value * value).sum::<f64>() / n).sqrt()),
        }
    }

    /// With the number of voxels, not one less, below the fraction line: as IBSI has it.
    fn central_moment(&self, order: i32) -> f64 {
        let mean = self.mean();
        self.values.iter().map(|value| (value - mean).powi(order)).sum::<f64>() / self.values.len() as f64
    }

    fn standardised_moment(&self, order: i32) -> Option<f64> {
        let variance = self.central_moment(2);
        (variance > 0.0).then(|| self.central_moment(order) / variance.sqrt().powi(order))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The consensus values of the digital phantom (IBSI reference manual, table of section 3.3), to three digits. Its
    /// region has 74 voxels: 50 of value 1, one of 3, 16 of 4 and 7 of 6.
    #[test]
    fn the_digital_phantom_of_ibsi() {
        let counts = [(1.0, 50), (3.0, 1), (4.0, 16), (6.0, 7)];
        let values = counts.iter().flat_map(|(value, count)| vec![*value; *count]).collect();
        let phantom = RegionValues::new(values).unwrap();
        use RawRegionStatistic as S;
        let published = [
            (S::Mean, 2.15),
            (S::StandardDeviation, f64::sqrt(3.05)),
            (S::Skewness, 1.08),
            (S::Kurtosis, -0.355),
            (S::Median, 1.0),
            (S::Minimum, 1.0),
            (S::Percentile10, 1.0),
            (S::Percentile90, 4.0),
            (S::Maximum, 6.0),
            (S::InterquartileRange, 3.0),
            (S::MeanAbsoluteDeviation, 1.55),
            (S::RobustMeanAbsoluteDeviation, 1.11),
            (S::Energy, 567.0),
            (S::RootMeanSquare, 2.77),
        ];
        for (statistic, expected) in published {
            let found = phantom.statistic(statistic).unwrap();
            assert!((found - expected).abs() <= 0.005 * expected.abs(), "{statistic:?}: {found}, published {expected}");
        }
    }

    #[test]
    fn what_is_not_defined_is_absent() {
        assert!(RegionValues::new(Vec::new()).is_none());
        let flat = RegionValues::new(vec![7.0; 4]).unwrap();
        assert_eq!(flat.statistic(RawRegionStatistic::Skewness), None);
        assert_eq!(flat.statistic(RawRegionStatistic::StandardDeviation), Some(0.0));
    }
}
