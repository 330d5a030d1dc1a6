//! Images of subjects: series read from DICOM, NIfTI and PNG, regions of interest on the same grid, and what two energies
//! tell about a tissue.
//!
//! Every image is turned to one orientation as it is read: columns run to the patient's left, rows to the back, slices to
//! the head. A message names a subject by its row in the table, never by a name, an identifier or a path.

pub mod attenuation;
mod crop;
mod dicom;
pub mod dual_energy;
mod facts;
pub mod geometry;
mod join;
mod measure;
mod nifti;
mod paths;
mod png;
mod problem;
mod region;
mod segmentation;
mod subject;
mod texture;

pub use crop::Crop;
pub use facts::facts;
pub use geometry::Geometry;
pub use join::{ImageTable, ReadingImages, read_all};
pub use problem::{Fault, ImageProblem, diagnostics};
pub use region::RegionValues;
pub use subject::SubjectImages;
pub use texture::CooccurrenceMatrix;

/// A series of one subject.
#[derive(Clone, Debug, PartialEq)]
pub struct Image {
    /// Hounsfield units; columns run fastest, then rows, then slices.
    pub hu: Vec<f32>,
    pub geometry: Geometry,
}

/// A region of interest of one subject.
#[derive(Clone, Debug, PartialEq)]
pub struct Mask {
    /// One per voxel, in the order of [`Image::hu`].
    pub inside: Vec<bool>,
    pub geometry: Geometry,
}

impl Image {
    /// The value at a voxel; beyond the edge, that of the nearest voxel.
    pub fn at(&self, column: isize, row: isize, slice: isize) -> f32 {
        let Geometry { columns, rows, slices, .. } = self.geometry;
        let inside = |index: isize, size: usize| index.clamp(0, size as isize - 1) as usize;
        self.hu[(inside(slice, slices) * rows + inside(row, rows)) * columns + inside(column, columns)]
    }
}

/// The bounding box of a region: first and last column, row and slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    pub first: [usize; 3],
    pub last: [usize; 3],
}

impl Mask {
    pub fn voxels(&self) -> usize {
        self.inside.iter().filter(|inside| **inside).count()
    }

    /// Voxels of the region in one slice.
    pub fn voxels_of_slice(&self, slice: usize) -> usize {
        let size = self.geometry.columns * self.geometry.rows;
        self.inside[slice * size..(slice + 1) * size].iter().filter(|inside| **inside).count()
    }

    /// The slice with the largest share of the region; of several, the first. `None` for an empty region.
    pub fn largest_slice(&self) -> Option<usize> {
        let counts = (0..self.geometry.slices).map(|slice| (self.voxels_of_slice(slice), slice));
        counts
            .filter(|(count, _)| *count > 0)
            .max_by_key(|(count, slice)| (*count, std::cmp::Reverse(*slice)))
            .map(|found| found.1)
    }

    /// The bounding box of the region within one slice; `None` where the slice has none of it.
    pub fn bounds_in_slice(&self, slice: usize) -> Option<Bounds> {
        let Geometry { columns, rows, .. } = self.geometry;
        let mut bounds: Option<Bounds> = None;
        for row in 0..rows {
            for column in 0..columns {
                if self.inside[(slice * rows + row) * columns + column] {
                    let found =
                        bounds.get_or_insert(Bounds { first: [column, row, slice], last: [column, row, slice] });
                    found.first[0] = found.first[0].min(column);
                    found.last[0] = found.last[0].max(column);
                    found.last[1] = row;
                }
            }
        }
        bounds
    }
}
