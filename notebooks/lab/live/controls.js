/* global make, short, same, nearest, parseNumber, makeMarker */
/* exported makePlayer, makeSliders, makeSwitch, makeReadout, makeButton */
/* exported makeArrowSwitch, makeCopy, callOf */
// What a reader handles: play and scrub, sliders with marks and a number to type, choices; and what
// the picture says in words.

const PACES = [0.25, 0.5, 1, 2, 4];

const makeButton = (parent, text, pressed) => {
  const button = make(parent, "button", { type: "button" }, text);
  button.addEventListener("click", pressed);
  return button;
};

// Play, one step, scrub. `player.at` runs from 0 to `last`, one every `pause` ms at usual speed;
// ends() is the step at which play may stop, since nothing moves after it.
function makePlayer(parent, { last, pause, ends = () => last, label = (at) => `step ${at} of ${last}`, show, quiet }) {
  const bar = make(parent, "div", { class: "transport" });
  const play = makeButton(bar, "Play", () => (timer ? player.stop() : begin()));
  makeButton(bar, "−1", () => player.go(player.at - 1)).setAttribute("aria-label", "−1, one step back");
  makeButton(bar, "+1", () => player.go(player.at + 1)).setAttribute("aria-label", "+1, one step on");
  const scrub = make(bar, "input", { type: "range", min: 0, max: last, "aria-label": "step shown" });
  const counter = make(bar, "span", { class: "counter" });
  const speed = make(bar, "select", { "aria-label": "speed of play" });
  for (const pace of PACES) make(speed, "option", { value: pace }, `${pace} ×`).selected = pace === 1;
  let timer = null;
  const player = {
    bar,
    at: last,
    get playing() {
      return timer !== null;
    },
    go(to) {
      player.at = Math.min(Math.max(to, 0), last);
      show();
    },
    stop() {
      if (!timer) return;
      clearInterval(timer);
      timer = null;
      play.textContent = "Play";
      quiet(false);
    },
    tell() {
      scrub.value = player.at;
      scrub.setAttribute("aria-valuetext", label(player.at));
      counter.textContent = label(player.at);
    },
  };
  // Where motion is unwelcome, a few pictures stand one after the other.
  function begin() {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const stride = still ? Math.max(Math.ceil(ends() / 4), 1) : 1;
    quiet(true);
    play.textContent = "Pause";
    if (player.at >= ends()) player.go(0);
    const next = () => {
      if (player.at < ends()) player.go(Math.min(player.at + stride, ends()));
      if (player.at >= ends()) player.stop();
    };
    timer = setInterval(next, still ? 900 : pause / speed.value);
  }
  speed.addEventListener("change", () => {
    if (!timer) return;
    clearInterval(timer);
    begin();
  });
  scrub.addEventListener("input", () => player.go(+scrub.value));
  return player;
}

// A labelled row of the table of knobs, still without what it sets; look: of the rule it belongs to.
function makeRow(parent, id, text, look) {
  const row = make(parent, "div", { class: "knob" });
  const label = make(row, "label", { for: id });
  if (look) makeMarker(label, look);
  make(label, "span", {}, text);
  return row;
}

// Find for each of a slider's predicted values a row for its label, and a side of its line: no label
// touches another, and no line runs through a label. ticks: [{at, width}], from left to right; at
// from 0 to 1. Returns [{x, middle, row}], with as few rows as will do.
function placeTicks(ticks, wide) {
  const sides = ({ at, width }) => {
    const x = 8 + at * (wide - 16);
    const middles = [x, x - width / 2 - 3, x + width / 2 + 3];
    return middles
      .filter((middle) => middle >= width / 2 && middle <= wide - width / 2)
      .map((middle) => ({ x, middle, low: middle - width / 2 - 3, high: middle + width / 2 + 3 }));
  };
  const crosses = (line, label) => line.row > label.row && line.x > label.low && line.x < label.high;
  const clash = (a, b) =>
    (a.row === b.row && a.low < b.high && b.low < a.high) || crosses(a, b) || crosses(b, a);
  function settle(k, placed, rows) {
    if (k === ticks.length) return placed;
    for (let row = 0; row < rows; row++) {
      for (const side of sides(ticks[k])) {
        const here = { ...side, row };
        const all = placed.some((other) => clash(here, other)) ? null : settle(k + 1, [...placed, here], rows);
        if (all) return all;
      }
    }
    return null;
  }
  for (let rows = 1; rows <= ticks.length; rows++) {
    const all = settle(0, [], rows);
    if (all) return all;
  }
  return ticks.map((tick, row) => ({ ...(sides(tick)[0] ?? { x: 0, middle: wide / 2 }), row }));
}

// One row for a slider of the scene: label, track with its marks, number to type.
// slid(value) while it slides, settled() when it is let go, typed(value), refused(sentence).
function makeKnob(parent, { label, values, marks, data }, look, { slid, settled, typed, refused }) {
  const id = `knob-${Math.random().toString(36).slice(2)}`;
  const row = makeRow(parent, id, label, look);
  const track = make(row, "div", { class: "track" });
  const slider = make(track, "input", { type: "range", id, min: 0, max: values.length - 1 });
  for (const [key, value] of Object.entries(data)) slider.setAttribute(`data-${key}`, value);
  const ticks = [...marks].sort((a, b) => a.at - b.at).map((mark) => {
    const node = make(track, "span", { class: "predicted" });
    node.title = `${mark.label} = ${short(mark.value)}`;
    return { node, at: mark.at, text: make(node, "span", {}, mark.label) };
  });
  const number = make(row, "input", {
    type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": `${label}, typed`,
  });
  slider.addEventListener("input", () => slid(values[+slider.value]));
  slider.addEventListener("change", () => settled());
  let told = "";
  const commit = () => {
    if (number.value === told) return; // Enter and then a change of focus are one commit
    const { value, refused: why } = parseNumber(number.value);
    if (why) return refused(why);
    number.value = told = short(value);
    typed(value);
  };
  number.addEventListener("change", commit);
  // Jupyter keeps the Enter key for itself, so that no change event would follow it.
  number.addEventListener("keydown", (event) => event.key === "Enter" && commit());
  return {
    row,
    slider,
    fit() {
      if (!track.offsetWidth) return; // it is hidden
      for (const tick of ticks) tick.width = tick.text.offsetWidth;
      const places = placeTicks(ticks, track.offsetWidth);
      places.forEach(({ x, middle, row }, k) => {
        ticks[k].node.style.setProperty("--x", `${x}px`);
        ticks[k].node.style.setProperty("--row", row);
        ticks[k].text.style.left = `${middle - x}px`;
      });
      track.style.setProperty("--rows", 1 + Math.max(-1, ...places.map(({ row }) => row)));
    },
    // Show a value, and whether it is only asked for; a number that is being typed is left alone.
    tell(value, asked = false, typing = document.activeElement) {
      slider.value = nearest(values, value);
      slider.setAttribute("aria-valuetext", short(value) + (asked ? ", asked for" : ""));
      if (typing !== number) number.value = told = short(value);
      row.classList.toggle("asked", asked);
    },
    // Show the row or not, and its predictions or not.
    reveal(shown, predictions) {
      if (row.hidden === !shown && track.classList.contains("bare") === !predictions) return;
      row.hidden = !shown;
      track.classList.toggle("bare", !predictions);
      if (predictions) this.fit();
    },
  };
}

// One row with a menu of words.
function makeChoice(parent, { label, values, data }, look, chosen) {
  const id = `knob-${Math.random().toString(36).slice(2)}`;
  const row = makeRow(parent, id, label, look);
  row.classList.add("choice");
  const select = make(row, "select", { id });
  for (const [key, value] of Object.entries(data)) select.setAttribute(`data-${key}`, value);
  values.forEach((name, k) => make(select, "option", { value: k }, name));
  select.addEventListener("change", () => chosen(+select.value));
  return { row, fit() {}, tell: (k) => (select.value = k), reveal: (shown) => (row.hidden = !shown) };
}

// A row for each slider of the scene. choose(name, k): the settings that a choice changes.
// reveals(rule): whether the rows of a rule are shown, and their predictions. Returns tell(typing).
function makeSliders(view, { choose = (name, k) => ({ [name]: k }), reveals = () => [true, true] } = {}) {
  const { sliders, rules, choices = {} } = view.scene;
  const table = make(view.side, "div", { class: "knobs" });
  const rows = sliders.filter(({ name }) => !(name in choices)).map((slider) => {
    const { name, rule, values } = slider;
    const look = rule === null ? null : rules[rule];
    const data = { knob: name.replace(/^\d+\./, ""), rule: look?.rule ?? "" };
    const row = typeof values[0] === "string"
      ? makeChoice(table, { ...slider, data }, look, (k) => view.want(choose(name, k)))
      : makeKnob(table, { ...slider, data }, look, {
        slid: (value) => view.want({ [name]: value }, false),
        settled: () => view.want({}, true),
        typed: (value) => view.want({ [name]: value }),
        refused: view.refuse,
      });
    view.on("fit", row.fit);
    return { name, rule, row };
  });
  return (typing) => {
    for (const { name, rule, row } of rows) {
      row.reveal(...reveals(rule));
      row.tell(view.wanted[name], !same(view.wanted[name], view.drawn[name]), typing);
    }
  };
}

// A box to tick.
function makeSwitch(parent, text, look, set) {
  const label = make(parent, "label", { class: "switch" });
  const box = make(label, "input", { type: "checkbox" });
  if (look) makeMarker(label, look);
  make(label, "span", {}, text);
  box.addEventListener("change", () => set(box.checked));
  return { label, tell: (on) => (box.checked = on) };
}

// A box that shows the arrows of `makePaths` or not.
function makeArrowSwitch(view, parent, drawPaths) {
  const { label } = makeSwitch(parent, "arrows", null, (on) => {
    drawPaths.arrows = on;
    view.show();
  });
  label.title = "Thin: downhill, −∇f, whatever its length. Thick: the last step, the velocity, to scale.";
}

// A button that copies code(): a call that opens with what is drawn. Returns tell().
function makeCopy(view, parent, code) {
  const area = make(view.side, "textarea", { class: "code", readonly: "", rows: 2, "aria-label": "the code of what is drawn" });
  area.hidden = true;
  const button = makeButton(parent, "Copy as code", async () => {
    area.value = code();
    try {
      await navigator.clipboard.writeText(area.value);
      button.textContent = "Copied";
    } catch {
      area.hidden = false; // no clipboard here: to be copied by hand
      area.select();
    }
    setTimeout(() => (button.textContent = "Copy as code"), 1500);
  });
  return () => area.hidden || (area.value = code());
}

// A rule as code; value(name): of a knob. Values that are usual are left out, but for lr.
function callOf({ code }, value) {
  if (!code.knobs) return code.name;
  const set = code.knobs.filter(([name, usual]) => name === "lr" || value(name) !== usual);
  return `${code.name}(${set.map(([name]) => `${name}=${value(name)}`).join(", ")})`;
}

// What the picture says in words, a row for each look, each with its marker.
function makeReadout(parent, looks) {
  const list = make(parent, "ul", { class: "readout" });
  return looks.map((look) => {
    const item = make(list, "li");
    if (look) makeMarker(item, look);
    const text = make(item, "span");
    return {
      item,
      tell(words, lost = false) {
        // A browser would break a line after the minus of 1e-03.
        text.replaceChildren(...words.split(/(\S+e-\d+)/).map((part, k) => {
          const piece = document.createElement(k % 2 ? "b" : "span");
          piece.textContent = part;
          return piece;
        }));
        item.classList.toggle("lost", lost);
      },
    };
  });
}
