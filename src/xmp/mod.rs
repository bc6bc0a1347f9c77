//! Keywords in XMP packets: read them, and change them so that every byte that is not Tagroll's stays as it was.
//!
//! Bytes in, bytes out; nothing here opens a file. The forms are those of the XMP specification, part 1 (ISO 16684-1), and
//! the lists those that darktable, digiKam and Lightroom read; `names` has them.
//!
//! | Module | What it does |
//! |-|-|
//! | `encoding` | bytes to text and back |
//! | `packet` | the tree, and where its parts stand in the text |
//! | `decide` | what an edit means for each list |
//! | `record` | what Tagroll writes down about what it wrote |
//! | `write`, with `layout` and `splice` | the new text |
//! | `merge` | all of that, checked |
//! | `read` | what a packet says of its photo |
//! | `fresh` | a packet for a photo that has none |
//! | [`embedded`] | packets and IPTC keywords inside photo files |
//!
//! ACDSee's and the Metadata Working Group's trees are left as they are: no program that reads them passes over all three
//! lists that are written.

mod decide;
pub mod embedded;
mod encoding;
mod fresh;
mod layout;
mod merge;
mod names;
mod packet;
mod read;
mod record;
mod splice;
mod write;

pub use encoding::MOST_BYTES;
pub use merge::{Edit, Merged, XmpError, merge, merge_again};
pub use read::read;
