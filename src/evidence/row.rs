//! One entry of a list of models: its ID, and what the list says that the model does.

use serde::Deserialize;
use serde_json::Value;

use super::list::MOST;
use crate::connection::scrub::{Scrubber, harmless, one_line};

/// The fields of an entry that count; whatever else they hold is no fault of the list.
#[derive(Deserialize)]
pub(super) struct Row {
    pub(super) id: String,
    #[serde(default)]
    pub(super) owned_by: Option<Value>,
    #[serde(default, rename = "type")]
    kind: Option<Value>,
    #[serde(default)]
    model_type: Option<Value>,
    #[serde(default)]
    mode: Option<Value>,
    #[serde(default)]
    task: Option<Value>,
    #[serde(default)]
    supported_endpoint_types: Option<Value>,
    #[serde(default)]
    endpoints: Option<Value>,
    #[serde(default)]
    architecture: Option<Value>,
    #[serde(default)]
    capabilities: Option<Value>,
    #[serde(default)]
    supports_chat: Option<Value>,
}

impl Row {
    /// What the list says that the model does: the words of every field that tells.
    pub(super) fn kind(&self) -> Option<String> {
        let mut words = Vec::new();
        let fields = [
            &self.kind,
            &self.model_type,
            &self.mode,
            &self.task,
            &self.supported_endpoint_types,
            &self.endpoints,
            &self.capabilities,
        ];
        for value in fields.into_iter().flatten() {
            gather(value, &mut words);
        }
        if let Some(architecture) = &self.architecture {
            words.extend(output(architecture));
        }
        if let Some(chat) = self.supports_chat.as_ref().and_then(Value::as_bool) {
            words.push(if chat { "supports_chat".to_owned() } else { "no-supports_chat".to_owned() });
        }
        (!words.is_empty()).then(|| one_line(&words.join(" "), 200))
    }
}

/// The words of a text or of texts, and the names of what is true or false.
fn gather(value: &Value, words: &mut Vec<String>) {
    match value {
        Value::String(text) => words.push(text.split_whitespace().collect::<Vec<_>>().join("-")),
        Value::Array(list) => list.iter().take(20).for_each(|value| gather(value, words)),
        Value::Object(fields) => {
            for (name, value) in fields.iter().take(40) {
                match value {
                    Value::Bool(true) => words.push(name.clone()),
                    Value::Bool(false) if name.contains("chat") => words.push(format!("no-{name}")),
                    Value::String(_) if name == "name" => gather(value, words),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

/// What comes out of a model, as gateways tell: text, or else the other things.
fn output(architecture: &Value) -> Vec<String> {
    let mut out = Vec::new();
    match (architecture.get("output_modalities"), architecture.get("modality").and_then(Value::as_str)) {
        (Some(list), _) => gather(list, &mut out),
        (None, Some(both)) => out.extend(both.rsplit("->").next().unwrap_or(both).split('+').map(str::to_owned)),
        (None, None) => {}
    }
    if out.iter().any(|word| word == "text") { vec!["text-output".to_owned()] } else { out }
}

/// All that a list says of each of its models, in its own fields: scrubbed of secrets and harmless.
pub fn rows(body: &[u8], scrubber: &Scrubber) -> Vec<Value> {
    #[derive(Deserialize)]
    struct Whole {
        data: Vec<Value>,
    }
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let rows = match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => serde_json::from_slice::<Whole>(body).map(|whole| whole.data),
        _ => serde_json::from_slice(body),
    };
    let mut rows = rows.unwrap_or_default();
    rows.truncate(MOST);
    for row in &mut rows {
        disarm(row, scrubber);
    }
    rows
}

/// Makes every text of a value harmless, names of fields too.
fn disarm(value: &mut Value, scrubber: &Scrubber) {
    match value {
        // A text this short holds no secret that could be told from a word.
        Value::String(text) if text.len() < 4 => *text = harmless(text),
        Value::String(text) => *text = scrubber.scrub(&harmless(text)),
        Value::Array(list) => list.iter_mut().for_each(|value| disarm(value, scrubber)),
        Value::Object(fields) => {
            let taken = std::mem::take(fields);
            for (name, mut value) in taken {
                disarm(&mut value, scrubber);
                fields.insert(one_line(&scrubber.scrub(&name), 200), value);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::list;

    #[test]
    fn gathers_what_lists_say_of_a_model() {
        let kind = |row: &str| {
            let body = format!(r#"{{"data":[{{"id":"a",{row}}}]}}"#);
            let list = list::read(body.as_bytes(), &Scrubber::new(None, []))?;
            list.entries.first()?.kind.clone()
        };
        let said = |row: &str| kind(row).unwrap_or_default();
        assert_eq!(kind(r#""owned_by":"x""#), None);
        assert_eq!(said(r#""type":"chat""#), "chat");
        assert_eq!(
            said(r#""type":"model","supported_endpoint_types":["openai","embeddings"]"#),
            "model openai embeddings"
        );
        assert_eq!(said(r#""architecture":{"modality":"text+image->text"}"#), "text-output");
        assert_eq!(said(r#""architecture":{"output_modalities":["image"]}"#), "image");
        assert_eq!(
            said(r#""capabilities":{"completion_chat":false,"vision":true,"classification":false}"#),
            "no-completion_chat vision"
        );
        assert_eq!(said(r#""supports_chat":true,"task":{"name":"Text Generation"}"#), "Text-Generation supports_chat");
        assert_eq!(
            kind(r#""type":7,"task":null,"architecture":[],"capabilities":"x","mode":{},"supports_chat":"yes""#)
                .as_deref(),
            Some("x")
        );
    }

    #[test]
    fn rows_are_kept_whole_and_harmless() {
        let key = crate::connection::key::ApiKey::new("sk-Vn4kTz8QpW2xRb6LmYc9HdJf3GsA5uEo".into());
        let body = "[{\"id\":\"a\",\"n\":1.5,\"about\":\"x\\u001b[2Jy sk-Vn4kTz8QpW2xRb6LmYc9HdJf3GsA5uEo\",\"b\\u202e\":[null]}]";
        let whole = rows(body.as_bytes(), &Scrubber::new(Some(&key), []));
        assert_eq!(whole, [serde_json::json!({"id": "a", "n": 1.5, "about": "x[2Jy [key removed]", "b": [null]})]);
        assert!(rows(b"{\"data\":null}", &Scrubber::new(None, [])).is_empty());
    }
}
