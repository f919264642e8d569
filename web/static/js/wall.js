/* The wall: says when it no longer hears the house, when the house's clock jumps, and rings for late herbs. */
(() => {
  "use strict";

  const SILENT_MS = 15_000;
  const JUMP_MS = 90_000;
  const RING_EVERY_MS = 4_000;
  const show = (what, on) => document.querySelector(`[data-told=${what}]`).toggleAttribute("hidden", !on);
  const part = () => document.getElementById("pots");

  let heard = performance.now();
  let told = { at: Date.parse(part().dataset.at), when: heard };

  function listen() {
    const at = Date.parse(part().dataset.at);
    const now = performance.now();
    if (at !== told.at) {
      // performance.now() never jumps: what the house's clock did besides is a jump.
      const jumped = Math.abs(at - told.at - (now - told.when)) > JUMP_MS;
      if (jumped) show("clock", true);
      told = { at, when: now };
    }
  }

  document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
    const { status } = ctx.response.raw;
    show("out", status === 401);
    if (status === 200 || status === 304) heard = performance.now();
  });
  new MutationObserver(listen).observe(document.getElementById("main"), { subtree: true, childList: true, attributes: true, attributeFilter: ["data-at"] });

  setInterval(() => {
    const silent = performance.now() - heard;
    const words = document.querySelector("[data-lost-for]");
    words.textContent = words.dataset.lostFor.replace("{n}", Math.max(1, Math.round(silent / 60_000)));
    show("lost", silent > SILENT_MS);
    document.body.classList.toggle("stale", silent > SILENT_MS);
  }, 1_000);

  // Browsers let a page sound only after a hand has touched it; so the switch is that hand's.
  const sound = document.querySelector("[data-sound]");
  let speaker = null;
  sound.addEventListener("click", () => {
    const on = sound.getAttribute("aria-pressed") !== "true";
    sound.setAttribute("aria-pressed", String(on));
    sound.textContent = on ? sound.dataset.on : sound.dataset.off;
    if (!on) return void speaker?.suspend();
    speaker ??= new AudioContext();
    speaker.resume().then(() => ring(1));
  });

  function ring(times) {
    for (let nth = 0; nth < times; nth += 1) {
      const tone = speaker.createOscillator();
      const volume = speaker.createGain();
      const from = speaker.currentTime + nth * 0.45;
      tone.frequency.value = nth % 2 ? 660 : 880;
      volume.gain.setValueAtTime(0.5, from);
      volume.gain.exponentialRampToValueAtTime(0.01, from + 0.4);
      tone.connect(volume).connect(speaker.destination);
      tone.start(from);
      tone.stop(from + 0.4);
    }
  }

  setInterval(() => {
    if (sound.getAttribute("aria-pressed") === "true" && document.querySelector("[data-late]")) ring(4);
  }, RING_EVERY_MS);
})();
