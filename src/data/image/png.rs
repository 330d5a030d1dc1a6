//! One slice or mask out of a PNG file in shades of grey.

use super::problem::Fault;
use super::{Geometry, Image};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// The values of the file as they are: 0 to 255, or 0 to 65535.
pub fn read(path: &Path) -> Result<Image, Fault> {
    let file = File::open(path).map_err(|error| Fault::Unreadable { kind: error.kind().to_string() })?;
    let mut decoder = png::Decoder::new(BufReader::new(file));
    decoder.set_transformations(png::Transformations::IDENTITY);
    let mut reader = decoder.read_info().map_err(|_| Fault::NotThisFormat)?;
    let size = reader.output_buffer_size().ok_or(Fault::NotThisFormat)?;
    let mut bytes = vec![0; size];
    let frame = reader.next_frame(&mut bytes).map_err(|_| Fault::NotThisFormat)?;
    bytes.truncate(frame.buffer_size());
    let hu: Vec<f32> = match (frame.color_type, frame.bit_depth) {
        (png::ColorType::Grayscale, png::BitDepth::Eight) => bytes.iter().map(|byte| f32::from(*byte)).collect(),
        (png::ColorType::Grayscale, png::BitDepth::Sixteen) => {
            bytes.chunks_exact(2).map(|pair| f32::from(u16::from_be_bytes([pair[0], pair[1]]))).collect()
        }
        _ => return Err(Fault::NotThisFormat),
    };
    Ok(Image { hu, geometry: Geometry::plain(frame.width as usize, frame.height as usize, 1) })
}
