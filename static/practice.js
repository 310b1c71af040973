/* After a practice paper, Enter goes on to the next one, unless something else has the focus. The link works without. */
const next = document.querySelector("a[data-next]");
document.addEventListener("keydown", (event) => {
  const isBusy = event.target.closest("a, button, summary, input, textarea, select");
  if (event.key !== "Enter" || isBusy || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  next.click();
});
