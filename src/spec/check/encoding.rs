//! How continuous variables enter models, and where follow-up ends.

use super::Checker;
use crate::spec::raw::{RawOutcome, RawSpline, RawTransform, RawVariable, RawVariableKind};

impl Checker<'_> {
    pub(super) fn check_encoding(&mut self, name: &str, variable: &RawVariable) {
        let path = format!("variables/{name}");
        let continuous = variable.kind == RawVariableKind::Continuous;
        if !continuous && variable.transform != RawTransform::None {
            let message = format!("`{name}` is not continuous and has a transform");
            self.error("spec/transform", &format!("{path}/transform"), message, "take the transform away");
        }
        if let RawTransform::Spline(spline) = &variable.transform {
            self.check_spline(spline, &format!("{path}/transform/spline"));
        }
        let Some(rule) = &variable.winsorise else { return };
        let place = format!("{path}/winsorise");
        if !continuous {
            let message = format!("`{name}` is not continuous and is winsorised");
            self.error("spec/winsorise", &place, message, "take `winsorise` away");
        }
        match (rule.lower_quantile, rule.upper_quantile) {
            (None, None) => self.error(
                "spec/winsorise",
                &place,
                "no quantile is given at which values are cut",
                "upper_quantile: 0.99, or lower_quantile: 0.01, or both",
            ),
            (Some(lower), Some(upper)) if lower >= upper => {
                self.error(
                    "spec/winsorise",
                    &place,
                    "`lower_quantile` must lie below `upper_quantile`",
                    "0.01 and 0.99",
                );
            }
            _ => {}
        }
    }

    fn check_spline(&mut self, spline: &RawSpline, path: &str) {
        let given = [spline.knots.is_some(), spline.quantiles.is_some(), spline.count.is_some()];
        if given.iter().filter(|given| **given).count() != 1 {
            return self.error(
                "spec/spline",
                path,
                "a spline has its knots from one of `knots`, `quantiles` and `count`",
                "spline: {knots: [0, 1, 9]}, or spline: {quantiles: [0.1, 0.5, 0.9]}, or spline: {count: 4}",
            );
        }
        for (key, values) in [("knots", &spline.knots), ("quantiles", &spline.quantiles)] {
            let Some(values) = values else { continue };
            let place = format!("{path}/{key}");
            if values.len() < 3 || values.windows(2).any(|pair| pair[0] >= pair[1]) {
                let message = format!("`{key}` must be at least three numbers that increase");
                self.error("spec/spline", &place, message, "linear beyond the first and the last, curved between them");
            } else if key == "quantiles" && values.iter().any(|value| !(0.0..=1.0).contains(value)) {
                self.error("spec/spline", &place, "quantiles lie between 0 and 1", "quantiles: [0.1, 0.5, 0.9]");
            }
        }
    }

    pub(super) fn check_follow_up(&mut self, id: &str, outcome: &RawOutcome) {
        if let RawOutcome::Survival { censor_at: Some(end), .. } = outcome
            && end.time <= 0.0
        {
            self.error(
                "spec/times",
                &format!("outcomes/{id}/censor_at/time"),
                "follow-up must end after it begins",
                "censor_at: {time: 5, unit: years}",
            );
        }
    }
}
