//! The grid and the loupe as a person meets them: keys, what stays in view, what a screen reader finds.

#![cfg(feature = "gui")]
#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

#[path = "support/gallery.rs"]
mod gallery;

use eframe::egui::accesskit::Role;
use eframe::egui::{self, Key, Vec2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use tagroll::app::grid::Grid;
use tagroll::app::loupe::Loupe;
use tagroll::app::textures::Textures;
use tagroll::app::theme;
use tagroll::catalog::{CategoryId, Cutoff, Heading, Order, PhotoId, Picture};
use tagroll::engine::{Command, Event, Session};

/// The middle of the window, with a text field above it.
struct Middle {
    session: Session,
    grid: Grid,
    loupe: Loupe,
    textures: Textures,
    text: String,
    commands: Vec<Command>,
}

impl Middle {
    fn ui(&mut self, ui: &mut egui::Ui) {
        let mut commands = Vec::new();
        let field = ui.text_edit_singleline(&mut self.text);
        field.widget_info(|| egui::WidgetInfo::labeled(Role::TextInput, true, "Find"));
        if self.loupe.is_open() {
            self.loupe.show(ui, &self.session, &mut self.textures, &mut commands);
        } else if let Some(photo) = self.grid.show(ui, &self.session, &mut self.textures, &mut commands) {
            self.loupe.open(photo);
        }
        for command in commands {
            self.commands.push(command.clone());
            self.session.apply(command);
        }
    }

    fn order(&self) -> Vec<PhotoId> {
        self.session.ranking().groups.iter().flat_map(|group| group.photos.clone()).collect()
    }

    fn place_of_focus(&self) -> usize {
        let focus = self.session.focus().unwrap();
        self.order().iter().position(|photo| *photo == focus).unwrap()
    }

    fn last_asked(&self) -> Option<&[PhotoId]> {
        self.commands.iter().rev().find_map(|command| match command {
            Command::ShowThumbnails(photos) => Some(photos.as_slice()),
            _ => None,
        })
    }

    fn last_full(&self) -> Option<Option<PhotoId>> {
        self.commands.iter().rev().find_map(|command| match command {
            Command::ShowFull(photo) => Some(*photo),
            _ => None,
        })
    }

    fn last_large(&self) -> Option<&[PhotoId]> {
        self.commands.iter().rev().find_map(|command| match command {
            Command::ShowLarge(photos) => Some(photos.as_slice()),
            _ => None,
        })
    }
}

const SIZE: Vec2 = vec2(900.0, 600.0);

fn window(session: Session) -> Harness<'static, Middle> {
    let (text, commands) = (String::new(), Vec::new());
    let middle =
        Middle { session, grid: Grid::new(), loupe: Loupe::closed(), textures: Textures::new(), text, commands };
    let builder = Harness::builder()
        .with_size(SIZE)
        .with_step_dt(1.0 / 60.0)
        .with_max_steps(240)
        .with_context_setup(theme::install_fonts);
    let mut window = builder.build_ui_state(|ui, middle: &mut Middle| middle.ui(ui), middle);
    window.run();
    window
}

fn press(window: &mut Harness<Middle>, keys: &[Key]) {
    for key in keys {
        window.key_press(*key);
        window.run();
    }
}

/// Photos that a screen reader finds.
fn cells(window: &Harness<Middle>) -> Vec<String> {
    let nodes = window.get_all_by_role(Role::ListBoxOption);
    nodes.map(|node| node.accesskit_node().label().unwrap()).collect()
}

fn cell_of<'a>(window: &'a Harness<Middle>, photo: PhotoId) -> Option<egui_kittest::Node<'a>> {
    let name = gallery::file_name(photo.0);
    window
        .query_all_by_role(Role::ListBoxOption)
        .find(|node| node.accesskit_node().label().is_some_and(|label| label.starts_with(&name)))
}

/// Turns the photos' vectors, so that every group has other photos in another order.
fn reorder(session: &mut Session, photos: u32) {
    let turned = (0..photos).map(|i| (gallery::name(i), gallery::vector(gallery::turns(i * 7 + 3))));
    session.absorb(Event::Encoded { model: gallery::model(), embeddings: turned.collect() });
}

#[test]
fn arrow_keys_move_the_focus() {
    let mut window = window(gallery::session(200));
    press(&mut window, &[Key::ArrowRight]);
    assert_eq!(window.state().place_of_focus(), 0);
    press(&mut window, &[Key::ArrowRight, Key::ArrowRight, Key::ArrowLeft]);
    assert_eq!(window.state().place_of_focus(), 1);
    let before = cell_of(&window, window.state().session.focus().unwrap()).unwrap().rect();
    press(&mut window, &[Key::ArrowDown]);
    let after = cell_of(&window, window.state().session.focus().unwrap()).unwrap().rect();
    assert!(after.top() >= before.bottom() && (after.center().x - before.center().x).abs() < 120.0);
    press(&mut window, &[Key::ArrowUp]);
    assert_eq!(window.state().place_of_focus(), 1);
    press(&mut window, &[Key::End]);
    assert_eq!(window.state().place_of_focus(), 199);
    press(&mut window, &[Key::Home]);
    assert_eq!(window.state().place_of_focus(), 0);
}

#[test]
fn the_focused_photo_is_always_in_view() {
    let mut window = window(gallery::session(2000));
    for key in [Key::ArrowDown, Key::PageDown, Key::PageDown, Key::ArrowDown, Key::PageUp, Key::End, Key::Home] {
        press(&mut window, &[key]);
        let focus = window.state().session.focus().unwrap();
        let rect = cell_of(&window, focus).unwrap_or_else(|| panic!("{focus:?} is out of view after {key:?}")).rect();
        assert!(rect.top() > 0.0 && rect.bottom() <= SIZE.y, "{rect:?} after {key:?}");
    }
}

#[test]
fn up_and_down_keep_to_their_column() {
    let mut window = window(gallery::session(500));
    press(&mut window, &[Key::ArrowRight, Key::ArrowRight, Key::ArrowRight, Key::ArrowRight]);
    let start = window.state().place_of_focus();
    press(&mut window, &[Key::ArrowDown; 9]);
    press(&mut window, &[Key::ArrowUp; 9]);
    assert_eq!(window.state().place_of_focus(), start);
}

#[test]
fn keys_typed_in_a_text_field_are_text() {
    let mut window = window(gallery::session(50));
    window.get_by_label("Find").click();
    window.run();
    press(&mut window, &[Key::ArrowRight, Key::End, Key::Space, Key::Enter]);
    assert_eq!(window.state().session.focus(), None);
    assert!(!window.state().loupe.is_open());
}

#[test]
fn only_what_shows_is_in_the_accessibility_tree() {
    let window = window(gallery::session(10_000));
    let cells = cells(&window);
    assert!((10..60).contains(&cells.len()), "{} photos are drawn", cells.len());
    assert!(window.query_by_label_contains("dog, 3,").is_some(), "the heading is named");
    assert!(cells.iter().all(|name| name.contains(".jpg, dog, fit ")), "{cells:?}");
}

#[test]
fn a_focused_photo_in_view_stays_where_it_is_when_the_order_changes() {
    let mut window = window(gallery::session(3000));
    press(&mut window, &[Key::PageDown; 6]);
    let focus = window.state().session.focus().unwrap();
    let before = cell_of(&window, focus).unwrap().rect();
    let place = window.state().place_of_focus();
    reorder(&mut window.state_mut().session, 3000);
    window.run();
    assert_ne!(window.state().place_of_focus(), place, "the order must change for this to mean anything");
    let after = cell_of(&window, focus).expect("it is still in view").rect();
    assert!((after.top() - before.top()).abs() < 1.0, "{before:?} became {after:?}");
}

#[test]
fn the_first_photo_in_view_stays_when_shapes_above_it_become_known() {
    let mut window = window(gallery::session(3000));
    press(&mut window, &[Key::PageDown; 6]);
    window.state_mut().session.apply(Command::Focus(None));
    window.run();
    let top = |window: &Harness<Middle>, name: &str| {
        let node = window
            .query_all_by_role(Role::ListBoxOption)
            .find(|node| node.accesskit_node().label().is_some_and(|label| label == name));
        node.map(|node| node.rect().top())
    };
    let first_whole = cells(&window).into_iter().find(|name| top(&window, name).unwrap() > 70.0).unwrap();
    let before = top(&window, &first_whole).unwrap();
    let wide = |i: u32| {
        let look = tagroll::catalog::Look { width_px: 3000, height_px: 1000, ..gallery::look(i) };
        (gallery::name(i), look)
    };
    window.state_mut().session.absorb(Event::Looks((0..3000).map(wide).collect()));
    window.run();
    assert!((top(&window, &first_whole).unwrap() - before).abs() < 1.0);
}

#[test]
fn at_the_top_the_best_photos_stay_in_view() {
    let mut window = window(gallery::session(3000));
    reorder(&mut window.state_mut().session, 3000);
    window.run();
    let best = window.state().order()[0];
    assert!(cell_of(&window, best).is_some());
}

#[test]
fn a_search_is_answered_from_the_top_and_leads_back_when_it_ends() {
    let mut window = window(gallery::session(3000));
    press(&mut window, &[Key::PageDown; 6]);
    window.state_mut().session.apply(Command::Focus(None));
    window.run();
    let before = cells(&window);
    window.state_mut().session.apply(Command::Find("mountain".to_owned()));
    window.run();
    assert_eq!(window.state().session.ranking().groups[0].heading, Heading::Find);
    let best = window.state().order()[0];
    assert!(cell_of(&window, best).is_some(), "the best answer shows");
    window.state_mut().session.apply(Command::Find(String::new()));
    window.run();
    assert_eq!(cells(&window), before);
}

#[test]
fn the_cut_off_is_a_line_in_the_ranked_list() {
    let mut session = gallery::session(300);
    session.apply(Command::SetCutoff(CategoryId(0), Cutoff::At(0.999)));
    session.apply(Command::SetOrder(Order::Ranked));
    session.apply(Command::SelectCategory(Some(CategoryId(0))));
    let above = session.ranking().groups[0].above_cutoff;
    let window = window(session);
    assert!(window.query_by_label(&format!("Below the cut-off: {}", 300 - above)).is_some());
    assert!(window.query_by_label(&format!("dog, {above} of 300")).is_some());
}

#[test]
fn thumbnails_are_asked_for_once_and_what_shows_comes_first() {
    let mut window = window(gallery::session(5000));
    let asked = window.state().last_asked().unwrap().to_vec();
    let shown = cells(&window).len();
    assert_eq!(asked[..shown], window.state().order()[..shown]);
    assert!(asked.len() > shown && asked.len() <= 3 * shown);
    let pushes = window.state().commands.len();
    for _ in 0..5 {
        window.step();
    }
    assert_eq!(window.state().commands.len(), pushes, "a frame in which nothing changes asks for nothing");

    for photo in asked {
        let (name, picture) = (gallery::name(photo.0), gallery::thumbnail(photo.0));
        window.state_mut().session.absorb(Event::Thumbnail(name, picture));
    }
    window.run();
    assert_eq!(window.state().last_asked(), Some(&[][..]), "what is on the card needs its pixels no more");
}

#[test]
fn plus_and_minus_change_the_size_of_thumbnails() {
    let mut window = window(gallery::session(50));
    let before = window.state().session.thumbnail_height();
    press(&mut window, &[Key::Plus]);
    assert!(window.state().session.thumbnail_height() > before);
    press(&mut window, &[Key::Minus; 20]);
    assert_eq!(window.state().session.thumbnail_height(), 64.0);
}

#[test]
fn a_click_focuses_and_a_double_click_opens() {
    let mut window = window(gallery::session(50));
    let photo = window.state().order()[2];
    cell_of(&window, photo).unwrap().click();
    window.run();
    assert_eq!(window.state().session.focus(), Some(photo));
    // Long enough that the next click is not a third one.
    window.run_steps(60);
    let at = cell_of(&window, photo).unwrap().rect().center();
    for pressed in [true, false, true, false] {
        let (button, modifiers) = (egui::PointerButton::Primary, egui::Modifiers::NONE);
        window.event(egui::Event::PointerButton { pos: at, button, pressed, modifiers });
    }
    window.run();
    assert!(window.state().loupe.is_open());
}

#[test]
fn the_menu_of_a_photo_opens_it_or_copies_its_path() {
    let mut window = window(gallery::session(50));
    let photo = window.state().order()[1];
    cell_of(&window, photo).unwrap().click_secondary();
    window.run();
    assert!(window.query_by_label("Copy path").is_some());
    window.get_by_label("Open").click();
    window.run();
    assert!(window.state().loupe.is_open());
}

#[test]
fn the_loupe_opens_walks_the_ranking_and_leads_back() {
    let mut window = window(gallery::session(3000));
    press(&mut window, &[Key::PageDown, Key::PageDown, Key::Space]);
    assert!(window.state().loupe.is_open());
    let start = window.state().place_of_focus();
    let order = window.state().order();
    assert_eq!(window.state().last_large().unwrap(), [order[start], order[start + 1], order[start - 1]]);
    press(&mut window, &[Key::ArrowRight, Key::ArrowRight, Key::ArrowRight, Key::ArrowLeft]);
    assert_eq!(window.state().place_of_focus(), start + 2);
    assert!(
        window.query_by_label(&format!("{}, {} of 3,000", gallery::file_name(order[start + 2].0), start + 3)).is_some()
    );
    assert!(window.query_by_label_contains("dog: ").is_some(), "its scores stand beside it");
    press(&mut window, &[Key::Escape]);
    assert!(!window.state().loupe.is_open());
    assert_eq!(window.state().session.focus(), Some(order[start + 2]));
    assert!(cell_of(&window, order[start + 2]).is_some(), "the photo is in view");
    assert_eq!(window.state().last_large().unwrap(), []);
}

#[test]
fn the_loupe_stops_at_both_ends_of_the_ranking() {
    let mut window = window(gallery::session(2));
    press(&mut window, &[Key::Home, Key::Enter, Key::ArrowLeft, Key::ArrowLeft]);
    assert_eq!(window.state().place_of_focus(), 0);
    press(&mut window, &[Key::ArrowRight, Key::ArrowRight, Key::ArrowRight]);
    assert_eq!(window.state().place_of_focus(), 1);
    assert!(window.state().loupe.is_open());
}

#[test]
fn the_loupe_zooms_to_full_size_and_back() {
    let mut window = window(gallery::session(10));
    press(&mut window, &[Key::Home, Key::Space]);
    let photo = window.state().session.focus().unwrap();
    let large = Picture { width_px: 2200, height_px: 1500, rgb: vec![128; 2200 * 1500 * 3].into() };
    window.state_mut().session.absorb(Event::Large(gallery::name(photo.0), large));
    window.run();
    assert!(window.query_by_label("100 %").is_none());
    press(&mut window, &[Key::Z]);
    assert!(window.query_by_label("100 %").is_some());
    assert_eq!(window.state().last_full(), Some(Some(photo)), "the large picture has too few pixels for that");
    press(&mut window, &[Key::Z]);
    assert!(window.query_by_label("100 %").is_none());
    assert_eq!(window.state().last_full(), Some(None));
    window.get_by_label("Close").click();
    window.run();
    assert!(!window.state().loupe.is_open());
}

#[test]
fn an_unreadable_photo_says_why() {
    let mut session = gallery::session(5);
    session.apply(Command::RemoveCategory(CategoryId(1)));
    let visit = tagroll::engine::Visit { root: std::path::Path::new("/photos").into(), number: 1 };
    let path = std::path::Path::new("/photos/broken.jpg").into();
    let file = tagroll::catalog::FoundFile { path, size_bytes: 1, modified_ns: 0 };
    session.absorb(Event::Found { visit, photos: vec![(file, gallery::name(77))] });
    session.absorb(Event::Unreadable(vec![(gallery::name(77), "It is damaged.".to_owned())]));
    let mut window = window(session);
    assert!(window.query_by_label("broken.jpg, could not be read: It is damaged.").is_some());
    press(&mut window, &[Key::End, Key::Space]);
    assert!(window.query_by_label_contains("Could not be read: It is damaged.").is_some());
}

#[test]
fn an_empty_session_draws_nothing_and_hears_keys() {
    let mut window = window(gallery::session(0));
    press(&mut window, &[Key::ArrowDown, Key::End, Key::Space]);
    assert!(!window.state().loupe.is_open());
    assert_eq!(window.state().session.focus(), None);
}
