//! The values that the editing of packets needs, without the rest of the program.

#[path = "../../../src/catalog/job.rs"]
mod job;
#[path = "../../../src/catalog/keyword.rs"]
mod keyword;
#[path = "../../../src/catalog/metadata.rs"]
mod metadata;
#[path = "../../../src/catalog/splice.rs"]
mod splice;

pub use job::*;
pub use keyword::{EmptyKeyword, Keyword};
pub use metadata::Metadata;
pub use splice::{Splice, spliced};
