// Marking evidence works without this, by quoting words or typing numbers. Here: select words, or click two corners.
const work = document.querySelector("[data-mark-work]");
const form = document.querySelector("[data-mark-form]");
const status = document.querySelector("[data-mark-status]");
const text = work?.querySelector(".work-text");

// Words: what is selected goes into the form, with the place where it begins in characters of the work.

function workNodes(range) {
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT, (node) =>
    (node.parentElement.closest("[data-not-work]") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT));
  const found = [];
  let at = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const first = node === range.startContainer ? range.startOffset : 0;
    const last = node === range.endContainer ? range.endOffset : node.data.length;
    if (range.intersectsNode(node) && first < last) found.push({ words: node.data.slice(first, last), at: at + [...node.data.slice(0, first)].length });
    at += [...node.data].length;
  }
  return found;
}

let taken = "";

function takeSelection() {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return;
  const range = selection.getRangeAt(0);
  if (!text.contains(range.commonAncestorContainer)) return;
  const parts = workNodes(range);
  const quote = parts.map((part) => part.words).join("");
  const chosen = `${parts[0]?.at} ${quote}`;
  if (!quote.trim() || chosen === taken) return; // the browser may tell of one selection twice; typed words stay
  taken = chosen;
  form.elements.quote.value = quote.trim();
  form.elements.near.value = parts[0].at;
  status.textContent = `Chosen: ${quote.trim().split(/\s+/).length} words. Now say what they show.`;
}

let waiting;
if (text && form) {
  document.addEventListener("selectionchange", () => { clearTimeout(waiting); waiting = setTimeout(takeSelection, 150); });
  form.elements.quote.addEventListener("input", () => { form.elements.near.value = ""; });
}

// Regions: two clicks on a page, or one pull, give two corners.

const SVG = "http://www.w3.org/2000/svg";
const NAMES = ["x", "y", "width", "height"];
let corner = null;

function place(event, image) {
  const box = image.getBoundingClientRect();
  const share = (at, low, size) => Math.round(Math.min(1, Math.max(0, (at - low) / size)) * 1000);
  return { x: share(event.clientX, box.left, box.width), y: share(event.clientY, box.top, box.height) };
}

function preview(image, region) {
  document.querySelectorAll(".region-preview").forEach((each) => each.remove());
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("class", "regions region-preview look6");
  drawing.setAttribute("viewBox", "0 0 1000 1000");
  drawing.setAttribute("preserveAspectRatio", "none");
  drawing.setAttribute("aria-hidden", "true");
  const box = document.createElementNS(SVG, "rect");
  NAMES.forEach((name) => box.setAttribute(name, Math.max(region[name], name.length > 1 ? 4 : 0)));
  drawing.append(box);
  image.after(drawing);
}

function between(one, other) {
  const [x, y] = [Math.min(one.x, other.x), Math.min(one.y, other.y)];
  return { x, y, width: Math.abs(one.x - other.x), height: Math.abs(one.y - other.y) };
}

function put(number, image, region) {
  if (form.elements.page) form.elements.page.value = number;
  NAMES.forEach((name) => { form.elements[name].value = region[name]; });
  preview(image, region);
  status.textContent = `Chosen: a region of page ${number}. Now say what it shows.`;
}

function begin(image) {
  const number = Number(image.closest(".work-page").dataset.page);
  image.draggable = false;
  image.classList.add("is-marking");
  image.addEventListener("pointerup", (event) => {
    const here = place(event, image);
    const from = corner?.image === image ? corner : null;
    const region = from && between(from, here);
    if (region?.width > 5 && region?.height > 5) {
      put(number, image, region);
      corner = null;
    } else {
      corner = { image, ...here };
      preview(image, { ...here, width: 0, height: 0 });
      status.textContent = "One corner is set. Click the opposite corner.";
    }
  });
  image.addEventListener("pointerdown", (event) => {
    if (corner?.image !== image && event.pointerType === "mouse") corner = { image, ...place(event, image) };
  });
}

if (form?.elements.width) {
  work.querySelectorAll(".work-page img").forEach(begin);
  document.querySelectorAll("[data-with-script]").forEach((each) => { each.hidden = false; });
}
