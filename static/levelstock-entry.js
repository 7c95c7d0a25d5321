// Entry forms: suggests products and vendors while somebody types or scans, says what is known of the product, and sends a form once.
// Without this script the forms work the plain way.
(() => {
  "use strict";
  const WAIT_MS = 150;

  function help(form) {
    const product = form.elements.namedItem("product");
    const vendor = form.elements.namedItem("vendor");
    const kind = form.elements.namedItem("unit_kind");
    const quantity = form.elements.namedItem("quantity") || form.elements.namedItem("counted");
    let kindChosen = Boolean(form.querySelector("[name=shown], .ls-has-wrong"));

    if (kind && kind.tagName === "SELECT") kind.addEventListener("change", () => { kindChosen = true; });

    function suggest(input, address, know) {
      const list = document.getElementById(input.getAttribute("list"));
      let timer = 0;
      let asked = "";

      async function look() {
        const text = input.value.trim();
        if (text === asked) return;
        asked = text;
        if (!text) {
          know(null);
          return;
        }
        try {
          const answer = await fetch(address + "?q=" + encodeURIComponent(text), { credentials: "same-origin", redirect: "error" });
          if (!answer.ok || asked !== text) return;
          const found = await answer.json();
          if (asked !== text) return;
          list.replaceChildren(...found.options.map((each) => {
            const option = document.createElement("option");
            option.value = each.value;
            option.textContent = each.label;
            return option;
          }));
          know(found.exact);
        } catch (error) {
          // Suggestions are a help; the server says what is wrong when the form is sent.
        }
      }

      input.addEventListener("input", () => {
        window.clearTimeout(timer);
        timer = window.setTimeout(look, WAIT_MS);
      });
      input.addEventListener("change", look);
      if (input.value.trim()) look();
    }

    if (product && form.dataset.finding) {
      const about = document.getElementById(product.id + "_helptext");
      suggest(product, form.dataset.finding, (exact) => {
        about.textContent = exact ? exact.sentence : about.dataset.about;
        about.classList.toggle("ls-known", Boolean(exact));
        if (exact && kind && !kindChosen) kind.value = exact.unit_kind;
      });
      product.addEventListener("input", () => {
        form.querySelectorAll("[name=product_id]").forEach((each) => each.closest("fieldset")?.remove() ?? each.remove());
      });
      // A scanner ends with Enter: that goes on to the quantity instead of sending half a form.
      product.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || !quantity || quantity.value.trim()) return;
        event.preventDefault();
        quantity.focus();
      });
    }
    if (vendor && vendor.getAttribute("list")) suggest(vendor, form.dataset.vendors, () => {});
  }

  // The page of a count puts a new form in the place of the old one.
  window.levelstockEntry = help;
  const form = document.getElementById("entry");
  if (!form) return;
  help(form);
  if ("count" in form.dataset) return;

  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) {
      event.preventDefault();
      return;
    }
    sent = true;
  });
  // Back from another page, the form may be sent again.
  window.addEventListener("pageshow", () => { sent = false; });

  const wrong = form.querySelector(".ls-has-wrong input, .ls-has-wrong select");
  const heading = form.querySelector("[data-focus]");
  // Not by the browser's own autofocus alone, which comes late: a scanner does not wait.
  (wrong || heading || form.querySelector("[autofocus]"))?.focus();
})();
