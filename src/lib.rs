//! Tagroll sorts photos by how well they fit categories described in plain words.

pub mod catalog;
pub mod clip;
pub mod disk;
pub mod hub;
