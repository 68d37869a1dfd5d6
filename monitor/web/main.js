import { Connection } from "./connection.js";
import { EmergencyStop } from "./emergency_stop.js";
import { Hands } from "./hands.js";
import { MemoryMap } from "./map.js";
import { showPanels } from "./panels.js";
import { Picture } from "./picture.js";

const id = (name) => document.getElementById(name);

const connection = new Connection();
const stop = new EmergencyStop((message) => connection.send(message));
const hands = new Hands((message) => connection.send(message), () => stop.press());
const picture = new Picture((frame) => connection.send({ type: "shown", frame }));
const map = new MemoryMap(id("map"));

// The token comes in the fragment, which browsers send nowhere, and leaves the address bar at once.
const given = new URLSearchParams(location.hash.slice(1)).get("token");
if (given) {
  sessionStorage.setItem("token", given);
  history.replaceState(null, "", location.pathname);
}
id("name").value = localStorage.getItem("name") ?? "";

connection.addEventListener("open", () => signIn());
connection.addEventListener("lost", () => {
  hands.setControl(false);
  document.body.dataset.link = "lost";
  showLink("bad", "no link");
  stop.update({ enabled: true, linked: false, latched: false });
});
connection.addEventListener("beat", ({ detail }) => (hands.beat = detail.beat));
connection.addEventListener("picture", ({ detail }) => picture.show(detail));
connection.addEventListener("path", ({ detail }) => map.extend(detail));
connection.addEventListener("graph", ({ detail }) => map.remember(detail));
connection.addEventListener("state", ({ detail }) => show(detail));
connection.addEventListener("answer", ({ detail }) => {
  toast(detail.message || (detail.success ? `${detail.to}: done` : `${detail.to}: refused`), !detail.success);
});
connection.addEventListener("error", ({ detail }) => {
  if (detail.message.startsWith("the token")) sessionStorage.removeItem("token");
  toast(detail.message, true);
});

function signIn() {
  const token = sessionStorage.getItem("token");
  if (token) connection.send({ type: "sign_in", token, name: id("name").value.trim() });
}

function show(state) {
  const { panels, control } = state;
  const role = !control.enabled ? "read-only" : control.yours ? "driving" : control.signed_in ? "signed-in" : "watching";
  document.body.dataset.link = "up";
  document.body.dataset.role = role;
  if (role === "read-only" && document.body.dataset.tab === "drive") openTab(panels.arm_gate ? "episode" : "map");
  id("robot").textContent = state.robot;
  document.title = state.robot ? `${state.robot} · Cairn` : "Cairn";
  // A page shows one robot: an arm where no base is heard.
  const isArm = Boolean(panels.arm_gate && !panels.gate);
  document.body.dataset.robot = isArm ? "arm" : "base";
  hands.setRobot(isArm);
  hands.opening = panels.arm?.opening ?? null;
  hands.setControl(control.yours);
  showLink(...linkWords(control));
  showControl(role, control, isArm ? panels.arm_teleop : panels.teleop);
  showPanels(panels, control);
  picture.refused = panels.camera?.refused ?? 0;
  map.place(panels.pose, panels.map);
  const latched = (panels.gate ?? panels.arm_gate)?.state === "latched";
  stop.update({ enabled: control.enabled, linked: true, latched });
}

function linkWords({ yours, delay }) {
  if (!yours || delay === null) return ["good", "live"];
  return [delay > 0.2 ? "warn" : "good", `${Math.round(1000 * delay)} ms`];
}

function showLink(kind, words) {
  id("link").className = `chip ${kind}`;
  id("link").lastElementChild.textContent = words;
}

function showControl(role, control, teleop) {
  id("sign_in").hidden = role !== "watching";
  id("take_box").hidden = role !== "signed-in";
  id("sticks").hidden = role !== "driving";
  id("episode_form").hidden = !control.signed_in;
  id("holder").textContent = {
    "read-only": "read-only",
    driving: "you have control",
  }[role] ?? `${control.holder ?? "nobody"} has control`;
  id("holder").classList.toggle("mine", role === "driving");
  id("take_text").textContent = control.holder
    ? `${sentence(control.holder)} has control. You can take over once the deadman is released.`
    : "Nobody has control.";
  const live = control.yours && control.obstacle === null;
  // What the page lets through, the teleop node may still refuse.
  const refused = live && teleop && !teleop.deadman && teleop.age < 1 ? teleop.reason : "";
  id("obstacle").textContent = live ? refused || "You drive" : sentence(control.obstacle);
  id("obstacle").classList.toggle("live", live && !refused);
  id("deadman").classList.toggle("live", live);
  id("deadman").firstElementChild.textContent = live ? "Let go to stop" : "Hold to drive";
}

function sentence(text) {
  return text ? text[0].toUpperCase() + text.slice(1) : "";
}

let toastEnds = 0;
function toast(text, bad = false) {
  id("toast").textContent = sentence(text);
  id("toast").className = bad ? "bad" : "";
  id("toast").hidden = false;
  clearTimeout(toastEnds);
  toastEnds = setTimeout(() => (id("toast").hidden = true), 4000);
}

function openTab(name) {
  document.body.dataset.tab = name;
  for (const tab of document.querySelectorAll("#tabs button")) {
    tab.setAttribute("aria-selected", String(tab.dataset.tab === name));
  }
}

for (const tab of document.querySelectorAll("#tabs button")) {
  tab.addEventListener("click", () => openTab(tab.dataset.tab));
}
openTab("drive");

id("sign_in").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem("token", id("token").value);
  localStorage.setItem("name", id("name").value.trim());
  id("token").value = "";
  signIn();
});
id("take").addEventListener("click", () => {
  connection.send({ type: "take" });
  // A screen that goes dark would let the robot go; only secure pages may ask for this.
  navigator.wakeLock?.request("screen").catch(() => {});
});
id("release").addEventListener("click", () => connection.send({ type: "release" }));
id("arm").addEventListener("click", () => connection.send({ type: "arm", gate: hands.isArm ? "arm" : "base" }));
for (const button of document.querySelectorAll("#episode_form .grid button")) {
  button.addEventListener("click", () => label(button.dataset.kind, ""));
}
id("episode_form").addEventListener("submit", (event) => {
  event.preventDefault();
  document.activeElement?.blur();
  label("start", id("task").value.trim());
});

function label(kind, task) {
  connection.send({ type: "episode", kind, task });
}

connection.open();
