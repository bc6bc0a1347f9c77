//! Any bytes as a packet: no panic, no growth without bound, and what is merged can be merged again and taken out.

#![no_main]
#![allow(dead_code, unused_imports)]

use libfuzzer_sys::fuzz_target;

mod catalog;
#[path = "../../../src/xmp/mod.rs"]
mod xmp;

fuzz_target!(|packet: &[u8]| xmp_check(packet));

fn tag(keyword: &str) -> catalog::Tag {
    let keyword = keyword.parse().expect("it has letters");
    catalog::Tag { keyword, model: "m".to_owned(), score: None, date: "2026-11-25T00:00:00Z".to_owned() }
}

fn xmp_check(packet: &[u8]) {
    let _ = xmp::read(packet);
    let edit = xmp::Edit { add: vec![tag("animal/dog"), tag("sand")], ..xmp::Edit::default() };
    let Ok(once) = xmp::merge(Some(packet), &edit) else { return };
    assert!(once.bytes.len() <= packet.len() * 2 + 100_000, "it grows");
    if !once.splices.is_empty() {
        let again = catalog::spliced(packet, &once.splices).expect("the splices are in order");
        assert_eq!(again, once.bytes, "the splices make something else");
    }
    let twice = xmp::merge(Some(&once.bytes), &edit).expect("what was written is read");
    assert_eq!(twice.bytes, once.bytes, "twice is not once");
    let remove = once.added.clone();
    let back = xmp::merge(Some(&once.bytes), &xmp::Edit { remove, ..xmp::Edit::default() });
    let back = back.expect("what was written can be taken out");
    // A packet that holds a record already may be one that no program writes.
    let is_recorded = packet.windows(7).any(|letters| letters == b"tagroll" || letters == b"t\0a\0g\0r");
    assert!(is_recorded || back.bytes == packet, "adding and removing leaves traces");
}
