"use strict";
(function () {
  // Charts are drawn where the page shows them; those hidden for this width are drawn when their turn comes.
  var still = { displayModeBar: false, responsive: false, scrollZoom: false, doubleClick: false, showTips: false };
  var charts = Array.prototype.map.call(document.querySelectorAll("script[data-chart]"), function (holder) {
    return { place: document.getElementById(holder.dataset.chart), figure: JSON.parse(holder.textContent), width: 0 };
  });
  function draw(chart, width) {
    if (!width || width === chart.width) { return; }
    chart.width = width;
    var layout = Object.assign({}, chart.figure.layout);
    if (layout.autosize !== false) { layout.width = width; }
    Plotly.react(chart.place, chart.figure.data, layout, still);
  }
  function all() { charts.forEach(function (chart) { draw(chart, chart.place.clientWidth); }); }
  var waiting;
  window.addEventListener("resize", function () { clearTimeout(waiting); waiting = setTimeout(all, 120); });
  // A chart is never broken between two sheets: one that is taller than a sheet is printed smaller.
  var SHEET = 940;
  function fit(chart) {
    chart.place.style.zoom = "";
    var around = chart.place.parentNode.offsetHeight - chart.place.offsetHeight;
    chart.place.style.zoom = Math.min(1, (SHEET - around) / chart.place.offsetHeight) || 1;
  }
  var folded;
  window.addEventListener("beforeprint", function () {
    folded = document.querySelectorAll("details:not([open])");
    folded.forEach(function (item) { item.open = true; });
    charts.forEach(function (chart) {
      var narrow = chart.place.parentNode.classList.contains("only-narrow");
      draw(chart, narrow ? 300 : 580);
      fit(chart);
    });
  });
  window.addEventListener("afterprint", function () {
    (folded || []).forEach(function (item) { item.open = false; });
    charts.forEach(function (chart) { chart.place.style.zoom = ""; });
    all();
  });
  // A link within the page opens what it leads to; one to some of the inputs leaves out the others.
  function lead() {
    var at = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    var some = at && at.classList.contains("view") ? at.id : "";
    document.querySelectorAll(".view").forEach(function (view) { view.hidden = view !== at; });
    document.querySelectorAll("tr[data-in]").forEach(function (row) {
      row.hidden = some !== "" && row.dataset.in.split(" ").indexOf(some) < 0;
    });
    var fold = at && at.closest("details");
    if (!fold) { return; }
    fold.open = true;
    at.scrollIntoView();
    (fold === at ? at.querySelector("summary") : at).focus({ preventScroll: true });
  }
  window.addEventListener("hashchange", lead);
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("a");
    if (link && link.hash && link.hash === location.hash) { lead(); }
  });
  all();
  if (location.hash) { lead(); }
  document.documentElement.dataset.drawn = "yes";
})();
