/* Pages of `tend serve`: show what was built anew, or why it could not be. */
(function () {
  "use strict";
  var seen = document.currentScript.getAttribute("data-version");
  var drawing = document.currentScript.getAttribute("data-drawing");
  var box = null;
  var page = null;

  function show(mistake) {
    if (box) box.remove();
    box = null;
    if (!mistake) return;
    box = document.createElement("pre");
    box.id = "_tend-mistake";
    box.setAttribute("role", "alert");
    box.textContent = mistake;
    Object.assign(box.style, {
      position: "fixed", inset: "auto 0 0 0", zIndex: 1000, margin: 0, padding: "1rem 1.5rem", maxHeight: "50vh",
      overflow: "auto", whiteSpace: "pre-wrap", background: "#a8311f", color: "#ffffff", font: "14px/1.5 monospace"
    });
    document.body.append(box);
  }

  // A page as it came, in two: its main part, and what surrounds it.
  function parted(text) {
    var start = text.indexOf("<main"), end = text.lastIndexOf("</main>") + 7;
    var version = / data-version="(\d+)"/.exec(text);
    if (start < 0 || end < start || !version) return null;
    return {
      version: version[1], main: text.slice(start, end), rest: (text.slice(0, start) + text.slice(end)).replace(version[0], "")
    };
  }

  function read() {
    return fetch(location.href, { cache: "no-store" })
      .then(function (answer) { return answer.text(); }).then(parted);
  }

  // Where nothing but the main part changed, it takes the place of the old one: the reader's place, the search and the
  // theme stay. Else, and where figures were drawn again under their old names, the page is loaded again.
  function renew() {
    return read().then(function (next) {
      var main = document.querySelector("main");
      if (!page || !next || !main || next.rest !== page.rest) { location.reload(); return; }
      page = next;
      seen = next.version;
      main.replaceWith(new DOMParser().parseFromString(next.main, "text/html").querySelector("main"));
      document.dispatchEvent(new Event("tend:main"));
      show("");
      ask();
    });
  }

  function ask() {
    fetch("/_tend/state?after=" + seen, { cache: "no-store" })
      .then(function (answer) { return answer.json(); })
      .then(function (state) {
        var changed = String(state.version) !== seen;
        if (changed && !state.mistake) {
          if (String(state.drawing) === drawing) return renew();
          location.reload();
          return;
        }
        seen = String(state.version);
        show(state.mistake);
        ask();
      })
      .catch(function () { setTimeout(ask, 300); });
  }

  read().then(function (first) { if (first && first.version === seen) page = first; }).catch(function () {});

  // The version that the page was made from: nothing that happened since is missed. A mistake is asked for at once.
  fetch("/_tend/state", { cache: "no-store" })
    .then(function (answer) { return answer.json(); })
    .then(function (state) { if (String(state.version) === seen) show(state.mistake); ask(); })
    .catch(function () { setTimeout(ask, 300); });
})();
