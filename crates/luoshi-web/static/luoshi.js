// Makes pages smoother; every page works without it.
"use strict";

// Drafts: what is typed is kept every few seconds and shown again when the page is opened anew.
for (const form of document.querySelectorAll("form[data-draft]")) {
  let timer = 0;
  const keep = () => {
    const body = new URLSearchParams(new FormData(form));
    body.set("form", form.dataset.draft);
    fetch("/drafts", { method: "POST", body, credentials: "same-origin", keepalive: true })
      .then((answer) => { const note = form.querySelector("[data-kept]"); if (note && answer.ok) note.hidden = false; })
      .catch(() => {});
  };
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(keep, 1500); });
}

// People of a meeting: counts move as people are marked.
for (const roll of document.querySelectorAll("[data-roll]")) {
  const out = roll.querySelector("[data-count]");
  const count = () => {
    const all = roll.querySelectorAll("[data-person]").length;
    let absent = 0;
    for (const one of roll.querySelectorAll("[data-person] select[data-absent]")) if (one.value) absent += 1;
    if (out) out.textContent = out.dataset.words.replace("{due}", all).replace("{present}", all - absent);
    const quorum = roll.querySelector("[data-quorum]");
    if (!quorum) return;
    let here = 0;
    for (const one of roll.querySelectorAll("[data-votes] select[data-absent]")) if (!one.value) here += 1;
    roll.querySelector("[data-here]").textContent = here;
    quorum.textContent = here >= Number(roll.querySelector("[data-need]").textContent) ? quorum.dataset.met : quorum.dataset.short;
  };
  roll.addEventListener("change", count);
  count();
}

// Matrix: arrows move, Enter opens.
for (const table of document.querySelectorAll("table[data-matrix]")) {
  table.addEventListener("keydown", (event) => {
    const cell = event.target.closest("td");
    if (!cell) return;
    const row = cell.parentElement;
    const to = { ArrowRight: cell.nextElementSibling, ArrowLeft: cell.previousElementSibling,
      ArrowDown: row.nextElementSibling && row.nextElementSibling.children[cell.cellIndex],
      ArrowUp: row.previousElementSibling && row.previousElementSibling.children[cell.cellIndex] }[event.key];
    const link = to && to.querySelector("a");
    if (link) { link.focus(); event.preventDefault(); }
  });
}

// Matrix: a cell opens beside the table, so that one's place in it is not lost.
for (const table of document.querySelectorAll("table[data-matrix]")) {
  const drawer = document.createElement("dialog");
  drawer.className = "drawer";
  document.body.append(drawer);
  drawer.addEventListener("click", (event) => { if (event.target === drawer) drawer.close(); });
  table.addEventListener("click", async (event) => {
    const link = event.target.closest("td a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    try {
      const answer = await fetch(link.href, { credentials: "same-origin" });
      const main = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
      if (!answer.ok || !main) throw new Error();
      const title = main.querySelector("h1"); // the page has one already
      title.replaceWith(Object.assign(document.createElement("h2"), { textContent: title.textContent }));
      const close = Object.assign(document.createElement("button"), { textContent: table.dataset.close, className: "close" });
      close.addEventListener("click", () => drawer.close());
      drawer.replaceChildren(close, ...main.querySelectorAll(":scope > :not(.demo)"));
      drawer.showModal();
    } catch { location.assign(link.href); }
  });
  drawer.addEventListener("close", () => table.focus());
}

// Plan of a year: a meeting dragged to another month keeps its day there, as far as the month has it.
for (const year of document.querySelectorAll("[data-months]")) {
  for (const item of year.querySelectorAll("[data-plan]")) {
    item.draggable = true;
    item.addEventListener("dragstart", (event) => event.dataTransfer.setData("text/plain", item.id));
  }
  for (const month of year.querySelectorAll("[data-month]")) {
    month.addEventListener("dragover", (event) => { event.preventDefault(); month.classList.add("over"); });
    month.addEventListener("dragleave", () => month.classList.remove("over"));
    month.addEventListener("drop", (event) => {
      event.preventDefault();
      month.classList.remove("over");
      const item = document.getElementById(event.dataTransfer.getData("text/plain"));
      const form = item && item.querySelector("form[data-move]");
      const box = form && form.elements.on;
      if (!box || box.value.startsWith(month.dataset.month)) return;
      const [y, m] = month.dataset.month.split("-").map(Number);
      const day = Math.min(Number(box.value.slice(8)), new Date(Date.UTC(y, m, 0)).getUTCDate());
      const to = `${month.dataset.month}-${String(day).padStart(2, "0")}`;
      box.value = to < box.min ? box.min : to;
      form.requestSubmit();
    });
  }
}

// The picture to share: chats take no SVG, so it is turned into a PNG here, with the fonts of this machine.
for (const link of document.querySelectorAll("a[data-png]")) {
  link.addEventListener("click", async (event) => {
    event.preventDefault();
    try {
      const picture = new Image();
      picture.src = link.href;
      await picture.decode();
      const canvas = Object.assign(document.createElement("canvas"), { width: picture.naturalWidth, height: picture.naturalHeight });
      canvas.getContext("2d").drawImage(picture, 0, 0);
      const png = await new Promise((done, failed) => canvas.toBlob((blob) => blob ? done(blob) : failed(), "image/png"));
      const file = Object.assign(document.createElement("a"), { href: URL.createObjectURL(png), download: link.dataset.png });
      file.click();
      setTimeout(() => URL.revokeObjectURL(file.href), 60000);
    } catch { location.assign(link.href); }
  });
}

// Tick all rows of a list.
for (const box of document.querySelectorAll("input[data-all]")) {
  box.hidden = false;
  box.addEventListener("change", () => {
    for (const one of box.closest("form").querySelectorAll(`input[name="${box.dataset.all}"]`)) one.checked = box.checked;
  });
}

// Progress that moves.
const progress = document.querySelector("[data-progress]");
if (progress) setTimeout(() => location.reload(), 1000);

// One-time links: what stands behind the # is no part of what a browser asks for. It is put into its field, and taken out
// of the address, so that it stays in no history.
for (const field of document.querySelectorAll("input[data-behind]")) {
  const code = decodeURIComponent(location.hash.slice(1));
  if (code.length < 20) continue; // a place on the page
  field.value = code;
  history.replaceState(null, "", location.pathname);
  const next = [...field.form.elements].find((one) => one !== field && one.required && !one.value);
  if (next) next.focus();
}
