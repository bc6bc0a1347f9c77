//! Editing packets: every byte that is not ours stays, twice is the same as once, and what is added can be taken out again.

#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

#[path = "xmp/packets.rs"]
mod packets;

use packets::{RDF, keyword, written};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use roxmltree::{Document, Node};
use tagroll::catalog::{Keyword, Tag, spliced};
use tagroll::xmp::{Edit, merge, merge_again, read};

/// As many as `TAGROLL_CASES` says: 1,000 in every run, 100,000 once for each release.
fn cases() -> u32 {
    std::env::var("TAGROLL_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1000)
}

fn tag(keyword: &str) -> Tag {
    Tag {
        keyword: keyword.parse().unwrap(),
        model: "starter & co".to_owned(),
        score: Some(0.25),
        date: "2026-11-25T00:00:00Z".to_owned(),
    }
}

fn adding(keywords: &[String]) -> Edit {
    Edit { add: keywords.iter().map(|keyword| tag(keyword)).collect(), ..Edit::default() }
}

fn removing(keywords: &[String]) -> Edit {
    Edit { remove: keywords.iter().map(|keyword| keyword.parse().unwrap()).collect(), ..Edit::default() }
}

fn text_of(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let units = |unit: fn([u8; 2]) -> u16| bytes[2..].chunks(2).map(|c| unit([c[0], c[1]])).collect::<Vec<u16>>();
    let text = match bytes {
        [0xff, 0xfe, ..] => String::from_utf16(&units(u16::from_le_bytes)).unwrap(),
        [0xfe, 0xff, ..] => String::from_utf16(&units(u16::from_be_bytes)).unwrap(),
        _ => String::from_utf8(bytes.to_vec()).unwrap(),
    };
    text.trim_end_matches('\0').to_owned()
}

const NAMES: [&str; 4] = ["subject", "hierarchicalSubject", "TagsList", "LastKeywordXMP"];

fn is_list(node: Node) -> bool {
    let namespace = node.tag_name().namespace().unwrap_or("");
    NAMES.contains(&node.tag_name().name()) && !namespace.starts_with("urn:not")
}

/// Everything in a packet that is none of our business, as it is written: what stands around `rdf:RDF`, each attribute,
/// each property that is no list of keywords, each item of those that are, each comment.
fn foreign(text: &str) -> Vec<String> {
    let document = Document::parse(text).unwrap();
    let rdf = document.descendants().find(|node| node.tag_name().namespace() == Some(RDF)).unwrap();
    let mut pieces = vec![text[..rdf.range().start].to_owned(), text[rdf.range().end..].to_owned()];
    for node in rdf.descendants().filter(|node| node.parent() == Some(rdf)) {
        pieces.extend(node.attributes().map(|attribute| text[attribute.range()].to_owned()));
        for property in node.children().filter(|child| child.is_element() || child.is_comment()) {
            if is_list(property) {
                let inner =
                    property.descendants().filter(|inner| inner.has_tag_name((RDF, "li")) || inner.is_comment());
                pieces.extend(inner.map(|inner| text[inner.range()].to_owned()));
            } else {
                pieces.push(text[property.range()].to_owned());
            }
        }
    }
    pieces
}

/// Whether all of `before` stands in `after` in its order. A start tag that was opened has lost its slash.
fn is_within(before: &str, after: &str) -> bool {
    let mut rest = after.chars();
    before.chars().filter(|c| *c != '/').all(|wanted| rest.any(|c| c == wanted))
}

fn all_keywords(bytes: &[u8]) -> Vec<Keyword> {
    let metadata = read(bytes).unwrap();
    metadata.keywords.into_iter().chain(metadata.ours).collect()
}

fn sorted(keywords: &[Keyword]) -> Vec<Vec<String>> {
    let mut folded: Vec<Vec<String>> = keywords.iter().map(Keyword::folded).collect();
    folded.sort();
    folded
}

fn check(before: &[u8], first: &[String], second: &[String]) -> Result<(), TestCaseError> {
    let one = merge(Some(before), &adding(first)).unwrap();
    prop_assert_eq!(&merge(Some(&one.bytes), &adding(first)).unwrap().bytes, &one.bytes, "twice is not once");
    prop_assert_eq!(&merge_again(Some(before), &adding(first)).unwrap(), &one.bytes, "once more is something else");
    if !one.splices.is_empty() {
        prop_assert_eq!(&spliced(before, &one.splices).unwrap(), &one.bytes, "the splices make something else");
    }
    let (old, new) = (text_of(before), text_of(&one.bytes));
    prop_assert!(is_within(&old, &new), "something is gone:\n{}", new);
    let left: Vec<String> = foreign(&new);
    let lost: Vec<String> = foreign(&old).into_iter().filter(|piece| !left.contains(piece)).collect();
    prop_assert!(lost.is_empty(), "changed: {:?}\n{}", lost, new);

    let (had, has) = (all_keywords(before), all_keywords(&one.bytes));
    for wanted in had.iter().cloned().chain(first.iter().map(|keyword| keyword.parse().unwrap())) {
        // A word that is part of a path is not told twice.
        let is_part = |path: &Keyword| wanted.parts().len() == 1 && path.folded().contains(&wanted.folded()[0]);
        prop_assert!(has.iter().any(|k| k.is_same(&wanted) || is_part(k)), "{} is not in\n{}", wanted, new);
    }
    let two = merge(Some(&one.bytes), &adding(second)).unwrap();
    let added: Vec<String> = two.added.iter().map(Keyword::to_string).collect();
    let back = merge(Some(&two.bytes), &removing(&added)).unwrap().bytes;
    prop_assert_eq!(sorted(&all_keywords(&back)), sorted(&has), "a second edit leaves keywords");
    let everything: Vec<String> = [first, second].concat();
    let none = merge(Some(&two.bytes), &removing(&everything)).unwrap().bytes;
    prop_assert_eq!(text_of(&none), old, "adding and removing leaves traces");
    prop_assert_eq!(&none, &before);
    Ok(())
}

#[test]
fn what_is_not_ours_stays_and_what_is_ours_can_be_taken_out_without_a_trace() {
    let config = Config { cases: cases(), failure_persistence: None, ..Config::default() };
    let keywords = || prop::collection::vec(keyword(), 0..4);
    let run = TestRunner::new(config)
        .run(&(written(), keywords(), keywords()), |(packet, first, second)| check(&packet.bytes(), &first, &second));
    run.unwrap_or_else(|error| panic!("{error}"));
}

/// What fuzzing found worth keeping (`tests/fuzz/Cargo.toml`), and sidecars of other programs.
#[test]
fn every_packet_of_the_corpus_is_refused_or_edited_without_a_trace() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut edited = 0;
    for folder in ["fuzz/corpus/merge", "fixtures/sidecars"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let packet = std::fs::read(&path).unwrap();
            let _ = read(&packet);
            let Ok(once) = merge(Some(&packet), &adding(&["animal/dog".to_owned()])) else { continue };
            let added: Vec<String> = once.added.iter().map(Keyword::to_string).collect();
            let back = merge(Some(&once.bytes), &removing(&added)).unwrap().bytes;
            let is_recorded = String::from_utf8_lossy(&packet).contains("tagroll");
            assert!(is_recorded || back == packet, "{}", path.display());
            edited += 1;
        }
    }
    assert!(edited >= 4, "only {edited} packets could be edited");
}

/// A packet with these lists, as Tagroll left it.
fn tagged(keywords: &[&str]) -> String {
    let keywords: Vec<String> = keywords.iter().map(|keyword| (*keyword).to_owned()).collect();
    String::from_utf8(merge(None, &adding(&keywords)).unwrap().bytes).unwrap()
}

/// The packet without the lines that hold any of these.
fn without(packet: &str, lines: &[&str]) -> String {
    packet.split_inclusive('\n').filter(|line| !lines.iter().any(|gone| line.contains(gone))).collect()
}

#[test]
fn a_keyword_that_was_removed_elsewhere_does_not_return_until_somebody_asks_for_it() {
    let packet = tagged(&["animal/dog", "sand"]);
    // As darktable does it: its two lists change, digiKam's stays behind.
    let removed = without(&packet, &["<rdf:li>dog<", "<rdf:li>animal|dog<"]);
    let edit = adding(&["animal/dog".to_owned(), "sand".to_owned()]);
    let merged = merge(Some(removed.as_bytes()), &edit).unwrap();
    assert_eq!((merged.added.len(), merged.declined[0].to_string()), (0, "animal/dog".to_owned()));
    assert!(!String::from_utf8(merged.bytes.clone()).unwrap().contains("<rdf:li>animal/dog<"));
    assert_eq!(merge(Some(&merged.bytes), &edit).unwrap().bytes, merged.bytes);

    let again = merge(Some(&merged.bytes), &Edit { again: true, ..edit }).unwrap();
    assert_eq!((again.added[0].to_string(), again.declined.len()), ("animal/dog".to_owned(), 0));
    assert_eq!(read(&again.bytes).unwrap().ours.len(), 2);
}

#[test]
fn what_the_person_had_already_stays_when_ours_goes() {
    let before = tagged(&["dog"]).replace("tagroll", "somebody");
    let merged = merge(Some(before.as_bytes()), &adding(&["Dog".to_owned(), "cat".to_owned()])).unwrap();
    assert_eq!(merged.added.iter().map(Keyword::to_string).collect::<Vec<_>>(), ["cat"]);
    let edit = Edit { remove_all: true, ..Edit::default() };
    assert_eq!(String::from_utf8(merge(Some(&merged.bytes), &edit).unwrap().bytes).unwrap(), before);
}

#[test]
fn a_word_that_two_keywords_share_goes_with_the_last_of_them() {
    let packet = tagged(&["animal/bat", "sport/bat"]);
    let one = merge(Some(packet.as_bytes()), &removing(&["animal/bat".to_owned()])).unwrap().bytes;
    assert!(String::from_utf8(one.clone()).unwrap().contains("<rdf:li>bat<"));
    assert_eq!(merge(Some(&one), &removing(&["sport/bat".to_owned()])).unwrap().bytes, b"");
}

#[test]
fn every_part_of_a_path_is_a_word_of_its_own_if_somebody_wants_that() {
    let edit = Edit { with_ancestors: true, ..adding(&["animal/dog".to_owned()]) };
    let packet = merge(None, &edit).unwrap().bytes;
    let text = String::from_utf8(packet.clone()).unwrap();
    assert!(text.contains("<rdf:li>animal<") && text.contains("<rdf:li>dog<"));
    assert_eq!(merge(Some(&packet), &removing(&["animal/dog".to_owned()])).unwrap().bytes, b"");
}

#[test]
fn bombs_entities_and_what_is_no_packet_are_refused_in_words() {
    let rdf = format!("<rdf:RDF xmlns:rdf='{RDF}'>&a;</rdf:RDF>");
    let bomb = format!("<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]>{rdf}");
    let external = format!("<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>{rdf}");
    let text = format!(
        "<rdf:RDF xmlns:rdf='{RDF}'><rdf:Description xmlns:dc='http://purl.org/dc/elements/1.1/' dc:subject='x'/></rdf:RDF>"
    );
    let deep = format!("<rdf:RDF xmlns:rdf='{RDF}'>{}", "<a>".repeat(200_000));
    let cases = [
        (bomb, "document type"),
        (external, "document type"),
        ("<a/>".to_owned(), "no rdf:RDF"),
        (String::new(), "not valid XML"),
        ("<a>".to_owned(), "not valid XML"),
        (deep, "not valid XML"),
        (text, "dc:subject is a single text"),
    ];
    for (packet, reason) in cases {
        let error = merge(Some(packet.as_bytes()), &adding(&["dog".to_owned()])).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
}
