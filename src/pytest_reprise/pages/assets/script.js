"use strict";
(() => {
  // Copy the text of the code beside a button. The clipboard may be refused to a page from a file.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const code = button.parentElement.querySelector("pre");
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      getSelection().selectAllChildren(code);
      document.execCommand("copy");
    }
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });

  // Show the tests whose text has all words of the search.
  for (const form of document.querySelectorAll("form[data-filter]")) {
    const list = [...document.querySelector(form.dataset.filter).children];
    const texts = new Map();
    const textOf = (entry) => {
      if (!texts.has(entry)) {
        const lines = [...entry.querySelectorAll("summary")].map((line) => line.textContent);
        texts.set(entry, lines.join(" ").replace(/\s+/g, " ").toLowerCase());
      }
      return texts.get(entry);
    };
    const apply = () => {
      const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
      const result = form.elements.result.value;
      let shown = 0;
      for (const entry of list) {
        const fits = (!result || entry.dataset.result === result)
          && words.every((word) => textOf(entry).includes(word));
        entry.hidden = !fits;
        shown += fits;
      }
      form.querySelector("output").textContent = `${shown} of ${list.length}`;
    };
    form.addEventListener("input", apply);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.hidden = false;
    apply();
  }

  // "/" goes to the search, Escape clears it.
  document.addEventListener("keydown", (event) => {
    const search = document.querySelector("input[type=search]");
    const isTyping = event.target.matches("input, select, textarea");
    if (event.key === "/" && search && !isTyping && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape" && event.target === search) {
      search.value = "";
      search.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });

  // A link to a place inside closed details opens them.
  const reveal = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    let place = id && document.getElementById(id);
    for (; place; place = place.parentElement) if (place.tagName === "DETAILS") place.open = true;
  };
  addEventListener("hashchange", reveal);
  reveal();
})();
