//! Holds a JSON report against the published schema, also with every object closed: nothing is missing from the schema.

#![expect(clippy::expect_used, reason = "a test that cannot read its own material has failed")]

use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value;

/// The published schema.
pub(crate) static PUBLISHED: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../docs/report.schema.json")).expect("the published schema is JSON")
});

static OPEN: LazyLock<Validator> = LazyLock::new(|| validator(&PUBLISHED));

/// One report alone, so that a complaint names the field and not the whole.
static CLOSED: LazyLock<Validator> = LazyLock::new(|| {
    let mut schema = PUBLISHED.clone();
    close(&mut schema);
    if let Some(root) = schema.as_object_mut() {
        root.remove("anyOf");
        root.insert("$ref".to_owned(), "#/$defs/Report".into());
    }
    validator(&schema)
});

fn validator(schema: &Value) -> Validator {
    jsonschema::draft202012::new(schema).expect("the published schema is a schema")
}

/// Makes every object with known fields refuse any other.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if fields.get("properties").is_some_and(Value::is_object) {
                fields.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
            fields.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// Where a report, or a list of them, is not as the schema says.
pub(crate) fn faults(report: &Value) -> Vec<String> {
    let told = |fault: String| fault.chars().take(400).collect();
    let reports = report.as_array().map_or_else(|| std::slice::from_ref(report), Vec::as_slice);
    let errors = reports.iter().flat_map(|report| CLOSED.iter_errors(report)).take(5);
    let mut wrong: Vec<String> = errors.map(|error| told(format!("{}: {error}", error.instance_path()))).collect();
    // The open schema, which is the published one, says the same and less.
    if wrong.is_empty() && !OPEN.is_valid(report) {
        wrong.push("only the closed schema takes it".to_owned());
    }
    wrong
}
