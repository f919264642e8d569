/* Keys of the pharmacist's desk: k accepts the findings nothing was said of, a goes to approve, r to return,
   a digit chooses the reason and goes to the button that sends back, s goes to the herb that needs a second
   signature (arrows to the others), c to the call, h to handing over, n takes the next. None of them decides. */
(() => {
  "use strict";

  const acceptAll = document.querySelector("[data-accept-all]");
  acceptAll?.addEventListener("click", () => {
    for (const judgement of document.querySelectorAll("[data-judgement]")) {
      if (!judgement.querySelector(":checked")) judgement.querySelector("[value=accepted]").checked = true;
    }
  });

  const goals = {
    a: ["[data-approve]"],
    r: ["[data-return]"],
    s: ["[data-to-sign]", "[data-second-signature]"],
    c: ["[data-call]"],
    h: ["[data-hand]"],
  };
  const first = (selectors) => selectors.map((each) => document.querySelector(each)).find(Boolean);

  // From one herb's button, the arrows lead to the next one's.
  const neighbour = (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const herbs = [...document.querySelectorAll("[data-second-signature]")];
    const here = herbs.indexOf(event.target);
    return step && here >= 0 ? herbs[Math.min(herbs.length - 1, Math.max(0, here + step))] : undefined;
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const typing = "input:not([type=checkbox], [type=radio]), select, textarea";
    if (event.target instanceof Element && event.target.closest(typing)) return;
    const key = event.key.toLowerCase();
    // Chromium would press the next button that is not disabled.
    if (key === "enter" && event.target.matches("[type=checkbox], [type=radio]")) return event.preventDefault();
    if (key === "n") return document.querySelector("[data-next]")?.requestSubmit();
    if (key === "k") return acceptAll?.click();
    const reason = /^[1-9]$/.test(key) && document.querySelector(`[data-digit="${key}"]`);
    if (reason) reason.checked = true;
    const found = neighbour(event) ?? first(reason ? ["[data-send-back]"] : goals[key] ?? []);
    if (!found) return;
    event.preventDefault();
    found.focus();
    found.scrollIntoView({ block: "nearest" });
  });
})();
