//! A checkpoint's tensors, all as `f32`, and the hash of its bytes.
//!
//! A tensor that is missing, has another shape than the model needs or holds a number that is none is an error that names
//! it: nothing is ever filled in.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail, ensure};
use candle_core::{DType, Device, Storage, Tensor};
use safetensors::Dtype;
use serde::Deserialize;

use super::kernels::values;
use super::place::Place;

/// Tensors by name. A tower takes what it needs, so that a checkpoint is in memory once.
pub struct Weights {
    tensors: HashMap<String, Tensor>,
    /// For messages.
    path: PathBuf,
    place: Place,
}

/// One entry of a safetensors header.
#[derive(Deserialize)]
struct Entry {
    dtype: Dtype,
    shape: Vec<usize>,
    data_offsets: (u64, u64),
}

/// The format's own limit.
const LONGEST_HEADER_BYTES: u64 = 100_000_000;

const LFS_POINTER: &[u8] = b"version https://git-lfs";

impl Weights {
    /// Reads the `.safetensors` files of one model, all of them at once in memory; their bytes also go into `hasher`.
    /// `place` is where the network will be.
    pub fn open(paths: &[PathBuf], place: &Place, hasher: &mut blake3::Hasher) -> Result<Weights> {
        let mut raw = HashMap::new();
        for path in paths {
            let file = File::open(path).with_context(|| format!("Could not open {}", path.display()))?;
            let size_bytes = file.metadata().with_context(|| format!("Could not read {}", path.display()))?.len();
            read_file(BufReader::with_capacity(1 << 20, file), size_bytes, path, hasher, &mut raw)?;
        }
        let path = paths.first().cloned().unwrap_or_default();
        Ok(Weights { tensors: with_scales(raw)?, path, place: place.clone() })
    }

    /// Reads the safetensors format, for the CPU. `path` is only for messages.
    pub fn read(source: impl Read, size_bytes: u64, path: &Path, hasher: &mut blake3::Hasher) -> Result<Weights> {
        let mut raw = HashMap::new();
        read_file(source, size_bytes, path, hasher, &mut raw)?;
        Ok(Weights { tensors: with_scales(raw)?, path: path.to_path_buf(), place: Place::cpu() })
    }

    /// Where the network will be.
    pub fn place(&self) -> &Place {
        &self.place
    }

    pub fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// Takes the tensor out, as `f32` on the CPU; an error names it if it is not there or not of `shape`.
    pub fn take(&mut self, name: &str, shape: &[usize]) -> Result<Tensor> {
        let path = self.path.display();
        let Some(tensor) = self.tensors.remove(name) else {
            bail!("{path} has no tensor \"{name}\" (shape {shape:?}): its configuration belongs to another model");
        };
        ensure!(
            tensor.dims() == shape,
            "{path}: the tensor \"{name}\" has the shape {:?}, but the model's configuration asks for {shape:?}",
            tensor.dims()
        );
        ensure!(
            is_finite(&tensor)?,
            "{path}: the tensor \"{name}\" holds a number that is infinite or none at all. Download the file again"
        );
        Ok(tensor)
    }

    /// Takes the tensor out and brings it to where the network is.
    pub fn put(&mut self, name: &str, shape: &[usize]) -> Result<Tensor> {
        let tensor = self.take(name, shape)?;
        Ok(self.place.put(&tensor)?)
    }

    /// Takes a single number, whether stored as a scalar or as a list of one.
    pub fn take_number(&mut self, name: &str) -> Result<f32> {
        let shape: &[usize] = if self.tensors.get(name).is_some_and(|t| t.rank() == 0) { &[] } else { &[1] };
        Ok(self.take(name, shape)?.flatten_all()?.to_vec1()?[0])
    }

    /// How many numbers are still there.
    pub fn parameters(&self) -> usize {
        self.tensors.values().map(Tensor::elem_count).sum()
    }
}

/// Adds one file's tensors to `raw`.
fn read_file(
    source: impl Read,
    size_bytes: u64,
    path: &Path,
    hasher: &mut blake3::Hasher,
    raw: &mut HashMap<String, Stored>,
) -> Result<()> {
    let mut source = Hashed { source, hasher };
    let header = read_header(&mut source, size_bytes).with_context(|| broken(path))?;
    for (name, entry) in header {
        let bytes = read_entry(&mut source, &name, &entry).with_context(|| broken(path))?;
        if let Some(tensor) = tensor_of(&entry, &bytes).with_context(|| format!("{}: {name}", path.display()))? {
            raw.insert(name, tensor);
        }
    }
    Ok(())
}

/// Looked at where a tensor is taken, because old checkpoints carry masks of minus infinity that no tower wants.
fn is_finite(tensor: &Tensor) -> Result<bool> {
    let tensor = tensor.contiguous()?;
    let (storage, layout) = tensor.storage_and_layout();
    let Storage::Cpu(storage) = &*storage else { bail!("the tensors of a checkpoint start on the CPU") };
    let numbers = values(storage, layout)?;
    // Zero times a number is zero, and times anything else is not; unlike a search it fills vector registers.
    Ok(numbers.chunks(4096).all(|part| part.iter().map(|number| number * 0.0).sum::<f32>() == 0.0))
}

/// A reader that shows the hasher every byte.
struct Hashed<'a, R> {
    source: R,
    hasher: &'a mut blake3::Hasher,
}

impl<R: Read> Hashed<'_, R> {
    fn take(&mut self, size_bytes: u64) -> Result<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(size_bytes)?];
        self.source.read_exact(&mut bytes)?;
        self.hasher.update(&bytes);
        Ok(bytes)
    }
}

fn broken(path: &Path) -> String {
    format!("{} cannot be read as model weights. Download the file again", path.display())
}

/// The entries in the order of their bytes.
fn read_header<R: Read>(source: &mut Hashed<'_, R>, size_bytes: u64) -> Result<Vec<(String, Entry)>> {
    ensure!(size_bytes >= 8, "it has only {size_bytes} bytes");
    let start = source.take(8)?;
    if LFS_POINTER.starts_with(&start) {
        bail!("it is a Git LFS pointer, not the weights themselves: run \"git lfs pull\" in its folder");
    }
    let length = u64::from_le_bytes(start.try_into().map_err(|_| anyhow!("it has no length"))?);
    ensure!(length <= LONGEST_HEADER_BYTES, "it is not in the safetensors format");
    ensure!(8 + length <= size_bytes, "it is cut off within its table of contents");
    let mut table: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(&source.take(length)?).context("its table of contents is damaged")?;
    table.remove("__metadata__");
    let mut entries = table
        .into_iter()
        .map(|(name, entry)| Ok((name, serde_json::from_value::<Entry>(entry)?)))
        .collect::<Result<Vec<_>>>()
        .context("its table of contents is damaged")?;
    entries.sort_by_key(|(_, entry)| entry.data_offsets);
    let mut promised = 0;
    for (name, entry) in &entries {
        ensure!(entry.data_offsets.0 == promised, "the tensor \"{name}\" does not follow the one before it");
        promised = promised.max(entry.data_offsets.1);
    }
    let held = size_bytes - 8 - length;
    ensure!(held >= promised, "it is cut off: it holds {held} bytes of numbers and promises {promised}");
    ensure!(held == promised, "it holds {held} bytes of numbers but names only {promised}");
    Ok(entries)
}

fn read_entry<R: Read>(source: &mut Hashed<'_, R>, name: &str, entry: &Entry) -> Result<Vec<u8>> {
    let (from, to) = entry.data_offsets;
    let bits: Option<u64> =
        entry.shape.iter().try_fold(entry.dtype.bitsize() as u64, |bits, size| bits.checked_mul(*size as u64));
    ensure!(from <= to && bits == (to - from).checked_mul(8), "the tensor \"{name}\" has a wrong length");
    source.take(to - from)
}

/// A tensor and the type it was stored in.
struct Stored {
    tensor: Tensor,
    is_int8: bool,
}

/// `None` for what is not a weight (old checkpoints carry position numbers).
fn tensor_of(entry: &Entry, bytes: &[u8]) -> Result<Option<Stored>> {
    let dtype = match entry.dtype {
        Dtype::F32 => DType::F32,
        Dtype::F16 => DType::F16,
        Dtype::BF16 => DType::BF16,
        Dtype::F64 => DType::F64,
        Dtype::I8 => {
            let numbers: Vec<f32> = bytes.iter().map(|byte| f32::from(byte.cast_signed())).collect();
            let tensor = Tensor::from_vec(numbers, entry.shape.as_slice(), &Device::Cpu)?;
            return Ok(Some(Stored { tensor, is_int8: true }));
        }
        Dtype::I32 | Dtype::I64 | Dtype::U8 | Dtype::BOOL => return Ok(None),
        other => bail!("numbers stored as {other:?} are not supported"),
    };
    let tensor = Tensor::from_raw_buffer(bytes, dtype, &entry.shape, &Device::Cpu)?.to_dtype(DType::F32)?;
    Ok(Some(Stored { tensor, is_int8: false }))
}

/// An 8-bit matrix `X` comes with `X_scale`, one factor a row.
fn with_scales(mut raw: HashMap<String, Stored>) -> Result<HashMap<String, Tensor>> {
    let quantised: Vec<String> =
        raw.iter().filter(|(_, stored)| stored.is_int8).map(|(name, _)| name.clone()).collect();
    for name in quantised {
        let scale_name = format!("{name}_scale");
        let scale = raw.remove(&scale_name).with_context(|| format!("The tensor \"{scale_name}\" is missing"))?.tensor;
        let stored = raw.get_mut(&name).with_context(|| format!("The tensor \"{name}\" is missing"))?;
        stored.tensor = stored
            .tensor
            .broadcast_mul(&scale.unsqueeze(1)?)
            .with_context(|| format!("The tensor \"{scale_name}\" does not fit \"{name}\""))?;
    }
    Ok(raw.into_iter().map(|(name, stored)| (name, stored.tensor)).collect())
}
