//! The audit: by hand, against brute force (beside the solvers), on simulated honest studies, under mutation.

mod as_reported;
mod by_hand;
mod correct_kinds;
mod correct_p_values;
mod correct_papers;
mod correct_performance;
mod correct_regressions;
mod further_tables;
mod honest;
mod made;
mod mlscorecheck;
mod mutation;
mod needs;
mod recomputed;
mod shipped;
mod study_further;
pub mod study_maker;
mod study_more;
mod study_survival;
mod survival_performance;
