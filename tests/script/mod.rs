//! Reads one scenario file, or plays one that is written where it is needed.

use std::error::Error;
use std::fs;
use std::path::Path;

use ruta::scenario::{Scenario, Server};

/// The scenario files.
pub(crate) const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/scenarios");

/// The scenario of this name.
pub(crate) fn scenario(name: &str) -> Result<Scenario, String> {
    let path = Path::new(FOLDER).join(format!("{name}.toml"));
    let text = fs::read_to_string(&path).map_err(|error| format!("{name}: {error}"))?;
    Scenario::parse(&text).map_err(|error| format!("{name}: {error}"))
}

/// The rows of a server where everything is right.
pub(crate) const HEALTHY: &str = "
[[answer]]
path = '/v1/models'
use = 'models'
ids = ['m']
[[answer]]
path = '/v1/chat/completions'
use = 'chat-or-stream'
";

/// A server with these rows.
pub(crate) fn serving(rows: &str) -> Result<Server, Box<dyn Error>> {
    let head = "title = 't'\ncause = 'ok'\noutcome = 'works'\nexit = 0\n";
    Ok(Server::start(&Scenario::parse(&format!("{head}{rows}"))?)?)
}
