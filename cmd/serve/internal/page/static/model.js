// What the server says of a network, and how the bytes of a look are read.
import { get, getJSON } from "./api.js";

const models = new Map(); // promises by key

// loadModel returns the answer of GET /api/model with Maps of its tensors by
// name: value, winner, grad, heavyGrad, parameter.
export function loadModel(key) {
  if (!models.has(key)) {
    if (models.size > 8) models.delete(models.keys().next().value);
    models.set(key, getJSON("/api/model?net=" + encodeURIComponent(key)).then(index, (err) => { models.delete(key); throw err; }));
  }
  return models.get(key);
}

// forget makes the next loadModel ask again: a training has changed the network.
export const forget = (key) => models.delete(key);

export function index(model) {
  const byName = (list) => new Map((list ?? []).map((t) => [t.name, t]));
  return Object.assign(model, {
    value: byName(model.values), winner: byName(model.winners), grad: byName(model.grads),
    heavyGrad: byName(model.heavy), parameter: byName(model.parameters), fetched: new Map(),
  });
}

// weights returns all parameters after an epoch (null: the last), a Float32Array.
export function weights(model, epoch) {
  const e = epoch ?? "";
  if (!model.fetched.has(e)) {
    const url = `/api/weights?net=${encodeURIComponent(model.key)}` + (e === "" ? "" : `&epoch=${e}`);
    model.fetched.set(e, get(url).then((r) => r.arrayBuffer()).then((b) => new Float32Array(b), (err) => { model.fetched.delete(e); throw err; }));
  }
  return model.fetched.get(e);
}

// decode reads the answer of POST /api/look: a header of 32 bytes, then blocks of
// float32, which it shows without a copy.
export function decode(buffer, model) {
  const head = new DataView(buffer, 0, 32);
  const flags = head.getUint32(4, true), size = model.blocks;
  let at = 8; // in floats
  const block = (n) => new Float32Array(buffer, 4 * at, n, (at += n));
  const values = block(size.values), tape = block(size.tape);
  const grads = flags & 1 ? block(size.grads) : null;
  const heavy = flags & 2 ? block(size.heavy) : null;
  const moved = flags & 8 ? size.weights : 0;
  const node = flags & 4 ? block(buffer.byteLength / 4 - at - moved) : null;
  const part = (block, tensor) => (block && tensor ? block.subarray(tensor.offset, tensor.offset + tensor.size) : null);
  return {
    model, node, weights: moved ? block(moved) : null, // moved by a step, else those of the epoch (look.js)
    parameter(name) { return part(this.weights, model.parameter.get(name)); },
    seq: head.getUint32(0, true),
    scale: head.getFloat32(8, true), dx: head.getFloat32(12, true), dy: head.getFloat32(16, true), // pixel = pad * scale + d
    difference: head.getFloat32(20, true), // of the fused network's probabilities, the largest
    micros: head.getUint32(24, true), label: head.getInt32(28, true),
    value: (name) => part(values, model.value.get(name)),
    winners: (name) => part(values, model.winner.get(name)),
    grad: (name) => part(grads, model.grad.get(name)) ?? part(heavy, model.heavyGrad.get(name)),
    tape: (i) => ({ micros: tape[3 * i], min: tape[3 * i + 1], max: tape[3 * i + 2] }),
  };
}

// output is the last result of a look: the probabilities of a network that ends
// with SoftMax.
export const output = (look) => look.value(look.model.values.at(-1).name);

// best is the index of the largest.
export const best = (values) => values.reduce((b, v, i) => (v > values[b] ? i : b), 0);
