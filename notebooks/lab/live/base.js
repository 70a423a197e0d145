/* exported SVG, make, copy, same, short, scientific, decimals, fixed, parseNumber, floats, decode, encode, nearest */
// Nodes and numbers of the live pictures. widget.py puts the shared files in front of each picture's own.

const SVG = "http://www.w3.org/2000/svg";

function make(parent, tag, attributes = {}, text = "") {
  const svg = parent.namespaceURI === SVG || tag === "svg";
  const node = svg ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text) node.textContent = text;
  return parent.appendChild(node);
}

const copy = (value) => JSON.parse(JSON.stringify(value));

// Whether two values hold the same; a saved notebook brings its keys back in another order.
function same(a, b) {
  if (a === b || typeof a !== "object" || typeof b !== "object" || !a || !b) return a === b;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => same(a[key], b[key]));
}

// Ways to write a number: a setting; a value of f as Python writes it, with two digits of the
// exponent; with so many decimals, but no −0; a coordinate. From a million on, where nobody counts
// digits, and most of them would be those of a rounding error, all of them have an exponent.
const LARGE = 1e6;
const short = (value) => {
  if (typeof value !== "number") return String(value);
  const rounded = +value.toPrecision(4);
  return Math.abs(rounded) < LARGE ? String(rounded) : rounded.toExponential();
};
const scientific = (value) => value.toExponential(3).replace(/e([+-])(\d)$/, "e$10$2");
const decimals = (value, digits) => {
  const text = Math.abs(value) < LARGE ? value.toFixed(digits) : scientific(value);
  return +text ? text : text.replace("-", "");
};
const fixed = (value) => decimals(value, 3);

// The number that a reader typed, with a decimal point or comma, or the sentence that refuses it.
function parseNumber(text) {
  const typed = text.trim().replace("−", "-");
  if (!typed) return { refused: "Type a number, such as 0.3." };
  if (!/^[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?$/i.test(typed)) {
    return { refused: `“${typed}” is not a number: type one such as 0.3 or 1e-3.` };
  }
  const value = Number(typed.replace(",", "."));
  return isFinite(value) ? { value } : { refused: `${typed} is larger than any number here.` };
}

// The float32 numbers in bytes that the kernel sent, and in a text of them in base 64.
const floats = (bytes) =>
  new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
const decode = (text) => floats(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)));

// Any bytes as a text in base 64.
function encode({ buffer, byteOffset, byteLength }) {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  let text = "";
  for (let k = 0; k < bytes.length; k += 1 << 15) {
    text += String.fromCharCode(...bytes.subarray(k, k + (1 << 15)));
  }
  return btoa(text);
}

function nearest(values, value) {
  let best = 0;
  values.forEach((v, i) => {
    if (Math.abs(v - value) < Math.abs(values[best] - value)) best = i;
  });
  return best;
}
