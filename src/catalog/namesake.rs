//! Which keywords name a category.

use super::Keyword;

/// A category's name as it is looked for among keywords: without regard to case, and with `_` as a space.
///
/// A keyword names it if one path is the end of the other: "dog" and "animal/dog" name each other, "pet/dog" and
/// "animal/dog" do not, because two parents mean two things ("sport/bat", "animal/bat").
#[derive(Clone, Debug, PartialEq)]
pub struct Namesake(Vec<String>);

impl Namesake {
    pub fn of(category: &str) -> Namesake {
        let parts = category.split('/').map(|part| plain(part.trim()).collect());
        Namesake(parts.filter(|part: &String| !part.is_empty()).collect())
    }

    pub fn is_among(&self, keywords: &[Keyword]) -> bool {
        !self.0.is_empty() && keywords.iter().any(|keyword| self.is_named_by(keyword))
    }

    fn is_named_by(&self, keyword: &Keyword) -> bool {
        let pairs = self.0.iter().rev().zip(keyword.parts().iter().rev());
        pairs.into_iter().all(|(part, other)| part.chars().eq(plain(other.trim())))
    }
}

fn plain(part: &str) -> impl Iterator<Item = char> + '_ {
    part.chars().flat_map(char::to_lowercase).map(|letter| if letter == '_' { ' ' } else { letter })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyword_names_a_category_by_its_path_or_its_last_part() {
        let names = |keyword: &str, category: &str| Namesake::of(category).is_among(&[keyword.parse().unwrap()]);
        for (keyword, category) in [
            ("Dog", "dog"),
            ("dog", "animal/Dog"),
            ("Animal/dog", "animal/dog"),
            ("life/animal/dog", "animal/dog"),
            ("hot_coffee", "Drink/Hot coffee"),
            ("ÉTÉ", "été"),
        ] {
            assert!(names(keyword, category), "{keyword} names {category}");
        }
        for (keyword, category) in [("sport/bat", "animal/bat"), ("dogs", "dog"), ("animal", "animal/dog"), ("a", "")] {
            assert!(!names(keyword, category), "{keyword} does not name {category}");
        }
    }
}
