"""The page around slides: how they look on a projector, on paper, and under the keys."""

from html import escape

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
* {{ box-sizing: border-box }}
html {{ font: calc(min(100vw, 177.78vh) / 48) / 1.35 "Source Sans 3", "DejaVu Sans", sans-serif }}
body {{ margin: 0; background: #fff; color: #111 }}
section {{ display: none; width: 100vw; height: 100vh; padding: 1.6rem 2.2rem; overflow: hidden }}
section.now {{ display: block }}
.inside {{ font-size: var(--size, 1rem); width: 100% }}
h1 {{ font-size: 2em; margin: 0 0 .4em }} h2 {{ font-size: 1.45em; margin: 0 0 .6em }}
p, ul, ol {{ margin: .5em 0; max-width: 42em }} li {{ margin: .45em 0 }}
.pair {{ display: grid; grid-template-columns: 62% minmax(0, 1fr); gap: 0 1.2rem;
  align-items: center }}
img {{ display: block; width: 100%; max-height: 74vh; object-fit: contain; object-position: left }}
pre, code {{ font-family: "DejaVu Sans Mono", monospace; font-size: .84em }}
pre {{ line-height: 1.3; background: #f3f3f3; padding: .7em 1em; margin: .5em 0 }}
table {{ border-collapse: collapse; margin: .5em 0 }} th {{ text-align: left }}
th, td {{ padding: .25em 1.2em .25em 0; border-bottom: .04em solid #999 }}
svg {{ fill: currentColor; overflow: visible }}
.formula {{ display: flex; flex-wrap: wrap; gap: .5em 2em; align-items: center; font-size: 1.5em;
  margin: .5em 0; max-width: 100% }}
.boxed {{ border: .07em solid; padding: .4em .7em; width: fit-content }}
.guess {{ font-size: 1.2em }} .measured {{ color: #0b5394; font-weight: bold }}
.later {{ visibility: hidden }} section.open .later {{ visibility: visible }}
.later img {{ max-height: 58vh }}
.number {{ position: fixed; right: 1rem; bottom: .6rem; color: #666; font-size: .6rem }}
@media print {{ @page {{ size: 320mm 180mm; margin: 0 }}
  html {{ font-size: 6.6mm }} section {{ display: block; width: 320mm; height: 180mm;
  break-after: page }} .later {{ visibility: visible }} .number {{ display: none }}
  img {{ max-height: 120mm }} .later img {{ max-height: 95mm }} }}
</style></head><body>
{slides}
<div class="number" aria-hidden="true"></div>
<script>
const all = [...document.querySelectorAll("section")];
let at = Math.max(0, Math.min(all.length, +location.hash.slice(1) || 1) - 1);
function fit(slide) {{  // what is too tall or too wide is set smaller, down to a half
  const inside = slide.firstElementChild, room = slide.clientHeight * 0.93;
  const wide = () => [...inside.querySelectorAll("pre, .formula, table")]
    .some((part) => part.scrollWidth > part.clientWidth + 1);
  for (let size = 1; size >= 0.5; size -= 0.05) {{
    inside.style.setProperty("--size", size + "rem");
    for (const image of inside.querySelectorAll("img"))
      image.style.maxHeight = (image.closest(".later") ? 58 : 74) * size ** 1.5 + "vh";
    if (inside.scrollHeight <= room && !wide()) break;
  }}
}}
function show(k) {{
  at = Math.max(0, Math.min(all.length - 1, k));
  all.forEach((slide, i) => slide.classList.toggle("now", i === at));
  document.querySelector(".number").textContent = `${{at + 1}} / ${{all.length}}`;
  history.replaceState(null, "", "#" + (at + 1));
  fit(all[at]);
}}
function on() {{
  const slide = all[at];
  if (slide.querySelector(".later") && !slide.classList.contains("open"))
    slide.classList.add("open");
  else show(at + 1);
}}
function back() {{
  if (all[at].classList.contains("open")) all[at].classList.remove("open");
  else show(at - 1);
}}
addEventListener("keydown", (event) => {{
  const does = {{ArrowRight: on, " ": on, PageDown: on, Enter: on, ArrowLeft: back, PageUp: back,
    Home: () => show(0), End: () => show(all.length - 1),
    f: () => document.documentElement.requestFullscreen()}}[event.key];
  if (does) {{ event.preventDefault(); does(); }}
}});
addEventListener("click", on);
addEventListener("resize", () => show(at));
Promise.all([...document.images].map((image) => image.decode().catch(() => 0)))
  .then(() => show(at));
show(at);
</script>
</body></html>
"""


def page(title, slides):
    """Return the HTML of a deck: one file, with everything in it."""
    body = "\n".join(f'<section><div class="inside">{slide}</div></section>' for slide in slides)
    return PAGE.format(title=escape(title), slides=body)
