//! `ruta doctor`: gathers the three values, runs the examination, prints the report.

use super::args::{DoctorArgs, NetworkArgs};
use super::output::{self, Problem};
use super::running::{self, How, Job};
use super::{environment, guide, import, saved, values};
use crate::connection::Connection;
use crate::evidence::record::save;
use crate::examine::Plan;
use crate::examine::ask::Limits;
use crate::examine::checks::NAMES;
use crate::knowledge::client;
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
        return output::print_many(&reports, &found.remarks, &args.output);
    }
    if args.all || !args.names.is_empty() {
        let chosen = if args.all {
            saved::all()?
        } else {
            args.names.iter().map(|name| saved::named(name)).collect::<Result<_, _>>()?
        };
        let alone = chosen.len() == 1;
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
    if let Some(path) = &args.record {
        let masked = args.output.anonymize.then(|| Masker::new(&environment::machine()).evidence(&report.evidence));
        output::write_file("--record", path, &save(masked.as_ref().unwrap_or(&report.evidence)))?;
    }
    output::print(report, &args.output)
}

/// Examines these connections as the flags say.
pub(super) fn examine(args: &DoctorArgs, connections: Vec<Connection>) -> Result<Vec<Report>, Problem> {
    let mut jobs = Vec::with_capacity(connections.len());
    for connection in connections {
        let wanted = wanted(args, &connection);
        if wanted.is_empty() {
            return Err("--skip leaves no check to run".to_owned().into());
        }
        let plan = Plan { wanted, limits: limits(&args.network, connection.base_url.as_deref()) };
        jobs.push(Job { connection, plan });
    }
    let how = How { jobs: usize::from(args.jobs), wait: args.wait, verbose: args.verbose, quiet: args.output.quiet };
    running::run(&jobs, &how)
}

/// The checks to run: those that the client needs, unless the flags say otherwise.
fn wanted(args: &DoctorArgs, connection: &Connection) -> Vec<&'static str> {
    let client = client::of(&connection.client);
    let asked = |name: &&&str| {
        if args.only.is_empty() {
            (args.full || client.needs.contains(name)) && !args.skip.iter().any(|skip| skip == **name)
        } else {
            args.only.iter().any(|only| only == **name)
        }
    };
    NAMES.iter().filter(asked).copied().collect()
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
    }
}
