"""A sweep of gdtrace on a Dask cluster: a task for each part, which another worker takes over when one is lost.

    python dask_sweep.py --scheduler tcp://HOST:8786 --shards 200 --runs runs -- graddes.xlsx --vary lr=1e-6..1e-2:2000 --vary beta=0..0.99:500

All workers must reach the folder in which this is started, with the data and the runs, under the same path. Without --scheduler two workers are
started here. Started again after whatever stopped it, it goes on with what is missing. The dashboard, whose address is
printed, shows the parts as they end.
"""

import argparse
import json
import os
import subprocess

from dask.distributed import Client, LocalCluster, as_completed


def run_part(shard, words, folder):
    """Runs what is missing of a part; how many runs it has. A part whose last worker was lost but whose gdtrace is
    still at work is waited for."""
    command = [*words, "--shard", shard, "--resume", "--threads", "1", "--json", "--quiet"]
    done = subprocess.run(command, cwd=folder, text=True, capture_output=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise RuntimeError(f"part {shard}: {done.stderr.strip()}")
    return json.loads(done.stdout)["runs"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scheduler", help="the address of the cluster's scheduler")
    parser.add_argument("--gdtrace", default="gdtrace", help="the program, where the workers find it")
    parser.add_argument("--shards", type=int, default=16, help="how many parts: several for each worker's core")
    parser.add_argument("--runs", default="runs", help="the folder of the runs")
    parser.add_argument("words", nargs="+", help="FILE and options of `gdtrace sweep`, behind --")
    args = parser.parse_args()
    words = [args.gdtrace, "sweep", *args.words, "--runs", args.runs]
    client = Client(args.scheduler or LocalCluster(n_workers=2, threads_per_worker=1))
    print(f"dashboard: {client.dashboard_link}", flush=True)
    shards = [f"{number}/{args.shards}" for number in range(1, args.shards + 1)]
    # Dask itself moves the tasks of a lost worker; retries are for a part that failed.
    parts = client.map(run_part, shards, words=words, folder=os.getcwd(), retries=3, pure=False)
    runs = 0
    for count, (_, done) in enumerate(as_completed(parts, with_results=True), 1):
        runs += done
        print(f"{count} of {args.shards} parts, {runs} runs", flush=True)
    subprocess.run([args.gdtrace, "sweep", "--gather", args.runs], check=True)


if __name__ == "__main__":
    main()
