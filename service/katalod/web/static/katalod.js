// Comfort only: suggestions while one types, and buttons that copy. Every page does all it does without this.
"use strict";

(() => {
  const field = document.querySelector("input[data-suggest]");
  if (field) suggest(field);
  document.querySelectorAll("[data-copy]").forEach(copier);

  function suggest(field) {
    const list = document.createElement("ul");
    const said = document.createElement("p");
    list.id = "suggestions";
    list.className = "suggestions";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", field.dataset.say.replace(/: .*/, ""));
    list.hidden = true;
    said.className = "unseen";
    said.setAttribute("role", "status");
    field.parentElement.append(list, said);
    for (const [name, value] of Object.entries({
      role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list",
    })) field.setAttribute(name, value);
    let timer, asked = 0, chosen = -1;

    const close = () => {
      list.hidden = true;
      chosen = -1;
      field.setAttribute("aria-expanded", "false");
      field.removeAttribute("aria-activedescendant");
    };

    const mark = (place) => {
      const options = [...list.children];
      chosen = options.length ? (place + options.length) % options.length : -1;
      options.forEach((option, n) => option.setAttribute("aria-selected", String(n === chosen)));
      if (chosen >= 0) field.setAttribute("aria-activedescendant", options[chosen].id);
    };

    const show = (rows) => {
      list.replaceChildren(...rows.map((row, n) => {
        const option = document.createElement("li");
        const kind = document.createElement("small");
        option.id = `suggestion-${n}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        kind.textContent = ` ${row.named}`;
        option.append(row.label, kind);
        option.dataset.href = row.href;
        option.addEventListener("mousedown", (event) => { event.preventDefault(); location.assign(row.href); });
        return option;
      }));
      chosen = -1;
      list.hidden = !rows.length;
      field.setAttribute("aria-expanded", String(rows.length > 0));
      said.textContent = field.dataset.say.replace("{count}", rows.length);
    };

    const ask = async () => {
      const number = ++asked, text = field.value.trim();
      if (text.length < 2) return close();
      const address = new URL(field.dataset.suggest, location.href);
      address.searchParams.set("q", text);
      try {
        const answer = await fetch(address);
        const rows = answer.ok ? (await answer.json()).suggestions : [];
        if (number === asked && document.activeElement === field) show(rows);
      } catch { close(); }
    };

    field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 120); });
    field.addEventListener("blur", close);
    field.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !list.hidden) { event.preventDefault(); close(); }
      if (list.hidden) return;
      if (event.key === "ArrowDown") { event.preventDefault(); mark(chosen + 1); }
      if (event.key === "ArrowUp") { event.preventDefault(); mark(chosen < 0 ? -1 : chosen - 1); }
      if (event.key === "Enter" && chosen >= 0) { event.preventDefault(); location.assign(list.children[chosen].dataset.href); }
    });
  }

  function copier(element) {
    if (!navigator.clipboard) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = element.dataset.copy;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(element.dataset.iri || element.textContent.trim());
      button.textContent = element.dataset.copied;
      setTimeout(() => { button.textContent = element.dataset.copy; }, 2000);
    });
    element.after(" ", button);
  }
})();
