//! All that is known of one photo, for tables that leave the program.

use std::path::Path;
use std::sync::Arc;

use super::Metadata;

#[derive(Clone, Debug, PartialEq)]
pub struct PhotoReport {
    pub path: Arc<Path>,
    /// The category that it fits best.
    pub category: Option<String>,
    /// All that it belongs to.
    pub categories: Vec<String>,
    /// Category, cosine, probability; of those for which there is a score.
    pub scores: Vec<(String, f32, f32)>,
    pub metadata: Metadata,
}
