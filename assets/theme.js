// Theme switch: sets data-theme before the page is painted and lets every <picture> follow.
// Without this script the system decides.
(function () {
  "use strict";
  var root = document.documentElement;
  var system = matchMedia("(prefers-color-scheme: dark)");
  var key = "tend-theme";
  var saved = null;
  root.classList.add("js");
  try { saved = localStorage.getItem(key); } catch (error) { /* storage may be closed to files */ }
  if (saved !== "dark" && saved !== "light") saved = null;

  function isDark(theme) { return theme ? theme === "dark" : system.matches; }

  function apply(theme) {
    if (theme) root.setAttribute("data-theme", theme); else root.removeAttribute("data-theme");
    var dark = isDark(theme);
    document.querySelectorAll("source[data-dark]").forEach(function (source) {
      var on = (source.getAttribute("data-dark") === "1") === dark;
      source.media = on ? source.getAttribute("data-size") : "not all";
    });
    document.querySelectorAll("[data-theme-button]").forEach(function (button) {
      button.textContent = dark ? "Light" : "Dark";
      button.setAttribute("aria-label", dark ? "Switch to light" : "Switch to dark");
    });
  }

  function start() {
    apply(saved);
    document.querySelectorAll("[data-theme-button]").forEach(function (button) {
      button.addEventListener("click", function () {
        saved = isDark(saved) ? "light" : "dark";
        try { localStorage.setItem(key, saved); } catch (error) { /* the choice lasts for this page */ }
        apply(saved);
      });
    });
    system.addEventListener("change", function () { apply(saved); });
    document.addEventListener("tend:main", function () { apply(saved); });
    // Paper is light, and what is folded away is printed.
    var folded = [];
    addEventListener("beforeprint", function () {
      apply("light");
      folded = Array.prototype.filter.call(document.querySelectorAll("details"), function (part) { return !part.open; });
      folded.forEach(function (part) { part.open = true; });
    });
    addEventListener("afterprint", function () {
      folded.forEach(function (part) { part.open = false; });
      apply(saved);
    });
  }

  if (saved) root.setAttribute("data-theme", saved);
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start); else start();
})();
