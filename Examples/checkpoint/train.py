"""A small tanh network trained in PyTorch, and what PyTorch says of it in double precision.

    pip install torch safetensors
    python train.py

Writes data.csv, tanh-4-6-5-3.safetensors and reference.json beside this file; the tests compare
`metastable inspect` with the latter. Made with torch 2.15.0 and safetensors 0.8.0.
"""

import json
import pathlib

import torch
from safetensors.torch import save_file

FOLDER = pathlib.Path(__file__).parent
SAMPLES, LEARNING_RATE, BATCH_SIZE, WEIGHT_DECAY, EPOCHS = 48, 0.05, 8, 0.01, 600

torch.set_default_dtype(torch.float64)
torch.manual_seed(7)

# Inputs that are neither centred nor white, and targets that a linear network cannot reach.
mixing = torch.randn(4, 4)
inputs = torch.randn(SAMPLES, 4) @ mixing + 0.3
targets = torch.stack(
    [torch.sin(inputs[:, 0]) - 0.5 * inputs[:, 1], inputs[:, 2] * inputs[:, 3].tanh(),
     inputs[:, 0].abs()], dim=1)
targets = (targets + 0.1 * torch.randn(SAMPLES, 3)) / 2

with open(FOLDER / "data.csv", "w") as file:
    file.write("x1,x2,x3,x4,y1,y2,y3\n")
    for row in torch.cat([inputs, targets], dim=1).tolist():
        file.write(",".join(repr(value) for value in row) + "\n")


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.model = torch.nn.Sequential(
            torch.nn.Linear(4, 6), torch.nn.Tanh(), torch.nn.Linear(6, 5), torch.nn.Tanh(),
            torch.nn.Linear(5, 3))

    def forward(self, x):
        return self.model(x)


net = Net()
criterion = torch.nn.MSELoss()
optimiser = torch.optim.SGD(net.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
for epoch in range(EPOCHS):
    for batch in torch.randperm(SAMPLES).split(BATCH_SIZE):
        optimiser.zero_grad()
        criterion(net(inputs[batch]), targets[batch]).backward()
        optimiser.step()
# Steps on all samples lead nearer to the minimum.
for step in range(3000):
    optimiser.zero_grad()
    criterion(net(inputs), targets).backward()
    optimiser.step()
save_file(net.state_dict(), FOLDER / "tanh-4-6-5-3.safetensors")

names = [name for name, _ in net.named_parameters()]
shapes = [parameter.shape for parameter in net.parameters()]
theta = torch.cat([parameter.detach().flatten() for parameter in net.parameters()])


def energy(theta, loss):
    parts = theta.split([shape.numel() for shape in shapes])
    state = {name: part.view(shape) for name, part, shape in zip(names, parts, shapes)}
    outputs = torch.func.functional_call(net, state, (inputs,))
    return loss(outputs, targets) + 0.5 * WEIGHT_DECAY * theta.square().sum()


def half_sum(outputs, targets):
    return 0.5 * (outputs - targets).square().sum(dim=1).mean()


reference = {"torch": torch.__version__, "weightDecay": WEIGHT_DECAY}
for convention, loss in [("half-sum", half_sum), ("pytorch-mean", torch.nn.functional.mse_loss)]:
    gradient = torch.func.grad(energy)(theta, loss)
    eigenvalues = torch.linalg.eigvalsh(torch.func.hessian(energy)(theta, loss))
    value = energy(theta, loss).item()
    reference[convention] = {
        "trainLoss": value - 0.5 * WEIGHT_DECAY * theta.square().sum().item(),
        "energy": value,
        "gradientNorm": gradient.norm().item(),
        "highest": eigenvalues.flip(0)[:10].tolist(),
        "lowest": eigenvalues[:3].tolist(),
        "index": int((eigenvalues < 0).sum()),
    }
with open(FOLDER / "reference.json", "w") as file:
    json.dump(reference, file, indent=2)
    file.write("\n")
