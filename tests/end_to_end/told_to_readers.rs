//! What a reader has to be told at the top, and in readers' words: who is judged by subjects that fitted, what could not be
//! computed, which values were made up, and how columns came about.

use crate::support::program::{Folder, repository, vouch};
use serde_json::Value;

const STUDY: &str = r#"schema: study/1
id: told
title: What a reader is told
seed: 3
data: {path: rotterdam.csv, id: pid}
cohort:
  derive:
    stop: CASE WHEN recur = 0 AND death = 1 AND rtime < dtime THEN dtime ELSE rtime END
    decade: CASE WHEN age < 42 THEN 'a' WHEN age < 48 THEN 'b' WHEN age < 55 THEN 'c' WHEN age < 62 THEN 'd' WHEN age < 70 THEN 'e' ELSE 'f' END
    gap: CASE WHEN pid IN (20, 40, 60) THEN NULL ELSE nodes END
  exclude: [{id: others, says: No number divisible by 20, where: pid % 20 <> 0}]
  missing: {cases: impute}
variables:
  age: {label: Age, unit: years, kind: continuous}
  gap: {label: "Nodes, some missing", kind: continuous}
  hormon: {label: Hormonal treatment, kind: categorical, levels: {0: "No", 1: "Yes"}}
  er: {label: Oestrogen receptor, kind: continuous}
  decade:
    label: Age group
    kind: ordinal
    levels: {a: Below 42, b: 42 to 47, c: 48 to 54, d: 55 to 61, e: 62 to 69, f: 70 and above}
outcomes:
  small: {kind: binary, label: Small tumour, positive: "size = '<=20'"}
  relapse: {kind: survival, label: Relapse, time: stop, unit: days, event: recur = 1, report_in: years}
  dead: {kind: survival, label: Death, time: stop, unit: days, event: death = 1, report_in: years}
split: {validation: {fraction: 0.5}}
models:
  logit: {kind: logistic, label: Logistic model, outcome: small, predictors: [age, gap]}
  cs: {kind: cox, label: Cox model, outcome: relapse, predictors: [er, decade]}
statistics:
  perf: {kind: performance, outcome: small, partitions: [training, validation], threshold: {rule: youden}, metrics: [sensitivity]}
  groups: {kind: kaplan_meier, outcome: relapse, groups: {by: threshold, model: logit, of: perf}, partitions: [all], rates_at: [2]}
  far: {kind: survival_performance, outcome: relapse, partitions: [validation], horizon: 15}
  reg: {kind: regression, outcome: small, partition: all, terms: [age, gap]}
  ci: {kind: cumulative_incidence, outcome: relapse, competing: [dead], groups: {by: variable, variable: hormon}, partitions: [all], rates_at: [2]}
report:
  checklists: [tripod_ai]
  show:
    - {item: model_table, caption: The models}
    - {item: performance_table, of: perf, caption: Performance}
    - {item: survival_figure, of: groups, caption: Relapse by score}
    - {item: survival_performance_table, of: far, caption: The Cox model}
    - {item: regression_table, of: reg, caption: Odds ratios}
    - {item: regression_forest_figure, of: reg, caption: Odds ratios}
    - {item: incidence_figure, of: ci, caption: Incidence of relapse}
    - {item: incidence_table, of: ci, caption: Incidence of relapse}
"#;

struct Ran {
    folder: Folder,
    results: Value,
    stderr: String,
    code: i32,
}

fn run(study: &str) -> Ran {
    let folder = Folder::new();
    std::fs::copy(repository().join("fixtures/rotterdam/rotterdam.csv"), folder.path.join("rotterdam.csv")).unwrap();
    folder.write("study.yaml", study);
    let outcome = vouch(&folder.path, &["run", ".", "--out", "report"]);
    let results =
        serde_json::from_str(&folder.read_text("report/results.json")).unwrap_or_else(|_| panic!("{}", outcome.stderr));
    Ran { folder, results, stderr: outcome.stderr, code: outcome.code }
}

impl Ran {
    /// The messages of the notices with this code.
    fn notices(&self, code: &str) -> Vec<&str> {
        let all = self.results["notices"].as_array().unwrap();
        all.iter().filter(|notice| notice["code"] == code).map(|notice| notice["message"].as_str().unwrap()).collect()
    }

    fn notice(&self, code: &str) -> &str {
        let found = self.notices(code);
        assert_eq!(found.len(), 1, "{code}: {:?}", self.results["notices"]);
        found[0]
    }

    fn page(&self) -> String {
        self.folder.read_text("report/report.html")
    }
}

/// Subjects with both events, of every twentieth: each has them at one time.
fn tied() -> usize {
    let table = std::fs::read_to_string(repository().join("fixtures/rotterdam/rotterdam.csv")).unwrap();
    let rows = table.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
    rows.filter(|row| row[0].parse::<u32>().unwrap() % 20 == 0 && row[12] == "1" && row[14] == "1").count()
}

#[test]
fn what_a_reader_has_to_know_stands_at_the_top() {
    let ran = run(STUDY);
    // The training part's follow-up does not reach fifteen years: the run says that its main part is not there, and so does its code.
    assert_eq!(ran.code, 6, "{}", ran.stderr);
    let lacks = ran.notices("analysis/lacks");
    assert!(lacks.iter().all(|message| message.contains("`far`")) && !lacks.is_empty(), "{lacks:?}");
    assert!(ran.notice("analysis/horizon-beyond-follow-up").contains("15 years"));
    let checked = vouch(&ran.folder.path, &["check", "."]);
    assert!(format!("{}{}", checked.stdout, checked.stderr).contains("follow-up ends at"), "{}", checked.stdout);

    let n = |id: &str| {
        let all = ran.results["partitions"].as_array().unwrap();
        all.iter().find(|partition| partition["id"] == id).unwrap()["n"].as_u64().unwrap()
    };
    let mixed = ran.notice("performance/mixed");
    assert!(mixed.contains("`groups`") && mixed.contains(&format!("{} of its 150 subjects", n("training"))), "{mixed}");
    let simultaneous = ran.notice("analysis/simultaneous-events");
    assert!(tied() > 0 && simultaneous.contains(&format!("{} events come", tied())), "{simultaneous}");
    assert!(ran.notice("analysis/complete-cases").contains("the 147 of 150 subjects"));
    // Two predictors; but one of them has several levels, and for its coefficients there are too few events.
    let few = ran.notice("sample/few-events");
    assert!(few.contains("`cs`") && few.contains("2 predictors with") && few.contains("coefficients"), "{few}");
    assert!(ran.notice("performance/apparent").contains("models and thresholds were fitted there"));
}

#[test]
fn readers_are_told_in_labels_and_numbers_of_tables() {
    let ran = run(STUDY);
    let page = ran.page();
    let notices = &page[page.find("id=\"notices\"").unwrap()..page.find("id=\"cohort\"").unwrap()];
    assert!(notices.contains("Model “Cox model” considers 2 predictors"), "{notices}");
    assert!(notices.contains("The analysis behind Figure 1 takes the whole cohort together"), "{notices}");
    assert!(!notices.contains('`') && !notices.contains("“cs”") && !notices.contains("“far”"), "{notices}");
}

#[test]
fn methods_tell_of_imputed_values_and_derived_columns() {
    let ran = run(STUDY);
    let page = ran.page();
    let median = ran.results["models"][0]["imputed"][0]["value"].as_f64().unwrap();
    let words = format!("“Nodes, some missing” (3 values) by {median}");
    assert!(page.contains(&words), "{words}");
    assert!(page.contains("CASE WHEN recur = 0 AND death = 1 AND rtime &lt; dtime THEN dtime ELSE rtime END"));
    assert!(page.contains("those without a missing value in what it needs are taken (147 of 150)"));
    // Where nothing is imputed, nothing is said to have been.
    let complete = run(&STUDY.replace("cases: impute", "cases: complete"));
    let page = complete.page();
    assert!(page.contains("(complete cases): 3 were. Nothing was imputed."), "{}", complete.stderr);
    assert!(!page.contains("mputation was fitted") && !page.contains("mputation and"));
}

#[test]
fn an_incidence_has_bands_and_numbers_at_risk() {
    let ran = run(STUDY);
    let svg = ran.folder.read_text("report/figures/figure-3.svg");
    assert!(
        svg.contains("risk-table") && svg.contains("No. at risk") && svg.contains("cumulative incidence (%)"),
        "{svg}"
    );
    let all = ran.results["analyses"].as_array().unwrap();
    let ci = all.iter().find(|analysis| analysis["id"] == "ci").unwrap();
    let group = &ci["outcome"]["partitions"][0]["groups"][0];
    let group = if group.is_null() { &ci["partitions"][0]["groups"][0] } else { group };
    assert_eq!(group["at_risk"][0], group["n"], "everybody is at risk at time 0");
    let last = group["curve"].as_array().unwrap().last().unwrap();
    let value = |key: &str| last[key].as_f64().unwrap();
    assert!(value("lower") < value("incidence") && value("incidence") < value("upper"), "{last}");
}

#[test]
fn an_incidence_is_coarsened_where_small_counts_are_withheld() {
    let study = STUDY
        .replace("where: pid % 20 <> 0", "where: pid > 2981")
        .replace("event: death = 1, report_in", "event: recur = 0 AND death = 1, report_in")
        .replace("report:\n", "report:\n  privacy: {minimum_cell: 10}\n");
    let ran = run(&study);
    let text = ran.folder.read_text("report/results.json");
    let all = ran.results["analyses"].as_array().unwrap();
    let ci = all.iter().find(|analysis| analysis["id"] == "ci").unwrap();
    let ci = if ci["outcome"].is_object() { &ci["outcome"] } else { ci };
    let groups = ci["partitions"][0]["groups"].as_array().unwrap_or_else(|| panic!("withheld whole: {text}"));
    for group in groups {
        let curve = group["curve"].as_array().unwrap();
        assert!(curve.len() > 5 && curve.len() < 100, "{} points", curve.len());
        assert!(group["at_risk"].as_array().unwrap().iter().all(|count| count.as_u64().unwrap() >= 10));
    }
    assert!(ran.notices("analysis/tied-events").is_empty(), "a definition that leaves the other out has no ties");
}

/// Everybody, a Cox analysis of death without relapse, and a Cox model; small groups of the rest are left out.
fn of_everybody() -> String {
    STUDY
        .replace("where: pid % 20 <> 0", "where: age < 0")
        .replace("event: death = 1, report_in", "event: death = 1 AND recur = 0, report_in")
        .replace(
            "  reg: {kind",
            "  hr: {kind: cox, outcome: dead, partition: all, terms: [age, er, hormon]}\n  reg: {kind",
        )
        .replace("horizon: 15", "horizon: 5")
        .replace("gap: CASE WHEN pid IN (20, 40, 60) THEN NULL ELSE nodes END", "gap: nodes")
}

#[test]
fn a_hazard_ratio_was_printed_as_constant_where_its_hazards_are_not() {
    let ran = run(&of_everybody());
    let told = ran.notices("analysis/hazards-not-proportional");
    // cox.zph of R: global P = 0.024; age 0.136, er 0.004, hormon 0.962.
    let of_analysis = told.iter().find(|message| message.contains("the analysis `hr`")).unwrap();
    assert!(of_analysis.contains("(global test: P = 0.024; `er`: P < 0.05)"), "{of_analysis}");
    assert!(of_analysis.contains("a hazard ratio there is an average over follow-up"), "{of_analysis}");
    // Of every Cox fit with a global P below 0.05, and of no other.
    let global = |facts: &Value| {
        let tests = facts["proportional_hazards"].as_array().cloned().unwrap_or_default();
        tests.iter().find(|row| row["term"] == "global").map(|row| row["test"]["p_value"].as_f64().unwrap())
    };
    let analyses = ran.results["analyses"].as_array().unwrap().iter().filter_map(global);
    let models = ran.results["models"].as_array().unwrap().iter().filter_map(|model| global(&model["cox"]));
    assert_eq!(told.len(), analyses.chain(models).filter(|p| *p < 0.05).count(), "{told:?}");
    // The hazards of age alone are proportional (R: P = 0.14).
    let proportional = run(&of_everybody().replace("terms: [age, er, hormon]", "terms: [age]"));
    let told = proportional.notices("analysis/hazards-not-proportional");
    assert!(!told.iter().any(|message| message.contains("`hr`")), "{told:?}");
}

#[test]
fn a_validation_part_of_six_was_the_judge() {
    let small = STUDY.replace("fraction: 0.5", "fraction: 0.04").replace("horizon: 15", "horizon: 2");
    let ran = run(&small);
    let facts = ran.results["partitions"].as_array().unwrap().iter().find(|part| part["id"] == "validation").unwrap();
    let outcomes = facts["outcomes"].as_array().unwrap();
    let with = |id: &str| outcomes.iter().find(|outcome| outcome["outcome"] == id).unwrap()["events"].as_u64().unwrap();
    let (n, cases) = (facts["n"].as_u64().unwrap(), with("small"));
    let told = ran.notices("performance/small-part");
    assert_eq!(told.len(), 2, "one for either outcome: {told:?}");
    let words = format!("In `validation`: {cases} subject");
    assert!(told[0].starts_with(&words) && told[0].contains(&format!("`small`, {} without", n - cases)), "{told:?}");
    assert!(told[1].contains(&format!("{} event", with("relapse"))) && told[1].contains("fewer than 10."), "{told:?}");
    let apparent = ran.notice("performance/apparent");
    assert!(apparent.ends_with("The validation part is too small to judge them by."), "{apparent}");
    // Of half the subjects there are enough, and small counts are not told where they are withheld.
    let half = run(STUDY);
    assert!(half.notices("performance/small-part").is_empty(), "{:?}", half.results["notices"]);
    assert!(half.notice("performance/apparent").ends_with("Judge them by the validation part."));
    let withheld = run(&small.replace("report:\n", "report:\n  privacy: {minimum_cell: 10}\n"));
    let told = withheld.notices("performance/small-part");
    assert!(told.iter().all(|message| message.contains("fewer than 10")) && told.len() == 2, "{told:?}");
    assert!(!told.iter().any(|message| message.contains("without. No") && !message.contains("fewer than 10 without")));
}

#[test]
fn a_criterion_that_reads_what_happened_afterwards_is_named() {
    let selects = "[{id: early, says: Followed for two months, where: rtime < 60}, {id: others, says";
    let ran = run(&STUDY.replace("[{id: others, says", selects));
    let told = ran.notice("cohort/selects-on-outcome");
    assert!(told.contains("The criterion `early` reads `rtime`"), "{told}");
    assert!(told.contains("the outcomes `relapse` and `dead` are made"), "through the derived column: {told}");
    assert!(ran.page().contains("“Followed for two months” reads “rtime”"), "in the words of the flow");
    // Whether an outcome is missing must be asked.
    let asks = "[{id: unknown, says: Not followed, where: rtime IS NULL}, {id: others, says";
    assert!(run(&STUDY.replace("[{id: others, says", asks)).notices("cohort/selects-on-outcome").is_empty());
}

#[test]
fn that_a_competing_event_is_censored_elsewhere_is_said() {
    let ran = run(&STUDY
        .replace("  reg: {kind", "  hr: {kind: cox, outcome: relapse, partition: all, terms: [age]}\n  reg: {kind"));
    let told = ran.notice("analysis/competing-censored");
    for words in ["`groups` and `hr` of `relapse`", "the competing event `dead`", "cause-specific", "is not the share"]
    {
        assert!(told.contains(words), "{words}: {told}");
    }
    let without =
        STUDY.lines().filter(|line| !line.contains("ci: {kind") && !line.contains("of: ci")).collect::<Vec<_>>();
    assert!(run(&(without.join("\n") + "\n")).notices("analysis/competing-censored").is_empty());
}
