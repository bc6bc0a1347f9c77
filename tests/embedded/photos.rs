//! Small photos with metadata in every place where it may stand, built byte by byte. Each says the same two things: the
//! packets [`MAIN`] and, in the JPEG, [`EXTENDED`]; and the words of [`WORDS`].

use miniz_oxide::deflate::compress_to_vec_zlib;

pub const GUID: &str = "0123456789ABCDEF0123456789ABCDEF";
pub const MAIN: &str =
    "<x:xmpmeta xmlns:x='adobe:ns:meta/' xmpNote:HasExtendedXMP='0123456789ABCDEF0123456789ABCDEF'/>";
pub const EXTENDED: &str = "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>";
pub const WORDS: [&str; 2] = ["dog", "Käse"];

/// All of them, each with the name of its format.
pub fn all() -> [(&'static str, Vec<u8>); 5] {
    [("JPEG", jpeg()), ("TIFF", tiff()), ("BigTIFF", big_tiff()), ("PNG", png()), ("WebP", webp())]
}

/// Main packet, extended packet in two parts that stand in the wrong order, and IPTC over two segments.
pub fn jpeg() -> Vec<u8> {
    let (first, second) = EXTENDED.split_at(20);
    let resources = resources();
    let (before, after) = resources.split_at(9);
    let segments = [
        segment(0xe0, b"JFIF\0", b"\x01\x02\0\0\x01\0\x01\0\0"),
        segment(0xe1, b"Exif\0\0", b"II*\0\x08\0\0\0\0\0\0\0\0\0"),
        segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0", MAIN.as_bytes()),
        extended_part(20, second),
        extended_part(0, first),
        segment(0xed, b"Photoshop 3.0\0", before),
        segment(0xed, b"Photoshop 3.0\0", after),
    ];
    [b"\xff\xd8", &segments.concat()[..], b"\xff\xda\0\x02pixels\xff\xd9"].concat()
}

pub fn segment(marker: u8, name: &[u8], rest: &[u8]) -> Vec<u8> {
    let length = u16::try_from(2 + name.len() + rest.len()).unwrap();
    [&[0xff, marker], &length.to_be_bytes()[..], name, rest].concat()
}

fn extended_part(offset: u32, part: &str) -> Vec<u8> {
    let total = u32::try_from(EXTENDED.len()).unwrap().to_be_bytes();
    let rest = [GUID.as_bytes(), &total, &offset.to_be_bytes(), part.as_bytes()].concat();
    segment(0xe1, b"http://ns.adobe.com/xmp/extension/\0", &rest)
}

/// Little-endian; the packet in the first directory, IPTC as numbers in one inside it, Photoshop's resources in the next.
pub fn tiff() -> Vec<u8> {
    let number = |number: usize| u32::try_from(number).unwrap().to_le_bytes();
    let entry = |tag: u16, kind: u16, count: usize, value: usize| {
        [&tag.to_le_bytes(), &kind.to_le_bytes(), &number(count)[..], &number(value)].concat()
    };
    let directory = |entries: &[Vec<u8>], next: usize| {
        let count = u16::try_from(entries.len()).unwrap().to_le_bytes();
        [&count[..], &entries.concat(), &number(next)].concat()
    };
    let (iptc, resources) = ([iptc(), vec![0; 3]].concat(), resources());
    let (inside, next, packet) = (100, 200, 300);
    let (iptc_at, resources_at) = (packet + MAIN.len(), packet + MAIN.len() + iptc.len());
    let mut file = [&b"II*\0"[..], &number(8)].concat();
    file.extend(directory(&[entry(330, 4, 1, inside), entry(700, 1, MAIN.len(), packet)], next));
    file.resize(inside, 0);
    file.extend(directory(&[entry(33723, 4, iptc.len() / 4, iptc_at)], 0));
    file.resize(next, 0);
    file.extend(directory(&[entry(34377, 7, resources.len(), resources_at)], 0));
    file.resize(packet, 0);
    [&file, MAIN.as_bytes(), &iptc, &resources].concat()
}

/// Big-endian, with everything in one directory.
pub fn big_tiff() -> Vec<u8> {
    let number = |number: usize| (number as u64).to_be_bytes();
    let entry = |tag: u16, count: usize, value: usize| {
        [&tag.to_be_bytes(), &7_u16.to_be_bytes(), &number(count)[..], &number(value)].concat()
    };
    let (iptc, packet) = (iptc(), 16 + 8 + 2 * 20 + 8);
    let entries = [entry(700, MAIN.len(), packet), entry(33723, iptc.len(), packet + MAIN.len())].concat();
    let header = [&b"MM\0\x2b\0\x08\0\0"[..], &number(16)].concat();
    [&header, &number(2)[..], &entries, &number(0), MAIN.as_bytes(), &iptc].concat()
}

/// The packet as it is, IPTC compressed.
pub fn png() -> Vec<u8> {
    let chunk = |kind: &[u8; 4], bytes: &[u8]| {
        [&u32::try_from(bytes.len()).unwrap().to_be_bytes()[..], kind, bytes, b"sum!"].concat()
    };
    let digits: String = resources().iter().map(|byte| format!("{byte:02x}")).collect();
    let profile = format!("\niptc\n{:8}\n{digits}\n", resources().len());
    let packet = [b"XML:com.adobe.xmp\0\0\0\0\0", MAIN.as_bytes()].concat();
    let records = [b"Raw profile type iptc\0\0", &compress_to_vec_zlib(profile.as_bytes(), 6)[..]].concat();
    let chunks = [chunk(b"IDAT", b"pixels"), chunk(b"iTXt", &packet), chunk(b"zTXt", &records), chunk(b"IEND", b"")];
    [b"\x89PNG\r\n\x1a\n", &chunks.concat()[..]].concat()
}

/// The packet alone: WebP has no place for IPTC.
pub fn webp() -> Vec<u8> {
    let chunk = |kind: &[u8; 4], bytes: &[u8]| {
        let length = u32::try_from(bytes.len()).unwrap().to_le_bytes();
        [&kind[..], &length, bytes, &[0][..bytes.len() % 2]].concat()
    };
    let chunks = [chunk(b"VP8 ", b"pixels!"), chunk(b"XMP ", MAIN.as_bytes())].concat();
    [b"RIFF", &u32::try_from(chunks.len() + 4).unwrap().to_le_bytes()[..], b"WEBP", &chunks].concat()
}

fn iptc() -> Vec<u8> {
    let words = WORDS.map(|word| [b"\x1c\x02\x19\0", &[word.len() as u8][..], word.as_bytes()].concat());
    [&b"\x1c\x01\x5a\0\x03\x1b%G"[..], &words.concat()].concat()
}

fn resources() -> Vec<u8> {
    let iptc = iptc();
    let size = u32::try_from(iptc.len()).unwrap().to_be_bytes();
    [b"8BIM\x04\x04\0\0", &size[..], &iptc, &[0][..iptc.len() % 2]].concat()
}
