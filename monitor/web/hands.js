import { Keyboard } from "./keyboard.js";
import { Stick } from "./stick.js";

const PERIOD = 50;

/** Sticks, keys and deadman as one pair of hands; tells them twenty times a second while it has control. */
export class Hands {
  hasControl = false;
  beat = null;
  #touched = false;

  constructor(tell, onStop) {
    this.tell = tell;
    this.sticks = ["stick_left", "stick_right"].map((id) => new Stick(document.getElementById(id)));
    this.button = document.getElementById("deadman");
    this.turbo = document.getElementById("turbo");
    this.keyboard = new Keyboard(() => this.hasControl, () => this.#say(), onStop);
    this.#watchButton();
    this.turbo.addEventListener("click", () => {
      this.turbo.setAttribute("aria-pressed", String(this.turbo.ariaPressed !== "true"));
    });
    // Hands that can't be seen hold nothing.
    document.addEventListener("visibilitychange", () => document.hidden && this.#lose());
    addEventListener("blur", () => this.#lose());
    addEventListener("pagehide", () => this.#lose());
    setInterval(() => this.#say(), PERIOD);
  }

  get deadman() {
    return this.#touched || this.keyboard.deadman;
  }

  /** Control has come or gone. */
  setControl(mine) {
    if (mine === this.hasControl) return;
    this.hasControl = mine;
    this.beat = null;
    this.turbo.setAttribute("aria-pressed", "false");
    this.letGo();
  }

  /** Release everything, and say so at once. */
  letGo() {
    this.#touched = false;
    this.keyboard.letGo();
    this.sticks.forEach((stick) => stick.letGo());
    this.#say();
  }

  /** The hands went out of sight; while they held the deadman, that is no letting go. */
  #lose() {
    if (this.hasControl && this.deadman) this.tell({ type: "lost" });
    this.letGo();
  }

  #watchButton() {
    const touch = (held) => (event) => {
      event.preventDefault();
      if (held) this.button.setPointerCapture(event.pointerId);
      if (this.#touched === held) return;
      this.#touched = held;
      this.#say();
    };
    this.button.addEventListener("pointerdown", touch(true));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      this.button.addEventListener(end, touch(false));
    }
    this.button.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  #say() {
    this.button.classList.toggle("held", this.deadman);
    this.sticks[0].mirror(this.keyboard.forward, this.keyboard.turn);
    // Without a beat of the robot to answer to, nobody could tell how late these hands are.
    if (!this.hasControl || this.beat === null || (document.hidden && this.deadman)) return;
    const all = [...this.sticks, this.keyboard];
    this.tell({
      type: "hands",
      forward: furthest(all.map((one) => one.forward)),
      turn: furthest(all.map((one) => one.turn)),
      deadman: this.deadman,
      turbo: this.keyboard.turbo || this.turbo.ariaPressed === "true",
      beat: this.beat,
    });
  }
}

/** Either stick drives; the one that is pushed further counts. */
function furthest(shares) {
  return shares.reduce((far, share) => (Math.abs(share) > Math.abs(far) ? share : far), 0);
}
