//! `preprocessor_config.json`, as HuggingFace's `CLIPImageProcessor` and `SiglipImageProcessor` read it.

use anyhow::{Result, bail};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::pixels::{Crop, Filter, InputSpec, Levels, Middle, Resize, Size};

/// Whose values absent keys have, unless the file names its processor itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defaults {
    Clip,
    Siglip,
}

/// Reads the file's text; also the newer `processor_config.json`, which holds the same under `image_processor`.
pub fn input_spec(text: &str, defaults: Defaults) -> Result<InputSpec> {
    let mut file: Map<String, Value> = serde_json::from_str(text)?;
    if let Some(Value::Object(inner)) = file.remove("image_processor") {
        file = inner;
    }
    // The reference writes null for what it leaves at its default.
    file.retain(|_, value| !value.is_null());
    if named(&file).unwrap_or(defaults) == Defaults::Siglip {
        for (key, value) in siglip_defaults() {
            file.entry(key).or_insert(value);
        }
    }
    serde_json::from_value::<Processor>(Value::Object(file))?.spec()
}

fn named(file: &Map<String, Value>) -> Option<Defaults> {
    let name = file.get("image_processor_type").or_else(|| file.get("feature_extractor_type"))?.as_str()?;
    let known = [("Siglip", Defaults::Siglip), ("CLIP", Defaults::Clip)];
    known.into_iter().find(|(start, _)| name.starts_with(start)).map(|(_, defaults)| defaults)
}

fn siglip_defaults() -> Map<String, Value> {
    let half = [0.5; 3];
    let defaults = json!({ "size": { "height": 224, "width": 224 }, "do_center_crop": false,
        "image_mean": half, "image_std": half });
    defaults.as_object().cloned().unwrap_or_default()
}

/// Absent keys have the values that the reference gives them.
#[derive(Deserialize)]
#[serde(default)]
struct Processor {
    do_resize: bool,
    size: Length,
    resample: u8,
    do_center_crop: bool,
    crop_size: Length,
    do_rescale: bool,
    rescale_factor: f64,
    do_normalize: bool,
    image_mean: [f64; 3],
    image_std: [f64; 3],
}

impl Default for Processor {
    fn default() -> Processor {
        Processor {
            do_resize: true,
            size: Length::Side(224),
            resample: 3,
            do_center_crop: true,
            crop_size: Length::Side(224),
            do_rescale: true,
            rescale_factor: 1.0 / 255.0,
            do_normalize: true,
            image_mean: [0.481_454_66, 0.457_827_5, 0.408_210_73],
            image_std: [0.268_629_54, 0.261_302_58, 0.275_777_11],
        }
    }
}

/// A number, or named sides.
#[derive(Deserialize)]
#[serde(untagged)]
enum Length {
    Side(u32),
    Named(Named),
}

#[derive(Deserialize)]
struct Named {
    shortest_edge: Option<u32>,
    longest_edge: Option<u32>,
    height: Option<u32>,
    width: Option<u32>,
}

impl Processor {
    fn spec(&self) -> Result<InputSpec> {
        let resize = if self.do_resize { self.size.resize()? } else { Resize::None };
        let crop = if self.do_center_crop { Some(self.crop_size.crop()?) } else { None };
        let (mean, deviation) =
            if self.do_normalize { (self.image_mean, self.image_std) } else { ([0.0; 3], [1.0; 3]) };
        if deviation.contains(&0.0) {
            bail!("\"image_std\" holds a zero");
        }
        let rescale = if self.do_rescale { self.rescale_factor } else { 1.0 };
        Ok(InputSpec { resize, filter: filter(self.resample)?, crop, levels: Levels { rescale, mean, deviation } })
    }
}

impl Length {
    fn resize(&self) -> Result<Resize> {
        match self {
            Length::Side(side) => Ok(Resize::ShortestEdge(*side)),
            Length::Named(Named { shortest_edge: Some(side), longest_edge: None, .. }) => {
                Ok(Resize::ShortestEdge(*side))
            }
            Length::Named(Named { height: Some(height_px), width: Some(width_px), .. }) => {
                Ok(Resize::Exact(Size { width_px: *width_px, height_px: *height_px }))
            }
            Length::Named(_) => {
                bail!("\"size\" is neither a number, nor a shortest edge alone, nor a height and a width")
            }
        }
    }

    fn crop(&self) -> Result<Crop> {
        let whole = |size| Crop { size, middle: Middle::RoundedDown };
        match self {
            Length::Side(side) => Ok(whole(Size { width_px: *side, height_px: *side })),
            Length::Named(Named { height: Some(height_px), width: Some(width_px), .. }) => {
                Ok(whole(Size { width_px: *width_px, height_px: *height_px }))
            }
            Length::Named(_) => bail!("\"crop_size\" is neither a number nor a height and a width"),
        }
    }
}

/// Pillow's numbers for its filters.
fn filter(resample: u8) -> Result<Filter> {
    Ok(match resample {
        0 => Filter::Nearest,
        1 => Filter::Lanczos,
        2 => Filter::Bilinear,
        3 => Filter::Bicubic,
        4 => Filter::Box,
        5 => Filter::Hamming,
        other => bail!("\"resample\" is {other}, which is no filter of Pillow"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: Size = Size { width_px: 224, height_px: 224 };

    fn input_spec(text: &str) -> Result<InputSpec> {
        super::input_spec(text, Defaults::Clip)
    }

    #[test]
    fn an_empty_file_means_the_defaults_of_the_reference() {
        let spec = input_spec("{}").unwrap();
        let crop = Crop { size: SQUARE, middle: Middle::RoundedDown };
        assert_eq!((spec.resize, spec.crop, spec.filter), (Resize::ShortestEdge(224), Some(crop), Filter::Bicubic));
    }

    #[test]
    fn absent_keys_of_siglip_mean_no_crop_and_a_mean_of_one_half() {
        let spec = super::input_spec("{}", Defaults::Siglip).unwrap();
        assert_eq!((spec.resize, spec.crop, spec.filter), (Resize::Exact(SQUARE), None, Filter::Bicubic));
        assert_eq!((spec.levels.mean, spec.levels.deviation), ([0.5; 3], [0.5; 3]));
    }

    #[test]
    fn a_processor_that_names_itself_has_its_own_defaults() {
        let clip = r#"{"image_processor_type": "CLIPImageProcessor"}"#;
        assert_eq!(super::input_spec(clip, Defaults::Siglip).unwrap(), input_spec("{}").unwrap());
        let siglip = r#"{"image_processor_type": "SiglipImageProcessorFast"}"#;
        assert_eq!(input_spec(siglip).unwrap(), super::input_spec("{}", Defaults::Siglip).unwrap());
    }

    #[test]
    fn the_old_and_the_new_way_of_writing_sizes_mean_the_same() {
        let old = r#"{"size": 224, "crop_size": 224, "resample": 3}"#;
        let new = r#"{"size": {"shortest_edge": 224}, "crop_size": {"height": 224, "width": 224}, "resample": 3}"#;
        let nested = format!(r#"{{"image_processor": {new}, "processor_class": "CLIPProcessor"}}"#);
        assert_eq!(input_spec(old).unwrap(), input_spec(new).unwrap());
        assert_eq!(input_spec(old).unwrap(), input_spec(&nested).unwrap());
    }

    #[test]
    fn a_height_and_a_width_are_taken_exactly() {
        let text = r#"{"size": {"height": 224, "width": 224}, "do_center_crop": false, "resample": 2}"#;
        let spec = input_spec(text).unwrap();
        assert_eq!((spec.resize, spec.crop, spec.filter), (Resize::Exact(SQUARE), None, Filter::Bilinear));
    }

    #[test]
    fn steps_that_are_switched_off_are_left_out() {
        let text = r#"{"do_resize": false, "do_rescale": false, "do_normalize": false}"#;
        let spec = input_spec(text).unwrap();
        assert_eq!(spec.resize, Resize::None);
        assert_eq!(spec.levels.table()[1][200], 200.0);
    }

    #[test]
    fn null_means_the_default() {
        let text = r#"{"crop_size": null, "do_rescale": null, "resample": null, "do_pad": null}"#;
        assert_eq!(input_spec(text).unwrap(), input_spec("{}").unwrap());
    }

    #[test]
    fn a_size_that_depends_on_both_edges_is_refused() {
        assert!(input_spec(r#"{"size": {"shortest_edge": 224, "longest_edge": 400}}"#).is_err());
    }

    #[test]
    fn an_unknown_filter_is_refused_by_its_number() {
        assert!(input_spec(r#"{"resample": 9}"#).unwrap_err().to_string().contains('9'));
    }
}
