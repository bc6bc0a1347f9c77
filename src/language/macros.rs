//! Texts with values in them, which only the window has.

/// A text in the current language, with values in place of names: `tr!("{done} of {found}", done, found = all)`.
macro_rules! tr {
    (@value $name:ident) => { $name };
    (@value $name:ident $value:expr) => { $value };
    ($text:literal, $($name:ident $(= $value:expr)?),+ $(,)?) => {
        $crate::language::filled(
            $crate::language::tr($text),
            &[$((stringify!($name), &$crate::language::tr!(@value $name $($value)?))),+],
        )
    };
}

/// The same in two forms, of which the number chooses one; `{n}` in them is the number, in groups of thousands:
/// `plural!(photos, "{n} photo is read", "{n} photos are read")`.
macro_rules! plural {
    ($number:expr, $one:literal, $many:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {{
        let number: usize = $number;
        $crate::language::filled(
            $crate::language::tr(if number == 1 { $one } else { $many }),
            &[
                ("n", &$crate::language::count(number)),
                $((stringify!($name), &$crate::language::tr!(@value $name $($value)?))),*
            ],
        )
    }};
}

pub(crate) use {plural, tr};

#[cfg(test)]
mod tests {
    #[test]
    fn a_text_takes_its_values_by_name_and_its_form_by_number() {
        let (done, photos) = (3, ["one photo", "1,200 photos"]);
        assert_eq!(tr!("{done} of {all}", done, all = 5), "3 of 5");
        assert_eq!([1, 1200].map(|number| plural!(number, "one {what}", "{n} {what}s", what = "photo")), photos);
    }
}
