//! Where a network's numbers are, and how exact they are there.

use std::fmt;
use std::str::FromStr;

use candle_core::{DType, Device, Result, Tensor};
use serde::{Deserialize, Serialize};

use super::cpu::{Kernel, Level, Word};
use super::device::DeviceChoice;
use super::steps::Steps;

/// A device that a model runs on, and how exact its numbers are there. The steps between the products of matrices are `f32` on the CPU.
#[derive(Clone, Debug)]
pub struct Place {
    pub(super) device: Device,
    pub(super) numbers: DType,
    pub(super) steps: Steps,
    /// How exact the products of the towers are, if the program's own kernels make them.
    coarse: Option<Precision>,
    /// For people: "CPU", "NVIDIA H200".
    pub(super) name: String,
    /// Why it is not the device that was asked for.
    pub(super) note: Option<String>,
}

/// How many bits a number has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    F32,
    F16,
    Bf16,
    /// Weights of eight bits with a scale an output, and rows of eight bits with a scale a row.
    Int8,
}

impl Precision {
    /// Vectors of fewer bits are not mixed with others: they have ids of their own. Those of `f16` and `bf16` from a graphics
    /// processor count as the same, because they order photos alike and a card may give up in the middle of a folder.
    pub(super) fn id_suffix(self) -> &'static str {
        if self == Precision::Int8 { "-int8" } else { "" }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Precision::F32 => "f32",
            Precision::F16 => "f16",
            Precision::Bf16 => "bf16",
            Precision::Int8 => "int8",
        })
    }
}

/// How exact the person wants a model to be on the CPU. A graphics processor always counts in `f16`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PrecisionChoice {
    /// The fastest that orders photos like `f32`.
    #[default]
    Auto,
    F32,
    Bf16,
    Int8,
}

/// What one can choose on this processor; nothing where there is no choice.
pub fn precisions() -> Vec<PrecisionChoice> {
    let level = Level::best();
    let mut choices = vec![PrecisionChoice::Auto, PrecisionChoice::F32, PrecisionChoice::Bf16, PrecisionChoice::Int8];
    choices.retain(|choice| *choice != PrecisionChoice::Bf16 || level.has_brain());
    if level > Level::Plain { choices } else { Vec::new() }
}

impl FromStr for PrecisionChoice {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<PrecisionChoice, String> {
        match text {
            "auto" => Ok(PrecisionChoice::Auto),
            "f32" => Ok(PrecisionChoice::F32),
            "bf16" => Ok(PrecisionChoice::Bf16),
            "int8" => Ok(PrecisionChoice::Int8),
            _ => Err("name one of auto, f32, bf16, int8".to_owned()),
        }
    }
}

impl Place {
    /// In `f32`.
    pub fn cpu() -> Place {
        let (device, name) = (Device::Cpu, "CPU".to_owned());
        let coarse = (Level::best() > Level::Plain).then_some(Precision::F32);
        Place { device, numbers: DType::F32, steps: Steps::Kernels, coarse, name, note: None }
    }

    /// The device that was asked for; where it cannot be had, the CPU with a note that says why.
    pub fn of(choice: DeviceChoice, precision: PrecisionChoice) -> Place {
        let place = match choice {
            DeviceChoice::Cpu => Place::cpu(),
            DeviceChoice::Cuda(number) => cuda(number).unwrap_or_else(Place::cpu_because),
            DeviceChoice::Metal => metal().unwrap_or_else(Place::cpu_because),
            DeviceChoice::Auto => Place::best(),
        };
        place.with(precision)
    }

    /// The same, as exact as the person wants it, if the processor can do that.
    fn with(mut self, choice: PrecisionChoice) -> Place {
        if self.coarse.is_some() {
            let has_bf16 = Level::best().has_brain();
            self.coarse = Some(match choice {
                PrecisionChoice::F32 => Precision::F32,
                // Not `int8`: `tests/calibration.rs` measures what it changes.
                PrecisionChoice::Bf16 | PrecisionChoice::Auto if has_bf16 => Precision::Bf16,
                PrecisionChoice::Bf16 | PrecisionChoice::Auto => Precision::F32,
                PrecisionChoice::Int8 => Precision::Int8,
            });
        }
        self
    }

    /// How exact the towers are here.
    pub fn precision(&self) -> Precision {
        match (self.coarse, self.numbers) {
            (Some(precision), _) => precision,
            (None, DType::F16) => Precision::F16,
            (None, DType::BF16) => Precision::Bf16,
            (None, _) => Precision::F32,
        }
    }

    /// What multiplies exactly, where the processor has instructions that make it worth while.
    pub(super) fn kernel(&self) -> Option<Kernel> {
        self.coarse.map(|_| Kernel { level: Level::best(), word: Word::Float })
    }

    /// What multiplies where eight bits are too few, as a tower begins and ends: `bf16` at most.
    pub(super) fn fine_kernel(&self) -> Option<Kernel> {
        let kernel = self.coarse_kernel()?;
        let is_brain = kernel.word != Word::Float && kernel.level.has_brain();
        Some(Kernel { word: if is_brain { Word::Brain } else { Word::Float }, ..kernel })
    }

    /// What multiplies the many rows of a tower.
    pub(super) fn coarse_kernel(&self) -> Option<Kernel> {
        let level = Level::best();
        self.coarse.map(|precision| Kernel {
            level,
            word: match precision {
                Precision::Int8 => level.eight_bits(),
                Precision::Bf16 | Precision::F16 => Word::Brain,
                Precision::F32 => Word::Float,
            },
        })
    }

    /// What a graphics processor does, done by the CPU: what tests on machines without one compare.
    pub fn rehearsal(precision: Precision) -> Place {
        let numbers = match precision {
            Precision::F32 | Precision::Int8 => DType::F32,
            Precision::F16 => DType::F16,
            Precision::Bf16 => DType::BF16,
        };
        Place { numbers, steps: Steps::Portable, coarse: None, ..Place::cpu() }
    }

    /// A build without support for graphics processors has nothing to explain; one with it does.
    fn best() -> Place {
        let tries: [(bool, fn() -> Found); 2] =
            [(cfg!(feature = "cuda"), || cuda(0)), (cfg!(feature = "metal"), metal)];
        let mut troubles = Vec::new();
        for (_, find) in tries.into_iter().filter(|(is_built, _)| *is_built) {
            match find() {
                Ok(place) => return place,
                Err(trouble) => troubles.push(trouble),
            }
        }
        Place { note: troubles.into_iter().next(), ..Place::cpu() }
    }

    fn cpu_because(trouble: String) -> Place {
        Place { note: Some(trouble), ..Place::cpu() }
    }

    /// Brings a tensor here, in this place's precision.
    pub(super) fn put(&self, tensor: &Tensor) -> Result<Tensor> {
        tensor.to_dtype(self.numbers)?.to_device(&self.device)
    }

    /// Whether one thread at a time should use it.
    pub(super) fn is_shared(&self) -> bool {
        !self.device.is_cpu()
    }

    #[cfg(any(feature = "cuda", feature = "metal"))]
    fn half(device: Device, name: String) -> Place {
        Place { device, numbers: DType::F16, steps: Steps::Portable, coarse: None, name, note: None }
    }
}

/// A place, or why there is none.
pub(super) type Found = std::result::Result<Place, String>;

#[cfg(feature = "cuda")]
pub(super) fn cuda(number: usize) -> Found {
    // The library that finds the driver panics where there is none.
    let found = crate::guard::guarded(|| Device::new_cuda(number));
    match found {
        Ok(Ok(device)) => {
            let name = device.as_cuda_device().ok().and_then(|cuda| cuda.cuda_stream().context().name().ok());
            Ok(Place::half(device, name.unwrap_or_else(|| format!("NVIDIA card {number}"))))
        }
        Ok(Err(error)) => Err(format!("The NVIDIA card {number} cannot be used: {error}. Running on the CPU.")),
        Err(_) => {
            Err("No NVIDIA driver was found. Install NVIDIA's driver to use the card. Running on the CPU.".to_owned())
        }
    }
}

#[cfg(not(feature = "cuda"))]
pub(super) fn cuda(_number: usize) -> Found {
    Err("This build of Tagroll cannot use NVIDIA cards. Running on the CPU.".to_owned())
}

#[cfg(feature = "metal")]
pub(super) fn metal() -> Found {
    match crate::guard::guarded(|| Device::new_metal(0)) {
        Ok(Ok(device)) => Ok(Place::half(device, "Metal".to_owned())),
        Ok(Err(error)) => Err(format!("Metal cannot be used: {error}. Running on the CPU.")),
        Err(_) => Err("Metal cannot be used on this machine. Running on the CPU.".to_owned()),
    }
}

#[cfg(not(feature = "metal"))]
pub(super) fn metal() -> Found {
    Err("This build of Tagroll cannot use Metal. Running on the CPU.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn a_build_without_cuda_says_so_and_runs_on_the_cpu() {
        let place = Place::of(DeviceChoice::Cuda(0), PrecisionChoice::Auto);
        assert_eq!(place.name, "CPU");
        assert!(place.note.unwrap().contains("This build of Tagroll cannot use NVIDIA cards"));
    }

    #[cfg(not(any(feature = "cuda", feature = "metal")))]
    #[test]
    fn choosing_nothing_in_a_plain_build_needs_no_explanation() {
        let place = Place::of(DeviceChoice::Auto, PrecisionChoice::Auto);
        assert_eq!((place.name.as_str(), place.note), ("CPU", None));
    }
}
