//! Editing packets: every byte that is not ours stays, twice is the same as once, and what is added can be taken out again.

#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

#[path = "xmp/packets.rs"]
mod packets;

use packets::{RDF, keyword, written};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use roxmltree::{Document, Node};
use tagroll::catalog::{Keyword, Tag};
use tagroll::xmp::{Edit, merge, read};

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

fn sorted(keywords: Vec<Keyword>) -> Vec<Vec<String>> {
    let mut folded: Vec<Vec<String>> = keywords.iter().map(Keyword::folded).collect();
    folded.sort();
    folded
}

fn check(before: &[u8], first: &[String], second: &[String]) -> Result<(), TestCaseError> {
    let one = merge(Some(before), &adding(first)).unwrap();
    prop_assert_eq!(&merge(Some(&one.bytes), &adding(first)).unwrap().bytes, &one.bytes, "twice is not once");
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
    prop_assert_eq!(sorted(all_keywords(&back)), sorted(has), "a second edit leaves keywords");
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
