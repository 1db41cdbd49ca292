// Runs before the first paint, so that a light desk never flashes dark. A file of its own because the
// content security policy allows no inline script.
(function () {
  var stored = null;
  try {
    stored = window.localStorage.getItem("tradewarden.theme");
  } catch {
    // Storage may be blocked; the dark default stands.
  }
  var light = stored === "light" || (stored === "system" && window.matchMedia("(prefers-color-scheme: light)").matches);
  document.documentElement.dataset.theme = light ? "light" : "dark";
})();
