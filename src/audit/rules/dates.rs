use super::Rule;
use crate::audit::finding::{Sink, Verdict};
use crate::audit::reported::Reported;
pub const RULE: Rule = Rule { code: "V902", name: "dates", checks: "", why: "", example: "", silent: "", strongest: Verdict::Cosmetic, run };
fn run(_: &Reported, _: &mut Sink) {}
