//! Says why a scenario cannot be read or played.

use std::fmt;
use std::io;

/// Why a scenario cannot be used.
#[derive(Debug)]
pub enum ScenarioError {
    /// The text is no scenario; the TOML reader says where.
    Syntax(Box<toml::de::Error>),
    /// The text is a scenario that contradicts itself.
    Meaning(String),
    /// A certificate could not be made.
    Certificate(String),
    /// The loopback server could not be started.
    Start(io::Error),
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(error) => write!(f, "not a scenario: {error}"),
            Self::Meaning(text) => write!(f, "not a usable scenario: {text}"),
            Self::Certificate(text) => write!(f, "cannot make a certificate: {text}"),
            Self::Start(error) => write!(f, "cannot start the loopback server: {error}"),
        }
    }
}

impl std::error::Error for ScenarioError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Syntax(error) => Some(error.as_ref()),
            Self::Start(error) => Some(error),
            Self::Meaning(_) | Self::Certificate(_) => None,
        }
    }
}
