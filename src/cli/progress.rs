//! What is shown on standard error while checks run: a line for each connection, or each request and answer.

use std::io::{IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};

use super::output;
use crate::connection::scrub::one_line;
use crate::evidence::{Observation, span};
use crate::examine::Progress;
use crate::examine::ask::Ask;
use crate::report::Report;

/// After this long without an answer people want to know what is being waited for.
const SILENCE: Duration = Duration::from_secs(3);

/// The lines of a run.
pub(super) struct Display {
    lines: Option<MultiProgress>,
    many: bool,
    verbose: bool,
}

/// A request that is not answered yet.
struct Waiting {
    check: &'static str,
    since: Instant,
    path: String,
    /// Why the answer may be late.
    patience: &'static str,
}

/// The line of one connection.
pub(super) struct Line {
    bar: Option<ProgressBar>,
    asked: Arc<Mutex<Vec<Waiting>>>,
    name: Option<String>,
    verbose: bool,
    many: bool,
}

impl Display {
    /// Lines on a terminal, nothing elsewhere.
    pub(super) fn new(connections: usize, verbose: bool, quiet: bool) -> Self {
        let lines = (std::io::stderr().is_terminal() && !quiet && !verbose).then(MultiProgress::new);
        Self { lines, many: connections > 1, verbose }
    }

    /// A line for one more connection.
    pub(super) fn line(&self, name: Option<&str>) -> Line {
        let asked: Arc<Mutex<Vec<Waiting>>> = Arc::default();
        let bar = self.lines.as_ref().map(|lines| {
            let bar = lines.add(ProgressBar::new_spinner());
            let since = Arc::clone(&asked);
            let hint = move |_: &ProgressState, out: &mut dyn std::fmt::Write| {
                let asked = since.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(longest) = asked.first().filter(|longest| longest.since.elapsed() >= SILENCE) {
                    let _ = write!(out, "{}", longest.patience);
                }
            };
            if let Ok(style) = ProgressStyle::with_template(" {spinner} {prefix}{msg} {elapsed}{hint}") {
                bar.set_style(style.with_key("hint", hint));
            }
            if let Some(name) = name.filter(|_| self.many) {
                bar.set_prefix(format!("{}: ", one_line(name, 40)));
            }
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Line { bar, asked, name: name.map(str::to_owned), verbose: self.verbose, many: self.many }
    }

    /// Takes all lines away.
    pub(super) fn clear(&self) {
        if let Some(lines) = &self.lines {
            let _ = lines.clear();
        }
    }
}

impl Line {
    /// Shows what is going on.
    pub(super) fn show(&self, progress: &Progress<'_>) {
        match progress {
            Progress::Asking(ask) => {
                let path = one_line(&ask.path, 40);
                let waiting = Waiting { check: ask.check, since: Instant::now(), path, patience: patience(ask) };
                self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(waiting);
                self.name_asked();
            }
            Progress::Seen(seen) => {
                self.asked.lock().unwrap_or_else(PoisonError::into_inner).retain(|asked| asked.check != seen.check);
                self.name_asked();
                if self.verbose {
                    log(seen, self.name.as_deref().filter(|_| self.many));
                }
            }
        }
    }

    /// Names what is being waited for.
    fn name_asked(&self) {
        let Some(bar) = &self.bar else { return };
        let message = match self.asked.lock().unwrap_or_else(PoisonError::into_inner).as_slice() {
            [] => None,
            [one] => Some(format!("asking {}", one.path)),
            several => Some(format!("asking {} endpoints", several.len())),
        };
        // Drawn with the lock given back: the bar's own hint takes it.
        if let Some(message) = message {
            bar.set_message(message);
        }
    }

    /// Shows that a server that is starting is waited for.
    pub(super) fn waiting(&self, title: &str, waited: Duration, limit: Duration) {
        if let Some(bar) = &self.bar {
            let left = limit.saturating_sub(waited).as_secs();
            bar.set_message(format!("waiting: {title}; {left} s left,"));
        } else if self.verbose {
            let _ = writeln!(std::io::stderr(), "* waiting: {}", output::shown(title, false));
        }
    }

    /// Shows how it ended, where other connections are still running.
    pub(super) fn done(&self, report: &Report) {
        let Some(bar) = &self.bar else { return };
        if self.many {
            let time = span(bar.elapsed().as_secs_f64() * 1000.0);
            let name = one_line(self.name.as_deref().unwrap_or("?"), 40);
            bar.set_style(ProgressStyle::with_template(" {msg}").unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.finish_with_message(format!("{name}: {} ({time})", report.diagnosis.cause));
        } else {
            bar.finish_and_clear();
        }
    }
}

/// Why an answer may be late.
fn patience(ask: &Ask) -> &'static str {
    if ask.body.is_none() {
        "  no answer yet: still waiting for the list of models"
    } else if ask.stream {
        "  no answer yet: still waiting for the stream to begin or to end"
    } else {
        "  no answer yet: a model that has to be loaded first can take a minute"
    }
}

/// One exchange for `-v`, in curl's manner: `>` sent, `<` received, `*` remarks.
fn log(seen: &Observation, name: Option<&str>) {
    let Some(request) = &seen.request else { return };
    let mut err = std::io::stderr().lock();
    let mut line = |text: &str| {
        let name = name.map(|name| format!("[{name}] ")).unwrap_or_default();
        let _ = writeln!(err, "{}", output::shown(&format!("{name}{text}"), false).replace('\n', " "));
    };
    line(&format!(
        "> {} {}  [{}, key {}, {} bytes]",
        request.method,
        request.url,
        seen.check,
        serde_json::to_string(&request.key).unwrap_or_default().trim_matches('"'),
        request.bytes
    ));
    if let Some(answer) = &seen.answer {
        line(&format!(
            "< {} {}  [{} bytes, {:.0} ms]",
            answer.version,
            answer.status,
            answer.bytes,
            seen.timing.total.unwrap_or_default()
        ));
        for (name, value) in &answer.headers {
            line(&format!("< {name}: {}", one_line(value, 200)));
        }
        if !answer.body.trim().is_empty() {
            line(&format!("< {}", one_line(&answer.body, 500)));
        }
    }
    if let Some(failure) = &seen.failure {
        line(&format!("* {:?} while {}: {}", failure.kind, failure.stage.words(), failure.detail));
    }
    line(&format!("* {}", seen.timing.describe()));
}
