//! What photos say of themselves: each format byte by byte, damaged in every way, and as exiftool writes it.

#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

#[path = "embedded/photos.rs"]
mod photos;
mod support;

use std::fs;
use std::io::{self, Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use photos::{EXTENDED, MAIN, WORDS};
use proptest::prelude::*;
use support::{sample_photos, shared_photos};
use tagroll::catalog::{Keyword, Tag};
use tagroll::disk::embedded_metadata;
use tagroll::xmp::Edit;
use tagroll::xmp::embedded::{Embedded, find_embedded, read_embedded, tag_jpeg};

fn found(photo: &[u8]) -> Embedded {
    find_embedded(&mut Cursor::new(photo)).unwrap()
}

#[test]
fn every_format_gives_its_packets_and_its_words() {
    for (format, photo) in photos::all() {
        let found = found(&photo);
        let packets: &[&str] = if format == "JPEG" { &[MAIN, EXTENDED] } else { &[MAIN] };
        let words: &[&str] = if format == "WebP" { &[] } else { &WORDS };
        assert_eq!(found.packets, packets.iter().map(|packet| packet.as_bytes()).collect::<Vec<_>>(), "{format}");
        assert_eq!(found.words, words, "{format}");
        assert!(found.troubles.is_empty(), "{format}: {:?}", found.troubles);
    }
}

#[test]
fn words_of_iptc_are_keywords_of_the_photo() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("photo.jpg");
    fs::write(&path, photos::jpeg()).unwrap();
    let reading = embedded_metadata(&path).unwrap();
    assert_eq!(reading.metadata.keywords, WORDS.map(|word| Keyword::flat(word).unwrap()));
}

/// One of the photos, with bytes changed, lengths made absurd, and its end cut off.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let bytes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6);
    let lengths = prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![Just(0xff), Just(0x7f)]), 0..3);
    (0..5_usize, bytes, lengths, any::<prop::sample::Index>(), any::<bool>()).prop_map(
        |(format, bytes, lengths, end, is_cut)| {
            let mut photo = photos::all()[format].1.clone();
            for (at, byte) in bytes {
                let at = at.index(photo.len());
                photo[at] = byte;
            }
            for (at, byte) in lengths {
                let at = at.index(photo.len() - 4);
                photo[at..at + 4].fill(byte);
            }
            photo.truncate(if is_cut { end.index(photo.len()) } else { photo.len() });
            photo
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_damaged_photo_is_read_as_far_as_it_goes_in_little_memory(photo in damaged()) {
        let used = allocation_counter::measure(|| {
            read_embedded(&mut Cursor::new(&photo)).unwrap();
        });
        prop_assert!(used.bytes_max < 1 << 20, "{} bytes for a photo of {}", used.bytes_max, photo.len());
    }

    #[test]
    fn a_damaged_jpeg_is_tagged_or_refused_and_never_loses_its_image(photo in damaged()) {
        if let Ok(tagged) = tag_jpeg(&photo, &dog()) {
            let scan = tagged.bytes.windows(2).rposition(|pair| pair == [0xff, 0xda]).unwrap();
            prop_assert!(photo.ends_with(&tagged.bytes[scan..]));
        }
    }
}

fn dog() -> Edit {
    let tag = Tag {
        keyword: "animal/dog".parse().unwrap(),
        model: "a model".to_owned(),
        score: Some(0.3),
        date: "2026-11-25T01:41:23Z".to_owned(),
    };
    Edit { add: vec![tag], ..Edit::default() }
}

/// The photo without the segments of its main packet.
fn without_packet(photo: &[u8]) -> Vec<u8> {
    let (mut rest, mut kept) = (&photo[2..], photo[..2].to_vec());
    while rest[1] != 0xda {
        let (segment, after) = rest.split_at(2 + usize::from(u16::from_be_bytes([rest[2], rest[3]])));
        if !segment[4..].starts_with(b"http://ns.adobe.com/xap/1.0/\0") {
            kept.extend(segment);
        }
        rest = after;
    }
    [&kept, rest].concat()
}

fn jpegs_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let jpegs = files.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "jpg"));
    jpegs.chain(folders.iter().flat_map(|folder| jpegs_below(folder))).collect()
}

fn check_all_but_the_packet_stays(folder: &Path, least: usize) {
    let photos = jpegs_below(folder);
    assert!(photos.len() >= least, "only {} photos were tried", photos.len());
    for path in photos {
        let photo = fs::read(&path).unwrap();
        let reading = embedded_metadata(&path).unwrap();
        assert_eq!(reading.trouble, None, "{}", path.display());
        let tagged = tag_jpeg(&photo, &dog()).unwrap();
        assert!(without_packet(&tagged.bytes) == without_packet(&photo), "{}", path.display());
    }
}

#[test]
fn all_but_the_packet_stays_in_the_sample_photos() {
    check_all_but_the_packet_stays(&sample_photos(), 20);
}

#[test]
fn all_but_the_packet_stays_in_real_photos() {
    let Some(photos) = shared_photos("tagging of real photos") else { return };
    check_all_but_the_packet_stays(&photos, 100);
}

/// Runs exiftool, or says aloud that it is not there.
fn exiftool(arguments: &[&str], folder: &Path) -> Option<Vec<u8>> {
    let Ok(output) = Command::new("exiftool").args(arguments).current_dir(folder).output() else {
        // Written past the test runner, which would keep `eprintln!` of a passing test to itself.
        io::stderr().write_all(b"SKIPPED: a comparison with exiftool, which is not there\n").unwrap();
        return None;
    };
    Some(output.stdout)
}

/// Keywords as exiftool prints them when told to put `|` between them.
fn words_of(printed: &[u8]) -> Vec<&str> {
    str::from_utf8(printed).unwrap().trim().split('|').filter(|word| !word.is_empty()).collect()
}

/// Copies of the fixtures that show how a format is written differently.
fn copies(names: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/photos");
    for name in names {
        fs::copy(fixtures.join(name.replace(".dng", ".tif")), folder.path().join(name)).unwrap();
    }
    folder
}

/// exiftool writes keywords with `options`, and we find what it finds.
fn check_as_exiftool(options: &[&str]) {
    let names = ["grey.jpg", "cmyk.jpg", "texture-progressive.jpg", "alpha.png", "plain.tif", "cmyk.dng", "plain.webp"];
    let folder = copies(&names);
    let keywords = ["-XMP-dc:Subject=dog", "-XMP-dc:Subject=Käse", "-IPTC:Keywords=dog", "-IPTC:Keywords=Käse"];
    if exiftool(&[options, &["-q", "-overwrite_original"], &keywords, &names].concat(), folder.path()).is_none() {
        return;
    }
    for name in names {
        let found = found(&fs::read(folder.path().join(name)).unwrap());
        let packet = exiftool(&["-b", "-XMP", name], folder.path()).unwrap();
        assert!(packet.windows(3).any(|window| window == b"dog"), "exiftool wrote nothing into {name}");
        assert_eq!(found.packets, [packet], "{name}");
        let words = exiftool(&["-s3", "-sep", "|", "-IPTC:Keywords", name], folder.path()).unwrap();
        assert_eq!(found.words, words_of(&words), "{name}");
        assert_eq!(found.words.len(), if name == "plain.webp" { 0 } else { 2 }, "{name}");
    }
}

#[test]
fn what_exiftool_writes_is_found_as_exiftool_finds_it() {
    check_as_exiftool(&[]);
}

#[test]
fn what_exiftool_writes_as_utf8_and_compressed_is_found_as_exiftool_finds_it() {
    check_as_exiftool(&["-z", "-IPTC:CodedCharacterSet=UTF8"]);
}

#[test]
fn a_packet_that_exiftool_had_to_split_is_found_whole() {
    let folder = copies(&["grey.jpg"]);
    let long = format!("-XMP-dc:Description={}", "a long story ".repeat(10_000));
    let arguments = ["-q", "-overwrite_original", "-XMP-dc:Subject=dog", &long, "grey.jpg"];
    if exiftool(&arguments, folder.path()).is_none() {
        return;
    }
    let found = found(&fs::read(folder.path().join("grey.jpg")).unwrap());
    assert_eq!((found.packets.len(), found.troubles), (2, vec![]));
    assert!(String::from_utf8_lossy(&found.packets[1]).contains(&"a long story ".repeat(10_000)));
}

#[test]
fn what_is_put_into_a_photo_is_what_exiftool_finds_there_beside_what_was() {
    let names = ["grey.jpg", "cmyk.jpg", "texture-progressive.jpg"];
    let folder = copies(&names);
    let before = ["-q", "-overwrite_original", "-XMP-dc:Subject=sea", "-XMP-xmp:Rating=4", "cmyk.jpg"];
    if exiftool(&before, folder.path()).is_none() {
        return;
    }
    for name in names {
        let path = folder.path().join(name);
        let tagged = tag_jpeg(&fs::read(&path).unwrap(), &dog()).unwrap();
        assert_eq!(tagged.added, dog().add.into_iter().map(|tag| tag.keyword).collect::<Vec<_>>());
        fs::write(&path, &tagged.bytes).unwrap();
        let words = exiftool(&["-s3", "-sep", "|", "-XMP-dc:Subject", name], folder.path()).unwrap();
        let expected: &[&str] = if name == "cmyk.jpg" { &["sea", "dog"] } else { &["dog"] };
        assert_eq!(words_of(&words), expected, "{name}");
        let paths = exiftool(&["-s3", "-sep", "/", "-XMP-lr:HierarchicalSubject", name], folder.path()).unwrap();
        assert!(String::from_utf8(paths).unwrap().contains("animal|dog"), "{name}");
    }
    assert_eq!(exiftool(&["-s3", "-XMP-xmp:Rating", "cmyk.jpg"], folder.path()).unwrap().trim_ascii(), b"4");
}

#[test]
fn what_is_put_into_a_photo_is_read_again_as_ours_and_leaves_no_trace_when_taken_out() {
    let photo = fs::read(sample_photos().join("cat.jpg")).unwrap();
    let tagged = tag_jpeg(&photo, &dog()).unwrap();
    let reading = read_embedded(&mut Cursor::new(&tagged.bytes)).unwrap();
    assert_eq!(reading.metadata.ours, ["animal/dog".parse::<Keyword>().unwrap()]);
    assert_eq!(tag_jpeg(&tagged.bytes, &dog()).unwrap().bytes, tagged.bytes);
    let taken_out = Edit { remove: reading.metadata.ours.clone(), ..Edit::default() };
    let without = tag_jpeg(&tagged.bytes, &taken_out).unwrap();
    assert_eq!(without.removed, reading.metadata.ours);
    assert!(without.bytes == photo, "something stayed behind");
}
