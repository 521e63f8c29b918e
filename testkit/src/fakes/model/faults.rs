//! What can go wrong with a language model.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{Draft, Failure, Finish, Reply};

/// A fault of one call. Unless it says "the scripted reply", the reply waits for the next call.
#[derive(Debug, Clone, PartialEq)]
pub enum ModelFault {
    /// The connection is reset before the body is read.
    Reset,
    /// The connection is reset after the request was taken.
    AnswerLost,
    /// This status with the vendor's usual body (401, 500, 503, 529 …).
    Status(u16),
    RateLimited {
        retry_after: Option<Duration>,
    },
    /// Out of money: looks like a rate limit, but waiting does not help.
    Quota,
    ContextOverflow,
    /// 200, some words, then the vendor's error.
    ErrorAfter200,
    /// 200, some words, then an orderly end without the terminal event.
    NoTerminalEvent,
    /// 200, some words, then a reset.
    CutMidStream,
    /// The scripted reply, so much later.
    StallBeforeFirstToken(Duration),
    /// The scripted reply with a pause before its end.
    StallMidStream(Duration),
    InvalidUtf8,
    InvalidJson,
    /// The scripted reply as one JSON body, although a stream was asked for.
    JsonInsteadOfSse,
    /// A tool call whose arguments end in the middle.
    PartialToolJson,
    /// Two tool calls with one id.
    DuplicateCallIds,
    /// A tool that was not offered.
    UnknownTool,
    /// A tool call whose arguments have the wrong types.
    WrongTypes,
    /// A tool call with `NaN`, which is not JSON.
    NotANumber,
    /// A fitting tool call with ever new arguments; with `Faults::always` it never ends.
    ToolLoop,
    /// A text of so many bytes.
    HugeAnswer(usize),
    /// Success with nothing in it.
    NoTokens,
    /// The model declines in its own words.
    Refusal,
    /// The vendor's filter swallows the answer.
    ContentFilter,
    /// The scripted reply, cut off at the token limit in its middle.
    LengthCut,
}

impl ModelFault {
    /// Bad weather on a bad day, for `Faults::storm`: things a retry can cure.
    pub fn weather() -> Vec<ModelFault> {
        vec![
            ModelFault::RateLimited { retry_after: None },
            ModelFault::Status(500),
            ModelFault::Status(503),
            ModelFault::Status(529),
            ModelFault::Reset,
            ModelFault::AnswerLost,
            ModelFault::ErrorAfter200,
            ModelFault::NoTerminalEvent,
            ModelFault::CutMidStream,
            ModelFault::InvalidJson,
        ]
    }

    /// The refusal, when the model does not get to answer, and the `Retry-After` to send with it.
    pub(super) fn refusal(&self) -> Option<(Failure, Option<Duration>)> {
        match self {
            ModelFault::Status(status) => Some((Failure::Status(*status), None)),
            ModelFault::RateLimited { retry_after } => Some((Failure::RateLimited(*retry_after), *retry_after)),
            ModelFault::Quota => Some((Failure::Quota, None)),
            ModelFault::ContextOverflow => Some((Failure::ContextOverflow, None)),
            _ => None,
        }
    }

    /// What is said instead of the scripted reply.
    pub(super) fn own_reply(&self, number: u64, tools: impl FnOnce() -> Vec<(String, Value)>) -> Option<Reply> {
        let fitting = |n: u64| {
            let (name, schema) = tools().into_iter().next().unwrap_or(("get_available_slots".to_owned(), json!({})));
            (name, sample(&schema, n))
        };
        Some(match self {
            ModelFault::StallBeforeFirstToken(_)
            | ModelFault::StallMidStream(_)
            | ModelFault::JsonInsteadOfSse
            | ModelFault::LengthCut => return None,
            ModelFault::PartialToolJson | ModelFault::NotANumber | ModelFault::ToolLoop => {
                let (name, arguments) = fitting(number);
                Reply::call(name, arguments)
            }
            ModelFault::DuplicateCallIds => {
                let (name, arguments) = fitting(number);
                Reply::call(name.clone(), arguments.clone()).and_call(name, arguments)
            }
            ModelFault::UnknownTool => Reply::call("delete_everything", json!({"really": true})),
            ModelFault::WrongTypes => {
                let (name, arguments) = fitting(number);
                Reply::call(name, wrong_types(arguments))
            }
            ModelFault::HugeAnswer(bytes) => Reply::text("much ".repeat(bytes / 5 + 1)),
            ModelFault::NoTokens | ModelFault::ContentFilter => Reply::default(),
            ModelFault::Refusal => Reply::text("I cannot help with that."),
            _ => Reply::text("Half a word"),
        })
    }

    /// What becomes of the drafted answer.
    pub(super) fn distort(&self, draft: &mut Draft) {
        match self {
            ModelFault::PartialToolJson => {
                for call in &mut draft.calls {
                    call.arguments = r#"{"start":"2026-11-2"#.to_owned();
                }
            }
            ModelFault::NotANumber => {
                for call in &mut draft.calls {
                    call.arguments = r#"{"amount":NaN}"#.to_owned();
                }
            }
            ModelFault::DuplicateCallIds => {
                for call in &mut draft.calls {
                    call.id = format!("call_{}_0", draft.number);
                }
            }
            ModelFault::NoTokens => draft.output_tokens = 0,
            ModelFault::Refusal => draft.refusal = draft.text.take(),
            ModelFault::ContentFilter => draft.finish = Finish::Filtered,
            ModelFault::LengthCut => {
                draft.finish = Finish::Length;
                draft.text.iter_mut().chain(draft.calls.iter_mut().map(|c| &mut c.arguments)).for_each(halve);
            }
            _ => {}
        }
    }
}

fn halve(text: &mut String) {
    let letters = text.chars().count();
    *text = text.chars().take(letters / 2).collect();
}

/// Arguments that fit a schema, other ones for each `n`.
fn sample(schema: &Value, n: u64) -> Value {
    let wanted = schema["required"].as_array().cloned().unwrap_or_default();
    let member = |name: &Value| {
        let name = name.as_str()?;
        let of = &schema["properties"][name];
        let kind = of["type"].as_str().or_else(|| of["type"][0].as_str());
        let value = match (of["enum"].as_array().and_then(|e| e.first()), kind) {
            (Some(first), _) => first.clone(),
            (_, Some("integer" | "number")) => n.into(),
            (_, Some("boolean")) => true.into(),
            (_, Some("array")) => json!([]),
            (_, Some("object")) => sample(of, n),
            _ => format!("sample {n}").into(),
        };
        Some((name.to_owned(), value))
    };
    Value::Object(wanted.iter().filter_map(member).collect())
}

/// Every value of another type; an empty object gets a member.
fn wrong_types(arguments: Value) -> Value {
    let wrong = |value: &Value| if value.is_string() { json!(7) } else { json!(["not", "this"]) };
    let mut out: Map<String, Value> = arguments.as_object().into_iter().flatten().map(|(k, v)| (k.clone(), wrong(v))).collect();
    if out.is_empty() {
        out.insert("start".to_owned(), json!(7));
    }
    Value::Object(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sampled_arguments_fit_their_schema_and_wrong_ones_do_not() {
        let schema = json!({
            "type": "object",
            "properties": {
                "start": {"type": "string"}, "count": {"type": "integer"}, "sure": {"type": ["boolean", "null"]},
                "kind": {"enum": ["a", "b"]}, "who": {"type": "object", "properties": {"x": {"type": "number"}}, "required": ["x"]},
                "other": {"type": "string"},
            },
            "required": ["start", "count", "sure", "kind", "who"],
            "additionalProperties": false,
        });
        let validator = jsonschema::validator_for(&schema).unwrap();
        assert_ne!(sample(&schema, 1), sample(&schema, 2));
        assert!(validator.is_valid(&sample(&schema, 1)), "{}", sample(&schema, 1));
        assert!(!validator.is_valid(&wrong_types(sample(&schema, 1))));
        assert_eq!(wrong_types(json!({})), json!({"start": 7}));
    }
}
