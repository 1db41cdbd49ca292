"""Half of two desks on one record: a process that decides on its 32 symbols when it is told to.

Prints ``ready`` once its desk is started, waits for a line, decides in four threads, and prints on how many symbols.
"""

import json
import random
import sys
from concurrent.futures import ThreadPoolExecutor

from tests.services.many_symbols import ROOM_FOR_TWO, SYMBOLS, many_symbols, steps_of

from tradewarden.adapters.ids import RandomIds
from tradewarden.adapters.postgres import PostgresStorage

THREADS = 4


def main() -> None:
    """Run one half: the arguments are the record's address, which half, and the limit that has room for two."""
    url, half, limit = sys.argv[1:]
    storage = PostgresStorage(url)
    try:
        world, strategies = many_symbols(ROOM_FOR_TWO[limit], storage=storage, ids=RandomIds())
        mine = random.Random(half).sample(SYMBOLS[int(half) :: 2], len(SYMBOLS) // 2)
        steps = [steps_of(world, strategies, symbol) for symbol in mine]
        print("ready", flush=True)
        sys.stdin.readline()
        with ThreadPoolExecutor(THREADS) as pool:
            for done in [pool.submit(decide) for decide, _ in steps]:
                done.result()
        print(json.dumps({"symbols": len(mine)}), flush=True)
    finally:
        storage.close()


if __name__ == "__main__":
    main()
