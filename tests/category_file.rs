//! Malformed category files: whatever somebody's editor, disk or mail program did to one, the answer is a message with the
//! line, and nothing is lost.

#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

mod support;

use std::fs;
use std::path::Path;

use support::{copy_samples, engine, wait_until};
use tagroll::catalog::{CategoryFileError, Verdict, parse_category_set, read_category_set, write_category_set};
use tagroll::engine::{Command, Engine, SetSource};

/// The example of the page that describes the format, which has every field.
fn example() -> String {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/sets/README.md")).unwrap();
    let (_, example) = page.split_once("```toml\n").unwrap();
    example.split_once("```").unwrap().0.to_owned()
}

/// At least 200 ways to spoil a file, the same in every run.
fn mutations() -> Vec<(String, Vec<u8>)> {
    let good = example();
    let mut mutations = line_by_line(&good);
    mutations.extend(byte_by_byte(good.as_bytes()));
    let whole = [
        ("a mark at the beginning", format!("\u{feff}{good}")),
        ("two marks", format!("\u{feff}\u{feff}{good}")),
        ("line ends of Windows", good.replace('\n', "\r\n")),
        ("line ends of old Macs", good.replace('\n', "\r")),
        ("no line ends", good.replace('\n', " ")),
        ("twice", format!("{good}\n{good}")),
        ("a newer version", good.replace("version = 1", "version = 2\nnews = true")),
        ("deep brackets", format!("{good}\nname = {}", "[".repeat(20_000))),
        ("deep tables", format!("x = {}", "{a=".repeat(20_000))),
        ("too large", good.clone() + &"# nothing\n".repeat(200_000)),
        ("a very long name", good.replace("animal/dog", &"dog".repeat(5_000))),
        ("nothing", String::new()),
        ("only line ends", "\n\n\n".to_owned()),
        ("another format", "{ \"category\": [ { \"name\": \"dog\" } ] }".to_owned()),
    ];
    mutations.extend(whole.map(|(what, text)| (what.to_owned(), text.into_bytes())));
    mutations
}

/// Each line left out, doubled, cut short, and with a value of another kind.
fn line_by_line(good: &str) -> Vec<(String, Vec<u8>)> {
    const VALUES: [&str; 9] =
        ["true", "3", "\"\"", "[]", "[[1]]", "{ a = 1 }", "1979-05-27", "1e999", "99999999999999999999999999"];
    let lines: Vec<&str> = good.lines().collect();
    let with = |place: usize, instead: &[&str]| {
        let mut all = lines.clone();
        all.splice(place..=place, instead.iter().copied());
        all.join("\n").into_bytes()
    };
    let mut mutations = Vec::new();
    for (place, line) in lines.iter().enumerate() {
        mutations.push((format!("line {} left out", place + 1), with(place, &[])));
        mutations.push((format!("line {} doubled", place + 1), with(place, &[line, line])));
        let half = &line[..line.len() / 2];
        mutations.push((format!("line {} cut short", place + 1), with(place, &[half])));
        if let Some((field, _)) = line.split_once(" = ") {
            let mistyped = format!("{field}x = 1");
            mutations.push((format!("line {} mistyped", place + 1), with(place, &[&mistyped])));
            for value in VALUES {
                let other = format!("{field} = {value}");
                mutations.push((format!("line {} with {value}", place + 1), with(place, &[&other])));
            }
        }
    }
    mutations
}

/// Bytes turned over, put in and cut off.
fn byte_by_byte(good: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut mutations = Vec::new();
    for place in (0..good.len()).step_by(7) {
        let mut turned = good.to_vec();
        turned[place] ^= 1 << (place % 8);
        mutations.push((format!("byte {place} turned over"), turned));
        mutations.push((format!("cut off at byte {place}"), good[..place].to_vec()));
        for (what, byte) in [("NUL", 0), ("half a letter", 0xc3), ("a byte of no letter", 0xff)] {
            let mut longer = good.to_vec();
            longer.insert(place, byte);
            mutations.push((format!("{what} at byte {place}"), longer));
        }
    }
    mutations
}

fn check_message(what: &str, bytes: &[u8], error: &CategoryFileError) {
    let lines = String::from_utf8_lossy(bytes).lines().count().max(1);
    assert!((1..=lines).contains(&error.line), "{what}: line {} of {lines}: {error}", error.line);
    assert!(error.problem.len() > 4 && !error.problem.contains('\n'), "{what}: {error}");
}

#[test]
fn the_example_of_the_description_has_every_field_and_is_read() {
    let example = example();
    let set = parse_category_set(&example).unwrap();
    assert_eq!(set.categories.len(), 3);
    for field in ["version", "name", "description", "labels", "prompts", "synonyms", "templates", "negatives"] {
        assert!(example.contains(&format!("{field} = ")), "{field}");
    }
    for field in ["exclusions", "cutoff", "group", "weight"] {
        assert!(example.contains(&format!("{field} = ")), "{field}");
    }
    assert_eq!(parse_category_set(&write_category_set(&set)), Ok(set));
}

#[test]
fn every_malformed_file_is_read_rightly_or_refused_with_its_line() {
    let mutations = mutations();
    let mut refused = 0;
    for (what, bytes) in &mutations {
        match read_category_set(bytes) {
            Ok(set) => assert_eq!(parse_category_set(&write_category_set(&set)), Ok(set), "{what}"),
            Err(error) => {
                check_message(what, bytes, &error);
                refused += 1;
            }
        }
    }
    println!("{} mutations, {refused} refused", mutations.len());
    assert!(refused >= 200, "only {refused} of {} were refused", mutations.len());
}

#[test]
fn a_malformed_file_leaves_everything_as_it_was() {
    let (data, photos) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    copy_samples(photos.path(), 1);
    let mut engine = engine(data.path());
    engine.apply(Command::Open(vec![photos.path().to_path_buf()]));
    wait_until(&mut engine, |session| session.counts().found == 1 && !session.sets().is_busy());
    engine.apply(Command::AddCategory("dog".to_owned()));
    let (dog, photo) = (engine.session().categories()[0].id, engine.session().library().folder_order()[0]);
    engine.apply(Command::Judge { category: dog, photos: vec![photo], verdict: Some(Verdict::Yes) });
    let before = engine.session().categories().to_vec();

    let file = photos.path().join("set.toml");
    let malformed = mutations().into_iter().filter(|(_, bytes)| read_category_set(bytes).is_err());
    let malformed: Vec<_> = malformed.step_by(3).collect();
    assert!(malformed.len() >= 200, "only {}", malformed.len());
    for (what, bytes) in malformed {
        fs::write(&file, bytes).unwrap();
        load(&mut engine, &file);
        let session = engine.session();
        let notice = session.notices().last().map_or("", String::as_str);
        assert!(notice.contains("set.toml") && notice.contains("line "), "{what}: {notice}");
        assert_eq!(session.categories(), before, "{what}");
        assert_eq!(session.verdict(dog, photo), Some(Verdict::Yes), "{what}");
        while !engine.session().notices().is_empty() {
            engine.apply(Command::DismissNotice(0));
        }
    }
    engine.apply(Command::Undo);
    assert_eq!(engine.session().verdict(dog, photo), None, "the last step is still the verdict");
}

fn load(engine: &mut Engine, file: &Path) {
    engine.apply(Command::LoadSet { source: SetSource::File(file.to_path_buf()), replaces: true });
    wait_until(engine, |session| !session.sets().is_busy());
}
