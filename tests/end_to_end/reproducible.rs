//! The same study gives the same bytes: at one thread and at two, in any order of the rows.

use crate::support::program::{Folder, repository, vouch};

const FILES: [&str; 3] = ["results.json", "report.html", "report.pdf"];

#[test]
fn one_thread_two_threads_and_shuffled_rows_give_the_same_bytes() {
    let folder = Folder::new();
    let table = std::fs::read_to_string(repository().join("fixtures/rotterdam/rotterdam.csv")).unwrap();
    let spec = std::fs::read_to_string(repository().join("studies/rotterdam-lnm/study.yaml")).unwrap();
    folder.write("fixtures/rotterdam/rotterdam.csv", &table);
    folder.write("studies/rotterdam-lnm/study.yaml", &spec);
    let run = |out: &str, threads: &str| {
        let outcome = vouch(&folder.path, &["run", "studies/rotterdam-lnm", "--out", out, "--threads", threads]);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    };
    run("one", "1");
    run("two", "2");
    let mut lines: Vec<&str> = table.lines().collect();
    // A fixed permutation of the rows: 1361 and 2982 have no common factor.
    let rows: Vec<&str> = lines.drain(1..).collect();
    let shuffled: Vec<&str> = (0..rows.len()).map(|row| rows[(row * 1361 + 17) % rows.len()]).collect();
    folder.write("fixtures/rotterdam/rotterdam.csv", &format!("{}\n{}\n", lines[0], shuffled.join("\n")));
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
    let outcome = vouch(repository(), &["run", study.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let committed = std::fs::read(repository().join("reports/rotterdam-lnm/results.json")).unwrap();
    assert!(
        folder.read("report/results.json") == committed,
        "reports/rotterdam-lnm is stale: `cargo run --release -- run studies/rotterdam-lnm`, look at the difference, commit it"
    );
}
