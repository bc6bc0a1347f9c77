//! A checkpoint's tensors, all as `f32`, and the hash of its bytes.
//!
//! A file is read twice: once for its hash, and then each tensor when a tower takes it. So a model whose weights are packed as
//! bytes never needs the memory of all of them as `f32`.
//!
//! A tensor that is missing, has another shape than the model needs or holds a number that is none is an error that names
//! it: nothing is ever filled in.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail, ensure};
use candle_core::{DType, Device, Storage, Tensor};
use safetensors::Dtype;
use serde::Deserialize;

use super::kernels::values;
use super::place::Place;

/// Tensors by name. A tower takes what it needs, so that a checkpoint is in memory once.
pub struct Weights {
    tensors: HashMap<String, Stored>,
    sources: Vec<Source>,
    /// For messages.
    path: PathBuf,
    place: Place,
}

/// Where the bytes of tensors are.
enum Source {
    File(File),
    Memory(&'static [u8]),
}

/// A tensor that has not been taken.
struct Stored {
    entry: Entry,
    /// Which source, and where in it its first byte is.
    source: usize,
    at: u64,
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
    /// Looks at the `.safetensors` files of one model; their bytes also go into `hasher`. `place` is where the network will be.
    pub fn open(paths: &[PathBuf], place: &Place, hasher: &mut blake3::Hasher) -> Result<Weights> {
        let path = paths.first().cloned().unwrap_or_default();
        let mut weights = Weights { tensors: HashMap::new(), sources: Vec::new(), path, place: place.clone() };
        for path in paths {
            let file = File::open(path).with_context(|| format!("Could not open {}", path.display()))?;
            let size_bytes = file.metadata().with_context(|| format!("Could not read {}", path.display()))?.len();
            weights.add(BufReader::with_capacity(1 << 20, &file), size_bytes, path, hasher)?;
            weights.sources.push(Source::File(file));
        }
        Ok(weights)
    }

    /// Those of a file that is in memory. `path` is only for messages.
    pub fn of_bytes(bytes: &'static [u8], path: &Path, place: &Place, hasher: &mut blake3::Hasher) -> Result<Weights> {
        let (tensors, path_buf) = (HashMap::new(), path.to_path_buf());
        let mut weights = Weights { tensors, sources: Vec::new(), path: path_buf, place: place.clone() };
        weights.add(bytes, bytes.len() as u64, path, hasher)?;
        weights.sources.push(Source::Memory(bytes));
        Ok(weights)
    }

    /// Takes in what the next source holds.
    fn add(&mut self, source: impl Read, size_bytes: u64, path: &Path, hasher: &mut blake3::Hasher) -> Result<()> {
        let mut source = Hashed { source, hasher };
        let (header, start) = read_header(&mut source, size_bytes).with_context(|| broken(path))?;
        for (name, entry) in header {
            check_length(&name, &entry).with_context(|| broken(path))?;
            let is_weight = is_weight(&entry).with_context(|| format!("{}: {name}", path.display()))?;
            if is_weight {
                let at = start + entry.data_offsets.0;
                self.tensors.insert(name, Stored { entry, source: self.sources.len(), at });
            }
        }
        source.pass_on().with_context(|| broken(path))
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
        let Some(stored) = self.tensors.remove(name) else {
            bail!("{path} has no tensor \"{name}\" (shape {shape:?}): its configuration belongs to another model");
        };
        ensure!(
            stored.entry.shape == shape,
            "{path}: the tensor \"{name}\" has the shape {:?}, but the model's configuration asks for {shape:?}",
            stored.entry.shape
        );
        let tensor = self.read(&stored).with_context(|| broken(&self.path))?;
        let tensor = if stored.entry.dtype == Dtype::I8 { self.scaled(name, &tensor)? } else { tensor };
        ensure!(
            is_finite(&tensor)?,
            "{}: the tensor \"{name}\" holds a number that is infinite or none at all. Download the file again",
            self.path.display()
        );
        Ok(tensor)
    }

    fn read(&self, Stored { entry, source, at }: &Stored) -> Result<Tensor> {
        let (from, to) = entry.data_offsets;
        let size = usize::try_from(to - from)?;
        match &self.sources[*source] {
            Source::Memory(all) => tensor_of(entry, &all[usize::try_from(*at)?..][..size]),
            Source::File(file) => {
                let mut file = file;
                file.seek(SeekFrom::Start(*at))?;
                if entry.dtype == Dtype::F32 {
                    let mut numbers = numbers_apart(size / size_of::<f32>());
                    file.read_exact(bytemuck::cast_slice_mut(&mut numbers))?;
                    return Ok(Tensor::from_vec(numbers, entry.shape.as_slice(), &Device::Cpu)?);
                }
                let mut bytes = vec![0; size];
                file.read_exact(&mut bytes)?;
                tensor_of(entry, &bytes)
            }
        }
    }

    /// An 8-bit matrix `X` comes with `X_scale`, one factor a row.
    fn scaled(&mut self, name: &str, tensor: &Tensor) -> Result<Tensor> {
        let scale_name = format!("{name}_scale");
        let scale = self.tensors.remove(&scale_name);
        let scale = self.read(&scale.with_context(|| format!("The tensor \"{scale_name}\" is missing"))?)?;
        let scaled = tensor.broadcast_mul(&scale.unsqueeze(1)?);
        scaled.with_context(|| format!("The tensor \"{scale_name}\" does not fit \"{name}\""))
    }

    /// Takes the tensor out and brings it to where the network is.
    pub fn put(&mut self, name: &str, shape: &[usize]) -> Result<Tensor> {
        let tensor = self.take(name, shape)?;
        Ok(self.place.put(&tensor)?)
    }

    /// Takes a single number, whether stored as a scalar or as a list of one.
    pub fn take_number(&mut self, name: &str) -> Result<f32> {
        let shape: &[usize] =
            if self.tensors.get(name).is_some_and(|stored| stored.entry.shape.is_empty()) { &[] } else { &[1] };
        Ok(self.take(name, shape)?.flatten_all()?.to_vec1()?[0])
    }

    /// How many numbers are still there, without the factors of 8-bit matrices.
    pub fn parameters(&self) -> usize {
        let is_factor = |name: &str| {
            let of = name.strip_suffix("_scale").and_then(|of| self.tensors.get(of));
            of.is_some_and(|of| of.entry.dtype == Dtype::I8)
        };
        let numbers = self.tensors.iter().filter(|(name, _)| !is_factor(name));
        numbers.map(|(_, stored)| stored.entry.shape.iter().product::<usize>()).sum()
    }
}

/// Zeros in memory that leaves no hole when it is given back: a matrix is here only until it is packed. From this size on glibc
/// asks the system for each piece by itself, and keeps no part of it; what is not touched is never there.
fn numbers_apart(count: usize) -> Vec<f32> {
    const LARGE: usize = 1 << 18;
    const APART: usize = if cfg!(target_os = "linux") { (32 << 20) / size_of::<f32>() + 1 } else { 0 };
    let mut numbers = Vec::with_capacity(if count < LARGE { count } else { count.max(APART) });
    numbers.resize(count, 0.0);
    numbers
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

    /// Shows the hasher all that is left.
    fn pass_on(&mut self) -> Result<()> {
        let mut part = vec![0; 1 << 16];
        loop {
            match self.source.read(&mut part)? {
                0 => return Ok(()),
                count => self.hasher.update(&part[..count]),
            };
        }
    }
}

fn broken(path: &Path) -> String {
    format!("{} cannot be read as model weights. Download the file again", path.display())
}

/// The entries in the order of their bytes, and where the first byte is.
fn read_header<R: Read>(source: &mut Hashed<'_, R>, size_bytes: u64) -> Result<(Vec<(String, Entry)>, u64)> {
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
    Ok((entries, 8 + length))
}

fn check_length(name: &str, entry: &Entry) -> Result<()> {
    let (from, to) = entry.data_offsets;
    let bits: Option<u64> =
        entry.shape.iter().try_fold(entry.dtype.bitsize() as u64, |bits, size| bits.checked_mul(*size as u64));
    ensure!(from <= to && bits == (to - from).checked_mul(8), "the tensor \"{name}\" has a wrong length");
    Ok(())
}

/// Old checkpoints carry position numbers, which are none.
fn is_weight(entry: &Entry) -> Result<bool> {
    match entry.dtype {
        Dtype::F32 | Dtype::F16 | Dtype::BF16 | Dtype::F64 | Dtype::I8 => Ok(true),
        Dtype::I32 | Dtype::I64 | Dtype::U8 | Dtype::BOOL => Ok(false),
        other => bail!("numbers stored as {other:?} are not supported"),
    }
}

fn tensor_of(entry: &Entry, bytes: &[u8]) -> Result<Tensor> {
    let dtype = match entry.dtype {
        Dtype::F16 => DType::F16,
        Dtype::BF16 => DType::BF16,
        Dtype::F64 => DType::F64,
        Dtype::I8 => {
            let numbers: Vec<f32> = bytes.iter().map(|byte| f32::from(byte.cast_signed())).collect();
            return Ok(Tensor::from_vec(numbers, entry.shape.as_slice(), &Device::Cpu)?);
        }
        _ => DType::F32,
    };
    Ok(Tensor::from_raw_buffer(bytes, dtype, &entry.shape, &Device::Cpu)?.to_dtype(DType::F32)?)
}
