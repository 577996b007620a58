//! Puts the built program on a stage: a scenario's server on loopback, a clean environment, and what came out.

use std::time::Duration;
use std::{env, io};

use ruta::scenario::{Scenario, Server};

/// No run of the program on loopback takes this long; a run that does is ended and fails its test.
const PATIENCE: Duration = Duration::from_secs(40);

/// Where requests go that belong to no server of the scenario: nothing listens there.
const NOWHERE: &str = "::127.0.0.1:9";

/// What one run of the program left behind.
pub(crate) struct Ran {
    /// Exit code; -1 if a signal or our patience ended it.
    pub(crate) exit: i32,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
}

/// The program with nothing of this environment, on a terminal of 80 columns that is none.
pub(crate) fn ruta() -> assert_cmd::Command {
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_ruta"));
    command
        .env_clear()
        .env("container", "")
        .env("TERM", "xterm")
        .env("LANG", "C.UTF-8")
        // Nobody's own keyring is asked.
        .env("RUTA_KEYRING", "off")
        .env("COLUMNS", "80")
        .timeout(PATIENCE);
    // Windows opens no socket without it.
    if let Some(root) = env::var_os("SystemRoot") {
        command.env("SystemRoot", root);
    }
    command
}

/// Runs it to the end.
pub(crate) fn run(command: &mut assert_cmd::Command) -> io::Result<Ran> {
    let output = command.output()?;
    Ok(Ran {
        exit: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// One scenario played to one run of `ruta doctor`.
pub(crate) struct Played {
    /// What came out.
    pub(crate) ran: Ran,
    /// The server, which remembers what it was sent; stopped when this is dropped.
    pub(crate) server: Server,
}

impl Played {
    /// Plays the scenario on a server of its own, because rows of a script may serve only once.
    pub(crate) fn doctor(scenario: &Scenario, extra: &[&str]) -> Result<Self, String> {
        Self::doctor_in(&[], scenario, extra)
    }

    /// The same with further variables in its environment.
    pub(crate) fn doctor_in(variables: &[(&str, &str)], scenario: &Scenario, extra: &[&str]) -> Result<Self, String> {
        let server = Server::start(scenario).map_err(|error| error.to_string())?;
        let mut command = ruta();
        command.arg("doctor").args(scenario.doctor_arguments(&server)).args(extra);
        if leaves_loopback(scenario) {
            for address in [Some(server.address()), server.other_address()].into_iter().flatten() {
                command.args(["--connect-to", &format!("{address}:{address}")]);
            }
            command.args(["--connect-to", NOWHERE]);
        }
        command.envs(variables.iter().copied()).envs(scenario.environment(&server));
        let ran = run(&mut command).map_err(|error| error.to_string())?;
        Ok(Self { ran, server })
    }
}

/// Whether the scenario names hosts other than this machine, so that a request that its servers do not expect must be
/// caught. A name that is looked up in vain is the point of `dns-failed`.
fn leaves_loopback(scenario: &Scenario) -> bool {
    let url = scenario.url.as_deref().unwrap_or_default();
    let own = ["{server}", "127.0.0.1", "localhost", "0.0.0.0", "[::"].iter().any(|place| url.contains(place));
    let named = !scenario.host.is_empty() || scenario.other.as_ref().is_some_and(|other| !other.host.is_empty());
    scenario.cause != "dns-failed" && (named || !own)
}
