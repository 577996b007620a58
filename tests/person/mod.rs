//! A person at a terminal: types, looks at the screen, and sees in which state the terminal is left.

use std::error::Error;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::process::Child;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use pty_process::Size;
use pty_process::blocking::{Command, Pty, open};

/// Nothing on loopback takes this long, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs the program, then tells how it ended and in which state the terminal is.
const WATCH: &str = r#"trap : INT; "$@"; echo "ended with $?"; stty -a"#;

/// Keys.
pub(crate) const ENTER: &str = "\r";
pub(crate) const DOWN: &str = "\u{1b}[B";
pub(crate) const TAB: &str = "\t";
pub(crate) const ESCAPE: &str = "\u{1b}";
pub(crate) const CTRL_C: &str = "\u{3}";
pub(crate) const CTRL_U: &str = "\u{15}";

/// Somebody who runs the program at a terminal.
pub(crate) struct Person {
    pty: Arc<Pty>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
    child: Child,
}

/// What came to the terminal so far.
struct Seen {
    screen: vt100::Parser,
    raw: Vec<u8>,
    over: bool,
}

/// How a run ended.
pub(crate) struct Ended {
    /// The exit code.
    pub(crate) exit: String,
    /// The screen, up to the program's end.
    pub(crate) screen: String,
    /// Everything that was ever sent to the terminal.
    pub(crate) raw: String,
    /// What is wrong with the terminal now.
    pub(crate) wrong: Vec<&'static str>,
}

type Tried<T> = Result<T, Box<dyn Error>>;

impl Person {
    /// Sits down at a terminal of this many rows and columns and runs the program with these variables and arguments.
    pub(crate) fn at(size: (u16, u16), variables: &[(&str, &str)], arguments: &[&str]) -> Tried<Self> {
        let (pty, pts) = open()?;
        pty.resize(Size::new(size.0, size.1))?;
        let child = Command::new("sh")
            .args(["-c", WATCH, "sh", env!("CARGO_BIN_EXE_ruta")])
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("TERM", "xterm-256color")
            .env("LANG", "C.UTF-8")
            .env("container", "")
            .envs(variables.iter().copied())
            .spawn(pts)?;
        let (rows, columns) = (NonZeroU16::new(size.0), NonZeroU16::new(size.1));
        let screen = vt100::Parser::new(rows.ok_or("no rows")?, columns.ok_or("no columns")?, 0);
        let seen = Arc::new((Mutex::new(Seen { screen, raw: Vec::new(), over: false }), Condvar::new()));
        let pty = Arc::new(pty);
        let (eye, eyes) = (Arc::clone(&pty), Arc::clone(&seen));
        thread::spawn(move || watch(&eye, &eyes));
        Ok(Self { pty, seen, child })
    }

    /// Types.
    pub(crate) fn types(&self, text: &str) -> Tried<&Self> {
        (&*self.pty).write_all(text.as_bytes())?;
        Ok(self)
    }

    /// Pastes, as a terminal passes it on to a program that wants to know.
    pub(crate) fn pastes(&self, text: &str) -> Tried<&Self> {
        self.types(&format!("\u{1b}[200~{text}\u{1b}[201~"))
    }

    /// Looks until this stands on the screen, and returns the screen.
    pub(crate) fn sees(&self, text: &str) -> Tried<String> {
        self.looks(|screen| screen.contains(text)).map_err(|screen| format!("no `{text}` on:\n{screen}").into())
    }

    /// Looks until the screen is as wanted, and returns it; or the screen as it is in the end.
    pub(crate) fn looks(&self, wanted: impl Fn(&str) -> bool) -> Result<String, String> {
        let until = Instant::now() + PATIENCE;
        let mut seen = self.lock();
        loop {
            let screen = tidy(&seen.screen.screen().contents());
            // While something is drawn, the cursor is hidden.
            if wanted(&screen) && !seen.screen.screen().hide_cursor() {
                return Ok(screen);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || seen.over {
                return Err(screen);
            }
            seen = self.seen.1.wait_timeout(seen, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the end.
    pub(crate) fn ends(mut self) -> Tried<Ended> {
        // A guided run ends with an offer to save; Enter alone saves nothing.
        let offer = "Save these values?";
        if self.looks(|screen| screen.contains(offer) || screen.contains("ended with "))?.contains(offer) {
            self.types("\r")?;
        }
        self.sees("ended with ")?;
        self.sees("icanon")?;
        let status = self.child.wait()?;
        assert!(status.success(), "the shell itself failed: {status}");
        let seen = self.lock();
        let raw = String::from_utf8_lossy(&seen.raw).into_owned();
        let (program, state) = raw.split_once("ended with ").ok_or("no end")?;
        let contents = tidy(&seen.screen.screen().contents());
        let (screen, _) = contents.split_once("ended with ").ok_or("no end on the screen")?;
        let exit = state.lines().next().unwrap_or_default().trim().to_owned();
        let mut wrong = Vec::new();
        for (word, what) in [("-echo ", "it does not echo"), ("-icanon", "it is raw"), ("-isig", "Ctrl-C is dead")] {
            if state.contains(word) {
                wrong.push(what);
            }
        }
        if seen.screen.screen().hide_cursor() {
            wrong.push("the cursor is hidden");
        }
        if seen.screen.screen().bracketed_paste() {
            wrong.push("pastes are bracketed");
        }
        Ok(Ended { exit, screen: screen.to_owned(), raw: program.to_owned(), wrong })
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads what comes to the terminal until nobody is left who could write.
fn watch(pty: &Pty, seen: &(Mutex<Seen>, Condvar)) {
    let mut part = [0; 4096];
    loop {
        let read = (&*pty).read(&mut part);
        let mut now = seen.0.lock().unwrap_or_else(PoisonError::into_inner);
        match read {
            Ok(count) if count > 0 => {
                now.screen.process(&part[..count]);
                now.raw.extend_from_slice(&part[..count]);
            }
            // Linux reports an error once the other side is closed.
            _ => now.over = true,
        }
        let over = now.over;
        drop(now);
        seen.1.notify_all();
        if over {
            return;
        }
    }
}

/// The screen without blanks at the ends of its lines.
fn tidy(screen: &str) -> String {
    let lines: Vec<&str> = screen.lines().map(str::trim_end).collect();
    lines.join("\n").trim_end().to_owned()
}

/// The key of every person here.
pub(crate) const KEY: &str = "sk-2f7Lq8Zr4Xw1Vn4kTz8QpW2xRb6LmYc9HdJf3GsA5uEo";

/// The terminal is as it was, nothing panicked, and no piece of the key was ever sent to it.
pub(crate) fn left_in_order(ended: &Ended, what: &str) {
    assert_eq!(ended.wrong, Vec::<&str>::new(), "{what}: {}", ended.screen);
    assert!(!ended.raw.contains("panicked"), "{what}: {}", ended.raw);
    for piece in KEY.as_bytes()[3..].windows(6).map(String::from_utf8_lossy) {
        assert!(!ended.raw.contains(&*piece), "{what}: a piece of the key was shown: {}", ended.screen);
    }
}
