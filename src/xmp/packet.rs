//! A packet as a tree whose nodes know their places in the text.

use roxmltree::{Document, Node, ParsingOptions};

use super::XmpError;
use super::names::{List, RDF, TAGROLL};

/// Far above what any program writes; bounds the memory that a packet of 64 MB can ask for.
const MOST_NODES: u32 = 1_000_000;

/// Far above what anybody gives a photo; bounds the time that comparing them takes.
const MOST_KEYWORDS: usize = 2000;

pub struct Packet<'a> {
    pub text: &'a str,
    document: Document<'a>,
}

/// A property that is a list, as it stands in the packet.
pub struct Found<'a, 'i> {
    pub property: Node<'a, 'i>,
    /// `rdf:Bag`, `rdf:Seq` or `rdf:Alt`; `None` where the property is empty.
    pub container: Option<Node<'a, 'i>>,
    pub items: Vec<Item<'a, 'i>>,
}

pub struct Item<'a, 'i> {
    pub node: Node<'a, 'i>,
    pub value: String,
}

impl<'a> Packet<'a> {
    /// Reads well-formed XML that holds an `rdf:RDF`. A document type is refused, and with it entities of any kind but the
    /// five of XML.
    pub fn parse(text: &'a str) -> Result<Packet<'a>, XmpError> {
        let options = ParsingOptions { allow_dtd: false, nodes_limit: MOST_NODES, ..ParsingOptions::default() };
        let document = Document::parse_with_options(text, options).map_err(|error| match error {
            roxmltree::Error::DtdDetected => XmpError::Unsupported("it has a document type, which XMP has not".into()),
            roxmltree::Error::NodesLimitReached => XmpError::Unsupported("it has more than a million parts".into()),
            other => XmpError::NotXml(other.to_string()),
        })?;
        let packet = Packet { text, document };
        packet.find_rdf().ok_or(XmpError::NotXmp)?;
        Ok(packet)
    }

    /// The `rdf:RDF` element: the root, or what `x:xmpmeta` holds.
    pub fn rdf(&self) -> Node<'_, 'a> {
        self.find_rdf().unwrap_or_else(|| self.document.root_element())
    }

    fn find_rdf(&self) -> Option<Node<'_, 'a>> {
        self.document.root_element().descendants().find(|node| is(*node, RDF, "RDF"))
    }

    /// The top-level descriptions, of which a packet may have several.
    pub fn descriptions(&self) -> impl Iterator<Item = Node<'_, 'a>> {
        self.rdf().children().filter(|node| is(*node, RDF, "Description"))
    }

    /// The first property of this name that is an element.
    pub fn property(&self, namespaces: &[&str], name: &str) -> Option<Node<'_, 'a>> {
        let is_it = |node: &Node| namespaces.iter().any(|namespace| is(*node, namespace, name));
        self.descriptions().flat_map(|description| description.children()).find(is_it)
    }

    /// The text of a simple property, whether it is an element or an attribute.
    pub fn simple(&self, namespaces: &[&str], name: &str) -> Option<String> {
        if let Some(node) = self.property(namespaces, name) {
            return text_of(node);
        }
        let attribute = |node: Node<'_, 'a>| attribute(node, namespaces, name);
        self.descriptions().find_map(attribute)
    }

    /// A list of keywords, or `None` where there is none. One that is written as a single text is no list that can be
    /// added to without changing what somebody else wrote.
    pub fn list(&self, list: List) -> Result<Option<Found<'_, 'a>>, XmpError> {
        let (namespaces, name) = (list.namespaces(), list.property());
        if self.descriptions().any(|node| attribute(node, namespaces, name).is_some()) {
            return Err(no_list(list));
        }
        let found =
            self.property(namespaces, name).map(|property| found(property).ok_or_else(|| no_list(list))).transpose()?;
        if found.as_ref().is_some_and(|found| found.items.len() > MOST_KEYWORDS) {
            return Err(XmpError::Unsupported("it has more than 2,000 keywords in one list".into()));
        }
        Ok(found)
    }

    /// What Tagroll keeps about the keywords that it wrote.
    pub fn own_list(&self, name: &str) -> Option<Found<'_, 'a>> {
        self.property(&[TAGROLL], name).and_then(found).filter(|found| found.items.len() <= MOST_KEYWORDS)
    }
}

fn no_list(list: List) -> XmpError {
    let (prefix, property) = (list.prefix(), list.property());
    XmpError::Unsupported(format!(
        "{prefix}:{property} is a single text where a list of keywords belongs; save the photo's keywords once in the \
         program that wrote it"
    ))
}

/// A property with items, or an empty one; `None` for anything else.
fn found<'a, 'i>(property: Node<'a, 'i>) -> Option<Found<'a, 'i>> {
    let container = property.children().find(Node::is_element);
    let Some(container) = container else {
        return is_blank(property).then_some(Found { property, container: None, items: Vec::new() });
    };
    let is_container = ["Bag", "Seq", "Alt"].iter().any(|name| is(container, RDF, name));
    let is_alone = property.children().filter(Node::is_element).count() == 1 && is_blank(property);
    let elements: Vec<Node> = container.children().filter(Node::is_element).collect();
    let are_items = elements.iter().all(|node| is(*node, RDF, "li")) && is_blank(container);
    let items = elements.into_iter().map(|node| Item { node, value: text_of(node).unwrap_or_default() }).collect();
    (is_container && is_alone && are_items).then_some(Found { property, container: Some(container), items })
}

/// The text of a simple element, or of the `rdf:value` in it where it has qualifiers.
pub fn text_of(node: Node) -> Option<String> {
    let value = node.descendants().find(|inner| is(*inner, RDF, "value")).unwrap_or(node);
    if value.children().any(|child| child.is_element()) {
        return attribute(node, &[RDF], "value");
    }
    Some(value.children().filter(Node::is_text).filter_map(|text| text.text()).collect::<String>().trim().to_owned())
}

pub fn attribute(node: Node, namespaces: &[&str], name: &str) -> Option<String> {
    let is_it = |attribute: &roxmltree::Attribute| {
        attribute.name() == name && attribute.namespace().is_some_and(|namespace| namespaces.contains(&namespace))
    };
    node.attributes().find(is_it).map(|attribute| attribute.value().to_owned())
}

pub fn is(node: Node, namespace: &str, name: &str) -> bool {
    let tag = node.tag_name();
    node.is_element() && tag.name() == name && tag.namespace() == Some(namespace)
}

/// Whether there is nothing in the element but elements, comments and white space.
pub fn is_blank(node: Node) -> bool {
    node.children().filter(Node::is_text).all(|text| text.text().is_none_or(|text| text.trim().is_empty()))
}

/// The prefix of an element as it is written, with its colon; empty where it has none.
pub fn prefix_of(text: &str, node: Node) -> String {
    let tag = &text[node.range().start + 1..];
    let end = tag.find(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/')).unwrap_or(tag.len());
    tag[..end].split_once(':').map_or(String::new(), |(prefix, _)| format!("{prefix}:"))
}

/// Where the start tag of an element ends, behind its `>`, and whether it is the whole element (`<a/>`).
pub fn start_tag(text: &str, node: Node) -> (usize, bool) {
    let mut quote = None;
    let range = node.range();
    for (at, byte) in text.bytes().enumerate().take(range.end).skip(range.start) {
        match (quote, byte) {
            (None, b'>') => return (at + 1, text.as_bytes()[at - 1] == b'/'),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    (range.end, true)
}

/// Where the white space begins that stands directly before `at`, back to the markup before it.
pub fn space_before(text: &str, at: usize) -> usize {
    let trimmed = text[..at].trim_end_matches([' ', '\t', '\r', '\n']);
    if trimmed.ends_with('>') { trimmed.len() } else { at }
}
