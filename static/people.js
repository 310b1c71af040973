/* Copy buttons, and words about a password while it is typed. The pages work without this file. */

for (const button of document.querySelectorAll("[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  const words = button.querySelector("[data-copy-words]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    source.select();
    try {
      await navigator.clipboard.writeText(source.value);
      words.textContent = "Copied";
    } catch {
      words.textContent = document.execCommand("copy") ? "Copied" : "Press Ctrl+C";
    }
    setTimeout(() => { words.textContent = "Copy"; }, 3000);
  });
}

for (const box of document.querySelectorAll("[data-password]")) {
  const input = box.querySelector("input");
  const words = box.querySelector("[data-password-words]");
  const show = box.querySelector("[data-password-show]");
  const shortest = Number(box.dataset.shortest);

  show.hidden = false;
  show.addEventListener("click", () => {
    const visible = input.type === "password";
    input.type = visible ? "text" : "password";
    show.setAttribute("aria-pressed", String(visible));
    input.focus();
  });
  input.form.addEventListener("submit", () => { input.type = "password"; });

  /* Few states, so that a screen reader is not told something at every key. */
  const judge = (text) => {
    if (!text) return "";
    if (text.length < shortest) return `Keep going: ${shortest} characters at least.`;
    if (new Set(text.toLowerCase()).size < 5) return "Long enough, but easy to guess. Use different letters.";
    return text.length < shortest + 6 ? "Good." : "Very good.";
  };
  input.addEventListener("input", () => {
    const verdict = judge(input.value);
    if (words.textContent !== verdict) words.textContent = verdict;
  });
}
