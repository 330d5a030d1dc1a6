//! What must hold for the tests of a baseline table whatever the data.

use proptest::prelude::*;
use vouch::stats::Alternative;
use vouch::stats::agreement::cohen_kappa::{KappaWeights, cohen_kappa};
use vouch::stats::baseline::anova::anova;
use vouch::stats::baseline::chi_squared::{YatesCorrection, chi_squared};
use vouch::stats::baseline::contingency::ContingencyTable;
use vouch::stats::baseline::fisher::fisher_exact;
use vouch::stats::baseline::fisher_table::{FisherOptions, fisher_table};
use vouch::stats::baseline::kruskal_wallis::kruskal_wallis;
use vouch::stats::baseline::quantile::{QuantileType, quantiles};
use vouch::stats::baseline::shapiro_wilk::shapiro_wilk;
use vouch::stats::baseline::student_t::student_t;
use vouch::stats::baseline::summary::summary;
use vouch::stats::baseline::welch_t::welch_t;
use vouch::stats::baseline::wilcoxon::{WilcoxonMethod, wilcoxon_rank_sum};
use vouch::stats::multiplicity::{MultiplicityMethod, adjust};

fn factorial(k: u64) -> f64 {
    (1..=k).fold(1.0, |product, factor| product * factor as f64)
}

/// Π 1/x! of every table with these margins, by trying all.
fn all_tables(rows: &[u64], columns: &[u64], cells: &mut Vec<u64>, found: &mut Vec<f64>) {
    let width = columns.len();
    if cells.len() == rows.len() * width {
        let fits = (0..width)
            .all(|column| (0..rows.len()).map(|row| cells[row * width + column]).sum::<u64>() == columns[column]);
        if fits {
            found.push(cells.iter().fold(1.0, |weight, cell| weight / factorial(*cell)));
        }
        return;
    }
    let row = cells.len() / width;
    let used: u64 = cells[row * width..].iter().sum();
    let rest = rows[row] - used;
    let last = cells.len() % width + 1 == width;
    for cell in if last { rest..=rest } else { 0..=rest } {
        cells.push(cell);
        all_tables(rows, columns, cells, found);
        cells.pop();
    }
}

fn table(rows: usize, columns: usize) -> impl Strategy<Value = ContingencyTable> {
    prop::collection::vec(0_u64..4, rows * columns)
        .prop_map(move |counts| ContingencyTable::new(rows, columns, counts).unwrap())
        .prop_filter("not empty", |table| table.total() > 0)
}

fn values() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec((-20_i32..20).prop_map(|value| f64::from(value) / 4.0), 2..12)
}

proptest! {
    #![proptest_config(super::cases(96))]

    #[test]
    fn fisher_is_the_sum_over_all_tables(table in prop_oneof![table(2, 2), table(2, 3), table(3, 3), table(2, 4), table(3, 2)]) {
        let mut found = Vec::new();
        all_tables(&table.row_totals(), &table.column_totals(), &mut Vec::new(), &mut found);
        let observed = table.counts().iter().fold(1.0, |weight, cell| weight / factorial(*cell));
        let unlikely: f64 = found.iter().filter(|weight| **weight <= observed * (1.0 + 1e-7)).sum();
        let expected = unlikely / found.iter().sum::<f64>();
        let ours = fisher_table(&table, &FisherOptions::default()).unwrap().test.p_value;
        prop_assert!((ours - expected).abs() < 1e-11, "{ours} {expected}");
        if table.rows() == 2 && table.columns() == 2 {
            let direct = fisher_exact(&table, Alternative::TwoSided, 0.95).unwrap();
            prop_assert!((direct.test.p_value - expected).abs() < 1e-11);
            if let Some(odds_ratio) = direct.odds_ratio {
                let interval = odds_ratio.interval.unwrap();
                prop_assert!(interval.lower <= odds_ratio.value && odds_ratio.value <= interval.upper);
            }
        }
    }

    #[test]
    fn a_table_and_its_transpose_are_one(table in table(3, 4)) {
        let options = FisherOptions::default();
        let (upright, lying) = (fisher_table(&table, &options).unwrap(), fisher_table(&table.transposed(), &options).unwrap());
        prop_assert!((upright.test.p_value - lying.test.p_value).abs() < 1e-11);
        match (chi_squared(&table, YatesCorrection::Without), chi_squared(&table.transposed(), YatesCorrection::Without)) {
            (Ok(left), Ok(right)) => prop_assert!((left.test.statistic.unwrap() - right.test.statistic.unwrap()).abs() < 1e-10),
            (left, right) => prop_assert_eq!(left.is_err(), right.is_err()),
        }
    }

    #[test]
    fn row_order_changes_no_bit(first in values(), second in values(), turn in 0_usize..12) {
        let turned = |values: &[f64]| -> Vec<f64> { (0..values.len()).map(|index| values[(index + turn) % values.len()]).collect() };
        let (first_turned, second_turned) = (turned(&first), turned(&second));
        let alternative = Alternative::TwoSided;
        prop_assert_eq!(summary(&first, QuantileType::Type7), summary(&first_turned, QuantileType::Type7));
        prop_assert_eq!(welch_t(&first, &second, alternative, 0.95), welch_t(&first_turned, &second_turned, alternative, 0.95));
        prop_assert_eq!(kruskal_wallis(&[&first, &second]), kruskal_wallis(&[&first_turned, &second_turned]));
        prop_assert_eq!(anova(&[&first, &second]), anova(&[&first_turned, &second_turned]));
        prop_assert_eq!(shapiro_wilk(&first), shapiro_wilk(&first_turned));
        for method in [WilcoxonMethod::Automatic, WilcoxonMethod::Exact] {
            prop_assert_eq!(
                wilcoxon_rank_sum(&first, &second, method, alternative),
                wilcoxon_rank_sum(&first_turned, &second_turned, method, alternative)
            );
        }
    }

    #[test]
    fn exchanging_the_groups_turns_the_sign(first in values(), second in values()) {
        if let (Ok(forth), Ok(back)) = (student_t(&first, &second, Alternative::Less, 0.95), student_t(&second, &first, Alternative::Greater, 0.95)) {
            prop_assert_eq!(forth.difference.value, -back.difference.value);
            prop_assert_eq!(forth.test.p_value, back.test.p_value);
        }
        let forth = wilcoxon_rank_sum(&first, &second, WilcoxonMethod::Exact, Alternative::Less).unwrap();
        let back = wilcoxon_rank_sum(&second, &first, WilcoxonMethod::Exact, Alternative::Greater).unwrap();
        prop_assert!((forth.p_value - back.p_value).abs() < 1e-13);
        prop_assert_eq!(forth.statistic.unwrap() + back.statistic.unwrap(), (first.len() * second.len()) as f64);
    }

    #[test]
    fn ranks_see_only_the_order(first in values(), second in values()) {
        let map = |values: &[f64]| -> Vec<f64> { values.iter().map(|value| value.exp()).collect() };
        prop_assert_eq!(kruskal_wallis(&[&first, &second]), kruskal_wallis(&[&map(&first), &map(&second)]));
    }

    #[test]
    fn the_f_test_of_two_groups_is_the_square_of_t(first in values(), second in values()) {
        if let (Ok(f), Ok(t)) = (anova(&[&first, &second]), student_t(&first, &second, Alternative::TwoSided, 0.95)) {
            let square = t.test.statistic.unwrap().powi(2);
            prop_assert!((f.test.statistic.unwrap() - square).abs() <= 1e-9 * square.max(1.0));
            prop_assert!((f.test.p_value - t.test.p_value).abs() <= 1e-9);
        }
    }

    #[test]
    fn quantiles_rise_and_stay_within_the_range(values in values(), p in 0.0..=1.0_f64, q in 0.0..=1.0_f64) {
        let (minimum, maximum) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(*value), high.max(*value)));
        for kind in [QuantileType::Type1, QuantileType::Type2, QuantileType::Type3, QuantileType::Type6, QuantileType::Type7, QuantileType::Type9] {
            let both = quantiles(&values, &[p.min(q), p.max(q)], kind).unwrap();
            prop_assert!(minimum <= both[0] && both[0] <= both[1] + 1e-12 && both[1] <= maximum);
        }
    }

    #[test]
    fn adjusted_p_values_are_ordered_and_never_smaller(p in prop::collection::vec(0.0..=1.0_f64, 1..15)) {
        let all = |method| adjust(&p, method).unwrap();
        for method in [
            MultiplicityMethod::Bonferroni,
            MultiplicityMethod::Holm,
            MultiplicityMethod::Hochberg,
            MultiplicityMethod::Hommel,
            MultiplicityMethod::BenjaminiHochberg,
            MultiplicityMethod::BenjaminiYekutieli,
        ] {
            let adjusted = all(method);
            for i in 0..p.len() {
                prop_assert!(p[i] <= adjusted[i] && adjusted[i] <= 1.0);
                for j in 0..p.len() {
                    prop_assert!(p[i] > p[j] || adjusted[i] <= adjusted[j]);
                }
            }
        }
        // Bonferroni >= Holm >= Hochberg >= Hommel >= Benjamini-Hochberg, each at every hypothesis.
        let chain = [MultiplicityMethod::Bonferroni, MultiplicityMethod::Holm, MultiplicityMethod::Hochberg, MultiplicityMethod::Hommel, MultiplicityMethod::BenjaminiHochberg].map(all);
        for pair in chain.windows(2) {
            prop_assert!(pair[0].iter().zip(&pair[1]).all(|(stricter, milder)| *stricter >= milder - 1e-15));
        }
    }

    #[test]
    fn kappa_is_symmetric_in_the_raters(table in table(3, 3)) {
        for weights in [KappaWeights::Unweighted, KappaWeights::Linear, KappaWeights::Quadratic] {
            match (cohen_kappa(&table, weights, 0.95), cohen_kappa(&table.transposed(), weights, 0.95)) {
                (Ok(left), Ok(right)) => {
                    prop_assert!((left.estimate.value - right.estimate.value).abs() < 1e-12);
                    prop_assert!(left.estimate.value <= 1.0 + 1e-12);
                }
                (left, right) => prop_assert_eq!(left.is_err(), right.is_err()),
            }
        }
    }
}
