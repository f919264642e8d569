/* The table of the rules: a filter, marks where a draft differs from what was shipped, Ctrl+S. */
(() => {
  "use strict";

  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const filter = document.querySelector("[data-filter]");
  const onlyDiffering = document.querySelector("[data-only-differing]");
  const form = document.getElementById("rules-form");
  const rows = all("[data-rule]");
  const plain = (text) => text.toLowerCase().normalize("NFKC");
  const words = (text) => plain(text).split(/\s+/).filter(Boolean);
  // The choices of a severity stand in every row, so they tell none from another.
  const told = (row) => [
    row.closest("[data-group]").querySelector("th"),
    ...all(".what, .locked, .figures, .clears, .source", row),
  ];
  const says = new Map(rows.map((row) => [row, plain(told(row).map((part) => part.textContent).join(" "))]));

  /* the filter */
  function show() {
    const wanted = words(filter.value);
    for (const row of rows) {
      const fits = wanted.every((word) => says.get(row).includes(word));
      row.hidden = !fits || (onlyDiffering?.checked && !row.classList.contains("differs"));
    }
    for (const group of all("[data-group]")) group.hidden = all("[data-rule]:not([hidden])", group).length === 0;
    const shown = rows.filter((row) => !row.hidden).length;
    const count = document.querySelector("[data-shown]");
    count.textContent = count.dataset.text.replace("{shown}", shown).replace("{all}", rows.length);
    document.querySelector("[data-nothing]").hidden = shown > 0;
  }

  /* what differs from the shipped rules, while one types */
  const stands = (input) => (input.type === "checkbox" ? String(input.checked) : input.value.trim());
  function mark(input) {
    const differs = stands(input) !== input.dataset.shipped;
    input.toggleAttribute("data-changed", differs);
    const row = input.closest("[data-rule]");
    row.classList.toggle("differs", all("[data-shipped]", row).some((one) => stands(one) !== one.dataset.shipped));
    if (input.type === "checkbox") row.classList.toggle("off", !input.checked);
  }

  /* leaving asks first while a draft holds what is not saved */
  let unsaved = false;
  form?.addEventListener("submit", () => {
    unsaved = false;
  });
  addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });

  filter.addEventListener("input", show);
  filter.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      filter.value = "";
      show();
    }
  });
  onlyDiffering?.addEventListener("change", show);
  form?.addEventListener("input", (event) => {
    if (event.target.matches("[data-shipped]")) mark(event.target);
    document.querySelector("[data-unsaved]").hidden = false;
    unsaved = true;
  });
  form?.addEventListener("keydown", (event) => {
    // One form of a hundred fields is sent on purpose, not by an Enter in the middle of it.
    if (event.key === "Enter" && event.target.matches("input[name=value]")) event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s" && form) {
      event.preventDefault();
      form.requestSubmit();
      return;
    }
    const typing = event.target instanceof Element && event.target.closest("input:not([type=checkbox]), select, textarea");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    filter.focus();
  });

  for (const input of all("[data-shipped]")) if (form?.contains(input)) mark(input);
  document.querySelector("[aria-invalid=true]")?.focus();
  show();
})();
