//! All tests of the whole program in one binary, so that they run side by side and are linked once.

mod advice;
mod anonymize;
mod asked;
mod asking;
mod ci;
mod cli;
mod clients;
mod completions;
mod connections;
mod contract;
mod docs;
mod economy;
mod explain;
mod formats;
mod full;
mod generated;
mod home;
mod hostile;
mod import;
mod import_clients;
mod import_refused;
mod keyring;
mod knowledge;
mod long_lists;
mod machine;
mod manual;
mod models;
mod network;
#[cfg(unix)]
mod person;
mod prediction;
mod privacy;
#[cfg(unix)]
mod progress;
mod properties;
mod providers;
mod quoting;
mod raw;
mod replay;
mod scenarios;
mod schema;
mod script;
mod scripts;
mod secret;
mod settings;
mod several;
mod snapshot;
mod stage;
#[cfg(unix)]
mod stopping;
#[cfg(unix)]
mod terminal;
mod tidy;
mod together;
mod valid;
mod waiting;
mod width;
