/** Numbers that look random and are the same for the same seed (mulberry32). */
export class Random {
  /** @param {number} seed any whole number */
  constructor(seed) {
    this.state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
  }

  /** The generator of the `index`th thing: the same whatever was drawn for the ones before it. */
  static of(seed, index) {
    return new Random((seed ^ Math.imul(index + 1, 0x27d4eb2f)) >>> 0);
  }

  /** From 0 up to, not including, 1. */
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** A whole number, both ends included. */
  int(min, max) {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  chance(probability) {
    return this.next() < probability;
  }

  pick(list) {
    return list[this.int(0, list.length - 1)];
  }

  /** One of the values of `[[weight, value], …]`. */
  weighted(pairs) {
    let left = this.next() * pairs.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of pairs) {
      left -= weight;
      if (left < 0) return value;
    }
    return pairs.at(-1)[1];
  }

  /** `count` characters of `alphabet`. */
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
