//! The forest of subgroups: the AUC of one or two models within the levels of each variable, with the test of interaction.

use super::Drawing;
use super::forest_sides::{self, Forest, Line, Mark, limits};
use super::panel::Scale;
use crate::report::number::{self, Style};
use crate::results::{Results, SubgroupAnalysis, SubgroupRow};

/// More models than this would leave their plots no room.
const MODELS: usize = 2;

pub fn draw(analysis: &SubgroupAnalysis, results: &Results) -> Drawing {
    let models: Vec<&str> = analysis.models.iter().map(String::as_str).take(MODELS).collect();
    let shown = |row: &&SubgroupRow| models.contains(&row.model.as_str());
    let rows = || analysis.rows.iter().filter(shown);
    let aucs = || rows().filter_map(|row| row.auc.as_ref());
    let overall = models.iter().map(|model| {
        let all = analysis.rows.iter().find(|row| row.model == *model && row.variable.is_none())?;
        all.auc.as_ref().map(|auc| auc.value)
    });
    let lowest = aucs().filter_map(limits).map(|(lower, _)| lower).fold(0.5, f64::min);
    // To the tenth below, and no AUC is below 0.
    let low = ((10.0 * lowest).floor() / 10.0).max(0.0);
    let scale = Scale::linear(low, 1.0);
    let mut note = format!(
        "Dashed: all subjects. Beside each variable: P of interaction (heterogeneity of the AUCs, Cochran’s Q). {} in {}.",
        super::outcome_label(results, &analysis.outcome),
        super::partition_label(results, &analysis.partition)
    );
    if analysis.models.len() > MODELS {
        note.push_str(&format!(" The first {MODELS} of {} models; all are in the table.", analysis.models.len()));
    }
    forest_sides::draw(Forest {
        heads: models.iter().map(|model| super::model_label(results, model).to_string()).collect(),
        first_head: "Subgroup",
        estimate_head: format!("AUC ({} CI)", number::level(analysis.level)),
        last_head: "n, P",
        groups: groups(analysis, &models, results),
        scale,
        ticks: vec![
            (0..=10).map(|tenth| f64::from(tenth) / 10.0).collect(),
            (0..=5).map(|fifth| f64::from(fifth) / 5.0).collect(),
            vec![0.0, 0.5, 1.0],
        ],
        axis_name: if models.len() == 1 {
            format!("AUC, {}", super::model_label(results, models[0]))
        } else {
            "AUC".to_string()
        },
        lines_at: overall.collect(),
        note,
        alternative_text: describe(analysis, results),
        data: data(analysis, results),
    })
}

fn groups(analysis: &SubgroupAnalysis, models: &[&str], results: &Results) -> Vec<Vec<Line>> {
    let marks = |variable: Option<&str>, level: Option<&str>| {
        let find = |model: &&str| {
            let fits = |row: &&SubgroupRow| {
                row.model == *model && row.variable.as_deref() == variable && row.level.as_deref() == level
            };
            analysis.rows.iter().find(fits).and_then(mark)
        };
        models.iter().map(find).collect::<Vec<_>>()
    };
    let all = Line::Term { label: "All subjects".to_string(), indented: false, marks: marks(None, None) };
    let mut groups = vec![vec![all]];
    for variable in &analysis.variables {
        let interaction = |model: &&str| {
            let found = analysis.interactions.iter().find(|row| row.model == *model && row.variable == *variable);
            found.and_then(|row| row.auc.as_ref()).map_or_else(String::new, |test| number::p_equals(test.p_value))
        };
        let label = results.variable(variable).map_or(variable.as_str(), |facts| facts.label.as_str());
        let mut lines = vec![Line::Head { label: label.to_string(), last: models.iter().map(interaction).collect() }];
        let mut levels: Vec<&str> = Vec::new();
        for row in analysis.rows.iter().filter(|row| row.variable.as_ref() == Some(variable)) {
            if let Some(level) = row.level.as_deref().filter(|level| !levels.contains(level)) {
                levels.push(level);
            }
        }
        lines.extend(levels.into_iter().map(|level| Line::Term {
            label: level.to_string(),
            indented: true,
            marks: marks(Some(variable), Some(level)),
        }));
        groups.push(lines);
    }
    groups
}

fn mark(row: &SubgroupRow) -> Option<Mark> {
    let auc = row.auc.as_ref()?;
    let text = Style::decimals(3).estimate(auc);
    Some(Mark {
        told: format!("AUC {text}, n = {}, {} events", number::count(row.n), number::count(row.events)),
        text,
        last: number::count(row.n),
        value: auc.value,
        limits: limits(auc),
        weight: auc.standard_error.filter(|error| *error > 0.0).map_or(0.0, |error| 1.0 / error),
    })
}

fn describe(analysis: &SubgroupAnalysis, results: &Results) -> String {
    let variables: Vec<&str> = analysis
        .variables
        .iter()
        .map(|name| results.variable(name).map_or(name.as_str(), |facts| facts.label.as_str()))
        .collect();
    format!(
        "Forest plot of areas under the curve for {} in {}, within the levels of {}. All values are in the table.",
        super::outcome_label(results, &analysis.outcome),
        super::partition_label(results, &analysis.partition),
        variables.join(", ")
    )
}

fn data(analysis: &SubgroupAnalysis, results: &Results) -> super::DataTable {
    let rows = analysis.rows.iter().map(|row| {
        let variable = row
            .variable
            .as_deref()
            .map_or("All subjects", |name| results.variable(name).map_or(name, |facts| facts.label.as_str()));
        vec![
            super::model_label(results, &row.model).to_string(),
            variable.to_string(),
            row.level.clone().unwrap_or_default(),
            number::count(row.n),
            number::count(row.events),
            row.auc.as_ref().map_or_else(|| number::ABSENT.to_string(), |auc| Style::decimals(3).estimate(auc)),
        ]
    });
    let head = format!("AUC ({} CI)", number::level(analysis.level));
    super::table(&["Model", "Variable", "Level", "n", "Events", &head], rows.collect())
}
