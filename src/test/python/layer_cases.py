"""Cases for the tests that every layer passes: a network in the product's spec and the same one in PyTorch."""

import torch

from golden import tensor, write


class Cases:
    def __init__(self, name, seed):
        self.name, self.seed, self.cases = name, seed, []
        torch.manual_seed(seed)

    def add(
        self,
        name,
        layers,
        inputs,
        function,
        weights=None,
        training=False,
        tolerance=1e-5,
        outputs=None,
        **network,
    ):
        """weights: stored name -> tensor; function(weights, *inputs) -> output."""
        weights = weights or {}
        leaves = {}
        for n, t in list(inputs.items()) + list(weights.items()):
            learns = t.is_floating_point() and "running_" not in n
            leaves[n] = t.clone().requires_grad_() if learns else t.clone()
        before = {n: tensor(leaves[n]) for n in weights}
        result = function({n: leaves[n] for n in weights}, *[leaves[n] for n in inputs])
        coefficients = torch.randn(result.shape)
        if result.requires_grad:
            (result * coefficients).sum().backward()
        gradients = {
            n: tensor(t.grad) for n, t in leaves.items() if t.requires_grad and t.grad is not None
        }
        self.cases.append(
            {
                "name": name,
                "network": {
                    "inputs": {n: {"shape": list(t.shape[1:])} for n, t in inputs.items()},
                    "layers": layers,
                    **({"outputs": outputs} if outputs else {}),
                    **network,
                },
                "training": training,
                "tolerance": tolerance,
                "inputs": {n: tensor(t) for n, t in inputs.items()},
                "weights": before,
                "output": tensor(result),
                "coefficients": tensor(coefficients),
                "gradients": gradients,
                "after": {n: tensor(t) for n, t in leaves.items() if "running_" in n},
            }
        )

    def write(self):
        write(self.name, self.seed, {"cases": self.cases})
