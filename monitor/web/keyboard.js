const FORWARD = { KeyW: 1, ArrowUp: 1, KeyS: -1, ArrowDown: -1 };
const TURN = { KeyA: 1, ArrowLeft: 1, KeyD: -1, ArrowRight: -1 };
const DRIVING = new Set([...Object.keys(FORWARD), ...Object.keys(TURN), "Space", "ShiftLeft", "ShiftRight"]);

/** Keys that drive while they are down, by their place on the keyboard and not by their letter. */
export class Keyboard {
  #down = new Set();

  /** `isDriving` tells whether keys drive now; `onStop` is called for Escape, `onChange` for the deadman. */
  constructor(isDriving, onChange, onStop) {
    addEventListener("keydown", (event) => {
      if (event.code === "Escape") {
        onStop();
        return;
      }
      if (!isDriving() || !DRIVING.has(event.code) || isTyping(event.target)) return;
      // Or the space bar would press the button that has the focus, and the arrows would scroll.
      event.preventDefault();
      document.activeElement?.blur();
      if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
      this.#down.add(event.code);
      if (event.code === "Space") onChange();
    });
    addEventListener("keyup", (event) => {
      this.#down.delete(event.code);
      if (event.code === "Space") onChange();
    });
  }

  get forward() {
    return this.#share(FORWARD);
  }

  get turn() {
    return this.#share(TURN);
  }

  get deadman() {
    return this.#down.has("Space");
  }

  get turbo() {
    return this.#down.has("ShiftLeft") || this.#down.has("ShiftRight");
  }

  /** Forget what is down: no key says that it came up while the window was away. */
  letGo() {
    this.#down.clear();
  }

  #share(keys) {
    const sum = [...this.#down].reduce((total, code) => total + (keys[code] ?? 0), 0);
    return Math.max(-1, Math.min(1, sum));
  }
}

function isTyping(element) {
  return element instanceof HTMLInputElement;
}
