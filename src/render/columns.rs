//! Text in columns: as wide as what stands in them, and shortened where the terminal is narrower.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::connection::scrub::one_line;

/// The columns that a text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// Rows with two blanks between the columns. Where they are wider than `room`, the widest columns are shortened, none of
/// them below its `least`.
pub fn table<const N: usize>(rows: &[[String; N]], least: [usize; N], room: usize, unicode: bool) -> String {
    let rows: Vec<[String; N]> = rows.iter().map(|row| row.each_ref().map(|cell| one_line(cell, 400))).collect();
    let widths = widths(&rows, least, room);
    let mut out = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            let cell = short(cell, width, unicode);
            let fill = width.saturating_sub(cell.width());
            line.push_str(&format!("{cell}{}  ", " ".repeat(fill)));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// How wide each column is.
fn widths<const N: usize>(rows: &[[String; N]], least: [usize; N], room: usize) -> [usize; N] {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    let gaps = 2 * N.saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > room {
        let widest = (0..N).filter(|column| widths[*column] > least[*column]).max_by_key(|column| widths[*column]);
        let Some(widest) = widest else { break };
        widths[widest] -= 1;
    }
    widths
}

/// The text in at most so many columns: what is left out of its middle is shown as dots, because both ends tell names
/// apart.
pub fn short(text: &str, most: usize, unicode: bool) -> String {
    if text.width() <= most {
        return text.to_owned();
    }
    let dots = if unicode { "…" } else { "..." };
    let kept = most.saturating_sub(dots.width());
    let head = take(text.chars(), kept.div_ceil(2));
    let tail: String = take(text.chars().rev(), kept - head.width().min(kept)).chars().rev().collect();
    format!("{head}{dots}{tail}")
}

/// The text in at most so many columns: what is left out at its end is shown as dots.
pub fn cut(text: &str, most: usize, unicode: bool) -> String {
    if text.width() <= most {
        return text.to_owned();
    }
    let dots = if unicode { "…" } else { "..." };
    format!("{}{dots}", take(text.chars(), most.saturating_sub(dots.width())))
}

/// As many characters as fit into so many columns.
fn take(chars: impl Iterator<Item = char>, most: usize) -> String {
    let mut taken = 0;
    chars
        .take_while(|c| {
            taken += c.width().unwrap_or(0);
            taken <= most
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_of_a_long_name_stay() {
        assert_eq!(short("work", 4, true), "work");
        assert_eq!(short("a-very-long-name-of-a-model", 11, true), "a-ver…model");
        assert_eq!(short("a-very-long-name-of-a-model", 11, false), "a-ve...odel");
        assert_eq!(short("工作工作工作", 7, true).width(), 7);
        assert_eq!((cut("工作工作", 6, true), cut("work", 4, true)), ("工作…".into(), "work".into()));
    }

    #[test]
    fn the_widest_column_gives_way() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned);
        let rows = [row(["NAME", "URL", "KEY"]), row(["work", "https://api.rutaapi.com/v1", "keyring"])];
        let text = table(&rows, [4, 10, 3], 30, true);
        assert_eq!(text, "NAME  URL              KEY\nwork  https:/….com/v1  keyring\n");
        assert!(text.lines().all(|line| line.width() <= 30), "{text}");
        assert!(table(&rows, [4, 10, 3], usize::MAX, true).contains("api.rutaapi.com"));
    }
}
