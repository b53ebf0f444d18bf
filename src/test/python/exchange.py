"""Writes golden/exchange.safetensors and golden/exchange.json: a module's state and its answers."""

import json
import struct

import torch

from golden import GOLDEN, tensor, write

SEED = 11
torch.manual_seed(SEED)


class Net(torch.nn.Module):
    """An image through a convolution and a series through an LSTM, joined."""

    def __init__(self):
        super().__init__()
        self.c = torch.nn.Conv2d(1, 4, 3)
        self.r = torch.nn.LSTM(3, 5, num_layers=2, bidirectional=True, batch_first=True)
        self.n = torch.nn.BatchNorm1d(4 * 6 * 6 + 10)
        self.o = torch.nn.Linear(4 * 6 * 6 + 10, 3)

    def forward(self, image, series):
        picture = torch.relu(self.c(image)).flatten(1)
        _, (h, _) = self.r(series)
        joined = torch.cat([picture, h[-2], h[-1]], 1)
        return torch.softmax(self.o(self.n(joined)), 1)


net = Net()
for _ in range(3):  # running statistics that are not the defaults
    net(torch.randn(8, 1, 8, 8), torch.randn(8, 6, 3))
net.eval()
image, series = torch.randn(4, 1, 8, 8), torch.randn(4, 6, 3)

types = {torch.float32: "F32", torch.int64: "I64"}
header, data = {}, b""
for name, value in net.state_dict().items():
    raw = value.contiguous().numpy().tobytes()
    header[name] = {"dtype": types[value.dtype], "shape": list(value.shape), "data_offsets": [len(data), len(data) + len(raw)]}
    data += raw
text = json.dumps(header).encode()
(GOLDEN / "exchange.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)

with torch.no_grad():
    answer = net(image, series)
write("exchange.json", SEED, {"image": tensor(image), "series": tensor(series), "answer": tensor(answer)})
