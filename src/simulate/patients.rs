//! The patients: who is screened, who is excluded why, what is known of those who stay.

use super::draw;
use super::parameters::{Group, Parameters, Reason};
use super::survival::{Observed, Subject, observe};
use crate::spec::study::days_of_date;
use crate::stats::random::Seed;
use indexmap::IndexMap;

const DAYS_IN_MONTH: f64 = 365.25 / 12.0;

#[derive(Clone, Debug)]
pub struct Patient {
    pub id: String,
    /// Days since 1970-01-01.
    pub enrolled: i64,
    pub surgery: i64,
    /// Why the patient is not analysed.
    pub excluded: Option<Reason>,
    /// What clinical variables, readers and images are drawn by. It is the status by pathology, unless there is no signal.
    pub looks_metastatic: bool,
    /// By pathology.
    pub metastasis: bool,
    pub numbers: IndexMap<String, f64>,
    pub levels: IndexMap<String, String>,
    pub observed: Observed,
    pub readers: [bool; 2],
    /// The two planted signs around the tumour, in standard deviations.
    pub signs: [f64; 2],
    pub months_without_contact: f64,
    /// In the test set by date.
    is_late: bool,
}

/// `analysed` patients stay of all that are screened. Without `signal`, the status by pathology is dealt out at random
/// within each set, so that nothing but survival has to do with it.
pub fn draw_patients(parameters: &Parameters, analysed: usize, signal: bool, seed: Seed) -> Vec<Patient> {
    let weights: Vec<usize> = parameters.groups.iter().map(|group| group.patients).collect();
    let total: usize = weights.iter().sum();
    let mut patients = Vec::new();
    for (index, n) in draw::shares(&weights, analysed).into_iter().enumerate() {
        patients.extend(draw_group(parameters, index, n, seed.child("included")));
    }
    let reasons: Vec<usize> = parameters.excluded.iter().map(|excluded| excluded.patients).collect();
    let others = (reasons.iter().sum::<usize>() * analysed + total / 2) / total;
    let mut left_out = Vec::new();
    for (index, n) in draw::shares(&weights, others).into_iter().enumerate() {
        left_out.extend(draw_group(parameters, index, n, seed.child("excluded")));
    }
    let dealt = draw::positions(&reasons, left_out.len(), seed.child("reasons"));
    for (patient, position) in left_out.iter_mut().zip(dealt) {
        exclude(patient, parameters.excluded[position].reason, seed.child("reasons"));
    }
    patients.extend(left_out);
    if !signal {
        deal_status(&mut patients, seed.child("status"));
    }
    for is_included in [true, false] {
        let name = if is_included { "included" } else { "excluded" };
        follow(parameters, &mut patients, is_included, seed.child("survival").child(name));
        read(parameters, &mut patients, is_included, seed.child("readers").child(name));
    }
    number(&mut patients, seed.child("order"));
    patients
}

fn draw_group(parameters: &Parameters, index: usize, n: usize, seed: Seed) -> Vec<Patient> {
    let group = &parameters.groups[index];
    let seed = seed.child(&group.id);
    let mut patients = days(group, n, seed.child("enrolled"));
    for (name, rule) in &parameters.mean_and_deviation {
        let values = draw::mean_and_deviation(rule, index, n, seed.child(name));
        put(&mut patients, name, values, rule.digits);
    }
    for (name, rule) in &parameters.median_and_range {
        put(&mut patients, name, draw::median_and_range(rule.cells[index], n, seed.child(name)), rule.digits);
    }
    for (name, levels) in &parameters.counts {
        let weights: Vec<usize> = levels.values().map(|counts| counts[index]).collect();
        for (patient, position) in patients.iter_mut().zip(draw::positions(&weights, n, seed.child(name))) {
            if let Some((level, _)) = levels.get_index(position) {
                patient.levels.insert(name.clone(), level.clone());
            }
        }
    }
    let shift = parameters.signal.standardised_difference * if group.metastasis { 0.5 } else { -0.5 };
    for sign in 0..2 {
        let values = draw::standard_normal(n, seed.child("sign").replicate(sign as u64));
        for (patient, value) in patients.iter_mut().zip(values) {
            patient.signs[sign] = value + shift;
        }
    }
    patients
}

fn put(patients: &mut [Patient], name: &str, values: Vec<f64>, digits: usize) {
    for (patient, value) in patients.iter_mut().zip(values) {
        patient.numbers.insert(name.to_string(), rounded(value, digits));
    }
}

fn rounded(value: f64, digits: usize) -> f64 {
    let factor = 10f64.powi(digits as i32);
    (value * factor).round() / factor
}

/// Patients spread evenly over the time of accrual; surgery follows within a month.
fn days(group: &Group, n: usize, seed: Seed) -> Vec<Patient> {
    let day = |text: &str| days_of_date(text).unwrap_or_default();
    let (first, last) = (day(&group.first_day), day(&group.last_day));
    let mut stream = seed.stream();
    (0..n)
        .map(|index| {
            let share = (index as f64 + stream.unit()) / n as f64;
            let enrolled = first + (share * (last - first + 1) as f64) as i64;
            let surgery = enrolled + 1 + stream.below(28) as i64;
            Patient {
                id: String::new(),
                enrolled,
                surgery,
                excluded: None,
                looks_metastatic: group.metastasis,
                metastasis: group.metastasis,
                numbers: IndexMap::new(),
                levels: IndexMap::new(),
                observed: Observed { months: 0.0, died: false },
                readers: [false; 2],
                signs: [0.0; 2],
                months_without_contact: stream.below(6) as f64,
                is_late: group.id.starts_with("test"),
            }
        })
        .collect()
}

fn exclude(patient: &mut Patient, reason: Reason, seed: Seed) {
    patient.excluded = Some(reason);
    match reason {
        Reason::LostToFollowUp => {
            let mut stream = seed.replicate(patient.enrolled.unsigned_abs()).stream();
            patient.months_without_contact = 7.0 + stream.below(18) as f64;
        }
        Reason::MissingClinicalData => {
            patient.numbers.shift_remove("ca19_9_ku_l");
            patient.numbers.shift_remove("ggt_u_l");
        }
        Reason::ConventionalImaging | Reason::SystemicTherapy | Reason::MissingImages => {}
    }
}

/// The status by pathology in random order within each set.
fn deal_status(patients: &mut [Patient], seed: Seed) {
    for is_included in [true, false] {
        for is_late in [false, true] {
            let rows: Vec<usize> = (0..patients.len())
                .filter(|row| patients[*row].excluded.is_none() == is_included && patients[*row].is_late == is_late)
                .collect();
            let mut status: Vec<bool> = rows.iter().map(|row| patients[*row].metastasis).collect();
            let name = format!("included {is_included}, late {is_late}");
            seed.child(&name).stream().shuffle(&mut status);
            for (row, metastasis) in rows.into_iter().zip(status) {
                patients[row].metastasis = metastasis;
            }
        }
    }
}

fn follow(parameters: &Parameters, patients: &mut [Patient], is_included: bool, seed: Seed) {
    let survival = &parameters.survival;
    let end = days_of_date(&survival.last_day).unwrap_or_default();
    for metastasis in [false, true] {
        let rows =
            rows_of(patients, |patient| patient.excluded.is_none() == is_included && patient.metastasis == metastasis);
        let subjects: Vec<Subject> = rows
            .iter()
            .map(|row| {
                let patient = &patients[*row];
                let term = |(name, beta): (&String, &f64)| beta * patient.numbers.get(name).copied().unwrap_or(0.0);
                Subject {
                    log_hazard: survival.log_hazards.iter().map(term).sum(),
                    longest_follow_up: (end - patient.surgery).max(1) as f64 / DAYS_IN_MONTH,
                }
            })
            .collect();
        let curve = if metastasis { survival.positive } else { survival.negative };
        let name = if metastasis { "positive" } else { "negative" };
        for (row, observed) in rows.into_iter().zip(observe(&subjects, curve, seed.child(name))) {
            let months = rounded(observed.months, 1).max(0.1);
            patients[row].observed = Observed { months, ..observed };
        }
    }
}

/// Calls of metastasis: as many right ones as printed, by what each reader sees, in which the two agree in part.
fn read(parameters: &Parameters, patients: &mut [Patient], is_included: bool, seed: Seed) {
    let rule = parameters.readers;
    for metastatic in [false, true] {
        let rows = rows_of(patients, |patient| {
            patient.excluded.is_none() == is_included && patient.looks_metastatic == metastatic
        });
        let called = if metastatic { rule.sensitivity } else { 1.0 - rule.specificity };
        let calls = (called * rows.len() as f64).round() as usize;
        let mut stream = seed.child(if metastatic { "positive" } else { "negative" }).stream();
        let shared: Vec<f64> = rows.iter().map(|_| draw::normal(&mut stream)).collect();
        for reader in 0..2 {
            let mut seen: Vec<(f64, usize)> = rows
                .iter()
                .zip(&shared)
                .map(|(row, shared)| {
                    let own = draw::normal(&mut stream);
                    (libm::sqrt(rule.correlation) * shared + libm::sqrt(1.0 - rule.correlation) * own, *row)
                })
                .collect();
            seen.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)));
            for (_, row) in seen.into_iter().take(calls) {
                patients[row].readers[reader] = true;
            }
        }
    }
}

fn rows_of(patients: &[Patient], fits: impl Fn(&Patient) -> bool) -> Vec<usize> {
    (0..patients.len()).filter(|row| fits(&patients[*row])).collect()
}

/// Identifiers in the order of enrolment, as a hospital gives them; of one day in random order.
fn number(patients: &mut [Patient], seed: Seed) {
    seed.stream().shuffle(patients);
    patients.sort_by_key(|patient| patient.enrolled);
    for (index, patient) in patients.iter_mut().enumerate() {
        patient.id = format!("SIM{:04}", index + 1);
    }
}
