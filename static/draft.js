/* Keeps what was chosen on a long form, some seconds after it was typed. Without it there is a button that does the same. */
const form = document.querySelector("form[data-draft]");
const state = form?.querySelector("[data-save-state]");
let timer;

function say(kind, words) {
  state.dataset.state = kind;
  state.textContent = words;
}

async function keep() {
  try {
    const reply = await fetch(form.dataset.draft, {
      method: "POST", body: new FormData(form), headers: { Accept: "application/json" }, credentials: "same-origin",
    });
    if (!reply.ok) throw new Error(String(reply.status));
    say("saved", "Kept as a draft");
  } catch {
    say("error", "Not kept. It stays on this page.");
  }
}

form?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(keep, 1200);
});
form?.addEventListener("submit", () => clearTimeout(timer));
