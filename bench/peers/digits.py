"""The model of examples/train.ts in PyTorch: same data, layers, batches, optimiser. `python3 digits.py FOLDER_WITH_MNIST [SEED]`."""
import sys
from pathlib import Path

import numpy
import torch
from torch import nn
from torch.nn import functional

folder, seed = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
torch.manual_seed(seed)
torch.set_num_threads(1)


def read(name):
    images = numpy.fromfile(folder / f"{name}-images-idx3-ubyte", dtype=numpy.uint8, offset=16)
    labels = numpy.fromfile(folder / f"{name}-labels-idx1-ubyte", dtype=numpy.uint8, offset=8)
    return torch.from_numpy(images).reshape(-1, 28, 28).float() / 255, torch.from_numpy(labels).long()


(images, labels), test = read("train"), read("t10k")

# Define, train, evaluate, save.
model = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
optimiser = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
for epoch in range(3):
    for batch in torch.randperm(len(labels)).split(64):
        optimiser.zero_grad()
        functional.cross_entropy(model(images[batch]), labels[batch]).backward()
        optimiser.step()
with torch.no_grad():
    logits = model(test[0])
torch.save(model.state_dict(), "digits.pt")

accuracy = (logits.argmax(1) == test[1]).float().mean().item()
loss = functional.cross_entropy(logits, test[1]).item()
print(f"accuracy {100 * accuracy:.2f} %, loss {loss:.4f} on {len(test[1])} test examples")
