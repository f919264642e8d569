/* What pages need beyond htmx. No eval, no inline handlers: the content policy forbids both. */
(() => {
  "use strict";

  const STAY_EVERY_MS = 5 * 60 * 1000;
  const root = document.documentElement;
  root.classList.add("js");

  // htmx builds functions from attributes such as hx-on; ours never do, and an injected one must not run.
  const refuseToEvaluate = () => {
    throw new Error("code in attributes is not allowed here");
  };
  htmx.registerExtension("tangye", {
    init: (api) => api.initSecurity(null, refuseToEvaluate, refuseToEvaluate),
  });

  const notices = () => document.getElementById("notices");

  // A route that a phone keeps is its courier's alone, and only while they are logged in.
  const ownRoute = `route/${document.body.dataset.person ?? "nobody"}/`;
  globalThis.caches?.keys().then((names) => {
    for (const name of names) if (name.startsWith("route/") && !name.startsWith(ownRoute)) caches.delete(name);
  });

  function showNotice(text) {
    const box = document.createElement("div");
    box.className = "notice bad";
    box.textContent = text;
    notices().replaceChildren(box);
  }

  function csrfHeaders() {
    return JSON.parse(document.body.getAttribute("hx-headers:inherited"));
  }

  // A page that was opened in an earlier log-in holds that log-in's token in its header and its forms.
  async function refreshToken() {
    const answer = await fetch(document.body.dataset.token, { headers: { Accept: "application/json" } });
    if (!answer.ok) return document.dispatchEvent(new Event("tangye:signed-out"));
    const { token } = await answer.json();
    document.body.setAttribute("hx-headers:inherited", JSON.stringify({ "X-CSRFToken": token }));
    for (const input of document.querySelectorAll("input[name=csrf_token]")) input.value = token;
  }

  addEventListener("pageshow", (event) => {
    const entry = performance.getEntriesByType("navigation")[0];
    if (event.persisted || entry?.type === "back_forward") refreshToken();
    for (const button of document.querySelectorAll("button[data-sent]")) {
      button.disabled = false;
      delete button.dataset.sent;
    }
  });
  // Coming back from the window where one logged in again.
  addEventListener("focus", () => {
    if (notices()?.querySelector("a[target=_blank]")) refreshToken();
  });

  // A page that swaps itself shows the new part, not an old error.
  document.addEventListener("htmx:before:request", (event) => {
    const { method } = event.detail.ctx.request;
    if (method !== "GET") notices()?.replaceChildren();
  });

  // Typing is use, though nothing is sent meanwhile.
  let stayedAt = Date.now();
  document.addEventListener("input", () => {
    const url = document.body.dataset.stay;
    if (!url || Date.now() - stayedAt < STAY_EVERY_MS) return;
    stayedAt = Date.now();
    fetch(url, { method: "POST", headers: csrfHeaders() }).catch(() => {});
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const question = event.submitter?.dataset.confirm || form.dataset.confirm;
    // It was asked already where the line had to be tried first.
    if (question && !form.hasAttribute("data-cleared") && !confirm(question)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    // After the browser has gathered the values: a button that is disabled at once would not be sent.
    setTimeout(() => {
      if (event.defaultPrevented) return; // htmx sends it
      for (const button of form.querySelectorAll("button:not([type=button]):not(:disabled)")) {
        button.disabled = true;
        button.dataset.sent = "";
      }
    });
  }, true);

  document.addEventListener("change", (event) => {
    const input = event.target;
    if (!(input instanceof HTMLInputElement) || input.type !== "file" || !input.dataset.maxMb) return;
    const limit = Number(input.dataset.maxMb) * 1024 * 1024;
    if ([...input.files].some((file) => file.size > limit)) {
      input.value = "";
      event.stopImmediatePropagation();
      showNotice(document.body.dataset.tooLarge);
    }
  }, true);

  document.addEventListener("keydown", (event) => {
    const help = event.key === "F1" ? document.querySelector(".help-link") : null;
    if (!help) return;
    event.preventDefault();
    help.click();
  });

  function fold(toggle, open) {
    document.getElementById(toggle.dataset.toggle).classList.toggle("open", open);
    toggle.setAttribute("aria-expanded", String(open));
  }

  // Keys by themselves, which pages answer, get in the way of speech input: each can do without (WCAG 2.1.4).
  const KEYS_OFF = "single-keys-off";
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const toggle = document.querySelector("[data-toggle][aria-expanded=true]");
      if (!toggle || event.target.closest?.(".combo")) return;
      fold(toggle, false);
      toggle.focus();
    }
    if (event.key.length > 1 || event.ctrlKey || event.altKey || event.metaKey) return;
    const isTyping = event.target.closest?.("input:not([type=checkbox], [type=radio]), select, textarea");
    if (!isTyping && localStorage.getItem(KEYS_OFF)) event.stopImmediatePropagation();
  }, true);

  const keysSwitch = document.querySelector("[data-single-keys]");
  if (keysSwitch) keysSwitch.checked = !localStorage.getItem(KEYS_OFF);
  keysSwitch?.addEventListener("change", () => {
    if (keysSwitch.checked) localStorage.removeItem(KEYS_OFF);
    else localStorage.setItem(KEYS_OFF, "1");
  });

  document.addEventListener("click", (event) => {
    const element = event.target instanceof Element ? event.target : null;
    const toggle = element?.closest("[data-toggle]");
    if (toggle) fold(toggle, toggle.getAttribute("aria-expanded") !== "true");
    if (element?.closest("[data-back]")) history.back();
    if (element?.closest("[data-print]")) print();
    element?.closest("[data-dismiss]")?.closest(".notice")?.remove();
  });
})();
