"""Golden values of the branched reference net: ten Adam steps on one batch.

Two dense layers read [3, 4]; the second one's output is transposed and multiplied by the first's;
the [3, 3] product is flattened and a dense layer gives 1. Run: python3 reference_net.py
"""
import json
import os

import torch

SEED = 11
torch.manual_seed(SEED)
torch.set_num_threads(1)


class ReferenceNet(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = torch.nn.Linear(4, 4)
        self.fc2 = torch.nn.Linear(4, 4)
        self.head = torch.nn.Linear(9, 1)

    def forward(self, x):
        product = self.fc1(x) @ self.fc2(x).transpose(1, 2)
        return self.head(product.flatten(1))


net = ReferenceNet()
weights = {name: tensor.tolist() for name, tensor in net.state_dict().items()}
x = torch.randn(8, 3, 4)
y = torch.randn(8, 1)
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
losses = []
for _ in range(10):
    optimizer.zero_grad()
    loss = torch.nn.functional.mse_loss(net(x), y)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "resources", "golden")
with open(os.path.join(folder, "reference_net.json"), "w") as f:
    json.dump(
        {
            "torch": torch.__version__,
            "seed": SEED,
            "weights": weights,
            "rows": [{"x": a.tolist(), "y": b.item()} for a, b in zip(x, y)],
            "losses": losses,
            "prediction_after": net(x).flatten().tolist(),
        },
        f,
    )
