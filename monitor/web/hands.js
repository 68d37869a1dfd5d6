import { Keyboard } from "./keyboard.js";
import { Stick } from "./stick.js";

const PERIOD = 50;

/** Sticks, keys and deadman as one pair of hands; tells them twenty times a second while it has control. */
export class Hands {
  hasControl = false;
  isArm = false;
  opening = null; // of the gripper, measured
  #wanted = null; // what this press of the clutch says of the gripper
  #turned = [0, 0]; // roll and pitch by buttons
  beat = null;
  #touched = false;

  constructor(tell, onStop) {
    this.tell = tell;
    this.sticks = ["stick_left", "stick_right"].map((id) => new Stick(document.getElementById(id)));
    this.button = document.getElementById("deadman");
    this.turbo = document.getElementById("turbo");
    this.keyboard = new Keyboard(() => this.hasControl, () => this.#say(), onStop);
    this.keyboard.onGrip = () => this.#grip((this.#wanted ?? this.opening) > 0.5 ? 0 : 1);
    for (const button of document.querySelectorAll("[data-grip]")) {
      button.addEventListener("pointerdown", () => this.#grip(Number(button.dataset.grip)));
    }
    for (const button of document.querySelectorAll("[data-turn]")) this.#watchTurn(button);
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

  /** What there is to drive. */
  setRobot(isArm) {
    if (isArm === this.isArm) return;
    this.isArm = this.keyboard.isArm = isArm;
    this.letGo();
  }

  /** Without the clutch the gripper stays as it was told. */
  #grip(opening) {
    if (this.deadman) this.#wanted = opening;
    this.#say();
  }

  #watchTurn(button) {
    const [axis, share] = button.dataset.turn.split(" ").map(Number);
    const turn = (share) => (event) => {
      event.preventDefault();
      this.#turned[axis] = share;
      this.#say();
    };
    button.addEventListener("pointerdown", turn(share));
    for (const end of ["pointerup", "pointercancel", "pointerleave"]) button.addEventListener(end, turn(0));
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
    this.#turned = [0, 0];
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
    const [x, y] = this.isArm ? this.keyboard.arm("linear") : [this.keyboard.forward, this.keyboard.turn];
    this.sticks[0].mirror(x, y);
    if (!this.deadman) this.#wanted = null;
    // Without a beat of the robot to answer to, nobody could tell how late these hands are.
    if (!this.hasControl || this.beat === null || (document.hidden && this.deadman)) return;
    if (this.isArm) {
      this.tell(this.#handling());
      return;
    }
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

  /** The left stick moves over the table, the right one up and down and turns. */
  #handling() {
    const [left, right] = this.sticks;
    const keys = { linear: this.keyboard.arm("linear"), angular: this.keyboard.arm("angular") };
    const linear = [left.forward, left.turn, right.forward];
    const angular = [...this.#turned, right.turn];
    return {
      type: "arm_hands",
      linear: linear.map((share, axis) => furthest([share, keys.linear[axis]])),
      angular: angular.map((share, axis) => furthest([share, keys.angular[axis]])),
      opening: this.#wanted,
      clutch: this.deadman,
      beat: this.beat,
    };
  }
}

/** Either stick drives; the one that is pushed further counts. */
function furthest(shares) {
  return shares.reduce((far, share) => (Math.abs(share) > Math.abs(far) ? share : far), 0);
}
