//! The words for the user's own data: how far a change has come, what fields are called.

use tidemark_shared::documents::shape::{
    Comparison, Condition, Indicator, Metric, Unit, Word as _,
};
use tidemark_shared::documents::{Draft, Entity, MutationKind};
use tidemark_shared::protocol::Priority;

use super::{Language, Text, fill};
use crate::desk::progress::Progress;

/// How far a change has come.
pub(crate) fn progress(progress: &Progress, language: Language) -> String {
    let text = match progress {
        Progress::Typing => Text::SaveTyping,
        Progress::NotSaved { reason } => {
            return fill(Text::SaveFailed.say(language), &[("reason", reason)]);
        }
        Progress::Saved => Text::SaveHere,
        Progress::Sending => Text::SaveSending,
        Progress::Accepted => Text::SaveAccepted,
        Progress::Everywhere => Text::SaveEverywhere,
        Progress::Conflict => Text::SaveConflict,
        Progress::Rejected => Text::SaveRejected,
        Progress::Expired => Text::SaveExpired,
    };
    text.say(language).to_owned()
}

/// What a field is called; its own name where it is a newer version's.
pub(crate) fn field(name: &str, language: Language) -> &str {
    let text = match name {
        "name" => Text::FieldName,
        "items" => Text::FieldItems,
        "position" => Text::FieldPosition,
        "text" => Text::FieldContent,
        "symbol" => Text::FieldSymbol,
        "metric" => Text::FieldMetric,
        "op" => Text::FieldOp,
        "threshold" => Text::FieldThreshold,
        "unit" => Text::FieldUnit,
        "active" => Text::FieldActive,
        "priority" => Text::FieldPriority,
        "message" => Text::FieldMessage,
        "interval" => Text::FieldInterval,
        "style" => Text::FieldStyle,
        "scale" => Text::FieldScale,
        "theme" => Text::FieldTheme,
        "language" => Text::FieldLanguage,
        _ => return name,
    };
    text.say(language)
}

/// What a document is, by its collection and what its user calls it.
pub(crate) fn document(entity: &Entity, name: Option<&str>, language: Language) -> String {
    let text = match entity.collection.as_str() {
        "notes" => Text::AboutNote,
        "watchlists" => Text::AboutList,
        "alert_rules" => Text::AboutRule,
        "layouts" => Text::AboutLayout,
        "settings" => Text::AboutSettings,
        _ => return entity.to_string(),
    };
    fill(text.say(language), &[("name", name.unwrap_or_else(|| entity.id.as_str()))])
}

/// What a write does to the document `what`.
pub(crate) fn draft(draft: &Draft, what: &str, language: Language) -> String {
    use tidemark_shared::documents::ConflictStep;

    let text = match (&draft.conflict, draft.kind) {
        (Some(ConflictStep::Resolves(_)), _) => Text::AboutDecision,
        (Some(ConflictStep::Reopens(_)), _) => Text::AboutReopening,
        (None, MutationKind::Delete) => Text::AboutDeletion,
        (None, MutationKind::Edit) => return what.to_owned(),
    };
    fill(text.say(language), &[("what", what)])
}

/// A metric, by its spelling without a period.
pub(crate) fn metric(name: &str, language: Language) -> String {
    let text = match name {
        "price" => Text::MetricPrice,
        "change_pct" => Text::MetricChange,
        "volume" => Text::MetricVolume,
        "sentiment" => Text::MetricSentiment,
        // Indicators have the same names in every language.
        other => return other.to_ascii_uppercase().replace('_', " "),
    };
    text.say(language).to_owned()
}

/// How a metric is compared.
pub(crate) const fn comparison(op: Comparison) -> Text {
    match op {
        Comparison::Above => Text::OpAbove,
        Comparison::Below => Text::OpBelow,
        Comparison::CrossesAbove => Text::OpCrossesAbove,
        Comparison::CrossesBelow => Text::OpCrossesBelow,
    }
}

/// What a threshold is counted in.
pub(crate) const fn unit(unit: Unit) -> Text {
    match unit {
        Unit::Currency => Text::UnitCurrency,
        Unit::Percent => Text::UnitPercent,
        Unit::Units => Text::UnitUnits,
        Unit::Points => Text::UnitPoints,
    }
}

/// How much something matters.
pub(crate) const fn priority(priority: Priority) -> Text {
    match priority {
        Priority::Low => Text::PriorityLow,
        Priority::Normal => Text::PriorityNormal,
        Priority::High => Text::PriorityHigh,
        Priority::Critical => Text::PriorityCritical,
    }
}

/// A condition as a sentence: `Price crosses above 187.50`.
pub(crate) fn condition(condition: &Condition, language: Language) -> String {
    let watched = match condition.metric {
        Metric::Indicator(Indicator { kind, period }) => {
            format!("{} {period}", metric(kind.as_str(), language))
        }
        plain => metric(&plain.to_string(), language),
    };
    let op = comparison(condition.op).say(language);
    let threshold = condition.threshold;
    let unit = if condition.unit == Unit::Percent { "%" } else { "" };
    match language {
        Language::English => format!("{watched} {op} {threshold}{unit}"),
        Language::Korean => format!("{watched} {threshold}{unit} {op}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_is_named_by_what_it_does() {
        let mut write: Draft = serde_json::from_str(
            r#"{"kind":"delete","entity":"notes/AAPL","base_version":1,"changes":{}}"#,
        )
        .unwrap();
        let what = document(&write.entity, None, Language::English);
        assert_eq!(what, "Note on AAPL");
        assert_eq!(draft(&write, &what, Language::English), "Deletion: Note on AAPL");
        write.kind = MutationKind::Edit;
        assert_eq!(draft(&write, &what, Language::English), "Note on AAPL");
    }

    #[test]
    fn a_condition_reads_as_a_sentence() {
        let of = |metric: &str, op, unit| Condition {
            metric: metric.parse().unwrap(),
            op,
            threshold: "70".parse().unwrap(),
            unit,
        };
        let rsi = of("rsi_14", Comparison::CrossesAbove, Unit::Points);
        assert_eq!(condition(&rsi, Language::English), "RSI 14 crosses above 70");
        let day = of("change_pct", Comparison::Below, Unit::Percent);
        assert_eq!(condition(&day, Language::Korean), "당일 등락 70% 보다 낮음");
    }
}
