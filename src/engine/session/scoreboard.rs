//! Encoded texts, and the column of fits that each category has from them.
//!
//! A category keeps its last whole column until every one of its new texts is encoded, so the order on screen never
//! passes through a half-finished state.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::catalog::{
    Category, CategoryId, Column, ContentId, Direction, Embedding, Entrant, Histogram, Library, Vectors,
};

/// Texts kept beyond those in use: each keystroke makes one, of about 2 kB.
const SPARE_TEXTS: usize = 2000;
const HISTOGRAM_BARS: usize = 48;

#[derive(Default)]
pub struct Scoreboard {
    texts: HashMap<String, Result<Embedding, String>>,
    columns: HashMap<CategoryId, Column>,
    find: Option<Column>,
    histograms: RefCell<HashMap<CategoryId, Rc<Histogram>>>,
}

impl Scoreboard {
    pub fn put_texts(&mut self, texts: Vec<(String, Result<Embedding, String>)>) {
        self.texts.extend(texts);
    }

    pub fn text(&self, text: &str) -> Option<Result<&Embedding, &str>> {
        self.texts.get(text).map(|result| result.as_ref().map_err(String::as_str))
    }

    /// Texts of categories and search that have not been answered; what is being looked for comes first.
    pub fn missing_texts(&self, categories: &[Category], find: &str) -> Vec<String> {
        let mut missing = Vec::new();
        let find = Some(find.trim().to_owned()).filter(|text| !text.is_empty());
        let of_categories = categories.iter().flat_map(texts_of);
        for text in find.into_iter().chain(of_categories) {
            if !self.texts.contains_key(&text) && !missing.contains(&text) {
                missing.push(text);
            }
        }
        missing
    }

    /// Brings the columns in line with the categories and the search, as far as their texts are encoded. Returns
    /// whether any column changed.
    pub fn refresh(&mut self, categories: &[Category], find: &str, vectors: &Vectors) -> bool {
        let before = self.columns.len();
        self.columns.retain(|id, _| categories.iter().any(|category| category.id == *id));
        let mut changed = self.columns.len() != before;
        for category in categories {
            let Some(direction) = self.direction(category) else { continue };
            if self.columns.get(&category.id).is_none_or(|column| *column.direction() != direction) {
                self.columns.insert(category.id, Column::of(direction, vectors));
                self.histograms.get_mut().remove(&category.id);
                changed = true;
            }
        }
        self.forget_spare_texts(categories, find);
        self.refresh_find(find, vectors) || changed
    }

    /// Scores these contents in every column.
    pub fn update(&mut self, contents: &[ContentId], vectors: &Vectors) {
        for column in self.columns.values_mut().chain(self.find.as_mut()) {
            contents.iter().for_each(|content| column.update(content.row(), vectors));
        }
        self.histograms.get_mut().clear();
    }

    /// What histograms say depends on which photos are open, too.
    pub fn forget_histograms(&mut self) {
        self.histograms.get_mut().clear();
    }

    /// The categories that have a column, in their order.
    pub fn entrants<'a>(&'a self, categories: &[Category]) -> Vec<Entrant<'a>> {
        let scored = categories.iter().filter_map(|category| Some((category, self.columns.get(&category.id)?)));
        scored.map(|(category, column)| Entrant { id: category.id, column, cutoff: category.cutoff }).collect()
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
        let histogram = Rc::new(Histogram::of(fits, HISTOGRAM_BARS)?);
        self.histograms.borrow_mut().insert(category, histogram.clone());
        Some(histogram)
    }

    /// Whether the category's column is of the prompts that stand there now.
    pub fn is_current(&self, category: &Category) -> bool {
        let column = self.columns.get(&category.id);
        column.is_some_and(|column| self.direction(category).as_ref() == Some(column.direction()))
    }

    pub fn trouble(&self, category: &Category) -> Option<&str> {
        texts_of(category).find_map(|text| self.texts.get(&text)?.as_ref().err().map(String::as_str))
    }

    fn direction(&self, category: &Category) -> Option<Direction> {
        let known = |texts: Vec<String>| -> Option<Vec<Embedding>> {
            texts.iter().map(|text| self.texts.get(text)?.as_ref().ok().cloned()).collect()
        };
        Direction::new(&known(category.prompt_texts())?, known(category.negative_texts())?)
    }

    fn refresh_find(&mut self, find: &str, vectors: &Vectors) -> bool {
        let find = find.trim();
        if find.is_empty() {
            return self.find.take().is_some();
        }
        let Some(Ok(embedding)) = self.texts.get(find) else { return false };
        let direction = Direction::new(std::slice::from_ref(embedding), Vec::new());
        if self.find.as_ref().map(Column::direction) == direction.as_ref() {
            return false;
        }
        self.find = direction.map(|direction| Column::of(direction, vectors));
        true
    }

    fn forget_spare_texts(&mut self, categories: &[Category], find: &str) {
        if self.texts.len() > SPARE_TEXTS {
            let needed: Vec<String> = categories.iter().flat_map(texts_of).collect();
            self.texts.retain(|text, _| text == find.trim() || needed.contains(text));
        }
    }
}

fn texts_of(category: &Category) -> impl Iterator<Item = String> {
    category.prompt_texts().into_iter().chain(category.negative_texts())
}
