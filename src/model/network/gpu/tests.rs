//! A GPU beside the CPU, on the device that there is: Mesa's software device where no card is. Without any device there is
//! nothing to hold; `VOUCH_REQUIRE_TOOLS` makes that an error.

use super::super::architecture::Architecture;
use super::super::engine::Cpu;
use super::super::graph::Window;
use super::*;
use crate::stats::random::Seed;

fn device() -> Option<Device> {
    match found() {
        Ok(device) => Some(device),
        Err(error) if std::env::var_os("VOUCH_REQUIRE_TOOLS").is_some() => panic!("{error}"),
        Err(error) => {
            eprintln!("skipped: {error}");
            None
        }
    }
}

const SIZE: usize = 17;

/// Every kind of operation; odd sizes, so that windows end inside the border.
fn graph() -> Graph {
    let architecture = Architecture {
        stem: Window { kernel: 7, stride: 2, padding: 3 },
        stem_pool: true,
        widths: vec![5, 70],
        blocks_per_stage: 2,
    };
    architecture.graph(2, 3)
}

fn images(count: usize, seed: Seed) -> Batch {
    let mut stream = seed.stream();
    let values = (0..count * 2 * SIZE * SIZE).map(|_| stream.unit() as f32 - 0.5).collect();
    Batch { count, channels: 2, height: SIZE, width: SIZE, values }
}

fn distance(left: &[f32], right: &[f32]) -> f32 {
    assert_eq!(left.len(), right.len());
    left.iter().zip(right).map(|(left, right)| (left - right).abs()).fold(0.0, f32::max)
}

#[test]
fn steps_on_a_gpu_are_those_of_the_cpu() {
    let Some(device) = device() else { return };
    let (graph, seed) = (graph(), Seed::from_study(3));
    let weights = Weights::random(&graph, seed);
    let optimiser = Adam::new(&graph, 1e-3);
    let mut cpu = Cpu::new(&graph, weights.clone(), optimiser.clone());
    let mut gpu = Gpu::new(device, &graph, 6, SIZE, &weights, optimiser).unwrap();
    // A smaller batch after a larger one: nothing of the larger may be left over.
    for (number, count) in [6, 4, 6].into_iter().enumerate() {
        let batch = images(count, seed.child("images").replicate(number as u64));
        let targets: Vec<usize> = (0..count).map(|item| (item + number) % 3).collect();
        let (one, other) = (cpu.step(batch.clone(), &targets).unwrap(), gpu.step(batch, &targets).unwrap());
        assert!((one - other).abs() < 1e-4, "step {number}: {one} {other}");
    }
    let batch = images(5, seed.child("others"));
    let (one, other) = (cpu.logits(batch.clone()).unwrap(), gpu.logits(batch).unwrap());
    assert!(distance(&one.values, &other.values) < 2e-3, "{:?} {:?}", one.values, other.values);
    let ((weights, one), (weights_there, other)) = (cpu.state().unwrap(), gpu.state().unwrap());
    assert_eq!(one.steps, other.steps);
    for (index, tensor) in graph.tensors.iter().enumerate() {
        // Adam divides by the size of a gradient, which makes much of one that is nearly nothing: its means are compared.
        let scale = one.first[index].iter().fold(1e-3f32, |largest, value| largest.max(value.abs()));
        let off = distance(&one.first[index], &other.first[index]) / scale;
        assert!(off < 1e-4, "{}: {off}", tensor.name);
        let near = distance(&weights.tensors[index], &weights_there.tensors[index]);
        assert!(near < 3.1e-3 * 2.0, "{}: {near}", tensor.name);
    }
}

#[test]
fn a_training_on_a_gpu_repeats_itself() {
    let Some(device) = device() else { return };
    let (graph, seed) = (graph(), Seed::from_study(4));
    let weights = Weights::random(&graph, seed);
    let run = || {
        let mut gpu = Gpu::new(device.clone(), &graph, 4, SIZE, &weights, Adam::new(&graph, 1e-3)).unwrap();
        for number in 0..3 {
            gpu.step(images(4, seed.child("images").replicate(number)), &[0, 1, 2, 1]).unwrap();
        }
        gpu.state().unwrap()
    };
    assert_eq!(run(), run());
}

#[test]
fn what_a_device_cannot_hold_is_an_error() {
    let Some(device) = device() else { return };
    let graph = graph();
    let weights = Weights::random(&graph, Seed::from_study(1));
    let error = Gpu::new(device, &graph, 4_000_000, SIZE, &weights, Adam::new(&graph, 1e-3)).err().unwrap();
    assert!(error.to_string().contains("a smaller `batch` needs less"), "{error}");
}
