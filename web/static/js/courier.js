/* The courier's pages with and without a line: forms go through the queue, pages show what still waits in it. */
(() => {
  "use strict";

  const queue = globalThis.courierQueue;
  if (!queue) return;
  const EVERY_MS = 30_000;
  const SAID = "courier-said";
  const box = document.getElementById("kept-acts");
  const root = document.documentElement;
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  root.classList.add("keeps-acts");
  for (const part of all(".needs-script")) part.hidden = false;

  /* what is told */
  function tell(tone, text) {
    const notice = document.createElement("div");
    notice.className = `notice ${tone}`;
    notice.textContent = text;
    document.getElementById("notices").replaceChildren(notice);
  }

  const said = JSON.parse(sessionStorage.getItem(SAID) ?? "null");
  sessionStorage.removeItem(SAID);
  if (said) tell(said.tone, said.text);

  /* forms: each goes into the queue first, so that a line that breaks in between loses nothing and doubles nothing */
  function fieldsOf(form) {
    const fields = {};
    for (const [name, value] of new FormData(form)) {
      if (["csrf_token", "stop_id", "version"].includes(name) || value === "") continue;
      fields[name] = name === "bag_codes" ? [value] : value;
    }
    return fields;
  }

  const isOnVehicle = (parcel) => !parcel.querySelector("[data-hand-over]")?.hidden && parcel.querySelector("[data-hand-over]");

  /* What a form means: one act, or for a whole stop one for each parcel on the vehicle without cash to collect. */
  function actsOf(form) {
    const fields = fieldsOf(form);
    if (!form.hasAttribute("data-all")) return [[fields, labelOf(form)]];
    const parcels = all(".parcel").filter((parcel) => isOnVehicle(parcel) && parcel.dataset.due === "0");
    return parcels.map((parcel) => [{ ...fields, prescription_id: parcel.dataset.prescription }, parcel.dataset.number]);
  }

  const labelOf = (form) => form.closest(".parcel")?.dataset.number ?? form.querySelector("button:not([type=button])").textContent.trim();

  document.addEventListener(
    "submit",
    async (event) => {
      const form = event.target;
      if (!form.dataset.act) return;
      // Before whatever else listens: this form leaves through the queue alone.
      event.preventDefault();
      event.stopImmediatePropagation();
      if (!globalThis.takeSignature(form)) {
        form.querySelector(".sign-here").scrollIntoView({ block: "center" });
        return tell("bad", box.dataset.unsigned);
      }
      const acts = actsOf(form);
      if (!acts.length) return tell("warn", box.dataset.nothing);
      const keys = [];
      try {
        for (const [fields, label] of acts) keys.push(await queue.add(form.dataset.act, fields, label, location.pathname));
      } catch {
        return tell("bad", box.dataset.unkept);
      }
      await queue.send();
      await answer(keys);
    },
    true,
  );

  async function answer(keys) {
    const mine = (await queue.mine()).filter((act) => keys.includes(act.key));
    const done = mine.filter((act) => act.status === "done");
    if (!done.length) {
      if (mine.some((act) => act.status === "waiting")) tell("warn", box.dataset.kept);
      return;
    }
    sessionStorage.setItem(SAID, JSON.stringify({ tone: "good", text: done.map((act) => act.sentence).join(" ") }));
    location.reload();
  }

  /* what waits is shown on the page, whether it came from the house or from the phone */
  const chipOf = (kind) => box.querySelector(`template[data-chip="${kind}"]`).content.cloneNode(true);

  function mark(place, kind) {
    for (const old of all(".kept", place)) old.remove();
    if (!kind) return;
    const chip = chipOf(kind).firstElementChild;
    chip.classList.add("kept");
    place.append(chip);
  }

  async function show() {
    const mine = await queue.mine();
    const open = mine.filter((act) => act.status !== "refused");
    const waiting = open.filter((act) => act.status === "waiting");
    const refused = mine.filter((act) => act.status === "refused");
    const loaded = new Set(open.filter((act) => act.kind === "loaded").map((act) => `${act.fields.route_id}/${act.fields.trip}`));
    const measured = new Set(waiting.filter((act) => act.kind === "temperature").map((act) => `${act.fields.route_id}/${act.fields.trip}`));
    const last = new Map(open.filter((act) => act.fields.prescription_id).map((act) => [String(act.fields.prescription_id), act.kind]));
    for (const form of all("form[data-trip]")) {
      const isKept = (form.dataset.act === "loaded" ? loaded : measured).has(form.dataset.trip);
      if (form.dataset.act === "loaded") for (const button of all("button", form)) button.hidden = isKept;
      mark(form, isKept ? form.dataset.act : "");
    }
    for (const parcel of all(".parcel")) {
      const kind = last.get(parcel.dataset.prescription);
      const part = parcel.querySelector("[data-hand-over]");
      if (part) part.hidden = Boolean(kind) || !(parcel.dataset.state === "loaded" || loaded.has(parcel.dataset.trip));
      // What the house already knows waits for nothing.
      mark(parcel.querySelector("[data-chips]"), kind === parcel.dataset.state ? "" : kind);
    }
    for (const stop of all("a.stop[data-prescriptions]")) {
      const kinds = stop.dataset.prescriptions.split(" ").map((id) => last.get(id)).filter(Boolean);
      mark(stop.querySelector("[data-chips]"), kinds.at(-1));
    }
    tellQueue(waiting.length, refused);
    return waiting.length;
  }

  function tellQueue(count, refused) {
    waits = count;
    box.querySelector("[data-waiting]").hidden = !count;
    box.querySelector("[data-count]").textContent = count;
    box.querySelector("[data-refused]").replaceChildren(...refused.map(lineOf));
    box.hidden = !count && !refused.length;
  }

  function lineOf(act) {
    const line = box.querySelector("template[data-line]").content.cloneNode(true).firstElementChild;
    line.querySelector("[data-label]").textContent = act.label;
    line.querySelector("[data-sentence]").textContent = act.sentence;
    const where = line.querySelector("[data-where]");
    where.href = act.where;
    where.hidden = act.where === location.pathname;
    line.querySelector("[data-drop]").addEventListener("click", () => queue.drop(act.seq));
    return line;
  }

  /* The page that brought the worker was loaded before it; its files are asked for once more, from the browser's own cache. */
  async function keepShell() {
    const cache = await caches.open("shell");
    const named = all("[href^='/static/'], [src^='/static/']").map((part) => (part.getAttribute("href") ?? part.getAttribute("src")).split("#")[0]);
    for (const path of new Set(named)) if (!(await cache.match(path))) await cache.add(path);
  }

  /* the pages of the day are kept by the phone, under the name that the house gives them */
  async function keepPages() {
    const answer = await fetch(box.dataset.scope);
    const name = answer.headers.get("X-Tangye-Kept");
    if (!name || answer.redirected) return false;
    for (const old of await caches.keys()) if (old.startsWith("route/") && old !== name) await caches.delete(old);
    await keepShell();
    const cache = await caches.open(name);
    const page = new DOMParser().parseFromString(await answer.clone().text(), "text/html");
    await cache.put(box.dataset.scope, answer);
    for (const link of all("a.stop[data-keep]", page)) {
      const path = link.getAttribute("href");
      const kept = await cache.match(path, { ignoreSearch: true });
      if (kept?.headers.get("X-Tangye-Tag") === link.dataset.keep) continue;
      const stop = await fetch(path);
      if (!stop.ok || stop.redirected) return false;
      await cache.put(path, stop);
    }
    return true;
  }

  async function catchUp() {
    if (!(await queue.send())) return;
    try {
      if (!(await keepPages())) return;
      await queue.forgetDone();
      await navigator.serviceWorker.ready;
      const told = document.getElementById("on-phone");
      if (told) told.hidden = false;
    } catch {
      // The line broke again; what is kept is shown as before.
    }
  }

  /* scanning: a bag of the own route leads to its stop, with or without a line */
  const plain = (text) => text.normalize("NFKC").split(/[?#]/)[0].replace(/\/+$/, "").split("/").pop().trim().toUpperCase();
  document.querySelector("form.scan")?.addEventListener("submit", (event) => {
    const code = plain(event.target.elements.code.value);
    const stop = code && all("a.stop[data-bags]").find((each) => each.dataset.bags.split(" ").includes(code));
    if (!stop) return;
    event.preventDefault();
    location.assign(`${stop.getAttribute("href")}?bag=${encodeURIComponent(code)}`);
  });

  function markScanned() {
    const code = plain(new URLSearchParams(location.search).get("bag") ?? "");
    const parcel = code && all(".parcel").find((each) => each.dataset.bags.split(" ").includes(code));
    if (!parcel || parcel.classList.contains("scanned")) return;
    parcel.classList.add("scanned");
    const match = parcel.querySelector(".match");
    match.hidden = false;
    match.querySelector("span").textContent = match.querySelector("span").textContent.replace("{code}", () => code);
    const field = parcel.querySelector("[name=bag_codes]");
    if (field) Object.assign(field, { value: code, disabled: false });
  }

  /* whoever logs out with something unsent is asked */
  let waits = 0;
  document.addEventListener(
    "submit",
    (event) => {
      if (!event.target.action?.endsWith("/logout") || !waits || confirm(box.dataset.leaving)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );

  box.querySelector("[data-send]").addEventListener("click", catchUp);
  document.addEventListener("courier:changed", show);
  addEventListener("online", catchUp);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && waits && catchUp());
  document.getElementById("again")?.addEventListener("close", catchUp);
  setInterval(() => waits && catchUp(), EVERY_MS);
  navigator.serviceWorker?.register(box.dataset.worker, { scope: box.dataset.scope }).catch(() => {});
  markScanned();
  // A stop's own page is kept by the worker that asked for it.
  show().then((count) => (count || "route" in box.dataset) && catchUp());
})();
