// The live plane: heat maps to pick a pair of settings from, and its paths. See plane.py.

function render({ model, el }) {
  const scene = model.get("scene");
  const wish = copy(model.get("wish")); // a notebook may render again what has been changed
  const id = `plane-${Math.random().toString(36).slice(2)}`;
  const size = 3 * (scene.steps + 1); // numbers of one path
  const names = scene.knobs.map((knob) => knob.name);

  el.classList.add("downhill-stage");
  const board = make(el, "div", { class: scene.planes.length > 1 ? "board many" : "board" });

  // One heat map for each rule, with a ring at the point picked.
  const heats = scene.planes.map((plane, p) => {
    const scale = plane.log.map((log) => (log ? Math.log10 : (value) => value));
    const view = plane.view.map((side, i) => side.map(scale[i]));
    const heat = makeMap(make(board, "div"), { ...plane, view }, `${id}-h${p}`, "group");
    const ring = make(heat.svg, "circle", {
      r: 6, class: "ring", fill: "none", stroke: "#000", tabindex: 0, role: "application",
    });
    heat.svg.classList.add("pick");
    heat.svg.addEventListener("pointerdown", (event) => {
      heat.svg.setPointerCapture(event.pointerId);
      event.preventDefault();
      ring.focus();
      pick(event);
    });
    heat.svg.addEventListener("pointermove", (event) => event.buttons && pick(event));
    ring.addEventListener("keydown", (event) => {
      const move = arrow(event.key);
      if (!move) return;
      event.preventDefault();
      const size = event.shiftKey ? 10 : 1;
      const [x, y] = scene.knobs.map(({ values }, i) => {
        const at = nearest(values, wish["xy"[i]]) + size * move[i];
        return values[Math.min(Math.max(at, 0), values.length - 1)];
      });
      go(x, y);
    });
    function pick(event) {
      const at = new DOMPoint(event.clientX, event.clientY)
        .matrixTransform(heat.svg.getScreenCTM().inverse());
      const [left, top, right, bottom] = plane.frame;
      const shares = [(at.x - left) / (right - left), (bottom - at.y) / (bottom - top)];
      const [x, y] = scene.knobs.map(({ values }, i) => {
        const aim = view[i][0] + shares[i] * (view[i][1] - view[i][0]);
        return values[nearest(values.map(scale[i]), aim)];
      });
      go(x, y);
    }
    return {
      tell(x, y) {
        ring.setAttribute("cx", heat.toX(scale[0](x)));
        ring.setAttribute("cy", heat.toY(scale[1](y)));
        const at = `${names[0]} ${short(x)}, ${names[1]} ${short(y)}`;
        ring.setAttribute("aria-label", `${scene.rules[p].rule} at ${at}; arrow keys move it`);
      },
    };
  });

  const map = makeMap(make(board, "div", { class: "paths" }), scene, id, "img");
  const trails = scene.rules.map((rule, r) => makeTrail(map, rule, `${id}-${r}`));
  const player = makePlayer(el, scene.steps, 90, () => show());
  player.onReset(() => go(scene.first.x, scene.first.y));

  const knobs = make(el, "div", { class: "knobs" });
  const rows = scene.knobs.map(({ name, values }, i) => {
    const set = (value) => (i ? go(wish.x, value) : go(value, wish.y));
    const knob = { label: name, colour: "#8593a0", values, data: { knob: name } };
    return makeKnob(knobs, knob, { slid: set, typed: set, bad: () => show(null) });
  });
  const problem = make(el, "p", { class: "problem", role: "alert" });
  const lines = makeReadout(el, scene.rules.map(({ colour }) => colour));

  function go(x, y) {
    Object.assign(wish, { x, y });
    model.set({ wish: { ...wish }, problem: "" });
    model.save_changes();
    show();
  }

  function show(typing = document.activeElement) {
    const answer = model.get("answer");
    const runs = floats(model.get("runs"));
    const settings = `${names[0]} ${short(answer.wish.x)}, ${names[1]} ${short(answer.wish.y)}`;
    trails.forEach((trail, r) => {
      trail.draw(runs.subarray(r * size, (r + 1) * size), player.at);
      lines[r].textContent = `${scene.rules[r].rule}, ${settings}: ${answer.verdicts[r]}.`;
      lines[r].classList.toggle("lost", /diverg/.test(answer.verdicts[r]));
    });
    for (const heat of heats) heat.tell(wish.x, wish.y);
    rows.forEach((row, i) => row.tell(wish["xy"[i]], typing));
    player.tell(`step ${player.at} of ${scene.steps}`);
    map.svg.setAttribute("aria-label", `Map of the ${scene.name} with the paths of ${settings}`);
    problem.textContent = model.get("problem");
  }

  const restore = () => Object.assign(wish, model.get("answer").wish);
  const leave = follow(model, () => show(), restore, show);
  show();
  return () => {
    player.stop();
    leave();
  };
}

export default { render };
