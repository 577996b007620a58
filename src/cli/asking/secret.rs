//! A secret typed or pasted at a terminal, never echoed, and wiped from memory wherever it stood here.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use zeroize::{Zeroize, Zeroizing};

use super::frame::{Frame, room};
use super::keys::Keys;
use super::{Asker, LEFT, cannot, head};
use crate::cli::output::Problem;
use crate::render::columns::width;

/// No secret is longer than this, in bytes. All of it is set aside at once, so that nothing is left behind by growing.
const MOST: usize = 64 * 1024;

/// What was typed until Enter. The question is taken away again.
pub(super) fn read(asker: Asker, message: &str) -> Result<Zeroizing<String>, Problem> {
    // First, so that nothing is echoed that is typed as soon as the question stands there.
    let keys = Keys::take().map_err(|error| cannot(&error))?;
    let mut frame = Frame::default();
    let mut line = Line(Zeroizing::new(String::with_capacity(MOST)));
    let done = loop {
        if !keys.more() {
            let (room, most) = room();
            let mut rows = head(message, room);
            let end = width(rows.last().map_or("", String::as_str));
            rows.drain(..rows.len().saturating_sub(most));
            let last = rows.len().saturating_sub(1);
            frame.draw(&asker.marked(rows), (last, end));
        }
        match keys.next().map_err(|error| cannot(&error))? {
            Event::Key(key) => match line.key(key) {
                Step::More => {}
                step => break step,
            },
            Event::Paste(text) => line.push(&Zeroizing::new(text)),
            _ => {}
        }
    };
    frame.erase();
    drop(keys);
    if matches!(done, Step::Ended) {
        asker.answered(message, "");
        return Err(LEFT);
    }
    // A line that was copied whole brings its end along.
    let bare = line.0.trim_end_matches(['\n', '\r']).len();
    line.0.truncate(bare);
    Ok(line.0)
}

/// What a key leads to.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    More,
    Done,
    Ended,
}

/// The secret so far.
struct Line(Zeroizing<String>);

impl Line {
    /// Does what a shell does with the key.
    fn key(&mut self, key: KeyEvent) -> Step {
        if key.kind == KeyEventKind::Release {
            return Step::More;
        }
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        match key.code {
            KeyCode::Enter => return Step::Done,
            KeyCode::Esc => return Step::Ended,
            KeyCode::Char('c') if control && !alt => return Step::Ended,
            KeyCode::Char('d') if control && !alt && self.0.is_empty() => return Step::Ended,
            KeyCode::Char('j' | 'm') if control && !alt => return Step::Done,
            KeyCode::Backspace => drop(self.0.pop()),
            KeyCode::Char('h') if control && !alt => drop(self.0.pop()),
            KeyCode::Char('u' | 'w') if control && !alt => self.0.zeroize(),
            // Both together are one key on some keyboards, and type a character.
            KeyCode::Char(c) if control == alt => self.push(c.encode_utf8(&mut [0; 4])),
            _ => {}
        }
        Step::More
    }

    /// Adds what fits.
    fn push(&mut self, text: &str) {
        if self.0.len() + text.len() <= MOST {
            self.0.push_str(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &[(KeyCode, KeyModifiers)]) -> (String, Step) {
        let mut line = Line(Zeroizing::new(String::with_capacity(MOST)));
        let mut last = Step::More;
        for (code, modifiers) in keys {
            last = line.key(KeyEvent::new(*code, *modifiers));
        }
        (line.0.to_string(), last)
    }

    const PLAIN: KeyModifiers = KeyModifiers::NONE;
    const CONTROL: KeyModifiers = KeyModifiers::CONTROL;

    #[test]
    fn keys_do_what_a_shell_does() {
        let c = KeyCode::Char;
        assert_eq!(typed(&[(c('a'), PLAIN), (c('B'), KeyModifiers::SHIFT)]), ("aB".into(), Step::More));
        assert_eq!(typed(&[(c('a'), PLAIN), (c('b'), PLAIN), (KeyCode::Backspace, PLAIN)]).0, "a");
        assert_eq!(typed(&[(c('a'), PLAIN), (c('u'), CONTROL), (c('b'), PLAIN)]).0, "b", "Ctrl-U clears the line");
        assert_eq!(typed(&[(c('r'), CONTROL), (c('x'), KeyModifiers::ALT)]).0, "", "no such key types anything");
        assert_eq!(typed(&[(c('@'), CONTROL | KeyModifiers::ALT)]).0, "@", "AltGr");
        assert_eq!(typed(&[(KeyCode::Enter, PLAIN)]).1, Step::Done);
        for end in [(c('c'), CONTROL), (KeyCode::Esc, PLAIN), (c('d'), CONTROL)] {
            assert_eq!(typed(&[end]).1, Step::Ended);
        }
    }
}
