//! All photos that are open: which files, what they hold, and what is known of it.
//!
//! Files and contents are kept apart, so two copies of one picture are read and encoded once. Whatever order facts
//! arrive in, the library that they add up to is the same.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use super::{Embedding, Fingerprint, FoundFile, Look, Vectors, natural_order};

/// A file, numbered in the order of arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PhotoId(pub u32);

/// What one or more files hold, numbered in the order of arrival; also the row in [`Vectors`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentId(pub u32);

impl ContentId {
    pub fn row(self) -> usize {
        self.0 as usize
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Photo {
    pub file: FoundFile,
    pub content: ContentId,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub enum ContentState {
    /// Not encoded yet.
    #[default]
    Waiting,
    Embedded,
    /// It will not be encoded, for this reason.
    Unreadable(Arc<str>),
}

#[derive(Clone, Debug)]
struct Content {
    fingerprint: Fingerprint,
    state: ContentState,
    look: Option<Look>,
}

#[derive(Clone, Debug, Default)]
pub struct Library {
    photos: Vec<Photo>,
    by_path: HashMap<Arc<Path>, PhotoId>,
    contents: Vec<Content>,
    by_fingerprint: HashMap<Fingerprint, ContentId>,
    /// Sorted by [`natural_order`].
    folder_order: Vec<PhotoId>,
    vectors: Vectors,
    looks_version: u64,
    files_version: u64,
}

impl Library {
    /// Adds files; one that is known already only takes its new content.
    pub fn add(&mut self, found: Vec<(FoundFile, Fingerprint)>) {
        self.files_version += 1;
        let mut new = Vec::with_capacity(found.len());
        for (file, fingerprint) in found {
            let content = self.content_of(fingerprint);
            if let Some(known) = self.by_path.get(&file.path) {
                self.photos[known.0 as usize] = Photo { file, content };
                continue;
            }
            let id = PhotoId(self.photos.len() as u32);
            self.by_path.insert(file.path.clone(), id);
            self.photos.push(Photo { file, content });
            new.push(id);
        }
        self.merge_into_folder_order(new);
    }

    /// Forgets the files but keeps what is known of their contents, which are right wherever they lie.
    pub fn clear_files(&mut self) {
        self.files_version += 1;
        self.photos.clear();
        self.by_path.clear();
        self.folder_order.clear();
    }

    /// An embedding outweighs an earlier or later failure: it proves that the content can be read.
    pub fn set_embedding(&mut self, of: Fingerprint, embedding: &Embedding) -> ContentId {
        let content = self.content_of(of);
        if self.vectors.set(content.row(), embedding) {
            self.contents[content.row()].state = ContentState::Embedded;
        }
        content
    }

    /// Puts the embeddings of another model in place of those in use; `failures` are contents that it could not take.
    pub fn replace_vectors(&mut self, vectors: Vectors, failures: &HashMap<ContentId, Arc<str>>) {
        for (row, content) in self.contents.iter_mut().enumerate() {
            let failure = failures.get(&ContentId(row as u32));
            content.state = match &content.state {
                _ if vectors.has(row) => ContentState::Embedded,
                ContentState::Unreadable(reason) => ContentState::Unreadable(reason.clone()),
                _ => failure.map_or(ContentState::Waiting, |reason| ContentState::Unreadable(reason.clone())),
            };
        }
        self.vectors = vectors;
    }

    pub fn set_unreadable(&mut self, of: Fingerprint, reason: &str) {
        let content = self.content_of(of).row();
        if self.contents[content].state == ContentState::Waiting {
            self.contents[content].state = ContentState::Unreadable(reason.into());
        }
    }

    pub fn set_look(&mut self, of: Fingerprint, look: Look) {
        let content = self.content_of(of).row();
        if self.contents[content].look != Some(look) {
            self.contents[content].look = Some(look);
            self.looks_version += 1;
        }
    }

    /// Lets unreadable contents be tried again.
    pub fn retry_unreadable(&mut self) {
        for content in &mut self.contents {
            if matches!(content.state, ContentState::Unreadable(_)) {
                content.state = ContentState::Waiting;
            }
        }
    }

    pub fn len(&self) -> usize {
        self.photos.len()
    }

    pub fn is_empty(&self) -> bool {
        self.photos.is_empty()
    }

    pub fn photo(&self, id: PhotoId) -> &Photo {
        &self.photos[id.0 as usize]
    }

    pub fn photo_at(&self, path: &Path) -> Option<PhotoId> {
        self.by_path.get(path).copied()
    }

    pub fn fingerprint(&self, id: PhotoId) -> Fingerprint {
        self.contents[self.photo(id).content.row()].fingerprint
    }

    pub fn fingerprint_of(&self, content: ContentId) -> Fingerprint {
        self.contents[content.row()].fingerprint
    }

    pub fn state(&self, id: PhotoId) -> &ContentState {
        self.state_of(self.photo(id).content)
    }

    pub fn state_of(&self, content: ContentId) -> &ContentState {
        &self.contents[content.row()].state
    }

    pub fn look(&self, id: PhotoId) -> Option<Look> {
        self.contents[self.photo(id).content.row()].look
    }

    /// Grows whenever a photo's look becomes another.
    pub fn looks_version(&self) -> u64 {
        self.looks_version
    }

    /// Grows whenever files come, go or change.
    pub fn files_version(&self) -> u64 {
        self.files_version
    }

    /// Every photo once, folder by folder.
    pub fn folder_order(&self) -> &[PhotoId] {
        &self.folder_order
    }

    pub fn vectors(&self) -> &Vectors {
        &self.vectors
    }

    /// How many different contents are known, open or not.
    pub fn contents(&self) -> usize {
        self.contents.len()
    }

    pub fn content(&self, of: Fingerprint) -> Option<ContentId> {
        self.by_fingerprint.get(&of).copied()
    }

    /// The number of a content, which it gets now if nobody has heard of it.
    pub fn content_of(&mut self, fingerprint: Fingerprint) -> ContentId {
        *self.by_fingerprint.entry(fingerprint).or_insert_with(|| {
            self.contents.push(Content { fingerprint, state: ContentState::Waiting, look: None });
            ContentId(self.contents.len() as u32 - 1)
        })
    }

    /// Compares only the new photos with the old ones: a scan adds many small batches to a long list.
    fn merge_into_folder_order(&mut self, mut new: Vec<PhotoId>) {
        let path = |id: &PhotoId| self.photos[id.0 as usize].file.path.as_ref();
        new.sort_by(|a, b| natural_order(path(a), path(b)));
        let old = &self.folder_order;
        let mut merged = Vec::with_capacity(old.len() + new.len());
        let mut taken = 0;
        for id in new {
            let rest = &old[taken..];
            let comes_first = |other: &PhotoId| natural_order(path(other), path(&id)).is_lt();
            // Whole folders come at once, and so most often into the same gap as the one before.
            let before = if rest.first().is_some_and(comes_first) { rest.partition_point(comes_first) } else { 0 };
            merged.extend_from_slice(&rest[..before]);
            taken += before;
            merged.push(id);
        }
        merged.extend_from_slice(&old[taken..]);
        self.folder_order = merged;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, content: u8) -> (FoundFile, Fingerprint) {
        let file = FoundFile { path: Path::new(path).into(), size_bytes: 1, modified_ns: 0 };
        (file, Fingerprint([content; 16]))
    }

    #[test]
    fn photos_stand_in_folder_order_whatever_order_they_came_in() {
        let mut library = Library::default();
        library.add(vec![found("b/1.jpg", 1), found("a/10.jpg", 2)]);
        library.add(vec![found("a/9.jpg", 3), found("c.jpg", 4)]);
        let paths: Vec<_> = library.folder_order().iter().map(|id| library.photo(*id).file.path.clone()).collect();
        assert_eq!(paths, ["a/9.jpg", "a/10.jpg", "b/1.jpg", "c.jpg"].map(|p| Arc::from(Path::new(p))));
    }

    #[test]
    fn two_copies_of_a_picture_share_its_embedding() {
        let mut library = Library::default();
        let embedding = Embedding::normalised(vec![1.0, 0.0]).unwrap();
        library.set_embedding(Fingerprint([7; 16]), &embedding);
        library.add(vec![found("a.jpg", 7), found("copy.jpg", 7)]);
        let states: Vec<_> = library.folder_order().iter().map(|id| library.state(*id).clone()).collect();
        assert_eq!(states, [ContentState::Embedded, ContentState::Embedded]);
    }

    #[test]
    fn a_look_that_is_known_already_is_no_news() {
        let mut library = Library::default();
        let look = Look { width_px: 3, height_px: 2, average: [0; 3] };
        library.set_look(Fingerprint([7; 16]), look);
        let version = library.looks_version();
        library.set_look(Fingerprint([7; 16]), look);
        assert_eq!(library.looks_version(), version);
        library.set_look(Fingerprint([7; 16]), Look { width_px: 4, ..look });
        assert!(library.looks_version() > version);
    }

    #[test]
    fn another_model_s_embeddings_decide_anew_what_waits() {
        let mut library = Library::default();
        library.add((0..4).map(|i| found(&format!("{i}.jpg"), i)).collect());
        let embedding = Embedding::normalised(vec![1.0, 0.0]).unwrap();
        [0, 1, 2].iter().for_each(|i| _ = library.set_embedding(Fingerprint([*i; 16]), &embedding));
        let mut vectors = Vectors::default();
        vectors.set(0, &Embedding::normalised(vec![1.0, 0.0, 0.0]).unwrap());
        library.replace_vectors(vectors, &HashMap::from([(ContentId(1), "too wide".into())]));
        let states: Vec<_> = (0..4).map(|i| library.state(PhotoId(i)).clone()).collect();
        let expected = [ContentState::Embedded, ContentState::Unreadable("too wide".into()), ContentState::Waiting];
        assert_eq!((&states[..3], &states[3]), (&expected[..], &ContentState::Waiting));
    }

    #[test]
    fn a_failure_never_hides_an_embedding() {
        let (mut early, mut late) = (Library::default(), Library::default());
        let (name, embedding) = (Fingerprint([7; 16]), Embedding::normalised(vec![1.0]).unwrap());
        early.set_unreadable(name, "damaged");
        early.set_embedding(name, &embedding);
        late.set_embedding(name, &embedding);
        late.set_unreadable(name, "damaged");
        for mut library in [early, late] {
            library.add(vec![found("a.jpg", 7)]);
            assert_eq!(library.state(PhotoId(0)), &ContentState::Embedded);
        }
    }
}
