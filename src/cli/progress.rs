//! What is shown on standard error while checks run: a line for each connection, or each request and answer.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle, TermLike};

use super::narrow::Narrow;
use super::output;
use crate::connection::scrub::one_line;
use crate::evidence::{Observation, span};
use crate::examine::Progress;
use crate::examine::ask::Ask;
use crate::report::Report;

/// After this long without an answer people want to know what is being waited for.
const SILENCE: Duration = Duration::from_secs(3);
/// Times a second that a line is drawn at most.
const HERTZ: u8 = 15;
/// How often a spinner turns.
const TICK: Duration = Duration::from_millis(120);
/// More connections than this share one line.
const LINES: usize = 16;

/// The lines of a run.
pub(super) struct Display {
    lines: Option<MultiProgress>,
    /// The one line of a great many connections.
    count: Option<ProgressBar>,
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
    count: Option<ProgressBar>,
    doing: Arc<Mutex<Doing>>,
    heard: AtomicBool,
    name: Option<String>,
    verbose: bool,
    many: bool,
}

/// What a connection is at.
#[derive(Default)]
enum Doing {
    /// Nothing that is worth a word.
    #[default]
    Nothing,
    /// Requests were sent; these are not answered yet, the longest wait first.
    Asking(Vec<Waiting>),
    /// A server that is starting is waited for.
    Waiting { title: String, until: Instant },
    /// All was examined.
    Done(String),
}

impl Doing {
    /// In words, with what may be said after so long.
    fn words(&self, elapsed: Duration) -> String {
        match self {
            Self::Nothing => format!("{} s", elapsed.as_secs()),
            Self::Asking(asked) => {
                let what = match asked.as_slice() {
                    [] => return format!("{} s", elapsed.as_secs()),
                    [one] => one.path.clone(),
                    several => format!("{} endpoints", several.len()),
                };
                let late = asked.first().filter(|longest| longest.since.elapsed() >= SILENCE);
                format!("asking {what}, {} s{}", elapsed.as_secs(), late.map_or("", |longest| longest.patience))
            }
            Self::Waiting { title, until } => {
                let left = until.saturating_duration_since(Instant::now());
                format!("waiting, {} s left: {title}", left.as_secs())
            }
            Self::Done(cause) => cause.clone(),
        }
    }
}

impl Display {
    /// Lines on a terminal, nothing elsewhere.
    pub(super) fn new(connections: usize, verbose: bool, quiet: bool) -> Self {
        let shown = std::io::stderr().is_terminal() && !quiet && !verbose;
        let target = || ProgressDrawTarget::term_like_with_hz(Box::new(Narrow::stderr()), HERTZ);
        let count = (shown && connections > LINES).then(|| {
            let bar = ProgressBar::with_draw_target(u64::try_from(connections).ok(), target());
            if let Ok(style) = ProgressStyle::with_template(" {spinner} {pos} of {len} connections checked, {elapsed}")
            {
                bar.set_style(style.tick_chars(signs()));
            }
            bar.enable_steady_tick(TICK);
            bar
        });
        let lines = (shown && count.is_none()).then(|| MultiProgress::with_draw_target(target()));
        Self { lines, count, many: connections > 1, verbose }
    }

    /// A line for one more connection.
    pub(super) fn line(&self, name: Option<&str>) -> Line {
        let doing = Arc::new(Mutex::new(Doing::default()));
        let bar = self.lines.as_ref().map(|lines| {
            let bar = lines.add(ProgressBar::new_spinner());
            let name = name.filter(|_| self.many).map(|name| format!("{}: ", one_line(name, 30))).unwrap_or_default();
            let now = Arc::clone(&doing);
            let words = move |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                let doing = now.lock().unwrap_or_else(PoisonError::into_inner);
                // One row, whatever the terminal's width is now.
                let room = usize::from(Narrow::stderr().width()).saturating_sub(4);
                let _ = write!(out, "{}", one_line(&format!("{name}{}", doing.words(state.elapsed())), room));
            };
            if let Ok(style) = ProgressStyle::with_template(" {spinner} {words}") {
                bar.set_style(style.tick_chars(signs()).with_key("words", words));
            }
            bar.enable_steady_tick(TICK);
            bar
        });
        Line {
            bar,
            count: self.count.clone(),
            doing,
            heard: AtomicBool::new(false),
            name: name.map(str::to_owned),
            verbose: self.verbose,
            many: self.many,
        }
    }

    /// Takes all lines away.
    pub(super) fn clear(&self) {
        if let Some(lines) = &self.lines {
            let _ = lines.clear();
        }
        if let Some(count) = &self.count {
            count.finish_and_clear();
        }
    }
}

impl Line {
    /// Shows what is going on.
    pub(super) fn show(&self, progress: &Progress<'_>) {
        match progress {
            Progress::Asking(ask) => {
                let waiting = Waiting {
                    check: ask.check,
                    since: Instant::now(),
                    path: one_line(&ask.path, 30),
                    patience: patience(ask),
                };
                match &mut *self.doing.lock().unwrap_or_else(PoisonError::into_inner) {
                    Doing::Asking(asked) => asked.push(waiting),
                    other => *other = Doing::Asking(vec![waiting]),
                }
            }
            Progress::Seen(seen) => {
                self.heard.store(true, Ordering::Relaxed);
                if let Doing::Asking(asked) = &mut *self.doing.lock().unwrap_or_else(PoisonError::into_inner) {
                    asked.retain(|waiting| waiting.check != seen.check);
                }
                if self.verbose {
                    log(seen, self.name.as_deref().filter(|_| self.many));
                }
            }
        }
    }

    /// Shows that a server that is starting is waited for.
    pub(super) fn waiting(&self, title: &str, left: Duration) {
        self.is(Doing::Waiting { title: title.to_owned(), until: Instant::now() + left });
        if self.verbose {
            let line = format!("* waiting, {} s left: {title}", left.as_secs());
            let _ = writeln!(std::io::stderr(), "{}", output::shown(&line, false));
        }
    }

    /// Whether any request has ended.
    pub(super) fn has_heard(&self) -> bool {
        self.heard.load(Ordering::Relaxed)
    }

    fn is(&self, doing: Doing) {
        *self.doing.lock().unwrap_or_else(PoisonError::into_inner) = doing;
    }

    /// Shows how it ended, where other connections are still running.
    pub(super) fn done(&self, report: &Report) {
        if let Some(count) = &self.count {
            count.inc(1);
        }
        let Some(bar) = &self.bar else { return };
        if self.many {
            let time = span(bar.elapsed().as_secs_f64() * 1000.0);
            self.is(Doing::Done(format!("{} ({time})", report.diagnosis.cause)));
            bar.finish();
        } else {
            bar.finish_and_clear();
        }
    }
}

/// The signs of a spinner, and the one of a line that is done.
fn signs() -> &'static str {
    if output::unicode() { "⠁⠂⠄⡀⢀⠠⠐⠈ " } else { "|/-\\ " }
}

/// Why an answer may be late.
fn patience(ask: &Ask) -> &'static str {
    if ask.body.is_none() {
        ": no answer yet, the list of models is late"
    } else if ask.stream {
        ": the stream has not ended yet"
    } else {
        ": no answer yet, loading a model can take a minute"
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
