//! A library of 100,000 photos: ranked anew after one change, and kept in the store.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;

use super::{Figure, Scratch, figure, timed};
use crate::catalog::{Category, CategoryId, Embedding, Fingerprint, FoundFile, Scoring, vectorised};
use crate::clip::pixels::{Filter, InputSpec, Levels, Resize, Size};
use crate::clip::{ModelCard, ModelId, Precision};
use crate::disk::{Store, StoreError};
use crate::engine::{Command, Event, ModelRequest, Saved, Session};

pub(super) const PHOTOS: u32 = 100_000;
const CATEGORIES: u32 = 50;
const DIM: usize = 512;
const ROUNDS: usize = 21;
const MODEL: &str = "made up";
/// Photos that one transaction of the store holds.
pub(super) const AT_ONCE: u32 = 4096;

/// One of 50 categories gets another prompt: until its photos are scored, shared out and sorted. Beside it the time to read the
/// vectors once from memory, which no way of comparing them with anything can undercut; and how many times that is.
pub fn rank() -> Result<Vec<Figure>> {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut session = session(&mut random);
    session.apply(Command::SelectCategory(Some(CategoryId(7))));
    let numbers: Vec<f32> = (0..PHOTOS as usize * DIM).map(|_| random.next()).collect();
    let (mut ranked, mut read, mut shares) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS + 3 {
        let text = format!("prompt {round}");
        session.apply(Command::SetPrompts(CategoryId(7), vec![text.as_str().into()]));
        let texts = vec![(text, Ok(random.embedding()))];
        let (rank_s, count) = timed(|| {
            session.absorb(Event::Texts { model: ModelId(MODEL.to_owned()), texts });
            session.ranking().len()
        });
        assert_eq!(count, PHOTOS as usize, "every photo is ranked");
        let (read_s, _) = timed(|| black_box(total(black_box(&numbers))));
        // The first ones fetch memory that the others use again.
        if round >= 3 {
            ranked.push(rank_s * 1e3);
            read.push(read_s * 1e3);
            shares.push(rank_s / read_s);
        }
    }
    Ok(vec![
        figure("re-rank 100,000 photos", "ms", ranked)?,
        figure("read their vectors once", "ms", read)?,
        figure("re-rank, of reading once", "times", shares)?,
    ])
}

/// Microseconds a photo to keep its vector, and to bring it back.
pub fn store() -> Result<Vec<Figure>> {
    const COUNT: u32 = 4 * AT_ONCE;
    let mut random = Random(1);
    let of: Vec<(Fingerprint, Embedding)> = (0..COUNT).map(|number| (name(number), random.embedding())).collect();
    let names: Vec<Fingerprint> = of.iter().map(|(name, _)| *name).collect();
    let (mut put, mut got) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let scratch = Scratch::new("store")?;
        let mut store = Store::open(&scratch.places().store())?;
        let each = |seconds: f64| seconds * 1e6 / f64::from(COUNT);
        let (seconds, kept) = timed(|| {
            let mut parts = of.chunks(AT_ONCE as usize);
            parts.try_for_each(|part| store.put_embeddings(MODEL, part))
        });
        kept?;
        put.push(each(seconds));
        let (seconds, found) = timed(|| {
            let parts = names.chunks(AT_ONCE as usize).map(|part| Ok(store.embeddings(MODEL, part)?.len()));
            parts.sum::<Result<usize, StoreError>>()
        });
        anyhow::ensure!(found? == COUNT as usize, "The store lost vectors.");
        got.push(each(seconds));
    }
    Ok(vec![figure("store, keep a vector", "µs", put)?, figure("store, bring a vector", "µs", got)?])
}

fn session(random: &mut Random) -> Session {
    let category = |id| {
        let prompts = vec![format!("category {id}").into()];
        Category { prompts, ..Category::named(CategoryId(id), &format!("category {id}")) }
    };
    let categories = (0..CATEGORIES).map(category).collect();
    let mut session = Session::new(Saved { categories, roots: vec!["/photos".into()], ..Saved::default() }, false);
    let model = ModelId(MODEL.to_owned());
    let visit = session.wish().visits[0].clone();
    let texts = (0..CATEGORIES).map(|id| (format!("category {id}"), Ok(random.embedding()))).collect();
    session.absorb(Event::ModelReady { request: ModelRequest::default(), card: Arc::new(card()) });
    session.absorb(Event::Texts { model: model.clone(), texts });
    for start in (0..PHOTOS).step_by(AT_ONCE as usize) {
        let numbers = start..PHOTOS.min(start + AT_ONCE);
        let file = |number| {
            let path = Path::new(&format!("/photos/{:03}/IMG_{number:06}.jpg", number / 500)).into();
            (FoundFile { path, size_bytes: 1, modified_ns: 0 }, name(number))
        };
        session.absorb(Event::Found { visit: visit.clone(), photos: numbers.clone().map(file).collect() });
        let embeddings = numbers.map(|number| (name(number), random.embedding())).collect();
        session.absorb(Event::Stored { model: model.clone(), embeddings });
    }
    session.absorb(Event::Visited(visit));
    session.ranking();
    session
}

fn card() -> ModelCard {
    let side = Size { width_px: 224, height_px: 224 };
    ModelCard {
        id: ModelId(MODEL.to_owned()),
        name: MODEL.to_owned(),
        is_basic: false,
        embed_dim: DIM,
        scoring: Scoring::Softmax { scale: 100.0 },
        input: InputSpec {
            resize: Resize::Exact(side),
            filter: Filter::Bicubic,
            crop: None,
            levels: Levels { rescale: 1.0 / 255.0, mean: [0.5; 3], deviation: [0.5; 3] },
        },
        parameters: 0,
        device: "CPU".to_owned(),
        device_note: None,
        precision: Precision::F32,
    }
}

pub(super) fn name(number: u32) -> Fingerprint {
    Fingerprint(u128::from(number).to_be_bytes())
}

/// As fast as memory gives them.
fn total(numbers: &[f32]) -> f32 {
    vectorised(
        #[inline(always)]
        || {
            let mut sums = [0.0f32; 64];
            for part in numbers.chunks_exact(64) {
                sums.iter_mut().zip(part).for_each(|(sum, x)| *sum += x);
            }
            sums.iter().sum()
        },
    )
}

/// Numbers that look random and are the same in every run.
pub(super) struct Random(pub u64);

impl Random {
    fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1 << 23) as f32 - 1.0
    }

    fn embedding(&mut self) -> Embedding {
        self.vector(DIM)
    }

    pub fn vector(&mut self, dim: usize) -> Embedding {
        let numbers = (0..dim).map(|_| self.next()).collect();
        Embedding::normalised(numbers).expect("random numbers are not all zero")
    }
}
