// What a page of numbers needs beyond reading: sort, filter, copy, download, a theme switch. The report is whole without it.
"use strict";
(() => {
  const root = document.documentElement;

  // The words of a cell, without the blanks that align it and without its footnote marks.
  const words = (cell) => {
    const copy = cell.cloneNode(true);
    copy.querySelectorAll(".lead, sup").forEach((part) => part.remove());
    return copy.textContent.trim().replace(/\s+/g, " ");
  };

  // A table as rows of words; cells that span columns are followed by empty ones.
  const grid = (table) =>
    [...table.rows].filter((row) => !row.hidden).map((row) =>
      [...row.cells].flatMap((cell) => [words(cell), ...Array(cell.colSpan - 1).fill("")]));

  const tsv = (rows) => rows.map((row) => row.join("\t")).join("\n") + "\n";
  const csv = (rows) =>
    rows.map((row) => row.map((text) => (/[",\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text)).join(",")).join("\r\n") + "\r\n";

  const save = (name, type, text) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // A page opened from disk has no clipboard interface in some browsers.
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
  };

  // Sorting keeps sections apart and indented rows with the row above them.
  const sort = (table, column, direction) => {
    for (const body of table.tBodies) {
      const units = [];
      for (const row of [...body.rows]) {
        if (row.classList.contains("section")) continue;
        if (row.classList.contains("indented") && units.length) units.at(-1).push(row);
        else units.push([row]);
      }
      units.forEach((unit, place) => unit[0].dataset.place ??= place);
      const key = (unit) => {
        const cell = unit[0].cells[column];
        if (!cell) return null;
        if (cell.dataset.n !== undefined) return Number(cell.dataset.n);
        const text = words(cell);
        return text === "" || text === "—" ? null : text;
      };
      units.sort((a, b) => {
        const home = a[0].dataset.place - b[0].dataset.place;
        if (direction === "none") return home;
        const [left, right] = [key(a), key(b)];
        // What has no value stands last whichever way the column is sorted.
        if (left === null || right === null) return (left === null) - (right === null) || home;
        const order = typeof left === "number" && typeof right === "number"
          ? left - right
          : String(left).localeCompare(String(right), "en", { numeric: true });
        return (direction === "descending" ? -order : order) || home;
      });
      units.forEach((unit) => body.append(...unit));
    }
    [...table.tHead.rows].at(-1).querySelectorAll("th").forEach((head, at) => {
      if (at === column && direction !== "none") head.setAttribute("aria-sort", direction);
      else head.removeAttribute("aria-sort");
    });
  };

  const filter = (table, wanted) => {
    const needle = wanted.trim().toLowerCase();
    for (const body of table.tBodies) {
      const rows = [...body.rows];
      const hits = rows.map((row) => words(row).toLowerCase().includes(needle));
      rows.forEach((row, at) => {
        if (row.classList.contains("section")) {
          row.hidden = needle !== "" && !hits[at] && !hits.some(Boolean);
          return;
        }
        // A hit in a section's head shows the section; an indented hit shows the row that it belongs to.
        let hit = needle === "" || hits[at] || (rows[0].classList.contains("section") && hits[0]);
        for (let below = at + 1; !hit && rows[below]?.classList.contains("indented") && !row.classList.contains("indented"); below++) hit = hits[below];
        row.hidden = !hit;
      });
    }
  };

  for (const table of document.querySelectorAll("table.numbers")) {
    const heads = [...table.tHead.rows].at(-1).cells;
    [...heads].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(head.querySelector(".head"));
      head.prepend(button);
      button.addEventListener("click", () => {
        const next = { ascending: "descending", descending: "none" };
        sort(table, column, next[head.getAttribute("aria-sort")] ?? "ascending");
      });
    });
    const notes = new Map([...table.closest("section").querySelectorAll("[data-mark]")].map((note) => [note.dataset.mark, note]));
    table.querySelectorAll("sup").forEach((mark) => {
      const note = notes.get(mark.textContent);
      if (!note) return;
      const link = document.createElement("a");
      link.href = "#" + note.id;
      link.title = note.textContent.trim().slice(mark.textContent.length).trim();
      link.textContent = mark.textContent;
      mark.replaceChildren(link);
    });
  }

  const tableOf = (control) => (control.closest("details.data") ?? control.closest("section")).querySelector("table");
  const tell = (control, text) => {
    const status = control.closest(".tools").querySelector("[role=status]");
    status.textContent = text;
    setTimeout(() => { status.textContent = ""; }, 2000);
  };
  const nameOf = (control) => control.closest("section").id;

  const actions = {
    theme: () => {
      const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
    },
    print: () => print(),
    copy: (button) => copy(tsv(grid(tableOf(button)))).then(() => tell(button, "Copied")),
    csv: (button) => save(nameOf(button) + ".csv", "text/csv", "\ufeff" + csv(grid(tableOf(button)))),
    svg: (button) => save(nameOf(button) + ".svg", "image/svg+xml", new XMLSerializer().serializeToString(button.closest("section").querySelector(".drawing svg"))),
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-do]");
    if (button) actions[button.dataset.do]?.(button);
  });
  document.querySelectorAll("input[data-do=filter]").forEach((input) =>
    input.addEventListener("input", () => filter(tableOf(input), input.value)));
  document.querySelectorAll(".tools[hidden]").forEach((tools) => { tools.hidden = false; });

  // The contents are open beside the text, and closed above it.
  const contents = document.querySelector(".contents details");
  const wide = matchMedia("(min-width: 70rem)");
  const settle = () => { contents.open = wide.matches; };
  settle();
  wide.addEventListener("change", settle);
  contents.addEventListener("click", (event) => { if (event.target.closest("a") && !wide.matches) contents.open = false; });

  // The entry of the part that is being read.
  const entries = new Map([...document.querySelectorAll(".contents a")].map((link) => [link.hash.slice(1), link]));
  const seen = new IntersectionObserver((changes) => {
    for (const change of changes) {
      if (!change.isIntersecting) continue;
      entries.forEach((link) => link.removeAttribute("aria-current"));
      entries.get(change.target.id)?.setAttribute("aria-current", "true");
    }
  }, { rootMargin: "0px 0px -70% 0px" });
  entries.forEach((_, id) => { const part = document.getElementById(id); if (part) seen.observe(part); });

  // A figure downloaded or copied is the light one; a table opened by its link shows its data.
  addEventListener("beforeprint", () => root.setAttribute("data-printing", ""));
  addEventListener("afterprint", () => root.removeAttribute("data-printing"));
})();
