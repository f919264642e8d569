/* A keyboard-wedge scanner types wherever the focus is: bring it to the scan box, unless somebody is typing. */
(() => {
  "use strict";

  const TYPES = "input, select, textarea, [contenteditable]";
  const box = () => document.querySelector("[data-scan]");

  document.addEventListener("keydown", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (event.ctrlKey || event.metaKey || event.altKey || target?.closest(TYPES)) return;
    // Enter and the space bar press buttons; letters and digits only come from a scanner.
    if (/^[0-9A-Za-z]$/.test(event.key)) box()?.focus();
  });
})();
