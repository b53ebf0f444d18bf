"""Trains the nets of nets.py with PyTorch, as fast as a loop in Python can.

Usage: peer.py data FOLDER   writes x.npy and y.npy of each net
       peer.py FOLDER        reads lines "NET train SECONDS" or "NET roofline"; answers each with seconds a step
The caller sets the threads: OMP_NUM_THREADS and OPENBLAS_NUM_THREADS.
"""
import math, os, statistics, sys, time

import numpy
import torch
from torch import nn

from nets import NETS

FUNCTIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "linear": nn.Identity, "softmax": nn.Identity}


def write(folder):
    random = numpy.random.default_rng(1)
    for name, net in NETS.items():
        x = random.normal(size=(net.rows, *net.shape)).astype(numpy.float32)
        y = random.integers(0, 10, net.rows).astype(numpy.uint8) if net.target == "class" else x.reshape(net.rows, -1)[:, 0].copy()
        os.makedirs(os.path.join(folder, name))
        numpy.save(os.path.join(folder, name, "x.npy"), x)
        numpy.save(os.path.join(folder, name, "y.npy"), y)


class LastState(nn.Module):
    def __init__(self, features, units):
        super().__init__()
        self.lstm = nn.LSTM(features, units, batch_first=True)

    def forward(self, x):
        return self.lstm(x)[0][:, -1]


class Waves(nn.Module):
    """W·cos(2πfx + b) + c of each number, and the number itself."""

    def __init__(self, features, layer):
        super().__init__()
        frequencies, dim = layer["frequencies"], layer["dim"]
        self.frequency = nn.Parameter(2 * math.pi * layer["sigma"] * torch.randn(features, frequencies))
        self.phase = nn.Parameter(math.pi * (2 * torch.rand(features, frequencies) - 1))
        self.weight = nn.Parameter(torch.randn(features, frequencies, dim - 1) / math.sqrt(frequencies))
        self.bias = nn.Parameter(torch.zeros(features, 1, dim - 1))

    def forward(self, x):
        waves = torch.cos(x[..., None] * self.frequency + self.phase)
        # A product of matrices for each feature is quicker than einsum.
        mixed = torch.baddbmm(self.bias, waves.transpose(0, 1), self.weight).transpose(0, 1)
        return torch.cat([mixed, x[..., None]], dim=-1).flatten(1)


class FeatureScale(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.factor = nn.Parameter(torch.ones(features))

    def forward(self, x):
        return x * self.factor


class Ntk(nn.Module):
    """x·W/√n + b, then (1 − a)·x + a·f(x) with a learned a of each unit."""

    def __init__(self, features, units, function):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(units, features))
        self.bias = nn.Parameter(torch.zeros(units))
        self.function = function
        if function is not None:
            self.a = nn.Parameter(torch.ones(units))

    def forward(self, x):
        x = nn.functional.linear(x, self.weight / math.sqrt(self.weight.shape[1]), self.bias)
        return x if self.function is None else torch.lerp(x, self.function(x), self.a)


def module(net):
    shape, modules = list(net.shape), []
    if len(shape) == 3:
        shape = [shape[2], shape[0], shape[1]]
    for layer in net.layers:
        if layer["type"] == "dense" and layer.get("parametrization") == "ntk":
            modules.append(Ntk(shape[0], layer["units"], None if layer["activation"] == "softmax" else nn.functional.selu))
            shape = [layer["units"]]
        elif layer["type"] == "periodic_embedding":
            modules.append(Waves(shape[0], layer))
            shape = [shape[0] * layer["dim"]]
        elif layer["type"] == "feature_scale":
            modules.append(FeatureScale(shape[0]))
        elif layer["type"] == "dropout":
            modules.append(nn.Dropout(layer["rate"]))
        elif layer["type"] == "dense":
            modules += [nn.Linear(shape[0], layer["units"]), FUNCTIONS[layer["activation"]]()]
            shape = [layer["units"]]
        elif layer["type"] == "conv2d":
            modules += [nn.Conv2d(shape[0], layer["filters"], layer["kernel_size"]), nn.ReLU()]
            shape = [layer["filters"], *(side - layer["kernel_size"] + 1 for side in shape[1:])]
        elif layer["type"] == "max_pool2d":
            modules.append(nn.MaxPool2d(layer["pool_size"]))
            shape = [shape[0], *(side // layer["pool_size"] for side in shape[1:])]
        elif layer["type"] == "flatten":
            modules.append(nn.Flatten())
            shape = [shape[0] * shape[1] * shape[2]]
        else:
            modules.append(LastState(shape[1], layer["units"]))
            shape = [layer["units"]]
    return nn.Sequential(*modules)


class Training:
    """A net with its data; its memory format is the faster of the two where it has images."""

    def __init__(self, folder, name):
        self.net = NETS[name]
        torch.manual_seed(1)
        self.model = module(self.net)
        x = torch.from_numpy(numpy.load(os.path.join(folder, name, "x.npy")))
        y = torch.from_numpy(numpy.load(os.path.join(folder, name, "y.npy")))
        self.x = x.permute(0, 3, 1, 2).contiguous() if x.dim() == 4 else x
        self.y = y.long() if self.net.target == "class" else self.x if self.net.target == "input" else y.unsqueeze(1)
        self.loss = nn.CrossEntropyLoss() if self.net.target == "class" else nn.MSELoss()
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-4, fused=True)
        if x.dim() == 4:
            times = {}
            for kind in (torch.contiguous_format, torch.channels_last):
                self.model.to(memory_format=kind)
                self.epoch()
                times[kind] = self.epoch()
            self.model.to(memory_format=min(times, key=times.get))

    def epoch(self):
        begin = time.perf_counter()
        order = torch.randperm(self.net.rows)
        total = torch.zeros(())
        for rows in order.split(self.net.batch):
            with torch.autocast("cpu", torch.bfloat16, enabled=self.net.precision == "bfloat16"):
                output = self.model(self.x[rows])
                loss = self.loss(output, self.y[rows])
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            total += loss.detach()
        total.item()
        return (time.perf_counter() - begin) / self.net.steps

    def run(self, seconds):
        """The median of the epochs after a third of the time."""
        begin, times = time.perf_counter(), []
        while time.perf_counter() - begin < seconds or len(times) < 3:
            step = self.epoch()
            if time.perf_counter() - begin > seconds / 3:
                times.append(step)
        return statistics.median(times)


def products(net):
    """The matrix products of a step as (rows, inner, columns, times): forward, for the weights, for the inputs."""
    found, shape, first = [], list(net.shape), True
    for layer in net.layers:
        if layer["type"] == "dense":
            m, k, n = net.batch, shape[0], layer["units"]
            shape = [n]
        elif layer["type"] == "conv2d":
            sides = [side - layer["kernel_size"] + 1 for side in shape[:2]]
            m, k, n = net.batch * sides[0] * sides[1], layer["kernel_size"] ** 2 * shape[2], layer["filters"]
            shape = [*sides, n]
        elif layer["type"] == "lstm":
            steps, features = shape
            units = layer["units"]
            # The gates from the input for all steps, then from the state for each: and the same backward.
            found += [(net.batch * steps, features, 4 * units, 1), (4 * units, net.batch * steps, features, 1),
                      (net.batch, units, 4 * units, steps), (net.batch, 4 * units, units, steps),
                      (4 * units, net.batch * steps, units, 1)]
            shape, first = [units], False
            continue
        elif layer["type"] == "periodic_embedding":
            m, k, n = net.batch, layer["frequencies"], layer["dim"] - 1
            found += [(m, k, n, shape[0]), (n, m, k, shape[0]), (m, n, k, shape[0])]
            shape, first = [shape[0] * layer["dim"]], False
            continue
        elif layer["type"] in ("feature_scale", "dropout"):
            continue
        else:
            shape = [shape[0] // 2, shape[1] // 2, shape[2]] if layer["type"] == "max_pool2d" else [shape[0] * shape[1] * shape[2]]
            continue
        found += [(m, k, n, 1), (n, m, k, 1)] + ([] if first else [(m, n, k, 1)])
        first = False
    return found


def seconds_of(action, at_least=0.2):
    action()
    times, begin = [], time.perf_counter()
    while time.perf_counter() - begin < at_least or len(times) < 5:
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def roofline(net):
    """The step's matrix products in warm buffers, and the bytes that Adam reads and writes at the measured bandwidth."""
    kind = torch.bfloat16 if net.precision == "bfloat16" else torch.float32
    calls = [(torch.randn(m, k).to(kind), torch.randn(k, n).to(kind), torch.empty(m, n).to(kind), times)
             for m, k, n, times in products(net)]

    def multiply():
        for a, b, c, times in calls:
            for _ in range(times):
                torch.mm(a, b, out=c)

    weights = sum(p.numel() for p in module(net).parameters())
    parts = [torch.randn(weights) for _ in range(4)]
    # Adam reads four numbers and writes three for each weight; this adds two and writes one, twice.
    moved = seconds_of(lambda: (torch.add(parts[0], parts[1], out=parts[2]), torch.add(parts[1], parts[2], out=parts[3])))
    return seconds_of(multiply) + moved * 7 / 6


def main(folder):
    torch.set_flush_denormal(True)
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    trainings = {}
    for line in sys.stdin:
        name, what, *seconds = line.split()
        if what == "roofline":
            with torch.no_grad():
                answer = roofline(NETS[name])
        else:
            if name not in trainings:
                trainings[name] = Training(folder, name)
            answer = trainings[name].run(float(seconds[0]))
        print(answer, flush=True)


if __name__ == "__main__":
    write(sys.argv[2]) if sys.argv[1] == "data" else main(sys.argv[1])
