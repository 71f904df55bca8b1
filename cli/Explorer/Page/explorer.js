// The page's state and its questions to the model. Every step is a state: it is in the link and in the history.
import { Grid, element, isDark, percent, probability, title } from './grid.js';
import { csv, notebook, png, save, svg } from './export.js';

const colours = () => isDark() ? ['#56b4e9', '#e69f00', '#33c49c', '#dd94bb'] : ['#0072b2', '#b34700', '#00795a', '#a3477e'];
const dashes = ['', '6 3', '2 3', '8 3 2 3'];
const marks = ['●', '■', '▲', '◆'];
const $ = id => document.getElementById(id);

// The token goes where no history, no server and no other page sees it; the rest of the link stays.
const opened = new URLSearchParams(location.hash.slice(1));
if (opened.has('token')) {
  sessionStorage.setItem('logitscope-token', opened.get('token'));
  opened.delete('token');
  history.replaceState(null, '', opened.size > 0 ? `#${opened}` : location.pathname);
}

const state = { source: { text: 'The capital of France is', bos: true }, target: { text: '?', bos: true }, method: 'logit-lens', site: 'resid_post', shift: 0, scale: 1, newTokens: 8, pins: [], selected: null, copied: null, patched: null };
const runs = [], kept = new Map(); // what was read is not asked again
let model, sourceRun, targetRun, tracks = [], result = null;
const asking = {};

// One question of a sort at a time: a newer one ends the older.
async function ask(path, question, sort = path) {
  asking[sort]?.abort();
  const controller = asking[sort] = new AbortController();
  const answer = await fetch(`/api/${path}`, {
    method: question ? 'POST' : 'GET', signal: controller.signal, body: question && JSON.stringify(question),
    headers: { 'X-Logitscope-Token': sessionStorage.getItem('logitscope-token') ?? '', ...(question && { 'Content-Type': 'application/json' }) },
  });
  const json = await answer.json();
  if (!answer.ok) throw new Error(json.error);
  return json;
}

function say(text, wrong = false) {
  $('status').textContent = text;
  $('status').classList.toggle('wrong', wrong);
}

async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    if (error.name !== 'AbortError') say(error.message, true);
    return null;
  }
}

const words = prompt => prompt.ids ? { ids: prompt.ids } : { text: prompt.text ?? '', bos: prompt.bos };
const reading = prompt => ({ prompt: words(prompt), method: state.method, site: state.site, shift: state.shift, scale: state.scale });

async function cells(which) {
  const question = reading(state[which]), key = JSON.stringify(question);
  if (!kept.has(key)) kept.set(key, await ask('read', question, which));
  if (kept.size > 40) kept.delete(kept.keys().next().value);
  return kept.get(key);
}

async function read(which) {
  const prompt = state[which], started = performance.now();
  const data = await attempt(() => cells(which));
  if (!data) return;
  const run = { ids: data.tokens.map(one => one.id), text: prompt.text, method: state.method, site: state.site, shift: state.shift, scale: state.scale, data };
  $(`${which}-note`).textContent = `${data.tokens.length} tokens` + (data.trailing ? '; it ends in a space, which is a token of its own: models seldom expect that' : '');
  if (prompt.ids && data.text !== null) Object.assign(state[which], { text: data.text, bos: data.bos }), controls();
  if (which === 'source') {
    sourceRun = run;
    clampTo(run, ['selected', 'copied']);
    sourceGrid.draw(run);
    remember(run);
    await follow();
  } else {
    targetRun = run;
    clampTo(run, ['patched']);
    targetGrid.draw(run);
  }
  show();
  say(`${title(run)} of ${data.tokens.length} tokens in ${Math.round(performance.now() - started)} ms`);
}

function clampTo(run, names) {
  for (const name of names) if (state[name] && (state[name][0] >= run.data.ids.length || state[name][1] >= run.ids.length)) state[name] = null;
}

const sourceGrid = new Grid($('source'), 'source', {
  select: (l, p) => { state.selected = [l, p]; show(); },
  copy: (l, p) => { state.copied = [l, p]; show(); say(`copied layer ${l}, ${sourceRun.data.tokens[p].text}: V on a cell of the target, or drop it there`); },
  paste: () => say('a cell of the source prompt is copied; cells of the target get it'),
  pin: (l, p) => pin(sourceRun.data.ids[l][p][0]), popup,
});
const targetGrid = new Grid($('target'), 'target', {
  select: (l, p) => { if (state.copied) patch(l, p); else say('copy a cell of the source first: C, or drag it here'); },
  copy: () => say('cells are copied from the source prompt'),
  paste: (l, p) => patch(l, p), pin: (l, p) => pin(targetRun.data.ids[l][p][0]), popup,
});
const compareGrid = new Grid($('compare'), 'beside', { select: () => {}, copy: () => {}, paste: () => {}, pin: () => {}, popup });

async function patch(layer, position) {
  if (!state.copied) {
    say('copy a cell of the source first: C, or drag it here');
    return;
  }
  state.patched = [layer, position];
  show();
  const [sourceLayer, sourcePosition] = state.copied;
  result = await attempt(() => ask('patch', {
    source: { prompt: { ids: sourceRun.ids }, layer: sourceLayer, position: sourcePosition },
    target: { prompt: { ids: targetRun.ids }, layer, position }, new_tokens: state.newTokens, scale: state.scale, site: state.site,
  }));
  show();
  if (result) say(`layer ${sourceLayer} of ${sourceRun.data.tokens[sourcePosition].text} in layer ${layer} of ${targetRun.data.tokens[position].text}: now ${result.next[0].token}, before ${result.plain[0].token}`);
}

async function pin(id) {
  state.pins = state.pins.includes(id) ? state.pins.filter(one => one !== id) : [...state.pins, id].slice(-4);
  await follow();
  show();
}

async function follow() {
  tracks = state.pins.length === 0 || !sourceRun ? [] : await attempt(() => ask('pin', { read: { ...reading({ ids: sourceRun.ids }) }, pins: state.pins })) ?? [];
}

function popup(cell, run, layer, position) {
  const box = $('popup');
  box.hidden = !cell;
  if (!cell) return;
  const lines = run.data.ids[layer][position].map((id, rank) => `${percent(probability(run.data.milli_nats[layer][position][rank])).padStart(7)}  ${run.data.words[id]}`);
  box.textContent = `layer ${layer}, after ${run.data.tokens[position].text}\n${lines.join('\n')}\nentropy ${run.data.entropy[layer][position]} nats`;
  const place = cell.getBoundingClientRect();
  box.style.left = `${Math.min(place.left, innerWidth - 240)}px`;
  box.style.top = place.bottom + 150 > innerHeight ? `${place.top - box.offsetHeight - 4}px` : `${place.bottom + 4}px`;
}

const line = (...cells) => element('tr', {}, ...cells.map((cell, i) => element('td', i > 0 ? { class: 'number' } : {}, `${cell}`)));

function detail() {
  if (!state.selected || !sourceRun) return;
  const [l, p] = state.selected, { data } = sourceRun, final = data.own[p];
  const rows = data.ids[l][p].map((id, rank) => {
    const row = line(data.words[id], percent(probability(data.milli_nats[l][p][rank])));
    row.append(element('td', {}, element('button', { type: 'button', 'aria-pressed': `${state.pins.includes(id)}`, 'aria-label': `${state.pins.includes(id) ? 'unfollow' : 'follow'} ${data.words[id]}`, onclick: () => pin(id) }, state.pins.includes(id) ? 'unfollow' : 'follow')));
    return row;
  });
  const top = data.ids[l][p][0], layers = data.ids.map((layer, at) => [at, layer[p].indexOf(top)]).filter(one => one[1] >= 0);
  $('detail').replaceChildren(
    element('p', {}, `Layer ${l}, after ${data.tokens[p].text} (position ${p}, id ${data.tokens[p].id})`),
    element('table', {}, element('tbody', {}, ...rows)),
    element('p', { class: 'note' }, `Entropy ${data.entropy[l][p]} nats. The model's own prediction here is ${data.words[final]}. ${data.words[top]} is the top token at layers ${layers.filter(one => one[1] === 0).map(one => one[0]).join(', ')}.`),
    element('div', { class: 'row' }, element('button', { type: 'button', onclick: () => { state.copied = [l, p]; show(); say('copied: choose a cell of the target'); } }, 'Copy this cell')));
}

function chart() {
  const host = $('chart'), layers = model.layers, position = state.selected?.[1] ?? (sourceRun ? sourceRun.ids.length - 1 : 0);
  $('pins').replaceChildren(...tracks.map((track, i) => element('button', { class: 'pin', type: 'button', title: 'unfollow', onclick: () => pin(track.id) }, `${marks[i]} ${track.text} ×`)));
  if (tracks.length === 0) {
    host.replaceChildren(element('p', { class: 'note' }, 'Follow a token: its probability, log probability or rank at every layer, exact also where it is not among the first five.'));
    return;
  }
  const measure = $('measure').value, value = (track, l) => measure === 'p' ? probability(track.milli_nats[l][position]) : measure === 'log' ? -track.milli_nats[l][position] / 1000 : track.ranks[l][position];
  const values = tracks.flatMap(track => Array.from({ length: layers }, (_, l) => value(track, l)));
  const [low, high] = measure === 'p' ? [0, 1] : measure === 'log' ? [Math.min(...values), 0] : [Math.max(1, ...values), 0];
  const ns = 'http://www.w3.org/2000/svg', root = document.createElementNS(ns, 'svg');
  const make = (name, attributes, text) => {
    const made = document.createElementNS(ns, name);
    for (const [key, one] of Object.entries(attributes)) made.setAttribute(key, one);
    if (text !== undefined) made.textContent = text;
    root.append(made);
  };
  const [w, h, left, bottom] = [640, 236, 56, 190];
  const x = l => left + (l + 0.5) * (w - left - 90) / layers, y = one => 12 + (high - one) / (high - low || 1) * (bottom - 12);
  root.setAttribute('viewBox', `0 0 ${w} ${h}`);
  root.setAttribute('width', '100%');
  root.setAttribute('role', 'img');
  root.setAttribute('aria-label', `${measure} of ${tracks.map(track => track.text).join(', ')} by layer, after ${sourceRun.data.tokens[position].text}`);
  make('path', { d: `M${left} 12V${bottom}H${w - 90}`, fill: 'none', class: 'axis' });
  for (const one of [low, (low + high) / 2, high]) make('text', { x: left - 6, y: y(one) + 4, 'text-anchor': 'end' }, measure === 'p' ? percent(one) : one.toFixed(measure === 'rank' ? 0 : 1));
  for (let l = 0; l < layers; l += Math.ceil(layers / 16)) make('text', { x: x(l), y: bottom + 16, 'text-anchor': 'middle' }, `${l}`);
  make('text', { x: left, y: h - 6 }, `layer; after ${sourceRun.data.tokens[position].text}`);
  // Labels keep their distance where lines end together.
  const ends = tracks.map((track, i) => [y(value(track, layers - 1)), i]).sort((a, b) => a[0] - b[0]), label = [];
  ends.forEach(([end, i], at) => { label[i] = at === 0 ? end : Math.max(end, label[ends[at - 1][1]] + 14); });
  tracks.forEach((track, i) => {
    const points = Array.from({ length: layers }, (_, l) => `${x(l).toFixed(1)},${y(value(track, l)).toFixed(1)}`);
    make('polyline', { points: points.join(' '), fill: 'none', stroke: colours()[i], 'stroke-width': 2, 'stroke-dasharray': dashes[i] });
    make('text', { x: w - 86, y: label[i] + 4 }, `${marks[i]} ${track.text}`);
    root.lastChild.style.fill = colours()[i];
  });
  host.replaceChildren(root);
}

function patched() {
  const host = $('patched');
  if (!result || !state.patched) {
    host.replaceChildren();
    return;
  }
  const table = (title, list) => element('div', {}, element('strong', {}, title), element('table', {}, element('tbody', {}, ...list.map(one => line(one.token, percent(one.probability))))));
  host.replaceChildren(
    element('div', { class: 'texts' }, table('patched', result.next), table('unpatched', result.plain)),
    element('p', {}, 'Patched, it goes on: ', element('span', { class: 'said' }, result.text || '(nothing)')),
    element('p', {}, 'Unpatched: ', element('span', { class: 'said' }, result.plain_text || '(nothing)')),
    element('p', { class: 'note' }, `KL(patched || unpatched) ${result.kl.toFixed(3)} nats. Underlined cells are what the patch can change.`),
    element('button', { type: 'button', onclick: () => { state.patched = null; result = null; show(); say('patch taken back'); } }, 'Take the patch back'));
}

function show() {
  sourceGrid.mark({ selected: state.selected, copied: state.copied });
  targetGrid.mark({ patched: state.patched });
  detail();
  chart();
  patched();
  link();
}

// Exact ids, never the token: who opens it needs an explorer of the same model.
function link() {
  if (!sourceRun) return;
  const cell = place => place ? place.join('.') : '';
  const all = { v: 1, w: model.weights, s: sourceRun.ids.join(','), t: targetRun?.ids.join(',') ?? '', m: state.method, l: state.site, h: state.shift, a: state.scale, n: state.newTokens, k: cell(state.selected), c: cell(state.copied), x: cell(state.patched), p: state.pins.join(',') };
  const hash = `#${new URLSearchParams(all)}`;
  if (hash === location.hash || busy) return;
  // Every step is a state: Back undoes it.
  if (location.hash.length > 1) history.pushState(null, '', hash);
  else history.replaceState(null, '', hash);
}

// From a link, or from a step before or after this one.
let busy = false;
async function goTo(hash) {
  busy = true;
  try {
    if (!restore(hash)) return;
    const place = state.patched;
    result = null;
    controls();
    await read('target');
    await read('source');
    if (place && state.copied) await patch(...place);
    else show();
  } finally {
    busy = false;
  }
}

function restore(hash) {
  const all = new URLSearchParams(hash.slice(1)), list = text => text ? text.split(',').map(Number) : null, cell = text => text ? text.split('.').map(Number) : null;
  if (all.get('v') !== '1') return false;
  if (all.get('w') !== model.weights) say(`this link is of another model (${all.get('w')}), its cells will differ`, true);
  Object.assign(state, {
    source: { ids: list(all.get('s')), text: null, bos: true }, target: { ids: list(all.get('t')) ?? [0], text: null, bos: true }, method: all.get('m'), site: all.get('l') ?? 'resid_post', shift: Number(all.get('h')), scale: Number(all.get('a')),
    newTokens: Number(all.get('n')), selected: cell(all.get('k')), copied: cell(all.get('c')), patched: cell(all.get('x')), pins: list(all.get('p')) ?? [],
  });
  return true;
}

function remember(run) {
  if (runs[0] && JSON.stringify([runs[0].ids, title(runs[0]), runs[0].shift, runs[0].scale]) === JSON.stringify([run.ids, title(run), run.shift, run.scale])) return;
  runs.unshift(run);
  runs.length = Math.min(runs.length, 30);
  $('history').replaceChildren(...runs.map(one => element('li', {},
    `${title(one)}${one.shift ? ` shifted by ${one.shift}` : ''}${one.scale !== 1 ? ` times ${one.scale}` : ''}: ${one.data.tokens.map(t => t.text).join('')} `,
    element('button', { type: 'button', onclick: () => again(one) }, 'restore'), ' ',
    element('button', { type: 'button', onclick: () => beside(one) }, 'beside'))));
}

// What was computed is shown, nothing runs anew but what is followed.
async function again(run) {
  sourceRun = run;
  Object.assign(state, { source: { ids: run.ids, text: run.text, bos: true }, method: run.method, site: run.site, shift: run.shift, scale: run.scale, selected: null, copied: null });
  controls();
  sourceGrid.draw(run);
  await follow();
  show();
  say('restored');
}

function beside(run) {
  $('compare-section').hidden = false;
  $('compare-note').textContent = `${title(run)}: ${run.data.tokens.map(t => t.text).join('')}. ≠: another top token than above, in the same place.`;
  compareGrid.draw(run, sourceRun);
}

function controls() {
  for (const which of ['source', 'target']) {
    const box = $(`${which}-text`);
    box.value = state[which].text ?? '';
    box.placeholder = state[which].text === null ? 'exact ids that no text gives; type to replace them' : '';
    $(`${which}-bos`).checked = state[which].bos;
  }
  $('method').value = state.method;
  $('site').value = state.site;
  $('shift').value = state.shift;
  $('scale').value = state.scale;
  $('new-tokens').value = state.newTokens;
  const isPrompt = model.methods.find(one => one.name === state.method)?.is_prompt;
  $('shift').disabled = $('scale').disabled = !isPrompt;
  $('site').disabled = !!model.methods.find(one => one.name === state.method)?.folder;
}

let typing;
function typed(which) {
  state[which] = { text: $(`${which}-text`).value, bos: $(`${which}-bos`).checked };
  if (which === 'source') result = null, state.patched = null;
  clearTimeout(typing);
  typing = setTimeout(() => read(which), 250);
}

function theme() {
  const chosen = $('theme').value || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
  document.documentElement.dataset.theme = chosen;
  if (sourceRun) sourceGrid.draw(sourceRun);
  if (targetRun) targetGrid.draw(targetRun);
  if (model) show();
}

const exports = {
  SVG: () => save('logitscope.svg', svg(sourceRun), 'image/svg+xml'),
  PNG: async () => save('logitscope.png', await png(sourceRun)),
  CSV: () => save('logitscope.csv', csv(sourceRun), 'text/csv'),
  Notebook: () => save('logitscope.ipynb', notebook(sourceRun, model.methods.find(one => one.name === sourceRun.method).folder, state.copied && state.patched && {
    source: { layer: state.copied[0], position: state.copied[1] }, ids: targetRun.ids, target: { layer: state.patched[0], position: state.patched[1] }, newTokens: state.newTokens,
  }), 'application/x-ipynb+json'),
  'Copy link': async () => { await navigator.clipboard.writeText(location.href); say('link copied; it holds exact ids and no token'); },
};

async function start() {
  model = await attempt(() => ask('model'));
  if (!model) return;
  $('model').textContent = `${model.name}: ${model.architecture}, ${model.layers} layers of ${model.hidden_size}, ${model.vocabulary} tokens`;
  $('method').append(...model.methods.map(one => element('option', { value: one.name }, one.name)));
  $('site').append(...model.sites.map(one => element('option', { value: one }, one)));
  for (const which of ['source', 'target']) if (!model.has_bos) Object.assign(state[which], { bos: false }), $(`${which}-bos`).disabled = true;
  $('exports').replaceChildren(...Object.entries(exports).map(([name, run]) => element('button', { type: 'button', onclick: () => attempt(run) }, name)));
  controls();
  for (const which of ['source', 'target']) {
    $(`${which}-text`).addEventListener('input', () => typed(which));
    $(`${which}-bos`).addEventListener('change', () => typed(which));
  }
  const reread = () => {
    Object.assign(state, { method: $('method').value, site: $('site').value, shift: Number($('shift').value), scale: Number($('scale').value) });
    const method = model.methods.find(one => one.name === state.method);
    if (!method?.is_prompt) Object.assign(state, { shift: 0, scale: 1 });
    if (method?.folder) state.site = 'resid_post';
    result = null;
    state.patched = null;
    controls();
    return Promise.all([read('source'), read('target')]);
  };
  for (const id of ['method', 'site', 'shift', 'scale']) $(id).addEventListener('change', reread);
  $('new-tokens').addEventListener('change', () => { state.newTokens = Number($('new-tokens').value); if (state.patched) patch(...state.patched); });
  $('measure').addEventListener('change', chart);
  $('theme').addEventListener('change', theme);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', theme);
  $('undo').addEventListener('click', () => history.back());
  $('redo').addEventListener('click', () => history.forward());
  addEventListener('popstate', () => goTo(location.hash));
  theme();
  if (location.hash.length > 1) {
    await goTo(location.hash);
  } else {
    await read('target');
    await read('source');
  }
}

theme();
await start();
