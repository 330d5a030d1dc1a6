//! Volumes out of NIfTI-1 files.

use super::problem::Fault;
use super::{Geometry, Image};
use nifti::volume::RandomAccessNiftiVolume;
use nifti::{NiftiHeader, NiftiObject, ReaderOptions};
use std::path::Path;

/// A volume of more voxels than this is a broken header.
const MOST_VOXELS: u64 = 1 << 31;

/// The values with the header's slope and intercept applied, in standard orientation.
pub fn read(path: &Path) -> Result<Image, Fault> {
    std::fs::File::open(path).map_err(|error| Fault::Unreadable { kind: error.kind().to_string() })?;
    let header = NiftiHeader::from_file(path).map_err(|_| Fault::NotThisFormat)?;
    let size = size_of(&header)?;
    let object = ReaderOptions::new().read_file(path).map_err(|_| Fault::NotThisFormat)?;
    let volume = object.into_volume();
    let stored = geometry(&header, size)?;
    let mut values = Vec::with_capacity(stored.voxels());
    let extra = header.dim().map_or(0, |dim| dim.len().saturating_sub(3));
    let mut place = vec![0u16; 3 + extra];
    for slice in 0..size[2] {
        for row in 0..size[1] {
            for column in 0..size[0] {
                place[0] = column;
                place[1] = row;
                place[2] = slice;
                values.push(volume.get_f32(&place).map_err(|_| Fault::NotThisFormat)?);
            }
        }
    }
    let (geometry, hu) = stored.to_standard_orientation(&values);
    Ok(Image { hu, geometry })
}

/// Three dimensions; further ones may only have the size 1.
fn size_of(header: &NiftiHeader) -> Result<[u16; 3], Fault> {
    let dim = header.dim().map_err(|_| Fault::NotThisFormat)?;
    let further = dim.iter().skip(3).any(|size| *size > 1);
    let [columns, rows, slices, ..] = *dim else { return Err(Fault::Dimensions { found: dim.len() }) };
    if further {
        return Err(Fault::Dimensions { found: dim.len() });
    }
    let voxels = u64::from(columns) * u64::from(rows) * u64::from(slices);
    if voxels > MOST_VOXELS { Err(Fault::NotThisFormat) } else { Ok([columns, rows, slices]) }
}

/// NIfTI's coordinates run to the right-hand side's opposite: x to the right, y to the front. Both are turned here.
fn geometry(header: &NiftiHeader, size: [u16; 3]) -> Result<Geometry, Fault> {
    let affine = if header.sform_code > 0 {
        [header.srow_x, header.srow_y, header.srow_z].map(|row| row.map(f64::from))
    } else if header.qform_code > 0 {
        from_quaternion(header)
    } else {
        let [_, x, y, z, ..] = header.pixdim.map(f64::from);
        [[x, 0.0, 0.0, 0.0], [0.0, y, 0.0, 0.0], [0.0, 0.0, z, 0.0]]
    };
    let flip = [-1.0, -1.0, 1.0];
    let column = |index: usize| -> [f64; 3] { std::array::from_fn(|row| flip[row] * affine[row][index]) };
    let lengths: [f64; 3] = std::array::from_fn(|axis| column(axis).iter().map(|x| x * x).sum::<f64>().sqrt());
    if lengths.iter().any(|length| !length.is_finite() || *length <= 0.0) || !column(3).iter().all(|x| x.is_finite()) {
        return Err(Fault::NotThisFormat);
    }
    Ok(Geometry {
        columns: size[0].into(),
        rows: size[1].into(),
        slices: size[2].into(),
        spacing: lengths,
        origin: column(3),
        axes: std::array::from_fn(|axis| column(axis).map(|value| value / lengths[axis])),
    })
}

/// Method 2 of nifti1.h: a rotation from the quaternion (a, b, c, d), a possible flip of the slices in `pixdim[0]`.
fn from_quaternion(header: &NiftiHeader) -> [[f64; 4]; 3] {
    let (b, c, d) = (f64::from(header.quatern_b), f64::from(header.quatern_c), f64::from(header.quatern_d));
    let a = (1.0 - (b * b + c * c + d * d)).max(0.0).sqrt();
    let [flip, x, y, z, ..] = header.pixdim.map(f64::from);
    let z = if flip < 0.0 { -z } else { z };
    let offset = [header.quatern_x, header.quatern_y, header.quatern_z].map(f64::from);
    [
        [(a * a + b * b - c * c - d * d) * x, 2.0 * (b * c - a * d) * y, 2.0 * (b * d + a * c) * z, offset[0]],
        [2.0 * (b * c + a * d) * x, (a * a + c * c - b * b - d * d) * y, 2.0 * (c * d - a * b) * z, offset[1]],
        [2.0 * (b * d - a * c) * x, 2.0 * (c * d + a * b) * y, (a * a + d * d - b * b - c * c) * z, offset[2]],
    ]
}
