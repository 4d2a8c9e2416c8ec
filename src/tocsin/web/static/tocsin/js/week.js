// A week of spans in minutes: read from texts, painted, written back.

export const DAY = 1440;
const SPAN = /^(\d{1,2})(?:[:.](\d{2}))?\s*[-–—]\s*(\d{1,2})(?:[:.](\d{2}))?$/;

/** Return the spans of a text as [opens, closes] in minutes, in order; null when it is not understood. */
export function read(text) {
  const found = [];
  for (const piece of text.split(/[,;\n]/).map((one) => one.trim()).filter(Boolean)) {
    const parts = SPAN.exec(piece);
    if (!parts) return null;
    const [opens, closes] = [Number(parts[1]) * 60 + Number(parts[2] || 0), Number(parts[3]) * 60 + Number(parts[4] || 0)];
    if (Number(parts[2] || 0) > 59 || Number(parts[4] || 0) > 59 || opens >= closes || closes > 2 * DAY) return null;
    found.push([opens, closes]);
  }
  return found.sort((a, b) => a[0] - b[0]);
}

/** Return spans as they are typed. */
export function write(spans) { return spans.map(([a, b]) => `${time(a)}-${time(b)}`).join(", "); }

/** Return minutes as a time; past midnight it counts on. */
export function time(minutes) { return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`; }

/** Say whether the minute of a day is open, by a span of its own or a night shift of the day before. */
export function isOpen(week, day, minute) {
  const at = (spans, m) => spans.some(([a, b]) => a <= m && m < b);
  return at(week[day], minute) || at(week[(day + 6) % 7], minute + DAY);
}

/** Return the week with minutes of a day opened or closed. What a night shift covers is open already. */
export function paint(week, day, from, to, open) {
  const made = [...week];
  const before = (day + 6) % 7;
  if (!open) {
    made[day] = without(week[day], from, to);
    made[before] = without(made[before], from + DAY, to + DAY);
    return made;
  }
  const free = week[before].reduce((left, [a, b]) => left.flatMap(([x, y]) => cut(x, y, a - DAY, b - DAY)), [[from, to]]);
  made[day] = joined([...week[day], ...free]);
  return made;
}

function without(spans, from, to) { return spans.flatMap(([a, b]) => cut(a, b, from, to)); }

function cut(a, b, from, to) {
  if (to <= a || b <= from) return [[a, b]];
  return [[a, Math.min(b, from)], [Math.max(a, to), b]].filter(([x, y]) => x < y);
}

function joined(spans) {
  const made = [];
  for (const [a, b] of spans.sort((x, y) => x[0] - y[0])) {
    const last = made.at(-1);
    if (last && a <= last[1]) last[1] = Math.max(last[1], b); else made.push([a, b]);
  }
  return made;
}
