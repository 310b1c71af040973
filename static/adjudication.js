/* Keys for leaders who settle responses: digits score the current trait, arrows change it. The page works without. */
const traits = [...document.querySelectorAll(".desk-rubric .trait")];
const response = document.querySelector("#response");
let current = Math.max(0, traits.findIndex((trait) => !trait.querySelector("input:checked")));
let zoom = 0;

function keysAreOn() {
  try { return localStorage.getItem("keys-off") !== "true"; } catch { return true; }
}

function show(index, focus = false) {
  current = Math.max(0, Math.min(traits.length - 1, index));
  traits.forEach((trait, at) => {
    trait.classList.toggle("is-current", at === current);
    trait.classList.toggle("is-folded", at !== current);
  });
  if (focus) (traits[current].querySelector("input:checked") ?? traits[current].querySelector("input")).focus();
}

function give(value) {
  const point = traits[current].querySelector(`input[type=radio][value="${value}"]`);
  if (!point) return;
  point.checked = true;
  show(current + 1, true);
}

function zoomTo(level) {
  response.classList.remove(`zoom-${zoom}`);
  zoom = Math.max(0, Math.min(3, level));
  if (zoom) response.classList.add(`zoom-${zoom}`);
}

const deeds = {
  ArrowUp: () => show(current - 1, true), ArrowDown: () => show(current + 1, true),
  "+": () => zoomTo(zoom + 1), "=": () => zoomTo(zoom + 1), "-": () => zoomTo(zoom - 1), z: () => zoomTo(0),
};

document.addEventListener("keydown", (event) => {
  const types = event.target.closest("textarea, select, input:not([type=radio])");
  if (types || event.ctrlKey || event.altKey || event.metaKey || !keysAreOn()) return;
  const inPane = event.target === response && event.key.startsWith("Arrow"); // there the arrows scroll
  const deed = /^\d$/.test(event.key) ? () => give(event.key) : inPane ? null : deeds[event.key];
  if (!deed) return;
  event.preventDefault();
  deed();
});

/* With a mouse a trait unfolds at the click: at once, it would move the number away from under the pointer. */
let isPointing = false;
document.addEventListener("pointerdown", () => { isPointing = true; });
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => setTimeout(() => { isPointing = false; }));
document.addEventListener("focusin", (event) => {
  const index = traits.findIndex((trait) => trait.contains(event.target));
  if (isPointing || index < 0 || index === current) return;
  show(index);
  event.target.scrollIntoView({ block: "nearest" }); // folding the others has moved it
});

document.addEventListener("click", (event) => {
  const index = traits.findIndex((trait) => trait === event.target.closest(".trait.is-folded"));
  if (index >= 0) show(index);
});

if (traits.length && !document.querySelector(".trait.has-error")) show(current);
