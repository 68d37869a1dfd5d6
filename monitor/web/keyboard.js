const FORWARD = { KeyW: 1, ArrowUp: 1, KeyS: -1, ArrowDown: -1 };
const TURN = { KeyA: 1, ArrowLeft: 1, KeyD: -1, ArrowRight: -1 };
const ARM = {
  linear: [{ KeyW: 1, KeyS: -1 }, { KeyA: 1, KeyD: -1 }, { KeyR: 1, KeyF: -1 }],
  angular: [{ ArrowLeft: 1, ArrowRight: -1 }, { ArrowUp: -1, ArrowDown: 1 }, { KeyQ: 1, KeyE: -1 }],
};
const MOVING = [...ARM.linear, ...ARM.angular].flatMap((keys) => Object.keys(keys));
const DRIVING = new Set([...Object.keys(FORWARD), ...Object.keys(TURN), "Space", "ShiftLeft", "ShiftRight"]);
const HANDLING = new Set([...MOVING, "KeyG", "Space"]);

/** Keys that drive while they are down, by their place on the keyboard and not by their letter. */
export class Keyboard {
  #down = new Set();
  isArm = false;
  onGrip = () => {};

  /** `isDriving` tells whether keys drive now; `onStop` is called for Escape, `onChange` for the deadman. */
  constructor(isDriving, onChange, onStop) {
    addEventListener("keydown", (event) => {
      if (event.code === "Escape") {
        onStop();
        return;
      }
      const keys = this.isArm ? HANDLING : DRIVING;
      if (!isDriving() || !keys.has(event.code) || isTyping(event.target)) return;
      // Or the space bar would press the button that has the focus, and the arrows would scroll.
      event.preventDefault();
      document.activeElement?.blur();
      if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
      this.#down.add(event.code);
      if (event.code === "KeyG") this.onGrip();
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

  /** Shares of an arm: "linear" x, y, z or "angular" roll, pitch, yaw. */
  arm(kind) {
    return ARM[kind].map((keys) => this.#share(keys));
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
