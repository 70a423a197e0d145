"""A live picture on a page of its own: no JupyterLab, and a kernel only if one is lent to it."""

import base64
import json
from contextlib import contextmanager

from lab.live.widget import Asking
from seen import everything

# Stands in for anywidget: a model with the picture's state, whose requests `answer` meets.
# A test may set window.kernel.comm_live and window.delay in ms, and call window.hear(event).
PAGE = """async ([source, css, state, bytes, wide, views]) => {
    const unpack = (text) =>
        new DataView(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
    for (const [name, text] of Object.entries(bytes)) state[name] = unpack(text);
    document.head.appendChild(document.createElement("style")).textContent = css;
    const acts = {};
    Object.assign(window, { kernel: {}, delay: 0 });
    window.hear = (event) => (acts[event] ?? []).forEach((act) => act());
    const put = (name, value) => {
        state[name] = value;
        window.hear(`change:${name}`);
    };
    const model = {
        get: (name) => state[name],
        set: (name, value) => (typeof name === "string" && put(name, value), window.kernel),
        on: (name, act) => (acts[name] ??= []).push(act),
        off() {},
        async save_changes() {
            const { runs, ...told } = (await window.answer?.(state.request)) ?? {};
            await new Promise((done) => setTimeout(done, window.delay));
            if (runs !== undefined) state.runs = unpack(runs);
            for (const [name, value] of Object.entries(told)) put(name, value);
        },
    };
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const { default: picture } = await import(url);
    for (let k = 0; k < views; k++) {
        const place = document.body.appendChild(document.createElement("div"));
        if (wide) place.style.width = `${wide}px`;
        picture.render({ model, el: place.appendChild(document.createElement("div")) });
    }
}"""


@contextmanager
def shown(browser, picture, wide=None, kernel=False, views=1, saved=False):
    """A page of 1000 × 700 that shows a picture, in a place of some width; any error fails.

    kernel: whether the picture has to ask a kernel, and is answered; else it has its program, if
    it is of a kind that has one. views: how many there are of it. saved: whether its state comes
    from a saved notebook, which has the keys in alphabetical order.
    """
    page = browser.new_page(viewport={"width": 1000, "height": 700})
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: said.type == "error" and wrong.append(said.text))
    state = {"scene": picture.scene, "settings": picture.scene["first"]}
    more = {}
    if isinstance(picture, Asking):
        picture.runs, picture.reply, picture.error = b"", {}, {}  # as if it had just been made
        state |= {"opening": picture.opening, "reply": {}, "error": {}}
        if kernel:
            opening, more["opening_runs"] = everything(picture)
            state |= {"opening": opening, "scene": {**picture.scene, "program": None}}
            page.expose_function("answer", lambda request: answer(picture, request))
    bytes_ = {
        name: base64.b64encode(value).decode()
        for name in picture.trait_names(sync=True)
        if isinstance(value := more.get(name, getattr(picture, name)), bytes)
    }
    state = json.loads(json.dumps(state, sort_keys=saved))
    page.evaluate(PAGE, [picture._esm, picture._css, state, bytes_, wide, views])
    yield page
    assert not wrong
    page.close()


def answer(picture, request):
    """Return what the kernel sends for a request."""
    before = picture.error
    picture.request = request
    if picture.error != before:
        return {"error": picture.error}
    runs = base64.b64encode(picture.runs).decode()
    return {"runs": runs, "reply": json.loads(json.dumps(picture.reply))}
