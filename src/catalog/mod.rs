//! What the program is about, as pure values: no files, no threads, no clock.

mod category;
mod category_file;
mod embedding;
mod evaluation;
mod library;
mod natural;
mod patch_map;
mod photo;
mod picture;
mod ranking;
mod scores;
mod vectors;
pub mod words;

pub use category::{Category, CategoryId, DEFAULT_TEMPLATE, expand};
pub use category_file::{CategoryFileError, parse_category, parse_category_file};
pub use embedding::{Embedding, EmbeddingError, dot};
pub use evaluation::{CategoryResult, Evaluation, evaluate};
pub use library::{ContentId, ContentState, Library, Photo, PhotoId};
pub use natural::natural_order;
pub use patch_map::PatchMap;
pub use photo::{Fingerprint, FoundFile, Look};
pub use picture::Picture;
pub use ranking::{Contest, Entrant, Group, Heading, Order, Ranking};
pub use scores::{Column, Direction, Histogram, Score, Scoring};
pub use vectors::Vectors;
