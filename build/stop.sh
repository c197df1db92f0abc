#!/usr/bin/env bash
# Stops what `make run` started, and waits until it is gone.
cd "$(dirname "$0")/.." || exit 1
pid=$(cat .sandbox/pid 2>/dev/null) || { echo "nothing runs"; exit 0; }
if kill -TERM "$pid" 2>/dev/null; then
  for _ in $(seq 1 600); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
  kill -0 "$pid" 2>/dev/null && { echo "process $pid did not stop"; exit 1; }
fi
rm -f .sandbox/pid
echo "stopped"
