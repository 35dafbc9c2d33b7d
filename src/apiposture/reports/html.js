"use strict";
(() => {
  const form = document.getElementById("controls");
  const list = document.getElementById("list");
  const open = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.tagName === "DETAILS") { target.hidden = false; target.open = true; target.scrollIntoView(); }
  };
  addEventListener("hashchange", open);
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const each of folded) each.open = true;
  });
  addEventListener("afterprint", () => { for (const each of folded) each.open = false; });
  if (form && list) {
    form.hidden = false;
    const findings = [...list.children];
    const text = new Map(findings.map((each) => [each, each.textContent.toLowerCase()]));
    const found = (name) => form.querySelector("#" + name);
    const is = (name, otherwise) => { const box = found(name); return box ? box.checked : otherwise; };
    const number = (each, name) => Number(each.dataset[name]);
    const byText = (name) => (a, b) => (a.dataset[name] || "~").localeCompare(b.dataset[name] || "~");
    const orders = {
      severity: (a, b) => ("hint" in a.dataset) - ("hint" in b.dataset) || number(a, "rank") - number(b, "rank"),
      certainty: (a, b) => number(a, "certainty") - number(b, "certainty"),
      path: byText("path"), route: byText("route"), rule: byText("rule"),
    };
    const choose = () => {
      const words = found("q").value.toLowerCase().split(/\s+/).filter(Boolean);
      const rule = found("rule").value;
      let count = 0;
      for (const each of findings) {
        const data = each.dataset;
        each.hidden = !(is("s-" + data.severity, true) && (!rule || data.rule === rule)
          && (is("hints", true) || !("hint" in data)) && (is("accepted", false) || !("accepted" in data))
          && words.every((word) => text.get(each).includes(word)));
        if (!each.hidden) count += 1;
      }
      found("shown").textContent = count + " of " + findings.length + " shown";
    };
    const sort = () => {
      const place = new Map(findings.map((each, at) => [each, at]));
      const order = orders[found("sort").value];
      list.append(...[...findings].sort((a, b) => order(a, b) || place.get(a) - place.get(b)));
    };
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", choose);
    found("sort").addEventListener("change", sort);
    choose();
  }
  open();
})();
