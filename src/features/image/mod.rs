//! From images to what a network sees: a square around the region, resized, in a stated scale.
//!
//! The square has the longer side of the region's bounding box, in the slice where the region is largest, and the margin
//! on both ends; it is resized to `size` × `size` pixels by bilinear interpolation, averaged over a pixel where pixels
//! get larger. Beyond the edge of an image stands its nearest voxel. Neighbouring slices are further channels. Hounsfield
//! units become 2 (x − centre) / width, held to −1 and 1. Columns run to the patient's left, rows to the back. Nothing
//! here is estimated from the data, so that no subject can influence another's input.

use crate::cohort::Cohort;
use crate::data::image::dual_energy::Energies;
use crate::data::image::{Crop, Image, ImageProblem, SubjectImages};
use crate::results::ImageFact;
use crate::spec::Study;
use crate::spec::raw::{RawImages, RawWindow};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

/// One input of all subjects of a cohort, in its order.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageTensors {
    /// The input's name in the spec.
    pub input: String,
    pub subjects: usize,
    pub channels: usize,
    /// Rows and columns of what a model sees.
    pub size: usize,
    /// Rows and columns by which the stored square is wider on every side.
    pub border: usize,
    /// What the values are: units, window, orientation. For the report and for the metadata of a network.
    pub preparation: String,
    /// subjects × channels × wide × wide, columns fastest.
    values: Vec<f32>,
}

/// Where a crop starts within the wider square: 0 to twice the border; the border itself is the middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CropOffset {
    pub row: usize,
    pub column: usize,
}

impl ImageTensors {
    /// Rows and columns of the stored square.
    pub fn wide(&self) -> usize {
        self.size + 2 * self.border
    }

    /// Values of one crop: channels × size × size.
    pub fn length(&self) -> usize {
        self.channels * self.size * self.size
    }

    /// The crop around the region, which is what is evaluated: channels × size × size.
    pub fn centre(&self, subject: usize) -> Vec<f32> {
        let mut values = Vec::with_capacity(self.length());
        self.crop_into(subject, CropOffset { row: self.border, column: self.border }, &mut values);
        values
    }

    /// Appends a crop: channels × size × size. Offsets beyond twice the border are taken for it.
    pub fn crop_into(&self, subject: usize, offset: CropOffset, values: &mut Vec<f32>) {
        let wide = self.wide();
        let (top, left) = (offset.row.min(2 * self.border), offset.column.min(2 * self.border));
        for channel in 0..self.channels {
            let plane = (subject * self.channels + channel) * wide * wide;
            for row in top..top + self.size {
                let start = plane + row * wide + left;
                values.extend_from_slice(&self.values[start..start + self.size]);
            }
        }
    }

    /// The stored square of a subject: channels × wide × wide.
    pub fn whole(&self, subject: usize) -> &[f32] {
        let length = self.channels * self.wide() * self.wide();
        &self.values[subject * length..(subject + 1) * length]
    }

    /// SHA-256 of the crops of these subjects, in this order: what a network was trained on.
    pub fn sha256(&self, subjects: &[usize]) -> String {
        let mut hasher = Sha256::new();
        for subject in subjects {
            self.whole(*subject).iter().for_each(|value| hasher.update(value.to_le_bytes()));
        }
        hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The values of one input for every subject of the cohort. The spec's check and the cohort's leave nothing to go wrong;
/// what does, says of which row.
pub fn model_inputs(study: &Study, cohort: &Cohort, input: &str) -> Result<ImageTensors, Vec<ImageProblem>> {
    let Some(prepared) = Preparation::new(study, input) else {
        let fault = crate::data::image::Fault::NoValue { column: input.to_string() };
        return Err(vec![ImageProblem { file_row: 0, of: format!("inputs/{input}"), fault }]);
    };
    let images = prepared.images;
    let squares: Vec<Option<Vec<f32>>> = cohort.images.par_iter().map(|subject| prepared.square(subject)).collect();
    let incomplete = squares.iter().zip(&cohort.file_rows).filter(|(square, _)| square.is_none());
    let problems: Vec<ImageProblem> = incomplete
        .map(|(_, file_row)| ImageProblem {
            file_row: *file_row,
            of: String::new(),
            fault: crate::data::image::Fault::Absent,
        })
        .collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(ImageTensors {
        input: input.to_string(),
        subjects: squares.len(),
        channels: images.slices,
        size: images.size,
        border: images.border_pixels(),
        preparation: prepared.says(),
        values: squares.into_iter().flatten().flatten().collect(),
    })
}

/// What each input is, in words, for the report.
pub fn facts(study: &Study) -> Vec<ImageFact> {
    let inputs = study.spec.images.iter().flat_map(|images| images.inputs.keys());
    inputs
        .filter_map(|name| {
            let text = Preparation::new(study, name)?.says();
            Some(ImageFact { term: format!("Model input {name}"), text })
        })
        .collect()
}

/// What an input is made of: the series that it adds up, with their weights.
struct Preparation<'a> {
    images: &'a RawImages,
    window: RawWindow,
    parts: Vec<WeightedSeries<'a>>,
    source: String,
}

struct WeightedSeries<'a> {
    series: &'a str,
    weight: f64,
}

impl<'a> Preparation<'a> {
    fn new(study: &'a Study, name: &str) -> Option<Self> {
        let images = study.spec.images.as_ref()?;
        let data = study.spec.data.images.as_ref()?;
        let input = images.inputs.get(name)?;
        let window = images.window_of(input);
        if let Some(series) = &input.series {
            let parts = vec![WeightedSeries { series, weight: 1.0 }];
            return Some(Self { images, window, parts, source: format!("series {series}") });
        }
        let vmi = input.vmi.as_ref()?;
        let pair = data.dual_energy.get(&vmi.pair)?;
        let energy = |series: &str| data.series.get(series)?.effective_energy;
        let energies = Energies { low: energy(&pair.low)?, high: energy(&pair.high)? };
        let weights = energies.weights(vmi.kev);
        let parts = vec![
            WeightedSeries { series: &pair.low, weight: weights.low },
            WeightedSeries { series: &pair.high, weight: weights.high },
        ];
        let source = format!("virtual monoenergetic image at {} keV of {} and {}", vmi.kev, pair.low, pair.high);
        Some(Self { images, window, parts, source })
    }

    fn says(&self) -> String {
        let RawImages { mask, margin_mm, size, slices, .. } = self.images;
        let RawWindow { centre, width } = self.window;
        let channels = if *slices == 1 {
            "the slice in which it is largest".to_string()
        } else {
            format!("{slices} slices around that in which it is largest")
        };
        format!(
            "{}; square around {mask} with {margin_mm} mm on every side, {channels}, {size} × {size} pixels; \
             2 (HU − {centre}) / {width}, held to −1 and 1; columns to the left, rows to the back",
            self.source
        )
    }

    /// channels × wide × wide; `None` when a series or the region is not there.
    fn square(&self, subject: &SubjectImages) -> Option<Vec<f32>> {
        let crop = Crop::around(subject.masks.get(&self.images.mask)?, self.images)?;
        let parts: Vec<(&Image, f64)> = self
            .parts
            .iter()
            .map(|part| Some((subject.series.get(part.series)?, part.weight)))
            .collect::<Option<_>>()?;
        let reach = (self.images.slices / 2) as isize;
        let mut values = Vec::with_capacity(self.images.slices * crop.wide * crop.wide);
        for slice in -reach..=reach {
            for row in 0..crop.wide {
                for column in 0..crop.wide {
                    let at = |image: &Image| sample(image, &crop, crop.slice as isize + slice, row, column);
                    let hu: f64 = parts.iter().map(|(image, weight)| weight * at(image)).sum();
                    let scaled = 2.0 * (hu - self.window.centre) / self.window.width;
                    values.push(scaled.clamp(-1.0, 1.0) as f32);
                }
            }
        }
        Some(values)
    }
}

/// The mean over one pixel of the crop, from bilinear samples no farther apart than the image's own pixels.
fn sample(image: &Image, crop: &Crop, slice: isize, row: usize, column: usize) -> f64 {
    let [across, down, _] = image.geometry.spacing;
    let fine = (crop.pitch / across.min(down)).ceil().clamp(1.0, 16.0) as usize;
    let place = |index: usize, step: usize, centre: f64, spacing: f64| {
        let position = index as f64 + (step as f64 + 0.5) / fine as f64 - crop.wide as f64 / 2.0;
        centre + position * crop.pitch / spacing
    };
    let mut sum = 0.0;
    for step_down in 0..fine {
        for step_across in 0..fine {
            let x = place(column, step_across, crop.centre[0], across);
            let y = place(row, step_down, crop.centre[1], down);
            sum += bilinear(image, x, y, slice);
        }
    }
    sum / (fine * fine) as f64
}

fn bilinear(image: &Image, x: f64, y: f64, slice: isize) -> f64 {
    let (left, top) = (x.floor(), y.floor());
    let (right_share, lower_share) = (x - left, y - top);
    let at = |column: f64, row: f64| f64::from(image.at(column as isize, row as isize, slice));
    let upper = (1.0 - right_share) * at(left, top) + right_share * at(left + 1.0, top);
    let lower = (1.0 - right_share) * at(left, top + 1.0) + right_share * at(left + 1.0, top + 1.0);
    (1.0 - lower_share) * upper + lower_share * lower
}

#[cfg(test)]
mod tests;
