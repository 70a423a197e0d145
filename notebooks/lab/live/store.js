/* global make, copy, same, floats, short, nearest, makeProgram */
/* exported openHere, openAsking */
// What every live picture begins with: its columns, its words, and one truth about what is drawn.

const GONE = "The kernel has gone: run this cell again. Until then only what is here already moves.";
const NO_KERNEL = "This page has no kernel: what is here already moves; for the rest open the notebook.";
const WAIT = 300; // ms until a request that is out is shown as waiting

// Open a view of a picture: two columns where there is room, a line for notices, and what is drawn.
// find(settings): the results for settings that are here already, or null. view.on("show" | "fit" |
// "leave", act): what is to be done when something, the width, or all has changed.
function open(model, el, find) {
  el.classList.add("downhill");
  const acts = { show: [], fit: [], leave: [] };
  const run = (when) => (...given) => acts[when].forEach((act) => act(...given));
  const view = {
    model, el, scene: model.get("scene"), find, words: () => "",
    on: (when, act) => acts[when].push(act),
    show: run("show"), fit: run("fit"), leave: run("leave"),
  };
  const board = make(el, "div", { class: "board" });
  view.picture = make(board, "div", { class: "picture" });
  view.side = make(board, "div", { class: "side" });
  addSettings(view);
  addNotices(view);
  keepKeys(view);
  // The width of the picture decides, not the window's.
  let width = 0;
  const observer = new ResizeObserver(() => {
    if (el.clientWidth === width) return;
    width = el.clientWidth;
    view.fit();
    view.show();
  });
  observer.observe(el);
  view.on("leave", () => observer.disconnect());
  return view;
}

// `drawn` and `results` belong together: whatever is told is told of them. `wanted` is what the
// reader has set, and differs from `drawn` only while a request is out. `before` is what was drawn
// when the reader last began to change something. All views of one picture draw the same.
function addSettings(view) {
  const { model, find } = view;
  let moving = false, from = null;
  view.ask = view.calm = () => {}; // a picture that can ask the kernel has others, see makeResults
  view.draw = (settings) => {
    view.results = find(settings);
    view.drawn = copy(settings);
    if (from) view.before = from;
    if (!same(model.get("settings"), settings)) model.set("settings", copy(settings));
    view.show();
    view.speak();
  };
  // Change some settings. settled: this was no move within a drag; its end alone changes nothing, and
  // leaves what was said to it.
  view.want = (changes, settled = true) => {
    const next = { ...view.wanted, ...changes };
    if (!moving && !same(next, view.drawn)) from = { settings: view.drawn, results: view.results };
    moving = !settled;
    if (Object.keys(changes).length) view.say("");
    view.wanted = next;
    if (find(next)) {
      view.calm();
      if (!same(next, view.drawn)) view.draw(next);
    }
    view.ask(settled);
    view.show();
  };
  view.reset = () => {
    view.want(view.scene.first);
    view.before = from = null;
    view.show(null);
  };
  // Take back what cannot be, and say why.
  view.refuse = (why) => {
    view.calm();
    view.wanted = view.drawn;
    view.say(why);
    view.show(null);
  };
  view.follow = () => {
    const settings = model.get("settings");
    if (!same(view.wanted, view.drawn) || same(settings, view.drawn) || !find(settings)) return;
    view.wanted = copy(settings);
    view.draw(settings);
  };
  model.on("change:settings", view.follow);
  view.on("leave", () => model.off("change:settings", view.follow));
  const last = model.get("settings");
  view.drawn = view.wanted = copy(find(last) ? last : view.scene.first);
  view.results = find(view.drawn);
  view.before = null;
}

// A line for what is refused, one while the kernel is waited for, and one for ears alone: it speaks
// once after something has changed, and not while the picture plays.
function addNotices(view) {
  const notice = make(view.side, "p", { class: "notice", role: "alert" });
  make(view.side, "p", { class: "wait" }, "Waiting for the kernel. What is told is of what is drawn.");
  const spoken = make(view.el, "p", { class: "spoken", role: "status" });
  let timer = null, playing = false;
  view.say = (text, calmly = false) => {
    notice.textContent = text;
    notice.classList.toggle("calm", calmly);
  };
  view.speak = () => {
    clearTimeout(timer);
    if (!playing) timer = setTimeout(() => (spoken.textContent = view.words()), 700);
  };
  view.quiet = (plays) => {
    playing = plays;
    view.speak();
  };
  view.on("leave", () => clearTimeout(timer));
}

// Jupyter's shortcuts would take the arrow keys and letters from a control. Those with Ctrl or Cmd it
// keeps, but for those that edit a number.
function keepKeys({ el, on }) {
  const before = (event) => {
    if (!el.contains(event.target)) return;
    const edits = event.target.type === "text" && /^[acvxyz]$/i.test(event.key);
    event.target.toggleAttribute("data-lm-suppress-shortcuts", !(event.ctrlKey || event.metaKey) || edits);
  };
  window.addEventListener("keydown", before, true); // before Jupyter looks
  on("leave", () => window.removeEventListener("keydown", before, true));
}

// What is known of a picture that can ask the kernel: what it has sent, its opening, which stays, and
// its last reply; and what a program computes with the picture's own function `runs`, if there is one.
// A result is {points, verdict}; results are one for each rule.
function makeResults(model, runs) {
  const { sliders, columns, steps } = model.get("scene");
  const values = Object.fromEntries(sliders.map((slider) => [slider.name, slider.values]));
  const size = columns * (steps + 1);
  // Cut the bytes into own[rule] and sweeps[slider][rule][position].
  function cut({ settings, sweeps: complete, table }, bytes) {
    const data = floats(bytes);
    const reply = { settings, complete, own: [], sweeps: {} };
    let next = 0;
    for (const [slider, rule, verdicts] of table) {
      const found = verdicts.map((verdict) => ({ verdict, points: data.subarray(next, (next += size)) }));
      if (slider) ((reply.sweeps[slider] ??= {})[rule] ??= []).push(...found);
      else [reply.own[rule]] = found;
    }
    return reply;
  }
  const replies = [cut(model.get("opening"), model.get("opening_runs"))];
  const at = (name, value) => (typeof values[name][0] === "string" ? value : values[name].indexOf(value));
  // The result of one rule: what is another's alone does not matter to it.
  function result(reply, settings, r) {
    const others = (name) => /^\d+\./.test(name) && !name.startsWith(`${r}.`);
    const differ = Object.keys(settings).filter(
      (name) => name !== "hidden" && !others(name) && !same(settings[name], reply.settings[name]));
    if (!differ.length) return reply.own[r];
    const [name, another] = differ;
    return another ? undefined : reply.sweeps[name]?.[r]?.[at(name, settings[name])];
  }
  const compute = makeProgram(model.get("scene"), runs, replies[0].own);
  return {
    compute,
    find(settings) {
      const found = replies[0].own.map((_, r) =>
        replies.map((reply) => result(reply, settings, r)).find(Boolean));
      return found.every(Boolean) ? found : compute?.(settings).results ?? null;
    },
    // Whether every position of every slider is here, from these settings on.
    complete: (settings) => replies.some((reply) =>
      reply.complete && same({ ...reply.settings, hidden: 0 }, { ...settings, hidden: 0 })),
    // Take the last reply. A kernel that shuts down while it sends a large one loses the bytes, and
    // those of its next message arrive in their place (pyzmq stops in the middle of it).
    read() {
      const [reply, bytes] = [model.get("reply"), model.get("runs")];
      if (!reply.id || bytes.byteLength !== reply.size) return;
      replies.splice(0, replies.length - 1, cut(reply, bytes));
    },
  };
}

// Let a view ask the kernel for what is not here, and draw what it replies.
function askKernel(view, results) {
  const { model, el } = view;
  const me = Math.random().toString(36).slice(2);
  const core = model.set({}); // behind anywidget's model: it knows whether its kernel still listens
  const gone = () => core?.comm_live === false;
  const farewell = () => view.say(model.widget_manager?.context ? GONE : NO_KERNEL, true);
  const part = () => {
    view.refuse("");
    farewell();
  };
  let number = 0, asked = null, timer = null;
  const wait = (waits) => {
    el.classList.toggle("waiting", waits);
    el.setAttribute("aria-busy", waits);
  };
  view.calm = () => {
    asked = null;
    clearTimeout(timer);
    wait(false);
  };
  const send = (sweeps) => {
    model.set("request", { id: `${me}-${++number}`, settings: copy(view.wanted), sweeps });
    model.save_changes();
    return number;
  };
  view.ask = (settled) => {
    const here = same(view.wanted, view.drawn);
    if (here && (!settled || results.complete(view.wanted) || gone())) return;
    if (gone()) return part();
    if (!here) {
      if (!asked) timer = setTimeout(wait, WAIT, true);
      asked = send(false); // what is to be drawn, before all that could be
    }
    if (settled) send(true);
  };
  const replied = () => {
    results.read();
    if (!asked) return view.follow();
    if (view.find(view.wanted)) {
      view.calm();
      view.draw(view.wanted);
    } else if (model.get("reply").id?.startsWith(`${me}-`)) {
      view.draw(model.get("reply").settings); // an older one of ours: meanwhile
    }
  };
  // Of requests that are made while the kernel is busy, Jupyter sends only the last: any from `asked`
  // on, for those want the same.
  const refused = () => {
    const { id = "", text } = model.get("error");
    const [who, which] = id.split("-");
    if (asked && who === me && which >= asked) view.refuse(text);
  };
  const heard = { reply: replied, error: refused };
  for (const [name, act] of Object.entries(heard)) model.on(`change:${name}`, act);
  const lost = () => gone() && part();
  model.on("comm_live_update", lost);
  view.on("leave", () => {
    view.calm();
    model.off("comm_live_update", lost);
    for (const [name, act] of Object.entries(heard)) model.off(`change:${name}`, act);
  });
  if (gone()) farewell();
}

// Open a view of a picture that can ask the kernel, and need not where a program computes its `runs`.
function openAsking(model, el, runs) {
  const results = makeResults(model, runs);
  results.read();
  const view = open(model, el, results.find);
  if (!results.compute) {
    askKernel(view, results);
    return view;
  }
  view.ask = () => {
    if (!same(view.wanted, view.drawn)) view.refuse(results.compute(view.wanted).refused);
  };
  return view;
}

// Open a view of a picture that has every position of its sliders here: results(settings) are theirs.
// also(name, value): whether a value between two positions is here too. Another one goes to the nearest
// position, and that is said; one beyond the ends is refused.
function openHere(model, el, results, also = () => false) {
  const { sliders } = model.get("scene");
  const here = ({ name, values }, value) =>
    (typeof values[0] === "string" ? value in values : values.includes(value)) || also(name, value);
  const find = (settings) =>
    (sliders.every((slider) => here(slider, settings[slider.name])) ? results(settings) : null);
  const view = open(model, el, find);
  view.ask = () => {
    const off = sliders.find((slider) => !here(slider, view.wanted[slider.name]));
    if (!off) return;
    const { name, label, values } = off;
    const [value, low, high] = [view.wanted[name], values[0], values.at(-1)];
    if (value < low || value > high) {
      return view.refuse(`${label}: the slider goes from ${short(low)} to ${short(high)}, so not to ${short(value)}.`);
    }
    const near = values[nearest(values, value)];
    view.want({ [name]: near });
    view.say(`${label}: ${short(value)} is between two positions, so the nearest is shown, ${short(near)}.`);
    view.show(null);
  };
  return view;
}
