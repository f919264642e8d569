/* Nothing typed is lost: a log-in that ended, a line that dropped, a second window of the same page. */
(() => {
  "use strict";

  const byId = (id) => document.getElementById(id);
  const { person, token: tokenUrl } = document.body.dataset;
  const line = byId("line");
  const PROBE_MS = 3000;
  const PATIENCE_MS = 10_000;

  /* what did not arrive: forms that keep themselves go again by themselves, what a hand sent waits for a hand */
  const unkept = new Set();
  let unsent = null;

  const headers = () => JSON.parse(document.body.getAttribute("hx-headers:inherited"));
  const keepers = () => [...document.querySelectorAll("[data-keeps]")];
  const formOf = (keeper) => document.querySelector(keeper.dataset.keeps);

  /* What the page sends while one types, such as a check, is never waited for and takes the place of nothing. */
  const isOfHand = ({ sourceElement, sourceEvent, request }) =>
    request.method !== "GET" && !sourceElement.dataset.keeps && ["submit", "click"].includes(sourceEvent?.type);

  function remember(ctx) {
    if (ctx.request.method === "GET") return;
    if (ctx.sourceElement.dataset.keeps) unkept.add(ctx.sourceElement.dataset.keeps);
    else if (isOfHand(ctx)) unsent = { element: ctx.sourceElement, submitter: ctx.request.submitter };
  }

  /* The hand has sent it itself meanwhile. */
  function answered(ctx) {
    if (!isOfHand(ctx) || ctx.sourceElement !== unsent?.element) return;
    unsent = null;
    if (line.querySelector("[data-when=unsent]:not([hidden])")) say("");
  }

  function resend() {
    for (const selector of unkept) document.querySelector(selector)?.dispatchEvent(new Event("change", { bubbles: true }));
    unkept.clear();
  }

  function sendAgain() {
    const { element, submitter } = unsent ?? {};
    unsent = null;
    if (!element?.isConnected) return;
    if (element instanceof HTMLFormElement) submit(element, submitter);
    else element.click();
  }

  /* A part that swaps itself may have taken the button away meanwhile; what it says is sent all the same. */
  function submit(form, submitter) {
    if (submitter && !submitter.isConnected) {
      submitter = submitter.cloneNode(true);
      submitter.hidden = true;
      form.append(submitter);
    }
    form.requestSubmit(submitter);
  }

  /* the line */
  let probing = 0;

  function say(kind) {
    if (kind === "unsent") nameIt();
    line.hidden = !kind;
    for (const text of line.querySelectorAll("[data-when]")) text.hidden = text.dataset.when !== kind;
  }

  /* The button says what it will send: minutes may have gone by. */
  function nameIt() {
    const button = line.querySelector("[data-send-again]");
    const { element, submitter } = unsent;
    const said = submitter ?? (element instanceof HTMLFormElement ? element.querySelector("button:not([type=button])") : element);
    const what = said?.getAttribute("aria-label") ?? said?.textContent.trim() ?? "";
    button.textContent = what ? button.dataset.sendAgain.replace("{what}", () => what) : button.dataset.unnamed;
  }

  function lost() {
    if (probing) return;
    say("lost");
    probing = setTimeout(probe, PROBE_MS);
  }

  async function probe() {
    clearTimeout(probing);
    probing = 0;
    const answer = await ask({ "HX-Request": "true" });
    if (answer.kind === "lost") return;
    say(unsent ? "unsent" : "back");
    if (answer.kind === "here") resend();
  }

  addEventListener("offline", lost);
  addEventListener("online", () => probing && probe());
  line.querySelector("[data-send-again]").addEventListener("click", () => {
    say("");
    sendAgain();
  });
  document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
    if (!ctx?.request) return;
    remember(ctx);
    lost();
  });
  document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
    if (line.querySelector("[data-when=back]:not([hidden])")) say("");
    if (ctx.response.raw.status === 401) remember(ctx);
    else answered(ctx);
  });

  /* Whether the page's own person is logged in; if so the page takes the token of the present session. */
  async function ask(extra = {}) {
    let answer;
    try {
      answer = await fetch(tokenUrl, { headers: { Accept: "application/json", ...extra }, signal: AbortSignal.timeout(PATIENCE_MS) });
    } catch {
      lost();
      return { kind: "lost" };
    }
    if (answer.ok) {
      take((await answer.json()).token);
      return { kind: "here" };
    }
    if (answer.status === 401 || answer.status === 409) {
      const { who } = await answer.json();
      askPassword(who);
      return { kind: "out" };
    }
    // The server is there, though it has its troubles: it says of what is sent what is wrong.
    return { kind: "here" };
  }

  function take(token) {
    document.body.setAttribute("hx-headers:inherited", JSON.stringify({ "X-CSRFToken": token }));
    for (const input of document.querySelectorAll("input[name=csrf_token]")) input.value = token;
  }

  if (!person) return;

  /* a log-in that ended, or another person's: the password is asked for in place */
  const dialog = byId("again");

  function askPassword(who = "") {
    if (dialog.open) return;
    dialog.querySelector("[data-ended]").hidden = Boolean(who);
    dialog.querySelector("[data-other]").hidden = !who;
    dialog.querySelector("[data-who]").textContent = who;
    dialog.querySelector("[data-refusal]").hidden = true;
    dialog.showModal();
    dialog.querySelector("[name=password]").focus();
  }

  // Escape would leave a page that cannot do anything.
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  for (const name of ["tangye:signed-out", "tangye:token-stale"]) document.addEventListener(name, () => ask());

  dialog.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const button = form.querySelector("button");
    button.disabled = true;
    const answer = await logIn(form);
    button.disabled = false;
    form.elements.password.value = "";
    const refusal = dialog.querySelector("[data-refusal]");
    refusal.hidden = !answer.sentence;
    refusal.textContent = answer.sentence ?? "";
    if (!answer.token) return form.elements.password.focus();
    take(answer.token);
    dialog.close();
    byId("notices").replaceChildren();
    resend();
    if (unsent) say("unsent");
  });

  async function logIn(form) {
    try {
      // The session of nobody has a token of its own.
      const { token } = await (await fetch(form.dataset.token, { headers: { Accept: "application/json" } })).json();
      const body = new URLSearchParams(new FormData(form));
      const answer = await fetch(form.action, { method: "POST", body, headers: { "X-CSRFToken": token, Accept: "application/json" } });
      return await answer.json();
    } catch {
      return { sentence: form.dataset.lost };
    }
  }

  /* Before the browser leaves the page with a form it is asked whether the form can arrive. */
  const asking = new Set();

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const isOurs = form.getAttribute("method")?.toLowerCase() === "post" && !form.hasAttribute("hx-post");
    if (event.defaultPrevented || !isOurs || form.closest(".top, dialog")) return;
    if (form.hasAttribute("data-cleared")) return form.removeAttribute("data-cleared");
    event.preventDefault();
    if (asking.has(form)) return;
    asking.add(form);
    const { submitter } = event;
    const { kind } = await ask();
    asking.delete(form);
    if (kind === "here") {
      form.setAttribute("data-cleared", "");
      return submit(form, submitter);
    }
    unsent = { element: form, submitter };
  });

  /* what was typed in the last second goes before the page does */
  const typing = new Set();

  for (const name of ["input", "change"]) {
    document.addEventListener(name, (event) => {
      for (const keeper of keepers()) if (formOf(keeper)?.contains(event.target)) typing.add(keeper.dataset.keeps);
    });
  }
  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => typing.delete(ctx.sourceElement.dataset?.keeps));

  function flush() {
    for (const keeper of keepers()) {
      if (!typing.delete(keeper.dataset.keeps)) continue;
      const body = new URLSearchParams(new FormData(formOf(keeper)));
      const init = { method: "POST", body, headers: { ...headers(), "HX-Request": "true" }, keepalive: true };
      fetch(keeper.getAttribute("hx-post"), init).catch(() => {});
    }
  }

  addEventListener("beforeunload", flush);
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && flush());

  /* notes that another window wrote are replaced by the doctor's own act */
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-take-over]") : null;
    if (!button) return;
    byId("notes_version").value = button.dataset.takeOver;
    byId("notes-form").requestSubmit();
  });

  /* a second window of the same page is told in both */
  const shared = document.querySelector("[data-shared]");
  if (!shared || !("BroadcastChannel" in window)) return;
  const channel = new BroadcastChannel("tangye");
  const key = `${person}/${shared.dataset.shared}`;
  const second = byId("second");
  const tell = (kind) => channel.postMessage({ kind, key });

  channel.addEventListener("message", ({ data }) => {
    if (data.key !== key) return;
    if (data.kind === "open") tell("also");
    const kept = data.kind === "kept" || !second.querySelector("[data-kept]").hidden;
    second.hidden = data.kind === "gone" && !kept;
    second.querySelector("[data-open]").hidden = kept;
    second.querySelector("[data-kept]").hidden = !kept;
  });
  document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
    const isKept = ctx.response.raw.ok && ctx.sourceElement.matches("#rx-form, #notes-form");
    if (isKept) tell("kept");
  });
  addEventListener("pagehide", () => tell("gone"));
  tell("open");
})();
