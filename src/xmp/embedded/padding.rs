//! The white space that ends an XMP packet, left there so that a packet can grow without moving what follows it.
//!
//! Source: XMP specification, part 1, section 7.3.2.

use std::ops::Range;

const TRAILER: &[u8] = b"<?xpacket end=";

/// The packet with as much white space more or less as brings it to `length`, or as near as its padding allows. A packet
/// that never had padding is filled up only where it `must_keep` its length.
pub(super) fn fitted(mut packet: Vec<u8>, length: usize, must_keep: bool) -> Vec<u8> {
    let Some(padding) = padding(&packet) else { return packet };
    // What is put in or taken out stands before the line break that precedes the trailer.
    let end = padding.end - usize::from(!padding.is_empty());
    if packet.len() > length {
        let surplus = (packet.len() - length).min(end - padding.start);
        packet.drain(end - surplus..end);
    } else if padding.len() > 1 || must_keep {
        let missing = length - packet.len();
        packet.splice(end..end, std::iter::repeat_n(b' ', missing));
    }
    packet
}

/// `None` where the packet has no trailer that Tagroll can see, as in UTF-16.
fn padding(packet: &[u8]) -> Option<Range<usize>> {
    let end = packet.windows(TRAILER.len()).rposition(|window| window == TRAILER)?;
    let start = packet[..end].trim_ascii_end().len();
    Some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(packet: &str, length: usize, must_keep: bool, expected: &str) {
        let fitted = fitted(packet.into(), length, must_keep);
        assert_eq!(String::from_utf8(fitted).unwrap(), expected);
    }

    #[test]
    fn what_grows_takes_from_the_padding_and_what_shrinks_gives_back() {
        let padded = "<x/>\n    \n<?xpacket end='w'?>";
        let grown = "<xx/>\n    \n<?xpacket end='w'?>";
        check(grown, padded.len(), false, "<xx/>\n   \n<?xpacket end='w'?>");
        check("<x/>\n   \n<?xpacket end='w'?>", padded.len(), false, padded);
    }

    #[test]
    fn more_than_the_padding_has_is_not_taken() {
        check("<xxxxx/>\n  \n<?xpacket end='w'?>", 20, false, "<xxxxx/>\n<?xpacket end='w'?>");
        check("<xxxxx/><?xpacket end='w'?>", 20, false, "<xxxxx/><?xpacket end='w'?>");
        check("<xxxxx/>\n", 4, true, "<xxxxx/>\n");
    }

    #[test]
    fn a_packet_without_padding_is_filled_up_only_where_it_must_be() {
        let tight = "<x/>\n<?xpacket end='w'?>";
        check(tight, tight.len() + 2, false, tight);
        check(tight, tight.len() + 2, true, "<x/>  \n<?xpacket end='w'?>");
        check("<x/><?xpacket end='w'?>", 24, true, "<x/> <?xpacket end='w'?>");
    }
}
