//! Grad-CAM (Selvaraju et al. 2020, doi:10.1007/s11263-019-01228-7): which places of an image raise the predicted
//! probability of the event.
//!
//! The network ends in the average h_c of each feature map A_c over its m places, and what follows (a linear layer, or a
//! scaler, a support vector machine and Platt scaling) is a function p(h). So ∂p/∂A_c(i) = (∂p/∂h_c)/m at every place, exactly,
//! and the map is max(0, Σ_c (∂p/∂h_c)/m · A_c(i)). Maps of one model are on one scale: that of the probability.

/// `maps` holds one plane of `places` numbers per channel, `gradient` one slope per channel.
pub fn heat_map(maps: &[f32], gradient: &[f64], places: usize) -> Vec<f64> {
    let mut heat = vec![0.0; places];
    for (plane, slope) in maps.chunks_exact(places.max(1)).zip(gradient) {
        let weight = slope / places as f64;
        for (sum, value) in heat.iter_mut().zip(plane) {
            *sum += weight * f64::from(*value);
        }
    }
    heat.into_iter().map(|value| value.max(0.0)).collect()
}

/// The slope of the softmax probability of the event in each pooled feature: p(1 − p) times the slope of its log odds.
pub fn softmax_gradient(probability: f64, contrast: &[f64]) -> Vec<f64> {
    contrast.iter().map(|slope| probability * (1.0 - probability) * slope).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_network_by_hand() {
        // Two maps of two places; p rises by 1 with h₁ and falls by 2 with h₂: (½ a₁ − a₂)⁺ at each place.
        let heat = heat_map(&[4.0, 2.0, 1.0, 3.0], &[1.0, -2.0], 2);
        assert_eq!(heat, [1.0, 0.0]);
    }

    #[test]
    fn a_detector_of_the_lower_right_corner_is_hot_there_alone() {
        // One map that is bright in the corner, with a positive weight; one that is bright everywhere, with weight zero.
        let mut corner = vec![0.0; 9];
        corner[8] = 5.0;
        let maps: Vec<f32> = corner.iter().copied().chain([2.0; 9]).collect();
        let heat = heat_map(&maps, &softmax_gradient(0.5, &[1.0, 0.0]), 9);
        assert!(heat[8] > 0.0 && heat[..8].iter().all(|value| *value == 0.0));
    }
}
