#!/usr/bin/env python3
"""Times Vouch's networks beside PyTorch and ONNX Runtime on the same images and the same file.

    benches/peers/networks.py [--program target/release/vouch] [--architecture resnet18] [--size 224] [--images 48]
        [--threads 1] [--train-on cpu|gpu] [--runtime auto] [--device cpu|cuda]

Needs numpy and onnxruntime; PyTorch for the training, which is skipped without it. A study of made-up PNG images is
written to a temporary folder. Training: the time from one epoch's line to the next, which is the steps and one look at
all training images; on a GPU PyTorch computes in float32 throughout, as Vouch does. Inference: ONNX Runtime in Python on
the file that Vouch trained, one image at a time, beside the difference of two runs of Vouch with and without a second
network on the same images. Both sides have the same number of threads.
"""
import argparse, os, statistics, struct, subprocess, sys, tempfile, time, zlib
from pathlib import Path

import numpy as np


def png(path, pixels):
    height, width = pixels.shape
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )


def study(folder, arguments, epochs):
    images = folder / "images"
    images.mkdir(exist_ok=True)
    random = np.random.default_rng(1)
    lines = ["subject,sick"]
    for number in range(arguments.images):
        sick = number % 2
        side = arguments.size
        pixels = random.integers(0, 160, (side, side), dtype=np.uint8) + np.uint8(60 * sick)
        png(images / f"s{number}.png", pixels)
        mask = np.zeros((side, side), dtype=np.uint8)
        mask[1:-1, 1:-1] = 255
        png(images / f"s{number}-mask.png", mask)
        lines.append(f"s{number},{sick}")
    (folder / "patients.csv").write_text("\n".join(lines) + "\n")
    (folder / "study.yaml").write_text(f"""schema: study/1
id: peers
title: Peers
seed: 1
data:
  path: patients.csv
  id: subject
  images:
    series: {{photo: {{path: "images/{{subject}}.png", format: png}}}}
    masks: {{all: {{path: "images/{{subject}}-mask.png", format: png}}}}
images: {{mask: all, margin_mm: 1, size: {arguments.size}, window: {{centre: 128, width: 256}}, inputs: {{photo: {{series: photo}}}}}}
variables: {{}}
outcomes: {{sick: {{kind: binary, label: Sick, positive: sick = 1}}}}
networks: {{runtime: {arguments.runtime}, device: {arguments.device}, train_on: {arguments.train_on}, folder: networks}}
models:
  net:
    kind: network
    label: Network
    outcome: sick
    image: photo
    architecture: {arguments.architecture}
    training: {{epochs: {epochs}, batch: {arguments.batch}}}
""")


def vouch(arguments, folder):
    """Seconds of every epoch."""
    command = [arguments.program, "run", str(folder), "--out", str(folder / "out"), "--threads", str(arguments.threads)]
    environment = dict(os.environ, VOUCH_CACHE=str(folder / "cache"))
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment)
    times = []
    for line in process.stderr:
        if ": epoch " in line:
            times.append(time.perf_counter())
        elif "training" not in line and "warning" not in line:
            print("  vouch:", line.rstrip(), file=sys.stderr)
    if process.wait() not in (0, 6):
        sys.exit("vouch failed")
    return [after - before for before, after in zip(times, times[1:])]


def torch_epochs(arguments, epochs):
    import torch
    from torch import nn

    def block(inputs, outputs, stride):
        class Block(nn.Module):
            def __init__(self):
                super().__init__()
                self.main = nn.Sequential(
                    nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(),
                    nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs))
                self.beside = nn.Identity() if stride == 1 and inputs == outputs else nn.Sequential(
                    nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

            def forward(self, x):
                return torch.relu(self.main(x) + self.beside(x))
        return Block()

    if arguments.architecture == "resnet18":
        widths, blocks = [64, 128, 256, 512], 2
        stem = [nn.Conv2d(1, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    else:
        widths, blocks = [16, 32, 64], 1
        stem = [nn.Conv2d(1, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    layers, inputs = list(stem), widths[0]
    for stage, width in enumerate(widths):
        for index in range(blocks):
            layers.append(block(inputs, width, 2 if stage and not index else 1))
            inputs = width
    network = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, 2))
    place = "cuda" if arguments.train_on == "gpu" else "cpu"
    torch.set_num_threads(arguments.threads)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = True
    network = network.to(place)
    adam, loss = torch.optim.Adam(network.parameters(), 1e-4), nn.CrossEntropyLoss()
    images = torch.rand(arguments.images, 1, arguments.size, arguments.size).to(place)
    targets = (torch.arange(arguments.images) % 2).to(place)
    times = []
    for _ in range(epochs):
        begin = time.perf_counter()
        network.train()
        for part in torch.randperm(arguments.images).split(arguments.batch):
            adam.zero_grad()
            loss(network(images[part]), targets[part]).backward()
            adam.step()
        network.eval()
        with torch.no_grad():
            for part in torch.arange(arguments.images).split(arguments.batch):
                network(images[part])
        if place == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - begin)
    return times[1:]


def onnxruntime_times(arguments, file):
    import onnxruntime as ort
    options = ort.SessionOptions()
    options.intra_op_num_threads = arguments.threads
    begin = time.perf_counter()
    provider = "CUDAExecutionProvider" if arguments.device == "cuda" else "CPUExecutionProvider"
    session = ort.InferenceSession(str(file), options, providers=[provider])
    image = np.zeros((1, 1, arguments.size, arguments.size), dtype=np.float32)
    for _ in range(arguments.images):
        session.run(["logits", "pooled", "feature_maps"], {"image": image})
    return time.perf_counter() - begin


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default="target/release/vouch")
    parser.add_argument("--architecture", default="resnet18")
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--images", type=int, default=48)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--runtime", default="auto")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--train-on", default="cpu", choices=["cpu", "gpu"])
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        study(folder, arguments, arguments.epochs)
        ours = statistics.median(vouch(arguments, folder))
        print(f"training epoch, {arguments.images} images: vouch {ours:.2f} s")
        try:
            peer = statistics.median(torch_epochs(arguments, arguments.epochs))
            print(f"training epoch, {arguments.images} images: PyTorch {peer:.2f} s, ratio {ours / peer:.2f}")
        except ImportError:
            print("PyTorch is not installed: not measured")
        file = folder / "networks/net.onnx"
        peer = onnxruntime_times(arguments, file)
        text = (folder / "study.yaml").read_text()

        def wall():
            begin = time.perf_counter()
            vouch(arguments, folder)
            return time.perf_counter() - begin

        digest = subprocess.run(["sha256sum", str(file)], capture_output=True, text=True).stdout.split()[0]
        one = min(wall() for _ in range(3))
        (folder / "study.yaml").write_text(
            text + f"  again: {{kind: onnx, label: Again, outcome: sick, image: photo, path: networks/net.onnx, sha256: {digest}}}\n")
        two = min(wall() for _ in range(3))
        print(f"inference, {arguments.images} images, threads {arguments.threads}: ONNX Runtime in Python {peer:.3f} s, "
              f"vouch {two - one:.3f} s, ratio {(two - one) / peer:.2f}")


main()
