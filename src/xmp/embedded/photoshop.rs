//! Photoshop's image resources, one of which holds IPTC records.
//!
//! Source: Adobe Photoshop File Formats Specification, "Image resource blocks".

/// The resource of IPTC records.
const IPTC: u16 = 0x0404;
/// Real photos have one.
const MOST_BLOCKS: usize = 16;
/// Blocks of Photoshop, and of its relatives ImageReady and PhotoDeluxe.
const SIGNATURES: [&[u8]; 5] = [b"8BIM", b"MeSa", b"AgHg", b"PHUT", b"DCSR"];

/// The blocks of IPTC records among these resources, as far as they can be followed.
pub(super) fn iptc_blocks(resources: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = resources;
    let blocks = std::iter::from_fn(move || {
        let (id, block, after) = first_resource(rest)?;
        rest = after;
        Some((id, block))
    });
    blocks.filter(|(id, _)| *id == IPTC).map(|(_, block)| block).take(MOST_BLOCKS)
}

/// A resource, and what follows it.
fn first_resource(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let (signature, rest) = bytes.split_first_chunk::<4>()?;
    if !SIGNATURES.contains(&signature.as_slice()) {
        return None;
    }
    let (id, rest) = rest.split_first_chunk()?;
    // The name has one byte for its length, and all together is even.
    let name_bytes = (usize::from(*rest.first()?) + 2) & !1;
    let (size, rest) = rest.get(name_bytes..)?.split_first_chunk()?;
    let size = usize::try_from(u32::from_be_bytes(*size)).ok()?;
    let block = rest.get(..size)?;
    // The last one may lack the byte that makes it even.
    let after = rest.get(size + (size & 1)..).unwrap_or_default();
    Some((u16::from_be_bytes(*id), block, after))
}

#[cfg(test)]
pub(super) use tests::resource;

#[cfg(test)]
mod tests {
    use super::*;

    pub fn resource(id: u16, block: &[u8]) -> Vec<u8> {
        let size = u32::try_from(block.len()).unwrap().to_be_bytes();
        let padding = &[0][..block.len() % 2];
        [b"8BIM", &id.to_be_bytes()[..], b"\0\0", &size, block, padding].concat()
    }

    fn blocks(resources: &[u8]) -> Vec<&[u8]> {
        iptc_blocks(resources).collect()
    }

    #[test]
    fn blocks_are_found_among_others_whatever_their_names_and_lengths() {
        let named = b"MeSa\x03\xed\x02ab\0\0\0\0\x01x\0";
        let resources =
            [&resource(0x03ed, b"odd")[..], named, &resource(IPTC, b"one"), &resource(IPTC, b"two!")].concat();
        assert_eq!(blocks(&resources), [&b"one"[..], b"two!"]);
    }

    #[test]
    fn a_block_that_is_cut_short_is_left_out() {
        let resources = [resource(IPTC, b"one"), resource(IPTC, b"two")].concat();
        assert_eq!(blocks(&resources[..resources.len() - 1]), [&b"one"[..], b"two"]);
        assert_eq!(blocks(&resources[..resources.len() - 2]), [&b"one"[..]]);
        assert_eq!(blocks(b"8BIM\x04\x04\0\0\xff\xff\xff\xffshort"), Vec::<&[u8]>::new());
        assert_eq!(blocks(b"other"), Vec::<&[u8]>::new());
    }
}
