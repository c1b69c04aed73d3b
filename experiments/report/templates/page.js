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
  all();
  document.documentElement.dataset.drawn = "yes";
})();
