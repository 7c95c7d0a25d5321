// The page of a count: takes one line after the other without loading the page. Without this script its forms work the plain way.
(() => {
  "use strict";
  const place = document.getElementById("count-form");
  if (!place) return;
  const said = document.getElementById("count-said");
  const lines = document.getElementById("count-lines");
  let busy = false;

  function part(name, text) {
    const element = document.createElement(name);
    element.textContent = text;
    return element;
  }

  function show(answer) {
    said.className = "ls-scan-said ls-" + answer.tone;
    said.dataset.state = answer.state;
    const icon = part("span", answer.symbol);
    icon.className = "material-symbols-outlined";
    icon.setAttribute("aria-hidden", "true");
    const words = document.createElement("div");
    words.append(part("strong", answer.word), " ", part("span", answer.sentence));
    said.replaceChildren(icon, words);
  }

  function ready() {
    const form = place.querySelector("form");
    const wrong = form.querySelector(".ls-has-wrong input, .ls-has-wrong select");
    const again = form.querySelector("[name=again]");
    (again || wrong || form.elements.namedItem("product")).focus();
  }

  place.addEventListener("submit", async (event) => {
    const form = event.target;
    event.preventDefault();
    if (busy) return;
    busy = true;
    const body = new FormData(form, event.submitter);
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin" });
      const isJson = (answer.headers.get("Content-Type") || "").includes("application/json");
      if (!answer.ok || !isJson) {
        show({ state: "unknown", tone: "danger", symbol: "logout", word: "Not sent", sentence: "Load the page again; you may have been logged out." });
        return;
      }
      const found = await answer.json();
      show(found);
      lines.innerHTML = found.html;
      place.innerHTML = found.form;
      window.levelstockEntry?.(place.querySelector("form"));
      ready();
    } catch (error) {
      show({ state: "unknown", tone: "danger", symbol: "cloud_off", word: "Not sent", sentence: "The server does not answer. What you typed is still here: send it again." });
    } finally {
      busy = false;
    }
  });

  ready();
})();
