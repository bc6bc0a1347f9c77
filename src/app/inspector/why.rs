//! Why a photo stands where it stands in a category, in sentences that a photographer understands. Numbers are for
//! those who ask: each sentence carries its own for the pointer that rests on it.

use eframe::egui::{Align, Label, Layout, RichText, Ui};

use crate::app::icons;
use crate::app::theme::palette_of;
use crate::catalog::Tier;
use crate::catalog::words::decimal;
use crate::engine::Why;
use crate::language::{plural, tr};

/// Odds of two to one, and of ten to one, as logarithms: up to the first it is a close call, from the second on it is
/// clear.
const CLOSE: f32 = 0.7;
const CLEAR: f32 = 2.3;
/// A fit that changed by less is the same.
const LEAST_LESSON: f32 = 1e-4;

/// What a sentence speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaning {
    For,
    Against,
    Neither,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Sentence {
    pub leaning: Leaning,
    pub text: String,
    pub figures: String,
}

/// What the sentences are about.
pub struct About<'a> {
    pub category: &'a str,
    /// The name of the best other category.
    pub rival: Option<&'a str>,
    /// The model's logit scale: how many times a difference of fits counts in the logarithm of the odds.
    pub scale: f32,
    pub verdicts: usize,
}

/// What decides first stands first.
pub fn sentences(why: &Why, about: &About<'_>) -> Vec<Sentence> {
    let parts = [
        by_verdict(why, about),
        by_exclusion(why),
        by_prompt(why),
        by_negative(why),
        by_rival(why, about),
        by_lesson(why, about),
        by_cutoff(why, about),
    ];
    parts.into_iter().flatten().collect()
}

/// Draws the sentences.
pub fn show(ui: &mut Ui, sentences: &[Sentence]) {
    for sentence in sentences {
        show_sentence(ui, sentence);
    }
}

fn show_sentence(ui: &mut Ui, sentence: &Sentence) {
    let colours = palette_of(ui);
    let (icon, colour) = match sentence.leaning {
        Leaning::For => (icons::CHECK, colours.accent),
        Leaning::Against => (icons::X, colours.warning),
        Leaning::Neither => (icons::MINUS, colours.weak),
    };
    ui.with_layout(Layout::left_to_right(Align::TOP), |ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.label(RichText::new(icon).size(14.0).color(colour));
        ui.add(Label::new(&sentence.text).wrap()).on_hover_text(&sentence.figures);
    });
}

fn sentence(leaning: Leaning, text: String, figures: String) -> Option<Sentence> {
    Some(Sentence { leaning, text, figures })
}

fn by_verdict(why: &Why, about: &About<'_>) -> Option<Sentence> {
    let figures = tr("What you say counts before any score").to_owned();
    match why.tier {
        Tier::Confirmed => sentence(Leaning::For, tr("You confirmed it").to_owned(), figures),
        Tier::Rejected => {
            sentence(Leaning::Against, tr!("You said that it is not {category}", category = about.category), figures)
        }
        Tier::RuledOut | Tier::Scored => None,
    }
}

fn by_exclusion(why: &Why) -> Option<Sentence> {
    let exclusion = why.exclusion.as_ref().filter(|_| why.tier != Tier::Confirmed)?;
    let figures = tr("A photo that fits this better than the prompts never belongs, unless you confirm it");
    sentence(Leaning::Against, tr!("Ruled out: it fits “{text}” better", text = exclusion), figures.to_owned())
}

fn by_prompt(why: &Why) -> Option<Sentence> {
    let (text, _) = why.prompts.first()?;
    let figures: Vec<String> =
        why.prompts.iter().take(6).map(|(text, cosine)| format!("{}  {text}", decimal(*cosine, 3))).collect();
    let text = if why.prompts.len() > 1 {
        tr!("Best matched by “{text}”", text)
    } else {
        tr!("Compared with “{text}”", text)
    };
    sentence(Leaning::Neither, text, format!("{}\n{}", tr("Cosine with each sentence"), figures.join("\n")))
}

fn by_negative(why: &Why) -> Option<Sentence> {
    let (text, loss) = why.negative.as_ref().filter(|(_, loss)| *loss > 0.0)?;
    let figures = tr!("Fits this better than the prompts, which takes {loss} from its fit", loss = decimal(*loss, 3));
    sentence(Leaning::Against, tr!("Loses to what it is not: “{text}”", text), figures)
}

fn by_rival(why: &Why, about: &About<'_>) -> Option<Sentence> {
    let (rival, margin) = (about.rival?, why.next_best?.1);
    let figures = tr!(
        "Fits {category} with {fit}, {other} with {other_fit}",
        category = about.category,
        fit = decimal(why.fit, 3),
        other = rival,
        other_fit = decimal(why.fit - margin, 3)
    );
    let (leaning, text) = match margin * about.scale {
        odds if odds >= CLEAR => (Leaning::For, tr!("Clearly ahead of {category}", category = rival)),
        odds if odds >= CLOSE => (Leaning::For, tr!("Ahead of {category}", category = rival)),
        odds if odds > -CLOSE => (Leaning::Neither, tr!("A close call with {category}", category = rival)),
        odds if odds > -CLEAR => (Leaning::Against, tr!("Fits {category} better", category = rival)),
        _ => (Leaning::Against, tr!("Fits {category} clearly better", category = rival)),
    };
    sentence(leaning, text, figures)
}

fn by_lesson(why: &Why, about: &About<'_>) -> Option<Sentence> {
    let change = why.fit - why.zero_shot_fit;
    if change.abs() < LEAST_LESSON {
        return None;
    }
    let figures = tr!(
        "{before} by the words alone, {after} with what was learned",
        before = decimal(why.zero_shot_fit, 3),
        after = decimal(why.fit, 3)
    );
    let (leaning, text) = match change > 0.0 {
        true => (Leaning::For, better_in_words(about.verdicts)),
        false => (Leaning::Against, worse_in_words(about.verdicts)),
    };
    sentence(leaning, text, figures)
}

fn better_in_words(verdicts: usize) -> String {
    plural!(
        verdicts,
        "Learned from your verdict: fits better than the words alone say",
        "Learned from your {n} verdicts: fits better than the words alone say"
    )
}

fn worse_in_words(verdicts: usize) -> String {
    plural!(
        verdicts,
        "Learned from your verdict: fits less well than the words alone say",
        "Learned from your {n} verdicts: fits less well than the words alone say"
    )
}

fn by_cutoff(why: &Why, about: &About<'_>) -> Option<Sentence> {
    if why.tier != Tier::Scored {
        return None;
    }
    let Some(cutoff) = why.cutoff else {
        let text = tr("There is no cut-off to reach").to_owned();
        return sentence(Leaning::Neither, text, tr!("Fit {fit}", fit = decimal(why.fit, 3)));
    };
    let figures = tr!("Fit {fit}, cut-off {cutoff}", fit = decimal(why.fit, 3), cutoff = decimal(cutoff, 3));
    let (leaning, text) = match (why.fit - cutoff) * about.scale {
        over if over >= CLOSE => (Leaning::For, tr("Above the cut-off").to_owned()),
        over if over >= 0.0 => (Leaning::For, tr("Just above the cut-off").to_owned()),
        over if over > -CLOSE => (Leaning::Against, tr("Just below the cut-off").to_owned()),
        _ => (Leaning::Against, tr!("Below the cut-off of {category}", category = about.category)),
    };
    sentence(leaning, text, figures)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::CategoryId;

    const ABOUT: About<'_> = About { category: "dog", rival: Some("cat"), scale: 100.0, verdicts: 14 };

    fn scored() -> Why {
        Why {
            tier: Tier::Scored,
            fit: 0.30,
            zero_shot_fit: 0.30,
            prompts: vec![("a photo of a dog.".to_owned(), 0.3), ("a puppy".to_owned(), 0.2)],
            negative: None,
            exclusion: None,
            cutoff: Some(0.25),
            next_best: Some((CategoryId(1), 0.05)),
            nearest: Vec::new(),
        }
    }

    fn check(why: &Why, expected: &[&str]) {
        let texts: Vec<String> = sentences(why, &ABOUT).into_iter().map(|sentence| sentence.text).collect();
        assert_eq!(texts, expected);
    }

    #[test]
    fn a_photo_that_belongs_says_by_which_words_and_before_what() {
        let best = "Best matched by “a photo of a dog.”";
        check(&scored(), &[best, "Clearly ahead of cat", "Above the cut-off"]);
        let close = Why { next_best: Some((CategoryId(1), 0.002)), cutoff: Some(0.299), ..scored() };
        check(&close, &[best, "A close call with cat", "Just above the cut-off"]);
    }

    #[test]
    fn what_the_person_said_stands_first_and_leaves_the_cutoff_out() {
        let confirmed = Why { tier: Tier::Confirmed, prompts: Vec::new(), next_best: None, ..scored() };
        check(&confirmed, &["You confirmed it"]);
        check(&Why { tier: Tier::Rejected, ..confirmed }, &["You said that it is not dog"]);
    }

    #[test]
    fn what_speaks_against_a_photo_is_named() {
        let why = Why {
            tier: Tier::RuledOut,
            exclusion: Some("a drawing".to_owned()),
            negative: Some(("a wolf".to_owned(), 0.02)),
            next_best: Some((CategoryId(1), -0.05)),
            prompts: Vec::new(),
            ..scored()
        };
        let expected =
            ["Ruled out: it fits “a drawing” better", "Loses to what it is not: “a wolf”", "Fits cat clearly better"];
        check(&why, &expected);
        assert!(sentences(&why, &ABOUT).iter().all(|sentence| sentence.leaning == Leaning::Against));
    }

    #[test]
    fn a_lesson_is_told_only_where_it_changed_something() {
        let why = Why { zero_shot_fit: 0.27, prompts: Vec::new(), next_best: None, cutoff: None, ..scored() };
        check(
            &why,
            &["Learned from your 14 verdicts: fits better than the words alone say", "There is no cut-off to reach"],
        );
    }
}
