//! Connections in the settings of clients: texts go in, connections come out, and no file is opened here.

pub mod aider;
pub mod claude_code;
pub mod codex;
pub mod compose;
pub mod continue_dev;
pub mod dotenv;
pub mod environment;
pub mod json;
pub mod open_webui;
pub mod open_webui_database;
mod open_webui_features;
pub mod open_webui_network;
pub mod opencode;
pub mod sqlite;
pub mod tree;
pub mod variables;
pub mod yaml;

use super::Connection;
use tree::Tree;

/// A connection that the settings of a client describe.
#[derive(Debug, Default)]
pub struct Found {
    /// The connection, named after its place in the settings.
    pub connection: Connection,
    /// The provider that the settings name instead of a base URL.
    pub provider: Option<String>,
    /// Why it is not checked, if it is not: a sentence without its end.
    pub skipped: Option<String>,
}

/// What a source holds.
#[derive(Debug, Default)]
pub struct Holding {
    /// The connections, in the order of the source.
    pub found: Vec<Found>,
    /// What is to be said of the source itself, in sentences.
    pub remarks: Vec<String>,
}

impl Holding {
    /// Adds what another source holds.
    pub fn add(&mut self, other: Self) {
        self.found.extend(other.found);
        for remark in other.remarks {
            if !self.remarks.contains(&remark) {
                self.remarks.push(remark);
            }
        }
    }
}

/// Headers of a map.
fn headers(tree: &Tree) -> Vec<(String, String)> {
    tree.entries().iter().filter_map(|(name, value)| Some((name.clone(), value.text()?.to_owned()))).collect()
}
