/* A tour over the page: offered once, taken when asked for. The library is fetched when it is needed. */
(() => {
  "use strict";

  const place = () => document.getElementById("tour");

  function fetched(kind, attributes) {
    return new Promise((resolve, reject) => {
      const element = Object.assign(document.createElement(kind), attributes);
      element.addEventListener("load", resolve);
      element.addEventListener("error", reject);
      document.head.append(element);
    });
  }

  async function library() {
    if (window.driver) return;
    const { style, script } = place().dataset;
    await Promise.all([
      fetched("link", { rel: "stylesheet", href: style }),
      fetched("script", { src: script }),
    ]);
  }

  const seen = (selector) => {
    const element = document.querySelector(selector);
    return element && element.checkVisibility() ? element : null;
  };

  async function take(stops) {
    await library();
    const { wordNext, wordBack, wordDone, wordClose } = place().dataset;
    const steps = stops
      .filter((stop) => seen(stop.selector))
      .map((stop) => ({ element: seen(stop.selector), popover: { title: stop.title, description: stop.text } }));
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const tour = window.driver.js.driver({
      steps,
      animate: !still,
      smoothScroll: false,
      disableActiveInteraction: true,
      showProgress: true,
      progressText: "{{current}} / {{total}}",
      nextBtnText: wordNext,
      prevBtnText: wordBack,
      doneBtnText: wordDone,
      popoverClass: "tour-popover",
      onPopoverRender: ({ closeButton }) => closeButton.setAttribute("aria-label", wordClose),
      // Not `onDestroyed`: that is left out where one goes on faster than the picture moves.
      onDestroyStarted: () => {
        tour.destroy();
        putAway();
      },
    });
    tour.drive();
  }

  function putAway() {
    place().querySelector(".tour-offer form")?.requestSubmit();
  }

  const stops = JSON.parse(place().querySelector("script").textContent);
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-tour-start]")) take(stops);
  });
  if (new URLSearchParams(location.search).has("tour")) take(stops);
})();
