//! Every language is complete: each text of the window and each message of the parts below it has its translation, no
//! translation is left over, and what stands in braces is the same on both sides.

#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

#[path = "languages/source.rs"]
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use source::{Source, sources};
use tagroll::language::{self, Language};

/// What the window is made of, and the parts below whose texts it shows.
const WINDOW: [&str; 2] = ["app", "catalog"];
const BELOW: [&str; 6] = ["catalog", "xmp", "disk", "hub", "clip", "engine"];

/// Files whose texts nobody reads in the window: prompts for the network, figures for the command line.
const UNSEEN: [&str; 7] = [
    "catalog/background.rs",
    "catalog/templates.rs",
    "catalog/category_file/writer.rs",
    "engine/bench/",
    "clip/cpu/vector/",
    "clip/token_parity.rs",
    "disk/machine.rs",
];

/// Texts in the code of the window that are the same in every language: names, and what is said on the terminal or in a dialog of
/// the system while there is no window yet.
const SAME: [&str; 37] = [
    "/home/ada/Pictures",
    "/home/ada/Sorted",
    "/home/ada/garden.toml",
    "/home/ada/models/siglip",
    "/home/ada/photos.csv",
    "CPU",
    "Could not open a window",
    "Could not start anew to draw in software: {error}.",
    "Could not start anew to draw in software: {}.",
    "DISPLAY",
    "Deutsch",
    "English",
    "GB",
    "LIBGL_ALWAYS_INDIRECT",
    "LIBGL_ALWAYS_SOFTWARE",
    "MB",
    "OpenGL",
    "OpenGL ES",
    "Tagroll",
    "Tagroll draws with OpenGL 2.0 or newer, which a remote desktop or a virtual machine may lack; its makers' graphics \
     drivers bring it.",
    "The system closed the window: {}.",
    "This system has no OpenGL in software. Start Tagroll without --renderer.",
    "WAYLAND_DISPLAY",
    "`tagroll --help` lists what can be done without a screen.",
    "darktable, digiKam, Immich",
    "elsewhere {choice:?}",
    "packaged model",
    "starter model",
    "the graphics driver gave up",
    "this desktop has no dialog for: {words}",
    "{number} GB",
    "{number} MB",
    "{number} kB",
    "{renderer:?} does not draw: {reason}",
    "{} – Tagroll",
    "\u{d7}",
    "\u{2212} ",
];

/// Calls whose texts name something for the program itself.
const NAMING: [&str; 13] = [
    "unique(",
    "unique((",
    ".with(",
    ".with((",
    "id_salt(",
    "id_salt((",
    "make_persistent_id(",
    "load_texture(",
    "push_id((",
    "indent((",
    "expect(",
    "include_str!(",
    "reason =",
];

/// Messages of the parts below that only the command line or a developer sees, or that are made of such as have their
/// own translations.
const NOT_SHOWN: [&str; 38] = [
    "\"{text}\" has no name; write it as 'dog=a photo of a dog|a photo of a puppy'",
    "\"{text}\" has no prompt after \"=\"; leave \"=\" out for the default one",
    "\"{text}\" is not a fingerprint",
    "\"{other}\" is no device: choose auto, cpu, cuda, cuda:1 or metal",
    "name one of auto, f32, bf16, int8",
    "A keyword needs at least one letter.",
    "This account has no home folder to keep the store in. Name a folder with --data-dir.",
    "There is no job {id} to undo; `tagroll export --list` shows those of now.",
    "This build of Tagroll has no window, and opens no other.",
    "{name} is not installed. `tagroll models pull {name}` fetches it",
    "{name} is not installed, and its licence does not let Tagroll fetch it. Add its folder",
    "is not a name that a model's file can have",
    "is not what it was when it was installed",
    "has {1} bytes instead of {2}",
    "cannot be read. {why}",
    "a photo of a {}.",
    "a photo of {1} {word}.",
    " ({width} x {height})",
    "a kernel needs contiguous f32 numbers",
    "a kernel needs numbers on the CPU",
    "a depthwise convolution got the shape {1}",
    "depthwise convolution",
    "bias and activation",
    "layer normalisation",
    "keywords by Tagroll",
    "A crash of Tagroll\n\nThis file was written on your computer and sent nowhere. It names no photos or folders, and not \
     you. Whoever looks for the cause is helped by all of it.\n\n{surroundings}\n{what}",
    "A report of this crash is in {1}. It was sent nowhere.",
    "It ended without a word. What does this is a fault in a graphics driver or another part of the system, too little \
     memory, or somebody who ended it by force.\n",
    "`left != right`",
    "`left == right`",
    "crashed    {1}\nthread     {2}\nplace      {place}\nmessage    {3}\n\nbacktrace\n{4}",
    "version    {1}\nstarted    {2}\nsystem     {3}\nprocessor  {4}, {cores} cores\nwindow     {5}\n",
    "without a name",
    "RDF opened",
    "is missing",
    "PatchMap({1} x {2} of {3})",
    "Starter model",
    "System Volume Information",
];

fn file() -> BTreeMap<String, BTreeMap<String, String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/languages/de.toml");
    // A text that stands there twice is refused by the reader itself.
    toml::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn texts_in_code() -> BTreeSet<String> {
    let translated = |source: Source| -> Vec<String> {
        source.translated().into_iter().map(|place| source.texts[place].clone()).collect()
    };
    sources(&WINDOW).into_iter().flat_map(translated).collect()
}

/// Texts in shipped files that the window shows: those that must be translated, and all.
fn texts_in_assets() -> (BTreeSet<String>, BTreeSet<String>) {
    let read = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets").join(name);
        toml::from_str::<toml::Table>(&fs::read_to_string(path).unwrap()).unwrap()
    };
    let (mut needed, mut all) = (BTreeSet::new(), BTreeSet::new());
    let mut take = |table: &toml::Table, field: &str, is_needed: bool| {
        let text = table.get(field).and_then(toml::Value::as_str).unwrap_or_default();
        all.insert(text.to_owned());
        needed.extend(Some(text.to_owned()).filter(|text| is_needed && !text.is_empty()));
    };
    for model in read("models.toml").values().filter_map(toml::Value::as_array).flatten() {
        let model = model.as_table().unwrap();
        take(model, "note", true);
        take(model, "languages", true);
        take(model, "licence", false);
        take(model, "top1_source", false);
    }
    for set in ["travel", "family", "wildlife", "documents", "events"] {
        let set = read(&format!("sets/{set}.toml"));
        take(&set, "name", true);
        take(&set, "description", true);
    }
    for category in read("categories.toml")["category"].as_array().unwrap() {
        take(category.as_table().unwrap(), "name", true);
    }
    (needed, all)
}

/// A text of the source as a message is written down: gaps by name, or by their place.
fn form_of(text: &str) -> String {
    let (mut form, mut unnamed, mut rest) = (String::new(), 0, text);
    while let Some((before, after)) = rest.split_once('{') {
        form += before;
        let Some((gap, following)) = after.split_once('}') else { return form + "{" + after };
        let name = gap.split(':').next().unwrap_or_default();
        form += &match name.parse::<usize>() {
            Ok(place) => format!("{{{}}}", place + 1),
            Err(_) if name.is_empty() => {
                unnamed += 1;
                format!("{{{unnamed}}}")
            }
            Err(_) => format!("{{{name}}}"),
        };
        rest = following;
    }
    form + rest
}

fn gaps(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0)).collect()
}

/// Words for people: letters, and a space between them.
fn is_prose(text: &str) -> bool {
    let bare: String = text.split('{').map(|part| part.split_once('}').map_or(part, |(_, after)| after)).collect();
    let words = bare.split(' ').filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() >= 2);
    let is_markup = ["<", "xmlns", "://\"", "#version", "SELECT", "INSERT", "DELETE", "CREATE", "UPDATE", "PRAGMA"];
    words.count() >= 2 && !is_markup.iter().any(|mark| text.contains(mark))
}

/// Those that are said, and all that could be.
fn messages_in_code() -> (BTreeSet<String>, BTreeSet<String>) {
    let developers = ["expect(", "debug!(", "info!(", "warn!(", "error!(", "unreachable!(", "Picture("];
    let (mut said, mut all) = (BTreeSet::new(), BTreeSet::new());
    for source in sources(&BELOW) {
        let is_unseen = UNSEEN.iter().any(|unseen| source.path.starts_with(unseen));
        for (place, text) in source.texts.iter().enumerate() {
            let before = source.before(place);
            let is_attribute =
                before.rsplit('\n').next().is_some_and(|line| line.contains("#[") || line.contains("#!["));
            let is_asserted = before.rsplit(';').next().is_some_and(|line| line.contains("assert"));
            let is_for_developers = is_attribute || is_asserted || developers.iter().any(|call| before.ends_with(call));
            all.insert(text.clone());
            said.extend(Some(text.clone()).filter(|_| !is_unseen && !is_for_developers && !before.ends_with('b')));
        }
    }
    (said, all)
}

#[test]
fn every_text_of_the_window_is_translated_and_none_is_left_over() {
    let file = file();
    let translated: BTreeSet<String> = file["texts"].keys().cloned().collect();
    let in_code = texts_in_code();
    let (needed, in_assets) = texts_in_assets();
    assert!(in_code.len() > 800, "only {} texts were found", in_code.len());
    let missing: Vec<_> = in_code.union(&needed).filter(|text| !translated.contains(*text)).collect();
    assert!(missing.is_empty(), "without a translation: {missing:#?}");
    let unused: Vec<_> =
        translated.iter().filter(|text| !in_code.contains(*text) && !in_assets.contains(*text)).collect();
    assert!(unused.is_empty(), "translated, but nowhere to be seen: {unused:#?}");
}

#[test]
fn no_text_in_the_code_of_the_window_goes_without_translation() {
    let mut plain = Vec::new();
    for source in sources(&["app"]) {
        let translated = source.translated();
        for (place, text) in source.texts.iter().enumerate() {
            let is_text = is_prose(text) || text.len() > 1 && text.chars().next().is_some_and(char::is_uppercase);
            let is_named = NAMING.iter().any(|call| source.before(place).ends_with(call));
            if is_text && !is_named && !translated.contains(&place) && !SAME.contains(&text.as_str()) {
                plain.push(format!("{}: {text}", source.path));
            }
        }
    }
    assert!(plain.is_empty(), "neither in tr nor in text: {plain:#?}");
}

#[test]
fn every_message_that_the_window_may_show_is_translated_and_none_is_left_over() {
    language::speak(Language::German);
    let (said, all) = messages_in_code();
    let is_known = |text: &str| language::message(text) != text;
    let is_shown = |text: &&String| {
        let form = form_of(text);
        is_prose(text) && !NOT_SHOWN.contains(&text.as_str()) && !NOT_SHOWN.contains(&form.as_str())
    };
    let shown: Vec<String> = said.iter().filter(is_shown).map(|text| form_of(text)).collect();
    assert!(shown.len() > 300, "only {} messages were found", shown.len());
    // Some stand at the beginning of a message only.
    let missing: Vec<_> = shown.iter().filter(|text| !is_known(text) && !is_known(&format!("{text} {{1}}"))).collect();
    assert!(missing.is_empty(), "without a translation: {missing:#?}");

    let pieces = |form: &str| -> Option<String> {
        let outside = form.split('{').map(|part| part.split_once('}').map_or(part, |(_, after)| after).trim());
        outside.max_by_key(|piece| piece.len()).map(str::to_owned)
    };
    let file = file();
    let is_said = |form: &&String| pieces(form).is_some_and(|piece| all.iter().any(|text| text.contains(&piece)));
    let unused: Vec<_> = file["messages"].keys().filter(|form| !is_said(form)).collect();
    assert!(unused.is_empty(), "translated, but nobody says it: {unused:#?}");
}

#[test]
fn what_stands_in_braces_and_at_both_ends_is_the_same_in_every_translation() {
    for (english, german) in file().values().flatten() {
        assert_eq!(gaps(english), gaps(german), "{english}");
        assert!(!german.is_empty(), "{english}");
        let ends = |text: &str| (text.starts_with(' '), text.ends_with(' '), text.ends_with('…'));
        assert_eq!(ends(english), ends(german), "{english}");
        assert!(!german.contains('!') && !german.contains(" Sie "), "{german}");
    }
}

#[test]
fn a_message_is_translated_with_what_is_in_it() {
    language::speak(Language::German);
    for (english, german) in [
        (
            "Could not write IMG_2041.jpg.xmp: the folder is read-only. Choose another place for sidecars, or make it \
             writable.",
            "IMG_2041.jpg.xmp ließ sich nicht schreiben: der Ordner ist schreibgeschützt. Einen anderen Ort für \
             Filialdateien wählen oder ihn beschreibbar machen.",
        ),
        (
            "The server sends next to nothing. What is here already is kept; try again later to go on from there.",
            "Der Server sendet so gut wie nichts. Was schon da ist, bleibt erhalten; später noch einmal versuchen, um \
             dort weiterzumachen.",
        ),
        (
            "Could not use a.toml: line 3: version is a number, and here stands a list. Your categories are as they were.",
            "a.toml war nicht nutzbar: Zeile 3: version ist eine Zahl, und hier steht eine Liste. Die Kategorien sind, \
             wie sie waren.",
        ),
        (
            "Could not open the model: /m/config.json cannot be used: \"head_width\" is zero. The photos stay sorted as \
             they were.",
            "Das Modell ließ sich nicht öffnen: /m/config.json ist nicht nutzbar: „head_width“ ist null. Die Fotos \
             bleiben sortiert, wie sie waren.",
        ),
        (
            "The disk does not give this file: Permission denied (os error 13).",
            "Der Datenträger gibt diese Datei nicht her: keine Berechtigung (Systemfehler 13).",
        ),
        (
            "Could not rename /models/a: the disk is full. Free some room, then try again.",
            "/models/a ließ sich nicht umbenennen: der Datenträger ist voll. Platz schaffen und noch einmal versuchen.",
        ),
        ("a thing that nobody said", "a thing that nobody said"),
    ] {
        assert_eq!(language::message(english), german);
    }
}
