// The page's side of the demo: one websocket, through nginx, that is never to break.

const element = (id) => document.getElementById(id);
const lamps = Array.from({ length: 400 }, () => document.createElement('i'));
element('lamps').append(...lamps);

/** A minute of quarter seconds. */
const HISTORY = 240;
const history = [];
let openedAt;
let reconnects = 0;
let ended = false;

connect();
setInterval(showOpen, 250);

function connect() {
  const socket = new WebSocket(`${location.protocol.replace('http', 'ws')}//${location.host}/live`);
  socket.onopen = () => {
    openedAt = performance.now();
    document.body.dataset.signal = 'clear';
  };
  socket.onmessage = ({ data }) => show(JSON.parse(data));
  socket.onclose = ({ code }) => {
    openedAt = undefined;
    document.body.dataset.signal = 'danger';
    // 1001: the demo's server itself is going away, which is no broken connection.
    ended = code === 1001;
    if (ended) return;
    reconnects += 1;
    count('reconnects', reconnects);
    setTimeout(connect, 500);
  };
}

function show({ routes, changes, reloads, wrong, p50, p99, latencies, lamps: digits }) {
  count('routes', routes);
  count('changes', changes);
  count('reloads', reloads);
  count('wrong', wrong);
  count('reconnects', reconnects);
  element('p50').textContent = milliseconds(p50);
  element('p99').textContent = milliseconds(p99);
  lamps.forEach((lamp, user) => {
    const bits = Number.parseInt(digits[user >> 2], 16);
    lamp.classList.toggle('lit', (bits & (8 >> (user & 3))) !== 0);
  });
  if (latencies.length > 0) draw(latencies);
}

function count(id, value) {
  const place = element(id);
  place.textContent = value === undefined ? '–' : value.toLocaleString('en');
  const { expect } = place.dataset;
  if (expect !== undefined && value !== undefined) place.dataset.asExpected = String(value) === expect ? 'yes' : 'no';
}

function milliseconds(value) {
  return value === undefined ? '–' : `${value.toFixed(1)} ms`;
}

function showOpen() {
  const place = element('open');
  if (openedAt === undefined) {
    place.textContent = ended ? 'ended' : 'closed';
    return;
  }
  const seconds = Math.floor((performance.now() - openedAt) / 1000);
  place.textContent = seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function draw(latencies) {
  const sorted = latencies.toSorted((a, b) => a - b);
  history.push({ median: sorted[sorted.length >> 1], slowest: sorted.at(-1) });
  if (history.length > HISTORY) history.shift();
  const top = Math.max(5, ...history.map(({ slowest }) => slowest));
  element('median').setAttribute('d', line('median', top));
  element('slowest').setAttribute('d', line('slowest', top));
  element('top').textContent = `top of the scale: ${Math.ceil(top)} ms`;
}

/** The newest value stands at the right edge. */
function line(name, top) {
  const first = HISTORY - history.length;
  const points = history.map((entry, index) => {
    const x = ((first + index) / (HISTORY - 1)) * 600;
    const y = 120 - (entry[name] / top) * 116;
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  return `M${points.join('L')}`;
}
