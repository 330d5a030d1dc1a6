//! DICOM and NIfTI files as scanners and drawing programs write them, always the same bytes for the same content.

use crate::data::hash;
use crate::data::image::Geometry;
use dicom_core::value::PrimitiveValue;
use dicom_core::{DataElement, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use dicom_object::meta::FileMetaTableBuilder;
use std::io::Write;

/// Stored values are HU + 1024, as whole numbers without a sign.
const INTERCEPT: i32 = -1024;

/// What the headers of one series have in common.
pub struct SeriesHeader<'a> {
    pub patient: &'a str,
    pub series: &'a str,
    pub number: usize,
    pub tube_potential: u32,
    /// YYYYMMDD.
    pub date: &'a str,
    /// Whatever tells this simulation from others, so that identifiers are unique.
    pub recipe: &'a str,
}

/// One slice as a DICOM file: CT Image Storage, explicit little endian.
pub fn dicom(header: &SeriesHeader, geometry: &Geometry, slice: usize, hu: &[i16]) -> Result<Vec<u8>, String> {
    let study = uid(&[header.recipe, header.patient, "study"]);
    let series = uid(&[header.recipe, header.patient, "series", header.series]);
    let instance = uid(&[header.recipe, header.patient, header.series, &slice.to_string()]);
    let frame = uid(&[header.recipe, header.patient, "frame of reference"]);
    let stored: Vec<u16> = hu.iter().map(|value| (i32::from(*value) - INTERCEPT).clamp(0, 4095) as u16).collect();
    let text = |tag, vr, text: &str| DataElement::new(tag, vr, PrimitiveValue::from(text));
    let number = |tag, value: u16| DataElement::new(tag, VR::US, PrimitiveValue::from(value));
    let decimals = |tag, values: &[f64]| {
        let words: Vec<String> = values.iter().map(|value| decimal(*value)).collect();
        DataElement::new(tag, VR::DS, PrimitiveValue::from(words.join("\\")))
    };
    let [across, down, _] = geometry.axes;
    let object = InMemDicomObject::from_element_iter([
        text(tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY\\AXIAL"),
        text(tags::SOP_CLASS_UID, VR::UI, uids::CT_IMAGE_STORAGE),
        text(tags::SOP_INSTANCE_UID, VR::UI, &instance),
        text(tags::STUDY_DATE, VR::DA, header.date),
        text(tags::SERIES_DATE, VR::DA, header.date),
        text(tags::STUDY_TIME, VR::TM, "120000"),
        text(tags::ACCESSION_NUMBER, VR::SH, ""),
        text(tags::MODALITY, VR::CS, "CT"),
        text(tags::MANUFACTURER, VR::LO, "Vouch, simulated"),
        text(tags::REFERRING_PHYSICIAN_NAME, VR::PN, ""),
        text(tags::SERIES_DESCRIPTION, VR::LO, &format!("Simulated, {} kV, venous phase", header.tube_potential)),
        text(tags::PATIENT_NAME, VR::PN, "SIMULATED"),
        text(tags::PATIENT_ID, VR::LO, header.patient),
        text(tags::PATIENT_BIRTH_DATE, VR::DA, ""),
        text(tags::PATIENT_SEX, VR::CS, ""),
        text(tags::BODY_PART_EXAMINED, VR::CS, "ABDOMEN"),
        decimals(tags::SLICE_THICKNESS, &[geometry.spacing[2]]),
        text(tags::KVP, VR::DS, &header.tube_potential.to_string()),
        text(tags::PATIENT_POSITION, VR::CS, "HFS"),
        text(tags::STUDY_INSTANCE_UID, VR::UI, &study),
        text(tags::SERIES_INSTANCE_UID, VR::UI, &series),
        text(tags::STUDY_ID, VR::SH, "1"),
        text(tags::SERIES_NUMBER, VR::IS, &header.number.to_string()),
        text(tags::ACQUISITION_NUMBER, VR::IS, "1"),
        text(tags::INSTANCE_NUMBER, VR::IS, &(slice + 1).to_string()),
        decimals(tags::IMAGE_POSITION_PATIENT, &geometry.position([0, 0, slice])),
        decimals(tags::IMAGE_ORIENTATION_PATIENT, &[across, down].concat()),
        text(tags::FRAME_OF_REFERENCE_UID, VR::UI, &frame),
        text(tags::POSITION_REFERENCE_INDICATOR, VR::LO, ""),
        number(tags::SAMPLES_PER_PIXEL, 1),
        text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2"),
        number(tags::ROWS, geometry.rows as u16),
        number(tags::COLUMNS, geometry.columns as u16),
        decimals(tags::PIXEL_SPACING, &[geometry.spacing[1], geometry.spacing[0]]),
        number(tags::BITS_ALLOCATED, 16),
        number(tags::BITS_STORED, 12),
        number(tags::HIGH_BIT, 11),
        number(tags::PIXEL_REPRESENTATION, 0),
        text(tags::RESCALE_INTERCEPT, VR::DS, &INTERCEPT.to_string()),
        text(tags::RESCALE_SLOPE, VR::DS, "1"),
        text(tags::RESCALE_TYPE, VR::LO, "HU"),
        DataElement::new(tags::PIXEL_DATA, VR::OW, PrimitiveValue::U16(stored.into())),
    ]);
    let meta = FileMetaTableBuilder::new().transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN);
    let file = object.with_meta(meta).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    file.write_all(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// At most 16 characters, as a decimal string must be.
fn decimal(value: f64) -> String {
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_string() } else { text.to_string() }
}

/// An identifier of the form 2.25.n, n being the first 16 bytes of a hash.
fn uid(parts: &[&str]) -> String {
    let digits = hash::sha256(parts.join("\u{1f}").as_bytes());
    let number = u128::from_str_radix(&digits[..32], 16).unwrap_or_default();
    format!("2.25.{number}")
}

/// A label map as a compressed NIfTI-1 file (the layout of nifti1.h).
pub fn nifti(geometry: &Geometry, labels: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut header = vec![0u8; 352];
    let mut put = |offset: usize, bytes: &[u8]| header[offset..offset + bytes.len()].copy_from_slice(bytes);
    let short = |value: usize| (value as i16).to_le_bytes();
    put(0, &348i32.to_le_bytes());
    for (index, size) in [3, geometry.columns, geometry.rows, geometry.slices, 1, 1, 1, 1].into_iter().enumerate() {
        put(40 + 2 * index, &short(size));
    }
    // unsigned 8-bit
    put(70, &short(2));
    put(72, &short(8));
    let spacing = geometry.spacing.map(|spacing| spacing as f32);
    for (index, value) in [1.0, spacing[0], spacing[1], spacing[2], 0.0, 0.0, 0.0, 0.0].into_iter().enumerate() {
        put(76 + 4 * index, &f32::to_le_bytes(value));
    }
    put(108, &352f32.to_le_bytes());
    put(112, &1f32.to_le_bytes());
    // millimetres
    put(123, &[2]);
    put(148, b"Simulated");
    // A place in scanner coordinates, which run to the right and to the front.
    put(254, &short(1));
    for (row, sign) in [-1.0, -1.0, 1.0].into_iter().enumerate() {
        let last = geometry.origin[row];
        let values: [f64; 4] =
            std::array::from_fn(
                |axis| if axis == 3 { last } else { geometry.axes[axis][row] * geometry.spacing[axis] },
            );
        for (column, value) in values.into_iter().enumerate() {
            put(280 + 16 * row + 4 * column, &((sign * value + 0.0) as f32).to_le_bytes());
        }
    }
    put(344, b"n+1\0");
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(&header)?;
    encoder.write_all(labels)?;
    encoder.finish()
}
