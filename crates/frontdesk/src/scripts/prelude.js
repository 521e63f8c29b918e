// Before each program: the names that it may use, a clock that stands still, no chance. Returns how a value becomes text.
(globals, now) => {
  "use strict";
  const freeze = (value) => {
    if (value !== null && typeof value === "object") {
      Object.values(value).forEach(freeze);
      Object.freeze(value);
    }
    return value;
  };
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value: freeze(value), enumerable: true });
  }
  const Clock = Date;
  const Still = function (...given) {
    return given.length === 0 ? new Clock(now) : new Clock(...given);
  };
  Still.now = () => now;
  Still.parse = Clock.parse;
  Still.UTC = Clock.UTC;
  Still.prototype = Clock.prototype;
  Clock.prototype.constructor = Still;
  globalThis.Date = Still;
  Math.random = () => {
    throw new Error("a prompt comes out the same every time: there is no Math.random here");
  };
  const { stringify } = JSON;
  const text = String;
  const Waiting = Promise;
  return (value) => {
    if (value === undefined || value === null) return "";
    if (value instanceof Waiting) throw new Error("the result is a Promise, and nobody waits for it");
    if (typeof value === "function" || typeof value === "symbol") throw new Error("the result is no text, number or list");
    return typeof value === "object" ? (stringify(value) ?? "") : text(value);
  };
};
