//! Slices through an upper abdomen: what is in every voxel, and the HU that a spectrum measures of it.
//!
//! A voxel is a mixture by volume of soft tissue with its water-equivalent density, iodine, and adipose tissue, so that
//! both energies see the same patient and everything that two energies tell can be derived from them. Edges are soft over
//! one pixel: a partial volume.
//!
//! The planted signs lie within 14 mm around the tumour and nowhere else. The first is the number of small enhancing
//! nodules there, the second is stranding of the fat: soft tissue mixed into it, most at the tumour's edge.

use super::draw::{normal, uniform};
use super::parameters::{Images, Parameters, Series, Tissue};
use super::patients::Patient;
use crate::data::image::Geometry;
use crate::data::image::attenuation::{ADIPOSE_DENSITY, adipose, water};
use crate::data::image::dual_energy::iodine_enhancement;
use crate::stats::random::{Seed, Stream};

/// Values of the label map.
pub const TUMOUR: u8 = 1;
pub const NODE: u8 = 2;
pub const AORTA: u8 = 3;
pub const SURROUNDINGS: u8 = 4;

const RING_MM: f64 = 14.0;

/// What a voxel holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Content {
    /// Water-equivalent density of the soft tissue in it.
    pub water: f64,
    /// mg/ml.
    pub iodine: f64,
    /// Share of adipose tissue.
    pub adipose: f64,
}

impl Content {
    const FAT: Content = Content { water: 0.0, iodine: 0.0, adipose: 1.0 };

    fn soft(water: f64, iodine: f64) -> Self {
        Self { water, iodine, adipose: 0.0 }
    }

    /// This with a share of it replaced.
    fn mixed(self, share: f64, other: Content) -> Self {
        let mix = |old: f64, new: f64| (1.0 - share) * old + share * new;
        Self {
            water: mix(self.water, other.water),
            iodine: mix(self.iodine, other.iodine),
            adipose: mix(self.adipose, other.adipose),
        }
    }

    /// Hounsfield units at an energy.
    pub fn hu(self, at: Attenuation) -> f64 {
        1000.0 * (self.water + self.adipose * at.fat - 1.0) + self.iodine * at.iodine
    }
}

/// What materials attenuate at one energy.
#[derive(Clone, Copy, Debug)]
pub struct Attenuation {
    /// Adipose tissue, relative to water.
    fat: f64,
    /// HU per mg/ml.
    iodine: f64,
}

impl Attenuation {
    pub fn at(kev: f64) -> Self {
        Self { fat: ADIPOSE_DENSITY * adipose(kev) / water(kev), iodine: iodine_enhancement(kev) }
    }
}

/// One patient's slices.
pub struct Phantom {
    pub geometry: Geometry,
    contents: Vec<Content>,
    pub labels: Vec<u8>,
}

/// A body with soft edges: inside where the distance is negative, in millimetres.
#[derive(Clone, Copy)]
enum Body {
    Ellipsoid {
        centre: [f64; 3],
        axes: [f64; 3],
    },
    /// A round bar from one point to the other.
    Bar {
        from: [f64; 3],
        to: [f64; 3],
        radius: f64,
    },
}

impl Body {
    fn distance(self, at: [f64; 3]) -> f64 {
        match self {
            Body::Ellipsoid { centre, axes } => {
                let scaled: f64 = (0..3).map(|axis| ((at[axis] - centre[axis]) / axes[axis]).powi(2)).sum();
                (libm::sqrt(scaled) - 1.0) * axes[0].min(axes[1]).min(axes[2])
            }
            Body::Bar { from, to, radius } => {
                let along: [f64; 3] = std::array::from_fn(|axis| to[axis] - from[axis]);
                let length: f64 = along.iter().map(|step| step * step).sum();
                let dot: f64 = (0..3).map(|axis| (at[axis] - from[axis]) * along[axis]).sum();
                let share = (dot / length).clamp(0.0, 1.0);
                let square: f64 = (0..3).map(|axis| (at[axis] - from[axis] - share * along[axis]).powi(2)).sum();
                libm::sqrt(square) - radius
            }
        }
    }
}

/// Everything in one patient, in millimetres from the middle of the field.
struct Anatomy {
    tumour: Body,
    node: Body,
    aorta: Body,
    /// The part of the aorta that is measured: away from its wall.
    lumen: Body,
    /// In the order in which they are laid into the fat.
    organs: Vec<(Body, Content)>,
    nodules: Vec<(Body, Content)>,
    stranding: f64,
    in_tumour: Content,
    in_node: Content,
    in_aorta: Content,
}

impl Phantom {
    pub fn new(parameters: &Parameters, patient: &Patient, seed: Seed) -> Self {
        let geometry = grid(&parameters.images);
        let anatomy = Anatomy::draw(parameters, patient, seed);
        let mut contents = Vec::with_capacity(geometry.voxels());
        let mut labels = Vec::with_capacity(geometry.voxels());
        for slice in 0..geometry.slices {
            for row in 0..geometry.rows {
                for column in 0..geometry.columns {
                    let (content, label) =
                        anatomy.at(geometry.position([column, row, slice]), parameters.images.pixel_mm);
                    contents.push(content);
                    labels.push(label);
                }
            }
        }
        Self { geometry, contents, labels }
    }

    /// HU of a series, with the noise of its spectrum, as whole numbers.
    pub fn measured(&self, series: &Series, seed: Seed) -> Vec<i16> {
        let mut stream = seed.child(&series.name).stream();
        let attenuation = Attenuation::at(series.effective_energy);
        let measured = |content: &Content| content.hu(attenuation) + series.noise_hu * normal(&mut stream);
        self.contents.iter().map(measured).map(|hu| hu.round() as i16).collect()
    }
}

fn grid(images: &Images) -> Geometry {
    let start = |count: usize, spacing: f64| -((count - 1) as f64) / 2.0 * spacing;
    let across = start(images.pixels, images.pixel_mm);
    Geometry {
        spacing: [images.pixel_mm, images.pixel_mm, images.slice_mm],
        origin: [across, across, start(images.slices, images.slice_mm)],
        ..Geometry::plain(images.pixels, images.pixels, images.slices)
    }
}

fn tissue(tissue: &Tissue, stream: &mut Stream) -> Content {
    Content::soft(tissue.water, (tissue.iodine + tissue.iodine_deviation * normal(stream)).max(0.1))
}

impl Anatomy {
    fn draw(parameters: &Parameters, patient: &Patient, seed: Seed) -> Self {
        let mut stream = seed.child("anatomy").stream();
        let tissues = &parameters.tissues;
        let diameter = 10.0 * patient.numbers.get("tumor_size_cm").copied().unwrap_or(3.0);
        let radius = (diameter / 2.0).clamp(5.0, 38.0);
        let centre = [uniform(&mut stream, -6.0, 6.0), uniform(&mut stream, -8.0, 2.0), 0.0];
        let flattened = uniform(&mut stream, 0.75, 1.0);
        let tumour = Body::Ellipsoid { centre, axes: [radius, radius * flattened, radius.max(8.0)] };
        // The gland runs from the head, on the patient's right, to the tail: the tumour lies where its location says.
        let location = patient.levels.get("location").map_or("head", String::as_str);
        let share = match location {
            "head" => 0.15,
            "neck" => 0.35,
            "body" => 0.6,
            _ => 0.85,
        };
        let (length, rise) = (90.0, uniform(&mut stream, -0.25, 0.05));
        let along = |from_tumour: f64| [centre[0] + from_tumour, centre[1] + rise * from_tumour, 0.0];
        let pancreas = Body::Bar { from: along(-share * length), to: along((1.0 - share) * length), radius: 11.0 };
        let aortic = [uniform(&mut stream, 4.0, 12.0), 44.0, 0.0];
        let vertical = |[x, y, _]: [f64; 3], radius| Body::Bar { from: [x, y, -100.0], to: [x, y, 100.0], radius };
        let aortic_radius = uniform(&mut stream, 9.0, 11.0);
        let vein = [centre[0] + uniform(&mut stream, -14.0, 14.0), 22.0, 0.0];
        let node_tissue =
            if patient.looks_metastatic { &tissues.node_with_metastasis } else { &tissues.node_without_metastasis };
        // In front of the tumour, so that no vessel covers it.
        let angle = uniform(&mut stream, 1.15, 1.85) * std::f64::consts::PI;
        let beside = |distance: f64, angle: f64| {
            [
                centre[0] + (radius + distance) * libm::cos(angle),
                centre[1] + (radius * flattened + distance) * libm::sin(angle),
            ]
        };
        let [x, y] = beside(9.0, angle);
        let node_radius = uniform(&mut stream, 3.5, 5.5);
        let node = Body::Ellipsoid {
            centre: [x.clamp(-50.0, 50.0), y.clamp(-50.0, 50.0), 0.0],
            axes: [node_radius, node_radius * 0.8, 9.0],
        };
        let count = (9.0 + 4.5 * patient.signs[0]).round().clamp(0.0, 26.0) as usize;
        let nodules = (0..count)
            .map(|_| {
                let angle = uniform(&mut stream, 0.0, 2.0 * std::f64::consts::PI);
                let distance = uniform(&mut stream, 3.0, RING_MM - 2.0);
                let [x, y] = beside(distance, angle);
                let size = uniform(&mut stream, 2.0, 3.2);
                let centre = [x, y, uniform(&mut stream, -5.0, 5.0)];
                (Body::Ellipsoid { centre, axes: [size, size, size + 2.0] }, Content::soft(1.03, 1.6))
            })
            .collect();
        let in_aorta = tissue(&tissues.aorta, &mut stream);
        Self {
            tumour,
            node,
            aorta: vertical(aortic, aortic_radius),
            lumen: vertical(aortic, aortic_radius - 2.5),
            organs: vec![
                (
                    Body::Ellipsoid { centre: [-62.0, -46.0, 0.0], axes: [34.0, 30.0, 60.0] },
                    tissue(&tissues.liver, &mut stream),
                ),
                (pancreas, tissue(&tissues.pancreas, &mut stream)),
                (vertical(vein, 6.0), Content::soft(in_aorta.water, 0.95 * in_aorta.iodine)),
            ],
            nodules,
            stranding: (0.32 + 0.16 * patient.signs[1]).clamp(0.0, 0.9),
            in_tumour: tissue(&tissues.tumour, &mut stream),
            in_node: tissue(node_tissue, &mut stream),
            in_aorta,
        }
    }

    fn at(&self, place: [f64; 3], pixel: f64) -> (Content, u8) {
        let covered = |body: &Body| (0.5 - body.distance(place) / pixel).clamp(0.0, 1.0);
        let mut content = Content::FAT;
        for (body, organ) in &self.organs {
            content = content.mixed(covered(body), *organ);
        }
        let from_tumour = self.tumour.distance(place);
        if (0.0..RING_MM).contains(&from_tumour) {
            let share = self.stranding * (1.0 - from_tumour / RING_MM) * content.adipose;
            content = content.mixed(share, Content::soft(1.01, 0.4));
            for (body, nodule) in &self.nodules {
                content = content.mixed(covered(body), *nodule);
            }
        }
        content = content.mixed(covered(&self.tumour), self.in_tumour);
        content = content.mixed(covered(&self.aorta), self.in_aorta);
        content = content.mixed(covered(&self.node), self.in_node);
        let label = if self.node.distance(place) <= 0.0 {
            NODE
        } else if self.lumen.distance(place) <= 0.0 {
            AORTA
        } else if self.aorta.distance(place) > 0.0 && from_tumour <= 0.0 {
            TUMOUR
        } else if self.aorta.distance(place) > 0.0 && from_tumour < RING_MM {
            SURROUNDINGS
        } else {
            0
        };
        (content, label)
    }
}
