//! What Tagroll writes down about the keywords that it wrote, so that it takes back only those, and leaves no trace.
//!
//! `tagroll:Keywords` is a bag with one structure a keyword; `tagroll:Lists` says what the lists were before, where they
//! were not lists with items.

use super::names::{List, TAGROLL};
use super::packet::{self, Packet, is, text_of};
use crate::catalog::{Keyword, Tag};

pub const KEYWORDS: &str = "Keywords";
pub const LISTS: &str = "Lists";

/// A keyword that Tagroll wrote.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub keyword: Keyword,
    /// The words of `dc:subject` that are there because of it.
    pub words: Vec<String>,
    /// The other lists that it was written into.
    pub lists: Vec<List>,
    pub model: String,
    /// The cosine; `None` where the person said yes.
    pub score: Option<String>,
    pub date: String,
}

/// What a list was before Tagroll wrote into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Not there.
    Made,
    /// `<rdf:Bag></rdf:Bag>`
    Filled,
    /// `<rdf:Bag/>`
    Opened,
    /// `<dc:subject></dc:subject>`
    Held,
    /// `<dc:subject/>`
    Unfolded,
}

const ORIGINS: [(Origin, &str); 5] = [
    (Origin::Made, "made"),
    (Origin::Filled, "filled"),
    (Origin::Opened, "opened"),
    (Origin::Held, "held"),
    (Origin::Unfolded, "unfolded"),
];

/// Origins of lists, and whether `rdf:RDF` was an empty element.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Origins {
    pub lists: Vec<(List, Origin)>,
    pub is_rdf_opened: bool,
}

impl Record {
    pub fn of(tag: &Tag, words: Vec<String>, lists: Vec<List>) -> Record {
        Record {
            keyword: tag.keyword.clone(),
            words,
            lists,
            model: tag.model.clone(),
            score: tag.score.map(|score| format!("{score:.4}")),
            date: tag.date.clone(),
        }
    }

    /// The fields as they are written, in their order.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let lists: Vec<&str> = self.lists.iter().map(|list| list.property()).collect();
        let mut fields = vec![
            ("Keyword", self.keyword.joined("/")),
            ("Words", self.words.join("|")),
            ("Lists", lists.join(" ")),
            ("Model", self.model.clone()),
        ];
        fields.extend(self.score.clone().map(|score| ("Score", score)));
        fields.push(("Date", self.date.clone()));
        fields
    }

    fn read(item: roxmltree::Node) -> Option<Record> {
        let field = |name: &str| field(item, name);
        let words = field("Words").unwrap_or_default();
        let lists = field("Lists").unwrap_or_default();
        Some(Record {
            keyword: field("Keyword")?.parse().ok()?,
            words: words.split('|').filter(|word| !word.is_empty()).map(str::to_owned).collect(),
            lists: lists.split_whitespace().filter_map(List::of_property).collect(),
            model: field("Model").unwrap_or_default(),
            score: field("Score"),
            date: field("Date").unwrap_or_default(),
        })
    }
}

/// A field of a structure, in each of the forms that RDF has for it.
fn field(item: roxmltree::Node, name: &str) -> Option<String> {
    let inner = item.children().find(|node| is(*node, super::names::RDF, "Description"));
    [Some(item), inner].into_iter().flatten().find_map(|holder| {
        let element = holder.children().find(|node| is(*node, TAGROLL, name)).and_then(text_of);
        element.or_else(|| packet::attribute(holder, &[TAGROLL], name))
    })
}

/// Every record of the packet, each with the place of its item.
pub fn records(packet: &Packet) -> Vec<(Record, usize)> {
    let items = packet.own_list(KEYWORDS).map(|found| found.items).unwrap_or_default();
    items.iter().enumerate().filter_map(|(place, item)| Some((Record::read(item.node)?, place))).collect()
}

pub fn origins(packet: &Packet) -> Origins {
    Origins::read(&packet.simple(&[TAGROLL], LISTS).unwrap_or_default())
}

impl Origins {
    pub fn of(&self, list: List) -> Option<Origin> {
        self.lists.iter().find(|(known, _)| *known == list).map(|(_, origin)| *origin)
    }

    pub fn is_empty(&self) -> bool {
        self.lists.is_empty() && !self.is_rdf_opened
    }

    pub fn written(&self) -> String {
        let name = |origin: Origin| ORIGINS.iter().find(|(known, _)| *known == origin).map_or("", |(_, name)| name);
        let lists = self.lists.iter().map(|(list, origin)| format!("{} {}", list.property(), name(*origin)));
        lists.chain(self.is_rdf_opened.then(|| "RDF opened".to_owned())).collect::<Vec<_>>().join(", ")
    }

    fn read(text: &str) -> Origins {
        let mut origins = Origins::default();
        for (name, what) in text.split(',').filter_map(|part| part.trim().split_once(' ')) {
            let origin = ORIGINS.iter().find(|(_, known)| *known == what).map(|(origin, _)| *origin);
            match (List::of_property(name), origin) {
                (Some(list), Some(origin)) => origins.lists.push((list, origin)),
                _ => origins.is_rdf_opened |= name == "RDF",
            }
        }
        origins
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_read_back_what_they_write() {
        let origins =
            Origins { lists: vec![(List::Subject, Origin::Made), (List::Tags, Origin::Unfolded)], is_rdf_opened: true };
        assert_eq!(origins.written(), "subject made, TagsList unfolded, RDF opened");
        assert_eq!(Origins::read(&origins.written()), origins);
        assert_eq!(Origins::read(""), Origins::default());
    }

    #[test]
    fn a_record_is_read_in_each_form_of_a_structure() {
        let forms = [
            "<rdf:li rdf:parseType='Resource'><t:Keyword>a/b</t:Keyword><t:Words>b</t:Words></rdf:li>",
            "<rdf:li><rdf:Description><t:Keyword>a/b</t:Keyword><t:Words>b</t:Words></rdf:Description></rdf:li>",
            "<rdf:li><rdf:Description t:Keyword='a/b' t:Words='b'/></rdf:li>",
            "<rdf:li t:Keyword='a/b' t:Words='b'/>",
        ];
        for form in forms {
            let text = format!(
                "<rdf:RDF xmlns:rdf='{}' xmlns:t='{TAGROLL}'><rdf:Description><t:Keywords><rdf:Bag>{form}</rdf:Bag>\
                 </t:Keywords></rdf:Description></rdf:RDF>",
                super::super::names::RDF
            );
            let packet = Packet::parse(&text).unwrap();
            let records = records(&packet);
            let record = &records[0].0;
            assert_eq!((record.keyword.to_string(), record.words.join("")), ("a/b".into(), "b".into()), "{form}");
        }
    }
}
