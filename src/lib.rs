//! Finds the one reason why an AI client does not connect: checks a base URL, an API key and a model ID against the
//! server, names the root cause with its evidence, and the fix that was tried.
//!
//! One flow: [`connection`] → [`examine`] → [`evidence`] → [`diagnose`] → [`report`] → [`render`]. A module uses only
//! modules of the floors below it; ARCHITECTURE.md draws them, and a test keeps the drawing true.

// Floor 1: names and values.
pub mod cause;
pub mod connection;
// Floor 2: what was seen.
pub mod evidence;
// Floor 3: what is known beforehand.
pub mod knowledge;
// Floor 4: the network, the judgement, and a server to try both on.
pub mod diagnose;
pub mod examine;
pub mod scenario;
// Floor 5: what every format shows.
pub mod report;
// Floor 6: the formats.
pub mod render;
// Floor 7: the only place that prints, reads the environment or exits.
pub mod cli;
