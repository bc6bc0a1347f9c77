//! What was decided, as pieces that are put into the text and taken out of it.
//!
//! Everything is an insertion, or the removal of what was inserted: a new item stands right behind the last one, with the
//! white space that the last one has before it, so that taking it out with the white space before it leaves nothing.

use roxmltree::Node;

use super::decide::{Decision, Kept, Shelf};
use super::layout::{Layout, attribute_text, element_text};
use super::names::{RDF, TAGROLL};
use super::packet::{Found, Packet, attribute, prefix_of, space_before, start_tag};
use super::record::{self, Origin, Record};
use super::splice::Splices;
use crate::catalog::Splice;

/// What changes in the text, in order.
pub fn write(packet: &Packet, decision: &Decision) -> Vec<Splice> {
    let mut desk = Desk { packet, decision, splices: Splices::default() };
    let mut new_lists = Vec::new();
    for shelf in &decision.shelves {
        match packet.list(shelf.list) {
            Ok(Some(found)) => desk.change_list(shelf, &found),
            _ if !shelf.appended.is_empty() => new_lists.push(shelf),
            _ => {}
        }
    }
    match packet.own_list(record::KEYWORDS) {
        Some(own) if decision.kept.is_empty() => desk.remove_own(&own),
        Some(own) => desk.change_own(&own, &new_lists),
        None if decision.kept.is_empty() => {}
        None => desk.begin(&new_lists),
    }
    desk.splices.in_order()
}

struct Desk<'p, 'a> {
    packet: &'p Packet<'a>,
    decision: &'p Decision,
    splices: Splices,
}

impl Desk<'_, '_> {
    fn text(&self) -> &str {
        self.packet.text
    }

    fn change_list(&mut self, shelf: &Shelf, found: &Found) {
        match (shelf.restored, found.container) {
            (Some(Origin::Made), _) => return self.remove(found.property),
            (Some(Origin::Unfolded), _) => return self.collapse(found.property),
            (Some(Origin::Held), Some(container)) => return self.remove(container),
            (Some(Origin::Opened), Some(container)) => return self.collapse(container),
            _ => {}
        }
        for (item, (_, goes)) in found.items.iter().zip(&shelf.items) {
            if *goes {
                self.remove(item.node);
            }
        }
        if !shelf.appended.is_empty() {
            let values = shelf.appended.iter();
            let items = values.map(|value| move |layout: &Layout, rdf: &str| item(layout, rdf, value));
            self.append(found, shelf.list.container(), &items.collect::<Vec<_>>());
        }
    }

    /// An element with the white space before it.
    fn remove(&mut self, node: Node) {
        let range = node.range();
        self.splices.remove(space_before(self.text(), range.start), range.end);
    }

    /// Makes `<a></a>` into `<a/>`.
    fn collapse(&mut self, node: Node) {
        let (end, is_one_tag) = start_tag(self.text(), node);
        if !is_one_tag {
            self.splices.replace(end - 1, node.range().end, "/>");
        }
    }

    /// Opens `<a/>`, and puts `content` between the tags; the closing tag stands on a line as `layout` has it.
    fn open(&mut self, node: Node, content: &str, layout: &Layout) {
        let (end, _) = start_tag(self.text(), node);
        let tag = &self.text()[node.range().start + 1..end];
        let name: String = tag.chars().take_while(|c| !c.is_ascii_whitespace() && !matches!(c, '/' | '>')).collect();
        self.splices.replace(end - 2, end, format!(">{content}{}</{name}>", layout.line(0)));
    }

    /// Puts items behind those of a list, whatever form it has.
    fn append<F: Fn(&Layout, &str) -> String>(&mut self, found: &Found, container_name: &str, items: &[F]) {
        let step = Layout::step_of(self.packet);
        let Some(container) = found.container else {
            return self.append_container(found.property, container_name, items, &step);
        };
        let rdf = prefix_of(self.text(), container);
        let write = |layout: &Layout| items.iter().map(|item| item(layout, &rdf)).collect::<String>();
        let (end, is_one_tag) = start_tag(self.text(), container);
        if let Some(last) = found.items.last() {
            let content = write(&Layout::of_node(self.text(), last.node, &step));
            self.splices.insert(last.node.range().end, content);
        } else if is_one_tag {
            let layout = Layout::of_node(self.text(), container, &step);
            let content = write(&layout.inner());
            self.open(container, &content, &layout);
        } else {
            let content = write(&Layout::of_node(self.text(), container, &step).inner());
            self.splices.insert(end, content);
        }
    }

    fn append_container<F: Fn(&Layout, &str) -> String>(
        &mut self,
        property: Node,
        name: &str,
        items: &[F],
        step: &str,
    ) {
        let layout = Layout::of_node(self.text(), property, step);
        let inner = layout.inner();
        let items: String = items.iter().map(|item| item(&inner.inner(), "rdf:")).collect();
        let line = inner.line(0);
        let content = format!("{line}<rdf:{name} xmlns:rdf=\"{RDF}\">{items}{line}</rdf:{name}>");
        let (end, is_one_tag) = start_tag(self.text(), property);
        if is_one_tag {
            self.open(property, &content, &layout);
        } else {
            self.splices.insert(end, content);
        }
    }

    /// The first keyword of Tagroll's in this packet: a description of its own, behind those that are there.
    fn begin(&mut self, new_lists: &[&Shelf]) {
        let rdf = self.packet.rdf();
        let step = Layout::step_of(self.packet);
        let (end, is_one_tag) = start_tag(self.text(), rdf);
        let outer = Layout::of_node(self.text(), rdf, &step);
        match rdf.children().rfind(Node::is_element) {
            Some(last) => {
                let layout = Layout::of_node(self.text(), last, &step);
                self.splices.insert(last.range().end, self.description(&layout, new_lists));
            }
            None if is_one_tag => {
                let content = self.description(&outer.inner(), new_lists);
                self.open(rdf, &content, &outer);
            }
            None => self.splices.insert(end, self.description(&outer.inner(), new_lists)),
        }
    }

    fn description(&self, layout: &Layout, new_lists: &[&Shelf]) -> String {
        let written = prefix_of(self.text(), self.packet.rdf());
        // A prefix of the list's own might be the one that this packet has for RDF.
        let is_hidden = new_lists.iter().any(|shelf| written.trim_end_matches(':') == shelf.list.prefix());
        let rdf = if written.is_empty() || written == "tagroll:" || is_hidden { "rdf:" } else { &written };
        let about = self.packet.descriptions().find_map(|node| attribute(node, &[RDF], "about")).unwrap_or_default();
        let mut spaces = vec![("tagroll", TAGROLL)];
        spaces.extend(new_lists.iter().map(|shelf| (shelf.list.prefix(), shelf.list.namespaces()[0])));
        let spaces = spaces.iter().map(|(prefix, uri)| format!(" xmlns:{prefix}=\"{uri}\"")).collect::<String>();
        let declared = if rdf == written { String::new() } else { format!(" xmlns:rdf=\"{RDF}\"") };
        let inner = layout.inner();
        let lists = self.properties(&inner, rdf, new_lists);
        let records: Vec<&Record> = self.decision.kept.iter().map(|kept| &kept.record).collect();
        let line = layout.line(0);
        format!(
            "{line}<{rdf}Description{declared}{spaces} {rdf}about=\"{}\">{lists}{}{}{line}</{rdf}Description>",
            attribute_text(&about),
            self.lists_property(&inner, "tagroll:"),
            records_property(&inner, rdf, &records),
        )
    }

    fn properties(&self, layout: &Layout, rdf: &str, new_lists: &[&Shelf]) -> String {
        new_lists.iter().map(|shelf| list_property(layout, rdf, shelf)).collect()
    }

    /// What the lists were before, if that has to be known.
    fn lists_property(&self, layout: &Layout, tagroll: &str) -> String {
        let mut origins = self.decision.origins.clone();
        origins.is_rdf_opened |= start_tag(self.text(), self.packet.rdf()).1;
        if origins.is_empty() {
            return String::new();
        }
        format!("{}<{tagroll}{}>{}</{tagroll}{}>", layout.line(0), record::LISTS, origins.written(), record::LISTS)
    }

    fn change_own(&mut self, own: &Found, new_lists: &[&Shelf]) {
        let holder = own.property;
        let (rdf, tagroll) = (self.rdf_prefix(own), prefix_of(self.text(), holder));
        for (place, item) in own.items.iter().enumerate() {
            let kept = self.decision.kept.iter().find(|kept| kept.place == Some(place));
            let is_dropped = self.decision.dropped.contains(&place);
            match kept {
                Some(kept) if kept.is_changed => {
                    let layout = Layout::of_node(self.text(), item.node, &Layout::step_of(self.packet));
                    let from = space_before(self.text(), item.node.range().start);
                    let text = record_item(&layout, &rdf, &tagroll, &kept.record);
                    self.splices.replace(from, item.node.range().end, text);
                }
                None if is_dropped => self.remove(item.node),
                _ => {}
            }
        }
        let new: Vec<&Kept> = self.decision.kept.iter().filter(|kept| kept.place.is_none()).collect();
        if !new.is_empty() {
            let tagroll = tagroll.as_str();
            let items = new
                .iter()
                .map(|kept| move |layout: &Layout, rdf: &str| record_item(layout, rdf, tagroll, &kept.record));
            self.append(own, "Bag", &items.collect::<Vec<_>>());
        }
        self.extend_home(own, new_lists, &tagroll);
    }

    /// Lists that came to be needed later stand behind the record, with what they were before.
    fn extend_home(&mut self, own: &Found, new_lists: &[&Shelf], tagroll: &str) {
        let layout = Layout::of_node(self.text(), own.property, &Layout::step_of(self.packet));
        let lists = new_lists.iter().map(|shelf| {
            let (prefix, uri) = (shelf.list.prefix(), shelf.list.namespaces()[0]);
            let text = list_property(&layout, "rdf:", shelf);
            let open = format!("<{prefix}:{}", shelf.list.property());
            text.replacen(&open, &format!("{open} xmlns:{prefix}=\"{uri}\" xmlns:rdf=\"{RDF}\""), 1)
        });
        let mut text: String = lists.collect();
        if self.decision.origins != self.decision.origins_before {
            self.remove_simple(record::LISTS);
            text.push_str(&self.lists_property(&layout, tagroll));
        }
        if !text.is_empty() {
            self.splices.insert(own.property.range().end, text);
        }
    }

    /// Takes out a simple property of Tagroll's own, in either form.
    fn remove_simple(&mut self, name: &str) {
        if let Some(property) = self.packet.property(&[TAGROLL], name) {
            self.remove(property);
        }
        let attributes = self.packet.descriptions().flat_map(|node| node.attributes().collect::<Vec<_>>());
        let own = attributes.filter(|attribute| attribute.name() == name && attribute.namespace() == Some(TAGROLL));
        for range in own.map(|attribute| attribute.range()).collect::<Vec<_>>() {
            let from = self.text()[..range.start].trim_end().len();
            self.splices.remove(from, range.end);
        }
    }

    /// Takes out the record, and the description that held it if nothing else is in it.
    fn remove_own(&mut self, own: &Found) {
        self.remove(own.property);
        self.remove_simple(record::LISTS);
        let Some(home) = own.property.parent() else { return };
        let goes = |node: &Node| {
            let is_own = node.tag_name().namespace() == Some(TAGROLL);
            is_own
                || self.decision.shelves.iter().any(|shelf| {
                    let is_made = shelf.restored == Some(Origin::Made);
                    is_made && self.packet.list(shelf.list).ok().flatten().is_some_and(|found| found.property == *node)
                })
        };
        let is_plain = |attribute: &roxmltree::Attribute| {
            attribute.namespace() == Some(TAGROLL)
                || (attribute.namespace() == Some(RDF) && attribute.name() == "about")
        };
        let is_empty = home.children().filter(Node::is_element).all(|node| goes(&node));
        if !is_empty || !home.attributes().all(|attribute| is_plain(&attribute)) {
            return;
        }
        let rdf = self.packet.rdf();
        let is_alone = rdf.children().filter(Node::is_element).count() == 1;
        if self.decision.origins_before.is_rdf_opened && is_alone { self.collapse(rdf) } else { self.remove(home) }
    }

    fn rdf_prefix(&self, own: &Found) -> String {
        own.container.map_or("rdf:".to_owned(), |container| prefix_of(self.text(), container))
    }
}

fn item(layout: &Layout, rdf: &str, value: &str) -> String {
    format!("{}<{rdf}li>{}</{rdf}li>", layout.line(0), element_text(value))
}

fn list_property(layout: &Layout, rdf: &str, shelf: &Shelf) -> String {
    let (prefix, name, container) = (shelf.list.prefix(), shelf.list.property(), shelf.list.container());
    let inner = layout.inner();
    let items: String = shelf.appended.iter().map(|value| item(&inner.inner(), rdf, value)).collect();
    let (line, bag) = (layout.line(0), inner.line(0));
    format!("{line}<{prefix}:{name}>{bag}<{rdf}{container}>{items}{bag}</{rdf}{container}>{line}</{prefix}:{name}>")
}

fn records_property(layout: &Layout, rdf: &str, records: &[&Record]) -> String {
    let inner = layout.inner();
    let items: String = records.iter().map(|record| record_item(&inner.inner(), rdf, "tagroll:", record)).collect();
    let (line, bag, name) = (layout.line(0), inner.line(0), record::KEYWORDS);
    format!("{line}<tagroll:{name}>{bag}<{rdf}Bag>{items}{bag}</{rdf}Bag>{line}</tagroll:{name}>")
}

/// Needs a prefix for RDF: an attribute has no default namespace.
fn record_item(layout: &Layout, rdf: &str, tagroll: &str, record: &Record) -> String {
    let inner = layout.inner();
    let field = |(name, value): (&str, String)| {
        format!("{}<{tagroll}{name}>{}</{tagroll}{name}>", inner.line(0), element_text(&value))
    };
    let fields: String = record.fields().into_iter().map(field).collect();
    let line = layout.line(0);
    if rdf.is_empty() {
        let kind = format!(" xmlns:rdf=\"{RDF}\" rdf:parseType=\"Resource\"");
        return format!("{line}<li{kind}>{fields}{line}</li>");
    }
    format!("{line}<{rdf}li {rdf}parseType=\"Resource\">{fields}{line}</{rdf}li>")
}
