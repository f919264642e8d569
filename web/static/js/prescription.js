/* The visit page's keyboard: herb lists, lines of the prescription, quick phrases, ticked groups. */
(() => {
  "use strict";

  const byId = (id) => document.getElementById(id);
  const form = () => byId("rx-form");
  const options = (input) => [...(byId(input.getAttribute("aria-controls"))?.children ?? [])];
  const changed = (input) => input.dispatchEvent(new Event("input", { bubbles: true }));

  /* lists under a field */
  function close(input) {
    byId(input.getAttribute("aria-controls"))?.replaceChildren();
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function activate(input, option) {
    for (const other of options(input)) other.setAttribute("aria-selected", String(other === option));
    if (!option) return input.removeAttribute("aria-activedescendant");
    // Every list names its options alike: the page needs each id once.
    option.id = `${input.getAttribute("aria-controls")}-${options(input).indexOf(option)}`;
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  function take(input, value) {
    input.value = value;
    close(input);
    // "change" asks review at once; "input" would open the list again.
    input.dispatchEvent(new Event("change", { bubbles: true }));
    input.closest("[data-line]")?.querySelector("[name=dose_g]").focus();
  }

  const isCombo = (element) => element instanceof HTMLInputElement && element.getAttribute("role") === "combobox";

  document.addEventListener("htmx:after:swap", (event) => {
    const list = event.detail?.ctx?.target;
    if (!(list instanceof Element) || !list.matches(".options")) return;
    const input = list.parentElement.querySelector("[role=combobox]");
    if (document.activeElement !== input) return close(input);
    const found = options(input);
    input.setAttribute("aria-expanded", String(found.length > 0));
    // Pinyin can only mean one of the list. Characters are a name already: Enter must not change them.
    const spelled = /^[\x20-\x7e]+$/.test(input.value);
    activate(input, spelled ? found[0] : null);
  });

  document.addEventListener("keydown", (event) => {
    const input = event.target;
    // With Ctrl a key is the page's: Ctrl+Enter takes no herb and opens no line on its way to the signature.
    if (event.isComposing || event.ctrlKey) return;
    if (isCombo(input) && steer(event, input)) return;
    if (input.id === "formula" && event.key === "Enter") return openFormula(event);
    if (input.name === "dose_g" && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      return stepDose(input, event.key === "ArrowUp", event.shiftKey);
    }
    if (event.key === "Enter" && input instanceof HTMLInputElement && input.closest("#rx-form")) {
      event.preventDefault();
      goOn(input);
    }
  });

  /* keys of the whole page: F2 formulas, F4 the next herb, Ctrl+S keeps, Ctrl+Enter signs */
  const KEYS = {
    F2: () => byId("formula")?.focus(),
    F4: () => emptyLine().querySelector("[name=herb]").focus(),
    "Ctrl+s": () => form().querySelector("[value=save]").click(),
    // An option that is offered waits for Enter or Escape: what stands in the field is no name yet.
    "Ctrl+Enter": () => document.querySelector(".options [aria-selected=true]") || form().querySelector("[value=sign]").click(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || event.metaKey) return;
    const action = KEYS[(event.ctrlKey ? "Ctrl+" : "") + event.key];
    if (!action || !byId("prescription") || (event.key !== "F2" && !form())) return;
    event.preventDefault();
    if (!event.repeat) action();
  });

  const emptyLine = () =>
    [...byId("rx-lines").children].find((line) => !line.querySelector("[name=herb]").value.trim()) ?? addLine();

  /* Enter in the search shows the first formula and stands on its button; Enter there adopts what is seen */
  function openFormula(event) {
    const found = byId("formulas-found");
    const first = found.querySelector(".formula");
    event.preventDefault();
    // What is listed may still answer what was typed before.
    if (!first || found.querySelector("[data-found-for]")?.dataset.foundFor !== event.target.value.trim()) return;
    first.open = true;
    first.querySelector(":scope > .adopt")?.focus();
  }

  function steer(event, input) {
    const found = options(input);
    const active = found.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!found.length) return false;
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      activate(input, found[(active + step + found.length) % found.length]);
      return true;
    }
    if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      take(input, found[active].dataset.value);
      return true;
    }
    if (event.key === "Escape" && found.length) {
      close(input);
      return true;
    }
    return false;
  }

  /* Enter goes on: herb, grams, next herb */
  function goOn(input) {
    const line = input.closest("[data-line]");
    if (!line) {
      const fields = [...form().querySelectorAll("input:not([type=hidden], [type=checkbox]), select")];
      return fields[fields.indexOf(input) + 1]?.focus();
    }
    if (input.name === "herb") {
      // What was typed may be pinyin whose list is still on its way.
      if (/^[\x20-\x7e]+$/.test(input.value)) return;
      close(input);
      return line.querySelector("[name=dose_g]").focus();
    }
    const next = line.nextElementSibling ?? addLine();
    next.querySelector("[name=herb]").focus();
  }

  function addLine() {
    const lines = byId("rx-lines");
    const line = lines.lastElementChild.cloneNode(true);
    for (const input of line.querySelectorAll("input")) {
      input.value = "";
      input.removeAttribute("aria-invalid");
      input.setAttribute("aria-expanded", "false");
    }
    line.querySelector(".options").replaceChildren();
    line.querySelector(".rx-says").replaceChildren();
    // htmx passes over elements that it marked already; the copies carry the mark.
    for (const element of line.querySelectorAll("[data-htmx-powered]")) element.removeAttribute("data-htmx-powered");
    lines.append(line);
    number();
    htmx.process(line);
    return line;
  }

  function removeLine(line) {
    const lines = byId("rx-lines");
    const next = line.nextElementSibling ?? line.previousElementSibling;
    if (lines.children.length === 1) addLine();
    line.remove();
    number();
    changed(form().elements.namedItem("usage"));
    next?.querySelector("[name=herb]").focus();
  }

  function number() {
    [...byId("rx-lines").children].forEach((line, index) => {
      line.querySelector(".rx-number").textContent = index + 1;
      line.querySelector(".rx-says").id = `says-${index}`;
      line.querySelector(".options").id = `herbs-${index}`;
      line.querySelector("[name=herb]").setAttribute("aria-controls", `herbs-${index}`);
    });
  }

  function takePhrase(button) {
    const field = byId(button.dataset.phraseFor);
    const words = button.textContent;
    if (button.hasAttribute("data-replaces")) field.value = words;
    else if (!field.value.includes(words)) field.value = [field.value.trim(), words].filter(Boolean).join("，");
    changed(field);
  }

  /* an answer to the question that would tell patterns apart is ticked among the notes */
  function tickAnswer(button) {
    const boxes = document.querySelectorAll(`#notes input[name="${button.dataset.tick}"]`);
    const box = [...boxes].find((each) => each.value === button.dataset.value);
    if (!box || box.checked) return;
    box.closest(".ask").open = true;
    box.click();
  }

  /* arrows change the grams: by one, below three by half, with Shift by five */
  function stepDose(input, up, far) {
    const dose = Number(input.value);
    if (!Number.isFinite(dose)) return;
    const step = far ? 5 : dose < 3 || (dose === 3 && !up) ? 0.5 : 1;
    input.value = String(Math.max(0, up ? dose + step : dose - step) || "");
    changed(input);
  }

  /* a dose for the patient's age: what is taken over goes along with the form, so that it is told as such */
  function takeDose(button) {
    const line = button.closest("[data-line]");
    const told = Object.assign(document.createElement("input"), { type: "hidden", name: "age_dose", value: button.dataset.ageDose });
    const field = line.querySelector("[name=dose_g]");
    button.replaceWith(told);
    field.value = button.dataset.takeDose;
    changed(field);
  }

  /* Alt with an arrow moves the line */
  document.addEventListener("keydown", (event) => {
    const line = event.altKey && !event.ctrlKey ? event.target.closest?.("#rx-lines [data-line]") : null;
    if (!line || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    event.stopPropagation();
    const up = event.key === "ArrowUp";
    const other = up ? line.previousElementSibling : line.nextElementSibling;
    if (!other) return;
    if (up) other.before(line);
    else other.after(line);
    number();
    event.target.focus();
    changed(form().elements.namedItem("usage"));
  }, true);

  document.addEventListener("click", (event) => {
    const at = event.target instanceof Element ? event.target : null;
    const option = at?.closest("[role=option]");
    if (option) return take(option.closest(".combo").querySelector("[role=combobox]"), option.dataset.value);
    const line = at?.closest("[data-line]");
    if (at?.closest("[data-add-line]")) return addLine().querySelector("[name=herb]").focus();
    if (at?.closest("[data-remove-line]")) return removeLine(line);
    const answer = at?.closest("[data-tick]");
    if (answer) return tickAnswer(answer);
    const phrase = at?.closest("[data-phrase-for]");
    if (phrase) return takePhrase(phrase);
    const herb = at?.closest("[data-take-herb]");
    if (herb) return take(line.querySelector("[name=herb]"), herb.dataset.takeHerb);
    const dose = at?.closest("[data-take-dose]");
    if (dose) return takeDose(dose);
    if (at?.closest("[data-take-doses]")) return [...form().querySelectorAll("[data-take-dose]")].forEach(takeDose);
    const note = at?.closest("[data-take-note]");
    if (note) {
      const field = line.querySelector("[name=note]");
      field.value = [field.value, note.dataset.takeNote].filter(Boolean).join(" ");
      changed(field);
    }
  });
  // The list must not close before the click on it arrives.
  document.addEventListener("mousedown", (event) => {
    if (event.target instanceof Element && event.target.closest(".options")) event.preventDefault();
  });
  document.addEventListener("focusout", (event) => {
    if (isCombo(event.target)) close(event.target);
  });

  /* what was adopted shows on its button, and how many herbs there are in the jump line */
  document.addEventListener("htmx:after:request", (event) => {
    const { sourceElement, response } = event.detail?.ctx ?? {};
    if (!sourceElement?.matches?.("[data-adopt]") || !response?.raw?.ok) return;
    sourceElement.classList.add("taken");
    if (document.activeElement !== sourceElement && document.activeElement !== document.body) return;
    // Hands on the keyboard go on: the diagnosis where there is none, else the next herb.
    const syndrome = form()?.elements.syndrome;
    (syndrome && !syndrome.value ? syndrome : emptyLine().querySelector("[name=herb]")).focus({ preventScroll: true });
  });
  function count() {
    const place = document.querySelector("[data-count]");
    if (!place) return;
    const written = [...document.querySelectorAll("[name=herb]")].filter((input) => input.value.trim()).length;
    place.textContent = written || "";
  }
  count();
  for (const name of ["input", "change", "htmx:after:settle"]) document.addEventListener(name, count);

  /* nothing is saved or signed past notes that are not kept yet: an allergy may stand in them */
  function holdFor(notes) {
    let changes = 0; // of the notes, counted
    let kept = 0; // how many of them the server has
    let sending = null; // the request that is on its way, and how many it carries
    let held = ""; // save or sign, while it waits

    for (const name of ["input", "change"]) notes.addEventListener(name, () => (changes += 1));

    document.addEventListener("submit", (event) => {
      if (event.target.id !== "rx-form" || changes === kept) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      held = event.submitter?.value ?? "save";
      form().classList.add("htmx-request");
      if (sending?.changes !== changes) notes.requestSubmit();
    }, true);

    notes.addEventListener("htmx:before:request", ({ detail: { ctx } }) => (sending = { ctx, changes }));
    notes.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
      // What was aborted for a newer request says nothing.
      if (ctx !== sending?.ctx) return;
      const isKept = Boolean(ctx.response?.raw.ok);
      if (isKept) kept = sending.changes;
      sending = null;
      if (held && isKept && kept !== changes) return notes.requestSubmit();
      document.querySelector("[data-notes-first]")?.toggleAttribute("hidden", isKept || !held);
      if (held) letGo(isKept);
    });

    function letGo(isKept) {
      const action = held;
      held = "";
      form()?.classList.remove("htmx-request");
      if (isKept) form()?.requestSubmit(form().querySelector(`[name=action][value=${action}]`));
    }
  }
  // The desk of agreed formulas has lines of herbs and no notes.
  const notes = byId("notes-form");
  if (notes) holdFor(notes);

  /* leaving asks first while the form holds what nobody kept: the notes keep themselves, herbs are kept on purpose */
  let unkept = false;
  for (const name of ["input", "change"]) {
    document.addEventListener(name, (event) => {
      if (event.target.closest?.("#rx-form")) unkept = true;
    });
  }
  document.addEventListener("htmx:after:request", (event) => {
    const { sourceElement, response } = event.detail?.ctx ?? {};
    if (!response?.raw?.ok) return;
    if (sourceElement?.matches?.("[data-adopt]")) unkept = true;
    else if (sourceElement?.id === "rx-form") unkept = false;
  });
  document.addEventListener("submit", (event) => {
    // Where htmx sends it, the answer says whether it is kept; where the page itself does, leaving is what is meant.
    if (event.target.id === "rx-form" && !event.target.hasAttribute("hx-post")) unkept = false;
  });
  addEventListener("beforeunload", (event) => {
    if (unkept) event.preventDefault();
  });

  /* more than the ordinary days need a reason */
  document.addEventListener("input", (event) => {
    if (!form() || !["doses_count", "doses_per_day", "visit_type"].includes(event.target.name)) return;
    const days = Number(form().elements.doses_count.value) / Number(form().elements.doses_per_day.value);
    if (days > JSON.parse(form().dataset.daysLimits)[form().elements.visit_type.value]) form().querySelector("[data-extended]").classList.remove("folded");
  });

  /* what is ticked in a group stands beside its name */
  function tell(group) {
    const ticked = [...group.querySelectorAll("input:checked")].map((input) => input.value);
    group.querySelector("[data-ticked]").textContent = ticked.join("、");
  }
  const groups = [...document.querySelectorAll(".ask")];
  const phone = matchMedia("(max-width: 720px)").matches;
  for (const group of groups) {
    tell(group);
    if (phone && !group.querySelector("input:checked")) group.open = false;
  }
  document.addEventListener("change", (event) => {
    const group = event.target.closest?.(".ask");
    if (group) tell(group);
  });
})();
