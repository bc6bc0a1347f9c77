//! Everything a person can ask for.

use std::path::PathBuf;

use super::choice::ModelChoice;
use super::saved::{Appearance, WindowPlace};
use super::session::{Scope, SetSource};
use crate::catalog::{
    Category, CategoryId, Cutoff, Filter, Labels, Order, PhotoId, Prompt, TaggingOptions, TemplateSet, Verdict, Way,
};
use crate::clip::{DeviceChoice, PrecisionChoice};
use crate::language::LanguageChoice;

#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Shows these folders and files in place of those that are open.
    Open(Vec<PathBuf>),
    /// Looks for new, changed and vanished files in the folders that are open.
    Refresh,
    /// Tries the unreadable photos again.
    RetryUnreadable,
    /// Stops reading and encoding until `Resume`.
    Pause,
    Resume,
    /// Gives up what is not encoded yet, until `Resume`.
    Stop,
    /// Reads photos on this many cores; `None` for all.
    UseCores(Option<usize>),
    /// Whether reading pauses while the computer runs on its battery.
    PauseOnBattery(bool),

    /// Adds a category, described by the default template, and selects it.
    AddCategory(String),
    RemoveCategory(CategoryId),
    RenameCategory(CategoryId, String),
    SetSynonyms(CategoryId, Vec<String>),
    SetTemplates(CategoryId, Option<TemplateSet>),
    SetPrompts(CategoryId, Vec<Prompt>),
    SetNegatives(CategoryId, Vec<Prompt>),
    SetExclusions(CategoryId, Vec<String>),
    SetCutoff(CategoryId, Cutoff),
    /// Puts a category into a group of those that exclude each other, or takes it out.
    SetGroup(CategoryId, Option<String>),
    /// Adds a copy below it, with its verdicts, and selects the copy.
    DuplicateCategory(CategoryId),
    SetLabels(Labels),
    /// Says whether photos belong to a category, or takes back what was said. One step of undo.
    Judge {
        category: CategoryId,
        photos: Vec<PhotoId>,
        verdict: Option<Verdict>,
    },
    /// Lets the person's own keywords count as yes where nothing was said: to one category, or to all. One step of undo.
    AdoptKeywords(Option<CategoryId>),
    /// Moves a category to this place in the list.
    MoveCategory(CategoryId, usize),
    /// Replaces all categories; their ids are given anew.
    SetCategories(Vec<Category>),
    /// Ends a run of edits to one field, so that the next one is undone by itself.
    EndEdit,
    Undo,
    Redo,

    SelectCategory(Option<CategoryId>),
    SetOrder(Order),
    /// Shows only photos that pass; the order stays.
    SetFilter(Filter),
    /// Ranks everything by this text; an empty one returns to the order before.
    Find(String),
    /// Makes a category of what is being looked for.
    KeepFind,

    /// The photo that keys act on, if no photos are selected.
    Focus(Option<PhotoId>),
    /// The photos that keys act on.
    Select(Vec<PhotoId>),
    /// Asks about one photo after another, those first whose answers teach most; `None` ends it.
    Review(Option<CategoryId>),
    /// Leaves the photo that is asked about unanswered, and asks about another.
    SkipQuestion,
    /// Answers what is asked, and asks the next question.
    AnswerQuestion(Verdict),
    /// A photo of which somebody wants to know why it stands where it stands.
    Explain(Option<PhotoId>),
    /// Looks for ways to describe a category better; `None` ends it.
    Examine(Option<CategoryId>),
    /// Makes a category what a proposal of the examination says.
    Adopt(Box<Category>),
    /// Ranks everything by how like these photos it is, mixed with the words that are looked for; none ends it.
    FindSimilar(Vec<PhotoId>),
    /// The same for photo files from anywhere.
    FindSimilarTo(Vec<PathBuf>),
    /// How much words count beside photos, from 0 to 1.
    SetWordShare(f32),

    /// Keeps the categories under this name.
    SaveSet(String),
    /// Puts a set of categories in place of those that are there, or adds it to them.
    LoadSet {
        source: SetSource,
        replaces: bool,
    },
    DuplicateSet(String),
    RemoveSet(String),
    /// Writes the categories into a file of the person's choice.
    ExportSet(PathBuf),
    /// Finds out what writing keywords would change: for photos of categories, and away from those that left them.
    PlanTagging {
        scope: Scope,
        options: TaggingOptions,
    },
    /// Finds out what taking out every keyword that Tagroll wrote would change.
    PlanUntagging(Scope),
    /// Finds out what putting photos into one folder a category would do.
    PlanPlacing {
        scope: Scope,
        into: PathBuf,
        way: Way,
    },
    /// Finds out what would go to the trash with the photos that keys act on.
    PlanTrash,
    /// Does what is planned.
    RunJob,
    /// Ends it between two files.
    StopJob,
    /// Leaves the plan, or what became of it.
    CloseJob,
    UndoJob(String),
    /// Lets go of what would be needed to undo a job.
    KeepJob(String),
    /// Shows a file of the plan line by line, or none.
    ShowDiff(Option<usize>),
    /// Writes all that is known of the open photos into a file: CSV, or JSON if it is called so.
    WriteTable {
        path: PathBuf,
        may_replace: bool,
    },
    /// Shows the photo's file in the system's file manager.
    Reveal(PhotoId),
    /// Opens the photo with the program that the system has for it.
    OpenWith(PhotoId),
    /// Adds a category for each folder of the open photos that has none of its name.
    AddFolderCategories,
    /// Photos whose thumbnails are on screen, or soon will be, most urgent first.
    ShowThumbnails(Vec<PhotoId>),
    /// Photos to be seen large, most urgent first.
    ShowLarge(Vec<PhotoId>),
    /// A photo to be seen pixel by pixel.
    ShowFull(Option<PhotoId>),
    SetThumbnailHeight(f32),
    PlaceWindow(WindowPlace),
    SetLanguage(LanguageChoice),
    SetAppearance(Appearance),
    DismissNotice(usize),
    /// Opens the report of the last crash in another program.
    ShowCrashReport,
    DismissCrashReport,

    /// Sorts with another model, once it has seen what the one in use has seen.
    UseModel(ModelChoice),
    /// Stays with the model in use and forgets about the change to another one.
    KeepModel,
    UseDevice(DeviceChoice),
    /// How exact the model is to be on the CPU.
    UsePrecision(PrecisionChoice),
    /// Fetches a model of the table; also goes on with one that was paused or failed.
    Download(String),
    /// Keeps what is there for later.
    PauseDownload(String),
    /// Throws away what is there.
    CancelDownload(String),
    /// Copies a model folder into the models folder.
    AddModel(PathBuf),
    /// Deletes an installed model; what it made of photos stays in the store.
    RemoveModel(String),
    DismissRecommendation,
    ForgetRecent,
    /// Finds out what Tagroll keeps on this computer, and what that takes.
    MeasureKept,
    /// Opens the data folder in the system's file manager.
    ShowDataFolder,
    /// Deletes everything that Tagroll keeps, and begins as on a first start. Photos and sidecars stay.
    ForgetEverything,
}
