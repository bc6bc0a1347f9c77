//! What the program is about, as pure values: no files, no clock, and no thread but the second hand of `two_hands`.

mod average_precision;
mod background;
mod calibration;
mod category;
mod category_file;
mod comparison;
mod contest;
mod embedding;
mod evaluation;
mod filter;
mod job;
mod keyword;
mod learning;
mod library;
mod metadata;
mod mixture;
mod namesake;
mod natural;
mod patch_map;
mod photo;
mod picture;
mod ranking;
mod remedies;
mod report;
mod review;
mod scores;
mod splice;
mod starter_sets;
mod templates;
pub mod thesaurus;
mod two_hands;
mod vectors;
mod verdict;
mod whitening;
pub mod words;

pub use average_precision::{BestF1, Scored, average_precision, best_f1, f1_at};
pub use background::{BACKGROUND_PROMPTS, Background, Level};
pub use calibration::{Judged, auto_cutoff};
pub use category::{Category, CategoryId, Cutoff, DEFAULT_TEMPLATE, Labels, Prompt, expand};
pub use category_file::{
    CategoryFileError, CategorySet, MOST_SET_BYTES, parse_category, parse_category_file, parse_category_set,
    read_category_set, write_category_set,
};
pub use comparison::Comparison;
pub use contest::Contest;
pub use embedding::{Embedding, EmbeddingError, dot, vectorised};
pub use evaluation::{CategoryResult, Evaluation, evaluate};
pub use filter::{Filter, RatingFilter, Searchable, Sieve, same_label};
pub use job::{
    Change, Done, Job, JobEntry, JobKind, JobState, KeywordChange, Naming, Placing, Plan, Refusal, Row, SidecarPlace,
    Tag, Tagging, TaggingOptions, Way,
};
pub use keyword::{EmptyKeyword, Keyword};
pub use learning::{Estimate, Lesson, Probe, learn};
pub use library::{ContentId, ContentState, Library, Photo, PhotoId};
pub use metadata::Metadata;
pub use namesake::Namesake;
pub use natural::natural_order;
pub use patch_map::PatchMap;
pub use photo::{Fingerprint, FoundFile, Look};
pub use picture::Picture;
pub use ranking::{Entrant, Group, Heading, Order, Ranking, Scratch};
pub use remedies::{Remedy, remedies};
pub use report::PhotoReport;
pub use review::next_questions;
pub use scores::{Column, Direction, Histogram, Score, Scoring, Standing, Tier};
pub use splice::{Splice, spliced};
pub use starter_sets::{starter_set, starter_sets};
pub use templates::TemplateSet;
pub use vectors::Vectors;
pub use verdict::{Answers, Verdict, Verdicts};
pub use whitening::Whitening;
