//! `ruta models`: the IDs of the models, one a line.

use std::io::Write;

use super::args::{ModelsArgs, NetworkArgs};
use super::output::{self, Problem};
use super::running::{self, How, Job};
use super::{doctor, guide, saved, values};
use crate::connection::Connection;
use crate::connection::scrub::{one_line, visible_json};
use crate::evidence::list::{Entry, ModelList, Shape, models};
use crate::examine::Plan;
use crate::knowledge::kind;
use crate::report::Report;

/// Runs the command and returns the exit code.
pub(super) fn run(args: &ModelsArgs) -> Result<u8, Problem> {
    let connection = match &args.name {
        Some(name) => values::saved(&saved::named(name)?, &args.values, true)?,
        None => guide::address(&args.values, values::given(&args.values)?)?,
    };
    let (_, report) = ask(connection, &args.network, args.json)?;
    let Some(list) = found(&report) else {
        let _ = write!(std::io::stderr(), "{}", why(&report));
        return Ok(report.exit(true).max(1));
    };
    let wanted = args.filter.as_deref().unwrap_or_default().to_lowercase();
    let kept = |entry: &Entry| {
        (wanted.is_empty() || entry.id.to_lowercase().contains(&wanted))
            && (!args.chat || kind::chats(entry.kind.as_deref(), &entry.id))
    };
    let shown: Vec<usize> =
        list.entries.iter().enumerate().filter(|(_, entry)| kept(entry)).map(|(index, _)| index).collect();
    if list.entries.len() < list.count {
        let _ = writeln!(
            std::io::stderr(),
            "note: the list has {}; only the first {} were read",
            models(list.count),
            list.entries.len()
        );
    }
    let text = if args.json { json(list, &shown) } else { lines(list, &shown) };
    if shown.is_empty() {
        none(args, list);
    }
    output::write(&text, None).map(|()| u8::from(shown.is_empty()))
}

/// Asks a server for its list, and nothing else. The connection comes back with what was seen.
pub(super) fn ask(
    connection: Connection,
    network: &NetworkArgs,
    whole_list: bool,
) -> Result<(Connection, Report), Problem> {
    let mut limits = doctor::limits(network, connection.base_url.as_deref());
    limits.whole_list = whole_list;
    let jobs = [Job { connection, plan: Plan { wanted: vec!["models"], full: false, limits } }];
    let how = How { jobs: None, wait: None, verbose: false, quiet: false };
    let report = running::run(&jobs, &how)?.pop().ok_or(Problem::Quiet(2))?;
    let [Job { connection, .. }] = jobs;
    Ok((connection, report))
}

/// The list that the server gave, if clients can read it and something is in it.
pub(super) fn found(report: &Report) -> Option<&ModelList> {
    let seen = report.evidence.of("models").filter(|seen| seen.failure.is_none())?;
    let answer = seen.answer.as_ref().filter(|answer| answer.success())?;
    answer.list.as_ref().filter(|list| list.shape == Shape::Standard)
}

/// Why there is no list: the cause and what to do, on a line each.
fn why(report: &Report) -> String {
    let mut text = String::new();
    let diagnosis = &report.diagnosis;
    output::wrap(&format!("{}: {}", diagnosis.cause, diagnosis.title), "error: ", &mut text);
    if let Some(fix) = diagnosis.fix.first() {
        output::wrap(fix, "  fix: ", &mut text);
    }
    for remark in &report.remarks {
        output::wrap(remark, " note: ", &mut text);
    }
    output::shown(&text, false)
}

/// Says that no model of the list was wanted.
fn none(args: &ModelsArgs, list: &ModelList) {
    let chat = if args.chat { " can chat, as far as the list tells," } else { "" };
    let text = match &args.filter {
        Some(filter) => {
            let and = if args.chat { " and" } else { "" };
            format!("none of the {}{chat}{and} has `{}` in its ID", models(list.count), one_line(filter, 60))
        }
        None => format!("none of the {}{}", models(list.count), chat.trim_end_matches(',')),
    };
    let _ = writeln!(std::io::stderr(), "{}", output::shown(&text, false));
}

/// The IDs, one a line.
fn lines(list: &ModelList, shown: &[usize]) -> String {
    let ids: String = shown.iter().filter_map(|index| Some(format!("{}\n", list.entries.get(*index)?.id))).collect();
    output::shown(&ids, false)
}

/// What the list says of each of these models.
fn json(list: &ModelList, shown: &[usize]) -> String {
    let rows: Vec<&serde_json::Value> = shown.iter().filter_map(|index| list.rows.get(*index)).collect();
    format!("{}\n", visible_json(&serde_json::to_string_pretty(&rows).unwrap_or_default()))
}
