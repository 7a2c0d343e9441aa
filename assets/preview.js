/* Pages of `tend serve`: load again when the site was built anew, show why it could not be. */
(function () {
  "use strict";
  var seen = document.currentScript.getAttribute("data-version");
  var box = null;

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

  function ask() {
    fetch("/_tend/state?after=" + seen, { cache: "no-store" })
      .then(function (answer) { return answer.json(); })
      .then(function (state) {
        var changed = String(state.version) !== seen;
        seen = String(state.version);
        if (changed && !state.mistake) { location.reload(); return; }
        show(state.mistake);
        ask();
      })
      .catch(function () { setTimeout(ask, 300); });
  }

  // The version that the page was made from: nothing that happened since is missed. A mistake is asked for at once.
  fetch("/_tend/state", { cache: "no-store" })
    .then(function (answer) { return answer.json(); })
    .then(function (state) { if (String(state.version) === seen) show(state.mistake); ask(); })
    .catch(function () { setTimeout(ask, 300); });
})();
