//! Who may name whom: the tables of `src/lib.rs`, checked against every source line.
//!
//! Also the size budget that clippy cannot check: no source file over 400 lines.

#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

use std::fs;
use std::path::{Path, PathBuf};

/// Folders of the crate that code in a folder may name.
const LAYERS: [(&str, &[&str]); 9] = [
    ("language", &[]),
    ("catalog", &["language"]),
    ("xmp", &["catalog", "language"]),
    ("disk", &["catalog", "xmp", "language"]),
    ("clip", &["catalog", "language"]),
    ("hub", &["catalog", "language"]),
    ("engine", &["catalog", "xmp", "disk", "clip", "hub", "language"]),
    ("cli", &["catalog", "engine", "language"]),
    ("app", &["catalog", "engine", "language"]),
];

/// Words, and the places (beginnings of paths below `src/`) that alone may use them.
const WORDS: [(&[&str], &[&str]); 8] = [
    // The pause between two tries of a download sleeps, and starts no thread.
    (&["std::thread", "thread::", "crossbeam_channel", "mpsc"], &["engine/", "hub/pause"]),
    (&["std::fs", "fs::", "File::", "rusqlite"], &["disk/", "hub/", "clip/weights", "clip/folder"]),
    (&["std::net", "TcpStream", "TcpListener", "UdpSocket", "rustls", "ureq"], &["hub/"]),
    (&["candle_core", "candle_nn", "candle_transformers", "tokenizers"], &["clip/"]),
    (&["image::", "jpeg_decoder", "fast_image_resize", "moxcms"], &["disk/", "clip/"]),
    (&["roxmltree"], &["xmp/"]),
    (&["egui", "eframe", "rfd"], &["app/"]),
    (&["println!", "print!", "eprintln!", "eprint!", "dbg!", "io::stdout", "io::stderr"], &["cli/"]),
];

const MOST_LINES: usize = 400;

/// Every rule that a file breaks, as `path:line: what`.
fn broken(path: &str, source: &str) -> Vec<String> {
    let code = source.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
    let mut broken: Vec<String> = code
        .flat_map(|(number, line)| {
            broken_by(path, line).into_iter().map(move |what| format!("{path}:{}: {what}", number + 1))
        })
        .collect();
    if source.lines().count() > MOST_LINES {
        broken.push(format!("{path}: more than {MOST_LINES} lines"));
    }
    broken
}

fn broken_by(path: &str, line: &str) -> Vec<String> {
    let mut broken = Vec::new();
    let folder = path.split('/').next().unwrap_or("");
    if let Some((_, allowed)) = LAYERS.iter().find(|(layer, _)| *layer == folder) {
        let others =
            LAYERS.iter().map(|(layer, _)| *layer).filter(|layer| *layer != folder && !allowed.contains(layer));
        broken.extend(others.filter(|other| names_layer(line, other)).map(|other| format!("{folder} names {other}")));
    }
    for (words, places) in WORDS {
        if !places.iter().any(|place| path.starts_with(place)) {
            broken.extend(words.iter().filter(|word| names(line, word)).map(|word| format!("names {word}")));
        }
    }
    broken
}

fn names_layer(line: &str, layer: &str) -> bool {
    [format!("crate::{layer}"), format!("tagroll::{layer}"), format!("super::super::{layer}")]
        .iter()
        .any(|path| names(line, path))
}

/// Whether `word` stands in `line` by itself, not as a part of a longer name.
fn names(line: &str, word: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + word.len()..]);
        !(before.ends_with(is_name) || word.ends_with(is_name) && after.starts_with(is_name))
    })
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let rust = files.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    rust.chain(folders.iter().flat_map(|folder| sources(folder))).collect()
}

#[test]
fn every_source_line_keeps_to_its_layer() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = sources(&src);
    assert!(files.len() > 30, "only {} files were looked at", files.len());
    let broken: Vec<String> = files
        .iter()
        .flat_map(|file| {
            let path = file.strip_prefix(&src).unwrap().to_string_lossy().replace('\\', "/");
            // A test inside a layer may set the scene with files.
            let source = fs::read_to_string(file).unwrap();
            let code = source.split("#[cfg(test)]").next().unwrap_or("").to_owned();
            let mut broken = broken(&path, &code);
            if source.lines().count() > MOST_LINES && code.lines().count() <= MOST_LINES {
                broken.push(format!("{path}: more than {MOST_LINES} lines with its tests"));
            }
            broken
        })
        .collect();
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn a_planted_import_is_found() {
    for (path, line, found) in [
        ("app/grid.rs", "use crate::disk::Store;", "app/grid.rs:1: app names disk"),
        ("app/grid.rs", "std::thread::sleep(pause);", "app/grid.rs:1: names std::thread"),
        ("catalog/photo.rs", "use crate::engine::Session;", "catalog/photo.rs:1: catalog names engine"),
        ("language/mod.rs", "use crate::catalog::words;", "language/mod.rs:1: language names catalog"),
        ("disk/scan.rs", "use crate::clip;", "disk/scan.rs:1: disk names clip"),
        ("engine/loader.rs", "let text = std::fs::read(path);", "engine/loader.rs:1: names std::fs"),
        ("cli/sort.rs", "use candle_core::Tensor;", "cli/sort.rs:1: names candle_core"),
        ("hub/mod.rs", "use crate::disk::Places;", "hub/mod.rs:1: hub names disk"),
        ("engine/doctor.rs", "std::net::TcpStream::connect(hub)", "engine/doctor.rs:1: names std::net"),
        ("engine/doctor.rs", "ureq::get(hub)", "engine/doctor.rs:1: names ureq"),
        ("engine/mod.rs", "println!(\"found\");", "engine/mod.rs:1: names println!"),
    ] {
        assert!(broken(path, line).contains(&found.to_owned()), "{:?} lacks {found}", broken(path, line));
    }
    assert_eq!(broken("catalog/photo.rs", "// crate::engine is above this layer"), Vec::<String>::new());
    assert_eq!(broken("catalog/long.rs", &"\n".repeat(401)), ["catalog/long.rs: more than 400 lines"]);
}
