//! Reads one scenario file.

use std::fs;
use std::path::Path;

use ruta::scenario::Scenario;

/// The scenario files.
pub(crate) const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/scenarios");

/// The scenario of this name.
pub(crate) fn scenario(name: &str) -> Result<Scenario, String> {
    let path = Path::new(FOLDER).join(format!("{name}.toml"));
    let text = fs::read_to_string(&path).map_err(|error| format!("{name}: {error}"))?;
    Scenario::parse(&text).map_err(|error| format!("{name}: {error}"))
}
