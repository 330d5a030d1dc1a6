//! Fisher's exact test of a table of any size (Freeman and Halton).
//!
//! Null hypothesis: rows and columns are independent. Given the margins a table has probability Π rᵢ! Π cⱼ!/(n! Π xᵢⱼ!);
//! P is the sum over all tables that are no more likely than the observed one (within 1e-7 of it).
//!
//! Exact by the network of Mehta and Patel: columns are filled one after the other; a node is what the rows have left, and
//! tables that reach a node with the same probability so far are followed as one. Where all ways on from a node stay at or
//! below the observed probability they are added by their known sum; where all stay above it they are dropped, both before
//! they are stored. Nodes that differ by a permutation of rows are one node.
//! That takes time and memory that grow steeply with the table. Past `work_limit` steps, or where so many
//! are expected beforehand (`fisher_size`), the P-value is estimated instead, from
//! `replicates` random tables with the margins: P̂ = (1 + b)/(1 + B) for b tables as unlikely, with its standard error; the
//! result says which it is.
//! Row order of subjects is irrelevant, and so, up to rounding, is the order of categories.
//! Edge cases: categories without subjects do not count; with fewer than two rows or columns left P = 1.
//! Sources: Freeman and Halton 1951 (doi:10.1093/biomet/38.1-2.141); Mehta and Patel 1983 (doi:10.1080/01621459.1983.10477989);
//! Patefield 1981 (doi:10.2307/2346669) for drawing tables; Davison and Hinkley 1997, section 4.2 for (1 + b)/(1 + B). Oracle: R 4.2.2 `fisher.test`; enumeration of all tables.

use super::contingency::ContingencyTable;
use super::fisher::TIE;
use super::fisher_network::{Network, Outcome};
use crate::stats::error::StatsError;
use crate::stats::estimate::{Alternative, NullDistribution, Test};
use crate::stats::random::Seed;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// How much work the exact sum may take, and what is done beyond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FisherOptions {
    /// Steps from node to node; 60 million by default, some seconds.
    pub work_limit: u64,
    /// Random tables beyond that; 100 000 by default, a standard error of at most 0.0016.
    pub replicates: usize,
    /// Where their random numbers come from.
    pub seed: Seed,
}

impl Default for FisherOptions {
    fn default() -> Self {
        Self { work_limit: 60_000_000, replicates: 100_000, seed: Seed::from_study(0).child("fisher") }
    }
}

/// Fisher's exact test of an r×c table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FisherTable {
    /// The test: `Exact`, or `Resampled` where the table was too large.
    pub test: Test,
    /// Standard error of the P-value where it was estimated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monte_carlo_error: Option<f64>,
}

/// Fisher's exact test of independence.
pub fn fisher_table(table: &ContingencyTable, options: &FisherOptions) -> Result<FisherTable, StatsError> {
    let table = table.without_empty();
    if table.total() == 0 {
        return Err(StatsError::Empty { what: "contingency table" });
    }
    if table.rows() < 2 || table.columns() < 2 {
        return Ok(FisherTable { test: test_of(1.0, NullDistribution::Exact), monte_carlo_error: None });
    }
    // Few rows and many columns make the smallest network.
    let table = if table.rows() > table.columns() { table.transposed() } else { table };
    let network = Network::new(&table);
    match network.p_value(options.work_limit) {
        Outcome::Exact(p_value) => {
            Ok(FisherTable { test: test_of(p_value, NullDistribution::Exact), monte_carlo_error: None })
        }
        Outcome::TooMuchWork => simulate(&table, &network, options),
    }
}

fn test_of(p_value: f64, distribution: NullDistribution) -> Test {
    let method = match distribution {
        NullDistribution::Resampled { .. } => "Fisher's exact test, simulated",
        _ => "Fisher's exact test",
    };
    Test { statistic: None, distribution, p_value, alternative: Alternative::TwoSided, method: method.into() }
}

/// Random tables with the margins, each cell drawn given those before it.
fn simulate(table: &ContingencyTable, network: &Network, options: &FisherOptions) -> Result<FisherTable, StatsError> {
    if options.replicates == 0 {
        return Err(StatsError::TooFew { what: "random tables", needed: 1, found: 0 });
    }
    let (rows, columns) = (table.row_totals(), table.column_totals());
    let bound = network.log_weight(table.counts()) + TIE.ln();
    let unlikely = |replicate: u64| {
        let mut stream = options.seed.replicate(replicate).stream();
        let mut left = columns.clone();
        let mut counts = Vec::with_capacity(rows.len() * columns.len());
        for row in &rows {
            let mut need = *row;
            let mut total: u64 = left.iter().sum();
            for column in &mut left {
                // The last column that has subjects left takes what the row still needs.
                let drawn =
                    if *column == total { need } else { network.hypergeometric(total, *column, need, stream.unit()) };
                total -= *column;
                *column -= drawn;
                need -= drawn;
                counts.push(drawn);
            }
        }
        network.log_weight(&counts) <= bound
    };
    // A count does not depend on the order in which threads finish.
    let hits = (0..options.replicates as u64).into_par_iter().filter(|replicate| unlikely(*replicate)).count();
    let p_value = (1 + hits) as f64 / (1 + options.replicates) as f64;
    Ok(FisherTable {
        test: test_of(p_value, NullDistribution::Resampled { replicates: options.replicates }),
        monte_carlo_error: Some((p_value * (1.0 - p_value) / options.replicates as f64).sqrt()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::baseline::fisher::fisher_exact;

    #[test]
    fn by_hand() {
        // Margins (2, 2) by (1, 1, 2): first rows (1,1,0), (0,0,2) have probability 1/6, (1,0,1), (0,1,1) 1/3.
        let likely = ContingencyTable::new(2, 3, vec![1, 0, 1, 0, 1, 1]).unwrap();
        let unlikely = ContingencyTable::new(2, 3, vec![1, 1, 0, 0, 0, 2]).unwrap();
        let options = FisherOptions::default();
        assert!((fisher_table(&likely, &options).unwrap().test.p_value - 1.0).abs() < 1e-14);
        assert!((fisher_table(&unlikely, &options).unwrap().test.p_value - 1.0 / 3.0).abs() < 1e-14);
    }

    #[test]
    fn two_by_two_is_the_two_by_two_test() {
        for counts in [[3, 1, 1, 3], [8, 2, 1, 5], [120, 30, 90, 61], [0, 5, 9, 2]] {
            let table = ContingencyTable::new(2, 2, counts.to_vec()).unwrap();
            let direct = fisher_exact(&table, Alternative::TwoSided, 0.95).unwrap().test.p_value;
            let network = fisher_table(&table, &FisherOptions::default()).unwrap().test.p_value;
            assert!((direct - network).abs() < 1e-11 * direct, "{counts:?}: {direct} {network}");
        }
    }

    #[test]
    fn a_table_that_was_simulated_is_exact_as_in_r() {
        // fisher.test(matrix(c(...), 3, byrow = TRUE), workspace = 2e7)$p.value, R 4.2.2, whose network takes
        // log weights for equal that differ by 1e-7; simulated before.
        let table = ContingencyTable::new(3, 4, vec![23, 36, 54, 9, 12, 22, 23, 16, 36, 79, 94, 50]).unwrap();
        let exact = fisher_table(&table, &FisherOptions::default()).unwrap();
        assert_eq!(exact.test.distribution, NullDistribution::Exact);
        let expected = 0.035213682728805637;
        assert!((exact.test.p_value - expected).abs() < 1e-6 * expected, "{}", exact.test.p_value);
    }

    #[test]
    fn the_simulation_agrees_within_its_error_and_says_what_it_is() {
        let table = ContingencyTable::new(3, 3, vec![3, 1, 4, 1, 5, 2, 6, 0, 3]).unwrap();
        let exact = fisher_table(&table, &FisherOptions::default()).unwrap();
        let options = FisherOptions { work_limit: 0, replicates: 20_000, ..FisherOptions::default() };
        let simulated = fisher_table(&table, &options).unwrap();
        assert_eq!(simulated.test.distribution, NullDistribution::Resampled { replicates: 20_000 });
        let error = simulated.monte_carlo_error.unwrap();
        assert!((simulated.test.p_value - exact.test.p_value).abs() < 5.0 * error);
        assert_eq!(fisher_table(&table, &options).unwrap(), simulated);
    }

    #[test]
    fn empty_categories_and_fixed_tables() {
        let fixed = ContingencyTable::new(2, 3, vec![3, 0, 4, 0, 0, 0]).unwrap();
        assert_eq!(fisher_table(&fixed, &FisherOptions::default()).unwrap().test.p_value, 1.0);
        assert!(fisher_table(&ContingencyTable::new(2, 2, vec![0; 4]).unwrap(), &FisherOptions::default()).is_err());
    }
}
