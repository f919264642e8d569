/* At a pot: a scan goes over what the plan proposed, and nothing moves under a thumb that is typing. */
(() => {
  "use strict";

  document.addEventListener("focusin", ({ target }) => target.matches?.("[data-select]") && target.select());

  document.addEventListener("htmx:before:request", (event) => {
    const part = document.getElementById("boil");
    const { method } = event.detail.ctx.request;
    const isTyping = part?.contains(document.activeElement) && document.activeElement.matches("input");
    if (method === "GET" && (isTyping || part?.querySelector("details[open]"))) event.preventDefault();
  });
})();
