//! What is known beforehand: systems, what their answers mean, and the advice for each cause.

pub mod address;
pub mod advice;
pub mod provider;
pub mod signal;
pub mod titles;
pub mod view;
