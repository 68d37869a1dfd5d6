"""A camera whose frames are read by a thread of its own, so that only the newest is ever kept."""

from __future__ import annotations

import logging
import threading
from abc import abstractmethod

from cairn.hardware.camera import Camera, CameraFrame, CameraLost, CameraTimeout
from cairn.hardware.camera_model import CameraModel
from cairn.hardware.errors import CairnError
from cairn.hardware.frame_source import FrameSource, SensorFrame

_JOIN_TIMEOUT = 2.0

_logger = logging.getLogger(__name__)


class StreamingCamera(Camera):
    """The part that all real cameras share: reader thread, newest frame only, restart and loss.

    A driver implements `_open`.  The thread owns the source and closes it: a device that blocks in its own
    driver can't be closed under its feet, nor can a late frame of an old session reach a new one.
    """

    def __init__(self, frame_id: str) -> None:
        if not frame_id:
            raise CairnError(
                "a camera's frame_id must not be empty; REP-103 suggests one that ends in _optical"
            )
        self._frame_id = frame_id
        self._condition = threading.Condition()
        self._session: _Session | None = None
        self._model: CameraModel | None = None
        self._newest: CameraFrame | None = None
        self._failure: CairnError | None = None
        self._sequence = -1

    @abstractmethod
    def _open(self) -> FrameSource:
        """Open the device.

        Raises CameraLost when it is not there and CairnError when it can't do what is asked.
        """

    @property
    def model(self) -> CameraModel:
        if self._model is None:
            raise CairnError("the camera's intrinsics are known only after start()")
        return self._model

    def start(self) -> None:
        """Open the device and start reading; does nothing when it is already streaming."""
        with self._condition:
            if self._session is not None and self._failure is None:
                return
        self.stop()
        source = self._open()
        session = _Session(self, source)
        with self._condition:
            self._model = source.model
            self._newest = None
            self._failure = None
            self._session = session
        session.thread.start()

    def read(self, timeout: float) -> CameraFrame:
        with self._condition:
            if self._session is None:
                raise CairnError("the camera must be started before it is read")
            self._condition.wait_for(lambda: self._newest or self._failure or self._session is None, timeout)
            if self._failure is not None:
                raise self._failure
            frame, self._newest = self._newest, None
        if frame is None:
            raise CameraTimeout(f"expected a frame within {timeout:g} s, got none")
        return frame

    def stop(self) -> None:
        with self._condition:
            session, self._session = self._session, None
            self._newest = None
            self._failure = None
            self._condition.notify_all()
        if session is None:
            return
        session.closing.set()
        session.thread.join(_JOIN_TIMEOUT)
        if session.thread.is_alive():
            _logger.warning("the camera's driver still blocks after %.0f s; left to end alone", _JOIN_TIMEOUT)

    def _deliver(self, session: _Session, raw: SensorFrame, skipped: int) -> None:
        with self._condition:
            if self._session is not session:
                return
            # The sensor's count starts again after a re-plug; ours never goes back.
            self._sequence += 1 + skipped
            self._newest = CameraFrame(raw.image, raw.stamp, self._sequence, self._frame_id)
            self._condition.notify_all()

    def _fail(self, session: _Session, failure: CairnError) -> None:
        with self._condition:
            if self._session is session:
                self._failure = failure
                self._newest = None
                self._condition.notify_all()


class _Session:
    """One opened source and the thread that reads it."""

    def __init__(self, camera: StreamingCamera, source: FrameSource) -> None:
        self.closing = threading.Event()
        self.thread = threading.Thread(target=self._run, name="camera-reader", daemon=True)
        self._camera = camera
        self._source = source

    def _run(self) -> None:
        last: int | None = None
        try:
            while not self.closing.is_set():
                raw = self._source.grab()
                if raw is None:
                    continue
                skipped = 0 if last is None else max(0, raw.number - last - 1)
                last = raw.number
                self._camera._deliver(self, raw, skipped)
        except CairnError as error:
            self._camera._fail(self, error)
        except Exception as error:  # a vendor's library may raise anything; silence would look like a stall
            self._camera._fail(self, CameraLost(f"the camera's driver failed: {error!r}"))
        finally:
            self._source.close()
