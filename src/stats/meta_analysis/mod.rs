//! Results of several sites put together, from their estimates and standard errors alone.
//!
//! A probability-like measure (an AUC, a C index) is pooled on the logit scale and a ratio on the log scale, where its
//! distribution is nearer to a normal one; [`transform`] takes estimates there and back.

pub mod heterogeneity;
pub mod random_effects;
pub mod transform;
