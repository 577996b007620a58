//! Completions: each shell gets some, they parse where the shell is installed, and they know causes, providers, clients,
//! checks and scenarios.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use crate::asked::{Tested, ask};
use tempfile::TempDir;

/// The shells, and how each reads a script without running it, where it can.
const SHELLS: &[(&str, &[&str])] = &[
    ("bash", &["bash", "-n"]),
    ("zsh", &["zsh", "-n"]),
    ("fish", &["fish", "--no-execute"]),
    ("powershell", &[]),
    ("elvish", &["elvish", "-compileonly"]),
];

#[test]
fn every_shell_gets_completions_that_it_can_read() -> Tested {
    let folder = TempDir::new()?;
    for (shell, reads) in SHELLS {
        let ran = ask(&["completions", shell])?;
        assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{shell}");
        assert!(ran.stdout.lines().count() > 100, "{shell}: {}", ran.stdout);
        // A bash on Windows may be one of another system, which does not see this file.
        let [program, flags @ ..] = reads else { continue };
        if cfg!(windows) {
            continue;
        }
        let installed = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        if installed.is_err() {
            let _ = writeln!(std::io::stderr(), "{shell} is not installed: its script is not tried");
            continue;
        }
        let file = folder.path().join(shell);
        fs::write(&file, &ran.stdout)?;
        let output = Command::new(program).args(flags).arg(&file).output()?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && said.is_empty(), "{shell}: {said}");
    }
    Ok(())
}

#[test]
fn values_are_completed_too() -> Tested {
    let flags = ["open-webui", "embeddings", "junit"];
    let words = ["model-not-found", "openrouter", "healthy-after-loading", "powershell"];
    for shell in ["bash", "zsh", "fish"] {
        let text = ask(&["completions", shell])?.stdout;
        // For fish only the values of flags are told.
        let words = if shell == "fish" { &[][..] } else { &words };
        for value in flags.iter().chain(words) {
            assert!(text.contains(value), "{shell} does not know {value}");
        }
    }
    Ok(())
}

#[cfg(unix)]
#[test]
fn bash_completes_what_was_begun() -> Tested {
    if Command::new("bash").arg("--version").stdout(Stdio::null()).status().is_err() {
        let _ = writeln!(std::io::stderr(), "skipped: there is no bash");
        return Ok(());
    }
    let folder = TempDir::new()?;
    let file = folder.path().join("ruta.bash");
    fs::write(&file, ask(&["completions", "bash"])?.stdout)?;
    for (words, expected) in [
        (&["ruta", "doc"][..], "doctor"),
        (&["ruta", "explain", "model-not-f"], "model-not-found"),
        (&["ruta", "providers", "openr"], "openrouter"),
        (&["ruta", "doctor", "--for", "open-w"], "open-webui"),
        (&["ruta", "doctor", "--wa"], "--wait"),
    ] {
        let line = format!(
            "COMP_WORDS=({}); COMP_CWORD={}; source '{}'; _ruta ruta '{}' '{}'; echo \"${{COMPREPLY[*]}}\"",
            words.join(" "),
            words.len() - 1,
            file.display(),
            words[words.len() - 1],
            words[words.len() - 2]
        );
        let output = Command::new("bash").args(["--norc", "-c", &line]).output()?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(said.trim(), expected, "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
