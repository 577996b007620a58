//! What is asked of a keyring, and what its errors mean.

use std::collections::HashMap;
use std::sync::Arc;

use keyring_core::{CredentialStore, Entry, Error};

use super::NoKeyring;
use crate::connection::key::ApiKey;
use crate::connection::scrub::one_line;

/// The name under which all keys of ruta stand in a keyring.
const SERVICE: &str = "ruta";

/// An open keyring.
#[derive(Clone)]
pub(super) struct Store(Arc<CredentialStore>);

impl Store {
    /// The keyring of this system.
    pub(super) fn open() -> Result<Self, NoKeyring> {
        let status = keyring::Entry::store_status();
        let store = status.as_ref().ok().and_then(|()| keyring_core::get_default_store());
        store.map(Self).ok_or_else(|| NoKeyring::Absent(status.as_ref().err().map_or_else(String::new, absence)))
    }

    /// The key of this connection, if there is one.
    pub(super) fn get(&self, name: &str) -> Result<Option<ApiKey>, NoKeyring> {
        match self.entry(name)?.get_password() {
            Ok(text) => Ok(Some(ApiKey::new(text))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(meaning(error)),
        }
    }

    /// Keeps the key of this connection.
    pub(super) fn set(&self, name: &str, text: &str) -> Result<(), NoKeyring> {
        self.entry(name)?.set_password(text).map_err(meaning)
    }

    /// Takes the key of this connection out, all of them if there are several; whether there was one.
    pub(super) fn remove(&self, name: &str) -> Result<bool, NoKeyring> {
        match self.entry(name)?.delete_credential() {
            Ok(()) => Ok(true),
            Err(Error::NoEntry) => Ok(false),
            Err(Error::Ambiguous(entries)) => {
                entries.iter().try_for_each(Entry::delete_credential).map(|()| true).map_err(meaning)
            }
            Err(error) => Err(meaning(error)),
        }
    }

    /// The names under which there is a key.
    pub(super) fn names(&self, known: &[String]) -> Result<Vec<String>, NoKeyring> {
        let mut found = Vec::new();
        // Only the Secret Service can be asked for all keys of one program.
        if cfg!(all(unix, not(target_os = "macos"))) {
            for entry in self.0.search(&HashMap::from([("service", SERVICE)])).map_err(meaning)? {
                if let Some((service, name)) = entry.get_specifiers()
                    && service == SERVICE
                    && entry.get_credential().is_ok()
                {
                    found.push(name);
                }
            }
            found.sort();
            found.dedup();
            return Ok(found);
        }
        for name in known {
            match self.entry(name)?.get_credential() {
                Ok(_) | Err(Error::Ambiguous(_)) => found.push(name.clone()),
                Err(Error::NoEntry) => {}
                Err(error) => return Err(meaning(error)),
            }
        }
        Ok(found)
    }

    fn entry(&self, name: &str) -> Result<Entry, NoKeyring> {
        // What a program that shows the keyring calls it.
        let label = format!("API key of {name} (ruta)");
        let labelled = cfg!(all(unix, not(target_os = "macos")))
            .then(|| self.0.build(SERVICE, name, Some(&HashMap::from([("label", label.as_str())]))).ok())
            .flatten();
        labelled.map_or_else(|| self.0.build(SERVICE, name, None).map_err(meaning), Ok)
    }
}

/// What an error of the keyring means. Some errors carry what the keyring holds: that is dropped here.
fn meaning(error: Error) -> NoKeyring {
    match error {
        Error::NoStorageAccess(_) => NoKeyring::Locked,
        Error::NoDefaultStore => NoKeyring::Absent(String::new()),
        Error::Ambiguous(_) => NoKeyring::Several,
        Error::BadEncoding(_) | Error::BadDataFormat(..) => NoKeyring::NoText,
        Error::TooLong(_, most) => NoKeyring::Refused(format!("the key has more than its {most} characters")),
        error => NoKeyring::Refused(reason(&error)),
    }
}

/// Why there is no keyring, in words that help: the two usual reasons have poor ones of their own.
fn absence(error: &Error) -> String {
    let text = innermost(error).to_string();
    if cfg!(all(unix, not(target_os = "macos"))) {
        if text.contains("(os error") || text.contains("dbus session") {
            return "no D-Bus session to reach one".into();
        }
        if text.contains("ServiceUnknown") {
            return "no Secret Service runs, such as gnome-keyring, KWallet or KeePassXC".into();
        }
    }
    reason(error)
}

/// The innermost reason of an error, in short.
fn reason(error: &Error) -> String {
    let text = innermost(error).to_string();
    one_line(text.split(" (os error").next().unwrap_or_default(), 120)
}

fn innermost(error: &Error) -> &(dyn std::error::Error + 'static) {
    let mut inner: &(dyn std::error::Error + 'static) = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner
}

#[cfg(test)]
mod tests {
    use keyring_core::mock;

    use super::*;

    const KEY: &str = "sk-live-KGpOyQNcdOyZbkBFTFoOxtzHq8STZHE6svi34zWH8xM";

    fn store() -> Store {
        Store(mock::Store::new().expect("a mock store opens"))
    }

    /// The next call for this name fails with this error.
    fn fail(store: &Store, name: &str, error: Error) {
        let entry = store.entry(name).expect("a mock store has entries");
        entry.as_any().downcast_ref::<mock::Cred>().expect("it is a mock").set_error(error);
    }

    fn length(store: &Store, name: &str) -> Result<Option<usize>, NoKeyring> {
        Ok(store.get(name)?.map(|key| super::super::uncovered(&key).len()))
    }

    #[test]
    fn a_key_lives_from_set_to_remove() {
        let store = store();
        let known = ["home", "work"].map(str::to_owned);
        assert_eq!(length(&store, "work"), Ok(None));
        assert_eq!(store.set("work", KEY), Ok(()));
        assert_eq!((length(&store, "work"), length(&store, "home")), (Ok(Some(KEY.len())), Ok(None)));
        assert_eq!(store.set("work", "short-1"), Ok(()));
        assert_eq!(length(&store, "work"), Ok(Some(7)));
        assert_eq!(store.names(&known), Ok(vec!["work".to_owned()]));
        assert_eq!((store.remove("work"), store.remove("work")), (Ok(true), Ok(false)));
        assert_eq!(store.names(&known), Ok(Vec::new()));
    }

    #[test]
    fn errors_are_told_apart_and_show_nothing_of_the_key() {
        let store = store();
        store.set("work", KEY).expect("a mock store takes a key");
        let inner = || Box::new(std::io::Error::other("it is on fire (os error 5)"));
        let bytes = KEY.as_bytes().to_vec();
        for (error, wanted) in [
            (Error::NoStorageAccess(inner()), NoKeyring::Locked),
            (Error::PlatformFailure(inner()), NoKeyring::Refused("it is on fire".into())),
            (Error::BadEncoding(bytes.clone()), NoKeyring::NoText),
            (Error::BadDataFormat(bytes, inner()), NoKeyring::NoText),
            (Error::Ambiguous(Vec::new()), NoKeyring::Several),
            (
                Error::TooLong("password".into(), 20),
                NoKeyring::Refused("the key has more than its 20 characters".into()),
            ),
        ] {
            fail(&store, "work", error);
            let told = length(&store, "work").expect_err("the mock fails");
            assert_eq!(told, wanted);
            assert!(!told.to_string().contains("KGpOyQNc"), "{told}");
            // It was the call that failed, not the key that was lost.
            assert_eq!(length(&store, "work"), Ok(Some(KEY.len())));
        }
        fail(&store, "work", Error::NoStorageAccess(inner()));
        assert_eq!(store.set("work", "other"), Err(NoKeyring::Locked));
        assert_eq!(
            length(&store, "work"),
            Ok(Some(KEY.len())),
            "a key that is not taken does not push out the old one"
        );
    }
}
