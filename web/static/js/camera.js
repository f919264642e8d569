/* A photograph of tongue or face: chosen and sent at once, or taken here inside a guide line that says when. */
(() => {
  "use strict";

  const QUALITY = 0.92;
  const LOOK_EVERY_MS = 300;
  // The server keeps no more; a phone's picture of twelve megapixels is a long wait on a village's line.
  const MOST_SENT_PX = 2400;
  // Mean difference of grey between two looks above which the picture counts as moving.
  const MOVED_CODES = 7;
  const { measure, judge, moved } = window.tangyePicture;

  let stream = null;
  let open = null; // the form whose camera is open
  let timer = 0;
  let before = null;
  let told = "";
  let facing = "environment";
  const advised = {}; // what was told of the file that is being read, by kind

  const part = (form, name) => form.querySelector(`[${name}]`);
  const limitsOf = (form) => JSON.parse(form.dataset.limits);

  /* The outline on the scale on which pictures are looked at: where it lies in its square of 100, and its inside. */
  function guideOf(form) {
    const path = new Path2D(part(form, "data-outline").getAttribute("d"));
    const inside = (width, height, scale, left, top) => {
      const context = new OffscreenCanvas(width, height).getContext("2d");
      context.setTransform(scale, 0, 0, scale, -left * scale, -top * scale);
      context.fill(path);
      const { data } = context.getImageData(0, 0, width, height);
      return Uint8Array.from({ length: width * height }, (_, at) => (data[4 * at + 3] > 127 ? 1 : 0));
    };
    const whole = inside(100, 100, 1, 0, 0);
    const filled = [...whole.keys()].filter((at) => whole[at]);
    const [columns, rows] = [filled.map((at) => at % 100), filled.map((at) => Math.floor(at / 100))];
    const [left, top] = [Math.min(...columns), Math.min(...rows)];
    const [across, down] = [Math.max(...columns) + 1 - left, Math.max(...rows) + 1 - top];
    const scale = limitsOf(form).across_px / Math.sqrt(across * down);
    const [width, height] = [Math.round(across * scale), Math.round(down * scale)];
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.imageSmoothingQuality = "high";
    const share = Math.sqrt(filled.length) / 100;
    return { left, top, across, down, width, height, context, share, inside: inside(width, height, scale, left, top) };
  }

  /* Measure what lies inside the outline, in the middle of a picture or a video. */
  function look(form, source, sourceWidth, sourceHeight) {
    form.guide ??= guideOf(form);
    const { left, top, across, down, width, height, context, inside, share } = form.guide;
    const side = Math.min(sourceWidth, sourceHeight);
    const [x, y] = [(sourceWidth - side) / 2 + (left * side) / 100, (sourceHeight - side) / 2 + (top * side) / 100];
    context.drawImage(source, x, y, (across * side) / 100, (down * side) / 100, 0, 0, width, height);
    const seen = measure(context.getImageData(0, 0, width, height).data, width, height, inside);
    return { ...seen, across_px: share * side };
  }

  function tell(form, code) {
    for (const hint of part(form, "data-hints").children) hint.hidden = hint.dataset.code !== code;
    part(form, "data-viewfinder").classList.toggle("ready", code === "good");
  }

  function watch() {
    const video = open.querySelector("video");
    if (!video.videoWidth) return;
    const seen = look(open, video, video.videoWidth, video.videoHeight);
    let code = judge(seen, limitsOf(open));
    if ((!code || code === "blurred") && before && moved(seen.grey, before) > MOVED_CODES) code = "moving";
    before = seen.grey;
    code ||= "good";
    // Told when it was seen twice, so that the sentence does not flicker, nor a screen reader chatter.
    if (code === told) tell(open, code);
    told = code;
  }

  function stop() {
    clearInterval(timer);
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = before = open = null;
    told = "";
  }

  async function start(form) {
    stop();
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: { ideal: facing }, width: { ideal: 1920 }, height: { ideal: 1440 } },
      });
    } catch {
      // No camera, or not allowed: the file buttons do the same.
      return part(form, "data-camera").remove();
    }
    open = form;
    const video = form.querySelector("video");
    video.srcObject = stream;
    await video.play();
    // A person who looks at themselves expects a mirror; the photograph itself is never mirrored.
    const isFront = stream.getVideoTracks()[0].getSettings().facingMode === "user";
    part(form, "data-viewfinder").classList.toggle("mirror", isFront);
    part(form, "data-viewfinder").hidden = false;
    const cameras = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "videoinput");
    part(form, "data-camera-turn").hidden = cameras.length < 2;
    timer = setInterval(watch, LOOK_EVERY_MS);
    part(form, "data-shoot").focus();
  }

  function close(form) {
    stop();
    part(form, "data-viewfinder").hidden = true;
  }

  function jpegOf(source, width, height) {
    const canvas = new OffscreenCanvas(Math.round(width), Math.round(height));
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(source, 0, 0, canvas.width, canvas.height);
    return canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
  }

  function put(input, picture) {
    const files = new DataTransfer();
    files.items.add(new File([picture], "photograph.jpg", { type: picture.type }));
    input.files = files.files;
  }

  async function shoot(form) {
    const video = form.querySelector("video");
    const picture = await jpegOf(video, video.videoWidth, video.videoHeight);
    close(form);
    put(form.querySelector("input[type=file]"), picture);
    form.requestSubmit();
  }

  /* Send a chosen file, made smaller where it is larger than the server keeps, and say what this page thinks of
     it meanwhile; the server's answer is the one that counts. */
  async function send(input) {
    const { form, files: [file] } = input;
    const { kind } = form.dataset;
    advised[kind] = "";
    let picture = null;
    try {
      picture = await createImageBitmap(file);
      const scale = MOST_SENT_PX / Math.max(picture.width, picture.height);
      if (scale < 1) put(input, await jpegOf(picture, picture.width * scale, picture.height * scale));
    } catch {
      // A format that only the server reads, or none at all: it goes as it is.
    }
    form.requestSubmit();
    if (!picture) return;
    const seen = look(form, picture, picture.width, picture.height);
    picture.close();
    advised[kind] = seen.across_px < limitsOf(form).least_px ? "too_small" : judge(seen, limitsOf(form));
    showAdvice();
  }

  function showAdvice() {
    for (const form of document.querySelectorAll("[data-photo]")) {
      const { kind } = form.dataset;
      const isUnderWay = form.matches(".htmx-request") || document.querySelector(`#${kind}-shown[hx-get]`);
      const box = part(form, "data-advice");
      for (const line of box.children) line.hidden = !isUnderWay || line.dataset.code !== advised[kind];
      box.hidden = [...box.children].every((line) => line.hidden);
    }
  }

  function offer() {
    if (navigator.mediaDevices?.getUserMedia) {
      for (const button of document.querySelectorAll("[data-camera]")) button.hidden = false;
    }
    if (open && !open.isConnected) stop();
    showAdvice();
  }
  offer();
  document.addEventListener("htmx:after:settle", offer);
  addEventListener("pagehide", stop);

  document.addEventListener("change", (event) => {
    const input = event.target;
    if (!input.matches?.("[data-send]") || !input.files.length) return;
    send(input);
  });
  document.addEventListener("click", (event) => {
    const at = event.target instanceof Element ? event.target : null;
    const retake = at?.closest("[data-retake]");
    if (retake) {
      const form = document.querySelector(`[data-photo][data-kind=${retake.dataset.retake}]`);
      const camera = part(form, "data-camera");
      if (camera && !camera.hidden) start(form);
      else form.querySelector("input[type=file]:not([capture])").click();
      return;
    }
    const form = at?.closest("[data-photo]");
    if (!form) return;
    if (at.closest("[data-camera]")) start(form);
    if (at.closest("[data-camera-turn]")) {
      facing = facing === "user" ? "environment" : "user";
      start(form);
    }
    if (at.closest("[data-camera-close]")) close(form);
    if (at.closest("[data-shoot]")) shoot(form);
  });
})();
