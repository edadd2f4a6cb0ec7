"""A sweep of gdtrace on a Ray cluster: a task for each part, which Ray runs again when a node is lost.

    python ray_sweep.py --address auto --shards 200 --runs runs -- graddes.xlsx --vary lr=1e-6..1e-2:2000 --vary beta=0..0.99:500

All nodes must reach the folder in which this is started, with the data and the runs, under the same path. Without
--address the cluster is this machine. Started again after whatever stopped it, it goes on with what is missing.
"""

import argparse
import json
import os
import subprocess

import ray


@ray.remote(num_cpus=1, max_retries=3, retry_exceptions=True)
def run_part(shard, words, folder):
    """Runs what is missing of a part; how many runs it has."""
    command = [*words, "--shard", shard, "--resume", "--threads", "1", "--json", "--quiet"]
    done = subprocess.run(command, cwd=folder, text=True, capture_output=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise RuntimeError(f"part {shard}: {done.stderr.strip()}")
    return json.loads(done.stdout)["runs"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", help="the cluster")
    parser.add_argument("--gdtrace", default="gdtrace", help="the program, where the nodes find it")
    parser.add_argument("--shards", type=int, default=16, help="how many parts: several for each core")
    parser.add_argument("--runs", default="runs", help="the folder of the runs")
    parser.add_argument("words", nargs="+", help="FILE and options of `gdtrace sweep`, behind --")
    args = parser.parse_args()
    words = [args.gdtrace, "sweep", *args.words, "--runs", args.runs]
    ray.init(address=args.address)
    left = [run_part.remote(f"{number}/{args.shards}", words, os.getcwd()) for number in range(1, args.shards + 1)]
    runs = 0
    while left:
        [ended], left = ray.wait(left)
        runs += ray.get(ended)
        print(f"{args.shards - len(left)} of {args.shards} parts, {runs} runs", flush=True)
    subprocess.run([args.gdtrace, "sweep", "--gather", args.runs], check=True)


if __name__ == "__main__":
    main()
