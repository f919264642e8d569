/* The constitution form: a digit answers the question that has the focus and goes on to the next. */
(() => {
  "use strict";

  const form = document.getElementById("constitution-form");
  const questions = [...form.querySelectorAll(".question")];
  const tell = () => {
    const answered = questions.filter((question) => question.querySelector("input:checked")).length;
    form.querySelector("[data-answered]").textContent = `${answered} / ${questions.length}`;
  };

  document.addEventListener("keydown", (event) => {
    // Folded below the last result, the form is not what the reader looks at.
    if (!form.closest("details").open) return;
    if (!/^[1-5]$/.test(event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
    const at = event.target.closest?.(".question") ?? questions.find((each) => !each.querySelector("input:checked"));
    if (!at) return;
    event.preventDefault();
    at.querySelector(`input[value="${event.key}"]`).checked = true;
    tell();
    const next = questions[questions.indexOf(at) + 1];
    (next?.querySelector("input") ?? form.querySelector(".sign-bar button")).focus();
    next?.scrollIntoView({ block: "center" });
  });
  form.addEventListener("change", tell);
  tell();
})();
