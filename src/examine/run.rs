//! Works through the table of checks: most rows in turn, those that need nothing of each other side by side.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::Semaphore;

use super::ask::Ask;
use super::checks::{Check, Step, TABLE, Way, Wording};
use super::http::Sender;
use super::{Plan, Progress};
use crate::cause::Cause;
use crate::evidence::Observation;
use crate::evidence::failure::{Kind, Stage};
use crate::knowledge::view::{Sight, View};

/// So many requests are under way at a time at most: all but one, so that the slowest sets the pace.
const AT_ONCE: usize = 8;
/// A server that asks to wait longer than this is not asked again.
const PATIENCE: Duration = Duration::from_secs(6);
/// The wait before a refused request is sent again, where the server does not say how long: many limits count by the second.
const PAUSE: Duration = Duration::from_secs(1);

/// One run: what is known so far, and the means to learn more.
pub(super) struct Run<'a, P> {
    pub(super) sender: Sender<'a>,
    pub(super) plan: &'a Plan,
    pub(super) base_url: String,
    /// Told of every request and every answer.
    pub(super) progress: RefCell<P>,
    pub(super) view: RefCell<View>,
}

impl<P: FnMut(Progress<'_>)> Run<'_, P> {
    /// Runs the whole table.
    pub(super) async fn all(&self) {
        for rows in TABLE.chunk_by(|one, next| one.way != Way::InTurn && next.way != Way::InTurn) {
            if let [row] = rows
                && row.way == Way::InTurn
            {
                self.in_turn(row).await;
                continue;
            }
            let wanted: Vec<&Check> = rows.iter().filter(|row| self.plan.wanted.contains(&row.of)).collect();
            match wanted.as_slice() {
                [] => {}
                [alone] => self.in_turn(alone).await,
                several => self.side_by_side(several).await,
            }
        }
    }

    /// One row until it is done.
    async fn in_turn(&self, row: &Check) {
        while let Some(ask) = self.next(row) {
            self.send(&ask).await;
        }
    }

    /// Rows that need nothing of each other. What they saw stands in the order of the table, whoever was first.
    async fn side_by_side(&self, mut rows: &[&Check]) {
        let before = self.view.borrow().evidence.observations.len();
        // One request opens the connection that the others share.
        while !self.view.borrow().all().any(|sight| sight.answer().is_some()) {
            let Some((first, rest)) = rows.split_first() else { return };
            self.in_turn(first).await;
            rows = rest;
        }
        let room = Semaphore::new(self.at_once());
        let limited = Cell::new(false);
        let mut slowest_first = rows.to_vec();
        slowest_first.sort_by_key(|row| row.way != Way::BesideFirst);
        let lanes = slowest_first.iter().map(|row| self.lane(row, &room, &limited));
        let stopped = join_all(lanes).await;
        let again =
            |id: &str| slowest_first.iter().position(|row| row.id == id).and_then(|at| stopped.get(at)?.as_ref());
        let mut in_vain = 0;
        for row in rows {
            if in_vain > 1 {
                self.give_up(row);
                continue;
            }
            in_vain += usize::from(self.finish(row, again(row.id).cloned()).await);
        }
        let place = |seen: &Observation| TABLE.iter().position(|row| row.id == seen.check);
        self.view.borrow_mut().arrange(before, place);
    }

    /// What is left of a row, alone. The first request that the server refuses for the moment is sent once more when it
    /// wants it.
    /// Returns whether that was in vain.
    async fn finish(&self, row: &Check, mut refused: Option<Ask>) -> bool {
        while refused.is_none() {
            let Some(ask) = self.next(row) else { return false };
            self.send(&ask).await;
            refused = self.last(row, is_limit).then_some(ask);
        }
        self.wait_as_asked(row).await;
        if let Some(ask) = refused.filter(|_| self.asked_to_wait(row).is_none()) {
            self.send(&ask).await;
        }
        let in_vain = self.last(row, is_limit);
        self.in_turn(row).await;
        in_vain
    }

    /// So many at a time that also a server which answers one after the other is in time with each.
    fn at_once(&self) -> usize {
        let view = self.view.borrow();
        let answered = view.all().filter(|sight| sight.check() != "models" && sight.healthy());
        let quickest = answered.filter_map(|sight| sight.observation.timing.total).min_by(f64::total_cmp);
        let limit = self.plan.limits.timeout.as_secs_f64() * 1000.0;
        let fits = |count: &usize| {
            quickest.is_none_or(|time| f64::from(u8::try_from(*count).unwrap_or(u8::MAX)) * time * 2.0 <= limit)
        };
        (1..=AT_ONCE).rev().find(fits).unwrap_or(1)
    }

    /// One row beside others, until it is done or the server wants fewer requests. Returns what is to be sent again, alone.
    async fn lane(&self, row: &Check, room: &Semaphore, limited: &Cell<bool>) -> Option<Ask> {
        loop {
            let Ok(_place) = room.acquire().await else { return None };
            if limited.get() {
                return None;
            }
            let ask = self.next(row)?;
            self.send(&ask).await;
            if self.last(row, is_limit) {
                limited.set(true);
                return Some(ask);
            }
            if self.last(row, was_dropped) {
                return Some(ask);
            }
        }
    }

    /// What this row asks next, if anything. A row that is not to run says why.
    fn next(&self, row: &Check) -> Option<Ask> {
        let late = self.sender.out_of_time() && !matches!(row.id, "models" | "chat");
        let step = (row.next)(&self.view.borrow(), self.plan, &Wording { base_url: &self.base_url });
        let because = match step {
            Step::Ask(ask) if !late => return Some(ask),
            Step::Done => return None,
            Step::Skip(because) => because,
            // A second look that is not taken is no check that was left out.
            Step::Ask(_) if row.way == Way::InTurn => return None,
            Step::Ask(_) => "not asked: the time for the whole run was over".to_owned(),
        };
        if !self.view.borrow().has(row.id) {
            self.view.borrow_mut().push(Observation::skipped(row.id, because));
        }
        None
    }

    async fn send(&self, ask: &Ask) {
        self.tell(Progress::Asking(ask));
        let seen = self.sender.send(ask).await;
        self.tell(Progress::Seen(&seen));
        self.view.borrow_mut().push(seen);
    }

    fn tell(&self, what: Progress<'_>) {
        (self.progress.borrow_mut())(what);
    }

    /// Whether the last answer to this row is such.
    fn last(&self, row: &Check, such: fn(Sight<'_>) -> bool) -> bool {
        self.view.borrow().of_check(row.id).is_some_and(such)
    }

    /// How long the server wants this row to wait, if that is too long.
    fn asked_to_wait(&self, row: &Check) -> Option<Duration> {
        retry_after(self.view.borrow().of_check(row.id)?).filter(|wait| *wait > PATIENCE)
    }

    async fn wait_as_asked(&self, row: &Check) {
        if self.asked_to_wait(row).is_none() && self.last(row, is_limit) {
            let wait = self.view.borrow().of_check(row.id).and_then(retry_after);
            tokio::time::sleep(wait.unwrap_or(PAUSE)).await;
        }
    }

    /// The server wants no more requests: what was not asked yet is not asked.
    fn give_up(&self, row: &Check) {
        let unasked = self.plan.wanted.contains(&row.id) && !self.view.borrow().has(row.id);
        if unasked {
            let because = "not asked: the server's rate limit was reached";
            self.view.borrow_mut().push(Observation::skipped(row.id, because));
        }
    }
}

/// The server wants fewer requests, which says nothing of the one that it refused.
fn is_limit(sight: Sight<'_>) -> bool {
    match sight.cause() {
        // A gateway rests a server after an error of another request.
        Some(Cause::NoRoute) => matches!(sight.status(), Some(429 | 503)),
        Some(cause) => matches!(cause, Cause::RateLimited | Cause::ConcurrencyLimited | Cause::Overloaded),
        None => sight.status() == Some(429),
    }
}

/// The server may close an idle connection at the very moment when the next request goes out on it.
fn was_dropped(sight: Sight<'_>) -> bool {
    let reused = sight.observation.timing.connect.is_none();
    let failure = sight.observation.failure.as_ref();
    reused
        && failure.is_some_and(|failure| {
            failure.stage == Stage::FirstByte && matches!(failure.kind, Kind::Reset | Kind::Closed)
        })
}

fn retry_after(sight: Sight<'_>) -> Option<Duration> {
    let seconds = sight.answer()?.header("retry-after")?.trim().parse::<f64>().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}
