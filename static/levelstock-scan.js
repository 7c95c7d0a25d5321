// The scan page: takes one label after the other without waiting for the server, says by sound and sight what came of each, and keeps what
// could not be sent until it can. Without this script the page's forms work the plain way.
(() => {
  "use strict";
  const form = document.getElementById("scan-form");
  if (!form) return;

  const field = document.getElementById("scan-text");
  const said = document.getElementById("scan-said");
  const state = document.getElementById("scan-state");
  const waiting = document.getElementById("scan-waiting");
  const sound = document.getElementById("scan-sound");
  const RETRY_MS = 5000;
  const TONES = { new: "success", again: "warning", removed: "info", count: "info", unknown: "danger", stuck: "danger" };
  // Frequency in Hz and length in seconds of each beep.
  const BEEPS = { new: [[1320, 0.09]], again: [[660, 0.09], [660, 0.09]], unknown: [[196, 0.45]], stuck: [[196, 0.45]], count: [[880, 0.2]], removed: [] };
  const refused = document.getElementById("scan-refused");
  const REFUSED_SHOWN = 5;
  const queue = [];
  let fresh = "";
  let busy = false;
  let speaker = null;

  sound.checked = localStorage.getItem("levelstock-scan-sound") !== "off";
  sound.addEventListener("change", () => {
    localStorage.setItem("levelstock-scan-sound", sound.checked ? "on" : "off");
    field.focus();
  });

  function beep(outcome) {
    if (!sound.checked) return;
    const Speaker = window.AudioContext || window.webkitAudioContext;
    if (!Speaker) return;
    speaker = speaker || new Speaker();
    speaker.resume();
    let at = speaker.currentTime;
    for (const [pitch, seconds] of BEEPS[outcome] || []) {
      const tone = speaker.createOscillator();
      const volume = speaker.createGain();
      tone.type = outcome === "unknown" || outcome === "stuck" ? "sawtooth" : "sine";
      tone.frequency.value = pitch;
      volume.gain.value = 0.2;
      tone.connect(volume).connect(speaker.destination);
      tone.start(at);
      tone.stop(at + seconds);
      at += seconds + 0.06;
    }
  }

  function part(name, text) {
    const element = document.createElement(name);
    element.textContent = text;
    return element;
  }

  function show(outcome, symbol, word, sentence, hint) {
    said.className = "ls-scan-said ls-" + TONES[outcome];
    said.dataset.state = outcome;
    const icon = part("span", symbol);
    icon.className = "material-symbols-outlined";
    icon.setAttribute("aria-hidden", "true");
    const words = document.createElement("div");
    words.append(part("strong", word), " ", part("span", sentence));
    if (hint) {
      const more = part("span", hint);
      more.className = "ls-hint";
      words.append(" ", more);
    }
    said.replaceChildren(icon, words);
    beep(outcome);
  }

  // The next scan takes the place of what was said; who scans fast must still find what was refused.
  function remember(sentence) {
    const list = refused.querySelector("ul");
    list.prepend(part("li", sentence));
    while (list.children.length > REFUSED_SHOWN) list.lastChild.remove();
    refused.hidden = false;
  }

  function count() {
    waiting.hidden = queue.length < 2 && !queue.some((item) => item.failed);
    waiting.textContent = queue.length === 1 ? "1 scan waits to be sent" : queue.length + " scans wait to be sent";
  }

  const key = (model) => model.toUpperCase().replace(/[^\p{L}\p{N}]/gu, "");

  function askFor(model) {
    const inputs = [...state.querySelectorAll("input[name=quantity]")];
    const input = inputs.find((each) => key(each.dataset.model) === key(model));
    if (input) input.select();
  }

  async function send(item) {
    const answer = await fetch(item.address, {
      method: "POST",
      body: item.body,
      headers: { Accept: "application/json" },
      credentials: "same-origin",
    });
    const isJson = (answer.headers.get("Content-Type") || "").includes("application/json");
    if (answer.ok && isJson) return answer.json();
    // A page instead of an answer is the login: trying again would not help.
    const error = new Error();
    error.final = answer.status < 500;
    throw error;
  }

  async function work() {
    if (busy) return;
    busy = true;
    while (queue.length) {
      const item = queue[0];
      count();
      try {
        const answer = await send(item);
        queue.shift();
        show(answer.state, answer.symbol, answer.word, answer.sentence, answer.hint);
        if (fresh) remember(fresh);
        fresh = answer.state === "unknown" ? answer.sentence : "";
        // Not while a number is being typed, unless it is the one that was sent.
        if (!state.contains(document.activeElement) || item.from === document.activeElement.form) {
          const scanning = item.from === form;
          state.innerHTML = answer.html;
          if (answer.state === "count") askFor(answer.text);
          else if (!scanning) field.focus();
        }
      } catch (error) {
        if (error.final) {
          show("stuck", "logout", "Not sent", "“" + item.text + "” was not taken, nor anything after it.", "Load the page again; you may have been logged out.");
          break;
        }
        if (!item.failed) show("stuck", "cloud_off", "Not sent yet", "The server does not answer. “" + item.text + "” is kept and sent again.", "Leave this page open.");
        item.failed = true;
        count();
        await new Promise((done) => setTimeout(done, RETRY_MS));
      }
    }
    busy = false;
    count();
  }

  function take(source) {
    const body = new FormData(source);
    queue.push({ address: source.action, body, text: (body.get("text") || "").trim() || "The removal", from: source, failed: false });
    count();
    work();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!field.value.trim()) return;
    take(form);
    field.value = "";
    field.focus();
  });

  state.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-scan]")) return;
    event.preventDefault();
    take(event.target);
  });

  // A scanner types like a keyboard: wherever nothing else takes the keys, they go into the field.
  document.addEventListener("keydown", (event) => {
    const at = document.activeElement;
    const typing = at && at.matches("input, textarea, select, button, a, summary, [contenteditable]");
    if (!typing && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) field.focus();
  });

  window.addEventListener("beforeunload", (event) => {
    if (queue.length) event.preventDefault();
  });

  if (said.dataset.state !== "ready") beep(said.dataset.state);
  field.focus();
})();
