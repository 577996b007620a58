//! Plays one scenario of `fixtures/scenarios` for as long as standard input is open, for any client to be pointed at it:
//! `cargo run --example play NAME`.

use std::error::Error;
use std::io::{Read, Write};
use std::path::Path;
use std::{env, fs, io};

use ruta::scenario::{Scenario, Server};
use serde_json::json;

fn main() -> Result<(), Box<dyn Error>> {
    let name = env::args().nth(1).ok_or("which scenario? give the name of a file in fixtures/scenarios")?;
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/scenarios").join(format!("{name}.toml"));
    let file = if own.exists() { own } else { name.into() };
    let scenario = Scenario::parse(&fs::read_to_string(file)?)?;
    let server = Server::start(&scenario)?;
    // One line for a program to read: what a user would type, and how the doctor is called.
    let said = json!({
        "title": scenario.title,
        "server": server.fill("{server}"),
        "url": scenario.url.as_deref().map(|url| server.fill(url)),
        "key": scenario.key,
        "model": scenario.model,
        "arguments": scenario.doctor_arguments(&server),
        "environment": scenario.environment(&server),
    });
    let mut out = io::stdout();
    writeln!(out, "{said}")?;
    out.flush()?;
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
