//! A folder of photos with sidecars, and a data folder, for whatever writes keywords.

#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tagroll::catalog::{Done, Plan, Row, Tag, Tagging, TaggingOptions};
use tagroll::disk::Places;
use tagroll::disk::sidecar::{Neighbours, TaggingRun, plan_tagging};

/// Everything in a folder: the bytes of each file by its path below, and its mode.
pub type Contents = BTreeMap<PathBuf, (Vec<u8>, u32)>;

pub struct Desk {
    /// Taken away when the test ends.
    _folder: Option<tempfile::TempDir>,
    root: PathBuf,
}

impl Desk {
    pub fn new() -> Desk {
        let folder = tempfile::tempdir().unwrap();
        // On macOS the folder for temporary files is behind a link.
        let root = folder.path().canonicalize().unwrap();
        let desk = Desk { _folder: Some(folder), root };
        fs::create_dir(desk.photos()).unwrap();
        desk
    }

    /// One that somebody else made, and takes away.
    pub fn at(root: PathBuf) -> Desk {
        Desk { _folder: None, root }
    }

    /// With these files, in which is a packet if they are sidecars.
    pub fn with(files: &[&str]) -> Desk {
        let desk = Desk::new();
        for file in files {
            fs::create_dir_all(desk.file(file).parent().unwrap()).unwrap();
            fs::write(desk.file(file), if file.ends_with(".xmp") { packet(files.len()) } else { "a photo".into() })
                .unwrap();
        }
        desk
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn photos(&self) -> PathBuf {
        self.root.join("photos")
    }

    pub fn places(&self) -> Places {
        Places::at(self.root.join("data"))
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.photos().join(name)
    }

    pub fn tagging(&self, photo: &str, word: &str) -> Tagging {
        tagging(&self.file(photo), word)
    }

    pub fn taggings(&self, photos: &[&str]) -> Arc<[Tagging]> {
        photos.iter().map(|photo| self.tagging(photo, "harbour/boat")).collect()
    }

    /// Plans and writes; what became of it.
    pub fn export(&self, photos: &[&str]) -> Done {
        let taggings = self.taggings(photos);
        let options = TaggingOptions::default();
        self.write(plan(&taggings, &options).rows, &taggings, &options)
    }

    pub fn write(&self, rows: Vec<Row>, taggings: &Arc<[Tagging]>, options: &TaggingOptions) -> Done {
        let mut run = TaggingRun::new(&self.places(), rows, taggings.clone(), options.clone());
        while !run.step().is_done() {}
        run.finish()
    }

    pub fn contents(&self) -> Contents {
        contents(&self.photos())
    }
}

pub fn tagging(photo: &Path, word: &str) -> Tagging {
    let tag = Tag {
        keyword: word.parse().unwrap(),
        model: "starter".to_owned(),
        score: Some(0.31),
        date: "2026-11-25T01:41:23Z".to_owned(),
    };
    Tagging { photo: photo.into(), add: vec![tag], remove: Vec::new() }
}

pub fn plan(taggings: &[Tagging], options: &TaggingOptions) -> Plan {
    let (mut plan, mut neighbours) = (Plan::default(), Neighbours::default());
    for tagging in taggings {
        plan_tagging(tagging, options, &mut neighbours).add_to(&mut plan);
    }
    plan
}

pub fn contents(folder: &Path) -> Contents {
    let mut found = Contents::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            match fs::symlink_metadata(&path).unwrap() {
                metadata if metadata.is_dir() => waiting.push(path),
                metadata => {
                    let name = path.strip_prefix(folder).unwrap().to_path_buf();
                    found.insert(name, (fs::read(&path).unwrap_or_default(), mode(&metadata)));
                }
            }
        }
    }
    found
}

#[cfg(unix)]
fn mode(metadata: &fs::Metadata) -> u32 {
    std::os::unix::fs::MetadataExt::mode(metadata)
}

#[cfg(not(unix))]
fn mode(_metadata: &fs::Metadata) -> u32 {
    0
}

/// A sidecar of about 5 kB, with the keywords of a person and the history of a photo's development.
pub fn packet(seed: usize) -> String {
    let step = |number: usize| {
        format!(
            "     <rdf:li\n      darktable:num=\"{number}\"\n      darktable:operation=\"exposure\"\n      \
             darktable:enabled=\"1\"\n      darktable:modversion=\"6\"\n      darktable:params=\"{:0>96x}\"\n      \
             darktable:blendop_version=\"11\"/>\n",
            (seed + 1) * (number + 7) * 0x9e37_79b9
        )
    };
    let steps: String = (0..14).map(step).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<x:xmpmeta xmlns:x=\"adobe:ns:meta/\" x:xmptk=\"XMP Core \
         4.4.0-Exiv2\">\n <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n  <rdf:Description \
         rdf:about=\"\"\n    xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\"\n    \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\"\n    xmlns:darktable=\"http://darktable.sf.net/\"\n   \
         xmp:Rating=\"{}\"\n   darktable:history_end=\"14\">\n   <dc:subject>\n    <rdf:Bag>\n     \
         <rdf:li>holiday</rdf:li>\n     <rdf:li>number {seed}</rdf:li>\n    </rdf:Bag>\n   </dc:subject>\n   \
         <darktable:history>\n    <rdf:Seq>\n{steps}    </rdf:Seq>\n   </darktable:history>\n  </rdf:Description>\n \
         </rdf:RDF>\n</x:xmpmeta>\n",
        seed % 6
    )
}
