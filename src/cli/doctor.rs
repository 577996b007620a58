//! `ruta doctor`: gathers the three values, runs the examination, prints the report.

use std::io::Write;

use super::args::{DoctorArgs, Format, NetworkArgs};
use super::output::{self, Problem};
use super::running::{self, How, Job};
use super::{environment, guide, import, saved, values};
use crate::connection::saved::Saved;
use crate::connection::{Connection, secretive};
use crate::evidence::CHECKS;
use crate::evidence::record::save;
use crate::examine::Plan;
use crate::examine::ask::{ConnectTo, Limits};
use crate::examine::checks::requests;
use crate::knowledge::{ability, client};
use crate::report::Report;
use crate::report::anonymous::Masker;

/// Runs the command and returns the exit code.
pub(super) fn run(args: &DoctorArgs) -> Result<u8, Problem> {
    if args.record.is_some() && args.record == args.output.output {
        return Err("--output and --record name the same file; give two".to_owned().into());
    }
    // A report that could not be written would be lost: better to know before.
    for (flag, path) in [("--output", &args.output.output), ("--record", &args.record)] {
        if let Some(path) = path {
            output::check_file(flag, path)?;
        }
    }
    if let Some(source) = &args.from {
        let found = import::from(source, &args.values)?;
        let reports = examine(args, found.connections)?;
        return match reports.as_slice() {
            [one] if args.output.format == Format::Text => output::print(one, &args.output),
            many => output::print_many(many, &found.remarks, &args.output),
        };
    }
    if args.all || !args.names.is_empty() {
        let chosen = chosen(args)?;
        let alone = chosen.len() == 1;
        if !alone {
            one_secret_for_many(args, chosen.len())?;
        }
        let connections =
            chosen.iter().map(|saved| values::saved(saved, &args.values, alone)).collect::<Result<Vec<_>, _>>()?;
        let reports = examine(args, connections)?;
        return match reports.as_slice() {
            [one] if !args.all => output::print(one, &args.output),
            many => output::print_many(many, &[], &args.output),
        };
    }
    let connection = values::given(&args.values)?;
    if connection.base_url.is_none() && guide::wanted(args) {
        return guide::run(args, connection);
    }
    let reports = examine(args, vec![connection])?;
    let Some(report) = reports.first() else { return Err(Problem::Quiet(2)) };
    show(args, report)
}

/// Examines these connections as the flags say.
fn examine(args: &DoctorArgs, connections: Vec<Connection>) -> Result<Vec<Report>, Problem> {
    let jobs = connections.into_iter().map(|connection| job(args, connection)).collect::<Result<Vec<_>, _>>()?;
    if let Some(first) = jobs.first().filter(|_| args.full && !args.output.quiet) {
        announce(&first.plan.wanted, &first.connection);
    }
    running::run(&jobs, &how(args))
}

/// One connection, and what is to be checked there.
pub(super) fn job(args: &DoctorArgs, connection: Connection) -> Result<Job, Problem> {
    let wanted = wanted(args, &connection);
    if wanted.is_empty() {
        return Err("--skip leaves no check to run".to_owned().into());
    }
    let mut limits = limits(&args.network, connection.base_url.as_deref());
    if let Some((host, port)) = &connection.place.from_here {
        detour(&mut limits, &connection, host, *port);
    }
    let plan = Plan { wanted, full: args.full, limits };
    Ok(Job { connection, plan })
}

/// How the examinations run.
pub(super) fn how(args: &DoctorArgs) -> How {
    How { jobs: args.jobs.map(usize::from), wait: args.wait, verbose: args.verbose, quiet: args.output.quiet }
}

/// Writes the recording, if one is wanted, and prints the report.
pub(super) fn show(args: &DoctorArgs, report: &Report) -> Result<u8, Problem> {
    if let Some(path) = &args.record {
        let masked = args.output.anonymize.then(|| Masker::new(&environment::machine()).evidence(&report.evidence));
        output::write_file("--record", path, &save(masked.as_ref().unwrap_or(&report.evidence)))?;
    }
    output::print(report, &args.output)
}

/// The saved connections that are to be checked, each once.
fn chosen(args: &DoctorArgs) -> Result<Vec<Saved>, Problem> {
    if args.all {
        return saved::some();
    }
    let mut chosen: Vec<Saved> = Vec::new();
    for name in &args.names {
        if chosen.iter().all(|saved| saved.name != *name) {
            chosen.push(saved::named(name)?);
        }
    }
    Ok(chosen)
}

/// A secret that belongs to one server must not go to several.
fn one_secret_for_many(args: &DoctorArgs, many: usize) -> Result<(), Problem> {
    let values = &args.values;
    let keys =
        [("--key-stdin", values.key_stdin), ("--key-env", values.key_env.is_some()), ("--key", values.key.is_some())];
    let key = keys.into_iter().find(|(_, given)| *given).map(|(flag, _)| flag.to_owned());
    let header = values.headers.iter().find(|(name, value)| secretive::is_header(name, value));
    match key.or_else(|| header.map(|(name, _)| format!("-H '{name}: …'"))) {
        Some(flag) => Err(format!(
            "{flag} would be sent to the servers of {many} connections; a secret belongs to one.\n       Name one connection, or let each keep its own: ruta key set NAME"
        )
        .into()),
        None => Ok(()),
    }
}

/// The checks to run: those that the client needs and the list of models, which costs nothing and tells much, unless the
/// flags say otherwise.
pub(super) fn wanted(args: &DoctorArgs, connection: &Connection) -> Vec<&'static str> {
    let client = client::of(&connection.client);
    // What a connection is used for says more than what its client can do.
    let needs = |name: &str| match connection.place.checks.as_slice() {
        [] => client.needs(name) || name == "models",
        own => own.contains(&name),
    };
    let asked = |name: &&&str| {
        if args.only.is_empty() {
            (args.full || needs(name)) && !args.skip.iter().any(|skip| skip == **name)
        } else {
            args.only.iter().any(|only| only == **name)
        }
    };
    let mut wanted: Vec<&str> = CHECKS.iter().filter(asked).copied().collect();
    // A tool's round trip costs two requests more: not for everyday runs.
    if wanted.contains(&"tools") && (args.full || !args.only.is_empty()) {
        wanted.push("tools-call");
    }
    wanted
}

/// What `--full` costs is said before the first request.
fn announce(wanted: &[&str], connection: &Connection) {
    let (usual, most) = requests(wanted);
    let whose = if connection.name.is_some() { " for each connection" } else { "" };
    let dear: Vec<(&str, &str)> = CHECKS
        .iter()
        .filter(|name| wanted.contains(*name))
        .filter_map(|name| ability::by_id(name))
        .filter(|ability| !ability.costs.is_empty())
        .map(|ability| (ability.id, ability.costs))
        .collect();
    let mut text = format!(
        "--full sends up to {usual} requests{whose}, {most} if many are refused or sent elsewhere. Each to a model costs a few tokens"
    );
    if !dear.is_empty() {
        let costs: Vec<String> = dear.iter().map(|(id, costs)| format!("{id} ({costs})")).collect();
        let names: Vec<&str> = dear.iter().map(|(id, _)| *id).collect();
        text.push_str(&format!(
            "; these cost more: {}. Leave them out with --skip {}",
            costs.join(", "),
            names.join(",")
        ));
    }
    let mut lines = textwrap::fill(&text, textwrap::Options::new(80).break_words(false));
    lines.push('\n');
    let _ = std::io::stderr().write_all(lines.as_bytes());
}

/// Lets requests to a host that only the client knows by this name go to where it is from here, without a proxy.
fn detour(limits: &mut Limits, connection: &Connection, to_host: &str, to_port: Option<u16>) {
    let url = connection.base_url.as_deref().and_then(|text| url::Url::parse(text.trim()).ok());
    let Some((host, port)) = url.as_ref().and_then(|url| Some((url.host_str()?, url.port_or_known_default()))) else {
        return;
    };
    let (host, to_host) = (host.to_owned(), to_host.to_owned());
    limits.connect_to.push(ConnectTo { host: host.clone(), port, to_host, to_port: to_port.or(port) });
    limits.noproxy.get_or_insert(host);
}

/// Limits and circumstances for requests to this base URL.
pub(super) fn limits(args: &NetworkArgs, base_url: Option<&str>) -> Limits {
    let (variables, source) = environment::proxy(base_url);
    Limits {
        timeout: args.timeout,
        connect_timeout: args.connect_timeout.min(args.timeout),
        total: args.timeout.saturating_mul(4),
        proxy_source: if args.proxy.is_some() { "--proxy".to_owned() } else { source },
        variables,
        in_container: environment::in_container(),
        proxy: args.proxy.clone(),
        noproxy: args.noproxy.clone(),
        cacert: args.cacert.clone(),
        connect_to: args.connect_to.clone(),
        whole_list: false,
    }
}
