// What any person would run into on a page, as a list of sentences; an empty list is a sound page.
const faults = [];
const brief = (element) => element.outerHTML.replace(/\s+/g, ' ').slice(0, 140);
const named = (element) =>
  element.getAttribute('aria-label') || element.getAttribute('aria-labelledby') || element.getAttribute('title');
const shown = (element) => element.getClientRects().length > 0;

if (!document.documentElement.lang) faults.push('the page does not say its language');
if (!document.title.trim()) faults.push('the page has no title');
if (document.querySelectorAll('h1').length !== 1) faults.push('the page must have exactly one h1');

const width = window.innerWidth;
if (document.documentElement.scrollWidth > width) {
  faults.push(`the page is ${document.documentElement.scrollWidth} px wide in a window of ${width} px`);
  // What sticks out is named, unless it scrolls inside a frame of its own.
  const framed = (element) => {
    for (let above = element.parentElement; above && above !== document.body; above = above.parentElement) {
      if (getComputedStyle(above).overflowX !== 'visible') return true;
    }
    return false;
  };
  const wide = [...document.body.querySelectorAll('*')]
    .filter((element) => element.getBoundingClientRect().right > width + 1 && !framed(element));
  for (const element of wide.slice(0, 5)) faults.push(`sticks out: ${brief(element)}`);
}

for (const field of document.querySelectorAll('input, select, textarea')) {
  if (['hidden', 'submit', 'button', 'reset'].includes(field.type)) continue;
  if (!field.labels?.length && !named(field)) faults.push(`no label: ${brief(field)}`);
}
for (const target of document.querySelectorAll('a[href], button, summary')) {
  const picture = target.querySelector('img[alt]:not([alt=""]), svg title');
  if (shown(target) && !target.textContent.trim() && !named(target) && !picture) faults.push(`no words: ${brief(target)}`);
}
for (const picture of document.querySelectorAll('img:not([alt])')) faults.push(`no alt text: ${brief(picture)}`);
for (const figure of document.querySelectorAll('svg')) {
  const told = figure.querySelector('title') || named(figure) || figure.closest('[aria-hidden="true"]');
  if (!told) faults.push(`no title: ${brief(figure)}`);
}

// Words that stand on end, one character a line, because there is no room for two.
for (const element of document.querySelectorAll('span, td, th, dt, label, a')) {
  const style = getComputedStyle(element);
  if (element.children.length || element.textContent.trim().length < 2 || style.writingMode !== 'horizontal-tb') continue;
  const { width, height } = element.getBoundingClientRect();
  const letter = parseFloat(style.fontSize);
  if (shown(element) && width < 2 * letter && height > 2.5 * letter) faults.push(`stands on end: ${brief(element)}`);
}

const seen = new Set();
for (const element of document.querySelectorAll('[id]')) {
  if (seen.has(element.id)) faults.push(`two things have the id ${element.id}`);
  seen.add(element.id);
}
return faults;
