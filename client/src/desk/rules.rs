//! Alert rules as their form has them.

use tidemark_shared::documents::shape::{
    AlertRule, Comparison, Condition, Indicator, IndicatorKind, Metric, Shape as _, Unit, Word as _,
};
use tidemark_shared::documents::{Body, Collection, Entity};
use tidemark_shared::market::{Price, Symbol};
use tidemark_shared::protocol::Priority;

use super::Desk;

/// How far an indicator looks back when nobody has said so.
const PERIOD_USUAL: u16 = 14;

/// What a rule's form holds: texts as they were typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RuleForm {
    pub(crate) name: String,
    /// `price`, or an indicator's name without its period.
    pub(crate) metric: String,
    pub(crate) period: String,
    pub(crate) op: Comparison,
    pub(crate) threshold: String,
    pub(crate) active: bool,
    pub(crate) priority: Priority,
    pub(crate) message: String,
}

/// What cannot be read of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadRule {
    /// The threshold is no number.
    Threshold,
    /// The period is none.
    Period,
}

/// The metrics that a form offers, as they are spelled without a period.
pub(crate) fn metrics() -> Vec<&'static str> {
    let plain = ["price", "change_pct", "volume", "sentiment"].into_iter();
    plain.chain(IndicatorKind::ALL.iter().map(|kind| kind.as_str())).collect()
}

/// Whether a metric has a period.
pub(crate) fn has_period(metric: &str) -> bool {
    IndicatorKind::of_text(metric).is_some()
}

/// The unit of thresholds of a metric.
pub(crate) fn unit_of(metric: &str) -> Unit {
    let with_period = format!("{metric}_{PERIOD_USUAL}");
    let known = metric.parse().or_else(|_| with_period.parse::<Metric>());
    known.map_or(Unit::Points, Metric::usual_unit)
}

impl RuleForm {
    /// A form for a new rule, about the price now.
    pub(crate) fn new(price: Option<Price>) -> Self {
        RuleForm {
            name: String::new(),
            metric: "price".into(),
            period: PERIOD_USUAL.to_string(),
            op: Comparison::CrossesAbove,
            threshold: price.map(|price| price.to_string()).unwrap_or_default(),
            active: true,
            priority: Priority::Normal,
            message: String::new(),
        }
    }

    /// The form of a rule.
    pub(crate) fn of(rule: &AlertRule) -> Self {
        let (metric, period) = match rule.condition.metric {
            Metric::Indicator(Indicator { kind, period }) => (kind.as_str().to_owned(), period),
            plain => (plain.to_string(), PERIOD_USUAL),
        };
        RuleForm {
            name: rule.name.clone().unwrap_or_default(),
            metric,
            period: period.to_string(),
            op: rule.condition.op,
            threshold: rule.condition.threshold.to_string(),
            active: rule.active,
            priority: rule.priority,
            message: rule.message.clone().unwrap_or_default(),
        }
    }

    /// The rule that the form describes.
    pub(crate) fn read(&self, symbol: Symbol) -> Result<AlertRule, BadRule> {
        let metric = if has_period(&self.metric) {
            let period = self.period.trim();
            format!("{}_{period}", self.metric).parse().map_err(|_| BadRule::Period)?
        } else {
            self.metric.parse().map_err(|_| BadRule::Period)?
        };
        // People who write 1,000 mean a thousand.
        let threshold = self.threshold.trim().replace(',', "");
        Ok(AlertRule {
            symbol,
            name: given(&self.name),
            condition: Condition {
                metric,
                op: self.op,
                threshold: threshold.parse().map_err(|_| BadRule::Threshold)?,
                unit: unit_of(&self.metric),
            },
            active: self.active,
            priority: self.priority,
            message: given(&self.message),
        })
    }
}

impl Desk {
    /// The rules of an instrument, in the order of their names; follows them.
    pub(crate) fn rules_of(self, symbol: &Symbol) -> Vec<(Entity, AlertRule)> {
        let known = self.documents.ids(&Collection::alert_rules()).into_iter();
        let read = known.filter_map(|entity| {
            let rule = AlertRule::of_body(&self.body(&entity)?).ok()?;
            (rule.symbol == *symbol).then_some((entity, rule))
        });
        let mut rules: Vec<_> = read.collect();
        rules.sort_by(|(one, a), (two, b)| (&a.name, one).cmp(&(&b.name, two)));
        rules
    }
}

/// The body that makes `seen` this rule: fields that this version does not know stay.
pub(crate) fn put(rule: &AlertRule, seen: Option<Body>) -> Body {
    let mut body = seen.unwrap_or_default();
    for (name, value) in rule.fields() {
        match value {
            Some(value) => body.0.insert(super::field(name), value),
            None => body.0.remove(name),
        };
    }
    body
}

fn given(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn symbol() -> Symbol {
        "AAPL".parse().unwrap()
    }

    #[test]
    fn a_form_and_its_rule_say_the_same() {
        for metric in metrics() {
            let mut form = RuleForm::new(Some("187.50".parse().unwrap()));
            form.metric = metric.into();
            form.period = if has_period(metric) { "20".into() } else { form.period };
            form.name = "Take profit".into();
            let rule = form.read(symbol()).unwrap();
            assert_eq!(RuleForm::of(&rule), form);
        }
    }

    #[test]
    fn what_is_no_number_is_said_to_be_none() {
        let mut form = RuleForm::new(None);
        assert_eq!(form.read(symbol()), Err(BadRule::Threshold));
        form.threshold = "1,250.5".into();
        assert_eq!(form.read(symbol()).unwrap().condition.threshold, "1250.5".parse().unwrap());
        form.metric = "rsi".into();
        form.period = "0".into();
        assert_eq!(form.read(symbol()), Err(BadRule::Period));
    }

    #[test]
    fn an_edited_rule_keeps_what_this_version_does_not_know() {
        let rule = RuleForm::new(Some("1".parse().unwrap())).read(symbol()).unwrap();
        let mut seen = rule.to_body();
        seen.0.insert("channel".parse().unwrap(), json!("mail"));
        seen.0.insert("name".parse().unwrap(), json!("old name"));
        let body = put(&rule, Some(seen));
        assert_eq!(body.text("channel"), Some("mail"));
        assert_eq!(body.get("name"), None, "the user has emptied it");
    }
}
