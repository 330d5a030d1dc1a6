//! Pictures of heat maps, and arrays for those who want the numbers.

use png::{BitDepth, ColorType, Encoder, EncodingError};

/// Rows and columns of a picture.
const SIDE: usize = 128;
/// How much of the hottest place is colour rather than image.
const OPACITY: f64 = 0.65;
/// From dark to light, as even steps of brightness look (after the palette inferno of matplotlib, CC0).
const COLOURS: [[f64; 3]; 8] = [
    [0.0, 0.0, 4.0],
    [40.0, 11.0, 84.0],
    [101.0, 21.0, 110.0],
    [159.0, 42.0, 99.0],
    [212.0, 72.0, 66.0],
    [245.0, 125.0, 21.0],
    [250.0, 193.0, 39.0],
    [252.0, 255.0, 164.0],
];

/// Numbers on a grid of rows and columns.
#[derive(Clone, Copy, Debug)]
pub struct Grid<'a> {
    pub values: &'a [f64],
    pub rows: usize,
    pub columns: usize,
}

impl Grid<'_> {
    /// Bilinear; row and column as parts of the height and width.
    fn at(&self, row: f64, column: f64) -> f64 {
        let place = |part: f64, count: usize| {
            let along = (part * count as f64 - 0.5).clamp(0.0, count.saturating_sub(1) as f64);
            let first = along.floor() as usize;
            (first, (first + 1).min(count.saturating_sub(1)), along - along.floor())
        };
        let (top, bottom, down) = place(row, self.rows);
        let (left, right, across) = place(column, self.columns);
        let value = |row: usize, column: usize| self.values.get(row * self.columns + column).copied().unwrap_or(0.0);
        let upper = value(top, left) * (1.0 - across) + value(top, right) * across;
        let lower = value(bottom, left) * (1.0 - across) + value(bottom, right) * across;
        upper * (1.0 - down) + lower * down
    }
}

/// The colour of a share between 0 and 1.
pub fn colour(share: f64) -> [u8; 3] {
    let along = share.clamp(0.0, 1.0) * (COLOURS.len() - 1) as f64;
    let first = (along.floor() as usize).min(COLOURS.len() - 2);
    let part = along - first as f64;
    [0, 1, 2].map(|index| {
        let (low, high) = (COLOURS[first][index], COLOURS[first + 1][index]);
        (low + part * (high - low)).round() as u8
    })
}

/// A picture of an image whose values run from −1 to 1, under a heat map when one is given. `hottest` is full colour.
pub fn picture(image: Grid<'_>, heat: Option<(Grid<'_>, f64)>) -> Result<Vec<u8>, EncodingError> {
    let mut pixels = Vec::with_capacity(3 * SIDE * SIDE);
    for row in 0..SIDE {
        for column in 0..SIDE {
            let (y, x) = ((row as f64 + 0.5) / SIDE as f64, (column as f64 + 0.5) / SIDE as f64);
            let grey = 255.0 * ((image.at(y, x) + 1.0) / 2.0).clamp(0.0, 1.0);
            let share = match heat {
                Some((heat, hottest)) if hottest > 0.0 => (heat.at(y, x) / hottest).clamp(0.0, 1.0),
                _ => 0.0,
            };
            let opacity = OPACITY * share.sqrt();
            let over = colour(share);
            pixels.extend(over.map(|value| (grey * (1.0 - opacity) + f64::from(value) * opacity).round() as u8));
        }
    }
    png(SIDE, SIDE, &pixels)
}

fn png(rows: usize, columns: usize, pixels: &[u8]) -> Result<Vec<u8>, EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, columns as u32, rows as u32);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(bytes)
}

/// A NumPy array file (format 1.0) of 32-bit floats.
pub fn npy(shape: &[usize], values: impl Iterator<Item = f64>) -> Vec<u8> {
    let lengths: Vec<String> = shape.iter().map(ToString::to_string).collect();
    let tuple = if lengths.len() == 1 { format!("({},)", lengths[0]) } else { format!("({})", lengths.join(", ")) };
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {tuple}, }}");
    // Magic, version, length and header together are a multiple of 64 bytes, the last of them a line feed.
    let blanks = (64 - (10 + header.len() + 1) % 64) % 64;
    header.push_str(&" ".repeat(blanks));
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(values.flat_map(|value| (value as f32).to_le_bytes()));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_file_begins_on_a_boundary_and_holds_the_numbers() {
        let bytes = npy(&[1, 2], [0.5, -2.0].into_iter());
        let length = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
        assert_eq!((10 + length) % 64, 0);
        assert!(bytes[10..10 + length].ends_with(b"\n"));
        assert_eq!(&bytes[10 + length..], [0.5f32.to_le_bytes(), (-2f32).to_le_bytes()].concat());
    }

    #[test]
    fn a_grid_between_its_places_by_hand() {
        let grid = Grid { values: &[0.0, 4.0], rows: 1, columns: 2 };
        assert_eq!(grid.at(0.5, 0.5), 2.0);
        assert_eq!(grid.at(0.5, 0.0), 0.0);
        assert_eq!(grid.at(0.5, 1.0), 4.0);
    }

    #[test]
    fn without_heat_a_picture_is_grey() {
        let image = [0.0; 4];
        let bytes = picture(Grid { values: &image, rows: 2, columns: 2 }, None).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        assert!(pixels.iter().all(|value| *value == 128));
    }
}
