//! Ends the program in the middle of its work: Ctrl-C ends it at once and leaves nothing behind, and a reader that goes
//! away is no reason to complain.

#![cfg(unix)]

#[expect(dead_code, reason = "only a part of the stage is needed here")]
mod stage;

use std::error::Error;
use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use ruta::scenario::{Scenario, Server};
use stage::{run, ruta};
use tempfile::TempDir;

type Tested = Result<(), Box<dyn Error>>;

/// Ctrl-C has done its work within this time, also on a busy machine.
const AT_ONCE: Duration = Duration::from_secs(5);

/// What a server does while Ctrl-C is pressed.
const HANGING: &[(&str, &str)] = &[
    ("never answers", "[[answer]]\nfault = 'hang'"),
    ("stops in the middle of a body", "[[answer]]\nfault = 'stall-body'\nbody = 'abcdefgh'"),
    ("never ends a body", "[[answer]]\nfault = 'drip'\nbody = '                                                  '"),
    ("never says a word", "listen = 'silent'"),
];

fn hanging(rows: &str) -> Result<Server, Box<dyn Error>> {
    let head =
        "title = 't'\ncause = 'response-timeout'\noutcome = 'broken'\nexit = 75\nurl = '{server}/v1'\nmodel = 'm'\n";
    Ok(Server::start(&Scenario::parse(&format!("{head}{rows}\n"))?)?)
}

/// The program, asked to examine this server.
fn doctor(server: &Server) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ruta"));
    command.env_clear().env("TERM", "xterm").env("LANG", "C.UTF-8").env("container", "");
    command.args(["doctor", "--no-key", "--model", "m", "--timeout", "60s", "--url", &server.fill("{server}/v1")]);
    command
}

/// Waits until something has been asked of the server, and a little longer.
fn until_asked(server: &Server) {
    let started = Instant::now();
    while server.connections() == 0 && started.elapsed() < AT_ONCE {
        sleep(Duration::from_millis(10));
    }
    sleep(Duration::from_millis(150));
}

/// Waits for the end and fails if it does not come.
fn end(mut child: Child, what: &str) -> Result<Output, Box<dyn Error>> {
    let started = Instant::now();
    while child.try_wait()?.is_none() {
        if started.elapsed() > AT_ONCE {
            child.kill()?;
            return Err(format!("{what}: it did not end").into());
        }
        sleep(Duration::from_millis(10));
    }
    Ok(child.wait_with_output()?)
}

/// Ctrl-C as a terminal sends it.
fn interrupt(child: &Child) -> Tested {
    let done = Command::new("kill").args(["-INT", &child.id().to_string()]).status()?;
    if done.success() { Ok(()) } else { Err("no signal was sent".into()) }
}

fn names(folder: &Path) -> Result<Vec<String>, std::io::Error> {
    let mut names: Vec<String> = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<_, std::io::Error>>()?;
    names.sort();
    Ok(names)
}

#[test]
fn ctrl_c_ends_it_at_once_and_leaves_no_half_file() -> Tested {
    for (what, rows) in HANGING {
        let folder = TempDir::new()?;
        let server = hanging(rows)?;
        let (record, report) = (folder.path().join("recording.json"), folder.path().join("report.txt"));
        fs::write(&record, "what stood there before")?;
        let child = doctor(&server)
            .arg("-v")
            .args([Path::new("--record"), &record, Path::new("--output"), &report])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        until_asked(&server);
        interrupt(&child)?;
        let output = end(child, what)?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(130), "{what}: {said}");
        assert!(output.stdout.is_empty(), "{what}: {}", String::from_utf8_lossy(&output.stdout));
        assert!(!said.contains("panicked") && !said.contains("error"), "{what}: {said}");
        assert_eq!(names(folder.path())?, ["recording.json"], "{what}");
        assert_eq!(fs::read_to_string(&record)?, "what stood there before", "{what}");
    }
    Ok(())
}

/// A command that runs a line of the shell on a terminal of its own and passes on what is typed; `None` where this system
/// has none.
fn on_a_terminal(line: &str) -> Option<Command> {
    let works = |program: &str, argument: &str| {
        Command::new(program)
            .arg(argument)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|s| s.success())
    };
    let mut command;
    if works("python3", "--version") {
        command = Command::new("python3");
        command.args([
            "-c",
            "import pty, os, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(['sh', '-c', sys.argv[1]])))",
            line,
        ]);
    } else if works("script", "--version") {
        command = Command::new("script");
        command.args(["-qec", line, "/dev/null"]);
    } else {
        return None;
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Some(command)
}

#[test]
fn ctrl_c_at_a_terminal_clears_the_spinner_and_gives_the_cursor_back() -> Tested {
    let server = hanging(HANGING[0].1)?;
    let line = format!(
        "exec env -i TERM=xterm LANG=C.UTF-8 '{}' doctor --no-key --model m --timeout 60s --url {}",
        env!("CARGO_BIN_EXE_ruta"),
        server.fill("{server}/v1")
    );
    let Some(mut command) = on_a_terminal(&line) else {
        let _ = writeln!(std::io::stderr(), "skipped: there is neither python3 nor script to make a terminal with");
        return Ok(());
    };
    let mut child = command.spawn()?;
    until_asked(&server);
    sleep(Duration::from_millis(400));
    let mut keyboard = child.stdin.take().ok_or("no keyboard")?;
    keyboard.write_all(b"\x03")?;
    keyboard.flush()?;
    let output = end(child, "at a terminal")?;
    drop(keyboard);
    let screen = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(130), "{screen:?} {}", String::from_utf8_lossy(&output.stderr));
    assert!(screen.contains("asking"), "no spinner was seen: {screen:?}");
    let (hidden, shown) = (screen.rfind("\u{1b}[?25l"), screen.rfind("\u{1b}[?25h"));
    assert!(hidden.is_none() || shown > hidden, "the cursor stays hidden: {screen:?}");
    // While it is drawn, text stands between the two.
    let after = screen.rfind("\r\u{1b}[J").map(|at| &screen[at..]).ok_or("the spinner was never cleared")?;
    assert!(!after.contains("asking"), "the spinner stays: {screen:?}");
    Ok(())
}

/// Runs it with a reader that is gone before the first word, and returns exit code and complaints.
fn unread(mut command: Command, errors_too: bool) -> Result<(Option<i32>, String), Box<dyn Error>> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    drop(child.stdout.take());
    let mut said = String::new();
    if errors_too {
        drop(child.stderr.take());
    } else if let Some(mut stderr) = child.stderr.take() {
        stderr.read_to_string(&mut said)?;
    }
    Ok((child.wait()?.code(), said))
}

#[test]
fn a_reader_that_goes_away_hears_no_complaint() -> Tested {
    let refused = "title = 't'\ncause = 'key-rejected'\noutcome = 'broken'\nexit = 1\nurl = '{server}/v1'\n[[answer]]\nstatus = 401\nbody = '{\"error\":{\"message\":\"Incorrect API key provided\",\"code\":\"invalid_api_key\"}}'\n";
    let server = Server::start(&Scenario::parse(refused)?)?;
    let folder = TempDir::new()?;
    let file = folder.path().join("recording.json");
    let made = doctor(&server).arg("--record").arg(&file).output()?;
    assert_eq!(made.status.code(), Some(1));
    let plain = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ruta"));
        command.env_clear().args(arguments);
        command
    };
    let file = file.to_str().ok_or("the folder's name is no text")?;
    for errors_too in [false, true] {
        for (what, command, exit) in [
            ("explain", plain(&["explain"]), 0),
            ("explain as JSON", plain(&["explain", "--format", "json"]), 0),
            ("explain 429", plain(&["explain", "429"]), 0),
            ("help", plain(&["--help"]), 0),
            ("demo", plain(&["demo", "--list"]), 0),
            ("replay", plain(&["replay", file]), 1),
            ("doctor", doctor(&server), 1),
        ] {
            let (code, said) = unread(command, errors_too)?;
            assert!(said.is_empty(), "{what}: {said}");
            assert_eq!(code, Some(exit), "{what}, errors unread: {errors_too}");
        }
    }
    Ok(())
}

#[test]
fn the_first_line_is_enough_for_head() -> Tested {
    let line = format!("'{}' explain | head -1", env!("CARGO_BIN_EXE_ruta"));
    let output = Command::new("sh").args(["-c", &line]).output()?;
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 1);
    // The program itself writes all of it where all is read.
    assert!(run(ruta().arg("explain"))?.stdout.lines().count() > 10);
    Ok(())
}
