/* Discussions: offers names after an @, and notes what was read. The pages work without this file. */

/* After an @ the names that fit stand as buttons under the field. */
for (const form of document.querySelectorAll("[data-post-form]")) {
  const field = form.querySelector("textarea");
  const list = form.querySelector("[data-people]");
  const offers = form.querySelector("[data-offers]");
  if (!field || !list) continue;
  const names = [...list.children].map((item) => item.textContent);
  const asked = () => /(?:^|[^\w@.])@([^\n@]{0,40})$/.exec(field.value.slice(0, field.selectionStart));
  const insert = (name) => {
    const found = asked();
    const end = field.selectionStart;
    field.setRangeText(`${name} `, end - (found ? found[1].length : 0), end, "end");
    offers.hidden = true;
    field.focus();
  };
  const offer = () => {
    const found = asked();
    const typed = found ? found[1].toLowerCase() : null;
    const fitting = typed === null ? [] : names.filter((name) => (
      name.toLowerCase() !== typed.trim() && name.toLowerCase().split(" ").some((_, index, words) => words.slice(index).join(" ").startsWith(typed))
    ));
    offers.replaceChildren(...fitting.slice(0, 6).map((name) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button button-quiet";
      button.textContent = name;
      button.addEventListener("click", () => insert(name));
      return button;
    }));
    offers.hidden = fitting.length === 0;
  };
  field.addEventListener("input", offer);
  field.addEventListener("keydown", (event) => { if (event.key === "Escape") offers.hidden = true; });
}

/* What stands on the page is read: told to the server once, in place of the button. */
for (const form of document.querySelectorAll("form[data-read]")) {
  const body = new FormData(form);
  fetch(form.action, { method: "POST", body, redirect: "manual", credentials: "same-origin" }).then(() => { form.hidden = true; }, () => {});
}
