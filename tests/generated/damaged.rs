//! Damages recordings: somewhere in them stands something else.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value;

use super::{BODIES, any_url, fragments};

/// One change of a recording: somewhere in it stands something else.
#[derive(Debug, Clone)]
pub(crate) struct Mutation {
    place: Index,
    with: Value,
}

/// Any change.
pub(crate) fn mutation() -> impl Strategy<Value = Mutation> {
    let number = prop_oneof![
        Just(0.0),
        Just(-1.0),
        Just(1e308),
        any::<f64>().prop_filter("JSON has no other", |n| n.is_finite())
    ];
    let with = prop_oneof![
        4 => fragments(BODIES, 8).prop_map(Value::String),
        1 => any_url().prop_map(Value::String),
        2 => number.prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => Just(Value::Array(Vec::new())),
        2 => select(&["models", "chat", "stream", "chat-again", "twin", "other-root", "proof-chat", "timeout", "tls", "tls-expired", "refused", "body-cut", "examined", "pasted"][..]).prop_map(Value::from),
        2 => select(&["timeout", "refused", "tls-expired", "tls-wrong-host", "body-cut", "too-large", "proxy-refused", "no-such-host", "other"][..])
            .prop_map(|kind| serde_json::json!({"kind": kind, "stage": "tls", "detail": "\u{1b}[2J\n Works   x", "facts": {"issuer": "\u{202e}x\ny", "names": "a\u{1b}b", "until": "\n", "from": "x", "waited": "::error::"}})),
    ];
    (any::<Index>(), with).prop_map(|(place, with)| Mutation { place, with })
}

impl Mutation {
    /// Changes the value in the place that the mutation points to.
    pub(crate) fn apply(&self, value: &mut Value) {
        let mut paths = Vec::new();
        collect(value, String::new(), &mut paths);
        if let Some(inner) = value.pointer_mut(&paths[self.place.index(paths.len())]) {
            *inner = self.with.clone();
        }
    }
}

fn collect(value: &Value, path: String, paths: &mut Vec<String>) {
    match value {
        Value::Array(rows) => rows.iter().enumerate().for_each(|(at, row)| collect(row, format!("{path}/{at}"), paths)),
        Value::Object(fields) => fields.iter().for_each(|(name, inner)| {
            collect(inner, format!("{path}/{}", name.replace('~', "~0").replace('/', "~1")), paths);
        }),
        _ => {}
    }
    paths.push(path);
}
