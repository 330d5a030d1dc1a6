//! Where the voxels of an image lie in the patient.

/// A regular grid in the patient's coordinates: x to the left, y to the back, z to the head, in millimetres (DICOM's).
#[derive(Clone, Debug, PartialEq)]
pub struct Geometry {
    pub columns: usize,
    pub rows: usize,
    pub slices: usize,
    /// Distance of neighbouring columns, rows and slices in millimetres.
    pub spacing: [f64; 3],
    /// The centre of the first voxel.
    pub origin: [f64; 3],
    /// Unit vectors along which column, row and slice numbers grow.
    pub axes: [[f64; 3]; 3],
}

impl Geometry {
    /// A grid without a place in a patient: a picture.
    pub fn plain(columns: usize, rows: usize, slices: usize) -> Self {
        Self {
            columns,
            rows,
            slices,
            spacing: [1.0; 3],
            origin: [0.0; 3],
            axes: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        }
    }

    pub fn size(&self) -> [usize; 3] {
        [self.columns, self.rows, self.slices]
    }

    pub fn voxels(&self) -> usize {
        self.columns * self.rows * self.slices
    }

    /// The place of a voxel's centre.
    pub fn position(&self, voxel: [usize; 3]) -> [f64; 3] {
        let mut place = self.origin;
        for axis in 0..3 {
            for (coordinate, direction) in place.iter_mut().zip(self.axes[axis]) {
                *coordinate += voxel[axis] as f64 * self.spacing[axis] * direction;
            }
        }
        place
    }

    /// Two grids are one when they have the same size and the centres of their voxels lie within a tenth of a voxel of
    /// each other: rounding in a header is no difference.
    pub fn is_same_grid(&self, other: &Geometry) -> bool {
        if self.size() != other.size() {
            return false;
        }
        let far = self.size().map(|size| size - 1);
        let corners = [[0, 0, 0], [far[0], 0, 0], [0, far[1], 0], [0, 0, far[2]], far];
        let tolerance = 0.1 * self.spacing.iter().copied().fold(f64::INFINITY, f64::min);
        corners.iter().all(|corner| {
            let (left, right) = (self.position(*corner), other.position(*corner));
            left.iter().zip(right).all(|(a, b)| (a - b).abs() <= tolerance)
        })
    }

    /// Axes swapped and turned until columns run most nearly to the left, rows to the back and slices to the head; the
    /// values move along.
    pub fn to_standard_orientation<T: Copy>(&self, values: &[T]) -> (Geometry, Vec<T>) {
        let order = self.nearest_axes();
        let forward: [bool; 3] = std::array::from_fn(|axis| self.axes[order[axis]][axis] >= 0.0);
        let size = self.size();
        let first: [usize; 3] = {
            let mut first = [0; 3];
            for axis in 0..3 {
                first[order[axis]] = if forward[axis] { 0 } else { size[order[axis]] - 1 };
            }
            first
        };
        let sign = |axis: usize| if forward[axis] { 1.0 } else { -1.0 };
        let turned = Geometry {
            columns: size[order[0]],
            rows: size[order[1]],
            slices: size[order[2]],
            spacing: order.map(|axis| self.spacing[axis]),
            origin: self.position(first),
            axes: std::array::from_fn(|axis| self.axes[order[axis]].map(|direction| sign(axis) * direction)),
        };
        let stride = [1, self.columns, self.columns * self.rows];
        let mut moved = Vec::with_capacity(values.len());
        for slice in 0..turned.slices {
            for row in 0..turned.rows {
                for column in 0..turned.columns {
                    let steps = [column, row, slice];
                    let index: usize = (0..3)
                        .map(|axis| {
                            let along = order[axis];
                            let step = if forward[axis] { steps[axis] } else { size[along] - 1 - steps[axis] };
                            step * stride[along]
                        })
                        .sum();
                    moved.push(values[index]);
                }
            }
        }
        (turned, moved)
    }

    /// For left, back and head: the axis that runs most nearly along it, each axis once.
    fn nearest_axes(&self) -> [usize; 3] {
        const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        let fit = |order: &[usize; 3]| (0..3).map(|axis| self.axes[order[axis]][axis].abs()).sum::<f64>();
        let mut best = ORDERS[0];
        for order in &ORDERS[1..] {
            if fit(order) > fit(&best) + 1e-9 {
                best = *order;
            }
        }
        best
    }

    /// The grid of a box within this one; `first` and `size` must lie inside.
    pub(super) fn within(&self, first: [usize; 3], size: [usize; 3]) -> Geometry {
        Geometry { columns: size[0], rows: size[1], slices: size[2], origin: self.position(first), ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turned_grid_keeps_every_voxel_where_it_is() {
        // Slices first in memory order, columns towards the right: as a sagittal stack stored from right to left.
        let grid = Geometry {
            columns: 2,
            rows: 3,
            slices: 4,
            spacing: [1.0, 2.0, 3.0],
            origin: [10.0, -5.0, 7.0],
            axes: [[0.0, 1.0, 0.0], [0.0, 0.0, -1.0], [-1.0, 0.0, 0.0]],
        };
        let values: Vec<usize> = (0..24).collect();
        let (turned, moved) = grid.to_standard_orientation(&values);
        assert_eq!(turned.size(), [4, 2, 3]);
        assert_eq!(turned.spacing, [3.0, 1.0, 2.0]);
        assert_eq!(turned.axes, Geometry::plain(1, 1, 1).axes.map(|axis| axis.map(|value| value + 0.0)));
        for slice in 0..3 {
            for row in 0..2 {
                for column in 0..4 {
                    let value = moved[(slice * 2 + row) * 4 + column];
                    let original = [value % 2, value / 2 % 3, value / 6];
                    assert_eq!(turned.position([column, row, slice]), grid.position(original));
                }
            }
        }
    }

    #[test]
    fn rounding_is_no_other_grid_and_a_shift_is() {
        let grid = Geometry::plain(10, 10, 3);
        let rounded = Geometry { spacing: [1.000_01, 1.0, 1.0], ..grid.clone() };
        let shifted = Geometry { origin: [0.5, 0.0, 0.0], ..grid.clone() };
        assert!(grid.is_same_grid(&rounded));
        assert!(!grid.is_same_grid(&shifted));
        assert!(!grid.is_same_grid(&Geometry::plain(10, 10, 4)));
    }
}
