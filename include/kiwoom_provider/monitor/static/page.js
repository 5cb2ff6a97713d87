// The page without this script shows everything but the plots.
"use strict";
(() => {
  const nonce = document.currentScript.nonce;
  const root = document.documentElement;

  // Bokeh makes <style> elements: they carry the page's nonce, so that the policy needs no 'unsafe-inline'.
  const create = document.createElement;
  document.createElement = function (name, ...rest) {
    const element = create.call(this, name, ...rest);
    if (String(name).toLowerCase() === "style") element.nonce = nonce;
    return element;
  };

  function stored(name) {
    try {
      return window.localStorage.getItem(name);
    } catch {
      return null;
    }
  }

  // Airflow keeps its own choices in this origin's storage; the page follows them.
  function takeTheme() {
    const theme = stored("theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
  }

  function takeLanguage() {
    const asked = new URLSearchParams(location.search);
    const language = (stored("i18nextLng") || "").slice(0, 2);
    if (asked.has("lang") || !["en", "ko"].includes(language) || language === root.lang) return;
    asked.set("lang", language);
    location.replace(`?${asked}${location.hash}`);
  }

  const isDark = () => getComputedStyle(root).colorScheme === "dark" ||
    (!root.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);

  // A calendar is one stop of the Tab key; arrows move inside it.
  function walkCalendar(table) {
    const rows = [...table.tBodies[0].rows].map((row) => [...row.cells].slice(1));
    const links = [...table.querySelectorAll("td a")];
    const rest = (chosen) => links.forEach((link) => (link.tabIndex = link === chosen ? 0 : -1));
    const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    rest(links.at(-1));
    const newest = links.reduce((last, link) => (link.title > last.title ? link : last), links[0]);
    if (newest) rest(newest);
    table.addEventListener("keydown", (event) => {
      const step = steps[event.key];
      const cell = event.target.closest("td");
      if (!step || !cell) return;
      event.preventDefault();
      let row = rows.findIndex((cells) => cells.includes(cell));
      let column = rows[row].indexOf(cell);
      let link = null;
      while (!link) {
        [row, column] = [row + step[0], column + step[1]];
        if (row < 0) [row, column] = [rows.length - 1, column - 1];
        if (row >= rows.length) [row, column] = [0, column + 1];
        if (!rows[row]?.[column]) return;
        link = rows[row][column].querySelector("a");
      }
      rest(link);
      link.focus();
    });
  }

  function address(plot) {
    const asked = new URLSearchParams(new URL(plot.dataset.src, location.href).search);
    if (!asked.has("lang")) asked.set("lang", root.lang);
    asked.set("theme", isDark() ? "dark" : "light");
    if (plot.dataset.year) asked.set("year", plot.dataset.year);
    const controls = document.getElementById(plot.dataset.controls || "");
    for (const input of controls?.querySelectorAll("select, input:checked") ?? []) asked.append(input.name, input.value);
    return `${plot.dataset.src.split("?")[0]}?${asked}`;
  }

  function fill(plot, table) {
    const details = plot.querySelector("details");
    details.hidden = !table;
    if (!table) return;
    const made = document.createElement("table");
    made.createCaption().textContent = table.caption;
    const cell = (row, kind, text, scope) => {
      const made = row.appendChild(document.createElement(kind));
      made.textContent = text;
      if (scope) made.scope = scope;
      else made.className = "n";
    };
    const head = made.createTHead().insertRow();
    table.head.forEach((text) => cell(head, "th", text, "col"));
    const body = made.createTBody();
    for (const [first, ...others] of table.rows) {
      const row = body.insertRow();
      cell(row, "th", first, "row");
      others.forEach((text) => cell(row, "td", text));
    }
    details.querySelector(".scroll").replaceChildren(made);
  }

  function fail(plot, reason) {
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = plot.dataset.again;
    again.addEventListener("click", () => draw(plot));
    plot.classList.add("failed");
    plot.querySelector(".note").replaceChildren(`${plot.dataset.failed} ${reason} `, again);
    plot.querySelector(".canvas").replaceChildren();
  }

  const asked = new WeakMap();

  async function draw(plot) {
    const note = plot.querySelector(".note");
    const canvas = plot.querySelector(".canvas");
    const turn = (asked.get(plot) ?? 0) + 1;
    asked.set(plot, turn);
    plot.classList.remove("failed", "bare");
    plot.setAttribute("aria-busy", "true");
    note.textContent = plot.dataset.loading;
    try {
      const answer = await fetch(address(plot), { headers: { Accept: "application/json" } });
      const said = await answer.json().catch(() => ({ error: `HTTP ${answer.status}` }));
      if (asked.get(plot) !== turn) return;
      if (!answer.ok) throw new Error(said.error);
      canvas.replaceChildren();
      plot.classList.toggle("bare", !said.plot);
      if (said.plot) await window.Bokeh.embed.embed_item(said.plot, canvas.id);
      fill(plot, said.table);
      note.textContent = said.summary;
    } catch (error) {
      if (asked.get(plot) === turn) fail(plot, error.message);
    } finally {
      if (asked.get(plot) === turn) plot.removeAttribute("aria-busy");
    }
  }

  // Airflow's frame lets no link out; the same link clicked in the outer page does.
  function leave(event) {
    if (window.parent === window || event.ctrlKey || event.metaKey || event.button) return;
    event.preventDefault();
    const link = window.parent.document.createElement("a");
    link.href = event.currentTarget.href;
    window.parent.document.body.append(link);
    link.click();
    link.remove();
  }

  function start() {
    document.querySelectorAll("table.calendar").forEach(walkCalendar);
    document.querySelectorAll("a[data-out]").forEach((link) => link.addEventListener("click", leave));
    const plots = [...document.querySelectorAll(".plot")];
    plots.forEach(draw);
    for (const plot of plots) {
      document.getElementById(plot.dataset.controls || "")?.addEventListener("change", () => draw(plot));
    }
    const repaint = () => {
      takeTheme();
      plots.forEach(draw);
    };
    window.addEventListener("storage", (event) => event.key === "theme" && repaint());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  }

  takeTheme();
  takeLanguage();
  document.addEventListener("DOMContentLoaded", start);
})();
