//! Our distribution functions beside those of statrs, where statrs holds: in the body, to nine digits.

use proptest::prelude::*;
use statrs::distribution::{
    Beta, Binomial, ChiSquared, ContinuousCDF, DiscreteCDF, FisherSnedecor, Normal, Poisson, StudentsT,
};
use vouch::stats::distribution as ours;

fn close(ours: f64, theirs: f64) -> bool {
    (ours - theirs).abs() <= 1e-9
}

proptest! {
    #![proptest_config(super::cases(256))]

    #[test]
    fn continuous_distributions_agree_with_statrs(z in -6.0..6.0f64, df in 1.0..200.0f64, other in 1.0..200.0f64, x in 0.01..300.0f64, p in 0.001..0.999f64) {
        let normal = Normal::new(0.0, 1.0).unwrap();
        prop_assert!(close(ours::normal_lower(z), normal.cdf(z)));
        prop_assert!(close(ours::chi_squared_upper(x, df), ChiSquared::new(df).unwrap().sf(x)));
        prop_assert!(close(ours::f_upper(x / 50.0, df, other), FisherSnedecor::new(df, other).unwrap().sf(x / 50.0)));
        // statrs loses Student's t beyond about 4.
        let t = z / 2.0;
        let two_sided = 2.0 * StudentsT::new(0.0, 1.0, df).unwrap().cdf(-t.abs());
        prop_assert!((ours::student_t_two_sided(t, df) - two_sided).abs() <= 1e-6);
        let (a, b) = (df / 10.0 + 0.5, other / 10.0 + 0.5);
        let quantile = ours::beta_quantile(p, a, b);
        prop_assert!(close(Beta::new(a, b).unwrap().cdf(quantile), p));
    }

    #[test]
    fn discrete_distributions_agree_with_statrs(n in 1u64..400, k in 0u64..400, p in 0.01..0.99f64, mean in 0.1..200.0f64) {
        let k = k.min(n);
        prop_assert!(close(ours::binomial_lower(k, n, p), Binomial::new(p, n).unwrap().cdf(k)));
        prop_assert!(close(ours::poisson_lower(k, mean), Poisson::new(mean).unwrap().cdf(k)));
    }
}
