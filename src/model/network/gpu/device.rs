//! The GPU itself: found, asked for buffers, written to, run and read from.
//!
//! What goes wrong on a device is told later and elsewhere: the first such error is kept, and [`Device::check`] gives it.

use super::plan::Plan;
use crate::model::network::engine::EngineError;
use std::sync::{Arc, Mutex, PoisonError};
use wgpu::{BufferUsages, PollType};

#[derive(Clone, Debug)]
pub struct Device {
    pub(super) handle: wgpu::Device,
    queue: wgpu::Queue,
    /// "NVIDIA H100 (Vulkan)".
    pub name: String,
    first_error: Arc<Mutex<Option<String>>>,
}

/// The most capable device that there is.
pub fn found() -> Result<Device, EngineError> {
    let mut description = wgpu::InstanceDescriptor::new_without_display_handle();
    description.backends = wgpu::Backends::VULKAN;
    let instance = wgpu::Instance::new(description);
    let options = wgpu::RequestAdapterOptions {
        power_preference: wgpu::PowerPreference::HighPerformance,
        ..wgpu::RequestAdapterOptions::default()
    };
    let adapter = pollster::block_on(instance.request_adapter(&options)).map_err(|error| {
        EngineError(format!("Vulkan finds no device ({error}); its driver may be missing, `train_on: cpu` needs none"))
    })?;
    let description = wgpu::DeviceDescriptor { required_limits: adapter.limits(), ..wgpu::DeviceDescriptor::default() };
    let (handle, queue) = pollster::block_on(adapter.request_device(&description))
        .map_err(|error| EngineError(format!("the device cannot be opened: {error}")))?;
    let first_error = Arc::new(Mutex::new(None));
    let keep = Arc::clone(&first_error);
    handle.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
        keep.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error.to_string());
    }));
    let name = format!("{} ({})", adapter.get_info().name, adapter.get_info().backend);
    Ok(Device { handle, queue, name, first_error })
}

impl Device {
    /// Room for this many numbers of 32 bits.
    pub(super) fn buffer(&self, numbers: usize) -> Result<wgpu::Buffer, EngineError> {
        let size = (numbers.max(4) * 4) as u64;
        let limit = self.handle.limits().max_storage_buffer_binding_size;
        if size > limit {
            return Err(EngineError(format!(
                "a layer needs {} MB in one piece and the device gives {}; a smaller `batch` needs less",
                size >> 20,
                limit >> 20
            )));
        }
        let usage = BufferUsages::STORAGE | BufferUsages::COPY_SRC | BufferUsages::COPY_DST;
        Ok(self.handle.create_buffer(&wgpu::BufferDescriptor { label: None, size, usage, mapped_at_creation: false }))
    }

    pub(super) fn uniform(&self, numbers: usize) -> wgpu::Buffer {
        let usage = BufferUsages::UNIFORM | BufferUsages::COPY_DST;
        let size = numbers as u64 * 4;
        self.handle.create_buffer(&wgpu::BufferDescriptor { label: None, size, usage, mapped_at_creation: false })
    }

    pub(super) fn write(&self, buffer: &wgpu::Buffer, values: &[f32]) {
        let mut bytes = vec![0; 4 * values.len()];
        for (four, value) in bytes.chunks_exact_mut(4).zip(values) {
            four.copy_from_slice(&value.to_le_bytes());
        }
        self.queue.write_buffer(buffer, 0, &bytes);
    }

    pub(super) fn write_words(&self, buffer: &wgpu::Buffer, words: &[u32]) {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.queue.write_buffer(buffer, 0, &bytes);
    }

    /// Hands the steps over; they are done when something is read.
    pub(super) fn run(&self, plan: &Plan) {
        let mut encoder = self.handle.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            for step in plan.iter() {
                pass.set_pipeline(&step.pipeline);
                pass.set_bind_group(0, &step.bindings, &[]);
                let [x, y, z] = step.groups;
                pass.dispatch_workgroups(x, y, z);
            }
        }
        self.queue.submit([encoder.finish()]);
    }

    /// Waits for what was handed over, then gives the first `numbers` of a buffer.
    pub(super) fn read(&self, buffer: &wgpu::Buffer, numbers: usize) -> Result<Vec<f32>, EngineError> {
        let size = numbers as u64 * 4;
        let usage = BufferUsages::MAP_READ | BufferUsages::COPY_DST;
        let copy =
            self.handle.create_buffer(&wgpu::BufferDescriptor { label: None, size, usage, mapped_at_creation: false });
        let mut encoder = self.handle.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encoder.copy_buffer_to_buffer(buffer, 0, &copy, 0, size);
        self.queue.submit([encoder.finish()]);
        // Whether it could be mapped shows when its range is asked for.
        copy.map_async(wgpu::MapMode::Read, .., |_| {});
        let waited = self.handle.poll(PollType::wait_indefinitely());
        self.check()?;
        waited.map_err(|error| EngineError(format!("the device does not answer: {error}")))?;
        let range = copy
            .get_mapped_range(..)
            .map_err(|error| EngineError(format!("what the device computed cannot be read: {error}")))?;
        let values = range.chunks_exact(4).map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]]));
        Ok(values.collect())
    }

    /// The first thing that went wrong, if anything did.
    pub(super) fn check(&self) -> Result<(), EngineError> {
        match &*self.first_error.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(EngineError(error.clone())),
            None => Ok(()),
        }
    }
}
