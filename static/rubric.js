// The rubric editor works without this. Here: a warning before typed words are lost.
const form = document.querySelector(".rubric-editor");
let unsaved = form?.dataset.unsaved === "yes";

form?.addEventListener("input", () => { unsaved = true; });
form?.addEventListener("submit", () => { unsaved = false; });
addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
