/* Small comforts shared by all pages. Every page works without this file. */

/* Menus close with Escape, with a click elsewhere, and when the focus moves on. */
for (const menu of document.querySelectorAll("details[data-menu]")) {
  const close = () => { menu.open = false; };
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) {
      close();
      menu.querySelector("summary").focus();
      event.stopPropagation();
    }
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) close();
  });
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) close();
  });
}

/* Appearance changes at once; the form tells the server, which keeps it in a cookie. */
for (const form of document.querySelectorAll("form[data-appearance]")) {
  form.addEventListener("submit", async (event) => {
    const chosen = event.submitter;
    if (!chosen) return;
    event.preventDefault();
    document.documentElement.dataset.theme = chosen.value;
    for (const button of document.querySelectorAll("form[data-appearance] button")) {
      button.setAttribute("aria-pressed", String(button.value === chosen.value));
    }
    const body = new FormData(form);
    body.set("theme", chosen.value);
    try {
      await fetch(form.action, { method: "POST", body, redirect: "manual", credentials: "same-origin" });
    } catch {
      /* The page already looks as asked; the choice is kept with the next try. */
    }
  });
}

/* What a shared computer remembers of the work ends with the session. Scores that have not reached the server yet
   (keys that begin with "unsent:") stop the first try, so that signing out never loses one unnoticed. */
for (const form of document.querySelectorAll("form[data-sign-out]")) {
  let warned = false;
  form.addEventListener("submit", (event) => {
    try {
      const unsent = Object.keys(localStorage).filter((key) => key.startsWith("unsent:")).length;
      if (unsent && !warned) {
        event.preventDefault();
        warned = true;
        const words = document.createElement("p");
        words.className = "field-error";
        words.setAttribute("role", "alert");
        words.textContent = `Scores not sent yet: ${unsent}. Open My work while you are online to send them. `
          + "If you sign out now, they are lost.";
        form.prepend(words);
        form.querySelector("button").textContent = "Sign out and lose them";
        return;
      }
      localStorage.clear();
      sessionStorage.clear();
    } catch {
      /* Storage may be switched off; then nothing was kept. */
    }
  });
}

/* After a form came back with errors, start at the list of them. */
document.querySelector("[data-focus]")?.focus();

/* Long work: ask how far it has come, less often when the answer stays away, and reload at its end. */
for (const job of document.querySelectorAll("[data-job]")) {
  const bar = job.querySelector("progress");
  const text = job.querySelector("[data-job-text]");
  let pause = 1000;
  const ask = async () => {
    try {
      const reply = await fetch(job.dataset.job, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (!reply.ok) throw new Error(String(reply.status));
      const state = await reply.json();
      if (state.over) {
        location.reload();
        return;
      }
      if (state.total) {
        bar.max = state.total;
        bar.value = state.progress;
      }
      const words = state.message || (state.total ? `${state.progress} of ${state.total}` : "");
      if (words && words !== text.textContent) text.textContent = words;
      pause = 1000;
    } catch {
      pause = Math.min(pause * 2, 15000);
    }
    setTimeout(ask, pause);
  };
  setTimeout(ask, pause);
}
