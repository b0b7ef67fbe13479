/* SPDX-License-Identifier: MIT */
/* Code blocks right after each other, one a language, become tabs; the language chosen holds for
 * every page. Without this file they stand below each other. */
(() => {
  "use strict";
  const names = { c: "C", sh: "Shell", python: "Python", js: "Node" };
  const groups = [];

  const languageOf = (block) => {
    const match = /\bhighlight-(\w+)\b/.exec(block.className);
    return match && names[match[1]] ? match[1] : null;
  };

  const choose = (language) => {
    for (const group of groups) {
      const wanted = group.languages.includes(language) ? language : group.languages[0];
      group.blocks.forEach((block, i) => {
        const on = group.languages[i] === wanted;
        block.hidden = !on;
        group.buttons[i].setAttribute("aria-selected", String(on));
        group.buttons[i].tabIndex = on ? 0 : -1;
      });
    }
  };

  const remember = (language) => {
    try {
      localStorage.setItem("inventra-language", language);
    } catch {
      /* a page opened as a file may have no storage: the choice holds for this page */
    }
    choose(language);
  };

  const remembered = () => {
    try {
      return localStorage.getItem("inventra-language");
    } catch {
      return null;
    }
  };

  const step = (group, event) => {
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!way) return;
    const count = group.buttons.length;
    const next = (group.buttons.indexOf(event.target) + way + count) % count;
    remember(group.languages[next]);
    group.buttons[next].focus();
  };

  const makeTabs = (blocks) => {
    const bar = document.createElement("div");
    const group = { blocks, languages: blocks.map(languageOf), buttons: [] };
    bar.className = "tabs";
    bar.setAttribute("role", "tablist");
    for (const language of group.languages) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = names[language];
      button.setAttribute("role", "tab");
      button.addEventListener("click", () => remember(language));
      bar.append(button);
      group.buttons.push(button);
    }
    bar.addEventListener("keydown", (event) => step(group, event));
    blocks[0].before(bar);
    blocks.forEach((block) => block.classList.add("tabbed"));
    groups.push(group);
  };

  const start = () => {
    let run = [];
    const end = () => {
      if (run.length > 1) makeTabs(run);
      run = [];
    };
    for (const block of document.querySelectorAll("div[class*='highlight-']")) {
      const follows = run.length && run[run.length - 1].nextElementSibling === block;
      if (!languageOf(block)) {
        end();
        continue;
      }
      if (!follows || run.some((other) => languageOf(other) === languageOf(block))) end();
      run.push(block);
    }
    end();
    choose(remembered());
  };

  document.addEventListener("DOMContentLoaded", start);
})();
