const PATIENCE = 1200; // [ms] until a stop that nobody confirms is an alarm

/** The red button, and whether the gate says that it worked. */
export class EmergencyStop {
  #pressed = null;
  #usable = false;

  constructor(send) {
    this.send = send;
    this.button = document.getElementById("stop");
    this.note = document.getElementById("stop_note");
    this.alarm = document.getElementById("alarm");
    // On touch, not on release: every tenth of a second counts.
    this.button.addEventListener("pointerdown", () => this.press());
    this.button.addEventListener("keydown", (event) => ["Enter", " "].includes(event.key) && this.press());
    setInterval(() => this.#tell(), 100);
  }

  press() {
    if (!this.#usable) return;
    this.send({ type: "stop" });
    this.#pressed ??= performance.now();
  }

  /** What the robot says: `latched` that the gate is stopped until armed. */
  update({ enabled, linked, latched }) {
    this.#usable = enabled && linked;
    this.button.disabled = !this.#usable;
    this.button.classList.toggle("latched", latched);
    if (latched) this.#pressed = null;
    this.note.textContent = !linked ? "no link" : !enabled ? "read-only" : latched ? "latched" : "";
    this.linked = linked;
    this.#tell();
  }

  #tell() {
    const unconfirmed = this.#pressed !== null && performance.now() - this.#pressed > PATIENCE;
    if (unconfirmed) {
      this.alarm.textContent = "The gate does not confirm the stop. Use the robot’s own emergency stop.";
    } else if (this.linked === false) {
      this.alarm.textContent = "Connection lost: the robot is let go.";
    }
    this.alarm.hidden = !(unconfirmed || this.linked === false);
  }
}
