#!/usr/bin/env python3
"""Times Python libraries on the problems of the benchmarks, on one thread.

Optional: nothing else needs it. Whatever of NumPy, Numba, JAX, diffrax, torchsde and PyTorch can be imported
is timed; the rest is skipped. From the package's folder:

    env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE python3 Benchmarks/python/compare.py

writes Benchmarks/results/<processor>-python.json, which the suite `targets` of the benchmarks reads.

Problems:
  quartic      Euler and Maruyama in E = x^4/4 - x^2/2, T = 0.05, dt = 0.005, 1024 replicas
  sgd-network  SGD of the deep linear network 2-10-10-2, B = 64 of N = 512, h = 0.06, weight decay 0.33
  perceptron   SGD of 64-64-64-10 with tanh, B = 64 of N = 1024, squared error, no biases
Every time is processor time of the whole process, in nanoseconds per step and replica.
"""

import argparse
import datetime
import importlib.metadata
import json
import os
import pathlib
import platform
import re
import statistics
import time

# Before any library is imported: one thread each.
THREADS = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu",
    "JAX_ENABLE_X64": "1",
}
os.environ.update(THREADS)

TEMPERATURE, TIME_STEP, REPLICAS = 0.05, 0.005, 1024
AMPLITUDE = (2 * TEMPERATURE * TIME_STEP) ** 0.5
BATCH, SAMPLES, SEEDS, RATE, DECAY = 64, 512, 50, 0.06, 0.33

rows = []
skipped = {}


def record(library, problem, steps, replicas, call, seconds, rounds):
    """Times `call`, which takes `steps` steps of `replicas` replicas."""
    call()
    start = time.process_time()
    call()
    once = max(time.process_time() - start, 1e-6)
    repeats = max(1, round(seconds / once))
    times = []
    for _ in range(rounds):
        start = time.process_time()
        for _ in range(repeats):
            call()
        times.append((time.process_time() - start) * 1e9 / (repeats * steps * replicas))
    row = {
        "library": library,
        "problem": problem,
        "unit": "ns per step per replica",
        "minimum": min(times),
        "median": statistics.median(times),
        "repetitions": rounds,
    }
    rows.append(row)
    print(f"{problem:12} {library:40} {row['minimum']:12.2f} {row['median']:12.2f}", flush=True)


def numpy_problems(measure):
    import numpy as np

    for name in ("float64", "float32"):
        kind = np.dtype(name).type
        random = np.random.Generator(np.random.SFC64(1))
        x = np.full(REPLICAS, -1, kind)
        noise, slope = np.empty_like(x), np.empty_like(x)
        dt, amplitude, one = kind(TIME_STEP), kind(AMPLITUDE), kind(1)

        def call():
            for _ in range(100):
                random.standard_normal(out=noise, dtype=kind)
                np.multiply(x, x, out=slope)
                np.subtract(slope, one, out=slope)
                np.multiply(slope, x, out=slope)
                np.multiply(slope, dt, out=slope)
                np.multiply(noise, amplitude, out=noise)
                np.subtract(x, slope, out=x)
                np.add(x, noise, out=x)

        measure(f"NumPy {name}", "quartic", 100, REPLICAS, call)


def numba_problems(measure):
    import numba
    import numpy as np

    @numba.njit(fastmath=True)
    def legacy(x, steps, dt, amplitude):
        for _ in range(steps):
            for r in range(x.size):
                x[r] += amplitude * np.random.standard_normal() - dt * x[r] * (x[r] * x[r] - 1)

    @numba.njit(fastmath=True)
    def generator(x, steps, dt, amplitude, random):
        for _ in range(steps):
            for r in range(x.size):
                x[r] += amplitude * random.standard_normal() - dt * x[r] * (x[r] * x[r] - 1)

    x = np.full(REPLICAS, -1.0)
    measure("Numba float64, np.random", "quartic", 100, REPLICAS,
            lambda: legacy(x, 100, TIME_STEP, AMPLITUDE))
    y = np.full(REPLICAS, -1.0)
    random = np.random.Generator(np.random.PCG64(1))
    measure("Numba float64, Generator", "quartic", 100, REPLICAS,
            lambda: generator(y, 100, TIME_STEP, AMPLITUDE, random))


def jax_problems(measure):
    import jax
    import jax.numpy as jnp

    for name in ("float64", "float32"):
        kind = jnp.dtype(name)

        @jax.jit
        def run(x, key, kind=kind):
            def step(x, key):
                noise = jax.random.normal(key, x.shape, kind)
                return x - TIME_STEP * x * (x * x - 1) + AMPLITUDE * noise, None

            return jax.lax.scan(step, x, jax.random.split(key, 1000))[0]

        x, key = jnp.full(REPLICAS, -1, kind), jax.random.key(1)
        measure(f"JAX {name}", "quartic", 1000, REPLICAS,
                lambda: run(x, key).block_until_ready())

    def data(kind):
        key = jax.random.key(2)
        x = jax.random.normal(key, (SAMPLES, 2), kind)
        eta = jnp.array([0.9, 0.8], kind)
        noise = jax.random.normal(jax.random.key(3), (SAMPLES, 2), kind)
        return x, eta * x + jnp.sqrt(1 - eta**2) * noise

    def loss(weights, x, y):
        for w in weights:
            x = x @ w.T
        return 0.5 * jnp.mean(jnp.sum((x - y) ** 2, axis=1))

    def descend(weights, x, y):
        gradient = jax.grad(loss)(weights, x, y)
        return [w - RATE * (g + DECAY * w) for w, g in zip(weights, gradient)]

    for name in ("float64", "float32"):
        kind = jnp.dtype(name)
        inputs, targets = data(kind)

        def epoch(weights, key):
            order = jax.random.permutation(key, SAMPLES).reshape(-1, BATCH)
            step = lambda w, batch: (descend(w, inputs[batch], targets[batch]), None)
            return jax.lax.scan(step, weights, order)[0], None

        def independent(weights, key):
            batch = jax.random.randint(key, (BATCH,), 0, SAMPLES)
            return descend(weights, inputs[batch], targets[batch]), None

        for label, body, count, steps in (
            ("epochs", epoch, 20, 20 * SAMPLES // BATCH),
            ("with replacement", independent, 160, 160),
        ):
            @jax.jit
            def run(weights, keys, body=body, count=count):
                one = lambda w, key: jax.lax.scan(body, w, jax.random.split(key, count))[0]
                return jax.vmap(one)(weights, keys)

            keys = jax.random.split(jax.random.key(4), SEEDS)
            widths = [2, 10, 10, 2]
            weights = [
                0.5 * jax.random.normal(jax.random.key(5 + i), (SEEDS, q, p), kind)
                for i, (p, q) in enumerate(zip(widths, widths[1:]))
            ]
            measure(f"JAX vmap {name}, {label}", "sgd-network", steps, SEEDS,
                    lambda: jax.block_until_ready(run(weights, keys)))


def diffrax_problems(measure):
    import diffrax
    import jax
    import jax.numpy as jnp
    import lineax

    steps = 1000
    for name in ("float64", "float32"):
        kind = jnp.dtype(name)

        @jax.jit
        def run(x, key, kind=kind):
            path = diffrax.UnsafeBrownianPath(
                shape=jax.ShapeDtypeStruct(x.shape, kind), key=key)
            scale = AMPLITUDE / TIME_STEP**0.5
            diffusion = diffrax.ControlTerm(
                lambda t, y, args: lineax.DiagonalLinearOperator(jnp.full_like(y, scale)), path)
            terms = diffrax.MultiTerm(
                diffrax.ODETerm(lambda t, y, args: -y * (y * y - 1)), diffusion)
            solution = diffrax.diffeqsolve(
                terms, diffrax.Euler(), 0.0, steps * TIME_STEP, dt0=TIME_STEP, y0=x,
                saveat=diffrax.SaveAt(t1=True), max_steps=steps + 8, adjoint=diffrax.DirectAdjoint(),
                throw=False)
            return solution.ys

        x, key = jnp.full(REPLICAS, -1, kind), jax.random.key(1)
        measure(f"diffrax {name}", "quartic", steps, REPLICAS,
                lambda: run(x, key).block_until_ready())


def torch_problems(measure):
    import torch

    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    for name in ("float64", "float32"):
        kind = getattr(torch, name)
        x = torch.full((REPLICAS,), -1, dtype=kind)
        noise = torch.empty_like(x)

        def call():
            with torch.no_grad():
                for _ in range(50):
                    noise.normal_()
                    x.sub_(x * (x * x - 1), alpha=TIME_STEP).add_(noise, alpha=AMPLITUDE)

        measure(f"PyTorch eager {name}", "quartic", 50, REPLICAS, call)

        def network(widths, activation):
            layers = []
            for i, (p, q) in enumerate(zip(widths, widths[1:])):
                layers.append(torch.nn.Linear(p, q, bias=False, dtype=kind))
                if activation and i < len(widths) - 2:
                    layers.append(torch.nn.Tanh())
            return torch.nn.Sequential(*layers)

        def training(widths, activation, samples, rate, decay, epochs, steps):
            model = network(widths, activation)
            x = torch.randn(samples, widths[0], dtype=kind)
            y = torch.randn(samples, widths[-1], dtype=kind)
            optimiser = torch.optim.SGD(model.parameters(), lr=rate, weight_decay=decay)
            state = {"order": torch.randperm(samples), "cursor": 0}

            def call():
                for _ in range(steps):
                    if epochs:
                        if state["cursor"] + BATCH > samples:
                            state["order"], state["cursor"] = torch.randperm(samples), 0
                        batch = state["order"][state["cursor"]:state["cursor"] + BATCH]
                        state["cursor"] += BATCH
                    else:
                        batch = torch.randint(0, samples, (BATCH,))
                    optimiser.zero_grad()
                    loss = 0.5 * ((model(x[batch]) - y[batch]) ** 2).sum(1).mean()
                    loss.backward()
                    optimiser.step()

            return call

        for label, epochs in (("epochs", True), ("with replacement", False)):
            measure(f"PyTorch eager {name}, {label}", "sgd-network", 20, 1,
                    training([2, 10, 10, 2], False, SAMPLES, RATE, DECAY, epochs, 20))
        measure(f"PyTorch eager {name}", "perceptron", 20, 1,
                training([64, 64, 64, 10], True, 1024, 0.001, 0.001, False, 20))


def torchsde_problems(measure):
    import torch
    import torchsde

    torch.set_num_threads(1)
    steps = 100

    class Well(torch.nn.Module):
        noise_type, sde_type = "diagonal", "ito"

        def f(self, t, y):
            return -y * (y * y - 1)

        def g(self, t, y):
            return torch.full_like(y, AMPLITUDE / TIME_STEP**0.5)

    x = torch.full((REPLICAS, 1), -1, dtype=torch.float64)
    times = torch.tensor([0.0, steps * TIME_STEP], dtype=x.dtype)

    def call():
        with torch.no_grad():
            torchsde.sdeint(Well(), x, times, method="euler", dt=TIME_STEP)

    measure("torchsde float64", "quartic", steps, REPLICAS, call)


LIBRARIES = {
    "numpy": numpy_problems,
    "numba": numba_problems,
    "jax": jax_problems,
    "diffrax": diffrax_problems,
    "torch": torch_problems,
    "torchsde": torchsde_problems,
}


def processor():
    """As the benchmarks name it."""
    try:
        text = pathlib.Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or "unknown processor"

    def field(name):
        match = re.search(rf"^{name}\s*:\s*(.*)$", text, re.MULTILINE)
        return match.group(1).strip() if match else None

    if not field("model name"):
        return f"CPU part {field('CPU part')}" if field("CPU part") else "unknown processor"
    name = field("model name")
    if field("cpu family") and field("model"):
        name += f", family {field('cpu family')}, model {field('model')}"
    return name


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("libraries", nargs="*", help=f"print some of {', '.join(LIBRARIES)}; without any, all are written")
    parser.add_argument("--quick", action="store_true", help="few repetitions; writes nothing")
    arguments = parser.parse_args()
    for name in arguments.libraries:
        if name not in LIBRARIES:
            parser.error(f"'{name}' is not one of {', '.join(LIBRARIES)}")
    seconds, rounds = (0.02, 2) if arguments.quick else (0.2, 15)
    load = os.getloadavg()[0]
    versions = {"python": platform.python_version()}
    print(f"{'':53} {'least':>12} {'median':>12}  ns per step per replica")
    for name in arguments.libraries or LIBRARIES:
        try:
            versions[name] = importlib.metadata.version(name)
            LIBRARIES[name](lambda *a: record(*a, seconds, rounds))
        except (ImportError, importlib.metadata.PackageNotFoundError):
            skipped[name] = "not installed"
            versions.pop(name, None)
        except Exception as error:  # One library's fault must not lose the others.
            skipped[name] = f"{type(error).__name__}: {str(error).splitlines()[0]}"
            print(f"{name}: {skipped[name]}")
    if arguments.quick or arguments.libraries:
        return
    document = {
        "command": "python3 Benchmarks/python/compare.py",
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "processor": processor(),
        "cores": os.cpu_count(),
        "threads": THREADS | {"torch.set_num_threads": "1"},
        "environment": {
            name: os.environ.get(name) for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
        },
        "versions": versions,
        "skipped": skipped,
        "loadBefore": load,
        "loadAfter": os.getloadavg()[0],
        "rows": rows,
    }
    slug = "-".join(re.findall(r"[a-z0-9]+", processor().lower()))
    path = pathlib.Path("Benchmarks/results") / f"{slug}-python.json"
    path.write_text(json.dumps(document, indent=2, sort_keys=True) + "\n")
    print(f"Written to {path}")


if __name__ == "__main__":
    main()
