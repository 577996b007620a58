//! A machine of its own: a home folder, a folder at hand, and servers that play scenarios.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{fs, io};

use ruta::scenario::{Scenario, Server};
use tempfile::TempDir;

use crate::script::FOLDER;
use crate::secret::{shown, strayed};
use crate::stage::{Ran, run, ruta};

/// The key that the servers of most scenarios know.
pub(crate) const KEY: &str = "sk-live-KGpOyQNcdOyZbkBFTFoOxtzHq8STZHE6svi34zWH8xM";

/// A key that no server knows.
pub(crate) const OTHER: &str = "sk-live-Wq7TzB4nLxR9cVd2HsKf6MjY3GpA8uEoTi5NvXbQ0hJ";

/// The machine.
pub(crate) struct Machine {
    folder: TempDir,
    variables: Vec<(String, String)>,
    servers: Vec<(&'static str, Scenario, Server)>,
}

impl Machine {
    /// A machine on which these scenarios are played.
    pub(crate) fn with(scenarios: &[&'static str]) -> Result<Self, Box<dyn Error>> {
        let folder = TempDir::new()?;
        for name in ["home", "here"] {
            fs::create_dir(folder.path().join(name))?;
        }
        let mut servers = Vec::new();
        for name in scenarios {
            let scenario = plain(name)?;
            let server = Server::start(&scenario)?;
            servers.push((*name, scenario, server));
        }
        Ok(Self { folder, variables: Vec::new(), servers })
    }

    /// A path: `~/…` is in the home folder, everything else in the folder at hand.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        match path.strip_prefix("~/") {
            Some(rest) => self.folder.path().join("home").join(rest),
            None => self.folder.path().join("here").join(path),
        }
    }

    /// Writes a file; `<NAME>` becomes the address of the server that plays this scenario, `<NAME:port>` its port,
    /// `<NAME:key>` its key, `<KEY>` and `<OTHER>` the keys.
    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) -> io::Result<()> {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/")))?;
        match std::str::from_utf8(text.as_ref()) {
            Ok(text) => fs::write(path, self.fill(text)),
            Err(_) => fs::write(path, text),
        }
    }

    pub(crate) fn fill(&self, text: &str) -> String {
        let text = text.replace("<KEY>", KEY).replace("<OTHER>", OTHER);
        self.servers.iter().fold(text, |text, (name, scenario, server)| {
            let address = server.address();
            text.replace(&format!("<{name}>"), &address.to_string())
                .replace(&format!("<{name}:port>"), &address.port().to_string())
                .replace(&format!("<{name}:key>"), scenario.key.as_deref().unwrap_or_default())
        })
    }

    /// Sets a variable for all that is run from now on.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), self.fill(value)));
    }

    /// The program on this machine.
    pub(crate) fn ruta(&self) -> assert_cmd::Command {
        let mut command = ruta();
        let home = self.folder.path().join("home");
        command.env("HOME", &home).env("USERPROFILE", &home).current_dir(self.folder.path().join("here"));
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs it, and looks for the keys in what it printed and in what it sent. Names of this machine are taken out.
    pub(crate) fn run(&self, arguments: &[&str]) -> Result<Ran, Box<dyn Error>> {
        self.run_with(arguments, "")
    }

    /// The same with a text on standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> Result<Ran, Box<dyn Error>> {
        let mut ran = run(self.ruta().args(arguments).write_stdin(self.fill(input)))?;
        let keys = self.servers.iter().filter_map(|(_, scenario, _)| scenario.key.as_deref());
        for key in keys.chain([KEY, OTHER]) {
            assert_eq!(shown(&ran, key), None, "{arguments:?}");
        }
        for (name, scenario, server) in &self.servers {
            let key = scenario.key.as_deref().unwrap_or_default();
            assert_eq!(strayed(scenario, &server.received(), key), None, "{name}");
        }
        assert!(!ran.stderr.contains("panicked"), "{arguments:?}: {}", ran.stderr);
        let real = self.folder.path().canonicalize()?.display().to_string();
        for text in [&mut ran.stdout, &mut ran.stderr] {
            *text = text.replace(&real, "MACHINE").replace(&self.folder.path().display().to_string(), "MACHINE");
            // As wide as the ports that the system gives, so that lines break where they always break.
            for (at, (_, _, server)) in self.servers.iter().enumerate() {
                *text = text.replace(&server.address().port().to_string(), &(40_001 + at).to_string());
            }
        }
        Ok(ran)
    }

    /// Runs it, where it must refuse, and returns what it says.
    pub(crate) fn refused(&self, arguments: &[&str]) -> Result<String, Box<dyn Error>> {
        let ran = self.run(arguments)?;
        if (ran.exit, ran.stdout.as_str()) == (2, "") {
            Ok(ran.stderr)
        } else {
            Err(format!("{arguments:?} must be refused: {}: {}{}", ran.exit, ran.stdout, ran.stderr).into())
        }
    }

    /// How many requests the server of this scenario has seen.
    pub(crate) fn asked(&self, name: &str) -> usize {
        self.servers.iter().filter(|(own, ..)| *own == name).map(|(_, _, server)| server.received().len()).sum()
    }
}

/// The text on one line, however it was broken into lines.
pub(crate) fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The scenario of this name, on a server without TLS that has no other name.
fn plain(name: &str) -> Result<Scenario, Box<dyn Error>> {
    let text = fs::read_to_string(Path::new(FOLDER).join(format!("{name}.toml")))?;
    let kept = text.lines().filter(|line| !line.starts_with("tls =") && !line.starts_with("host =")).map(|line| {
        if line.starts_with("url = \"https://") { "url = \"{server}/v1\"".to_owned() } else { line.to_owned() }
    });
    Ok(Scenario::parse(&kept.collect::<Vec<_>>().join("\n"))?)
}

/// Compares with a snapshot; times are left out.
pub(crate) fn compare(name: &str, text: &str) {
    let mut settings = crate::snapshot::settings("import");
    settings.add_filter(r" {2,}\d[\d.]* (ms|s)\n", "  [time]\n");
    settings.add_filter(r"\d[\d.]* (ms|s)\b", "[time]");
    settings.bind(|| insta::assert_snapshot!(name, text));
}
