const MARGIN = 24;
const SMALLEST = 6; // [m] shown at least
const COLOURS = { path: "#4cc2ff", place: "#c3cfdb", robot: "#3ddc84", start: "#a3b1c0", scale: "#a3b1c0" };

/** The way driven since the start, the places remembered on it, and the robot; x is up, as REP-103 has it. */
export class PathMap {
  #points = [];
  #places = [];
  #pose = null;
  #frame = { x: 0, y: 0, yaw: 0 };
  #due = false;

  constructor(canvas) {
    this.canvas = canvas;
    new ResizeObserver(() => this.#draw()).observe(canvas);
  }

  extend({ start, points, places }) {
    this.#points.length = start;
    this.#points.push(...points);
    this.#places = places;
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
    const points = this.#points.map(([x, y]) => this.#toMap(x, y));
    const robot = this.#pose && this.#toMap(this.#pose.x, this.#pose.y);
    const all = robot ? [...points, robot] : points;
    if (!all.length) {
      pen.fillStyle = COLOURS.scale;
      pen.font = "14px system-ui";
      pen.fillText("No odometry yet", 8, 22);
      return;
    }
    const view = fit(all, width, height);
    const line = points.map(view.at);
    if (robot) line.push(view.at(robot));
    pen.lineJoin = pen.lineCap = "round";
    pen.strokeStyle = COLOURS.path;
    pen.lineWidth = 3;
    pen.beginPath();
    line.forEach(([x, y]) => pen.lineTo(x, y));
    pen.stroke();
    for (const index of this.#places) if (points[index]) dot(pen, view.at(points[index]), 4, COLOURS.place);
    if (line.length) ring(pen, line[0], COLOURS.start);
    if (robot) this.#arrow(pen, view.at(robot));
    scaleBar(pen, view.scale, height);
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

/** A view in which all points lie: metres forward are up, metres to the left are left. */
function fit(points, width, height) {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const [low, high] = [Math.min(...xs), Math.max(...xs)];
  const [right, left] = [Math.min(...ys), Math.max(...ys)];
  const tall = Math.max(SMALLEST, high - low);
  const wide = Math.max(SMALLEST, left - right);
  const scale = Math.min((width - 2 * MARGIN) / wide, (height - 2 * MARGIN) / tall);
  const [x0, y0] = [(low + high) / 2, (left + right) / 2];
  return { scale, at: ([x, y]) => [width / 2 - (y - y0) * scale, height / 2 - (x - x0) * scale] };
}

function dot(pen, [x, y], radius, colour) {
  pen.fillStyle = colour;
  pen.beginPath();
  pen.arc(x, y, radius, 0, 7);
  pen.fill();
}

function ring(pen, [x, y], colour) {
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  pen.beginPath();
  pen.arc(x, y, 6, 0, 7);
  pen.stroke();
}

function scaleBar(pen, scale, height) {
  const metres = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((step) => step * scale > 40) ?? 1000;
  pen.fillStyle = COLOURS.scale;
  pen.fillRect(8, height - 8, metres * scale, 2);
  pen.font = "12px system-ui";
  pen.fillText(`${metres} m`, 8, height - 14);
}
