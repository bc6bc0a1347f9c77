//! What real programs make of a sidecar after Tagroll wrote into it: exiftool, exiv2, xmllint and darktable.
//!
//! Each test says aloud that it skips where its program is not installed; `.ci/run` installs them all.

#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value};
use tagroll::catalog::Tag;
use tagroll::xmp::{Edit, merge};

/// The sidecars of other programs, each with the tags that darktable reads from it.
const SIDECARS: [(&str, &[&str]); 4] = [
    ("darktable", &["holiday", "place|beach"]),
    ("digikam", &["holiday", "place|beach"]),
    ("exiftool", &["R&B", "holiday", "place|beach"]),
    ("lightroom", &["holiday", "place|beach"]),
];
const KEYWORDS: [&str; 3] = ["animal/dog", "sand", "Füchse & <Hasen>"];

fn sidecar(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sidecars").join(name);
    fs::read(path.with_extension("xmp")).unwrap()
}

fn tag(keyword: &str) -> Tag {
    Tag {
        keyword: keyword.parse().unwrap(),
        model: "Starter model".to_owned(),
        score: Some(0.25),
        date: "2026-11-25T00:00:00Z".to_owned(),
    }
}

fn merged(before: Option<&[u8]>) -> Vec<u8> {
    let edit = Edit { add: KEYWORDS.map(tag).to_vec(), ..Edit::default() };
    merge(before, &edit).unwrap().bytes
}

/// Whether a program is there; says so if it is not.
fn has(program: &str) -> bool {
    let is_there = Command::new(program).arg("--version").output().is_ok();
    if !is_there {
        eprintln!("skipped: {program} is not installed");
    }
    is_there
}

/// A folder with each sidecar before and after.
fn scene() -> (tempfile::TempDir, Vec<(PathBuf, PathBuf)>) {
    let folder = tempfile::tempdir().unwrap();
    let pairs = SIDECARS.map(|(name, _)| {
        let (before, after) =
            (folder.path().join(format!("{name}-before.xmp")), folder.path().join(format!("{name}.xmp")));
        fs::write(&before, sidecar(name)).unwrap();
        fs::write(&after, merged(Some(&sidecar(name)))).unwrap();
        (before, after)
    });
    (folder, pairs.to_vec())
}

fn exiftool(arguments: &[&str], file: &Path) -> Map<String, Value> {
    let output =
        Command::new("exiftool").args(["-j", "-struct", "-G1", "-a"]).args(arguments).arg(file).output().unwrap();
    serde_json::from_slice::<Vec<Map<String, Value>>>(&output.stdout).unwrap().remove(0)
}

/// What exiftool reads, without the file's own properties, Tagroll's record and the lists of keywords; and what it warns
/// of.
fn foreign_by_exiftool(file: &Path) -> (Map<String, Value>, Option<Value>) {
    const LISTS: [&str; 4] = [":Subject", ":HierarchicalSubject", ":TagsList", ":LastKeywordXMP"];
    let is_foreign = |name: &str| {
        let is_ours = name.contains("tagroll") || LISTS.iter().any(|list| name.ends_with(list));
        !is_ours && !name.starts_with("System:") && name != "SourceFile"
    };
    let read = exiftool(&[], file).into_iter().filter(|(name, _)| is_foreign(name)).collect();
    (read, exiftool(&["-validate", "-warning"], file).remove("ExifTool:Validate"))
}

#[test]
fn exiftool_sees_a_difference_in_nothing_but_the_lists_and_our_own_record() {
    if !has("exiftool") {
        return;
    }
    let (_folder, pairs) = scene();
    for (before, after) in pairs {
        let ((old, old_warnings), (new, new_warnings)) = (foreign_by_exiftool(&before), foreign_by_exiftool(&after));
        assert!(old.len() > 3, "{old:?}");
        assert_eq!((new, new_warnings), (old, old_warnings), "{}", after.display());
    }
}

#[test]
fn exiftool_reads_the_keywords_from_all_three_lists() {
    if !has("exiftool") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("new.xmp");
    fs::write(&file, merged(None)).unwrap();
    let list = |name: &str| {
        let output = Command::new("exiftool").args(["-b", "-sep", ";", name]).arg(&file).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    assert_eq!(list("-XMP-dc:Subject").replace('\n', ";"), "dog;sand;Füchse & <Hasen>");
    assert_eq!(list("-XMP-lr:HierarchicalSubject").replace('\n', ";"), "animal|dog;sand;Füchse & <Hasen>");
    assert_eq!(list("-XMP-digiKam:TagsList").replace('\n', ";"), "animal/dog;sand;Füchse & <Hasen>");
}

#[test]
fn exiv2_and_xmllint_have_nothing_to_say_against_it() {
    let programs: Vec<&str> = ["exiv2", "xmllint"].into_iter().filter(|program| has(program)).collect();
    let (folder, pairs) = scene();
    let new = folder.path().join("new.xmp");
    fs::write(&new, merged(None)).unwrap();
    for file in pairs.iter().map(|(_, after)| after).chain([&new]) {
        for program in &programs {
            let arguments: &[&str] = if *program == "exiv2" { &["-PXkv", "pr"] } else { &["--noout"] };
            let output = Command::new(program).args(arguments).arg(file).output().unwrap();
            let said = [output.stdout, output.stderr].concat();
            let said = String::from_utf8_lossy(&said);
            assert!(output.status.success() && !said.contains("Error"), "{program}: {said}");
        }
    }
}

#[test]
fn taking_the_keywords_out_again_leaves_each_sidecar_as_its_program_wrote_it() {
    for (name, _) in SIDECARS {
        let before = sidecar(name);
        let remove = KEYWORDS.map(|keyword| keyword.parse().unwrap()).to_vec();
        let after = merge(Some(&merged(Some(&before))), &Edit { remove, ..Edit::default() }).unwrap().bytes;
        assert!(after == before, "{name}");
    }
}

/// The tags in darktable's library once it has read a photo with this sidecar.
fn tags_in_darktable(sidecar: &[u8]) -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/sample/coffee.jpg"), at("a.jpg")).unwrap();
    fs::write(at("a.jpg.xmp"), sidecar).unwrap();
    let mut darktable = Command::new("darktable-cli");
    darktable.arg(at("a.jpg")).arg(at("out.jpg")).args(["--width", "32", "--core", "--disable-opencl", "--configdir"]);
    let output = darktable.arg(at("config")).arg("--library").arg(at("library.db")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let library = rusqlite::Connection::open(at("library.db")).unwrap();
    library.execute("ATTACH ? AS data", [at("config/data.db").to_string_lossy()]).unwrap();
    let sql = "SELECT name FROM tagged_images JOIN data.tags ON tags.id = tagid WHERE name NOT LIKE 'darktable|%'";
    let mut statement = library.prepare(sql).unwrap();
    let names = statement.query_map([], |row| row.get(0)).unwrap();
    names.map(Result::unwrap).collect()
}

#[test]
fn darktable_holds_exactly_the_tags_of_the_person_and_ours() {
    if !has("darktable-cli") {
        return;
    }
    let ours = ["animal|dog", "sand", "Füchse & <Hasen>"];
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<String>>();
    for (name, tags) in SIDECARS {
        assert_eq!(tags_in_darktable(&sidecar(name)), set(tags), "{name} before");
        assert_eq!(tags_in_darktable(&merged(Some(&sidecar(name)))), set(&[tags, &ours].concat()), "{name}");
    }
    assert_eq!(tags_in_darktable(&merged(None)), set(&ours), "a new sidecar");
}
