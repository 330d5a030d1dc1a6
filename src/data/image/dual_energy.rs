//! What two energies tell: every voxel as a mixture of water and iodine.
//!
//! In the image domain, at the effective energies E₁ < E₂ of the two spectra, a voxel of HU h has the attenuation
//! h / 1000 + 1 relative to water, and
//!
//! ```text
//! h(E) / 1000 + 1 = w + c · r(E),    r(E) = (μ/ρ)_iodine(E) / (μ/ρ)_water(E) / 1000
//! ```
//!
//! with w the water-equivalent density (1 for water) and c the iodine concentration in mg/ml. Two energies give w and c;
//! these give the virtual monoenergetic image at any energy, and the rest:
//!
//! - electron density relative to water: w + c · (Z/A)_iodine / (Z/A)_water / 1000;
//! - effective atomic number (Mayneord's power law, exponent 2.94): (Σ fᵢ Zᵢ^2.94)^(1/2.94), fᵢ the shares of electrons,
//!   Z of water 7.42, of iodine 53;
//! - dual-energy index (Johnson et al 2007, doi:10.1007/s00330-006-0517-6): (h₁ − h₂) / (h₁ + h₂ + 2000).
//!
//! Assumptions: one effective energy stands for a spectrum (no beam hardening), and tissue is a mixture of the two. Both
//! series are of one scan and on one grid.

use super::attenuation;

/// A voxel, or the mean of a region, as a mixture. The map from HU to it is linear, so that a mean of mixtures is the
/// mixture of the mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mixture {
    /// Water-equivalent density, 1 for water.
    pub water: f64,
    /// Iodine in mg/ml.
    pub iodine: f64,
}

const WATER_Z_OVER_A: f64 = 0.555_09;
const IODINE_Z_OVER_A: f64 = 0.417_64;
const WATER_ATOMIC_NUMBER: f64 = 7.42;
const IODINE_ATOMIC_NUMBER: f64 = 53.0;
const EXPONENT: f64 = 2.94;

/// The two effective energies in keV, the lower first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Energies {
    pub low: f64,
    pub high: f64,
}

/// HU that 1 mg/ml of iodine adds at an energy.
pub fn iodine_enhancement(kev: f64) -> f64 {
    attenuation::iodine(kev) / attenuation::water(kev)
}

impl Energies {
    pub fn decompose(self, hu_low: f64, hu_high: f64) -> Mixture {
        let (at_low, at_high) = (iodine_enhancement(self.low), iodine_enhancement(self.high));
        let iodine = (hu_low - hu_high) / (at_low - at_high);
        Mixture { water: (hu_low - iodine * at_low) / 1000.0 + 1.0, iodine }
    }

    /// The shares of the two series in the virtual monoenergetic image: it is their weighted sum.
    pub fn weights(self, kev: f64) -> Weights {
        let (at_low, at_high) = (iodine_enhancement(self.low), iodine_enhancement(self.high));
        let low = (iodine_enhancement(kev) - at_high) / (at_low - at_high);
        Weights { low, high: 1.0 - low }
    }
}

/// Of the low- and high-energy series; they add to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weights {
    pub low: f64,
    pub high: f64,
}

impl Mixture {
    /// Hounsfield units at an energy.
    pub fn hu(self, kev: f64) -> f64 {
        1000.0 * (self.water - 1.0) + self.iodine * iodine_enhancement(kev)
    }

    /// Relative to water.
    pub fn electron_density(self) -> f64 {
        self.water + self.iodine / 1000.0 * IODINE_Z_OVER_A / WATER_Z_OVER_A
    }

    /// `None` where the attenuation is that of nothing, or of less.
    pub fn effective_atomic_number(self) -> Option<f64> {
        let water = self.water * WATER_Z_OVER_A;
        let iodine = self.iodine / 1000.0 * IODINE_Z_OVER_A;
        let sum = water * libm::pow(WATER_ATOMIC_NUMBER, EXPONENT) + iodine * libm::pow(IODINE_ATOMIC_NUMBER, EXPONENT);
        let electrons = water + iodine;
        (electrons > 0.0 && sum > 0.0).then(|| libm::pow(sum / electrons, 1.0 / EXPONENT))
    }
}

/// `None` for two images of nothing.
pub fn dual_energy_index(hu_low: f64, hu_high: f64) -> Option<f64> {
    let sum = hu_low + hu_high + 2000.0;
    (sum > 0.0).then(|| (hu_low - hu_high) / sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENERGIES: Energies = Energies { low: 65.0, high: 100.0 };

    #[test]
    fn a_known_mixture_is_given_back() {
        for (water, iodine) in [(1.0, 0.0), (1.04, 2.5), (0.95, 0.0), (1.0, 12.0)] {
            let known = Mixture { water, iodine };
            let found = ENERGIES.decompose(known.hu(65.0), known.hu(100.0));
            assert!((found.water - water).abs() < 1e-12 && (found.iodine - iodine).abs() < 1e-12, "{found:?}");
            for kev in [40.0, 70.0, 65.0, 120.0] {
                let weights = ENERGIES.weights(kev);
                let mixed = weights.low * known.hu(65.0) + weights.high * known.hu(100.0);
                assert!((mixed - known.hu(kev)).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn water_has_the_numbers_of_water() {
        let water = ENERGIES.decompose(0.0, 0.0);
        assert!((water.electron_density() - 1.0).abs() < 1e-12);
        assert!((water.effective_atomic_number().unwrap() - 7.42).abs() < 1e-9);
        assert_eq!(dual_energy_index(0.0, 0.0), Some(0.0));
        assert_eq!(Mixture { water: 0.0, iodine: 0.0 }.effective_atomic_number(), None);
    }

    #[test]
    fn iodine_raises_the_atomic_number_as_worked_by_hand() {
        // 5 mg/ml in water: electrons 0.55509 and 0.0020882; 7.42^2.94 = 362.233, 53^2.94 = 117320.
        // (0.55509 · 362.233 + 0.0020882 · 117320) / 0.5571782 = 800.57; its root of degree 2.94 is 9.717.
        let mixture = Mixture { water: 1.0, iodine: 5.0 };
        let found = mixture.effective_atomic_number().unwrap();
        assert!((found - 9.717).abs() < 0.005, "{found}");
    }

    #[test]
    fn one_milligram_of_iodine_adds_what_is_published() {
        // About 26 HU per mg/ml at 70 keV, and near 80 at 40 keV.
        assert!((iodine_enhancement(70.0) - 26.0).abs() < 1.0, "{}", iodine_enhancement(70.0));
        assert!((iodine_enhancement(40.0) - 82.4).abs() < 0.1, "{}", iodine_enhancement(40.0));
    }
}
