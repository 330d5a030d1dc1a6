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
      // A span, not a button element: a footnote mark stays on the head's last line.
      const control = head.querySelector(".head");
      control.setAttribute("role", "button");
      control.tabIndex = 0;
      const turn = () => {
        const next = { ascending: "descending", descending: "none" };
        sort(table, column, next[head.getAttribute("aria-sort")] ?? "ascending");
      };
      control.addEventListener("click", turn);
      control.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        turn();
      });
    });
    // A number in full, under the pointer.
    table.querySelectorAll("[data-n]").forEach((cell) => { if (!Number.isInteger(Number(cell.dataset.n))) cell.title = cell.dataset.n; });
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

  // The figure as a file: as it was drawn, without what this script has put into it.
  const drawing = (button) => {
    const copy = button.closest("section").querySelector(".drawing svg").cloneNode(true);
    copy.querySelectorAll(".cross, .behind").forEach((part) => part.remove());
    copy.querySelectorAll(".stays").forEach((part) => part.removeAttribute("transform"));
    copy.querySelectorAll(".off").forEach((part) => part.remove());
    copy.querySelectorAll(".pointed").forEach((part) => part.classList.remove("pointed"));
    return new XMLSerializer().serializeToString(copy);
  };

  const actions = {
    theme: () => {
      const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
    },
    print: () => print(),
    copy: (button) => copy(tsv(grid(tableOf(button)))).then(() => tell(button, "Copied")),
    csv: (button) => save(nameOf(button) + ".csv", "text/csv", "\ufeff" + csv(grid(tableOf(button)))),
    svg: (button) => save(nameOf(button) + ".svg", "image/svg+xml", drawing(button)),
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-do]");
    if (button) actions[button.dataset.do]?.(button);
  });
  document.querySelectorAll("input[data-do=filter]").forEach((input) =>
    input.addEventListener("input", () => filter(tableOf(input), input.value)));
  document.querySelectorAll(".tools[hidden]").forEach((tools) => { tools.hidden = false; });

  // A drawing's panels say where they lie and what their axes span; its curves, what they are called. From that a value
  // can be read off under the pointer or by arrow keys, and curves can be left out.
  const number = (value) => value.toFixed(Math.abs(value) >= 20 ? 1 : 3).replace("-", "−");

  const panelsOf = (svg) => [...svg.querySelectorAll(".panel")].map((group) => {
    const side = (at, length, axis) => {
      const [start, extent, min, max] = [at, length, axis + "Min", axis + "Max"].map((key) => Number(group.dataset[key]));
      const log = group.dataset[axis + "Scale"] !== "linear";
      return { start, extent, min, max, log };
    };
    const curves = [...group.querySelectorAll(".curve")].map((curve) => ({
      group: curve,
      label: curve.dataset.label,
      // The lines' points count hundredths of a point from the panel's corner.
      points: [...curve.querySelectorAll("polyline")].flatMap((line) =>
        line.getAttribute("points").trim().split(/\s+/).map((pair) => pair.split(",").map((part) => Number(part) / 100))),
    }));
    return { group, name: group.dataset.panel, x: side("left", "width", "x"), y: side("top", "height", "y"), curves };
  });

  const valueAt = (axis, part) =>
    axis.log ? axis.min * (axis.max / axis.min) ** part : axis.min + (axis.max - axis.min) * part;

  // The curve's height at a place, in the panel's points from its top; on a vertical step the uppermost.
  const heightAt = (points, place) => {
    let best = null;
    for (let at = 1; at < points.length; at++) {
      const [[x0, y0], [x1, y1]] = [points[at - 1], points[at]];
      if (place < x0 || place > x1) continue;
      const y = x1 === x0 ? Math.min(y0, y1) : y0 + ((y1 - y0) * (place - x0)) / (x1 - x0);
      best = best === null ? y : Math.min(best, y);
    }
    return best;
  };

  for (const box of document.querySelectorAll(".drawing")) {
    const svg = box.querySelector("svg");
    const section = box.closest("section");
    const readout = section.querySelector(".readout");
    const panels = panelsOf(svg).filter((panel) => panel.curves.length);
    const off = new Set();

    // Marks (points, bars, estimates) say their value under the pointer, and one after the other by keys.
    const marks = [...svg.querySelectorAll(".mark[data-text]")];
    let marked = -1;
    const tellMark = (mark) => {
      svg.querySelectorAll(".pointed").forEach((other) => other.classList.remove("pointed"));
      mark.classList.add("pointed");
      readout.hidden = false;
      readout.textContent = [mark.dataset.label, mark.dataset.text].filter(Boolean).join(": ");
    };
    const step = (by) => {
      marked = (marked + by + marks.length) % marks.length;
      tellMark(marks[marked]);
    };
    svg.addEventListener("pointerover", (event) => {
      const mark = event.target.closest(".mark[data-text]");
      if (mark) { marked = marks.indexOf(mark); tellMark(mark); }
    });
    if (marks.length) {
      // Where there are curves, the arrow keys read those, and Page Up and Page Down go through the marks.
      const keys = panels.length ? { PageDown: 1, PageUp: -1 } : { ArrowRight: 1, ArrowDown: 1, PageDown: 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1 };
      box.addEventListener("keydown", (event) => {
        if (!keys[event.key]) return;
        event.preventDefault();
        step(marked < 0 && keys[event.key] < 0 ? 0 : keys[event.key]);
      });
    }
    if (!panels.length) {
      if (marks.length) {
        readout.hidden = false;
        readout.textContent = "Point at a mark, or press arrow keys, to read values.";
        box.setAttribute("aria-description", "Arrow keys read values off the marks.");
      }
      continue;
    }

    const cross = document.createElementNS("http://www.w3.org/2000/svg", "line");
    cross.setAttribute("class", "stroke-axis cross");
    cross.setAttribute("stroke-width", "0.6");
    svg.append(cross);
    const position = { panel: 0, part: 0.2 };
    const show = () => {
      const { x, y, name, curves, group } = panels[position.panel];
      const place = position.part * x.extent;
      const at = { x1: x.start + place, x2: x.start + place, y1: y.start, y2: y.start + y.extent };
      for (const [key, value] of Object.entries(at)) cross.setAttribute(key, value);
      cross.classList.add("on");
      const seen = curves.filter((curve) => !off.has(curve.label))
        .map((curve) => [curve.label, heightAt(curve.points, place)]).filter(([, height]) => height !== null)
        .map(([label, height]) => `${label} ${number(valueAt(y, 1 - height / y.extent))}`);
      const axis = (which) => (group.dataset[which] ? group.dataset[which] + " " : "");
      readout.textContent = `${name ? name + ", " : ""}${axis("xName") || "at "}${number(valueAt(x, position.part))}. ` +
        axis("yName") + seen.join("; ");
    };
    const hint = "Point at a curve, or press arrow keys, to read values.";
    const hide = () => { cross.classList.remove("on"); readout.textContent = hint; };
    svg.addEventListener("pointermove", (event) => {
      const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      const within = (axis, value) => value >= axis.start && value <= axis.start + axis.extent;
      const hit = panels.findIndex((panel) => within(panel.x, x) && within(panel.y, y));
      if (hit < 0) return hide();
      position.panel = hit;
      position.part = (x - panels[hit].x.start) / panels[hit].x.extent;
      show();
    });
    svg.addEventListener("pointerleave", hide);
    box.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -0.01, ArrowRight: 0.01 }[event.key];
      const turn = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (event.key === "Escape") return hide();
      if (step === undefined && turn === undefined) return;
      event.preventDefault();
      if (step) position.part = Math.min(1, Math.max(0, position.part + step * (event.shiftKey ? 10 : 1)));
      if (turn) position.panel = (position.panel + turn + panels.length) % panels.length;
      show();
    });
    box.setAttribute("aria-description", "Arrow keys read values off the curves.");
    // Room for the reading is kept, so that the drawing does not move under the pointer.
    readout.hidden = false;
    readout.textContent = hint;

    const labels = [...new Set(panels.flatMap((panel) => panel.curves.map((curve) => curve.label)))];
    if (labels.length < 2) continue;
    const legend = document.createElement("details");
    legend.className = "curves";
    const summary = document.createElement("summary");
    summary.textContent = "Curves";
    legend.append(summary);
    for (const label of labels) {
      const line = document.createElement("label");
      const input = document.createElement("input");
      input.type = "checkbox";
      input.checked = true;
      line.append(input, label);
      input.addEventListener("change", () => {
        if (input.checked) off.delete(label); else off.add(label);
        svg.querySelectorAll("[data-label]").forEach((part) => {
          if (part.dataset.label === label) part.classList.toggle("off", !input.checked);
        });
      });
      legend.append(line);
    }
    section.querySelector(".tools").append(legend);
  }

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


  // The note of a drawing as text below it, for where the drawing is wider than the screen.
  const noteOf = (box) => {
    const lines = [...box.querySelectorAll(".note text")].map((line) => line.textContent);
    if (!lines.length) return null;
    const note = document.createElement("p");
    note.className = "below";
    note.textContent = lines.join(" ");
    box.after(note);
    return note;
  };

  // Names in a drawing stay in sight while it is scrolled sideways, on a ground of their own.
  document.querySelectorAll(".drawing .stays").forEach((names) => {
    const box = names.closest(".drawing");
    const { x, y, width, height } = names.getBBox();
    const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    for (const [key, value] of Object.entries({ x, y, width: width + 6, height, class: "behind fill-paper" })) ground.setAttribute(key, value);
    names.prepend(ground);
    box.addEventListener("scroll", () => {
      names.setAttribute("transform", `translate(${box.scrollLeft / box.querySelector("svg").getScreenCTM().a} 0)`);
    });
  });

  // What is wider than the screen says so: a table cut at the edge does not look cut.
  const cueOf = (box) => {
    const cue = document.createElement("p");
    cue.className = "more";
    cue.textContent = "Wider than the screen: scroll sideways →";
    box.before(cue);
    const note = noteOf(box);
    const look = () => {
      cue.hidden = box.scrollWidth - box.clientWidth < 2;
      box.classList.toggle("narrow", !cue.hidden);
      if (note) note.hidden = cue.hidden;
    };
    new ResizeObserver(look).observe(box);
    look();
  };
  document.querySelectorAll(".scroll").forEach(cueOf);
})();
