"""ONNX Runtime in Python on FILE, for the images in RAW (32-bit floats, SIDE x SIDE each), one by one on one thread.

Prints the least seconds of three rounds, from the bytes of the file to the last output, and the sum of all logits.
"""
import sys
import time

import numpy as np
import onnxruntime

file, raw, side = sys.argv[1], sys.argv[2], int(sys.argv[3])
images = np.fromfile(raw, dtype=np.float32).reshape(-1, 1, 1, side, side)
content = open(file, "rb").read()
least, total = float("inf"), 0.0
for _ in range(3):
    begin = time.perf_counter()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    outputs = [session.run(["logits", "pooled", "feature_maps"], {"image": image}) for image in images]
    least = min(least, time.perf_counter() - begin)
    total = sum(float(logits.astype(np.float64).sum()) for logits, *_ in outputs)
print(least, total)
