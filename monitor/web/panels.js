const SILENT = 3; // [s] without news of something that speaks at least once a second

const id = (name) => document.getElementById(name);

/** The states of gate, teleop, recorder and search in words. */
export function showPanels(panels, control) {
  const isArm = Boolean(panels.arm_gate && !panels.gate);
  const gate = panels.gate ?? panels.arm_gate;
  showGate(fresh(gate), gate, control);
  showHand(isArm ? fresh(gate) : null, fresh(panels.arm));
  const listeners = isArm ? panels.operator?.arm_listeners : panels.operator?.listeners;
  showTeleop(fresh(isArm ? panels.arm_teleop : panels.teleop), listeners, control);
  showRecorder(fresh(panels.recorder), panels.recorder);
  showSearch(fresh(panels.explore), panels.pose);
  const pose = fresh(panels.pose);
  id("speed").hidden = !pose;
  if (pose) id("speed_now").textContent = pose.linear.toFixed(1).replace("-0.0", "0.0");
}

function fresh(panel) {
  return panel && panel.age < SILENT ? panel : null;
}

function showGate(gate, last, control) {
  const state = gate?.state ?? "unseen";
  const words = {
    driving: `Driving · ${gate?.source}`,
    stopped: "Stopped",
    latched: "Latched",
    unknown: "Unknown",
    unseen: last ? `Silent for ${last.age.toFixed(0)} s` : "Not seen",
  }[state];
  id("gate_state").textContent = words;
  id("gate_state").className = `verdict ${state}`;
  let reason = gate?.reason ?? "no command gate is heard";
  if (gate?.filter_active && state === "driving") reason = "limited by the gate";
  if (gate?.foreign_publishers) reason += ` · ${gate.foreign_publishers} foreign publisher(s)`;
  id("gate_reason").textContent = id("gate_reason").title = reason;
  id("state").textContent = gate ? `${words}${reason ? ` · ${reason}` : ""}` : "No gate";
  id("state").className = `pill ${state}`;
  id("arm").hidden = !(state === "latched" && control.yours);
  showBar("bar_forward", gate?.commanded?.[0], "m/s");
  showBar("bar_turn", gate?.commanded?.[1], "rad/s", true);
}

function showHand(gate, arm) {
  const parts = [];
  if (gate?.target?.every((value) => value !== null) && gate.state === "driving") {
    parts.push(`hand to ${gate.target.map((value) => value.toFixed(3)).join(" ")} m, ${gate.phase}`);
  }
  if (arm) parts.push(`gripper ${Math.round(100 * arm.opening)} % open`, ...arm.faults);
  if (arm && !arm.has_torque) parts.push("no torque");
  id("hand").textContent = parts.join(" · ");
}

/** A bar from the middle; a turn to the left goes left. */
function showBar(name, value, unit, mirrored = false) {
  const known = typeof value === "number";
  const share = known ? Math.max(-1, Math.min(1, mirrored ? -value : value)) : 0;
  const fill = id(name).querySelector("i");
  fill.style.left = `${50 + 50 * Math.min(0, share)}%`;
  fill.style.width = `${50 * Math.abs(share)}%`;
  id(`${name}_value`).textContent = known ? `${signless(value)} ${unit}` : "–";
}

function signless(value) {
  return (Math.abs(value) < 0.005 ? 0 : value).toFixed(2);
}

function showTeleop(teleop, listeners, control) {
  let text = "";
  if (teleop?.deadman) text = `${teleop.controller} drives${teleop.turbo ? ", fast" : ""}`;
  else if (teleop) text = teleop.reason;
  else if (control.enabled && listeners === 0) {
    text = "No teleop node listens: sticks and stop reach nobody";
  }
  id("teleop").textContent = text && `Teleop: ${text}`;
}

function showRecorder(recorder, last) {
  const chip = id("recorder_state");
  const recording = Boolean(recorder?.recording);
  const underWay = recording && Boolean(recorder.episode);
  chip.textContent = !recorder ? (last ? "silent" : "no recorder") : recording ? (recorder.paused ? "paused" : "recording") : "stopped";
  chip.className = `chip ${recording && !recorder.paused ? "live" : "quiet"}`;
  id("recording").hidden = !recording;
  id("recording").textContent = underWay ? `episode ${recorder.episode}` : "recording";
  const facts = recorder
    ? [
        ["Bag", recorder.bag || "–"],
        ["Written", `${size(recorder.bytes)} · ${recorder.lost} lost`, recorder.lost > 0],
        ["Free", size(recorder.disk_free_gb * 1e9), recorder.disk_free_gb < 2],
        ["Episodes", `${recorder.kept} kept · ${recorder.discarded} discarded`],
        ["Under way", underWay ? [recorder.episode, recorder.task].filter(Boolean).join(" · ") : "no episode"],
      ]
    : [];
  fillFacts(facts);
  for (const button of document.querySelectorAll("#episode_form [data-kind]")) {
    // What has ended can still be judged; the recorder says no where there is nothing to judge.
    const now = ["intervention", "mark"].includes(button.dataset.kind);
    button.disabled = !recording || (now && !underWay);
  }
}

function fillFacts(facts) {
  id("recorder_facts").replaceChildren(
    ...facts.flatMap(([name, value, bad]) => {
      const term = document.createElement("dt");
      const detail = document.createElement("dd");
      term.textContent = name;
      detail.textContent = value;
      detail.classList.toggle("bad", Boolean(bad));
      return [term, detail];
    }),
  );
}

function size(bytes) {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${(bytes / 1e6).toFixed(0)} MB`;
}

function showSearch(explore, pose) {
  const searching = explore && explore.phase !== "idle";
  id("phase").textContent = searching ? [explore.phase, explore.reason].filter(Boolean).join(" · ") : "";
  const parts = [];
  if (explore?.nodes) {
    parts.push(`${explore.nodes} places, ${explore.edges} links`);
    parts.push(explore.node >= 0 ? `at ${explore.node} (${Math.round(100 * explore.belief)} %)` : "lost");
  }
  if (searching && explore.match !== null) parts.push(`goal in view ${Math.round(100 * explore.match)} %`);
  if (!parts.length && pose) parts.push(`x ${pose.x.toFixed(1)} m, y ${pose.y.toFixed(1)} m from the start`);
  id("map_text").textContent = parts.join(" · ");
}
