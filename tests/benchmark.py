"""How fast the course is, as ratios measured side by side in one run.

    python tests/benchmark.py             # all; the browser part needs Chromium and playwright
    python tests/benchmark.py --no-browser
    python tests/benchmark.py --browser   # the live pictures alone

Times are medians. A ratio below 1 means that the course is faster than what it is compared with.
"""

import asyncio
import statistics
import sys
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "notebooks"), str(ROOT / "tests")]

from lab import animate, bowl, descend

from optimizers import SGD, AdaGrad, Adam, Momentum, Nesterov


class DictionaryAdam:
    """Adam as a class over dictionaries, written out plainly: no checks, no blocks."""

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps, self.t, self.m = lr, beta1, beta2, eps, 0, None

    def update(self, params, grads):
        if self.m is None:
            self.m = {key: np.zeros_like(value) for key, value in params.items()}
            self.v = {key: np.zeros_like(value) for key, value in params.items()}
        self.t += 1
        for key, g in grads.items():
            self.m[key] = self.beta1 * self.m[key] + (1 - self.beta1) * g
            self.v[key] = self.beta2 * self.v[key] + (1 - self.beta2) * g * g
            m_hat = self.m[key] / (1 - self.beta1**self.t)
            v_hat = self.v[key] / (1 - self.beta2**self.t)
            params[key] -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


def torch_step(size, dtype):
    """Return a function that takes one step of PyTorch's default Adam on one thread, or None."""
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(1)
    parameter = torch.nn.Parameter(torch.ones(size, dtype=getattr(torch, dtype)))
    parameter.grad = torch.from_numpy(gradient(size, dtype))
    return torch.optim.Adam([parameter]).step


def gradient(size, dtype):
    return np.random.default_rng(0).normal(size=size).astype(dtype)


def numpy_step(rule, size, dtype):
    params, grads = {"x": np.ones(size, dtype)}, {"x": gradient(size, dtype)}
    optimizer = rule()
    return lambda: optimizer.update(params, grads)


def race(functions, repeats, number=1):
    """Return each function's median time in seconds; they take turns and so share the noise."""
    times = {name: [] for name in functions}
    for function in functions.values():
        function()  # the first call allocates
    for _ in range(repeats):
        for name, function in functions.items():
            begin = time.perf_counter()
            for _ in range(number):
                function()
            times[name].append((time.perf_counter() - begin) / number)
    return {name: statistics.median(values) for name, values in times.items()}


def report(title, medians, unit=1e-3, name="ms"):
    """Print each time, and the ratio of the first to it."""
    print(f"\n{title}")
    ours = next(iter(medians.values()))
    for what, seconds in medians.items():
        ratio = "" if seconds == ours else f"   ours / this = {ours / seconds:.2f}"
        print(f"  {what:44s}{seconds / unit:10.2f} {name}{ratio}")


def steps():
    for size, dtype, repeats, number, unit, name in (
        (2, "float64", 40, 300, 1e-6, "µs"),
        (10**6, "float64", 40, 1, 1e-3, "ms"),
        (10**6, "float32", 40, 1, 1e-3, "ms"),
    ):
        functions = {
            "Adam of the course": numpy_step(Adam, size, dtype),
            "Adam as a plain dictionary class": numpy_step(DictionaryAdam, size, dtype),
            "Adam of PyTorch, default, one thread": torch_step(size, dtype),
        }
        medians = race({k: f for k, f in functions.items() if f}, repeats, number)
        report(f"A step of {size:,} parameters, {dtype}", medians, unit, name)


def many():
    rates = np.geomspace(1e-3, 1, 100)
    betas = np.linspace(0, 0.99, 100)

    def at_once():
        descend(Adam(lr=rates[:, None], beta1=betas), bowl, steps=200)

    def loop():  # a hundredth of them, or it would take minutes
        for lr in rates[::10]:
            for beta1 in betas[::10]:
                descend(Adam(lr=float(lr), beta1=float(beta1)), bowl, steps=200)

    medians = race({"at once": at_once, "one after the other, extrapolated": loop}, 3)
    medians["one after the other, extrapolated"] *= 100
    report("10,000 runs of 200 steps of Adam", medians, 1, "s")


def animations():
    import matplotlib.pyplot as plt
    from lab.pictures import map_axes
    from matplotlib.animation import FuncAnimation

    rules = [SGD(lr=0.95), Momentum(lr=0.1), Nesterov(lr=0.1), AdaGrad(lr=1.5), Adam(lr=0.3)]
    runs = [descend(rule, bowl, steps=60) for rule in rules]
    sizes = {}

    def ours():
        sizes["ours"] = len(animate(*runs).png)

    def to_jshtml():
        fig, ax = map_axes(bowl)
        lines = [ax.plot([], [], marker="o")[0] for _ in runs]

        def draw(k):
            for line, run in zip(lines, runs):
                line.set_data(*run.path[: k + 1].T)
            return lines

        sizes["to_jshtml"] = len(FuncAnimation(fig, draw, frames=61).to_jshtml())
        plt.close(fig)

    report("Five paths of 60 steps, moving", race({"animate": ours, "to_jshtml": to_jshtml}, 3))
    print(f"  size: {sizes['ours'] / 1e3:.0f} kB against {sizes['to_jshtml'] / 1e3:.0f} kB")


SET_UP = """import sys

sys.path.insert(0, "..")
import numpy as np
from lab import bowl, stage
from lab.live.cloud import cloud
from lab.live.injector import injector
from lab.live.plane import plane
from lab.live.playground import playground
from lab.live.roots import roots
from lab.live.schedule import schedule_stage
from lab.theory import heavy_ball_rate
from optimizers import SGD, Adam, Momentum, Muon
"""
# A cell for each kind, at the sizes of the lessons.
CELLS = {
    "stage": 'stage(SGD(lr=0.5), on=bowl, ranges={"lr": (0.1, 1.2)})',
    "turned": 'stage(SGD(lr=0.95), Adam(lr=0.3), on=bowl, turns=range(91), knobs=["lr"])',
    "plane": """plane(
    Momentum(lr=0.1),
    on=bowl,
    x=("lr", np.arange(1, 201) / 100),
    y=("momentum", np.arange(100) / 100),
    predicted=lambda lr, m: np.maximum(heavy_ball_rate(lr, m, 0.1), heavy_ball_rate(lr, m, 2)),
)""",
    "injector": "injector(Adam(lr=0.3), on=bowl)",
    "schedules": "schedule_stage(SGD(), on=bowl, steps=150, noise=0.2)",
    "cloud": "cloud(SGD(lr=0.3), on=bowl, sigma=1.0, examples=256)",
    "roots": "roots(Momentum(lr=0.1), on=bowl)",
    "playground": "playground(SGD(lr=1), Adam(lr=0.02), Muon(lr=0.02))",
    "interact": """import matplotlib.pyplot as plt
from ipywidgets import interact

from lab import descend


@interact(lr=(0.1, 1.2, 0.01))
def draw(lr=0.5):
    x, y = np.meshgrid(np.linspace(-10, 10, 100), np.linspace(-5, 5, 100))
    plt.figure(figsize=(5, 3))
    plt.contour(x, y, bowl(x, y), 15)
    plt.plot(*descend(SGD(lr=lr), bowl).path.T, "o-")
    plt.xlim(-10, 10)
    plt.ylim(-5, 5)
    plt.show()""",
}
PATH = ".trail polyline", "points"
# What is moved, and in which cell; what of the picture is watched; how many ms it may take at most,
# and whether also where the kernel is far: all that is known beforehand needs no kernel.
MOVES = {
    "stage, a slider": ("stage", "input[data-knob]", PATH, 16, True),
    "stage, the slider that turns it": ("turned", "input[data-knob=turn]", PATH, 16, True),
    "stage, the start dragged": ("stage", ".start", PATH, 16, True),
    "plane, a slider": ("plane", "input[data-knob=lr]", PATH, 30, True),
    "plane, the ring dragged anywhere": ("plane", ".ring", PATH, 30, True),
    "injector, a slider": (
        "injector",
        "input[data-knob=lr]",
        (".trail ~ .trail polyline", "points"),
        50,
        True,
    ),
    "schedules, a slider": (
        "schedules",
        "input[data-knob=peak]",
        ("polyline:not(.faint)", "points"),
        16,
        True,
    ),
    "cloud, a slider": ("cloud", "input[data-knob=lr]", (".cloud path", "d"), 30, True),
    "roots, a slider": ("roots", "input[data-knob=lr]", (".root", "transform"), 16, True),
    "playground, a slider": (
        "playground",
        "input[data-knob=lr]",
        (".bar:nth-of-type(8)", "height"),
        16,
        True,
    ),
    "interact with an inline figure": ("interact", ".noUi-handle", ("img", "src"), None, False),
}
# From a key or a pointer that moves something to the first frame painted after it has changed.
WATCH = """([index, tag, attribute]) => {
    const cell = document.querySelector(`.jp-Cell[data-windowed-list-index="${index}"]`);
    const seen = () => cell.querySelector(tag)?.getAttribute(attribute);
    let [last, begin] = [seen(), null];
    const times = (window.times = []);
    for (const moved of ["keydown", "pointermove"]) {
        document.addEventListener(moved, () => (begin = performance.now()), true);
    }
    new MutationObserver(async () => {
        const now = seen();
        if (begin === null || !now || now === last) return;
        const start = begin;
        [last, begin] = [now, null];
        await cell.querySelector(tag).decode?.();
        requestAnimationFrame(() => {
            const channel = new MessageChannel();
            channel.port1.onmessage = () => times.push(performance.now() - start);
            channel.port2.postMessage(0);
        });
    }).observe(cell, { subtree: true, childList: true, attributes: true });
}"""


@contextmanager
def slow_road(port, delay=0.04):
    """A loopback port that leads to `port`, `delay` seconds away in each direction."""

    async def carry(reader, writer):
        loop = asyncio.get_running_loop()
        queue = asyncio.Queue()

        async def deliver():
            while True:
                when, data = await queue.get()
                await asyncio.sleep(max(0, when - loop.time()))
                if not data:
                    return writer.close()
                writer.write(data)

        delivery = loop.create_task(deliver())
        while data := await reader.read(2**16):
            queue.put_nowait((loop.time() + delay, data))
        queue.put_nowait((loop.time() + delay, b""))
        await delivery

    async def meet(reader, writer):
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        ways = carry(reader, far_writer), carry(far_reader, writer)
        with suppress(asyncio.CancelledError):  # at the end, connections are still open
            await asyncio.gather(*ways, return_exceptions=True)

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    starting = asyncio.start_server(meet, "127.0.0.1", 0)
    server = asyncio.run_coroutine_threadsafe(starting, loop).result()
    yield server.sockets[0].getsockname()[1]

    async def stop():
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    asyncio.run_coroutine_threadsafe(stop(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def painted(page, index, grip, watched, moves=40):
    """Return the median seconds from moving a grip, by keys or dragged, to the picture painted."""
    notebook = "window.jupyterapp.shell.currentWidget.content"
    page.evaluate(f"{notebook}.scrollToItem({index}, 'start')")
    dragged = grip in (".start", ".ring")
    grip = page.locator(f".jp-Cell[data-windowed-list-index='{index}'] {grip}").first
    grip.wait_for()
    page.wait_for_timeout(1000)
    if dragged:
        box = grip.bounding_box()
        x, y = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.move(x, y)
        page.mouse.down()
        page.wait_for_timeout(300)
    page.evaluate(WATCH, [index, *watched])
    for k in range(moves):
        forth = k % 8 < 4
        if dragged:
            x, y = (x + 8, y + 4) if forth else (x - 8, y - 4)
            page.mouse.move(x, y)
        else:
            grip.press("ArrowRight" if forth else "ArrowLeft")
        page.wait_for_function(f"window.times.length > {k}", timeout=10_000)
        page.wait_for_timeout(30)
    page.mouse.up()
    return statistics.median(page.evaluate("window.times")) / 1e3


def sliders():
    import nbformat
    from jupyter_browser import chromium, jupyterlab, open_notebook, run_all
    from playwright import sync_api

    cells = [nbformat.v4.new_code_cell(source) for source in (SET_UP, *CELLS.values())]
    with tempfile.TemporaryDirectory() as home, chromium(sync_api) as browser:
        with jupyterlab(Path(home)) as lab, slow_road(lab.port) as far:
            kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
            book = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
            nbformat.write(book, lab.course / "notebooks" / "bench.ipynb")
            for place, port in (("locally", lab.port), ("behind a round trip of 80 ms", far)):
                lab.url = f"http://127.0.0.1:{port}"
                page = browser.new_page(viewport={"width": 1200, "height": 900})
                page.lab = lab
                open_notebook(page, "bench.ipynb")
                run_all(page)
                print(f"\nMoved to painted, {place}, median of 40")
                for what, (cell, grip, watched, most, everywhere) in MOVES.items():
                    ms = 1e3 * painted(page, 1 + list(CELLS).index(cell), grip, watched)
                    wanted = most if port == lab.port or everywhere else None
                    told = (
                        f"   at most {most}" + ("" if ms <= most else ": TOO SLOW")
                        if wanted
                        else ""
                    )
                    print(f"  {what:44s}{ms:10.1f} ms{told}")
                page.evaluate("window.jupyterapp.serviceManager.sessions.shutdownAll()")
                page.close()


def main():
    print(f"NumPy {np.__version__}, Python {sys.version.split()[0]}")
    if "--browser" not in sys.argv:
        steps()
        many()
        animations()
    if "--no-browser" not in sys.argv:
        try:
            sliders()
        except (ImportError, OSError) as problem:
            print(f"\nno browser part: {problem}")


if __name__ == "__main__":
    main()
