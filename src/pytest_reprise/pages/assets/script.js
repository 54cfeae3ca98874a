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

  // The index of the viewer: rows are made for what is shown only.
  const form = document.getElementById("query");
  if (form) {
    const index = JSON.parse(document.getElementById("index").textContent);
    const { q, endpoint, status, test, age, size } = form.elements;
    const body = document.querySelector("#rows tbody");
    const more = document.getElementById("more");
    const output = form.querySelector("output");
    const page = 200;
    const day = 86400;
    let found = [];
    let inBodies = new Set();
    let asked = "";
    let request = null;
    const add = (list, text, value) => {
      const option = document.createElement("option");
      option.textContent = text;
      option.value = value;
      list.append(option);
    };
    index.endpoints.forEach((name, number) => add(endpoint, name, number));
    [...new Set(index.rows.map((row) => row[4]))].sort().forEach((name) => add(status, name, name));
    const haystacks = index.rows.map((row, number) => {
      const [name, testName] = index.cassettes[row[0]];
      return `${row[2]} ${row[3]} ${row[4]} ${name} ${testName} ${index.texts[number] || ""}`.toLowerCase();
    });
    const sizeText = (bytes) => bytes < 1000 ? `${bytes} B`
      : bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
    const cell = (row, text, name) => {
      const made = document.createElement("td");
      if (name) made.className = name;
      made.textContent = text;
      row.append(made);
      return made;
    };
    const rowOf = (number) => {
      const [cassette, position, method, url, code, outcome, bytes, latency] = index.rows[number];
      const [, testName, recorded] = index.cassettes[cassette];
      const row = document.createElement("tr");
      const head = document.createElement("th");
      head.scope = "row";
      const link = document.createElement("a");
      link.href = `${index.links[cassette]}#i${position}`;
      const word = document.createElement("span");
      word.className = "method";
      word.textContent = method;
      const address = document.createElement("span");
      address.className = "url";
      address.textContent = ` ${url}`;
      link.append(word, address);
      head.append(link);
      row.append(head);
      const badge = document.createElement("span");
      badge.className = `badge ${outcome}`;
      badge.textContent = code;
      cell(row, "").append(badge);
      cell(row, sizeText(bytes), "number");
      cell(row, latency === null ? "" : `${latency} ms`, "number");
      cell(row, recorded === null ? "" : new Date(recorded * 1000).toISOString().slice(0, 10));
      cell(row, testName);
      return row;
    };
    const extend = () => {
      const start = body.children.length;
      body.append(...found.slice(start, start + page).map(rowOf));
      more.hidden = body.children.length >= found.length;
    };
    const show = () => {
      const words = q.value.toLowerCase().split(/\s+/).filter(Boolean);
      const now = Date.now() / 1000;
      const days = Number(age.value);
      const part = test.value.toLowerCase();
      const fits = (row, number) => {
        const [, testName, recorded] = index.cassettes[row[0]];
        if (endpoint.value && row[8] !== Number(endpoint.value)) return false;
        if (status.value && row[4] !== status.value) return false;
        if (size.value && row[6] < Number(size.value)) return false;
        if (part && !testName.toLowerCase().includes(part)) return false;
        if (days && (recorded === null || (days < 0) !== (now - recorded <= Math.abs(days) * day))) return false;
        return words.every((word) => haystacks[number].includes(word))
          || inBodies.has(`${row[0]} ${row[1]}`);
      };
      found = [];
      index.rows.forEach((row, number) => { if (fits(row, number)) found.push(number); });
      body.replaceChildren();
      extend();
      output.textContent = `${found.length} of ${index.rows.length}`;
    };
    const searchBodies = async () => {
      const text = q.value.trim();
      if (!index.search || text === asked) return;
      asked = text;
      if (request) request.abort();
      inBodies = new Set();
      if (text.length < 2) return;
      request = new AbortController();
      output.textContent += ", searching bodies";
      try {
        const answer = await fetch(`${index.search}?q=${encodeURIComponent(text)}`, { signal: request.signal });
        inBodies = new Set((await answer.json()).map((pair) => pair.join(" ")));
        show();
      } catch (error) {
        if (error.name !== "AbortError") output.textContent = "the server has ended";
      }
    };
    const remember = () => {
      const values = [...new FormData(form)].filter(([, value]) => value);
      history.replaceState(null, "", `#${new URLSearchParams(values)}`);
    };
    let timer = 0;
    const changed = () => {
      show();
      remember();
      clearTimeout(timer);
      timer = setTimeout(searchBodies, 250);
    };
    const restore = () => {
      for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
        if (form.elements[name]) form.elements[name].value = value;
      }
    };
    form.addEventListener("input", changed);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(changed));
    more.addEventListener("click", () => {
      const start = body.children.length;
      extend();
      body.children[start].querySelector("a").focus();
    });
    document.addEventListener("keydown", (event) => {
      const step = { j: 1, k: -1 }[event.key];
      if (!step || event.target.matches("input, select") || event.ctrlKey || event.metaKey) return;
      const links = [...body.querySelectorAll("a")];
      const place = links.indexOf(document.activeElement);
      const next = links[place < 0 ? 0 : place + step];
      if (next) next.focus();
    });
    form.hidden = false;
    restore();
    show();
    searchBodies();
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
