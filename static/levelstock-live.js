/* Keeps open pages true: follows a run or a push that goes on, and says when another run has ended. Without it every page works, once
   reloaded. */
(function () {
  "use strict";

  const NEWEST_EVERY = 10000;
  const LONGEST_WAIT = 15000;
  let edited = false;

  function ask(address) {
    // A redirect leads to the login: then there is nothing to follow any more.
    return fetch(address, { credentials: "same-origin", redirect: "manual", headers: { "X-Requested-With": "fetch" } });
  }

  function whenVisible(then, wait) {
    window.setTimeout(function () {
      if (!document.hidden) {
        then();
        return;
      }
      document.addEventListener("visibilitychange", then, { once: true });
    }, wait);
  }

  function notice(text) {
    const found = document.getElementById("ls-notice");
    if (found) {
      return;
    }
    const box = document.createElement("div");
    box.id = "ls-notice";
    box.className = "ls-notice ls-info";
    box.setAttribute("role", "status");
    const link = document.createElement("a");
    link.href = window.location.pathname + window.location.search;
    link.textContent = "Reload";
    box.append(text + " ", link);
    const content = document.getElementById("content") || document.body;
    content.prepend(box);
  }

  function refresh(text) {
    const chosen = document.querySelector("#changelist input.action-select:checked");
    const writing = document.activeElement && document.activeElement.matches("input, textarea, select");
    if (edited || chosen || writing) {
      notice(text);
    } else {
      window.location.reload();
    }
  }

  function follow(place) {
    // Parts of a list stand outside of the place that says where they are asked for.
    const around = "whole" in place.dataset ? document : place;
    let every = Number(place.dataset.every);
    let wait = every;

    function show(html) {
      const news = document.createElement("template");
      news.innerHTML = html;
      const pace = news.content.querySelector("[data-every]");
      every = pace ? Number(pace.dataset.every) : every;
      news.content.querySelectorAll("[data-part]").forEach(function (part) {
        const old = around.querySelector('[data-part="' + part.dataset.part + '"]');
        if (!old || old.innerHTML === part.innerHTML) {
          return;
        }
        const scrolled = old.querySelector(".ls-scroll");
        const atEnd = !scrolled || scrolled.scrollHeight - scrolled.scrollTop - scrolled.clientHeight < 8;
        const top = scrolled ? scrolled.scrollTop : 0;
        old.replaceChildren(...part.childNodes);
        const scroll = old.querySelector(".ls-scroll");
        if (scroll) {
          scroll.scrollTop = atEnd ? scroll.scrollHeight : top;
        }
      });
    }

    function look() {
      ask(place.dataset.live).then(function (answer) {
        if (answer.status === 204) {
          refresh("The run has ended.");
          return;
        }
        if (answer.status !== 200) {
          if (answer.status >= 500) {
            throw new Error("not now");
          }
          notice("This page can't be kept up to date any more.");
          return;
        }
        answer.text().then(function (html) {
          show(html);
          wait = every;
          whenVisible(look, wait);
        });
      }).catch(function () {
        // The server is away for a moment: asked again, less and less often.
        wait = Math.min(wait * 2, LONGEST_WAIT);
        whenVisible(look, wait);
      });
    }

    const log = place.querySelector(".ls-scroll");
    if (log) {
      log.scrollTop = log.scrollHeight;
    }
    whenVisible(look, wait);
  }

  function watch(address, following) {
    let known = null;

    function look() {
      ask(address).then(function (answer) {
        return answer.ok ? answer.json() : null;
      }).then(function (found) {
        if (!found) {
          return;
        }
        if (known !== null && known !== found.word && !following) {
          const text = "A sync has ended; this page shows what was before.";
          if (document.querySelector("#changelist, [data-refresh]")) {
            refresh(text);
          } else {
            notice(text);
          }
        }
        known = found.word;
        whenVisible(look, NEWEST_EVERY);
      }).catch(function () {
        whenVisible(look, NEWEST_EVERY);
      });
    }

    look();
  }

  // The theme looks for a text field of its own beside each file, which ours don't have.
  document.querySelectorAll("input.ls-file").forEach(function (input) {
    input.hasChangeListener = true;
  });

  document.addEventListener("input", function (event) {
    edited = edited || event.target.matches("input:not([type=search]), textarea, select");
  });

  const place = document.querySelector("[data-live]");
  if (place) {
    follow(place);
  }
  const newest = document.querySelector('meta[name="levelstock-newest"]');
  if (newest) {
    watch(newest.content, place !== null);
  }
})();
