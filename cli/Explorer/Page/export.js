// What is on the page, as files: a picture, numbers, a notebook that makes it again.
import { paint, probability, title } from './grid.js';

const wide = 64, high = 26, side = 130;

export function svg(run) {
  const ns = 'http://www.w3.org/2000/svg';
  const root = document.createElementNS(ns, 'svg');
  const add = (name, attributes, text) => {
    const made = document.createElementNS(ns, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    root.append(made);
  };
  const layers = run.data.ids.length, tokens = run.data.tokens;
  const size = [side + layers * wide + 10, 60 + tokens.length * high];
  for (const [key, value] of Object.entries({ xmlns: ns, width: size[0], height: size[1], viewBox: `0 0 ${size.join(' ')}`, 'font-family': 'system-ui, sans-serif' })) root.setAttribute(key, value);
  add('rect', { width: '100%', height: '100%', fill: '#ffffff' });
  add('text', { x: 6, y: 18, 'font-size': 13, 'font-weight': 600, fill: '#1c1f24' }, `${title(run)}: what each layer would say next (colour: probability)`);
  for (let l = 0; l < layers; l++) add('text', { x: side + (l + 0.5) * wide, y: 44, 'font-size': 11, 'text-anchor': 'middle', fill: '#1c1f24' }, `${l}`);
  tokens.forEach((token, p) => {
    add('text', { x: 6, y: 50 + (p + 0.7) * high, 'font-size': 11, fill: '#1c1f24' }, `${p} ${token.text}`.slice(0, 20));
    for (let l = 0; l < layers; l++) {
      const { fill, ink } = paint(probability(run.data.milli_nats[l][p][0]));
      add('rect', { x: side + l * wide, y: 50 + p * high, width: wide - 1, height: high - 1, fill });
      add('text', { x: side + (l + 0.5) * wide, y: 50 + (p + 0.68) * high, 'font-size': 11, 'text-anchor': 'middle', fill: ink }, run.data.words[run.data.ids[l][p][0]].slice(0, 9));
    }
  });
  return new XMLSerializer().serializeToString(root);
}

export async function png(run) {
  const text = svg(run), image = new Image();
  const url = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }));
  try {
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.width * 2, image.height * 2];
    canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise(done => canvas.toBlob(done, 'image/png'));
  } finally {
    URL.revokeObjectURL(url);
  }
}

export function csv(run) {
  const quote = text => `"${`${text}`.replaceAll('"', '""')}"`;
  const lines = ['layer,position,token,rank,candidate_id,candidate,probability,entropy_nats'];
  run.data.ids.forEach((layer, l) => layer.forEach((cell, p) => cell.forEach((id, rank) =>
    lines.push([l, p, quote(run.data.tokens[p].text), rank, id, quote(run.data.words[id]), probability(run.data.milli_nats[l][p][rank]), run.data.entropy[l][p]].join(',')))));
  return lines.join('\n') + '\n';
}

// A fitted lens is read from its folder.
export function notebook(run, folder, patch) {
  const method = JSON.stringify(run.method), ids = run.ids.join(', ');
  const site = { resid_pre: 'Site.ResidPre', attn_out: 'Site.AttnOut', resid_mid: 'Site.ResidMid', mlp_out: 'Site.MlpOut', resid_post: 'Site.ResidPost' }[run.site];
  const at = run.site === 'resid_post' ? '' : `.From(${site})`, within = run.site === 'resid_post' ? '' : ` { Site = ${site} }`;
  const technique = run.shift === 0 && run.scale === 1 ? folder ? `FittedTechnique.Load(${method}, ${JSON.stringify(folder)}, model)` : `NextTokenTechnique.Named(${method})${at}`
    : `((PromptTechnique)NextTokenTechnique.Named(${method}) with { TargetLayer = layer => Math.Clamp(layer + ${run.shift}, 0, model.Layers - 1), Mapping = Mapping.Of("scale", residual => residual * ${run.scale}, ("scale", ${run.scale})) })${at}`;
  const cells = [
    `#r "../artifacts/lib/Logitscope.Lib.dll"\nusing Logitscope;\n\nvar model = Settings.LoadModel();`,
    `var source = model.FromIds(new[] { ${ids} });\nmodel.Read(source, ${technique})`,
  ];
  if (patch) {
    cells.push(`new Patchscope(\n    new Source(model, source, ${patch.source.layer}, ${patch.source.position})${within},\n    new Target(model, model.FromIds(new[] { ${patch.ids.join(', ')} }), ${patch.target.layer}, ${patch.target.position}) { MaxNewTokens = ${patch.newTokens}${run.site === 'resid_post' ? '' : `, Site = ${site}`} })${run.scale === 1 ? '' : ` { Mapping = Mapping.Of("scale", residual => residual * ${run.scale}, ("scale", ${run.scale})) }`}.Run()`);
  }
  return JSON.stringify({
    cells: cells.map((text, i) => ({
      cell_type: 'code', execution_count: null, id: `cell-${i}`, metadata: { dotnet_interactive: { language: 'csharp' }, polyglot_notebook: { kernelName: 'csharp' } }, outputs: [],
      source: text.split('\n').map((line, at, all) => at < all.length - 1 ? line + '\n' : line),
    })),
    metadata: { kernelspec: { display_name: '.NET (C#)', language: 'C#', name: '.net-csharp' }, language_info: { name: 'C#' } }, nbformat: 4, nbformat_minor: 5,
  }, null, 1) + '\n';
}

export function save(name, content, type) {
  const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  const link = document.createElement('a');
  [link.href, link.download] = [url, name];
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
