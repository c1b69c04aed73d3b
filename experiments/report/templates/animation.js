"use strict";
(function () {
  // Dots stand where they end until somebody asks to see them move; whoever wants less motion sees still steps.
  var steps = JSON.parse(document.getElementById("steps").textContent);
  var dots = Array.prototype.map.call(document.querySelectorAll(".dot"), function (dot, at) {
    var way = dot.dataset.path.split(" ").map(function (place) { return place.split(",").map(Number); });
    return { dot: dot, way: way, late: 0.6 * (at % 100) / 100 };
  });
  var last = steps.length - 1, seconds = 4, calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  var play = document.getElementById("play"), next = document.getElementById("next");
  var said = document.getElementById("step"), now = last, running = false, before = 0, told = -1;

  function show() {
    var step = Math.min(last, Math.floor(now)), part = now - step;
    dots.forEach(function (one) {
      var from = one.way[Math.min(step, one.way.length - 1)], to = one.way[Math.min(step + 1, one.way.length - 1)];
      var moved = Math.min(1, Math.max(0, (part - one.late) / 0.4));
      one.dot.setAttribute("cx", from[0] + (to[0] - from[0]) * moved);
      one.dot.setAttribute("cy", from[1] + (to[1] - from[1]) * moved);
    });
    var at = Math.ceil(now);
    if (at !== told) {
      told = at;
      said.textContent = "Step " + (at + 1) + " of " + steps.length + ": " + steps[at];
    }
  }
  function stop() {
    running = false;
    play.textContent = now >= last ? "Play again" : "Play";
  }
  function go(time) {
    if (!running) { return; }
    var gone = (time - before) / 1000 / seconds;
    if (calm.matches) {
      if (gone >= 1) { now = Math.min(last, Math.floor(now) + 1); before = time; }
    } else {
      now = Math.min(last, now + gone);
      before = time;
    }
    show();
    if (now >= last) { stop(); } else { window.requestAnimationFrame(go); }
  }
  play.addEventListener("click", function () {
    if (running) { stop(); return; }
    if (now >= last) { now = 0; }
    if (calm.matches) { now = Math.floor(now); }
    running = true;
    play.textContent = "Pause";
    show();
    window.requestAnimationFrame(function (time) { before = time; go(time); });
  });
  next.addEventListener("click", function () {
    now = now >= last ? 0 : Math.floor(now) + 1;
    stop();
    show();
  });
  window.addEventListener("beforeprint", function () { stop(); now = last; show(); });
  document.getElementById("controls").hidden = false;
  play.textContent = "Play";
})();
