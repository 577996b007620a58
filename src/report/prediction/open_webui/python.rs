//! Values as Python and JavaScript judge and print them: what Open `WebUI` shows is often their raw form.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// Whether Python takes the value for true.
pub(super) fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(yes) => *yes,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(rows) => !rows.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}

/// Whether JavaScript takes the value for true.
pub(super) fn js_truthy(value: &Value) -> bool {
    matches!(value, Value::Array(_) | Value::Object(_)) || truthy(value)
}

/// The value as JavaScript puts it into a text.
pub(super) fn js_string(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(_) => "[object Object]".to_owned(),
        Value::Array(rows) => {
            let parts = rows.iter().map(|row| if row.is_null() { String::new() } else { js_string(row) });
            parts.collect::<Vec<_>>().join(",")
        }
        other => other.to_string(),
    }
}

/// A JSON value whose fields stay in their order, as Python keeps them.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ordered {
    Plain(Value),
    List(Vec<Ordered>),
    Fields(Vec<(String, Ordered)>),
}

impl Ordered {
    /// Reads a text.
    pub(super) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The field of this name; of several, the last.
    pub(super) fn field(&self, wanted: &str) -> Option<&Self> {
        let Self::Fields(fields) = self else { return None };
        fields.iter().rev().find(|(name, _)| name == wanted).map(|(_, value)| value)
    }

    pub(super) fn is_null(&self) -> bool {
        *self == Self::Plain(Value::Null)
    }

    /// The value as Python's `str` prints it.
    pub(super) fn printed(&self) -> String {
        if let Self::Plain(Value::String(text)) = self {
            return text.clone();
        }
        let mut out = String::new();
        self.repr(&mut out);
        out
    }

    fn repr(&self, out: &mut String) {
        match self {
            Self::Plain(Value::Bool(true)) => out.push_str("True"),
            Self::Plain(Value::Bool(false)) => out.push_str("False"),
            Self::Plain(Value::String(text)) => quoted(text, out),
            Self::Plain(Value::Number(number)) => out.push_str(&number.to_string()),
            Self::Plain(_) => out.push_str("None"),
            Self::List(rows) => {
                out.push('[');
                for (index, row) in rows.iter().enumerate() {
                    out.push_str(if index > 0 { ", " } else { "" });
                    row.repr(out);
                }
                out.push(']');
            }
            Self::Fields(fields) => {
                out.push('{');
                for (index, (name, inner)) in fields.iter().enumerate() {
                    out.push_str(if index > 0 { ", " } else { "" });
                    quoted(name, out);
                    out.push_str(": ");
                    inner.repr(out);
                }
                out.push('}');
            }
        }
    }
}

impl<'de> Deserialize<'de> for Ordered {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Ordered;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON value")
            }

            fn visit_unit<E>(self) -> Result<Ordered, E> {
                Ok(Ordered::Plain(Value::Null))
            }

            fn visit_bool<E>(self, yes: bool) -> Result<Ordered, E> {
                Ok(Ordered::Plain(yes.into()))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Ordered, E> {
                Ok(Ordered::Plain(number.into()))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Ordered, E> {
                Ok(Ordered::Plain(number.into()))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Ordered, E> {
                Ok(Ordered::Plain(number.into()))
            }

            fn visit_str<E>(self, text: &str) -> Result<Ordered, E> {
                Ok(Ordered::Plain(text.into()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Ordered, A::Error> {
                let mut rows = Vec::new();
                while let Some(row) = list.next_element()? {
                    rows.push(row);
                }
                Ok(Ordered::List(rows))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Ordered, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Ordered::Fields(fields))
            }
        }
        input.deserialize_any(Reader)
    }
}

fn quoted(text: &str, out: &mut String) {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out.push(quote);
}
