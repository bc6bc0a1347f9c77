//! A packet for a photo that has none.

const START: &str = "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
    <x:xmpmeta xmlns:x=\"adobe:ns:meta/\" x:xmptk=\"Tagroll ";
const END: &str = "\">\n <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n </rdf:RDF>\n\
    </x:xmpmeta>\n<?xpacket end=\"w\"?>\n";

/// An empty one; without a byte order mark and with nothing before the packet's own start, which exiftool and exiv2 want.
pub fn packet() -> String {
    [START, env!("CARGO_PKG_VERSION"), END].concat()
}

/// Whether this is an empty packet of Tagroll's own, of any version.
pub fn is_untouched(text: &str) -> bool {
    let version = text.strip_prefix(START).and_then(|rest| rest.strip_suffix(END));
    version.is_some_and(|version| version.chars().all(|c| c.is_ascii_alphanumeric() || ".-+".contains(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_packet_is_known_again() {
        assert!(is_untouched(&packet()));
        assert!(!is_untouched(&packet().replace("</rdf:RDF>", "<rdf:Description/></rdf:RDF>")));
    }
}
