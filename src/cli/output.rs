//! Where results and complaints go: standard output, a file, standard error.

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use super::args::{ColorChoice, FailOn, Format, OutputArgs};
use super::environment;
use crate::connection::key::is_invisible;
use crate::connection::mask::mask_keys;
use crate::connection::scrub::{harmless, one_line};
use crate::connection::url::looks_like_key;
use crate::render::{Style, github, json, junit, prometheus, table, terminal, ticket};
use crate::report::Report;
use crate::report::anonymous::Masker;

/// Why a command ended before its result.
pub(super) enum Problem {
    /// Bad input: this message, exit code 2.
    Said(String),
    /// Nothing more to say, this exit code.
    Quiet(u8),
}

impl From<String> for Problem {
    fn from(message: String) -> Self {
        Self::Said(message)
    }
}

/// What went wrong with a file, without numbers.
pub(super) fn plain_io(error: &std::io::Error, path: &Path) -> String {
    use std::io::ErrorKind as Kind;

    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match error.kind() {
        Kind::NotFound if folder.is_some_and(|folder| !folder.exists()) => "this folder does not exist".into(),
        Kind::NotFound => "there is no such file".into(),
        Kind::IsADirectory => "this is a folder; give a file".into(),
        Kind::PermissionDenied => "you have no permission for it".into(),
        Kind::InvalidData => "this is no text file".into(),
        _ => error.to_string().split(" (os error").next().unwrap_or_default().to_owned(),
    }
}

/// Prints a complaint about the input and returns exit code 2.
pub(super) fn complain(message: &str) -> ExitCode {
    let text = format!("error: {}", shown(&mask_keys(message), false));
    let _ = writeln!(std::io::stderr(), "{}", fitted(&text));
    ExitCode::from(2)
}

/// Prints what clap says of the arguments, with anything that looks like a key taken out.
pub(super) fn usage(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    let mut text = mask_keys(&error.render().to_string());
    for argument in arguments.iter().filter_map(|argument| argument.to_str()) {
        for part in [argument].into_iter().chain(argument.split('=')) {
            if part.chars().any(is_invisible) {
                text = text.replace(part, &one_line(part, 200));
            }
            if looks_like_key(part)
                || (part.len() >= 20 && !part.contains(['/', ' ']) && part.bytes().any(|b| b.is_ascii_digit()))
            {
                text = text.replace(part, "[looks like a key, not shown]");
            }
        }
    }
    if error.use_stderr() {
        let _ = write!(std::io::stderr(), "{}", shown(&text, false));
        ExitCode::from(2)
    } else {
        let _ = write!(std::io::stdout(), "{text}");
        ExitCode::SUCCESS
    }
}

/// A text as it may be shown: nothing in it acts on a terminal, apart from our own colours where there are any, and no
/// build service takes a line for a command. Foreign words were made harmless when they came in; this holds for the
/// user's own values too, and whatever a report makes of them.
pub(super) fn shown(text: &str, color: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\u{1b}[").filter(|_| color) {
        let codes = &rest[at + 2..];
        let end = codes.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(codes.len());
        out.push_str(&harmless(&rest[..at]));
        let ours =
            codes[end..].starts_with('m') && !codes[..end].split(';').any(|code| matches!(code, "5" | "7" | "8"));
        let taken = at + 2 + if ours { end + 1 } else { 0 };
        if ours {
            out.push_str(&rest[at..taken]);
        }
        rest = &rest[taken..];
    }
    out.push_str(&harmless(rest));
    no_command(&out.replace('\t', " "))
}

/// Text in whose lines no build service reads a command: `::` at the start of a line and `##[` or `##vso[` anywhere are
/// commands in the logs of GitHub and Azure, and a server's words may begin a line once they are wrapped.
fn no_command(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let start = line.trim_start();
        let (blank, rest) = line.split_at(line.len() - start.len());
        out.push_str(blank);
        match rest.strip_prefix("::") {
            Some(after) => out.push_str(&format!(": :{after}")),
            None => out.push_str(rest),
        }
    }
    out.replace("##[", "# #[").replace("##vso[", "# #vso[")
}

/// A remark for people at a terminal: lines that are wider than it are broken at spaces, and go on where they began.
pub(super) fn fitted(text: &str) -> String {
    match width_of(&console::Term::stderr()) {
        Some(columns) if std::io::stderr().is_terminal() && columns < 80 => {
            let fit = |line: &str| {
                let lead = " ".repeat(line.len() - line.trim_start().len());
                // Marks below a line of a file must stay below it.
                if line.contains(" | ") { line.to_owned() } else { wrapped(line.trim_start(), &lead, columns) }
            };
            text.lines().map(|line| fit(line).trim_end().to_owned()).collect::<Vec<_>>().join("\n")
        }
        _ => text.to_owned(),
    }
}

/// Whether and how text may be styled on standard output.
pub(super) fn style(choice: ColorChoice, to_file: bool) -> Style {
    let terminal = std::io::stdout().is_terminal() && !to_file;
    styled(choice, terminal, if terminal { width_of(&console::Term::stdout()) } else { None })
}

/// Whether and how text may be styled on standard error.
pub(super) fn style_of_errors(choice: ColorChoice) -> Style {
    let terminal = std::io::stderr().is_terminal();
    styled(choice, terminal, if terminal { width_of(&console::Term::stderr()) } else { None })
}

fn styled(choice: ColorChoice, terminal: bool, measured: Option<usize>) -> Style {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let color = match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            !set("NO_COLOR")
                && (set("CLICOLOR_FORCE") || (terminal && std::env::var_os("TERM").is_none_or(|term| term != "dumb")))
        }
    };
    // Consoles of Windows understand colours once they are told to.
    #[cfg(windows)]
    if color {
        let _ = colored::control::set_virtual_terminal(true);
    }
    colored::control::set_override(color);
    // Columns: those of the terminal up to 100, else 80.
    let known = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse::<usize>().ok());
    Style { color, unicode: unicode(), width: known.or(measured).unwrap_or(80).clamp(40, 100) }
}

/// Whether the locale is a UTF-8 one; none set counts as UTF-8 where programs write UTF-8 anyway.
pub(super) fn unicode() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    }) || cfg!(windows)
}

fn width_of(terminal: &console::Term) -> Option<usize> {
    terminal.size_checked().map(|(_, columns)| usize::from(columns)).filter(|columns| *columns > 0)
}

/// Adds a line, broken at spaces where it is wider than 80 columns; what follows the lead stands in one column.
pub(super) fn wrap(line: &str, lead: &str, text: &mut String) {
    text.push_str(&wrapped(line, lead, 80));
}

/// A line, broken at spaces where it is wider than so many columns; what follows the lead stands in one column.
pub(super) fn wrapped(line: &str, lead: &str, columns: usize) -> String {
    let rest = " ".repeat(lead.len());
    let options = textwrap::Options::new(columns)
        .initial_indent(lead)
        .subsequent_indent(&rest)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .word_separator(textwrap::WordSeparator::AsciiSpace);
    textwrap::fill(line, options) + "\n"
}

/// Prints a report in the form that was asked for and returns its exit code.
pub(super) fn print(report: &Report, args: &OutputArgs) -> Result<u8, Problem> {
    let masked = args.anonymize.then(|| Masker::new(&environment::machine()).report(report));
    let report = masked.as_ref().unwrap_or(report);
    let style = style(args.color, args.output.is_some());
    let text = match args.format {
        Format::Text if args.quiet => shown(&terminal::verdict_line(report, style), style.color),
        Format::Text => shown(&terminal::render(report, style), style.color),
        Format::Json => json::render(report),
        other => return print_all(std::slice::from_ref(report), other, args),
    };
    finish(&text, std::slice::from_ref(report), args)
}

/// Prints the reports of several connections together and returns the worst exit code.
pub(super) fn print_many(reports: &[Report], remarks: &[String], args: &OutputArgs) -> Result<u8, Problem> {
    let masked = args.anonymize.then(|| {
        // One masker for all, so that a stand-in is the same thing everywhere.
        let mut masker = Masker::new(&environment::machine());
        let reports: Vec<Report> = reports.iter().map(|report| masker.report(report)).collect();
        let remarks: Vec<String> = remarks.iter().map(|remark| masker.text(remark)).collect();
        (reports, remarks)
    });
    let (reports, remarks) = masked.as_ref().map_or((reports, remarks), |(reports, remarks)| (reports, remarks));
    let style = style(args.color, args.output.is_some());
    let text = match args.format {
        Format::Text if args.quiet => {
            shown(&reports.iter().map(|report| table::verdict(report, style)).collect::<String>(), style.color)
        }
        Format::Text => shown(&table::render(reports, remarks, style), style.color),
        Format::Json => json::render_many(reports),
        other => return print_all(reports, other, args),
    };
    finish(&text, reports, args)
}

/// The forms that are the same for one connection and for many.
fn print_all(reports: &[Report], format: Format, args: &OutputArgs) -> Result<u8, Problem> {
    let text = match format {
        Format::Ticket => shown(&ticket::render(reports), false),
        Format::Junit => shown(&junit::render(reports), false),
        Format::Prometheus => shown(&prometheus::render(reports), false),
        _ => {
            append("GITHUB_STEP_SUMMARY", &no_command(&github::summary(reports)));
            append("GITHUB_OUTPUT", &github::outputs(reports));
            // Commands on purpose, each built so that nothing foreign can add one.
            github::render(reports)
        }
    };
    finish(&text, reports, args)
}

/// Adds a text to the file that a variable names, if it is set. The report does not depend on it.
fn append(variable: &str, text: &str) {
    let Some(path) = std::env::var_os(variable).filter(|path| !path.is_empty()) else { return };
    let added = std::fs::OpenOptions::new().append(true).create(true).open(&path);
    if let Err(error) = added.and_then(|mut file| file.write_all(text.as_bytes())) {
        let why = plain_io(&error, Path::new(&path));
        let _ = writeln!(std::io::stderr(), "warning: the file that {variable} names cannot be written: {why}");
    }
}

fn finish(text: &str, reports: &[Report], args: &OutputArgs) -> Result<u8, Problem> {
    match write(text, args.output.as_deref()) {
        // The exit code tells of the connection, also where the reader has left.
        Ok(()) | Err(Problem::Quiet(0)) => Ok(worst(reports, args)),
        Err(problem) => Err(problem),
    }
}

/// The worst exit code: broken before worth trying later before fine.
fn worst(reports: &[Report], args: &OutputArgs) -> u8 {
    let strict = args.strict || args.fail_on == FailOn::Warning;
    let codes = reports.iter().map(|report| report.exit(strict));
    if args.fail_on == FailOn::Never {
        return 0;
    }
    codes
        .max_by_key(|code| match code {
            0 => 0,
            75 => 1,
            _ => 2,
        })
        .unwrap_or(0)
}

/// Writes a result to standard output or, whole or not at all, to a file.
pub(super) fn write(text: &str, file: Option<&Path>) -> Result<(), Problem> {
    let Some(path) = file.filter(|path| path.as_os_str() != "-") else {
        let mut out = std::io::stdout().lock();
        return match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            // The reader has seen enough (`ruta … | head`).
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Err(Problem::Quiet(0)),
            Err(error) => Err(Problem::Said(format!("standard output: {error}"))),
            Ok(()) => Ok(()),
        };
    };
    write_file("--output", path, text)
}

/// Whether a file can be written there, before there is anything to write.
pub(super) fn check_file(flag: &str, path: &Path) -> Result<(), Problem> {
    let shown = path.display();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if path.is_dir() {
        return Err(format!("{flag} {shown}: this is a folder; give a file").into());
    }
    if folder.is_some_and(|folder| !folder.is_dir()) {
        return Err(format!("{flag} {shown}: this folder does not exist; make it first").into());
    }
    Ok(())
}

/// Writes a file whole or not at all; `flag` is named where that fails.
pub(super) fn write_file(flag: &str, path: &Path, text: &str) -> Result<(), Problem> {
    let shown = path.display();
    // A device, a pipe or a link is written to, not replaced; a file keeps its permissions.
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let old = std::fs::metadata(&target).ok();
    if old.as_ref().is_some_and(|old| !old.is_file() && !old.is_dir()) {
        return std::fs::OpenOptions::new()
            .write(true)
            .open(&target)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(|error| Problem::Said(format!("{flag} {shown}: {}", plain_io(&error, path))));
    }
    let path = target.as_path();
    let name = path.file_name().ok_or_else(|| format!("{flag} {shown}: this is no file name"))?;
    if path.is_dir() {
        return Err(format!("{flag} {shown}: this is a folder; give a file").into());
    }
    // Written beside and renamed, so that nobody ever reads half a report.
    let mut beside = name.to_owned();
    beside.push(format!(".{}.part", std::process::id()));
    let beside = path.with_file_name(beside);
    let written = std::fs::write(&beside, text)
        .and_then(|()| old.map_or(Ok(()), |old| std::fs::set_permissions(&beside, old.permissions())))
        .and_then(|()| std::fs::rename(&beside, path));
    written.map_err(|error| {
        let _ = std::fs::remove_file(&beside);
        Problem::Said(format!("{flag} {shown}: {}", plain_io(&error, path)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_a_command() {
        assert_eq!(no_command("a ::b\n  ::error::c\n::d\n"), "a ::b\n  : :error::c\n: :d\n");
        assert_eq!(no_command("x ##[error]y ###vso[z"), "x # #[error]y ## #vso[z");
    }

    #[test]
    fn only_our_colours_are_shown() {
        let text = "\u{1b}[1;31ma\u{1b}[0m\u{1b}[8mb\u{1b}[2Jc\u{1b}]0;d\u{7}\u{1b}[";
        assert_eq!(shown(text, true), "\u{1b}[1;31ma\u{1b}[0m8mb2Jc]0;d");
        assert_eq!(shown(text, false), "[1;31ma[0m[8mb[2Jc]0;d[");
    }
}
