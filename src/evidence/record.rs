//! Saved evidence: written without secrets, read back with clear words where it cannot be.

use serde_json::Value;

use super::{Evidence, SCHEMA};
use crate::connection::key::is_invisible;
use crate::connection::scrub::{harmless, visible_json};

/// The evidence as text for a file.
pub fn save(evidence: &Evidence) -> String {
    // Text keys and finite numbers only: this always serialises.
    let mut text = serde_json::to_string_pretty(evidence).unwrap_or_default();
    text.push('\n');
    visible_json(&text)
}

/// Reads a recording, or the evidence inside a JSON report.
///
/// # Errors
/// A sentence for people: no JSON and where, another version, a field that is missing or wrong.
pub fn load(text: &str) -> Result<Evidence, String> {
    let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
        if text.trim().is_empty() {
            "the file is empty".to_owned()
        } else {
            format!("not a recording: line {}, column {}: this is no JSON", error.line(), error.column())
        }
    })?;
    let inner = match value.get("evidence") {
        Some(evidence) if evidence.is_object() => evidence.clone(),
        _ => value,
    };
    let schema = inner
        .get("schema")
        .and_then(Value::as_u64)
        .ok_or("not a recording: it has no \"schema\" number; make one with `ruta doctor --record FILE`")?;
    if schema != u64::from(SCHEMA) {
        let by = inner.get("ruta").and_then(Value::as_str).unwrap_or("another version");
        return Err(format!(
            "the recording has layout {schema}, written by ruta {by}; this ruta reads layout {SCHEMA}"
        ));
    }
    let mut inner = inner;
    disarm(&mut inner, "");
    serde_json::from_value(inner).map_err(|error| format!("a damaged recording: {error}"))
}

/// A recording is somebody's file: its texts are made as harmless as those of a server. Only the base URL and the model
/// stay as they were written, because what is wrong with them may be what cannot be seen.
fn disarm(value: &mut Value, name: &str) {
    match value {
        Value::String(text) => match name {
            "base_url" | "model" => {}
            "body" => *text = harmless(text),
            _ => *text = harmless(text).replace(['\n', '\t'], " "),
        },
        Value::Array(rows) => rows.iter_mut().for_each(|row| disarm(row, name)),
        Value::Object(fields) => {
            // Nobody names a fact or a field with what cannot be seen.
            fields.retain(|name, _| !name.chars().any(is_invisible));
            fields.iter_mut().for_each(|(name, inner)| disarm(inner, name));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_is_wrong_with_a_file() {
        for (text, says) in [
            ("", "empty"),
            ("{\"a\":", "line 1"),
            ("{}", "no \"schema\""),
            ("{\"schema\":99,\"ruta\":\"9.0\"}", "written by ruta 9.0"),
            ("{\"schema\":1}", "damaged"),
        ] {
            let error = load(text).unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,60}|\\{\"schema\":1(,\"[a-z_]{1,12}\":[0-9\"a-z\\[\\]{}]{0,8}){0,4}\\}") {
            let _ = load(&text);
        }
    }
}
