//! Photos that people gave keywords to with other programs.

#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

use std::fs;
use std::path::{Path, PathBuf};

/// A packet as Lightroom and darktable write it: flat keywords, and the same as paths.
pub fn packet(keywords: &[&str], rating: i8, label: &str) -> String {
    let items = |separator: &str, is_flat: bool| -> String {
        let item = |keyword: &&str| match is_flat {
            true => keyword.rsplit('/').next().unwrap_or("").to_owned(),
            false => keyword.replace('/', separator),
        };
        keywords.iter().map(|keyword| format!("<rdf:li>{}</rdf:li>", item(keyword))).collect()
    };
    let (flat, paths) = (items("", true), items("|", false));
    format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n\
         <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n\
         <rdf:Description rdf:about=\"\" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:lr=\"http://ns.adobe.com/lightroom/1.0/\" \
         xmp:Rating=\"{rating}\" xmp:Label=\"{label}\">\n\
         <dc:subject><rdf:Bag>{flat}</rdf:Bag></dc:subject>\n\
         <lr:hierarchicalSubject><rdf:Bag>{paths}</rdf:Bag></lr:hierarchicalSubject>\n\
         </rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"w\"?>"
    )
}

pub fn sidecar_of(photo: &Path) -> PathBuf {
    let mut name = photo.as_os_str().to_owned();
    name.push(".xmp");
    PathBuf::from(name)
}

pub fn write_sidecar(photo: &Path, packet: &str) {
    fs::write(sidecar_of(photo), packet).unwrap();
}

/// Puts a packet into a JPEG, as its first segment.
pub fn embed(photo: &Path, packet: &str) {
    let jpeg = fs::read(photo).unwrap();
    let content = [b"http://ns.adobe.com/xap/1.0/\0".as_slice(), packet.as_bytes()].concat();
    let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    fs::write(photo, [&jpeg[..2], &[0xff, 0xe1], &length, &content, &jpeg[2..]].concat()).unwrap();
}
