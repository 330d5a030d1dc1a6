//! What an audit says: findings with their evidence, and for everything else that was looked at, why it is no finding.

use super::reported::Reported;
use super::statement::Statement;
use serde::Serialize;
use std::collections::BTreeSet;

/// The strength of a statement, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// No data at all print these numbers together, however they are rounded.
    Impossible,
    /// The numbers do not follow from each other by any method that the audit knows for them.
    Inconsistent,
    /// They can be, but hardly ever are: a question to the authors.
    Implausible,
    /// A last digit, a misprint that changes nothing.
    Cosmetic,
    /// Something that is not printed would decide.
    Undecidable,
    /// The check does not concern these numbers.
    NotApplicable,
    Pass,
}

impl Verdict {
    pub const ALL: [Verdict; 7] = [
        Verdict::Impossible,
        Verdict::Inconsistent,
        Verdict::Implausible,
        Verdict::Cosmetic,
        Verdict::Undecidable,
        Verdict::NotApplicable,
        Verdict::Pass,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Verdict::Impossible => "impossible",
            Verdict::Inconsistent => "inconsistent",
            Verdict::Implausible => "implausible",
            Verdict::Cosmetic => "cosmetic",
            Verdict::Undecidable => "undecidable",
            Verdict::NotApplicable => "not applicable",
            Verdict::Pass => "pass",
        }
    }

    /// Reads the word that `--fail-on` takes.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.word() == word)
    }

    /// One of the four that are findings.
    pub fn is_finding(self) -> bool {
        self <= Verdict::Cosmetic
    }
}

/// A change to one printed number that would make the numbers agree. A hypothesis, never a correction.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hypothesis {
    /// In words: "sensitivity 0.71 read as 0.69".
    pub says: String,
    pub leaf: Option<usize>,
    /// The text that would agree.
    pub to: Option<String>,
    /// Fewer is more likely: 1 transposition or neighbouring digit, 2 another digit, 3 anything else.
    pub distance: u32,
}

/// A printed range beside the range that the other numbers allow.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RangeFigure {
    pub title: String,
    pub printed_lower: f64,
    pub printed_upper: f64,
    pub estimate: f64,
    pub feasible_lower: f64,
    pub feasible_upper: f64,
}

/// A disagreement between printed numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// Rule and place, stable under edits elsewhere: "V201:table_2/clinical/test".
    pub id: String,
    pub rule: &'static str,
    pub verdict: Verdict,
    /// A minimal set of printed numbers that cannot all stand.
    pub leaves: Vec<usize>,
    /// Further numbers in the same situation.
    pub also: Vec<usize>,
    pub message: String,
    pub evidence: Vec<String>,
    pub assumes: Vec<String>,
    pub hypotheses: Vec<Hypothesis>,
    pub figures: Vec<RangeFigure>,
    pub statement: Statement,
    /// Where the finding is that a P-value is another one than its numbers give.
    #[serde(skip)]
    pub p_values: Option<PValues>,
}

/// A P-value: the range that is printed, and the range of what other printed numbers give.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PValues {
    pub printed: (f64, f64),
    pub recomputed: (f64, f64),
}

impl Finding {
    pub fn new(rule: &'static str, verdict: Verdict, key: &str, leaves: Vec<usize>, message: String) -> Self {
        Self {
            id: format!("{rule}:{key}"),
            rule,
            verdict,
            leaves,
            also: Vec::new(),
            message,
            evidence: Vec::new(),
            assumes: Vec::new(),
            hypotheses: Vec::new(),
            figures: Vec::new(),
            statement: Statement::NotReplayable {
                why: "no plain check of this kind of finding is written".to_string(),
            },
            p_values: None,
        }
    }

    /// Where it is, in the names of the file: section, row, column.
    pub fn key(&self) -> &str {
        self.id.split_once(':').map_or("", |(_, key)| key)
    }

    /// The leaf to point at: the last, because sizes and class counts stand before what depends on them.
    pub fn place(&self) -> Option<usize> {
        self.leaves.last().copied()
    }

    pub fn evidence(mut self, line: impl Into<String>) -> Self {
        self.evidence.push(line.into());
        self
    }

    pub fn assuming(mut self, line: impl Into<String>) -> Self {
        self.assumes.push(line.into());
        self
    }

    /// Readings of one number with which all would agree.
    pub fn supposing(mut self, hypotheses: Vec<Hypothesis>) -> Self {
        self.hypotheses.extend(hypotheses);
        self
    }

    pub fn of_p(mut self, values: PValues) -> Self {
        self.p_values = Some(values);
        self
    }

    pub fn stating(mut self, statement: Statement) -> Self {
        self.statement = statement;
        self
    }
}

/// A check that gave no finding.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Record {
    pub rule: &'static str,
    pub verdict: Verdict,
    pub leaves: Vec<usize>,
    /// What was found to hold, what is missing, or why the check does not apply.
    pub says: String,
}

/// Where the rules put what they have to say.
#[derive(Debug, Default)]
pub struct Sink {
    pub findings: Vec<Finding>,
    pub records: Vec<Record>,
    /// Figures that may be of another kind than a 2 x 2 table's, as V201 asks; `None` until it was run.
    pub asked: Option<BTreeSet<usize>>,
    /// P-values beside what other printed numbers give, not far enough from it for a finding: by section.
    pub compared: Vec<(String, PValues)>,
}

impl Sink {
    /// Undecidable, because the figures may be of another kind: no rule accuses them.
    pub fn question(&mut self, rule: &'static str, leaves: Vec<usize>, says: impl Into<String>) {
        self.asked.get_or_insert_default().extend(&leaves);
        self.undecidable(rule, leaves, says);
    }

    pub fn finding(&mut self, mut finding: Finding) {
        finding.leaves = distinct(finding.leaves);
        finding.also = distinct(finding.also).into_iter().filter(|leaf| !finding.leaves.contains(leaf)).collect();
        self.findings.push(finding);
    }

    /// A P-value that is not quite what other numbers give, in the place of `key`: of many, they show a correction.
    pub fn compare(&mut self, key: &str, values: PValues) {
        self.compared.push((section_of(key).to_string(), values));
    }

    pub fn pass(&mut self, rule: &'static str, leaves: Vec<usize>, says: impl Into<String>) {
        self.record(rule, Verdict::Pass, leaves, says.into());
    }

    pub fn undecidable(&mut self, rule: &'static str, leaves: Vec<usize>, says: impl Into<String>) {
        self.record(rule, Verdict::Undecidable, leaves, says.into());
    }

    pub fn not_applicable(&mut self, rule: &'static str, leaves: Vec<usize>, says: impl Into<String>) {
        self.record(rule, Verdict::NotApplicable, leaves, says.into());
    }

    fn record(&mut self, rule: &'static str, verdict: Verdict, leaves: Vec<usize>, says: String) {
        self.records.push(Record { rule, verdict, leaves: distinct(leaves), says });
    }
}

/// The section that a place is in.
pub fn section_of(key: &str) -> &str {
    key.split('/').next().unwrap_or_default()
}

fn distinct(leaves: Vec<usize>) -> Vec<usize> {
    leaves.into_iter().collect::<BTreeSet<usize>>().into_iter().collect()
}

/// What became of one leaf.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LeafCoverage {
    pub path: String,
    pub line: usize,
    pub column: usize,
    pub text: String,
    pub role: super::reported::Role,
    /// Rules that looked at it.
    pub rules: Vec<&'static str>,
    /// The worst that was said about it; `None` when no rule looked.
    pub verdict: Option<Verdict>,
}

/// The outcome of an audit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Audit {
    pub file_name: String,
    pub title: Option<String>,
    /// Worst first, then in the order of the file.
    pub findings: Vec<Finding>,
    pub records: Vec<Record>,
    pub leaves: Vec<LeafCoverage>,
    /// The tables of the paper, for drawing.
    pub tables: Vec<super::output::tables::DrawnTable>,
    /// Every printed number beside the recomputed one, where data are at hand.
    pub recomputed: Option<crate::results::Published>,
}

impl Audit {
    pub(super) fn assemble(reported: &Reported, sink: Sink) -> Self {
        let Sink { mut findings, mut records, .. } = sink;
        findings.sort_by(|a, b| {
            (a.verdict, a.rule, a.leaves.first(), &a.id).cmp(&(b.verdict, b.rule, b.leaves.first(), &b.id))
        });
        records.sort_by(|a, b| (a.rule, a.leaves.first(), a.verdict).cmp(&(b.rule, b.leaves.first(), b.verdict)));
        let mut leaves: Vec<LeafCoverage> = reported
            .leaves
            .iter()
            .map(|leaf| LeafCoverage {
                path: leaf.path.clone(),
                line: leaf.line,
                column: leaf.column,
                text: leaf.text.clone(),
                role: leaf.role,
                rules: Vec::new(),
                verdict: None,
            })
            .collect();
        let mut touch = |index: usize, rule: &'static str, verdict: Verdict| {
            if let Some(leaf) = leaves.get_mut(index) {
                if !leaf.rules.contains(&rule) {
                    leaf.rules.push(rule);
                    leaf.rules.sort_unstable();
                }
                // A pass says more than "not applicable": it wins; a finding wins over all.
                let rank = |v: Verdict| match v {
                    Verdict::Pass => 4,
                    Verdict::Undecidable => 5,
                    Verdict::NotApplicable => 6,
                    finding => finding as u8,
                };
                leaf.verdict =
                    Some(leaf.verdict.map_or(verdict, |v| if rank(verdict) < rank(v) { verdict } else { v }));
            }
        };
        for finding in &findings {
            finding.leaves.iter().chain(&finding.also).for_each(|&leaf| touch(leaf, finding.rule, finding.verdict));
        }
        for record in &records {
            record.leaves.iter().for_each(|&leaf| touch(leaf, record.rule, record.verdict));
        }
        Self {
            file_name: reported.file_name.clone(),
            title: reported.title.clone(),
            findings,
            records,
            leaves,
            tables: super::output::tables::draw(reported),
            recomputed: None,
        }
    }

    pub fn count(&self, verdict: Verdict) -> usize {
        if verdict.is_finding() {
            self.findings.iter().filter(|finding| finding.verdict == verdict).count()
        } else {
            self.records.iter().filter(|record| record.verdict == verdict).count()
        }
    }

    /// Is there a finding at least as strong as `threshold`?
    pub fn fails(&self, threshold: Verdict) -> bool {
        self.findings.iter().any(|finding| finding.verdict <= threshold)
    }

    pub fn finding(&self, id: &str) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.id == id)
    }
}
