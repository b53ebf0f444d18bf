// Without this script everything can be read and searched; it only makes it quicker.
(() => {
  "use strict";

  // On a phone the contents start closed.
  const contents = document.getElementById("contents");
  if (matchMedia("(max-width: 48rem)").matches) contents.open = false;
  document.querySelector("nav [aria-current]")?.scrollIntoView({block: "nearest"});
  if (!location.hash) scrollTo(0, 0);

  for (const pre of document.querySelectorAll("main pre")) {
    // A formula or a reply is read, not run.
    if (pre.querySelector(".language-text") || pre.closest(".reply")) continue;
    const box = document.createElement("div");
    box.className = "code";
    pre.replaceWith(box);
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      button.textContent = (await copied(pre)) ? "Copied" : "Press Ctrl+C";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    box.append(pre, button);
  }

  // Browsers give pages over plain HTTP from other machines no clipboard; there the text is selected.
  async function copied(pre) {
    try {
      await navigator.clipboard.writeText(pre.textContent);
      return true;
    } catch {
      getSelection().selectAllChildren(pre);
      return document.execCommand("copy");
    }
  }

  for (const heading of document.querySelectorAll("main h2[id], main h3[id]")) {
    const link = document.createElement("a");
    link.className = "anchor";
    link.href = "#" + heading.id;
    link.textContent = "#";
    link.setAttribute("aria-label", "Link to " + heading.textContent);
    heading.append(link);
  }

  const form = document.querySelector("form[role=search]");
  const input = form.querySelector("input");
  const list = document.getElementById("suggestions");
  let asked = 0;
  let timer;

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(suggest, 120);
  });

  async function suggest() {
    const query = input.value.trim();
    const mine = ++asked;
    if (query.length < 2) return show([]);
    try {
      const answer = await fetch(input.form.action + "?q=" + encodeURIComponent(query),
        {headers: {Accept: "application/json"}});
      if (answer.ok && mine === asked) show((await answer.json()).results.slice(0, 8));
    } catch {
      show([]);
    }
  }

  function show(results) {
    list.replaceChildren(...results.map(result => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = result.path;
      link.textContent = result.heading;
      const where = document.createElement("small");
      where.textContent = result.page === result.heading ? result.snippet : result.page + " · " + result.snippet;
      link.append(where);
      item.append(link);
      return item;
    }));
    list.hidden = results.length === 0;
  }

  input.addEventListener("keydown", event => {
    const items = [...list.children];
    if (event.key === "Escape") show([]);
    if (list.hidden || !["ArrowDown", "ArrowUp", "Enter"].includes(event.key)) return;
    const at = items.findIndex(item => item.ariaSelected === "true");
    if (event.key === "Enter") {
      if (at < 0) return;
      event.preventDefault();
      items[at].firstChild.click();
      return show([]);
    }
    event.preventDefault();
    if (at >= 0) items[at].ariaSelected = "false";
    const next = (at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length;
    items[next].ariaSelected = "true";
    items[next].scrollIntoView({block: "nearest"});
  });
  document.addEventListener("click", event => { if (!form.contains(event.target)) show([]); });

  // As in many documentations, "/" leads to the search.
  document.addEventListener("keydown", event => {
    if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      input.focus();
    }
  });
})();
