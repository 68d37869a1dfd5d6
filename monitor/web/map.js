const MARGIN = 24;
const SMALLEST = 6; // [m] shown at least
const COLOURS = {
  seen: "#55677a", driven: "#4cc2ff", place: "#e9eef3", path: "#8295a8",
  robot: "#3ddc84", start: "#a3b1c0", goal: "#ffb938", target: "#3ddc84", scale: "#a3b1c0",
};
const NOTHING = { places: [], driven: [], seen: [], goal: null, target: null };

/** What the robot remembers, the way driven since the start, and where it is; x is up, as REP-103 has it. */
export class MemoryMap {
  #points = [];
  #graph = NOTHING;
  #pose = null;
  #frame = { x: 0, y: 0, yaw: 0 };
  #due = false;

  constructor(canvas) {
    this.canvas = canvas;
    new ResizeObserver(() => this.#draw()).observe(canvas);
  }

  extend({ start, points }) {
    this.#points.length = start;
    this.#points.push(...points);
    this.#draw();
  }

  /** The graph in the map's frame, in centimetres. */
  remember(graph) {
    this.#graph = Object.fromEntries(Object.keys(NOTHING).map((name) => [name, pairs(graph[name])]));
    this.#draw();
  }

  place(pose, frame) {
    this.#pose = pose ?? null;
    this.#frame = frame ?? { x: 0, y: 0, yaw: 0 };
    this.#draw();
  }

  #draw() {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      this.#paint();
    });
  }

  #paint() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!width || !height) return;
    const ratio = devicePixelRatio;
    this.canvas.width = width * ratio;
    this.canvas.height = height * ratio;
    const pen = this.canvas.getContext("2d");
    pen.scale(ratio, ratio);
    const { places, driven, seen, goal, target } = this.#graph;
    const path = this.#points.map(([x, y]) => this.#toMap(x, y));
    if (this.#pose) path.push(this.#toMap(this.#pose.x, this.#pose.y));
    const all = [...path, ...places, ...(goal ?? []), ...(target ?? [])];
    if (!all.length) {
      pen.fillStyle = COLOURS.scale;
      pen.font = "14px system-ui";
      pen.fillText("No odometry yet", 8, 22);
      return;
    }
    const { scale, at } = fit(all, width, height);
    pen.lineJoin = pen.lineCap = "round";
    lines(pen, seen.map(at), 1, COLOURS.seen);
    lines(pen, driven.map(at), 3, COLOURS.driven);
    // By odometry, which drifts: beside what is remembered it is the lesser truth.
    if (places.length) trace(pen, path.map(at), 1.5, COLOURS.path);
    else trace(pen, path.map(at), 3, COLOURS.driven);
    const size = Math.max(2, Math.min(4, 0.15 * scale));
    places.forEach((place) => dot(pen, at(place), size, COLOURS.place));
    if (this.#points.length) ring(pen, at(path[0]), 6, COLOURS.start);
    if (target) ring(pen, at(target[0]), 8, COLOURS.target, "next");
    if (goal) star(pen, at(goal[0]), COLOURS.goal, "goal");
    if (this.#pose) this.#arrow(pen, at(path.at(-1)));
    scaleBar(pen, scale, height);
  }

  #toMap(x, y) {
    const { x: dx, y: dy, yaw } = this.#frame;
    return [dx + x * Math.cos(yaw) - y * Math.sin(yaw), dy + x * Math.sin(yaw) + y * Math.cos(yaw)];
  }

  #arrow(pen, [x, y]) {
    pen.save();
    pen.translate(x, y);
    pen.rotate(-(this.#pose.yaw + this.#frame.yaw));
    pen.fillStyle = COLOURS.robot;
    pen.strokeStyle = "#04220f";
    pen.lineWidth = 1.5;
    pen.beginPath();
    for (const [forward, left] of [[13, 0], [-9, 9], [-5, 0], [-9, -9]]) pen.lineTo(-left, -forward);
    pen.closePath();
    pen.fill();
    pen.stroke();
    pen.restore();
  }
}

/** [x, y] in metres from a row of centimetres; null stays null. */
function pairs(row) {
  if (!row) return null;
  return Array.from({ length: row.length / 2 }, (_, i) => [row[2 * i] / 100, row[2 * i + 1] / 100]);
}

/** A view in which all points lie: metres forward are up, metres to the left are left. */
function fit(points, width, height) {
  const extent = (axis) =>
    points.reduce(([low, high], point) => [Math.min(low, point[axis]), Math.max(high, point[axis])], [Infinity, -Infinity]);
  const [low, high] = extent(0);
  const [right, left] = extent(1);
  const tall = Math.max(SMALLEST, high - low);
  const wide = Math.max(SMALLEST, left - right);
  const scale = Math.min((width - 2 * MARGIN) / wide, (height - 2 * MARGIN) / tall);
  const [x0, y0] = [(low + high) / 2, (left + right) / 2];
  return { scale, at: ([x, y]) => [width / 2 - (y - y0) * scale, height / 2 - (x - x0) * scale] };
}

/** Lines between the first and second point, the third and fourth, and so on. */
function lines(pen, points, width, colour) {
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.beginPath();
  points.forEach(([x, y], i) => (i % 2 ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.stroke();
}

function trace(pen, points, width, colour) {
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.beginPath();
  points.forEach(([x, y]) => pen.lineTo(x, y));
  pen.stroke();
}

function dot(pen, [x, y], radius, colour) {
  pen.fillStyle = colour;
  pen.beginPath();
  pen.arc(x, y, radius, 0, 7);
  pen.fill();
}

function ring(pen, [x, y], radius, colour, name = "") {
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  pen.beginPath();
  pen.arc(x, y, radius, 0, 7);
  pen.stroke();
  label(pen, [x, y], name, colour);
}

function star(pen, [x, y], colour, name) {
  pen.fillStyle = colour;
  pen.beginPath();
  for (let i = 0; i < 10; i += 1) {
    const radius = i % 2 ? 4.5 : 10;
    pen.lineTo(x + radius * Math.sin((i * Math.PI) / 5), y - radius * Math.cos((i * Math.PI) / 5));
  }
  pen.closePath();
  pen.fill();
  label(pen, [x, y], name, colour);
}

/** Above, or below where there is no room. */
function label(pen, [x, y], text, colour) {
  const height = y > 34 ? y - 15 : y + 24;
  pen.font = "600 12px system-ui";
  pen.textAlign = "center";
  pen.lineWidth = 3;
  pen.strokeStyle = "#141a21";
  pen.strokeText(text, x, height);
  pen.fillStyle = colour;
  pen.fillText(text, x, height);
  pen.textAlign = "start";
}

function scaleBar(pen, scale, height) {
  const metres = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((step) => step * scale > 40) ?? 1000;
  pen.fillStyle = COLOURS.scale;
  pen.fillRect(8, height - 8, metres * scale, 2);
  pen.font = "12px system-ui";
  pen.fillText(`${metres} m`, 8, height - 14);
}
