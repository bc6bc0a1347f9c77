//! What other programs, and Tagroll itself, have written down about the open photos.
//!
//! It belongs to files and not to contents, because a sidecar does. It is read anew whenever folders are visited; until
//! then, and while it is on its way, it is unknown.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use super::Session;
use crate::catalog::{
    Category, CategoryId, Fingerprint, Library, Metadata, Namesake, PhotoId, Searchable, Verdict, same_label,
};
use crate::engine::event::Described;
use crate::engine::metadata_wish::{MetadataWish, Undescribed};
use crate::engine::wish::Wanted;

#[derive(Default)]
pub(super) struct Descriptions {
    /// Whether somebody wants to know.
    pub(super) is_wanted: bool,
    /// What was asked before this reading is no answer any more.
    reading: u32,
    /// By number of the photo.
    by_photo: Vec<Description>,
    unknown: usize,
    /// Answers about files that have not been reported yet.
    early: HashMap<Arc<Path>, Description>,
    /// Different labels, as they are written.
    labels: BTreeSet<String>,
    files: OnceCell<Arc<[Wanted]>>,
    undescribed: OnceCell<Undescribed>,
    named: RefCell<HashMap<CategoryId, Named>>,
    /// By category: how many photos would become confirmed. Any verdict makes it stale.
    adoptable: RefCell<HashMap<CategoryId, usize>>,
}

/// The photos whose keywords name a category, and its name at the time.
type Named = (String, Rc<[PhotoId]>);

#[derive(Clone, Debug, Default)]
enum Description {
    #[default]
    Unknown,
    /// Nobody has written anything: so it is with most photos, which then cost no memory.
    Nothing,
    Known(Box<Known>),
}

#[derive(Clone, Debug)]
struct Known {
    searchable: Searchable,
    trouble: Option<Box<str>>,
}

static NOTHING: Metadata = Metadata { keywords: Vec::new(), ours: Vec::new(), rating: None, label: None };

impl Descriptions {
    pub fn searchable(&self, photo: PhotoId) -> Option<&Searchable> {
        match self.by_photo.get(photo.0 as usize) {
            Some(Description::Known(known)) => Some(&known.searchable),
            _ => None,
        }
    }

    pub fn is_unknown(&self, photo: PhotoId) -> bool {
        matches!(self.by_photo.get(photo.0 as usize), None | Some(Description::Unknown))
    }

    /// For when folders are visited anew.
    pub fn forget_files(&mut self) {
        let (is_wanted, reading) = (self.is_wanted, self.reading + 1);
        *self = Descriptions { is_wanted, reading, ..Descriptions::default() };
    }

    /// Takes note of photos that have come in since.
    pub fn follow(&mut self, library: &Library) {
        let known = self.by_photo.len();
        self.by_photo.resize_with(library.len(), Description::default);
        self.unknown += library.len() - known;
        if !self.early.is_empty() {
            for photo in (known..library.len()).map(|number| PhotoId(number as u32)) {
                let early = self.early.remove(&library.photo(photo).file.path);
                early.into_iter().for_each(|early| self.put(photo, early));
            }
        }
        self.files.take();
        self.changed();
    }

    fn put(&mut self, photo: PhotoId, description: Description) {
        if self.is_unknown(photo) {
            self.unknown -= 1;
        }
        if let Description::Known(known) = &description
            && let Some(label) = &known.searchable.metadata().label
            && !self.labels.iter().any(|known| same_label(known, label))
        {
            self.labels.insert(label.clone());
        }
        self.by_photo[photo.0 as usize] = description;
    }

    fn changed(&mut self) {
        self.undescribed.take();
        self.named.get_mut().clear();
        self.forget_adoptable();
    }

    pub fn forget_adoptable(&mut self) {
        self.adoptable.get_mut().clear();
    }
}

impl Description {
    fn of(metadata: Metadata, trouble: Option<String>) -> Description {
        if metadata.is_empty() && trouble.is_none() {
            return Description::Nothing;
        }
        let trouble = trouble.map(String::into_boxed_str);
        Description::Known(Box::new(Known { searchable: Searchable::of(metadata), trouble }))
    }
}

impl Session {
    /// Has it read what is written down about every open photo.
    pub fn read_metadata(&mut self) {
        self.descriptions.is_wanted = true;
    }

    /// What is written down about a photo; `None` until that is known.
    pub fn metadata(&self, photo: PhotoId) -> Option<&Metadata> {
        if self.descriptions.is_unknown(photo) {
            return None;
        }
        Some(self.descriptions.searchable(photo).map_or(&NOTHING, Searchable::metadata))
    }

    /// Why not all that is written down about a photo could be read.
    pub fn metadata_trouble(&self, photo: PhotoId) -> Option<&str> {
        match self.descriptions.by_photo.get(photo.0 as usize) {
            Some(Description::Known(known)) => known.trouble.as_deref(),
            _ => None,
        }
    }

    /// Of how many open photos it is not known yet what is written down about them.
    pub fn undescribed(&self) -> usize {
        self.descriptions.unknown
    }

    /// The different labels that open photos have.
    pub fn known_labels(&self) -> impl Iterator<Item = &str> {
        self.descriptions.labels.iter().map(String::as_str)
    }

    /// Whether all that was to be read of what is written down is there.
    pub(super) fn has_metadata(&self) -> bool {
        !self.descriptions.is_wanted || self.descriptions.unknown == 0
    }

    pub(super) fn metadata_wish(&self) -> MetadataWish {
        let Descriptions { is_wanted, reading, unknown, .. } = self.descriptions;
        if !is_wanted || unknown == 0 {
            return MetadataWish { reading, ..MetadataWish::default() };
        }
        let on_screen = self.pictures.thumbnails.wanted().filter(|photo| self.descriptions.is_unknown(*photo));
        let first = on_screen.map(|photo| self.file(photo)).collect();
        MetadataWish { reading, first, rest: self.undescribed_files() }
    }

    fn undescribed_files(&self) -> Undescribed {
        let order = self.library.folder_order();
        let files = self.descriptions.files.get_or_init(|| order.iter().map(|photo| self.file(*photo)).collect());
        let marks = || order.iter().map(|photo| self.descriptions.is_unknown(*photo));
        self.descriptions.undescribed.get_or_init(|| Undescribed::of(files.clone(), marks())).clone()
    }

    fn file(&self, photo: PhotoId) -> Wanted {
        let path = self.library.photo(photo).file.path.clone();
        Wanted { fingerprint: self.library.fingerprint(photo), path }
    }

    pub(super) fn absorb_metadata(&mut self, reading: u32, photos: Vec<Described>) {
        if reading != self.descriptions.reading {
            return;
        }
        for Described { path, metadata, trouble } in photos {
            let description = Description::of(metadata, trouble);
            match self.library.photo_at(&path) {
                Some(photo) => self.descriptions.put(photo, description),
                None => _ = self.descriptions.early.insert(path, description),
            }
        }
        self.metadata_changed();
    }

    /// Reads again what is written down about photos where it may have changed, or could not be read.
    pub(super) fn forget_metadata(&mut self, is_stale: impl Fn(&Session, PhotoId) -> bool) {
        let open = (0..self.descriptions.by_photo.len()).map(|number| PhotoId(number as u32));
        let stale: Vec<PhotoId> =
            open.filter(|photo| !self.descriptions.is_unknown(*photo) && is_stale(self, *photo)).collect();
        if stale.is_empty() {
            return;
        }
        // Answers that are on their way were read before.
        self.descriptions.reading += 1;
        self.descriptions.unknown += stale.len();
        stale.iter().for_each(|photo| self.descriptions.by_photo[photo.0 as usize] = Description::Unknown);
        self.metadata_changed();
    }

    fn metadata_changed(&mut self) {
        self.descriptions.changed();
        self.evaluations.forget_keywords();
        if self.filtering.is_on() {
            self.filtering.forget();
            self.forget_order();
        }
    }

    /// The photos whose own keywords name a category. What Tagroll wrote is no word of the person.
    pub(super) fn named_by_keywords(&self, category: &Category) -> Rc<[PhotoId]> {
        if let Some((name, photos)) = self.descriptions.named.borrow().get(&category.id)
            && *name == category.name
        {
            return photos.clone();
        }
        let name = Namesake::of(&category.name);
        let is_named = |photo: &&PhotoId| {
            let described = self.descriptions.searchable(**photo);
            described.is_some_and(|described| name.is_among(&described.metadata().keywords))
        };
        let photos: Rc<[PhotoId]> = self.library.folder_order().iter().filter(is_named).copied().collect();
        let known = (category.name.clone(), photos.clone());
        self.descriptions.named.borrow_mut().insert(category.id, known);
        photos
    }

    /// How many photos would become confirmed if the person's own keywords counted as verdicts.
    pub fn adoptable(&self, category: CategoryId) -> usize {
        let mut known = self.descriptions.adoptable.borrow_mut();
        let count = || self.category(category).map_or(0, |category| self.unjudged_by_keywords(category).len());
        *known.entry(category).or_insert_with(count)
    }

    /// What photos hold whose keywords name the category, and of which nothing was said.
    fn unjudged_by_keywords(&self, category: &Category) -> HashSet<Fingerprint> {
        let photos = self.named_by_keywords(category);
        let unjudged = photos.iter().filter(|photo| self.verdict(category.id, **photo).is_none());
        unjudged.map(|photo| self.library.fingerprint(*photo)).collect()
    }

    /// Lets the person's own keywords count as verdicts where nothing was said: of one category, or of all. One step of
    /// undo.
    pub(super) fn adopt_keywords(&mut self, category: Option<CategoryId>) {
        let chosen = self.categories().iter().filter(|other| category.is_none_or(|id| other.id == id));
        let found: Vec<(CategoryId, HashSet<Fingerprint>)> =
            chosen.map(|category| (category.id, self.unjudged_by_keywords(category))).collect();
        self.change(None, |tuning| {
            for (category, photos) in found {
                photos.into_iter().for_each(|photo| tuning.verdicts.set(category, photo, Some(Verdict::Yes)));
            }
        });
    }
}
