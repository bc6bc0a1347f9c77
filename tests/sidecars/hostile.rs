//! Places where nothing can be written, or not what was planned. The old file stays, nothing is left behind, and the person
//! is told why.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use tagroll::catalog::{Done, Row, SidecarPlace, Tagging, TaggingOptions};
use tagroll::disk::sidecar::{TaggingRun, jobs, preview, undo};

use crate::support::{Desk, packet, plan};

/// Written past the test runner, which would keep the words of a passing test to itself.
fn say_skipped(what: &str) {
    io::stderr().write_all(format!("SKIPPED: {what}\n").as_bytes()).unwrap();
}

fn is_done(program: &str, arguments: &[&str]) -> bool {
    let status = Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// The reason why the only sidecar of `photo` is not even planned.
fn refused_by_plan(desk: &Desk, photo: &str) -> String {
    let before = desk.contents();
    let plan = plan(&desk.taggings(&[photo]), &TaggingOptions::default());
    assert_eq!((plan.rows.len(), plan.unchanged, desk.contents()), (0, 0, before));
    let [refusal] = &plan.refused[..] else { panic!("{:?}", plan.refused) };
    refusal.reason.clone()
}

/// Plans `photos`, lets something happen, and writes.
fn export_after(desk: &Desk, photos: &[&str], happen: impl FnOnce()) -> Done {
    let (taggings, options) = (desk.taggings(photos), TaggingOptions::default());
    let rows = plan(&taggings, &options).rows;
    happen();
    desk.write(rows, &taggings, &options)
}

fn rows(desk: &Desk, photos: &[&str]) -> (Vec<Row>, Arc<[Tagging]>) {
    let taggings = desk.taggings(photos);
    (plan(&taggings, &TaggingOptions::default()).rows, taggings)
}

#[test]
fn a_sidecar_that_is_a_folder_is_refused() {
    let desk = Desk::with(&["a.jpg", "a.jpg.xmp/inside.txt"]);
    assert!(refused_by_plan(&desk, "a.jpg").contains("is a folder"));
}

#[test]
fn a_name_that_would_be_too_long_is_refused() {
    let photo = format!("{}.jpg", "n".repeat(249));
    let desk = Desk::with(&[&photo]);
    assert!(refused_by_plan(&desk, &photo).contains("too long"));
}

#[test]
fn the_longest_name_that_fits_is_written_and_undone() {
    let photo = format!("{}.jpg", "n".repeat(247));
    let desk = Desk::with(&[&photo]);
    let done = desk.export(&[&photo]);
    assert_eq!((done.files, done.refused), (1, Vec::new()));
    undo(&desk.places(), &done.id.unwrap()).unwrap();
    assert_eq!(desk.contents().len(), 1);
}

#[test]
fn a_sidecar_that_is_too_large_is_refused() {
    let desk = Desk::with(&["a.jpg"]);
    fs::File::create(desk.file("a.jpg.xmp")).unwrap().set_len(65 << 20).unwrap();
    assert!(refused_by_plan(&desk, "a.jpg").contains("larger than 64 MB"));
}

#[test]
fn two_photos_with_one_stem_are_told_of_each_other() {
    let desk = Desk::with(&["a.jpg", "a.png", "a.xmp"]);
    assert!(refused_by_plan(&desk, "a.jpg").contains("a.png"));
}

#[test]
fn a_sidecar_that_is_no_packet_is_refused_and_named() {
    for text in ["", "not a packet", "<a><b></a>", "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">"] {
        let desk = Desk::with(&["a.jpg"]);
        fs::write(desk.file("a.jpg.xmp"), text).unwrap();
        let reason = refused_by_plan(&desk, "a.jpg");
        assert!(reason.starts_with("a.jpg.xmp is left as it is, because"), "{reason}");
    }
}

#[test]
fn entities_that_grow_or_lead_outside_are_refused() {
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \
                \"&b;&b;&b;&b;&b;&b;&b;&b;\">]>";
    let outside = "<!DOCTYPE x [<!ENTITY c SYSTEM \"file:///etc/passwd\">]>";
    for doctype in [bomb, outside] {
        let desk = Desk::with(&["a.jpg"]);
        let text = packet(1).replace("<x:xmpmeta", &format!("{doctype}<x:xmpmeta")).replace("holiday", "&c;");
        fs::write(desk.file("a.jpg.xmp"), text).unwrap();
        assert!(refused_by_plan(&desk, "a.jpg").starts_with("a.jpg.xmp is left as it is"));
    }
}

#[test]
fn a_sidecar_that_was_changed_since_the_preview_is_left() {
    let desk = Desk::with(&["a.jpg", "a.jpg.xmp", "b.jpg"]);
    let done = export_after(&desk, &["a.jpg", "b.jpg"], || fs::write(desk.file("a.jpg.xmp"), packet(77)).unwrap());
    assert_eq!((done.files, done.refused.len()), (1, 1));
    assert_eq!(done.refused[0].reason, "a.jpg.xmp was changed since the preview; look at it again.");
    assert_eq!(fs::read(desk.file("a.jpg.xmp")).unwrap(), packet(77).as_bytes());
}

#[test]
fn a_sidecar_that_appeared_since_the_preview_is_left() {
    let desk = Desk::with(&["a.jpg"]);
    let done = export_after(&desk, &["a.jpg"], || fs::write(desk.file("a.jpg.xmp"), packet(77)).unwrap());
    assert_eq!((done.id, done.files, done.refused.len()), (None, 0, 1));
    assert_eq!(fs::read(desk.file("a.jpg.xmp")).unwrap(), packet(77).as_bytes());
}

#[test]
fn a_sidecar_that_is_gone_since_the_preview_is_not_made_again() {
    let desk = Desk::with(&["a.jpg", "a.jpg.xmp"]);
    let done = export_after(&desk, &["a.jpg"], || fs::remove_file(desk.file("a.jpg.xmp")).unwrap());
    assert_eq!((done.files, done.refused.len(), desk.contents().len()), (0, 1, 1));
}

#[test]
fn a_preview_of_what_was_changed_says_so() {
    let desk = Desk::with(&["a.jpg", "a.jpg.xmp"]);
    let (rows, taggings) = rows(&desk, &["a.jpg"]);
    fs::write(desk.file("a.jpg.xmp"), packet(77)).unwrap();
    let reason = preview(&rows[0], &taggings[0], &TaggingOptions::default()).unwrap_err();
    assert!(reason.contains("changed since the preview"), "{reason}");
}

#[test]
fn a_folder_that_is_gone_is_told_and_the_rest_is_written() {
    let desk = Desk::with(&["a.jpg", "below/b.jpg"]);
    let done =
        export_after(&desk, &["a.jpg", "below/b.jpg"], || fs::rename(desk.file("below"), desk.file("moved")).unwrap());
    assert_eq!((done.files, done.refused.len()), (1, 1));
    assert!(done.refused[0].reason.contains("its folder is no longer there"), "{:?}", done.refused);
    undo(&desk.places(), &done.id.unwrap()).unwrap();
    assert_eq!(desk.contents().len(), 2);
}

#[test]
fn a_file_where_the_folder_of_sidecars_should_be_is_told() {
    let desk = Desk::with(&["below/a.jpg", "taken"]);
    let place = SidecarPlace::Folder { folder: desk.file("taken"), roots: vec![desk.photos()] };
    let options = TaggingOptions { place, ..TaggingOptions::default() };
    let plan = plan(&desk.taggings(&["below/a.jpg"]), &options);
    assert!(plan.refused[0].reason.contains("is a file and not a folder"), "{:?}", plan.refused);
}

#[test]
fn no_place_for_backups_means_that_nothing_is_written() {
    let desk = Desk::with(&["a.jpg", "a.jpg.xmp", "b.jpg"]);
    let before = desk.contents();
    fs::write(desk.places().data_dir(), "a file where the data folder should be").unwrap();
    let done = desk.export(&["a.jpg", "b.jpg"]);
    let [refusal] = &done.refused[..] else { panic!("{:?}", done.refused) };
    assert!(refusal.reason.contains("old contents cannot be kept") && refusal.reason.contains("1 more"), "{refusal:?}");
    assert_eq!((done.id, desk.contents()), (None, before));
}

#[test]
fn a_folder_that_cannot_be_written_to_is_told_and_the_rest_is_written() {
    let desk = Desk::with(&["a.jpg", "locked/b.jpg", "locked/b.jpg.xmp"]);
    let locked = desk.file("locked");
    let Some(_lock) = Lock::on(&locked) else { return say_skipped("no folder can be locked for this account") };
    let done = desk.export(&["a.jpg", "locked/b.jpg"]);
    assert_eq!((done.files, done.refused.len()), (1, 1));
    assert_eq!(
        done.refused[0].reason,
        "Could not write b.jpg.xmp: the folder is read-only. Choose another place for sidecars, or make it writable."
    );
    assert_eq!(fs::read(desk.file("locked/b.jpg.xmp")).unwrap(), packet(3).as_bytes());
    assert_eq!(fs::read_dir(&locked).unwrap().count(), 2);
}

/// A folder that nobody can write to, until this is dropped.
struct Lock<'a>(&'a Path);

impl Lock<'_> {
    /// `None` where this account can write everywhere. The superuser is kept out only by the file system itself.
    fn on(folder: &Path) -> Option<Lock<'_>> {
        set_read_only(folder, true);
        let lock = Lock(folder);
        let probe = folder.join("probe");
        if fs::write(&probe, "").is_err() {
            return Some(lock);
        }
        fs::remove_file(&probe).unwrap();
        is_done("chattr", &["+i", folder.to_str().unwrap()]).then_some(lock)
    }
}

impl Drop for Lock<'_> {
    fn drop(&mut self) {
        is_done("chattr", &["-i", self.0.to_str().unwrap()]);
        set_read_only(self.0, false);
    }
}

fn set_read_only(folder: &Path, is_read_only: bool) {
    let mut permissions = fs::metadata(folder).unwrap().permissions();
    permissions.set_readonly(is_read_only);
    fs::set_permissions(folder, permissions).unwrap();
}

#[cfg(target_os = "linux")]
mod on_linux {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_dangling_link_and_a_pipe_are_refused() {
        let desk = Desk::with(&["a.jpg", "b.jpg"]);
        symlink("nowhere.xmp", desk.file("a.jpg.xmp")).unwrap();
        assert!(is_done("mkfifo", &[desk.file("b.jpg.xmp").to_str().unwrap()]));
        let plan = plan(&desk.taggings(&["a.jpg", "b.jpg"]), &TaggingOptions::default());
        assert!(plan.refused[0].reason.contains("a link to a file that is not there"), "{:?}", plan.refused);
        assert!(plan.refused[1].reason.contains("not an ordinary file"), "{:?}", plan.refused);
    }

    #[test]
    fn two_links_to_one_sidecar_are_not_written_at_once() {
        let desk = Desk::with(&["a.jpg", "b.jpg", "shelf/real.xmp"]);
        symlink("shelf/real.xmp", desk.file("a.jpg.xmp")).unwrap();
        symlink("shelf/real.xmp", desk.file("b.jpg.xmp")).unwrap();
        let before = desk.contents();
        let done = desk.export(&["a.jpg", "b.jpg"]);
        assert_eq!((done.files, done.refused.len()), (1, 1));
        undo(&desk.places(), &done.id.unwrap()).unwrap();
        assert_eq!(desk.contents(), before);
    }

    /// A tiny disk of its own.
    struct Disk(std::path::PathBuf);

    impl Disk {
        fn mounted_at(folder: &Path, size: &str) -> Option<Disk> {
            fs::create_dir_all(folder).unwrap();
            let options = format!("size={size}");
            let is_mounted = is_done("mount", &["-t", "tmpfs", "-o", &options, "tmpfs", folder.to_str().unwrap()]);
            is_mounted.then(|| Disk(folder.to_path_buf()))
        }
    }

    impl Drop for Disk {
        fn drop(&mut self) {
            is_done("umount", &[self.0.to_str().unwrap()]);
        }
    }

    #[test]
    fn a_full_disk_stops_the_export_and_is_told_once() {
        let desk = Desk::new();
        let Some(_disk) = Disk::mounted_at(&desk.photos(), "400k") else {
            return say_skipped("a full disk, because this account can mount none");
        };
        let names: Vec<String> = (0..600).map(|number| format!("{number}.jpg")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        fs::write(desk.file("0.jpg.xmp"), packet(0)).unwrap();
        let before = desk.contents();
        let done = desk.export(&names);
        let [refusal] = &done.refused[..] else { panic!("{:?}", done.refused) };
        assert!(refusal.reason.contains("the disk is full. Make room"), "{refusal:?}");
        assert!(refusal.reason.contains(&format!("{} more were not attempted", 599 - done.files)), "{refusal:?}");
        let is_fresh = |name: &Path| name.to_str().unwrap().starts_with(".tagroll");
        assert!(!desk.contents().keys().any(|name| is_fresh(name)), "a new file was left behind");
        undo(&desk.places(), &done.id.unwrap()).unwrap();
        assert_eq!(desk.contents(), before);
    }

    #[test]
    fn a_full_disk_of_backups_means_that_nothing_is_written() {
        let desk = Desk::new();
        let Some(_disk) = Disk::mounted_at(desk.places().data_dir(), "64k") else {
            return say_skipped("a full disk of backups, because this account can mount none");
        };
        let names: Vec<String> = (0..20).map(|number| format!("{number}.jpg")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        names.iter().for_each(|name| fs::write(desk.file(&format!("{name}.xmp")), packet(5)).unwrap());
        let before = desk.contents();
        let done = desk.export(&names);
        assert!(done.refused[0].reason.contains("the disk is full") && done.refused.len() == 1, "{:?}", done.refused);
        assert_eq!((done.files, desk.contents()), (0, before));
        assert_eq!(jobs(&desk.places()), []);
    }

    #[test]
    fn a_disk_that_is_read_only_is_told() {
        let desk = Desk::new();
        let Some(disk) = Disk::mounted_at(&desk.photos(), "400k") else {
            return say_skipped("a read-only disk, because this account can mount none");
        };
        fs::write(desk.file("a.jpg"), "a photo").unwrap();
        assert!(is_done("mount", &["-o", "remount,ro", disk.0.to_str().unwrap()]));
        let done = desk.export(&["a.jpg"]);
        assert!(done.refused[0].reason.contains("the disk is read-only"), "{:?}", done.refused);
        assert_eq!(done.id, None);
    }

    #[test]
    fn a_sidecar_that_another_program_holds_open_is_replaced_whole() {
        let desk = Desk::with(&["a.jpg", "a.jpg.xmp"]);
        let mut held = fs::File::open(desk.file("a.jpg.xmp")).unwrap();
        assert_eq!(desk.export(&["a.jpg"]).files, 1);
        let mut text = String::new();
        io::Read::read_to_string(&mut held, &mut text).unwrap();
        assert_eq!(text, packet(2), "who had it open still reads the old one, whole");
    }
}

#[test]
fn a_run_of_rows_without_their_taggings_writes_nothing() {
    let desk = Desk::with(&["a.jpg"]);
    let (rows, _) = rows(&desk, &["a.jpg"]);
    let mut run = TaggingRun::new(&desk.places(), rows, Arc::new([]), TaggingOptions::default());
    assert!(run.step().is_done());
    assert_eq!((run.finish().files, desk.contents().len()), (0, 1));
}
