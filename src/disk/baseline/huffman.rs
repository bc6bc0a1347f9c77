//! Codes of one to sixteen bits, each for a run of zeros and the size of the number behind it.
//!
//! Source: ITU-T T.81, annex F.

use super::BLOCK;
use super::bits::Bits;

/// Bits of a code that are looked up at once; longer ones are rare.
const LOOK: u32 = 10;
/// Bits in which several codes and their numbers may be passed over at once.
const FAR_LOOK: u32 = 11;
/// No more zeros than this end a block.
const END: u32 = 0x80;

/// A table of codes.
pub struct Codes {
    /// By the next bits: how long the code is, and its symbol; length 0 where the code is longer.
    short: Box<[(u8, u8); 1 << LOOK]>,
    /// Of each length: the first code that is too large for it, as sixteen bits, and what is to be added to a code for the
    /// place of its symbol.
    lengths: [(u32, i32); 17],
    symbols: Vec<u8>,
}

/// What the next bits pass over: several symbols with their numbers, as far as they can be told.
#[derive(Clone, Copy, Default)]
struct Passed {
    bits: u8,
    /// Coefficients, with [`END`] at the end of a block; 0 where nothing can be told.
    run: u8,
    /// Coefficients before the last symbol, which must begin inside the block.
    before_last: u8,
}

/// The codes for the first coefficients of blocks.
pub struct First(Codes);

/// The codes for all other coefficients.
pub struct Others {
    codes: Codes,
    far: Box<[Passed; 1 << FAR_LOOK]>,
}

impl Codes {
    /// `counts` are how many codes there are of each length from 1 on. `None` where they are more than fit.
    fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<Codes> {
        let mut codes =
            Codes { short: Box::new([(0, 0); 1 << LOOK]), lengths: [(0, 0); 17], symbols: symbols.to_vec() };
        let (mut code, mut place) = (0u32, 0usize);
        for (length, count) in (1u32..).zip(counts) {
            codes.lengths[length as usize].1 = place as i32 - code as i32;
            for _ in 0..*count {
                let symbol = *symbols.get(place)?;
                if code >= 1 << length {
                    return None;
                }
                if length <= LOOK {
                    let first = (code << (LOOK - length)) as usize;
                    codes.short[first..first + (1 << (LOOK - length))].fill((length as u8, symbol));
                }
                code += 1;
                place += 1;
            }
            codes.lengths[length as usize].0 = code << (16 - length);
            code <<= 1;
        }
        Some(codes)
    }

    /// The next symbol. Leaves at least 16 bits ready.
    #[inline(always)]
    fn symbol(&self, bits: &mut Bits) -> Option<u8> {
        bits.prepare();
        let (length, symbol) = self.short[bits.look(LOOK) as usize];
        if length > 0 {
            bits.skip(u32::from(length));
            return Some(symbol);
        }
        let (length, symbol) = self.find(bits.look(16))?;
        bits.skip(length);
        Some(symbol)
    }

    /// The code at the beginning of sixteen bits: its length and its symbol.
    #[cold]
    fn find(&self, next: u32) -> Option<(u32, u8)> {
        let length = (1..=16).find(|length| next < self.lengths[*length as usize].0)?;
        let place = (next >> (16 - length)) as i32 + self.lengths[length as usize].1;
        Some((length, *self.symbols.get(usize::try_from(place).ok()?)?))
    }
}

impl First {
    pub fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<First> {
        Codes::new(counts, symbols).map(First)
    }

    /// From the first coefficient of the block before.
    #[inline(always)]
    pub fn difference(&self, bits: &mut Bits) -> Option<i32> {
        let size = self.0.symbol(bits)?;
        // Baseline pictures have up to 11 bits.
        if size > 11 { None } else { Some(number(bits, u32::from(size))) }
    }
}

impl Others {
    pub fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<Others> {
        let codes = Codes::new(counts, symbols)?;
        let mut far = Box::new([Passed::default(); 1 << FAR_LOOK]);
        far.iter_mut().zip(0u32..).for_each(|(passed, next)| *passed = codes.passed(next));
        Some(Others { codes, far })
    }

    /// How many zeros come before the next number, and the number. Without one, the zeros are sixteen, or none are left but
    /// those to the end of the block, for which 0 stands.
    #[inline(always)]
    pub fn coefficient(&self, bits: &mut Bits) -> Option<(usize, Option<i32>)> {
        let symbol = self.codes.symbol(bits)?;
        match (usize::from(symbol >> 4), u32::from(symbol & 15)) {
            (15, 0) => Some((16, None)),
            (_, 0) => Some((0, None)),
            (run, size) => Some((run, Some(number(bits, size)))),
        }
    }

    /// Goes on to the end of a block of which the coefficients from `at` on are left.
    #[inline(always)]
    pub fn pass_over(&self, bits: &mut Bits, at: usize) -> Option<()> {
        let mut at = at as u32;
        while at < BLOCK as u32 {
            bits.prepare();
            let passed = self.far[bits.look(FAR_LOOK) as usize];
            if passed.run > 0 && at + u32::from(passed.before_last) < BLOCK as u32 {
                bits.skip(u32::from(passed.bits));
                at += u32::from(passed.run);
            } else {
                at += self.pass_one(bits)?;
            }
        }
        // Beyond the block lies only the mark of its end.
        (at == BLOCK as u32 || at >= END).then_some(())
    }

    #[inline(always)]
    fn pass_one(&self, bits: &mut Bits) -> Option<u32> {
        let symbol = self.codes.symbol(bits)?;
        let (run, size) = passed_by(symbol);
        bits.skip(size);
        Some(run)
    }
}

impl Codes {
    fn passed(&self, next: u32) -> Passed {
        let mut passed = Passed::default();
        let (mut used, mut run) = (0, 0);
        while used < FAR_LOOK && run < END {
            // Unknown bits behind are zeros; a code that would reach into them is not told.
            let Some((length, symbol)) = self.find((next << used & ((1 << FAR_LOOK) - 1)) << (16 - FAR_LOOK)) else {
                break;
            };
            if used + length > FAR_LOOK {
                break;
            }
            let (more, size) = passed_by(symbol);
            if run + more >= BLOCK as u32 && more != END {
                break;
            }
            passed = Passed { bits: (used + length + size) as u8, run: (run + more) as u8, before_last: run as u8 };
            used += length + size;
            run += more;
        }
        passed
    }
}

/// Over how many coefficients and behind the code over how many bits a symbol goes.
#[inline(always)]
fn passed_by(symbol: u8) -> (u32, u32) {
    match (u32::from(symbol >> 4), u32::from(symbol & 15)) {
        (15, 0) => (16, 0),
        (_, 0) => (END, 0),
        (run, size) => (run + 1, size),
    }
}

/// The number of `size` bits, of which those that begin with 0 are negative.
#[inline(always)]
fn number(bits: &mut Bits, size: u32) -> i32 {
    if size == 0 {
        return 0;
    }
    let found = bits.look(size) as i32;
    bits.skip(size);
    if found < 1 << (size - 1) { found - (1 << size) + 1 } else { found }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 0, 10, 110 and a code of twelve bits.
    const COUNTS: [u8; 16] = [1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0];

    #[test]
    fn codes_of_any_length_give_their_symbols() {
        let codes = Codes::new(&COUNTS, &[5, 6, 7, 8]).unwrap();
        let mut bits = Bits::new(&[0b0101_1011, 0b1000_0000, 0b0000_0000, 0, 0]);
        assert_eq!([5, 6, 7, 8].map(|_| codes.symbol(&mut bits)), [Some(5), Some(6), Some(7), Some(8)]);
        assert_eq!(Codes::new(&COUNTS, &[5, 6, 7]).map(drop), None);
        assert_eq!(Codes::new(&[3; 16], &[0; 48]).map(drop), None);
    }

    #[test]
    fn passing_over_ends_where_reading_one_by_one_ends() {
        // A number of one bit, one of two bits after a zero, sixteen zeros, and the end.
        let others = Others::new(&COUNTS, &[0x01, 0x12, 0xf0, 0x00]).unwrap();
        let ones: Vec<u8> = (0..4000u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8 & 0x7f).collect();
        let mut whole = 0;
        for start in 0..200 {
            let (mut passed, mut read) = (Bits::new(&ones[start * 16..]), Bits::new(&ones[start * 16..]));
            let ended = others.pass_over(&mut passed, 1);
            let mut at = Some(1);
            while let Some(before) = at.filter(|at| *at < BLOCK as u32) {
                at = others.pass_one(&mut read).map(|passed| before + passed);
            }
            // Some bits are no code, and some blocks have too many numbers.
            assert_eq!(ended.is_some(), at.is_some_and(|at| at == BLOCK as u32 || at >= END));
            if ended.is_none() {
                continue;
            }
            whole += 1;
            passed.prepare();
            read.prepare();
            assert_eq!(passed.look(32), read.look(32));
        }
        assert!(whole > 0, "no block was whole");
    }
}
