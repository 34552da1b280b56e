// Turns the query form into an editor (Yasgui), which completes from what this dataset says of itself, and
// shows results with labels or as a chart of years. Without this script the form works as it is.
"use strict";
(() => {
  const page = JSON.parse(document.getElementById("editor-data").textContent);
  const form = document.querySelector("form.ask");
  const field = form.elements.query;
  const { Yasqe, Yasr } = Yasgui;

  const make = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const drawn = (name, attributes, text = "") => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.textContent = text;
    return element;
  };
  const icon = (sign) => make("span", { "aria-hidden": "true" }, sign);
  const short = (iri) => {
    for (const [name, space] of Object.entries(page.prefixes))
      if (iri.startsWith(space) && iri.length > space.length) return name + ":" + iri.slice(space.length);
    return iri;
  };

  // -- names of things: those of terms come with the page, the others are asked of our own endpoint
  const names = new Map(Object.entries(page.labels));
  const learn = async (iris) => {
    const wanted = [...new Set(iris)].filter((iri) => !names.has(iri) && /^https?:[^\s<>"{}|\\^`]*$/.test(iri)).slice(0, 300);
    if (!wanted.length) return;
    const query = "SELECT ?thing ?name WHERE { VALUES ?thing { " + wanted.map((iri) => "<" + iri + ">").join(" ") +
      " } ?thing <http://www.w3.org/2004/02/skos/core#prefLabel>|<http://purl.org/dc/terms/title>|<http://xmlns.com/foaf/0.1/name> ?name }";
    const answer = await fetch(page.endpoint, {
      method: "POST", body: query,
      headers: { "Content-Type": "application/sparql-query", Accept: "application/sparql-results+json" },
    });
    if (!answer.ok) return;
    for (const row of (await answer.json()).results.bindings)
      if (!names.has(row.thing.value) || row.name["xml:lang"] === page.language) names.set(row.thing.value, row.name.value);
  };

  // -- results as a table in which things have names
  class Labelled {
    constructor(yasr) { this.yasr = yasr; this.priority = 20; this.label = page.words.table; }
    getIcon() { return icon("▤"); }
    canHandleResults() { return !!this.yasr.results?.getVariables()?.length; }
    async draw() {
      const columns = this.yasr.results.getVariables();
      const all = this.yasr.results.getBindings() ?? [];
      const rows = all.slice(0, 1000);
      const fill = () => this.yasr.resultsEl.replaceChildren(
        make("p", { class: "data" }, `${all.length} ${page.words.rows}` + (rows.length < all.length ? `, ${rows.length} ${page.words.shown}` : "")),
        make("div", { class: "wide", tabindex: "0" }, make("table", {},
          make("thead", {}, make("tr", {}, ...columns.map((name) => make("th", { scope: "col" }, name)))),
          make("tbody", {}, ...rows.map((row) => make("tr", {}, ...columns.map((name) => make("td", {}, this.cell(row[name])))))))));
      fill();
      const results = this.yasr.results;
      await learn(rows.flatMap((row) => Object.values(row)).filter((term) => term.type === "uri").map((term) => term.value)).catch(() => {});
      if (results === this.yasr.results && this.yasr.getSelectedPlugin() === this) fill();
    }
    cell(term) {
      if (!term) return "";
      if (term.type !== "uri") {
        return make("span", term["xml:lang"] ? { lang: term["xml:lang"] } : {}, term.value);
      }
      const text = names.get(term.value) ?? short(term.value);
      if (!/^https?:/.test(term.value)) return text;
      const ours = term.value.startsWith(page.base);
      return make("a", { href: ours ? page.root + term.value.slice(page.base.length) : term.value, title: term.value }, text);
    }
    download(name) {
      return { contentType: "text/csv", getData: () => this.yasr.results?.asCsv() ?? "", filename: `${name ?? "results"}.csv`, title: "CSV" };
    }
  }

  // -- two columns, years and numbers: bars
  class Chart {
    constructor(yasr) { this.yasr = yasr; this.priority = 10; this.label = page.words.chart; }
    getIcon() { return icon("▥"); }
    points() {
      const columns = this.yasr.results?.getVariables() ?? [];
      if (columns.length !== 2) return [];
      const rows = this.yasr.results.getBindings() ?? [];
      const points = rows.map((row) => [row[columns[0]]?.value, Number(row[columns[1]]?.value)]);
      return points.every(([year, count]) => /^\d{4}(-|$)/.test(year ?? "") && count >= 0) ? points : [];
    }
    canHandleResults() { return this.points().length > 1; }
    draw() {
      const points = this.points().map(([year, count]) => [Number(year.slice(0, 4)), count]);
      const first = Math.min(...points.map(([year]) => year)), last = Math.max(...points.map(([year]) => year));
      const most = Math.max(1, ...points.map(([, count]) => count)), step = 900 / (last - first + 1);
      const picture = drawn("svg", { viewBox: "0 0 960 320", class: "years", role: "img", "aria-label": `${first}–${last}` });
      for (const [year, count] of points) {
        const height = (260 * count) / most;
        const bar = drawn("rect", { x: 50 + (year - first) * step, y: 280 - height, width: Math.max(1, step - 2), height });
        bar.append(drawn("title", {}, `${year}: ${count}`));
        picture.append(bar);
        if ((last - first < 20 || year % 10 === 0) && last - first < 200)
          picture.append(drawn("text", { x: 50 + (year - first + 0.5) * step, y: 300, "text-anchor": "middle" }, String(year)));
      }
      picture.append(drawn("text", { x: 44, y: 26, "text-anchor": "end" }, String(most)), drawn("text", { x: 44, y: 284, "text-anchor": "end" }, "0"));
      this.yasr.resultsEl.replaceChildren(picture);
    }
  }

  // -- completion from what this release says of itself, instead of services elsewhere
  const complete = (kind, list) =>
    Yasqe.forkAutocompleter(kind, { name: `own-${kind}`, persistenceId: null, bulk: true, get: () => list }, false);
  complete("prefixes", Object.entries(page.prefixes).map(([name, space]) => `${name}: <${space}>`).sort());
  complete("class", page.classes);
  complete("property", page.properties);
  Yasr.registerPlugin("labelled", Labelled, true);
  Yasr.registerPlugin("chart", Chart, true);

  const place = make("div", { id: "editor" });
  const menu = make("select", { "aria-label": page.words.examples }, make("option", { value: "" }, page.words.examples + " …"));
  for (const { name, query } of page.examples) menu.append(make("option", { value: query }, name));
  const plain = make("details", { class: "plain" }, make("summary", {}, form.dataset.plain));
  form.before(make("p", { class: "examples" }, menu), place, plain);
  plain.append(form);
  document.getElementById("examples")?.closest("section")?.setAttribute("hidden", "");

  const editor = new Yasgui(place, {
    requestConfig: { endpoint: new URL(page.endpoint, location.href).href, method: "GET" },
    copyEndpointOnNewTab: true,
    populateFromUrl: false,
    persistenceId: null,
    endpointCatalogueOptions: { getData: () => [], keys: [], renderItem: () => {} },
    yasqe: {
      value: field.value, persistenceId: null, prefixCcApi: null, createShortLink: undefined, resizeable: false,
      createShareableLink: (yasqe) => `${location.origin}${page.endpoint}?${new URLSearchParams({ query: yasqe.getValue(), format: "html" })}`,
      autocompleters: ["own-prefixes", "own-class", "own-property", "variables"],
    },
    yasr: { persistenceId: null, prefixes: page.prefixes, defaultPlugin: "labelled", pluginOrder: ["labelled", "chart", "table", "response"] },
  });
  editor.getTab()?.setQuery(field.value);
  menu.addEventListener("change", () => {
    if (menu.value) editor.getTab()?.setQuery(menu.value);
    menu.value = "";
  });
})();
