//! Runs examinations: one or many side by side, again where a server is still starting, and stops on Ctrl-C.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use tokio::sync::Semaphore;

use super::output::Problem;
use super::progress::{Display, Line};
use crate::connection::Connection;
use crate::evidence::{Evidence, Waited};
use crate::examine::{Plan, examine};
use crate::report::{Outcome, Report, report};

/// The first pause between two tries, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(5));
/// For less than this another try is not worth while.
const SHORTEST: Duration = Duration::from_millis(50);

/// One connection and what is to be checked.
pub(super) struct Job {
    /// What the user configured.
    pub(super) connection: Connection,
    /// What is checked, and within which limits.
    pub(super) plan: Plan,
}

/// How the examinations run.
pub(super) struct How {
    /// Examinations at a time; `None`: as many as make sense.
    pub(super) jobs: Option<usize>,
    /// How long a server that is starting is waited for.
    pub(super) wait: Option<Duration>,
    /// Whether each request is shown.
    pub(super) verbose: bool,
    /// Whether nothing is shown while it runs.
    pub(super) quiet: bool,
}

/// Examinations that are begun together where the user does not say how many.
const TOGETHER: usize = 256;
/// After this part of the time in which it must connect, an examination without any answer yet makes room for the next
/// one: a thousand addresses where nothing answers then take a tenth longer than one.
const BUSY: u32 = 50;
/// Files that an examination may hold open: its connection, one that is being opened beside it, a name that is looked
/// up; and with `--full`, which asks several things side by side.
const FILES: (u64, u64) = (3, 12);
/// Files that the program itself holds open, and some to spare.
const OWN_FILES: u64 = 32;

/// Examines all connections; the reports come in the order of the jobs.
pub(super) fn run(jobs: &[Job], how: &How) -> Result<Vec<Report>, Problem> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("the program cannot start: {error}"))?;
    let display = Display::new(jobs.len(), how.verbose, how.quiet);
    let all = async {
        let mut reports: Vec<Option<Result<Report, String>>> = jobs.iter().map(|_| None).collect();
        let most = how.jobs.unwrap_or_else(|| open_at_once(jobs));
        let room = Semaphore::new(how.jobs.unwrap_or(TOGETHER));
        let mut running = futures_util::stream::iter(jobs.iter().enumerate())
            .map(|(index, job)| in_its_place(index, job, how, &room, &display))
            .buffer_unordered(most);
        while let Some((index, done)) = running.next().await {
            if let Some(place) = reports.get_mut(index) {
                *place = Some(done);
            }
        }
        reports
    };
    let examined = runtime.block_on(async {
        tokio::select! {
            // First, so that Ctrl-C is waited for before anything else is done.
            biased;
            _ = tokio::signal::ctrl_c() => None,
            reports = all => Some(reports),
        }
    });
    display.clear();
    // A name that is still being looked up must not hold the program.
    runtime.shutdown_background();
    let reports = examined.ok_or(Problem::Quiet(130))?;
    Ok(reports.into_iter().flatten().collect::<Result<Vec<Report>, String>>()?)
}

/// Examines one connection once there is room for it, and makes room for the next if no answer comes.
async fn in_its_place(
    index: usize,
    job: &Job,
    how: &How,
    room: &Semaphore,
    display: &Display,
) -> (usize, Result<Report, String>) {
    let place = room.acquire().await;
    let line = display.line(job.connection.name.as_deref());
    // In a box of its own, so that those in the queue take no room.
    let mut examining = Box::pin(until_ready(job, how, &line));
    if how.jobs.is_some() {
        return (index, examining.await);
    }
    if let Ok(done) = tokio::time::timeout(job.plan.limits.connect_timeout / BUSY, &mut examining).await {
        return (index, done);
    }
    if !line.has_heard() {
        drop(place);
    }
    (index, examining.await)
}

/// So many examinations may be under way at once, as far as open files go. The limit is raised as far as this user may.
fn open_at_once(jobs: &[Job]) -> usize {
    let each = if jobs.iter().any(|job| job.plan.full) { FILES.1 } else { FILES.0 };
    let wanted = u64::try_from(jobs.len()).unwrap_or(u64::MAX).saturating_mul(each).saturating_add(OWN_FILES);
    let room = open_files(wanted).saturating_sub(OWN_FILES) / each;
    usize::try_from(room).unwrap_or(usize::MAX).clamp(1, jobs.len().max(1))
}

/// How many files may be open, after asking for so many.
#[cfg(unix)]
fn open_files(wanted: u64) -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let now = getrlimit(Resource::Nofile);
    let current = now.current.unwrap_or(u64::MAX);
    if current >= wanted {
        return current;
    }
    let more = Rlimit { current: Some(now.maximum.map_or(wanted, |most| most.min(wanted))), ..now };
    match setrlimit(Resource::Nofile, more) {
        Ok(()) => getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX),
        Err(_) => current,
    }
}

/// How many files may be open: as many as anybody wants.
#[cfg(not(unix))]
fn open_files(wanted: u64) -> u64 {
    wanted
}

/// Examines one connection, again and again while waiting may help and time is left.
async fn until_ready(job: &Job, how: &How, line: &Line) -> Result<Report, String> {
    let started = Instant::now();
    let mut tries = 0;
    let mut pause = PAUSES.0;
    loop {
        let begun = started.elapsed();
        let mut evidence: Evidence = examine(&job.connection, &job.plan, |progress| line.show(&progress)).await?;
        if tries > 0 {
            let ms = u64::try_from(begun.as_millis()).unwrap_or(u64::MAX);
            evidence.target.waited = Some(Waited { ms, tries });
        }
        let report = report(evidence);
        let hopeful = report.outcome == Outcome::Broken && report.diagnosis.cause.waiting_helps();
        let left = how.wait.filter(|_| hopeful).map(|limit| limit.saturating_sub(started.elapsed()));
        let asked = asked_to_wait(&report);
        // A server that wants to be left alone for longer is not asked again in vain.
        let Some(left) = left.filter(|left| *left >= SHORTEST && asked <= *left) else {
            line.done(&report);
            return Ok(report);
        };
        line.waiting(&report.diagnosis.title, left);
        // The last try comes when the time is over.
        tokio::time::sleep(pause.max(asked).min(left)).await;
        tries += 1;
        pause = (pause * 2).min(PAUSES.1);
    }
}

/// How long the server itself asked to wait.
fn asked_to_wait(report: &Report) -> Duration {
    report
        .checks
        .iter()
        .rev()
        .find_map(|check| check.answer.as_ref()?.retry_after.as_deref()?.trim().parse::<f64>().ok())
        .filter(|seconds| (0.0..=86_400.0).contains(seconds))
        .map_or(Duration::ZERO, Duration::from_secs_f64)
}
