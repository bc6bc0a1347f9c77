//! Encoded texts, and the column of fits that each category has from them.
//!
//! A category keeps its last whole column until every one of its new texts is encoded, so the order on screen never
//! passes through a half-finished state.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::Session;
use super::lessons::Lessons;
use super::similar::{self, Similar};
use super::tuning::Tuning;
use crate::catalog::{
    BACKGROUND_PROMPTS, Category, CategoryId, Column, ContentId, Cutoff, Direction, Embedding, Entrant, Estimate,
    Histogram, Library, Vectors, Verdict,
};

/// Texts kept beyond those in use: each keystroke makes one, of about 2 kB.
const SPARE_TEXTS: usize = 2000;
const HISTOGRAM_BARS: usize = 48;

#[derive(Default)]
pub struct Scoreboard {
    texts: HashMap<String, Result<Embedding, String>>,
    columns: HashMap<CategoryId, Column>,
    /// By category: what its column was made of, so that fifty others cost nothing while one is typed.
    sources: HashMap<CategoryId, Category>,
    /// By category: another number whenever its column changes.
    versions: HashMap<CategoryId, u64>,
    version: u64,
    find: Option<Column>,
    histograms: RefCell<HashMap<CategoryId, Rc<Histogram>>>,
    lessons: Lessons,
}

/// What is looked for.
#[derive(Clone, Copy)]
pub struct Sought<'a> {
    pub words: &'a str,
    pub similar: Option<&'a Similar>,
}

impl Scoreboard {
    pub fn put_texts(&mut self, texts: Vec<(String, Result<Embedding, String>)>) {
        self.texts.extend(texts);
    }

    pub fn text(&self, text: &str) -> Option<Result<&Embedding, &str>> {
        self.texts.get(text).map(|result| result.as_ref().map_err(String::as_str))
    }

    /// Texts of categories and search that have not been answered, then `more`, then the background. What is being looked
    /// for comes first.
    pub fn missing_texts(&self, categories: &[Category], find: &str, more: &[String]) -> Vec<String> {
        let mut missing = Vec::new();
        let find = Some(find.trim().to_owned()).filter(|text| !text.is_empty());
        let of_categories = categories.iter().flat_map(Category::texts);
        let bank = BACKGROUND_PROMPTS.iter().filter(|_| needs_background(categories)).map(|text| (*text).to_owned());
        for text in find.into_iter().chain(of_categories).chain(more.iter().cloned()).chain(bank) {
            if !self.texts.contains_key(&text) && !missing.contains(&text) {
                missing.push(text);
            }
        }
        missing
    }

    /// Brings the columns in line with categories, verdicts and search, as far as their texts are encoded. `vectors` are
    /// of the model that the texts are of. Returns whether anything changed.
    pub fn refresh(&mut self, tuning: &Tuning, sought: Sought<'_>, library: &Library, vectors: &Vectors) -> bool {
        let before = self.columns.len();
        self.columns.retain(|id, _| tuning.categories.iter().any(|category| category.id == *id));
        let columns = &self.columns;
        self.sources.retain(|id, _| columns.contains_key(id));
        self.lessons.keep_only(&tuning.categories);
        let texts = &self.texts;
        self.lessons.set_background(|text| texts.get(text)?.as_ref().ok().cloned());
        let mut changed = self.columns.len() != before;
        for category in &tuning.categories {
            changed |= self.refresh_column(category, verdict_rows(tuning, category.id, library), library, vectors);
        }
        self.forget_spare_texts(&tuning.categories, sought.words);
        self.refresh_find(sought, library, vectors) || changed
    }

    /// Looks at the photos as a whole anew if that is due; `is_settled` once all of them are there. Returns whether the
    /// columns must be refreshed.
    pub fn sample(&mut self, library: &Library, vectors: &Vectors, embedded: usize, is_settled: bool) -> bool {
        self.lessons.sample(library, vectors, embedded, is_settled)
    }

    fn refresh_column(
        &mut self,
        category: &Category,
        verdicts: Vec<(usize, Verdict)>,
        library: &Library,
        vectors: &Vectors,
    ) -> bool {
        let is_judged =
            !verdicts.is_empty() || self.columns.get(&category.id).is_none_or(|column| !column.verdicts().is_empty());
        if !is_judged && self.sources.get(&category.id) == Some(category) {
            return false;
        }
        let Some(direction) = self.direction(category) else { return false };
        self.sources.insert(category.id, category.clone());
        let direction = self.lessons.taught(category.id, direction, &verdicts, library, vectors);
        match self.columns.get_mut(&category.id) {
            Some(column) if *column.direction() != direction => column.redirect(direction, verdicts, vectors),
            Some(column) if column.verdicts() != verdicts => column.judge(verdicts, vectors),
            Some(_) => return false,
            None => _ = self.columns.insert(category.id, Column::of(direction, verdicts, vectors)),
        }
        self.version += 1;
        self.versions.insert(category.id, self.version);
        self.histograms.get_mut().remove(&category.id);
        self.lessons.forget_cutoff(category.id);
        true
    }

    /// Scores these contents in every column.
    pub fn update(&mut self, contents: &[ContentId], vectors: &Vectors) {
        for column in self.columns.values_mut().chain(self.find.as_mut()) {
            contents.iter().for_each(|content| column.update(content.row(), vectors));
        }
        self.version += 1;
        let version = self.version;
        self.versions.values_mut().for_each(|known| *known = version);
        self.lessons.update(contents, vectors);
        self.forget_histograms();
    }

    /// What histograms and automatic cut-offs say depends on which photos are open, too.
    pub fn forget_histograms(&mut self) {
        self.histograms.get_mut().clear();
        self.lessons.forget_cutoffs();
    }

    /// The categories that have a column, in their order.
    pub fn entrants<'a>(&'a self, categories: &'a [Category], library: &Library) -> Vec<Entrant<'a>> {
        let entrant = |category: &'a Category| {
            let column = self.columns.get(&category.id)?;
            let (cutoff, group) = (self.cutoff(category, library), category.group.as_deref());
            let version = self.versions.get(&category.id).copied().unwrap_or(0);
            Some(Entrant { id: category.id, column, cutoff, group, version })
        };
        categories.iter().filter_map(entrant).collect()
    }

    /// The cut-off as a number; `None` where everything belongs, or nothing is known yet.
    pub fn cutoff(&self, category: &Category, library: &Library) -> Option<f32> {
        match category.cutoff {
            Cutoff::Everything => None,
            Cutoff::Auto => self.auto_cutoff(category.id, library),
            Cutoff::At(fit) => Some(fit),
        }
    }

    /// The cut-off that suits the open photos, whatever the category's rule.
    pub fn auto_cutoff(&self, category: CategoryId, library: &Library) -> Option<f32> {
        self.lessons.auto(category, self.columns.get(&category)?, library)
    }

    /// How good the lesson of a category is, if it learned one.
    pub fn estimate(&self, category: &Category, library: &Library) -> Option<Estimate> {
        self.lessons.estimate(category.id, self.cutoff(category, library))
    }

    /// Whether automatic cut-offs know all photos.
    pub fn is_levelled(&self, vectors: &Vectors) -> bool {
        self.lessons.is_levelled(vectors)
    }

    /// Goes on until they do, so many photos at a time.
    pub fn level(&mut self, vectors: &Vectors, most_rows: usize) {
        self.lessons.level(vectors, most_rows);
    }

    pub fn column(&self, category: CategoryId) -> Option<&Column> {
        self.columns.get(&category)
    }

    pub fn find(&self) -> Option<&Column> {
        self.find.as_ref()
    }

    pub fn histogram(&self, category: CategoryId, library: &Library) -> Option<Rc<Histogram>> {
        if let Some(known) = self.histograms.borrow().get(&category) {
            return Some(known.clone());
        }
        let column = self.columns.get(&category)?;
        let fits = library.folder_order().iter().filter_map(|id| column.fit(library.photo(*id).content.row()));
        let marks = column.verdicts().iter().filter_map(|(row, verdict)| Some((column.fit(*row)?, *verdict)));
        let mut marks: Vec<(f32, Verdict)> = marks.collect();
        marks.sort_by(|a, b| a.0.total_cmp(&b.0));
        let histogram = Rc::new(Histogram { marks, ..Histogram::of(fits, HISTOGRAM_BARS)? });
        self.histograms.borrow_mut().insert(category, histogram.clone());
        Some(histogram)
    }

    /// Whether the category's column is of the prompts that stand there now.
    pub fn is_current(&self, category: &Category) -> bool {
        let (column, direction) = (self.columns.get(&category.id), self.direction(category));
        column.zip(direction).is_some_and(|(column, direction)| column.direction().says_the_same(&direction))
    }

    pub fn trouble(&self, category: &Category) -> Option<&str> {
        category.texts().find_map(|text| self.texts.get(&text)?.as_ref().err().map(String::as_str))
    }

    /// What the category's words alone say, once they are encoded.
    pub fn direction(&self, category: &Category) -> Option<Direction> {
        let known = |text: &String| self.texts.get(text)?.as_ref().ok().cloned();
        let weighted = |texts: Vec<(String, f32)>| -> Option<Vec<(Embedding, f32)>> {
            texts.iter().map(|(text, weight)| Some((known(text)?, *weight))).collect()
        };
        let exclusions: Option<Vec<Embedding>> = category.exclusion_texts().iter().map(known).collect();
        Direction::new(&weighted(category.prompt_texts())?, weighted(category.negative_texts())?, exclusions?)
    }

    fn refresh_find(&mut self, sought: Sought<'_>, library: &Library, vectors: &Vectors) -> bool {
        let words = sought.words.trim();
        if words.is_empty() && sought.similar.is_none() {
            return self.find.take().is_some();
        }
        let words = match self.texts.get(words) {
            Some(Ok(embedding)) => Some(embedding),
            // The last whole order stays until the words are encoded.
            _ if !words.is_empty() => return false,
            _ => None,
        };
        let direction = match sought.similar {
            Some(similar) => similar::direction(similar, words, library, vectors),
            None => words.and_then(|words| Direction::new(&[(words.clone(), 1.0)], Vec::new(), Vec::new())),
        };
        if self.find.as_ref().map(Column::direction) == direction.as_ref() {
            return false;
        }
        self.find = direction.map(|direction| Column::of(direction, Vec::new(), vectors));
        true
    }

    fn forget_spare_texts(&mut self, categories: &[Category], find: &str) {
        if self.texts.len() > SPARE_TEXTS {
            let needed: Vec<String> = categories.iter().flat_map(Category::texts).collect();
            let is_of_bank = |text: &String| BACKGROUND_PROMPTS.contains(&text.as_str());
            self.texts.retain(|text, _| text == find.trim() || needed.contains(text) || is_of_bank(text));
        }
    }
}

impl Session {
    /// How good the category's lesson is, if it learned one; by leave-one-out on the person's verdicts.
    pub fn estimate(&self, category: CategoryId) -> Option<Estimate> {
        self.scoreboard.estimate(self.category(category)?, &self.library)
    }

    /// How the fits of a category are spread over the open photos, with those judged marked.
    pub fn histogram(&self, category: CategoryId) -> Option<Rc<Histogram>> {
        self.scoreboard.histogram(category, &self.library)
    }
}

/// The rows of photos that were judged, in order.
fn verdict_rows(tuning: &Tuning, category: CategoryId, library: &Library) -> Vec<(usize, Verdict)> {
    let answers = tuning.verdicts.of(category).into_iter().flat_map(|answers| answers.iter());
    let known = answers.filter_map(|(photo, verdict)| Some((library.content(*photo)?.row(), *verdict)));
    let mut rows: Vec<(usize, Verdict)> = known.collect();
    rows.sort_unstable();
    rows
}

/// The background is what automatic cut-offs are judged against.
fn needs_background(categories: &[Category]) -> bool {
    categories.iter().any(|category| category.cutoff == Cutoff::Auto)
}
