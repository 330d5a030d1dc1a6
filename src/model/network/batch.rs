//! The arrays that flow through a network.

/// `count` × `channels` × `height` × `width` numbers, the last index fastest. Vectors have height and width 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    pub count: usize,
    pub channels: usize,
    pub height: usize,
    pub width: usize,
    pub values: Vec<f32>,
}

impl Batch {
    pub fn zeros(count: usize, channels: usize, height: usize, width: usize) -> Self {
        Self { count, channels, height, width, values: vec![0.0; count * channels * height * width] }
    }

    /// Another batch of this shape, of zeros.
    pub fn zeros_like(&self) -> Self {
        Self::zeros(self.count, self.channels, self.height, self.width)
    }

    /// Numbers per item.
    pub fn item_size(&self) -> usize {
        self.channels * self.plane_size()
    }

    /// Numbers per channel of an item.
    pub fn plane_size(&self) -> usize {
        self.height * self.width
    }

    pub fn item(&self, index: usize) -> &[f32] {
        &self.values[index * self.item_size()..(index + 1) * self.item_size()]
    }

    pub fn plane(&self, index: usize, channel: usize) -> &[f32] {
        let start = index * self.item_size() + channel * self.plane_size();
        &self.values[start..start + self.plane_size()]
    }
}
