//! The images of one model input, as networks see them.

use super::batch::Batch;
use crate::features::image::ImageTensors;
use crate::stats::random::Stream;

/// One square image per subject, kept wider by a border that random crops of training move within.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageStack {
    pub channels: usize,
    /// Rows and columns that a network sees.
    pub size: usize,
    /// By how much the kept image is wider on every side.
    pub border: usize,
    /// Subjects × channels × wide rows × wide columns, with wide = size + 2 border.
    pub wide: Vec<f32>,
    /// What the values are: units, window, orientation.
    pub preparation: String,
}

/// Where a crop begins in the kept image, and how it is turned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    pub top: usize,
    pub left: usize,
    pub flip_rows: bool,
    pub flip_columns: bool,
    /// Counter-clockwise, in quarter turns.
    pub turns: usize,
}

/// What training varies at random.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Augmentation {
    pub horizontal_flip: bool,
    pub vertical_flip: bool,
    pub crop: bool,
}

impl From<&ImageTensors> for ImageStack {
    fn from(tensors: &ImageTensors) -> Self {
        Self {
            channels: tensors.channels,
            size: tensors.size,
            border: tensors.border,
            wide: (0..tensors.subjects).flat_map(|subject| tensors.whole(subject)).copied().collect(),
            preparation: tensors.preparation.clone(),
        }
    }
}

impl ImageStack {
    pub fn count(&self) -> usize {
        let size = self.channels * self.wide_size() * self.wide_size();
        if size == 0 { 0 } else { self.wide.len() / size }
    }

    fn wide_size(&self) -> usize {
        self.size + 2 * self.border
    }

    /// The middle of the kept image, as it is.
    pub fn centre(&self) -> Placement {
        Placement { top: self.border, left: self.border, flip_rows: false, flip_columns: false, turns: 0 }
    }

    /// A placement at random.
    pub fn place(&self, augmentation: Augmentation, stream: &mut Stream) -> Placement {
        let mut placement = self.centre();
        if augmentation.crop {
            let places = 2 * self.border as u64 + 1;
            placement.top = stream.below(places) as usize;
            placement.left = stream.below(places) as usize;
        }
        placement.flip_rows = augmentation.vertical_flip && stream.below(2) == 1;
        placement.flip_columns = augmentation.horizontal_flip && stream.below(2) == 1;
        placement
    }

    /// The images of these subjects, each placed.
    pub fn batch(&self, subjects: &[(usize, Placement)]) -> Batch {
        let mut batch = Batch::zeros(subjects.len(), self.channels, self.size, self.size);
        let item_size = batch.item_size();
        for (item, (subject, placement)) in batch.values.chunks_exact_mut(item_size).zip(subjects) {
            self.fill(*subject, *placement, item);
        }
        batch
    }

    fn fill(&self, subject: usize, placement: Placement, item: &mut [f32]) {
        let (size, wide) = (self.size, self.wide_size());
        let last = size.saturating_sub(1);
        for channel in 0..self.channels {
            let image = &self.wide[(subject * self.channels + channel) * wide * wide..][..wide * wide];
            let out = &mut item[channel * size * size..][..size * size];
            for row in 0..size {
                for column in 0..size {
                    let (mut y, mut x) = match placement.turns % 4 {
                        0 => (row, column),
                        1 => (column, last - row),
                        2 => (last - row, last - column),
                        _ => (last - column, row),
                    };
                    if placement.flip_rows {
                        y = last - y;
                    }
                    if placement.flip_columns {
                        x = last - x;
                    }
                    out[row * size + column] = image[(placement.top + y) * wide + placement.left + x];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One 2 × 2 image [[1, 2], [3, 4]] within a border of zeros.
    fn stack() -> ImageStack {
        let mut wide = vec![0.0; 16];
        (wide[5], wide[6], wide[9], wide[10]) = (1.0, 2.0, 3.0, 4.0);
        ImageStack { channels: 1, size: 2, border: 1, wide, preparation: String::new() }
    }

    #[test]
    fn crops_flips_and_turns_by_hand() {
        let stack = stack();
        let centre = stack.centre();
        let seen = |placement| stack.batch(&[(0, placement)]).values;
        assert_eq!(stack.count(), 1);
        assert_eq!(seen(centre), [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(seen(Placement { flip_columns: true, ..centre }), [2.0, 1.0, 4.0, 3.0]);
        assert_eq!(seen(Placement { flip_rows: true, ..centre }), [3.0, 4.0, 1.0, 2.0]);
        assert_eq!(seen(Placement { turns: 1, ..centre }), [2.0, 4.0, 1.0, 3.0]);
        assert_eq!(seen(Placement { turns: 2, ..centre }), [4.0, 3.0, 2.0, 1.0]);
        assert_eq!(seen(Placement { top: 0, left: 0, ..centre }), [0.0, 0.0, 0.0, 1.0]);
    }
}
