//! What stands before the picture: its size, its components, and the tables that they use.
//!
//! Source: ITU-T T.81, annex B.

use super::huffman::{First, Others};
use super::{BLOCK, SIDE};

const BASELINE: u8 = 0xc0;
const EXTENDED: u8 = 0xc1;
const CODES: u8 = 0xc4;
const QUANTISATION: u8 = 0xdb;
const RESTARTS: u8 = 0xdd;
const SCAN: u8 = 0xda;
const ADOBE: u8 = 0xee;

/// A picture that can be decoded here.
pub struct Header {
    pub width: usize,
    pub height: usize,
    /// One, or three.
    pub components: Vec<Component>,
    /// Blocks of a unit, of the component that has most.
    pub across: usize,
    pub down: usize,
    /// Units between two restarts, or 0.
    pub restart_units: usize,
    /// Where in the file the picture's bits begin.
    pub picture_at: usize,
}

/// Light, or one difference of colour.
pub struct Component {
    /// Its blocks in a unit.
    pub across: usize,
    pub down: usize,
    pub quantisation: [u16; BLOCK],
    pub first: std::rc::Rc<First>,
    pub others: std::rc::Rc<Others>,
}

/// Of a component, what the frame says.
struct Sampling {
    name: u8,
    across: usize,
    down: usize,
    quantisation: usize,
}

#[derive(Default)]
struct Tables {
    quantisation: [Option<[u16; BLOCK]>; 4],
    first: [Option<std::rc::Rc<First>>; 4],
    others: [Option<std::rc::Rc<Others>>; 4],
    restart_units: usize,
}

impl Header {
    /// Columns and rows of units.
    pub fn units(&self) -> (usize, usize) {
        (self.width.div_ceil(self.across * SIDE), self.height.div_ceil(self.down * SIDE))
    }
}

/// `None` where the picture is of another kind, or not whole up to here.
pub fn read(file: &[u8]) -> Option<Header> {
    let mut tables = Tables::default();
    let mut frame = None;
    let mut at = 2;
    loop {
        let [0xff, marker, high, low] = *file.get(at..)?.first_chunk::<4>()? else { return None };
        // A marker may be preceded by any number of fill bytes.
        if marker == 0xff {
            at += 1;
            continue;
        }
        let end = at + 2 + usize::from(u16::from_be_bytes([high, low]));
        let content = file.get(at + 4..end)?;
        match marker {
            BASELINE | EXTENDED => frame = Some(sampled(content)?),
            CODES => tables.add_codes(content)?,
            QUANTISATION => tables.add_quantisation(content)?,
            RESTARTS => tables.restart_units = usize::from(u16::from_be_bytes(*content.first_chunk()?)),
            SCAN => return header(frame?, &tables, content, end),
            // Colours that are not light and differences of colour; without this marker they are.
            ADOBE if content.starts_with(b"Adobe") && content.get(11) != Some(&1) => return None,
            // Other ways of storing a picture, and lone markers.
            0xc2..=0xcf | 0x00..=0x01 | 0xd0..=0xd9 => return None,
            _ => {}
        }
        at = end;
    }
}

/// Height, width and components of a frame of eight bits.
fn sampled(content: &[u8]) -> Option<(usize, usize, Vec<Sampling>)> {
    let [8, a, b, c, d, count, components @ ..] = content else { return None };
    let (height, width) = (u16::from_be_bytes([*a, *b]).into(), u16::from_be_bytes([*c, *d]).into());
    if width == 0 || height == 0 || components.len() != usize::from(*count) * 3 {
        return None;
    }
    let component = |[name, factors, table]: &[u8; 3]| {
        let (across, down) = (usize::from(factors >> 4), usize::from(factors & 15));
        let is_plain = [across, down].iter().all(|factor| [1, 2, 4].contains(factor)) && *table < 4;
        is_plain.then_some(Sampling { name: *name, across, down, quantisation: usize::from(*table) })
    };
    let components: Vec<Sampling> = components.as_chunks::<3>().0.iter().map(component).collect::<Option<_>>()?;
    let names: Vec<u8> = components.iter().map(|component| component.name).collect();
    // One of light, or three of light and colour; some write red, green and blue under their letters.
    let is_plain = matches!(names.len(), 1 | 3) && !matches!(names.as_slice(), b"RGB" | b"rgb" | [1, 34, 35]);
    is_plain.then_some((height, width, components))
}

fn header(
    (height, width, mut frame): (usize, usize, Vec<Sampling>),
    tables: &Tables,
    scan: &[u8],
    picture_at: usize,
) -> Option<Header> {
    let (count, rest) = scan.split_first()?;
    let (uses, [0, 63, 0]) = rest.split_last_chunk::<3>()? else { return None };
    if usize::from(*count) != frame.len() || uses.len() != 2 * frame.len() {
        return None;
    }
    // A single component has one block a unit, whatever its factors say.
    if let [single] = frame.as_mut_slice() {
        (single.across, single.down) = (1, 1);
    }
    let components = frame.iter().zip(uses.as_chunks::<2>().0).map(|(sampling, [name, codes])| {
        let (first, others) = (usize::from(codes >> 4), usize::from(codes & 15));
        Some(Component {
            across: sampling.across,
            down: sampling.down,
            quantisation: tables.quantisation[sampling.quantisation].filter(|_| *name == sampling.name)?,
            first: tables.first.get(first)?.clone()?,
            others: tables.others.get(others)?.clone()?,
        })
    });
    let components: Vec<Component> = components.collect::<Option<_>>()?;
    let (across, down) = components.iter().fold((1, 1), |(a, d), of| (of.across.max(a), of.down.max(d)));
    Some(Header { width, height, components, across, down, restart_units: tables.restart_units, picture_at })
}

impl Tables {
    fn add_quantisation(&mut self, mut content: &[u8]) -> Option<()> {
        while let Some((about, rest)) = content.split_first() {
            let (numbers, rest): (Vec<u16>, _) = match about >> 4 {
                0 => rest
                    .split_at_checked(BLOCK)
                    .map(|(of, rest)| (of.iter().map(|one| u16::from(*one)).collect(), rest)),
                1 => rest
                    .split_at_checked(2 * BLOCK)
                    .map(|(of, rest)| (of.as_chunks().0.iter().map(|one| u16::from_be_bytes(*one)).collect(), rest)),
                _ => None,
            }?;
            *self.quantisation.get_mut(usize::from(about & 15))? = Some(numbers.try_into().ok()?);
            content = rest;
        }
        Some(())
    }

    fn add_codes(&mut self, mut content: &[u8]) -> Option<()> {
        while let Some((about, rest)) = content.split_first() {
            let (counts, rest) = rest.split_first_chunk::<16>()?;
            let symbols = counts.iter().map(|count| usize::from(*count)).sum();
            let (symbols, rest) = rest.split_at_checked(symbols)?;
            let place = usize::from(about & 15);
            match about >> 4 {
                0 => *self.first.get_mut(place)? = Some(First::new(counts, symbols)?.into()),
                1 => *self.others.get_mut(place)? = Some(Others::new(counts, symbols)?.into()),
                _ => return None,
            }
            content = rest;
        }
        Some(())
    }
}
