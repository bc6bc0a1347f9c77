//! The window in German: its pages by what assistive technology hears, without a word of English, and the choice.

#![cfg(feature = "gui")]
#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

#[path = "support/bench.rs"]
mod bench;
#[path = "support/gallery.rs"]
mod gallery;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bench::{Window, window_of};
use eframe::egui::{Key, Modifiers, Vec2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{AccessKitNode, NodeT, Queryable};
use tagroll::app::App;
use tagroll::catalog::{CategoryId, Order, PhotoId, Verdict};
use tagroll::engine::{Command, Event, Options, Saved, Session};
use tagroll::language::{self, Language, LanguageChoice};

const WIDE: Vec2 = vec2(1280.0, 800.0);
const SMALL: Vec2 = vec2(900.0, 600.0);
const COMMAND_SHIFT: Modifiers = Modifiers { shift: true, ..Modifiers::COMMAND };
const DOG: CategoryId = CategoryId(0);

/// One language is spoken at a time in a process, so the tests of this file take turns.
fn turn(language: Language) -> MutexGuard<'static, ()> {
    static TURNS: Mutex<()> = Mutex::new(());
    let turn = TURNS.lock().unwrap_or_else(PoisonError::into_inner);
    language::speak(language);
    turn
}

/// Forty photos, of which one has the focus and two were judged; the first category is selected.
fn session() -> Session {
    let mut session = gallery::session(40);
    session.apply(Command::Focus(Some(PhotoId(3))));
    for (photo, verdict) in [(8, Verdict::Yes), (9, Verdict::No)] {
        session.apply(Command::Judge { category: DOG, photos: vec![PhotoId(photo)], verdict: Some(verdict) });
    }
    session.apply(Command::SelectCategory(Some(DOG)));
    session
}

/// English texts that German says otherwise.
fn english() -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/languages/de.toml");
    let file: BTreeMap<String, BTreeMap<String, String>> = toml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let differs = |(english, german): (&String, &String)| (english != german).then(|| english.clone());
    // A language is called by its own name wherever it is chosen, and the folder that is open is called "photos".
    file["texts"].iter().filter_map(differs).filter(|text| text != "English" && text != "photos").collect()
}

/// Everything that is heard on the page.
fn heard(window: &Window) -> Vec<String> {
    let nodes = window.query_all_by(|_: &AccessKitNode<'_>| true);
    nodes.flat_map(|node| [node.accesskit_node().label(), node.accesskit_node().value()]).flatten().collect()
}

fn check(window: &Window, page: &str, says: &[&str]) {
    let (heard, english) = (heard(window), english());
    for text in says {
        assert!(heard.iter().any(|heard| heard.contains(text)), "{page} does not say {text:?}: {heard:#?}");
    }
    let left: Vec<&String> = heard.iter().filter(|text| english.contains(*text)).collect();
    assert!(left.is_empty(), "{page} still says {left:?}");
}

#[test]
fn the_first_page_speaks_german() {
    let _turn = turn(Language::German);
    let window = window_of(Session::new(Saved::default(), false), SMALL);
    check(&window, "the first page", &["Ordner öffnen…", "Fotos danach sortieren, was sie zeigen", "Pfad eingeben…"]);
}

#[test]
fn photos_categories_and_inspector_speak_german() {
    let _turn = turn(Language::German);
    for size in [SMALL, WIDE] {
        let mut session = session();
        session.apply(Command::SetOrder(Order::Ranked));
        let window = window_of(session, size);
        let says = ["Kategorien", "Neue Kategorie", "Suchen", "Rangfolge", "Schwelle von dog", "40 Fotos"];
        check(&window, "the photos", &says);
    }
    let window = window_of(session(), WIDE);
    check(&window, "the inspector", &["Vorschau von IMG_000003.jpg", "Warum dog", "Inspektor ausblenden", "Wo"]);
}

#[test]
fn every_page_over_the_window_speaks_german() {
    let _turn = turn(Language::German);
    let pages: [(Modifiers, Key, &[&str]); 6] = [
        (Modifiers::NONE, Key::F1, &["Hilfe", "Strg+O", "Ordner öffnen", "Sprache"]),
        (Modifiers::COMMAND, Key::M, &["Modelle", "Startmodell", "Wo es läuft"]),
        (Modifiers::COMMAND, Key::L, &["Kategoriensätze", "Name des Satzes", "Importieren…"]),
        (Modifiers::COMMAND, Key::E, &["Exportieren", "Stichwörter in Filialdateien", "Vorschau"]),
        (Modifiers::NONE, Key::D, &["Prompt-Doktor", "Was würde „dog“ besser beschreiben?"]),
        (Modifiers::NONE, Key::L, &["Stichwort", "Bewertung", "Farbmarkierung", "Zeigt 40 von 40 Fotos"]),
    ];
    for size in [SMALL, WIDE] {
        for (modifiers, key, says) in pages {
            let mut window = window_of(session(), size);
            window.key_press_modifiers(modifiers, key);
            window.run();
            check(&window, &format!("{key:?}"), says);
        }
    }
}

#[test]
fn review_evaluation_and_large_view_speak_german() {
    let _turn = turn(Language::German);
    let pages: [(Modifiers, Key, &[&str]); 3] = [
        (Modifiers::NONE, Key::R, &["Gehört das zu dog?", "Ja", "Nein", "Prüfung"]),
        (COMMAND_SHIFT, Key::E, &["Auswertung", "Meine Urteile", "Sortierten Ordner wählen…"]),
        (Modifiers::NONE, Key::Space, &["Voriges Foto", "Volle Größe", "Ja, dog", "von 40"]),
    ];
    for (modifiers, key, says) in pages {
        let mut window = window_of(session(), WIDE);
        window.key_press_modifiers(modifiers, key);
        window.run();
        check(&window, &format!("{key:?}"), says);
    }
}

#[test]
fn what_the_parts_below_said_is_shown_in_german_and_numbers_too() {
    let _turn = turn(Language::German);
    let mut session = gallery::session(1233);
    session.apply(Command::Refresh);
    let visit = session.wish().visits[0].clone();
    session.absorb(Event::Found { visit: visit.clone(), photos: (0..1234).map(gallery::file).collect() });
    session.absorb(Event::Visited(visit));
    session.absorb(Event::Unreadable(vec![(gallery::name(1233), "The file is empty.".to_owned())]));
    session.absorb(Event::Notice("Could not start reading photos: no answer.".to_owned()));
    let mut window = window_of(session, WIDE);
    check(&window, "the notice", &["Das Lesen der Fotos ließ sich nicht beginnen: keine Antwort.", "1.234 Fotos"]);
    window.get_by_label("1 nicht lesbar").click();
    window.run();
    check(&window, "the unreadable photos", &["Die Datei ist leer.", "1 Eintrag war nicht lesbar."]);
}

#[test]
fn a_language_that_is_chosen_is_spoken_at_once_and_remembered() {
    let _turn = turn(Language::English);
    let data = tempfile::tempdir().unwrap();
    let options = Options { data_dir: Some(data.path().to_path_buf()), ..Options::default() };
    let mut window =
        Harness::builder().with_size(WIDE).build_eframe(|creation| App::new(&creation.egui_ctx, &options).unwrap());
    window.run_steps(4);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Comma);
    window.run_steps(4);
    assert!(window.query_by_label("Start afresh").is_some());
    window.get_by_label("Deutsch").click();
    window.run_steps(4);
    assert!(window.query_by_label("Start afresh").is_none() && window.query_by_label("Neu beginnen").is_some());
    assert_eq!(window.state().session().saved().language, LanguageChoice::German);
    window.get_by_label("English").click();
    window.run_steps(4);
    assert!(window.query_by_label("Start afresh").is_some());
}
