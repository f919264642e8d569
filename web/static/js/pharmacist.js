/* Keys of the pharmacist's desk: a goes to approve, r to return, n takes the next. None of them decides. */
(() => {
  "use strict";

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target instanceof Element && event.target.closest("input:not([type=checkbox]), select, textarea")) return;
    const key = event.key.toLowerCase();
    if (key === "n") return document.querySelector("[data-next]")?.requestSubmit();
    const goal = { a: "[data-approve]", r: "[data-return]" }[key];
    const found = goal && document.querySelector(goal);
    if (!found) return;
    event.preventDefault();
    found.focus();
    found.scrollIntoView({ block: "nearest" });
  });
})();
