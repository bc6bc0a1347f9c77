//! The models folder: adding what is on this computer, removing, and what counts as installed.

use std::fs;
use std::path::{Path, PathBuf};

use tagroll::hub::{self, Fault, Go, Installed, Trouble};
use tempfile::TempDir;

use crate::stage::visible;

/// A folder with these files, each filled with its own name, and a models folder beside it.
struct Here {
    folder: TempDir,
    from: PathBuf,
}

impl Here {
    fn new(name: &str, files: &[&str]) -> Here {
        let folder = tempfile::tempdir().unwrap();
        let from = folder.path().join(name);
        let here = Here { folder, from };
        files.iter().for_each(|file| here.write(file, file));
        here
    }

    fn write(&self, file: &str, text: &str) {
        fs::create_dir_all(&self.from).unwrap();
        fs::write(self.from.join(file), text).unwrap();
    }

    fn models(&self) -> PathBuf {
        self.folder.path().join("models")
    }

    fn add(&self) -> Result<Installed, Trouble> {
        hub::add(&self.models(), &self.from, &mut |_| Go::On)
    }

    fn verify(&self, id: &str) -> Vec<Fault> {
        hub::verify(&self.models(), id, &mut |_| Go::On).unwrap()
    }

    /// Adding copies exactly these files.
    fn check_copied(&self, expected: &[&str]) -> Installed {
        let installed = self.add().unwrap();
        let files: Vec<String> =
            visible(&installed.folder).into_iter().filter(|name| name != "tagroll-model.json").collect();
        assert_eq!(files, expected);
        assert_eq!(installed.size_bytes, expected.iter().map(|name| name.len() as u64).sum::<u64>());
        assert_eq!(self.verify(&installed.id), []);
        installed
    }

    fn check_refused(&self, words: &[&str]) {
        let Err(Trouble::Failed(said)) = self.add() else { panic!("it was added") };
        for word in words {
            assert!(said.contains(word), "\"{said}\" lacks \"{word}\"");
        }
        assert_eq!(visible(&self.models()), Vec::<String>::new());
    }
}

#[test]
fn only_the_files_of_the_model_are_copied() {
    let hugging = ["config.json", "model.safetensors", "preprocessor_config.json", "tokenizer.json"];
    let here = Here::new("My CLIP", &[&hugging[..], &["pytorch_model.bin", "open_clip_model.safetensors"]].concat());
    let installed = here.check_copied(&hugging);
    assert_eq!((installed.id.as_str(), installed.name.as_str()), ("my-clip", "My CLIP"));
    let open_clip = ["merges.txt", "open_clip_config.json", "open_clip_model.safetensors", "vocab.json"];
    Here::new("b32", &[&open_clip[..], &["README.md", "notes.txt"]].concat()).check_copied(&open_clip);
}

#[test]
fn weights_in_parts_are_copied_with_every_part() {
    let parts = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
    let here = Here::new("large", &["config.json", parts[0], parts[1], "unnamed.safetensors"]);
    let index = format!("{{\"weight_map\": {{\"a\": \"{}\", \"b\": \"{}\", \"c\": \"{0}\"}}}}", parts[0], parts[1]);
    here.write("model.safetensors.index.json", &index);
    let installed = here.add().unwrap();
    let expected = ["config.json", parts[0], parts[1], "model.safetensors.index.json", "tagroll-model.json"];
    assert_eq!(visible(&installed.folder), expected);

    let here = Here::new("large", &["config.json", parts[0]]);
    here.write("model.safetensors.index.json", &index);
    here.check_refused(&[parts[1], "Download that file"]);
    here.write("model.safetensors.index.json", "{\"weight_map\": {\"a\": \"../secret\"}}");
    here.check_refused(&["../secret", "not in its folder"]);
    here.write("model.safetensors.index.json", "{");
    here.check_refused(&["model.safetensors.index.json", "cannot be used"]);
}

#[test]
fn a_folder_without_weights_is_refused() {
    Here::new("photos", &["cat.jpg"]).check_refused(&["photos", "no model.safetensors"]);
    Here::new("old", &["config.json", "pytorch_model.bin"]).check_refused(&["PyTorch's old format"]);
    let here = Here::new("here", &[]);
    here.check_refused(&["no file or folder"]);
}

#[test]
fn a_name_that_is_taken_gets_a_number() {
    let here = Here::new("clip", &["config.json", "model.safetensors"]);
    let ids: Vec<String> = (0..3).map(|_| here.add().unwrap().id).collect();
    assert_eq!(ids, ["clip", "clip-2", "clip-3"]);
    let names: Vec<String> = hub::installed(&here.models()).into_iter().map(|model| model.name).collect();
    assert_eq!(names, ["clip", "clip (2)", "clip (3)"]);
    // The ids of the table stay free for what the table means.
    let taken = Here::new(&hub::recommended().id, &["config.json", "model.safetensors"]);
    assert_eq!(taken.add().unwrap().id, format!("{}-2", hub::recommended().id));
}

#[test]
fn a_model_of_the_table_in_the_hub_s_cache_is_known_again() {
    let model = hub::recommended();
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let cached = format!("models--{}/snapshots/{commit}", model.repository.replace('/', "--"));
    let files: Vec<&str> = model.files.iter().map(String::as_str).collect();
    let here = Here::new(&cached, &files);
    let installed = here.add().unwrap();
    assert_eq!((&installed.id, &installed.name), (&model.id, &model.name));
    let record = fs::read_to_string(installed.folder.join("tagroll-model.json")).unwrap();
    assert!(record.contains(commit) && record.contains(&model.repository), "{record}");
    let other = Here::new("models--me--mine/snapshots/abc", &["config.json", "model.safetensors"]).add().unwrap();
    assert_eq!((other.id.as_str(), other.name.as_str()), ("mine", "mine"));
}

#[test]
fn a_copy_that_is_stopped_leaves_nothing() {
    let here = Here::new("clip", &["config.json", "model.safetensors"]);
    for steps in 0..8 {
        let mut left = steps;
        let outcome = hub::add(&here.models(), &here.from, &mut |_| {
            left -= 1;
            if left < 0 { Go::Stop } else { Go::On }
        });
        if outcome == Err(Trouble::Stopped) {
            assert_eq!(hub::installed(&here.models()), []);
            let left: Vec<_> = fs::read_dir(here.models()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            assert_eq!(left, [".lock-clip"]);
        } else {
            assert!(outcome.is_ok() && steps > 3, "{outcome:?} after {steps} steps");
            return;
        }
    }
    panic!("a copy of two files takes fewer steps");
}

#[test]
fn what_is_not_complete_is_not_installed() {
    let here = Here::new("clip", &["config.json", "model.safetensors"]);
    let installed = here.add().unwrap();
    assert_eq!(hub::installed(&here.models()), std::slice::from_ref(&installed));
    let weights = installed.folder.join("model.safetensors");
    fs::write(&weights, "cut").unwrap();
    assert_eq!(hub::installed(&here.models()), []);
    let fault = |what: &str| vec![Fault { file: "model.safetensors".to_owned(), what: what.to_owned() }];
    assert_eq!(here.verify("clip"), fault("has 3 bytes instead of 17"));
    fs::write(&weights, "MODEL.SAFETENSORS").unwrap();
    assert_eq!(here.verify("clip"), fault("is not what it was when it was installed"));
    fs::remove_file(&weights).unwrap();
    assert_eq!(here.verify("clip"), fault("is missing"));
    fs::write(installed.folder.join("tagroll-model.json"), "{").unwrap();
    let Err(Trouble::Failed(said)) = hub::verify(&here.models(), "clip", &mut |_| Go::On) else { panic!("no record") };
    assert!(said.contains("tagroll-model.json"), "{said}");
    hub::remove(&here.models(), "clip").unwrap();
    assert_eq!(visible(&here.models()), Vec::<String>::new());
}

#[test]
fn nothing_outside_the_models_folder_can_be_removed() {
    let here = Here::new("clip", &["config.json", "model.safetensors"]);
    here.add().unwrap();
    for id in ["../clip", "..", ".", "", "/", "a/b", "a\\b", ".lock-clip"] {
        for outcome in [hub::remove(&here.models(), id), hub::discard(&here.models(), id)] {
            let Err(Trouble::Failed(said)) = outcome else { panic!("\"{id}\" was taken") };
            assert!(said.contains("not the name of a model"), "{said}");
        }
        assert_eq!(hub::partial_bytes(&here.models(), id), 0);
    }
    assert!(here.from.join("model.safetensors").is_file());
    hub::remove(&here.models(), "clip").unwrap();
    assert_eq!(hub::installed(&here.models()), []);
    assert!(here.from.join("model.safetensors").is_file(), "what was copied stays");
    assert_eq!(hub::installed(Path::new("nowhere at all")), []);
}

#[test]
fn a_model_in_the_models_folder_is_not_added_to_itself() {
    let here = Here::new("clip", &["config.json", "model.safetensors"]);
    let installed = here.add().unwrap();
    for from in [installed.folder.clone(), installed.folder.join("model.safetensors"), here.models()] {
        let Err(Trouble::Failed(said)) = hub::add(&here.models(), &from, &mut |_| Go::On) else { panic!("{from:?}") };
        assert!(said.contains("in the models folder already"), "{said}");
    }
    assert_eq!(visible(&here.models()), ["clip"]);
}
