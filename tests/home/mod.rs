//! A home folder of its own, with the file of saved connections in it.

use std::error::Error;
use std::path::PathBuf;
use std::{fs, io};

use tempfile::TempDir;

use crate::stage::{Ran, run, ruta};

/// A configuration folder that nobody else uses.
pub(crate) struct Home {
    folder: TempDir,
}

impl Home {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { folder: TempDir::new()? })
    }

    /// The file of saved connections.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("ruta").join("connections.toml")
    }

    /// What the file holds.
    pub(crate) fn text(&self) -> io::Result<String> {
        fs::read_to_string(self.file())
    }

    /// Puts a file there.
    pub(crate) fn write(&self, text: impl AsRef<[u8]>) -> io::Result<()> {
        fs::create_dir_all(self.folder.path().join("ruta"))?;
        fs::write(self.file(), text)
    }

    /// The program in this home.
    pub(crate) fn ruta(&self) -> assert_cmd::Command {
        let mut command = ruta();
        command
            .env("XDG_CONFIG_HOME", self.folder.path())
            .env("APPDATA", self.folder.path())
            .current_dir(self.folder.path());
        command
    }

    /// Runs a command of it.
    pub(crate) fn run(&self, arguments: &[&str]) -> io::Result<Ran> {
        let ran = run(self.ruta().args(arguments))?;
        assert!(!ran.stderr.contains("panicked"), "{arguments:?}: {}", ran.stderr);
        Ok(ran)
    }

    /// Runs a command that must succeed, and returns what it printed.
    pub(crate) fn done(&self, arguments: &[&str]) -> Result<String, Box<dyn Error>> {
        let ran = self.run(arguments)?;
        if ran.exit == 0 { Ok(ran.stdout) } else { Err(format!("{arguments:?}: {}", ran.stderr).into()) }
    }

    /// Runs a command that must complain, and returns the complaint, without the folder's own name.
    pub(crate) fn refused(&self, arguments: &[&str]) -> Result<String, Box<dyn Error>> {
        let ran = self.run(arguments)?;
        let told = ran.stderr.replace(&self.folder.path().display().to_string(), "CONFIG").replace('\\', "/");
        if (ran.exit, ran.stdout.as_str()) == (2, "") {
            Ok(told)
        } else {
            Err(format!("{arguments:?} must be refused: {}: {}{told}", ran.exit, ran.stdout).into())
        }
    }
}
