/* Follow-up: slide from the earlier picture to the later one; choose another visit without a click more. */
(() => {
  "use strict";

  const select = document.querySelector("select[data-submits]");
  select?.addEventListener("change", () => select.form.requestSubmit());

  const slide = document.querySelector("[data-slide]");
  const later = document.querySelector("[data-over] img:nth-of-type(2)");
  if (!slide || !later) return;
  const range = slide.querySelector("input");
  const show = () => {
    later.style.opacity = String(range.valueAsNumber / 100);
  };
  range.addEventListener("input", show);
  slide.hidden = false;
  show();
})();
