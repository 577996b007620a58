//! The system's keyring, within a time limit: a mute keyring must not hold the program.

#[cfg(feature = "keyring")]
mod store;

use std::fmt;
use std::io::{IsTerminal, Write};
use std::sync::{OnceLock, mpsc};
use std::thread;
use std::time::Duration;

use zeroize::Zeroizing;

use super::environment;
use super::output::{self, Problem};
use crate::connection::key::ApiKey;
use crate::connection::saved::variable_for;

/// How long a keyring may take to answer where nobody is asked anything.
const LIMIT: Duration = Duration::from_secs(3);
/// How long it may take where it may ask a person for its password, in a window.
const PATIENCE: Duration = Duration::from_secs(90);

/// Why the keyring gave or took nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(not(any(feature = "keyring", test)), expect(dead_code, reason = "only a keyring can be locked or full"))]
pub(super) enum NoKeyring {
    /// `RUTA_KEYRING=off`.
    Off,
    /// There is none, for this reason.
    Absent(String),
    /// It is locked, and nobody unlocked it.
    Locked,
    /// It does not answer.
    Mute(Duration),
    /// It holds several keys under one name.
    Several,
    /// It holds something that is no text.
    NoText,
    /// It refused, for this reason.
    Refused(String),
}

impl NoKeyring {
    /// Whether there is no keyring at all, so that it holds no key either.
    pub(super) fn is_absent(&self) -> bool {
        matches!(self, Self::Off | Self::Absent(_))
    }

    /// The two other ways to give the key of this connection.
    pub(super) fn other_ways(name: &str) -> String {
        let variable = variable_for(name);
        format!(
            "There are two other ways to give the key:\n       a variable:      ruta connections edit {name} --key-env {variable}\n       standard input:  ruta doctor {name} --key-stdin"
        )
    }

    /// The complaint of a command that cannot go on without the keyring.
    pub(super) fn complaint(&self, name: &str) -> Problem {
        format!("{self}.\n       {}", Self::other_ways(name)).into()
    }
}

impl fmt::Display for NoKeyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("the keyring is switched off by RUTA_KEYRING"),
            Self::Absent(why) => write!(f, "there is no keyring here ({why})"),
            Self::Locked => f.write_str("the keyring is locked, or was never set up, and nobody unlocked it"),
            Self::Mute(limit) => write!(f, "the keyring does not answer (waited {} s)", limit.as_secs()),
            Self::Several => f.write_str("the keyring holds several keys under this name"),
            Self::NoText => f.write_str("what the keyring holds under this name is no text"),
            Self::Refused(why) => write!(f, "the keyring refused ({why})"),
        }
    }
}

/// Whether there is a keyring.
pub(super) fn check() -> Result<(), NoKeyring> {
    ask(|_| Ok(()))
}

/// The key that the keyring holds for this connection, if it holds one.
pub(super) fn get(name: &str) -> Result<Option<ApiKey>, NoKeyring> {
    let name = name.to_owned();
    ask(move |store| store.get(&name))
}

/// Keeps the key of this connection, instead of the one that is there.
pub(super) fn set(name: &str, key: &ApiKey) -> Result<(), NoKeyring> {
    let (name, text) = (name.to_owned(), Zeroizing::new(uncovered(key).to_owned()));
    ask(move |store| store.set(&name, &text))
}

/// Takes the key of this connection out; whether there was one.
pub(super) fn remove(name: &str) -> Result<bool, NoKeyring> {
    let name = name.to_owned();
    ask(move |store| store.remove(&name))
}

/// The names under which there is a key: of these, and wherever the keyring can be searched of all others too.
pub(super) fn names(known: &[String]) -> Result<Vec<String>, NoKeyring> {
    let known = known.to_vec();
    ask(move |store| store.names(&known))
}

/// Prints the key itself, for `ruta key get --reveal`.
pub(super) fn print(key: &ApiKey) -> Result<(), Problem> {
    let line = Zeroizing::new(format!("{}\n", uncovered(key)));
    if std::io::stdout().is_terminal() {
        return output::write(&Zeroizing::new(output::shown(&line, false)), None);
    }
    output::write(&line, None)
}

/// The text of the key, for the keyring that is to keep it and for the person who asked to see it.
fn uncovered(key: &ApiKey) -> &str {
    key.reveal()
}

#[cfg(feature = "keyring")]
use store::Store;

/// No keyring was built in: there is no such thing as an open one.
#[cfg(not(feature = "keyring"))]
enum Store {}

#[cfg(not(feature = "keyring"))]
impl Store {
    fn open() -> Result<Self, NoKeyring> {
        Err(NoKeyring::Absent("this ruta was built without it".into()))
    }

    fn get(&self, _: &str) -> Result<Option<ApiKey>, NoKeyring> {
        match *self {}
    }

    fn set(&self, _: &str, _: &str) -> Result<(), NoKeyring> {
        match *self {}
    }

    fn remove(&self, _: &str) -> Result<bool, NoKeyring> {
        match *self {}
    }

    fn names(&self, _: &[String]) -> Result<Vec<String>, NoKeyring> {
        match *self {}
    }
}

/// Asks the keyring of this system. One that did not answer, or that nobody unlocked, is not asked again in this run:
/// twelve connections must not wait twelve times, nor a person answer twelve windows.
fn ask<T: Send + 'static>(work: impl FnOnce(&Store) -> Result<T, NoKeyring> + Send + 'static) -> Result<T, NoKeyring> {
    static GIVEN_UP: OnceLock<NoKeyring> = OnceLock::new();
    if switched_off() {
        return Err(NoKeyring::Off);
    }
    if let Some(why) = GIVEN_UP.get() {
        return Err(why.clone());
    }
    let done = limited(Store::open, work, LIMIT, if may_prompt() { PATIENCE } else { LIMIT });
    if let Err(why @ (NoKeyring::Absent(_) | NoKeyring::Locked | NoKeyring::Mute(_))) = &done {
        let _ = GIVEN_UP.set(why.clone());
    }
    done
}

/// Opens and asks a keyring on a thread of its own, which is left behind if it does not answer in time.
fn limited<S, T: Send + 'static>(
    open: impl FnOnce() -> Result<S, NoKeyring> + Send + 'static,
    work: impl FnOnce(&S) -> Result<T, NoKeyring> + Send + 'static,
    to_open: Duration,
    to_answer: Duration,
) -> Result<T, NoKeyring> {
    let (opened, is_open) = mpsc::channel();
    let (answered, answer) = mpsc::channel();
    let asking = move || {
        let store = open();
        let _ = opened.send(());
        let _ = answered.send(store.and_then(|store| work(&store)));
    };
    let mute = |limit: Duration| move |_| NoKeyring::Mute(limit);
    thread::Builder::new().spawn(asking).map_err(|error| NoKeyring::Refused(error.to_string()))?;
    is_open.recv_timeout(to_open).map_err(mute(to_open))?;
    if to_answer <= to_open {
        return answer.recv_timeout(to_answer).map_err(mute(to_answer))?;
    }
    let early = answer.recv_timeout(to_open.min(Duration::from_secs(2)));
    if let Ok(done) = early {
        return done;
    }
    let _ =
        writeln!(std::io::stderr(), "Waiting for the keyring: it may be asking for its password in another window.");
    answer.recv_timeout(to_answer).map_err(mute(to_answer))?
}

/// Whether the keyring can ask somebody for its password: there is a screen, and a person at this terminal.
fn may_prompt() -> bool {
    let screen = cfg!(any(windows, target_os = "macos"))
        || ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| environment::get(name).is_some_and(|set| !set.is_empty()));
    screen && std::io::stderr().is_terminal()
}

/// `RUTA_KEYRING=off`: the keyring is never asked.
fn switched_off() -> bool {
    environment::get("RUTA_KEYRING")
        .is_some_and(|value| ["off", "no", "0", "false"].contains(&value.trim().to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(50);

    #[test]
    fn a_mute_keyring_holds_nobody() {
        let (never, wait) = mpsc::channel::<()>();
        let mute = limited(move || Ok(wait.recv()), |_| Ok(()), SHORT, SHORT);
        assert_eq!(mute, Err(NoKeyring::Mute(SHORT)));
        drop(never);
        let (never, wait) = mpsc::channel::<()>();
        let mute = limited(move || Ok(wait), |wait| Ok(wait.recv().is_ok()), SHORT, SHORT);
        assert_eq!(mute, Err(NoKeyring::Mute(SHORT)));
        drop(never);
        assert_eq!(limited(|| Ok(7), |number| Ok(*number), LIMIT, LIMIT), Ok(7));
        let absent = NoKeyring::Absent("no bus".into());
        let told = absent.clone();
        assert_eq!(limited(move || Err::<(), _>(told), |()| Ok(()), LIMIT, LIMIT), Err(absent));
    }

    #[test]
    fn every_reason_comes_with_the_two_other_ways() {
        for why in [
            NoKeyring::Off,
            NoKeyring::Absent("no bus".into()),
            NoKeyring::Locked,
            NoKeyring::Mute(LIMIT),
            NoKeyring::Several,
            NoKeyring::NoText,
            NoKeyring::Refused("no".into()),
        ] {
            let Problem::Said(said) = why.complaint("my.home") else { panic!("{why:?} says nothing") };
            assert!(said.contains("--key-env MY_HOME_KEY") && said.contains("--key-stdin"), "{said}");
        }
    }
}
