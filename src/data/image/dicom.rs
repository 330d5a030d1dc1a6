//! CT series out of folders of DICOM files, one slice per file.

use super::problem::Fault;
use super::{Geometry, Image};
use dicom_dictionary_std::tags;
use dicom_object::{InMemDicomObject, OpenFileOptions, Tag};
use dicom_pixeldata::PixelDecoder;
use std::path::{Path, PathBuf};

/// What one file says.
struct Slice {
    columns: usize,
    rows: usize,
    /// Distance of rows, then of columns.
    pixel_spacing: [f64; 2],
    position: [f64; 3],
    /// Directions in which column and row numbers grow.
    directions: [[f64; 3]; 2],
    tube_potential: Option<f64>,
    series: String,
    hu: Vec<f32>,
}

/// The series in a folder, in standard orientation, in Hounsfield units. Every file of the folder whose name ends in
/// `.dcm`, or has no ending, is one of its slices.
pub fn read(folder: &Path, tube_potential: Option<f64>) -> Result<Image, Fault> {
    let files = files_of(folder)?;
    if files.is_empty() {
        return Err(Fault::EmptyFolder);
    }
    let mut slices = Vec::with_capacity(files.len());
    for (index, file) in files.iter().enumerate() {
        slices.push(read_slice(file, index, files.len())?);
    }
    check_energy(&slices, tube_potential)?;
    stack(slices)
}

/// Sorted by name, so that a message can count them.
fn files_of(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let unreadable = |error: std::io::Error| Fault::Unreadable { kind: error.kind().to_string() };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        let directory = path.file_name().is_some_and(|name| name == "DICOMDIR");
        if path.is_file()
            && !hidden
            && !directory
            && ending.is_none_or(|ending| ["dcm", "dicom", "ima"].contains(&ending.as_str()))
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read_slice(path: &Path, index: usize, files: usize) -> Result<Slice, Fault> {
    let file = ordinal(index + 1);
    let object = OpenFileOptions::new().open_file(path).map_err(|_| Fault::NotDicom { file: file.clone(), files })?;
    let missing = |attribute| Fault::NoAttribute { file: file.clone(), files, attribute };
    let modality = text(&object, tags::MODALITY).ok_or(missing("Modality"))?;
    if modality != "CT" {
        // A modality is a code of a few letters; anything longer does not belong in a message.
        return Err(Fault::Modality { found: modality.chars().take(16).collect() });
    }
    if numbers::<1>(&object, tags::NUMBER_OF_FRAMES).is_some_and(|[frames]| frames > 1.0) {
        return Err(Fault::ManyFrames);
    }
    let [rows] = numbers(&object, tags::ROWS).ok_or(missing("Rows"))?;
    let [columns] = numbers(&object, tags::COLUMNS).ok_or(missing("Columns"))?;
    let pixel_spacing = numbers(&object, tags::PIXEL_SPACING).ok_or(missing("Pixel Spacing"))?;
    let position = numbers(&object, tags::IMAGE_POSITION_PATIENT).ok_or(missing("Image Position (Patient)"))?;
    let [a, b, c, d, e, f] =
        numbers(&object, tags::IMAGE_ORIENTATION_PATIENT).ok_or(missing("Image Orientation (Patient)"))?;
    numbers::<1>(&object, tags::RESCALE_SLOPE).ok_or(missing("Rescale Slope"))?;
    numbers::<1>(&object, tags::RESCALE_INTERCEPT).ok_or(missing("Rescale Intercept"))?;
    let (columns, rows) = (columns as usize, rows as usize);
    let truncated = || Fault::Truncated { file: file.clone(), files };
    let hu: Vec<f32> = object.decode_pixel_data().map_err(|_| truncated())?.to_vec().map_err(|_| truncated())?;
    if hu.len() != columns * rows || hu.is_empty() {
        return Err(truncated());
    }
    Ok(Slice {
        columns,
        rows,
        pixel_spacing,
        position,
        directions: [[a, b, c], [d, e, f]],
        tube_potential: numbers(&object, tags::KVP).map(|[potential]| potential),
        series: text(&object, tags::SERIES_INSTANCE_UID).unwrap_or_default(),
        hu,
    })
}

pub(super) fn text(object: &InMemDicomObject, tag: Tag) -> Option<String> {
    let value = object.get(tag)?.to_str().ok()?;
    let value = value.trim_matches([' ', '\0']);
    (!value.is_empty()).then(|| value.to_string())
}

/// Exactly N finite numbers.
pub(super) fn numbers<const N: usize>(object: &InMemDicomObject, tag: Tag) -> Option<[f64; N]> {
    let values = object.get(tag)?.to_multi_float64().ok()?;
    let values: [f64; N] = values.try_into().ok()?;
    values.iter().all(|value| value.is_finite()).then_some(values)
}

fn check_energy(slices: &[Slice], declared: Option<f64>) -> Result<(), Fault> {
    let mut found: Vec<f64> = slices.iter().filter_map(|slice| slice.tube_potential).collect();
    found.sort_by(f64::total_cmp);
    found.dedup();
    match (found.as_slice(), declared) {
        ([_, _, ..], _) => {
            let words: Vec<String> = found.iter().map(f64::to_string).collect();
            Err(Fault::MixedEnergies { found: words.join(", ") })
        }
        ([found], Some(declared)) if (found - declared).abs() > 0.5 => {
            Err(Fault::OtherEnergy { found: *found, declared })
        }
        _ => Ok(()),
    }
}

/// One volume out of the slices, whatever their order in the folder.
fn stack(mut slices: Vec<Slice>) -> Result<Image, Fault> {
    let mut series: Vec<&str> = slices.iter().map(|slice| slice.series.as_str()).collect();
    series.sort_unstable();
    series.dedup();
    if series.len() > 1 {
        return Err(Fault::MixedSeries { series: series.len() });
    }
    let first = &slices[0];
    let [across, down] = first.directions;
    let close = |left: &[f64], right: &[f64]| left.iter().zip(right).all(|(a, b)| (a - b).abs() < 1e-3);
    let equal = |slice: &Slice| {
        (slice.columns, slice.rows) == (first.columns, first.rows)
            && close(&slice.pixel_spacing, &first.pixel_spacing)
            && close(&slice.directions[0], &across)
            && close(&slice.directions[1], &down)
    };
    let perpendicular = across.iter().zip(down).map(|(a, b)| a * b).sum::<f64>().abs() < 1e-3;
    let of_length_one = |axis: [f64; 3]| (axis.iter().map(|x| x * x).sum::<f64>() - 1.0).abs() < 1e-2;
    let spaced = first.pixel_spacing.iter().all(|distance| *distance > 0.0);
    if !slices.iter().all(equal) || !perpendicular || !of_length_one(across) || !of_length_one(down) || !spaced {
        return Err(Fault::MixedGrids);
    }
    let normal = cross(across, down);
    let (columns, rows) = (first.columns, first.rows);
    let [between_rows, between_columns] = first.pixel_spacing;
    let height = |slice: &Slice| slice.position.iter().zip(normal).map(|(a, b)| a * b).sum::<f64>();
    slices.sort_by(|left, right| height(left).total_cmp(&height(right)));
    let heights: Vec<f64> = slices.iter().map(height).collect();
    let spacing = slice_spacing(&heights)?;
    let geometry = Geometry {
        columns,
        rows,
        slices: slices.len(),
        spacing: [between_columns, between_rows, spacing],
        origin: slices[0].position,
        axes: [across, down, normal],
    };
    let values: Vec<f32> = slices.into_iter().flat_map(|slice| slice.hu).collect();
    let (geometry, hu) = geometry.to_standard_orientation(&values);
    Ok(Image { hu, geometry })
}

/// The distance of neighbouring slices, which must all be equal; 1 mm for a single slice. The smallest gap is taken for
/// the true one: a larger one has slices missing in it.
fn slice_spacing(heights: &[f64]) -> Result<f64, Fault> {
    let gaps: Vec<f64> = heights.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let Some(spacing) = gaps.iter().copied().min_by(f64::total_cmp) else { return Ok(1.0) };
    if spacing < 1e-3 {
        return Err(Fault::DoubledSlice);
    }
    let largest = gaps.iter().copied().fold(spacing, f64::max);
    if largest > 1.1 * spacing {
        let missing = gaps.iter().map(|gap| (gap / spacing).round() as usize - 1).sum::<usize>().max(1);
        let rounded = |value: f64| (value * 1000.0).round() / 1000.0;
        return Err(Fault::MissingSlices { count: missing, gap: rounded(largest), spacing: rounded(spacing) });
    }
    // The mean gap: positions are printed with few digits.
    Ok((heights[heights.len() - 1] - heights[0]) / gaps.len() as f64)
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/// "the 3rd": files are counted in the order of their names.
fn ordinal(number: usize) -> String {
    let ending = match (number % 10, number % 100) {
        (1, hundred) if hundred != 11 => "st",
        (2, hundred) if hundred != 12 => "nd",
        (3, hundred) if hundred != 13 => "rd",
        _ => "th",
    };
    format!("the {number}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_counts_the_slices_that_are_missing() {
        assert_eq!(slice_spacing(&[0.0, 3.0, 6.0]), Ok(3.0));
        assert_eq!(slice_spacing(&[5.0]), Ok(1.0));
        assert_eq!(
            slice_spacing(&[0.0, 3.0, 12.0, 15.0]),
            Err(Fault::MissingSlices { count: 2, gap: 9.0, spacing: 3.0 })
        );
        assert_eq!(slice_spacing(&[0.0, 3.0, 3.0]), Err(Fault::DoubledSlice));
    }
}
