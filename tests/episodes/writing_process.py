"""Records numbered texts and images until it is killed or its disk is full.

Usage: writing_process.py BAG COMPRESSION FLUSH_PERIOD COUNT [FILE_SIZE_LIMIT [SPLIT_MB]]

Prints a line of JSON whenever the number of messages written has grown, and at the end one with the summary.
"""

import json
import resource
import sys
import time
from pathlib import Path

import numpy as np
from sample_bags import CHATTER, IMAGE, image_message, open_writer, text_message


def main(
    bag: str, compression: str, flush_period: str, count: str, limit: str = "", split_mb: str = "0"
) -> None:
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
    writer = open_writer(
        Path(bag), compression=compression, flush_period=float(flush_period), split_mb=float(split_mb)
    )
    noise = np.random.default_rng(0)  # it doesn't compress
    slowest = 0.0
    for number in range(int(count)):
        pixels = noise.integers(0, 256, (48, 64, 3), dtype=np.uint8)
        begin = time.perf_counter()
        writer.write(CHATTER.name, text_message(str(number)), 1000 + number, 1000 + number, b"p", number)
        writer.write(IMAGE.name, image_message(number, pixels), 1000 + number, 1000 + number, b"q", number)
        slowest = max(slowest, time.perf_counter() - begin)
        if number % 100 == 99:
            time.sleep(0.01)
            print(json.dumps({"written": writer.summary().messages_written}), flush=True)
    summary = writer.close()
    topics = {topic.name: [topic.received, topic.written, topic.dropped] for topic in summary.topics}
    print(
        json.dumps(
            {
                "failed": summary.failed,
                "reason": summary.reason,
                "topics": topics,
                "slowest": slowest,
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
