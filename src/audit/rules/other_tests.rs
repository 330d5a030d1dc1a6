//! What else a P-value of a difference can be than that of a two-sided test of it: of another test, as stated; one-sided;
//! multiplied by the number of comparisons.

use crate::audit::reported::{Comparison, Comparisons, Figure};
use crate::stats::distribution::normal_two_sided;

/// Words of tests whose P-value is that of the difference over its standard error.
const OF_THE_DIFFERENCE: [&str; 12] =
    ["delong", "hanley", "bootstrap", "wald", "z", "z_test", "t", "t_test", "mcnemar", "chi", "fisher", "gee"];
/// Words of analyses of several readers, whose t has few degrees of freedom.
const OF_READERS: [&str; 5] = ["mrmc", "obuchowski", "rockette", "dbm", "dorfman"];

fn stated_test(pair: &Comparison, table: &Comparisons) -> Option<String> {
    pair.test.as_deref().or(table.test.as_deref()).map(str::to_lowercase)
}

/// Is the test stated, and another than one of the difference by its standard error?
pub fn is_another(pair: &Comparison, table: &Comparisons) -> bool {
    stated_test(pair, table).is_some_and(|test| {
        // Non-inferiority by any of these is another hypothesis, and a corrected P-value another number.
        ["inferior", "equivalen", "one_sided", "adjust", "correct", "bonferroni", "holm", "tukey"]
            .iter()
            .any(|word| test.contains(word))
            || !OF_THE_DIFFERENCE
                .iter()
                .chain(&OF_READERS)
                .any(|known| test == *known || (known.len() > 2 && test.contains(known)))
    })
}

/// Is the P-value of a t with few degrees of freedom, as stated? Then it is larger than that of z.
fn has_few_degrees(pair: &Comparison, table: &Comparisons) -> bool {
    stated_test(pair, table).is_some_and(|test| OF_READERS.iter().any(|word| test.contains(word)))
}

/// What the printed P-value would be that of, if not of the two-sided test with this range of |z|.
pub fn explained(p: &Figure, z: (f64, f64), pair: &Comparison, table: &Comparisons) -> Option<String> {
    let (low, high) = p.number.as_ref()?.widest();
    // A tenth of z and one of its units for the digits, t and likelihood.
    let two_sided = (normal_two_sided(z.1 * 1.1 + 0.1), normal_two_sided((z.0 / 1.1 - 0.1).max(0.0)));
    let is_in = |from: f64, to: f64| low <= to && high >= from;
    if is_in(0.5 * two_sided.0, 0.5 * two_sided.1) || is_in(1.0 - 0.5 * two_sided.1, 1.0 - 0.5 * two_sided.0) {
        return Some("the P-value can be that of a one-sided test".to_string());
    }
    if has_few_degrees(pair, table) && low > two_sided.0 {
        return Some("the P-value can be that of t with few degrees of freedom".to_string());
    }
    let corrected = |comparisons: usize| {
        let factor = comparisons as f64;
        is_in((factor * two_sided.0).min(1.0), (factor * two_sided.1).min(1.0))
    };
    // A table may print some of its comparisons only; where a test is stated, a correction would be too.
    let most = if stated_test(pair, table).is_some() { 0 } else { MOST_COMPARISONS };
    let family = families(pair, table).into_iter().chain(2..=most).find(|family| corrected(*family))?;
    Some(format!("the P-value can be one corrected for {family} comparisons, by Bonferroni"))
}

/// Comparisons that a paper may correct for without printing them.
const MOST_COMPARISONS: usize = 20;

/// Numbers of comparisons that a P-value may be corrected for: those of the table, those of its cohort, all pairs of its
/// models.
fn families(pair: &Comparison, table: &Comparisons) -> Vec<usize> {
    let within = table.pairs.iter().filter(|other| other.cohort == pair.cohort);
    let mut models: Vec<&String> = within.clone().flat_map(|other| [&other.first, &other.second]).collect();
    models.sort_unstable();
    models.dedup();
    let mut families = vec![table.pairs.len(), within.count(), models.len() * models.len().saturating_sub(1) / 2];
    families.sort_unstable();
    families.dedup();
    families.retain(|family| *family > 1);
    families
}
