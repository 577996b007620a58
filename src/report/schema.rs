//! The JSON Schema of the report, made from the types: what `docs/report.schema.json` publishes.

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::Report;

/// The schema of what `--format json` prints: a report, or a list of them for several connections.
pub fn schema() -> Value {
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let report = generator.subschema_for::<Report>();
    let definitions = generator.take_definitions(true);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Report of ruta",
        "description": "What `ruta doctor --format json` prints: one report, or a list of them for several connections. \
            Within one value of `schema`, later versions only add fields, and values where a list of names says so.",
        "anyOf": [report, { "type": "array", "items": report }],
        "$defs": definitions,
    })
}
