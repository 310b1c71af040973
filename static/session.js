/* The room of a live session: asks every few seconds whether something has changed, and puts in the parts that differ.
   Whatever somebody is typing in stays as it is. The page works without this, by its Refresh button. */
const EVERY = 5000;
const HIDDEN = 20000;
let room = document.querySelector("[data-room]");
const announce = (words) => { const line = room.querySelector("[data-announce]"); if (line) line.textContent = words; };
const clean = (part) => part.innerHTML.replace(/name="csrf_token" value="[^"]*"/g, "");
const parts = (root) => [...root.querySelectorAll("[data-part]")];

/* The timer counts by itself in between: clocks of computers differ, seconds do not. */
let clock = { left: null, paused: true, since: 0 };
function setClock(left, paused) {
  clock = { left, paused, since: performance.now() };
  tick();
}
function readClock() {
  const time = room.querySelector("[data-left]");
  setClock(time ? Number(time.dataset.left) : null, !time || "paused" in time.dataset);
}
function tick() {
  const time = room.querySelector("[data-left]");
  if (!time || clock.left === null) return;
  const left = Math.round(clock.left - (clock.paused ? 0 : (performance.now() - clock.since) / 1000));
  const words = left > 0 ? `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")} left` : "Time is up";
  const text = clock.paused ? `Paused, ${words}` : words;
  if (time.textContent !== text) time.textContent = text;
  time.classList.toggle("is-up", left <= 0);
}

/* Somebody is at work in a part: it was changed, or a field of it has the focus. */
function isBusy(part) {
  const active = document.activeElement;
  return "dirty" in part.dataset || (part.contains(active) && active.matches("input:not([type=hidden]), textarea, select, summary"));
}
function isSame(part, fresh) {
  if (part.dataset.key || fresh.dataset.key) return part.dataset.key === fresh.dataset.key;
  return clean(part) === clean(fresh);
}

function put(fresh) {
  const title = room.querySelector("[data-title]")?.textContent;
  const now = parts(room);
  const next = parts(fresh);
  const sameShape = now.length === next.length && now.every((part, at) => part.dataset.part === next[at].dataset.part);
  const changed = now.filter((part) => {
    const other = next.find((each) => each.dataset.part === part.dataset.part);
    return !other || !isSame(part, other);
  });
  const kept = changed.filter(isBusy);
  if (!sameShape && kept.length === 0) {
    room.replaceWith(fresh);
    room = fresh;
  } else {
    for (const part of changed) {
      const other = next.find((each) => each.dataset.part === part.dataset.part);
      if (other && !kept.includes(part)) part.replaceWith(other);
    }
  }
  readClock();
  showStale(kept.length > 0);
  const words = room.querySelector("[data-title]")?.textContent;
  if (words && words !== title) announce(words);
  return kept.length === 0;
}

function showStale(isStale) {
  const note = room.querySelector(".stale");
  if (note && !isStale) note.remove();
  if (note || !isStale) return;
  const line = document.createElement("p");
  line.className = "stale note";
  line.setAttribute("role", "status");
  line.textContent = "Something new is here. What you are writing stays until you send it, or press Refresh.";
  room.querySelector("[data-part=bar]").append(line);
}

let seen = null;
let stage = null;
let wait = EVERY;
async function ask() {
  try {
    const headers = { Accept: "application/json", ...(seen ? { "If-None-Match": `"${seen}"` } : {}) };
    const reply = await fetch(room.dataset.state, { headers, cache: "no-store", credentials: "same-origin" });
    if (reply.status === 200) {
      const state = await reply.json();
      const counts = room.querySelector("[data-counts]");
      if (counts && state.counts && counts.textContent !== state.counts && String(state.stage) === stage) counts.textContent = state.counts;
      setClock(state.left, state.paused);
      const everybody = room.querySelector("[data-everybody]") !== null;
      if (String(state.stage) !== stage || everybody) {
        if (!await fetchRoom()) { wait = EVERY; return; }
        stage = String(state.stage);
      }
      seen = state.version;
    } else if (reply.status !== 304) throw new Error(String(reply.status));
    wait = document.hidden ? HIDDEN : EVERY;
  } catch {
    wait = Math.min(wait * 2, 30000);
  }
}
async function fetchRoom() {
  const reply = await fetch(room.dataset.fragment, { cache: "no-store", credentials: "same-origin" });
  if (!reply.ok) throw new Error(String(reply.status));
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  const fresh = page.querySelector("[data-room]");
  if (!fresh) throw new Error("no room");
  if (!fresh.dataset.state) { location.assign(room.dataset.fragment.split("?")[0]); return true; }  // this page may be the answer to a form
  return put(document.adoptNode(fresh));
}
async function watch() {
  await ask();
  setTimeout(watch, wait + Math.random() * 500);
}

if (room?.dataset.state) {
  stage = room.dataset.stage;
  seen = room.dataset.version;
  document.addEventListener("input", (event) => {
    const part = event.target.closest("[data-part]");
    if (part) part.dataset.dirty = "";
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
  readClock();
  setInterval(tick, 1000);
  setTimeout(watch, EVERY);
}
