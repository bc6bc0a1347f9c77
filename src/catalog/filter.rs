//! What photos must have to be shown: keywords, stars, a label.
//!
//! Asked of every photo with every keystroke, so what is looked through is made once a photo and not once a question.

use super::Metadata;

/// What is not said lets everything pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Part of a keyword, the person's or Tagroll's; `animal/do` is part of "animal/dog". Case makes no difference.
    pub keyword: String,
    pub rating: Option<RatingFilter>,
    pub label: Option<String>,
    /// Whether Tagroll wrote a keyword.
    pub is_tagged: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RatingFilter {
    /// So many stars or more.
    AtLeast(u8),
    Rejected,
}

/// Metadata, ready to be looked through.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Searchable {
    metadata: Metadata,
    /// All keywords in small letters, one a line.
    keywords: String,
}

/// A filter that is made ready for many photos.
pub struct Sieve<'a> {
    filter: &'a Filter,
    keyword: String,
}

impl Filter {
    /// Whether anything is asked for.
    pub fn is_on(&self) -> bool {
        self.sought().is_some() || self.rating.is_some() || self.label.is_some() || self.is_tagged.is_some()
    }

    pub fn sieve(&self) -> Sieve<'_> {
        Sieve { filter: self, keyword: self.sought().unwrap_or_default() }
    }

    /// The keyword as [`Searchable`] has it, however somebody parts it.
    fn sought(&self) -> Option<String> {
        let parts: Vec<&str> = self.keyword.trim().split(['/', '|', '›']).map(str::trim).collect();
        Some(parts.join("/").to_lowercase()).filter(|sought| !sought.is_empty())
    }
}

impl Sieve<'_> {
    pub fn passes(&self, photo: &Searchable) -> bool {
        let Searchable { metadata, keywords } = photo;
        let Filter { rating, label, is_tagged, .. } = self.filter;
        let has_rating = match (rating, metadata.rating) {
            (None, _) => true,
            (Some(RatingFilter::AtLeast(least)), Some(stars)) => i16::from(stars) >= i16::from(*least),
            (Some(RatingFilter::Rejected), Some(stars)) => stars < 0,
            (Some(_), None) => false,
        };
        let is_it = |wanted: &String| metadata.label.as_ref().is_some_and(|label| same_label(label, wanted));
        has_rating
            && label.as_ref().is_none_or(is_it)
            && is_tagged.is_none_or(|is_tagged| is_tagged != metadata.ours.is_empty())
            && keywords.contains(&self.keyword)
    }
}

impl Searchable {
    pub fn of(metadata: Metadata) -> Searchable {
        let all = metadata.keywords.iter().chain(&metadata.ours);
        let keywords: Vec<String> = all.map(|keyword| keyword.joined("/").to_lowercase()).collect();
        // No keyword holds the character between them, and nobody can type it.
        Searchable { keywords: keywords.join("\0"), metadata }
    }

    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }
}

/// Whether two labels are one: "Red" and "red" are.
pub fn same_label(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photo() -> Searchable {
        let keywords = |words: &[&str]| words.iter().map(|word| word.parse().unwrap()).collect();
        Searchable::of(Metadata {
            keywords: keywords(&["Tier/Hund", "Meer"]),
            ours: keywords(&["beach"]),
            rating: Some(3),
            label: Some("Red".to_owned()),
        })
    }

    fn passes(filter: &Filter) -> bool {
        filter.sieve().passes(&photo())
    }

    fn of_keyword(keyword: &str) -> Filter {
        Filter { keyword: keyword.to_owned(), ..Filter::default() }
    }

    #[test]
    fn a_part_of_a_keyword_is_found_whoever_wrote_it_and_however_it_is_parted() {
        for keyword in ["hund", " HUND ", "tier/hu", "Tier | Hund", "tier › hund", "beach", "eer", ""] {
            assert!(passes(&of_keyword(keyword)), "{keyword:?}");
        }
        for keyword in ["katze", "hund/tier", "hundmeer", "/tier", "hund\nmeer"] {
            assert!(!passes(&of_keyword(keyword)), "{keyword:?}");
        }
    }

    #[test]
    fn stars_label_and_tagroll_s_keywords_each_decide() {
        let rated = |rating| Filter { rating: Some(rating), ..Filter::default() };
        let of_stars = [1, 3, 4].map(|least| passes(&rated(RatingFilter::AtLeast(least))));
        assert_eq!((of_stars, passes(&rated(RatingFilter::Rejected))), ([true, true, false], false));
        let labelled = |label: &str| Filter { label: Some(label.to_owned()), ..Filter::default() };
        assert_eq!([passes(&labelled("red")), passes(&labelled("Blue"))], [true, false]);
        let tagged = |is_tagged| Filter { is_tagged: Some(is_tagged), ..Filter::default() };
        assert_eq!([passes(&tagged(true)), passes(&tagged(false))], [true, false]);
        assert!(!passes(&Filter { keyword: "hund".to_owned(), ..labelled("Blue") }), "all of it must be so");
    }

    #[test]
    fn a_rejected_photo_has_no_stars() {
        let rejected = Searchable::of(Metadata { rating: Some(-1), ..Metadata::default() });
        let passes = |rating| Filter { rating: Some(rating), ..Filter::default() }.sieve().passes(&rejected);
        assert_eq!([passes(RatingFilter::Rejected), passes(RatingFilter::AtLeast(1))], [true, false]);
    }

    #[test]
    fn blanks_and_separators_alone_ask_for_nothing() {
        assert!(!Filter::default().is_on() && !of_keyword("  ").is_on());
        assert!(of_keyword("a").is_on());
    }
}
