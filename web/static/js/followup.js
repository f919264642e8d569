/* Follow-up: slide from the earlier picture to the later one; choose another visit without a click more. */
(() => {
  "use strict";

  const select = document.querySelector("select[data-submits]");
  select?.addEventListener("change", () => select.form.requestSubmit());

  const later = () => document.querySelector("[data-over] img:nth-of-type(2)");
  const show = (range) => {
    later().style.opacity = String(range.valueAsNumber / 100);
  };
  const offer = () => {
    const slide = document.querySelector("[data-slide][hidden]");
    if (!slide || !later()) return;
    slide.hidden = false;
    show(slide.querySelector("input"));
  };
  document.addEventListener("input", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-slide]")) show(event.target);
  });
  // The comparison comes after the page.
  document.addEventListener("htmx:after:settle", offer);
  offer();
})();
