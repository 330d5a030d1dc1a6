//! Regions out of DICOM Segmentation objects (binary): one frame per slice and segment, each with its own place.

use super::dicom::{numbers, text};
use super::problem::Fault;
use super::{Geometry, Mask};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{InMemDicomObject, OpenFileOptions, Tag};
use std::path::Path;

/// The voxels of a segment, or of all segments, on the grid of a series. Every pixel that is set must lie on a voxel.
pub fn read(path: &Path, segment: Option<u32>, grid: &Geometry, series: &str) -> Result<Mask, Fault> {
    let object = OpenFileOptions::new().open_file(path).map_err(|_| Fault::NotThisFormat)?.into_inner();
    if text(&object, tags::SOP_CLASS_UID).as_deref() != Some(uids::SEGMENTATION_STORAGE)
        || text(&object, tags::SEGMENTATION_TYPE).as_deref() != Some("BINARY")
    {
        return Err(Fault::NotThisFormat);
    }
    let [rows] = numbers(&object, tags::ROWS).ok_or(Fault::NotThisFormat)?;
    let [columns] = numbers(&object, tags::COLUMNS).ok_or(Fault::NotThisFormat)?;
    let (rows, columns) = (rows as usize, columns as usize);
    let frames = items(&object, tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE).ok_or(Fault::NotThisFormat)?;
    let shared = items(&object, tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE).and_then(<[_]>::first);
    let pixels = object.get(tags::PIXEL_DATA).and_then(|pixels| pixels.to_bytes().ok()).ok_or(Fault::NotThisFormat)?;
    if pixels.len() * 8 < rows * columns * frames.len() {
        return Err(Fault::NotThisFormat);
    }
    let mut inside = vec![false; grid.voxels()];
    for (index, groups) in frames.iter().enumerate() {
        let number = within(groups, shared, tags::SEGMENT_IDENTIFICATION_SEQUENCE, tags::REFERENCED_SEGMENT_NUMBER);
        let [number] = number.ok_or(Fault::NotThisFormat)?;
        if segment.is_some_and(|segment| f64::from(segment) != number) {
            continue;
        }
        let frame = Frame::new(groups, shared).ok_or(Fault::NotThisFormat)?;
        for pixel in 0..rows * columns {
            // One bit per pixel, the lowest first, without a gap between frames.
            let bit = index * rows * columns + pixel;
            if pixels[bit / 8] >> (bit % 8) & 1 == 1 {
                let place = frame.position(pixel % columns, pixel / columns);
                let voxel = voxel_at(grid, place).ok_or(Fault::OtherPlace { series: series.to_string() })?;
                inside[voxel] = true;
            }
        }
    }
    let mask = Mask { inside, geometry: grid.clone() };
    if mask.voxels() == 0 { Err(Fault::EmptyRegion) } else { Ok(mask) }
}

/// Where the pixels of one frame lie.
struct Frame {
    first: [f64; 3],
    /// Steps from one column, and from one row, to the next.
    steps: [[f64; 3]; 2],
}

impl Frame {
    fn new(groups: &InMemDicomObject, shared: Option<&InMemDicomObject>) -> Option<Self> {
        let first = within(groups, shared, tags::PLANE_POSITION_SEQUENCE, tags::IMAGE_POSITION_PATIENT)?;
        let [a, b, c, d, e, f] =
            within(groups, shared, tags::PLANE_ORIENTATION_SEQUENCE, tags::IMAGE_ORIENTATION_PATIENT)?;
        let [down, across] = within(groups, shared, tags::PIXEL_MEASURES_SEQUENCE, tags::PIXEL_SPACING)?;
        Some(Self { first, steps: [[a, b, c].map(|x| x * across), [d, e, f].map(|x| x * down)] })
    }

    fn position(&self, column: usize, row: usize) -> [f64; 3] {
        std::array::from_fn(|axis| {
            self.first[axis] + column as f64 * self.steps[0][axis] + row as f64 * self.steps[1][axis]
        })
    }
}

/// The voxel whose centre lies there, within a tenth of a voxel.
fn voxel_at(grid: &Geometry, place: [f64; 3]) -> Option<usize> {
    let mut voxel = [0usize; 3];
    for axis in 0..3 {
        let along: f64 = (0..3).map(|x| (place[x] - grid.origin[x]) * grid.axes[axis][x]).sum();
        let steps = along / grid.spacing[axis];
        let nearest = steps.round();
        if (steps - nearest).abs() > 0.1 || nearest < 0.0 || nearest >= grid.size()[axis] as f64 {
            return None;
        }
        voxel[axis] = nearest as usize;
    }
    Some((voxel[2] * grid.rows + voxel[1]) * grid.columns + voxel[0])
}

fn items(object: &InMemDicomObject, tag: Tag) -> Option<&[InMemDicomObject]> {
    object.get(tag)?.items()
}

/// Numbers within the first item of a sequence, of this frame or of all.
fn within<const N: usize>(
    groups: &InMemDicomObject,
    shared: Option<&InMemDicomObject>,
    sequence: Tag,
    tag: Tag,
) -> Option<[f64; N]> {
    let of = |object: &InMemDicomObject| numbers(items(object, sequence)?.first()?, tag);
    of(groups).or_else(|| of(shared?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dicom_core::value::{DataSetSequence, PrimitiveValue, Value};
    use dicom_core::{DataElement, VR};
    use dicom_object::meta::FileMetaTableBuilder;

    fn decimals(tag: Tag, values: &str) -> DataElement<InMemDicomObject> {
        DataElement::new(tag, VR::DS, PrimitiveValue::from(values))
    }

    fn sequence(tag: Tag, elements: Vec<Vec<DataElement<InMemDicomObject>>>) -> DataElement<InMemDicomObject> {
        let items: Vec<InMemDicomObject> = elements.into_iter().map(InMemDicomObject::from_element_iter).collect();
        DataElement::new(tag, VR::SQ, Value::Sequence(DataSetSequence::from(items)))
    }

    /// Two frames of 4 × 3 pixels 2 mm apart: segment 1 in the slice at 5 mm, segment 2 in that at 10 mm, one pixel each.
    fn write(path: &Path, x: &str) {
        let frame = |segment: u16, z: &str| {
            let number = DataElement::new(tags::REFERENCED_SEGMENT_NUMBER, VR::US, PrimitiveValue::from(segment));
            vec![
                sequence(tags::SEGMENT_IDENTIFICATION_SEQUENCE, vec![vec![number]]),
                sequence(
                    tags::PLANE_POSITION_SEQUENCE,
                    vec![vec![decimals(tags::IMAGE_POSITION_PATIENT, &format!("{x}\\0\\{z}"))]],
                ),
            ]
        };
        let shared = vec![
            sequence(
                tags::PLANE_ORIENTATION_SEQUENCE,
                vec![vec![decimals(tags::IMAGE_ORIENTATION_PATIENT, "1\\0\\0\\0\\1\\0")]],
            ),
            sequence(tags::PIXEL_MEASURES_SEQUENCE, vec![vec![decimals(tags::PIXEL_SPACING, "2\\2")]]),
        ];
        // Pixel 5 (column 1, row 1) of the first frame; pixel 11 (column 3, row 2) of the second, which is bit 23.
        let bits: Vec<u8> = vec![1 << 5, 0, 1 << 7, 0];
        let number = |tag, value: u16| DataElement::new(tag, VR::US, PrimitiveValue::from(value));
        let word = |tag, vr, text: &str| DataElement::new(tag, vr, PrimitiveValue::from(text));
        let object = InMemDicomObject::from_element_iter([
            word(tags::SOP_CLASS_UID, VR::UI, uids::SEGMENTATION_STORAGE),
            word(tags::SOP_INSTANCE_UID, VR::UI, "2.25.1"),
            word(tags::SEGMENTATION_TYPE, VR::CS, "BINARY"),
            number(tags::ROWS, 3),
            number(tags::COLUMNS, 4),
            sequence(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, vec![shared]),
            sequence(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, vec![frame(1, "5"), frame(2, "10")]),
            DataElement::new(tags::PIXEL_DATA, VR::OB, PrimitiveValue::U8(bits.into())),
        ]);
        let meta = FileMetaTableBuilder::new().transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN);
        object.with_meta(meta).unwrap().write_to_file(path).unwrap();
    }

    #[test]
    fn every_frame_lands_in_its_slice() {
        let path = std::env::temp_dir().join(format!("vouch-segmentation-{}.dcm", std::process::id()));
        let grid = Geometry { spacing: [2.0, 2.0, 5.0], ..Geometry::plain(4, 3, 3) };
        write(&path, "0");
        let of = |segment| {
            read(&path, segment, &grid, "ct").map(|mask| {
                mask.inside
                    .iter()
                    .enumerate()
                    .filter(|(_, inside)| **inside)
                    .map(|(index, _)| index)
                    .collect::<Vec<_>>()
            })
        };
        assert_eq!(of(Some(1)), Ok(vec![12 + 4 + 1]));
        assert_eq!(of(Some(2)), Ok(vec![24 + 8 + 3]));
        assert_eq!(of(None), Ok(vec![17, 35]));
        assert_eq!(of(Some(3)), Err(Fault::EmptyRegion));
        write(&path, "0.7");
        assert_eq!(of(Some(1)), Err(Fault::OtherPlace { series: "ct".to_string() }));
        std::fs::remove_file(path).unwrap();
    }
}
