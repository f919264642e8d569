/* A box in which somebody signs with a finger; the form that sends it takes the picture from the canvas. */
(() => {
  "use strict";

  const LINE_PX = 4;
  const inked = new WeakSet();

  function begin(canvas) {
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.lineWidth = LINE_PX;
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = "#000";
    inked.delete(canvas);
    return pen;
  }

  /* The canvas has a size of its own, whatever the screen's. */
  function place(canvas, event) {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * canvas.width) / box.width, ((event.clientY - box.top) * canvas.height) / box.height];
  }

  for (const canvas of document.querySelectorAll(".sign-here")) {
    const pen = begin(canvas);
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      pen.beginPath();
      pen.moveTo(...place(canvas, event));
      event.preventDefault();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!canvas.hasPointerCapture(event.pointerId)) return;
      pen.lineTo(...place(canvas, event));
      pen.stroke();
      inked.add(canvas);
    });
    canvas.parentElement.querySelector("[data-clear-signature]").addEventListener("click", () => begin(canvas));
  }

  /* Whether the form may go: where a signature is asked for there is one, and its field holds it. */
  globalThis.takeSignature = (form) => {
    const canvas = form.querySelector(".sign-here");
    const field = form.elements.signature;
    if (!canvas || !field) return true;
    field.value = "";
    if (new FormData(form).get("way") !== "signature") return true;
    if (!inked.has(canvas)) return false;
    field.value = canvas.toDataURL("image/png");
    return true;
  };

  // For phones on which nothing is kept: the form goes by itself.
  document.addEventListener("submit", (event) => globalThis.takeSignature(event.target), true);
})();
