// A heat map of cells: rows are tokens, columns layers. Colours and inks are chosen for a contrast of 4.5 to 1 and more.

const light = { fills: ['#f7fbff', '#deebf7', '#c6dbef', '#9ecae1', '#6baed6', '#4292c6', '#2171b5', '#08519c', '#08306b'], white: 6 };
const dark = { fills: ['#002051', '#11366c', '#3c4d6e', '#62646f', '#7f7c75', '#9a9478', '#bbaf71', '#e2cb5c', '#fdea45'], black: 4 };

export const isDark = () => document.documentElement.dataset.theme === 'dark';

export function paint(p) {
  const scale = isDark() ? dark : light;
  const step = Math.min(8, Math.floor(p * 9));
  const black = isDark() ? step >= dark.black : step < light.white;
  return { fill: scale.fills[step], ink: black ? '#000000' : '#ffffff' };
}

// What a run read, in words.
export const title = run => `${run.method}${run.site === 'resid_post' ? '' : ` of ${run.site}`}`;

export const probability = milli => Math.exp(-milli / 1000);
export const percent = p => p >= 0.0995 ? `${Math.round(p * 100)} %` : p >= 0.0005 ? `${(p * 100).toFixed(1)} %` : p === 0 ? '0 %' : p.toExponential(0);

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (key in made && typeof value !== 'string') made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

export class Grid {
  // act: select, copy, paste, pin (each gets layer and position), popup
  constructor(host, name, act) {
    Object.assign(this, { host, name, act, run: null, marks: {}, at: [0, 0] });
    host.addEventListener('keydown', event => this.key(event));
  }

  draw(run, other = null) {
    this.run = run;
    const layers = run.data.ids.length, tokens = run.data.tokens;
    const grid = element('div', { role: 'grid', 'aria-label': `${this.name}: ${title(run)}, ${tokens.length} tokens by ${layers} layers`, 'aria-rowcount': `${tokens.length + 1}`, 'aria-colcount': `${layers + 1}` });
    const top = element('div', { role: 'row', class: 'grid-row top' }, element('div', { role: 'columnheader', class: 'token' }, 'token'));
    for (let l = 0; l < layers; l++) top.append(element('div', { role: 'columnheader', class: 'head' }, `${l}`));
    grid.append(top);
    this.cells = [];
    tokens.forEach((token, position) => {
      const row = element('div', { role: 'row', class: 'grid-row' }, element('div', { role: 'rowheader', class: 'token', title: `id ${token.id}` }, `${position} ${token.text}`));
      const cells = [];
      for (let l = 0; l < layers; l++) {
        const p = probability(run.data.milli_nats[l][position][0]), word = run.data.words[run.data.ids[l][position][0]];
        const { fill, ink } = paint(p);
        const cell = element('div', {
          role: 'gridcell', class: 'cell', tabindex: '-1', draggable: 'true', 'aria-label': `layer ${l}, after ${token.text}: ${word}, ${percent(p)}`, 'aria-selected': 'false',
          onclick: () => { this.focus(l, position, false); this.act.select(l, position); },
          onfocus: event => { this.move(l, position); this.act.popup(event.target, run, l, position); },
          onblur: () => this.act.popup(null),
          onmouseenter: event => this.act.popup(event.target, run, l, position),
          onmouseleave: () => this.act.popup(null),
          ondragstart: event => { event.dataTransfer.setData('text/plain', `${l},${position}`); this.act.popup(null); this.act.copy(l, position); },
          ondragover: event => { event.preventDefault(); event.target.classList.add('over'); },
          ondragleave: event => event.target.classList.remove('over'),
          ondrop: event => { event.preventDefault(); event.target.classList.remove('over'); this.act.paste(l, position); },
        }, word);
        cell.style.backgroundColor = fill;
        cell.style.color = ink;
        if (other && other.data.ids[l]?.[position]?.[0] !== run.data.ids[l][position][0]) cell.classList.add('differs');
        cells.push(cell);
        row.append(cell);
      }
      this.cells.push(cells);
      grid.append(row);
    });
    this.host.replaceChildren(grid);
    this.at = [Math.min(this.at[0], layers - 1), Math.min(this.at[1], tokens.length - 1)];
    this.cells[this.at[1]][this.at[0]].tabIndex = 0;
    this.mark();
  }

  // What is selected, copied, patched; for a patch at a block's output also what it can change: later layers, from its token on.
  mark(marks = this.marks) {
    this.marks = marks;
    const is = (place, l, p) => !!place && place[0] === l && place[1] === p;
    this.cells?.forEach((row, p) => row.forEach((cell, l) => {
      cell.setAttribute('aria-selected', `${is(marks.selected, l, p)}`);
      cell.classList.toggle('copied', is(marks.copied, l, p));
      cell.classList.toggle('patched', is(marks.patched, l, p));
      cell.classList.toggle('cone', !!marks.patched && l > marks.patched[0] && p >= marks.patched[1]);
    }));
  }

  move(layer, position) {
    this.cells[this.at[1]][this.at[0]].tabIndex = -1;
    this.at = [layer, position];
    this.cells[position][layer].tabIndex = 0;
  }

  focus(layer, position, scroll = true) {
    const cell = this.cells[position][layer];
    cell.focus({ preventScroll: true });
    if (scroll) cell.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  key(event) {
    if (!this.run || !event.target.classList.contains('cell')) return;
    const [l, p] = this.at, lastLayer = this.run.data.ids.length - 1, lastToken = this.run.data.tokens.length - 1;
    const to = (layer, position) => this.focus(Math.max(0, Math.min(lastLayer, layer)), Math.max(0, Math.min(lastToken, position)));
    const keys = {
      ArrowLeft: () => to(l - 1, p), ArrowRight: () => to(l + 1, p), ArrowUp: () => to(l, p - 1), ArrowDown: () => to(l, p + 1),
      Home: () => to(0, event.ctrlKey ? 0 : p), End: () => to(lastLayer, event.ctrlKey ? lastToken : p), PageUp: () => to(l, p - 10), PageDown: () => to(l, p + 10),
      Enter: () => this.act.select(l, p), c: () => this.act.copy(l, p), v: () => this.act.paste(l, p), p: () => this.act.pin(l, p), Escape: () => this.act.popup(null),
    };
    if (keys[event.key] && !(event.ctrlKey && event.key.length === 1)) {
      event.preventDefault();
      keys[event.key]();
    }
  }
}
