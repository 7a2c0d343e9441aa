// What a page can do beyond being read: search, sortable tables, enlarged figures, values under the
// pointer. Everything here adds to a page that is complete without it.
(function () {
  "use strict";
  var root = document.documentElement.getAttribute("data-root") || "";

  function make(name, properties, children) {
    var node = document.createElement(name);
    Object.keys(properties || {}).forEach(function (key) {
      if (key in node && key !== "list") node[key] = properties[key]; else node.setAttribute(key, properties[key]);
    });
    (children || []).forEach(function (child) { node.append(child); });
    return node;
  }

  function each(selector, run) { document.querySelectorAll(selector).forEach(run); }

  // A classic script, once: it works from a file as well, where fetch does not.
  var loading = {};
  function load(address) {
    if (!loading[address]) loading[address] = new Promise(function (resolve, reject) {
      var script = make("script", { src: address });
      script.onload = resolve;
      script.onerror = function () { delete loading[address]; reject(new Error(address)); };
      document.head.append(script);
    });
    return loading[address];
  }

  // ---- Regions that scroll are reachable by keyboard; those that fit are no stop.
  function tabStops() {
    each(".scroll, .eq, .longmath, main pre", function (region) {
      if (region.scrollWidth > region.clientWidth) region.tabIndex = 0; else region.removeAttribute("tabindex");
    });
  }
  addEventListener("resize", tabStops);
  addEventListener("load", tabStops);
  if (document.fonts) document.fonts.ready.then(tabStops);
  document.addEventListener("toggle", tabStops, true);

  // ---- Search
  var kinds = ["", "Figure: ", "Table: ", "Columns: "];
  function fold(text) { return text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f]/g, ""); }

  // Every word must occur in the entry or the title of its page; titles first, then early hits.
  function find(index, query) {
    var words = fold(query).split(/\s+/).filter(Boolean);
    var hits = [];
    if (!words.length) return hits;
    index.forEach(function (page, order) {
      var title = fold(page[1]);
      function score(text, weight) {
        var total = 0;
        for (var i = 0; i < words.length; i++) {
          var at = text.indexOf(words[i]);
          if (at >= 0) total += weight + (at === 0 || /[^a-z0-9]/.test(text[at - 1]) ? 3 : 0) - Math.min(at, 60) / 100;
          else if (title.indexOf(words[i]) >= 0) total += 1;
          else return 0;
        }
        return total;
      }
      var own = score(title, 12);
      if (own) hits.push({ path: page[0], title: page[1], detail: page[2], id: "", score: own, order: order });
      page[3].forEach(function (entry) {
        var text = fold(entry[1]);
        if (!words.some(function (word) { return text.indexOf(word) >= 0; })) return;
        var points = score(text, entry[0] === 3 ? 3 : 8);
        if (points) hits.push({ path: page[0], title: entry[1], detail: kinds[entry[0]] + page[1], id: entry[2], score: points, order: order });
      });
    });
    return hits.sort(function (a, b) { return b.score - a.score || a.order - b.order; });
  }

  function highlighted(text, query) {
    var words = query.split(/\s+/).filter(Boolean).map(function (word) { return word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"); });
    var node = make("span");
    if (!words.length) { node.append(text); return node; }
    text.split(new RegExp("(" + words.join("|") + ")", "i")).forEach(function (part, i) {
      node.append(i % 2 ? make("mark", { textContent: part }) : part);
    });
    return node;
  }

  each("form[role=search]", function (form) {
    var input = form.querySelector("input");
    var panel = null;
    var index = null;

    function close() { if (panel) panel.remove(); panel = null; }

    function show() {
      var query = input.value.trim();
      if (!query) { close(); return; }
      if (!panel) {
        panel = make("section", { className: "results", "aria-label": "Search results" });
        panel.append(make("p", { role: "status" }), make("ul"));
        form.closest("header").after(panel);
        panel.addEventListener("keydown", move);
      }
      var status = panel.firstChild, list = panel.lastChild;
      list.textContent = "";
      if (!index) { status.textContent = "Loading …"; return; }
      var hits = find(index, query);
      status.textContent = hits.length === 0 ? "Nothing found for “" + query + "”" : hits.length === 1 ? "1 result" : hits.length + " results" + (hits.length > 30 ? ", the first 30" : "");
      hits.slice(0, 30).forEach(function (hit) {
        var link = make("a", { href: root + hit.path + (hit.id ? "#" + encodeURIComponent(hit.id) : "") });
        link.append(highlighted(hit.title.length > 120 ? hit.title.slice(0, 117) + "…" : hit.title, query));
        if (hit.detail) link.append(make("small", { textContent: hit.detail }));
        link.addEventListener("click", function () { setTimeout(close, 0); });
        list.append(make("li", {}, [link]));
      });
    }

    function ready() {
      if (index) return;
      load(form.getAttribute("data-index")).then(function () { index = window.tendSearchIndex || []; show(); }, function () {
        if (panel) panel.firstChild.textContent = "The search index could not be loaded.";
      });
    }

    function move(event) {
      var links = panel ? Array.prototype.slice.call(panel.querySelectorAll("a")) : [];
      var at = links.indexOf(document.activeElement);
      if (event.key === "Escape") { close(); input.focus(); }
      else if (event.key === "ArrowDown" && links.length) links[Math.min(at + 1, links.length - 1)].focus();
      else if (event.key === "ArrowUp" && at >= 0) (at === 0 ? input : links[at - 1]).focus();
      else return;
      event.preventDefault();
    }

    input.addEventListener("focus", ready);
    input.addEventListener("input", function () { ready(); show(); });
    input.addEventListener("keydown", move);
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      var first = panel && panel.querySelector("a");
      if (first) first.click();
    });
    document.addEventListener("focusin", function (event) { if (panel && !panel.contains(event.target) && !form.contains(event.target)) close(); });
    document.addEventListener("pointerdown", function (event) { if (panel && !panel.contains(event.target) && !form.contains(event.target)) close(); });
  });

  // ---- Sortable tables
  function key(cell) {
    if (!cell) return "";
    var value = cell.getAttribute("data-v");
    var text = value === null ? cell.textContent.trim() : value;
    if (text === "" || text === "–") return null;
    var number = Number(text.replace(/,/g, "").replace(/−/g, "-"));
    return isNaN(number) ? text : number;
  }

  function compare(a, b) {
    if (typeof a === "number" && typeof b === "number") return a - b;
    if (typeof a === "number") return -1;
    if (typeof b === "number") return 1;
    return String(a).localeCompare(String(b), "en", { numeric: true });
  }

  function makeSortable(table) {
    var head = table.tHead.rows[table.tHead.rows.length - 1];
    var body = table.tBodies[0];
    var original = Array.prototype.slice.call(body.rows);
    Array.prototype.forEach.call(head.cells, function (cell, column) {
      if (cell.tagName !== "TH") return;
      var button = make("button", { type: "button", textContent: cell.textContent });
      cell.textContent = "";
      cell.append(button);
      button.addEventListener("click", function () {
        var before = cell.getAttribute("aria-sort");
        var next = before === "ascending" ? "descending" : before === "descending" ? null : "ascending";
        Array.prototype.forEach.call(head.cells, function (other) { other.removeAttribute("aria-sort"); });
        var rows = original.slice();
        if (next) {
          cell.setAttribute("aria-sort", next);
          var keyed = rows.map(function (row, order) { return { row: row, key: key(row.cells[column]), order: order }; });
          keyed.sort(function (a, b) {
            // What has no value comes last either way.
            if (a.key === null || b.key === null) return (a.key === null) - (b.key === null) || a.order - b.order;
            return (next === "ascending" ? 1 : -1) * compare(a.key, b.key) || a.order - b.order;
          });
          rows = keyed.map(function (entry) { return entry.row; });
        }
        body.append.apply(body, rows);
      });
    });
  }

  // ---- Enlarged figures
  function enlarge(figure, opener) {
    var title = figure.getAttribute("data-title") || "Figure";
    var picture = figure.querySelector("picture");
    var dark = getComputedStyle(document.documentElement).colorScheme.indexOf("dark") >= 0;
    var wide = Array.prototype.filter.call(picture.querySelectorAll("source"), function (source) {
      return source.getAttribute("data-size") === "all" && (source.getAttribute("data-dark") === "1") === dark;
    })[0];
    var shown = picture.querySelector("img");
    var width = Number(shown.getAttribute("width"));
    var image = make("img", { src: wide ? wide.getAttribute("srcset") : shown.src, alt: shown.alt });
    var view = make("div", { className: "view", tabIndex: 0, role: "region", "aria-label": title + ", enlarged" }, [image]);
    var scale = 1;
    function zoom(to) {
      scale = Math.max(0.25, Math.min(6, to));
      image.style.width = Math.round(width * scale) + "px";
    }
    function fit() { zoom((view.clientWidth - 32) / width); }
    function button(text, label, run) {
      var node = make("button", { type: "button", textContent: text });
      if (label) node.setAttribute("aria-label", label);
      node.addEventListener("click", run);
      return node;
    }
    var heading = make("h2", { id: "_zoom-title", textContent: title });
    var dialog = make("dialog", { className: "zoom", "aria-labelledby": "_zoom-title" });
    dialog.append(make("header", {}, [heading,
      button("−", "Smaller", function () { zoom(scale / 1.25); }), button("+", "Larger", function () { zoom(scale * 1.25); }),
      button("Fit", "Fit to the window", fit), button("Close", "", function () { dialog.close(); })]), view);
    var files = figure.querySelector(".get");
    if (files) {
      var copy = files.cloneNode(true);
      copy.querySelectorAll("button").forEach(function (node) { node.closest("li").remove(); });
      dialog.append(make("footer", {}, [copy]));
    }
    dialog.addEventListener("click", function (event) { if (event.target === dialog) dialog.close(); });
    dialog.addEventListener("close", function () { dialog.remove(); opener.focus(); });
    document.body.append(dialog);
    dialog.showModal();
    fit();
  }

  // ---- Values under the pointer
  // Script of a figure: tendPoints[ID] = {columns, rows, variants: {width: [[row, series, x, y, w, h] …]}}
  function explore(figure, control) {
    var picture = figure.querySelector("picture");
    var image = picture.querySelector("img");
    var plot = make("div", { className: "plot" });
    picture.before(plot);
    plot.append(picture);
    var status = make("span", { className: "sr", role: "status" });
    figure.append(status);
    var space = "http://www.w3.org/2000/svg";
    var data = null, layer = null, tip = null, current = null;

    function fetchData() {
      if (data) return Promise.resolve();
      return load(figure.getAttribute("data-points")).then(function () { data = (window.tendPoints || {})[figure.id] || null; });
    }

    function points() {
      if (!data) return [];
      var widths = Object.keys(data.variants).map(Number);
      var drawn = image.naturalWidth || image.clientWidth;
      var width = widths.reduce(function (best, each) { return Math.abs(each - drawn) < Math.abs(best - drawn) ? each : best; }, widths[0]);
      points.width = width;
      return data.variants[width] || [];
    }

    function clear() {
      current = null;
      if (layer) layer.remove();
      if (tip) tip.remove();
      layer = tip = null;
    }

    function add(name, attributes) {
      var node = document.createElementNS(space, name);
      Object.keys(attributes).forEach(function (attribute) { node.setAttribute(attribute, attributes[attribute]); });
      layer.append(node);
    }

    function select(point, all) {
      clear();
      current = point;
      var row = data.rows[point[0]];
      layer = document.createElementNS(space, "svg");
      layer.setAttribute("viewBox", "0 0 " + points.width + " " + Math.round(image.clientHeight * points.width / image.clientWidth));
      layer.setAttribute("aria-hidden", "true");
      var series = all.filter(function (each) { return each[1] === point[1]; });
      var isTile = point[4] > 0 || point[5] > 0;
      if (!isTile && series.length > 1) add("path", { d: "M" + series.map(function (each) { return each[2] + " " + each[3]; }).join("L") });
      if (isTile) add("rect", { x: point[2], y: point[3], width: point[4], height: point[5] });
      else add("circle", { cx: point[2], cy: point[3], r: 4.5 });
      tip = make("div", { className: "tip" });
      data.columns.forEach(function (column, i) {
        if (row[i] === "" || row[i] === undefined) return;
        tip.append(make("div", {}, [make("span", { textContent: column }), make("b", { textContent: row[i] })]));
      });
      plot.append(layer, tip);
      var ratio = image.clientWidth / points.width;
      var left = (point[2] + point[4]) * ratio + 12, top = (point[3] + point[5]) * ratio + 12;
      if (left + tip.offsetWidth > plot.clientWidth) left = Math.max(0, point[2] * ratio - 12 - tip.offsetWidth);
      if (top + tip.offsetHeight > plot.clientHeight + 48) top = Math.max(0, point[3] * ratio - 12 - tip.offsetHeight);
      tip.style.left = left + "px";
      tip.style.top = top + "px";
    }

    function describe() {
      var row = data.rows[current[0]];
      status.textContent = data.columns.map(function (column, i) { return row[i] ? column + " " + row[i] : ""; }).filter(Boolean).join(", ");
    }

    plot.addEventListener("pointerenter", fetchData);
    plot.addEventListener("pointermove", function (event) {
      if (!data) return;
      var all = points();
      var box = image.getBoundingClientRect();
      var ratio = box.width / points.width;
      var x = (event.clientX - box.left) / ratio, y = (event.clientY - box.top) / ratio;
      var best = null, nearest = 24 * 24;
      all.forEach(function (point) {
        var dx = Math.max(0, point[2] - x, x - point[2] - point[4]), dy = Math.max(0, point[3] - y, y - point[3] - point[5]);
        var distance = dx * dx + dy * dy;
        if (distance < nearest) { nearest = distance; best = point; }
      });
      if (!best) { if (current) clear(); } else if (best !== current) select(best, all);
    });
    plot.addEventListener("pointerleave", clear);

    // By keyboard: along a line with left and right, between lines with up and down.
    control.addEventListener("click", function () { control.focus(); start(); });
    control.addEventListener("blur", function () { clear(); status.textContent = ""; });
    function start() {
      return fetchData().then(function () {
        var all = points();
        if (!current && all.length) { select(all[0], all); describe(); }
      }, function () { status.textContent = "The values of this figure could not be loaded."; });
    }
    control.addEventListener("keydown", function (event) {
      if (event.key === "Escape" && current) { clear(); event.preventDefault(); return; }
      if (["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].indexOf(event.key) < 0) return;
      event.preventDefault();
      if (!current) { start(); return; }
      var all = points();
      var series = all.filter(function (each) { return each[1] === current[1]; });
      var names = all.map(function (each) { return each[1]; }).filter(function (name, i, list) { return list.indexOf(name) === i; });
      var at = series.indexOf(current), line = names.indexOf(current[1]);
      if (event.key === "ArrowRight") at = Math.min(at + 1, series.length - 1);
      else if (event.key === "ArrowLeft") at = Math.max(at - 1, 0);
      else if (event.key === "Home") at = 0;
      else if (event.key === "End") at = series.length - 1;
      else {
        line = Math.max(0, Math.min(names.length - 1, line + (event.key === "ArrowDown" ? 1 : -1)));
        var there = all.filter(function (each) { return each[1] === names[line]; });
        select(there[Math.min(at, there.length - 1)], all);
        describe();
        return;
      }
      select(series[at], all);
      describe();
    });
    addEventListener("resize", clear);
  }

  function addTools(figure) {
    if (!figure.querySelector("picture")) return;
    var cap = figure.querySelector(".cap") || figure;
    var list = figure.querySelector(".get");
    if (!list) {
      list = make("ul", { className: "get" });
      (cap.querySelector(".words") || cap).after(list);
    }
    function entry(text, label) {
      var button = make("button", { type: "button", textContent: text });
      button.setAttribute("aria-label", label);
      list.prepend(make("li", {}, [button]));
      return button;
    }
    var title = figure.getAttribute("data-title") || "figure";
    if (figure.hasAttribute("data-points")) explore(figure, entry("Values", "Step through the values of " + title + " with the arrow keys"));
    var open = entry("Enlarge", "Enlarge " + title);
    open.addEventListener("click", function () { enlarge(figure, open); });
  }

  // The sidebar scrolls by itself: the entry of this page is brought into sight.
  function showPlace() {
    each(".nav a[aria-current]", function (link) {
      var nav = link.closest(".nav"), frame = nav.getBoundingClientRect();
      var entry = link.parentNode.getBoundingClientRect(), room = 32;
      if (nav.scrollHeight <= nav.clientHeight || entry.bottom <= frame.bottom - room) return;
      nav.scrollTop += Math.min(entry.bottom - frame.bottom, entry.top - frame.top - room) + room;
    });
  }

  function equip() {
    tabStops();
    showPlace();
    each("table[data-sortable]", makeSortable);
    each("figure[id]", addTools);
  }
  equip();
  // A preview has put another main part in the place of the old one.
  document.addEventListener("tend:main", equip);
})();
