//! Photos whose folders say what they show, as the starter model sees them, for measuring cut-offs and learning.

#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

use std::path::Path;

use tagroll::catalog::{
    BACKGROUND_PROMPTS, Background, DEFAULT_TEMPLATE, Embedding, Scored, Vectors, auto_cutoff, average_precision,
    best_f1, dot, expand, f1_at, learn, next_questions,
};
use tagroll::catalog::{Judged, Lesson, Whitening};
use tagroll::clip::{DeviceChoice, ModelSource, PrecisionChoice, open};
use tagroll::engine::Command;

use super::support;

/// Folders with fewer photos have no two halves to speak of.
const FEWEST_PHOTOS: usize = 8;

/// Most answers of each kind that are learned from.
const MOST_OF_EACH: usize = 5;

/// Photos in folders, each of which is a category that is described by the default template.
pub struct Collection {
    pub names: Vec<String>,
    pub prompts: Vec<Embedding>,
    pub photos: Vec<Embedding>,
    /// In which folder each photo lies.
    pub folders: Vec<usize>,
    pub background: Vec<Embedding>,
}

/// What an automatic cut-off is worth on one category.
pub struct Verdict {
    pub cutoff: f32,
    pub f1: f64,
    pub best_cutoff: f32,
    pub best_f1: f64,
}

/// How photos are chosen to be asked about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Chooser {
    /// As many questions as there are answers to learn from.
    Queue,
    /// As many questions.
    Random,
    /// As many questions as it takes to have the answers.
    RandomUntilFound,
}

/// Average precision of one category on photos that nobody was asked about.
#[derive(Clone, Copy)]
pub struct Trial {
    pub zero_shot: f64,
    pub learned: f64,
    pub asked: usize,
}

impl Collection {
    /// Encodes every photo below `dir` once, in full precision.
    pub fn of(dir: &Path) -> Collection {
        Collection::in_precision(dir, PrecisionChoice::F32)
    }

    pub fn in_precision(dir: &Path, precision: PrecisionChoice) -> Collection {
        let data_dir = tempfile::tempdir().unwrap();
        let mut engine = support::engine_in(data_dir.path(), precision);
        engine.apply(Command::Open(vec![dir.to_owned()]));
        support::wait_until(&mut engine, |session| session.is_fulfilled() && session.counts().embedded > 0);
        let library = engine.session().library();
        let (mut names, mut photos, mut folders) = (Vec::new(), Vec::new(), Vec::new());
        for photo in library.folder_order().iter().map(|id| library.photo(*id)) {
            let folder = photo.file.path.parent().unwrap().file_name().unwrap().to_string_lossy();
            let name = folder.replace('_', " ");
            if names.last() != Some(&name) {
                names.push(name);
            }
            let vector = library.vectors().get(photo.content.row()).unwrap();
            photos.push(Embedding::normalised(vector.to_vec()).unwrap());
            folders.push(names.len() - 1);
        }
        let model = open(&ModelSource::Starter, DeviceChoice::Cpu, precision).unwrap();
        let prompts: Vec<String> = names.iter().map(|name| expand(DEFAULT_TEMPLATE, name)).collect();
        let prompts = model.encode_texts(&prompts).unwrap();
        let background = model.encode_texts(&BACKGROUND_PROMPTS.map(str::to_owned)).unwrap();
        Collection { names, prompts, photos, folders, background }
    }

    /// The automatic cut-off of a category on all photos, beside the best one.
    pub fn verdict(&self, category: usize) -> Verdict {
        let everything: Vec<usize> = (0..self.photos.len()).collect();
        let background = self.background(&everything);
        let mut scored = self.scored(&everything, category, None);
        let fits = scored.iter().map(|(fit, _)| *fit).enumerate();
        let cutoff = auto_cutoff(fits, &background, &[]).unwrap();
        let best = best_f1(&mut scored).unwrap();
        Verdict { cutoff, f1: f1_at(&scored, cutoff), best_cutoff: best.cutoff, best_f1: best.f1 }
    }

    /// Categories with photos enough to learn from some and be judged on the others.
    pub fn learnable(&self) -> Vec<usize> {
        (0..self.names.len()).filter(|category| self.of_folder(*category).len() >= FEWEST_PHOTOS).collect()
    }

    /// Learns every learnable category from one half of the photos and judges it on the other half.
    pub fn trials(&self, chooser: Chooser, seed: u64) -> Vec<Trial> {
        let mut random = Random::new(seed);
        let (mut pool, mut others) = (Vec::new(), Vec::new());
        for folder in 0..self.names.len() {
            let mut photos = self.of_folder(folder);
            random.shuffle(&mut photos);
            others.extend(photos.split_off(photos.len().div_ceil(2)));
            pool.append(&mut photos);
        }
        pool.sort_unstable();
        let sample: Vec<&[f32]> = pool.iter().map(|photo| self.photos[*photo].as_slice()).collect();
        let whitening = Whitening::of(&sample).unwrap();
        let background = self.background(&pool);
        let trial = |category: usize| {
            let person = Person { collection: self, category, pool: &pool, background: &background };
            let (lesson, asked) = person.teach(&whitening, chooser, &mut random);
            let precision = |lesson| average_precision(&mut self.scored(&others, category, lesson)).unwrap();
            Trial { zero_shot: precision(None), learned: precision(lesson.as_ref()), asked }
        };
        self.learnable().into_iter().map(trial).collect()
    }

    fn of_folder(&self, folder: usize) -> Vec<usize> {
        (0..self.photos.len()).filter(|photo| self.folders[*photo] == folder).collect()
    }

    /// Row by row the level of these photos.
    fn background(&self, photos: &[usize]) -> Background {
        let mut vectors = Vectors::default();
        for (row, photo) in photos.iter().enumerate() {
            vectors.set(row, &self.photos[*photo]);
        }
        let mut background = Background::new(&self.background).unwrap();
        assert!(background.extend(&vectors, photos.len()));
        background
    }

    fn zero_shot(&self, category: usize) -> impl Fn(&[f32]) -> f32 + '_ {
        move |photo| dot(self.prompts[category].as_slice(), photo)
    }

    fn scored(&self, photos: &[usize], category: usize, lesson: Option<&Lesson>) -> Vec<Scored> {
        let zero_shot = self.zero_shot(category);
        let fit = |photo: &[f32]| {
            let fit = zero_shot(photo);
            lesson.map_or(fit, |lesson| lesson.probe.blended(fit, photo))
        };
        let scored = |photo: &usize| (fit(self.photos[*photo].as_slice()), self.folders[*photo] == category);
        photos.iter().map(scored).collect()
    }
}

/// Somebody who answers from the folder's name.
struct Person<'a> {
    collection: &'a Collection,
    category: usize,
    /// Rows are places in it.
    pool: &'a [usize],
    background: &'a Background,
}

impl<'a> Person<'a> {
    /// Answers questions until there is enough to learn from; also returns how many.
    fn teach(&self, whitening: &Whitening, chooser: Chooser, random: &mut Random) -> (Option<Lesson>, usize) {
        let mut shuffled: Vec<usize> = (0..self.pool.len()).collect();
        random.shuffle(&mut shuffled);
        let most = if chooser == Chooser::RandomUntilFound { self.pool.len() } else { 2 * MOST_OF_EACH };
        let (mut asked, mut judged): (Vec<usize>, Vec<(&[f32], bool)>) = (Vec::new(), Vec::new());
        let of = |judged: &[(&[f32], bool)], answer| judged.iter().filter(|(_, belongs)| *belongs == answer).count();
        let mut lesson = None;
        while asked.len() < most && judged.len() < 2 * MOST_OF_EACH {
            let row = match chooser {
                Chooser::Queue => self.question(lesson.as_ref(), &asked, &judged),
                Chooser::Random | Chooser::RandomUntilFound => shuffled[asked.len()],
            };
            asked.push(row);
            let belongs = self.collection.folders[self.pool[row]] == self.category;
            if of(&judged, belongs) < MOST_OF_EACH {
                judged.push((self.vector(row), belongs));
            }
            lesson = learn(whitening, self.collection.zero_shot(self.category), &judged);
        }
        (lesson, asked.len())
    }

    fn question(&self, lesson: Option<&Lesson>, asked: &[usize], judged: &[(&'a [f32], bool)]) -> usize {
        let scored = self.collection.scored(self.pool, self.category, lesson);
        let fits = scored.iter().map(|(fit, _)| *fit).enumerate();
        let held_out: &[Judged] = lesson.map_or(&[], Lesson::held_out);
        let cutoff = auto_cutoff(fits.clone(), self.background, held_out).unwrap();
        let left = fits.filter(|(row, _)| !asked.contains(row));
        next_questions(left, cutoff, judged, |row| Some(self.vector(row)), 1)[0]
    }

    fn vector(&self, row: usize) -> &'a [f32] {
        self.collection.photos[self.pool[row]].as_slice()
    }
}

/// Numbers that look random and are the same in every run.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Random {
        let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ (seed + 1).wrapping_mul(0x2545_f491_4f6c_dd1d));
        // The first numbers of neighbouring seeds are alike.
        for _ in 0..10 {
            random.next();
        }
        random
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 16
    }

    fn shuffle(&mut self, numbers: &mut [usize]) {
        for last in (1..numbers.len()).rev() {
            numbers.swap(last, (self.next() % (last as u64 + 1)) as usize);
        }
    }
}
