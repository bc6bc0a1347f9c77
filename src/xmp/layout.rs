//! How a packet is laid out in lines, so that what is added looks like what is there; and how text is written in XML.

use roxmltree::Node;

use super::packet::{Packet, space_before};

/// Line break and indentation of one level; both are empty where everything stands on one line.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    line: String,
    step: String,
}

impl Layout {
    /// That of a node; on one line if the node does not begin a line.
    pub fn of_node(text: &str, node: Node, step: &str) -> Layout {
        let start = node.range().start;
        Layout { line: last_line(&text[space_before(text, start)..start]).to_owned(), step: step.to_owned() }
    }

    /// One level further in.
    pub fn inner(&self) -> Layout {
        let line = if self.line.is_empty() { String::new() } else { format!("{}{}", self.line, self.step) };
        Layout { line, step: self.step.clone() }
    }

    /// A new line, so many levels further in.
    pub fn line(&self, levels: usize) -> String {
        if self.line.is_empty() { String::new() } else { format!("{}{}", self.line, self.step.repeat(levels)) }
    }

    /// By how much a packet indents: what its first description has more than `rdf:RDF`.
    pub fn step_of(packet: &Packet) -> String {
        let indent = |node: Node| {
            let start = node.range().start;
            let space = last_line(&packet.text[space_before(packet.text, start)..start]);
            space.trim_start_matches(['\r', '\n']).to_owned()
        };
        let outer = indent(packet.rdf());
        let inner = packet.descriptions().next().map(indent);
        let more = inner.and_then(|inner| inner.strip_prefix(&outer).map(str::to_owned));
        more.filter(|more| !more.is_empty()).unwrap_or_else(|| " ".to_owned())
    }
}

/// From the last line break on; empty where there is none.
fn last_line(space: &str) -> &str {
    let Some(at) = space.rfind('\n') else { return "" };
    let from = if space[..at].ends_with('\r') { at - 1 } else { at };
    &space[from..]
}

/// Text between tags.
pub fn element_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Text between double quotes. Line breaks would be read as spaces.
pub fn attribute_text(text: &str) -> String {
    let text = element_text(text).replace('"', "&quot;");
    text.replace('\t', "&#9;").replace('\n', "&#10;").replace('\r', "&#13;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_what_the_packet_takes_for_one() {
        let rdf = super::super::names::RDF;
        let text = format!("<rdf:RDF xmlns:rdf=\"{rdf}\">\r\n\t\t<rdf:Description>\r\n</rdf:Description></rdf:RDF>");
        let packet = Packet::parse(&text).unwrap();
        assert_eq!(Layout::step_of(&packet), "\t\t");
        let node = packet.descriptions().next().unwrap();
        let layout = Layout::of_node(&text, node, "\t\t");
        assert_eq!((layout.line(0).as_str(), layout.inner().line(0).as_str()), ("\r\n\t\t", "\r\n\t\t\t\t"));
        assert_eq!(Layout::of_node(&text, packet.rdf(), "\t\t").inner().line(1), "");
    }

    #[test]
    fn what_xml_would_take_for_markup_is_written_as_entities() {
        assert_eq!(element_text("R&B <3 ]]>"), "R&amp;B &lt;3 ]]&gt;");
        assert_eq!(attribute_text("\"a\"\n"), "&quot;a&quot;&#10;");
    }
}
