//! The question for a text or for one of several: a line to type in, and below it what may be chosen.

use colored::Color;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use unicode_width::UnicodeWidthChar;

use super::frame::{Frame, Row, room, words};
use super::keys::Keys;
use super::line::Line;
use super::{Asker, LEFT, Question, cannot, head};
use crate::cli::output::{Problem, shown};
use crate::connection::key::is_invisible;
use crate::connection::url::{looks_like_key, redact};
use crate::render::columns::{short, width};

/// Suggestions shown at a time.
const PAGE: usize = 6;

/// Asks for a line of text.
pub(super) fn text(asker: Asker, question: &Question<'_>) -> Result<String, Problem> {
    let mut asked = Asked {
        asker,
        question,
        line: Some(Line::new(question.initial)),
        offered: None,
        chosen: None,
        fault: None,
        frame: Frame::default(),
    };
    let answer = asked.answer()?;
    asker.answered(question.message.trim_end_matches(" (Y/n)"), &(question.shown)(&answer));
    Ok(answer)
}

/// Asks which of these; returns its place.
pub(super) fn one_of(asker: Asker, message: &str, choices: &[&str]) -> Result<usize, Problem> {
    let suggest = |_: &str| choices.iter().map(|choice| (*choice).to_owned()).collect();
    let help = "arrow up and down to choose, Enter to take";
    let question = Question { message, help, suggest: &suggest, ..Question::default() };
    let mut asked = Asked {
        asker,
        question: &question,
        line: None,
        offered: None,
        chosen: Some(0),
        fault: None,
        frame: Frame::default(),
    };
    let answer = asked.answer()?;
    asker.answered(message, &answer);
    Ok(asked.chosen.unwrap_or_default())
}

/// A question that is not answered yet.
struct Asked<'a> {
    asker: Asker,
    question: &'a Question<'a>,
    /// What is typed; `None` where nothing can be.
    line: Option<Line>,
    /// What is suggested for it; `None` until somebody looks.
    offered: Option<Vec<String>>,
    chosen: Option<usize>,
    /// What was wrong with the last answer.
    fault: Option<String>,
    frame: Frame,
}

/// What a key leads to.
enum Step {
    More,
    Done,
    Left,
}

impl Asked<'_> {
    /// The answer, or that the question was left. Nothing of the question stays on the screen.
    fn answer(&mut self) -> Result<String, Problem> {
        let keys = Keys::take().map_err(|error| cannot(&error))?;
        loop {
            if !keys.more() {
                self.draw();
            }
            let step = match keys.next().map_err(|error| cannot(&error))? {
                Event::Key(key) if key.kind != KeyEventKind::Release => self.key(key),
                Event::Paste(text) => {
                    self.edit(|line| line.paste(&text));
                    Step::More
                }
                _ => Step::More,
            };
            match step {
                Step::More => {}
                Step::Left => {
                    self.frame.erase();
                    drop(keys);
                    self.asker.answered(self.question.message, &redact(&self.typed()));
                    return Err(LEFT);
                }
                Step::Done => {
                    let answer = self.taken();
                    self.fault = (self.question.wrong)(&answer);
                    if self.fault.is_none() {
                        self.frame.erase();
                        return Ok(answer);
                    }
                    // A key at the wrong place does not stay there.
                    if looks_like_key(answer.trim()) {
                        self.line = self.line.take().map(|_| Line::default());
                        self.offered = None;
                    }
                }
            }
        }
    }

    fn key(&mut self, key: KeyEvent) -> Step {
        let control = key.modifiers.contains(KeyModifiers::CONTROL) && !key.modifiers.contains(KeyModifiers::ALT);
        let empty = self.line.as_ref().is_none_or(Line::is_empty);
        match key.code {
            KeyCode::Enter => return Step::Done,
            KeyCode::Char('j' | 'm') if control => return Step::Done,
            KeyCode::Esc => return Step::Left,
            KeyCode::Char('c') if control => return Step::Left,
            KeyCode::Char('d') if control && empty => return Step::Left,
            KeyCode::Up => self.choose(|at, _| at.checked_sub(1)),
            KeyCode::Char('p') if control => self.choose(|at, _| at.checked_sub(1)),
            KeyCode::Down => self.choose(|at, last| Some((at + 1).min(last))),
            KeyCode::Char('n') if control => self.choose(|at, last| Some((at + 1).min(last))),
            KeyCode::PageUp => self.choose(|at, _| Some(at.saturating_sub(PAGE))),
            KeyCode::PageDown => self.choose(|at, last| Some((at + PAGE).min(last))),
            // Writes the suggestion out, to be changed.
            KeyCode::Tab => {
                let at = self.chosen.unwrap_or_default();
                let taken = self.offered().get(at).cloned();
                if let Some(taken) = taken {
                    self.edit(|line| *line = Line::new(&taken));
                }
            }
            _ => self.edit(|line| line.key(key)),
        }
        Step::More
    }

    /// Changes the line.
    fn edit(&mut self, change: impl FnOnce(&mut Line)) {
        let Some(line) = &mut self.line else { return };
        change(line);
        (self.offered, self.chosen, self.fault) = (None, None, None);
    }

    /// Moves among the suggestions; `step` gets the place and the last one. From the first, the way up leads back to the
    /// line.
    fn choose(&mut self, step: impl FnOnce(usize, usize) -> Option<usize>) {
        let last = self.offered().len().checked_sub(1);
        let (can_type, chosen) = (self.line.is_some(), self.chosen);
        self.chosen = last.and_then(|last| match chosen {
            Some(at) => step(at, last).or_else(|| (!can_type).then_some(0)),
            None => step(0, last).map(|at| at.saturating_sub(1)),
        });
    }

    fn typed(&self) -> String {
        self.line.as_ref().map(Line::text).unwrap_or_default()
    }

    fn offered(&mut self) -> &[String] {
        let (question, typed) = (self.question, self.typed());
        self.offered.get_or_insert_with(|| (question.suggest)(&typed))
    }

    /// What Enter takes: the suggestion that is chosen, or what is typed.
    fn taken(&mut self) -> String {
        let typed = self.typed();
        let chosen = self.chosen;
        chosen.and_then(|at| self.offered().get(at).cloned()).unwrap_or(typed)
    }

    fn draw(&mut self) {
        let (room, most) = room();
        let (mut rows, mut cursor) = self.line_rows(room);
        // Of a text that is longer than the screen, the part around the cursor is shown.
        let skipped = (cursor.0 + 1).saturating_sub(most);
        rows.drain(..skipped);
        rows.truncate(most);
        cursor.0 -= skipped;
        let mut below = self.fault_rows(room);
        let help = self.help_rows(room);
        let free = most.saturating_sub(rows.len() + below.len() + help.len());
        below.extend(self.choice_rows(room, free.clamp(1, PAGE)));
        below.extend(help);
        below.truncate(most - rows.len());
        rows.extend(below);
        self.frame.draw(&rows, cursor);
    }

    /// The question and what is typed, and where the cursor stands.
    fn line_rows(&self, room: usize) -> (Vec<Row>, (usize, usize)) {
        let asker = self.asker;
        let mut lines = head(self.question.message, room);
        let mut at = (lines.len() - 1, width(lines.last().map_or("", String::as_str)));
        let mut cursor = at;
        let blank = Line::default();
        let line = self.line.as_ref().unwrap_or(&blank);
        for (index, c) in line.text().chars().chain([' ']).enumerate() {
            let c = if is_invisible(c) || (!asker.style.unicode && !c.is_ascii()) { '?' } else { c };
            let wide = c.width().unwrap_or(0);
            if at.1 + wide > room {
                lines.push(String::new());
                at = (at.0 + 1, 0);
            }
            if index == line.at() {
                cursor = at;
            }
            if let Some(last) = lines.last_mut() {
                last.push(c);
            }
            at.1 += wide;
        }
        if line.is_empty() && self.line.is_some() {
            let free = room.saturating_sub(cursor.1);
            let hint = asker.faint(&short(self.question.placeholder, free, asker.style.unicode));
            if let Some(last) = lines.last_mut() {
                last.truncate(last.trim_end().len() + 1);
                last.push_str(&hint);
            }
        }
        (asker.marked(lines), cursor)
    }

    fn fault_rows(&self, room: usize) -> Vec<Row> {
        let fault = self.fault.as_ref().map(|fault| shown(&format!("! {fault}"), false)).unwrap_or_default();
        let rows = words(&fault, room).into_iter().filter(|row| !row.is_empty());
        rows.map(|row| Row { width: width(&row), text: self.asker.style.paint(&row, Color::Yellow) }).collect()
    }

    fn help_rows(&self, room: usize) -> Vec<Row> {
        if self.question.help.is_empty() {
            return Vec::new();
        }
        let rows = words(&shown(&format!("[{}]", self.question.help), false), room).into_iter();
        rows.map(|row| Row { width: width(&row), text: self.asker.faint(&row) }).collect()
    }

    /// The suggestions around the one that is chosen.
    fn choice_rows(&mut self, room: usize, most: usize) -> Vec<Row> {
        let (asker, chosen) = (self.asker, self.chosen);
        let first = chosen.map_or(0, |at| (at + 1).saturating_sub(most));
        let row = |(at, text): (usize, &String)| {
            let sign = if chosen == Some(at) { '>' } else { ' ' };
            let text = short(&shown(text, false).replace('\n', " "), room.saturating_sub(2), asker.style.unicode);
            let text = format!("{sign} {text}");
            let width = width(&text);
            Row { text: if chosen == Some(at) { asker.style.paint(&text, Color::Cyan) } else { text }, width }
        };
        self.offered().iter().enumerate().skip(first).take(most).map(row).collect()
    }
}
