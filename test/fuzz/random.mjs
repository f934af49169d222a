/** A seeded pseudo-random generator (mulberry32). */
export class Random {
  /** @param {number} seed any whole number */
  constructor(seed) {
    this.state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
  }

  /** Returns the generator for item `index`, independent of what was drawn for other items. */
  static of(seed, index) {
    return new Random((seed ^ Math.imul(index + 1, 0x27d4eb2f)) >>> 0);
  }

  /** Returns a number from 0 (inclusive) to 1 (exclusive). */
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** Returns an integer, both ends included. */
  int(min, max) {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  chance(probability) {
    return this.next() < probability;
  }

  pick(list) {
    return list[this.int(0, list.length - 1)];
  }

  /** Picks one value of `[[weight, value], …]`. */
  weighted(pairs) {
    let left = this.next() * pairs.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of pairs) {
      left -= weight;
      if (left < 0) return value;
    }
    return pairs.at(-1)[1];
  }

  /** Returns `count` random characters of `alphabet`. */
  text(count, alphabet = 'abcdefghijklmnopqrstuvwxyz') {
    return Array.from({ length: count }, () => alphabet[this.int(0, alphabet.length - 1)]).join('');
  }

  uuid() {
    const hex = this.text(32, '0123456789abcdef').split('');
    hex[12] = this.pick(['4', '7']);
    hex[16] = this.pick(['8', '9', 'a', 'b']);
    return hex.join('').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }
}
