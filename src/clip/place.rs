//! Where a network's numbers are, and how exact they are there.

use candle_core::{DType, Device, Result, Tensor};

use super::device::DeviceChoice;
use super::steps::Steps;

/// A device that a model runs on. The CPU counts in `f32`, graphics processors in `f16`.
#[derive(Clone, Debug)]
pub struct Place {
    pub(super) device: Device,
    pub(super) numbers: DType,
    pub(super) steps: Steps,
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
}

impl Place {
    pub fn cpu() -> Place {
        Place { device: Device::Cpu, numbers: DType::F32, steps: Steps::Kernels, name: "CPU".to_owned(), note: None }
    }

    /// The device that was asked for; where it cannot be had, the CPU with a note that says why.
    pub fn of(choice: DeviceChoice) -> Place {
        match choice {
            DeviceChoice::Cpu => Place::cpu(),
            DeviceChoice::Cuda(number) => cuda(number).unwrap_or_else(Place::cpu_because),
            DeviceChoice::Metal => metal().unwrap_or_else(Place::cpu_because),
            DeviceChoice::Auto => Place::best(),
        }
    }

    /// What a graphics processor does, done by the CPU: what tests on machines without one compare.
    pub fn rehearsal(precision: Precision) -> Place {
        let numbers = match precision {
            Precision::F32 => DType::F32,
            Precision::F16 => DType::F16,
            Precision::Bf16 => DType::BF16,
        };
        Place { numbers, steps: Steps::Portable, ..Place::cpu() }
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
        Place { device, numbers: DType::F16, steps: Steps::Portable, name, note: None }
    }
}

/// A place, or why there is none.
pub(super) type Found = std::result::Result<Place, String>;

#[cfg(feature = "cuda")]
pub(super) fn cuda(number: usize) -> Found {
    // The library that finds the driver panics where there is none.
    let found = std::panic::catch_unwind(|| Device::new_cuda(number));
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
    match std::panic::catch_unwind(|| Device::new_metal(0)) {
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
        let place = Place::of(DeviceChoice::Cuda(0));
        assert_eq!(place.name, "CPU");
        assert!(place.note.unwrap().contains("This build of Tagroll cannot use NVIDIA cards"));
    }

    #[cfg(not(any(feature = "cuda", feature = "metal")))]
    #[test]
    fn choosing_nothing_in_a_plain_build_needs_no_explanation() {
        let place = Place::of(DeviceChoice::Auto);
        assert_eq!((place.name.as_str(), place.note), ("CPU", None));
    }
}
