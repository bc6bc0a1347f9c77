//! Everything a person can ask for.

use std::path::PathBuf;

use super::choice::ModelChoice;
use super::saved::WindowPlace;
use crate::catalog::{Category, CategoryId, Order, PhotoId};
use crate::clip::DeviceChoice;

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

    /// Adds a category, described by the default template, and selects it.
    AddCategory(String),
    RemoveCategory(CategoryId),
    RenameCategory(CategoryId, String),
    SetPrompts(CategoryId, Vec<String>),
    SetNegatives(CategoryId, Vec<String>),
    SetCutoff(CategoryId, Option<f32>),
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
    /// Ranks everything by this text; an empty one returns to the order before.
    Find(String),
    /// Makes a category of what is being looked for.
    KeepFind,

    /// The photo that keys act on.
    Focus(Option<PhotoId>),
    /// Photos whose thumbnails are on screen, or soon will be, most urgent first.
    ShowThumbnails(Vec<PhotoId>),
    /// Photos to be seen large, most urgent first.
    ShowLarge(Vec<PhotoId>),
    /// A photo to be seen pixel by pixel.
    ShowFull(Option<PhotoId>),
    SetThumbnailHeight(f32),
    PlaceWindow(WindowPlace),
    DismissNotice(usize),

    /// Sorts with another model, once it has seen what the one in use has seen.
    UseModel(ModelChoice),
    /// Stays with the model in use and forgets about the change to another one.
    KeepModel,
    UseDevice(DeviceChoice),
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
}
