//! Why a photo stands where it stands in a category.

use super::Session;
use crate::catalog::{
    BACKGROUND_PROMPTS, Category, CategoryId, Embedding, Fingerprint, PatchMap, PhotoId, Standing, Tier, Verdict, dot,
};
use crate::clip::ModelId;
use crate::engine::wish::Wanted;

const NEAREST: usize = 4;

/// What decides about a photo in one category.
#[derive(Clone, Debug, PartialEq)]
pub struct Why {
    pub tier: Tier,
    /// As it counts: with negatives, and with what was learned.
    pub fit: f32,
    /// By the words alone, negatives included.
    pub zero_shot_fit: f32,
    /// The prompts as the model read them, each with its cosine, best first.
    pub prompts: Vec<(String, f32)>,
    /// The negative that takes most from the fit, and how much.
    pub negative: Option<(String, f32)>,
    /// The exclusion that rules the photo out.
    pub exclusion: Option<String>,
    pub cutoff: Option<f32>,
    /// The best other category, and how much less the photo fits it; negative where it fits better.
    pub next_best: Option<(CategoryId, f32)>,
    /// The open photos that were confirmed and are most like it, each with its cosine.
    pub nearest: Vec<(PhotoId, f32)>,
}

/// Where in a photo the match lies.
#[derive(Clone, Debug, PartialEq)]
pub struct Heat {
    pub columns: usize,
    pub rows: usize,
    /// Left, top, right and bottom of the patches as shares of the upright photo; may reach over its edges.
    pub area: [f32; 4],
    /// From 0 to 1, row by row.
    pub values: Vec<f32>,
}

/// What is known of a photo's patches.
#[derive(Clone, Debug, PartialEq)]
pub enum HeatState {
    Waiting,
    Ready(Heat),
    /// This model cannot say, or it failed, for this reason.
    Unknown(String),
}

/// The patches of the photo that is explained, by the model that made them.
pub(super) struct Patches {
    model: ModelId,
    photo: Fingerprint,
    outcome: Result<Option<PatchMap>, String>,
}

impl Session {
    /// `None` until both are encoded.
    pub fn why(&self, photo: PhotoId, category: CategoryId) -> Option<Why> {
        let row = self.library.photo(photo).content.row();
        let (vector, wanted) = (self.library.vectors().get(row)?, self.category(category)?);
        let column = self.scoreboard.column(category)?;
        let standing = column.standing(row)?;
        let mut prompts = self.cosines(wanted.prompt_texts(), vector);
        prompts.sort_by(|a, b| b.1.total_cmp(&a.1));
        let cosine = dot(column.direction().zero_shot().as_slice(), vector);
        Some(Why {
            tier: standing.tier(),
            fit: standing.fit(),
            zero_shot_fit: column.direction().zero_shot_fit(vector),
            prompts,
            negative: self.strongest_negative(wanted, cosine, vector),
            exclusion: self.exclusion(wanted, cosine, vector),
            cutoff: self.cutoff(category),
            next_best: self.next_best(category, standing, row),
            nearest: self.nearest_confirmed(category, row, vector),
        })
    }

    /// Where the photo that is explained matches the category.
    pub fn heat(&self, category: CategoryId) -> HeatState {
        let direction = self.category(category).and_then(|category| self.scoreboard.direction(category));
        let (Some(direction), Some(patches)) = (direction, self.patches_of_explained()) else {
            return HeatState::Waiting;
        };
        match &patches.outcome {
            Ok(Some(map)) => {
                let bank: Vec<&Embedding> =
                    BACKGROUND_PROMPTS.iter().filter_map(|text| self.scoreboard.text(text)?.ok()).collect();
                let bank: Vec<&[f32]> = bank.into_iter().map(Embedding::as_slice).collect();
                let values = map.contrast(direction.zero_shot().as_slice(), &bank);
                HeatState::Ready(Heat { columns: map.columns(), rows: map.rows(), area: map.area(), values })
            }
            Ok(None) => HeatState::Unknown("This model sees the photo as a whole and cannot say where.".to_owned()),
            Err(reason) => HeatState::Unknown(reason.clone()),
        }
    }

    /// The photo that somebody wants explained.
    pub fn explained(&self) -> Option<PhotoId> {
        self.explained
    }

    pub(super) fn explain(&mut self, photo: Option<PhotoId>) {
        self.explained = photo.filter(|id| (id.0 as usize) < self.library.len());
    }

    pub(super) fn absorb_patches(
        &mut self,
        model: &ModelId,
        photo: Fingerprint,
        outcome: Result<Option<PatchMap>, String>,
    ) {
        self.patches = Some(Patches { model: model.clone(), photo, outcome });
    }

    /// The photo whose patches are missing.
    pub(super) fn explained_photo(&self) -> Option<Wanted> {
        let photo = self.explained.filter(|_| self.patches_of_explained().is_none())?;
        super::wishes::wanted(self, photo)
    }

    fn patches_of_explained(&self) -> Option<&Patches> {
        let (photo, card) = (self.explained?, self.model.card()?);
        let name = self.library.fingerprint(photo);
        self.patches.as_ref().filter(|patches| patches.photo == name && patches.model == card.id)
    }

    fn cosines(&self, texts: Vec<(String, f32)>, photo: &[f32]) -> Vec<(String, f32)> {
        let cosine = |text: String| {
            let embedding = self.scoreboard.text(&text)?.ok()?;
            let cosine = dot(embedding.as_slice(), photo);
            Some((text, cosine))
        };
        texts.into_iter().filter_map(|(text, _)| cosine(text)).collect()
    }

    fn strongest_negative(&self, category: &Category, cosine: f32, photo: &[f32]) -> Option<(String, f32)> {
        let losses = category.negative_texts().into_iter().filter_map(|(text, weight)| {
            let embedding = self.scoreboard.text(&text)?.ok()?;
            let loss = weight * (dot(embedding.as_slice(), photo) - cosine);
            Some((text, loss))
        });
        losses.filter(|(_, loss)| *loss > 0.0).max_by(|a, b| a.1.total_cmp(&b.1))
    }

    fn exclusion(&self, category: &Category, cosine: f32, photo: &[f32]) -> Option<String> {
        let texts = category.exclusion_texts().into_iter().map(|text| (text, 1.0)).collect();
        let over = self.cosines(texts, photo).into_iter().filter(|(_, excluded)| *excluded > cosine);
        over.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(text, _)| text)
    }

    fn next_best(&self, category: CategoryId, standing: Standing, row: usize) -> Option<(CategoryId, f32)> {
        let others = self.categories().iter().filter(|other| other.id != category);
        let fits = others.filter_map(|other| Some((other.id, self.scoreboard.column(other.id)?.fit(row)?)));
        let best = fits.max_by(|a, b| a.1.total_cmp(&b.1));
        best.map(|(other, fit)| (other, standing.fit() - fit))
    }

    fn nearest_confirmed(&self, category: CategoryId, row: usize, photo: &[f32]) -> Vec<(PhotoId, f32)> {
        let Some(column) = self.scoreboard.column(category) else { return Vec::new() };
        // To look a photo up takes a search through the library, which photos of other folders are not worth.
        let contest = self.contest();
        let is_shown =
            |(other, said): &&(usize, Verdict)| *said == Verdict::Yes && *other != row && contest.is_open(*other);
        let confirmed = column.verdicts().iter().filter(is_shown);
        let vectors = self.library.vectors();
        let likeness = |(other, _): &(usize, Verdict)| Some((*other, dot(vectors.get(*other)?, photo)));
        let mut nearest: Vec<(usize, f32)> = confirmed.filter_map(likeness).collect();
        nearest.sort_by(|a, b| b.1.total_cmp(&a.1));
        let open = nearest.into_iter().filter_map(|(row, cosine)| Some((self.photo_of_row(row)?, cosine)));
        open.take(NEAREST).collect()
    }
}
