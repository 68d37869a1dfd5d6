const OLD = 1500;
const WORTH_TELLING = 400;

/** Draws the newest picture and says how old it is. */
export class Picture {
  refused = 0; // images that the robot could not read
  #seen = null;

  /** `acknowledge` is called with a picture's number once it is on the screen. */
  constructor(acknowledge) {
    this.acknowledge = acknowledge;
    this.stage = document.getElementById("stage");
    this.canvas = document.getElementById("picture");
    this.note = document.getElementById("no_picture");
    this.age = document.getElementById("picture_age");
    this.stage.classList.add("old");
    setInterval(() => this.#tell(), 100);
  }

  async show(data) {
    const header = new DataView(data, 0, 8);
    const number = header.getUint32(0);
    const taken = performance.now() - header.getUint32(4);
    try {
      const bitmap = await createImageBitmap(new Blob([new Uint8Array(data, 8)], { type: "image/jpeg" }));
      if (this.canvas.width !== bitmap.width || this.canvas.height !== bitmap.height) {
        this.canvas.width = bitmap.width;
        this.canvas.height = bitmap.height;
      }
      this.canvas.getContext("2d").drawImage(bitmap, 0, 0);
      bitmap.close();
      this.#seen = taken;
    } finally {
      this.acknowledge(number);
    }
  }

  #tell() {
    const age = this.#seen === null ? Infinity : performance.now() - this.#seen;
    const old = age > OLD;
    this.stage.classList.toggle("old", old);
    const since = this.#seen === null ? "No picture yet" : `No picture for ${(age / 1000).toFixed(0)} s`;
    if (old) this.note.textContent = this.refused ? `${since}: ${this.refused} could not be read` : since;
    this.age.hidden = old || age < WORTH_TELLING;
    this.age.textContent = `${(age / 1000).toFixed(1)} s old`;
  }
}
