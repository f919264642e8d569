// What a pair of eyes, a finger and a keyboard find on a page; each answers a list of sentences.
window.looks = (() => {
  const nameOf = (element) => {
    const words = (element.innerText || element.getAttribute("aria-label") || element.name || "").trim();
    const mark = element.id ? `#${element.id}` : `.${[...element.classList].join(".")}`;
    return `${element.localName}${mark.length > 1 ? mark : ""} "${words.replace(/\s+/g, " ").slice(0, 24)}"`;
  };
  // Words for screen readers alone are clipped away.
  const isClipped = (element) => element
    && (getComputedStyle(element).clipPath.startsWith("inset(50%") || isClipped(element.parentElement));
  const isSeen = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    && element.getClientRects().length > 0 && !isClipped(element);

  // What is folded away is a part of the page too.
  function unfold() {
    for (const fold of document.querySelectorAll("details:not([open])")) {
      fold.removeAttribute("name");
      fold.open = true;
    }
    for (const toggle of document.querySelectorAll("[data-toggle][aria-expanded=false]")) toggle.click();
  }

  // A bar that sticks covers what is below it until one scrolls; that is asked for by itself.
  function unstick() {
    for (const element of document.querySelectorAll("body *")) {
      if (getComputedStyle(element).position === "sticky") element.style.position = "static";
    }
    scrollTo(0, 0);
  }

  // Wider than the window, and what reaches out farthest.
  function tooWide() {
    const width = document.documentElement.clientWidth;
    const right = document.documentElement.scrollWidth;
    if (right <= width) return [];
    const scrolls = (element) => {
      for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) {
        if (getComputedStyle(at).overflowX !== "visible") return true;
      }
      return false;
    };
    const out = [...document.body.querySelectorAll("*")]
      .filter((element) => element.getBoundingClientRect().right > width + 1 && !scrolls(element));
    return [`is ${right} wide: ${out.slice(-1).map(nameOf).join()}`];
  }

  // Words that are cut off, or that stand upon their neighbours.
  function cut() {
    return [...document.querySelectorAll("button, a.button, .chip, th, label, h1, h2, .tabs a, summary")]
      .filter((element) => isSeen(element) && getComputedStyle(element).display !== "inline")
      .filter((element) => element.scrollWidth > element.clientWidth + 2 && element.clientWidth > 0)
      .map((element) => `words stick out of ${nameOf(element)}`);
  }

  const FINGERS = "button, a.button, nav a, select, summary, label.tick, label.pick, label.button, textarea,"
    + " input:not([type=hidden], [type=checkbox], [type=radio], [type=file])";

  // A link inside a sentence is text; whatever stands by itself wants a fingertip's room.
  function tooSmall(least) {
    return [...document.querySelectorAll(FINGERS)]
      .filter((element) => isSeen(element))
      .map((element) => [nameOf(element), element.getBoundingClientRect()])
      .filter(([, box]) => box.height > 1 && (box.height < least - 0.5 || box.width < least - 0.5))
      .map(([name, box]) => `${name} is ${Math.round(box.width)} by ${Math.round(box.height)}`);
  }

  const FOCUSABLE = "a[href], button:not(:disabled), select:not(:disabled), textarea:not(:disabled), summary,"
    + " input:not([type=hidden], :disabled), [tabindex='0']";

  const isMarked = (element) => {
    const style = getComputedStyle(element);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none";
  };

  // The words that were seen at this width.
  function markRead() {
    for (const element of document.querySelectorAll("body *")) {
      if (!element.firstElementChild && isSeen(element)) element.setAttribute("data-read", "");
    }
  }

  const inView = (box) => {
    const [left, top] = [Math.max(box.left, 0), Math.max(box.top, 0)];
    const width = Math.min(box.right, document.documentElement.clientWidth) - left;
    return { left, top, width, height: Math.min(box.bottom, innerHeight) - top };
  };

  // Every stop of the Tab key, gone to one by one: is it marked, and not under something that sticks?
  function unmarked() {
    const found = [];
    for (const element of document.querySelectorAll(FOCUSABLE)) {
      if (!element.checkVisibility({ visibilityProperty: true })) continue;
      element.focus();
      if (document.activeElement !== element) continue;
      const label = element.labels?.[0];
      const shown = [element, label, element.nextElementSibling, element.parentElement].filter(Boolean);
      if (!element.matches(":focus-visible")) continue;
      if (!shown.some(isMarked)) found.push(`focus is not seen on ${nameOf(element)}`);
      const target = isSeen(element) && element.getBoundingClientRect().width > 2 ? element : label ?? element;
      const box = inView(target.getBoundingClientRect());
      const spots = [0.1, 0.5, 0.9].flatMap((x) => [0.15, 0.5, 0.85].map((y) =>
        document.elementFromPoint(box.left + box.width * x, box.top + box.height * y)));
      const bare = spots.some((on) => on && (element.contains(on) || on.contains(element) || label?.contains(on)));
      if (!bare) found.push(`focus is hidden on ${nameOf(element)}`);
    }
    return found;
  }

  // Every text but the seal, a doctor's note on a herb, and terms that are what they are.
  function words() {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) {
      const apart = walker.currentNode.parentElement.closest("[aria-hidden], .herb-note, body [lang=zh-Hans]");
      if (!apart) texts.push(walker.currentNode.data.trim());
    }
    return texts;
  }

  const noRoom = () => [...tooWide(), ...cut()];
  return { unfold, unstick, markRead, noRoom, tooSmall, unmarked, words };
})();
