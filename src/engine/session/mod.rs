//! Everything a person can see or change, as a value: no threads, no files, no clock.
//!
//! Commands and events go in; the [`Wish`] says what is still missing. Any order of the same events gives the same
//! session, and what is asked for twice is worked out once.

mod absorb;
mod apply;
mod doctor;
mod evaluation;
mod filter;
mod jobs;
mod keeping;
mod last_time;
mod lessons;
mod metadata;
mod models;
mod order;
mod pictures;
mod politeness;
mod progress;
mod review;
mod scoreboard;
mod sets;
mod shares;
mod similar;
mod switch;
mod tuning;
mod why;
mod wishes;
mod workbench;

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use doctor::{Doctor, Proposal};
pub use evaluation::{Mistake, Sorted, Truth};
pub use jobs::{Errand, Scope, Stage};
pub use models::{Download, Models, Switch};
use order::Sorting;
use pictures::Pictures;
use politeness::Politeness;
pub use progress::{Activity, Counts};
pub use review::Review;
use scoreboard::Scoreboard;
pub use sets::{SetEntry, SetSource, Sets};
pub use shares::Against;
pub use similar::{ExampleState, Similar};
use switch::{Next, Translations};
pub use tuning::Written;
use tuning::{Archive, Field, Tuning};
pub use why::{Heat, HeatState, Why};

use super::choice::ModelRequest;
use super::event::Problem;
use super::history::History;
use super::missing::{Contents, Missing};
use super::saved::{Appearance, SAVED_VERSION, Saved, WindowPlace};
use super::wish::{Model, Visit, Wish};
use crate::catalog::{BACKGROUND_PROMPTS, Category, CategoryId, Embedding, Heading, Library, Order, PhotoId};
use crate::language::LanguageChoice;

/// Photos that are put before the background at once: about 10 ms.
const ROWS_AT_ONCE: usize = 1024;

/// A folder that is open.
#[derive(Clone, Debug)]
struct Root {
    visit: Visit,
    is_visited: bool,
    /// Whether nothing that was reported is only what was known from before.
    is_checked: bool,
    problems: Vec<Problem>,
}

pub struct Session {
    roots: Vec<Root>,
    visits: u32,
    library: Library,
    /// What sorts the photos now.
    request: ModelRequest,
    model: Model,
    next: Option<Next>,
    translations: Translations,
    /// What the person chose, for the next start; `None` until then.
    chosen: Option<ModelRequest>,
    /// The model was named when the program was started, which counts for this once.
    is_model_named: bool,
    models: Models,
    is_recommendation_dismissed: bool,
    last_time: last_time::LastTime,
    /// Photos that the network encoded since the start, not counting those that the store knew.
    encoded: usize,
    decoded: usize,
    /// What the person asked for.
    activity: Activity,
    politeness: Politeness,

    tuning: History<Tuning, Field>,
    archive: Archive,
    written: OnceCell<Arc<Written>>,
    next_category: u32,
    scoreboard: Scoreboard,

    selected: Option<CategoryId>,
    order: Order,
    find: String,
    focus: Option<PhotoId>,
    selection: BTreeSet<PhotoId>,
    review: Option<review::Asking>,
    explained: Option<PhotoId>,
    examined: Option<CategoryId>,
    similar: Option<Similar>,
    alike: similar::Alike,
    patches: Option<why::Patches>,
    evaluations: evaluation::Evaluations,
    descriptions: metadata::Descriptions,
    filtering: filter::Filtering,
    sets: Sets,
    jobs: jobs::Jobs,
    keeping: keeping::Keeping,
    pictures: Pictures,
    thumbnail_height: f32,
    window: Option<WindowPlace>,
    language: LanguageChoice,
    appearance: Appearance,
    recent: Vec<PathBuf>,
    notices: Vec<String>,
    remembers: bool,

    sorting: Sorting,
    counts: OnceCell<Counts>,
    contents: OnceCell<Arc<Contents>>,
    missing: OnceCell<Missing>,
}

impl Session {
    /// A session that takes up what was remembered, if anything. With `remembers` it wishes to be saved.
    pub fn new(mut saved: Saved, remembers: bool) -> Session {
        let roots = std::mem::take(&mut saved.roots);
        let mut session = Session::without_folders(saved, remembers);
        if !roots.is_empty() {
            session.visit(roots);
        }
        session
    }

    #[allow(clippy::too_many_lines, reason = "one line a field")]
    fn without_folders(saved: Saved, remembers: bool) -> Session {
        Session {
            roots: Vec::new(),
            visits: 0,
            next_category: saved.categories.iter().map(|c| c.id.0 + 1).max().unwrap_or(0),
            library: Library::default(),
            request: saved.request.clone().unwrap_or_default(),
            model: Model::Loading,
            next: None,
            translations: Translations::default(),
            chosen: saved.request.clone(),
            is_model_named: false,
            models: Models::remembered(&saved),
            is_recommendation_dismissed: saved.is_recommendation_dismissed,
            last_time: last_time::LastTime::remembered(&saved),
            encoded: 0,
            decoded: 0,
            activity: Activity::Running,
            politeness: Politeness::remembered(&saved),
            tuning: History::new(Tuning { categories: saved.categories, labels: saved.labels, ..Tuning::default() }),
            archive: Archive::default(),
            written: OnceCell::new(),
            scoreboard: Scoreboard::default(),
            selected: saved.selected,
            order: saved.order,
            find: String::new(),
            focus: None,
            selection: BTreeSet::new(),
            review: None,
            explained: None,
            examined: None,
            similar: None,
            alike: similar::Alike::default(),
            patches: None,
            evaluations: evaluation::Evaluations::default(),
            descriptions: metadata::Descriptions::default(),
            filtering: filter::Filtering::default(),
            sets: Sets::default(),
            jobs: jobs::Jobs::asking(),
            keeping: keeping::Keeping::default(),
            pictures: Pictures::default(),
            thumbnail_height: saved.thumbnail_height,
            window: saved.window,
            language: saved.language,
            appearance: saved.appearance,
            recent: saved.recent,
            notices: Vec::new(),
            remembers,
            sorting: Sorting::default(),
            counts: OnceCell::new(),
            contents: OnceCell::new(),
            missing: OnceCell::new(),
        }
    }

    /// Begins with this model; `is_named` if somebody named it for this start only.
    pub fn begin_with(&mut self, request: ModelRequest, is_named: bool) {
        (self.request, self.is_model_named) = (request, is_named);
    }

    pub fn library(&self) -> &Library {
        &self.library
    }

    pub fn roots(&self) -> impl Iterator<Item = &Path> {
        self.roots.iter().map(|root| root.visit.root.as_ref())
    }

    pub fn recent(&self) -> &[PathBuf] {
        &self.recent
    }

    pub fn model(&self) -> &Model {
        &self.model
    }

    pub fn categories(&self) -> &[Category] {
        &self.tuning.now().categories
    }

    pub fn category(&self, id: CategoryId) -> Option<&Category> {
        self.categories().iter().find(|category| category.id == id)
    }

    pub fn can_undo(&self) -> bool {
        self.tuning.can_undo()
    }

    pub fn can_redo(&self) -> bool {
        self.tuning.can_redo()
    }

    pub fn selected(&self) -> Option<CategoryId> {
        self.selected
    }

    pub fn order(&self) -> Order {
        self.order
    }

    pub fn find(&self) -> &str {
        &self.find
    }

    pub fn focus(&self) -> Option<PhotoId> {
        self.focus
    }

    pub fn thumbnail_height(&self) -> f32 {
        self.thumbnail_height
    }

    pub fn window(&self) -> Option<WindowPlace> {
        self.window
    }

    pub fn language(&self) -> LanguageChoice {
        self.language
    }

    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// The cosine of a photo with what it is ranked or grouped by: what is looked for, else the heading's category.
    pub fn fit(&self, photo: PhotoId, heading: Heading) -> Option<f32> {
        let column = match heading {
            Heading::Find => self.scoreboard.find()?,
            Heading::Category(id) => self.scoreboard.column(id)?,
            _ => return None,
        };
        column.fit(self.library.photo(photo).content.row())
    }

    /// Whether a category's prompts are encoded as they stand now.
    pub fn is_scored(&self, category: CategoryId) -> bool {
        self.category(category).is_some_and(|category| self.scoreboard.is_current(category))
    }

    /// Why a category cannot be scored.
    pub fn trouble(&self, category: CategoryId) -> Option<&str> {
        self.scoreboard.trouble(self.category(category)?)
    }

    pub fn embedding_of_text(&self, text: &str) -> Option<Result<&Embedding, &str>> {
        self.scoreboard.text(text)
    }

    /// Whether everything that was wished for is there.
    pub fn is_fulfilled(&self) -> bool {
        let is_stopped = self.activity == Activity::Stopped;
        let has_embeddings = is_stopped || self.counts().waiting() == 0;
        let has_texts = || self.missing_texts().is_empty();
        let has_model = !matches!(self.model, Model::Loading) && self.next.is_none();
        let has_read = has_embeddings && (is_stopped || self.has_metadata());
        has_model && !self.counts().is_scanning && has_read && has_texts() && !self.has_work() && self.jobs.is_idle()
    }

    /// Texts of the model in use that have not been answered.
    fn missing_texts(&self) -> Vec<String> {
        let mut more = self.examined_texts();
        if self.explained.is_some() {
            more.extend(BACKGROUND_PROMPTS.map(str::to_owned));
        }
        self.scoreboard.missing_texts(self.categories(), &self.find, &more)
    }

    /// Whether there is arithmetic left to do with [`Session::work`].
    pub fn has_work(&self) -> bool {
        !self.scoreboard.is_levelled(self.library.vectors())
    }

    /// Does a little of the arithmetic that is too much for one frame.
    pub fn work(&mut self) {
        if self.has_work() {
            self.scoreboard.level(self.library.vectors(), ROWS_AT_ONCE);
            if !self.has_work() {
                self.forget_order();
            }
        }
    }

    /// What is still missing.
    pub fn wish(&self) -> Wish {
        wishes::wish(self)
    }

    /// The part that is remembered.
    pub fn saved(&self) -> Saved {
        let mut saved = Saved {
            version: SAVED_VERSION,
            roots: self.roots.iter().map(|root| root.visit.root.to_path_buf()).collect(),
            recent: self.recent.clone(),
            categories: self.categories().to_vec(),
            labels: self.labels(),
            selected: self.selected,
            order: self.order,
            thumbnail_height: self.thumbnail_height,
            window: self.window,
            language: self.language,
            appearance: self.appearance,
            request: self.chosen.clone(),
            speeds: self.models.speeds.iter().map(|(request, speed)| (request.clone(), *speed)).collect(),
            is_recommendation_dismissed: self.is_recommendation_dismissed,
            seen_report: self.last_time.seen(),
            ..Saved::default()
        };
        self.politeness.remember(&mut saved);
        saved
    }

    fn forget_order(&mut self) {
        self.evaluations.forget();
        self.sorting.forget();
    }

    fn forget_counts(&mut self) {
        self.counts.take();
        self.forget_seen();
        self.forget_order();
    }

    /// For when files were added or closed.
    fn forget_files(&mut self) {
        self.contents.take();
        self.descriptions.follow(&self.library);
        self.filtering.forget();
        self.forget_counts();
    }

    fn visit_anew(&mut self) {
        self.visit(self.roots().map(Path::to_path_buf).collect());
    }

    /// Starts reading these folders in place of those that are open.
    fn visit(&mut self, roots: Vec<PathBuf>) {
        self.library.clear_files();
        self.descriptions.forget_files();
        self.focus = None;
        self.selection.clear();
        self.activity = Activity::Running;
        self.roots.clear();
        for root in roots {
            self.visits += 1;
            let visit = Visit { root: Arc::from(root), number: self.visits };
            self.roots.push(Root { visit, is_visited: false, is_checked: false, problems: Vec::new() });
        }
        self.pictures = Pictures::default();
        self.forget_files();
    }
}
