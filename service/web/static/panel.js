// Looks at the activation every three seconds and stops when nothing runs any more. Opened forms are never touched.
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
    for (const id of ["steps", "whose", "choices"]) show(id, page.getElementById(id));
    tell();
  }
  plan();
}

function show(id, fresh) {
  const shown = document.getElementById(id);
  if (!fresh || shown.open || shown.contains(document.activeElement) || fresh.isEqualNode(shown)) return;
  shown.replaceWith(fresh);
}

// A headline that stays the same is left alone: a screen reader would read it again.
function tell() {
  const told = document.getElementById("steps").dataset;
  document.getElementById("shop").textContent = told.shop;
  const headline = document.getElementById("headline");
  if (headline.textContent === told.headline) return;
  headline.textContent = told.headline;
  headline.className = told.state;
}

function plan() {
  if (document.getElementById("steps").dataset.running === "yes") setTimeout(refresh, EVERY_MS);
}

plan();
