//! The first layer of a vision transformer: a picture's patches become rows.

use anyhow::{Result, ensure};
use candle_core::{Device, Tensor};

use super::linear::Linear;
use super::pixels::InputSpec;
use super::place::Place;
use super::{ModelInput, config::Sides};

/// The convolution whose stride is its kernel: one product of patches and kernel.
pub struct Patches {
    kernel: Linear,
    width: usize,
    height: usize,
    across: usize,
    down: usize,
    patch_width: usize,
    patch_height: usize,
    levels: Box<[[f32; 256]; 3]>,
    place: Place,
}

impl Patches {
    /// `kernel` is `[width, 3, patch height, patch width]`. A picture that is no multiple of a patch loses its right and
    /// lower rest, as a convolution does.
    pub fn new(
        kernel: &Tensor,
        bias: Option<Tensor>,
        sizes: (Sides, Sides),
        input: &InputSpec,
        place: &Place,
    ) -> Result<Patches> {
        let (image, patch) = sizes;
        Ok(Patches {
            kernel: Linear::coarse(&kernel.flatten_from(1)?, bias, place)?,
            width: image.width_px(),
            height: image.height_px(),
            across: image.width_px() / patch.width_px(),
            down: image.height_px() / patch.height_px(),
            patch_width: patch.width_px(),
            patch_height: patch.height_px(),
            levels: Box::new(input.levels.table()),
            place: place.clone(),
        })
    }

    /// How many patches a picture has.
    pub fn count(&self) -> usize {
        self.across * self.down
    }

    /// Columns and rows of patches.
    pub fn grid(&self) -> (usize, usize) {
        (self.across, self.down)
    }

    /// Which part of the photo the patches cover, as shares.
    pub fn area(&self, input: &ModelInput) -> [f32; 4] {
        let (right, bottom) = (self.across * self.patch_width, self.down * self.patch_height);
        input.area_of([0.0, 0.0, right as f32, bottom as f32])
    }

    /// `[pictures * patches, width]`.
    pub fn forward(&self, inputs: &[ModelInput]) -> Result<Tensor> {
        let numbers = 3 * self.patch_height * self.patch_width;
        let mut values = Vec::with_capacity(inputs.len() * self.count() * numbers);
        for input in inputs {
            self.check(input)?;
            self.unfold(input, &mut values);
        }
        let values = Tensor::from_vec(values, (inputs.len() * self.count(), numbers), &Device::Cpu)?;
        Ok(self.kernel.forward(&self.place.put(&values)?)?)
    }

    /// Each patch in the order of the kernel: channel, row, column.
    fn unfold(&self, input: &ModelInput, values: &mut Vec<f32>) {
        let row_bytes = input.width_px as usize * 3;
        for patch in 0..self.count() {
            let (left, top) = (patch % self.across * self.patch_width, patch / self.across * self.patch_height);
            for (channel, level) in self.levels.iter().enumerate() {
                for y in top..top + self.patch_height {
                    let start = y * row_bytes + left * 3;
                    let row = &input.rgb[start..start + self.patch_width * 3];
                    values.extend(row.iter().skip(channel).step_by(3).map(|byte| level[usize::from(*byte)]));
                }
            }
        }
    }

    fn check(&self, input: &ModelInput) -> Result<()> {
        let (width, height) = (self.width, self.height);
        ensure!(
            (input.width_px as usize, input.height_px as usize) == (width, height)
                && input.rgb.len() == width * height * 3,
            "The model wants {width} x {height} pixels and got {} x {}",
            input.width_px,
            input.height_px
        );
        Ok(())
    }
}
