//! Values as Python and JavaScript judge and print them: what Open `WebUI` shows is often their raw form.

use std::fmt;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};
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

/// What Python calls values of this kind.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
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
        Value::Number(number) => match number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0) {
            Some(whole) if whole.abs() < 1e21 => format!("{whole:.0}"),
            _ => number.to_string(),
        },
        other => other.to_string(),
    }
}

/// A fraction as Python prints it: with an exponent of two figures where it is very small or very large.
fn float_text(float: f64) -> String {
    let text = format!("{float:e}");
    let Some((digits, exponent)) = text.split_once('e').and_then(|(digits, text)| Some((digits, text.parse().ok()?)))
    else {
        return text;
    };
    let exponent: i32 = exponent;
    if (-4..16).contains(&exponent) {
        return format!("{float:?}");
    }
    format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

/// Reads a text as Python's reader does, which knows `NaN` and `Infinity` and takes half of a character.
pub(super) fn json<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok().or_else(|| serde_json::from_str(&tamed(text).0).ok())
}

/// Whether there is an escaped half of a character in the text, which Python reads and cannot write again.
pub(super) fn has_half(text: &str) -> bool {
    text.contains("\\u") && tamed(text).1
}

/// The text with numbers for the words that are no JSON and replacements for halves of characters, and whether there
/// were halves.
fn tamed(text: &str) -> (String, bool) {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    let (mut quoted, mut halves) = (false, false);
    while let Some(c) = rest.chars().next() {
        let unit = |at: usize| {
            let code = rest.get(at..)?.strip_prefix("\\u")?.get(..4)?;
            u16::from_str_radix(code, 16).ok()
        };
        let word = ["NaN", "-Infinity", "Infinity"].iter().find(|word| !quoted && rest.starts_with(**word));
        let (taken, put) = match (word, unit(0).filter(|_| quoted), unit(6)) {
            (Some(word), _, _) => (word.len(), "1"),
            (None, Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => (12, &rest[..12]),
            (None, Some(0xd800..=0xdfff), _) => {
                halves = true;
                (6, "\\ufffd")
            }
            _ if quoted && c == '\\' => {
                let end = rest.char_indices().nth(2).map_or(rest.len(), |(at, _)| at);
                (end, &rest[..end])
            }
            _ => {
                quoted ^= c == '"';
                (c.len_utf8(), &rest[..c.len_utf8()])
            }
        };
        out.push_str(put);
        rest = &rest[taken..];
    }
    (out, halves)
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
        json(text)
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
            Self::Plain(Value::Number(number)) => match number.as_f64().filter(|_| number.is_f64()) {
                Some(float) => out.push_str(&float_text(float)),
                None => out.push_str(&number.to_string()),
            },
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
            c if is_printable(c) => out.push(c),
            c => out.push_str(&match u32::from(c) {
                code @ ..=0xff => format!("\\x{code:02x}"),
                code @ ..=0xffff => format!("\\u{code:04x}"),
                code => format!("\\U{code:08x}"),
            }),
        }
    }
    out.push(quote);
}

/// Whether Python prints the character as it is: no control, nothing invisible, no blank but the usual one.
fn is_printable(c: char) -> bool {
    let unseen = matches!(
        c,
        '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{e000}'..='\u{f8ff}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}' | '\u{f0000}'..
    );
    c == ' ' || !(c.is_control() || c.is_whitespace() || unseen)
}
