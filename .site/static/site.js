/* exported downhill */
// What the pages do by themselves: live pictures without a kernel, and films that can be stopped.

const downhill = { pictures: {}, kinds: {} }; // what the files in live/ hand over, by name

(() => {
  const made = {}; // {kind: {initialize, render}}
  const loading = {}; // {file: promise}

  // Load a script of this site. As a script, since a page that was opened from a folder may not fetch.
  function load(file) {
    loading[file] ??= new Promise((done, failed) => {
      const script = document.createElement("script");
      Object.assign(script, { src: file, onload: done, onerror: () => failed(new Error(`${file} is missing`)) });
      document.head.append(script);
    });
    return loading[file];
  }

  function bytes(text) {
    return new DataView(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
  }

  // A widget's model as anywidget hands it to render(), but without a kernel: a picture that has no
  // program, and is asked for more than it was given, says so.
  function makeModel({ state, bytes: stored }) {
    const values = { ...state };
    for (const [key, text] of Object.entries(stored)) values[key] = bytes(text);
    const acts = {};
    return {
      get: (key) => values[key],
      set(key, value) {
        if (typeof key === "string") {
          values[key] = value;
          for (const act of [...(acts[`change:${key}`] ?? [])]) act();
        }
        return { comm_live: false };
      },
      save_changes() {},
      send() {},
      on: (what, act) => (acts[what] ??= new Set()).add(act),
      off: (what, act) => acts[what]?.delete(act),
      widget_manager: {},
    };
  }

  async function enliven(place) {
    const { picture, top } = place.dataset;
    await load(`${top}live/${picture}.js`);
    const stored = downhill.pictures[picture];
    const { scene, request } = stored.state;
    await load(`${top}live/${stored.kind}.js`);
    const { initialize, render } = (made[stored.kind] ??= downhill.kinds[stored.kind]());
    const model = makeModel(stored);
    const el = document.createElement("div");
    initialize?.({ model });
    place.append(el);
    render({ model, el });
    place.classList.add("lives");
    const doors = document.querySelector(".doors");
    if (request && !scene.program && doors) place.append(doors.cloneNode(true));
  }

  // A picture is loaded when a reader comes near it.
  const near = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      enliven(target).catch((problem) => console.error(problem));
    }
  }, { rootMargin: "800px" });

  // A film can be stopped, and waits where motion is unwelcome. What stands then is its default
  // picture, the finished one.
  function makeFilm(image) {
    const still = document.createElement("canvas");
    const button = document.createElement("button");
    const frame = document.createElement("span");
    frame.className = "film-frame";
    Object.assign(button, { type: "button", className: "film-button" });
    still.className = "film-still";
    still.setAttribute("role", "img");
    still.setAttribute("aria-label", image.alt);
    const show = (moves) => {
      image.hidden = !moves;
      still.hidden = moves;
      button.textContent = moves ? "Stop" : "Play";
      button.setAttribute("aria-label", moves ? "Stop the film" : "Play the film");
    };
    const stop = () => {
      [still.width, still.height] = [image.naturalWidth, image.naturalHeight];
      still.style.width = `${image.clientWidth || image.width}px`;
      still.getContext("2d").drawImage(image, 0, 0);
      show(false);
    };
    button.addEventListener("click", () => (image.hidden ? show(true) : stop()));
    image.replaceWith(frame);
    frame.append(image, still, button);
    show(true);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      if (image.complete) stop();
      else image.addEventListener("load", stop, { once: true });
    }
  }

  // A table that is wider than its page can be scrolled by keys.
  for (const table of document.querySelectorAll(".pst-scrollable-table-container")) {
    for (const [name, value] of [["tabindex", 0], ["role", "region"], ["aria-label", "Table"]]) table.setAttribute(name, value);
  }
  document.querySelectorAll(".live-picture").forEach((place) => near.observe(place));
  document.querySelectorAll("img.film, .bd-article img[src*='_images/']").forEach(makeFilm);
})();
