/* A scanner ends with Enter: that goes on to the weight, and only the last field sends the form. */
(() => {
  "use strict";

  const form = document.querySelector("[data-weigh]");
  if (!form) return;
  const code = form.querySelector("[name=code]");
  const typed = form.querySelector("[name=weight_g]");
  const scale = form.querySelector("[name=scale]");
  const button = form.querySelector("button");

  const isTyped = () => typed && !(scale && scale.value);
  const onward = () => (isTyped() ? typed : button).focus();

  code.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    if (code.value.trim()) onward();
  });
  const show = () => {
    if (!typed) return;
    typed.closest(".field").hidden = !isTyped();
    typed.required = isTyped();
  };
  // What was scanned belongs to another line or to none: the next scan goes over it.
  const told = document.getElementById("to-weigh");
  new MutationObserver(() => {
    if (told.querySelector(".notice.bad")) code.select();
  }).observe(told, { childList: true });
  scale?.addEventListener("change", show);
  show();
})();
