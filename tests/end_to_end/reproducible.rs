//! The same study gives the same bytes: at one thread and at two, in any order of the rows.

use crate::support::program::{Folder, repository, vouch};

const FILES: [&str; 3] = ["results.json", "report.html", "report.pdf"];

#[test]
fn one_thread_two_threads_and_shuffled_rows_give_the_same_bytes() {
    same_bytes("studies/rotterdam-lnm", &["fixtures/rotterdam/rotterdam.csv"]);
}

#[test]
fn so_do_the_shuffled_rows_of_both_files_of_a_study_with_an_external_cohort() {
    same_bytes("studies/breast-rfs", &["fixtures/rotterdam/rotterdam.csv", "fixtures/gbsg/gbsg.csv"]);
}

/// Runs a shipped study at one thread, at two, and with the rows of its tables in another order.
fn same_bytes(study: &str, tables: &[&str]) {
    let folder = Folder::new();
    let read = |path: &str| std::fs::read_to_string(repository().join(path)).unwrap();
    for file in ["study.yaml", "reported.yaml"].map(|name| format!("{study}/{name}")) {
        // Not every study has the numbers of a publication.
        if repository().join(&file).exists() {
            folder.write(&file, &read(&file));
        }
    }
    for table in tables {
        folder.write(table, &read(table));
    }
    let run = |out: &str, threads: &str| {
        let outcome = vouch(&folder.path, &["run", study, "--no-cache", "--out", out, "--threads", threads]);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    };
    run("one", "1");
    run("two", "2");
    for table in tables {
        let text = read(table);
        let mut lines = text.lines();
        let head = lines.next().unwrap();
        let rows: Vec<&str> = lines.collect();
        // A fixed permutation of the rows: 1361 is a prime that divides the length of neither table.
        let shuffled: Vec<&str> = (0..rows.len()).map(|row| rows[(row * 1361 + 17) % rows.len()]).collect();
        folder.write(table, &format!("{head}\n{}\n", shuffled.join("\n")));
    }
    run("shuffled", "2");
    for file in FILES {
        let first = folder.read(&format!("one/{file}"));
        assert!(first == folder.read(&format!("two/{file}")), "{file} differs between one and two threads");
        assert!(first == folder.read(&format!("shuffled/{file}")), "{file} differs when rows are shuffled");
    }
    assert_eq!(folder.read("one/manifest.json"), folder.read("two/manifest.json"));
}

#[test]
fn the_committed_results_are_those_of_the_study() {
    let folder = Folder::new();
    let study = repository().join("studies/rotterdam-lnm");
    let out = folder.path.join("report");
    let outcome = vouch(repository(), &["run", study.to_str().unwrap(), "--no-cache", "--out", out.to_str().unwrap()]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let committed = std::fs::read(repository().join("reports/rotterdam-lnm/results.json")).unwrap();
    assert!(
        folder.read("report/results.json") == committed,
        "reports/rotterdam-lnm is stale: `cargo run --release -- run studies/rotterdam-lnm`, look at the difference, commit it"
    );
}
