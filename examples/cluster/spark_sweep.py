"""A sweep of gdtrace on Spark: a partition for each part, piped to the program; Spark runs again what is lost.

    spark-submit spark_sweep.py --shards 200 --runs runs -- graddes.xlsx --vary lr=1e-6..1e-2:2000 --vary beta=0..0.99:500

All executors must reach the folder in which this is started, with the data and the runs, under the same path. Started again after whatever stopped
it, it goes on with what is missing. Spark's own page (port 4040) shows the parts as they end.
"""

import argparse
import os
import shlex
import subprocess

from pyspark.sql import SparkSession


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--master", help="the cluster, where spark-submit does not say it")
    parser.add_argument("--gdtrace", default="gdtrace", help="the program, where the executors find it")
    parser.add_argument("--shards", type=int, default=16, help="how many parts: several for each core")
    parser.add_argument("--runs", default="runs", help="the folder of the runs")
    parser.add_argument("words", nargs="+", help="FILE and options of `gdtrace sweep`, behind --")
    args = parser.parse_args()
    builder = SparkSession.builder.appName("gdtrace sweep")
    if args.master:
        builder = builder.master(args.master)
    spark = builder.getOrCreate()
    # xargs puts each part's name, which comes on its standard input, into the command.
    part = [args.gdtrace, "sweep", *args.words, "--runs", args.runs, "--shard", "SHARD", "--resume", "--threads", "1", "--json"]
    command = shlex.join(["env", "-C", os.getcwd(), "xargs", "-I", "SHARD", *part])
    shards = [f"{number}/{args.shards}" for number in range(1, args.shards + 1)]
    # A command that fails makes its task fail, which Spark tries again on another executor.
    said = spark.sparkContext.parallelize(shards, args.shards).pipe(command, env=dict(os.environ), checkCode=True)
    parts = said.filter(lambda line: '"shard":' in line).count()
    print(f"{parts} of {args.shards} parts", flush=True)
    spark.stop()
    subprocess.run([args.gdtrace, "sweep", "--gather", args.runs], check=True)


if __name__ == "__main__":
    main()
