"use strict";
(function () {
  var form = document.getElementById("choices");
  var said = document.getElementById("said"), progress = document.getElementById("progress");
  var fault = document.getElementById("fault"), own = document.getElementById("own-share");
  var still = { displayModeBar: false, responsive: false, scrollZoom: false, doubleClick: false, showTips: false };
  var tab = crypto.randomUUID ? crypto.randomUUID() : String(Math.random()).slice(2) + "-" + Date.now();
  var asked = 0, going = null, drawn = {}, marked = null;
  var narrow = function () { return window.matchMedia("(max-width:760px)").matches; };

  function boxFor(slider) { return form.querySelector('input[data-for="' + CSS.escape(slider.id) + '"]'); }

  // What is chosen, without what stands as published: it is the state, and the end of the address.
  function chosen() {
    var state = {};
    ["baseline", "model"].forEach(function (name) { state[name] = form.elements[name].value; });
    var share = form.querySelector("input[name=transfer]:checked");
    state.transfer = share && share.value ? share.value : Number(document.getElementById("share").dataset.now);
    form.querySelectorAll("input[name^='in.']").forEach(function (input) {
      if (input.type === "radio") {
        if (input.checked && !("usual" in input.dataset)) { state[input.name] = Number(input.value); }
      } else if ("now" in input.dataset && Number(input.dataset.now) !== Number(input.dataset.published)) {
        state[input.name] = Number(input.dataset.now);
      }
    });
    return state;
  }

  // The inputs that differ from what is published: break-evens rest on them.
  function moved(state) {
    return JSON.stringify(Object.keys(state).filter(function (name) { return name.startsWith("in."); }).map(function (name) { return [name, state[name]]; }));
  }

  function address(state) {
    return new URLSearchParams(Object.keys(state).map(function (name) { return [name, String(state[name])]; })).toString();
  }

  // A slider moves in round steps; the published value is kept to its last digit.
  function rounded(slider) {
    var step = Number(slider.dataset.step), value = Number(slider.value);
    var digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    value = Number((Math.round(value / step) * step).toFixed(digits));
    return Math.min(Number(slider.max), Math.max(Number(slider.min), value));
  }

  function put(slider, value) {
    slider.dataset.now = value;
    slider.value = value;
    boxFor(slider).value = Number(value.toPrecision(6));
  }

  // Where the difference vanishes, on the slider and in words; no mark where there is none.
  function mark(id, at, words) {
    var place = document.getElementById("even-" + id), slider = document.getElementById(id);
    if (!place) { return; }
    // Presets have no slider to mark: they are told a break-even, and nothing where there is none.
    place.textContent = slider ? words : at === null ? "" : words[0].toUpperCase() + words.slice(1) + ".";
    place.style.margin = place.style.textAlign = "";
    if (!slider || at === null) { return; }
    var share = Math.min(1, Math.max(0, (at - slider.min) / (slider.max - slider.min))), right = share > 0.6, sign = document.createElement("span");
    sign.setAttribute("aria-hidden", "true");
    sign.textContent = right ? " ▲" : "▲ ";
    place[right ? "append" : "prepend"](sign);
    place.style[right ? "marginRight" : "marginLeft"] = "calc(" + (right ? 1 - share : share) + " * (100% - 16px))";
    place.style.textAlign = right ? "right" : "left";
  }

  function complain(text) {
    fault.textContent = text || "";
    fault.hidden = !text;
  }

  // A chart as the pack saves it: its title and its key above it, and as wide on every screen.
  function alone(chart) {
    var layout = JSON.parse(JSON.stringify(chart.figure.layout)), saved = chart.saved;
    var margin = Object.assign({ l: 80, r: 80, t: 100 }, layout.margin), more = saved.line * saved.above.length + 12;
    layout.width = saved.width;
    layout.height = chart.height + more;
    layout.margin = Object.assign({}, margin, { t: margin.t + more, r: margin.r + saved.width - saved.drawn });
    layout.annotations = (layout.annotations || []).concat(saved.above.map(function (line, at) {
      return {
        text: line[0], xref: "paper", yref: "paper", x: 0, y: 1, xanchor: "left", yanchor: "top", align: "left",
        xshift: 8 - margin.l, yshift: margin.t + more - 8 - saved.line * at, showarrow: false,
        font: Object.assign({}, layout.font, { size: line[1] })
      };
    }));
    return { data: chart.figure.data, layout: layout };
  }

  function pointsButton(name) {
    var button = document.createElement("button");
    button.type = "button";
    button.disabled = true;  // until the last look
    button.dataset.chart = name;
    button.textContent = "Save data (CSV)";
    button.addEventListener("click", function () {
      var link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([button.dataset.points], { type: "text/csv" }));
      link.download = name + ".csv";
      link.click();
      setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
    });
    return button;
  }

  function figureFor(region, chart) {
    if (drawn[chart.name]) { return drawn[chart.name]; }
    var figure = document.createElement("figure");
    var key = document.createElement("ul"), place = document.createElement("div");
    var caption = document.createElement("figcaption"), hand = document.createElement("p");
    key.className = "legend";
    place.className = "chart";
    place.setAttribute("role", "img");
    ["svg", "png"].forEach(function (format) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = "Save picture (" + format.toUpperCase() + ")";
      button.addEventListener("click", function () {
        var whole = alone(drawn[chart.name].chart), size = whole.layout;
        Plotly.downloadImage(whole, { format: format, filename: chart.name, width: size.width, height: size.height, scale: format === "png" ? chart.saved.scale : 1 });
      });
      hand.appendChild(button);
    });
    hand.appendChild(pointsButton(chart.name));
    figure.append(key, place, caption, hand);
    region.querySelector(".charts").appendChild(figure);
    return (drawn[chart.name] = { figure: figure, key: key, place: place, caption: caption, chart: null });
  }

  function draw(one) {
    if (!one.chart || one.figure.hidden) { return; }
    var layout = Object.assign({}, one.chart.figure.layout);
    if (layout.autosize !== false) { layout.width = one.place.clientWidth; }
    Plotly.react(one.place, one.chart.figure.data, layout, still);
  }

  function show(region, chart) {
    var one = figureFor(region, chart);
    one.chart = chart;
    one.figure.hidden = false;
    one.place.style.height = chart.height + "px";
    one.place.setAttribute("aria-label", chart.alt);
    one.caption.textContent = chart.caption;
    one.key.hidden = !chart.key.length;
    one.key.replaceChildren.apply(one.key, chart.key.map(function (entry) {
      var item = document.createElement("li"), mark = document.createElement("span"), words = document.createElement("span");
      mark.className = "key";
      mark.style.background = entry[0];
      mark.style.color = entry[1];
      mark.textContent = entry[2];
      mark.setAttribute("aria-hidden", "true");
      words.textContent = entry[3];
      item.append(mark, words);
      return item;
    }));
    draw(one);
  }

  // New words take the place of old ones; what was unfolded stays so, and the keyboard stays where it was.
  function fill(holder, html) {
    var places = "summary,[tabindex]";
    var open = Array.prototype.map.call(holder.querySelectorAll("details"), function (item) { return item.open; });
    var at = Array.prototype.indexOf.call(holder.querySelectorAll(places), document.activeElement);
    holder.innerHTML = html;
    holder.querySelectorAll("details").forEach(function (item, index) { item.open = Boolean(open[index]); });
    var again = at < 0 ? null : holder.querySelectorAll(places)[at];
    if (again) { again.focus({ preventScroll: true }); }
  }

  function piece(one) {
    var region = document.querySelector('[data-region="' + one.region + '"]');
    var empty = !one.html && !one.charts.length;
    region.classList.remove("old");
    region.hidden = empty;
    if (empty) { return; }
    fill(region.querySelector(".words"), one.html);
    var names = one.charts.map(function (chart) { return chart.name; });
    Object.keys(drawn).forEach(function (name) {
      if (region.contains(drawn[name].figure) && names.indexOf(name) < 0) { drawn[name].figure.hidden = true; }
    });
    one.charts.forEach(function (chart) { show(region, chart); });
  }

  function look(message, number, since) {
    if (message.fault) {
      progress.textContent = "";
      complain(message.fault);
      return;
    }
    if (message.marks) {
      Object.keys(message.marks).forEach(function (key) { mark("c" + key, message.marks[key][0], message.marks[key][1]); });
      document.body.dataset.marked = number;
      return;
    }
    if (message.points) {
      document.querySelectorAll("[data-chart]").forEach(function (button) {
        button.dataset.points = message.points[button.dataset.chart] || "";
        button.disabled = !button.dataset.points;
      });
      return;
    }
    message.pieces.forEach(piece);
    if (message.kind !== "look") {
      if (document.body.dataset.complete !== String(number)) { performance.measure("complete", { start: since }); }
      document.body.dataset.complete = number;
      return;
    }
    if (own) { put(document.getElementById("share"), message.share); }  // a matched share moves with the inputs
    document.body.dataset.answered = number;
    document.body.dataset.pairs = message.pairs;
    document.body.dataset.value = message.value;
    var done = message.pairs >= message.of;
    progress.textContent = message.brief + " " + message.pairs + " of " + message.of + " pairs of runs. " + (done ? "Done." : "The interval narrows as more are run.");
    if (message.first || done) { said.textContent = message.said; }
    document.body.dataset.done = done ? number : "";
    if (message.first) {
      requestAnimationFrame(function () {
        setTimeout(function () {
          if (number === asked) { performance.measure("answer", { start: since }); document.body.dataset.painted = number; }
        }, 0);
      });
    }
  }

  async function ask() {
    var number = ++asked, since = performance.now(), state = chosen(), now = moved(state);
    if (now !== marked) { form.querySelectorAll("[id^=even-c]").forEach(function (place) { mark(place.id.slice(5), null, ""); }); }
    marked = now;
    if (going) { going.abort(); }
    going = new AbortController();
    complain("");
    document.querySelectorAll("[data-chart]").forEach(function (button) { button.disabled = true; });
    document.querySelectorAll("[data-region]").forEach(function (region) { region.classList.add("old"); });
    progress.textContent = "Working …";
    history.replaceState(null, "", "?" + address(state));
    try {
      var answer = await fetch("/live", {
        method: "POST", signal: going.signal, headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ tab: tab, narrow: narrow(), state: state })
      });
      var reader = answer.body.pipeThrough(new TextDecoderStream()).getReader(), text = "";
      for (;;) {
        var part = await reader.read();
        if (part.done || number !== asked) { break; }
        text += part.value;
        var lines = text.split("\n");
        text = lines.pop();
        lines.forEach(function (line) { if (line && number === asked) { look(JSON.parse(line), number, since); } });
      }
    } catch (error) {
      if (number === asked && error.name !== "AbortError") {
        progress.textContent = "";
        complain("The page could not reach the program that works out the answer. Is it still running?");
      }
    }
  }

  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("input", function (event) {
    var input = event.target;
    if (input.type === "range") { boxFor(input).value = rounded(input); }
  });
  form.addEventListener("change", function (event) {
    var input = event.target;
    if (input.name === "baseline" || input.name === "model") {
      location.search = "?" + address({ baseline: form.elements.baseline.value, model: form.elements.model.value });
      return;
    }
    if (input.type === "range") { put(input, rounded(input)); }
    if (input.dataset.for) {
      var slider = document.getElementById(input.dataset.for), value = Number(input.value);
      if (input.value === "" || !(value >= Number(slider.min) && value <= Number(slider.max))) {
        complain(form.querySelector('label[for="' + CSS.escape(slider.id) + '"]').textContent + ": give a number from " + slider.min + " to " + slider.max + ".");
        return;
      }
      put(slider, value);
      input = slider;
    }
    if (input.id === "share") { own.checked = true; }
    if (input.name === "transfer" && input.dataset.share && own) {
      put(document.getElementById("share"), Number(input.dataset.share));
    }
    ask();
  });
  document.getElementById("reset").addEventListener("click", function () {
    form.querySelectorAll("input[type=range]").forEach(function (slider) { put(slider, Number(slider.dataset.published)); });
    form.querySelectorAll("input[data-usual]").forEach(function (input) { input.checked = true; });
    var usual = form.querySelector("input[name=transfer][data-usual]");
    if (own) { put(document.getElementById("share"), Number(usual.dataset.share)); }
    ask();
  });
  if (own) {
    document.getElementById("save").addEventListener("click", function () { location.assign("/save?" + address(chosen())); });
    document.getElementById("share-address").addEventListener("click", async function () {
      var text = location.origin + "/?" + address(chosen());
      try { await navigator.clipboard.writeText(text); said.textContent = "The address is copied."; progress.textContent = "The address is copied."; }
      catch (error) { progress.textContent = text; }
    });
  }
  form.querySelectorAll("input[type=range]").forEach(function (slider) { slider.dataset.now = slider.getAttribute("value"); });
  if (own) { mark("share", 0, "no difference at 0"); }
  var waiting, was = narrow();
  window.addEventListener("resize", function () {
    clearTimeout(waiting);
    waiting = setTimeout(function () {
      Object.keys(drawn).forEach(function (name) { draw(drawn[name]); });
      if (narrow() !== was) { was = narrow(); ask(); }
    }, 120);
  });
  ask();
})();
