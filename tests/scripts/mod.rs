//! Reads all scenario files.

use std::fs;

use ruta::scenario::Scenario;

use crate::script::{FOLDER, scenario};

/// Every scenario by the name of its file.
pub(crate) fn scenarios() -> Result<Vec<(String, Scenario)>, String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(FOLDER).map_err(|error| error.to_string())? {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.extension().is_some_and(|end| end == "toml") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let read = scenario(&name)?;
            found.push((name, read));
        }
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(found)
}

/// The same, those first that wait the longest: begun last, they would be waited for alone.
pub(crate) fn slowest_first() -> Result<Vec<(String, Scenario)>, String> {
    let mut found = scenarios()?;
    let waits = |scenario: &Scenario| scenario.answer.iter().map(|row| row.delay_ms).max().unwrap_or_default();
    found.sort_by_key(|(_, scenario)| (std::cmp::Reverse(waits(scenario)), scenario.args.is_empty()));
    Ok(found)
}
