//! The P-values that the usual tests of a table of counts give, groups in rows and levels in columns.

use crate::stats::distribution::{chi_squared_upper, ln_gamma, normal_two_sided};

/// A test and its P-value.
#[derive(Clone, Debug, PartialEq)]
pub struct TableTest {
    pub name: &'static str,
    pub p: f64,
}

/// All tests that are defined for the table. Rows and columns without a count are left out, as programs do.
pub fn all_tests(groups: &[Vec<i128>]) -> Vec<TableTest> {
    let levels = groups.first().map_or(0, Vec::len);
    let kept: Vec<usize> = (0..levels).filter(|&level| groups.iter().any(|group| group[level] > 0)).collect();
    let table: Vec<Vec<f64>> = groups
        .iter()
        .filter(|group| group.iter().sum::<i128>() > 0)
        .map(|group| kept.iter().map(|&level| group[level] as f64).collect())
        .collect();
    if table.len() < 2 || kept.len() < 2 {
        return vec![TableTest { name: "no difference to test", p: 1.0 }];
    }
    let rows: Vec<f64> = table.iter().map(|row| row.iter().sum()).collect();
    let columns: Vec<f64> = (0..kept.len()).map(|c| table.iter().map(|row| row[c]).sum()).collect();
    let n: f64 = rows.iter().sum();
    let df = ((rows.len() - 1) * (columns.len() - 1)) as f64;
    let (mut pearson, mut likelihood) = (0.0, 0.0);
    for (row, total) in table.iter().zip(&rows) {
        for (&observed, column) in row.iter().zip(&columns) {
            let expected = total * column / n;
            pearson += (observed - expected) * (observed - expected) / expected;
            if observed > 0.0 {
                likelihood += 2.0 * observed * (observed / expected).ln();
            }
        }
    }
    let chi = |name, statistic: f64, df| TableTest { name, p: chi_squared_upper(statistic.max(0.0), df) };
    let mut tests = vec![
        chi("Pearson chi-squared", pearson, df),
        chi("chi-squared with n - 1", pearson * (n - 1.0) / n, df),
        chi("likelihood ratio", likelihood, df),
    ];
    if rows.len() == 2 {
        tests.push(trend(&table, &rows, &columns, n));
        tests.push(rank_sum(&table, &rows, &columns, n));
    }
    if rows.len() == 2 && columns.len() == 2 {
        let (a, d) = (table[0][0], table[1][1]);
        let (b, c) = (table[0][1], table[1][0]);
        let margins = rows[0] * rows[1] * columns[0] * columns[1];
        let corrected = ((a * d - b * c).abs() - 0.5 * n).max(0.0);
        tests.push(chi("chi-squared with Yates correction", n * corrected * corrected / margins, 1.0));
        let (p, middle) = fisher(a, rows[0], columns[0], n);
        tests.push(TableTest { name: "Fisher exact", p });
        tests.push(TableTest { name: "Fisher mid-P", p: middle });
        let (p1, p2) = (a / rows[0], c / rows[1]);
        let error = (p1 * (1.0 - p1) / rows[0] + p2 * (1.0 - p2) / rows[1]).sqrt();
        if error > 0.0 {
            tests.push(TableTest { name: "unpooled z", p: normal_two_sided((p1 - p2) / error) });
        }
    }
    tests
}

/// Cochran-Armitage with the levels at 0, 1, 2, ...
fn trend(table: &[Vec<f64>], rows: &[f64], columns: &[f64], n: f64) -> TableTest {
    let score = |level: usize| level as f64;
    let sum: f64 = table[0].iter().enumerate().map(|(level, count)| count * score(level)).sum();
    let mean: f64 = columns.iter().enumerate().map(|(level, count)| count * score(level)).sum::<f64>() / n;
    let spread: f64 =
        columns.iter().enumerate().map(|(level, count)| count * (score(level) - mean) * (score(level) - mean)).sum();
    let variance = rows[0] * rows[1] * spread / (n * n);
    TableTest { name: "linear trend", p: normal_two_sided((sum - rows[0] * mean) / variance.sqrt()) }
}

/// Wilcoxon's rank sum on the ordered levels, corrected for ties (Kruskal-Wallis for two groups).
fn rank_sum(table: &[Vec<f64>], rows: &[f64], columns: &[f64], n: f64) -> TableTest {
    let (mut below, mut sum, mut ties) = (0.0, 0.0, 0.0);
    for (level, count) in columns.iter().enumerate() {
        sum += table[0][level] * (below + 0.5 * (count + 1.0));
        below += count;
        ties += count * count * count - count;
    }
    let variance = rows[0] * rows[1] / 12.0 * (n + 1.0 - ties / (n * (n - 1.0)));
    TableTest { name: "rank sum", p: normal_two_sided((sum - 0.5 * rows[0] * (n + 1.0)) / variance.sqrt()) }
}

/// One-sided P-values of a two by two table: the exact ones of either side, and half of Pearson's.
pub fn one_sided_tests(groups: &[Vec<i128>]) -> Vec<f64> {
    let [first, second] = groups else { return Vec::new() };
    let (&[a, b], &[c, d]) = (first.as_slice(), second.as_slice()) else { return Vec::new() };
    let [a, b, c, d] = [a, b, c, d].map(|count| count as f64);
    let (row, column, n) = (a + b, a + c, a + b + c + d);
    let probability = hypergeometric(row, column, n);
    let (mut below, mut above) = (0.0, 0.0);
    let (mut x, last) = ((row + column - n).max(0.0), row.min(column));
    while x <= last + 0.5 {
        below += if x <= a + 0.5 { probability(x) } else { 0.0 };
        above += if x >= a - 0.5 { probability(x) } else { 0.0 };
        x += 1.0;
    }
    let pearson = all_tests(groups).into_iter().find(|test| test.name == "Pearson chi-squared");
    [below, above].into_iter().chain(pearson.map(|test| 0.5 * test.p)).collect()
}

/// The probability of a count, given the margins of its two by two table.
fn hypergeometric(row: f64, column: f64, n: f64) -> impl Fn(f64) -> f64 {
    let choose = |n: f64, k: f64| ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0);
    move |x: f64| (choose(column, x) + choose(n - column, row - x) - choose(n, row)).exp()
}

/// The two-sided exact P-value (the sum of all tables no more probable) and its mid-P.
fn fisher(a: f64, row: f64, column: f64, n: f64) -> (f64, f64) {
    let probability = hypergeometric(row, column, n);
    let here = probability(a);
    let (mut p, mut equal) = (0.0, 0.0);
    let (mut x, last) = ((row + column - n).max(0.0), row.min(column));
    while x <= last + 0.5 {
        let at = probability(x);
        if at <= here * (1.0 + 1e-7) {
            p += at;
            if at >= here * (1.0 - 1e-7) {
                equal += at;
            }
        }
        x += 1.0;
    }
    (p.min(1.0), (p - 0.5 * equal).clamp(0.0, 1.0))
}

/// McNemar's tests of the two discordant counts.
pub fn mcnemar_tests(b: i128, c: i128) -> Vec<TableTest> {
    let (b, c) = (b.min(c) as f64, b.max(c) as f64);
    let n = b + c;
    if n <= 0.0 {
        return vec![TableTest { name: "no discordant pair", p: 1.0 }];
    }
    let difference = c - b;
    let corrected = (difference - 1.0).max(0.0);
    // Twice the binomial tail with one half.
    let choose =
        |k: f64| (ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0) - n * std::f64::consts::LN_2).exp();
    let tail: f64 = (0..=b as u64).map(|k| choose(k as f64)).sum();
    vec![
        TableTest { name: "McNemar", p: chi_squared_upper(difference * difference / n, 1.0) },
        TableTest { name: "McNemar with correction", p: chi_squared_upper(corrected * corrected / n, 1.0) },
        TableTest { name: "exact McNemar", p: (2.0 * tail).min(1.0) },
        TableTest { name: "mid-P McNemar", p: (2.0 * tail - choose(b)).clamp(0.0, 1.0) },
    ]
}

/// Cohen's kappa of a square table: plain, with linear and with quadratic weights, and 2 p - 1 (prevalence- and
/// bias-adjusted) for two levels. Empty where chance alone explains all.
pub fn kappas(table: &[Vec<i128>]) -> Vec<f64> {
    let levels = table.len();
    let n = table.iter().flatten().sum::<i128>() as f64;
    let row = |i: usize| table[i].iter().sum::<i128>() as f64;
    let column = |j: usize| table.iter().map(|row| row[j]).sum::<i128>() as f64;
    let mut found = Vec::new();
    for power in [0, 1, 2] {
        let apart = |i: usize, j: usize| (i.abs_diff(j) as f64).powi(power);
        let weight = |i: usize, j: usize| if i == j { 0.0 } else { apart(i, j) };
        let (mut observed, mut expected) = (0.0, 0.0);
        for i in 0..levels {
            for j in 0..levels {
                observed += weight(i, j) * table[i][j] as f64;
                expected += weight(i, j) * row(i) * column(j) / n;
            }
        }
        if expected > 0.0 {
            found.push(1.0 - observed / expected);
        }
    }
    if levels == 2 && n > 0.0 {
        found.push(2.0 * (table[0][0] + table[1][1]) as f64 / n - 1.0);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R 4.3: chisq.test(matrix(c(3, 1, 1, 3), 2), correct = ...), fisher.test.
    /// Fisher's tea: 3 of 4 right; at least so many by chance in 17 of 70 choices, at most so many in 69.
    #[test]
    fn tea_tasting_from_one_side() {
        let found = one_sided_tests(&[vec![3, 1], vec![1, 3]]);
        assert!((found[0] - 69.0 / 70.0).abs() < 1e-12 && (found[1] - 17.0 / 70.0).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn tea_tasting() {
        let tests = all_tests(&[vec![3, 1], vec![1, 3]]);
        let p = |name: &str| tests.iter().find(|test| test.name == name).map(|test| test.p).expect(name);
        // Chi-squared = 8 (9 - 1)^2 / (4 * 4 * 4 * 4) = 2; with Yates 8 (8 - 4)^2 / 256 = 0.5. Fisher: 34/70.
        assert!((p("Pearson chi-squared") - 0.157_299_207_050_285).abs() < 1e-12);
        assert!((p("chi-squared with Yates correction") - 0.479_500_122_186_953).abs() < 1e-12);
        assert!((p("Fisher exact") - 34.0 / 70.0).abs() < 1e-12);
        // Mid-P: 34/70 less half of the two tables with 16/70.
        assert!((p("Fisher mid-P") - 18.0 / 70.0).abs() < 1e-12);
    }

    /// R: mcnemar.test on (8, 3) gives 2.2727 (P 0.1317), corrected 1.4545 (0.2278); binom.test(3, 11) 0.2265625.
    #[test]
    fn discordant_pairs() {
        let p: Vec<f64> = mcnemar_tests(8, 3).iter().map(|test| test.p).collect();
        let middle = 0.226_562_5 - 165.0 / 2048.0;
        for (found, expected) in p.iter().zip([0.131_668_016, 0.227_799_876, 0.226_562_5, middle]) {
            assert!((found - expected).abs() < 1e-6, "{p:?}");
        }
    }

    /// By hand: 40, 5, 3, 32 of 80: observed 0.9, expected (45 * 43 + 35 * 37) / 6400 = 0.504688.
    #[test]
    fn kappa_by_hand() {
        let found = kappas(&[vec![40, 5], vec![3, 32]]);
        assert!((found[0] - (0.9 - 0.504_687_5) / (1.0 - 0.504_687_5)).abs() < 1e-12 && (found[3] - 0.8).abs() < 1e-12);
    }

    #[test]
    fn an_empty_level_is_left_out() {
        assert_eq!(all_tests(&[vec![3, 0], vec![1, 0]])[0].p, 1.0);
        assert_eq!(all_tests(&[vec![3, 0, 1], vec![1, 0, 3]])[0].p, all_tests(&[vec![3, 1], vec![1, 3]])[0].p);
    }
}
