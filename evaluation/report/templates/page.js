(() => {
  // Places inside folded parts: the parts open, in browsers that do not do so by themselves.
  const reveal = (place) => {
    for (let part = place && place.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
  };
  const contents = document.querySelector("nav details");
  if (contents && matchMedia("(max-width: 69.99rem)").matches) contents.open = false;

  const form = document.querySelector(".filters"), articles = [...document.querySelectorAll("article")];
  const fields = form ? form.elements : {};
  let cause = "";

  const meant = (article, answer, wanted) =>
    (!wanted.methods.length || wanted.methods.includes(answer.dataset.m)) &&
    (!wanted.kind || wanted.kind === article.dataset.k) &&
    (!wanted.outcome || wanted.kind || "all" in article.dataset) &&
    (!wanted.outcome || wanted.outcome === answer.dataset.o) &&
    (!cause || cause === answer.dataset.c);

  const show = (methods) => {
    const wanted = { methods, kind: fields.kind.value, outcome: fields.outcome.value };
    const words = fields.words.value.toLowerCase();
    let answers = 0, questions = 0;
    for (const article of articles) {
      let shown = 0;
      const said = !words || article.textContent.toLowerCase().includes(words);
      for (const answer of article.querySelectorAll("li")) {
        answer.hidden = !(said && meant(article, answer, wanted));
        shown += !answer.hidden;
      }
      article.hidden = !shown;
      answers += shown;
      questions += shown > 0;
    }
    const n = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;
    form.querySelector(".found").textContent = `${n(answers, "answer")} to ${n(questions, "question")}`;
  };

  const ask = () => { cause = ""; show(fields.method.value ? [fields.method.value] : []); };

  const follow = () => {
    const place = document.getElementById(location.hash.slice(1)) || document.getElementById(decodeURIComponent(location.hash.slice(1)));
    reveal(place);
    if (form && place && place.hidden) {
      form.reset();
      ask();
    }
    if (form && location.hash.includes("?")) {
      const wanted = new URLSearchParams(location.hash.slice(location.hash.indexOf("?")));
      const methods = wanted.getAll("method");
      fields.method.value = methods.length === 1 ? methods[0] : "";
      fields.kind.value = wanted.get("kind") || "";
      fields.outcome.value = wanted.get("outcome") || "";
      fields.words.value = "";
      cause = wanted.get("cause") || "";
      show(methods);
    }
    if (place) place.scrollIntoView();
  };

  if (form) {
    form.hidden = false;
    form.addEventListener("input", ask);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(ask));
    ask();
  }
  addEventListener("hashchange", follow);
  if (location.hash) follow();
})();
