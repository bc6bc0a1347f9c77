//! What a packet says of its photo.

use super::XmpError;
use super::encoding::decode;
use super::names::{List, XMP};
use super::packet::Packet;
use super::record::records;
use crate::catalog::{Keyword, Metadata};

/// Keywords, rating and label. A list that is no list is passed over here; only who writes must understand all.
pub fn read(packet: &[u8]) -> Result<Metadata, XmpError> {
    let (text, _) = decode(packet)?;
    let packet = Packet::parse(&text)?;
    let all = keywords(&packet);
    let records = records(&packet).into_iter().map(|(record, _)| record.keyword);
    let ours: Vec<Keyword> = records.filter(|own| all.iter().any(|keyword| keyword.is_same(own))).collect();
    let keywords = all.into_iter().filter(|keyword| !ours.iter().any(|own| own.is_same(keyword))).collect();
    let rating = packet.simple(&[XMP], "Rating").and_then(|text| text.trim().parse::<f32>().ok());
    Ok(Metadata {
        keywords,
        ours,
        rating: rating.filter(|stars| (-1.0..=5.0).contains(stars)).map(|stars| stars.round() as i8),
        label: packet.simple(&[XMP], "Label").map(|label| label.trim().to_owned()).filter(|label| !label.is_empty()),
    })
}

/// Paths first; a single word that is a part of a path says nothing new.
fn keywords(packet: &Packet) -> Vec<Keyword> {
    let mut keywords: Vec<Keyword> = Vec::new();
    let of = |list: List| {
        let found = packet.list(list).ok().flatten();
        let items = found.map(|found| found.items).unwrap_or_default();
        items.into_iter().filter_map(move |item| list.read(&item.value)).collect::<Vec<_>>()
    };
    for keyword in [List::Hierarchical, List::Tags, List::Microsoft].into_iter().flat_map(of) {
        if !keywords.iter().any(|known| known.is_same(&keyword)) {
            keywords.push(keyword);
        }
    }
    let is_part = |word: &Keyword| keywords.iter().any(|path| path.folded().contains(&word.leaf().to_lowercase()));
    let alone: Vec<Keyword> = of(List::Subject).into_iter().filter(|word| !is_part(word)).collect();
    for word in alone {
        if !keywords.iter().any(|known| known.is_same(&word)) {
            keywords.push(word);
        }
    }
    keywords
}
