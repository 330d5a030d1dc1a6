//! Cross-entropy of the softmax of logits, its gradient, and the softmax itself.

use super::batch::Batch;

pub struct Loss {
    /// Mean over the batch.
    pub value: f64,
    /// In the logits.
    pub gradient: Batch,
}

/// Probabilities of the classes, computed without overflow.
pub fn softmax(logits: &[f32]) -> Vec<f64> {
    let highest = logits.iter().fold(f64::NEG_INFINITY, |highest, logit| highest.max(f64::from(*logit)));
    let powers: Vec<f64> = logits.iter().map(|logit| libm::exp(f64::from(*logit) - highest)).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

/// `targets` has the class of every item.
pub fn cross_entropy(logits: &Batch, targets: &[usize]) -> Loss {
    let mut gradient = logits.zeros_like();
    let n = targets.len() as f64;
    let mut sum = 0.0;
    for (index, target) in targets.iter().enumerate() {
        let probabilities = softmax(logits.item(index));
        sum -= libm::log(probabilities[*target].max(f64::MIN_POSITIVE));
        for (class, probability) in probabilities.iter().enumerate() {
            let observed = f64::from(u8::from(class == *target));
            gradient.values[index * logits.channels + class] = ((probability - observed) / n) as f32;
        }
    }
    Loss { value: sum / n, gradient }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_logits_by_hand() {
        // Two classes, equal logits: loss ln 2, gradient (1/2 − 1, 1/2).
        let logits = Batch { count: 1, channels: 2, height: 1, width: 1, values: vec![3.0, 3.0] };
        let loss = cross_entropy(&logits, &[0]);
        assert!((loss.value - 2f64.ln()).abs() < 1e-12);
        assert_eq!(loss.gradient.values, [-0.5, 0.5]);
    }

    #[test]
    fn large_logits_do_not_overflow() {
        assert_eq!(softmax(&[1000.0, 0.0]), [1.0, 0.0]);
    }
}
