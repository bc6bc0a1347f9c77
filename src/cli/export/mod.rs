//! `tagroll export`: keywords into sidecars or photos, and back out.

mod past;
mod plan;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::driver::Driver;
use super::{Common, output};
use crate::catalog::{
    Category, CategoryId, CategorySet, Done, Labels, Naming, SidecarPlace, TaggingOptions, parse_category, words,
};
use crate::engine::{Command, Options, Scope, Session, Stage, load_set};

#[derive(Debug, Args)]
pub struct Export {
    /// Folders or photos
    #[arg(value_name = "PATH", required_unless_present_any = ["undo", "keep", "list"])]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    categories: Categories,

    /// What new sidecars are called: photo.jpg.xmp, photo.xmp, or both
    #[arg(long, value_enum, default_value_t = SidecarName::Ext)]
    naming: SidecarName,

    /// Write the sidecars below this folder, for photos that lie where nothing can be written
    #[arg(long, value_name = "DIR", conflicts_with = "in_photos")]
    to: Option<PathBuf>,

    /// Write into the photos themselves, which must be JPEGs: for Lightroom, which reads no sidecars of JPEGs. The old
    /// files are kept until `tagroll export --keep`
    #[arg(long)]
    in_photos: bool,

    /// Write every part of a name such as animal/dog as a word of its own
    #[arg(long)]
    ancestors: bool,

    /// Add also keywords that were removed in another program since Tagroll wrote them
    #[arg(long)]
    again: bool,

    /// Take out every keyword that Tagroll wrote
    #[arg(long, conflicts_with_all = ["file", "category", "again", "ancestors"])]
    untag: bool,

    /// Show what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,

    /// Show each file line by line, before and after
    #[arg(long, requires = "dry_run")]
    diff: bool,

    /// Undo an export, a copy, a move or the like: the last one, or that with this id
    #[arg(long, value_name = "ID", num_args = 0..=1, conflicts_with_all = ["keep", "list"])]
    undo: Option<Option<String>>,

    /// Let go of what would be needed to undo an export: of the last one, or of that with this id
    #[arg(long, value_name = "ID", num_args = 0..=1, conflicts_with = "list")]
    keep: Option<Option<String>>,

    /// List what can be undone
    #[arg(long)]
    list: bool,
}

/// Where categories come from.
#[derive(Debug, Args)]
pub struct Categories {
    /// A category and its prompts, such as 'dog=a photo of a dog|a photo of a puppy'
    #[arg(long, value_name = "NAME=PROMPT|…", value_parser = one_category)]
    category: Vec<Category>,

    /// A TOML file of categories
    #[arg(long = "categories", value_name = "FILE", conflicts_with = "category")]
    file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SidecarName {
    Ext,
    Stem,
    Both,
}

fn one_category(text: &str) -> Result<Category, String> {
    parse_category(CategoryId(0), text)
}

impl Categories {
    /// The categories that were named; an error if there are none.
    pub fn load(&self) -> anyhow::Result<CategorySet> {
        match &self.file {
            Some(file) => load_set(file),
            None if self.category.is_empty() => {
                anyhow::bail!("Name the categories with --categories FILE or --category NAME.")
            }
            None => Ok(CategorySet { categories: self.category.clone(), ..CategorySet::default() }),
        }
    }
}

impl Export {
    pub fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        match (&self.undo, &self.keep) {
            (Some(id), _) => past::undo(common, id.as_deref()),
            (_, Some(id)) => past::keep(common, id.as_deref()),
            _ if self.list => past::list(common),
            _ => self.write(common),
        }
    }

    fn write(&self, common: &Common) -> anyhow::Result<ExitCode> {
        let set = if self.untag { CategorySet::default() } else { self.categories.load()? };
        let Some(mut driver) = sorted(common, &self.paths, set, false)? else { return Ok(ExitCode::FAILURE) };
        driver.apply(match self.untag {
            true => Command::PlanUntagging(Scope::Everything),
            false => Command::PlanTagging { scope: Scope::Everything, options: self.options()? },
        });
        finish(driver, common, self.dry_run, self.diff)
    }

    fn options(&self) -> anyhow::Result<TaggingOptions> {
        let naming = match self.naming {
            SidecarName::Ext => Naming::Ext,
            SidecarName::Stem => Naming::Stem,
            SidecarName::Both => Naming::Both,
        };
        let full = |path: &PathBuf| std::path::absolute(path);
        let place = match &self.to {
            _ if self.in_photos => SidecarPlace::InPhoto,
            Some(folder) => {
                let roots = self.paths.iter().map(full).collect::<Result<_, _>>()?;
                SidecarPlace::Folder { folder: full(folder)?, roots }
            }
            None => SidecarPlace::Beside,
        };
        Ok(TaggingOptions {
            naming,
            place,
            with_ancestors: self.ancestors,
            again: self.again,
            ..TaggingOptions::default()
        })
    }
}

/// The photos, sorted into the categories; `None` after Ctrl-C.
pub fn sorted(
    common: &Common,
    paths: &[PathBuf],
    set: CategorySet,
    with_metadata: bool,
) -> anyhow::Result<Option<Driver>> {
    let options = Options { uses_metadata: with_metadata, uses_verdicts: true, ..common.options(false) };
    let mut driver = Driver::open_with(&options, paths)?;
    driver.apply(Command::SetLabels(set.labels.unwrap_or(Labels::One)));
    driver.apply(Command::SetCategories(set.categories));
    if !driver.finish()? {
        return Ok(None);
    }
    driver.require_photos()?;
    let unreadable = driver.unreadable();
    unreadable.iter().for_each(|u| output::say(&format!("{}: {}", u.path.display(), u.reason)));
    Ok(Some(driver))
}

/// Waits for the plan, does it unless it is only to be shown, and says what came of it.
pub fn finish(mut driver: Driver, common: &Common, is_dry_run: bool, with_diff: bool) -> anyhow::Result<ExitCode> {
    if !driver.finish()? {
        return Ok(ExitCode::FAILURE);
    }
    let plan = match stage(driver.session()) {
        Some(Stage::Planned(plan)) => plan.clone(),
        Some(Stage::Failed(reason)) => anyhow::bail!(reason.clone()),
        _ => anyhow::bail!("The plan was not made. Try again."),
    };
    if is_dry_run {
        let diffs = if with_diff { plan::diffs(&mut driver, plan.rows.len())? } else { Vec::new() };
        plan::show(common, &plan, &diffs, None)?;
        return Ok(code(plan.refused.len()));
    }
    let mut done = Done::default();
    if !plan.rows.is_empty() {
        driver.apply(Command::RunJob);
        let is_whole = driver.finish()?;
        if !is_whole {
            driver.apply(Command::StopJob);
            driver.settle();
        }
        done = match stage(driver.session()) {
            Some(Stage::Done(done)) => done.clone(),
            Some(Stage::Failed(reason)) => anyhow::bail!(reason.clone()),
            _ => anyhow::bail!("It is not known how the job ended; `tagroll export --list` shows what can be undone."),
        };
    }
    plan::show(common, &plan, &[], Some(&done))?;
    Ok(code(plan.refused.len() + done.refused.len()))
}

fn stage(session: &Session) -> Option<&Stage> {
    session.errand().map(|errand| &errand.stage)
}

/// A file that was left as it is is a failure, so that a script does not go on unaware.
fn code(refused: usize) -> ExitCode {
    if refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// "3 files".
fn files(count: usize) -> String {
    words::counted(count, "file", "files")
}
