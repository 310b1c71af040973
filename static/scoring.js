/* The scoring screen: single keys, reading ahead, undo, drafts, and an outbox that survives bad wifi and closed tabs.
   The page works without this file; here it only becomes quick. Storage holds ids and scores, never words. */

const form = document.querySelector("form.desk");
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const token = form.elements.csrf_token.value;
const response = $("#response");
const rubric = $("#rubric");
const AHEAD = 2;
const WARN_SECONDS = 120;

let cards = [prepared(JSON.parse(form.dataset.card))]; // what is on the screen, then what was fetched ahead
let last = null; // what was sent last: its card, sheet and key
let done = Number(form.dataset.done);
let total = Number(form.dataset.total);
let current = 0; // which trait is open
let showAll = false;
let zoom = 0;
let sending = false;
let fetching = false;
let exhausted = false;
let failures = 0;
let hasSaved = false;
let changed = false;
let shownAt = Date.now();
const rubrics = new Map([[cards[0].rubric, null]]);
let shownRubric = cards[0].rubric;

/* Storage */

const store = {
  get(key) { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } },
  set(key, value) { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* full or switched off */ } },
  drop(key) { try { localStorage.removeItem(key); } catch { /* switched off */ } },
  keys(prefix) { try { return Object.keys(localStorage).filter((key) => key.startsWith(prefix)); } catch { return []; } },
};
const outbox = store.keys("unsent:").map((key) => store.get(key)).filter(Boolean).sort((a, b) => a.at - b.at);
const before = new Set(outbox); // scored before this page was opened

function prepared(card) {
  return { ...card, until: Date.now() + card.seconds * 1000 };
}

/* Talking to the server */

class Refused extends Error {
  constructor(status, error) {
    super(error.message);
    Object.assign(this, { status, code: error.code, fields: error.fields || {} });
  }
}

async function ask(address, body, headers = {}, options = {}) {
  const isForm = body instanceof FormData;
  const reply = await fetch(address, {
    method: "POST",
    credentials: "same-origin",
    body: isForm ? body : JSON.stringify(body),
    headers: { Accept: "application/json", "X-CSRFToken": token, ...(isForm ? {} : { "Content-Type": "application/json" }), ...headers },
    ...options,
  });
  if (reply.status === 204) return null;
  if (reply.redirected || !(reply.headers.get("Content-Type") || "").includes("json")) {
    throw new Refused(401, { code: "signed_out", message: "You are signed out." });
  }
  const answer = await reply.json();
  if (!reply.ok) throw new Refused(reply.status, answer.error || { message: "" });
  return answer;
}

/* What is chosen on the screen */

function traits() { return $$(".trait", rubric); }
function radios(trait) { return $$(".points input[type=radio]", trait); }
function chosen(trait) { return radios(trait).find((each) => each.checked); }

function sheet() {
  const scores = {};
  const comments = {};
  for (const trait of traits()) {
    const radio = chosen(trait);
    if (radio) scores[trait.dataset.trait] = Number(radio.value);
    const words = $$("textarea", trait).map((each) => each.value);
    if (words.some(Boolean)) comments[trait.dataset.trait] = words;
  }
  return { scores, comments, condition_code: $("[name=condition_code]:checked", rubric)?.value || "", note: $("#note").value };
}

function fill({ scores = {}, comments = {}, condition_code = "", note = "" }) {
  for (const trait of traits()) {
    const given = scores[trait.dataset.trait];
    for (const radio of radios(trait)) radio.checked = given !== undefined && Number(radio.value) === given;
    $$("textarea", trait).forEach((each, side) => { each.value = comments[trait.dataset.trait]?.[side] || ""; });
    clearError(trait);
  }
  for (const radio of $$("[name=condition_code]", rubric)) radio.checked = radio.value === condition_code;
  $("#note").value = note;
  $("#words").value = "";
  for (const details of $$(".desk-more > details", rubric)) details.open = false;
  $("#more-code").open = Boolean(condition_code);
  $("#more-note").open = Boolean(note);
  $(".error-summary", rubric)?.remove();
  const open = traits().findIndex((trait) => !chosen(trait));
  showTrait(open === -1 ? 0 : open);
}

/* One trait is open, the others are a row of numbers */

function showTrait(index) {
  const all = traits();
  current = Math.max(0, Math.min(all.length - 1, index));
  all.forEach((trait, at) => {
    trait.classList.toggle("is-current", at === current);
    trait.classList.toggle("is-folded", !showAll && at !== current);
  });
  const trait = all[current];
  const top = trait.offsetTop - rubric.offsetTop;
  if (top < rubric.scrollTop || top + trait.offsetHeight > rubric.scrollTop + rubric.clientHeight) rubric.scrollTop = top - 8;
}

function clearError(trait) {
  trait.classList.remove("has-error");
  trait.removeAttribute("aria-describedby");
  $(".field-error", trait)?.remove();
}

function blame(trait, words) {
  clearError(trait);
  const error = document.createElement("p");
  error.className = "field-error";
  error.id = `${trait.id}-error`;
  error.setAttribute("role", "alert");
  error.textContent = words;
  trait.classList.add("has-error");
  trait.setAttribute("aria-describedby", error.id);
  $("legend", trait).after(error);
}

let digits = "";
let digitTimer = 0;

function scoreByKey(digit) {
  const trait = traits()[current];
  clearTimeout(digitTimer);
  const find = (value) => radios(trait).find((each) => each.value === value);
  const radio = find(digits + digit) || find(digit);
  digits = radio ? radio.value : "";
  if (!radio) return;
  radio.checked = true;
  touched();
  clearError(trait);
  const mayGrow = radios(trait).some((each) => each.value !== digits && each.value.startsWith(digits));
  const goOn = () => {
    digits = "";
    const inRubric = rubric.contains(document.activeElement);
    const next = traits().findIndex((each, at) => at > current && !chosen(each));
    const open = next === -1 ? traits().findIndex((each) => !chosen(each)) : next;
    if (open !== -1) showTrait(open);
    if (getComputedStyle(rubric).overflowY === "visible") traits()[current].scrollIntoView({ block: "nearest" }); // one column
    if (inRubric) (chosen(traits()[current]) || radios(traits()[current])[0]).focus({ preventScroll: true });
    say(`${$("legend", trait).firstChild.textContent.trim()} ${radio.value}`);
  };
  if (mayGrow) digitTimer = setTimeout(goOn, 700);
  else goOn();
}

/* Showing a response */

async function show(sheetToFill) {
  const card = cards[0];
  const wasInRubric = rubric.contains(document.activeElement);
  if (card.rubric !== shownRubric) await showRubric(card);
  form.action = card.address;
  form.elements.assignment.value = card.id;
  form.elements.event.value = card.event;
  form.elements.key.value = crypto.randomUUID();
  for (const [send, path] of [["concern", "concern"], ["known", "known"]]) {
    for (const button of $$(`[data-send=${send}]`)) button.formAction = `${card.address}/${path}`;
  }
  history.replaceState(null, "", card.address); // reloading shows this response
  document.title = `Score ${card.response.code} - Rangefinder`;
  $("[data-code]").textContent = card.response.code;
  $("[data-task]").textContent = card.task;
  $("[data-anchor-link]").href = `${form.dataset.anchors}${card.event_id}/${card.task_id}`;
  $("[data-work]").replaceChildren(work(card));
  closeAnchors();
  response.scrollTop = 0;
  rubric.scrollTop = 0;
  if (innerWidth < 960) scrollTo(0, 0);
  fill(sheetToFill || draftOf(card));
  showPosition();
  shownAt = Date.now();
  changed = false;
  if (wasInRubric) radios(traits()[current])[0].focus({ preventScroll: true });
  say(`Response ${card.response.code}`);
  if (card.until - Date.now() < card.seconds * 1000 - 60000) extend();
}

function draftOf(card) {
  const kept = store.get(`draft:${card.id}`);
  return kept ? { ...card.draft, ...kept } : card.draft;
}

function work(card) {
  const article = document.createElement("article");
  article.className = "student-work";
  article.setAttribute("aria-label", "Student work");
  if (card.response.text) {
    const text = document.createElement("div");
    text.className = "work-text";
    text.textContent = card.response.text;
    article.append(text);
  }
  card.response.pages.forEach((page, index) => {
    const figure = document.createElement("figure");
    figure.className = "work-page";
    figure.id = `page-${index + 1}`;
    const image = document.createElement("img");
    [image.width, image.height] = card.sizes[index];
    Object.assign(image, { alt: page.alt, decoding: "async", src: page.url });
    figure.append(image);
    if (card.response.pages.length > 1) {
      const caption = document.createElement("figcaption");
      caption.textContent = page.alt;
      figure.append(caption);
    }
    article.append(figure);
  });
  return article;
}

async function showRubric(card) {
  rubric.replaceChildren();
  for (let tries = 0; !rubrics.get(card.rubric); tries += 1) {
    await fetchRubric(card);
    if (!rubrics.get(card.rubric)) await new Promise((go) => { setTimeout(go, Math.min(8000, 500 * 2 ** tries)); });
  }
  rubric.innerHTML = rubrics.get(card.rubric);
  shownRubric = card.rubric;
}

async function fetchRubric(card) {
  try {
    const reply = await fetch(`${card.address}/rubric`, { credentials: "same-origin" });
    if (reply.ok && !reply.redirected) rubrics.set(card.rubric, (await reply.json()).html);
  } catch { /* asked again when it is needed */ }
}

/* Page position and zoom */

function pages() { return $$(".work-page", response); }

function pageNow() {
  const middle = response.getBoundingClientRect().top + Math.min(response.clientHeight, innerHeight) / 2;
  return Math.max(0, pages().findLastIndex((page) => page.getBoundingClientRect().top < middle));
}

function showPosition() {
  const position = $("[data-position]");
  position.hidden = pages().length < 2;
  const words = `Page ${pageNow() + 1} of ${pages().length}`;
  if (position.textContent !== words) position.textContent = words;
}

function goToPage(step) {
  const page = pages()[pageNow() + step];
  page?.scrollIntoView({ block: "start" });
  showPosition();
}

function zoomTo(level) {
  response.classList.remove(`zoom-${zoom}`);
  zoom = Math.max(0, Math.min(3, level));
  if (zoom) response.classList.add(`zoom-${zoom}`);
}

/* Saving */

function save() {
  const card = cards[0];
  if (!card || form.inert) return;
  const filled = sheet();
  if (!filled.condition_code) {
    const missing = traits().filter((trait) => !chosen(trait));
    if (missing.length) {
      for (const trait of missing) blame(trait, `Choose a score for ${$("legend", trait).firstChild.textContent.trim()}.`);
      showTrait(traits().indexOf(missing[0]));
      return;
    }
  }
  const body = { ...filled, next: true, seconds: Math.round((Date.now() - shownAt) / 1000) };
  if (filled.condition_code) Object.assign(body, { scores: {}, comments: {} });
  const item = { key: form.elements.key.value, id: card.id, code: card.response.code, address: card.address, at: Date.now(), body };
  outbox.push(item);
  const { note, comments, ...plain } = body;
  store.set(`unsent:${item.key}`, { ...item, body: plain });
  store.drop(`draft:${card.id}`);
  last = { card, sheet: filled, key: item.key };
  done += 1;
  cards.shift();
  advance();
  flush();
}

function advance() {
  showProgress();
  if (cards.length) {
    form.inert = false;
    show();
  } else {
    form.inert = true;
  }
  showState();
}

function showProgress() {
  total = Math.max(total, done);
  $("[data-progress]").textContent = `${done} of ${total}`;
}

async function flush() {
  if (sending || !outbox.length) return;
  sending = true;
  const item = outbox[0];
  showState();
  let pause = 0;
  try {
    const having = [...cards.map((card) => card.id), ...outbox.map((each) => each.id)];
    const answer = await ask(item.address, { ...item.body, having }, { "Idempotency-Key": item.key });
    sent(item);
    add(answer.next);
  } catch (error) {
    pause = handle(error, item);
  }
  sending = false;
  showState();
  if (outbox.length) setTimeout(flush, pause);
  else if (!cards.length) await leaveIfEmpty();
  else readAhead();
}

function sent(item) {
  failures = 0;
  hasSaved = true;
  if (before.has(item)) {
    done += 1;
    showProgress();
  }
  outbox.splice(outbox.indexOf(item), 1);
  store.drop(`unsent:${item.key}`);
}

/* Decide what a failed sending means; returns how long to wait before the next try. */
function handle(error, item) {
  if (!(error instanceof Refused) || error.status >= 500 || error.status === 429) {
    failures += 1;
    return Math.min(8000, 500 * 2 ** failures);
  }
  if (error.status === 401 || error.code === "stale_page") {
    failures += 1;
    notice(`signed-out`, "You are signed out. Sign in again in another tab, then reload this page: the scores that wait are kept on this device.");
    return 8000;
  }
  sent(item);
  if (error.status === 409 && error.code === "conflict") return 0; // this key arrived before, with the words that storage does not keep
  done -= 1;
  showProgress();
  const given = Object.entries(item.body.scores).map(([trait, score]) => `${trait} ${score}`).join(", ") || item.body.condition_code;
  notice(item.key, `Response ${item.code}: ${error.message} You had given: ${given}.`);
  return 0;
}

function add(card) {
  if (!card || cards.some((each) => each.id === card.id) || outbox.some((each) => each.id === card.id)) return;
  cards.push(prepared(card));
  for (const page of card.response.pages) new Image().src = page.url;
  if (!rubrics.get(card.rubric) && card.rubric !== shownRubric) fetchRubric(card);
  if (cards.length === 1) advance();
}

async function readAhead() {
  if (fetching || exhausted || !cards.length || cards.length > AHEAD) return;
  fetching = true;
  try {
    const having = [...cards.map((card) => card.id), ...outbox.map((each) => each.id)];
    const card = await ask(form.dataset.ahead, { event: cards[0].event, having });
    exhausted = !card;
    add(card);
  } catch { exhausted = true; /* the next save asks again */ }
  fetching = false;
  if (!exhausted) readAhead();
}

async function leaveIfEmpty() {
  if (cards.length || outbox.length) return;
  location.assign(`/reads/next?event=${encodeURIComponent(form.elements.event.value)}`);
}

function showState() {
  const state = $("[data-save-state]");
  const waiting = outbox.length;
  let [name, words] = ["saved", hasSaved ? "Saved" : ""];
  if (waiting && (failures || !navigator.onLine)) {
    [name, words] = navigator.onLine && failures < 3
      ? ["waiting", `${waiting} waiting to send`]
      : ["offline", `Offline - scores stay on this device (${waiting} waiting)`];
  } else if (waiting > 1) [name, words] = ["waiting", `${waiting} waiting to send`];
  else if (waiting) [name, words] = ["waiting", "Saving"];
  else if (!navigator.onLine) [name, words] = ["offline", "Offline - scores stay on this device"];
  state.dataset.state = words ? name : "";
  if (state.textContent !== words) state.textContent = words;
}

function notice(key, words) {
  if ($(`[data-notice="${key}"]`)) return;
  const box = document.createElement("div");
  box.className = "flash flash-error";
  box.dataset.notice = key;
  const text = document.createElement("p");
  text.textContent = words;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button button-quiet";
  close.textContent = "Close";
  close.addEventListener("click", () => box.remove());
  box.append(text, close);
  $("[data-notices]").append(box);
}

function say(words) { $("[data-said]").textContent = words; }

/* Undo */

async function undo() {
  const typed = cards.length ? sheet() : null;
  if (typed && changed) keepDraft();
  const waiting = last && outbox.find((item) => item.key === last.key);
  if (waiting && !(sending && outbox[0] === waiting)) {
    outbox.splice(outbox.indexOf(waiting), 1);
    store.drop(`unsent:${waiting.key}`);
    back(last.card, last.sheet);
    return;
  }
  for (let tries = 0; sending && tries < 50; tries += 1) await new Promise((go) => { setTimeout(go, 60); });
  try {
    const card = prepared(await ask(form.dataset.undo, { event: form.elements.event.value }));
    back(card, card.draft);
  } catch (error) {
    notice(`undo-${Date.now()}`, error instanceof Refused ? error.message : "Undo needs a connection. Try again when you are online.");
  }
}

function back(card, filled) {
  cards = [card, ...cards.filter((each) => each.id !== card.id)];
  last = null;
  done -= 1;
  form.inert = false;
  showProgress();
  showState();
  show(filled);
}

/* Drafts: on this device at once, on the server a moment later */

let draftTimer = 0;

function touched() {
  changed = true;
  const { scores, condition_code } = sheet();
  if (cards[0]) store.set(`draft:${cards[0].id}`, { scores, condition_code });
  clearTimeout(draftTimer);
  draftTimer = setTimeout(keepDraft, 1500);
}

async function keepDraft() {
  clearTimeout(draftTimer);
  const card = cards[0];
  if (!card || !changed) return;
  changed = false;
  try {
    const { seconds } = await ask(`${card.address}/draft`, sheet());
    card.until = Date.now() + seconds * 1000;
    $("[data-lease]").hidden = true;
  } catch { /* it is on this device; the next change tries again */ }
}

/* The lease */

async function extend() {
  const card = cards[0];
  try {
    const { seconds } = await ask(`${card.address}/renew`, {});
    card.until = Date.now() + seconds * 1000;
    $("[data-lease]").hidden = true;
  } catch (error) {
    if (error instanceof Refused && error.status === 409 && cards[0] === card && !changed) drop(card, error.message);
  }
}

function drop(card, words) {
  notice(`gone-${card.id}`, `Response ${card.response.code}: ${words}`);
  cards = cards.filter((each) => each !== card);
  store.drop(`draft:${card.id}`);
  if (cards.length) advance();
  else leaveIfEmpty();
}

setInterval(() => {
  if (cards[0]) $("[data-lease]").hidden = cards[0].until - Date.now() > WARN_SECONDS * 1000;
}, 1000);

/* Anchors beside the response */

let beforeAnchors = null;

async function openAnchors() {
  beforeAnchors = document.activeElement;
  const trait = traits()[current];
  const score = chosen(trait)?.value || "";
  const pane = $("[data-anchors-pane]");
  const address = `${$("[data-anchor-link]").href}?fragment=1&trait=${encodeURIComponent(trait.dataset.trait)}&score=${score}`;
  try {
    const reply = await fetch(address, { credentials: "same-origin" });
    if (!reply.ok || reply.redirected) throw new Error();
    pane.innerHTML = await reply.text();
  } catch {
    pane.textContent = "The anchor papers could not be fetched. Check the connection and press A again.";
  }
  const close = document.createElement("button");
  Object.assign(close, { type: "button", className: "button button-quiet", textContent: "Close anchors" });
  close.addEventListener("click", closeAnchors);
  pane.prepend(close);
  pane.hidden = false;
  response.classList.add("has-anchors");
  pane.focus();
}

function closeAnchors() {
  const pane = $("[data-anchors-pane]");
  if (pane.hidden) return;
  pane.hidden = true;
  pane.replaceChildren();
  response.classList.remove("has-anchors");
  if (beforeAnchors?.isConnected) beforeAnchors.focus({ preventScroll: true });
}

/* Keys */

const dialog = $("[data-keys-dialog]");
const keysOn = $("#keys-on");
keysOn.checked = store.get("keys-off") !== true;
keysOn.addEventListener("change", () => (keysOn.checked ? store.drop("keys-off") : store.set("keys-off", true)));

function openMore(id, target) {
  const details = $(id);
  details.open = true;
  $(target, details).focus();
  details.scrollIntoView({ block: "nearest" });
}

const KEYS = {
  u: undo,
  c: () => openMore("#more-code", "input:checked, input"),
  f: () => openMore("#more-flag", "textarea"),
  n: () => openMore("#more-note", "textarea"),
  a: () => ($("[data-anchors-pane]").hidden ? openAnchors() : closeAnchors()),
  r: () => { showAll = !showAll; showTrait(current); },
  "+": () => zoomTo(zoom + 1),
  "=": () => zoomTo(zoom + 1),
  "-": () => zoomTo(zoom - 1),
  z: () => zoomTo(0),
  "[": () => goToPage(-1),
  "]": () => goToPage(1),
  "?": () => dialog.showModal(),
  ArrowUp: () => showTrait(current - 1),
  ArrowDown: () => showTrait(current + 1),
};

const SCROLLS = { " ": 0.85, PageDown: 0.85, PageUp: -0.85, Home: -1000, End: 1000 };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || dialog.open || form.inert) return;
  const target = event.target;
  const isText = target.matches("textarea, select, input:not([type=radio], [type=checkbox]), [contenteditable]");
  if (event.key === "Escape") {
    if (!$("[data-anchors-pane]").hidden) closeAnchors();
    else if (target !== document.body) target.blur(); // the keys work again
    return;
  }
  if (isText) return;
  const isControl = target.matches("a, button, summary");
  if (event.key === "Enter") {
    if (isControl || event.repeat) return;
    event.preventDefault();
    save();
    return;
  }
  if (!keysOn.checked) return;
  if (/^[0-9]$/.test(event.key)) {
    event.preventDefault();
    scoreByKey(event.key);
    return;
  }
  if (event.key.startsWith("Arrow") && target.matches("input")) return; // arrows move within radio buttons
  if (SCROLLS[event.key] && (target === document.body || response === target) && response.scrollHeight > response.clientHeight) {
    event.preventDefault();
    response.scrollBy({ top: SCROLLS[event.key] * response.clientHeight * (event.shiftKey ? -1 : 1) });
    return;
  }
  const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});

/* Buttons, and everything else that is clicked or typed */

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const send = event.submitter?.dataset.send;
  if (send === "undo") undo();
  else if (send === "pause") stop(event.submitter.formAction);
  else if (send) report(event.submitter, send);
  else save();
});

async function report(button, send) {
  const card = cards[0];
  const body = new FormData(form, button);
  try {
    const { message } = await ask(button.formAction, body);
    if (send === "known") {
      drop(card, message);
      return;
    }
    $("#words").value = "";
    button.closest("details").open = false;
    notice(`${send}-${Date.now()}`, message);
  } catch (error) {
    notice(`${send}-${Date.now()}`, error instanceof Refused ? error.message : "This needs a connection. Try again when you are online.");
  }
}

async function stop(address) {
  await keepDraft();
  try { await ask(address, { keep: held() }); } catch { /* what was fetched ahead runs out by itself */ }
  location.assign("/reads/");
}

function held() { return [...(cards[0] ? [cards[0].id] : []), ...outbox.map((each) => each.id)]; }

rubric.addEventListener("change", (event) => {
  const trait = event.target.closest(".trait");
  if (trait) clearError(trait);
  touched();
});
rubric.addEventListener("input", (event) => { if (event.target.matches("#note, .trait textarea")) touched(); });
/* A trait unfolds when the focus enters it. With a mouse it waits for the click: unfolding at once would move the number
   away from under the pointer, and the click would choose nothing. */
let isPointing = false;
rubric.addEventListener("pointerdown", () => { isPointing = true; });
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => setTimeout(() => { isPointing = false; }));
rubric.addEventListener("focusin", (event) => {
  const index = traits().indexOf(event.target.closest(".trait"));
  if (isPointing || index === -1 || index === current) return;
  showTrait(index);
  event.target.scrollIntoView({ block: "nearest" }); // folding the others has moved it
});
rubric.addEventListener("click", (event) => {
  const folded = event.target.closest(".trait.is-folded");
  if (folded) showTrait(traits().indexOf(folded));
});
response.addEventListener("scroll", showPosition, { passive: true });
addEventListener("scroll", showPosition, { passive: true });
for (const button of $$("button[data-key]")) button.addEventListener("click", () => KEYS[button.dataset.key]());
$("[data-extend]").addEventListener("click", extend);
$("[data-anchor-link]").addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  openAnchors();
});
addEventListener("online", () => { failures = 0; showState(); flush(); });
addEventListener("offline", showState);
addEventListener("pagehide", () => {
  if (changed && cards[0]) ask(`${cards[0].address}/draft`, sheet(), {}, { keepalive: true }).catch(() => {});
  if (cards.length > 1) ask(form.dataset.pause, { keep: held() }, {}, { keepalive: true }).catch(() => {});
});

/* Start */

for (const each of $$("[data-zoom], [data-help]")) each.hidden = false;
const said = document.createElement("p");
said.className = "visually-hidden";
said.dataset.said = "";
said.setAttribute("aria-live", "polite");
form.after(said);
const kept = store.get(`draft:${cards[0].id}`);
if (outbox.some((item) => item.id === cards[0].id)) { // scored before this page was closed: send it and go on
  cards = [];
  form.inert = true;
} else if (kept) fill({ ...sheet(), ...kept });
else {
  const open = traits().findIndex((trait) => trait.classList.contains("has-error") || !chosen(trait));
  showTrait(open === -1 ? 0 : open);
}
rubrics.set(shownRubric, rubric.innerHTML);
showPosition();
showState();
for (const out of $$("form[data-sign-out]")) {
  out.addEventListener("submit", () => ask(form.dataset.pause, { keep: held() }, {}, { keepalive: true }).catch(() => {}));
}
if (outbox.length) flush();
else readAhead();
