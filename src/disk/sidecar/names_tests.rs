//! Which sidecar is whose.

use super::*;

fn folder_with(files: &[&str]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for file in files {
        let path = root.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, b"x").unwrap();
    }
    root
}

fn named(photo: &str, files: &[&str], naming: Naming) -> Result<Vec<String>, String> {
    let root = folder_with(files);
    let options = TaggingOptions { naming, ..TaggingOptions::default() };
    let found = targets(&root.path().join(photo), &options, &mut Neighbours::default())?;
    Ok(found.iter().map(|path| path.strip_prefix(root.path()).unwrap().display().to_string()).collect())
}

fn check(photo: &str, files: &[&str], naming: Naming, expected: &[&str]) {
    assert_eq!(named(photo, files, naming).unwrap(), expected, "{photo} among {files:?}");
}

#[test]
fn a_new_sidecar_is_named_as_the_person_chose() {
    check("a.jpg", &["a.jpg"], Naming::Ext, &["a.jpg.xmp"]);
    check("a.jpg", &["a.jpg"], Naming::Stem, &["a.xmp"]);
    check("a.jpg", &["a.jpg"], Naming::Both, &["a.jpg.xmp", "a.xmp"]);
}

#[test]
fn what_exists_is_updated_whatever_its_name() {
    check("a.jpg", &["a.jpg", "a.xmp"], Naming::Ext, &["a.xmp"]);
    check("a.jpg", &["a.jpg", "a.jpg.xmp"], Naming::Stem, &["a.jpg.xmp"]);
    check("a.jpg", &["a.jpg", "a.jpg.xmp", "a.xmp"], Naming::Ext, &["a.jpg.xmp", "a.xmp"]);
}

#[test]
fn case_makes_no_second_sidecar() {
    check("A.JPG", &["A.JPG", "A.XMP"], Naming::Ext, &["A.XMP"]);
    check("A.JPG", &["A.JPG", "A.jpg.Xmp"], Naming::Ext, &["A.jpg.Xmp"]);
    check("A.JPG", &["A.JPG", "A.jpg", "A.jpg.xmp"], Naming::Ext, &["A.JPG.xmp"]);
}

#[test]
fn the_sidecar_without_extension_is_that_of_the_only_raw() {
    check("a.jpg", &["a.jpg", "a.CR3", "a.xmp"], Naming::Stem, &["a.jpg.xmp"]);
    check("a.CR3", &["a.jpg", "a.CR3", "a.xmp"], Naming::Ext, &["a.xmp"]);
    check("a.CR3", &["a.jpg", "a.CR3"], Naming::Stem, &["a.xmp"]);
}

#[test]
fn photos_that_would_share_a_sidecar_are_told_of_each_other() {
    for (files, naming) in [
        (&["a.jpg", "a.png", "a.xmp"][..], Naming::Ext),
        (&["a.jpg", "a.png"], Naming::Stem),
        (&["a.jpg", "a.png"], Naming::Both),
        (&["a.jpg", "a.png", "a.nef", "a.arw", "a.xmp"], Naming::Ext),
    ] {
        let reason = named("a.jpg", files, naming).unwrap_err();
        assert!(reason.starts_with("a.jpg and a."), "{reason}");
    }
    assert!(named("a.jpg", &["a.jpg", "a.dng", "a.xmp"], Naming::Ext).unwrap_err().contains("a.dng"));
}

#[test]
fn a_sidecar_of_its_own_is_enough_where_the_other_is_unclear() {
    check("a.jpg", &["a.jpg", "a.png"], Naming::Ext, &["a.jpg.xmp"]);
    check("a.jpg", &["a.jpg", "a.png", "a.xmp", "a.jpg.xmp"], Naming::Stem, &["a.jpg.xmp"]);
    check("a.jpg.png", &["a.jpg", "a.jpg.png", "a.jpg.xmp"], Naming::Stem, &["a.jpg.png.xmp"]);
}

#[test]
fn a_number_after_the_name_makes_another_photo() {
    check("a_1.jpg", &["a.jpg", "a_1.jpg", "a.xmp", "a.jpg.xmp"], Naming::Ext, &["a_1.jpg.xmp"]);
}

#[test]
fn a_name_that_would_be_too_long_is_refused() {
    let photo = format!("{}.jpg", "n".repeat(248));
    assert!(named(&photo, &[&photo], Naming::Ext).unwrap_err().contains("too long"));
    assert!(named(&photo, &[&photo], Naming::Stem).is_ok());
}

#[test]
fn another_folder_repeats_the_folders_below_the_root() {
    let root = folder_with(&["photos/2024/a.jpg", "other/b.jpg", "sidecars/2024/a.xmp"]);
    let at = |path: &str| root.path().join(path);
    let place = |roots: &[&str]| TaggingOptions {
        place: SidecarPlace::Folder { folder: at("sidecars"), roots: roots.iter().map(|root| at(root)).collect() },
        ..TaggingOptions::default()
    };
    let found = |photo: &str, roots: &[&str]| targets(&at(photo), &place(roots), &mut Neighbours::default());
    assert_eq!(found("photos/2024/a.jpg", &["photos", "photos/2024"]), Ok(vec![at("sidecars/2024/a.xmp")]));
    assert_eq!(found("other/b.jpg", &["photos", "other"]), Ok(vec![at("sidecars/b.jpg.xmp")]));
    assert!(found("other/b.jpg", &["photos"]).unwrap_err().contains("none of the open folders"));
}

#[test]
fn photos_of_one_name_in_two_roots_do_not_meet_in_one_sidecar() {
    let root = folder_with(&["one/a.jpg", "two/a.jpg", "two/b.jpg"]);
    let roots = vec![root.path().join("one"), root.path().join("two")];
    let place = SidecarPlace::Folder { folder: root.path().join("sidecars"), roots };
    let options = TaggingOptions { place, ..TaggingOptions::default() };
    let mut neighbours = Neighbours::default();
    assert!(targets(&root.path().join("one/a.jpg"), &options, &mut neighbours).unwrap_err().contains("two"));
    assert!(targets(&root.path().join("two/b.jpg"), &options, &mut neighbours).is_ok());
}

#[test]
fn what_is_read_for_a_photo_is_only_what_belongs_to_it() {
    let root = folder_with(&["a.jpg", "a.nef", "a.xmp", "b.jpg", "b.jpg.xmp", "b.xmp"]);
    let mut neighbours = Neighbours::default();
    let mut count = |photo: &str| existing(&root.path().join(photo), &mut neighbours).len();
    assert_eq!([count("a.jpg"), count("a.nef"), count("b.jpg")], [0, 1, 2]);
}
