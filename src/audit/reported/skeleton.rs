//! The commented file that `vouch audit --new` writes.

/// A `reported/1` file to fill in. It reads without a problem as it stands.
pub fn skeleton() -> String {
    SKELETON.to_string()
}

const SKELETON: &str = r#"# What a paper prints, as it prints it. Delete what the paper does not have; a short paper needs a short file.
# * Quote every number with decimals: "0.90" is not 0.9. Whole numbers need no quotes.
# * `at:` (abstract, table 2, ...), `note:` and `label:` may stand on any mapping.
# * Correct nothing. "NA", "NS" and "-" mean that nothing is printed.
# * A section has any name you like; `kind:` says what it is. A section named after its kind needs none.
schema: reported/1

source: {title: "First author, journal, year"}

# What the paper says in words and a check may use. All of it can be left out.
# assume: {ties: none, ci_method: delong, rounding: half_up, source: partial}

# Sets of subjects. `parts` are disjoint sets that make up a whole; `partition` are counts that add up to n.
cohorts:
  development: {n: 120, positive: 45, negative: 75}
  validation: {n: 40}

# Subjects from step to step. `from` minus `excluded` is n; `parts` add up to n.
flow:
  screened: 180
  included: {n: 160, from: screened, excluded: {no_consent: 12, no_image: 8}, parts: [development, validation]}

# Shares in running text: count of `of`, percent; `p` when they are compared, `stated_test` when the test is named.
in_the_text:
  kind: counts
  women: {count: 70, of: 160, percent: "43.8"}

# A baseline table. A categorical cell is [count, "percent"] or "12/40 (30.0)"; a mean is ["mean", "sd"]; a median is
# ["median", "lower", "upper"] (median_iqr or median_range). `p` is one text, or one for each group of p_columns. A row may
# have `smd:`, and the statistic of its test as `t:`, `chi_squared:`, `f:` or `z:` with `df:`.
table_1:
  kind: baseline
  columns:
    - {id: dev, cohort: development, n: 120}
    - {id: val, cohort: validation, n: 40}
    # - {id: total, n: 160, sum_of: [dev, val]}
  p_columns: {all: [dev, val]}
  stated_tests: {categorical: chi_squared, continuous: t_test}
  rows:
    - {id: age, type: mean_sd, cells: {dev: ["61.2", "9.8"], val: ["60.7", "10.1"]}, smd: "0.05", p: "0.78"}
    - id: stage                     # overlapping: true | false; percent_of: column | row | table | weighted; missing_levels: [unknown]
      type: categorical
      levels:
        early: {dev: [80, "66.7"], val: [25, "62.5"]}
        late: {dev: [40, "33.3"], val: [15, "37.5"]}
      p: "0.63"

# A performance table: model, cohort, metrics. A metric is "0.84", ["0.84", "0.77", "0.91"] with its interval, or
# {value: "0.84", ci: ["0.77", "0.91"], count: 21, of: 25, ci_method: wilson}. Metrics: auc acc sens spec ppv npv f1 kappa
# mcc lr_positive lr_negative dor tp fp fn tn f1_macro brier slope oe ... ; `averaged: folds` (readers, classes, ...) when
# they are means over several, `averaged: no` on a row or a table when they are not: more can then be said.
table_2:
  kind: performance
  models:
    radiomics:
      development: {auc: ["0.86", "0.79", "0.93"], sens: "0.80", spec: "0.80", acc: "0.80"}
      validation: {auc: ["0.81", "0.67", "0.95"]}
    clinical:
      development: {auc: ["0.74", "0.65", "0.83"]}

# P-values of comparisons, against one reference model by cohort, or as `pairs`.
delong:
  kind: comparison
  metric: auc
  test: delong
  reference: radiomics
  p: {development: {clinical: "0.021"}}

# A regression table: or or hr (or `ratio:` of another kind), ci, beta, se, wald or z, p. `type: binary` lets the size of the
# sample be used; `univariable:` and `multivariable:` on a term hold both columns; `p_test: likelihood_ratio`; `ci_level: "90"`
# on the table where it is not 95 %.
table_3:
  kind: regression
  model: logistic                   # or cox, linear
  cohort: development
  terms:
    - {id: late_stage, type: binary, or: "2.41", ci: ["1.12", "5.19"], p: "0.025"}

# Statistics of tests in running text.
tests:
  items:
    - {id: marker, t: "2.31", df: 98, p: "0.023"}

# Survival at times (in percent; with its interval a rate is ["92.5", "86.6", "98.4"]), events, medians.
survival:
  times: [1, 3]
  groups:
    low_risk: {n: 80, events: 20, rates: ["92.5", "77.0"]}
    high_risk: {n: 80, events: 41, rates: ["80.1", "52.3"]}
  hr: {value: "2.60", ci: ["1.53", "4.43"], of: high_risk, against: low_risk}
  test: log_rank
  p: "<0.001"

# How survival models perform: harrell_c uno_c auc oe slope ici e50 e90 emax brier ipa ...; a time may stand in the key
# (auc_3y) or in `horizon`. Observed and expected are the two whose ratio is O/E; net benefit is by threshold.
survival_models:
  kind: survival_performance
  horizon: 3 years
  ci_method: {oe: wald_log, slope: wald}   # wald is even about the estimate; wald_log on the scale of the logarithm
  models:
    radiomics:
      validation:
        n: 40
        events: 18
        harrell_c: ["0.71", "0.60", "0.82"]
        observed: "0.45"
        expected: "0.41"
        oe: ["1.10", "0.69", "1.74"]
        slope: ["0.93", "0.42", "1.44"]
        brier: "0.206"
        null_brier: "0.247"
        ipa: "0.166"
        net_benefit: {"0.20": {model: "0.33", treat_all: "0.31"}}

# Two readings crossed; two readings of which only some counts are printed; risk groups; a prediction equation.
crossed:
  kind: cross_table
  same_levels: true
  test: mcnemar
  columns: [negative, positive]
  rows: {negative: {cells: [40, 8], total: 48}, positive: [3, 32]}
  kappa: "0.73"
with_aid:
  kind: paired
  test: mcnemar
  sensitivity: {n: 35, both: 24, only_first: 2, only_second: 7, neither: 2, p: "0.18"}
risk_groups:
  kind: cutoffs
  n: 120
  rows: {low: {n: 60, events: 5, rate: "8.3"}, high: {n: 60, events: 40, rate: "66.7"}}
score:
  kind: equation
  link: logistic
  intercept: "-4.10"
  terms: {age: "0.031", late_stage: "0.85"}
  examples: [{values: {age: 65, late_stage: 1}, linear_predictor: "-1.235", probability: "0.225"}]

# A figure printed again elsewhere.
restated:
  - {at: abstract, model: radiomics, cohort: validation, auc: ["0.81", "0.67", "0.95"]}

# What is said in words: greater, lower, maximum, significantly_better, no_significant_difference, independent_predictor,
# selected_below (variables, table, p), more, ratio_of, difference_of (of: two JSON pointers, value).
claims:
  - {id: best, kind: greater, metric: auc, models: [radiomics], than: [clinical], cohort: development}

dates:
  - {id: enrolment, span: "2016-08/2020-10"}

# Anything else worth keeping; it is not checked.
other:
  kind: facts
  software: "R 4.3.1"
"#;
