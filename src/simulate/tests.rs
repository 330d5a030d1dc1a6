use super::*;
use crate::data::image::dual_energy::Energies;
use crate::simulate::parameters::Reason;

fn cohort(patients: usize, signal: bool, seed: u64) -> Vec<Patient> {
    draw_patients(&Parameters::pdac_dect().unwrap(), patients, signal, Seed::from_study(seed))
}

fn analysed(patients: &[Patient]) -> Vec<&Patient> {
    patients.iter().filter(|patient| patient.excluded.is_none()).collect()
}

/// The share of pairs in which the patient with metastasis has the higher value, ties counted half.
fn auc(patients: &[&Patient], value: impl Fn(&Patient) -> f64) -> f64 {
    let (mut pairs, mut won) = (0.0, 0.0);
    for positive in patients.iter().filter(|patient| patient.metastasis) {
        for negative in patients.iter().filter(|patient| !patient.metastasis) {
            let (high, low) = (value(positive), value(negative));
            pairs += 1.0;
            won += if high > low {
                1.0
            } else if high == low {
                0.5
            } else {
                0.0
            };
        }
    }
    won / pairs
}

#[test]
fn as_many_are_screened_and_stay_as_in_the_paper() {
    let patients = cohort(148, true, 1);
    assert_eq!(patients.len(), 524);
    let kept = analysed(&patients);
    let cutoff = crate::spec::study::days_of_date("2020-01-01").unwrap();
    let count = |late: bool, metastasis: bool| {
        kept.iter().filter(|patient| (patient.enrolled >= cutoff) == late && patient.metastasis == metastasis).count()
    };
    assert_eq!([count(false, false), count(false, true), count(true, false), count(true, true)], [61, 52, 19, 16]);
    let lost = patients.iter().filter(|patient| patient.excluded == Some(Reason::LostToFollowUp)).count();
    assert_eq!(lost, 28);
}

#[test]
fn the_groups_have_the_printed_summaries() {
    let patients = cohort(148, true, 5);
    let kept = analysed(&patients);
    let cutoff = crate::spec::study::days_of_date("2020-01-01").unwrap();
    let group: Vec<&&Patient> =
        kept.iter().filter(|patient| patient.enrolled < cutoff && !patient.metastasis).collect();
    let ages: Vec<f64> = group.iter().map(|patient| patient.numbers["age_years"]).collect();
    assert!((ages.iter().sum::<f64>() / 61.0 - 58.7).abs() < 0.1);
    let mut labs: Vec<f64> = group.iter().map(|patient| patient.numbers["ca19_9_ku_l"]).collect();
    labs.sort_by(f64::total_cmp);
    assert_eq!((labs[0], labs[30], labs[60]), (0.6, 597.1, 8485.2));
    assert_eq!(group.iter().filter(|patient| patient.levels["gender"] == "female").count(), 33);
    let died = kept.iter().filter(|patient| patient.observed.died).count();
    assert_eq!(died, 33 + 43, "41.0% of 80 and 62.9% of 68");
}

#[test]
fn readers_are_as_good_as_printed() {
    let patients = cohort(148, true, 2);
    let kept = analysed(&patients);
    for reader in 0..2 {
        let right = |metastasis: bool| {
            let group = kept.iter().filter(|patient| patient.metastasis == metastasis);
            group.filter(|patient| patient.readers[reader] == metastasis).count()
        };
        assert_eq!(right(true), 47, "68.9% of 68");
        assert_eq!(right(false), 56, "70.6% of 80");
    }
}

#[test]
fn the_planted_signs_are_as_strong_as_stated_and_absent_without_signal() {
    // Phi(1 / sqrt 2) = 0.760 for one sign, Phi(1) = 0.841 for the sum of both.
    let patients = cohort(1480, true, 3);
    let kept = analysed(&patients);
    assert!((auc(&kept, |patient| patient.signs[0]) - 0.760).abs() < 0.01);
    assert!((auc(&kept, |patient| patient.signs[0] + patient.signs[1]) - 0.841).abs() < 0.02);
    let patients = cohort(1480, false, 3);
    let kept = analysed(&patients);
    // The standard error of an AUC of 0.5 with 800 and 680 subjects is 0.015.
    let by_chance = |value: &dyn Fn(&Patient) -> f64| (auc(&kept, value) - 0.5).abs() < 4.0 * 0.0151;
    assert!(by_chance(&|patient| patient.signs[0] + patient.signs[1]));
    assert!(by_chance(&|patient| patient.numbers["glucose_mmol_l"]));
    assert!(by_chance(&|patient| f64::from(u8::from(patient.readers[0]))));
}

#[test]
fn what_is_in_a_voxel_comes_back_from_its_two_energies() {
    let energies = Energies { low: 65.0, high: 100.0 };
    let tissue = phantom::Content { water: 1.035, iodine: 2.3, adipose: 0.0 };
    let hu = |kev| tissue.hu(phantom::Attenuation::at(kev));
    let found = energies.decompose(hu(65.0), hu(100.0));
    assert!((found.iodine - 2.3).abs() < 1e-12 && (found.water - 1.035).abs() < 1e-12);
    assert!((found.hu(40.0) - hu(40.0)).abs() < 1e-9);
}

#[test]
fn a_phantom_of_known_iodine_gives_it_back_within_noise() {
    let mut parameters = Parameters::pdac_dect().unwrap();
    parameters.tissues.aorta.iodine_deviation = 0.0;
    let patients = draw_patients(&parameters, 12, true, Seed::from_study(1));
    let patient = analysed(&patients)[0];
    let phantom = Phantom::new(&parameters, patient, Seed::from_study(9));
    let [low, high] = [0, 1].map(|index| phantom.measured(&parameters.images.series[index], Seed::from_study(9)));
    let energies = Energies { low: 65.0, high: 100.0 };
    let voxels: Vec<f64> = (0..low.len())
        .filter(|voxel| phantom.labels[*voxel] == phantom::AORTA)
        .map(|voxel| energies.decompose(f64::from(low[voxel]), f64::from(high[voxel])).iodine)
        .collect();
    let n = voxels.len() as f64;
    let mean = voxels.iter().sum::<f64>() / n;
    // Noise of 11 and 9 HU, divided by the 19.2 HU that 1 mg/ml adds between the energies: 0.74 mg/ml a voxel.
    assert!((mean - 5.2).abs() < 4.0 * 0.74 / n.sqrt(), "{mean} of {n} voxels");
}
