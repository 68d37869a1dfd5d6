/** The WebSocket to the robot: opens again by itself, hands on what comes. */
export class Connection extends EventTarget {
  #socket = null;
  #patience = 500;

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  open() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/socket`);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onopen = () => {
      this.#patience = 500;
      this.dispatchEvent(new Event("open"));
    };
    socket.onmessage = ({ data }) => {
      if (data instanceof ArrayBuffer) {
        this.dispatchEvent(new CustomEvent("picture", { detail: data }));
      } else {
        const message = JSON.parse(data);
        this.dispatchEvent(new CustomEvent(message.type, { detail: message }));
      }
    };
    socket.onclose = ({ reason }) => {
      this.dispatchEvent(new CustomEvent("lost", { detail: reason }));
      setTimeout(() => this.open(), this.#patience);
      this.#patience = Math.min(4000, this.#patience * 1.5);
    };
  }

  close() {
    this.#socket?.close();
  }

  /** Whether it went out. */
  send(message) {
    if (!this.isOpen) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }
}
