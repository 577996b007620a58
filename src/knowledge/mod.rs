//! What is known beforehand: systems, what their answers mean, clients, and the advice for each cause.

pub mod address;
pub mod advice;
pub mod client;
pub mod open_webui;
pub mod provider;
pub mod signal;
pub mod streaming;
pub mod titles;
pub mod view;
