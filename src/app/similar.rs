//! What is looked for by example: the photos that others are to be like, and how much words count beside them. Also
//! what may be meant by photos that are dropped on the window.

use std::path::{Path, PathBuf};

use eframe::egui::{Color32, Frame, Margin, Rect, RichText, Sense, Slider, Ui, pos2, vec2};

use super::controls::{note, primary_button, small_icon_button, text_button};
use super::grid::file_name;
use super::textures::Textures;
use super::theme::{STEP, palette_of};
use super::{Requests, icons, thumbnails};
use crate::catalog::words::{counted, decimal};
use crate::catalog::{ContentState, Fingerprint, PhotoId};
use crate::engine::{Command, ExampleState, Session, Similar};
use crate::language::{message, plural, tr};

/// Examples that are shown; the others are counted.
const MOST_SHOWN: usize = 4;
const THUMBNAIL: f32 = 24.0;
const PHOTO_ENDINGS: [&str; 9] = ["jpg", "jpeg", "jpe", "png", "webp", "gif", "tif", "tiff", "bmp"];

/// What was dropped on a window in which photos are open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dropped {
    Nothing,
    /// Folders, or anything else to be opened.
    ToOpen(Vec<PathBuf>),
    /// Photos alone, which may be opened or looked for.
    Photos(Vec<PathBuf>),
    Set(PathBuf),
}

impl Dropped {
    pub fn of(paths: Vec<PathBuf>) -> Dropped {
        let ends_in = |path: &PathBuf, endings: &[&str]| {
            let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
            ending.is_some_and(|ending| endings.contains(&ending.as_str()))
        };
        match paths.as_slice() {
            [] => Dropped::Nothing,
            [set] if ends_in(set, &["toml"]) => Dropped::Set(set.clone()),
            photos if photos.iter().all(|path| ends_in(path, &PHOTO_ENDINGS)) => Dropped::Photos(paths),
            _ => Dropped::ToOpen(paths),
        }
    }
}

/// Asks what is to become of dropped photos; returns whether that is settled.
pub fn ask(ui: &mut Ui, photos: &[PathBuf], requests: &mut Requests) -> bool {
    let what = match photos {
        [one] => file_name(one),
        many => counted(many.len(), "photo", "photos"),
    };
    note(ui, tr!("What is to be done with {what}?", what));
    ui.add_space(2.0 * STEP);
    ui.horizontal_wrapped(|ui| {
        let tip = tr("Ranks the photos that are open by how like these they are");
        let find = primary_button(ui, icons::MAGNIFYING_GLASS, tr("Find similar"), tip);
        let open = text_button(ui, Some(icons::FOLDER_OPEN), tr("Open"), tr("Shows them in place of what is open"));
        if ui.memory(|memory| memory.focused().is_none()) {
            find.request_focus();
        }
        if find.clicked() {
            requests.commands.push(Command::FindSimilarTo(photos.to_vec()));
        }
        if open.clicked() {
            requests.commands.push(Command::Open(photos.to_vec()));
        }
        find.clicked() || open.clicked()
    })
    .inner
}

/// Draws the examples, what became of them, and how much words count beside them.
pub fn show(ui: &mut Ui, similar: &Similar, session: &Session, textures: &mut Textures, requests: &mut Requests) {
    ui.horizontal_wrapped(|ui| {
        show_chip(ui, similar, session, textures, requests);
        for (path, state) in &similar.files {
            show_state(ui, path, state);
        }
        if session.find().trim().is_empty() {
            note(ui, tr("Words in Find count beside the photos"));
        } else {
            show_share(ui, similar.word_share, requests);
        }
    });
}

fn show_chip(ui: &mut Ui, similar: &Similar, session: &Session, textures: &mut Textures, requests: &mut Requests) {
    let colours = palette_of(ui);
    let frame = Frame::new().fill(colours.raised).corner_radius(STEP).inner_margin(Margin::symmetric(6, 2));
    frame.show(ui, |ui| {
        ui.spacing_mut().item_spacing.x = STEP;
        let examples = examples(similar, session);
        for photo in examples.iter().take(MOST_SHOWN).filter_map(|example| example.photo) {
            show_thumbnail(ui, photo, session, textures, requests);
        }
        ui.label(like(&examples.iter().map(|example| example.name.as_deref()).collect::<Vec<_>>()));
        let tip = tr("Return to the order before (Escape)");
        if small_icon_button(ui, icons::X, tr("Leave similar"), tip).clicked() {
            requests.commands.push(Command::FindSimilar(Vec::new()));
        }
    });
}

fn show_thumbnail(ui: &mut Ui, photo: PhotoId, session: &Session, textures: &mut Textures, requests: &mut Requests) {
    let aspect = session.library().look(photo).map_or(1.5, |look| look.aspect()).clamp(0.5, 2.0);
    let (rect, response) = ui.allocate_exact_size(vec2(THUMBNAIL * aspect, THUMBNAIL), Sense::hover());
    let all = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    match thumbnails::beside(ui.ctx(), session, textures, photo, requests) {
        Some(texture) => ui.painter().image(texture, rect, all, Color32::WHITE),
        None => ui.painter().rect_filled(rect, 0.0, palette_of(ui).line),
    };
    response.on_hover_text(file_name(&session.library().photo(photo).file.path));
}

fn show_state(ui: &mut Ui, path: &Path, state: &ExampleState) {
    match state {
        ExampleState::Waiting => drop(note(ui, tr!("Reading {name}", name = file_name(path)))),
        ExampleState::Ready(_) => {}
        ExampleState::Failed(reason) => {
            let text = tr!("{name} cannot be used: {reason}", name = file_name(path), reason = message(reason));
            ui.label(RichText::new(text).small().color(palette_of(ui).warning));
        }
    }
}

fn show_share(ui: &mut Ui, share: f32, requests: &mut Requests) {
    let mut share = share;
    note(ui, tr("photos"));
    ui.spacing_mut().slider_width = 96.0;
    ui.spacing_mut().interact_size.y = 18.0;
    let slider = Slider::new(&mut share, 0.0..=1.0).show_value(false).trailing_fill(false);
    let response = ui.add(slider).accessible_name(tr("Share of the words"));
    let tip = tr!(
        "Photos count {photos} %, words {words} %",
        photos = decimal((1.0 - share) * 100.0, 0),
        words = decimal(share * 100.0, 0)
    );
    if response.on_hover_text(tip).changed() {
        requests.commands.push(Command::SetWordShare(share));
    }
    note(ui, tr("words"));
}

/// A photo that others are to be like.
struct Example {
    name: Option<String>,
    /// Where it is among the open photos, if it is found there.
    photo: Option<PhotoId>,
}

fn examples(similar: &Similar, session: &Session) -> Vec<Example> {
    let open = similar.names.iter().map(|name| {
        let photo = open_photo(session, *name);
        Example { name: photo.map(|photo| file_name(&session.library().photo(photo).file.path)), photo }
    });
    let files = similar.files.iter().filter(|(_, state)| !matches!(state, ExampleState::Failed(_)));
    let files = files.map(|(path, _)| Example { name: Some(file_name(path)), photo: session.library().photo_at(path) });
    open.chain(files).collect()
}

/// The open photo that holds this. Looked for among what keys act on and in the ranking's front, where examples stand:
/// a search through all photos in every frame would take too long.
fn open_photo(session: &Session, name: Fingerprint) -> Option<PhotoId> {
    const FRONT: usize = 256;
    let library = session.library();
    let ranking = session.ranking();
    let acting = session.focus().into_iter().chain(session.selection().take(FRONT));
    let near = acting.chain(ranking.photos().take(FRONT));
    let mut readable = near.filter(|photo| *library.state(*photo) == ContentState::Embedded);
    readable.find(|photo| library.fingerprint(*photo) == name)
}

/// "Like a.jpg", "Like a.jpg and b.jpg", "Like 3 photos".
fn like(names: &[Option<&str>]) -> String {
    match names {
        [] => tr("Like nothing that can be read").to_owned(),
        [Some(one)] => tr!("Like {name}", name = one),
        [Some(one), Some(other)] => tr!("Like {one} and {other}", one, other),
        many => plural!(many.len(), "Like {n} photo", "Like {n} photos"),
    }
}

#[cfg(test)]
mod tests {
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable;

    use super::*;
    use crate::engine::Saved;

    #[test]
    fn a_file_that_cannot_be_read_says_why() {
        let failed = ("/elsewhere/fox.jpg".into(), ExampleState::Failed("it is damaged".into()));
        let similar = Similar { names: Vec::new(), files: vec![failed], word_share: 0.5 };
        let session = Session::new(Saved::default(), false);
        let draw = |ui: &mut Ui, requests: &mut Requests| {
            show(ui, &similar, &session, &mut Textures::new(), requests);
        };
        let builder = Harness::builder().with_context_setup(crate::app::theme::install);
        let mut window = builder.build_ui_state(draw, Requests::default());
        window.run();
        window.get_by_label("fox.jpg cannot be used: it is damaged");
        window.get_by_label("Leave similar").click();
        window.run();
        assert_eq!(window.state().commands, [Command::FindSimilar(Vec::new())]);
    }

    fn paths(names: &[&str]) -> Vec<PathBuf> {
        names.iter().map(PathBuf::from).collect()
    }

    #[test]
    fn photos_alone_may_be_opened_or_looked_for() {
        assert_eq!(Dropped::of(paths(&["/a.JPG", "/b.png"])), Dropped::Photos(paths(&["/a.JPG", "/b.png"])));
        assert_eq!(Dropped::of(paths(&["/a.jpg", "/norway"])), Dropped::ToOpen(paths(&["/a.jpg", "/norway"])));
        assert_eq!(Dropped::of(paths(&["/travel.toml"])), Dropped::Set("/travel.toml".into()));
        assert_eq!(Dropped::of(paths(&[])), Dropped::Nothing);
    }

    #[test]
    fn examples_are_named_as_long_as_they_are_few() {
        assert_eq!(like(&[Some("a.jpg")]), "Like a.jpg");
        assert_eq!(like(&[Some("a.jpg"), Some("b.jpg")]), "Like a.jpg and b.jpg");
        assert_eq!(like(&[Some("a"), Some("b"), Some("c")]), "Like 3 photos");
        assert_eq!(like(&[None]), "Like 1 photo");
    }
}
