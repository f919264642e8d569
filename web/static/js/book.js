/* The book's keyboard: "/" goes to the search, arrows walk the list, Enter opens its first row. */
(() => {
  "use strict";

  const search = () => document.querySelector("[data-book-search]");
  const links = () => [...document.querySelectorAll("[data-book-list] a.herb-row")];
  const isTyping = (element) => element.matches("input, select, textarea, [contenteditable]");

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const from = event.target;
    // No name holds a slash: in the search itself the key begins anew.
    if (event.key === "/" && (from === search() || !isTyping(from))) {
      event.preventDefault();
      search()?.focus();
      search()?.select();
      return;
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") return walk(event, from);
    // An unclear name stands above the list with its candidates: Enter must not choose for the reader.
    if (event.key === "Enter" && from === search() && links().length && !document.querySelector(".meaning.warn")) {
      // The list on show may still be that of an earlier text; then the form is sent.
      if (from.value.trim() !== document.getElementById("found").dataset.text) return;
      event.preventDefault();
      links()[0].click();
    }
  });

  function walk(event, from) {
    const found = links();
    const at = found.indexOf(from);
    if (at < 0 && from !== search()) return;
    const next = event.key === "ArrowDown" ? found[at + 1] : (found[at - 1] ?? search());
    if (!next) return;
    event.preventDefault();
    next.focus();
  }
})();
