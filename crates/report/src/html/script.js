"use strict";
// Filters of the findings. The page is whole without them: the form is only shown where this runs.
(() => {
  const form = document.getElementById("filters");
  const count = document.getElementById("count");
  const none = document.getElementById("none");
  const names = ["s", "r", "o", "c", "q"];
  const boxes = [...document.querySelectorAll(".box")].reverse();
  const entries = [...document.querySelectorAll(".entry")].map((element) => {
    const d = element.dataset;
    const about = element.closest("[data-name]")?.dataset.name ?? "";
    return {
      element,
      severity: Number(d.s),
      ring: d.r,
      owners: d.o.split(" "),
      classes: d.c,
      findings: Number(d.n),
      text: `${about} ${element.textContent}`.toLowerCase(),
    };
  });
  const total = entries.reduce((n, e) => n + e.findings, 0);

  const state = () => Object.fromEntries(names.map((name) => [name, form.elements[name].value]));

  const matches = (e, want) =>
    (want.s === "" || e.severity >= Number(want.s)) &&
    (want.r === "" || e.ring === want.r) &&
    (want.o === "" || e.owners.includes(want.o)) &&
    (want.c === "" || e.classes === want.c) &&
    want.q.toLowerCase().split(/\s+/).every((word) => e.text.includes(word));

  const apply = () => {
    const want = state();
    let shown = 0;
    for (const e of entries) {
      const visible = matches(e, want);
      e.element.hidden = !visible;
      shown += visible ? e.findings : 0;
    }
    // Inner boxes come first, so that an outer one sees what is left of them.
    for (const box of boxes) {
      box.hidden = box.querySelector(".entry:not([hidden])") === null;
    }
    none.hidden = shown > 0;
    count.textContent = `${shown} of ${total} findings on this page shown`;
  };

  const save = () => {
    const set = Object.entries(state()).filter(([, value]) => value !== "");
    const hash = new URLSearchParams(set).toString();
    history.replaceState(null, "", hash === "" ? location.pathname + location.search : `#${hash}`);
  };

  const load = () => {
    if (!location.hash.includes("=")) {
      return false;
    }
    const wanted = new URLSearchParams(location.hash.slice(1));
    for (const name of names) {
      form.elements[name].value = wanted.get(name) ?? "";
      // A value that this report does not have selects nothing: then all are meant.
      if (form.elements[name].selectedIndex === -1) {
        form.elements[name].value = "";
      }
    }
    return true;
  };

  const follow = () => {
    if (load()) {
      apply();
      document.getElementById("findings").scrollIntoView();
    }
  };

  form.hidden = false;
  form.addEventListener("input", () => { apply(); save(); });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => { apply(); save(); }));
  addEventListener("hashchange", follow);
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
  load();
  apply();
  if (location.hash.includes("=")) {
    document.getElementById("findings").scrollIntoView();
  }
})();
