// The threshold slider: one threshold moves the point on the ROC curve, the confusion matrix and the net benefit together.
// It reads counts at round thresholds and at the study's own, no subject's score.
"use strict";
(() => {
  const shown = (value, digits = 3) => {
    if (value === null) return "—";
    const text = value.toFixed(digits);
    return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
  };
  const make = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const draw = (name, attributes, text) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    return element;
  };

  // Wilson's 95% interval of a proportion.
  const wilson = (part, whole) => {
    if (!whole) return null;
    const [z, p] = [1.959964, part / whole];
    const middle = (p + z * z / (2 * whole)) / (1 + z * z / whole);
    const half = z * Math.sqrt(p * (1 - p) / whole + z * z / (4 * whole * whole)) / (1 + z * z / whole);
    return [Math.max(0, middle - half), Math.min(1, middle + half)];
  };
  const proportion = (part, whole) => {
    const interval = wilson(part, whole);
    return interval ? `${shown(part / whole)} (${shown(interval[0])}–${shown(interval[1])}), ${part} of ${whole}` : "—";
  };

  // Round numbers that divide an axis into about five parts.
  const ticks = (min, max) => {
    const rough = (max - min) / 5;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough * 0.99);
    const values = [];
    for (let at = Math.ceil(min / step - 1e-9); at * step <= max + step * 1e-9; at++) values.push(at * step);
    return { values, digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
  };

  // A plotting area with its axes.
  const plot = (title, names, [xMin, xMax], [yMin, yMax]) => {
    const [left, top, width, height] = [44, 8, 250, 210];
    const x = (value) => left + (width * (value - xMin)) / (xMax - xMin || 1);
    const y = (value) => top + height - (height * (value - yMin)) / (yMax - yMin || 1);
    const svg = draw("svg", { viewBox: "0 0 304 256", role: "img", "aria-label": title });
    const [across, up] = [ticks(xMin, xMax), ticks(yMin, yMax)];
    const label = (place, anchor, text) => draw("text", { ...place, "text-anchor": anchor, "font-size": 10, class: "fill-muted" }, text);
    for (const value of up.values) {
      svg.append(
        draw("line", { x1: left, x2: left + width, y1: y(value), y2: y(value), class: "stroke-grid", "stroke-width": 0.6 }),
        label({ x: left - 5, y: y(value) + 3.5 }, "end", shown(value, up.digits)));
    }
    for (const value of across.values) svg.append(label({ x: x(value), y: top + height + 14 }, "middle", shown(value, across.digits)));
    svg.append(
      draw("path", { d: `M${left} ${top}v${height}h${width}`, fill: "none", class: "stroke-axis", "stroke-width": 0.8 }),
      draw("text", { x: left + width / 2, y: 252, "text-anchor": "middle", "font-size": 11, class: "fill-text" }, names[0]),
      draw("text", { transform: `translate(10 ${top + height / 2}) rotate(-90)`, "text-anchor": "middle", "font-size": 11, class: "fill-text" }, names[1]));
    const line = (points, ink, strokeWidth, dash = "none") => {
      const within = points.filter(([, up]) => up >= yMin).map(([across, up]) => `${x(across).toFixed(2)},${y(up).toFixed(2)}`);
      svg.append(draw("polyline", { points: within.join(" "), fill: "none", class: "stroke-" + ink, "stroke-width": strokeWidth, "stroke-dasharray": dash, "stroke-linejoin": "round" }));
    };
    const point = (across, up) => {
      const low = Math.max(up, yMin);
      svg.append(
        draw("path", { d: `M${left} ${y(low)}H${x(across)}V${top + height}`, fill: "none", class: "stroke-text", "stroke-width": 0.7, "stroke-dasharray": "2 2" }),
        draw("circle", { cx: x(across), cy: y(low), r: 4.5, class: "point fill-paper stroke-series-1", "stroke-width": 2 }));
    };
    return { svg, line, point };
  };

  for (const box of document.querySelectorAll(".explorer")) {
    const { outcome, first, models } = JSON.parse(box.querySelector("script").textContent);
    const id = box.closest("section").id;
    const choose = (name, labels) => {
      const select = make("select", { id: `${id}-${name}` }, ...labels.map((label, at) => make("option", { value: at }, label)));
      return [select, make("label", { for: select.id }, name === "model" ? "Model" : "Set", " ", select)];
    };
    const [modelSelect, modelLabel] = choose("model", models.map((model) => model.label));
    const [setSelect, setLabel] = choose("set", []);
    const slider = make("input", { type: "range", min: 0, id: `${id}-threshold`, step: 1 });
    const readout = make("output", { for: slider.id });
    const home = make("button", { type: "button" }, "The study’s threshold");
    const rule = make("p", { class: "rule" });
    const plots = make("div", { class: "plots" });
    const numbers = make("div", { class: "outcomes", role: "status", "aria-live": "polite" });
    box.append(
      make("p", { class: "choices" }, modelLabel, setLabel),
      make("p", { class: "choices" }, make("label", { for: slider.id }, "Threshold"), slider, readout, home),
      rule, plots, numbers);

    // `own`: at the study's threshold, which is no position of the slider.
    const state = { model: models[0], set: null, own: false };
    const places = (list) => Math.max(...list.map((value) => (String(value).split(".")[1] ?? "").length), 0);
    const roc = ({ positives, negatives, true_positives: tp, false_positives: fp }) => {
      const corners = tp.map((count, at) => [fp[at] / negatives, count / positives]);
      return [[0, 0], ...corners, [1, 1]].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    };
    const benefit = (set, t, tp, fp) => (t <= 0 || t >= 1 ? null : (tp - fp * (t / (1 - t))) / (set.positives + set.negatives));
    const hasOwn = () => state.model.threshold !== null && state.set.at_own !== null;

    const confusion = (set, tp, fp) => {
      const [fn, tn] = [set.positives - tp, set.negatives - fp];
      const row = (head, ...cells) => make("tr", {}, make("th", { scope: "row" }, head), ...cells.map((cell) => make("td", {}, String(cell))));
      const heads = ["Subjects", "Called positive", "Called negative", "All"].map((head) => make("th", { scope: "col" }, head));
      return make("table", { class: "confusion" },
        make("caption", {}, "Confusion matrix"),
        make("thead", {}, make("tr", { class: "heads" }, ...heads)),
        make("tbody", {},
          row(`With ${outcome}`, tp, fn, set.positives),
          row(`Without ${outcome}`, fp, tn, set.negatives),
          row("All", tp + fp, fn + tn, set.positives + set.negatives)));
    };

    const show = () => {
      const { model, set } = state;
      const at = Number(slider.value);
      const own = state.own && hasOwn();
      const threshold = own ? model.threshold : set.thresholds[at];
      const [tp, fp] = own ? set.at_own : [set.true_positives[at], set.false_positives[at]];
      const text = own ? shown(threshold) : shown(threshold, places(set.thresholds));
      readout.textContent = text;
      slider.setAttribute("aria-valuetext", own ? `the study’s threshold, ${text}` : `threshold ${text}`);
      home.hidden = !hasOwn();
      home.setAttribute("aria-pressed", own);
      const chosen = model.threshold === null ? "" : `The study’s threshold: ${shown(model.threshold)} (${model.rule}). `;
      rule.textContent = `${chosen}Called positive: a score at the threshold or ${model.higher_is_risk ? "above" : "below"}. ` +
        "Grey curves: the other models in the same set. Net benefit beside treating all (dotted) and none (zero). Intervals: Wilson, 95%.";

      const curve = plot(`ROC curve, sensitivity ${shown(tp / set.positives)}, specificity ${shown(1 - fp / set.negatives)}`,
        ["1 − Specificity", "Sensitivity"], [0, 1], [0, 1]);
      curve.line([[0, 0], [1, 1]], "axis", 0.8, "3 3");
      for (const other of models) {
        const same = other !== model && other.sets.find((candidate) => candidate.label === set.label);
        if (same) curve.line(roc(same), "quiet", 1);
      }
      curve.line(roc(set), "series-1", 2);
      curve.point(fp / set.negatives, tp / set.positives);

      const figures = [curve.svg];
      const net = model.is_probability ? benefit(set, threshold, tp, fp) : null;
      if (model.is_probability) {
        const usable = set.thresholds
          .map((t, index) => [t, benefit(set, t, set.true_positives[index], set.false_positives[index])])
          .filter(([, value]) => value !== null);
        const prevalence = set.positives / (set.positives + set.negatives);
        const all = usable.map(([t]) => [t, prevalence - (1 - prevalence) * (t / (1 - t))]);
        const highest = Math.max(prevalence, ...usable.map(([, value]) => value)) * 1.06 || 0.1;
        const decision = plot(`Net benefit ${net === null ? "not defined here" : shown(net)} at threshold ${text}`,
          ["Threshold probability", "Net benefit"], [0, 1], [-0.25 * highest, highest]);
        decision.line(all, "muted", 1, "2 2");
        decision.line(usable.map(([t]) => [t, 0]), "text", 0.8);
        decision.line(usable, "series-1", 2);
        if (net !== null) decision.point(threshold, net);
        figures.push(decision.svg);
      } else {
        figures.push(make("p", { class: "none" }, "Net benefit needs a score that is a probability; this model’s is not."));
      }
      plots.replaceChildren(...figures);

      const [fn, tn] = [set.positives - tp, set.negatives - fp];
      const n = set.positives + set.negatives;
      const entries = [
        ["Sensitivity", proportion(tp, tp + fn)], ["Specificity", proportion(tn, tn + fp)],
        ["Positive predictive value", proportion(tp, tp + fp)], ["Negative predictive value", proportion(tn, tn + fn)],
        ["Accuracy", proportion(tp + tn, n)], ["Called positive", proportion(tp + fp, n)],
      ];
      if (net !== null) entries.push(["Net benefit", shown(net)]);
      const list = make("dl", {}, ...entries.map(([term, value]) => make("div", {}, make("dt", {}, term), make("dd", {}, value))));
      numbers.replaceChildren(confusion(set, tp, fp), list);
    };

    // The slider's handle stands at the round threshold nearest to the one that is shown.
    const nearest = (list, wanted) => list.reduce((best, value, at) => (Math.abs(value - wanted) < Math.abs(list[best] - wanted) ? at : best), 0);
    const toHome = () => {
      const { thresholds } = state.set;
      state.own = hasOwn();
      slider.value = nearest(thresholds, state.model.threshold ?? thresholds[thresholds.length >> 1]);
      show();
    };
    const takeSet = () => {
      const before = state.set && !state.own ? state.set.thresholds[Number(slider.value)] : null;
      state.set = state.model.sets[Number(setSelect.value)] ?? state.model.sets[0];
      slider.max = state.set.thresholds.length - 1;
      if (before === null) return toHome();
      slider.value = nearest(state.set.thresholds, before);
      show();
    };
    const takeModel = () => {
      const label = state.set?.label;
      state.model = models[Number(modelSelect.value)];
      const labels = state.model.sets.map((set) => set.label);
      setSelect.replaceChildren(...labels.map((name, at) => make("option", { value: at }, name)));
      setSelect.value = Math.max(0, label === undefined ? labels.length - 1 : labels.indexOf(label));
      state.set = null;
      takeSet();
    };
    modelSelect.addEventListener("change", takeModel);
    setSelect.addEventListener("change", takeSet);
    slider.addEventListener("input", () => {
      state.own = false;
      show();
    });
    home.addEventListener("click", toHome);
    modelSelect.value = first;
    takeModel();
    box.hidden = false;
  }
})();
