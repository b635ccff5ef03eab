"use strict";
const told = JSON.parse(document.getElementById("data").textContent);
const map = document.getElementById("map");
const tip = document.getElementById("tip");
const search = document.getElementById("search");
const found = document.getElementById("found");
const whole = map.getAttribute("viewBox").split(" ").map(Number);
const drawn = new Map();
for (const element of map.querySelectorAll("[data-id]")) {
  const id = element.dataset.id;
  if (!drawn.has(id)) drawn.set(id, []);
  drawn.get(id).push(element);
}
let view = whole.slice();

function show() {
  map.setAttribute("viewBox", view.join(" "));
}

// Pixels of the screen as units of the drawing, whatever space is left around it.
function point(event) {
  const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(map.getScreenCTM().inverse());
  return [at.x, at.y];
}

function zoom(factor, x, y) {
  const wide = Math.min(Math.max(view[2] * factor, whole[2] / 80), whole[2] * 2);
  const real = wide / view[2];
  view = [x - (x - view[0]) * real, y - (y - view[1]) * real, wide, view[3] * real];
  show();
}

map.addEventListener("wheel", (event) => {
  event.preventDefault();
  zoom(event.deltaY > 0 ? 1.2 : 1 / 1.2, ...point(event));
}, { passive: false });

let grabbed = null;
map.addEventListener("pointerdown", (event) => {
  grabbed = point(event);
  map.setPointerCapture(event.pointerId);
  map.classList.add("moving");
});
map.addEventListener("pointerup", () => {
  grabbed = null;
  map.classList.remove("moving");
});
map.addEventListener("pointermove", (event) => {
  if (grabbed) {
    const [x, y] = point(event);
    view[0] += grabbed[0] - x;
    view[1] += grabbed[1] - y;
    show();
  }
  const element = document.elementFromPoint(event.clientX, event.clientY);
  describe(element && element.dataset ? element.dataset.id : undefined, event.clientX, event.clientY);
});
map.addEventListener("pointerleave", () => { tip.hidden = true; });

// Everything is set as text: ids and types are anybody's.
function describe(id, x, y) {
  if (id === undefined || !Object.hasOwn(told, id)) {
    tip.hidden = true;
    return;
  }
  tip.replaceChildren();
  for (const [name, words] of told[id]) {
    const line = document.createElement(name === "id" ? "b" : "div");
    if (name !== "id") {
      const label = document.createElement("i");
      label.textContent = name + ": ";
      line.append(label);
    }
    line.append(words);
    tip.append(line);
  }
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  tip.style.left = Math.max(4, Math.min(x + 14, innerWidth - box.width - 8)) + "px";
  tip.style.top = Math.max(4, y + 16 + box.height > innerHeight ? y - box.height - 10 : y + 16) + "px";
}

function look(id) {
  const elements = drawn.get(id);
  if (!elements) return;
  const box = elements[0].getBBox();
  const wide = Math.max(whole[2] / 5, box.width * 3);
  view = [box.x + box.width / 2 - wide / 2, box.y + box.height / 2 - wide * whole[3] / whole[2] / 2,
          wide, wide * whole[3] / whole[2]];
  show();
}

function entry(id) {
  const line = document.createElement("li");
  line.tabIndex = 0;
  line.textContent = id;
  const small = document.createElement("small");
  small.textContent = told[id].slice(1, 3).map(([, words]) => words).join(" ") + (drawn.has(id) ? "" : " (not drawn)");
  line.append(small);
  line.addEventListener("click", () => look(id));
  line.addEventListener("keydown", (event) => { if (event.key === "Enter") look(id); });
  return line;
}

search.addEventListener("input", () => {
  const wanted = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  for (const element of map.querySelectorAll(".hit")) element.classList.remove("hit");
  const hits = wanted.length === 0 ? [] : Object.keys(told).filter((id) => {
    const text = told[id].filter(([name]) => name !== "contains" && name !== "links")
      .map(([name, words]) => name + " " + words).join(" ").toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
  for (const id of hits) for (const element of drawn.get(id) || []) element.classList.add("hit");
  map.classList.toggle("searching", hits.length > 0);
  found.replaceChildren(...hits.slice(0, 200).map(entry));
  document.getElementById("count").textContent = wanted.length === 0 ? ""
    : hits.length + " found" + (hits.length > 200 ? ", the first 200 listed" : "");
});

document.getElementById("reset").addEventListener("click", () => {
  view = whole.slice();
  show();
});
