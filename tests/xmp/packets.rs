//! Random packets in every form that programs write, and in some that they could.

use proptest::prelude::*;
use proptest::sample::select;

pub const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

/// How a packet is written.
#[derive(Clone, Debug)]
pub struct Style {
    prefix: &'static str,
    wrapper: u8,
    newline: &'static str,
    indent: &'static str,
    encoding: u8,
    padding: usize,
}

#[derive(Clone, Debug)]
pub enum Part {
    /// Something that is none of our business.
    Foreign(u8),
    Comment(u8),
    /// One of the four lists, in one of its forms.
    List {
        list: usize,
        form: u8,
        items: Vec<(String, u8)>,
    },
}

#[derive(Clone, Debug)]
pub struct Description {
    attributes: Vec<u8>,
    parts: Vec<Part>,
    is_one_tag: bool,
}

#[derive(Clone, Debug)]
pub struct Written {
    pub style: Style,
    pub descriptions: Vec<Description>,
    /// Whether `rdf:RDF` is an empty element, if it is empty.
    is_one_tag: bool,
}

const LISTS: [(&str, &str, &str, &str); 4] = [
    ("dc", "http://purl.org/dc/elements/1.1/", "subject", ""),
    ("lr", "http://ns.adobe.com/lightroom/1.0/", "hierarchicalSubject", "|"),
    ("digiKam", "http://www.digikam.org/ns/1.0/", "TagsList", "/"),
    ("MicrosoftPhoto", "http://ns.microsoft.com/photo/1.0", "LastKeywordXMP", "/"),
];

const FOREIGN: [&str; 6] = [
    "<crs:Exposure2012 xmlns:crs='http://ns.adobe.com/camera-raw-settings/1.0/'>+0.35</crs:Exposure2012>",
    "<xmpMM:History xmlns:xmpMM='http://ns.adobe.com/xap/1.0/mm/' xmlns:q='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
     <q:Seq><q:li q:parseType='Resource'><a:b xmlns:a='urn:a'>x &gt; y</a:b></q:li></q:Seq></xmpMM:History>",
    "<darktable:history xmlns:darktable='http://darktable.sf.net/'><![CDATA[<rdf:li>no item</rdf:li>]]></darktable:history>",
    "<x1:note xmlns:x1='urn:note'>Füchse &amp; Hühner &#x1F98A;</x1:note>",
    "<x2:empty xmlns:x2='urn:empty' />",
    "<x3:subject xmlns:x3='urn:not-dublin-core'>dog</x3:subject>",
];

const ATTRIBUTES: [&str; 4] = [
    "xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmp:Rating=\"3\"",
    "xmlns:tiff = \"http://ns.adobe.com/tiff/1.0/\" tiff:Make='A &quot;B&quot; > C'",
    "xmlns:p=\"http://ns.adobe.com/photoshop/1.0/\"\n   p:City=\"Zürich\"",
    "xmlns:e='urn:e' e:f=''",
];

const WORDS: [&str; 12] =
    ["dog", "Dog", "animal", "holiday", "Straße", "犬", "R&B", "<3", "a b", "beach", "quote\"d'", "x]]>y"];

pub fn word() -> impl Strategy<Value = String> {
    select(&WORDS[..]).prop_map(str::to_owned)
}

/// A path of up to three words.
pub fn keyword() -> impl Strategy<Value = String> {
    prop::collection::vec(word(), 1..=3).prop_map(|parts| parts.join("/"))
}

fn part() -> impl Strategy<Value = Part> {
    let items = prop::collection::vec((keyword(), 0..4_u8), 0..4);
    prop_oneof![
        3 => (0..FOREIGN.len() as u8).prop_map(Part::Foreign),
        1 => (0..3_u8).prop_map(Part::Comment),
        4 => (0..LISTS.len(), 0..8_u8, items).prop_map(|(list, form, items)| Part::List { list, form, items }),
    ]
}

fn description() -> impl Strategy<Value = Description> {
    let attributes = prop::collection::btree_set(0..ATTRIBUTES.len() as u8, 0..3);
    let parts = prop::collection::vec(part(), 0..5);
    (attributes, parts, any::<bool>()).prop_map(|(attributes, parts, is_one_tag)| Description {
        attributes: attributes.into_iter().collect(),
        parts,
        is_one_tag,
    })
}

fn style() -> impl Strategy<Value = Style> {
    let prefix = select(&["rdf:", "rdf:", "r:", "dc:", "tagroll:", "lr:", ""][..]);
    let newline = select(&["\n", "\r\n", ""][..]);
    let indent = select(&["", " ", "   ", "\t"][..]);
    (prefix, 0..5_u8, newline, indent, 0..6_u8, select(&[0_usize, 0, 20, 2048][..])).prop_map(
        |(prefix, wrapper, newline, indent, encoding, padding)| Style {
            prefix,
            wrapper,
            newline,
            indent,
            encoding,
            padding,
        },
    )
}

pub fn written() -> impl Strategy<Value = Written> {
    (style(), prop::collection::vec(description(), 0..4), any::<bool>())
        .prop_map(|(style, descriptions, is_one_tag)| Written { style, descriptions, is_one_tag })
}

impl Written {
    pub fn bytes(&self) -> Vec<u8> {
        let text = self.text();
        let little = || text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        match self.style.encoding {
            0 => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            1 => [&b"\xff\xfe"[..], &little()].concat(),
            2 => {
                let big = text.encode_utf16().flat_map(u16::to_be_bytes);
                b"\xfe\xff".iter().copied().chain(big).collect()
            }
            3 => [text.as_bytes(), b"\0\0\0"].concat(),
            _ => text.into_bytes(),
        }
    }

    pub fn text(&self) -> String {
        let Style { newline, padding, .. } = &self.style;
        let rdf = self.rdf();
        let meta = format!("<x:xmpmeta xmlns:x='adobe:ns:meta/'>{newline}{rdf}{newline}</x:xmpmeta>");
        let space = " ".repeat(*padding);
        match self.style.wrapper {
            0 => rdf,
            1 => meta,
            2 => format!("<?xml version=\"1.0\"?>{newline}<!-- first -->{newline}{meta}{newline}"),
            _ => format!(
                "<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?>{newline}{meta}{newline}{space}<?xpacket end='w'?>"
            ),
        }
    }

    fn line(&self, level: usize) -> String {
        format!("{}{}", self.style.newline, self.style.indent.repeat(level))
    }

    fn rdf(&self) -> String {
        let p = self.style.prefix;
        let declared = if p.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{}", p.trim_end_matches(':')) };
        let mut seen = [false; 4];
        let content: String = self.descriptions.iter().map(|d| self.description(d, &mut seen)).collect();
        if content.is_empty() && self.is_one_tag {
            return format!("<{p}RDF {declared}='{RDF}' />");
        }
        format!("<{p}RDF {declared}='{RDF}'>{content}{}</{p}RDF>", self.line(0))
    }

    /// Without a prefix for RDF there is no `rdf:about`, which early packets leave out, too.
    fn description(&self, of: &Description, seen: &mut [bool; 4]) -> String {
        let p = self.style.prefix;
        let about = if p.is_empty() { String::new() } else { format!(" {p}about=''") };
        let attributes: String = of
            .attributes
            .iter()
            .map(|at| format!("{}{}", self.line(2), ATTRIBUTES[*at as usize]))
            .map(spaced)
            .collect();
        let parts: String = of.parts.iter().map(|part| self.part(part, seen)).collect();
        let line = self.line(1);
        if parts.is_empty() && of.is_one_tag {
            return format!("{line}<{p}Description{about}{attributes}/>");
        }
        format!("{line}<{p}Description{about}{attributes}>{parts}{line}</{p}Description>")
    }

    fn part(&self, part: &Part, seen: &mut [bool; 4]) -> String {
        let line = self.line(2);
        match part {
            Part::Foreign(which) => format!("{line}{}", FOREIGN[*which as usize]),
            Part::Comment(which) => {
                format!("{line}<!-- {} -->", ["a > b", "<rdf:li>dog</rdf:li>", "'\""][*which as usize])
            }
            // A property that is there twice is not XMP.
            Part::List { list, .. } if std::mem::replace(&mut seen[*list], true) => String::new(),
            Part::List { list, form, items } => self.list(*list, *form, items),
        }
    }

    fn list(&self, list: usize, form: u8, items: &[(String, u8)]) -> String {
        let (own, uri, name, separator) = LISTS[list];
        // The prefix of RDF in this packet is not to be hidden.
        let own = if own == self.style.prefix.trim_end_matches(':') { "odd" } else { own };
        let (line, p) = (self.line(2), self.style.prefix);
        let container = if form & 1 == 0 { "Bag" } else { "Seq" };
        let open = format!("{line}<{own}:{name} xmlns:{own}='{uri}'");
        let items: String = items.iter().map(|(keyword, form)| self.item(keyword, separator, *form)).collect();
        match (items.is_empty(), form) {
            (true, 0) => format!("{open}/>"),
            (true, 1) => format!("{open}></{own}:{name}>"),
            (true, 2 | 3) => format!("{open}>{}<{p}{container} />{line}</{own}:{name}>", self.line(3)),
            _ => format!(
                "{open}>{bag}<{p}{container}>{items}{bag}</{p}{container}>{line}</{own}:{name}>",
                bag = self.line(3)
            ),
        }
    }

    fn item(&self, keyword: &str, separator: &str, form: u8) -> String {
        let (line, p) = (self.line(4), self.style.prefix);
        let value = match separator {
            "" => keyword.rsplit('/').next().unwrap_or(keyword).to_owned(),
            separator => keyword.replace('/', separator),
        };
        let escaped = value.replace('&', "&amp;").replace('<', "&lt;").replace("]]>", "]]&gt;");
        match form {
            0 if !value.contains("]]>") => format!("{line}<{p}li><![CDATA[{value}]]></{p}li>"),
            1 => format!("{line}<!-- item -->{line}<{p}li xml:lang='x-default'>{escaped}</{p}li>"),
            2 => {
                let coded: String = value.chars().map(|c| format!("&#{};", c as u32)).collect();
                format!("{line}<{p}li >{coded}</{p}li>")
            }
            _ => format!("{line}<{p}li>{escaped}</{p}li>"),
        }
    }
}

fn spaced(text: String) -> String {
    if text.starts_with(char::is_whitespace) { text } else { format!(" {text}") }
}
