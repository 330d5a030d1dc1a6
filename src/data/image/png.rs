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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_bits_are_read_as_they_are_and_colours_are_refused() {
        let folder = std::env::temp_dir().join(format!("vouch-png-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let write = |name: &str, colour, depth, bytes: &[u8]| {
            let path = folder.join(name);
            let mut encoder = png::Encoder::new(File::create(&path).unwrap(), 2, 1);
            encoder.set_color(colour);
            encoder.set_depth(depth);
            encoder.write_header().unwrap().write_image_data(bytes).unwrap();
            path
        };
        let grey = write("grey.png", png::ColorType::Grayscale, png::BitDepth::Sixteen, &[0, 7, 1, 0]);
        let colour = write("colour.png", png::ColorType::Rgb, png::BitDepth::Eight, &[0; 6]);
        let broken = folder.join("broken.png");
        std::fs::write(&broken, &std::fs::read(&grey).unwrap()[..40]).unwrap();
        assert_eq!(read(&grey).unwrap().hu, [7.0, 256.0]);
        assert_eq!(read(&colour), Err(Fault::NotThisFormat));
        assert_eq!(read(&broken), Err(Fault::NotThisFormat));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
