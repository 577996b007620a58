//! What is known beforehand: systems, what their answers mean, clients, and the advice for each cause.

pub mod ability;
pub mod address;
pub mod advice;
pub mod client;
pub mod entered;
pub mod kind;
pub mod open_webui;
pub mod parameters;
pub mod provider;
pub mod row;
pub mod settings;
pub mod signal;
pub mod streaming;
pub mod titles;
pub mod view;
