//! A call that waits for somebody's word: what is asked, of whom, and what became of it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{Timestamp, action::Level, ids::*, message::Part, tool::ToolResult};

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ApprovalKind)]
pub enum Kind {
    /// The customer.
    Suggestion,
    /// A colleague, for an answer in words.
    Consultation,
    /// A colleague, for yes or no.
    Approval,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Suggestion => "suggestion",
            Kind::Consultation => "consultation",
            Kind::Approval => "approval",
        }
    }
    pub fn parse(text: &str) -> Option<Kind> {
        [Kind::Suggestion, Kind::Consultation, Kind::Approval].into_iter().find(|k| k.as_str() == text)
    }
    /// Whom a level asks; nobody where the agent acts alone, or not at all.
    pub fn of(level: Level) -> Option<Kind> {
        match level {
            Level::Suggestion => Some(Kind::Suggestion),
            Level::Consultation => Some(Kind::Consultation),
            Level::Approval => Some(Kind::Approval),
            Level::Automatic | Level::Off => None,
        }
    }
    /// Somebody of the team decides.
    pub fn is_for_staff(self) -> bool {
        self != Kind::Suggestion
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ApprovalState)]
pub enum State {
    Pending,
    /// Yes was said; it is carried out in the next turn of the conversation.
    Approved,
    Rejected,
    /// Nobody said anything in time.
    Expired,
    /// A question was answered.
    Answered,
    /// It was carried out.
    Executed,
    /// Yes was said, and yet it could not be carried out.
    Failed,
}

impl State {
    pub const ALL: [State; 7] =
        [State::Pending, State::Approved, State::Rejected, State::Expired, State::Answered, State::Executed, State::Failed];
    pub fn as_str(self) -> &'static str {
        match self {
            State::Pending => "pending",
            State::Approved => "approved",
            State::Rejected => "rejected",
            State::Expired => "expired",
            State::Answered => "answered",
            State::Executed => "executed",
            State::Failed => "failed",
        }
    }
    pub fn parse(text: &str) -> Option<State> {
        State::ALL.into_iter().find(|s| s.as_str() == text)
    }
    /// Whether this may follow; nothing else may, and nothing follows twice.
    pub fn may_become(self, next: State) -> bool {
        use State::*;
        matches!((self, next), (Pending, Approved | Rejected | Expired | Answered) | (Approved, Executed | Failed))
    }
}

/// What is asked and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Approval {
    pub id: ApprovalId,
    pub kind: Kind,
    pub state: State,
    pub conversation: ConversationId,
    /// The turn that asked.
    pub turn: TurnId,
    pub action: String,
    pub arguments: Value,
    /// SHA-256 of the canonical arguments, hex: who decides has seen exactly these.
    pub args_hash: String,
    /// Where each argument came from, by its name.
    pub provenance: Vec<Origin>,
    /// In words, for whoever is asked.
    pub question: String,
    /// The rule that asked for it, or `default`, `floor`, `raised`.
    pub rule: String,
    /// `usr_…` when the agent acts for somebody; empty for the agent itself.
    pub requested_by: String,
    /// `usr_…`, `key_…`, `con_…`, or empty for the clock and the machine's operator.
    pub decided_by: String,
    pub decided_at: Option<Timestamp>,
    /// What whoever decided wants the agent to know.
    pub note: Option<String>,
    /// The arguments that the agent wanted, when a person changed them.
    pub edited_from: Option<Value>,
    pub edited_by: Option<String>,
    /// The turn in which a customer's yes is carried out.
    pub taken_by: Option<TurnId>,
    /// How often the customer was asked.
    pub asked: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub expires_at: Timestamp,
    /// When others are told that nobody decided.
    pub escalate_at: Option<Timestamp>,
    pub result: Option<ToolResult>,
}

/// How a member is reached on their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = NumberReach)]
pub enum Reach {
    /// They wrote lately: the request itself goes there.
    Message,
    /// They have not written lately: the template goes there.
    Template,
    /// They have not written lately, and there is no template.
    WindowClosed,
    /// No channel sends to numbers any more.
    NoChannel,
    Unconfirmed,
    NoNumber,
}

/// Where a value of an argument came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ArgumentOrigin)]
pub struct Origin {
    pub argument: String,
    pub from: Source,
    /// The message or tool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ArgumentSource)]
pub enum Source {
    /// The customer wrote it, word for word.
    Message,
    /// It is known of the customer.
    Profile,
    /// A tool of this turn told it.
    Tool,
    /// A person of the team wrote it.
    Person,
    /// Nobody else said it.
    Model,
}

/// What an argument may have come from.
#[derive(Debug, Default)]
pub struct Sources {
    /// What the customer wrote, latest first.
    pub messages: Vec<(MessageId, String)>,
    pub profile: Vec<String>,
    pub tools: Vec<(String, String)>,
}

/// Where each argument came from, as far as it can be seen.
pub fn provenance(arguments: &Value, sources: &Sources) -> Vec<Origin> {
    let Some(members) = arguments.as_object() else { return Vec::new() };
    members.iter().map(|(name, value)| origin(name, value, sources)).collect()
}

fn origin(name: &str, value: &Value, sources: &Sources) -> Origin {
    let text = match value {
        Value::String(text) => text.trim().to_lowercase(),
        Value::Number(n) => n.to_string(),
        _ => String::new(),
    };
    let here = |from, of: Option<&str>| Origin { argument: name.to_owned(), from, of: of.map(str::to_owned) };
    if text.is_empty() {
        return here(Source::Model, None);
    }
    let says = |said: &str| holds(&said.to_lowercase(), &text);
    if let Some((id, _)) = sources.messages.iter().find(|(_, said)| says(said)) {
        return here(Source::Message, Some(id.as_str()));
    }
    if sources.profile.iter().any(|known| known.to_lowercase() == text) {
        return here(Source::Profile, None);
    }
    match sources.tools.iter().find(|(_, told)| says(told)) {
        Some((tool, _)) => here(Source::Tool, Some(tool)),
        None => here(Source::Model, None),
    }
}

/// As whole words: `50` is not said by `1500`.
fn holds(said: &str, text: &str) -> bool {
    said.match_indices(text).any(|(at, found)| {
        let before = said[..at].chars().next_back();
        let after = said[at + found.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

/// The same text for the same arguments, whatever the order of their members.
pub fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by(|a, b| a.0.cmp(b.0));
            let inner: Vec<String> =
                sorted.into_iter().map(|(name, value)| format!("{}:{}", Value::from(name.as_str()), canonical(value))).collect();
            format!("{{{}}}", inner.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

/// The message that brings a decision into its conversation is ours; its part names what was decided.
const DECISION: &str = "decision/";

pub fn decision_part(id: &ApprovalId, text: String) -> Part {
    Part::System { kind: format!("{DECISION}{id}"), text }
}

/// What this part decides. Only to be believed of a message that we wrote ourselves.
pub fn decided_in(part: &Part) -> Option<ApprovalId> {
    let Part::System { kind, .. } = part else { return None };
    ApprovalId::parse(kind.strip_prefix(DECISION)?).ok()
}

/// Ids of the two buttons.
pub fn button(id: &ApprovalId, yes: bool) -> String {
    format!("{id}:{}", if yes { "yes" } else { "no" })
}

/// What a pressed button says about this question; one of another question says nothing.
pub fn pressed(id: &ApprovalId, button_id: &str) -> Option<bool> {
    [true, false].into_iter().find(|yes| button(id, *yes) == button_id)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_decision_is_made_once_and_carried_out_once() {
        let allowed: Vec<_> = State::ALL
            .into_iter()
            .flat_map(|from| State::ALL.into_iter().filter(move |to| from.may_become(*to)).map(move |to| (from, to)))
            .collect();
        use State::*;
        assert_eq!(
            allowed,
            [
                (Pending, Approved),
                (Pending, Rejected),
                (Pending, Expired),
                (Pending, Answered),
                (Approved, Executed),
                (Approved, Failed)
            ]
        );
        assert!(State::ALL.into_iter().all(|s| State::parse(s.as_str()) == Some(s)));
    }

    #[test]
    fn a_level_asks_the_customer_a_colleague_or_nobody() {
        for (level, kind) in [
            (Level::Automatic, None),
            (Level::Suggestion, Some((Kind::Suggestion, "suggestion", false))),
            (Level::Consultation, Some((Kind::Consultation, "consultation", true))),
            (Level::Approval, Some((Kind::Approval, "approval", true))),
            (Level::Off, None),
        ] {
            assert_eq!(Kind::of(level), kind.map(|(kind, ..)| kind), "{level:?}");
            if let Some((kind, name, of_staff)) = kind {
                assert_eq!((kind.as_str(), Kind::parse(name), kind.is_for_staff()), (name, Some(kind), of_staff));
            }
        }
        assert_eq!(Kind::parse("automatic"), None);
    }

    #[test]
    fn the_same_arguments_have_the_same_text_and_others_another() {
        let text = canonical(&json!({"b": [1, {"y": null, "x": "ñ\"\n"}], "a": 1.5}));
        assert_eq!(text, r#"{"a":1.5,"b":[1,{"x":"ñ\"\n","y":null}]}"#);
        assert_eq!(canonical(&serde_json::from_str(r#"{"x":1,"a":2}"#).unwrap()), canonical(&json!({"a": 2, "x": 1})));
        for (one, other) in
            [(json!({"a": 1}), json!({"a": "1"})), (json!({"a": [1, 2]}), json!({"a": [2, 1]})), (json!({}), json!(null))]
        {
            assert_ne!(canonical(&one), canonical(&other));
        }
    }

    #[test]
    fn each_argument_says_where_it_came_from() {
        let sources = Sources {
            messages: vec![(MessageId::parse("msg_1").unwrap(), "Devuélveme 500 por el Corte".into())],
            profile: vec!["Ana Pérez".into()],
            tools: vec![("find_order".into(), "order A-7".into())],
        };
        let found = provenance(
            &json!({"amount": 500, "part": 50, "what": "corte", "who": "ana pérez", "order": "A-7", "why": "x"}),
            &sources,
        );
        let of = |name: &str| found.iter().find(|o| o.argument == name).map(|o| (o.from, o.of.as_deref())).unwrap();
        assert_eq!(of("amount"), (Source::Message, Some("msg_1")));
        assert_eq!(of("what"), (Source::Message, Some("msg_1")));
        assert_eq!(of("who"), (Source::Profile, None));
        assert_eq!(of("order"), (Source::Tool, Some("find_order")));
        assert_eq!((of("part"), of("why")), ((Source::Model, None), (Source::Model, None)));
    }

    #[test]
    fn a_button_answers_its_own_question_only() {
        let (one, two) = (ApprovalId::parse("apv_1").unwrap(), ApprovalId::parse("apv_12").unwrap());
        assert_eq!((pressed(&one, "apv_1:yes"), pressed(&one, "apv_1:no")), (Some(true), Some(false)));
        for other in ["apv_12:yes", "apv_1", "apv_1:maybe", "yes", ""] {
            assert_eq!(pressed(&one, other), None, "{other}");
        }
        let part = decision_part(&two, "x".into());
        assert_eq!(decided_in(&part), Some(two));
        assert_eq!(decided_in(&Part::System { kind: "user_changed_number".into(), text: "decision/apv_1".into() }), None);
    }
}
