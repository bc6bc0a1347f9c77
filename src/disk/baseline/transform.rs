//! From the coefficients of a block to one, two, four or eight samples a side: the inverse cosine transform of that many
//! points, of that many coefficients.

use super::{BLOCK, SIDE};

/// Where the coefficients stand in a block, in the order in which they are stored.
pub const PLACES: [usize; BLOCK] = places();

/// For blocks of one component.
pub struct Transform {
    width: usize,
    height: usize,
    /// What the coefficients are multiplied by, in the order in which they are stored.
    pub factors: [f32; BLOCK],
    /// Those from here on are not needed.
    pub needed: usize,
}

impl Transform {
    /// `None` where a block cannot become as large as that.
    pub fn new(width: usize, height: usize, quantisation: &[u16; BLOCK]) -> Option<Transform> {
        if ![width, height].iter().all(|side| [1, 2, 4, 8].contains(side)) {
            return None;
        }
        let is_needed = |at: &usize| PLACES[*at] % SIDE < width && PLACES[*at] / SIDE < height;
        let needed = (0..BLOCK).rfind(is_needed).map_or(0, |last| last + 1);
        let factor = |at: usize| if is_needed(&at) { f32::from(quantisation[at]) } else { 0.0 };
        Some(Transform { width, height, factors: std::array::from_fn(factor), needed })
    }

    #[inline(always)]
    pub fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// Writes the samples of a block to the beginnings of lines that are `stride` apart.
    #[inline(always)]
    pub fn apply(&self, block: &[f32; BLOCK], has_more: bool, out: &mut [u8], stride: usize) {
        if !has_more {
            let level = sample(block[0] / SIDE as f32);
            out.chunks_mut(stride).take(self.height).for_each(|line| line[..self.width].fill(level));
            return;
        }
        match (self.width, self.height) {
            (2, 2) => inverse::<2, 2>(block, out, stride),
            (4, 4) => inverse::<4, 4>(block, out, stride),
            (4, 2) => inverse::<4, 2>(block, out, stride),
            (2, 4) => inverse::<2, 4>(block, out, stride),
            (2, 1) => inverse::<2, 1>(block, out, stride),
            (1, 2) => inverse::<1, 2>(block, out, stride),
            (4, 1) => inverse::<4, 1>(block, out, stride),
            (1, 4) => inverse::<1, 4>(block, out, stride),
            (8, 2) => inverse::<8, 2>(block, out, stride),
            (2, 8) => inverse::<2, 8>(block, out, stride),
            (8, 4) => inverse::<8, 4>(block, out, stride),
            (4, 8) => inverse::<4, 8>(block, out, stride),
            (8, 1) => inverse::<8, 1>(block, out, stride),
            (1, 8) => inverse::<1, 8>(block, out, stride),
            (1, 1) => inverse::<1, 1>(block, out, stride),
            _ => inverse::<8, 8>(block, out, stride),
        }
    }
}

#[inline(always)]
fn inverse<const WIDTH: usize, const HEIGHT: usize>(block: &[f32; BLOCK], out: &mut [u8], stride: usize) {
    let mut half = [[0.0f32; WIDTH]; HEIGHT];
    for (line, weights) in half.iter_mut().zip(waves(HEIGHT)) {
        for (row, weight) in block.as_chunks::<SIDE>().0.iter().zip(weights).take(HEIGHT) {
            for (sum, value) in line.iter_mut().zip(row) {
                *sum += weight * value;
            }
        }
    }
    for (line, half) in out.chunks_mut(stride).zip(&half) {
        let mut levels = [0.0f32; WIDTH];
        for (value, weights) in half.iter().zip(waves_of_coefficients(WIDTH)) {
            for (level, weight) in levels.iter_mut().zip(weights) {
                *level += weight * value;
            }
        }
        line.iter_mut().zip(levels).for_each(|(out, level)| *out = sample(level));
    }
}

#[inline(always)]
fn sample(level: f32) -> u8 {
    // Half a step for rounding; the cast stops at both ends.
    (level + 128.5) as u8
}

/// Of each sample, the weights of the coefficients.
#[inline(always)]
fn waves(points: usize) -> &'static [[f32; SIDE]; SIDE] {
    match points {
        1 => &ONE,
        2 => &TWO,
        4 => &FOUR,
        _ => &EIGHT,
    }
}

/// Of each coefficient, the weights in the samples.
#[inline(always)]
fn waves_of_coefficients(points: usize) -> &'static [[f32; SIDE]; SIDE] {
    match points {
        1 => &ONE_TURNED,
        2 => &TWO_TURNED,
        4 => &FOUR_TURNED,
        _ => &EIGHT_TURNED,
    }
}

static ONE: [[f32; SIDE]; SIDE] = weights(1);
static TWO: [[f32; SIDE]; SIDE] = weights(2);
static FOUR: [[f32; SIDE]; SIDE] = weights(4);
static EIGHT: [[f32; SIDE]; SIDE] = weights(8);
static ONE_TURNED: [[f32; SIDE]; SIDE] = turned(&ONE);
static TWO_TURNED: [[f32; SIDE]; SIDE] = turned(&TWO);
static FOUR_TURNED: [[f32; SIDE]; SIDE] = turned(&FOUR);
static EIGHT_TURNED: [[f32; SIDE]; SIDE] = turned(&EIGHT);

const fn turned(weights: &[[f32; SIDE]; SIDE]) -> [[f32; SIDE]; SIDE] {
    let mut turned = [[0.0; SIDE]; SIDE];
    let mut place = 0;
    while place < SIDE * SIDE {
        turned[place % SIDE][place / SIDE] = weights[place / SIDE][place % SIDE];
        place += 1;
    }
    turned
}

/// `cos((2 n + 1) k pi / 2 N) / 2` for sample `n` and coefficient `k`, and its middle for the first one.
const fn weights(points: usize) -> [[f32; SIDE]; SIDE] {
    /// Cosines of sixteenths of a half turn, from none to a half.
    const COSINES: [f64; 9] = [
        1.0,
        0.980_785_280_403_230_4,
        0.923_879_532_511_286_7,
        0.831_469_612_302_545_2,
        std::f64::consts::FRAC_1_SQRT_2,
        0.555_570_233_019_602_2,
        0.382_683_432_365_089_8,
        0.195_090_322_016_128_28,
        0.0,
    ];
    let mut weights = [[0.0; SIDE]; SIDE];
    let mut sample = 0;
    while sample < points {
        weights[sample][0] = (COSINES[4] / 2.0) as f32;
        let mut at = 1;
        while at < points {
            let sixteenths = (2 * sample + 1) * at * (SIDE / points) % 32;
            // The wave falls through a half turn and rises through the next.
            let fallen = if sixteenths > 16 { 32 - sixteenths } else { sixteenths };
            let cosine = if fallen > 8 { -COSINES[16 - fallen] } else { COSINES[fallen] };
            weights[sample][at] = (cosine / 2.0) as f32;
            at += 1;
        }
        sample += 1;
    }
    weights
}

const fn places() -> [usize; BLOCK] {
    let mut places = [0; BLOCK];
    let (mut diagonal, mut at) = (0, 0);
    while diagonal < 2 * SIDE - 1 {
        let first = if diagonal < SIDE { 0 } else { diagonal - SIDE + 1 };
        let last = if diagonal < SIDE { diagonal } else { SIDE - 1 };
        let mut step = first;
        while step <= last {
            // Every other diagonal goes up.
            let (row, column) = if diagonal % 2 == 0 { (diagonal - step, step) } else { (step, diagonal - step) };
            places[at] = row * SIDE + column;
            at += 1;
            step += 1;
        }
        diagonal += 1;
    }
    places
}

/// Of light and two differences of colour, as T.871 has it, in parts of 65,536.
#[inline(always)]
pub fn rgb(light: u8, blue: u8, red: u8) -> [u8; 3] {
    let (light, blue, red) = ((i32::from(light) << 16) + (1 << 15), i32::from(blue) - 128, i32::from(red) - 128);
    let colours = [light + 91_881 * red, light - 22_554 * blue - 46_802 * red, light + 116_130 * blue];
    colours.map(|colour| (colour >> 16).clamp(0, 255) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coefficients_are_stored_in_a_zigzag() {
        assert_eq!(PLACES[..11], [0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32]);
        assert_eq!(PLACES[61..], [55, 62, 63]);
        assert_eq!(Transform::new(2, 2, &[1; BLOCK]).map(|transform| transform.needed), Some(5));
        assert_eq!(Transform::new(3, 2, &[1; BLOCK]).map(drop), None);
    }

    #[test]
    fn weights_are_halves_of_cosines() {
        for points in [2, 4, 8] {
            for (sample, weights) in waves(points).iter().enumerate().take(points) {
                for (at, weight) in weights.iter().enumerate().take(points).skip(1) {
                    let angle = (2 * sample + 1) as f64 * at as f64 * std::f64::consts::PI / (2 * points) as f64;
                    assert!((f64::from(*weight) - angle.cos() / 2.0).abs() < 1e-6, "{points} {sample} {at}");
                }
            }
        }
    }

    #[test]
    fn grey_stays_grey_and_full_colours_end_at_the_ends() {
        assert_eq!([0, 77, 255].map(|light| rgb(light, 128, 128)), [[0; 3], [77; 3], [255; 3]]);
        // 255 - 0.344136 * 127 - 0.714136 * 127 is 120.6.
        assert_eq!(rgb(255, 255, 255), [255, 121, 255]);
    }
}
