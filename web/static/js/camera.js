/* A photograph of the tongue: sent as soon as it is chosen, or taken here with a guide line. */
(() => {
  "use strict";

  const QUALITY = 0.92;
  let stream = null;

  const part = (form, name) => form.querySelector(`[${name}]`);

  function stop() {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
  }

  async function open(form) {
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: { ideal: "environment" }, width: { ideal: 1920 }, height: { ideal: 1440 } },
      });
    } catch {
      // No camera, or not allowed: the file button does the same.
      return part(form, "data-camera").remove();
    }
    const video = form.querySelector("video");
    video.srcObject = stream;
    await video.play();
    part(form, "data-viewfinder").hidden = false;
  }

  function close(form) {
    stop();
    part(form, "data-viewfinder").hidden = true;
  }

  async function shoot(form) {
    const video = form.querySelector("video");
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d").drawImage(video, 0, 0);
    const picture = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
    close(form);
    const files = new DataTransfer();
    files.items.add(new File([picture], "tongue.jpg", { type: "image/jpeg" }));
    form.querySelector("input[type=file]").files = files.files;
    form.requestSubmit();
  }

  const offer = (root) => {
    if (!navigator.mediaDevices?.getUserMedia || matchMedia("(pointer: coarse)").matches) return;
    for (const button of root.querySelectorAll("[data-camera]")) button.hidden = false;
  };
  offer(document);
  document.addEventListener("htmx:after:settle", () => offer(document));
  document.addEventListener("htmx:before:swap", () => {
    if (stream && !document.querySelector("[data-viewfinder]:not([hidden])")) stop();
  });
  addEventListener("pagehide", stop);

  document.addEventListener("change", (event) => {
    if (event.target.matches?.("[data-send]") && event.target.files.length) event.target.form.requestSubmit();
  });
  document.addEventListener("click", (event) => {
    const at = event.target instanceof Element ? event.target : null;
    const form = at?.closest("[data-photo]");
    if (!form) return;
    if (at.closest("[data-camera]")) open(form);
    if (at.closest("[data-camera-close]")) close(form);
    if (at.closest("[data-shoot]")) shoot(form);
  });
})();
