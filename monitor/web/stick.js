const REACH = 0.36; // of the stick's width, from its middle to its stop
const REST = 0.08;

/** A stick for one finger or the mouse; springs back when let go. */
export class Stick {
  forward = 0;
  turn = 0;
  #pointer = null;

  constructor(element) {
    this.element = element;
    this.knob = element.querySelector("i");
    element.addEventListener("pointerdown", (event) => this.#grip(event));
    element.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      element.addEventListener(end, (event) => event.pointerId === this.#pointer && this.letGo());
    }
    element.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  letGo() {
    this.#pointer = null;
    this.element.classList.remove("held");
    this.#show(0, 0);
  }

  /** Show what keys do, while no finger is on it. */
  mirror(forward, turn) {
    const far = Math.max(1, Math.hypot(turn, forward));
    if (this.#pointer === null) this.#place(-turn / far, -forward / far);
  }

  #grip(event) {
    if (this.#pointer !== null) return;
    event.preventDefault();
    this.#pointer = event.pointerId;
    this.element.setPointerCapture(event.pointerId);
    this.element.classList.add("held");
    this.#move(event);
  }

  #move(event) {
    if (event.pointerId !== this.#pointer) return;
    const box = this.element.getBoundingClientRect();
    const reach = box.width * REACH;
    let x = (event.clientX - box.left - box.width / 2) / reach;
    let y = (event.clientY - box.top - box.height / 2) / reach;
    const far = Math.hypot(x, y);
    if (far > 1) {
      x /= far;
      y /= far;
    }
    this.#show(x, y);
  }

  /** x to the right and y down, as on the screen; forward is up, a turn to the left is positive. */
  #show(x, y) {
    this.#place(x, y);
    this.forward = outsideRest(-y);
    this.turn = outsideRest(-x);
  }

  #place(x, y) {
    const reach = this.element.clientWidth * REACH;
    this.knob.style.transform = `translate(${x * reach}px, ${y * reach}px)`;
  }
}

/** A finger is never quite still: a little off the middle is the middle. */
function outsideRest(share) {
  const size = Math.abs(share);
  return size < REST ? 0 : (Math.sign(share) * (size - REST)) / (1 - REST);
}
