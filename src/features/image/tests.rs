use super::*;
use crate::data::image::{Geometry, Mask};
use indexmap::IndexMap;

const WINDOW: RawWindow = RawWindow { centre: 0.0, width: 200.0 };

fn images(size: usize, margin_mm: f64, slices: usize) -> RawImages {
    RawImages {
        mask: "tumour".to_string(),
        margin_mm,
        size,
        slices,
        border: 0.25,
        window: WINDOW,
        inputs: IndexMap::new(),
    }
}

/// An image whose value is its column, a region of 4 × 2 pixels in the second of three slices.
fn ramp() -> SubjectImages {
    let geometry = Geometry::plain(20, 20, 3);
    let hu = (0..geometry.voxels()).map(|index| (index % 20) as f32).collect();
    let inside = (0..geometry.voxels())
        .map(|index| {
            let (column, row, slice) = (index % 20, index / 20 % 20, index / 400);
            (8..12).contains(&column) && (9..11).contains(&row) && slice == 1
        })
        .collect();
    let mask = Mask { inside, geometry: geometry.clone() };
    SubjectImages {
        series: IndexMap::from([("ct".to_string(), Image { hu, geometry })]),
        masks: IndexMap::from([("tumour".to_string(), mask)]),
    }
}

fn preparation(images: &RawImages) -> Preparation<'_> {
    let parts = vec![WeightedSeries { series: "ct", weight: 1.0 }];
    Preparation { images, window: WINDOW, parts, source: String::new() }
}

#[test]
fn the_square_is_where_the_region_is() {
    // Side 4 mm and 2 mm of margin on both ends: 8 mm in 8 pixels, from column 6 to 13; the border adds two on each side.
    let settings = images(8, 2.0, 1);
    let values = preparation(&settings).square(&ramp()).unwrap();
    assert_eq!(values.len(), 12 * 12);
    let row: Vec<f64> = values[..12].iter().map(|value| f64::from(*value) * 100.0).collect();
    for (index, value) in row.iter().enumerate() {
        assert!((value - (4 + index) as f64).abs() < 1e-5, "{row:?}");
    }
}

#[test]
fn larger_pixels_are_means() {
    // The same 8 mm in 4 pixels of two columns each: 6.5, 8.5, 10.5, 12.5.
    let settings = RawImages { border: 0.0, ..images(8, 2.0, 1) };
    let settings = RawImages { size: 4, ..settings };
    let values = preparation(&settings).square(&ramp()).unwrap();
    let row: Vec<f64> = values[..4].iter().map(|value| f64::from(*value) * 100.0).collect();
    for (value, expected) in row.iter().zip([6.5, 8.5, 10.5, 12.5]) {
        assert!((value - expected).abs() < 1e-5, "{row:?}");
    }
}

#[test]
fn a_cropped_subject_gives_the_same_input_as_the_whole() {
    for (size, margin, slices) in [(8, 2.0, 1), (8, 30.0, 3), (16, 0.0, 3)] {
        let settings = images(size, margin, slices);
        let whole = ramp();
        let cropped = whole.cropped(&settings).unwrap();
        let prepared = preparation(&settings);
        assert_eq!(prepared.square(&whole), prepared.square(&cropped), "{size} {margin} {slices}");
    }
}

#[test]
fn the_middle_crop_is_the_middle() {
    let tensors = ImageTensors {
        input: "ct".to_string(),
        subjects: 2,
        channels: 1,
        size: 2,
        border: 1,
        preparation: String::new(),
        values: (0..32).map(|value| value as f32).collect(),
    };
    assert_eq!(tensors.centre(0), [5.0, 6.0, 9.0, 10.0]);
    let mut corner = Vec::new();
    tensors.crop_into(1, CropOffset { row: 2, column: 9 }, &mut corner);
    assert_eq!(corner, [26.0, 27.0, 30.0, 31.0]);
    assert_ne!(tensors.sha256(&[0, 1]), tensors.sha256(&[1, 0]));
}
