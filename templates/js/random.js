// The orders of the samples, drawn as src/trace/plan.rs draws them: ChaCha with eight rounds, seeded as Rust's crate
// rand_core seeds it (by PCG32), and the shuffle of its crate rand. A test compares the orders with the engine's.

// The eight words of the key from a seed of 64 bits, given as a text of decimal digits.
const keyOf = (seed) => {
  const mask = (1n << 64n) - 1n;
  let state = BigInt(seed) & mask;
  return Uint32Array.from({ length: 8 }, () => {
    state = (state * 0x5851f42d4c957f2dn + 0xa17654e46fbe17f3n) & mask;
    const shifted = Number((((state >> 18n) ^ state) >> 27n) & 0xffffffffn);
    const turn = Number(state >> 59n);
    return turn === 0 ? shifted : (shifted >>> turn) | (shifted << (32 - turn));
  });
};

const quarter = (x, a, b, c, d) => {
  const turned = (value, by) => (value << by) | (value >>> (32 - by));
  x[a] += x[b]; x[d] = turned(x[d] ^ x[a], 16);
  x[c] += x[d]; x[b] = turned(x[b] ^ x[c], 12);
  x[a] += x[b]; x[d] = turned(x[d] ^ x[a], 8);
  x[c] += x[d]; x[b] = turned(x[b] ^ x[c], 7);
};

// A source of whole numbers of 32 bits.
const chacha8 = (seed, stream) => {
  const state = Uint32Array.of(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, ...keyOf(seed), 0, 0, stream, 0);
  const words = new Uint32Array(16);
  let next = 16;
  return () => {
    if (next === 16) {
      words.set(state);
      for (let round = 0; round < 4; round += 1) {
        for (let i = 0; i < 4; i += 1) quarter(words, i, 4 + i, 8 + i, 12 + i);
        for (let i = 0; i < 4; i += 1) quarter(words, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
      }
      for (let i = 0; i < 16; i += 1) words[i] += state[i];
      state[12] += 1;
      if (state[12] === 0) state[13] += 1;
      next = 0;
    }
    next += 1;
    return words[next - 1];
  };
};

const WORD = 2 ** 32;

// The upper and the lower 32 bits of the product of two numbers of 32 bits.
const wide = (a, b) => {
  const [low, middle] = [(a & 0xffff) * b, (a >>> 16) * b];
  const sum = low + (middle % 65536) * 65536;
  return [Math.floor(middle / 65536) + Math.floor(sum / WORD), sum % WORD];
};

// A number below `bound`.
const below = (random, bound) => {
  const [result, low] = wide(random(), bound);
  if (low <= WORD - bound) return result;
  const [more] = wide(random(), bound);
  return low + more >= WORD ? result + 1 : result;
};

// A new order of the numbers from 1 to `count`: each place is exchanged with one up to it. Several places are drawn
// from one random number, as long as the product of their counts fits 32 bits.
const shuffled = (random, count) => {
  const order = Uint32Array.from({ length: count }, (_, index) => index + 1);
  let [chunk, left] = [0, 1];
  for (let i = 0; i < count; i += 1) {
    if (left === 0) {
      let bound = i + 1;
      left = 1;
      while (bound * (i + 1 + left) < WORD) {
        bound *= i + 1 + left;
        left += 1;
      }
      chunk = below(random, bound);
    }
    left -= 1;
    let place = chunk;
    if (left > 0) {
      place = chunk % (i + 1);
      chunk = Math.floor(chunk / (i + 1));
    }
    [order[i], order[place]] = [order[place], order[i]];
  }
  return order;
};

// The samples of all rows of so many epochs, each in an order of its own. The stream is that of the engine's plan.
gd.orderOf = (seed, samples, epochs) => {
  const random = chacha8(seed, 1);
  const order = new Uint32Array(epochs * samples);
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    // A single sample has one order alone: nothing is drawn.
    order.set(samples > 1 ? shuffled(random, samples) : [1], epoch * samples);
  }
  return order;
};
