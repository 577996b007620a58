//! What is shown on standard error while checks run: a line for each connection, or each request and answer.

use std::io::{IsTerminal, Write};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::frame::{Frame, Row, room};
use super::output;
use crate::connection::scrub::one_line;
use crate::evidence::{Observation, span};
use crate::examine::Progress;
use crate::examine::ask::Ask;
use crate::render::columns::{cut, width};
use crate::report::Report;

/// After this long without an answer people want to know what is being waited for.
const SILENCE: Duration = Duration::from_secs(3);
/// How often the lines are drawn. What ends before was never worth a line.
const TICK: Duration = Duration::from_millis(120);
/// More connections than this share one line.
const LINES: usize = 16;
/// Columns that stay free: what Ctrl-C leaves behind (`^C`) then stands beside the line, and goes with it.
const FREE: usize = 2;

/// The lines of a run.
pub(super) struct Display {
    board: Option<Arc<Mutex<Board>>>,
    /// Draws the board until this is dropped.
    drawing: Option<(Sender<()>, JoinHandle<()>)>,
    many: bool,
    verbose: bool,
}

/// What is drawn.
struct Board {
    frame: Frame,
    began: Instant,
    turns: usize,
    /// How many connections there are, and how many are done.
    all: usize,
    done: usize,
    /// Those that began, in their order.
    lines: Vec<Now>,
}

/// The state of one connection.
struct Now {
    name: Option<String>,
    began: Instant,
    doing: Doing,
}

/// The line of one connection.
pub(super) struct Line {
    board: Option<Arc<Mutex<Board>>>,
    at: usize,
    name: Option<String>,
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
        let board = shown.then(|| {
            Arc::new(Mutex::new(Board {
                frame: Frame::default(),
                began: Instant::now(),
                turns: 0,
                all: connections,
                done: 0,
                lines: Vec::new(),
            }))
        });
        let drawing = board.as_ref().and_then(|board| draw_steadily(Arc::clone(board)));
        Self { board, drawing, many: connections > 1, verbose }
    }

    /// A line for one more connection.
    pub(super) fn line(&self, name: Option<&str>) -> Line {
        let name = name.filter(|_| self.many).map(str::to_owned);
        let mut at = 0;
        if let Some(board) = &self.board {
            let mut board = locked(board);
            at = board.lines.len();
            board.lines.push(Now { name: name.clone(), began: Instant::now(), doing: Doing::default() });
        }
        Line { board: self.board.clone(), at, name, verbose: self.verbose }
    }

    /// Takes all lines away.
    pub(super) fn clear(&mut self) {
        if let Some((until, drawing)) = self.drawing.take() {
            drop(until);
            let _ = drawing.join();
        }
        if let Some(board) = &self.board {
            locked(board).frame.erase();
        }
    }
}

/// Draws until the other end of the channel is dropped.
fn draw_steadily(board: Arc<Mutex<Board>>) -> Option<(Sender<()>, JoinHandle<()>)> {
    let (until, over) = channel::<()>();
    let draw = move || {
        while over.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
            locked(&board).draw();
        }
    };
    thread::Builder::new().spawn(draw).ok().map(|drawing| (until, drawing))
}

fn locked(board: &Mutex<Board>) -> MutexGuard<'_, Board> {
    board.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Board {
    fn draw(&mut self) {
        let (columns, most) = room();
        let unicode = output::unicode();
        self.turns += 1;
        let texts = self.texts(signs(unicode), most);
        let row = |text: String| {
            let text = cut(&output::shown(&text, false).replace('\n', " "), columns.saturating_sub(FREE), unicode);
            Row { width: width(&text), text }
        };
        let rows: Vec<Row> = texts.into_iter().map(row).collect();
        if let Some(last) = rows.last() {
            self.frame.draw(&rows, (rows.len() - 1, last.width));
        }
    }

    /// One line for each connection, or one for all where they are a great many. Where there is no room for all, those that
    /// are done give way.
    fn texts(&self, signs: &[&str], most: usize) -> Vec<String> {
        let sign = signs.get(self.turns % signs.len().max(1)).copied().unwrap_or_default();
        if self.all > LINES {
            let took = self.began.elapsed().as_secs();
            return vec![format!(" {sign} {} of {} connections checked, {took} s", self.done, self.all)];
        }
        let is_done = |now: &&Now| matches!(now.doing, Doing::Done(_));
        let mut too_many = self.lines.len().saturating_sub(most);
        let kept = self.lines.iter().filter(|now| {
            let gives_way = too_many > 0 && is_done(now);
            too_many -= usize::from(gives_way);
            !gives_way
        });
        let text = |now: &Now| {
            let sign = if is_done(&now) { " " } else { sign };
            let name = now.name.as_ref().map(|name| format!("{}: ", one_line(name, 40))).unwrap_or_default();
            format!(" {sign} {name}{}", now.doing.words(now.began.elapsed()))
        };
        kept.map(text).collect::<Vec<_>>().into_iter().take(most).collect()
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
                self.change(|doing| match doing {
                    Doing::Asking(asked) => asked.push(waiting),
                    other => *other = Doing::Asking(vec![waiting]),
                });
            }
            Progress::Seen(seen) => {
                self.change(|doing| {
                    if let Doing::Asking(asked) = doing {
                        asked.retain(|waiting| waiting.check != seen.check);
                    }
                });
                if self.verbose {
                    log(seen, self.name.as_deref());
                }
            }
        }
    }

    /// Shows that a server that is starting is waited for.
    pub(super) fn waiting(&self, title: &str, left: Duration) {
        self.change(|doing| *doing = Doing::Waiting { title: title.to_owned(), until: Instant::now() + left });
        if self.verbose {
            let line = format!("* waiting, {} s left: {title}", left.as_secs());
            let _ = writeln!(std::io::stderr(), "{}", output::shown(&line, false));
        }
    }

    /// Shows how it ended, where other connections are still running.
    pub(super) fn done(&self, report: &Report) {
        let Some(board) = &self.board else { return };
        let mut board = locked(board);
        board.done += 1;
        if let Some(now) = board.lines.get_mut(self.at) {
            let time = span(now.began.elapsed().as_secs_f64() * 1000.0);
            now.doing = Doing::Done(format!("{} ({time})", report.diagnosis.cause));
        }
    }

    fn change(&self, change: impl FnOnce(&mut Doing)) {
        if let Some(board) = &self.board
            && let Some(now) = locked(board).lines.get_mut(self.at)
        {
            change(&mut now.doing);
        }
    }
}

/// The signs of a spinner.
fn signs(unicode: bool) -> &'static [&'static str] {
    if unicode { &["⠁", "⠂", "⠄", "⡀", "⢀", "⠠", "⠐", "⠈"] } else { &["|", "/", "-", "\\"] }
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
