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

static CLOSED: LazyLock<Validator> = LazyLock::new(|| {
    let mut schema = PUBLISHED.clone();
    close(&mut schema);
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

/// Where a report is not as the schema says.
pub(crate) fn faults(report: &Value) -> Vec<String> {
    // The closed one says the same and more: the open one need only agree.
    let told = |fault: String| fault.chars().take(400).collect();
    let errors = CLOSED.iter_errors(report).take(5);
    let mut wrong: Vec<String> = errors.map(|error| told(format!("{}: {error}", error.instance_path()))).collect();
    if wrong.is_empty() && !OPEN.is_valid(report) {
        wrong.push("only the closed schema takes it".to_owned());
    }
    wrong
}
