// Looks at the activation every three seconds and stops when nothing runs any more. Forms are never touched.
"use strict";

const EVERY_MS = 3000;

async function refresh() {
  const answer = await fetch("/panel/progress").catch(() => null);
  if (answer && answer.status === 401) {
    location.reload();
    return;
  }
  if (answer && answer.ok) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    show(page.getElementById("steps"));
  }
  plan();
}

function show(fresh) {
  const shown = document.getElementById("steps");
  if (!fresh || fresh.isEqualNode(shown)) return;
  shown.replaceWith(fresh);
  const headline = document.getElementById("headline");
  if (headline.textContent !== fresh.dataset.headline) headline.textContent = fresh.dataset.headline;
}

function plan() {
  if (document.getElementById("steps").dataset.running === "yes") setTimeout(refresh, EVERY_MS);
}

plan();
