//! A folder of photos, a data folder, and what stands in both.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tagroll::catalog::{Done, Placing, Plan, Way};
use tagroll::disk::{self, PlacementPlanner, PlacementRun, Places};
use tempfile::TempDir;

pub const WAYS: [Way; 4] = [Way::Copy, Way::Move, Way::Hardlink, Way::Symlink];

pub struct Scene {
    pub folder: TempDir,
    data: TempDir,
}

/// Every file by its path, with its text or where it leads; and every folder.
pub type Tree = BTreeMap<PathBuf, String>;

impl Scene {
    pub fn of(files: &[(&str, &str)]) -> Scene {
        let scene = Scene { folder: tempfile::tempdir().unwrap(), data: tempfile::tempdir().unwrap() };
        files.iter().for_each(|(name, text)| scene.write(name, text));
        scene
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn photo(&self, name: &str) -> Arc<Path> {
        self.path(name).into()
    }

    pub fn places(&self) -> Places {
        Places::at(self.data.path().to_path_buf())
    }

    pub fn journal(&self, id: &str) -> PathBuf {
        self.places().exports().join(id).join("placement.jsonl")
    }

    /// Photos and their categories, into the folder "sorted".
    pub fn plan(&self, way: Way, placings: &[(&str, &str)]) -> Plan {
        self.plan_into(&self.path("sorted"), way, placings)
    }

    pub fn plan_into(&self, into: &Path, way: Way, placings: &[(&str, &str)]) -> Plan {
        let placing =
            |(photo, folder): &(&str, &str)| Placing { photo: self.photo(photo), folder: folder.parse().unwrap() };
        let placings: Vec<Placing> = placings.iter().map(placing).collect();
        let mut planner = PlacementPlanner::new(placings.into(), into, way);
        while planner.step() {}
        planner.finish()
    }

    pub fn run(&self, plan: &Plan) -> Done {
        let mut run = PlacementRun::start(&self.places(), plan, None).unwrap();
        while run.step() {}
        run.finish()
    }

    /// Does `steps` steps and then no more, not even what a stop would do. Returns the job's id.
    pub fn run_killed(&self, plan: &Plan, steps: usize) -> String {
        let mut run = PlacementRun::start(&self.places(), plan, None).unwrap();
        (0..steps).for_each(|_| _ = run.step());
        std::mem::forget(run);
        disk::placement_jobs(&self.places())[0].id.clone()
    }

    pub fn undo(&self, id: &str) -> Done {
        disk::undo_placement(&self.places(), id).unwrap()
    }

    pub fn tree(&self) -> Tree {
        tree_of(self.folder.path())
    }
}

pub fn tree_of(folder: &Path) -> Tree {
    let mut tree = Tree::new();
    add(folder, &mut tree);
    tree
}

fn add(folder: &Path, tree: &mut Tree) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if let Ok(target) = fs::read_link(&path) {
            tree.insert(path, format!("-> {}", target.display()));
        } else if path.is_dir() {
            add(&path, tree);
            tree.insert(path, "folder".to_owned());
        } else {
            let text = fs::read_to_string(&path).unwrap();
            tree.insert(path, text);
        }
    }
}

/// The texts of all files, however they are called.
pub fn contents(tree: &Tree) -> Vec<&str> {
    let mut contents: Vec<&str> = tree.values().map(String::as_str).filter(|text| *text != "folder").collect();
    contents.sort_unstable();
    contents
}

pub fn targets(plan: &Plan) -> Vec<String> {
    plan.rows.iter().map(|row| row.file.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}
