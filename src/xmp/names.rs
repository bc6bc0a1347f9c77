//! Namespaces, and the lists in which programs keep keywords.

use crate::catalog::Keyword;

pub const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
pub const XMP: &str = "http://ns.adobe.com/xap/1.0/";
/// Tagroll's own, in which it says what it wrote.
pub const TAGROLL: &str = "urn:tagroll:xmp:1.0/";

/// A list of keywords.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// `dc:subject`: single words, read by all.
    Subject,
    /// `lr:hierarchicalSubject`: paths, read by Lightroom and darktable.
    Hierarchical,
    /// `digiKam:TagsList`: paths, read by digiKam and Immich.
    Tags,
    /// `MicrosoftPhoto:LastKeywordXMP`: paths. Changed where it is, never made.
    Microsoft,
}

impl List {
    pub const ALL: [List; 4] = [List::Subject, List::Hierarchical, List::Tags, List::Microsoft];

    /// Every keyword is written into these.
    pub fn is_made(self) -> bool {
        self != List::Microsoft
    }

    /// The namespaces under which the list is found; the first is written.
    pub fn namespaces(self) -> &'static [&'static str] {
        match self {
            List::Subject => &["http://purl.org/dc/elements/1.1/"],
            List::Hierarchical => &["http://ns.adobe.com/lightroom/1.0/"],
            List::Tags => &["http://www.digikam.org/ns/1.0/"],
            // Written with the slash and without it.
            List::Microsoft => &["http://ns.microsoft.com/photo/1.0/", "http://ns.microsoft.com/photo/1.0"],
        }
    }

    pub fn prefix(self) -> &'static str {
        match self {
            List::Subject => "dc",
            List::Hierarchical => "lr",
            List::Tags => "digiKam",
            List::Microsoft => "MicrosoftPhoto",
        }
    }

    pub fn property(self) -> &'static str {
        match self {
            List::Subject => "subject",
            List::Hierarchical => "hierarchicalSubject",
            List::Tags => "TagsList",
            List::Microsoft => "LastKeywordXMP",
        }
    }

    pub fn of_property(name: &str) -> Option<List> {
        List::ALL.into_iter().find(|list| list.property() == name)
    }

    /// A bag in which digiKam's order would be lost; a sequence in which darktable would lose the tree.
    pub fn container(self) -> &'static str {
        if self == List::Tags { "Seq" } else { "Bag" }
    }

    /// How a path stands in it; of `dc:subject`, how its last word does.
    pub fn written(self, keyword: &Keyword) -> String {
        match self {
            List::Subject => keyword.leaf().to_owned(),
            List::Hierarchical => keyword.joined("|"),
            List::Tags | List::Microsoft => keyword.joined("/"),
        }
    }

    /// What an item of it means. In single words a separator is a letter.
    pub fn read(self, item: &str) -> Option<Keyword> {
        match self {
            List::Subject => Keyword::flat(item).ok(),
            List::Hierarchical => Keyword::of_flat_parts(item.split('|')).ok(),
            List::Tags | List::Microsoft => Keyword::of_flat_parts(item.split('/')).ok(),
        }
    }
}
