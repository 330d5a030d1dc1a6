//! The square around a region that models see.

use super::{Geometry, Mask};
use crate::spec::raw::RawImages;

/// A square in one slice, and the wider square around it that random crops of training are taken from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crop {
    /// The slice in which the region is largest.
    pub slice: usize,
    /// The middle of the region's bounding box in that slice, in columns and rows.
    pub centre: [f64; 2],
    /// Distance of neighbouring pixels of the resized crop, in millimetres.
    pub pitch: f64,
    /// Pixels of a side of the wider square.
    pub wide: usize,
}

impl Crop {
    /// The side is the longer side of the region's bounding box and the margin on both ends. `None` for an empty region.
    pub fn around(mask: &Mask, images: &RawImages) -> Option<Self> {
        let slice = mask.largest_slice()?;
        let bounds = mask.bounds_in_slice(slice)?;
        let length = |axis: usize| (bounds.last[axis] - bounds.first[axis] + 1) as f64 * mask.geometry.spacing[axis];
        let side = length(0).max(length(1)) + 2.0 * images.margin_mm;
        let middle = |axis: usize| (bounds.first[axis] + bounds.last[axis]) as f64 / 2.0;
        Some(Self {
            slice,
            centre: [middle(0), middle(1)],
            pitch: side / images.size as f64,
            wide: images.size + 2 * images.border_pixels(),
        })
    }

    /// The voxels that the wider square and its slices touch: first voxel and size of the box, inside the grid.
    pub fn extent(&self, slices: usize, geometry: &Geometry) -> ([usize; 3], [usize; 3]) {
        let reach = self.wide as f64 / 2.0 * self.pitch;
        let mut first = [0; 3];
        let mut size = [0; 3];
        for axis in 0..2 {
            let count = geometry.size()[axis];
            let half = reach / geometry.spacing[axis];
            let low = (self.centre[axis] - half).floor().max(0.0) as usize;
            let high = ((self.centre[axis] + half).ceil() as usize + 1).min(count - 1);
            first[axis] = low.min(count - 1);
            size[axis] = high - first[axis] + 1;
        }
        first[2] = self.slice.saturating_sub(slices / 2);
        size[2] = (self.slice + slices / 2).min(geometry.slices - 1) - first[2] + 1;
        (first, size)
    }
}
