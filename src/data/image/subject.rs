//! The images of one subject: read, checked, hashed.

use super::crop::Crop;
use super::problem::{Fault, ImageProblem};
use super::{Geometry, Image, Mask, dicom, nifti, png, segmentation};
use crate::spec::raw::{RawImageData, RawImageFormat, RawImages, RawMaskFormat, RawSeries};
use indexmap::IndexMap;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// Series and masks of one subject, all on one grid.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SubjectImages {
    pub series: IndexMap<String, Image>,
    pub masks: IndexMap<String, Mask>,
}

/// Where one subject's images lie, by the names of the spec.
pub struct SubjectPaths {
    pub file_row: usize,
    pub series: IndexMap<String, Result<PathBuf, Fault>>,
    pub masks: IndexMap<String, Result<PathBuf, Fault>>,
}

impl SubjectPaths {
    /// None of the files is there: the subject was not imaged, or not in this way.
    pub fn all_absent(&self) -> bool {
        self.series.values().chain(self.masks.values()).all(|path| path.as_ref().is_ok_and(|path| !path.exists()))
    }
}

/// Reads everything of one subject; all that is wrong is found at once.
pub fn read(data: &RawImageData, paths: &SubjectPaths) -> Result<SubjectImages, Vec<ImageProblem>> {
    let mut problems = Vec::new();
    let mut report = |kind: &str, name: &str, fault: Fault| {
        problems.push(ImageProblem { file_row: paths.file_row, of: format!("{kind}/{name}"), fault });
    };
    let mut images = SubjectImages::default();
    for (name, series) in &data.series {
        match file(paths.series.get(name)).and_then(|path| read_series(series, path)) {
            Ok(image) => _ = images.series.insert(name.clone(), image),
            Err(fault) => report("series", name, fault),
        }
    }
    // Several regions often lie in one file, told apart by their labels.
    let mut files: IndexMap<PathBuf, Result<Image, Fault>> = IndexMap::new();
    for (name, mask) in &data.masks {
        if mask.format == RawMaskFormat::DicomSeg {
            // Its frames are placed on the grid of the first series; without one there is a problem already.
            let Some((series, image)) = images.series.first() else { continue };
            let found = file(paths.masks.get(name))
                .and_then(|path| segmentation::read(path, mask.label, &image.geometry, series));
            match found {
                Ok(mask) => _ = images.masks.insert(name.clone(), mask),
                Err(fault) => report("masks", name, fault),
            }
            continue;
        }
        let labels = file(paths.masks.get(name)).and_then(|path| {
            let labels = files.entry(path.to_path_buf()).or_insert_with(|| match mask.format {
                RawMaskFormat::Png => png::read(path),
                RawMaskFormat::Nifti | RawMaskFormat::DicomSeg => nifti::read(path),
            });
            labels.as_ref().map_err(Clone::clone)
        });
        match labels.and_then(|labels| region(labels, mask.label)) {
            Ok(mask) => _ = images.masks.insert(name.clone(), mask),
            Err(fault) => report("masks", name, fault),
        }
    }
    if let Some((reference, expected)) = images.series.first() {
        let others = images.series.iter().skip(1).map(|(name, image)| ("series", name, &image.geometry));
        let masks = images.masks.iter().map(|(name, mask)| ("masks", name, &mask.geometry));
        for (kind, name, geometry) in others.chain(masks) {
            if let Some(fault) = other_grid(geometry, &expected.geometry, reference) {
                report(kind, name, fault);
            }
        }
    }
    if problems.is_empty() { Ok(images) } else { Err(problems) }
}

fn file(path: Option<&Result<PathBuf, Fault>>) -> Result<&Path, Fault> {
    match path {
        Some(Ok(path)) if path.exists() => Ok(path),
        Some(Err(fault)) => Err(fault.clone()),
        _ => Err(Fault::Missing),
    }
}

fn read_series(series: &RawSeries, path: &Path) -> Result<Image, Fault> {
    let image = match series.format {
        RawImageFormat::Dicom => dicom::read(path, series.tube_potential),
        RawImageFormat::Nifti => nifti::read(path),
        RawImageFormat::Png => png::read(path),
    }?;
    let voxels = image.hu.iter().filter(|value| !value.is_finite()).count();
    if voxels > 0 { Err(Fault::NotANumber { voxels }) } else { Ok(image) }
}

fn region(labels: &Image, label: Option<u32>) -> Result<Mask, Fault> {
    let voxels = labels.hu.iter().filter(|value| !value.is_finite()).count();
    if voxels > 0 {
        return Err(Fault::NotANumber { voxels });
    }
    let belongs = |value: &f32| match label {
        Some(label) => (f64::from(*value) - f64::from(label)).abs() < 0.5,
        None => *value != 0.0,
    };
    let mask = Mask { inside: labels.hu.iter().map(belongs).collect(), geometry: labels.geometry.clone() };
    if mask.voxels() == 0 { Err(Fault::EmptyRegion) } else { Ok(mask) }
}

fn other_grid(found: &Geometry, expected: &Geometry, reference: &str) -> Option<Fault> {
    if found.is_same_grid(expected) {
        return None;
    }
    let series = reference.to_string();
    let words = |geometry: &Geometry| format!("{} × {} × {}", geometry.columns, geometry.rows, geometry.slices);
    Some(if found.size() == expected.size() {
        Fault::OtherPlace { series }
    } else {
        Fault::OtherSize { series, found: words(found), expected: words(expected) }
    })
}

impl SubjectImages {
    /// SHA-256 of names, grids and values: the same for the same images, in whatever files they came.
    pub fn hash(&self, subject: &str) -> [u8; 32] {
        let mut hasher = Sha256::new();
        let text = |hasher: &mut Sha256, text: &str| {
            hasher.update((text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        };
        let grid = |hasher: &mut Sha256, geometry: &Geometry| {
            geometry.size().iter().for_each(|size| hasher.update((*size as u64).to_le_bytes()));
            let numbers = geometry.spacing.iter().chain(&geometry.origin).chain(geometry.axes.iter().flatten());
            // A header's zero may carry a sign.
            numbers.for_each(|number| hasher.update((number + 0.0).to_le_bytes()));
        };
        text(&mut hasher, subject);
        for (name, image) in &self.series {
            text(&mut hasher, name);
            grid(&mut hasher, &image.geometry);
            image.hu.iter().for_each(|value| hasher.update(value.to_le_bytes()));
        }
        for (name, mask) in &self.masks {
            text(&mut hasher, name);
            grid(&mut hasher, &mask.geometry);
            mask.inside.iter().for_each(|inside| hasher.update([u8::from(*inside)]));
        }
        hasher.finalize().into()
    }

    /// What model inputs need and no more: the slices and the square around their region. The crop of this is the crop
    /// of the whole.
    pub fn cropped(&self, images: &RawImages) -> Result<Self, Fault> {
        let mask = self.masks.get(&images.mask).ok_or(Fault::EmptyRegion)?;
        let crop = Crop::around(mask, images).ok_or(Fault::EmptyRegion)?;
        let (first, size) = crop.extent(images.slices, &mask.geometry);
        let image = |image: &Image| Image {
            hu: cut(&image.hu, &image.geometry, first, size),
            geometry: image.geometry.within(first, size),
        };
        let mask = Mask {
            inside: cut(&mask.inside, &mask.geometry, first, size),
            geometry: mask.geometry.within(first, size),
        };
        Ok(Self {
            series: self.series.iter().map(|(name, series)| (name.clone(), image(series))).collect(),
            masks: IndexMap::from([(images.mask.clone(), mask)]),
        })
    }
}

fn cut<T: Copy>(values: &[T], geometry: &Geometry, first: [usize; 3], size: [usize; 3]) -> Vec<T> {
    let mut kept = Vec::with_capacity(size.iter().product());
    for slice in first[2]..first[2] + size[2] {
        for row in first[1]..first[1] + size[1] {
            let start = (slice * geometry.rows + row) * geometry.columns + first[0];
            kept.extend_from_slice(&values[start..start + size[0]]);
        }
    }
    kept
}
