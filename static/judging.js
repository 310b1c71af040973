/* Keys for comparing: 1 or left arrow, 2 or right arrow, 0 for a tie, U to take back. The page works without. */
const form = document.querySelector("[data-compare]");
const names = { ArrowLeft: "1", ArrowRight: "2", "=": "0" };

function keysAreOn() {
  try { return localStorage.getItem("keys-off") !== "true"; } catch { return true; }
}

document.addEventListener("keydown", (event) => {
  const elsewhere = event.target.closest("input, textarea, select, details, .menu");
  if (elsewhere || event.ctrlKey || event.altKey || event.metaKey || event.repeat || !keysAreOn()) return;
  const key = names[event.key] ?? event.key.toLowerCase();
  const button = form.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!button) return;
  event.preventDefault();
  form.requestSubmit(button);
});

form.addEventListener("submit", (event) => {
  if (form.dataset.sent) event.preventDefault();  // a second press sends nothing twice
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => { delete form.dataset.sent; });
